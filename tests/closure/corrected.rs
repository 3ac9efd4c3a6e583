//! Corrections of the customer or product of a feedback item: the right customer is told; the wrong one is not told, or
//! not asked any more.

use hearback::domain::stories::stage::Stage;
use hearback::domain::{
    base::{Actor, Id, Time, decode::decode},
    closure::ClosureState,
    feedback::{Feedback, NewFeedback},
    team::{FilingRights, NewProduct, Role},
};
use hearback::jobs::outbox::{AttemptOutcome, Sender, mail};
use hearback::store::feedback::{self, customers as stored_customers};
use hearback::usecase::{
    feedback::{customers, edits, filing},
    privacy::erasure,
    team::products,
    themes::undo,
};
use serde_json::{Value, json};

use super::{with_mail, without_mail};
use crate::support::World;

const MINUTE: i64 = 60 * Time::SECOND;
const SAID: &str = "Please show the refund date";

/// A feedback item of a customer in a theme, as the desk files it; returns both.
fn say(world: &World, theme: Id, ticket: &str, customer: Value) -> (Id, Option<Id>) {
    let said = json!({ "text": SAID, "origin": "zendesk", "external_id": ticket, "customer": customer });
    world.file_as(Actor { kind: "service", id: Some(Id::next()) }, theme, said)
}

fn person(name: &str) -> Value {
    json!({ "email": format!("{name}@example.com"), "name": name })
}

fn edit(world: &World, id: Id, patch: Value) -> hearback::error::Result<Feedback> {
    world.write(move |tx| edits::edit(tx, id, None, &patch))
}

fn now(world: &World, id: Id) -> Feedback {
    world.store().read_now(|conn| feedback::rows::get(conn, id)).unwrap()
}

fn other_product(world: &World) -> Id {
    let key = format!("T{}", &Id::next().0.simple().to_string()[23..]).to_uppercase();
    let input: NewProduct = decode(json!({ "key": key, "name": "Other", "currency": "USD" })).unwrap();
    world.write(move |tx| products::create(tx, &input)).unwrap().id
}

#[test]
fn a_customer_corrected_before_the_message_left_is_told_in_place_of_the_wrong_one() {
    with_mail(|world| {
        world.settings(json!({ "recall_minutes": 10 }));
        let theme = world.new_theme("Refunds");
        let (id, ann) = say(world, theme, "t1", person("ann"));
        let story = world.story_about(theme);
        world.release_story(story);
        let agent = world.token(Role::Support);
        let path = format!("/v1/feedback/{id}");
        let edited = world.send("PATCH", &path, &agent, Some(&json!({ "customer": person("bob") })));
        assert_eq!((edited.status, edited.header("ETag")), (200, Some("\"2\"")), "{edited:?}");
        let bob: Id = edited.json()["customer"]["id"].as_str().unwrap().parse().unwrap();
        let (wrong, right) = (world.closure(story, ann.unwrap()), world.closure(story, bob));
        assert_eq!((wrong.state, wrong.told_at), (ClosureState::Withdrawn, None));
        assert_eq!(wrong.reason.as_deref(), Some("What was said for the story turned out not to be theirs."));
        assert_eq!((right.state, right.round, &right.said_ids), (ClosureState::Waiting, 1, &vec![id]));
        assert!(wrong.said_ids.is_empty());
        world.clock().advance(11 * MINUTE);
        world.pump();
        assert!(world.mails().mails_to("ann@example.com").is_empty());
        let mail = world.mails().mails_to("bob@example.com").remove(0);
        assert!(mail.text.contains(SAID), "{}", mail.text);

        // The history names the former and the present customer by their ids.
        let events = world.send("GET", &format!("/v1/events?subject={id}&kind=feedback.updated"), &agent, None).json();
        let told = &events["data"][0]["data"];
        assert_eq!(told["fields"], json!(["customer_id"]));
        assert_eq!(told["customer_id"], json!({ "from": ann, "to": bob }));
        let outcome = |who: Id| world.send("GET", &format!("/v1/customers/{who}/stories"), &agent, None).json();
        assert_eq!(outcome(ann.unwrap())["data"][0]["feedback_ids"], json!([]));
        assert_eq!(outcome(bob)["data"][0]["feedback_ids"], json!([id]));

        // The same correction again changes nothing. After the correction back to Ann, Bob was told and is asked no
        // more; Ann is told.
        assert_eq!(edit(world, id, json!({ "customer_id": bob })).unwrap().version, 2);
        edit(world, id, json!({ "customer_id": ann })).unwrap();
        let states = [ann.unwrap(), bob].map(|who| world.closure(story, who).state);
        assert_eq!(states, [ClosureState::Waiting, ClosureState::Withdrawn]);
        world.clock().advance(11 * MINUTE);
        world.pump();
        assert_eq!(world.mails().mails_to("ann@example.com").len(), 1);
    });
}

