//! The console in a real browser: headless Chromium by WebDriver, at phone and desktop width, light and dark, in English
//! and Korean. Each page is kept as a picture in `screenshots` of the target folder, so that people look at them.

use hearback::clock::Clock;
use hearback::domain::base::Time;
use serde_json::{Value, json};

use super::driver::{Browser, fill};
use super::visitor::PASSWORD;
use crate::support::{Database, Kind, World};

/// The path of an evaluation with everything that its page can show, which this member should look at again.
fn evaluation(world: &World, member: &Value) -> String {
    let cost = |amount: i64| json!({ "amount_minor": amount, "currency": "USD" });
    let paylo = json!({ "name": "Paylo", "kind": "buy", "version": "2", "supplier": "Acme", "licence": "MIT OR Apache-2.0",
        "costs": { "now": cost(100), "a_year": cost(120_000) }, "effort": 1.5, "links": ["https://paylo.example"],
        "risks": "One vendor", "scores": { "Price": { "score": 4, "why": "It is cheap" }, "Law": 3 } });
    let ledger = json!({ "name": "원장", "kind": "build", "scores": { "Price": 3 } });
    let input = json!({ "title": "Who moves the money", "need": "환불이 하루 안에 도착한다", "story_id": "HB-1",
        "criteria": [{ "name": "Price", "weight": 5 }, { "name": "Law", "weight": 1, "must": true }],
        "options": [paylo, ledger], "deciders": [member], "revisit_date": "2020-01-01" });
    let made = world.done("/v1/evaluations", input);
    let card = json!({ "date": "2026-11-02", "repo": { "name": "github.com/acme/paylo" }, "score": 7.1,
        "checks": [{ "name": "Fuzzing", "score": -1 }] });
    let path = format!("evaluations/{}", made["id"].as_str().expect("an id"));
    world.done(&format!("/v1/{path}/scorecard?option=Paylo"), card);
    path
}

