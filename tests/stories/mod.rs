//! Stories: numbered without gaps, ranked by what customers say, planned by people.

mod attachments;
mod facts;
mod weights;

use std::collections::BTreeSet;

use hearback::domain::stories::priority::FactorSource;
use hearback::domain::stories::stage::Stage;
use hearback::domain::{
    base::{Id, Time},
    feedback::{FeedbackRecord, State},
    stories::Story,
};
use hearback::error::{Code, Error, Result};
use hearback::store::{feedback, themes::assignments};
use hearback::usecase::stories::{duplicates, planning, ranking};
use serde_json::json;

use crate::support::{World, on_each_world};

/// Runs a test on each available database, in a product of its own.
fn on_each_database(test: impl Fn(&World) + Sync) {
    on_each_world(|world| test(&world.with_new_product(Some("T"))));
}

/// The fields that were refused.
fn pointers(error: Error) -> Vec<String> {
    assert_eq!(error.code, Code::Invalid, "{error}");
    error.fields.into_iter().map(|f| f.pointer).collect()
}

#[test]
fn numbers_have_no_gap_and_no_repeat_whoever_fails_in_between() {
    on_each_database(|world| {
        let input = world.story_input(json!({ "title": "Refunds show when they arrive" }));
        let write = |n: usize| {
            let input = input.clone();
            world.write(move |tx| {
                let story = planning::create(tx, &input)?;
                if n.is_multiple_of(3) { Err(Code::Conflict.into()) } else { Ok(story.number) }
            })
        };
        let numbers: Vec<String> = std::thread::scope(|scope| {
            let writer = |w: usize| scope.spawn(move || (0..12).filter_map(|n| write(w + n).ok()).collect::<Vec<_>>());
            let writers: Vec<_> = (0..8).map(writer).collect();
            writers.into_iter().flat_map(|w| w.join().unwrap()).collect()
        });
        let expected: BTreeSet<String> = (1..=64).map(|n| format!("{}-{n}", world.product.key)).collect();
        assert_eq!(numbers.len(), 64);
        assert_eq!(numbers.into_iter().collect::<BTreeSet<_>>(), expected);
    });
}

#[test]
fn a_theme_that_enough_customers_ask_for_gets_one_draft() {
    on_each_database(|world| {
        let theme = world.new_theme("Refunds");
        world.customers_say(theme, &["ann", "ann", "bob", "bob"], json!({}));
        assert!(world.follow_themes(&[theme], &[]).is_empty(), "two customers and four items are not enough");
        let said = world.customers_say(theme, &["cid"], json!({}));
        assert_eq!(world.follow_themes(&[theme], &said), [theme]);
        let [story] = world.stories(json!({ "theme": theme })).try_into().unwrap();
        assert_eq!((story.feedback_count, story.customer_count), (5, 3));
        assert_eq!(story.drafted_by, "builtin");
        assert_eq!(story.number, format!("{}-1", world.product.key));
        assert_eq!(story.acceptance_criteria[0].feedback_ids, said);
        assert_eq!(world.evidence(story.id).len(), 5);

        // The story was declined, so no new draft is made for its theme.
        world.transition(story.id, json!({ "to": "declined", "reason": "Not ours" })).unwrap();
        world.customers_say(theme, &["dan"], json!({}));
        assert!(world.follow_themes(&[theme], &[]).is_empty());
        assert_eq!(world.stories(json!({})).len(), 1);
        assert_eq!(world.stored_story(story.id).feedback_count, 6);
    });
}

