//! Erasing a customer erases the notes about them, and their name in other notes.

use hearback::domain::team::Role;
use hearback::usecase::privacy::erasure;
use serde_json::json;

use super::subjects::{Subjects, jin, mentions, note, notes, path};
use crate::closure::with_mail;

#[test]
fn notes_about_an_erased_customer_are_gone_and_others_lose_what_quotes_them() {
    with_mail(|world| {
        let (jin, subjects) = (jin(world), Subjects::of(world));
        let ana = world.person("Ana", "ana@team.example", Role::Viewer, "en");
        let admin = world.token(Role::Admin);
        let theirs: Vec<_> = [&subjects.feedback, &subjects.customer, &subjects.closure]
            .map(|subject| note(world, &jin.token, subject, json!({ "text": "@Ana she is the aunt of our CEO" })))
            .into();
        let text = "First the bank.\nAnn wrote from ann@example.com: refund has not arrived.\nThen the texts.";
        let quoting = note(world, &jin.token, &subjects.story, json!({ "text": text }));
        let over_lines = note(world, &jin.token, &subjects.story, json!({ "text": "the refund has\nnot arrived" }));
        let other = note(world, &jin.token, &subjects.story, json!({ "text": "Talk to the bank" }));
        let keyed = world.open("POST", &format!("{}/notes", subjects.closure)).token(Some(&jin.token));
        let keyed = keyed.header("Idempotency-Key", "k").json(&json!({ "text": "Her aunt again" })).send();
        assert_eq!(keyed.status, 201);

        let customer = subjects.person;
        world.write(move |tx| erasure::customer(tx, customer, None)).unwrap();
        world.pump();
        assert!(world.mails().mails_to("ana@team.example").is_empty(), "a mail that waited no longer leaves");
        for gone in &theirs {
            world.send("GET", &path(gone), &admin, None).problem(404, "not_found");
        }
        assert!(mentions(world, &ana.token, "").is_empty());
        for subject in [&subjects.feedback, &subjects.customer, &subjects.closure] {
            assert!(notes(world, &admin, subject).is_empty(), "{subject}");
            let refused =
                world.send("POST", &format!("{subject}/notes"), &jin.token, Some(&json!({ "text": "again" })));
            refused.problem(410, "gone");
        }
        let read = |note| world.send("GET", &path(note), &admin, None).json();
        assert_eq!(read(&quoting)["text"], "First the bank.\n[erased]\nThen the texts.");
        assert_eq!((&read(&over_lines)["text"], &read(&over_lines)["version"]), (&json!("[erased]"), &json!(2)));
        assert_eq!(read(&other)["text"], "Talk to the bank");
        let again = world.open("POST", &format!("{}/notes", subjects.closure)).token(Some(&jin.token));
        let again = again.header("Idempotency-Key", "k").json(&json!({ "text": "Her aunt again" })).send();
        again.problem(410, "gone");
        let told = world.send("GET", "/v1/events?kind=note.deleted", &admin, None).json();
        assert_eq!(told["data"].as_array().map(Vec::len), Some(4), "{told}");
    });
}
