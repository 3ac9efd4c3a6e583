//! Subscriptions: confirmed first, sent at the local hour once, ended by a link.

use hearback::domain::base::Time;
use hearback::domain::team::Role;
use serde_json::json;

use super::{path_of, report, ship, week};
use crate::support::{World, on_each_world, on_each_world_with_mail};

/// The path of a link in a mail.
pub fn path_in(text: &str, page: &str) -> String {
    let start = text.find(&format!("/{page}/")).unwrap_or_else(|| panic!("no link to {page} in {text}"));
    text[start..].split_whitespace().next().unwrap().to_owned()
}

fn subscribe(world: &World, more: serde_json::Value) -> serde_json::Value {
    let mut new = json!({ "kind": "weekly", "products": [world.product.key] });
    for (name, value) in more.as_object().into_iter().flatten() {
        new[name.as_str()] = value.clone();
    }
    world.done("/v1/subscriptions", new)
}

/// Lets days pass, and makes and sends what is due.
fn pass(world: &World, days: i64) {
    world.clock().advance(days * Time::DAY);
    world.step("reports");
    world.step("reports");
    world.pump();
}

#[test]
fn somebody_without_an_account_confirms_first_gets_reports_and_ends_them() {
    on_each_world_with_mail(|world| {
        week(world);
        let made = subscribe(world, json!({ "email": "ceo@example.com", "hour": 9, "time_zone": "Asia/Seoul" }));
        assert_eq!(made["state"], "pending", "{made}");
        world.pump();
        let asked = world.mails().mails_to("ceo@example.com");
        assert_eq!(asked.len(), 1);
        assert!(asked[0].subject.contains("Do you want reports"), "{}", asked[0].subject);
        // Nothing comes before it is confirmed; opening the link confirms nothing.
        pass(world, 8);
        let link = path_in(&asked[0].text, "subscriptions");
        assert!(world.open("GET", &link).send().body.contains("Yes, send me reports"));
        pass(world, 1);
        assert_eq!(world.mails().mails_to("ceo@example.com").len(), 1);
        let confirm = || {
            world
                .open("POST", &link)
                .header("Content-Type", "application/x-www-form-urlencoded")
                .body("act=confirm")
                .send()
        };
        assert_eq!((confirm().status, confirm().status), (200, 200));
        let confirmed = world.read(&format!("/v1/subscriptions/{}", made["id"].as_str().unwrap()));
        assert_eq!(confirmed["state"], "active", "{confirmed}");
        assert!(confirmed["next_at"].as_str().unwrap().ends_with("T00:00:00Z"), "9:00 in Seoul: {confirmed}");

        pass(world, 7);
        let mails = world.mails().mails_to("ceo@example.com");
        assert_eq!(mails.len(), 2, "one report");
        let mail = &mails[1];
        assert!(mail.subject.contains("week to"), "{}", mail.subject);
        assert!(mail.header("List-Unsubscribe").contains("/subscriptions/"), "{:?}", mail.headers);
        assert!(mail.html.len() < 100_000 && !mail.html.contains("<script"), "{}", mail.html);
        assert!(
            !mail.text.contains("Blue Bakery") && !mail.html.contains("Blue Bakery"),
            "no customers: {}",
            mail.text
        );
        let page = world.open("GET", &path_in(&mail.text, "reports")).send();
        assert_eq!(page.status, 200, "{page:?}");

        let end = path_in(mail.header("List-Unsubscribe").trim_end_matches('>'), "subscriptions");
        assert!(world.open("GET", &end).send().body.contains("Send me no more of them"));
        let one_click = world
            .open("POST", &end)
            .header("Content-Type", "application/x-www-form-urlencoded")
            .body("List-Unsubscribe=One-Click")
            .send();
        assert_eq!(one_click.status, 200);
        pass(world, 14);
        assert_eq!(world.mails().mails_to("ceo@example.com").len(), 2, "and no more");
    });
}

