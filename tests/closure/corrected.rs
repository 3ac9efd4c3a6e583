//! Corrections of the customer or product of a feedback item: the right customer is told; the wrong one is not told, or
//! not asked any more.

use hearback::domain::stories::stage::Stage;
use hearback::domain::{
    base::{Actor, Id, Time, decode::decode},
    closure::ClosureState,
    feedback::{Feedback, NewFeedback},
    team::{FilingRights, NewProduct, Role},
};
use hearback::jobs::outbox::{Outcome, Sender, mail};
use hearback::store::feedback::{self, customers as stored_customers};
use hearback::usecase::{
    feedback::{customers, edits, filing},
    privacy::erasure,
    team::products,
    themes::undo,
};
use serde_json::{Value, json};

use super::bench::{Bench, with_mail, without_mail};

const MINUTE: i64 = 60 * Time::SECOND;
const SAID: &str = "Please show the refund date";

/// A feedback item of a customer in a theme, as the desk files it; returns both.
fn say(bench: &Bench, theme: Id, ticket: &str, customer: Value) -> (Id, Option<Id>) {
    let said = json!({ "text": SAID, "origin": "zendesk", "external_id": ticket, "customer": customer });
    bench.say_as(Actor { kind: "service", id: Some(Id::next()) }, theme, said)
}

fn person(name: &str) -> Value {
    json!({ "email": format!("{name}@example.com"), "name": name })
}

fn edit(bench: &Bench, id: Id, patch: Value) -> hearback::error::Result<Feedback> {
    bench.write(move |tx| edits::edit(tx, id, None, &patch))
}

fn now(bench: &Bench, id: Id) -> Feedback {
    bench.app.store.read_now(|conn| feedback::rows::get(conn, id)).unwrap()
}

fn other_product(bench: &Bench) -> Id {
    let key = format!("T{}", &Id::next().0.simple().to_string()[23..]).to_uppercase();
    let input: NewProduct = decode(json!({ "key": key, "name": "Other", "currency": "USD" })).unwrap();
    bench.write(move |tx| products::create(tx, &input)).unwrap().id
}

#[test]
fn before_anybody_was_told_the_right_person_is_and_the_wrong_one_is_not() {
    with_mail(|bench| {
        bench.settings(json!({ "recall_minutes": 10 }));
        let theme = bench.theme();
        let (id, ann) = say(bench, theme, "t1", person("ann"));
        let story = bench.story(theme);
        bench.release(story);
        let agent = bench.token(Role::Support, None);
        let path = format!("/v1/feedback/{id}");
        let edited = bench.call(&agent, "PATCH", &path, Some(json!({ "customer": person("bob") })));
        assert_eq!((edited.status, edited.header("ETag")), (200, Some("\"2\"")), "{edited:?}");
        let bob: Id = edited.json()["customer"]["id"].as_str().unwrap().parse().unwrap();
        let (wrong, right) = (bench.closure(story, ann.unwrap()), bench.closure(story, bob));
        assert_eq!((wrong.state, wrong.told_at), (ClosureState::Withdrawn, None));
        assert_eq!(wrong.reason.as_deref(), Some("What was said for the story turned out not to be theirs."));
        assert_eq!((right.state, right.round, &right.said_ids), (ClosureState::Waiting, 1, &vec![id]));
        assert!(wrong.said_ids.is_empty());
        bench.clock.advance(11 * MINUTE);
        bench.pump();
        assert!(bench.mails().mails_to("ann@example.com").is_empty());
        let mail = bench.mails().mails_to("bob@example.com").remove(0);
        assert!(mail.text.contains(SAID), "{}", mail.text);

        // Its history says who it was and is, by ids.
        let events = bench.call(&agent, "GET", &format!("/v1/events?subject={id}&kind=feedback.updated"), None).json();
        let told = &events["data"][0]["data"];
        assert_eq!(told["fields"], json!(["customer_id"]));
        assert_eq!(told["customer_id"], json!({ "from": ann, "to": bob }));
        let outcome = |who: Id| bench.call(&agent, "GET", &format!("/v1/customers/{who}/stories"), None).json();
        assert_eq!(outcome(ann.unwrap())["data"][0]["feedback_ids"], json!([]));
        assert_eq!(outcome(bob)["data"][0]["feedback_ids"], json!([id]));

        // The same again changes nothing; back again, Bob was told and is asked no more, and Ann is told.
        assert_eq!(edit(bench, id, json!({ "customer_id": bob })).unwrap().version, 2);
        edit(bench, id, json!({ "customer_id": ann })).unwrap();
        let states = [ann.unwrap(), bob].map(|who| bench.closure(story, who).state);
        assert_eq!(states, [ClosureState::Waiting, ClosureState::Withdrawn]);
        bench.clock.advance(11 * MINUTE);
        bench.pump();
        assert_eq!(bench.mails().mails_to("ann@example.com").len(), 1);
    });
}

