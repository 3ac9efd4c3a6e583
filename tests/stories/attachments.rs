//! Attaching feedback and themes to stories, and detaching them.

use hearback::domain::stories::stage::Stage;
use hearback::domain::{
    base::Id,
    stories::{AttachFeedback, AttachThemes, Story},
};
use hearback::error::{Code, Result};
use hearback::usecase::{feedback::edits, stories::attachments};
use serde_json::json;

use super::bench::{Bench, on_each_database, pointers};

fn attach(bench: &Bench, story: Id, ids: &[Id]) -> Result<Story> {
    let input = AttachFeedback { feedback_ids: ids.to_vec() };
    bench.write(move |tx| attachments::attach_feedback(tx, story, None, &input)).map(|attached| attached.story)
}

fn detach(bench: &Bench, story: Id, id: Id) -> Result<Story> {
    bench.write(move |tx| attachments::detach_feedback(tx, story, None, id))
}

fn attach_theme(bench: &Bench, story: Id, theme: Id) -> Result<Story> {
    let input = AttachThemes { theme_ids: vec![theme] };
    bench.write(move |tx| attachments::attach_themes(tx, story, None, &input)).map(|attached| attached.story)
}

fn by_hand(bench: &Bench, title: &str) -> Id {
    bench.create(json!({ "title": title })).unwrap().id
}

#[test]
fn a_story_made_by_hand_gets_evidence_and_loses_it_again() {
    on_each_database(|bench| {
        let theme = bench.theme("Refunds");
        let said = bench.say(theme, &["ann", "bob", ""], json!({ "severity": "critical" }));
        let (one, other) = (by_hand(bench, "Refunds in a day"), by_hand(bench, "Refunds by card"));
        let story = attach(bench, one, &said[..2]).unwrap();
        assert_eq!((story.feedback_count, story.customer_count), (2, 2));
        assert_eq!(story.priority.factors.reach.value, 2.0);
        assert_eq!(story.priority.factors.impact.value, 3.0);
        assert_eq!(bench.evidence(one), [said[1], said[0]]);
        // The same again changes nothing, and one feedback may stand behind several stories.
        assert_eq!(attach(bench, one, &said[..2]).unwrap().feedback_count, 2);
        assert_eq!(attach(bench, other, &said[1..]).unwrap().feedback_count, 2);
        assert_eq!(detach(bench, one, said[0]).unwrap().feedback_count, 1);
        assert_eq!(detach(bench, one, said[0]).unwrap_err().code, Code::NotFound);
        assert_eq!((bench.evidence(one), bench.evidence(other)), (vec![said[1]], vec![said[2], said[1]]));
        let kinds: Vec<String> = bench.history(one).into_iter().map(|(kind, _)| kind).collect();
        assert_eq!(kinds, ["story.created", "story.feedback_attached", "story.feedback_detached"]);
    });
}

#[test]
fn what_a_theme_brings_can_be_taken_off_one_story_and_put_back() {
    on_each_database(|bench| {
        let theme = bench.theme("Refunds");
        let said = bench.say(theme, &["ann", "bob", "cid"], json!({}));
        bench.follow(&[theme], &said);
        let [draft] = bench.list(json!({})).try_into().unwrap();
        assert_eq!(detach(bench, draft.id, said[1]).unwrap().customer_count, 2);
        bench.say(theme, &["dan"], json!({}));
        bench.follow(&[theme], &said);
        assert_eq!(
            bench.story(draft.id).feedback_count,
            3,
            "what comes later to the theme counts, what is off stays off"
        );
        assert_eq!(attach(bench, draft.id, &[said[1]]).unwrap().feedback_count, 4);
    });
}

#[test]
fn a_theme_can_be_attached_and_its_untouched_draft_gives_way() {
    on_each_database(|bench| {
        let theme = bench.theme("Refunds");
        let said = bench.say(theme, &["ann", "bob", "cid"], json!({}));
        bench.follow(&[theme], &said);
        let [draft] = bench.list(json!({})).try_into().unwrap();
        let own = by_hand(bench, "Refunds in a day");
        let story = attach_theme(bench, own, theme).unwrap();
        assert_eq!((story.feedback_count, story.theme_ids.clone()), (3, vec![theme]));
        let draft = bench.story(draft.id);
        assert_eq!((draft.stage, draft.duplicate_of, draft.feedback_count), (Stage::Duplicate, Some(own), 0));
        assert_eq!(attach(bench, draft.id, &said).unwrap_err().code, Code::Conflict);

        let off = bench.write(move |tx| attachments::detach_theme(tx, own, None, theme)).unwrap();
        assert_eq!((off.feedback_count, off.theme_ids.len()), (0, 0));
        let again = bench.write(move |tx| attachments::detach_theme(tx, own, None, theme));
        assert_eq!(again.unwrap_err().code, Code::NotFound);
    });
}

