//! Corrections of feedback and themes, and their undo: nothing is lost, and nothing remains.

mod alike;
mod alone;
mod bulk;
mod engine;
mod products;
mod property;
mod proposals;
mod start;

use hearback::domain::stories::stage::Stage;
use hearback::domain::{
    base::bulk::{BulkResult, FeedbackBulk},
    base::{Id, decode::decode},
    feedback::{FeedbackRecord, State},
    stories::Transition,
    team::Role,
    themes::{CorrectionKind, ThemeQuery, ThemeSort, Trend},
};
use hearback::error::{Code, Error, Result};
use hearback::store::themes::{self, assignments};
use hearback::store::{Tx, feedback};
use hearback::usecase::{base::bulk as in_bulk, feedback::edits, stories::transitions};
use serde_json::{Value, json};
use start::on_each_database;

/// An action of a person, and its correction.
type Act<'a> = Box<dyn Fn() -> Result<Option<Id>> + 'a>;

fn code<T: std::fmt::Debug>(result: Result<T>) -> Code {
    result.map_err(|e: Error| e.code).unwrap_err()
}

#[test]
fn each_act_can_be_undone_exactly() {
    on_each_database(|world| {
        let start = world.start();
        let (first, second) = (start.themes[0], start.themes[1]);
        world.rename(second, "Named by a person").unwrap();
        let before = world.state(&start);
        let item = start.items[0];
        let other = world.with_new_product(None).product;
        let acts: Vec<(&str, Act<'_>)> = vec![
            ("move", Box::new(|| world.move_feedback(item, Some(second)))),
            ("move of a pinned one", Box::new(|| world.move_feedback(start.items[1], Some(second)))),
            ("move to a new theme", Box::new(|| world.move_feedback(item, None))),
            ("move of a waiting one", Box::new(|| world.move_feedback(start.items[12], Some(first)))),
            ("move to where it is", Box::new(|| world.move_feedback(item, Some(first)))),
            ("dismiss", Box::new(|| world.dismiss(item))),
            ("dismiss a pinned one", Box::new(|| world.dismiss(start.items[1]))),
            ("dismiss a waiting one", Box::new(|| world.dismiss(start.items[12]))),
            ("change product", Box::new(|| world.transfer(item, other.id))),
            ("change product of a pinned one", Box::new(|| world.transfer(start.items[1], other.id))),
            ("change product of a waiting one", Box::new(|| world.transfer(start.items[12], other.id))),
            ("rename", Box::new(|| world.rename(first, "Refunds"))),
            ("rename again", Box::new(|| world.rename(second, "Refunds"))),
            ("mute", Box::new(|| world.mute(first, true))),
            ("merge", Box::new(|| world.merge(first, second))),
            ("split", Box::new(|| Ok(world.split(first, &start.items[0..2], Some("Two"))?.1))),
        ];
        for (name, act) in acts {
            let correction = act().unwrap().expect(name);
            assert_ne!(world.state(&start), before, "{name} changed nothing");
            assert!(world.undo(correction).unwrap().undone_at.is_some());
            assert_eq!(world.state(&start), before, "{name} was not undone");
            assert_eq!(code(world.undo(correction)), Code::Conflict, "{name} was undone twice");
        }
    });
}

#[test]
fn a_dismissal_is_taken_back_and_that_is_undone() {
    on_each_database(|world| {
        let start = world.start();
        let item = start.items[1];
        let before = world.state(&start);
        assert_eq!(code(world.restore(item)), Code::Conflict);
        world.dismiss(item).unwrap();
        let dismissed = world.state(&start);
        let shown = world.stored_feedback(item);
        assert_eq!((shown.state, shown.dismissed_reason.as_deref()), (State::Dismissed, Some("Spam")));
        assert!(shown.theme.is_none());
        assert_eq!(world.stored_theme(start.themes[0]).size, 3);
        assert_eq!(code(world.dismiss(item)), Code::Conflict);
        assert_eq!(code(world.move_feedback(item, None)), Code::Conflict);

        let restored = world.restore(item).unwrap().unwrap();
        assert_eq!(world.state(&start), before);
        world.undo(restored).unwrap();
        assert_eq!(world.state(&start), dismissed);

        // Its theme was merged meanwhile: it returns to the theme that this one was merged into.
        world.merge(start.themes[2], start.themes[0]).unwrap();
        world.restore(item).unwrap();
        let theme = world.stored_feedback(item).theme.unwrap();
        assert_eq!((theme.id, theme.pinned, theme.similarity), (start.themes[2], true, None));
    });
}

