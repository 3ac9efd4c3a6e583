//! Mails as they arrive at a real SMTP server.

use hearback::domain::stories::stage::Stage;
use hearback::domain::{
    base::{Time, html},
    closure::{Channel, ClosureState},
    team::Role,
};
use hearback::jobs::outbox::mail::Mails;
use hearback::jobs::outbox::{Outcome, Sender};
use hearback::usecase::privacy::erasure;
use serde_json::json;

use super::bench::with_mail;

#[test]
fn everyone_gets_one_mail_in_their_language_with_their_own_words() {
    with_mail(|bench| {
        let theme = bench.theme();
        let ann = bench.say(theme, "ann@example.com", "The refund has not arrived & I wait");
        bench.say(theme, "minji@example.com", "환불이 아직도 안 들어왔어요. 벌써 2주째예요.");
        let story = bench.story(theme);
        bench.release(story);
        assert_eq!(bench.mails().raw().len(), 2);
        bench.pump();
        assert_eq!(bench.mails().raw().len(), 2, "once");

        let mail = bench.mails().mails_to("ann@example.com").remove(0);
        assert_eq!((mail.from.as_str(), mail.name.as_str()), ("voice@paylo.example", "ann"));
        assert_eq!(
            mail.subject,
            "[Default product] Is it solved? Refunds show a date".replace("Default product", &product(bench))
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
        let closure = bench.closure(story, ann);
        assert_eq!(mail.id, format!("{}.told@paylo.example", closure.id));
        assert_eq!((closure.state, closure.channel), (ClosureState::Told, Channel::Email));
        assert_eq!(bench.stage(story), Stage::Closing);

        let korean = bench.mails().mails_to("minji@example.com").remove(0);
        assert!(korean.subject.contains("해결되었나요?"), "{}", korean.subject);
        assert!(korean.text.contains("> 환불이 아직도 안 들어왔어요. 벌써 2주째예요."));
        assert!(korean.html.contains("lang=\"ko\""));

        // The links of the mails answer.
        assert_eq!(bench.submit(&mail.answer(), "answer=solved").status, 200);
        assert_eq!(bench.submit(&korean.answer(), "answer=solved").status, 200);
        assert_eq!(bench.stage(story), Stage::Closed);
    });
}

#[test]
fn what_others_noted_of_a_customer_is_not_quoted_to_them_and_signatures_are_left_out() {
    with_mail(|bench| {
        let theme = bench.theme();
        let say = |email: &str, source: &str, text: &str| {
            let said = json!({ "text": text, "source": source, "customer": { "email": email } });
            bench.say_as(hearback::domain::base::Actor { kind: "service", id: None }, theme, said);
        };
        say("ann@example.com", "sales", "Churn risk: they leave at renewal unless refunds get faster");
        say("bob@example.com", "email", "Where is my refund?\n\n-- \nBob Ray\nHead of Finance\nbob@example.com");
        // Who wrote themselves is reminded of that, also where something was noted later.
        say("cho@example.com", "email", "환불이 아직 안 들어왔어요");
        say("cho@example.com", "call", "고객 전화. 환불 문의. 화가 많이 나셨음");
        bench.release(bench.story(theme));

        let mail = |to: &str| bench.mails().mails_to(to).remove(0);
        let ann = mail("ann@example.com");
        assert!(ann.text.contains("you told us that something was wrong or missing."), "{}", ann.text);
        assert!(!ann.text.contains("Churn") && !ann.html.contains("Churn"), "{}", ann.text);
        assert!(!bench.open("GET", &ann.answer()).send().body.contains("Churn"));
        let bob = mail("bob@example.com");
        assert!(bob.text.contains("> Where is my refund?") && !bob.text.contains("Head of Finance"), "{}", bob.text);
        let cho = mail("cho@example.com");
        assert!(cho.text.contains("> 환불이 아직 안 들어왔어요") && !cho.text.contains("화가"), "{}", cho.text);
    });
}

fn product(bench: &super::bench::Bench) -> String {
    let shown = bench.call(&bench.token(Role::Viewer, None), "GET", "/v1/products", None).json();
    shown["data"][0]["name"].as_str().unwrap().to_owned()
}

#[test]
fn a_mail_sent_again_after_a_crash_is_known_to_be_the_same() {
    with_mail(|bench| {
        let theme = bench.theme();
        bench.say(theme, "ann@example.com", "Refund please");
        let story = bench.story(theme);
        bench.go(story, "ready");
        bench.go(story, "released");
        bench.fan_out();
        let mails = Mails::new(bench.app.config.mailer().unwrap(), bench.app.config.public_url());
        let delivery = bench.due("mail").remove(0);
        // It went out, and the process died before that was recorded.
        assert!(matches!(mails.send(&bench.app.store, &delivery), Outcome::Delivered { status: Some(250) }));
        assert!(matches!(mails.send(&bench.app.store, &delivery), Outcome::Delivered { status: Some(250) }));
        let sent = bench.mails().mails();
        assert_eq!((sent.len(), &sent[0].id), (2, &sent[1].id));
        let delivery_again = delivery.clone();
        bench.write(move |tx| mails.ended(tx, &delivery_again, true)).unwrap();
        let mails = Mails::new(bench.app.config.mailer().unwrap(), String::new());
        // Told by now: it does not go out a third time.
        assert!(matches!(mails.send(&bench.app.store, &delivery), Outcome::Delivered { status: None }));
        assert_eq!(bench.mails().raw().len(), 2);
        assert!(!delivery.body.to_string().contains("example.com"), "the outbox holds no address");
    });
}

#[test]
fn a_reminder_comes_once_in_the_same_thread_and_then_time_is_over() {
    with_mail(|bench| {
        let theme = bench.theme();
        let [ann, bob] = ["ann", "bob"].map(|name| bench.say(theme, &format!("{name}@example.com"), "Refund please"));
        let story = bench.story(theme);
        bench.release(story);
        let first = bench.mails().mails_to("bob@example.com").remove(0);
        bench.submit(&bench.mails().mails_to("ann@example.com")[0].answer(), "answer=solved");
        bench.days_pass(6);
        assert_eq!(bench.mails().raw().len(), 2);
        bench.days_pass(1);
        bench.days_pass(1);
        let mails = bench.mails().mails_to("bob@example.com");
        assert_eq!((mails.len(), bench.mails().mails_to("ann@example.com").len()), (2, 1));
        let reminder = &mails[1];
        assert_eq!(reminder.in_reply_to.as_deref(), Some(first.id.as_str()));
        assert!(reminder.id != first.id && reminder.subject == format!("Re: {}", first.subject));
        assert_eq!(reminder.header("References"), format!("<{}>", first.id));
        let closure = bench.closure(story, bob);
        assert!(closure.reminded_at.is_some() && closure.state == ClosureState::Told);
        assert_eq!(
            bench.history(closure.id),
            ["closure.opened", "closure.told", "closure.reminder_due", "closure.reminded"]
        );
        assert_eq!(bench.open("GET", &reminder.answer()).send().status, 200);

        bench.days_pass(23);
        assert_eq!(bench.closure(story, bob).state, ClosureState::Expired);
        assert_eq!(bench.closure(story, ann).state, ClosureState::Confirmed);
        assert_eq!((bench.stage(story), bench.mails().raw().len()), (Stage::Closed, 3));
        assert_eq!(bench.open("GET", &reminder.answer()).send().status, 410);
    });
}

#[test]
fn one_click_ends_the_mails() {
    with_mail(|bench| {
        let theme = bench.theme();
        let ann = bench.say(theme, "ann@example.com", "Refund please");
        let story = bench.story(theme);
        bench.release(story);
        let mail = bench.mails().mails().remove(0);
        let path = mail.unsubscribe();
        let customer = || {
            let path = format!("/v1/customers/{ann}");
            bench.call(&bench.token(Role::Viewer, None), "GET", &path, None).json()["unsubscribed_at"].clone()
        };
        let page = bench.open("GET", &path).send();
        assert!(page.status == 200 && page.body.contains("<form method=\"post\">"), "{page:?}");
        assert!(customer().is_null(), "looking changes nothing");
        // As a mail program does it (RFC 8058).
        assert_eq!(bench.submit(&path, "List-Unsubscribe=One-Click").status, 200);
        assert!(customer().is_string());
        assert_eq!(bench.submit(&path, "List-Unsubscribe=One-Click").status, 200, "again is nothing new");
        assert!(bench.open("GET", &path).send().body.contains("You get no more mail"));
        let tampered = format!("{}A", &path[..path.len() - 2]);
        assert_eq!(bench.submit(&tampered, "List-Unsubscribe=One-Click").status, 404);

        // They can still answer, and are told the next time by an agent.
        assert_eq!(bench.submit(&mail.answer(), "answer=not_solved&because=Still+late").status, 200);
        bench.release(story);
        let second = bench.closure(story, ann);
        assert_eq!((second.round, second.channel, second.state), (2, Channel::Agent, ClosureState::Waiting));
        assert_eq!(bench.mails().raw().len(), 1);
        bench.write(move |tx| erasure::customer(tx, ann, None)).unwrap();
        assert_eq!(bench.submit(&path, "List-Unsubscribe=One-Click").status, 410);
    });
}

#[test]
fn a_refused_mailbox_is_unreachable_a_busy_server_is_tried_again_and_another_refusal_goes_to_an_agent() {
    with_mail(|bench| {
        let theme = bench.theme();
        let [nobody, busy, relay] =
            ["nobody", "busy", "relay"].map(|name| bench.say(theme, &format!("{name}@example.com"), "Refund please"));
        let story = bench.story(theme);
        bench.release(story);
        let closure = bench.closure(story, nobody);
        assert_eq!(closure.state, ClosureState::Unreachable);
        let reason = closure.reason.unwrap();
        assert!(reason.contains("5.1.1") && !reason.contains("nobody@example.com"), "{reason}");
        let agent = bench.token(Role::Support, None);
        let customer = bench.call(&agent, "GET", &format!("/v1/customers/{nobody}"), None).json();
        assert!(customer["bounced_at"].is_string());
        assert_eq!(
            (bench.closure(story, relay).channel, bench.closure(story, relay).state),
            (Channel::Agent, ClosureState::Waiting)
        );
        assert_eq!(
            (bench.closure(story, busy).channel, bench.closure(story, busy).state),
            (Channel::Email, ClosureState::Waiting)
        );

        bench.mails().take_everyone();
        bench.clock.advance(120 * Time::SECOND);
        bench.pump();
        assert_eq!(bench.closure(story, busy).state, ClosureState::Told);
        assert_eq!(bench.mails().raw().len(), 1);

        // Another address may well work.
        let path = format!("/v1/customers/{nobody}");
        let moved = bench.call(&agent, "PATCH", &path, Some(json!({ "email": "nina@example.com" })));
        assert!(moved.json()["bounced_at"].is_null());
    });
}

#[test]
fn a_bounce_that_is_reported_counts_where_it_is_hard() {
    with_mail(|bench| {
        let theme = bench.theme();
        let [ann, bob] = ["ann", "bob"].map(|name| bench.say(theme, &format!("{name}@example.com"), "Refund please"));
        let story = bench.story(theme);
        bench.release(story);
        let ingest = bench.token(Role::Ingest, None);
        let report = |body| bench.call(&ingest, "POST", "/v1/bounces", Some(body));
        let id = bench.mails().mails_to("ann@example.com")[0].id.clone();
        let soft = report(json!({ "message_id": format!("<{id}>"), "kind": "soft", "reason": "mailbox full" }));
        assert_eq!((soft.status, soft.json()["closure_ids"].as_array().map(Vec::len)), (200, Some(0)));
        assert_eq!(bench.closure(story, ann).state, ClosureState::Told);
        let hard = report(json!({ "message_id": format!("<{id}>"), "kind": "hard", "reason": "no such user" }));
        assert_eq!(hard.json()["closure_ids"], json!([bench.closure(story, ann).id]));
        let closure = bench.closure(story, ann);
        assert_eq!(
            (closure.state, closure.reason.as_deref()),
            (ClosureState::Unreachable, Some("The mail came back: no such user"))
        );
        assert_eq!(report(json!({ "email": "BOB@example.com", "kind": "hard" })).status, 200);
        assert_eq!(bench.closure(story, bob).state, ClosureState::Unreachable);
        assert_eq!(bench.stage(story), Stage::Closed, "everyone's case has ended");
        report(json!({ "kind": "hard" })).refused(&[" required"]);
        report(json!({ "message_id": "<1@elsewhere>", "kind": "hard" })).refused(&["/message_id unknown"]);
        report(json!({ "email": "zoe@example.com", "kind": "hard" })).refused(&["/email unknown"]);
    });
}

#[test]
fn nothing_a_customer_is_called_makes_a_header() {
    with_mail(|bench| {
        let theme = bench.theme();
        let agent = bench.token(Role::Support, None);
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
            bench.say_as(hearback::domain::base::Actor { kind: "service", id: None }, theme, said);
        }
        let story = bench.story(theme);
        let title = json!({ "title": "Refunds\r\nBcc: evil@example.com\r\n\r\nshow a date" });
        assert_eq!(
            bench.call(&bench.token(Role::Admin, None), "PATCH", &format!("/v1/stories/{story}"), Some(title)).status,
            200
        );
        // It is what a customer said and is called, which nobody is told before somebody confirms it.
        let confirm = format!("/v1/stories/{story}/confirm_quotes");
        assert_eq!(bench.call(&bench.token(Role::Product, None), "POST", &confirm, None).status, 200);
        bench.release(story);
        let mails = bench.mails().mails();
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
fn the_page_of_who_said_nothing_in_a_language_is_in_the_one_their_browser_asks_for() {
    with_mail(|bench| {
        let theme = bench.theme();
        let said = json!({ "text": "12345", "customer": { "email": "ann@example.com" } });
        let (number, _) = bench.say_as(hearback::domain::base::Actor { kind: "service", id: None }, theme, said);
        // Numbers alone are set aside, until somebody says that they belong here.
        let (agent, to) = (bench.token(Role::Product, None), json!({ "theme_id": theme }));
        let moved = bench.call(&agent, "POST", &format!("/v1/feedback/{number}/move"), Some(to));
        assert_eq!(moved.status, 200, "{moved:?}");
        let story = bench.story(theme);
        bench.transition(story, json!({ "to": "declined", "reason": "No words." })).unwrap();
        bench.pump();
        let path = bench.mails().mails_to("ann@example.com")[0].unsubscribe();
        let page = |languages| bench.open("GET", &path).header("Accept-Language", languages).send().body;
        assert!(page("ko-KR,ko;q=0.9,en;q=0.8").contains("lang=\"ko\""));
        assert!(page("en,ko;q=0.5").contains("lang=\"en\""));
        let done = bench.open("POST", &path).header("Accept-Language", "ko");
        let done = done.header("Content-Type", "application/x-www-form-urlencoded").body("List-Unsubscribe=One-Click");
        assert!(done.send().body.contains("lang=\"ko\""));
    });
}

#[test]
fn a_decline_can_be_kept_from_customers() {
    with_mail(|bench| {
        let theme = bench.theme();
        bench.say(theme, "ann@example.com", "I love this app");
        let story = bench.story(theme);
        let declined = json!({ "to": "declined", "reason": "Praise is no work.", "tell_customers": false });
        bench.transition(story, declined).unwrap();
        bench.pump();
        assert!(bench.mails().raw().is_empty());
        let other = bench.transition(story, json!({ "to": "draft", "reason": "x", "tell_customers": true }));
        assert!(format!("{:?}", other.unwrap_err()).contains("/tell_customers"));
    });
}
