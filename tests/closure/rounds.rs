//! Rounds, agents' to-dos, reminders and recurrences, without the mails themselves.

use hearback::domain::stories::stage::Stage;
use hearback::domain::{
    base::{Actor, Id},
    closure::{Channel, ClosureState},
    team::Role,
};
use hearback::error::Code;
use hearback::usecase::{closure::rounds, feedback::customers, privacy::erasure};
use serde_json::json;

use super::without_mail;

#[test]
fn without_a_mail_server_every_closure_becomes_a_to_do_of_an_agent() {
    without_mail(|world| {
        let theme = world.new_theme("Refunds");
        let (jin, owner) = (world.member("jin@example.com"), world.member("owner@example.com"));
        let filed = json!({ "text": "Where is my refund?", "customer": { "email": "ann@example.com" } });
        let ann = world.file_as(Actor { kind: "member", id: Some(jin) }, theme, filed).1.unwrap();
        let bob = world.customer("bob@example.com").about(theme).files("Refund please").customer;
        let nobody = json!({ "text": "Refunds are slow" });
        world.file_as(Actor { kind: "service", id: None }, theme, nobody);
        let story = world.story_about(theme);
        world.send(
            "PATCH",
            &format!("/v1/stories/{story}"),
            &world.token(Role::Admin),
            Some(&json!({ "owner_id": owner })),
        );
        world.release_story(story);

        let of = |customer| world.closure(story, customer);
        assert_eq!(world.closures(story).len(), 2, "an item without a customer asks for nobody");
        for (customer, assignee) in [(ann, jin), (bob, owner)] {
            let closure = of(customer);
            assert_eq!((closure.state, closure.channel), (ClosureState::Waiting, Channel::Agent));
            assert_eq!((closure.assignee_id, closure.said_ids.len()), (Some(assignee), 1));
        }
        let token = world.token_of(Role::Support, jin);
        let todo = world.send("GET", "/v1/closures?state=waiting&channel=agent&assignee=me", &token, None).json();
        assert_eq!(todo["data"].as_array().unwrap().len(), 1);
        assert_eq!(todo["data"][0]["customer"]["id"], json!(ann));
        world
            .send("GET", "/v1/closures?assignee=me", &world.token(Role::Support), None)
            .refused(&["/assignee not_a_member"]);

        // Told, and answered, over the API.
        let path = format!("/v1/closures/{}", of(ann).id);
        let told = world.send("POST", &format!("{path}/tell"), &token, Some(&json!({})));
        assert_eq!((told.status, told.json()["state"].as_str()), (200, Some("told")));
        assert_eq!(told.header("ETag"), Some(format!("\"{}\"", told.json()["version"]).as_str()));
        assert_eq!(world.stage(story), Stage::Closing);
        world.send("POST", &format!("{path}/tell"), &token, Some(&json!({}))).problem(409, "conflict");
        world
            .send("POST", &format!("{path}/answer"), &token, Some(&json!({ "solved": false })))
            .refused(&["/because required"]);
        let answered = world.send("POST", &format!("{path}/answer"), &token, Some(&json!({ "solved": true })));
        assert_eq!(answered.json()["state"], "confirmed");
        let other = format!("/v1/closures/{}", of(bob).id);
        let moved = world.send("POST", &format!("{other}/assign"), &token, Some(&json!({ "member_id": jin })));
        assert_eq!(moved.json()["assignee_id"], json!(jin));
        world
            .send("POST", &format!("{other}/assign"), &token, Some(&json!({ "member_id": Id::next() })))
            .refused(&["/member_id unknown"]);

        let refused = world.transition(story, json!({ "to": "closed" })).unwrap_err();
        assert!(refused.code == Code::StageRefused && refused.detail.contains("1 waiting"), "{refused}");
        let gone = world.send("POST", &format!("{other}/unreachable"), &token, Some(&json!({ "reason": "Left." })));
        assert_eq!(
            (gone.json()["state"].as_str(), gone.json()["reason"].as_str()),
            (Some("unreachable"), Some("Left."))
        );
        assert_eq!(world.stage(story), Stage::Closed, "by itself, with the last case");
        assert_eq!(
            world.kinds_of(of(ann).id),
            ["closure.opened", "closure.assigned", "closure.told", "closure.confirmed"]
        );

        // A customer who was marked unreachable can still answer.
        let told = world.send("POST", &format!("{other}/answer"), &token, Some(&json!({ "solved": true })));
        assert_eq!(told.json()["state"], "confirmed");
    });
}

