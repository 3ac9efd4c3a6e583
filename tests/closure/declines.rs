//! A decline is told to customers as a release is.

use hearback::domain::stories::stage::Stage;
use hearback::domain::{
    base::Actor,
    closure::{Channel, ClosureKind, ClosureState},
    team::Role,
};
use serde_json::json;

use super::with_mail;

#[test]
fn everyone_behind_a_declined_story_hears_why_and_has_a_case() {
    with_mail(|world| {
        let theme = world.new_theme("Refunds");
        let ann = world.customer("ann@example.com").about(theme).files("Please show the refund date").customer;
        world.customer("ann@example.com").about(theme).files("Again: when is the refund?");
        let minji = world
            .customer("minji@example.com")
            .about(theme)
            .files("환불 날짜를 보여 주세요. 언제 들어오는지 알 수 없어요.")
            .customer;
        let jin = world.member("jin@example.com");
        let phone = json!({ "text": "Refund by phone", "customer": { "name": "Freya", "external_id": "f1" } });
        let freya = world.file_as(Actor { kind: "member", id: Some(jin) }, theme, phone).1.unwrap();
        let story = world.story_about(theme);
        let declined = json!({ "to": "declined", "reason": "Banks do not tell us the date." });
        world.transition(story, declined).unwrap();
        world.pump();
        world.pump();
        assert_eq!(world.mails().raw().len(), 2, "one each");

        let mail = world.mails().mails_to("ann@example.com").remove(0);
        let case = world.closure(story, ann);
        assert_eq!(mail.id, format!("{}.told@paylo.example", case.id));
        assert_eq!((case.kind, case.state, case.round), (ClosureKind::Decline, ClosureState::Told, 1));
        for part in ["> Again: when is the refund?", "Banks do not tell us the date."] {
            assert!(mail.text.contains(part), "{part} in {}", mail.text);
        }
        assert!(!mail.text.contains("solved") && !mail.subject.contains("solved"), "{}", mail.text);
        let korean = world.mails().mails_to("minji@example.com").remove(0);
        assert!(korean.text.contains("진행하지 않기로"), "{}", korean.text);
        let page = world.open("GET", &korean.unsubscribe()).send();
        assert!(page.status == 200 && page.body.contains("lang=\"ko\""), "{page:?}");

        // A customer without a mail address becomes a to-do of the member who filed the feedback.
        let to_do = world.closure(story, freya);
        assert_eq!((to_do.channel, to_do.state, to_do.assignee_id), (Channel::Agent, ClosureState::Waiting, Some(jin)));
        let agent = world.token(Role::Support);
        let outcome = world.send("GET", &format!("/v1/customers/{freya}/stories"), &agent, None).json();
        assert_eq!(outcome["data"][0]["closure_state"], "waiting");
        let told = world.send("POST", &format!("/v1/closures/{}/tell", to_do.id), &agent, Some(&json!({})));
        assert_eq!((told.status, world.stage(story)), (200, Stage::Declined));

        // The page of a decline offers "understood" and a comment; it does not ask whether the problem is solved.
        let page = world.open("GET", &mail.answer()).send();
        assert!(page.status == 200 && page.body.contains("Banks do not tell us the date."), "{page:?}");
        assert!(page.body.contains("Understood") && page.body.contains("Tell us more") && !page.body.contains("olved"));
        assert_eq!(world.submit(&mail.answer(), "answer=solved").status, 422);
        assert_eq!(world.submit(&mail.answer(), "answer=understood").status, 200);
        assert_eq!(world.closure(story, ann).state, ClosureState::Confirmed);
        let page = world.open("GET", &korean.answer()).send();
        assert!(page.body.contains("알겠습니다") && !page.body.contains("해결"), "{}", page.body);
        assert_eq!(
            world
                .submit(&korean.answer(), "answer=more&because=%EC%9D%80%ED%96%89%EC%9D%80+%EC%95%8C%EC%95%84%EC%9A%94")
                .status,
            200
        );
        let more = world.closure(story, minji);
        assert_eq!((more.state, world.stage(story)), (ClosureState::Reopened, Stage::Declined), "it stays declined");
        let said = world.send("GET", &format!("/v1/feedback/{}", more.feedback_id.unwrap()), &agent, None).json();
        assert_eq!((said["text"].as_str(), &said["theme"]["id"]), (Some("은행은 알아요"), &json!(theme)));

        // A decline sends no reminder, and its last closure expires by itself.
        world.days_pass(8);
        assert_eq!(world.mails().raw().len(), 2, "a decline does not nag");
        world.days_pass(30);
        assert_eq!(world.closure(story, freya).state, ClosureState::Expired);
    });
}

