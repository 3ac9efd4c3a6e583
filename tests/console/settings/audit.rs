//! The audit log: what is in it, who may read it, how long it is kept; and the sources with their freshness.

use hearback::domain::base::Time;
use hearback::domain::team::Role;
use serde_json::{Value, json};

use super::super::visitor::Visitor;
use crate::support::{World, on_each_world, on_each_world_with};

fn kinds(world: &World, query: &str) -> Vec<String> {
    let found = world.read(&format!("/v1/audit?limit=200{query}"));
    let entries = found["data"].as_array().expect("entries");
    entries.iter().map(|entry| entry["kind"].as_str().unwrap_or_default().to_owned()).collect()
}

#[test]
fn sign_ins_failures_and_changes_of_access_are_in_it_with_who_and_where_from() {
    on_each_world(|world| {
        let person = world.person("Jin", "jin@example.com", Role::Support, "en");
        let mut jin = Visitor::of(world, &person, "jin@example.com");
        let mut stranger = Visitor::new(world);
        stranger.headers.push(("User-Agent".to_owned(), "Firefox/145.0 (Windows)".to_owned()));
        assert_eq!(stranger.sign_in("jin@example.com", "secret typed here").status, 422);
        assert_eq!(stranger.sign_in("secret@typed.here", "x").status, 422);
        let failed = world.read("/v1/audit?kind=member.sign_in_failed");
        let failed = failed["data"].as_array().expect("entries");
        assert_eq!(failed.len(), 2, "{failed:?}");
        assert_eq!(failed[1]["subject_id"], json!(person.id));
        assert_eq!((&failed[0]["subject_id"], &failed[0]["agent"]), (&Value::Null, &json!("Firefox/145.0 (Windows)")));
        assert!(failed.iter().all(|entry| !entry.to_string().contains("typed")), "nothing that was entered is kept");

        world.patch(&format!("/v1/members/{}", person.id), json!({ "role": "viewer" }));
        let changed = world.read(&format!("/v1/audit?kind=member.updated&subject={}", person.id));
        assert_eq!(changed["data"][0]["data"]["role"], "viewer", "{changed}");
        assert_eq!(jin.submit("/console/account/devices", &[]).status, 303);
        let token = world.done("/v1/tokens", json!({ "name": "t", "role": "viewer" }));
        world.request("DELETE", &format!("/v1/tokens/{}", token["id"].as_str().expect("an id"))).send();
        world.done("/v1/feedback", json!({ "text": "The refund is late" }));
        let all = kinds(world, "");
        for kind in ["member.created", "member.signed_in", "token.created", "token.revoked", "audit.viewed"] {
            assert!(all.iter().any(|each| each == kind), "{kind} in {all:?}");
        }
        assert!(all.iter().all(|kind| !kind.starts_with("feedback")), "{all:?}");
        assert_eq!(kinds(world, "&kind=token.*")[..2], ["token.revoked", "token.created"], "the newest first");
        assert_eq!(kinds(world, &format!("&kind=member.signed_in&actor={}", person.id)).len(), 1);
        let role = world.token(Role::Product);
        assert_eq!(world.send("GET", "/v1/audit", &role, None).status, 403, "for admins only");
        assert_eq!(world.get("/v1/audit?kind=nonsense").status, 422);
    });
}

