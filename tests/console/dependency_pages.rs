//! Dependencies, plans, slips and evaluations on pages without scripts.

use hearback::domain::team::Role;
use serde_json::json;

use super::visitor::Visitor;
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
