//! The mail to mentioned members: one for each note, in the member's language, with the beginning of the note.

use hearback::domain::{
    base::{Id, Time},
    team::Role,
};
use hearback::usecase::team::members;
use serde_json::json;

use super::bench::{Subjects, jin, mentions, note, path, person};
use crate::closure::{with_mail, without_mail};

#[test]
fn who_is_mentioned_gets_one_mail_in_their_language() {
    with_mail(|bench| {
        let (jin, subjects) = (jin(bench), Subjects::of(bench));
        let ana = person(bench, "Ana", "ana@team.example", Role::Viewer, "en");
        person(bench, "김철수", "cs@team.example", Role::Developer, "ko");
        let before = bench.mails().raw().len();
        let text = format!("@Ana @김철수님 @Jin Lee the customer wrote: {} THE END", "환불 ".repeat(200));
        let written = note(bench, &jin.token, &subjects.story, json!({ "text": text, "mentions": [ana.id] }));
        bench.pump();
        assert_eq!(bench.mails().raw().len(), before + 2, "not to oneself, and once to each");
        let number = bench.call(&jin.token, "GET", &subjects.story, None).json()["number"].as_str().unwrap().to_owned();
        let english = bench.mails().mails_to("ana@team.example").remove(0);
        let product = english.subject.split(']').next().unwrap().to_owned();
        assert_eq!(english.subject, format!("{product}] Jin Lee mentioned you in a note about {number}"));
        assert!(english.text.contains(&format!("https://voice.example.com{}", subjects.story)), "{}", english.text);
        assert!(english.text.contains("@김철수님") && english.text.contains("Refunds show a date"), "{}", english.text);
        assert!(!english.text.contains("THE END"), "the beginning only: {}", english.text);
        assert!(!english.headers.iter().any(|(name, _)| name.starts_with("List-Unsubscribe")));
        let korean = bench.mails().mails_to("cs@team.example").remove(0);
        assert!(
            korean.subject.ends_with(&format!("Jin Lee 님이 {number} 메모에서 회원님을 언급했습니다")),
            "{}",
            korean.subject
        );

        let admin = bench.token(Role::Admin, None);
        let note_id = written["id"].as_str().unwrap();
        let listed = bench.call(&admin, "GET", &format!("/v1/deliveries?channel=mail&subject={note_id}"), None);
        let deliveries = listed.json()["data"].as_array().unwrap().clone();
        assert_eq!(deliveries.len(), 2);
        assert!(
            deliveries.iter().all(|one| one["state"] == "delivered" && one["event"] == "note.created"),
            "{deliveries:?}"
        );
        assert!(!listed.body.contains("team.example") && !listed.body.contains("환불"), "ids only: {}", listed.body);
        let replay = format!("/v1/deliveries/{}/replay", deliveries[0]["id"].as_str().unwrap());
        bench.call(&admin, "POST", &replay, None).problem(409, "conflict");
        bench.pump();
        assert_eq!(bench.mails().raw().len(), before + 2);
    });
}

#[test]
fn an_edit_mails_whom_it_adds_and_nobody_twice() {
    with_mail(|bench| {
        let (jin, subjects) = (jin(bench), Subjects::of(bench));
        for name in ["Ana", "Bob"] {
            person(bench, name, &format!("{name}@team.example"), Role::Support, "en");
        }
        let mails = |name: &str| bench.mails().mails_to(&format!("{name}@team.example")).len();
        let written = note(bench, &jin.token, &subjects.feedback, json!({ "text": "@Ana look" }));
        let patch = |text: &str| {
            let patched = bench.call(&jin.token, "PATCH", &path(&written), Some(json!({ "text": text })));
            assert_eq!(patched.status, 200, "{}", patched.body);
            bench.pump();
        };
        bench.pump();
        patch("@Ana and @Bob look");
        assert_eq!((mails("Ana"), mails("Bob")), (1, 1));
        patch("look");
        patch("@Ana and @Bob look again");
        assert_eq!((mails("Ana"), mails("Bob")), (1, 1), "once for a note");
        let of_bob = bench.mails().mails_to("Bob@team.example").remove(0);
        assert!(
            of_bob.subject.contains("a piece of feedback") && of_bob.text.contains(&subjects.feedback),
            "{}",
            of_bob.text
        );
    });
}