#[test]
fn who_was_told_wrongly_keeps_the_case_as_history_and_is_not_asked_any_more() {
    with_mail(|bench| {
        let theme = bench.theme();
        let (id, ann) = say(bench, theme, "t1", person("ann"));
        let ann = ann.unwrap();
        let story = bench.story(theme);
        bench.release(story);
        let first = bench.mails().mails_to("ann@example.com").remove(0);
        let bob = edit(bench, id, json!({ "customer": person("bob") })).unwrap().customer.unwrap().id;
        let wrong = bench.closure(story, ann);
        assert_eq!((wrong.state, wrong.told_at.is_some()), (ClosureState::Withdrawn, true));
        assert_eq!(bench.open("GET", &first.answer()).send().status, 410);
        bench.pump();
        assert_eq!(bench.mails().mails_to("bob@example.com").len(), 1);
        bench.days_pass(8);
        assert_eq!(bench.mails().mails_to("ann@example.com").len(), 1, "no reminder");
        assert_eq!(bench.mails().mails_to("bob@example.com").len(), 2, "the right one is reminded");
        bench.submit(&bench.mails().mails_to("bob@example.com")[0].answer(), "answer=solved");
        assert_eq!(bench.stage(story), Stage::Closed, "nobody is waited for");

        // It was Ann after all: she was told and is asked; what Bob answered stays and says that it was not his.
        edit(bench, id, json!({ "customer_id": ann })).unwrap();
        bench.pump();
        assert_eq!(bench.mails().mails_to("ann@example.com").len(), 1, "not told twice");
        assert_eq!((bench.closure(story, ann).state, bench.closure(story, ann).reason), (ClosureState::Told, None));
        let answered = bench.closure(story, bob);
        assert_eq!(answered.state, ClosureState::Confirmed);
        assert!(answered.reason.is_some_and(|reason| reason.contains("not to be theirs")));
        assert_eq!(bench.open("GET", &first.answer()).send().status, 200);
    });
}

#[test]
fn who_asked_for_something_else_of_it_stays_and_who_was_told_is_not_told_again() {
    with_mail(|bench| {
        let theme = bench.theme();
        let (first, ann) = say(bench, theme, "t1", person("ann"));
        say(bench, theme, "t2", person("ann"));
        let (_, bob) = say(bench, theme, "t3", person("bob"));
        let story = bench.story(theme);
        bench.release(story);
        edit(bench, first, json!({ "customer_id": bob })).unwrap();
        bench.pump();
        let states = [ann, bob].map(|who| bench.closure(story, who.unwrap()).state);
        assert_eq!(states, [ClosureState::Told, ClosureState::Told]);
        assert_eq!((bench.mails().raw().len(), bench.closures(story).len()), (2, 2));

        // Praise asks for nothing, whoever said it.
        edit(bench, first, json!({ "kind": "praise" })).unwrap();
        edit(bench, first, json!({ "customer": person("eve") })).unwrap();
        assert_eq!(bench.closures(story).len(), 2);
    });
}

