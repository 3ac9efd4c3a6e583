//! A developer's morning without scripts: plan a release, fill it, look at who hears what, ship it, take it back.

use hearback::domain::team::Role;
use serde_json::json;

use super::super::visitor::{Visitor, hidden};
use crate::support::on_each_world;

#[test]
fn a_release_is_planned_filled_shipped_and_rolled_back() {
    on_each_world(|world| {
        let theme = world.new_theme("Late refunds");
        world.customers_say(theme, &["a", "b", "c"], json!({ "text": "Where is my refund", "language": "en" }));
        let (ready, early) =
            (world.ready_story("Refunds show their day"), world.story_in("Export as CSV", &["accepted"]));
        world.done(&format!("/v1/stories/{ready}/themes"), json!({ "theme_ids": [theme] }));
        let number = world.shown_story(&ready)["number"].as_str().expect("a number").to_owned();
        let other = world.shown_story(&early)["number"].as_str().expect("a number").to_owned();
        let mut dev = Visitor::as_role(world, Role::Developer);
        let list = dev.read("/console/releases");
        assert!(list.contains("No releases yet") && list.contains("/console/backlog?owner=@me"), "{list}");
        let made =
            dev.submit("/console/releases", &[("product", "HB"), ("name", "1.4.0"), ("planned_for", "2026-12-01")]);
        assert_eq!(made.status, 303, "{made:?}");
        let at = made.header_text("location").to_owned();
        let twice = dev.submit("/console/releases", &[("product", "HB"), ("name", "1.4.0")]);
        assert_eq!(twice.status, 422, "the name is taken");
        let page = dev.read(&at);
        assert!(page.contains("Nothing on board") && page.contains("Refunds show their day"), "ready stories: {page}");

        let put = [("story", number.as_str()), ("numbers", other.as_str())];
        assert_eq!(dev.submit(&format!("{at}/stories"), &put).status, 303);
        let unknown = dev.submit(&format!("{at}/stories"), &[("numbers", "HB-999")]);
        assert_eq!(unknown.status, 422);
        assert!(unknown.body.contains("HB-999"), "what was written stays: {}", unknown.body);
        let page = dev.read(&at);
        assert!(page.contains("1 story is not ready") && page.contains("Still in “accepted”"), "{page}");
        let entry = [("story", number.as_str()), ("section", "fixed"), ("entry", "Refunds show when they arrive")];
        assert_eq!(dev.submit(&format!("{at}/stories"), &entry).status, 303);
        assert!(dev.read(&at).contains("Refunds show when they arrive"));

        let before = dev.read(&format!("{at}/ship"));
        assert!(before.contains("3 customers will be told") && before.contains("Who hears what"), "{before}");
        let version = hidden(&before, "version");
        let refused = dev.submit(&format!("{at}/ship"), &[("version", &version), ("deployed", "true")]);
        assert_eq!(refused.status, 409, "a story is not ready: {refused:?}");
        assert!(refused.body.contains(&other) && refused.body.contains("checked"), "{}", refused.body);
        let ship = [("version", version.as_str()), ("deployed", "true"), ("move_unready", "true")];
        assert_eq!(dev.submit(&format!("{at}/ship"), &ship).status, 303);
        let page = dev.read(&at);
        assert!(page.contains("The release was shipped.") && page.contains("In production since"), "{page}");
        assert_eq!(world.shown_stage(&ready), "released");

        let back = dev.read(&format!("{at}/roll_back"));
        let version = hidden(&back, "version");
        let without = dev.submit(&format!("{at}/roll_back"), &[("version", &version), ("reason", " ")]);
        assert_eq!(without.status, 422);
        let form = [("version", version.as_str()), ("reason", "It lost money."), ("tell_customers", "no")];
        assert_eq!(dev.submit(&format!("{at}/roll_back"), &form).status, 303);
        assert!(dev.read(&at).contains("It lost money."));
        let mut viewer = Visitor::as_role(world, Role::Viewer);
        let page = viewer.read(&at);
        assert!(
            !page.contains("<form method=\"post\" action=\"/console/releases"),
            "a viewer is shown no acts: {page}"
        );
        assert!(viewer.read("/console/releases").contains("1.4.0"));
    });
}

#[test]
fn trains_gates_and_what_missed_a_train_are_shown() {
    on_each_world(|world| {
        world.settings(json!({
            "train": { "every_weeks": 1, "weekday": "tuesday", "starts_on": "2026-01-05" },
            "gates": [{ "key": "law", "title": "법무 <검토>", "stage": "released" }],
        }));
        let story = world.ready_story("Refunds show their day");
        let number = world.shown_story(&story)["number"].as_str().expect("a number").to_owned();
        let mut dev = Visitor::as_role(world, Role::Developer);
        let list = dev.read("/console/releases");
        assert!(list.contains("A train without a release"), "{list}");
        let (_, rest) = list.split_once("name=\"train_at\"").expect("a field");
        let train = rest.split("<option value=\"").nth(2).and_then(|rest| rest.split('"').next()).expect("a train");
        let made = dev.submit("/console/releases", &[("product", "HB"), ("name", "next"), ("train_at", train)]);
        let at = made.header_text("location").to_owned();
        dev.submit(&format!("{at}/stories"), &[("numbers", &number)]);
        let page = dev.read(&at);
        assert!(page.contains("Waits for: 법무 &#60;검토&#62;") && page.contains("Train of"), "{page}");
        assert_eq!(dev.submit(&format!("{at}/freeze"), &[]).status, 303);
        assert_eq!(dev.submit(&format!("{at}/unfreeze"), &[("reason", "")]).status, 422);
        assert_eq!(dev.submit(&format!("{at}/unfreeze"), &[("reason", "one more")]).status, 303);
        world.days_pass(8);
        world.step_until_idle("deadlines");
        let mut dev = Visitor::as_role(world, Role::Developer);
        let page = dev.read(&at);
        assert!(page.contains("Missed the train") && page.contains("It goes with"), "{page}");
        assert!(dev.read("/console/releases").contains("1 missed the train"));
    });
}

#[test]
fn the_public_changelog_is_a_page_in_both_languages_with_its_feed_and_nothing_private() {
    on_each_world(|world| {
        let story = world.ready_story("Refunds show <their> day");
        let id = world.release("1.4.0", &[&story]);
        world.patch(&format!("/v1/releases/{id}"), json!({ "notes": "Internal notes of the team" }));
        let shipped = world.act_on_release(&id, "ship", json!({ "deployed": true }));
        assert_eq!(shipped.status, 200, "{shipped:?}");
        let read = |path: &str, language: &str| world.open("GET", path).header("Accept-Language", language).send();
        let english = read("/changelog/HB", "fr, en;q=0.5");
        assert_eq!((english.status, english.header_text("content-type")), (200, "text/html; charset=utf-8"));
        assert!(english.body.contains("1.4.0") && english.body.contains("lang=\"en\""), "{}", english.body);
        assert!(english.body.contains("rel=\"alternate\" type=\"application/atom+xml\""), "{}", english.body);
        assert!(!english.body.contains("Internal notes"), "as in the feed: {}", english.body);
        let policy = english.header_text("content-security-policy");
        assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
        assert!(read("/changelog/HB", "ko-KR").body.contains("새 소식"));
        assert!(read("/changelog/HB?language=ko", "en").body.contains("lang=\"ko\""));
        assert_eq!(read("/changelog/NOPE", "en").status, 404);
        assert_eq!(read("/changelog/HB?language=x", "en").status, 422);
        world.settings(json!({ "public_changelog": false }));
        assert_eq!(read("/changelog/HB", "en").status, 404, "switched off");
    });
}