#[test]
fn the_page_filters_pages_and_gives_a_file_and_each_reader_is_noted() {
    on_each_world(|world| {
        let person = world.person("=Jin \"<1>\"", "jin@example.com", Role::Admin, "en");
        let mut admin = Visitor::of(world, &person, "jin@example.com");
        for n in 0..60 {
            world.done("/v1/tokens", json!({ "name": format!("token {n}"), "role": "viewer" }));
        }
        let page = admin.read("/console/settings/audit");
        assert!(page.contains("created the token") && page.contains("token 59"), "{page}");
        let (_, rest) = page.split_once("rel=\"next\" href=\"").expect("a next page");
        let next = rest.split('"').next().expect("an address").replace("&#38;", "&");
        assert!(admin.read(&next).contains("token 0"));
        let mine = admin.read(&format!("/console/settings/audit?kind=audit.*&who={}", person.id));
        assert!(mine.contains("read this log") && !mine.contains("created the token"), "{mine}");
        assert!(admin.read("/console/settings/audit?until=2020-01-01").contains("Nothing matches"));
        assert_eq!(admin.get("/console/settings/audit?since=soon").status, 422);
        assert_eq!(admin.get("/console/settings/audit?who=me").status, 422);
        let file = admin.get("/console/settings/audit.csv?kind=member.signed_in");
        assert!(file.header_text("content-disposition").contains("audit.csv"));
        assert_eq!(file.body.lines().count(), 2, "{}", file.body);
        assert!(file.body.contains("\"'=Jin \"\"<1>\"\"\""), "no spreadsheet runs a name: {}", file.body);
        let read = kinds(world, &format!("&kind=audit.*&actor={}", person.id));
        assert!(read.contains(&"audit.downloaded".to_owned()) && read.len() >= 3, "{read:?}");
        let mut product = Visitor::as_role(world, Role::Product);
        assert_eq!(product.get("/console/settings/audit").status, 403);
        assert_eq!(product.get("/console/settings/audit.csv").status, 403);
    });
}

#[test]
fn entries_are_kept_for_the_days_of_the_setting() {
    on_each_world_with(
        |config| config.audit_days = 30,
        |world| {
            world.done("/v1/tokens", json!({ "name": "old", "role": "viewer" }));
            let before = kinds(world, "&kind=token.created").len();
            world.clock().advance(20 * Time::DAY);
            world.done("/v1/tokens", json!({ "name": "new", "role": "viewer" }));
            world.step("housekeeping");
            assert_eq!(kinds(world, "&kind=token.created").len(), before + 1);
            world.clock().advance(15 * Time::DAY);
            world.step("housekeeping");
            assert_eq!(kinds(world, "&kind=token.created").len(), 1);
        },
    );
}

#[test]
fn sources_show_what_came_last_and_what_was_refused() {
    on_each_world_with(
        |config| config.github_secret = Some("a long secret".into()),
        |world| {
            let mut viewer = Visitor::as_role(world, Role::Viewer);
            assert!(viewer.read("/console/settings/sources").contains("Nothing was received yet"));
            for n in 0..3 {
                world.done(
                    "/v1/feedback",
                    json!({ "text": format!("late {n}"), "origin": "zendesk", "external_id": format!("{n}") }),
                );
            }
            world.done("/v1/feedback", json!({ "text": "slow", "origin": "<b>", "external_id": "1" }));
            let hook = |signature: &str| {
                let request = world.open("POST", "/v1/hooks/github").header("X-GitHub-Event", "push");
                request
                    .header("X-Hub-Signature-256", signature)
                    .header("Content-Type", "application/json")
                    .body("{}")
                    .send()
            };
            assert_eq!(hook("sha256=00").status, 401);
            let found = world.read("/v1/sources");
            let source = |name: &str| {
                let all = found["data"].as_array().expect("sources");
                all.iter().find(|source| source["name"] == name).unwrap_or_else(|| panic!("{name} in {all:?}")).clone()
            };
            assert_eq!((&source("zendesk")["received"], &source("zendesk")["kind"]), (&json!(3), &json!("origin")));
            let github = source("github");
            assert_eq!((&github["kind"], &github["last_received_at"]), (&json!("hook"), &Value::Null));
            assert!(github["last_error_at"].is_string() && github["last_error"].is_string(), "{github}");
            assert_eq!(hook("sha256=01").status, 401);
            assert_eq!(world.read("/v1/sources")["data"], found["data"], "at most one is noted a minute");
            world.clock().advance(8 * Time::DAY);
            let page = Visitor::as_role(world, Role::Viewer).read("/console/settings/sources");
            assert!(page.contains("zendesk") && page.contains("&#60;b&#62;") && page.contains("silent"), "{page}");
            assert_eq!(world.send("GET", "/v1/sources", &world.token(Role::Ingest), None).status, 403);
        },
    );
}