#[test]
fn a_member_signs_in_and_works_in_both_languages_in_a_real_browser() {
    let Some(browser) = Browser::start() else { return };
    let world = World::program(Database::new(Kind::Sqlite));
    let base = format!("http://{}", world.address());
    for n in 0..12 {
        let said =
            ["The refund still has not arrived", "환불이 아직도 안 들어왔어요", "שלום, the app crashes 😀"][n % 3];
        let customer = json!({ "email": format!("c{n}@example.com"), "name": format!("Customer {n}"), "account": { "name": "Blue Bakery" } });
        world.done("/v1/feedback", json!({ "text": format!("{said} ({n})"), "customer": customer }));
    }
    world.done("/v1/stories", json!({ "title": "Refunds show when they will arrive", "as_a": "customer", "i_want": "to see the day", "so_that": "I can plan",
        "acceptance_criteria": [{ "text": "The day is shown" }] }));
    let target = json!({ "key": "signups", "name": "Sign-ups", "kind": "business", "unit": "people", "direction": "up", "target": 40 });
    world.done("/v1/metrics", target);
    let now = Clock::default().now();
    let sample = |n: i64, region: &str| json!({ "at": now.plus(-n * Time::DAY), "value": 20 + n * 7 % 13 - n / 2, "labels": { "region": region } });
    let samples: Vec<Value> = (0..60).rev().flat_map(|n| [sample(n, "eu"), sample(n * 2 / 3, "한국")]).collect();
    assert_eq!(world.post("/v1/metrics/signups/samples", json!({ "samples": samples })).status, 200);
    for n in [9, 21] {
        let deployed_at = now.plus(-n * Time::DAY);
        let version = format!("1.{n}.0");
        world.done(
            "/v1/deployments",
            json!({ "environment": "production", "version": version, "deployed_at": deployed_at }),
        );
    }
    let member = world.done("/v1/members", json!({ "name": "Mina 김", "email": "mina@example.com", "role": "admin" }));
    let invited = world.done(&format!("/v1/members/{}/invitation", member["id"].as_str().expect("an id")), json!({}));
    let link = invited["link"].as_str().expect("a link").split_once("/console/").expect("a path").1.to_owned();
    let other =
        world.done("/v1/members", json!({ "name": "Jin Lee", "email": "jin@example.com", "role": "developer" }));
    world.done(
        "/v1/rotas",
        json!({ "product": "HB", "name": "First line", "time_zone": "Asia/Seoul", "start": "2026-01-05",
        "every": "week", "hand_over": "09:00", "members": [other["id"], member["id"]] }),
    );
    world.done(
        "/v1/incidents",
        json!({ "title": "Payments fail at the last step", "severity": 2, "services": ["checkout"],
        "summary": "Cards are declined since the release of this morning." }),
    );

    let id = |made: &Value| made["id"].as_str().expect("an id").to_owned();
    let asked = json!({ "kind": "access", "country": "KR", "contact": "c1@example.com", "note": "Asked by phone." });
    let request = format!("privacy/requests/{}", id(&world.done("/v1/requests", asked)));
    let late = json!({ "kind": "erasure", "country": "EU", "contact": "old@example.com", "received_at": "2026-01-31T09:00:00Z" });
    world.done("/v1/requests", late);
    let rule = world.done("/v1/retention-rules", json!({ "kind": "feedback_words", "product": "HB", "days": 1095 }));
    let retention = format!("privacy/retention?rule={}", id(&rule));
    world.done("/v1/legal-holds", json!({ "case": "2026-Ga-1234", "reason": "Order of the court", "product": "HB" }));
    let opened = world.done("/v1/incidents/HB-INC-1/breach", json!({}));
    let breach = format!("privacy/breaches/{}?letter=persons&language=ko", id(&opened));

    let account = world.ids("/v1/accounts")[0].clone();
    let sales = format!("accounts/{account}/sales");
    let report = format!("reports/{}", id(&world.done("/v1/reports", json!({ "kind": "weekly" }))));
    world.done(&format!("/v1/{report}/links"), json!({}));
    let print = format!("{report}/print");
    let evaluation = evaluation(&world, &member["id"]);
    let describing = format!("{evaluation}?option=Paylo");
    let told = json!({ "story_id": "HB-2", "kind": "needs" });
    world.done("/v1/stories", json!({ "title": "Ledger of payments" }));
    world.done("/v1/stories/HB-1/dependencies", told);
    world.patch("/v1/stories/HB-1", json!({ "owner_id": member["id"] }));
    let decline = json!({ "to": "declined", "reason": "Too dear", "tell_customers": false });
    world.done("/v1/stories/HB-2/transitions", decline);

    browser.open(&format!("{base}/console/{link}"));
    browser.look("invite");
    browser.submit(&format!(
        "const f = document.querySelector('main form'); f.password.value = f.repeated.value = {}; f.requestSubmit()",
        json!(PASSWORD)
    ));
    assert_eq!(browser.run("return location.pathname"), "/console/backlog");
    browser.submit("document.querySelector(\"form[action='/console/sign-out']\").requestSubmit()");
    browser.look("sign-in");
    browser.submit(&fill(&[("email", "mina@example.com"), ("password", "a wrong password")], "/console/sign-in"));
    browser.call("/se/log", json!({ "type": "browser" }));
    assert!(browser.run("return document.body.innerText").as_str().is_some_and(|text| text.contains("is wrong")));
    browser.submit(&fill(&[("email", "mina@example.com"), ("password", PASSWORD)], "/console/sign-in"));
    assert_eq!(
        browser.run("return location.pathname"),
        "/console/backlog",
        "signed in over plain http on this machine"
    );
    for language in ["en", "ko"] {
        browser.open(&format!("{base}/console/account"));
        browser.submit(&fill(&[("language", language)], "/console/account"));
        assert_eq!(browser.run("return document.documentElement.lang"), language);
        for (name, path) in [
            ("account", "account"),
            ("backlog", "backlog"),
            ("story", "stories/HB-1"),
            ("edit", "stories/HB-1/edit"),
            ("inbox", "inbox"),
            ("themes", "themes"),
            ("map", "themes/map"),
            ("proposals", "themes/proposals"),
            ("granularity", "themes/granularity?preview=yes"),
            ("board", "backlog/board"),
            ("dependencies", "stories/HB-1/dependencies?days=5&q=refund"),
            ("plan", "products/HB/plan"),
            ("my-work", "backlog?owner=@me"),
            ("to-decide", "backlog?needs_decision=true"),
            ("evaluations", "evaluations"),
            ("evaluation", evaluation.as_str()),
            ("evaluation-option", describing.as_str()),
            ("decline", "stories/HB-1/decline"),
            ("evidence", "stories/HB-1/evidence?q=refund"),
            ("search", "search?q=refund"),
            ("releases", "releases"),
            ("metrics", "metrics"),
            ("metric", "metrics/signups"),
            ("dashboard", "products/HB"),
            ("delivery", "products/HB/delivery"),
            ("incidents", "incidents"),
            ("incident", "incidents/HB-INC-1"),
            ("postmortems", "postmortems"),
            ("repeats", "incidents/HB-INC-1/repeats"),
            ("reports", "reports"),
            ("report", report.as_str()),
            ("report-print", print.as_str()),
            ("subscriptions", "subscriptions"),
            ("sales", sales.as_str()),
            ("affected-customers", "incidents/HB-INC-1/customers"),
            ("escalation", "products/HB/escalation"),
            ("rotas", "rotas"),
            ("requests", "privacy/requests"),
            ("request", request.as_str()),
            ("retention", retention.as_str()),
            ("breaches", "privacy/breaches"),
            ("breach", breach.as_str()),
            ("checklists", "privacy/checklists"),
            ("settings-products", "settings/products"),
            ("settings-product", "settings/products/HB"),
            ("settings-members", "settings/members"),
            ("settings-tokens", "settings/tokens"),
            ("settings-webhooks", "settings/webhooks"),
            ("settings-sources", "settings/sources"),
            ("settings-imports", "settings/imports"),
            ("settings-import", "settings/import"),
            ("settings-audit", "settings/audit"),
            ("privacy", "privacy"),
            ("privacy-access", "privacy/access"),
            ("privacy-review", "privacy/review"),
            ("privacy-data-map", "privacy/data-map"),
            ("privacy-erasures", "privacy/erasures"),
        ] {
            browser.open(&format!("{base}/console/{path}"));
            browser.look(&format!("{name}-{language}"));
        }
        browser.open(&format!("{base}/console/themes"));
        browser.run("document.querySelector('tbody a, main a').focus()");
        if let Some(theme) = browser.run("return document.querySelector('tbody a')?.href").as_str() {
            browser.open(theme);
            browser.look(&format!("theme-{language}"));
        }
    }
    browser.open(&format!("{base}/console/inbox"));
    browser.run("const t = document.getElementById('text'); t.value = 'my refund has not arrived'; t.dispatchEvent(new InputEvent('input'))");
    browser.wait_for("document.getElementById('nearest').childElementCount");
    browser.look("inbox-typing");
}
