//! Mails as they arrive at a real SMTP server.

use hearback::domain::stories::stage::Stage;
use hearback::domain::{
    base::{Time, html},
    closure::{Channel, ClosureState},
    team::Role,
};
use hearback::jobs::outbox::mail::Mails;
use hearback::jobs::outbox::{AttemptOutcome, Sender};
use hearback::usecase::privacy::erasure;
use serde_json::json;

use super::with_mail;

#[test]
fn everyone_gets_one_mail_in_their_language_with_their_own_words() {
    with_mail(|world| {
        let theme = world.new_theme("Refunds");
        let ann = world.customer("ann@example.com").about(theme).files("The refund has not arrived & I wait").customer;
        world.customer("minji@example.com").about(theme).files("환불이 아직도 안 들어왔어요. 벌써 2주째예요.");
        let story = world.story_about(theme);
        world.release_story(story);
        assert_eq!(world.mails().raw().len(), 2);
        world.pump();
        assert_eq!(world.mails().raw().len(), 2, "once");

        let mail = world.mails().mails_to("ann@example.com").remove(0);
        assert_eq!((mail.from.as_str(), mail.name.as_str()), ("voice@paylo.example", "ann"));
        assert_eq!(
            mail.subject,
            "[Default product] Is it solved? Refunds show a date".replace("Default product", &product(world))
        );
        for part in
            ["> The refund has not arrived & I wait", "Refunds show a date", "https://voice.example.com/answer/"]
        {
            assert!(mail.text.contains(part), "{part} in {}", mail.text);
        }
        assert!(html::text(&mail.html).contains("The refund has not arrived & I wait"));
        assert_eq!(mail.header("List-Unsubscribe-Post"), "List-Unsubscribe=One-Click");
        assert!(mail.header("List-Unsubscribe").contains("<https://voice.example.com/unsubscribe/"));
        assert_eq!(mail.header("Auto-Submitted"), "auto-generated");
        let closure = world.closure(story, ann);
        assert_eq!(mail.id, format!("{}.told@paylo.example", closure.id));
        assert_eq!((closure.state, closure.channel), (ClosureState::Told, Channel::Email));
        assert_eq!(world.stage(story), Stage::Closing);

        let korean = world.mails().mails_to("minji@example.com").remove(0);
        assert!(korean.subject.contains("해결되었나요?"), "{}", korean.subject);
        assert!(korean.text.contains("> 환불이 아직도 안 들어왔어요. 벌써 2주째예요."));
        assert!(korean.html.contains("lang=\"ko\""));

        // The links of the mails answer.
        assert_eq!(world.submit(&mail.answer(), "answer=solved").status, 200);
        assert_eq!(world.submit(&korean.answer(), "answer=solved").status, 200);
        assert_eq!(world.stage(story), Stage::Closed);
    });
}

#[test]
fn notes_about_a_customer_are_not_quoted_to_them_and_signatures_are_left_out() {
    with_mail(|world| {
        let theme = world.new_theme("Refunds");
        let say = |email: &str, source: &str, text: &str| {
            let said = json!({ "text": text, "source": source, "customer": { "email": email } });
            world.file_as(hearback::domain::base::Actor { kind: "service", id: None }, theme, said);
        };
        say("ann@example.com", "sales", "Churn risk: they leave at renewal unless refunds get faster");
        say("bob@example.com", "email", "Where is my refund?\n\n-- \nBob Ray\nHead of Finance\nbob@example.com");
        // Customers are quoted what they wrote themselves, even if a member noted something later.
        say("cho@example.com", "email", "환불이 아직 안 들어왔어요");
        say("cho@example.com", "call", "고객 전화. 환불 문의. 화가 많이 나셨음");
        world.release_story(world.story_about(theme));

        let mail = |to: &str| world.mails().mails_to(to).remove(0);
        let ann = mail("ann@example.com");
        assert!(ann.text.contains("you told us that something was wrong or missing."), "{}", ann.text);
        assert!(!ann.text.contains("Churn") && !ann.html.contains("Churn"), "{}", ann.text);
        assert!(!world.open("GET", &ann.answer()).send().body.contains("Churn"));
        let bob = mail("bob@example.com");
        assert!(bob.text.contains("> Where is my refund?") && !bob.text.contains("Head of Finance"), "{}", bob.text);
        let cho = mail("cho@example.com");
        assert!(cho.text.contains("> 환불이 아직 안 들어왔어요") && !cho.text.contains("화가"), "{}", cho.text);
    });
}