#[test]
fn closing_early_says_why_somebody_was_not_told() {
    without_mail(|world| {
        let theme = world.new_theme("Refunds");
        let ann = world.customer("ann@example.com").about(theme).files("Refund please").customer;
        let story = world.story_about(theme);
        world.release_story(story);
        world.go(story, "closing");
        world.transition(story, json!({ "to": "closed", "unreachable_reason": "The account was closed." })).unwrap();
        let closure = world.closure(story, ann);
        assert_eq!(closure.state, ClosureState::Unreachable);
        assert_eq!(closure.reason.as_deref(), Some("The account was closed."));
        let waiting = world.store().read_now(|conn| rounds::waiting(conn, story)).unwrap();
        assert_eq!((waiting, world.stage(story)), (0, Stage::Closed));
    });
}

#[test]
fn the_second_round_asks_only_who_has_not_confirmed_or_asks_again() {
    without_mail(|world| {
        let theme = world.new_theme("Refunds");
        let [ann, bob, cid, dan] = ["ann", "bob", "cid", "dan"]
            .map(|name| world.customer(&format!("{name}@example.com")).about(theme).files("Refund please").customer);
        let story = world.story_about(theme);
        world.release_story(story);
        let agent = world.token(Role::Support);
        let answer = |customer, body| {
            let path = format!("/v1/closures/{}/answer", world.closure(story, customer).id);
            assert_eq!(world.send("POST", &path, &agent, Some(&body)).status, 200);
        };
        answer(ann, json!({ "solved": true }));
        answer(dan, json!({ "solved": true }));
        world.clock().advance(1_000_000);
        world.customer("dan@example.com").about(theme).files("Now the refund is late again");
        answer(bob, json!({ "solved": false, "because": "Still two weeks by bank transfer" }));
        assert_eq!(world.stage(story), Stage::Building, "one is enough by default");
        assert_eq!(world.closure(story, cid).state, ClosureState::Waiting);

        let reopened = world.closure(story, bob);
        let path = format!("/v1/feedback/{}", reopened.feedback_id.expect("new feedback"));
        let said = world.send("GET", &path, &agent, None).json();
        assert_eq!(said["text"], "Still two weeks by bank transfer");
        assert_eq!((said["customer"]["id"].clone(), said["theme"]["id"].clone()), (json!(bob), json!(theme)));
        assert_eq!((said["source"].as_str(), said["origin"].as_str()), (Some("survey"), Some("hearback")));
        assert_eq!(said["theme"]["pinned"], true);

        world.release_story(story);
        assert_eq!(world.closure(story, cid).round, 2);
        let first = world.round(story, 1);
        assert!(first.contains(&(cid, "expired".to_owned())), "{first:?}");
        let mut asked: Vec<Id> = world.round(story, 2).into_iter().map(|(customer, _)| customer).collect();
        asked.sort();
        let mut expected = vec![bob, cid, dan];
        expected.sort();
        assert_eq!(asked, expected);
    });
}

#[test]
fn a_release_taken_back_ends_what_still_waits() {
    without_mail(|world| {
        let theme = world.new_theme("Refunds");
        world.customer("ann@example.com").about(theme).files("Refund please");
        let story = world.story_about(theme);
        world.release_story(story);
        world.transition(story, json!({ "to": "ready", "reason": "It broke the checkout" })).unwrap();
        assert_eq!(world.closures(story)[0].state, ClosureState::Expired);
        world.clock().advance(1_000_000);
        world.go(story, "released");
        assert_eq!(world.closures(story)[1].state, ClosureState::Waiting);
    });
}

#[test]
fn merged_customers_have_one_closure_and_erased_ones_have_none() {
    without_mail(|world| {
        let theme = world.new_theme("Refunds");
        let [ann, anna, bob] = ["ann", "anna", "bob"]
            .map(|name| world.customer(&format!("{name}@example.com")).about(theme).files("Refund please").customer);
        let story = world.story_about(theme);
        world.write(move |tx| erasure::customer(tx, bob, None)).unwrap();
        world.release_story(story);
        assert_eq!(world.closures(story).len(), 2);
        world.write(move |tx| customers::merge(tx, ann, None, anna)).unwrap();
        assert_eq!(world.closure(story, ann).state, ClosureState::Waiting);
        assert_eq!(world.closure(story, anna).state, ClosureState::Expired);

        // Erasing a customer ends their open closure.
        world.write(move |tx| erasure::customer(tx, ann, None)).unwrap();
        let closure = world.closure(story, ann);
        assert_eq!((closure.state, closure.customer.name), (ClosureState::Unreachable, None));
        assert_eq!(world.stage(story), Stage::Closed);
    });
}

