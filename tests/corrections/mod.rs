//! Corrections of feedback and themes, and their undo: nothing is lost, and nothing remains.

mod bench;
mod bulk;
mod engine;
mod products;
mod property;
mod proposals;

use bench::{Bench, new_product, on_each_database};
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
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};

/// An action of a person, and its correction.
type Act<'a> = Box<dyn Fn() -> Result<Option<Id>> + 'a>;

fn code<T: std::fmt::Debug>(result: Result<T>) -> Code {
    result.map_err(|e: Error| e.code).unwrap_err()
}

#[test]
fn each_act_can_be_undone_exactly() {
    on_each_database(|bench| {
        let start = bench.start();
        let (first, second) = (start.themes[0], start.themes[1]);
        bench.rename(second, "Named by a person").unwrap();
        let before = bench.state(&start);
        let item = start.items[0];
        let other = new_product(&bench.store);
        let acts: Vec<(&str, Act<'_>)> = vec![
            ("move", Box::new(|| bench.move_to(item, Some(second)))),
            ("move of a pinned one", Box::new(|| bench.move_to(start.items[1], Some(second)))),
            ("move to a new theme", Box::new(|| bench.move_to(item, None))),
            ("move of a waiting one", Box::new(|| bench.move_to(start.items[12], Some(first)))),
            ("move to where it is", Box::new(|| bench.move_to(item, Some(first)))),
            ("dismiss", Box::new(|| bench.dismiss(item))),
            ("dismiss a pinned one", Box::new(|| bench.dismiss(start.items[1]))),
            ("dismiss a waiting one", Box::new(|| bench.dismiss(start.items[12]))),
            ("change product", Box::new(|| bench.transfer(item, other.id))),
            ("change product of a pinned one", Box::new(|| bench.transfer(start.items[1], other.id))),
            ("change product of a waiting one", Box::new(|| bench.transfer(start.items[12], other.id))),
            ("rename", Box::new(|| bench.rename(first, "Refunds"))),
            ("rename again", Box::new(|| bench.rename(second, "Refunds"))),
            ("mute", Box::new(|| bench.mute(first, true))),
            ("merge", Box::new(|| bench.merge(first, second))),
            ("split", Box::new(|| Ok(bench.split(first, &start.items[0..2], Some("Two"))?.1))),
        ];
        for (name, act) in acts {
            let correction = act().unwrap().expect(name);
            assert_ne!(bench.state(&start), before, "{name} changed nothing");
            assert!(bench.undo(correction).unwrap().undone_at.is_some());
            assert_eq!(bench.state(&start), before, "{name} was not undone");
            assert_eq!(code(bench.undo(correction)), Code::Conflict, "{name} was undone twice");
        }
    });
}

#[test]
fn a_dismissal_is_taken_back_and_that_is_undone() {
    on_each_database(|bench| {
        let start = bench.start();
        let item = start.items[1];
        let before = bench.state(&start);
        assert_eq!(code(bench.restore(item)), Code::Conflict);
        bench.dismiss(item).unwrap();
        let dismissed = bench.state(&start);
        let shown = bench.feedback(item);
        assert_eq!((shown.state, shown.dismissed_reason.as_deref()), (State::Dismissed, Some("Spam")));
        assert!(shown.theme.is_none());
        assert_eq!(bench.theme(start.themes[0]).size, 3);
        assert_eq!(code(bench.dismiss(item)), Code::Conflict);
        assert_eq!(code(bench.move_to(item, None)), Code::Conflict);

        let restored = bench.restore(item).unwrap().unwrap();
        assert_eq!(bench.state(&start), before);
        bench.undo(restored).unwrap();
        assert_eq!(bench.state(&start), dismissed);

        // Its theme is merged meanwhile: it returns to what that became.
        bench.merge(start.themes[2], start.themes[0]).unwrap();
        bench.restore(item).unwrap();
        let theme = bench.feedback(item).theme.unwrap();
        assert_eq!((theme.id, theme.pinned, theme.similarity), (start.themes[2], true, None));
    });
}

#[test]
fn moves_pin_and_follow_merges_and_are_refused_elsewhere() {
    on_each_database(|bench| {
        let start = bench.start();
        let (item, [first, second, third]) = (start.items[0], [0, 1, 2].map(|n| start.themes[n]));
        bench.merge(third, second).unwrap();
        bench.move_to(item, Some(second)).unwrap();
        let theme = bench.feedback(item).theme.unwrap();
        assert_eq!((theme.id, theme.pinned, theme.similarity), (third, true, None));
        assert_eq!((bench.theme(first).size, bench.theme(third).size), (3, 9));
        // It is there already.
        assert_eq!(bench.move_to(item, Some(third)).unwrap(), None);

        let other = Bench { product: new_product(&bench.store), store: bench.store.clone() }.start();
        assert_eq!(code(bench.move_to(item, Some(other.themes[0]))), Code::Invalid);
        assert_eq!(code(bench.move_to(item, Some(Id::next()))), Code::Invalid);
        assert_eq!(code(bench.merge(third, other.themes[0])), Code::Invalid);

        bench.move_to(item, None).unwrap();
        let made = bench.feedback(item).theme.unwrap();
        assert_eq!((made.label.as_str(), bench.theme(made.id).size), ("New theme", 1));
    });
}

