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

use super::bench::without_mail;

#[test]
fn without_a_mail_server_an_agent_tells_everyone() {
    without_mail(|bench| {
        let theme = bench.theme();
        let (jin, owner) = (bench.member("jin@example.com"), bench.member("owner@example.com"));
        let filed = json!({ "text": "Where is my refund?", "customer": { "email": "ann@example.com" } });
        let ann = bench.say_as(Actor { kind: "member", id: Some(jin) }, theme, filed).1.unwrap();
        let bob = bench.say(theme, "bob@example.com", "Refund please");
        let nobody = json!({ "text": "Refunds are slow" });
        bench.say_as(Actor { kind: "service", id: None }, theme, nobody);
        let story = bench.story(theme);
        bench.call(
            &bench.token(Role::Admin, None),
            "PATCH",
            &format!("/v1/stories/{story}"),
            Some(json!({ "owner_id": owner })),
        );
        bench.release(story);

        let of = |customer| bench.closure(story, customer);
        assert_eq!(bench.closures(story).len(), 2, "an item without a customer asks for nobody");
        for (customer, assignee) in [(ann, jin), (bob, owner)] {
            let closure = of(customer);
            assert_eq!((closure.state, closure.channel), (ClosureState::Waiting, Channel::Agent));
            assert_eq!((closure.assignee_id, closure.said_ids.len()), (Some(assignee), 1));
        }
        let token = bench.token(Role::Support, Some(jin));
        let todo = bench.call(&token, "GET", "/v1/closures?state=waiting&channel=agent&assignee=me", None).json();
        assert_eq!(todo["data"].as_array().unwrap().len(), 1);
        assert_eq!(todo["data"][0]["customer"]["id"], json!(ann));
        bench
            .call(&bench.token(Role::Support, None), "GET", "/v1/closures?assignee=me", None)
            .refused(&["/assignee not_a_member"]);

        // Told, and answered, over the API.
        let path = format!("/v1/closures/{}", of(ann).id);
        let told = bench.call(&token, "POST", &format!("{path}/tell"), None);
        assert_eq!((told.status, told.json()["state"].as_str()), (200, Some("told")));
        assert_eq!(told.header("ETag"), Some(format!("\"{}\"", told.json()["version"]).as_str()));
        assert_eq!(bench.stage(story), Stage::Closing);
        bench.call(&token, "POST", &format!("{path}/tell"), None).problem(409, "conflict");
        bench
            .call(&token, "POST", &format!("{path}/answer"), Some(json!({ "solved": false })))
            .refused(&["/because required"]);
        let answered = bench.call(&token, "POST", &format!("{path}/answer"), Some(json!({ "solved": true })));
        assert_eq!(answered.json()["state"], "confirmed");
        let other = format!("/v1/closures/{}", of(bob).id);
        let moved = bench.call(&token, "POST", &format!("{other}/assign"), Some(json!({ "member_id": jin })));
        assert_eq!(moved.json()["assignee_id"], json!(jin));
        bench
            .call(&token, "POST", &format!("{other}/assign"), Some(json!({ "member_id": Id::next() })))
            .refused(&["/member_id unknown"]);

        let refused = bench.transition(story, json!({ "to": "closed" })).unwrap_err();
        assert!(refused.code == Code::StageRefused && refused.detail.contains("1 waiting"), "{refused}");
        let gone = bench.call(&token, "POST", &format!("{other}/unreachable"), Some(json!({ "reason": "Left." })));
        assert_eq!(
            (gone.json()["state"].as_str(), gone.json()["reason"].as_str()),
            (Some("unreachable"), Some("Left."))
        );
        assert_eq!(bench.stage(story), Stage::Closed, "by itself, with the last case");
        assert_eq!(
            bench.history(of(ann).id),
            ["closure.opened", "closure.assigned", "closure.told", "closure.confirmed"]
        );

        // Who could not be reached may be after all.
        let told = bench.call(&token, "POST", &format!("{other}/answer"), Some(json!({ "solved": true })));
        assert_eq!(told.json()["state"], "confirmed");
    });
}