#[test]
fn a_customer_who_was_told_by_mistake_keeps_the_closure_but_is_asked_nothing_more() {
    with_mail(|world| {
        let theme = world.new_theme("Refunds");
        let (id, ann) = say(world, theme, "t1", person("ann"));
        let ann = ann.unwrap();
        let story = world.story_about(theme);
        world.release_story(story);
        let first = world.mails().mails_to("ann@example.com").remove(0);
        let bob = edit(world, id, json!({ "customer": person("bob") })).unwrap().customer.unwrap().id;
        let wrong = world.closure(story, ann);
        assert_eq!((wrong.state, wrong.told_at.is_some()), (ClosureState::Withdrawn, true));
        assert_eq!(world.open("GET", &first.answer()).send().status, 410);
        world.pump();
        assert_eq!(world.mails().mails_to("bob@example.com").len(), 1);
        world.days_pass(8);
        assert_eq!(world.mails().mails_to("ann@example.com").len(), 1, "no reminder");
        assert_eq!(world.mails().mails_to("bob@example.com").len(), 2, "the right one is reminded");
        world.submit(&world.mails().mails_to("bob@example.com")[0].answer(), "answer=solved");
        assert_eq!(world.stage(story), Stage::Closed, "nobody is waited for");

        // Corrected back to Ann: she was told before, and is asked again. Bob's answer stays, with a note that the
        // feedback was not his.
        edit(world, id, json!({ "customer_id": ann })).unwrap();
        world.pump();
        assert_eq!(world.mails().mails_to("ann@example.com").len(), 1, "not told twice");
        assert_eq!((world.closure(story, ann).state, world.closure(story, ann).reason), (ClosureState::Told, None));
        let answered = world.closure(story, bob);
        assert_eq!(answered.state, ClosureState::Confirmed);
        assert!(answered.reason.is_some_and(|reason| reason.contains("not to be theirs")));
        assert_eq!(world.open("GET", &first.answer()).send().status, 200);
    });
}

#[test]
fn moving_one_item_to_another_customer_keeps_the_closures_of_both_and_tells_nobody_twice() {
    with_mail(|world| {
        let theme = world.new_theme("Refunds");
        let (first, ann) = say(world, theme, "t1", person("ann"));
        say(world, theme, "t2", person("ann"));
        let (_, bob) = say(world, theme, "t3", person("bob"));
        let story = world.story_about(theme);
        world.release_story(story);
        edit(world, first, json!({ "customer_id": bob })).unwrap();
        world.pump();
        let states = [ann, bob].map(|who| world.closure(story, who.unwrap()).state);
        assert_eq!(states, [ClosureState::Told, ClosureState::Told]);
        assert_eq!((world.mails().raw().len(), world.closures(story).len()), (2, 2));

        // Feedback of the kind praise opens no closure, whichever customer it belongs to.
        edit(world, first, json!({ "kind": "praise" })).unwrap();
        edit(world, first, json!({ "customer": person("eve") })).unwrap();
        assert_eq!(world.closures(story).len(), 2);
    });
}

