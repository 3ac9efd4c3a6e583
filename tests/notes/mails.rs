//! The mail to mentioned members: one for each note, in the member's language, with the beginning of the note.

use hearback::domain::{
    base::{Id, Time},
    team::Role,
};
use hearback::usecase::team::members;
use serde_json::json;

use super::subjects::{Subjects, jin, mentions, note, path};
use crate::closure::{with_mail, without_mail};

#[test]
fn mentioned_members_get_one_mail_in_their_language() {
    with_mail(|world| {
        let (jin, subjects) = (jin(world), Subjects::of(world));
        let ana = world.person("Ana", "ana@team.example", Role::Viewer, "en");
        world.person("김철수", "cs@team.example", Role::Developer, "ko");
        let before = world.mails().raw().len();
        let text = format!("@Ana @김철수님 @Jin Lee the customer wrote: {} THE END", "환불 ".repeat(200));
        let written = note(world, &jin.token, &subjects.story, json!({ "text": text, "mentions": [ana.id] }));
        world.pump();
        assert_eq!(world.mails().raw().len(), before + 2, "not to oneself, and once to each");
        let number = world.send("GET", &subjects.story, &jin.token, None).json()["number"].as_str().unwrap().to_owned();
        let english = world.mails().mails_to("ana@team.example").remove(0);
        let product = english.subject.split(']').next().unwrap().to_owned();
        assert_eq!(english.subject, format!("{product}] Jin Lee mentioned you in a note about {number}"));
        assert!(english.text.contains(&format!("https://voice.example.com{}", subjects.story)), "{}", english.text);
        assert!(english.text.contains("@김철수님") && english.text.contains("Refunds show a date"), "{}", english.text);
        assert!(!english.text.contains("THE END"), "the beginning only: {}", english.text);
        assert!(!english.headers.iter().any(|(name, _)| name.starts_with("List-Unsubscribe")));
        let korean = world.mails().mails_to("cs@team.example").remove(0);
        assert!(
            korean.subject.ends_with(&format!("Jin Lee 님이 {number} 메모에서 회원님을 언급했습니다")),
            "{}",
            korean.subject
        );

        let admin = world.token(Role::Admin);
        let note_id = written["id"].as_str().unwrap();
        let listed = world.send("GET", &format!("/v1/deliveries?channel=mail&subject={note_id}"), &admin, None);
        let deliveries = listed.json()["data"].as_array().unwrap().clone();
        assert_eq!(deliveries.len(), 2);
        assert!(
            deliveries.iter().all(|one| one["state"] == "delivered" && one["event"] == "note.created"),
            "{deliveries:?}"
        );
        assert!(!listed.body.contains("team.example") && !listed.body.contains("환불"), "ids only: {}", listed.body);
        let replay = format!("/v1/deliveries/{}/replay", deliveries[0]["id"].as_str().unwrap());
        world.send("POST", &replay, &admin, Some(&json!({}))).problem(409, "conflict");
        world.pump();
        assert_eq!(world.mails().raw().len(), before + 2);
    });
}

#[test]
fn an_edit_mails_whom_it_adds_and_nobody_twice() {
    with_mail(|world| {
        let (jin, subjects) = (jin(world), Subjects::of(world));
        for name in ["Ana", "Bob"] {
            world.person(name, &format!("{name}@team.example"), Role::Support, "en");
        }
        let mails = |name: &str| world.mails().mails_to(&format!("{name}@team.example")).len();
        let written = note(world, &jin.token, &subjects.feedback, json!({ "text": "@Ana look" }));
        let patch = |text: &str| {
            let patched = world.send("PATCH", &path(&written), &jin.token, Some(&json!({ "text": text })));
            assert_eq!(patched.status, 200, "{}", patched.body);
            world.pump();
        };
        world.pump();
        patch("@Ana and @Bob look");
        assert_eq!((mails("Ana"), mails("Bob")), (1, 1));
        patch("look");
        patch("@Ana and @Bob look again");
        assert_eq!((mails("Ana"), mails("Bob")), (1, 1), "once for a note");
        let of_bob = world.mails().mails_to("Bob@team.example").remove(0);
        assert!(
            of_bob.subject.contains("a piece of feedback") && of_bob.text.contains(&subjects.feedback),
            "{}",
            of_bob.text
        );
    });
}