#[test]
fn a_draft_takes_new_words_until_a_person_edits_it() {
    on_each_database(|world| {
        let theme = world.new_theme("Refunds");
        let said = world.customers_say(theme, &["ann", "bob", "cid"], json!({}));
        world.follow_themes(&[theme], &[]);
        let story = world.stories(json!({})).remove(0);
        world.follow_themes(&[theme], &said);
        let redrafted = world.stored_story(story.id);
        assert_eq!(redrafted.acceptance_criteria[0].feedback_ids, said);
        assert_eq!(redrafted.version, 1, "new evidence never refuses an editor");

        world.edit_story(story.id, Some(1), json!({ "title": "Show when a refund arrives" })).unwrap();
        world.customers_say(theme, &["dan"], json!({}));
        assert!(world.follow_themes(&[theme], &[]).is_empty());
        let edited = world.stored_story(story.id);
        assert_eq!((edited.title.as_str(), edited.customer_count), ("Show when a refund arrives", 4));
        let kinds: Vec<String> = world.events_of(story.id).into_iter().map(|(kind, _)| kind).collect();
        assert_eq!(kinds, ["story.drafted", "story.updated", "story.updated"]);
    });
}

#[test]
fn set_factors_survive_new_evidence_and_derived_ones_follow_it() {
    on_each_database(|world| {
        let theme = world.new_theme("Refunds");
        world.customers_say(theme, &["ann", "bob", "cid", ""], json!({ "severity": "high" }));
        world.follow_themes(&[theme], &[]);
        let story = world.stories(json!({})).remove(0);
        let factors = &story.priority.factors;
        assert_eq!((factors.reach.value, factors.impact.value, factors.confidence.value), (4.0, 2.0, 0.8));
        assert_eq!(story.priority.score, 6.4);

        let set = json!({ "effort": 2, "priority": { "impact": 0.5 } });
        let story = world.edit_story(story.id, None, set).unwrap();
        assert_eq!((story.effort, story.priority.score), (Some(2.0), 0.8));
        world.customers_say(theme, &["dan", "eve"], json!({ "severity": "critical", "rating": 1 }));
        world.follow_themes(&[theme], &[]);
        let story = world.stored_story(story.id);
        let factors = &story.priority.factors;
        assert_eq!((factors.impact.value, factors.impact.source), (0.5, FactorSource::Set));
        assert_eq!((factors.effort.value, factors.reach.value), (2.0, 6.0));
        assert_eq!(factors.reach.source, FactorSource::Derived);

        // `null` gives it back to the evidence.
        let story = world.edit_story(story.id, None, json!({ "priority": { "impact": null } })).unwrap();
        assert_eq!(story.priority.factors.impact.source, FactorSource::Derived);
        assert_eq!(story.priority.factors.impact.value, 3.0);
    });
}

#[test]
fn the_window_of_reach_moves_for_every_story() {
    on_each_database(|world| {
        let (old, new) = (world.new_theme("Refunds"), world.new_theme("Fees"));
        world.customers_say(old, &["ann", "bob", "cid"], json!({}));
        world.follow_themes(&[old], &[]);
        let story = world.stories(json!({})).remove(0);
        assert_eq!(story.priority.factors.reach.value, 3.0);
        let later = Time::parse("2027-03-02T00:00:00Z").unwrap();
        world.store().clock.advance((later.0 - world.store().clock.now().0).max(0));
        world.customers_say(new, &["ann"], json!({ "occurred_at": "2027-03-01T00:00:00Z" }));
        let product = world.product.id;
        assert_eq!(world.write(move |tx| ranking::slide(tx, product, 10)).unwrap(), 1);
        assert_eq!(world.write(move |tx| ranking::slide(tx, product, 10)).unwrap(), 0);
        let story = world.stored_story(story.id);
        assert_eq!((story.priority.factors.reach.value, story.feedback_count), (0.0, 3));
        assert_eq!(story.priority.factors.reach.because, "0 customers in the 90 days up to 2027-03-01.");
    });
}

#[test]
fn feedback_dated_in_the_future_does_not_move_the_window_of_reach() {
    on_each_database(|world| {
        let theme = world.new_theme("Refunds");
        world.customers_say(theme, &["ann", "bob", "cid"], json!({}));
        world.follow_themes(&[theme], &[]);
        world.customers_say(theme, &["dan"], json!({ "occurred_at": "2099-01-01T00:00:00Z" }));
        world.follow_themes(&[theme], &[]);
        let product = world.product.id;
        world.write(move |tx| ranking::slide(tx, product, 10)).unwrap();
        let story = world.stories(json!({})).remove(0);
        assert_eq!(story.priority.factors.reach.value, 4.0);
        assert!(!story.priority.factors.reach.because.contains("2099"), "{}", story.priority.factors.reach.because);
    });
}