#[test]
fn said_by_nobody_known_it_tells_nobody_and_counts_for_nobody() {
    without_mail(|bench| {
        let theme = bench.theme();
        let (id, ann) = say(bench, theme, "t1", person("ann"));
        let story = bench.story(theme);
        bench.release(story);
        let shown = edit(bench, id, json!({ "customer_id": null })).unwrap();
        assert!(shown.customer.is_none());
        assert_eq!(bench.closure(story, ann.unwrap()).state, ClosureState::Withdrawn);
        assert_eq!(bench.stage(story), Stage::Released);
        let agent = bench.token(Role::Support, None);
        let story = bench.call(&agent, "GET", &format!("/v1/stories/{story}"), None).json();
        assert_eq!((&story["feedback_count"], &story["customer_count"]), (&json!(1), &json!(0)));
        let theme = bench.call(&agent, "GET", &format!("/v1/themes/{theme}"), None).json();
        assert_eq!(theme["customers"], 0);
        edit(bench, id, json!({ "customer": null, "title": "T" })).unwrap();
        assert!(now(bench, id).customer.is_none());
    });
}

#[test]
fn filing_it_again_does_not_take_the_correction_back() {
    without_mail(|bench| {
        let theme = bench.theme();
        let (id, _) = say(bench, theme, "t1", person("ann"));
        let (named, _) = say(bench, theme, "t2", json!({ "name": "Freya" }));
        let bob = edit(bench, id, json!({ "customer": person("bob") })).unwrap().customer.unwrap().id;
        let ida = edit(bench, named, json!({ "customer": { "name": "Ida" } })).unwrap().customer.unwrap().id;
        let nobody = say(bench, theme, "t3", json!({ "name": "Otto" })).0;
        edit(bench, nobody, json!({ "customer_id": null })).unwrap();
        let again = |ticket: &str, customer: Value, rights| {
            let input = json!({ "text": SAID, "origin": "zendesk", "external_id": ticket, "customer": customer });
            let input: NewFeedback = decode(input).unwrap();
            bench.write(move |tx| filing::file_by(tx, std::slice::from_ref(&input), rights)?.remove(0)).unwrap()
        };
        for (ticket, was) in
            [("t1", person("ann")), ("t2", json!({ "name": "Freya" })), ("t3", json!({ "name": "Otto" }))]
        {
            let filed = again(ticket, was, FilingRights::ALL);
            assert_eq!(filed.left_out, ["/customer"], "{ticket}: it says so");
        }
        assert_eq!(now(bench, id).customer.unwrap().id, bob);
        let shown = now(bench, named).customer.unwrap();
        assert_eq!((shown.id, shown.name.as_deref()), (ida, Some("Ida")), "nor is she renamed");
        assert!(now(bench, nobody).customer.is_none());
        // Where the desk is right by now too, there is nothing to say, and what is known of Bob may grow.
        let more = json!({ "email": "bob@example.com", "account": { "name": "Blue Bakery" } });
        assert!(again("t1", more, FilingRights::ALL).left_out.is_empty());
        assert_eq!(now(bench, id).customer.unwrap().account.unwrap().name, "Blue Bakery");
        // Who may not change it files it again as ever.
        let ingest = FilingRights { customers: false, feedback: false, reading: false };
        assert!(again("t1", person("ann"), ingest).left_out.is_empty());
    });
}