#[test]
fn a_draft_that_people_touched_keeps_its_theme_beside_the_story_that_gets_it() {
    on_each_database(|bench| {
        let theme = bench.theme("Refunds");
        let said = bench.say(theme, &["ann", "bob", "cid"], json!({}));
        bench.follow(&[theme], &said);
        let [draft] = bench.list(json!({})).try_into().unwrap();
        bench.transition(draft.id, json!({ "to": "accepted" })).unwrap();
        let own = by_hand(bench, "Refunds in a day");
        assert_eq!(attach_theme(bench, own, theme).unwrap().feedback_count, 3);
        assert_eq!((bench.story(draft.id).stage, bench.story(draft.id).feedback_count), (Stage::Accepted, 3));
    });
}

#[test]
fn wrong_ids_are_all_named() {
    on_each_database(|bench| {
        let theme = bench.theme("Refunds");
        let said = bench.say(theme, &["ann", "bob"], json!({}));
        let dismissed = said[1];
        bench.write(move |tx| edits::dismiss(tx, dismissed, None, "spam")).unwrap();
        let story = by_hand(bench, "Refunds in a day");
        let refused = attach(bench, story, &[said[0], dismissed, Id::next()]).unwrap_err();
        assert_eq!(pointers(refused), ["/feedback_ids/1", "/feedback_ids/2"]);
        assert!(bench.evidence(story).is_empty(), "nothing half-done");
        assert_eq!(pointers(attach_theme(bench, story, Id::next()).unwrap_err()), ["/theme_ids/0"]);
        assert_eq!(attach(bench, Id::next(), &said).unwrap_err().code, Code::NotFound);
    });
}

#[test]
fn what_happens_to_attached_feedback_shows_on_the_story() {
    on_each_database(|bench| {
        let theme = bench.theme("Refunds");
        let said = bench.say(theme, &["ann", "bob"], json!({}));
        let story = by_hand(bench, "Refunds in a day");
        attach(bench, story, &said).unwrap();
        let id = said[0];
        bench.write(move |tx| edits::edit(tx, id, None, &json!({ "severity": "critical" }))).unwrap();
        assert_eq!(bench.story(story).priority.factors.impact.value, 3.0);
        bench.write(move |tx| edits::dismiss(tx, id, None, "spam")).unwrap();
        assert_eq!((bench.story(story).feedback_count, bench.evidence(story)), (1, vec![said[1]]));
        bench.write(move |tx| edits::restore(tx, id, None)).unwrap();
        assert_eq!(bench.story(story).feedback_count, 2);
    });
}

#[test]
fn a_duplicate_hands_on_what_was_attached_to_it() {
    on_each_database(|bench| {
        let theme = bench.theme("Refunds");
        let said = bench.say(theme, &["ann", "bob"], json!({}));
        let (one, other) = (by_hand(bench, "Refunds in a day"), by_hand(bench, "Refunds faster"));
        attach(bench, one, &said).unwrap();
        bench.transition(one, json!({ "to": "duplicate", "duplicate_of": other })).unwrap();
        assert_eq!((bench.story(one).feedback_count, bench.story(other).feedback_count), (0, 2));
    });
}

#[test]
fn feedback_said_after_the_release_is_a_recurrence_when_it_is_attached() {
    on_each_database(|bench| {
        let theme = bench.theme("Refunds");
        let story = by_hand(bench, "Refunds in a day");
        bench.transition(story, json!({ "to": "accepted" })).unwrap();
        for to in ["ready", "released"] {
            bench.transition(story, json!({ "to": to })).unwrap();
        }
        let before = bench.say(theme, &["ann"], json!({ "occurred_at": "2020-01-01T00:00:00Z" }));
        let after = bench.say(theme, &["bob"], json!({ "occurred_at": "2099-01-01T00:00:00Z" }));
        attach(bench, story, &before).unwrap();
        assert_eq!(bench.story(story).recurrences, 0);
        attach(bench, story, &after).unwrap();
        assert_eq!(bench.story(story).recurrences, 1);
    });
}