fn product(world: &crate::support::World) -> String {
    let shown = world.send("GET", "/v1/products", &world.token(Role::Viewer), None).json();
    shown["data"][0]["name"].as_str().unwrap().to_owned()
}

#[test]
fn a_mail_sent_again_after_a_crash_is_known_to_be_the_same() {
    with_mail(|world| {
        let theme = world.new_theme("Refunds");
        world.customer("ann@example.com").about(theme).files("Refund please");
        let story = world.story_about(theme);
        world.go(story, "ready");
        world.go(story, "released");
        world.fan_out();
        let mails = Mails::new(world.app().config.mailer().unwrap(), world.app().config.public_url());
        let delivery = world.due("mail").remove(0);
        // The mail left, and the process died before it recorded that.
        assert!(matches!(mails.send(world.store(), &delivery), AttemptOutcome::Delivered { status: Some(250) }));
        assert!(matches!(mails.send(world.store(), &delivery), AttemptOutcome::Delivered { status: Some(250) }));
        let sent = world.mails().mails();
        assert_eq!((sent.len(), &sent[0].id), (2, &sent[1].id));
        let delivery_again = delivery.clone();
        world.write(move |tx| mails.ended(tx, &delivery_again, true)).unwrap();
        let mails = Mails::new(world.app().config.mailer().unwrap(), String::new());
        // The closure is told by now: the mail does not leave a third time.
        assert!(matches!(mails.send(world.store(), &delivery), AttemptOutcome::Delivered { status: None }));
        assert_eq!(world.mails().raw().len(), 2);
        assert!(!delivery.body.to_string().contains("example.com"), "the outbox holds no address");
    });
}

#[test]
fn a_reminder_comes_once_in_the_same_thread_and_then_time_is_over() {
    with_mail(|world| {
        let theme = world.new_theme("Refunds");
        let [ann, bob] = ["ann", "bob"]
            .map(|name| world.customer(&format!("{name}@example.com")).about(theme).files("Refund please").customer);
        let story = world.story_about(theme);
        world.release_story(story);
        let first = world.mails().mails_to("bob@example.com").remove(0);
        world.submit(&world.mails().mails_to("ann@example.com")[0].answer(), "answer=solved");
        world.days_pass(6);
        assert_eq!(world.mails().raw().len(), 2);
        world.days_pass(1);
        world.days_pass(1);
        let mails = world.mails().mails_to("bob@example.com");
        assert_eq!((mails.len(), world.mails().mails_to("ann@example.com").len()), (2, 1));
        let reminder = &mails[1];
        assert_eq!(reminder.in_reply_to.as_deref(), Some(first.id.as_str()));
        assert!(reminder.id != first.id && reminder.subject == format!("Re: {}", first.subject));
        assert_eq!(reminder.header("References"), format!("<{}>", first.id));
        let closure = world.closure(story, bob);
        assert!(closure.reminded_at.is_some() && closure.state == ClosureState::Told);
        assert_eq!(
            world.kinds_of(closure.id),
            ["closure.opened", "closure.told", "closure.reminder_due", "closure.reminded"]
        );
        assert_eq!(world.open("GET", &reminder.answer()).send().status, 200);

        world.days_pass(23);
        assert_eq!(world.closure(story, bob).state, ClosureState::Expired);
        assert_eq!(world.closure(story, ann).state, ClosureState::Confirmed);
        assert_eq!((world.stage(story), world.mails().raw().len()), (Stage::Closed, 3));
        assert_eq!(world.open("GET", &reminder.answer()).send().status, 410);
    });
}

#[test]
fn one_click_ends_the_mails() {
    with_mail(|world| {
        let theme = world.new_theme("Refunds");
        let ann = world.customer("ann@example.com").about(theme).files("Refund please").customer;
        let story = world.story_about(theme);
        world.release_story(story);
        let mail = world.mails().mails().remove(0);
        let path = mail.unsubscribe();
        let customer = || {
            let path = format!("/v1/customers/{ann}");
            world.send("GET", &path, &world.token(Role::Viewer), None).json()["unsubscribed_at"].clone()
        };
        let page = world.open("GET", &path).send();
        assert!(page.status == 200 && page.body.contains("<form method=\"post\">"), "{page:?}");
        assert!(customer().is_null(), "looking changes nothing");
        // As a mail program does it (RFC 8058).
        assert_eq!(world.submit(&path, "List-Unsubscribe=One-Click").status, 200);
        assert!(customer().is_string());
        assert_eq!(world.submit(&path, "List-Unsubscribe=One-Click").status, 200, "again is nothing new");
        assert!(world.open("GET", &path).send().body.contains("You get no more mail"));
        let tampered = format!("{}A", &path[..path.len() - 2]);
        assert_eq!(world.submit(&tampered, "List-Unsubscribe=One-Click").status, 404);

        // They can still answer, and are told the next time by an agent.
        assert_eq!(world.submit(&mail.answer(), "answer=not_solved&because=Still+late").status, 200);
        world.release_story(story);
        let second = world.closure(story, ann);
        assert_eq!((second.round, second.channel, second.state), (2, Channel::Agent, ClosureState::Waiting));
        assert_eq!(world.mails().raw().len(), 1);
        world.write(move |tx| erasure::customer(tx, ann, None)).unwrap();
        assert_eq!(world.submit(&path, "List-Unsubscribe=One-Click").status, 410);
    });
}

