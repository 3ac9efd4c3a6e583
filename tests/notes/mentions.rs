//! Which members are mentioned, and what they see.

use hearback::domain::{
    base::decode::decode,
    team::{NewProduct, Role},
};
use hearback::usecase::team::{members, products};
use serde_json::json;

use super::bench::{Subjects, jin, mentions, note, path, person};
use crate::closure::without_mail;

#[test]
fn names_and_addresses_mention_members_in_english_and_korean() {
    without_mail(|bench| {
        let (jin, subjects) = (jin(bench), Subjects::of(bench));
        let ana = person(bench, "Ana Smith", "ana@team.example", Role::Viewer, "en");
        let cs = person(bench, "김철수", "cs@team.example", Role::Developer, "ko");
        let left = person(bench, "Old Hand", "old@team.example", Role::Support, "en");
        bench.write(move |tx| members::edit(tx, left.id, None, &json!({ "active": false }))).unwrap();
        person(bench, "Robot", "robot@team.example", Role::Ingest, "en");
        for twin in ["t1@team.example", "t2@team.example"] {
            person(bench, "Same Name", twin, Role::Support, "en");
        }
        let text = "@ana smith, @김철수님께 전달 부탁드려요. cc @CS@team.example, write to ana@team.example or bob@other.example. \
                    @Old Hand @Robot @Same Name @Ana";
        let written = note(bench, &jin.token, &subjects.feedback, json!({ "text": text }));
        assert_eq!(written["mentions"], json!([ana.id, cs.id]), "{written}");
        let warnings: Vec<String> = written["warnings"]
            .as_array()
            .unwrap()
            .iter()
            .map(|w| {
                format!(
                    "{} {} {}",
                    w["code"].as_str().unwrap(),
                    w["mention"].as_str().unwrap(),
                    w["member_ids"].as_array().unwrap().len()
                )
            })
            .collect();
        assert_eq!(warnings, ["unknown @Old 0", "unknown @Robot 0", "ambiguous @Same Name 2", "ambiguous @Ana 1"]);
        let read = bench.call(&jin.token, "GET", &path(&written), None).json();
        assert_eq!(read["text"], text, "the note is kept as it is");
    });
}

#[test]
fn a_list_mentions_too_and_me_is_the_caller() {
    without_mail(|bench| {
        let (jin, subjects) = (jin(bench), Subjects::of(bench));
        let ana = person(bench, "Ana", "ana@team.example", Role::Viewer, "en");
        let new = json!({ "text": "Look, @Ana", "mentions": ["me", ana.id, ana.id] });
        let written = note(bench, &jin.token, &subjects.closure, new);
        assert_eq!(written["mentions"], json!([ana.id, jin.id]));
        let own = mentions(bench, &jin.token, "");
        assert!(own[0]["read_at"].is_string(), "who mentions themselves has read it: {own:?}");
        let service = bench.token(Role::Support, None);
        let body = json!({ "text": "a", "mentions": ["me"] });
        bench
            .call(&service, "POST", &format!("{}/notes", subjects.closure), Some(body))
            .refused(&["/mentions not_a_member"]);
        assert!(mentions(bench, &service, "").is_empty());
        bench.call(&service, "POST", &format!("{}/read", path(&written)), None).problem(404, "not_found");

        // The list and the text each keep who they name.
        let patch = |body| bench.call(&jin.token, "PATCH", &path(&written), Some(body)).json();
        assert_eq!(patch(json!({ "mentions": [] }))["mentions"], json!([ana.id]));
        assert_eq!(patch(json!({ "mentions": [ana.id] }))["mentions"], json!([ana.id]));
        assert_eq!(patch(json!({ "text": "Look" }))["mentions"], json!([ana.id]));
        assert_eq!(patch(json!({ "mentions": [] }))["mentions"], json!([]));
        assert!(mentions(bench, &ana.token, "").is_empty());
        // Who has left stays mentioned, and is not mentioned anew.
        assert_eq!(patch(json!({ "mentions": [ana.id] }))["mentions"], json!([ana.id]));
        bench.write(move |tx| members::edit(tx, ana.id, None, &json!({ "active": false }))).unwrap();
        assert_eq!(patch(json!({ "text": "Look here", "mentions": [ana.id] }))["mentions"], json!([ana.id]));
        patch(json!({ "mentions": [] }));
        let refused = bench.call(&jin.token, "PATCH", &path(&written), Some(json!({ "mentions": [ana.id] })));
        refused.refused(&["/mentions/0 unknown"]);
    });
}

#[test]
fn mentions_are_listed_newest_first_until_they_are_read() {
    without_mail(|bench| {
        let (jin, subjects) = (jin(bench), Subjects::of(bench));
        let ana = person(bench, "Ana", "ana@team.example", Role::Viewer, "en");
        let written: Vec<_> =
            subjects.all().map(|subject| note(bench, &jin.token, subject, json!({ "text": "@Ana look" }))).into();
        let seen = mentions(bench, &ana.token, "?unread=true");
        let ids: Vec<_> = seen.iter().map(|one| one["note"]["id"].clone()).collect();
        assert_eq!(ids, written.iter().rev().map(|one| one["id"].clone()).collect::<Vec<_>>());
        assert!(seen[0]["read_at"].is_null() && seen[0]["mentioned_at"].is_string());

        let read = bench.call(&ana.token, "POST", &format!("{}/read", path(&written[0])), None);
        assert!(read.status == 200 && read.json()["read_at"].is_string(), "{}", read.body);
        let again = bench.call(&ana.token, "POST", &format!("{}/read", path(&written[0])), None);
        assert_eq!(again.json()["read_at"], read.json()["read_at"]);
        bench.call(&jin.token, "POST", &format!("{}/read", path(&written[0])), None).problem(404, "not_found");
        let count = |query: &str| mentions(bench, &ana.token, query).len();
        assert_eq!((count(""), count("?unread=true"), count("?unread=false")), (4, 3, 1));
        assert_eq!(
            (count("?product=HB"), count("?product=HB&unread=true")),
            (3, 2),
            "a customer belongs to no product"
        );
        let other: NewProduct = decode(json!({ "key": "PAY", "name": "Pay" })).unwrap();
        bench.write(move |tx| products::create(tx, &other)).unwrap();
        assert_eq!(count("?product=PAY"), 0);
        bench.call(&ana.token, "GET", "/v1/me/mentions?product=NONE", None).refused(&["/product unknown"]);
        let first = bench.call(&ana.token, "GET", "/v1/me/mentions?limit=3", None);
        let second = bench.call(&ana.token, "GET", &first.next_link().unwrap(), None).json();
        assert_eq!(second["data"].as_array().map(Vec::len), Some(1));

        bench.call(&jin.token, "DELETE", &path(&written[3]), None);
        assert_eq!(count(""), 3, "gone with its note");
    });
}