#[test]
fn a_member_gets_reports_in_their_language_once_however_often_the_job_runs() {
    on_each_world_with_mail(|world| {
        let sumi = world.person("수미", "sumi@example.com", Role::Viewer, "ko");
        let token = world.token_of(Role::Viewer, sumi.id);
        let new = json!({ "member_id": "me", "kind": "weekly", "products": [world.product.key], "weekday": "monday" });
        let made = world.send("POST", "/v1/subscriptions", &token, Some(&new));
        assert_eq!((made.status, &made.json()["state"]), (201, &json!("active")), "{made:?}");
        world.send("POST", "/v1/subscriptions", &token, Some(&new)).problem(409, "conflict");
        let other = json!({ "email": "other@example.com", "kind": "weekly" });
        world.send("POST", "/v1/subscriptions", &token, Some(&other)).problem(403, "forbidden");

        pass(world, 7);
        world.step("reports");
        world.pump();
        let mails = world.mails().mails_to("sumi@example.com");
        assert_eq!(mails.len(), 1);
        assert!(mails[0].subject.contains("주간 보고서") && mails[0].text.contains("구독하신"), "{}", mails[0].text);
        // After a standstill of three weeks: one report about all of it.
        pass(world, 21);
        assert_eq!(world.mails().mails_to("sumi@example.com").len(), 2);
        let reports = world.read("/v1/reports")["data"].clone();
        let (last, first) = (&reports[0], &reports[1]);
        assert_eq!(last["period_from"], first["period_to"], "{reports}");
        let own = world.send("GET", "/v1/subscriptions", &token, None).json();
        assert_eq!(own["data"].as_array().unwrap().len(), 1);
        let stranger = world.token_of(Role::Viewer, world.member("else@example.com"));
        assert_eq!(world.send("GET", "/v1/subscriptions", &stranger, None).json()["data"], json!([]));
    });
}

#[test]
fn two_subscribers_share_a_report_and_approval_holds_it_back() {
    on_each_world_with_mail(|world| {
        let confirm = |email: &str| {
            subscribe(world, json!({ "email": email, "approval": true }));
            world.pump();
            let link = path_in(&world.mails().mails_to(email)[0].text, "subscriptions");
            let form = ("Content-Type", "application/x-www-form-urlencoded");
            assert_eq!(world.open("POST", &link).header(form.0, form.1).body("act=confirm").send().status, 200);
        };
        confirm("a@example.com");
        confirm("b@example.com");
        pass(world, 7);
        let waiting = world.read("/v1/reports?to_approve=true")["data"].clone();
        assert_eq!(waiting.as_array().unwrap().len(), 1, "one for both: {waiting}");
        assert_eq!(world.mails().mails_to("a@example.com").len(), 1);
        let path = path_of(&waiting[0]);
        assert_eq!(world.done(&format!("{path}/approve"), json!({}))["state"], "sent");
        world.pump();
        for email in ["a@example.com", "b@example.com"] {
            assert_eq!(world.mails().mails_to(email).len(), 2, "{email}");
        }
        let deliveries = world.read(&format!("{path}/deliveries"))["data"].clone();
        assert!(deliveries.as_array().unwrap().iter().all(|one| one["state"] == "sent"), "{deliveries}");
    });
}

#[test]
fn wrong_subscriptions_name_every_field_and_nobody_is_asked_too_often() {
    on_each_world(|world| {
        let wrong = json!({ "kind": "weekly", "day": 3, "time_zone": "Mars/Olympus", "products": ["NOPE"] });
        world.post("/v1/subscriptions", wrong).refused(&[
            "/products/0 unknown",
            "/email required",
            "/day not_allowed",
            "/time_zone format",
        ]);
        for kind in ["weekly", "monthly", "release"] {
            world.done("/v1/subscriptions", json!({ "email": "ceo@example.com", "kind": kind }));
        }
        world
            .post("/v1/subscriptions", json!({ "email": "CEO@example.com", "kind": "weekly" }))
            .problem(409, "conflict");
        let account = world.done("/v1/accounts", json!({ "name": "Acme" }))["id"].clone();
        world
            .post("/v1/subscriptions", json!({ "email": "ceo@example.com", "kind": "weekly", "account": account }))
            .problem(409, "conflict");
        // Whoever never confirms is not kept.
        world.clock().advance(15 * Time::DAY);
        world.step("reports");
        let states = world.read("/v1/subscriptions")["data"].clone();
        assert!(states.as_array().unwrap().iter().all(|one| one["state"] == "ended"), "{states}");
    });
}

