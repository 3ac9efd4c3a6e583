//! What a report says, in each format, and its life from a draft until it was sent.

use hearback::domain::base::Time;
use hearback::domain::team::Role;
use serde_json::json;

use super::{customer_id, path_of, report, ship, week};
use crate::support::{on_each_world, on_each_world_with_mail};

#[test]
fn a_report_tells_what_changed_in_each_format_and_stays_as_it_was() {
    on_each_world(|world| {
        let shipped = week(world);
        let made = report(world, json!({}));
        assert_eq!((&made["state"], &made["kind"]), (&json!("draft"), &json!("weekly")), "{made}");
        let path = path_of(&made);
        let read = world.read(&path);
        let changes = &read["content"]["changes"];
        assert_eq!((&changes["feedback"], &changes["customers"]), (&json!(3), &json!(3)), "{read}");
        assert_eq!(changes["new_themes"], 1, "{changes}");
        let number = world.read(&format!("/v1/stories/{}", shipped.story))["number"].as_str().unwrap().to_owned();
        assert_eq!(read["content"]["backlog"][0]["number"], number.as_str());
        assert_eq!(read["content"]["value"]["total"]["amount_minor"], 1_200_000, "{}", read["content"]["value"]);
        assert_eq!(read["content"]["value"]["top"][0]["name"], "Blue Bakery");

        let markdown = world.get(&format!("{path}.md"));
        assert!(markdown.header_text("content-type").starts_with("text/markdown"), "{markdown:?}");
        assert!(markdown.body.starts_with("# Hearback: week to "), "{}", markdown.body);
        assert!(markdown.body.contains("3 pieces of feedback from 3 customers (0 in the period before), 1 new theme"));
        assert!(markdown.body.contains("12,000 USD") && markdown.body.contains(&number), "{}", markdown.body);
        let csv = world.get(&format!("{path}.csv"));
        assert!(csv.body.contains("changes,,,feedback,3,0,\r\n"), "{}", csv.body);
        assert!(csv.header_text("content-disposition").contains("report-HB-"), "{csv:?}");
        let html = world.get(&format!("{path}.html"));
        assert!(html.body.starts_with("<!doctype html>") && html.body.len() < 100_000);
        for never in ["<script", "<svg", "<img", "<link", "class="] {
            assert!(!html.body.contains(never), "{never} in a mail: {}", html.body);
        }

        // What happens afterwards changes nothing in it.
        world.customer("Late").files("Something else entirely");
        world.edit_story(shipped.story, None, json!({ "title": "Renamed afterwards" })).unwrap();
        assert_eq!(world.read(&path)["content"], read["content"]);
    });
}

#[test]
fn a_quiet_week_is_short_and_says_so_in_both_languages() {
    on_each_world(|world| {
        let english = report(world, json!({}));
        let text = world.get(&format!("{}.md", path_of(&english))).body;
        assert!(text.contains("**Nothing new in this period.**") && !text.contains("\n## "), "{text}");
        let korean = report(world, json!({ "language": "ko" }));
        let text = world.get(&format!("{}.md", path_of(&korean))).body;
        assert!(text.contains("**이 기간에는 새로운 일이 없습니다.**") && text.contains("주간 보고서"), "{text}");
    });
}

#[test]
fn the_next_report_says_since_when_and_how_ranks_moved() {
    on_each_world(|world| {
        week(world);
        let first = report(world, json!({}));
        world.done(&format!("{}/send", path_of(&first)), json!({}));
        world.clock().advance(7 * Time::DAY);
        world.customer("Kim").files("A new thing that nobody said before");
        let second = report(world, json!({}));
        let read = world.read(&path_of(&second));
        assert_eq!(read["content"]["changes"]["last_report_to"], first["period_to"], "{read}");
        assert_eq!(read["content"]["backlog"][0]["rank_before"], 1, "{read}");
        let text = world.get(&format!("{}.md", path_of(&second))).body;
        assert!(text.contains("**Since ") && text.contains("1 piece of feedback from 1 customer"), "{text}");
    });
}

#[test]
fn wrong_fields_are_all_named() {
    on_each_world(|world| {
        let period = json!({ "from": "2026-13-01", "to": "2020" });
        world
            .post("/v1/reports", json!({ "kind": "release", "account": "00000000-0000-7000-8000-000000000000" }))
            .refused(&["/account unknown", "/release required"]);
        world
            .post("/v1/reports", json!({ "kind": "weekly", "period": { "from": "yesterday-x", "to": "tomorrow-xx" } }))
            .refused(&["/period/from format", "/period/to format"]);
        world.post("/v1/reports", json!({ "kind": "daily", "period": period })).problem(422, "invalid");
        world.post("/v1/reports", json!({ "kind": "weekly", "product": "NOPE" })).refused(&["/product unknown"]);
        let release = world.release("1.0", &[]);
        world.post("/v1/reports", json!({ "kind": "release", "release": release })).refused(&["/release not_shipped"]);
        world.post("/v1/reports", json!({ "kind": "weekly", "release": release })).refused(&["/release not_allowed"]);
    });
}