#[test]
fn a_merged_theme_leads_to_the_other_and_takes_no_acts() {
    on_each_database(|bench| {
        let start = bench.start();
        let (into, from) = (start.themes[0], start.themes[1]);
        bench.merge(into, from).unwrap();
        let (merged, target) = (bench.theme(from), bench.theme(into));
        assert_eq!((merged.merged_into, merged.size), (Some(into), 0));
        // The same four customers said it in both.
        assert_eq!((target.size, target.customers), (8, 4));
        assert!(bench.feedback(start.items[4]).theme.unwrap().pinned);
        assert!(!bench.feedback(start.items[0]).theme.unwrap().pinned);
        assert_eq!(bench.store.read_now(move |conn| themes::rows::resolve(conn, from)).unwrap(), into);
        assert_eq!(code(bench.rename(from, "x")), Code::Conflict);
        assert_eq!(code(bench.mute(from, true)), Code::Conflict);
        assert_eq!(code(bench.merge(from, into)), Code::Conflict);
        assert_eq!(code(bench.merge(start.themes[2], from)), Code::Conflict);
        assert_eq!(code(bench.merge(into, into)), Code::Invalid);
    });
}

#[test]
fn a_split_takes_some_of_a_theme_and_not_all() {
    on_each_database(|bench| {
        let start = bench.start();
        let theme = start.themes[0];
        let (new, correction) = bench.split(theme, &start.items[0..2], None).unwrap();
        assert_eq!((new.size, bench.theme(theme).size), (2, 2));
        assert!(bench.feedback(start.items[0]).theme.unwrap().pinned);
        assert_eq!(code(bench.split(theme, &start.items[2..4], None)), Code::Invalid);
        let wrong = bench.split(theme, &[start.items[2], start.items[0], Id::next()], None).unwrap_err();
        let pointers: Vec<&str> = wrong.fields.iter().map(|f| f.pointer.as_str()).collect();
        assert_eq!(pointers, ["/feedback_ids/1", "/feedback_ids/2"]);
        bench.undo(correction.unwrap()).unwrap();
        assert_eq!((bench.theme(new.id).size, bench.theme(theme).size), (0, 4));
        assert!(bench.themes(ThemeQuery::default()).iter().all(|t| t.id != new.id), "emptied themes are not listed");
    });
}

#[test]
fn what_a_later_act_stands_on_is_not_undone() {
    on_each_database(|bench| {
        let start = bench.start();
        let merge = bench.merge(start.themes[0], start.themes[1]).unwrap().unwrap();
        let split = bench.split(start.themes[0], &start.items[0..2], None).unwrap().1.unwrap();
        let refusal = bench.undo(merge).unwrap_err();
        assert_eq!(refusal.code, Code::UndoRefused);
        assert!(refusal.detail.contains(&split.to_string()), "{}", refusal.detail);
        let moved = bench.move_to(start.items[0], Some(start.themes[2])).unwrap().unwrap();
        assert_eq!(code(bench.undo(split)), Code::UndoRefused);
        bench.undo(moved).unwrap();
        bench.undo(split).unwrap();
        bench.undo(merge).unwrap();

        // Different feedback: neither move stands on the other.
        let one = bench.move_to(start.items[0], Some(start.themes[2])).unwrap().unwrap();
        let same = bench.move_to(start.items[0], Some(start.themes[1])).unwrap().unwrap();
        bench.move_to(start.items[2], Some(start.themes[2])).unwrap();
        assert_eq!(code(bench.undo(one)), Code::UndoRefused);
        bench.undo(same).unwrap();
        bench.undo(one).unwrap();
    });
}

