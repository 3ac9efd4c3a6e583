//! Erasing a customer erases the notes about them, and their name in other notes.

use hearback::domain::team::Role;
use hearback::usecase::privacy::erasure;
use serde_json::json;

use super::bench::{Subjects, jin, mentions, note, notes, path, person};
use crate::closure::with_mail;

#[test]
fn notes_about_an_erased_customer_are_gone_and_others_lose_what_quotes_them() {
    with_mail(|bench| {
        let (jin, subjects) = (jin(bench), Subjects::of(bench));
        let ana = person(bench, "Ana", "ana@team.example", Role::Viewer, "en");
        let admin = bench.token(Role::Admin, None);
        let theirs: Vec<_> = [&subjects.feedback, &subjects.customer, &subjects.closure]
            .map(|subject| note(bench, &jin.token, subject, json!({ "text": "@Ana she is the aunt of our CEO" })))
            .into();
        let text = "First the bank.\nAnn wrote from ann@example.com: refund has not arrived.\nThen the texts.";
        let quoting = note(bench, &jin.token, &subjects.story, json!({ "text": text }));
        let over_lines = note(bench, &jin.token, &subjects.story, json!({ "text": "the refund has\nnot arrived" }));
        let other = note(bench, &jin.token, &subjects.story, json!({ "text": "Talk to the bank" }));
        let keyed = bench.open("POST", &format!("{}/notes", subjects.closure)).token(Some(&jin.token));
        let keyed = keyed.header("Idempotency-Key", "k").json(&json!({ "text": "Her aunt again" })).send();
        assert_eq!(keyed.status, 201);

        let customer = subjects.person;
        bench.write(move |tx| erasure::customer(tx, customer, None)).unwrap();
        bench.pump();
        assert!(bench.mails().mails_to("ana@team.example").is_empty(), "a mail that waited no longer leaves");
        for gone in &theirs {
            bench.call(&admin, "GET", &path(gone), None).problem(404, "not_found");
        }
        assert!(mentions(bench, &ana.token, "").is_empty());
        for subject in [&subjects.feedback, &subjects.customer, &subjects.closure] {
            assert!(notes(bench, &admin, subject).is_empty(), "{subject}");
            let refused = bench.call(&jin.token, "POST", &format!("{subject}/notes"), Some(json!({ "text": "again" })));
            refused.problem(410, "gone");
        }
        let read = |note| bench.call(&admin, "GET", &path(note), None).json();
        assert_eq!(read(&quoting)["text"], "First the bank.\n[erased]\nThen the texts.");
        assert_eq!((&read(&over_lines)["text"], &read(&over_lines)["version"]), (&json!("[erased]"), &json!(2)));
        assert_eq!(read(&other)["text"], "Talk to the bank");
        let again = bench.open("POST", &format!("{}/notes", subjects.closure)).token(Some(&jin.token));
        let again = again.header("Idempotency-Key", "k").json(&json!({ "text": "Her aunt again" })).send();
        again.problem(410, "gone");
        let told = bench.call(&admin, "GET", "/v1/events?kind=note.deleted", None).json();
        assert_eq!(told["data"].as_array().map(Vec::len), Some(4), "{told}");
    });
}
