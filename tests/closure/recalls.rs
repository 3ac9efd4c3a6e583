//! Messages wait before they are sent, and can be recalled until then.

use hearback::domain::stories::stage::Stage;
use hearback::domain::{base::Time, closure::ClosureState, team::Role};
use hearback::jobs;
use serde_json::json;

use super::{with_mail, without_mail};

const MINUTE: i64 = 60 * Time::SECOND;

#[test]
fn a_mail_leaves_when_it_can_no_longer_be_recalled_and_not_before() {
    with_mail(|world| {
        world.settings(json!({ "recall_minutes": 10 }));
        let theme = world.new_theme("Refunds");
        let [ann, bob] = ["ann", "bob"]
            .map(|name| world.customer(&format!("{name}@example.com")).about(theme).files("Refund please").customer);
        let story = world.story_about(theme);
        world.release_story(story);
        assert!(world.mails().raw().is_empty());
        let waiting = world.closure(story, ann);
        assert!(waiting.send_at.is_some_and(|at| at > world.clock().now()));

        // A restart changes nothing, and a replay by hand does not send it earlier.
        world.clock().advance(8 * MINUTE);
        jobs::step(world.app(), "closing").unwrap();
        world.pump();
        assert!(world.mails().raw().is_empty());
        let agent = world.token(Role::Support);
        let recall = json!({ "reason": "Bob knows" });
        let recalled =
            world.send("POST", &format!("/v1/closures/{}/recall", world.closure(story, bob).id), &agent, Some(&recall));
        assert_eq!(
            (recalled.json()["state"].as_str(), recalled.json()["reason"].as_str()),
            (Some("recalled"), Some("Bob knows"))
        );
        world.clock().advance(3 * MINUTE);
        world.pump();
        assert_eq!(world.mails().raw().len(), 1);
        assert_eq!(world.closure(story, ann).state, ClosureState::Told);
        assert_eq!(world.kinds_of(world.closure(story, bob).id), ["closure.opened", "closure.recalled"]);

        // After it is resumed, it waits again.
        let path = format!("/v1/closures/{}", world.closure(story, bob).id);
        world.send("POST", &format!("{path}/recall"), &agent, Some(&json!({}))).problem(409, "conflict");
        assert_eq!(world.send("POST", &format!("{path}/resume"), &agent, Some(&json!({}))).json()["state"], "waiting");
        world.pump();
        assert_eq!(world.mails().raw().len(), 1);
        world.clock().advance(11 * MINUTE);
        world.pump();
        assert_eq!(world.mails().mails_to("bob@example.com").len(), 1);
        world.send("POST", &format!("{path}/resume"), &agent, Some(&json!({}))).problem(409, "conflict");
    });
}

#[test]
fn a_round_is_recalled_as_a_whole_and_says_who_was_told_already() {
    with_mail(|world| {
        world.settings(json!({ "recall_minutes": 10 }));
        let theme = world.new_theme("Refunds");
        let [ann, ..] = ["ann", "bob", "cid"]
            .map(|name| world.customer(&format!("{name}@example.com")).about(theme).files("Refund please").customer);
        let story = world.story_about(theme);
        world.release_story(story);
        let agent = world.token(Role::Support);
        let tell = format!("/v1/closures/{}/tell", world.closure(story, ann).id);
        assert_eq!(world.send("POST", &tell, &agent, Some(&json!({}))).status, 200);
        let recall = world.send("POST", &format!("/v1/stories/{story}/recall"), &agent, Some(&json!({})));
        assert_eq!(recall.json(), json!({ "recalled": 2, "too_late": 1 }));
        world.clock().advance(60 * MINUTE);
        world.pump();
        assert!(world.mails().raw().is_empty());
        let resumed = world.send("POST", &format!("/v1/stories/{story}/resume"), &agent, Some(&json!({})));
        assert_eq!(resumed.json(), json!({ "resumed": 2 }));
        world.pump();
        world.clock().advance(11 * MINUTE);
        world.pump();
        assert_eq!(world.mails().raw().len(), 2);
    });
}

#[test]
fn a_story_whose_messages_are_all_recalled_stays_released_and_what_no_longer_holds_is_not_sent() {
    without_mail(|world| {
        let theme = world.new_theme("Refunds");
        let ann = world.customer("ann@example.com").about(theme).files("Refund please").customer;
        let story = world.story_about(theme);
        world.release_story(story);
        let agent = world.token(Role::Support);
        let path = format!("/v1/closures/{}", world.closure(story, ann).id);
        assert_eq!(world.send("POST", &format!("{path}/recall"), &agent, Some(&json!({}))).status, 200);
        assert_eq!(world.stage(story), Stage::Released);
        world.transition(story, json!({ "to": "ready", "reason": "Broken" })).unwrap();
        world.send("POST", &format!("{path}/resume"), &agent, Some(&json!({}))).problem(409, "conflict");
    });
}