#[test]
fn the_theme_merged_into_keeps_its_story_and_the_other_is_proposed() {
    on_each_database(|bench| {
        let start = bench.start();
        let [first, second, third] = [0, 1, 2].map(|n| start.themes[n]);
        let (older, newer) = (bench.story_of(first), bench.story_of(second));
        let before = bench.state(&start);
        // The direction decides, not the age.
        let merge = bench.merge(second, first).unwrap().unwrap();
        assert_eq!(bench.theme(second).story_id, Some(newer));
        assert_eq!(bench.story(older).proposed_duplicate_of, Some(newer));
        assert_eq!(bench.story(newer).proposed_duplicate_of, None);
        bench.undo(merge).unwrap();
        assert_eq!(bench.state(&start), before);
        let merge = bench.merge(first, second).unwrap().unwrap();
        assert_eq!(bench.theme(first).story_id, Some(older));
        assert_eq!(bench.story(newer).proposed_duplicate_of, Some(older));

        // Accepting the proposal stands on the merge, and can be undone too.
        let accept = Transition {
            to: Stage::Duplicate,
            reason: None,
            duplicate_of: Some(older),
            override_gates: false,
            unreachable_reason: None,
            tell_customers: None,
        };
        bench.write(move |tx| transitions::transition(tx, newer, None, Role::Admin, &accept)).unwrap();
        assert_eq!(code(bench.undo(merge)), Code::UndoRefused);
        let marked = &bench.corrections()[0];
        assert_eq!(marked.kind, CorrectionKind::MarkDuplicate);
        bench.undo(marked.id).unwrap();
        bench.undo(merge).unwrap();
        assert_eq!(bench.state(&start), before);

        // Where only the merged theme has a story, it goes on standing for what was asked.
        let merge = bench.merge(third, first).unwrap().unwrap();
        assert_eq!(bench.theme(third).story_id, Some(older));
        bench.undo(merge).unwrap();
        assert_eq!(bench.state(&start), before);
    });
}

#[test]
fn an_edit_stays_when_the_same_is_filed_again() {
    on_each_database(|bench| {
        let start = bench.start();
        let key = format!("edit-{}", bench.product.key);
        let id = bench.file(json!({ "text": "Old words", "external_id": key, "rating": 2, "title": "T" }));
        let theme = start.themes[0];
        bench.write(move |tx| assignments::place(tx, &[(id, theme, 0.4)])).unwrap();
        let edit = |patch: Value, version| bench.write(move |tx| edits::edit(tx, id, version, &patch));
        let edited = edit(json!({ "text": "New words", "rating": null, "tags": ["a"] }), Some(1)).unwrap();
        assert_eq!((edited.version, edited.text.as_str(), edited.rating), (2, "New words", None));
        // Other words may belong elsewhere.
        assert_eq!((edited.state, edited.theme.is_none()), (State::Pending, true));
        assert_eq!(code(edit(json!({ "text": "x" }), Some(1))), Code::VersionMismatch);
        assert_eq!(code(edit(json!({ "text": "", "source": null, "size": 1 }), None)), Code::Invalid);
        assert_eq!(edit(json!({}), None).unwrap().version, 2);
        edit(json!({ "tags": ["b"] }), None).unwrap();
        assert_eq!(edit(json!({ "votes": 7 }), None).unwrap().votes, Some(7));

        bench.file(json!({ "text": "Old words", "external_id": key, "rating": 5, "title": "Other", "tags": [] }));
        let now = bench.feedback(id);
        assert_eq!((now.text.as_str(), now.rating, now.title.as_deref()), ("New words", None, Some("Other")));
        assert_eq!(now.tags, ["b"]);
        // What a person placed keeps its place, whatever it says.
        bench.move_to(id, Some(theme)).unwrap();
        assert_eq!(edit(json!({ "text": "Third words" }), None).unwrap().theme.unwrap().id, theme);
    });
}

/// Earlier versions accepted blank tags: they must not stand in the way of an edit of something else.
#[test]
fn a_blank_tag_is_refused_and_one_of_an_earlier_version_is_left_out_by_an_edit() {
    on_each_database(|bench| {
        let id = bench.file(json!({ "text": "Words", "tags": ["a"] }));
        let edit = |patch: Value| bench.write(move |tx| edits::edit(tx, id, None, &patch));
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
        bench.write(store_blank).unwrap();
        let edited = edit(json!({ "title": "T" })).unwrap();
        assert_eq!((edited.title.as_deref(), edited.tags.as_slice()), (Some("T"), ["a".to_owned()].as_slice()));
        bench.write(store_blank).unwrap();
        let input: FeedbackBulk = decode(json!({ "act": "tag", "tags": ["b"], "ids": [id] })).unwrap();
        let done = bench.write(move |tx| {
            let mut done = BulkResult::begin();
            in_bulk::feedback(tx, &input, &mut done)?;
            Ok(done)
        });
        assert_eq!(done.unwrap().results[0].status, 200);
        assert_eq!(bench.feedback(id).tags, ["a", "b"]);
    });
}