#[test]
fn a_deleted_note_or_mention_sends_no_mail() {
    with_mail(|world| {
        let (jin, subjects) = (jin(world), Subjects::of(world));
        let ana = world.person("Ana", "ana@team.example", Role::Support, "en");
        let write = |text: &str| note(world, &jin.token, &subjects.customer, json!({ "text": text }));
        let [deleted, reworded, queued] = ["one", "two", "three"].map(|word| write(&format!("@Ana {word}")));
        world.send("DELETE", &path(&deleted), &jin.token, None);
        world.send("PATCH", &path(&reworded), &jin.token, Some(&json!({ "text": "nobody" })));
        world.fan_out();
        // The mail is in the outbox by now.
        world.send("DELETE", &path(&queued), &jin.token, None);
        world.pump();
        assert!(world.mails().mails_to("ana@team.example").is_empty());

        write("@Ana who has left");
        world.write(move |tx| members::edit(tx, ana.id, None, &json!({ "active": false }))).unwrap();
        world.pump();
        assert!(world.mails().mails_to("ana@team.example").is_empty());
    });
}

#[test]
fn a_mail_is_tried_again_at_a_busy_server_and_a_refused_one_is_listed() {
    with_mail(|world| {
        let (jin, subjects) = (jin(world), Subjects::of(world));
        for name in ["busy", "nobody"] {
            world.person(name, &format!("{name}@example.com"), Role::Support, "en");
        }
        note(world, &jin.token, &subjects.closure, json!({ "text": "@busy @nobody look" }));
        world.pump();
        let admin = world.token(Role::Admin);
        let listed = |state: &str| {
            let path = format!("/v1/deliveries?channel=mail&event=note.created&state={state}");
            world.send("GET", &path, &admin, None).json()["data"].as_array().unwrap().clone()
        };
        let (waiting, dead) = (listed("pending"), listed("dead"));
        assert_eq!((waiting.len(), dead.len()), (1, 1));
        assert!(
            dead[0]["last_error"].as_str().is_some_and(|e| e.contains("5.1.1") && !e.contains("nobody@example.com"))
        );
        world.mails().take_everyone();
        world.clock().advance(120 * Time::SECOND);
        world.pump();
        let mail = world.mails().mails_to("busy@example.com").remove(0);
        assert!(mail.subject.contains("a customer's case in "), "{}", mail.subject);

        let replay = format!("/v1/deliveries/{}/replay", dead[0]["id"].as_str().unwrap());
        assert_eq!(world.send("POST", &replay, &admin, Some(&json!({}))).status, 202);
        world.pump();
        assert_eq!(world.mails().mails_to("nobody@example.com").len(), 1);
    });
}

#[test]
fn a_members_name_can_not_add_a_header_to_a_mail() {
    with_mail(|world| {
        let story = format!("/v1/stories/{}", world.story_about(world.new_theme("Refunds")));
        let evil = "Eve\r\nBcc: evil@example.com";
        let eve = world.person(evil, "eve@team.example", Role::Product, "en");
        let ana = world.person("Ana\nBcc: evil@example.com", "ana@team.example", Role::Support, "ko");
        let title = json!({ "title": "Refunds\r\nBcc: evil@example.com" });
        assert_eq!(world.send("PATCH", &story, &eve.token, Some(&title)).status, 200);
        let text = "\r\n.\r\nRCPT TO:<evil@example.com>\r\nBcc: evil@example.com";
        note(world, &eve.token, &story, json!({ "text": text, "mentions": [ana.id] }));
        world.pump();
        let mail = world.mails().mails_to("ana@team.example").remove(0);
        assert!(mail.headers.iter().all(|(name, _)| !name.eq_ignore_ascii_case("bcc")), "{mail:?}");
        assert!(mail.subject.contains("Eve Bcc: evil@example.com") && mail.text.contains("RCPT TO:<evil@example.com>"));
        assert!(world.mails().mails_to("evil@example.com").is_empty());
    });
}

#[test]
fn without_a_mail_server_nothing_waits_to_be_sent() {
    without_mail(|world| {
        let (jin, subjects) = (jin(world), Subjects::of(world));
        let ana = world.person("Ana", "ana@team.example", Role::Support, "en");
        let written: Id = note(world, &jin.token, &subjects.story, json!({ "text": "@Ana look" }))["id"]
            .as_str()
            .unwrap()
            .parse()
            .unwrap();
        world.pump();
        let admin = world.token(Role::Admin);
        let listed = world.send("GET", &format!("/v1/deliveries?subject={written}"), &admin, None).json();
        assert_eq!(listed["data"], json!([]));
        assert_eq!(mentions(world, &ana.token, "?unread=true").len(), 1);
    });
}
