//! Writing, reading, changing and deleting notes, and the permissions for it.

use hearback::domain::{base::Id, team::Role};
use hearback::usecase::feedback::customers;
use serde_json::json;

use super::subjects::{Subjects, jin, note, notes, path};
use crate::closure::without_mail;

#[test]
fn a_note_is_written_read_changed_and_deleted_on_each_subject() {
    without_mail(|world| {
        let (jin, subjects) = (jin(world), Subjects::of(world));
        for (subject, kind) in subjects.all().into_iter().zip(["feedback", "story", "customer", "closure"]) {
            let first = note(world, &jin.token, subject, json!({ "text": "She called again\n두 번째" }));
            assert_eq!((&first["subject_kind"], &first["warnings"]), (&json!(kind), &json!([])), "{first}");
            assert!(subject.ends_with(first["subject_id"].as_str().unwrap()), "{first}");
            assert_eq!((&first["author_kind"], &first["author_id"]), (&json!("member"), &json!(jin.id)));
            assert_eq!((&first["mentions"], &first["edited_at"]), (&json!([]), &json!(null)));
            assert_eq!(first["product_id"].is_null(), kind == "customer", "{first}");
            let second = note(world, &jin.token, subject, json!({ "text": "And again" }));
            let seen: Vec<_> = notes(world, &jin.token, subject).iter().map(|one| one["id"].clone()).collect();
            assert_eq!(seen, [second["id"].clone(), first["id"].clone()], "newest first");

            let read = world.send("GET", &path(&first), &jin.token, None);
            assert_eq!((read.status, read.header("ETag")), (200, Some("\"1\"")));
            assert!(read.json()["warnings"].is_null() && read.json()["text"] == "She called again\n두 번째");
            let edited = world.send("PATCH", &path(&first), &jin.token, Some(&json!({ "text": "She wrote" })));
            assert_eq!((edited.status, edited.header("ETag")), (200, Some("\"2\"")), "{}", edited.body);
            assert!(edited.json()["edited_at"].is_string());
            let same = world.send("PATCH", &path(&first), &jin.token, Some(&json!({ "text": "She wrote" })));
            assert_eq!(same.json()["version"], 2, "nothing changed");

            assert_eq!(world.send("DELETE", &path(&first), &jin.token, None).status, 204);
            world.send("GET", &path(&first), &jin.token, None).problem(404, "not_found");
            world.send("DELETE", &path(&first), &jin.token, None).problem(404, "not_found");
            assert_eq!(notes(world, &jin.token, subject).len(), 1);
        }
        let story: Id = subjects.story.rsplit('/').next().unwrap().parse().unwrap();
        let happened: Vec<String> =
            world.kinds_of(story).into_iter().filter(|kind| kind.starts_with("note.")).collect();
        assert_eq!(happened, ["note.created", "note.created", "note.edited", "note.deleted"]);
    });
}

#[test]
fn a_story_is_named_by_its_number_and_lists_come_in_pages() {
    without_mail(|world| {
        let (jin, subjects) = (jin(world), Subjects::of(world));
        let number = world.send("GET", &subjects.story, &jin.token, None).json()["number"].as_str().unwrap().to_owned();
        for n in 0..5 {
            note(
                world,
                &jin.token,
                &format!("/v1/stories/{}", number.to_lowercase()),
                json!({ "text": n.to_string() }),
            );
        }
        let (mut next, mut seen) = (Some(format!("/v1/stories/{number}/notes?limit=2")), Vec::new());
        while let Some(path) = next.take() {
            let page = world.send("GET", &path, &jin.token, None);
            next = page.next_link();
            seen.extend(page.json()["data"].as_array().unwrap().iter().map(|one| one["text"].clone()));
        }
        assert_eq!(seen, ["4", "3", "2", "1", "0"]);
        let other = Id::next();
        for missing in ["feedback", "stories", "customers", "closures"] {
            let path = format!("/v1/{missing}/{other}/notes");
            world.send("GET", &path, &jin.token, None).problem(404, "not_found");
            world.send("POST", &path, &jin.token, Some(&json!({ "text": "a" }))).problem(404, "not_found");
        }
        world.send("GET", &format!("{}/notes?cursor=x", subjects.story), &jin.token, None).refused(&["/cursor cursor"]);
    });
}

#[test]
fn a_refused_note_names_each_wrong_field_and_limit() {
    without_mail(|world| {
        let (jin, subjects) = (jin(world), Subjects::of(world));
        let post = |body| world.send("POST", &format!("{}/notes", subjects.feedback), &jin.token, Some(&body));
        post(json!({})).refused(&["/text required"]);
        post(json!({ "text": "", "mention": [] })).refused(&[
            "/mention unknown_field",
            "/text pattern",
            "/text too_short",
        ]);
        post(json!({ "text": " \n" })).refused(&["/text pattern"]);
        post(json!({ "text": "가".repeat(10_001) })).refused(&["/text too_long"]);
        assert_eq!(post(json!({ "text": "가".repeat(10_000) })).status, 201);
        post(json!({ "text": "a", "mentions": vec![jin.id; 51] })).refused(&["/mentions too_long"]);
        post(json!({ "text": "a", "mentions": ["jin", Id::next()] })).refused(&["/mentions/0 format"]);
        let ingest = world.person("Bot", "bot@team.example", Role::Ingest, "en");
        post(json!({ "text": "a", "mentions": [jin.id, Id::next(), ingest.id] }))
            .refused(&["/mentions/1 unknown", "/mentions/2 not_allowed"]);
        let team: Vec<Id> = (0..51)
            .map(|n| world.person(&format!("Number {n} X"), &format!("n{n}@team.example"), Role::Viewer, "en").id)
            .collect();
        let text: String = (0..51).map(|n| format!("@Number {n} X ")).collect();
        post(json!({ "text": text })).refused(&["/text too_many_mentions"]);
        let listed = json!({ "text": "@Number 50 X", "mentions": team[..49] });
        assert_eq!(post(listed).json()["mentions"].as_array().map(Vec::len), Some(50));
        let written = note(world, &jin.token, &subjects.feedback, json!({ "text": "b" }));
        for (patch, wrong) in [
            (json!({ "text": null }), "/text type"),
            (json!({ "mentions": null }), "/mentions type"),
            (json!({ "id": 1 }), "/id unknown_field"),
            (json!({ "mentions": [ingest.id] }), "/mentions/0 not_allowed"),
        ] {
            world.send("PATCH", &path(&written), &jin.token, Some(&patch)).refused(&[wrong]);
        }
    });
}