#[test]
fn themes_are_counted_and_listed() {
    on_each_database(|bench| {
        let start = bench.start();
        let [first, second, third] = [0, 1, 2].map(|n| start.themes[n]);
        // Two people of one account that pays 500 a year, and one of an account that pays in another currency.
        for (n, (account, currency)) in [("A", "USD"), ("A", "USD"), ("B", "EUR")].into_iter().enumerate() {
            let key = &bench.product.key;
            let value = json!({ "amount_minor": 50_000, "currency": currency });
            let account = json!({ "name": format!("{account} {key}"), "annual_value": value });
            let customer = json!({ "external_id": format!("{key}-payer-{n}"), "account": account });
            let id = bench.file(json!({ "text": "Pay", "customer": customer, "occurred_at": "2026-09-20T00:00:00Z" }));
            bench.move_to(id, Some(second)).unwrap();
        }
        let theme = bench.theme(second);
        assert_eq!((theme.size, theme.customers), (7, 7));
        assert_eq!((theme.value.amount_minor, theme.value.currency.as_str()), (50_000, "USD"));
        // The latest was said on 1 November: the 10th to 13th of October are recent, the 20th of September is before.
        assert_eq!((theme.recent, theme.growth), (4, 1.0 / 3.0));
        assert_eq!(theme.first_seen_at.unwrap().to_string(), "2026-09-20T00:00:00Z");
        assert_eq!(theme.last_seen_at.unwrap().to_string(), "2026-10-13T00:00:00Z");
        let detail = bench.store.read_now(move |conn| themes::list::detail(conn, second)).unwrap();
        let weeks: Vec<i64> = detail.timeline.iter().map(|week| week.items).collect();
        assert_eq!((weeks, detail.trend), (vec![3, 0, 0, 2, 2], Trend::Rising));

        let sorted = |sort| -> Vec<Id> {
            let query = ThemeQuery { sort: Some(sort), limit: Some(1), ..ThemeQuery::default() };
            bench.themes(query).iter().map(|theme| theme.id).collect()
        };
        assert_eq!(sorted(ThemeSort::Arrival), [third, second, first]);
        assert_eq!(sorted(ThemeSort::Size), [second, third, first]);
        assert_eq!(sorted(ThemeSort::Customers), [second, third, first]);
        assert_eq!(sorted(ThemeSort::Value), [second, third, first]);
        assert_eq!(sorted(ThemeSort::Recent), [third, second, first]);
        assert_eq!(sorted(ThemeSort::Growth), [third, first, second]);

        let story = bench.story_of(first);
        bench.mute(third, true).unwrap();
        let listed = |query| bench.themes(query).iter().map(|theme| theme.id).collect::<Vec<_>>();
        let any = ThemeQuery::default;
        assert_eq!(listed(any()), [second, first]);
        assert_eq!(listed(ThemeQuery { muted: Some(true), ..any() }), [third]);
        assert_eq!(listed(ThemeQuery { has_story: Some(true), ..any() }), [first]);
        assert_eq!(listed(ThemeQuery { has_story: Some(false), ..any() }), [second]);
        assert_eq!(listed(ThemeQuery { min_size: Some(5), ..any() }), [second]);
        assert_eq!(listed(ThemeQuery { min_customers: Some(4), ..any() }), [second, first]);
        assert_eq!(bench.theme(first).story_id, Some(story));
    });
}

#[test]
fn whatever_people_do_can_be_undone_in_reverse() {
    on_each_database(|bench| {
        let act = (0..7_u8, 0..13_usize, 0..5_usize, 0..5_usize);
        let config = Config { cases: 24, failure_persistence: None, ..Config::default() };
        let outcome = TestRunner::new(config).run(&prop::collection::vec(act, 1..14), |acts| {
            let bench = Bench { product: new_product(&bench.store), store: bench.store.clone() };
            let start = bench.start();
            bench.story_of(start.themes[1]);
            bench.story_of(start.themes[0]);
            let before = bench.state(&start);
            let mut known = start.themes.clone();
            let mut done = Vec::new();
            for (kind, item, a, b) in acts {
                let (item, a, b) = (start.items[item], known[a % known.len()], known[b % known.len()]);
                let correction = match kind {
                    0 => bench.move_to(item, Some(a)),
                    1 => bench.dismiss(item),
                    2 => bench.restore(item),
                    3 => bench.rename(a, &format!("Named {}", done.len())),
                    4 => bench.mute(a, !bench.theme(a).muted),
                    5 => bench.merge(a, b),
                    _ => bench.feedback(item).theme.map_or(Ok(None), |theme| {
                        let (new, correction) = bench.split(theme.id, &[item], None)?;
                        known.push(new.id);
                        Ok(correction)
                    }),
                };
                // What is refused changes nothing.
                done.extend(correction.ok().flatten());
            }
            for correction in done.into_iter().rev() {
                bench.undo(correction).map_err(|e| TestCaseError::fail(e.to_string()))?;
            }
            prop_assert_eq!(bench.state(&start), before);
            Ok(())
        });
        outcome.unwrap();
    });
}
