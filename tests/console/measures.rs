//! Metrics: a product person defines one, sees it drawn with the release, corrects it and archives it, without scripts.

use hearback::domain::base::Time;
use hearback::domain::team::Role;
use serde_json::{Value, json};

use super::visitor::{Visitor, hidden};
use crate::support::on_each_world;

#[test]
fn a_metric_is_defined_drawn_corrected_and_archived() {
    on_each_world(|world| {
        let mut mina = Visitor::as_role(world, Role::Product);
        assert!(mina.read("/console/metrics").contains("No metrics yet"));
        let form = [
            ("product", "HB"),
            ("name", "Sign-ups"),
            ("key", "signups"),
            ("kind", "business"),
            ("unit", "people"),
            ("direction", "up"),
            ("target", "12,5"),
            ("prometheus/query", ""),
            ("prometheus/url", ""),
            ("selector", ""),
        ];
        let made = mina.submit("/console/metrics", &form);
        assert_eq!(made.status, 303, "{made:?}");
        let at = made.header_text("location").to_owned();
        let twice = mina.submit("/console/metrics", &form);
        assert_eq!(twice.status, 422, "the key is taken");
        assert!(twice.body.contains("value=\"Sign-ups\""), "what was written stays: {}", twice.body);
        assert!(mina.read(&at).contains("There are no samples in this period."));

        let day = |n: i64| world.now().plus(-n * Time::DAY);
        let samples: Vec<Value> =
            (1..21).rev().map(|n| json!({ "at": day(n), "value": if n > 10 { 8 } else { 14 } })).collect();
        assert_eq!(world.post("/v1/metrics/signups/samples", json!({ "samples": samples })).status, 200);
        world.done(
            "/v1/deployments",
            json!({ "environment": "production", "version": "1.4.0", "deployed_at": day(10) }),
        );
        let page = mina.read(&format!("{at}?days=28"));
        for part in ["<polyline class=\"l0\"", "class=\"mark deployment\"", "1.4.0", "class=\"target\"", "<table", "14"]
        {
            assert!(page.contains(part), "{part}: {page}");
        }
        let list = mina.read("/console/metrics");
        assert!(list.contains(">14<") && list.contains("people"), "{list}");

        let mut edited = form.to_vec();
        let version = hidden(&page, "version");
        edited.extend([("version", version.as_str())]);
        edited[1] = ("name", "New people");
        edited[6] = ("target", "many");
        let refused = mina.submit(&at, &edited);
        assert_eq!(refused.status, 422, "{refused:?}");
        edited[6] = ("target", "20");
        assert_eq!(mina.submit(&at, &edited).status, 303);
        assert_eq!(mina.submit(&at, &[edited.clone(), vec![("name", "Other")]].concat()).status, 422, "an old version");
        assert!(mina.read(&at).contains("New people"));
        assert_eq!(mina.submit(&format!("{at}/archive"), &[("archived", "true")]).status, 303);
        assert!(!mina.read("/console/metrics").contains("New people"));
        assert!(mina.read("/console/metrics?archived=1").contains("New people"));
    });
}

#[test]
fn a_release_shows_what_was_before_and_after_it() {
    on_each_world(|world| {
        let theme = world.new_theme("Late refunds");
        let story = world.story_about(theme);
        world.go(story, "ready");
        let release = world.release("1.4.0", &[&story.to_string()]);
        let mut mina = Visitor::as_role(world, Role::Product);
        let path = format!("/console/releases/{release}");
        assert!(!mina.read(&path).contains("Before and after"), "not shipped yet");
        assert_eq!(world.act_on_release(&release, "ship", json!({})).status, 200);
        let page = mina.read(&path);
        assert!(page.contains("Before and after") && page.contains("fewer than two whole weeks"), "{page}");
    });
}

#[test]
fn a_viewer_sees_a_metric_and_changes_nothing() {
    on_each_world(|world| {
        let new = json!({ "key": "signups", "name": "Sign-ups", "kind": "business", "direction": "up" });
        let id = world.done("/v1/metrics", new)["id"].as_str().expect("an id").to_owned();
        let (at, mut viewer) = (format!("/console/metrics/{id}"), Visitor::as_role(world, Role::Viewer));
        let seen = viewer.read(&at);
        assert!(!seen.contains("<form method=\"post\" action=\"/console/metrics"), "{seen}");
        assert_eq!(viewer.submit(&at, &[("name", "Other")]).status, 403);
    });
}
