//! A decline is told to customers as a release is.

use hearback::domain::stories::stage::Stage;
use hearback::domain::{
    base::Actor,
    closure::{Channel, ClosureKind, ClosureState},
    team::Role,
};
use serde_json::json;

use super::bench::with_mail;

#[test]
fn everyone_behind_a_declined_story_hears_why_and_has_a_case() {
    with_mail(|bench| {
        let theme = bench.theme();
        let ann = bench.say(theme, "ann@example.com", "Please show the refund date");
        bench.say(theme, "ann@example.com", "Again: when is the refund?");
        let minji = bench.say(theme, "minji@example.com", "환불 날짜를 보여 주세요. 언제 들어오는지 알 수 없어요.");
        let jin = bench.member("jin@example.com");
        let phone = json!({ "text": "Refund by phone", "customer": { "name": "Freya", "external_id": "f1" } });
        let freya = bench.say_as(Actor { kind: "member", id: Some(jin) }, theme, phone).1.unwrap();
        let story = bench.story(theme);
        let declined = json!({ "to": "declined", "reason": "Banks do not tell us the date." });
        bench.transition(story, declined).unwrap();
        bench.pump();
        bench.pump();
        assert_eq!(bench.mails().raw().len(), 2, "one each");

        let mail = bench.mails().mails_to("ann@example.com").remove(0);
        let case = bench.closure(story, ann);
        assert_eq!(mail.id, format!("{}.told@paylo.example", case.id));
        assert_eq!((case.kind, case.state, case.round), (ClosureKind::Decline, ClosureState::Told, 1));
        for part in ["> Again: when is the refund?", "Banks do not tell us the date."] {
            assert!(mail.text.contains(part), "{part} in {}", mail.text);
        }
        assert!(!mail.text.contains("solved") && !mail.subject.contains("solved"), "{}", mail.text);
        let korean = bench.mails().mails_to("minji@example.com").remove(0);
        assert!(korean.text.contains("진행하지 않기로"), "{}", korean.text);
        let page = bench.open("GET", &korean.unsubscribe()).send();
        assert!(page.status == 200 && page.body.contains("lang=\"ko\""), "{page:?}");

        // Without a mail it is a to-do, of who filed it.
        let to_do = bench.closure(story, freya);
        assert_eq!((to_do.channel, to_do.state, to_do.assignee_id), (Channel::Agent, ClosureState::Waiting, Some(jin)));
        let agent = bench.token(Role::Support, None);
        let outcome = bench.call(&agent, "GET", &format!("/v1/customers/{freya}/stories"), None).json();
        assert_eq!(outcome["data"][0]["closure_state"], "waiting");
        let told = bench.call(&agent, "POST", &format!("/v1/closures/{}/tell", to_do.id), None);
        assert_eq!((told.status, bench.stage(story)), (200, Stage::Declined));

        // The page takes note, or more; it does not ask whether it is solved.
        let page = bench.open("GET", &mail.answer()).send();
        assert!(page.status == 200 && page.body.contains("Banks do not tell us the date."), "{page:?}");
        assert!(page.body.contains("Understood") && page.body.contains("Tell us more") && !page.body.contains("olved"));
        assert_eq!(bench.submit(&mail.answer(), "answer=solved").status, 422);
        assert_eq!(bench.submit(&mail.answer(), "answer=understood").status, 200);
        assert_eq!(bench.closure(story, ann).state, ClosureState::Confirmed);
        let page = bench.open("GET", &korean.answer()).send();
        assert!(page.body.contains("알겠습니다") && !page.body.contains("해결"), "{}", page.body);
        assert_eq!(
            bench
                .submit(&korean.answer(), "answer=more&because=%EC%9D%80%ED%96%89%EC%9D%80+%EC%95%8C%EC%95%84%EC%9A%94")
                .status,
            200
        );
        let more = bench.closure(story, minji);
        assert_eq!((more.state, bench.stage(story)), (ClosureState::Reopened, Stage::Declined), "it stays declined");
        let said = bench.call(&agent, "GET", &format!("/v1/feedback/{}", more.feedback_id.unwrap()), None).json();
        assert_eq!((said["text"].as_str(), &said["theme"]["id"]), (Some("은행은 알아요"), &json!(theme)));

        // Nobody is reminded, and the last case ends by itself.
        bench.days_pass(8);
        assert_eq!(bench.mails().raw().len(), 2, "a decline does not nag");
        bench.days_pass(30);
        assert_eq!(bench.closure(story, freya).state, ClosureState::Expired);
    });
}