#[test]
fn declining_again_opens_a_second_round_and_unsubscribed_customers_go_to_an_agent() {
    with_mail(|world| {
        let theme = world.new_theme("Refunds");
        let ann = world.customer("ann@example.com").about(theme).files("Please show the refund date").customer;
        world.customer("bob@example.com").about(theme).files("Show the date");
        let story = world.story_about(theme);
        world.transition(story, json!({ "to": "declined", "reason": "No." })).unwrap();
        world.pump();
        let mail = world.mails().mails_to("ann@example.com").remove(0);
        assert_eq!(world.submit(&mail.unsubscribe(), "List-Unsubscribe=One-Click").status, 200);
        world.submit(&world.mails().mails_to("bob@example.com")[0].answer(), "answer=understood");
        world.transition(story, json!({ "to": "draft", "reason": "A bank may." })).unwrap();
        world.transition(story, json!({ "to": "declined", "reason": "It will not." })).unwrap();
        world.pump();
        assert_eq!(world.mails().mails_to("ann@example.com").len(), 1);
        let again = world.closure(story, ann);
        assert_eq!((again.round, again.channel, again.state), (2, Channel::Agent, ClosureState::Waiting));
        let both = world.mails().mails_to("bob@example.com");
        assert_eq!(both.len(), 2, "another decision is another mail");
        assert_ne!(both[0].id, both[1].id, "no mail program takes it for the first");

        // A customer who answered "understood" to a decline is told of a later release.
        world.transition(story, json!({ "to": "accepted", "reason": "The banks changed." })).unwrap();
        world.release_story(story);
        let released = world.mails().mails_to("bob@example.com").remove(2);
        assert!(released.subject.contains("Is it solved?"), "{}", released.subject);
    });
}

#[test]
fn a_decline_that_is_taken_back_in_time_tells_nobody() {
    with_mail(|world| {
        world.settings(json!({ "recall_minutes": 10 }));
        let theme = world.new_theme("Refunds");
        let ann = world.customer("ann@example.com").about(theme).files("Please show the refund date").customer;
        let story = world.story_about(theme);
        world.transition(story, json!({ "to": "declined", "reason": "No." })).unwrap();
        world.pump();
        world.transition(story, json!({ "to": "draft", "reason": "Wait." })).unwrap();
        world.clock().advance(3_600_000_000);
        world.pump();
        assert!(world.mails().raw().is_empty());
        assert_eq!(world.closure(story, ann).state, ClosureState::Expired);
    });
}

#[test]
fn an_address_that_refuses_the_mail_of_a_decline_is_known() {
    with_mail(|world| {
        let theme = world.new_theme("Refunds");
        let nobody = world.customer("nobody@example.com").about(theme).files("Show the refund date").customer;
        let ann = world.customer("ann@example.com").about(theme).files("Show the refund date").customer;
        let story = world.story_about(theme);
        world.transition(story, json!({ "to": "declined", "reason": "No date." })).unwrap();
        world.pump();
        assert_eq!(world.closure(story, nobody).state, ClosureState::Unreachable);
        let id = world.mails().mails_to("ann@example.com")[0].id.clone();
        let report = json!({ "message_id": id, "kind": "hard" });
        let bounced = world.send("POST", "/v1/bounces", &world.token(Role::Ingest), Some(&report)).json();
        assert_eq!(&bounced["customer_id"], &json!(ann));
        assert_eq!(world.closure(story, ann).state, ClosureState::Unreachable);
        // Mails of declines that an earlier version sent had no closure.
        let old = json!({ "message_id": format!("{}.{nobody}.declined@paylo.example", story), "kind": "soft" });
        let old = world.send("POST", "/v1/bounces", &world.token(Role::Ingest), Some(&old));
        assert_eq!((old.status, &old.json()["customer_id"]), (200, &json!(nobody)));
    });
}
