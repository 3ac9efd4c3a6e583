//! Feedback attached to a released or declined story tells its customers; if it is detached before the message leaves,
//! nobody is told.

use hearback::domain::stories::stage::Stage;
use hearback::domain::{
    base::{Id, Time},
    closure::{Channel, ClosureKind, ClosureState},
    team::Role,
};
use serde_json::{Value, json};

use super::bench::{Bench, with_mail, without_mail};

const MINUTE: i64 = 60 * Time::SECOND;

/// A new feedback item in another theme; returns its id and its customer's.
fn elsewhere(bench: &Bench, name: &str, text: &str) -> (Id, Id) {
    let theme = bench.theme();
    let customer = json!({ "email": format!("{name}@example.com"), "name": name });
    let said = json!({ "text": text, "origin": "zendesk", "customer": customer });
    let (id, customer) =
        bench.say_as(hearback::domain::base::Actor { kind: "service", id: Some(Id::next()) }, theme, said);
    (id, customer.unwrap())
}

fn attach(bench: &Bench, story: Id, ids: &[Id]) -> Value {
    let agent = bench.token(Role::Support, None);
    let body = json!({ "feedback_ids": ids });
    bench.call(&agent, "POST", &format!("/v1/stories/{story}/feedback"), Some(body)).json()
}

fn take_off(bench: &Bench, story: Id, id: Id) {
    let agent = bench.token(Role::Support, None);
    let taken = bench.call(&agent, "DELETE", &format!("/v1/stories/{story}/feedback/{id}"), None);
    assert_eq!(taken.status, 200, "{taken:?}");
}

#[test]
fn who_said_it_before_the_release_is_told_late_and_once() {
    with_mail(|bench| {
        let theme = bench.theme();
        let ann = bench.say(theme, "ann@example.com", "Please show the refund date");
        let story = bench.story(theme);
        let (of_bob, bob) = elsewhere(bench, "bob", "When does my refund come?");
        let (of_ann, _) = elsewhere(bench, "ann", "I said it elsewhere, too");
        let (of_eve, _) = elsewhere(bench, "eve", "I love how quickly you answer, thank you so much!");
        bench.release(story);
        let (of_carl, carl) = elsewhere(bench, "carl", "The refund date is still missing");
        bench.settings(json!({ "recall_minutes": 10 }));

        let attached = attach(bench, story, &[of_bob, of_ann, of_eve, of_carl]);
        assert_eq!((&attached["id"], &attached["feedback_count"]), (&json!(story), &json!(5)));
        let late = &attached["late"];
        assert_eq!((&late["kind"], &late["round"], &late["said_since"]), (&json!("release"), &json!(1), &json!(1)));
        assert_eq!(late["told"], json!({ "email": 1, "desk": 0, "agent": 0 }));
        let not_told = json!([{ "why": "praise", "customers": 1 }, { "why": "already_told", "customers": 1 }]);
        assert_eq!(late["not_told"], not_told);
        let told: Vec<&Value> = late["data"].as_array().unwrap().iter().filter(|who| who["told"] == true).collect();
        assert_eq!((told.len(), &told[0]["customer"]["id"], &told[0]["said_ids"]), (1, &json!(bob), &json!([of_bob])));

        let case = bench.closure(story, bob);
        assert_eq!((case.round, case.kind, case.state), (1, ClosureKind::Release, ClosureState::Waiting));
        assert_eq!((case.channel, &case.said_ids), (Channel::Email, &vec![of_bob]));
        assert_eq!(bench.round(story, 1).len(), 2, "nobody twice, and not who said it since");
        assert!(!bench.round(story, 1).iter().any(|(customer, _)| *customer == carl));
        bench.pump();
        assert_eq!(bench.mails().raw().len(), 1, "it waits as any message does");
        // The same again is nothing new.
        assert_eq!(attach(bench, story, &[of_bob])["late"]["told"]["email"], 0);
        bench.clock.advance(11 * MINUTE);
        bench.pump();
        assert_eq!(bench.mails().mails_to("ann@example.com").len(), 1);
        let mail = bench.mails().mails_to("bob@example.com").remove(0);
        assert!(mail.text.contains("> When does my refund come?"), "{}", mail.text);
        assert_eq!(bench.closure(story, bob).state, ClosureState::Told);
        assert_eq!(bench.closure(story, ann).state, ClosureState::Told);
    });
}