#[test]
fn another_decision_is_another_round_and_who_wants_no_mail_is_an_agents_to_do() {
    with_mail(|bench| {
        let theme = bench.theme();
        let ann = bench.say(theme, "ann@example.com", "Please show the refund date");
        bench.say(theme, "bob@example.com", "Show the date");
        let story = bench.story(theme);
        bench.transition(story, json!({ "to": "declined", "reason": "No." })).unwrap();
        bench.pump();
        let mail = bench.mails().mails_to("ann@example.com").remove(0);
        assert_eq!(bench.submit(&mail.unsubscribe(), "List-Unsubscribe=One-Click").status, 200);
        bench.submit(&bench.mails().mails_to("bob@example.com")[0].answer(), "answer=understood");
        bench.transition(story, json!({ "to": "draft", "reason": "A bank may." })).unwrap();
        bench.transition(story, json!({ "to": "declined", "reason": "It will not." })).unwrap();
        bench.pump();
        assert_eq!(bench.mails().mails_to("ann@example.com").len(), 1);
        let again = bench.closure(story, ann);
        assert_eq!((again.round, again.channel, again.state), (2, Channel::Agent, ClosureState::Waiting));
        let both = bench.mails().mails_to("bob@example.com");
        assert_eq!(both.len(), 2, "another decision is another mail");
        assert_ne!(both[0].id, both[1].id, "no mail program takes it for the first");

        // Who took note of a decline hears of the release that comes after all.
        bench.transition(story, json!({ "to": "accepted", "reason": "The banks changed." })).unwrap();
        bench.release(story);
        let released = bench.mails().mails_to("bob@example.com").remove(2);
        assert!(released.subject.contains("Is it solved?"), "{}", released.subject);
    });
}

#[test]
fn a_decline_that_is_taken_back_in_time_tells_nobody() {
    with_mail(|bench| {
        bench.settings(json!({ "recall_minutes": 10 }));
        let theme = bench.theme();
        let ann = bench.say(theme, "ann@example.com", "Please show the refund date");
        let story = bench.story(theme);
        bench.transition(story, json!({ "to": "declined", "reason": "No." })).unwrap();
        bench.pump();
        bench.transition(story, json!({ "to": "draft", "reason": "Wait." })).unwrap();
        bench.clock.advance(3_600_000_000);
        bench.pump();
        assert!(bench.mails().raw().is_empty());
        assert_eq!(bench.closure(story, ann).state, ClosureState::Expired);
    });
}

#[test]
fn an_address_that_refuses_the_mail_of_a_decline_is_known() {
    with_mail(|bench| {
        let theme = bench.theme();
        let nobody = bench.say(theme, "nobody@example.com", "Show the refund date");
        let ann = bench.say(theme, "ann@example.com", "Show the refund date");
        let story = bench.story(theme);
        bench.transition(story, json!({ "to": "declined", "reason": "No date." })).unwrap();
        bench.pump();
        assert_eq!(bench.closure(story, nobody).state, ClosureState::Unreachable);
        let id = bench.mails().mails_to("ann@example.com")[0].id.clone();
        let report = json!({ "message_id": id, "kind": "hard" });
        let bounced = bench.call(&bench.token(Role::Ingest, None), "POST", "/v1/bounces", Some(report)).json();
        assert_eq!(&bounced["customer_id"], &json!(ann));
        assert_eq!(bench.closure(story, ann).state, ClosureState::Unreachable);
        // What an earlier version sent had no closure.
        let old = json!({ "message_id": format!("{}.{nobody}.declined@paylo.example", story), "kind": "soft" });
        let old = bench.call(&bench.token(Role::Ingest, None), "POST", "/v1/bounces", Some(old));
        assert_eq!((old.status, &old.json()["customer_id"]), (200, &json!(nobody)));
    });
}