#[test]
fn an_answer_recorded_by_mistake_is_undone_with_what_came_of_it() {
    without_mail(|world| {
        let theme = world.new_theme("Refunds");
        let ann = world.customer("ann@example.com").about(theme).files("Refund please").customer;
        let story = world.story_about(theme);
        world.release_story(story);
        let agent = world.token(Role::Support);
        let path = format!("/v1/closures/{}", world.closure(story, ann).id);
        let post = |act: &str, body| world.send("POST", &format!("{path}/{act}"), &agent, Some(&body));
        post("undo_answer", json!({})).problem(409, "conflict");

        assert_eq!(post("answer", json!({ "solved": true })).status, 200);
        assert_eq!(world.stage(story), Stage::Closed);
        let undone = post("undo_answer", json!({ "reason": "It was another Ann." })).json();
        assert_eq!((undone["state"].as_str(), &undone["answered_at"]), (Some("told"), &json!(null)));
        assert_eq!((undone["reason"].as_str(), world.stage(story)), (Some("It was another Ann."), Stage::Closing));

        let because = json!({ "solved": false, "because": "Still two weeks" });
        let answered = post("answer", because.clone()).json();
        assert_eq!(world.stage(story), Stage::Building);
        assert_eq!(post("undo_answer", json!({})).status, 200);
        assert_eq!(world.stage(story), Stage::Closing);
        let filed = format!("/v1/feedback/{}", answered["feedback_id"].as_str().unwrap());
        assert_eq!(world.send("GET", &filed, &agent, None).json()["state"], "dismissed");
        let again = post("answer", because).json();
        assert_ne!(again["feedback_id"], answered["feedback_id"], "the next answer is another feedback");
        assert_eq!(again["state"], "reopened");
        let history = world.kinds_of(world.closure(story, ann).id);
        assert_eq!(history.iter().filter(|kind| *kind == "closure.answer_undone").count(), 2);
    });
}

#[test]
fn what_a_mail_told_stays_told_and_what_was_recorded_by_mistake_can_be_taken_back_for_a_week() {
    with_mail(|world| {
        world.settings(json!({ "recall_minutes": 10 }));
        let theme = world.new_theme("Refunds");
        let [ann, bob] = ["ann", "bob"]
            .map(|name| world.customer(&format!("{name}@example.com")).about(theme).files("Refund please").customer);
        let story = world.story_about(theme);
        world.release_story(story);
        let agent = world.token(Role::Support);
        let of = |customer, act: &str| format!("/v1/closures/{}/{act}", world.closure(story, customer).id);
        let post = |customer, act: &str, body| world.send("POST", &of(customer, act), &agent, Some(&body));
        post(bob, "undo_tell", json!({})).problem(409, "conflict");
        assert_eq!(post(bob, "tell", json!({ "note": "by phone" })).status, 200);
        let again = post(bob, "undo_tell", json!({ "reason": "It was another Bob." })).json();
        assert_eq!((again["state"].as_str(), again["channel"].as_str()), (Some("waiting"), Some("agent")), "{again}");
        assert_eq!((&again["told_at"], &again["note"]), (&json!(null), &json!(null)));
        assert_eq!(again["reason"], "It was another Bob.", "{again}");
        let kinds = world.kinds_of(world.closure(story, bob).id);
        assert_eq!(kinds, ["closure.opened", "closure.told", "closure.tell_undone"]);

        world.clock().advance(11 * MINUTE);
        world.pump();
        assert_eq!(world.closure(story, ann).state, ClosureState::Told);
        assert_eq!(world.mails().raw().len(), 1, "Bob is told by a member now");
        let refused = post(ann, "undo_tell", json!({})).problem(409, "conflict");
        assert!(refused["detail"].as_str().is_some_and(|why| why.contains("what was sent")), "{refused}");

        assert_eq!(post(bob, "tell", json!({})).status, 200);
        world.clock().advance(8 * Time::DAY);
        let refused = post(bob, "undo_tell", json!({})).problem(409, "conflict");
        assert!(refused["detail"].as_str().is_some_and(|why| why.contains("a week")), "{refused}");
    });
}
