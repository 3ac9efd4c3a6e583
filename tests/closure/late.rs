//! Feedback attached to a released or declined story tells its customers; if it is detached before the message leaves,
//! nobody is told.

use hearback::domain::stories::stage::Stage;
use hearback::domain::{
    base::{Id, Time},
    closure::{Channel, ClosureKind, ClosureState},
    team::Role,
};
use serde_json::{Value, json};

use super::{with_mail, without_mail};
use crate::support::World;

const MINUTE: i64 = 60 * Time::SECOND;

/// A new feedback item in another theme; returns its id and its customer's.
fn elsewhere(world: &World, name: &str, text: &str) -> (Id, Id) {
    let theme = world.new_theme("Refunds");
    let customer = json!({ "email": format!("{name}@example.com"), "name": name });
    let said = json!({ "text": text, "origin": "zendesk", "customer": customer });
    let (id, customer) =
        world.file_as(hearback::domain::base::Actor { kind: "service", id: Some(Id::next()) }, theme, said);
    (id, customer.unwrap())
}

fn attach(world: &World, story: Id, ids: &[Id]) -> Value {
    let agent = world.token(Role::Support);
    let body = json!({ "feedback_ids": ids });
    world.send("POST", &format!("/v1/stories/{story}/feedback"), &agent, Some(&body)).json()
}

fn take_off(world: &World, story: Id, id: Id) {
    let agent = world.token(Role::Support);
    let taken = world.send("DELETE", &format!("/v1/stories/{story}/feedback/{id}"), &agent, None);
    assert_eq!(taken.status, 200, "{taken:?}");
}

#[test]
fn feedback_from_before_the_release_that_is_attached_later_tells_its_customer_once() {
    with_mail(|world| {
        let theme = world.new_theme("Refunds");
        let ann = world.customer("ann@example.com").about(theme).files("Please show the refund date").customer;
        let story = world.story_about(theme);
        let (of_bob, bob) = elsewhere(world, "bob", "When does my refund come?");
        let (of_ann, _) = elsewhere(world, "ann", "I said it elsewhere, too");
        let (of_eve, _) = elsewhere(world, "eve", "I love how quickly you answer, thank you so much!");
        world.release_story(story);
        let (of_carl, carl) = elsewhere(world, "carl", "The refund date is still missing");
        world.settings(json!({ "recall_minutes": 10 }));

        let attached = attach(world, story, &[of_bob, of_ann, of_eve, of_carl]);
        assert_eq!((&attached["id"], &attached["feedback_count"]), (&json!(story), &json!(5)));
        let late = &attached["late"];
        assert_eq!((&late["kind"], &late["round"], &late["said_since"]), (&json!("release"), &json!(1), &json!(1)));
        assert_eq!(late["told"], json!({ "email": 1, "desk": 0, "agent": 0 }));
        let not_told = json!([{ "why": "praise", "customers": 1 }, { "why": "already_told", "customers": 1 }]);
        assert_eq!(late["not_told"], not_told);
        let told: Vec<&Value> = late["data"].as_array().unwrap().iter().filter(|who| who["told"] == true).collect();
        assert_eq!((told.len(), &told[0]["customer"]["id"], &told[0]["said_ids"]), (1, &json!(bob), &json!([of_bob])));

        let case = world.closure(story, bob);
        assert_eq!((case.round, case.kind, case.state), (1, ClosureKind::Release, ClosureState::Waiting));
        assert_eq!((case.channel, &case.said_ids), (Channel::Email, &vec![of_bob]));
        assert_eq!(world.round(story, 1).len(), 2, "nobody twice, and not who said it since");
        assert!(!world.round(story, 1).iter().any(|(customer, _)| *customer == carl));
        world.pump();
        assert_eq!(world.mails().raw().len(), 1, "it waits as any message does");
        // Repeating it changes nothing.
        assert_eq!(attach(world, story, &[of_bob])["late"]["told"]["email"], 0);
        world.clock().advance(11 * MINUTE);
        world.pump();
        assert_eq!(world.mails().mails_to("ann@example.com").len(), 1);
        let mail = world.mails().mails_to("bob@example.com").remove(0);
        assert!(mail.text.contains("> When does my refund come?"), "{}", mail.text);
        assert_eq!(world.closure(story, bob).state, ClosureState::Told);
        assert_eq!(world.closure(story, ann).state, ClosureState::Told);
    });
}