#[test]
fn its_author_and_admins_change_it_and_who_may_read_people_reads_it() {
    without_mail(|world| {
        let (jin, subjects) = (jin(world), Subjects::of(world));
        let other = world.person("Kim", "kim@team.example", Role::Product, "ko");
        let (admin, viewer, ingest) = (world.token(Role::Admin), world.token(Role::Viewer), world.token(Role::Ingest));
        let service = world.token(Role::Support);
        let written = note(world, &jin.token, &subjects.customer, json!({ "text": "Careful" }));
        let patch =
            |token: &str, text: &str| world.send("PATCH", &path(&written), token, Some(&json!({ "text": text })));
        for token in [&other.token, &service] {
            patch(token, "Mine").problem(403, "forbidden");
            world.send("DELETE", &path(&written), token, None).problem(403, "forbidden");
        }
        let again = world.token_of(Role::Support, jin.id);
        assert_eq!(patch(&again, "Careful, please").status, 200, "another token of the author");
        let edited = patch(&admin, "Careful, please!").json();
        assert_eq!((&edited["author_id"], &edited["version"]), (&json!(jin.id), &json!(3)), "the author stays");

        let of_service = note(world, &service, &subjects.customer, json!({ "text": "From the desk" }));
        assert_eq!(of_service["author_kind"], "service");
        let patched = world.send("PATCH", &path(&of_service), &service, Some(&json!({ "text": "From our desk" })));
        assert_eq!(patched.status, 200);

        assert_eq!(notes(world, &viewer, &subjects.customer).len(), 2, "a viewer reads");
        for (token, method, body) in [(&viewer, "POST", Some(json!({ "text": "a" }))), (&ingest, "GET", None)] {
            world.send(method, &format!("{}/notes", subjects.customer), token, body.as_ref()).problem(403, "forbidden");
        }
        world.send("DELETE", &path(&written), &viewer, None).problem(403, "forbidden");
        world.send("GET", &path(&written), &ingest, None).problem(403, "forbidden");
        assert_eq!(world.send("DELETE", &path(&written), &admin, None).status, 204);
    });
}

#[test]
fn two_editors_never_overwrite_and_a_repeat_does_nothing_again() {
    without_mail(|world| {
        let (jin, subjects) = (jin(world), Subjects::of(world));
        let url = format!("{}/notes", subjects.story);
        let keyed = |text: &str| {
            let request = world.open("POST", &url).token(Some(&jin.token)).header("Idempotency-Key", "note-1");
            request.json(&json!({ "text": text })).send()
        };
        let (first, second) = (keyed("Once"), keyed("Once"));
        assert_eq!((first.status, second.status, first.id()), (201, 201, second.id()));
        assert_eq!(second.header("Idempotency-Replayed"), Some("true"));
        assert_eq!(second.header("Location"), Some(format!("/v1/notes/{}", first.id()).as_str()));
        keyed("Twice").problem(422, "idempotency_mismatch");
        assert_eq!(notes(world, &jin.token, &subjects.story).len(), 1);

        let path = path(&first.json());
        let with = |method: &str, tag: &str, text: &str| {
            let request = world.open(method, &path).token(Some(&jin.token)).header("If-Match", tag);
            if method == "PATCH" { request.json(&json!({ "text": text })).send() } else { request.send() }
        };
        assert_eq!(with("PATCH", "\"1\"", "A").status, 200);
        with("PATCH", "\"1\"", "B").problem(412, "version_mismatch");
        with("DELETE", "\"1\"", "").problem(412, "version_mismatch");
        let known = world.open("GET", &path).token(Some(&jin.token)).header("If-None-Match", "\"2\"").send();
        assert_eq!((known.status, known.body.as_str()), (304, ""));
        assert_eq!(with("DELETE", "\"2\"", "").status, 204);
    });
}

#[test]
fn notes_follow_the_customer_who_remains() {
    without_mail(|world| {
        let (jin, theme) = (jin(world), world.new_theme("Refunds"));
        let [ann, also] = ["ann@example.com", "ann@elsewhere.example"]
            .map(|email| world.customer(email).about(theme).files("Refund").customer);
        let [ann_path, also_path] = [ann, also].map(|id| format!("/v1/customers/{id}"));
        note(world, &jin.token, &ann_path, json!({ "text": "one" }));
        note(world, &jin.token, &also_path, json!({ "text": "two" }));
        world.write(move |tx| customers::merge(tx, ann, None, also)).unwrap();
        let late = note(world, &jin.token, &also_path, json!({ "text": "three" }));
        assert_eq!(late["subject_id"], json!(ann), "about the one who remains");
        for path in [&ann_path, &also_path] {
            let texts: Vec<_> = notes(world, &jin.token, path).iter().map(|one| one["text"].clone()).collect();
            assert_eq!(texts, ["three", "two", "one"], "{path}");
        }
    });
}