#[test]
fn votes_count_in_reach_and_who_says_it_is_one_of_them() {
    on_each_database(|world| {
        let theme = world.new_theme("Widgets");
        world.customers_say(theme, &["ann"], json!({ "votes": 42 }));
        world.customers_say(theme, &["bob", "cid"], json!({ "votes": 1 }));
        world.follow_themes(&[theme], &[]);
        let reach = world.stories(json!({})).remove(0).priority.factors.reach;
        assert_eq!(reach.value, 44.0);
        assert_eq!(reach.because, "3 customers and 41 further votes in the 90 days up to 2026-11-01.");
    });
}

#[test]
fn the_ranking_explains_itself_and_leaves_out_what_is_decided() {
    on_each_database(|world| {
        let names = ["ann", "bob", "cid", "dan", "eve", "fay"];
        let mut all = Vec::new();
        for n in [3, 5, 4, 6, 3] {
            let theme = world.new_theme("Something");
            world.customers_say(theme, &names[..n], json!({}));
            world.follow_themes(&[theme], &[]);
            all.push(world.stories(json!({ "theme": theme })).remove(0).id);
        }
        world.transition(all[1], json!({ "to": "declined", "reason": "Not now" })).unwrap();
        world.create_story(json!({ "title": "By hand" })).unwrap();

        let ranked = world.stories(json!({ "sort": "priority", "limit": 2 }));
        let reach: Vec<f64> = ranked.iter().map(|s| s.priority.factors.reach.value).collect();
        assert_eq!(reach, [6.0, 4.0, 3.0, 3.0, 0.0]);
        assert!(ranked[2].id > ranked[3].id, "the newer of equals first");
        for story in &ranked {
            let f = &story.priority.factors;
            for factor in [&f.reach, &f.impact, &f.confidence, &f.effort] {
                assert!(!factor.because.is_empty());
            }
        }
        assert_eq!(world.stories(json!({ "sort": "priority", "stage": "declined" })).len(), 1);
        assert_eq!(world.stories(json!({ "limit": 4 })).len(), 6, "by arrival everything is there");
    });
}

#[test]
fn the_second_of_two_concurrent_edits_is_refused() {
    on_each_database(|world| {
        let story = world.create_story(json!({ "title": "Refunds" })).unwrap();
        let outcomes: Vec<Result<Story>> = std::thread::scope(|scope| {
            let edit = |n: i32| {
                scope.spawn(move || world.edit_story(story.id, Some(1), json!({ "title": format!("By {n}") })))
            };
            let editors: Vec<_> = (0..8).map(edit).collect();
            editors.into_iter().map(|e| e.join().unwrap()).collect()
        });
        let (won, lost): (Vec<_>, Vec<_>) = outcomes.into_iter().partition(Result::is_ok);
        assert_eq!((won.len(), lost.len()), (1, 7));
        assert!(lost.into_iter().all(|e| e.unwrap_err().code == Code::VersionMismatch));
        assert_eq!(world.stored_story(story.id).version, 2);
    });
}