#[test]
fn moves_pin_and_follow_merges_and_are_refused_elsewhere() {
    on_each_database(|world| {
        let start = world.start();
        let (item, [first, second, third]) = (start.items[0], [0, 1, 2].map(|n| start.themes[n]));
        world.merge(third, second).unwrap();
        world.move_feedback(item, Some(second)).unwrap();
        let theme = world.stored_feedback(item).theme.unwrap();
        assert_eq!((theme.id, theme.pinned, theme.similarity), (third, true, None));
        assert_eq!((world.stored_theme(first).size, world.stored_theme(third).size), (3, 9));
        // Moving it to the theme that it is in changes nothing.
        assert_eq!(world.move_feedback(item, Some(third)).unwrap(), None);

        let other = world.with_new_product(None).start();
        assert_eq!(code(world.move_feedback(item, Some(other.themes[0]))), Code::Invalid);
        assert_eq!(code(world.move_feedback(item, Some(Id::next()))), Code::Invalid);
        assert_eq!(code(world.merge(third, other.themes[0])), Code::Invalid);

        world.move_feedback(item, None).unwrap();
        let made = world.stored_feedback(item).theme.unwrap();
        assert_eq!((made.label.as_str(), world.stored_theme(made.id).size), ("New theme", 1));
    });
}

#[test]
fn a_merged_theme_leads_to_the_other_and_takes_no_acts() {
    on_each_database(|world| {
        let start = world.start();
        let (into, from) = (start.themes[0], start.themes[1]);
        world.merge(into, from).unwrap();
        let (merged, target) = (world.stored_theme(from), world.stored_theme(into));
        assert_eq!((merged.merged_into, merged.size), (Some(into), 0));
        // Both themes have the same four customers.
        assert_eq!((target.size, target.customers), (8, 4));
        assert!(world.stored_feedback(start.items[4]).theme.unwrap().pinned);
        assert!(!world.stored_feedback(start.items[0]).theme.unwrap().pinned);
        assert_eq!(world.store().read_now(move |conn| themes::rows::resolve(conn, from)).unwrap(), into);
        assert_eq!(code(world.rename(from, "x")), Code::Conflict);
        assert_eq!(code(world.mute(from, true)), Code::Conflict);
        assert_eq!(code(world.merge(from, into)), Code::Conflict);
        assert_eq!(code(world.merge(start.themes[2], from)), Code::Conflict);
        assert_eq!(code(world.merge(into, into)), Code::Invalid);
    });
}

#[test]
fn a_split_takes_some_of_a_theme_and_not_all() {
    on_each_database(|world| {
        let start = world.start();
        let theme = start.themes[0];
        let (new, correction) = world.split(theme, &start.items[0..2], None).unwrap();
        assert_eq!((new.size, world.stored_theme(theme).size), (2, 2));
        assert!(world.stored_feedback(start.items[0]).theme.unwrap().pinned);
        assert_eq!(code(world.split(theme, &start.items[2..4], None)), Code::Invalid);
        let wrong = world.split(theme, &[start.items[2], start.items[0], Id::next()], None).unwrap_err();
        let pointers: Vec<&str> = wrong.fields.iter().map(|f| f.pointer.as_str()).collect();
        assert_eq!(pointers, ["/feedback_ids/1", "/feedback_ids/2"]);
        world.undo(correction.unwrap()).unwrap();
        assert_eq!((world.stored_theme(new.id).size, world.stored_theme(theme).size), (0, 4));
        assert!(world.themes(ThemeQuery::default()).iter().all(|t| t.id != new.id), "emptied themes are not listed");
    });
}

#[test]
fn a_correction_that_a_later_one_builds_on_can_not_be_undone() {
    on_each_database(|world| {
        let start = world.start();
        let merge = world.merge(start.themes[0], start.themes[1]).unwrap().unwrap();
        let split = world.split(start.themes[0], &start.items[0..2], None).unwrap().1.unwrap();
        let refusal = world.undo(merge).unwrap_err();
        assert_eq!(refusal.code, Code::UndoRefused);
        assert!(refusal.detail.contains(&split.to_string()), "{}", refusal.detail);
        let moved = world.move_feedback(start.items[0], Some(start.themes[2])).unwrap().unwrap();
        assert_eq!(code(world.undo(split)), Code::UndoRefused);
        world.undo(moved).unwrap();
        world.undo(split).unwrap();
        world.undo(merge).unwrap();

        // The moves concern different feedback, so either can be undone first.
        let one = world.move_feedback(start.items[0], Some(start.themes[2])).unwrap().unwrap();
        let same = world.move_feedback(start.items[0], Some(start.themes[1])).unwrap().unwrap();
        world.move_feedback(start.items[2], Some(start.themes[2])).unwrap();
        assert_eq!(code(world.undo(one)), Code::UndoRefused);
        world.undo(same).unwrap();
        world.undo(one).unwrap();
    });
}

