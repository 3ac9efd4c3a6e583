//! Dependencies, plans, slips and evaluations on pages without scripts.

use hearback::domain::team::Role;
use serde_json::json;

use super::visitor::{Visitor, hidden};
use crate::support::on_each_world;

#[test]
fn a_dependency_is_found_by_words_added_drawn_slipped_and_removed() {
    on_each_world(|world| {
        let ann = world.person("Ann", "ann@example.com", Role::Admin, "en");
        let refund = world.done("/v1/stories", json!({ "title": "Refunds show a date", "days": 2 }));
        let ledger = world.done("/v1/stories", json!({ "title": "Ledger of payments", "days": 3 }));
        let [refund, ledger] = [refund, ledger].map(|story| story["number"].as_str().unwrap().to_owned());
        let mut visitor = Visitor::of(world, &ann, "ann@example.com");
        let path = format!("/console/stories/{refund}/dependencies");
        let empty = visitor.read(&path);
        assert!(empty.contains("It needs nothing that is not there"), "{empty}");
        let found = visitor.read(&format!("{path}?q=ledger"));
        assert!(
            found.contains("Ledger of payments")
                && found.contains(&format!("needs it<span class=\"hidden\">: {ledger}")),
            "{found}"
        );
        let added = visitor.submit(&format!("{path}/add"), &[("kind", "needs"), ("story_id", &ledger)]);
        assert_eq!((added.status, added.header_text("location")), (303, path.as_str()));
        let page = visitor.read(&path);
        assert!(page.contains("Blocked") && page.contains("<svg") && page.contains("critical path"), "{page}");
        let circle = visitor.submit(
            &format!("/console/stories/{ledger}/dependencies/add"),
            &[("kind", "needs"), ("story_id", &refund)],
        );
        assert_eq!(circle.status, 422);
        assert!(
            circle.body.contains(&format!("{ledger} -&#62; {refund} -&#62; {ledger}"))
                || circle.body.contains(&format!("{ledger} -&gt; {refund}")),
            "{}",
            circle.body
        );

        let slip = visitor.read(&format!("/console/stories/{ledger}/dependencies?days=10"));
        assert!(slip.contains("2 stories move") && slip.contains(&format!("because of {ledger}")), "{slip}");
        let wrong = visitor.get(&format!("/console/stories/{ledger}/dependencies?days=soon"));
        assert!(wrong.status == 422 && wrong.body.contains("href=\"#days\""), "{}", wrong.body);

        let outside =
            [("kind", "needs"), ("title", "New terminal"), ("party", "vendor"), ("who", "Acme"), ("due", "2026-12-24")];
        assert_eq!(visitor.submit(&format!("{path}/add"), &outside).status, 303);
        let all = world.read(&format!("/v1/stories/{refund}/dependencies"));
        let ids: Vec<&str> = all["data"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap()).collect();
        assert_eq!(visitor.submit(&format!("{path}/close"), &[("dependency", ids[1])]).status, 303);
        assert_eq!(visitor.submit(&format!("{path}/remove"), &[("dependency", ids[0])]).status, 303);
        assert_eq!(world.read(&format!("/v1/stories/{refund}"))["blocked"], false);
        let story = visitor.read(&format!("/console/stories/{refund}"));
        assert!(story.contains(&format!("{path}\"")), "the story leads to its dependencies");
        let plan = visitor.read("/console/products/HB/plan");
        assert!(plan.contains("Nothing is in development."), "drafts are in no plan of a product: {plan}");
    });
}

#[test]
fn a_blocked_story_and_a_declined_blocker_are_shown_where_people_look() {
    on_each_world(|world| {
        let ann = world.person("베아", "bea@example.com", Role::Product, "ko");
        let (refund, ledger) = (world.story_in("Refunds", &["accepted"]), world.story("Ledger"));
        world.done(&format!("/v1/stories/{refund}/dependencies"), json!({ "kind": "needs", "story_id": ledger }));
        let number = world.shown_story(&refund)["number"].as_str().unwrap().to_owned();
        let mut visitor = Visitor::of(world, &ann, "bea@example.com");
        assert!(visitor.read("/console/backlog?blocked=true").contains("차단됨"));
        let decline = json!({ "to": "declined", "reason": "Too dear", "tell_customers": false });
        assert_eq!(world.moving(&ledger, decline).status, 200);
        let page = visitor.read(&format!("/console/stories/{number}"));
        assert!(page.contains("결정이 필요합니다"), "{page}");
        let waiting = visitor.read("/console/backlog?needs_decision=true");
        assert!(waiting.contains(&number) && waiting.contains("결정이 필요합니다"), "{waiting}");
        let own = |visitor: &mut Visitor| visitor.read("/console/backlog?owner=@me");
        assert!(!own(&mut visitor).contains("내가 할 일"), "it is nobody's story");
        assert_eq!(world.patch(&format!("/v1/stories/{number}"), json!({ "owner_id": ann.id })).status, 200);
        let mine = own(&mut visitor);
        assert!(mine.contains("내가 할 일") && mine.contains(&format!("{number}/dependencies")), "{mine}");
        let saved = visitor.submit(&format!("/console/stories/{number}/plan"), &[("days", "4"), ("due", "")]);
        assert_eq!((saved.status, &world.shown_story(&refund)["days"]), (303, &json!(4)));
        let plan = visitor.read("/console/products/HB/plan?from=2026-11-30");
        assert!(plan.contains("2026년 12월 3일") && plan.contains("거절되었습니다"), "{plan}");
        assert_eq!(visitor.get("/console/products/HB/plan?from=2026-02-30").status, 422);
    });
}

