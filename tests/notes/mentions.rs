//! Which members are mentioned, and what they see.

use hearback::domain::{
    base::decode::decode,
    team::{NewProduct, Role},
};
use hearback::usecase::team::{members, products};
use serde_json::json;

use super::subjects::{Subjects, jin, mentions, note, path};
use crate::closure::without_mail;

#[test]
fn names_and_addresses_mention_members_in_english_and_korean() {
    without_mail(|world| {
        let (jin, subjects) = (jin(world), Subjects::of(world));
        let ana = world.person("Ana Smith", "ana@team.example", Role::Viewer, "en");
        let cs = world.person("김철수", "cs@team.example", Role::Developer, "ko");
        let left = world.person("Old Hand", "old@team.example", Role::Support, "en");
        world.write(move |tx| members::edit(tx, left.id, None, &json!({ "active": false }))).unwrap();
        world.person("Robot", "robot@team.example", Role::Ingest, "en");
        for twin in ["t1@team.example", "t2@team.example"] {
            world.person("Same Name", twin, Role::Support, "en");
        }
        let text = "@ana smith, @김철수님께 전달 부탁드려요. cc @CS@team.example, write to ana@team.example or bob@other.example. \
                    @Old Hand @Robot @Same Name @Ana";
        let written = note(world, &jin.token, &subjects.feedback, json!({ "text": text }));
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
        let read = world.send("GET", &path(&written), &jin.token, None).json();
        assert_eq!(read["text"], text, "the note is kept as it is");
    });
}

#[test]
fn a_list_mentions_too_and_me_is_the_caller() {
    without_mail(|world| {
        let (jin, subjects) = (jin(world), Subjects::of(world));
        let ana = world.person("Ana", "ana@team.example", Role::Viewer, "en");
        let new = json!({ "text": "Look, @Ana", "mentions": ["me", ana.id, ana.id] });
        let written = note(world, &jin.token, &subjects.closure, new);
        assert_eq!(written["mentions"], json!([ana.id, jin.id]));
        let own = mentions(world, &jin.token, "");
        assert!(own[0]["read_at"].is_string(), "who mentions themselves has read it: {own:?}");
        let service = world.token(Role::Support);
        let body = json!({ "text": "a", "mentions": ["me"] });
        world
            .send("POST", &format!("{}/notes", subjects.closure), &service, Some(&body))
            .refused(&["/mentions not_a_member"]);
        assert!(mentions(world, &service, "").is_empty());
        world.send("POST", &format!("{}/read", path(&written)), &service, Some(&json!({}))).problem(404, "not_found");

        // The list and the text each keep who they name.
        let patch = |body| world.send("PATCH", &path(&written), &jin.token, Some(&body)).json();
        assert_eq!(patch(json!({ "mentions": [] }))["mentions"], json!([ana.id]));
        assert_eq!(patch(json!({ "mentions": [ana.id] }))["mentions"], json!([ana.id]));
        assert_eq!(patch(json!({ "text": "Look" }))["mentions"], json!([ana.id]));
        assert_eq!(patch(json!({ "mentions": [] }))["mentions"], json!([]));
        assert!(mentions(world, &ana.token, "").is_empty());
        // A deactivated member stays mentioned in old notes, and can't be mentioned in new ones.
        assert_eq!(patch(json!({ "mentions": [ana.id] }))["mentions"], json!([ana.id]));
        world.write(move |tx| members::edit(tx, ana.id, None, &json!({ "active": false }))).unwrap();
        assert_eq!(patch(json!({ "text": "Look here", "mentions": [ana.id] }))["mentions"], json!([ana.id]));
        patch(json!({ "mentions": [] }));
        let refused = world.send("PATCH", &path(&written), &jin.token, Some(&json!({ "mentions": [ana.id] })));
        refused.refused(&["/mentions/0 unknown"]);
    });
}

#[test]
fn mentions_are_listed_newest_first_until_they_are_read() {
    without_mail(|world| {
        let (jin, subjects) = (jin(world), Subjects::of(world));
        let ana = world.person("Ana", "ana@team.example", Role::Viewer, "en");
        let written: Vec<_> =
            subjects.all().map(|subject| note(world, &jin.token, subject, json!({ "text": "@Ana look" }))).into();
        let seen = mentions(world, &ana.token, "?unread=true");
        let ids: Vec<_> = seen.iter().map(|one| one["note"]["id"].clone()).collect();
        assert_eq!(ids, written.iter().rev().map(|one| one["id"].clone()).collect::<Vec<_>>());
        assert!(seen[0]["read_at"].is_null() && seen[0]["mentioned_at"].is_string());

        let read = world.send("POST", &format!("{}/read", path(&written[0])), &ana.token, Some(&json!({})));
        assert!(read.status == 200 && read.json()["read_at"].is_string(), "{}", read.body);
        let again = world.send("POST", &format!("{}/read", path(&written[0])), &ana.token, Some(&json!({})));
        assert_eq!(again.json()["read_at"], read.json()["read_at"]);
        world
            .send("POST", &format!("{}/read", path(&written[0])), &jin.token, Some(&json!({})))
            .problem(404, "not_found");
        let count = |query: &str| mentions(world, &ana.token, query).len();
        assert_eq!((count(""), count("?unread=true"), count("?unread=false")), (4, 3, 1));
        assert_eq!(
            (count("?product=HB"), count("?product=HB&unread=true")),
            (3, 2),
            "a customer belongs to no product"
        );
        let other: NewProduct = decode(json!({ "key": "PAY", "name": "Pay" })).unwrap();
        world.write(move |tx| products::create(tx, &other)).unwrap();
        assert_eq!(count("?product=PAY"), 0);
        world.send("GET", "/v1/me/mentions?product=NONE", &ana.token, None).refused(&["/product unknown"]);
        let first = world.send("GET", "/v1/me/mentions?limit=3", &ana.token, None);
        let second = world.send("GET", &first.next_link().unwrap(), &ana.token, None).json();
        assert_eq!(second["data"].as_array().map(Vec::len), Some(1));

        world.send("DELETE", &path(&written[3]), &jin.token, None);
        assert_eq!(count(""), 3, "gone with its note");
    });
}