#[test]
fn what_is_wrong_with_a_correction_is_all_said() {
    without_mail(|bench| {
        let theme = bench.theme();
        let (id, ann) = say(bench, theme, "t1", person("ann"));
        let (_, gone) = say(bench, theme, "t2", person("gone"));
        let gone = gone.unwrap();
        bench.write(move |tx| erasure::customer(tx, gone, None)).unwrap();
        let agent = bench.token(Role::Support, None);
        let path = format!("/v1/feedback/{id}");
        let patch = |token: &str, patch: Value| bench.call(token, "PATCH", &path, Some(patch));
        let both = json!({ "customer_id": ann, "customer": person("bob") });
        patch(&agent, both).refused(&["/customer not_allowed"]);
        let wrong = json!({ "customer_id": Id::next(), "product": "NOPE" });
        patch(&agent, wrong).refused(&["/customer_id unknown", "/product unknown"]);
        patch(&agent, json!({ "customer_id": gone })).refused(&["/customer_id erased"]);
        patch(&agent, json!({ "customer": {} })).refused(&["/customer required"]);
        patch(&agent, json!({ "customer": { "email": "no address" } })).refused(&["/customer/email format"]);
        let ingest = bench.token(Role::Ingest, None);
        patch(&ingest, json!({ "customer_id": null })).problem(403, "forbidden");
        assert_eq!(now(bench, id).version, 1, "nothing was changed");

        // A developer may say who it was, and not rename them.
        say(bench, theme, "t3", json!({ "email": "bob@example.com", "name": "Bob" }));
        let developer = bench.token(Role::Developer, None);
        let named = json!({ "customer": { "email": "bob@example.com", "name": "Robert" } });
        let edited = patch(&developer, named).json();
        assert_eq!((&edited["customer"]["name"], &edited["left_out"]), (&json!("Bob"), &json!(["/customer/name"])));

        // What was erased was nobody else's, nor about something else.
        let shown = bench.call(&agent, "GET", "/v1/feedback?state=grouped", None).json();
        let erased = shown["data"].as_array().unwrap().iter().find(|f| f["customer"]["id"] == json!(gone)).unwrap();
        let path = format!("/v1/feedback/{}", erased["id"].as_str().unwrap());
        bench.call(&agent, "PATCH", &path, Some(json!({ "customer_id": ann }))).problem(409, "conflict");
    });
}

#[test]
fn the_erasure_of_either_person_is_whole() {
    with_mail(|bench| {
        let theme = bench.theme();
        let (id, ann) = say(bench, theme, "t1", person("ann"));
        let ann = ann.unwrap();
        let story = bench.story(theme);
        bench.release(story);
        let bob = edit(bench, id, json!({ "customer": person("bob") })).unwrap().customer.unwrap().id;
        bench.pump();
        bench.write(move |tx| erasure::customer(tx, ann, None)).unwrap();
        assert_eq!(now(bench, id).text, SAID, "it was not Ann who said it");
        let wrong = bench.closure(story, ann);
        assert_eq!((wrong.state, wrong.reason, wrong.customer.name), (ClosureState::Withdrawn, None, None));
        bench.write(move |tx| erasure::customer(tx, bob, None)).unwrap();
        let shown = now(bench, id);
        assert_eq!((shown.text.as_str(), shown.customer.unwrap().name), (hearback::domain::feedback::ERASED, None));
        // Sent again with the first name, it stays erased.
        let input = json!({ "text": SAID, "origin": "zendesk", "external_id": "t1", "customer": person("ann") });
        let input: NewFeedback = decode(input).unwrap();
        bench.write(move |tx| filing::file(tx, std::slice::from_ref(&input))?.remove(0).map(drop)).unwrap();
        assert!(
            bench
                .app
                .store
                .read_now(|conn| stored_customers::by_email(conn, &["ann@example.com".to_owned()]))
                .unwrap()
                .is_empty()
        );
    });
}

#[test]
fn two_names_that_turn_out_to_be_one_person_leave_one_case_that_is_told() {
    with_mail(|bench| {
        bench.settings(json!({ "recall_minutes": 10 }));
        let theme = bench.theme();
        let (id, ann) = say(bench, theme, "t1", person("ann"));
        let ann = ann.unwrap();
        let story = bench.story(theme);
        bench.release(story);
        let other = edit(bench, id, json!({ "customer": { "name": "A. N." } })).unwrap().customer.unwrap().id;
        assert_eq!(bench.closure(story, ann).state, ClosureState::Withdrawn);
        bench.write(move |tx| customers::merge(tx, ann, None, other).map(drop)).unwrap();
        assert_eq!(bench.closure(story, ann).state, ClosureState::Waiting);
        assert_eq!(now(bench, id).customer.unwrap().id, ann);
    });
}