#[test]
fn an_evaluation_is_begun_scored_decided_and_exported() {
    on_each_world(|world| {
        let ann = world.person("Ann", "ann@example.com", Role::Admin, "en");
        let number = world.done("/v1/stories", json!({ "title": "Refunds" }))["number"].as_str().unwrap().to_owned();
        let mut visitor = Visitor::of(world, &ann, "ann@example.com");
        assert!(visitor.read("/console/evaluations").contains("No evaluation yet."));
        let begin = visitor.read(&format!("/console/evaluations?story={number}"));
        assert!(begin.contains(&format!("value=\"{number}\"")), "the form knows the story");
        let wrong = visitor.submit(
            "/console/evaluations",
            &[("title", "Who moves the money"), ("criteria", "Price 0"), ("options", "Paylo")],
        );
        assert!(
            wrong.status == 422 && wrong.body.contains("Price 0") && wrong.body.contains("href=\"#criteria\""),
            "{}",
            wrong.body
        );
        let form = [
            ("title", "Who moves the money"),
            ("story_id", number.as_str()),
            ("criteria", "Price 5\nLaw! 1"),
            ("options", "Paylo\nOwn ledger"),
            ("revisit_date", "2020-01-01"),
        ];
        let made = visitor.submit("/console/evaluations", &form);
        assert_eq!(made.status, 303, "{}", made.body);
        let path = made.header_text("location").to_owned();
        for (option, criterion, score) in
            [("Paylo", "Price", "4"), ("Paylo", "Law", "3"), ("Own ledger", "Price", "3,5"), ("Own ledger", "Law", "5")]
        {
            let fields = [("option", option), ("criterion", criterion), ("score", score), ("why", "We tried it.")];
            assert_eq!(visitor.submit(&format!("{path}/score"), &fields).status, 303);
        }
        let page = visitor.read(&path);
        assert!(page.contains("Paylo is ahead.") && page.contains("Fragile") && page.contains("23/6"), "{page}");
        assert!(page.contains("To be looked at again") && page.contains(&number) && page.contains("Ann"), "{page}");
        let licence = [("name", "Paylo"), ("kind", "open_source"), ("licence", "whatever")];
        assert_eq!(visitor.submit(&format!("{path}/option"), &licence).status, 422);
        let licence = [("name", "Paylo"), ("kind", "open_source"), ("licence", "MIT OR Apache-2.0")];
        assert_eq!(visitor.submit(&format!("{path}/option"), &licence).status, 303);
        let card =
            json!({ "date": "2026-11-02", "repo": { "name": "github.com/acme/paylo" }, "score": -1, "checks": [] })
                .to_string();
        assert_eq!(visitor.submit(&format!("{path}/scorecard"), &[("option", "Paylo"), ("file", &card)]).status, 303);
        assert_eq!(visitor.submit(&format!("{path}/scorecard"), &[("option", "Paylo"), ("file", "{")]).status, 422);
        let page = visitor.read(&path);
        assert!(
            page.contains("MIT OR Apache-2.0") && page.contains("inconclusive") && page.contains("Open source"),
            "{page}"
        );
        let refused = visitor.submit(&format!("{path}/decide"), &[("status", "accepted")]);
        assert!(refused.status == 422 && refused.body.contains("href=\"#decision\""), "{}", refused.body);
        let decide = [
            ("status", "accepted"),
            ("decision", "Paylo"),
            ("because", "It is there."),
            ("revisit_date", "2099-01-01"),
        ];
        assert_eq!(visitor.submit(&format!("{path}/decide"), &decide).status, 303);
        let weights = [("criteria", "Price 1\nLaw! 1")];
        assert_eq!(visitor.submit(&format!("{path}/weights"), &weights).status, 303);
        let markdown = visitor.get(&format!("{path}/markdown"));
        assert!(
            markdown.body.contains("Chosen option: \"Paylo\"") && markdown.body.contains("decision-makers: \"Ann\""),
            "{}",
            markdown.body
        );
        let story = visitor.read(&format!("/console/stories/{number}"));
        assert!(story.contains("Who moves the money") && story.contains("Accepted"), "{story}");
        let viewer = Visitor::as_role(world, Role::Viewer).read(&path);
        assert!(!viewer.contains("/decide\"") && viewer.contains("It is there."), "{viewer}");
    });
}