#[test]
fn closing_early_says_why_somebody_was_not_told() {
    without_mail(|bench| {
        let theme = bench.theme();
        let ann = bench.say(theme, "ann@example.com", "Refund please");
        let story = bench.story(theme);
        bench.release(story);
        bench.go(story, "closing");
        bench.transition(story, json!({ "to": "closed", "unreachable_reason": "The account was closed." })).unwrap();
        let closure = bench.closure(story, ann);
        assert_eq!(closure.state, ClosureState::Unreachable);
        assert_eq!(closure.reason.as_deref(), Some("The account was closed."));
        let waiting = bench.app.store.read_now(|conn| rounds::waiting(conn, story)).unwrap();
        assert_eq!((waiting, bench.stage(story)), (0, Stage::Closed));
    });
}

#[test]
fn the_second_round_asks_only_who_has_not_confirmed_or_asks_again() {
    without_mail(|bench| {
        let theme = bench.theme();
        let [ann, bob, cid, dan] =
            ["ann", "bob", "cid", "dan"].map(|name| bench.say(theme, &format!("{name}@example.com"), "Refund please"));
        let story = bench.story(theme);
        bench.release(story);
        let agent = bench.token(Role::Support, None);
        let answer = |customer, body| {
            let path = format!("/v1/closures/{}/answer", bench.closure(story, customer).id);
            assert_eq!(bench.call(&agent, "POST", &path, Some(body)).status, 200);
        };
        answer(ann, json!({ "solved": true }));
        answer(dan, json!({ "solved": true }));
        bench.clock.advance(1_000_000);
        bench.say(theme, "dan@example.com", "Now the refund is late again");
        answer(bob, json!({ "solved": false, "because": "Still two weeks by bank transfer" }));
        assert_eq!(bench.stage(story), Stage::Building, "one is enough by default");
        assert_eq!(bench.closure(story, cid).state, ClosureState::Waiting);

        let reopened = bench.closure(story, bob);
        let path = format!("/v1/feedback/{}", reopened.feedback_id.expect("new feedback"));
        let said = bench.call(&agent, "GET", &path, None).json();
        assert_eq!(said["text"], "Still two weeks by bank transfer");
        assert_eq!((said["customer"]["id"].clone(), said["theme"]["id"].clone()), (json!(bob), json!(theme)));
        assert_eq!((said["source"].as_str(), said["origin"].as_str()), (Some("survey"), Some("hearback")));
        assert_eq!(said["theme"]["pinned"], true);

        bench.release(story);
        assert_eq!(bench.closure(story, cid).round, 2);
        let first = bench.round(story, 1);
        assert!(first.contains(&(cid, "expired".to_owned())), "{first:?}");
        let mut asked: Vec<Id> = bench.round(story, 2).into_iter().map(|(customer, _)| customer).collect();
        asked.sort();
        let mut expected = vec![bob, cid, dan];
        expected.sort();
        assert_eq!(asked, expected);
    });
}

#[test]
fn a_release_taken_back_ends_what_still_waits() {
    without_mail(|bench| {
        let theme = bench.theme();
        bench.say(theme, "ann@example.com", "Refund please");
        let story = bench.story(theme);
        bench.release(story);
        bench.transition(story, json!({ "to": "ready", "reason": "It broke the checkout" })).unwrap();
        assert_eq!(bench.closures(story)[0].state, ClosureState::Expired);
        bench.clock.advance(1_000_000);
        bench.go(story, "released");
        assert_eq!(bench.closures(story)[1].state, ClosureState::Waiting);
    });
}

#[test]
fn merged_customers_are_one_and_erased_ones_are_nobody() {
    without_mail(|bench| {
        let theme = bench.theme();
        let [ann, anna, bob] =
            ["ann", "anna", "bob"].map(|name| bench.say(theme, &format!("{name}@example.com"), "Refund please"));
        let story = bench.story(theme);
        bench.write(move |tx| erasure::customer(tx, bob, None)).unwrap();
        bench.release(story);
        assert_eq!(bench.closures(story).len(), 2);
        bench.write(move |tx| customers::merge(tx, ann, None, anna)).unwrap();
        assert_eq!(bench.closure(story, ann).state, ClosureState::Waiting);
        assert_eq!(bench.closure(story, anna).state, ClosureState::Expired);

        // Erased while they wait: nobody waits for them.
        bench.write(move |tx| erasure::customer(tx, ann, None)).unwrap();
        let closure = bench.closure(story, ann);
        assert_eq!((closure.state, closure.customer.name), (ClosureState::Unreachable, None));
        assert_eq!(bench.stage(story), Stage::Closed);
    });
}