#[test]
fn feedback_whose_customer_is_removed_has_no_closure_and_counts_for_no_customer() {
    without_mail(|world| {
        let theme = world.new_theme("Refunds");
        let (id, ann) = say(world, theme, "t1", person("ann"));
        let story = world.story_about(theme);
        world.release_story(story);
        let shown = edit(world, id, json!({ "customer_id": null })).unwrap();
        assert!(shown.customer.is_none());
        assert_eq!(world.closure(story, ann.unwrap()).state, ClosureState::Withdrawn);
        assert_eq!(world.stage(story), Stage::Released);
        let agent = world.token(Role::Support);
        let story = world.send("GET", &format!("/v1/stories/{story}"), &agent, None).json();
        assert_eq!((&story["feedback_count"], &story["customer_count"]), (&json!(1), &json!(0)));
        let theme = world.send("GET", &format!("/v1/themes/{theme}"), &agent, None).json();
        assert_eq!(theme["customers"], 0);
        edit(world, id, json!({ "customer": null, "title": "T" })).unwrap();
        assert!(now(world, id).customer.is_none());
    });
}

#[test]
fn filing_the_same_feedback_again_keeps_the_corrected_customer() {
    without_mail(|world| {
        let theme = world.new_theme("Refunds");
        let (id, _) = say(world, theme, "t1", person("ann"));
        let (named, _) = say(world, theme, "t2", json!({ "name": "Freya" }));
        let bob = edit(world, id, json!({ "customer": person("bob") })).unwrap().customer.unwrap().id;
        let ida = edit(world, named, json!({ "customer": { "name": "Ida" } })).unwrap().customer.unwrap().id;
        let nobody = say(world, theme, "t3", json!({ "name": "Otto" })).0;
        edit(world, nobody, json!({ "customer_id": null })).unwrap();
        let again = |ticket: &str, customer: Value, rights| {
            let input = json!({ "text": SAID, "origin": "zendesk", "external_id": ticket, "customer": customer });
            let input: NewFeedback = decode(input).unwrap();
            world.write(move |tx| filing::file_by(tx, std::slice::from_ref(&input), rights)?.remove(0)).unwrap()
        };
        for (ticket, was) in
            [("t1", person("ann")), ("t2", json!({ "name": "Freya" })), ("t3", json!({ "name": "Otto" }))]
        {
            let filed = again(ticket, was, FilingRights::ALL);
            assert_eq!(filed.left_out, ["/customer"], "{ticket}: it says so");
        }
        assert_eq!(now(world, id).customer.unwrap().id, bob);
        let shown = now(world, named).customer.unwrap();
        assert_eq!((shown.id, shown.name.as_deref()), (ida, Some("Ida")), "nor is she renamed");
        assert!(now(world, nobody).customer.is_none());
        // If the desk has the right customer by now, there is nothing to warn of, and it may add to what is known of
        // Bob.
        let more = json!({ "email": "bob@example.com", "account": { "name": "Blue Bakery" } });
        assert!(again("t1", more, FilingRights::ALL).left_out.is_empty());
        assert_eq!(now(world, id).customer.unwrap().account.unwrap().name, "Blue Bakery");
        // A caller without the right to correct can still file the item again.
        let ingest = FilingRights { customers: false, feedback: false, reading: false };
        assert!(again("t1", person("ann"), ingest).left_out.is_empty());
    });
}