#[test]
fn a_subscription_to_releases_gets_each_release_once() {
    on_each_world_with_mail(|world| {
        let ann = world.person("Ann", "ann@example.com", Role::Admin, "en");
        let token = world.token_of(Role::Admin, ann.id);
        let new = json!({ "member_id": "me", "kind": "release", "products": [world.product.key] });
        assert_eq!(world.send("POST", "/v1/subscriptions", &token, Some(&new)).status, 201);
        let shipped = week(world);
        pass(world, 1);
        assert_eq!(world.mails().mails_to("ann@example.com").len(), 0, "nothing was shipped");
        ship(world, shipped.story);
        for _ in 0..3 {
            world.clock().advance(60 * Time::SECOND);
            world.step("reports");
        }
        world.pump();
        let mails = world.mails().mails_to("ann@example.com");
        let reports = mails.iter().filter(|mail| mail.subject.contains("release ")).count();
        assert_eq!(reports, 1, "{:?}", mails.iter().map(|mail| &mail.subject).collect::<Vec<_>>());
        assert!(mails.iter().any(|mail| mail.text.contains("Refunds say when they arrive")));
    });
}

#[test]
fn a_chat_gets_the_whole_text_by_a_webhook_that_asks_for_nothing_else() {
    on_each_world(|world| {
        week(world);
        let hook = json!({ "url": "https://chat.example.com/hook", "events": ["release.shipped"], "format": "full" });
        let hook = world.done("/v1/webhooks", hook)["id"].as_str().unwrap().to_owned();
        subscribe(world, json!({ "webhook_id": hook }));
        pass(world, 8);
        let told = world.read("/v1/reports")["data"][0].clone();
        assert_eq!(told["state"], "sent", "{told}");
        let deliveries = world.read(&format!("{}/deliveries", path_of(&told)))["data"].clone();
        assert_eq!(deliveries[0]["state"], "sent", "{deliveries}");
        let id = told["id"].as_str().unwrap().parse().unwrap();
        let due = world.events_of(id).into_iter().find(|(kind, _)| kind == "report.digest_due").expect("a digest");
        assert_eq!(due.1["webhook_id"], hook.as_str());
        let text = world
            .store()
            .read_now(|conn| {
                hearback::usecase::reports::digest::text(conn, id, &due.1, Some("https://voice.example.com"))
            })
            .unwrap();
        assert!(text.contains("https://voice.example.com/reports/"), "{text}");
        assert!(text.contains("week to") && !text.contains("Blue Bakery"), "{text}");
    });
}

#[test]
fn a_member_who_left_gets_nothing_and_a_report_can_be_given_to_others_by_hand() {
    on_each_world_with_mail(|world| {
        let ann = world.person("Ann", "ann@example.com", Role::Product, "en");
        let token = world.token_of(Role::Product, ann.id);
        let new = json!({ "member_id": "me", "kind": "monthly", "day": 31, "products": [world.product.key] });
        let subscription = world.send("POST", "/v1/subscriptions", &token, Some(&new)).json();
        let made = report(world, json!({}));
        let path = path_of(&made);
        world
            .post(&format!("{path}/send"), json!({ "subscription_ids": ["00000000-0000-7000-8000-000000000000"] }))
            .refused(&["/subscription_ids/0 unknown"]);
        world.done(&format!("{path}/send"), json!({ "subscription_ids": [subscription["id"]] }));
        world.pump();
        assert_eq!(world.mails().mails_to("ann@example.com").len(), 1);
        world.patch(&format!("/v1/members/{}", ann.id), json!({ "active": false }));
        pass(world, 40);
        assert_eq!(world.mails().mails_to("ann@example.com").len(), 1);
        let left = world.read(&format!("/v1/subscriptions/{}", subscription["id"].as_str().unwrap()));
        assert_eq!(left["state"], "ended", "{left}");
    });
}