#[test]
fn about_another_product_it_tells_nobody_of_the_first_and_undone_it_does() {
    with_mail(|bench| {
        bench.settings(json!({ "recall_minutes": 10 }));
        let theme = bench.theme();
        let (id, ann) = say(bench, theme, "t1", person("ann"));
        let (_, bob) = say(bench, theme, "t2", person("bob"));
        let story = bench.story(theme);
        bench.release(story);
        let other = other_product(bench);
        let agent = bench.token(Role::Support, None);
        let edited = bench.call(&agent, "PATCH", &format!("/v1/feedback/{id}"), Some(json!({ "product": other })));
        let shown = edited.json();
        assert_eq!(
            (&shown["product_id"], &shown["state"], &shown["theme"]),
            (&json!(other), &json!("pending"), &Value::Null)
        );
        let correction: Id = shown["correction_id"].as_str().unwrap().parse().unwrap();
        assert_eq!(edited.header("Location"), Some(format!("/v1/corrections/{correction}").as_str()));
        let states = || [ann, bob].map(|who| bench.closure(story, who.unwrap()).state);
        assert_eq!(states(), [ClosureState::Withdrawn, ClosureState::Waiting]);
        let reason = bench.closure(story, ann.unwrap()).reason.unwrap();
        assert_eq!(reason, "Their feedback turned out to be about another product.");

        bench.write(move |tx| undo::undo(tx, correction)).unwrap();
        assert_eq!(states(), [ClosureState::Waiting, ClosureState::Waiting]);
        assert_eq!(now(bench, id).theme.unwrap().id, theme);
        bench.clock.advance(11 * MINUTE);
        bench.pump();
        assert_eq!(bench.mails().mails_to("ann@example.com").len(), 1);

        // Told of it, she is asked no more; undone, she is asked, and told once.
        let back = edit(bench, id, json!({ "product": other, "customer": person("carl") })).unwrap();
        assert_eq!((back.product_id, back.customer.unwrap().name.as_deref()), (other, Some("carl")));
        assert_eq!(states(), [ClosureState::Withdrawn, ClosureState::Told]);
        assert_eq!(bench.closures(story).len(), 2, "Carl said nothing of this product");
        bench.pump();
        assert_eq!(bench.mails().raw().len(), 2);
    });
}

#[test]
fn who_was_told_although_it_was_withdrawn_is_known_to_be_told_and_asked_nothing() {
    without_mail(|bench| {
        let theme = bench.theme();
        let (id, freya) = say(bench, theme, "t1", json!({ "name": "Freya" }));
        let story = bench.story(theme);
        bench.release(story);
        edit(bench, id, json!({ "customer_id": null })).unwrap();
        let case = bench.closure(story, freya.unwrap());
        let agent = bench.token(Role::Support, None);
        let path = format!("/v1/closures/{}", case.id);
        let answer = json!({ "solved": true });
        bench.call(&agent, "POST", &format!("{path}/answer"), Some(answer)).problem(409, "conflict");
        let told = bench.call(&agent, "POST", &format!("{path}/tell"), Some(json!({ "note": "By phone" }))).json();
        assert_eq!((&told["state"], told["told_at"].is_string()), (&json!("withdrawn"), true));
        bench.call(&agent, "POST", &format!("{path}/tell"), None).problem(409, "conflict");
    });
}

#[test]
fn a_mail_that_was_sent_while_it_was_corrected_counts_as_told() {
    with_mail(|bench| {
        let theme = bench.theme();
        let (id, ann) = say(bench, theme, "t1", person("ann"));
        let story = bench.story(theme);
        bench.go(story, "ready");
        bench.go(story, "released");
        bench.fan_out();
        let sending = bench.due("mail").remove(0);
        edit(bench, id, json!({ "customer": person("bob") })).unwrap();
        let mails = mail::Mails::new(None, String::new());
        bench.record(&sending, &Outcome::Delivered { status: Some(250) }, move |tx, delivery, arrived| {
            mails.ended(tx, delivery, arrived)
        });
        let case = bench.closure(story, ann.unwrap());
        assert_eq!((case.state, case.told_at.is_some()), (ClosureState::Withdrawn, true));
        // It was hers after all: she is asked, and not told again.
        edit(bench, id, json!({ "customer_id": ann })).unwrap();
        assert_eq!(bench.closure(story, ann.unwrap()).state, ClosureState::Told);
        bench.pump();
        assert!(bench.mails().mails_to("ann@example.com").is_empty(), "no second mail");
    });
}