#[test]
fn a_refused_correction_names_every_wrong_field() {
    without_mail(|world| {
        let theme = world.new_theme("Refunds");
        let (id, ann) = say(world, theme, "t1", person("ann"));
        let (_, gone) = say(world, theme, "t2", person("gone"));
        let gone = gone.unwrap();
        world.write(move |tx| erasure::customer(tx, gone, None)).unwrap();
        let agent = world.token(Role::Support);
        let path = format!("/v1/feedback/{id}");
        let patch = |token: &str, patch: Value| world.send("PATCH", &path, token, Some(&patch));
        let both = json!({ "customer_id": ann, "customer": person("bob") });
        patch(&agent, both).refused(&["/customer not_allowed"]);
        let wrong = json!({ "customer_id": Id::next(), "product": "NOPE" });
        patch(&agent, wrong).refused(&["/customer_id unknown", "/product unknown"]);
        patch(&agent, json!({ "customer_id": gone })).refused(&["/customer_id erased"]);
        patch(&agent, json!({ "customer": {} })).refused(&["/customer required"]);
        patch(&agent, json!({ "customer": { "email": "no address" } })).refused(&["/customer/email format"]);
        let ingest = world.token(Role::Ingest);
        patch(&ingest, json!({ "customer_id": null })).problem(403, "forbidden");
        assert_eq!(now(world, id).version, 1, "nothing was changed");

        // A developer may choose another customer, but not rename one.
        say(world, theme, "t3", json!({ "email": "bob@example.com", "name": "Bob" }));
        let developer = world.token(Role::Developer);
        let named = json!({ "customer": { "email": "bob@example.com", "name": "Robert" } });
        let edited = patch(&developer, named).json();
        assert_eq!((&edited["customer"]["name"], &edited["left_out"]), (&json!("Bob"), &json!(["/customer/name"])));

        // Erased feedback can be given neither another customer nor another product.
        let shown = world.send("GET", "/v1/feedback?state=grouped", &agent, None).json();
        let erased = shown["data"].as_array().unwrap().iter().find(|f| f["customer"]["id"] == json!(gone)).unwrap();
        let path = format!("/v1/feedback/{}", erased["id"].as_str().unwrap());
        world.send("PATCH", &path, &agent, Some(&json!({ "customer_id": ann }))).problem(409, "conflict");
    });
}

#[test]
fn erasing_the_former_customer_keeps_the_words_and_erasing_the_present_one_removes_them() {
    with_mail(|world| {
        let theme = world.new_theme("Refunds");
        let (id, ann) = say(world, theme, "t1", person("ann"));
        let ann = ann.unwrap();
        let story = world.story_about(theme);
        world.release_story(story);
        let bob = edit(world, id, json!({ "customer": person("bob") })).unwrap().customer.unwrap().id;
        world.pump();
        world.write(move |tx| erasure::customer(tx, ann, None)).unwrap();
        assert_eq!(now(world, id).text, SAID, "the words belong to Bob");
        let wrong = world.closure(story, ann);
        assert_eq!((wrong.state, wrong.reason, wrong.customer.name), (ClosureState::Withdrawn, None, None));
        world.write(move |tx| erasure::customer(tx, bob, None)).unwrap();
        let shown = now(world, id);
        assert_eq!((shown.text.as_str(), shown.customer.unwrap().name), (hearback::domain::feedback::ERASED, None));
        // Filed again with the first customer's name, it stays erased.
        let input = json!({ "text": SAID, "origin": "zendesk", "external_id": "t1", "customer": person("ann") });
        let input: NewFeedback = decode(input).unwrap();
        world.write(move |tx| filing::file(tx, std::slice::from_ref(&input))?.remove(0).map(drop)).unwrap();
        assert!(
            world
                .app()
                .store
                .read_now(|conn| stored_customers::by_email(conn, &["ann@example.com".to_owned()]))
                .unwrap()
                .is_empty()
        );
    });
}

#[test]
fn merging_the_corrected_customer_into_the_first_opens_the_first_closure_again() {
    with_mail(|world| {
        world.settings(json!({ "recall_minutes": 10 }));
        let theme = world.new_theme("Refunds");
        let (id, ann) = say(world, theme, "t1", person("ann"));
        let ann = ann.unwrap();
        let story = world.story_about(theme);
        world.release_story(story);
        let other = edit(world, id, json!({ "customer": { "name": "A. N." } })).unwrap().customer.unwrap().id;
        assert_eq!(world.closure(story, ann).state, ClosureState::Withdrawn);
        world.write(move |tx| customers::merge(tx, ann, None, other).map(drop)).unwrap();
        assert_eq!(world.closure(story, ann).state, ClosureState::Waiting);
        assert_eq!(now(world, id).customer.unwrap().id, ann);
    });
}