#[test]
fn the_theme_merged_into_keeps_its_story_and_the_other_is_proposed() {
    on_each_database(|world| {
        let start = world.start();
        let [first, second, third] = [0, 1, 2].map(|n| start.themes[n]);
        let (older, newer) = (world.draft_about(first), world.draft_about(second));
        let before = world.state(&start);
        // The direction of the merge decides which story stays, not the age.
        let merge = world.merge(second, first).unwrap().unwrap();
        assert_eq!(world.stored_theme(second).story_id, Some(newer));
        assert_eq!(world.stored_story(older).proposed_duplicate_of, Some(newer));
        assert_eq!(world.stored_story(newer).proposed_duplicate_of, None);
        world.undo(merge).unwrap();
        assert_eq!(world.state(&start), before);
        let merge = world.merge(first, second).unwrap().unwrap();
        assert_eq!(world.stored_theme(first).story_id, Some(older));
        assert_eq!(world.stored_story(newer).proposed_duplicate_of, Some(older));

        // Accepting the proposal builds on the merge, and can be undone too.
        let accept = Transition {
            to: Stage::Duplicate,
            reason: None,
            duplicate_of: Some(older),
            override_gates: false,
            unreachable_reason: None,
            tell_customers: None,
        };
        world.write(move |tx| transitions::transition(tx, newer, None, Role::Admin, &accept)).unwrap();
        assert_eq!(code(world.undo(merge)), Code::UndoRefused);
        let marked = &world.corrections()[0];
        assert_eq!(marked.kind, CorrectionKind::MarkDuplicate);
        world.undo(marked.id).unwrap();
        world.undo(merge).unwrap();
        assert_eq!(world.state(&start), before);

        // Where only the merged theme has a story, it goes on standing for what was asked.
        let merge = world.merge(third, first).unwrap().unwrap();
        assert_eq!(world.stored_theme(third).story_id, Some(older));
        world.undo(merge).unwrap();
        assert_eq!(world.state(&start), before);
    });
}

#[test]
fn an_edit_stays_when_the_same_is_filed_again() {
    on_each_database(|world| {
        let start = world.start();
        let key = format!("edit-{}", world.product.key);
        let id = world.file_in_product(json!({ "text": "Old words", "external_id": key, "rating": 2, "title": "T" }));
        let theme = start.themes[0];
        world.write(move |tx| assignments::place(tx, &[(id, theme, 0.4)])).unwrap();
        let edit = |patch: Value, version| world.write(move |tx| edits::edit(tx, id, version, &patch));
        let edited = edit(json!({ "text": "New words", "rating": null, "tags": ["a"] }), Some(1)).unwrap();
        assert_eq!((edited.version, edited.text.as_str(), edited.rating), (2, "New words", None));
        // Feedback with a new text is grouped anew.
        assert_eq!((edited.state, edited.theme.is_none()), (State::Pending, true));
        assert_eq!(code(edit(json!({ "text": "x" }), Some(1))), Code::VersionMismatch);
        assert_eq!(code(edit(json!({ "text": "", "source": null, "size": 1 }), None)), Code::Invalid);
        assert_eq!(edit(json!({}), None).unwrap().version, 2);
        edit(json!({ "tags": ["b"] }), None).unwrap();
        assert_eq!(edit(json!({ "votes": 7 }), None).unwrap().votes, Some(7));

        world.file_in_product(
            json!({ "text": "Old words", "external_id": key, "rating": 5, "title": "Other", "tags": [] }),
        );
        let now = world.stored_feedback(id);
        assert_eq!((now.text.as_str(), now.rating, now.title.as_deref()), ("New words", None, Some("Other")));
        assert_eq!(now.tags, ["b"]);
        // Feedback that a person placed keeps its theme even with a new text.
        world.move_feedback(id, Some(theme)).unwrap();
        assert_eq!(edit(json!({ "text": "Third words" }), None).unwrap().theme.unwrap().id, theme);
    });
}

