//! Whole answers of the API, whole mails and whole pages, compared with what was reviewed: `tests/snapshots/`.
//!
//! A changed answer fails its test and shows the difference. If the change is meant, `INSTA_UPDATE=always cargo test --test
//! all whole_answers::` writes the new answers, to be reviewed and committed with it.

use hearback::domain::base::{Id, Time};
use hearback::domain::team::Role;
use hearback::store::themes::rows;
use serde_json::{Value, json};

use crate::support::{ADMIN, World, on_each_world_with, on_each_world_with_mail};

/// Compares a text with its snapshot, without what differs in every run.
fn matches_snapshot(name: &str, text: &str) {
    insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!(name, redacted(text));
    });
}

/// The text with `[id 1]`, `[id 2]` ... in place of ids, each id with one number, and `[time]` and `[token]`.
fn redacted(text: &str) -> String {
    let (mut ids, mut shown, mut rest) = (Vec::new(), String::new(), text);
    while let Some(first) = rest.chars().next() {
        if let Some(id) = rest.get(..36).filter(|id| id.parse::<Id>().is_ok()) {
            let known = ids.iter().position(|known| known == &id);
            let at = known.unwrap_or_else(|| {
                ids.push(id);
                ids.len() - 1
            });
            shown += &format!("[id {}]", at + 1);
            rest = &rest[36..];
        } else if let Some(length) = time_length(rest) {
            shown += "[time]";
            rest = &rest[length..];
        } else if let Some(length) = token_length(rest).filter(|_| shown.ends_with('/')) {
            shown += "[token]";
            rest = &rest[length..];
        } else {
            shown.push(first);
            rest = &rest[first.len_utf8()..];
        }
    }
    shown
}

/// The length of the time that a text begins with, if it does.
fn time_length(text: &str) -> Option<usize> {
    let length = text.get(..40).unwrap_or(text).find('Z')? + 1;
    let looks = text.starts_with("20") && text.get(10..11) == Some("T");
    (looks && Time::parse(&text[..length]).is_some()).then_some(length)
}

/// The length of the token of a link that a text begins with, if it does.
fn token_length(text: &str) -> Option<usize> {
    let end = text.find(|c: char| !(c.is_ascii_alphanumeric() || "-_".contains(c))).unwrap_or(text.len());
    (end >= 30).then_some(end)
}

/// Turns the clock to a known day, so that the days in mails and pages are the same in every run.
fn begin_on_a_known_day(world: &World) {
    let noon = Time::parse("2030-01-15T12:00:00Z").expect("a time");
    world.clock().advance(noon.0 - world.now().0);
}

/// The path of what was made.
fn made(world: &World, path: &str, body: Value) -> String {
    format!("{path}/{}", world.done(path, body)["id"].as_str().expect("an id"))
}

#[test]
fn the_answer_of_each_noun() {
    on_each_world_with(
        |config| config.allow_private_addresses = true,
        |world| {
            for (name, path) in one_of_each_noun(world) {
                let answer = world.get(&path);
                assert_eq!(answer.status, 200, "{path}: {answer:?}");
                matches_snapshot(name, &serde_json::to_string_pretty(&answer.json()).expect("JSON"));
            }
        },
    );
}

/// A story from what a customer said to what they were told; returns the names and the paths of all that this takes.
fn one_of_each_noun(world: &World) -> Vec<(&'static str, String)> {
    begin_on_a_known_day(world);
    let money = json!({ "amount_minor": 120_000, "currency": "USD" });
    let account =
        made(world, "/v1/accounts", json!({ "name": "Blue Bakery", "segment": "business", "annual_value": money }));
    let theme = world.new_theme("New theme");
    let filed = world.customer("Ann").about(theme).files("The refund has not arrived, and I wait for it");
    world.write(move |tx| rows::refresh_counts(tx, &[theme])).expect("its counts");
    let customer = format!("/v1/customers/{}", filed.customer);
    let account_id = account.rsplit('/').next();
    assert_eq!(world.patch(&customer, json!({ "account_id": account_id })).status, 200);
    let renamed = world.patch(&format!("/v1/themes/{theme}"), json!({ "label": "Late refunds" }));
    let correction = renamed.header_text("Location").to_owned();
    let member =
        made(world, "/v1/members", json!({ "name": "Jin Lee", "email": "jin@team.example", "role": "support" }));

    let id = world.story_about(theme);
    let story = format!("/v1/stories/{id}");
    let note = world.done(&format!("{story}/notes"), json!({ "text": "She called again" }));
    world.go(id, "ready");
    let release = made(world, "/v1/releases", json!({ "name": "1.4.0", "notes": "Refunds." }));
    world.done(
        &format!("{release}/stories"),
        json!({ "story_ids": [id], "section": "added", "entry": "Refunds show a date." }),
    );
    world.done(&format!("{release}/ship"), json!({ "deployed": true }));
    let deployment = made(
        world,
        "/v1/deployments",
        json!({
            "product": "HB", "environment": "staging", "service": "app", "revision": "0a1b2c3", "state": "succeeded",
        }),
    );
    let closure = format!("/v1/closures/{}", world.closure(id, filed.customer).id);
    let hook = json!({ "url": "https://hooks.example.com/hearback", "events": ["story.*"], "format": "full" });
    let webhook = made(world, "/v1/webhooks", hook);
    let token = made(world, "/v1/tokens", json!({ "name": "The desk", "role": "ingest" }));
    let import = made(
        world,
        "/v1/imports",
        json!([{ "text": "Fees are too high" }, { "text": "Long ago", "occurred_at": "yesterday" }]),
    );
    world.step_until_idle("imports");
    let product = format!("/v1/products/{}", world.product.id);
    vec![
        ("account", account),
        ("closure", closure),
        ("correction", correction),
        ("customer", customer.clone()),
        ("customer_stories", format!("{customer}/stories")),
        ("deployment", deployment),
        ("feedback", format!("/v1/feedback/{}", filed.feedback)),
        ("import", import.clone()),
        ("import_warnings", format!("{import}/warnings")),
        ("member", member),
        ("note", format!("/v1/notes/{}", note["id"].as_str().expect("an id"))),
        ("product", product.clone()),
        ("release", release),
        ("story", story.clone()),
        ("theme", format!("/v1/themes/{theme}")),
        ("token", token),
        ("webhook", webhook),
    ]
}