#[test]
fn what_is_taken_off_before_the_mail_went_tells_nobody_and_attached_again_it_tells() {
    with_mail(|bench| {
        bench.settings(json!({ "recall_minutes": 10 }));
        let theme = bench.theme();
        bench.say(theme, "ann@example.com", "Please show the refund date");
        let story = bench.story(theme);
        let (of_bob, bob) = elsewhere(bench, "bob", "When does my refund come?");
        let (more, _) = elsewhere(bench, "bob", "And when will it be on my card?");
        bench.release(story);
        attach(bench, story, &[of_bob, more]);
        take_off(bench, story, of_bob);
        assert_eq!(bench.closure(story, bob).state, ClosureState::Waiting, "he asked for something else of it");
        take_off(bench, story, more);
        let case = bench.closure(story, bob);
        assert_eq!(case.state, ClosureState::Withdrawn);
        assert_eq!(case.reason.as_deref(), Some("Their feedback was taken off the story."));
        assert!(case.said_ids.is_empty());
        let agent = bench.token(Role::Support, None);
        bench.call(&agent, "POST", &format!("/v1/closures/{}/resume", case.id), None).problem(409, "conflict");
        bench.call(&agent, "POST", &format!("/v1/stories/{story}/resume"), None);
        bench.clock.advance(11 * MINUTE);
        bench.pump();
        assert!(bench.mails().mails_to("bob@example.com").is_empty());

        assert_eq!(attach(bench, story, &[of_bob])["late"]["told"]["email"], 1);
        assert_eq!(bench.closure(story, bob).state, ClosureState::Waiting);
        bench.clock.advance(11 * MINUTE);
        bench.pump();
        assert_eq!(bench.mails().mails_to("bob@example.com").len(), 1);
        let kinds = ["closure.opened", "closure.withdrawn", "closure.resumed", "closure.told"];
        assert_eq!(bench.history(case.id), kinds);
        // Told is told: it stays what he was told for.
        take_off(bench, story, of_bob);
        assert_eq!(
            (bench.closure(story, bob).state, bench.closure(story, bob).said_ids),
            (ClosureState::Told, vec![of_bob])
        );
    });
}

#[test]
fn what_came_with_the_theme_and_is_taken_off_in_time_tells_nobody_either() {
    with_mail(|bench| {
        bench.settings(json!({ "recall_minutes": 10 }));
        let theme = bench.theme();
        bench.say(theme, "ann@example.com", "Please show the refund date");
        let said = json!({ "text": "Not this at all", "customer": { "email": "bob@example.com" } });
        let (of_bob, bob) = bench.say_as(hearback::domain::base::Actor { kind: "service", id: None }, theme, said);
        let story = bench.story(theme);
        bench.release(story);
        take_off(bench, story, of_bob);
        assert_eq!(bench.closure(story, bob.unwrap()).state, ClosureState::Withdrawn);
        bench.clock.advance(11 * MINUTE);
        bench.pump();
        assert_eq!(bench.mails().raw().len(), 1, "Ann alone");
    });
}

#[test]
fn who_is_behind_a_declined_story_late_hears_why_unless_nobody_was_to_hear() {
    with_mail(|bench| {
        let theme = bench.theme();
        bench.say(theme, "ann@example.com", "Please show the refund date");
        let (loud, quiet) = (bench.story(theme), bench.story(theme));
        bench.transition(loud, json!({ "to": "declined", "reason": "Banks do not tell us." })).unwrap();
        let silent = json!({ "to": "declined", "reason": "Internal.", "tell_customers": false });
        bench.transition(quiet, silent).unwrap();
        let (of_bob, bob) = elsewhere(bench, "bob", "When does my refund come?");
        assert_eq!(attach(bench, quiet, &[of_bob])["late"], Value::Null);
        assert!(bench.closures(quiet).is_empty());
        let late = attach(bench, loud, &[of_bob])["late"].clone();
        assert_eq!((&late["kind"], &late["told"]["email"]), (&json!("decline"), &json!(1)));
        bench.pump();
        let mail = bench.mails().mails_to("bob@example.com").remove(0);
        assert!(mail.text.contains("Banks do not tell us."), "{}", mail.text);
        assert_eq!((bench.closure(loud, bob).state, bench.stage(loud)), (ClosureState::Told, Stage::Declined));
    });
}

#[test]
fn a_declined_story_that_nobody_was_behind_tells_who_is_later() {
    with_mail(|bench| {
        let agent = bench.token(Role::Admin, None);
        let story = |title: &str| -> Id {
            let made = bench.call(&agent, "POST", "/v1/stories", Some(json!({ "title": title }))).json();
            made["id"].as_str().unwrap().parse().unwrap()
        };
        let (loud, quiet) = (story("Show a date"), story("Show a time"));
        bench.transition(loud, json!({ "to": "declined", "reason": "No." })).unwrap();
        bench.transition(quiet, json!({ "to": "declined", "reason": "No.", "tell_customers": false })).unwrap();
        let (of_bob, _) = elsewhere(bench, "bob", "When does my refund come?");
        assert_eq!(attach(bench, quiet, &[of_bob])["late"], Value::Null);
        assert_eq!(attach(bench, loud, &[of_bob])["late"]["told"]["email"], 1);
    });
}

