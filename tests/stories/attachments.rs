//! Attaching feedback and themes to stories, and detaching them.

use hearback::domain::stories::stage::Stage;
use hearback::domain::{
    base::Id,
    stories::{AttachFeedback, AttachThemes, Story},
};
use hearback::error::{Code, Result};
use hearback::usecase::{feedback::edits, stories::attachments};
use serde_json::json;

use super::{on_each_database, pointers};
use crate::support::World;

fn attach(world: &World, story: Id, ids: &[Id]) -> Result<Story> {
    let input = AttachFeedback { feedback_ids: ids.to_vec() };
    world.write(move |tx| attachments::attach_feedback(tx, story, None, &input)).map(|attached| attached.story)
}

fn detach(world: &World, story: Id, id: Id) -> Result<Story> {
    world.write(move |tx| attachments::detach_feedback(tx, story, None, id))
}

fn attach_theme(world: &World, story: Id, theme: Id) -> Result<Story> {
    let input = AttachThemes { theme_ids: vec![theme] };
    world.write(move |tx| attachments::attach_themes(tx, story, None, &input)).map(|attached| attached.story)
}

fn by_hand(world: &World, title: &str) -> Id {
    world.create_story(json!({ "title": title })).unwrap().id
}

#[test]
fn a_story_made_by_hand_gets_evidence_and_loses_it_again() {
    on_each_database(|world| {
        let theme = world.new_theme("Refunds");
        let said = world.customers_say(theme, &["ann", "bob", ""], json!({ "severity": "critical" }));
        let (one, other) = (by_hand(world, "Refunds in a day"), by_hand(world, "Refunds by card"));
        let story = attach(world, one, &said[..2]).unwrap();
        assert_eq!((story.feedback_count, story.customer_count), (2, 2));
        assert_eq!(story.priority.factors.reach.value, 2.0);
        assert_eq!(story.priority.factors.impact.value, 3.0);
        assert_eq!(world.evidence(one), [said[1], said[0]]);
        // The same again changes nothing, and one feedback may stand behind several stories.
        assert_eq!(attach(world, one, &said[..2]).unwrap().feedback_count, 2);
        assert_eq!(attach(world, other, &said[1..]).unwrap().feedback_count, 2);
        assert_eq!(detach(world, one, said[0]).unwrap().feedback_count, 1);
        assert_eq!(detach(world, one, said[0]).unwrap_err().code, Code::NotFound);
        assert_eq!((world.evidence(one), world.evidence(other)), (vec![said[1]], vec![said[2], said[1]]));
        let kinds: Vec<String> = world.events_of(one).into_iter().map(|(kind, _)| kind).collect();
        assert_eq!(kinds, ["story.created", "story.feedback_attached", "story.feedback_detached"]);
    });
}

#[test]
fn what_a_theme_brings_can_be_taken_off_one_story_and_put_back() {
    on_each_database(|world| {
        let theme = world.new_theme("Refunds");
        let said = world.customers_say(theme, &["ann", "bob", "cid"], json!({}));
        world.follow_themes(&[theme], &said);
        let [draft] = world.stories(json!({})).try_into().unwrap();
        assert_eq!(detach(world, draft.id, said[1]).unwrap().customer_count, 2);
        world.customers_say(theme, &["dan"], json!({}));
        world.follow_themes(&[theme], &said);
        assert_eq!(
            world.stored_story(draft.id).feedback_count,
            3,
            "what comes later to the theme counts, what is off stays off"
        );
        assert_eq!(attach(world, draft.id, &[said[1]]).unwrap().feedback_count, 4);
    });
}

#[test]
fn a_theme_can_be_attached_and_its_untouched_draft_gives_way() {
    on_each_database(|world| {
        let theme = world.new_theme("Refunds");
        let said = world.customers_say(theme, &["ann", "bob", "cid"], json!({}));
        world.follow_themes(&[theme], &said);
        let [draft] = world.stories(json!({})).try_into().unwrap();
        let own = by_hand(world, "Refunds in a day");
        let story = attach_theme(world, own, theme).unwrap();
        assert_eq!((story.feedback_count, story.theme_ids.clone()), (3, vec![theme]));
        let draft = world.stored_story(draft.id);
        assert_eq!((draft.stage, draft.duplicate_of, draft.feedback_count), (Stage::Duplicate, Some(own), 0));
        assert_eq!(attach(world, draft.id, &said).unwrap_err().code, Code::Conflict);

        let off = world.write(move |tx| attachments::detach_theme(tx, own, None, theme)).unwrap();
        assert_eq!((off.feedback_count, off.theme_ids.len()), (0, 0));
        let again = world.write(move |tx| attachments::detach_theme(tx, own, None, theme));
        assert_eq!(again.unwrap_err().code, Code::NotFound);
    });
}

