//! Messages wait before they are sent, and can be recalled until then.

use hearback::domain::stories::stage::Stage;
use hearback::domain::{base::Time, closure::ClosureState, team::Role};
use hearback::jobs;
use serde_json::json;

use super::bench::{with_mail, without_mail};

const MINUTE: i64 = 60 * Time::SECOND;

#[test]
fn a_mail_leaves_when_it_can_no_longer_be_recalled_and_not_before() {
    with_mail(|bench| {
        bench.settings(json!({ "recall_minutes": 10 }));
        let theme = bench.theme();
        let [ann, bob] = ["ann", "bob"].map(|name| bench.say(theme, &format!("{name}@example.com"), "Refund please"));
        let story = bench.story(theme);
        bench.release(story);
        assert!(bench.mails().raw().is_empty());
        let waiting = bench.closure(story, ann);
        assert!(waiting.send_at.is_some_and(|at| at > bench.clock.now()));

        // Another start of the program finds it as it was left; nor does a replay by hand bring it forward.
        bench.clock.advance(8 * MINUTE);
        jobs::step(&bench.app, "closing").unwrap();
        bench.pump();
        assert!(bench.mails().raw().is_empty());
        let agent = bench.token(Role::Support, None);
        let recall = json!({ "reason": "Bob knows" });
        let recalled =
            bench.call(&agent, "POST", &format!("/v1/closures/{}/recall", bench.closure(story, bob).id), Some(recall));
        assert_eq!(
            (recalled.json()["state"].as_str(), recalled.json()["reason"].as_str()),
            (Some("recalled"), Some("Bob knows"))
        );
        bench.clock.advance(3 * MINUTE);
        bench.pump();
        assert_eq!(bench.mails().raw().len(), 1);
        assert_eq!(bench.closure(story, ann).state, ClosureState::Told);
        assert_eq!(bench.history(bench.closure(story, bob).id), ["closure.opened", "closure.recalled"]);

        // Sent after all, it waits again.
        let path = format!("/v1/closures/{}", bench.closure(story, bob).id);
        bench.call(&agent, "POST", &format!("{path}/recall"), None).problem(409, "conflict");
        assert_eq!(bench.call(&agent, "POST", &format!("{path}/resume"), None).json()["state"], "waiting");
        bench.pump();
        assert_eq!(bench.mails().raw().len(), 1);
        bench.clock.advance(11 * MINUTE);
        bench.pump();
        assert_eq!(bench.mails().mails_to("bob@example.com").len(), 1);
        bench.call(&agent, "POST", &format!("{path}/resume"), None).problem(409, "conflict");
    });
}

#[test]
fn a_round_is_recalled_as_a_whole_and_says_who_was_told_already() {
    with_mail(|bench| {
        bench.settings(json!({ "recall_minutes": 10 }));
        let theme = bench.theme();
        let [ann, ..] =
            ["ann", "bob", "cid"].map(|name| bench.say(theme, &format!("{name}@example.com"), "Refund please"));
        let story = bench.story(theme);
        bench.release(story);
        let agent = bench.token(Role::Support, None);
        let tell = format!("/v1/closures/{}/tell", bench.closure(story, ann).id);
        assert_eq!(bench.call(&agent, "POST", &tell, None).status, 200);
        let recall = bench.call(&agent, "POST", &format!("/v1/stories/{story}/recall"), None);
        assert_eq!(recall.json(), json!({ "recalled": 2, "too_late": 1 }));
        bench.clock.advance(60 * MINUTE);
        bench.pump();
        assert!(bench.mails().raw().is_empty());
        let resumed = bench.call(&agent, "POST", &format!("/v1/stories/{story}/resume"), None);
        assert_eq!(resumed.json(), json!({ "resumed": 2 }));
        bench.pump();
        bench.clock.advance(11 * MINUTE);
        bench.pump();
        assert_eq!(bench.mails().raw().len(), 2);
    });
}

#[test]
fn a_story_whose_messages_are_all_recalled_stays_released_and_what_no_longer_holds_is_not_sent() {
    without_mail(|bench| {
        let theme = bench.theme();
        let ann = bench.say(theme, "ann@example.com", "Refund please");
        let story = bench.story(theme);
        bench.release(story);
        let agent = bench.token(Role::Support, None);
        let path = format!("/v1/closures/{}", bench.closure(story, ann).id);
        assert_eq!(bench.call(&agent, "POST", &format!("{path}/recall"), None).status, 200);
        assert_eq!(bench.stage(story), Stage::Released);
        bench.transition(story, json!({ "to": "ready", "reason": "Broken" })).unwrap();
        bench.call(&agent, "POST", &format!("{path}/resume"), None).problem(409, "conflict");
    });
}

#[test]
fn an_answer_recorded_by_mistake_is_undone_with_what_came_of_it() {
    without_mail(|bench| {
        let theme = bench.theme();
        let ann = bench.say(theme, "ann@example.com", "Refund please");
        let story = bench.story(theme);
        bench.release(story);
        let agent = bench.token(Role::Support, None);
        let path = format!("/v1/closures/{}", bench.closure(story, ann).id);
        let post = |act: &str, body| bench.call(&agent, "POST", &format!("{path}/{act}"), Some(body));
        post("undo_answer", json!({})).problem(409, "conflict");

        assert_eq!(post("answer", json!({ "solved": true })).status, 200);
        assert_eq!(bench.stage(story), Stage::Closed);
        let undone = post("undo_answer", json!({ "reason": "It was another Ann." })).json();
        assert_eq!((undone["state"].as_str(), &undone["answered_at"]), (Some("told"), &json!(null)));
        assert_eq!((undone["reason"].as_str(), bench.stage(story)), (Some("It was another Ann."), Stage::Closing));

        let because = json!({ "solved": false, "because": "Still two weeks" });
        let answered = post("answer", because.clone()).json();
        assert_eq!(bench.stage(story), Stage::Building);
        assert_eq!(post("undo_answer", json!({})).status, 200);
        assert_eq!(bench.stage(story), Stage::Closing);
        let filed = format!("/v1/feedback/{}", answered["feedback_id"].as_str().unwrap());
        assert_eq!(bench.call(&agent, "GET", &filed, None).json()["state"], "dismissed");
        let again = post("answer", because).json();
        assert_ne!(again["feedback_id"], answered["feedback_id"], "the next answer is another feedback");
        assert_eq!(again["state"], "reopened");
        let history = bench.history(bench.closure(story, ann).id);
        assert_eq!(history.iter().filter(|kind| *kind == "closure.answer_undone").count(), 2);
    });
}