#[test]
fn a_story_moves_only_where_its_stage_leads() {
    on_each_database(|world| {
        let story = world.create_story(json!({ "title": "Refunds" })).unwrap().id;
        let refused = world.transition(story, json!({ "to": "released" })).unwrap_err();
        assert_eq!(refused.code, Code::StageRefused);
        assert!(refused.detail.contains("`accepted`"), "{refused}");
        assert_eq!(pointers(world.transition(story, json!({ "to": "declined" })).unwrap_err()), ["/reason"]);
        assert_eq!(
            pointers(world.transition(story, json!({ "to": "declined", "reason": " " })).unwrap_err()),
            ["/reason"]
        );
        assert_eq!(world.transition(story, json!({ "to": "accepted" })).unwrap().version, 2);
        world.transition(story, json!({ "to": "testing" })).unwrap();
        assert_eq!(pointers(world.transition(story, json!({ "to": "building" })).unwrap_err()), ["/reason"]);
        let back = world.transition(story, json!({ "to": "building", "reason": "The trial failed" })).unwrap();
        assert_eq!(back.stage_reason.as_deref(), Some("The trial failed"));
        let declined = world.transition(story, json!({ "to": "declined", "reason": "The law changed" })).unwrap();
        assert_eq!((declined.stage, declined.stage_reason.as_deref()), (Stage::Declined, Some("The law changed")));
        let (kind, data) = world.events_of(story).pop().unwrap();
        assert_eq!(kind, "story.moved");
        assert_eq!(data, json!({ "from": "building", "to": "declined", "has_reason": true }));
    });
}

#[test]
fn wrong_fields_are_all_named() {
    on_each_database(|world| {
        let nobody = Id::next();
        assert_eq!(pointers(world.create_story(json!({ "owner_id": nobody })).unwrap_err()), ["/owner_id", "/title"]);
        assert_eq!(pointers(world.create_story(json!({ "theme_id": nobody })).unwrap_err()), ["/theme_id"]);
        let story = world.create_story(json!({ "title": "Refunds" })).unwrap();
        let patch = json!({ "priority": { "impact": 0.7 }, "owner_id": nobody, "proposed_duplicate_of": nobody });
        let wrong = pointers(world.edit_story(story.id, None, patch).unwrap_err());
        assert_eq!(wrong, ["/priority/impact", "/owner_id", "/proposed_duplicate_of"]);
        assert_eq!(world.stored_story(story.id).version, 1);
    });
}

#[test]
fn a_duplicate_gives_its_evidence_to_the_other_story() {
    on_each_database(|world| {
        let (a, b) = (world.new_theme("Refunds"), world.new_theme("Money back"));
        world.customers_say(a, &["ann", "bob", "cid"], json!({}));
        world.customers_say(b, &["cid", "dan", "eve"], json!({}));
        world.follow_themes(&[a, b], &[]);
        let [second, first] = world.stories(json!({})).try_into().unwrap();
        let own = pointers(world.transition(second.id, json!({ "to": "duplicate" })).unwrap_err());
        assert_eq!(own, ["/duplicate_of"]);
        let itself = json!({ "to": "duplicate", "duplicate_of": second.id });
        assert_eq!(pointers(world.transition(second.id, itself).unwrap_err()), ["/duplicate_of"]);

        let marked = world.transition(second.id, json!({ "to": "duplicate", "duplicate_of": first.id })).unwrap();
        assert_eq!((marked.stage, marked.duplicate_of, marked.feedback_count), (Stage::Duplicate, Some(first.id), 0));
        let merged = world.stored_story(first.id);
        assert_eq!(merged.theme_ids.len(), 2);
        assert_eq!((merged.feedback_count, merged.customer_count, merged.priority.factors.reach.value), (6, 5, 5.0));
        assert_eq!(world.evidence(first.id).len(), 6);
        assert!(world.follow_themes(&[a, b], &[]).is_empty(), "nobody drafts what has an answer");

        // A duplicate of a duplicate becomes one of the first story. The first story can't become a duplicate of its
        // own duplicate.
        let third = world.create_story(json!({ "title": "Third" })).unwrap();
        let marked = world.transition(third.id, json!({ "to": "duplicate", "duplicate_of": second.id })).unwrap();
        assert_eq!(marked.duplicate_of, Some(first.id));
        let circle = json!({ "to": "duplicate", "duplicate_of": third.id });
        assert_eq!(pointers(world.transition(first.id, circle).unwrap_err()), ["/duplicate_of"]);
    });
}

