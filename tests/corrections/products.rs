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

use super::bench::{Bench, new_product, on_each_database};
use super::code;

impl Bench {
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
        self.store.read_now(|conn| story_items::of_story(conn, story)).unwrap().into_iter().collect()
    }
}

#[test]
fn it_leaves_theme_and_stories_and_undoing_brings_it_back() {
    on_each_database(|bench| {
        let start = bench.start();
        let (theme, item) = (start.themes[0], start.items[1]);
        let other = Bench { product: new_product(&bench.store), store: bench.store.clone() };
        let (drafted, by_hand) = (bench.story_of(theme), bench.attached_to(&[item, start.items[4]]));
        let off = bench.story_of(theme);
        bench.write(move |tx| attachments::detach_feedback(tx, off, None, item)).unwrap();
        let before = bench.state(&start);
        let correction = bench.transfer(item, other.product.id).unwrap().unwrap();

        let shown = bench.feedback(item);
        assert_eq!((shown.product_id, shown.state, shown.theme.is_none()), (other.product.id, State::Pending, true));
        assert_eq!((bench.theme(theme).size, bench.theme(theme).customers), (3, 3));
        assert_eq!((bench.story(drafted).feedback_count, bench.story(by_hand).feedback_count), (3, 1));
        assert_eq!(bench.behind(by_hand), BTreeSet::from([start.items[4]]));
        assert!(bench.store.read_now(|conn| story_items::decisions_about(conn, item)).unwrap().is_empty());
        let kinds: Vec<CorrectionKind> = bench.corrections().iter().map(|act| act.kind).collect();
        assert_eq!(kinds, [CorrectionKind::ChangeProduct]);
        // The same again is nothing new.
        assert_eq!(bench.transfer(item, other.product.id).unwrap(), None);

        bench.undo(correction).unwrap();
        assert_eq!(bench.state(&start), before);
        assert_eq!((bench.story(drafted).feedback_count, bench.story(by_hand).feedback_count), (4, 2));
        assert_eq!((bench.behind(off).contains(&item), bench.behind(by_hand).contains(&item)), (false, true));
    });
}

#[test]
fn earlier_acts_wait_for_it_and_it_waits_for_later_ones() {
    on_each_database(|bench| {
        let start = bench.start();
        let other = Bench { product: new_product(&bench.store), store: bench.store.clone() };
        let there = other.start();
        let item = start.items[0];
        let moved = bench.move_to(item, Some(start.themes[1])).unwrap().unwrap();
        let sent = bench.transfer(item, other.product.id).unwrap().unwrap();
        assert_eq!(code(bench.undo(moved)), Code::UndoRefused, "its theme is of another product now");
        assert_eq!(code(bench.move_to(item, Some(start.themes[0]))), Code::Invalid);
        let placed = other.move_to(item, Some(there.themes[0])).unwrap().unwrap();
        assert_eq!(code(bench.undo(sent)), Code::UndoRefused);
        other.undo(placed).unwrap();
        // Grouped there meanwhile by the engine, it leaves that theme again.
        let theme = there.themes[0];
        bench.write(move |tx| assignments::place(tx, &[(item, theme, 0.5)])).unwrap();
        bench.undo(sent).unwrap();
        assert_eq!(bench.feedback(item).theme.unwrap().id, start.themes[1]);
        assert_eq!(bench.theme(there.themes[0]).size, 4);
        bench.undo(moved).unwrap();

        bench.dismiss(item).unwrap();
        assert_eq!(code(bench.transfer(item, other.product.id)), Code::Conflict, "restore it first");
        assert_eq!(code(bench.transfer(start.items[1], Id::next())), Code::Invalid);
    });
}

#[test]
fn what_the_engine_decided_for_the_first_product_is_not_written_for_the_second() {
    on_each_database(|bench| {
        let start = bench.start();
        let other = new_product(&bench.store);
        let (waiting, theme) = (start.items[12], start.themes[0]);
        bench.transfer(waiting, other.id).unwrap();
        let placed = bench.write(move |tx| assignments::place(tx, &[(waiting, theme, 0.9)])).unwrap();
        assert!(placed.is_empty());
        assert_eq!(bench.feedback(waiting).state, State::Pending);
    });
}

#[test]
fn filed_again_it_stays_in_the_product_it_was_put_into() {
    on_each_database(|bench| {
        let other = new_product(&bench.store);
        let key = format!("product-{}", bench.product.key);
        let id = bench.file(json!({ "text": "Words", "external_id": key }));
        bench.transfer(id, other.id).unwrap();
        assert_eq!(bench.file(json!({ "text": "Words", "external_id": key, "rating": 1 })), id);
        assert_eq!((bench.feedback(id).product_id, bench.feedback(id).rating), (other.id, Some(1)));
    });
}

#[test]
fn the_engines_of_both_products_follow_on_every_instance() {
    on_each_database(|bench| {
        let other = new_product(&bench.store);
        let rows: Vec<_> = ["The refund has not arrived", "My refund has not arrived yet", "Dark mode is too bright"]
            .map(|text| json!({ "text": text }))
            .to_vec();
        let items = bench.file_all(&rows);
        let mut first = bench.instance();
        first.job.run_until_idle().unwrap();
        let is_in = |groups: &hearback::usecase::themes::groupers::Groups, product: Id| {
            groups.get(product).is_some_and(|group| group.read().theme_of(items[0].0).is_some())
        };
        assert!(is_in(&first.groups, bench.product.id));
        bench.transfer(items[0], other.id).unwrap();
        let kept = bench.store.read_now(|conn| vectors::of(conn, "builtin", &items)).unwrap();
        assert_eq!(kept.len(), 2);
        // On PostgreSQL an instance hears of it when the log is read that far.
        crate::support::eventually("it is grouped there", std::time::Duration::from_secs(60), || {
            first.job.run_until_idle().unwrap();
            bench.feedback(items[0]).theme.is_some()
                && is_in(&first.groups, other.id)
                && !is_in(&first.groups, bench.product.id)
        });
        let second = bench.instance();
        assert!(is_in(&second.groups, other.id) && !is_in(&second.groups, bench.product.id));
        let theme = bench.feedback(items[0]).theme.unwrap();
        assert_ne!(theme.id, bench.feedback(items[1]).theme.unwrap().id);
    });
}