#[test]
fn feedback_detached_before_the_mail_left_tells_nobody_until_it_is_attached_again() {
    with_mail(|world| {
        world.settings(json!({ "recall_minutes": 10 }));
        let theme = world.new_theme("Refunds");
        world.customer("ann@example.com").about(theme).files("Please show the refund date");
        let story = world.story_about(theme);
        let (of_bob, bob) = elsewhere(world, "bob", "When does my refund come?");
        let (more, _) = elsewhere(world, "bob", "And when will it be on my card?");
        world.release_story(story);
        attach(world, story, &[of_bob, more]);
        take_off(world, story, of_bob);
        assert_eq!(world.closure(story, bob).state, ClosureState::Waiting, "he asked for something else of it");
        take_off(world, story, more);
        let case = world.closure(story, bob);
        assert_eq!(case.state, ClosureState::Withdrawn);
        assert_eq!(case.reason.as_deref(), Some("Their feedback was taken off the story."));
        assert!(case.said_ids.is_empty());
        let agent = world.token(Role::Support);
        world
            .send("POST", &format!("/v1/closures/{}/resume", case.id), &agent, Some(&json!({})))
            .problem(409, "conflict");
        world.send("POST", &format!("/v1/stories/{story}/resume"), &agent, Some(&json!({})));
        world.clock().advance(11 * MINUTE);
        world.pump();
        assert!(world.mails().mails_to("bob@example.com").is_empty());

        assert_eq!(attach(world, story, &[of_bob])["late"]["told"]["email"], 1);
        assert_eq!(world.closure(story, bob).state, ClosureState::Waiting);
        world.clock().advance(11 * MINUTE);
        world.pump();
        assert_eq!(world.mails().mails_to("bob@example.com").len(), 1);
        let kinds = ["closure.opened", "closure.withdrawn", "closure.resumed", "closure.told"];
        assert_eq!(world.kinds_of(case.id), kinds);
        // After he was told, the closure keeps the feedback that he was told about.
        take_off(world, story, of_bob);
        assert_eq!(
            (world.closure(story, bob).state, world.closure(story, bob).said_ids),
            (ClosureState::Told, vec![of_bob])
        );
    });
}

#[test]
fn feedback_of_the_theme_that_is_detached_in_time_tells_nobody() {
    with_mail(|world| {
        world.settings(json!({ "recall_minutes": 10 }));
        let theme = world.new_theme("Refunds");
        world.customer("ann@example.com").about(theme).files("Please show the refund date");
        let said = json!({ "text": "Not this at all", "customer": { "email": "bob@example.com" } });
        let (of_bob, bob) = world.file_as(hearback::domain::base::Actor { kind: "service", id: None }, theme, said);
        let story = world.story_about(theme);
        world.release_story(story);
        take_off(world, story, of_bob);
        assert_eq!(world.closure(story, bob.unwrap()).state, ClosureState::Withdrawn);
        world.clock().advance(11 * MINUTE);
        world.pump();
        assert_eq!(world.mails().raw().len(), 1, "Ann alone");
    });
}

