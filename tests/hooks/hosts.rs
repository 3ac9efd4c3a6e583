//! The git hosts that send hooks, and what their hooks change.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hearback::config::Config;
use hmac::{Hmac, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::support::{Answer, World, on_each, on_each_world_with};

/// The secret in GitHub's published example.
pub const GITHUB_SECRET: &str = "It's a Secret to Everybody";
/// A signing token of GitLab.
pub const GITLAB_SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/// Runs a test on each database, in a world that accepts hooks.
pub fn on_each_team(test: impl Fn(&World) + Sync) {
    on_each_team_with(|_| (), test);
}

/// As [`on_each_team`], with more settings.
pub fn on_each_team_with(change: impl Fn(&mut Config) + Sync, test: impl Fn(&World) + Sync) {
    let secrets = |config: &mut Config| {
        config.github_secret = Some(GITHUB_SECRET.to_owned());
        config.gitlab_secret = Some(GITLAB_SECRET.to_owned());
        change(config);
    };
    on_each_world_with(secrets, test);
}

/// As [`on_each_team`], with the started program: its jobs run.
pub fn on_each_running_team(test: impl Fn(&World) + Sync) {
    let secrets = [("HEARBACK_GITHUB_SECRET", GITHUB_SECRET), ("HEARBACK_GITLAB_SECRET", GITLAB_SECRET)];
    on_each(|database| test(&World::program_with(database, &secrets)));
}

/// The hexadecimal HMAC-SHA256 of a body, as GitHub sends it.
pub fn github_signature(secret: &str, body: &[u8]) -> String {
    let bytes = hmac(secret.as_bytes(), body);
    format!("sha256={}", bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>())
}

/// A signature of Standard Webhooks.
pub fn standard_signature(secret: &str, id: &str, timestamp: i64, body: &str) -> String {
    let key = STANDARD.decode(secret.trim_start_matches("whsec_")).unwrap();
    format!("v1,{}", STANDARD.encode(hmac(&key, format!("{id}.{timestamp}.{body}").as_bytes())))
}

fn hmac(key: &[u8], body: &[u8]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    mac.update(body);
    mac.finalize().into_bytes().to_vec()
}

pub fn now() -> i64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs() as i64
}

fn unique() -> String {
    hearback::domain::base::Id::next().to_string()
}

impl World {
    /// A story at a stage.
    pub fn story_at(&self, title: &str, stage: &str) -> Value {
        let story = self.post("/v1/stories", json!({ "title": title })).json();
        if stage != "draft" {
            self.move_story(&story, "accepted");
        }
        if !matches!(stage, "draft" | "accepted") {
            self.move_story(&story, stage);
        }
        story
    }

    pub fn move_story(&self, story: &Value, stage: &str) {
        let path = format!("/v1/stories/{}/transitions", text(story, "id"));
        let moved = self.post(&path, json!({ "to": stage, "reason": "Because" }));
        assert_eq!(moved.status, 200, "{moved:?}");
    }

    pub fn stage_of(&self, story: &Value) -> String {
        text(&self.get(&format!("/v1/stories/{}", text(story, "id"))).json(), "stage").to_owned()
    }

    /// The links of a story as `kind reference state`, oldest first.
    pub fn links_of(&self, story: &Value) -> Vec<String> {
        let links = self.get(&format!("/v1/stories/{}/links", text(story, "id"))).json();
        let mut shown: Vec<String> = links["data"].as_array().unwrap().iter().map(shown).collect();
        shown.reverse();
        shown
    }

    /// Delivers an event of GitHub.
    pub fn github(&self, event: &str, payload: &Value) -> Answer {
        self.github_again(event, payload, &unique())
    }

    /// Delivers an event of GitHub with this id.
    pub fn github_again(&self, event: &str, payload: &Value, delivery: &str) -> Answer {
        self.github_to("", event, &payload.to_string(), delivery)
    }

    /// Delivers an event of GitHub to the path of a product.
    pub fn github_to(&self, query: &str, event: &str, body: &str, delivery: &str) -> Answer {
        let signature = github_signature(GITHUB_SECRET, body.as_bytes());
        self.github_signed(query, event, body, delivery, &signature)
    }

    /// Delivers an event with the headers of GitHub, signed with any secret.
    pub fn github_signed(&self, query: &str, event: &str, body: &str, delivery: &str, signature: &str) -> Answer {
        let request = self.request("POST", &format!("/v1/hooks/github{query}")).token(None);
        let request = request.header("X-GitHub-Event", event).header("X-GitHub-Delivery", delivery);
        request.header("X-Hub-Signature-256", signature).json_text(body).send()
    }

    /// Delivers a signed event of GitLab.
    pub fn gitlab(&self, event: &str, payload: &Value) -> Answer {
        self.gitlab_again(event, payload, &unique())
    }

    /// Delivers an event of GitLab with this id.
    pub fn gitlab_again(&self, event: &str, payload: &Value, id: &str) -> Answer {
        let (body, at) = (payload.to_string(), now());
        let signature = standard_signature(GITLAB_SECRET, id, at, &body);
        self.gitlab_signed(event, &body, id, at, &signature)
    }

    /// Delivers an event with the headers of GitLab.
    pub fn gitlab_signed(&self, event: &str, body: &str, id: &str, at: i64, signature: &str) -> Answer {
        let request = self.request("POST", "/v1/hooks/gitlab").token(None).header("X-Gitlab-Event", event);
        let request = request.header("webhook-id", id).header("webhook-timestamp", &at.to_string());
        request.header("webhook-signature", signature).json_text(body).send()
    }

    /// The number of events of this kind in a story's history.
    pub fn times_moved(&self, story: &Value) -> usize {
        let history = self.get(&format!("/v1/stories/{}/history", text(story, "id"))).json();
        history["data"].as_array().unwrap().iter().filter(|event| event["kind"] == "story.moved").count()
    }
}

fn shown(link: &Value) -> String {
    let state = link["state"].as_str().unwrap_or("-");
    format!("{} {} {state}", text(link, "kind"), text(link, "reference"))
}

pub fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value[field].as_str().unwrap_or_else(|| panic!("no {field}: {value}"))
}

/// The repository in GitHub's payloads.
pub fn repository() -> Value {
    json!({ "id": 7, "full_name": "acme/app", "html_url": "https://github.com/acme/app", "default_branch": "main" })
}

pub fn push(branch: &str, commits: &[(&str, &str)]) -> Value {
    let commits: Vec<Value> = commits
        .iter()
        .map(|(id, message)| {
            json!({ "id": id, "message": message, "distinct": true, "url": format!("https://github.com/acme/app/commit/{id}") })
        })
        .collect();
    json!({
        "ref": format!("refs/heads/{branch}"), "before": "0".repeat(40), "after": "a".repeat(40), "created": true,
        "deleted": false, "commits": commits, "repository": repository(),
    })
}

pub fn pull_request(action: &str, title: &str, more: Value) -> Value {
    let mut pull = json!({
        "number": 42, "state": "open", "title": title, "body": null, "draft": false, "merged": false,
        "merge_commit_sha": null, "html_url": "https://github.com/acme/app/pull/42",
        "head": { "ref": "some-branch" }, "base": { "ref": "main" },
    });
    for (name, value) in more.as_object().into_iter().flatten() {
        pull[name.as_str()] = value.clone();
    }
    json!({ "action": action, "number": 42, "pull_request": pull, "repository": repository() })
}