#[test]
fn a_draft_that_people_touched_keeps_its_theme_beside_the_story_that_gets_it() {
    on_each_database(|world| {
        let theme = world.new_theme("Refunds");
        let said = world.customers_say(theme, &["ann", "bob", "cid"], json!({}));
        world.follow_themes(&[theme], &said);
        let [draft] = world.stories(json!({})).try_into().unwrap();
        world.transition(draft.id, json!({ "to": "accepted" })).unwrap();
        let own = by_hand(world, "Refunds in a day");
        assert_eq!(attach_theme(world, own, theme).unwrap().feedback_count, 3);
        assert_eq!(
            (world.stored_story(draft.id).stage, world.stored_story(draft.id).feedback_count),
            (Stage::Accepted, 3)
        );
    });
}

#[test]
fn wrong_ids_are_all_named() {
    on_each_database(|world| {
        let theme = world.new_theme("Refunds");
        let said = world.customers_say(theme, &["ann", "bob"], json!({}));
        let dismissed = said[1];
        world.write(move |tx| edits::dismiss(tx, dismissed, None, "spam")).unwrap();
        let story = by_hand(world, "Refunds in a day");
        let refused = attach(world, story, &[said[0], dismissed, Id::next()]).unwrap_err();
        assert_eq!(pointers(refused), ["/feedback_ids/1", "/feedback_ids/2"]);
        assert!(world.evidence(story).is_empty(), "nothing half-done");
        assert_eq!(pointers(attach_theme(world, story, Id::next()).unwrap_err()), ["/theme_ids/0"]);
        assert_eq!(attach(world, Id::next(), &said).unwrap_err().code, Code::NotFound);
    });
}

#[test]
fn changes_of_attached_feedback_show_on_the_story() {
    on_each_database(|world| {
        let theme = world.new_theme("Refunds");
        let said = world.customers_say(theme, &["ann", "bob"], json!({}));
        let story = by_hand(world, "Refunds in a day");
        attach(world, story, &said).unwrap();
        let id = said[0];
        world.write(move |tx| edits::edit(tx, id, None, &json!({ "severity": "critical" }))).unwrap();
        assert_eq!(world.stored_story(story).priority.factors.impact.value, 3.0);
        world.write(move |tx| edits::dismiss(tx, id, None, "spam")).unwrap();
        assert_eq!((world.stored_story(story).feedback_count, world.evidence(story)), (1, vec![said[1]]));
        world.write(move |tx| edits::restore(tx, id, None)).unwrap();
        assert_eq!(world.stored_story(story).feedback_count, 2);
    });
}

#[test]
fn a_duplicate_hands_on_what_was_attached_to_it() {
    on_each_database(|world| {
        let theme = world.new_theme("Refunds");
        let said = world.customers_say(theme, &["ann", "bob"], json!({}));
        let (one, other) = (by_hand(world, "Refunds in a day"), by_hand(world, "Refunds faster"));
        attach(world, one, &said).unwrap();
        world.transition(one, json!({ "to": "duplicate", "duplicate_of": other })).unwrap();
        assert_eq!((world.stored_story(one).feedback_count, world.stored_story(other).feedback_count), (0, 2));
    });
}

#[test]
fn feedback_said_after_the_release_is_a_recurrence_when_it_is_attached() {
    on_each_database(|world| {
        let theme = world.new_theme("Refunds");
        let story = by_hand(world, "Refunds in a day");
        world.transition(story, json!({ "to": "accepted" })).unwrap();
        for to in ["ready", "released"] {
            world.transition(story, json!({ "to": to })).unwrap();
        }
        let before = world.customers_say(theme, &["ann"], json!({ "occurred_at": "2020-01-01T00:00:00Z" }));
        let after = world.customers_say(theme, &["bob"], json!({ "occurred_at": "2099-01-01T00:00:00Z" }));
        attach(world, story, &before).unwrap();
        assert_eq!(world.stored_story(story).recurrences, 0);
        attach(world, story, &after).unwrap();
        assert_eq!(world.stored_story(story).recurrences, 1);
    });
}