#[test]
fn feedback_attached_to_a_declined_story_tells_its_customer_why_unless_customers_were_not_to_be_told() {
    with_mail(|world| {
        let theme = world.new_theme("Refunds");
        world.customer("ann@example.com").about(theme).files("Please show the refund date");
        let (loud, quiet) = (world.story_about(theme), world.story_about(theme));
        world.transition(loud, json!({ "to": "declined", "reason": "Banks do not tell us." })).unwrap();
        let silent = json!({ "to": "declined", "reason": "Internal.", "tell_customers": false });
        world.transition(quiet, silent).unwrap();
        let (of_bob, bob) = elsewhere(world, "bob", "When does my refund come?");
        assert_eq!(attach(world, quiet, &[of_bob])["late"], Value::Null);
        assert!(world.closures(quiet).is_empty());
        let late = attach(world, loud, &[of_bob])["late"].clone();
        assert_eq!((&late["kind"], &late["told"]["email"]), (&json!("decline"), &json!(1)));
        world.pump();
        let mail = world.mails().mails_to("bob@example.com").remove(0);
        assert!(mail.text.contains("Banks do not tell us."), "{}", mail.text);
        assert_eq!((world.closure(loud, bob).state, world.stage(loud)), (ClosureState::Told, Stage::Declined));
    });
}

#[test]
fn a_story_declined_without_feedback_tells_customers_whose_feedback_is_attached_later() {
    with_mail(|world| {
        let agent = world.token(Role::Admin);
        let story = |title: &str| -> Id {
            let made = world.send("POST", "/v1/stories", &agent, Some(&json!({ "title": title }))).json();
            made["id"].as_str().unwrap().parse().unwrap()
        };
        let (loud, quiet) = (story("Show a date"), story("Show a time"));
        world.transition(loud, json!({ "to": "declined", "reason": "No." })).unwrap();
        world.transition(quiet, json!({ "to": "declined", "reason": "No.", "tell_customers": false })).unwrap();
        let (of_bob, _) = elsewhere(world, "bob", "When does my refund come?");
        assert_eq!(attach(world, quiet, &[of_bob])["late"], Value::Null);
        assert_eq!(attach(world, loud, &[of_bob])["late"]["told"]["email"], 1);
    });
}

#[test]
fn attaching_a_theme_tells_its_customers_and_detaching_it_withdraws_their_closures() {
    with_mail(|world| {
        world.settings(json!({ "recall_minutes": 10 }));
        let (theme, other) = (world.new_theme("Refunds"), world.new_theme("Refunds"));
        let ann = world.customer("ann@example.com").about(theme).files("Please show the refund date").customer;
        world.customer("ann@example.com").about(other).files("When does the money come?");
        let bob = world.customer("bob@example.com").about(other).files("When does the money come?").customer;
        let story = world.story_about(theme);
        world.release_story(story);
        let agent = world.token(Role::Product);
        let path = format!("/v1/stories/{story}/themes");
        let brought = world.send("POST", &path, &agent, Some(&json!({ "theme_ids": [other] }))).json();
        assert_eq!(brought["late"]["told"]["email"], 2, "Ann waits already, and is told once");
        let states = || [ann, bob].map(|who| world.closure(story, who).state);
        assert_eq!((states(), world.closures(story).len()), ([ClosureState::Waiting; 2], 2));
        let gone = world.send("DELETE", &format!("{path}/{other}"), &agent, None);
        assert_eq!(gone.status, 200, "{gone:?}");
        assert_eq!(states(), [ClosureState::Waiting, ClosureState::Withdrawn]);
    });
}

#[test]
fn a_closed_story_is_closing_while_somebody_is_told_late() {
    with_mail(|world| {
        world.settings(json!({ "recall_minutes": 0 }));
        let theme = world.new_theme("Refunds");
        world.customer("ann@example.com").about(theme).files("Please show the refund date");
        let story = world.story_about(theme);
        let (of_bob, _) = elsewhere(world, "bob", "When does my refund come?");
        world.release_story(story);
        world.submit(&world.mails().mails_to("ann@example.com")[0].answer(), "answer=solved");
        assert_eq!(world.stage(story), Stage::Closed);
        world.settings(json!({ "recall_minutes": 10 }));
        attach(world, story, &[of_bob]);
        assert_eq!(world.stage(story), Stage::Closing);
        take_off(world, story, of_bob);
        assert_eq!(world.stage(story), Stage::Closed);
        attach(world, story, &[of_bob]);
        world.clock().advance(11 * MINUTE);
        world.pump();
        assert_eq!(world.stage(story), Stage::Closing);
        world.submit(&world.mails().mails_to("bob@example.com")[0].answer(), "answer=solved");
        assert_eq!(world.stage(story), Stage::Closed);
    });
}