/// Earlier versions accepted blank tags: they must not stand in the way of an edit of something else.
#[test]
fn a_blank_tag_is_refused_and_one_of_an_earlier_version_is_left_out_by_an_edit() {
    on_each_database(|world| {
        let id = world.file_in_product(json!({ "text": "Words", "tags": ["a"] }));
        let edit = |patch: Value| world.write(move |tx| edits::edit(tx, id, None, &patch));
        let refused = edit(json!({ "tags": ["a", " "] })).unwrap_err();
        assert_eq!(
            (refused.fields[0].pointer.as_str(), refused.fields[0].detail.as_str()),
            ("/tags/1", "must not be blank")
        );
        let store_blank = move |tx: &mut Tx<'_>| {
            let before = feedback::rows::row(tx.conn, id)?;
            let tags = vec![" ".to_owned(), "a".to_owned()];
            feedback::rows::update(tx, &before, FeedbackRecord { tags, ..before.clone() })
        };
        world.write(store_blank).unwrap();
        let edited = edit(json!({ "title": "T" })).unwrap();
        assert_eq!((edited.title.as_deref(), edited.tags.as_slice()), (Some("T"), ["a".to_owned()].as_slice()));
        world.write(store_blank).unwrap();
        let input: FeedbackBulk = decode(json!({ "act": "tag", "tags": ["b"], "ids": [id] })).unwrap();
        let done = world.write(move |tx| {
            let mut done = BulkResult::begin();
            in_bulk::feedback(tx, &input, &mut done)?;
            Ok(done)
        });
        assert_eq!(done.unwrap().results[0].status, 200);
        assert_eq!(world.stored_feedback(id).tags, ["a", "b"]);
    });
}

#[test]
fn themes_are_counted_and_listed() {
    on_each_database(|world| {
        let start = world.start();
        let [first, second, third] = [0, 1, 2].map(|n| start.themes[n]);
        // Two people of one account that pays 500 a year, and one of an account that pays in another currency.
        for (n, (account, currency)) in [("A", "USD"), ("A", "USD"), ("B", "EUR")].into_iter().enumerate() {
            let key = &world.product.key;
            let value = json!({ "amount_minor": 50_000, "currency": currency });
            let account = json!({ "name": format!("{account} {key}"), "annual_value": value });
            let customer = json!({ "external_id": format!("{key}-payer-{n}"), "account": account });
            let (said, language) = [("Pay", "en"), ("Pay", "en"), ("결제", "ko")][n];
            let id = world.file_in_product(
                json!({ "text": said, "language": language, "customer": customer, "occurred_at": "2026-09-20T00:00:00Z" }),
            );
            world.move_feedback(id, Some(second)).unwrap();
        }
        let theme = world.stored_theme(second);
        assert_eq!((theme.size, theme.customers), (7, 7));
        assert_eq!(theme.languages.values().sum::<i64>(), 7);
        assert_eq!(theme.languages.get("ko"), Some(&1), "{:?}", theme.languages);
        assert_eq!((theme.value.amount_minor, theme.value.currency.as_str()), (50_000, "USD"));
        // The latest was said on 1 November: the 10th to 13th of October are recent, the 20th of September is before.
        assert_eq!((theme.recent, theme.growth), (4, 1.0 / 3.0));
        assert_eq!(theme.first_seen_at.unwrap().to_string(), "2026-09-20T00:00:00Z");
        assert_eq!(theme.last_seen_at.unwrap().to_string(), "2026-10-13T00:00:00Z");
        let detail = world.store().read_now(move |conn| themes::list::detail(conn, second)).unwrap();
        let weeks: Vec<i64> = detail.timeline.iter().map(|week| week.items).collect();
        assert_eq!((weeks, detail.trend), (vec![3, 0, 0, 2, 2], Trend::Rising));

        let sorted = |sort| -> Vec<Id> {
            let query = ThemeQuery { sort: Some(sort), limit: Some(1), ..ThemeQuery::default() };
            world.themes(query).iter().map(|theme| theme.id).collect()
        };
        assert_eq!(sorted(ThemeSort::Arrival), [third, second, first]);
        assert_eq!(sorted(ThemeSort::Size), [second, third, first]);
        assert_eq!(sorted(ThemeSort::Customers), [second, third, first]);
        assert_eq!(sorted(ThemeSort::Value), [second, third, first]);
        assert_eq!(sorted(ThemeSort::Recent), [third, second, first]);
        assert_eq!(sorted(ThemeSort::Growth), [third, first, second]);

        let story = world.draft_about(first);
        world.mute(third, true).unwrap();
        let listed = |query| world.themes(query).iter().map(|theme| theme.id).collect::<Vec<_>>();
        let any = ThemeQuery::default;
        assert_eq!(listed(any()), [second, first]);
        assert_eq!(listed(ThemeQuery { muted: Some(true), ..any() }), [third]);
        assert_eq!(listed(ThemeQuery { has_story: Some(true), ..any() }), [first]);
        assert_eq!(listed(ThemeQuery { has_story: Some(false), ..any() }), [second]);
        assert_eq!(listed(ThemeQuery { min_size: Some(5), ..any() }), [second]);
        assert_eq!(listed(ThemeQuery { min_customers: Some(4), ..any() }), [second, first]);
        assert_eq!(world.stored_theme(first).story_id, Some(story));
    });
}
