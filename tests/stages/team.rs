//! The harness of the stage tests: the actions of a team over HTTP.

use serde_json::{Value, json};

use crate::support::{Answer, TestServer};

/// A server, and the product of the tests.
pub struct Team<'a> {
    pub server: &'a TestServer,
    pub product: String,
}

/// Runs a test on each available database.
pub fn on_each_database(test: impl Fn(&Team<'_>) + Sync) {
    crate::support::on_each_database(|server| {
        let product = server.get("/v1/products").json()["data"][0]["id"].as_str().unwrap().to_owned();
        test(&Team { server, product });
    });
}

impl Team<'_> {
    pub fn post(&self, path: &str, body: Value) -> Answer {
        self.server.post(path, &body)
    }

    pub fn get(&self, path: &str) -> Value {
        let answer = self.server.get(path);
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json()
    }

    pub fn patch(&self, path: &str, body: Value) -> Answer {
        self.server.request("PATCH", path).json(&body).send()
    }

    /// Sends a request and expects success.
    pub fn done(&self, path: &str, body: Value) -> Value {
        let answer = self.post(path, body);
        assert!(matches!(answer.status, 200 | 201), "{path}: {answer:?}");
        answer.json()
    }

    pub fn settings(&self, settings: Value) {
        let answer = self.patch(&format!("/v1/products/{}", self.product), json!({ "settings": settings }));
        assert_eq!(answer.status, 200, "{answer:?}");
    }

    /// A story by hand; answers its id.
    pub fn story(&self, title: &str) -> String {
        self.done("/v1/stories", json!({ "title": title }))["id"].as_str().unwrap().to_owned()
    }

    /// A story at this stage.
    pub fn story_in(&self, title: &str, stages: &[&str]) -> String {
        let id = self.story(title);
        for stage in stages {
            self.to(&id, stage);
        }
        id
    }

    pub fn ready(&self, title: &str) -> String {
        self.story_in(title, &["accepted", "ready"])
    }

    pub fn moving(&self, story: &str, body: Value) -> Answer {
        self.post(&format!("/v1/stories/{story}/transitions"), body)
    }

    pub fn to(&self, story: &str, stage: &str) -> Value {
        let answer = self.moving(story, json!({ "to": stage }));
        assert_eq!(answer.status, 200, "{stage}: {answer:?}");
        answer.json()
    }

    pub fn shown(&self, story: &str) -> Value {
        self.get(&format!("/v1/stories/{story}"))
    }

    pub fn stage(&self, story: &str) -> String {
        self.shown(story)["stage"].as_str().unwrap().to_owned()
    }

    /// The kinds of a resource's events, and the data of the last one.
    pub fn history(&self, story: &str) -> Vec<(String, Value)> {
        let events = self.get(&format!("/v1/stories/{story}/history?limit=200"));
        let events = events["data"].as_array().unwrap().iter();
        events.map(|e| (e["kind"].as_str().unwrap().to_owned(), e["data"].clone())).collect()
    }

    pub fn release(&self, name: &str, stories: &[&str]) -> String {
        let id = self.done("/v1/releases", json!({ "name": name }))["id"].as_str().unwrap().to_owned();
        if !stories.is_empty() {
            self.done(&format!("/v1/releases/{id}/stories"), json!({ "story_ids": stories }));
        }
        id
    }

    pub fn released(&self, id: &str) -> Value {
        self.get(&format!("/v1/releases/{id}"))
    }

    /// An action on a release.
    pub fn act(&self, release: &str, act: &str, body: Value) -> Answer {
        self.post(&format!("/v1/releases/{release}/{act}"), body)
    }

    /// A member with a token of this role.
    pub fn member(&self, name: &str, role: &str) -> (String, String) {
        let member = json!({ "name": name, "email": format!("{name}@example.com"), "role": role });
        let id = self.done("/v1/members", member)["id"].as_str().unwrap().to_owned();
        let token = self.done("/v1/tokens", json!({ "name": name, "role": role, "member_id": id }));
        (id, token["secret"].as_str().unwrap().to_owned())
    }

    /// Sends a request with a member's token.
    pub fn as_member(&self, token: &str, path: &str, body: &Value) -> Answer {
        self.server.request("POST", path).token(Some(token)).json(body).send()
    }
}

/// The date this many days after today, as RFC 3339.
pub fn days_from_now(days: i64) -> String {
    hearback::clock::Clock::default().now().plus(days * hearback::domain::base::Time::DAY).to_string()
}