#[test]
fn a_refused_input_names_each_field() {
    on_each_world_with(
        |_| (),
        |world| {
            let wrong =
                json!({ "text": "", "severity": "huge", "customer": { "email": "no address" }, "colour": "red" });
            let refused = world.send_with("POST", "/v1/feedback", ADMIN, Some(&wrong), &[]);
            let mut problem = refused.problem(422, "invalid");
            problem["request_id"] = json!("[request]");
            matches_snapshot("problem_invalid", &serde_json::to_string_pretty(&problem).expect("JSON"));
        },
    );
}

/// The latest mail that arrived at a customer: its subject and its text.
fn latest_mail(world: &World, name: &str, email: &str) {
    let mail = world.mails().mails_to(email).pop().expect("a mail");
    matches_snapshot(&format!("mail_{name}"), &format!("Subject: {}\n\n{}", mail.subject, mail.text));
}

#[test]
fn what_customers_get_when_a_story_is_released() {
    on_each_world_with_mail(|world| {
        begin_on_a_known_day(world);
        world.settings(json!({ "recall_minutes": 0 }));
        let theme = world.new_theme("Refunds");
        world.customer("ann@example.com").about(theme).files("The refund has not arrived & I wait");
        world.customer("minji@example.com").about(theme).files("환불이 아직도 안 들어왔어요. 벌써 2주째예요.");
        let story = world.story_about(theme);
        let korean = json!({ "title": "환불 예정일 표시", "entry": "환불 예정일을 보여 줍니다.", "reason": null });
        let product = world.token(Role::Product);
        let path = format!("/v1/stories/{story}");
        assert_eq!(world.send("PATCH", &path, &product, Some(&json!({ "texts": { "ko": korean } }))).status, 200);
        world.release_story(story);
        latest_mail(world, "released_en", "ann@example.com");
        latest_mail(world, "released_ko", "minji@example.com");

        for (language, email) in [("en", "ann@example.com"), ("ko", "minji@example.com")] {
            let mail = world.mails().mails_to(email).remove(0);
            let page = world.open("GET", &mail.answer()).send().body;
            matches_snapshot(&format!("page_released_{language}"), &page);
        }
        let mail = world.mails().mails_to("ann@example.com").remove(0);
        matches_snapshot("page_unsubscribe_en", &world.open("GET", &mail.unsubscribe()).send().body);
        matches_snapshot("page_thanks_en", &world.submit(&mail.answer(), "answer=solved").body);
        world.days_pass(7);
        latest_mail(world, "reminder_ko", "minji@example.com");
    });
}

#[test]
fn what_customers_get_when_a_story_is_declined() {
    on_each_world_with_mail(|world| {
        begin_on_a_known_day(world);
        world.settings(json!({ "recall_minutes": 0 }));
        let theme = world.new_theme("Refunds");
        world.customer("ann@example.com").about(theme).files("The refund has not arrived & I wait");
        world.customer("minji@example.com").about(theme).files("환불이 아직도 안 들어왔어요. 벌써 2주째예요.");
        let story = world.story_about(theme);
        world.transition(story, json!({ "to": "declined", "reason": "Banks do not tell us the date." })).unwrap();
        world.pump();
        latest_mail(world, "declined_en", "ann@example.com");
        latest_mail(world, "declined_ko", "minji@example.com");
    });
}

#[test]
fn the_public_changelog() {
    on_each_world_with(
        |_| (),
        |world| {
            begin_on_a_known_day(world);
            let story = world.ready_story("Refunds show a date");
            let release = world.release("1.4.0", &[&story]);
            assert_eq!(world.act_on_release(&release, "ship", json!({ "deployed": true })).status, 200);
            let markdown = world.get(&format!("/v1/products/{}/changelog.md", world.product.id)).body;
            matches_snapshot("changelog_markdown", &markdown);
            matches_snapshot("changelog_feed", &world.open("GET", "/feeds/HB/changelog.atom").send().body);
        },
    );
}