#[test]
fn who_says_it_again_after_the_release_is_counted_once_and_enough_of_it_reopens() {
    without_mail(|bench| {
        let (theme, other) = (bench.theme(), bench.theme());
        bench.say(theme, "ann@example.com", "Refund please");
        let story = bench.story(theme);
        bench.release(story);
        let agent = bench.token(Role::Support, None);
        let service = || Actor { kind: "service", id: None };
        let place = |text: &str, said: Option<&str>, to: Id| {
            let mut input = json!({ "text": text });
            if let Some(said) = said {
                input["occurred_at"] = json!(said);
            }
            let (id, _) = bench.say_as(service(), other, input);
            let path = format!("/v1/feedback/{id}/move");
            assert_eq!(bench.call(&agent, "POST", &path, Some(json!({ "theme_id": to }))).status, 200);
            id
        };
        let shown = || bench.call(&agent, "GET", &format!("/v1/stories/{story}"), None).json()["recurrences"].clone();
        place("An old one that came late", Some("2020-01-01T00:00:00Z"), theme);
        assert_eq!(shown(), json!(0));
        let id = place("Again", None, theme);
        assert_eq!(shown(), json!(1));
        for to in [other, theme] {
            bench.call(&agent, "POST", &format!("/v1/feedback/{id}/move"), Some(json!({ "theme_id": to })));
        }
        assert_eq!(shown(), json!(1), "back and forth is once");
        place("And again", None, theme);
        assert_eq!((shown(), bench.stage(story)), (json!(2), Stage::Released));
        place("And again and again", None, theme);
        assert_eq!((shown(), bench.stage(story)), (json!(3), Stage::Building));
        assert_eq!(bench.history(story).iter().filter(|kind| *kind == "story.recurred").count(), 3);
    });
}

#[test]
fn the_engine_notices_recurrences_too() {
    without_mail(|bench| {
        let agent = bench.token(Role::Support, None);
        let group = || {
            let mut job = hearback::jobs::themes::grouping::Grouping::new(bench.app.store.clone(), Default::default());
            job.load().unwrap();
            job.run_until_idle().unwrap();
        };
        let said = "The refund for my cancelled order has not arrived on my card";
        let file = || {
            let filed = bench.call(&agent, "POST", "/v1/feedback", Some(json!({ "text": said })));
            assert_eq!(filed.status, 201);
            filed.id()
        };
        let first = file();
        group();
        let theme = bench.call(&agent, "GET", &format!("/v1/feedback/{first}"), None).json()["theme"]["id"].clone();
        let story = bench.story(theme.as_str().unwrap().parse().unwrap());
        bench.release(story);
        file();
        // The lease of the first job ends by itself.
        bench.clock.advance(20_000_000);
        group();
        let shown = bench.call(&agent, "GET", &format!("/v1/stories/{story}"), None).json();
        assert_eq!(shown["recurrences"], 1, "{shown}");
    });
}

#[test]
fn support_sees_what_became_of_what_a_customer_said_and_why_it_was_declined() {
    without_mail(|bench| {
        let (theme, other) = (bench.theme(), bench.theme());
        let ann = bench.say(theme, "ann@example.com", "Refund please");
        bench.say(other, "ann@example.com", "A dark mode");
        let (done, declined) = (bench.story(theme), bench.story(other));
        bench.release(done);
        bench.transition(declined, json!({ "to": "declined", "reason": "The system setting does it." })).unwrap();
        let found =
            bench.call(&bench.token(Role::Viewer, None), "GET", &format!("/v1/customers/{ann}/stories"), None).json();
        let of = |id: Id| found["data"].as_array().unwrap().iter().find(|o| o["story"]["id"] == json!(id)).unwrap();
        assert_eq!(
            (of(done)["stage"].as_str(), of(done)["closure_state"].as_str()),
            (Some("released"), Some("waiting"))
        );
        assert_eq!(of(declined)["stage_reason"], "The system setting does it.");
    });
}