#[test]
fn a_refused_mailbox_is_unreachable_a_busy_server_is_tried_again_and_another_refusal_goes_to_an_agent() {
    with_mail(|world| {
        let theme = world.new_theme("Refunds");
        let [nobody, busy, relay] = ["nobody", "busy", "relay"]
            .map(|name| world.customer(&format!("{name}@example.com")).about(theme).files("Refund please").customer);
        let story = world.story_about(theme);
        world.release_story(story);
        let closure = world.closure(story, nobody);
        assert_eq!(closure.state, ClosureState::Unreachable);
        let reason = closure.reason.unwrap();
        assert!(reason.contains("5.1.1") && !reason.contains("nobody@example.com"), "{reason}");
        let agent = world.token(Role::Support);
        let customer = world.send("GET", &format!("/v1/customers/{nobody}"), &agent, None).json();
        assert!(customer["bounced_at"].is_string());
        assert_eq!(
            (world.closure(story, relay).channel, world.closure(story, relay).state),
            (Channel::Agent, ClosureState::Waiting)
        );
        assert_eq!(
            (world.closure(story, busy).channel, world.closure(story, busy).state),
            (Channel::Email, ClosureState::Waiting)
        );

        world.mails().take_everyone();
        world.clock().advance(120 * Time::SECOND);
        world.pump();
        assert_eq!(world.closure(story, busy).state, ClosureState::Told);
        assert_eq!(world.mails().raw().len(), 1);

        // A new address ends the mark that mails bounce.
        let path = format!("/v1/customers/{nobody}");
        let moved = world.send("PATCH", &path, &agent, Some(&json!({ "email": "nina@example.com" })));
        assert!(moved.json()["bounced_at"].is_null());
    });
}

#[test]
fn a_bounce_that_is_reported_counts_where_it_is_hard() {
    with_mail(|world| {
        let theme = world.new_theme("Refunds");
        let [ann, bob] = ["ann", "bob"]
            .map(|name| world.customer(&format!("{name}@example.com")).about(theme).files("Refund please").customer);
        let story = world.story_about(theme);
        world.release_story(story);
        let ingest = world.token(Role::Ingest);
        let report = |body| world.send("POST", "/v1/bounces", &ingest, Some(&body));
        let id = world.mails().mails_to("ann@example.com")[0].id.clone();
        let soft = report(json!({ "message_id": format!("<{id}>"), "kind": "soft", "reason": "mailbox full" }));
        assert_eq!((soft.status, soft.json()["closure_ids"].as_array().map(Vec::len)), (200, Some(0)));
        assert_eq!(world.closure(story, ann).state, ClosureState::Told);
        let hard = report(json!({ "message_id": format!("<{id}>"), "kind": "hard", "reason": "no such user" }));
        assert_eq!(hard.json()["closure_ids"], json!([world.closure(story, ann).id]));
        let closure = world.closure(story, ann);
        assert_eq!(
            (closure.state, closure.reason.as_deref()),
            (ClosureState::Unreachable, Some("The mail came back: no such user"))
        );
        assert_eq!(report(json!({ "email": "BOB@example.com", "kind": "hard" })).status, 200);
        assert_eq!(world.closure(story, bob).state, ClosureState::Unreachable);
        assert_eq!(world.stage(story), Stage::Closed, "everyone's case has ended");
        report(json!({ "kind": "hard" })).refused(&[" required"]);
        report(json!({ "message_id": "<1@elsewhere>", "kind": "hard" })).refused(&["/message_id unknown"]);
        report(json!({ "email": "zoe@example.com", "kind": "hard" })).refused(&["/email unknown"]);
    });
}