#[test]
fn marking_a_duplicate_can_be_undone_once() {
    on_each_database(|world| {
        let (a, b) = (world.new_theme("Refunds"), world.new_theme("Money back"));
        world.customers_say(a, &["ann", "bob", "cid"], json!({}));
        world.customers_say(b, &["cid", "dan", "eve"], json!({}));
        world.follow_themes(&[a, b], &[]);
        let [second, first] = world.stories(json!({})).try_into().unwrap();
        world.transition(second.id, json!({ "to": "duplicate", "duplicate_of": first.id })).unwrap();
        let marked = duplicates::MarkedDuplicate {
            story: second.id,
            of: first.id,
            from: second.stage,
            respond_by: second.respond_by,
            themes: second.theme_ids.clone(),
            gained: second.theme_ids.clone(),
            attached: Vec::new(),
            proposed: None,
        };
        let again = marked.clone();
        let back = world.write(move |tx| duplicates::unmark_duplicate(tx, &marked)).unwrap();
        assert_eq!((back.stage, back.duplicate_of, back.feedback_count), (Stage::Draft, None, 3));
        assert_eq!(world.stored_story(first.id).feedback_count, 3);
        let refused = world.write(move |tx| duplicates::unmark_duplicate(tx, &again)).unwrap_err();
        assert_eq!(refused.code, Code::UndoRefused);
    });
}

#[test]
fn an_untouched_draft_goes_along_with_its_feedback_or_becomes_duplicate_of_the_story_that_is_there() {
    on_each_database(|world| {
        let (a, b, c) = (world.new_theme("Refunds"), world.new_theme("Money back"), world.new_theme("Refund"));
        let said = world.customers_say(a, &["ann", "bob", "cid"], json!({}));
        world.follow_themes(&[a], &said);
        let draft = world.stories(json!({})).remove(0);
        let items = said.clone();
        let go = |from: Id, to: Id| {
            let items = items.clone();
            let moved = world.write(move |tx| {
                let moves: Vec<_> = items.iter().map(|id| (*id, Some(from), Some(to))).collect();
                assignments::regroup(tx, &moves)
            });
            assert_eq!(moved.unwrap().len(), 3);
        };
        // Both themes changed; the other one is due only now, and the draft is the one that it gets.
        go(a, b);
        world.follow_themes(&[a, b], &said);
        let along = world.stored_story(draft.id);
        assert_eq!((along.stage, &along.theme_ids, &along.number), (Stage::Draft, &vec![b], &draft.number));
        assert_eq!(world.stories(json!({ "sort": "priority" })).len(), 1);

        let others = world.customers_say(c, &["dan", "eve", "fay"], json!({}));
        world.follow_themes(&[c], &others);
        let there = world.stories(json!({ "theme": c })).remove(0);
        go(b, c);
        world.follow_themes(&[b, c], &others);
        let absorbed = world.stored_story(draft.id);
        assert_eq!((absorbed.stage, absorbed.duplicate_of), (Stage::Duplicate, Some(there.id)));
        assert_eq!(world.stories(json!({ "sort": "priority" })).len(), 1);
    });
}

#[test]
fn an_empty_draft_leaves_the_ranking_until_its_feedback_is_back() {
    on_each_database(|world| {
        let theme = world.new_theme("Refunds");
        let said = world.customers_say(theme, &["ann", "bob", "cid"], json!({}));
        world.follow_themes(&[theme], &[]);
        let away = said.clone();
        world
            .write(move |tx| {
                away.iter().try_for_each(|id| {
                    let before = feedback::rows::row(tx.conn, *id)?;
                    let row = FeedbackRecord { theme_id: None, state: State::Pending, ..before.clone() };
                    feedback::rows::update(tx, &before, row)
                })
            })
            .unwrap();
        world.follow_themes(&[theme], &[]);
        assert!(world.stories(json!({ "sort": "priority" })).is_empty());
        assert_eq!(world.stories(json!({})).len(), 1);
        world
            .write(move |tx| {
                let places: Vec<(Id, Id, f64)> = said.iter().map(|id| (*id, theme, 0.9)).collect();
                assignments::place(tx, &places).map(drop)
            })
            .unwrap();
        world.follow_themes(&[theme], &[]);
        assert_eq!(world.stories(json!({ "sort": "priority" })).len(), 1);
    });
}