#[test]
fn repeated_complaints_after_a_release_count_once_each_and_enough_of_them_reopen_the_story() {
    without_mail(|world| {
        let (theme, other) = (world.new_theme("Refunds"), world.new_theme("Refunds"));
        world.customer("ann@example.com").about(theme).files("Refund please");
        let story = world.story_about(theme);
        world.release_story(story);
        let agent = world.token(Role::Support);
        let service = || Actor { kind: "service", id: None };
        let place = |text: &str, said: Option<&str>, to: Id| {
            let mut input = json!({ "text": text });
            if let Some(said) = said {
                input["occurred_at"] = json!(said);
            }
            let (id, _) = world.file_as(service(), other, input);
            let path = format!("/v1/feedback/{id}/move");
            assert_eq!(world.send("POST", &path, &agent, Some(&json!({ "theme_id": to }))).status, 200);
            id
        };
        let shown = || world.send("GET", &format!("/v1/stories/{story}"), &agent, None).json()["recurrences"].clone();
        place("An old one that came late", Some("2020-01-01T00:00:00Z"), theme);
        assert_eq!(shown(), json!(0));
        let id = place("Again", None, theme);
        assert_eq!(shown(), json!(1));
        for to in [other, theme] {
            world.send("POST", &format!("/v1/feedback/{id}/move"), &agent, Some(&json!({ "theme_id": to })));
        }
        assert_eq!(shown(), json!(1), "back and forth is once");
        place("And again", None, theme);
        assert_eq!((shown(), world.stage(story)), (json!(2), Stage::Released));
        place("And again and again", None, theme);
        assert_eq!((shown(), world.stage(story)), (json!(3), Stage::Building));
        assert_eq!(world.kinds_of(story).iter().filter(|kind| *kind == "story.recurred").count(), 3);
    });
}

#[test]
fn the_engine_notices_recurrences_too() {
    without_mail(|world| {
        let agent = world.token(Role::Support);
        let group = || {
            let mut job = hearback::jobs::themes::grouping::Grouping::new(world.store().clone(), Default::default());
            job.load().unwrap();
            job.run_until_idle().unwrap();
        };
        let said = "The refund for my cancelled order has not arrived on my card";
        let file = || {
            let filed = world.send("POST", "/v1/feedback", &agent, Some(&json!({ "text": said })));
            assert_eq!(filed.status, 201);
            filed.id()
        };
        let first = file();
        group();
        let theme = world.send("GET", &format!("/v1/feedback/{first}"), &agent, None).json()["theme"]["id"].clone();
        let story = world.story_about(theme.as_str().unwrap().parse().unwrap());
        world.release_story(story);
        file();
        // The lease of the first job ends by itself.
        world.clock().advance(20_000_000);
        group();
        let shown = world.send("GET", &format!("/v1/stories/{story}"), &agent, None).json();
        assert_eq!(shown["recurrences"], 1, "{shown}");
    });
}

#[test]
fn support_sees_what_became_of_what_a_customer_said_and_why_it_was_declined() {
    without_mail(|world| {
        let (theme, other) = (world.new_theme("Refunds"), world.new_theme("Refunds"));
        let ann = world.customer("ann@example.com").about(theme).files("Refund please").customer;
        world.customer("ann@example.com").about(other).files("A dark mode");
        let (done, declined) = (world.story_about(theme), world.story_about(other));
        world.release_story(done);
        world.transition(declined, json!({ "to": "declined", "reason": "The system setting does it." })).unwrap();
        let found = world.send("GET", &format!("/v1/customers/{ann}/stories"), &world.token(Role::Viewer), None).json();
        let of = |id: Id| found["data"].as_array().unwrap().iter().find(|o| o["story"]["id"] == json!(id)).unwrap();
        assert_eq!(
            (of(done)["stage"].as_str(), of(done)["closure_state"].as_str()),
            (Some("released"), Some("waiting"))
        );
        assert_eq!(of(declined)["stage_reason"], "The system setting does it.");
    });
}