#[test]
fn a_customers_name_can_not_add_a_header_to_a_mail() {
    with_mail(|world| {
        let theme = world.new_theme("Refunds");
        let agent = world.token(Role::Support);
        for (n, name) in [
            "Ann\r\nBcc: evil@example.com",
            "\"Ann\" <evil@example.com>, ",
            "=?utf-8?q?=0D=0ABcc:_evil?=",
            "가나다\u{2028}\n\nBcc: x",
        ]
        .into_iter()
        .enumerate()
        {
            let said = json!({
                "text": "Refund please\r\n.\r\nRCPT TO:<evil@example.com>\r\n\r\nBcc: evil@example.com",
                "customer": { "email": format!("ann{n}@example.com"), "name": name }
            });
            world.file_as(hearback::domain::base::Actor { kind: "service", id: None }, theme, said);
        }
        let story = world.story_about(theme);
        let title = json!({ "title": "Refunds\r\nBcc: evil@example.com\r\n\r\nshow a date" });
        assert_eq!(
            world.send("PATCH", &format!("/v1/stories/{story}"), &world.token(Role::Admin), Some(&title)).status,
            200
        );
        // The title looks like a customer's words and name, so nobody is told before a member confirms it.
        let confirm = format!("/v1/stories/{story}/confirm_quotes");
        assert_eq!(world.send("POST", &confirm, &world.token(Role::Product), Some(&json!({}))).status, 200);
        world.release_story(story);
        let mails = world.mails().mails();
        assert_eq!(mails.len(), 4);
        for mail in mails {
            let expected = [
                "From",
                "To",
                "Subject",
                "Message-ID",
                "List-Unsubscribe",
                "List-Unsubscribe-Post",
                "Auto-Submitted",
                "X-Auto-Response-Suppress",
                "MIME-Version",
                "Date",
                "Content-Type",
            ];
            for (name, _) in &mail.headers {
                let ours = expected.iter().any(|e| e.eq_ignore_ascii_case(name)) || name.starts_with("X-");
                assert!(ours, "{name}: {mail:?}");
            }
            assert!(
                mail.to.starts_with("ann") && mail.subject.contains("Refunds Bcc: evil@example.com show a date"),
                "{mail:?}"
            );
            assert!(mail.text.contains("RCPT TO:<evil@example.com>"), "the whole text arrived");
        }
        drop(agent);
    });
}

#[test]
fn without_a_known_language_a_page_follows_the_browser() {
    with_mail(|world| {
        let theme = world.new_theme("Refunds");
        let said = json!({ "text": "12345", "customer": { "email": "ann@example.com" } });
        let (number, _) = world.file_as(hearback::domain::base::Actor { kind: "service", id: None }, theme, said);
        // Feedback of digits alone is set aside until a member moves it to a theme.
        let (agent, to) = (world.token(Role::Product), json!({ "theme_id": theme }));
        let moved = world.send("POST", &format!("/v1/feedback/{number}/move"), &agent, Some(&to));
        assert_eq!(moved.status, 200, "{moved:?}");
        let story = world.story_about(theme);
        world.transition(story, json!({ "to": "declined", "reason": "No words." })).unwrap();
        world.pump();
        let path = world.mails().mails_to("ann@example.com")[0].unsubscribe();
        let page = |languages| world.open("GET", &path).header("Accept-Language", languages).send().body;
        assert!(page("ko-KR,ko;q=0.9,en;q=0.8").contains("lang=\"ko\""));
        assert!(page("en,ko;q=0.5").contains("lang=\"en\""));
        let done = world.open("POST", &path).header("Accept-Language", "ko");
        let done = done.header("Content-Type", "application/x-www-form-urlencoded").body("List-Unsubscribe=One-Click");
        assert!(done.send().body.contains("lang=\"ko\""));
    });
}

#[test]
fn a_decline_can_be_kept_from_customers() {
    with_mail(|world| {
        let theme = world.new_theme("Refunds");
        world.customer("ann@example.com").about(theme).files("I love this app");
        let story = world.story_about(theme);
        let declined = json!({ "to": "declined", "reason": "Praise is no work.", "tell_customers": false });
        world.transition(story, declined).unwrap();
        world.pump();
        assert!(world.mails().raw().is_empty());
        let other = world.transition(story, json!({ "to": "draft", "reason": "x", "tell_customers": true }));
        assert!(format!("{:?}", other.unwrap_err()).contains("/tell_customers"));
    });
}