#[test]
fn costs_effort_and_links_of_an_option_are_changed_on_its_form() {
    on_each_world(|world| {
        let ann = world.person("Ann", "ann@example.com", Role::Product, "en");
        let option = |name: &str| json!({ "name": name, "kind": "buy", "supplier": "Acme", "scores": { "Price": 4 } });
        let made = world.done(
            "/v1/evaluations",
            json!({ "title": "Who moves the money", "criteria": [{ "name": "Price", "weight": 5 }],
            "options": [option("Paylo & Co"), option("Ledger")] }),
        );
        let path = format!("/console/evaluations/{}", made["id"].as_str().unwrap());
        let mut visitor = Visitor::of(world, &ann, "ann@example.com");
        let page = visitor.read(&path);
        assert!(page.contains("?option=Paylo%20%26%20Co#describe"), "each option leads to its form: {page}");
        let page = visitor.read(&format!("{path}?option=Paylo%20%26%20Co"));
        assert!(page.contains("value=\"Acme\"") && page.contains("Describe Paylo &#38; Co"), "{page}");
        let version = hidden(&page, "version");
        let form = |now: &'static str, effort: &'static str| {
            vec![
                ("known", "Paylo & Co"),
                ("kind", "open_source"),
                ("version_name", "2.1"),
                ("supplier", ""),
                ("licence", "MIT"),
                ("now", now),
                ("a_year", "1,200.50"),
                ("to_leave", ""),
                ("effort", effort),
                ("links", "https://paylo.example\n\nhttps://docs.paylo.example/x"),
                ("risks", "One vendor"),
            ]
        };
        let act = format!("{path}/option");
        for (wrong, field) in [(form("much", "1"), "now"), (form("5 XXX", "1"), "now"), (form("5", "a lot"), "effort")]
        {
            let refused = visitor.submit(&act, &wrong);
            assert_eq!(refused.status, 422, "{field}");
            assert!(refused.body.contains(&format!("href=\"#{field}\"")), "{field}: {}", refused.body);
            assert!(refused.body.contains("value=\"1,200.50\""), "what was typed stays: {}", refused.body);
        }
        let mut stale = form("5000 KRW", "1,5");
        stale.push(("version", "7"));
        assert_eq!(visitor.submit(&act, &stale).status, 412, "somebody changed it meanwhile");
        let mut right = form("5000 KRW", "1,5");
        right.push(("version", &version));
        assert_eq!(visitor.submit(&act, &right).status, 303);
        let options = world.read(&format!("/v1/evaluations/{}", made["id"].as_str().unwrap()))["options"].clone();
        let (changed, other) = (&options[0], &options[1]);
        assert_eq!(changed["costs"]["now"], json!({ "amount_minor": 5000, "currency": "KRW" }));
        assert_eq!(
            (&changed["costs"]["a_year"]["amount_minor"], &changed["costs"]["to_leave"]),
            (&json!(120_050), &json!(null))
        );
        assert_eq!((&changed["effort"], &changed["version"]), (&json!(1.5), &json!("2.1")));
        assert_eq!(changed["supplier"], json!(null), "what was emptied is taken away");
        assert_eq!(changed["links"], json!(["https://paylo.example", "https://docs.paylo.example/x"]));
        assert_eq!(changed["scores"]["Price"]["score"], 4.0, "its scores stay");
        assert_eq!((&other["supplier"], &other["effort"]), (&json!("Acme"), &json!(null)), "the other is as it was");
        let page = visitor.read(&path);
        assert!(page.contains("Effort: 1.5 person-months") && page.contains("docs.paylo.example"), "{page}");
        let bare =
            [("known", "Paylo & Co"), ("kind", "build"), ("now", ""), ("a_year", ""), ("to_leave", ""), ("links", "")];
        assert_eq!(visitor.submit(&act, &bare).status, 303);
        let options = world.read(&format!("/v1/evaluations/{}", made["id"].as_str().unwrap()))["options"].clone();
        assert_eq!((&options[0]["links"], &options[0]["effort"]), (&json!([]), &json!(null)));
        assert_eq!(options[0]["costs"], json!({ "now": null, "a_year": null, "to_leave": null }));
        assert!(!Visitor::as_role(world, Role::Viewer).read(&path).contains("#describe"), "a viewer is shown no acts");
    });
}
