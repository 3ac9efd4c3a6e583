//! Bulk actions run in several transactions, so that others can write in between, and have the same result as single
//! actions.

use std::time::{Duration, Instant};

use hearback::domain::base::bulk::{BulkResult, FeedbackBulk, read};
use hearback::domain::{
    base::{Id, decode::decode},
    feedback::{NewFeedback, State},
};
use hearback::store::themes::assignments;
use hearback::store::themes::{self, rows::NewTheme};
use hearback::usecase::{base::bulk, feedback::filing};
use serde_json::{Value, json};

use super::start::{Start, on_each_database};
use crate::support::World;

/// A theme with this many feedback items.
fn theme_of(world: &World, count: usize) -> Vec<Id> {
    let inputs: Vec<NewFeedback> = (0..count)
        .map(|n| decode(json!({ "product": world.product.key, "text": format!("Item {n} is late") })).unwrap())
        .collect();
    let new = NewTheme { id: Id::next(), product: world.product.id, label: "Late items".to_owned() };
    world
        .write(move |tx| {
            themes::rows::insert(tx, std::slice::from_ref(&new))?;
            let mut ids = Vec::new();
            for filed in filing::file(tx, &inputs)? {
                ids.push(filed?.feedback.id);
            }
            assignments::place(tx, &ids.iter().map(|id| (*id, new.id, 0.5)).collect::<Vec<_>>())?;
            themes::rows::refresh_counts(tx, &[new.id])?;
            Ok(ids)
        })
        .unwrap()
}

/// Runs a bulk action part by part; returns the results and the number of parts.
fn act(world: &World, body: Value) -> (BulkResult, usize) {
    let input: FeedbackBulk = read(body).unwrap();
    let (mut so_far, mut parts) = (BulkResult::begin(), 0);
    while so_far.results.len() < input.ids.len() {
        let (next, before, started) = (input.clone(), so_far.clone(), Instant::now());
        so_far = world
            .write(move |tx| {
                let mut results = before.clone();
                bulk::feedback(tx, &next, &mut results)?;
                Ok(results)
            })
            .unwrap();
        assert!(started.elapsed() < Duration::from_secs(5), "a part took {:?}", started.elapsed());
        parts += 1;
    }
    (so_far, parts)
}

#[test]
fn a_bulk_correction_takes_several_transactions_and_is_undone_as_one() {
    on_each_database(|world| {
        let ids = theme_of(world, 500);
        let theme = world.stored_feedback(ids[0]).theme.expect("a theme").id;
        let (done, parts) = act(world, json!({ "act": "dismiss", "reason": "Spam", "ids": ids }));
        assert!(parts > 1, "500 in one transaction would keep others from writing");
        assert_eq!((done.changed, done.unchanged, done.failed), (500, 0, 0));
        assert_eq!(world.stored_theme(theme).size, 0);
        assert!(done.results.iter().enumerate().all(|(n, row)| (row.index, row.id) == (n, ids[n])));

        // Each is an act of its own that can be undone alone.
        world.undo(done.results[7].correction_id.expect("a correction")).unwrap();
        assert_eq!(world.stored_feedback(ids[7]).state, State::Grouped);
        assert_eq!(world.stored_theme(theme).size, 1);
    });
}

#[test]
fn a_bulk_correction_has_the_same_result_as_single_ones() {
    on_each_database(|world| {
        let (one, other) = (world.start(), world.start());
        let by_hand = [world.dismiss(one.items[0]), world.dismiss(one.items[1]), world.dismiss(one.items[12])];
        assert!(by_hand.into_iter().all(|done| done.is_ok_and(|correction| correction.is_some())));
        let ids = [other.items[0], other.items[1], other.items[12]];
        act(world, json!({ "act": "dismiss", "reason": "Spam", "ids": ids }));

        world.move_feedback(one.items[4], Some(one.themes[2])).unwrap();
        world.move_feedback(one.items[5], Some(one.themes[2])).unwrap();
        let ids = [other.items[4], other.items[5]];
        act(world, json!({ "act": "move", "theme_id": other.themes[2], "ids": ids }));

        let shown = |start: &Start| {
            let place = |id: Id| start.themes.iter().position(|theme| *theme == id);
            let of = |id: &Id| {
                let shown = world.stored_feedback(*id);
                let theme = shown.theme.as_ref();
                let pinned = theme.is_some_and(|theme| theme.pinned);
                (shown.state, pinned, shown.dismissed_reason.clone(), theme.and_then(|t| place(t.id)), shown.version)
            };
            start.items.iter().map(of).collect::<Vec<_>>()
        };
        assert_eq!(shown(&one), shown(&other));
        let sizes = |themes: &[Id]| themes.iter().map(|theme| world.stored_theme(*theme).size).collect::<Vec<_>>();
        assert_eq!(sizes(&one.themes), sizes(&other.themes));
    });
}