#[test]
fn nothing_leaves_of_a_note_or_a_mention_that_is_gone() {
    with_mail(|bench| {
        let (jin, subjects) = (jin(bench), Subjects::of(bench));
        let ana = person(bench, "Ana", "ana@team.example", Role::Support, "en");
        let write = |text: &str| note(bench, &jin.token, &subjects.customer, json!({ "text": text }));
        let [deleted, reworded, queued] = ["one", "two", "three"].map(|word| write(&format!("@Ana {word}")));
        bench.call(&jin.token, "DELETE", &path(&deleted), None);
        bench.call(&jin.token, "PATCH", &path(&reworded), Some(json!({ "text": "nobody" })));
        bench.fan_out();
        // In the outbox by now.
        bench.call(&jin.token, "DELETE", &path(&queued), None);
        bench.pump();
        assert!(bench.mails().mails_to("ana@team.example").is_empty());

        write("@Ana who has left");
        bench.write(move |tx| members::edit(tx, ana.id, None, &json!({ "active": false }))).unwrap();
        bench.pump();
        assert!(bench.mails().mails_to("ana@team.example").is_empty());
    });
}

#[test]
fn a_mail_server_that_is_busy_gets_it_later_and_a_refusal_is_listed() {
    with_mail(|bench| {
        let (jin, subjects) = (jin(bench), Subjects::of(bench));
        for name in ["busy", "nobody"] {
            person(bench, name, &format!("{name}@example.com"), Role::Support, "en");
        }
        note(bench, &jin.token, &subjects.closure, json!({ "text": "@busy @nobody look" }));
        bench.pump();
        let admin = bench.token(Role::Admin, None);
        let listed = |state: &str| {
            let path = format!("/v1/deliveries?channel=mail&event=note.created&state={state}");
            bench.call(&admin, "GET", &path, None).json()["data"].as_array().unwrap().clone()
        };
        let (waiting, dead) = (listed("pending"), listed("dead"));
        assert_eq!((waiting.len(), dead.len()), (1, 1));
        assert!(
            dead[0]["last_error"].as_str().is_some_and(|e| e.contains("5.1.1") && !e.contains("nobody@example.com"))
        );
        bench.mails().take_everyone();
        bench.clock.advance(120 * Time::SECOND);
        bench.pump();
        let mail = bench.mails().mails_to("busy@example.com").remove(0);
        assert!(mail.subject.contains("a customer's case in "), "{}", mail.subject);

        let replay = format!("/v1/deliveries/{}/replay", dead[0]["id"].as_str().unwrap());
        assert_eq!(bench.call(&admin, "POST", &replay, None).status, 202);
        bench.pump();
        assert_eq!(bench.mails().mails_to("nobody@example.com").len(), 1);
    });
}

#[test]
fn no_name_makes_a_header() {
    with_mail(|bench| {
        let story = format!("/v1/stories/{}", bench.story(bench.theme()));
        let evil = "Eve\r\nBcc: evil@example.com";
        let eve = person(bench, evil, "eve@team.example", Role::Product, "en");
        let ana = person(bench, "Ana\nBcc: evil@example.com", "ana@team.example", Role::Support, "ko");
        let title = json!({ "title": "Refunds\r\nBcc: evil@example.com" });
        assert_eq!(bench.call(&eve.token, "PATCH", &story, Some(title)).status, 200);
        let text = "\r\n.\r\nRCPT TO:<evil@example.com>\r\nBcc: evil@example.com";
        note(bench, &eve.token, &story, json!({ "text": text, "mentions": [ana.id] }));
        bench.pump();
        let mail = bench.mails().mails_to("ana@team.example").remove(0);
        assert!(mail.headers.iter().all(|(name, _)| !name.eq_ignore_ascii_case("bcc")), "{mail:?}");
        assert!(mail.subject.contains("Eve Bcc: evil@example.com") && mail.text.contains("RCPT TO:<evil@example.com>"));
        assert!(bench.mails().mails_to("evil@example.com").is_empty());
    });
}

#[test]
fn without_a_mail_server_nothing_waits_to_be_sent() {
    without_mail(|bench| {
        let (jin, subjects) = (jin(bench), Subjects::of(bench));
        let ana = person(bench, "Ana", "ana@team.example", Role::Support, "en");
        let written: Id = note(bench, &jin.token, &subjects.story, json!({ "text": "@Ana look" }))["id"]
            .as_str()
            .unwrap()
            .parse()
            .unwrap();
        bench.pump();
        let admin = bench.token(Role::Admin, None);
        let listed = bench.call(&admin, "GET", &format!("/v1/deliveries?subject={written}"), None).json();
        assert_eq!(listed["data"], json!([]));
        assert_eq!(mentions(bench, &ana.token, "?unread=true").len(), 1);
    });
}