#[test]
fn a_released_story_whose_only_late_customer_is_taken_off_stays_released() {
    without_mail(|world| {
        let agent = world.token(Role::Admin);
        let made = world.send("POST", "/v1/stories", &agent, Some(&json!({ "title": "Show a date" }))).json();
        let story: Id = made["id"].as_str().unwrap().parse().unwrap();
        let (of_bob, bob) = elsewhere(world, "bob", "When does my refund come?");
        world.go(story, "accepted");
        world.release_story(story);
        attach(world, story, &[of_bob]);
        take_off(world, story, of_bob);
        assert_eq!((world.stage(story), world.closure(story, bob).state), (Stage::Released, ClosureState::Withdrawn));
    });
}

#[test]
fn feedback_from_after_the_release_reopens_the_story_and_tells_nobody() {
    without_mail(|world| {
        world.settings(json!({ "recurrence_threshold": 1 }));
        let theme = world.new_theme("Refunds");
        world.customer("ann@example.com").about(theme).files("Please show the refund date");
        let story = world.story_about(theme);
        let (of_bob, bob) = elsewhere(world, "bob", "When does my refund come?");
        world.release_story(story);
        let (of_carl, _) = elsewhere(world, "carl", "The refund date is still missing");
        let attached = attach(world, story, &[of_bob, of_carl]);
        assert_eq!((&attached["stage"], &attached["late"]), (&json!("building"), &Value::Null));
        assert!(!world.closures(story).iter().any(|closure| closure.customer.id == bob));
        // The next release tells him.
        world.release_story(story);
        assert!(world.closures(story).iter().any(|closure| closure.customer.id == bob && closure.round == 2));
    });
}

#[test]
fn customers_of_a_story_merged_into_a_released_one_are_told_late_until_the_merge_is_undone() {
    with_mail(|world| {
        let theme = world.new_theme("Refunds");
        world.customer("ann@example.com").about(theme).files("Please show the refund date");
        let released = world.story_about(theme);
        let other = world.new_theme("Refunds");
        let bob = world.customer("bob@example.com").about(other).files("When does my refund come?").customer;
        let same = world.story_about(other);
        world.release_story(released);
        world.settings(json!({ "recall_minutes": 10 }));

        world.transition(same, json!({ "to": "duplicate", "duplicate_of": released })).unwrap();
        assert_eq!(world.closure(released, bob).state, ClosureState::Waiting);
        let token = world.token(Role::Product);
        let acts = world.send("GET", "/v1/corrections?limit=1", &token, None).json();
        assert_eq!(acts["data"][0]["kind"], "mark_duplicate");
        let undo = format!("/v1/corrections/{}/undo", acts["data"][0]["id"].as_str().unwrap());
        assert_eq!(world.send("POST", &undo, &token, Some(&json!({}))).status, 200);
        assert_eq!(world.closure(released, bob).state, ClosureState::Withdrawn);

        world.transition(same, json!({ "to": "duplicate", "duplicate_of": released })).unwrap();
        world.clock().advance(11 * MINUTE);
        world.pump();
        let mail = world.mails().mails_to("bob@example.com").remove(0);
        assert!(mail.text.contains("> When does my refund come?"), "{}", mail.text);
        assert_eq!(world.mails().mails_to("ann@example.com").len(), 1);
    });
}