#[test]
fn feedback_moved_to_another_product_withdraws_its_closure_and_undoing_brings_it_back() {
    with_mail(|world| {
        world.settings(json!({ "recall_minutes": 10 }));
        let theme = world.new_theme("Refunds");
        let (id, ann) = say(world, theme, "t1", person("ann"));
        let (_, bob) = say(world, theme, "t2", person("bob"));
        let story = world.story_about(theme);
        world.release_story(story);
        let other = other_product(world);
        let agent = world.token(Role::Support);
        let edited = world.send("PATCH", &format!("/v1/feedback/{id}"), &agent, Some(&json!({ "product": other })));
        let shown = edited.json();
        assert_eq!(
            (&shown["product_id"], &shown["state"], &shown["theme"]),
            (&json!(other), &json!("pending"), &Value::Null)
        );
        let correction: Id = shown["correction_id"].as_str().unwrap().parse().unwrap();
        assert_eq!(edited.header("Location"), Some(format!("/v1/corrections/{correction}").as_str()));
        let states = || [ann, bob].map(|who| world.closure(story, who.unwrap()).state);
        assert_eq!(states(), [ClosureState::Withdrawn, ClosureState::Waiting]);
        let reason = world.closure(story, ann.unwrap()).reason.unwrap();
        assert_eq!(reason, "Their feedback turned out to be about another product.");

        world.write(move |tx| undo::undo(tx, correction)).unwrap();
        assert_eq!(states(), [ClosureState::Waiting, ClosureState::Waiting]);
        assert_eq!(now(world, id).theme.unwrap().id, theme);
        world.clock().advance(11 * MINUTE);
        world.pump();
        assert_eq!(world.mails().mails_to("ann@example.com").len(), 1);

        // After she was told, moving the item away ends the question; undoing that asks it again, without a second mail.
        let back = edit(world, id, json!({ "product": other, "customer": person("carl") })).unwrap();
        assert_eq!((back.product_id, back.customer.unwrap().name.as_deref()), (other, Some("carl")));
        assert_eq!(states(), [ClosureState::Withdrawn, ClosureState::Told]);
        assert_eq!(world.closures(story).len(), 2, "Carl said nothing of this product");
        world.pump();
        assert_eq!(world.mails().raw().len(), 2);
    });
}

#[test]
fn a_withdrawn_closure_records_that_its_customer_was_told_and_takes_no_answer() {
    without_mail(|world| {
        let theme = world.new_theme("Refunds");
        let (id, freya) = say(world, theme, "t1", json!({ "name": "Freya" }));
        let story = world.story_about(theme);
        world.release_story(story);
        edit(world, id, json!({ "customer_id": null })).unwrap();
        let case = world.closure(story, freya.unwrap());
        let agent = world.token(Role::Support);
        let path = format!("/v1/closures/{}", case.id);
        let answer = json!({ "solved": true });
        world.send("POST", &format!("{path}/answer"), &agent, Some(&answer)).problem(409, "conflict");
        let told = world.send("POST", &format!("{path}/tell"), &agent, Some(&json!({ "note": "By phone" }))).json();
        assert_eq!((&told["state"], told["told_at"].is_string()), (&json!("withdrawn"), true));
        world.send("POST", &format!("{path}/tell"), &agent, Some(&json!({}))).problem(409, "conflict");
    });
}

#[test]
fn a_mail_that_was_sent_while_it_was_corrected_counts_as_told() {
    with_mail(|world| {
        let theme = world.new_theme("Refunds");
        let (id, ann) = say(world, theme, "t1", person("ann"));
        let story = world.story_about(theme);
        world.go(story, "ready");
        world.go(story, "released");
        world.fan_out();
        let sending = world.due("mail").remove(0);
        edit(world, id, json!({ "customer": person("bob") })).unwrap();
        let mails = mail::Mails::new(None, String::new());
        world.record(&sending, &AttemptOutcome::Delivered { status: Some(250) }, move |tx, delivery, arrived| {
            mails.ended(tx, delivery, arrived)
        });
        let case = world.closure(story, ann.unwrap());
        assert_eq!((case.state, case.told_at.is_some()), (ClosureState::Withdrawn, true));
        // Corrected back to her: she is asked again, without a second mail.
        edit(world, id, json!({ "customer_id": ann })).unwrap();
        assert_eq!(world.closure(story, ann.unwrap()).state, ClosureState::Told);
        world.pump();
        assert!(world.mails().mails_to("ann@example.com").is_empty(), "no second mail");
    });
}
