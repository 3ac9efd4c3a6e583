//! Moving a feedback item to another product: it leaves everything of the old product and is grouped in the new one.

use std::collections::BTreeSet;

use hearback::domain::{
    base::{Id, decode::decode},
    feedback::State,
    stories::{AttachFeedback, NewStory},
    themes::CorrectionKind,
};
use hearback::error::{Code, Result};
use hearback::store::{
    stories::story_items,
    themes::{assignments, vectors},
};
use hearback::usecase::{
    feedback::edits,
    stories::{attachments, planning},
};
use serde_json::json;

use super::code;
use super::start::on_each_database;
use crate::support::World;

impl World {
    /// Moves a feedback item to another product; returns the correction.
    pub fn transfer(&self, id: Id, product: Id) -> Result<Option<Id>> {
        let patch = json!({ "product": product });
        self.write(move |tx| {
            let rights = hearback::domain::team::FilingRights::ALL;
            Ok(edits::edit_by(tx, id, None, &patch, rights)?.correction_id)
        })
    }

    fn attached_to(&self, ids: &[Id]) -> Id {
        let input: NewStory = decode(json!({ "title": "By hand", "product": self.product.key })).unwrap();
        let story = self.write(move |tx| planning::create(tx, &input)).unwrap().id;
        let input = AttachFeedback { feedback_ids: ids.to_vec() };
        self.write(move |tx| attachments::attach_feedback(tx, story, None, &input)).unwrap();
        story
    }

    fn behind(&self, story: Id) -> BTreeSet<Id> {
        self.store().read_now(|conn| story_items::of_story(conn, story)).unwrap().into_iter().collect()
    }
}

#[test]
fn feedback_moved_to_another_product_leaves_theme_and_stories_and_undoing_brings_it_back() {
    on_each_database(|world| {
        let start = world.start();
        let (theme, item) = (start.themes[0], start.items[1]);
        let other = world.with_new_product(None);
        let (drafted, by_hand) = (world.draft_about(theme), world.attached_to(&[item, start.items[4]]));
        let off = world.draft_about(theme);
        world.write(move |tx| attachments::detach_feedback(tx, off, None, item)).unwrap();
        let before = world.state(&start);
        let correction = world.transfer(item, other.product.id).unwrap().unwrap();

        let shown = world.stored_feedback(item);
        assert_eq!((shown.product_id, shown.state, shown.theme.is_none()), (other.product.id, State::Pending, true));
        assert_eq!((world.stored_theme(theme).size, world.stored_theme(theme).customers), (3, 3));
        assert_eq!((world.stored_story(drafted).feedback_count, world.stored_story(by_hand).feedback_count), (3, 1));
        assert_eq!(world.behind(by_hand), BTreeSet::from([start.items[4]]));
        assert!(world.store().read_now(|conn| story_items::decisions_about(conn, item)).unwrap().is_empty());
        let kinds: Vec<CorrectionKind> = world.corrections().iter().map(|act| act.kind).collect();
        assert_eq!(kinds, [CorrectionKind::ChangeProduct]);
        // Repeating it changes nothing.
        assert_eq!(world.transfer(item, other.product.id).unwrap(), None);

        world.undo(correction).unwrap();
        assert_eq!(world.state(&start), before);
        assert_eq!((world.stored_story(drafted).feedback_count, world.stored_story(by_hand).feedback_count), (4, 2));
        assert_eq!((world.behind(off).contains(&item), world.behind(by_hand).contains(&item)), (false, true));
    });
}

#[test]
fn a_change_of_product_is_undone_only_after_later_corrections_and_before_earlier_ones() {
    on_each_database(|world| {
        let start = world.start();
        let other = world.with_new_product(None);
        let there = other.start();
        let item = start.items[0];
        let moved = world.move_feedback(item, Some(start.themes[1])).unwrap().unwrap();
        let sent = world.transfer(item, other.product.id).unwrap().unwrap();
        assert_eq!(code(world.undo(moved)), Code::UndoRefused, "its theme is of another product now");
        assert_eq!(code(world.move_feedback(item, Some(start.themes[0]))), Code::Invalid);
        let placed = other.move_feedback(item, Some(there.themes[0])).unwrap().unwrap();
        assert_eq!(code(world.undo(sent)), Code::UndoRefused);
        other.undo(placed).unwrap();
        // The engine grouped it in the second product meanwhile; undoing takes it out of that theme.
        let theme = there.themes[0];
        world.write(move |tx| assignments::place(tx, &[(item, theme, 0.5)])).unwrap();
        world.undo(sent).unwrap();
        assert_eq!(world.stored_feedback(item).theme.unwrap().id, start.themes[1]);
        assert_eq!(world.stored_theme(there.themes[0]).size, 4);
        world.undo(moved).unwrap();

        world.dismiss(item).unwrap();
        assert_eq!(code(world.transfer(item, other.product.id)), Code::Conflict, "restore it first");
        assert_eq!(code(world.transfer(start.items[1], Id::next())), Code::Invalid);
    });
}

#[test]
fn decisions_for_one_product_are_not_written_for_another() {
    on_each_database(|world| {
        let start = world.start();
        let other = world.with_new_product(None).product;
        let (waiting, theme) = (start.items[12], start.themes[0]);
        world.transfer(waiting, other.id).unwrap();
        let placed = world.write(move |tx| assignments::place(tx, &[(waiting, theme, 0.9)])).unwrap();
        assert!(placed.is_empty());
        assert_eq!(world.stored_feedback(waiting).state, State::Pending);
    });
}

#[test]
fn feedback_filed_again_stays_in_the_product_it_was_moved_to() {
    on_each_database(|world| {
        let other = world.with_new_product(None).product;
        let key = format!("product-{}", world.product.key);
        let id = world.file_in_product(json!({ "text": "Words", "external_id": key }));
        world.transfer(id, other.id).unwrap();
        assert_eq!(world.file_in_product(json!({ "text": "Words", "external_id": key, "rating": 1 })), id);
        assert_eq!((world.stored_feedback(id).product_id, world.stored_feedback(id).rating), (other.id, Some(1)));
    });
}

#[test]
fn the_engines_of_both_products_follow_on_every_instance() {
    on_each_database(|world| {
        let other = world.with_new_product(None).product;
        let rows: Vec<_> = ["The refund has not arrived", "My refund has not arrived yet", "Dark mode is too bright"]
            .map(|text| json!({ "text": text }))
            .to_vec();
        let items = world.file_all(&rows);
        let mut first = world.instance();
        first.job.run_until_idle().unwrap();
        let is_in = |groups: &hearback::usecase::themes::groupers::Groups, product: Id| {
            groups.get(product).is_some_and(|group| group.read().theme_of(items[0].0).is_some())
        };
        assert!(is_in(&first.groups, world.product.id));
        world.transfer(items[0], other.id).unwrap();
        let kept = world.store().read_now(|conn| vectors::of(conn, "builtin", &items)).unwrap();
        assert_eq!(kept.len(), 2);
        // On PostgreSQL an instance hears of it when the log is read that far.
        crate::support::eventually("it is grouped there", std::time::Duration::from_secs(60), || {
            first.job.run_until_idle().unwrap();
            world.stored_feedback(items[0]).theme.is_some()
                && is_in(&first.groups, other.id)
                && !is_in(&first.groups, world.product.id)
        });
        let second = world.instance();
        assert!(is_in(&second.groups, other.id) && !is_in(&second.groups, world.product.id));
        let theme = world.stored_feedback(items[0]).theme.unwrap();
        assert_ne!(theme.id, world.stored_feedback(items[1]).theme.unwrap().id);
    });
}