#[test]
fn a_draft_that_needs_approval_is_introduced_approved_and_sent_once() {
    on_each_world(|world| {
        let made = report(world, json!({ "approval": true }));
        let path = path_of(&made);
        world.post(&format!("{path}/send"), json!({})).problem(409, "conflict");
        let edited = world.patch(&path, json!({ "introduction": "A calm week." }));
        assert_eq!(edited.json()["introduction"], "A calm week.", "{edited:?}");
        let approved = world.done(&format!("{path}/approve"), json!({}));
        assert_eq!(approved["state"], "approved");
        // A change afterwards has to be approved again.
        assert_eq!(world.patch(&path, json!({ "introduction": "A busy week." })).json()["state"], "draft");
        world.done(&format!("{path}/approve"), json!({}));
        let sent = world.done(&format!("{path}/send"), json!({}));
        assert_eq!(sent["state"], "sent");
        world.post(&format!("{path}/send"), json!({})).problem(409, "conflict");
        world.patch(&path, json!({ "introduction": "Too late." })).problem(409, "conflict");
        world.send("DELETE", &path, &world.token(Role::Admin), None).problem(409, "conflict");
        let kinds = world.kinds_of(made["id"].as_str().unwrap().parse().unwrap());
        let own: Vec<&str> = kinds.iter().map(String::as_str).collect();
        for kind in ["report.made", "report.edited", "report.approved", "report.sent"] {
            assert!(own.contains(&kind), "{kind} in {own:?}");
        }
        let draft = report(world, json!({}));
        assert_eq!(world.send("DELETE", &path_of(&draft), &world.token(Role::Product), None).status, 204);
        assert_eq!(world.get(&path_of(&draft)).status, 404);
    });
}

#[test]
fn a_report_of_a_release_says_who_heard_back_and_an_erased_person_leaves_it() {
    on_each_world_with_mail(|world| {
        world.settings(json!({ "recall_minutes": 0 }));
        let shipped = week(world);
        let release = ship(world, shipped.story);
        let made = world.done("/v1/reports", json!({ "kind": "release", "release": release }));
        let path = path_of(&made);
        world.done(&format!("{path}/send"), json!({}));
        let read = world.read(&path);
        let entry = &read["content"]["shipped"][0]["stories"][0];
        assert_eq!(entry["text"], "Refunds say when they arrive", "{read}");
        assert_eq!(entry["told"], 3, "{entry}");
        let names: Vec<&str> =
            read["customers"].as_array().unwrap().iter().filter_map(|one| one["name"].as_str()).collect();
        assert!(names.contains(&"Mina") && names.len() == 3, "{names:?}");
        let text = world.get(&format!("{path}.md")).body;
        assert!(text.contains("Mina (Blue Bakery)") && text.contains("3 told"), "{text}");

        let mina = customer_id(world, "mina@example.com");
        assert_eq!(world.send("DELETE", &format!("/v1/customers/{mina}"), &world.token(Role::Admin), None).status, 200);
        let text = world.get(&format!("{path}.md")).body;
        assert!(!text.contains("Mina") && text.contains("3 told"), "the counts stay, the person does not: {text}");
        let after = world.read(&path);
        assert!(!after.to_string().contains("Mina"), "{after}");
    });
}

#[test]
fn a_report_for_an_account_tells_of_its_people_only() {
    on_each_world(|world| {
        let shipped = week(world);
        world.customer("Stranger").files("Dark mode, please");
        let made = report(world, json!({ "account": shipped.account }));
        let read = world.read(&path_of(&made));
        assert_eq!(read["content"]["changes"]["feedback"], 1, "{read}");
        assert_eq!(read["content"]["account"], "Blue Bakery");
        assert!(read["sections"].as_array().unwrap().iter().all(|section| section != "incidents"), "{read}");
    });
}

#[test]
fn many_themes_fit_into_a_mail() {
    on_each_world(|world| {
        let themes: Vec<_> = (0..60).map(|n| world.new_theme(&format!("Theme number {n}"))).collect();
        for (n, theme) in themes.iter().enumerate().take(40) {
            let names: Vec<String> = (0..4).map(|who| format!("c{n}-{who}")).collect();
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            world.customers_say(*theme, &names, json!({ "occurred_at": world.now() }));
        }
        world.step_until_idle("grouping");
        let made = report(world, json!({}));
        let html = world.get(&format!("{}.html", path_of(&made)));
        assert!(html.body.len() < 30_000, "{} bytes", html.body.len());
        let shown = world.read(&path_of(&made))["content"]["themes"].as_array().unwrap().len();
        assert!((1..=10).contains(&shown), "{shown}");
    });
}