#[test]
fn a_theme_brings_those_behind_it_and_takes_them_along_again() {
    with_mail(|bench| {
        bench.settings(json!({ "recall_minutes": 10 }));
        let (theme, other) = (bench.theme(), bench.theme());
        let ann = bench.say(theme, "ann@example.com", "Please show the refund date");
        bench.say(other, "ann@example.com", "When does the money come?");
        let bob = bench.say(other, "bob@example.com", "When does the money come?");
        let story = bench.story(theme);
        bench.release(story);
        let agent = bench.token(Role::Product, None);
        let path = format!("/v1/stories/{story}/themes");
        let brought = bench.call(&agent, "POST", &path, Some(json!({ "theme_ids": [other] }))).json();
        assert_eq!(brought["late"]["told"]["email"], 2, "Ann waits already, and is told once");
        let states = || [ann, bob].map(|who| bench.closure(story, who).state);
        assert_eq!((states(), bench.closures(story).len()), ([ClosureState::Waiting; 2], 2));
        let gone = bench.call(&agent, "DELETE", &format!("{path}/{other}"), None);
        assert_eq!(gone.status, 200, "{gone:?}");
        assert_eq!(states(), [ClosureState::Waiting, ClosureState::Withdrawn]);
    });
}

#[test]
fn a_closed_story_is_closing_while_somebody_is_told_late() {
    with_mail(|bench| {
        bench.settings(json!({ "recall_minutes": 0 }));
        let theme = bench.theme();
        bench.say(theme, "ann@example.com", "Please show the refund date");
        let story = bench.story(theme);
        let (of_bob, _) = elsewhere(bench, "bob", "When does my refund come?");
        bench.release(story);
        bench.submit(&bench.mails().mails_to("ann@example.com")[0].answer(), "answer=solved");
        assert_eq!(bench.stage(story), Stage::Closed);
        bench.settings(json!({ "recall_minutes": 10 }));
        attach(bench, story, &[of_bob]);
        assert_eq!(bench.stage(story), Stage::Closing);
        take_off(bench, story, of_bob);
        assert_eq!(bench.stage(story), Stage::Closed);
        attach(bench, story, &[of_bob]);
        bench.clock.advance(11 * MINUTE);
        bench.pump();
        assert_eq!(bench.stage(story), Stage::Closing);
        bench.submit(&bench.mails().mails_to("bob@example.com")[0].answer(), "answer=solved");
        assert_eq!(bench.stage(story), Stage::Closed);
    });
}

#[test]
fn a_released_story_whose_only_late_customer_is_taken_off_stays_released() {
    without_mail(|bench| {
        let agent = bench.token(Role::Admin, None);
        let made = bench.call(&agent, "POST", "/v1/stories", Some(json!({ "title": "Show a date" }))).json();
        let story: Id = made["id"].as_str().unwrap().parse().unwrap();
        let (of_bob, bob) = elsewhere(bench, "bob", "When does my refund come?");
        bench.go(story, "accepted");
        bench.release(story);
        attach(bench, story, &[of_bob]);
        take_off(bench, story, of_bob);
        assert_eq!((bench.stage(story), bench.closure(story, bob).state), (Stage::Released, ClosureState::Withdrawn));
    });
}

#[test]
fn enough_that_was_said_since_reopens_and_tells_nobody() {
    without_mail(|bench| {
        bench.settings(json!({ "recurrence_threshold": 1 }));
        let theme = bench.theme();
        bench.say(theme, "ann@example.com", "Please show the refund date");
        let story = bench.story(theme);
        let (of_bob, bob) = elsewhere(bench, "bob", "When does my refund come?");
        bench.release(story);
        let (of_carl, _) = elsewhere(bench, "carl", "The refund date is still missing");
        let attached = attach(bench, story, &[of_bob, of_carl]);
        assert_eq!((&attached["stage"], &attached["late"]), (&json!("building"), &Value::Null));
        assert!(!bench.closures(story).iter().any(|closure| closure.customer.id == bob));
        // The next release tells him.
        bench.release(story);
        assert!(bench.closures(story).iter().any(|closure| closure.customer.id == bob && closure.round == 2));
    });
}

#[test]
fn those_behind_a_story_that_is_merged_into_a_released_one_are_told_late_until_it_is_undone() {
    with_mail(|bench| {
        let theme = bench.theme();
        bench.say(theme, "ann@example.com", "Please show the refund date");
        let released = bench.story(theme);
        let other = bench.theme();
        let bob = bench.say(other, "bob@example.com", "When does my refund come?");
        let same = bench.story(other);
        bench.release(released);
        bench.settings(json!({ "recall_minutes": 10 }));

        bench.transition(same, json!({ "to": "duplicate", "duplicate_of": released })).unwrap();
        assert_eq!(bench.closure(released, bob).state, ClosureState::Waiting);
        let token = bench.token(Role::Product, None);
        let acts = bench.call(&token, "GET", "/v1/corrections?limit=1", None).json();
        assert_eq!(acts["data"][0]["kind"], "mark_duplicate");
        let undo = format!("/v1/corrections/{}/undo", acts["data"][0]["id"].as_str().unwrap());
        assert_eq!(bench.call(&token, "POST", &undo, None).status, 200);
        assert_eq!(bench.closure(released, bob).state, ClosureState::Withdrawn);

        bench.transition(same, json!({ "to": "duplicate", "duplicate_of": released })).unwrap();
        bench.clock.advance(11 * MINUTE);
        bench.pump();
        let mail = bench.mails().mails_to("bob@example.com").remove(0);
        assert!(mail.text.contains("> When does my refund come?"), "{}", mail.text);
        assert_eq!(bench.mails().mails_to("ann@example.com").len(), 1);
    });
}
