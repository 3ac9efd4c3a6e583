//! Proposals: changes that a refinement would make in themes that people decided about are proposed and never made
//! without them.

use std::collections::HashSet;

use hearback::domain::{
    base::Id,
    themes::{Proposal, ProposalKind, ProposalState},
};
use hearback::engine::Kind;
use hearback::error::Code;
use hearback::store::{
    base::events,
    themes::{assignments, proposals, refinements},
};
use hearback::usecase::privacy::erasure;
use serde_json::json;

use super::code;
use super::engine::sample;
use super::start::on_each_database;
use crate::support::World;

/// The sample after a refinement, with some items moved to wrong themes that people decided about.
struct Disorder {
    items: Vec<Id>,
    /// A theme whose smaller part was moved into the second one, which people named.
    cut: (Id, Id),
    /// A theme that people named, into which all items of another one were moved: these items.
    joined: (Id, Vec<Id>),
    /// A theme into which some items of the second one were moved, which people named: these items.
    strayed: (Id, Id, Vec<Id>),
}

fn disorder(world: &World) -> Disorder {
    let items = world.file_all(&sample()[..240]);
    let mut first = world.instance();
    first.job.run_until_idle().unwrap();
    first.job.refine_now(world.product.id, Kind::Cold).unwrap();
    first.job.run_until_idle().unwrap();
    let mut by_size: Vec<(Id, Vec<Id>)> = world
        .places(&items)
        .values()
        .map(|(theme, _)| *theme)
        .collect::<HashSet<Id>>()
        .into_iter()
        .map(|theme| (theme, world.members(theme)))
        .collect();
    by_size.sort_by_key(|(theme, members)| (std::cmp::Reverse(members.len()), *theme));
    assert!(by_size[4].1.len() >= 6, "{:?}", by_size.iter().map(|t| t.1.len()).collect::<Vec<_>>());
    let [a, b, c, d, e] = [0, 1, 2, 3, 4].map(|n| by_size[n].clone());

    let part = world.new_theme("New");
    world.misplace(&a.1[..a.1.len() / 3], part);
    world.misplace(&c.1, b.0);
    world.misplace(&e.1[..2], d.0);
    for (n, theme) in [part, b.0, e.0].into_iter().enumerate() {
        world.rename(theme, &format!("Named {n}")).unwrap();
    }
    Disorder { items, cut: (a.0, part), joined: (b.0, c.1), strayed: (d.0, e.0, e.1[..2].to_vec()) }
}

#[test]
fn changes_of_decided_items_are_proposed_and_not_made() {
    on_each_database(|world| {
        let is = disorder(world);
        let before = world.places(&is.items);
        let run = world.refine(Kind::Cold);
        assert_eq!(world.places(&is.items), before, "nothing but that was in disorder");
        assert!(run.held_back > 0 && run.moved == 0 && run.agreement == 1.0, "{run:?}");

        // Beside these there may be merges of other themes that say the same.
        let held_back = |found: Vec<Proposal>| -> Vec<Proposal> {
            found.into_iter().filter(|p| p.because.alike.is_none() || p.theme_id == is.cut.0).collect()
        };
        let open = held_back(world.proposals(Some(ProposalState::Open)));
        assert_eq!(open.len(), 3, "{open:?}");
        let of = |kind| open.iter().find(|p| p.kind == kind).unwrap_or_else(|| panic!("{kind} in {open:?}"));
        let (split, stray) = (of(ProposalKind::Split), of(ProposalKind::Move));
        let merge = open.iter().find(|p| p.theme_id == is.cut.0 && p.kind == ProposalKind::Merge).unwrap();
        // The theme that people named would keep its id.
        assert_eq!((merge.theme_id, merge.other_theme_id), (is.cut.0, Some(is.cut.1)));
        assert_eq!(merge.feedback_count, world.members(is.cut.0).len() as i64);
        assert_eq!((split.theme_id, split.other_theme_id), (is.joined.0, None));
        assert_eq!(world.proposal(split.id).feedback_ids, is.joined.1);
        assert_eq!((stray.theme_id, stray.other_theme_id), (is.strayed.0, Some(is.strayed.1)));
        assert_eq!(world.proposal(stray.id).feedback_ids, is.strayed.2);
        for p in &open {
            assert!((0.0..=1.0).contains(&p.because.similarity) && p.because.moving == p.feedback_count, "{p:?}");
            assert_eq!((p.refinement_id, p.state), (run.id, ProposalState::Open));
        }
        assert!(stray.because.similarity > 0.2, "{stray:?}");

        // The same proposal keeps its id in the next run; a warm run leaves proposals alone.
        world.refine(Kind::Warm);
        let again = world.refine(Kind::Cold);
        let renewed = held_back(world.proposals(None));
        assert_eq!(renewed.iter().map(|p| p.id).collect::<Vec<_>>(), open.iter().map(|p| p.id).collect::<Vec<_>>());
        assert!(renewed.iter().all(|p| p.refinement_id == again.id && p.created_at == open[0].created_at));
        assert_eq!(world.places(&is.items), before);

        // A rejected proposal is not made again.
        let rejected = world.reject(stray.id).unwrap();
        assert_eq!((rejected.state, rejected.reason.as_deref()), (ProposalState::Rejected, Some("Two promises")));
        assert_eq!(code(world.reject(stray.id)), Code::Conflict);
        assert_eq!(code(world.accept(stray.id)), Code::Conflict);
        world.refine(Kind::Cold);
        assert_eq!(held_back(world.proposals(None)).len(), open.len());
        assert_eq!(held_back(world.proposals(Some(ProposalState::Open))).len(), open.len() - 1);

        // Accepting a proposal does the same as a person's own correction.
        let accepted = world.accept(split.id).unwrap();
        let correction = accepted.correction_id.unwrap();
        let now = world.places(&is.joined.1);
        let new = now[&is.joined.1[0]].0;
        assert!(now.values().all(|place| *place == (new, true)) && new != is.joined.0);
        assert_eq!((accepted.state, accepted.feedback_count), (ProposalState::Accepted, 0));
        world.undo(correction).unwrap();
        assert_eq!(world.places(&is.items), before);

        // A proposal that no longer fits is refused, and the next run withdraws it.
        world.merge(is.joined.0, is.cut.0).unwrap();
        let refused = world.accept(merge.id).unwrap_err();
        assert_eq!(refused.code, Code::Conflict);
        assert!(refused.detail.contains("no longer fits"), "{}", refused.detail);
        world.refine(Kind::Cold);
        assert_eq!(world.proposal(merge.id).proposal.state, ProposalState::Outdated);
        assert_eq!(code(world.accept(merge.id)), Code::Conflict);

        let told = |id: Id| -> Vec<String> {
            let paging = hearback::domain::base::Paging::new(None, None, String::new()).unwrap();
            let log = world.store().read_now(|conn| events::history(conn, id, &paging)).unwrap();
            let mut kinds: Vec<String> = log.data.into_iter().map(|event| event.kind).collect();
            kinds.sort();
            kinds
        };
        assert_eq!(told(stray.id), ["proposal.opened", "proposal.rejected"]);
        assert_eq!(told(split.id), ["proposal.accepted", "proposal.opened"]);
        assert_eq!(told(merge.id), ["proposal.opened", "proposal.outdated"]);
        let missing = world.store().read_now(|conn| proposals::get(conn, Id::next()));
        assert_eq!(code(missing), Code::NotFound);
    });
}

#[test]
fn a_merge_and_moves_are_accepted_without_what_has_gone() {
    on_each_database(|world| {
        let is = disorder(world);
        world.refine(Kind::Cold);
        let open = world.proposals(Some(ProposalState::Open));
        let of = |kind| open.iter().find(|p| p.kind == kind).unwrap().id;
        let (merge, split, stray) = (of(ProposalKind::Merge), of(ProposalKind::Split), of(ProposalKind::Move));

        let into = world.accept(merge).unwrap();
        assert_eq!(world.stored_theme(is.cut.0).merged_into, Some(is.cut.1));
        assert!(world.members(is.cut.0).is_empty());
        world.undo(into.correction_id.unwrap()).unwrap();
        assert_eq!(world.stored_theme(is.cut.0).merged_into, None);

        // One of two is dismissed, and the customer behind one of the others is erased.
        let [gone, left] = [is.strayed.2[0], is.strayed.2[1]];
        world.dismiss(gone).unwrap();
        assert_eq!(world.proposal(stray).feedback_ids, [left]);
        assert_eq!(world.proposal(stray).proposal.feedback_count, 1);
        let moved = world.accept(stray).unwrap().correction_id.unwrap();
        assert_eq!(world.places(&[left])[&left], (is.strayed.1, true));
        assert_eq!(world.corrections().iter().find(|c| c.id == moved).unwrap().feedback_count, 1);

        let erased = is.joined.1[0];
        let customer = world.stored_feedback(erased).customer.unwrap().id;
        world.write(move |tx| erasure::customer(tx, customer, None)).unwrap();
        let detail = world.proposal(split);
        assert_eq!(detail.proposal.feedback_count, is.joined.1.len() as i64 - 1);
        assert!(!detail.feedback_ids.contains(&erased));
        world.accept(split).unwrap();
        assert_eq!(world.places(&[erased])[&erased].0, is.joined.0);
    });
}

#[test]
fn a_proposal_whose_feedback_was_all_dismissed_is_refused() {
    on_each_database(|world| {
        let is = disorder(world);
        world.refine(Kind::Cold);
        let stray =
            world.proposals(Some(ProposalState::Open)).into_iter().find(|p| p.theme_id == is.strayed.0).unwrap();
        for item in world.proposal(stray.id).feedback_ids {
            world.dismiss(item).unwrap();
        }
        assert_eq!(code(world.accept(stray.id)), Code::Conflict);
    });
}

#[test]
fn a_story_that_is_taken_up_holds_its_theme_and_an_untouched_draft_does_not() {
    on_each_database(|world| {
        let items = world.file_all(&sample()[..190]);
        let mut first = world.instance();
        first.job.run_until_idle().unwrap();
        let mut themes: Vec<Id> = world.places(&items).values().map(|(theme, _)| *theme).collect();
        themes.sort();
        themes.dedup();
        let stray = |theme: Id| -> Vec<Id> {
            let others: Vec<Id> = items
                .iter()
                .copied()
                .filter(|id| world.places(&[*id]).get(id).is_some_and(|place| place.0 != theme))
                .collect();
            others.into_iter().step_by(40).collect()
        };
        themes.sort_by_key(|theme| std::cmp::Reverse(world.members(*theme).len()));
        let (held, free) = (themes[0], themes[1]);
        world.misplace(&stray(held), held);
        world.misplace(&stray(free), free);
        world.take_up(held);
        if world.stored_theme(free).story_id.is_none() {
            world.draft_about(free);
        }
        let before = (world.members(held), world.members(free));
        let proposed = world.proposals(None).len();
        let warm = world.refine(Kind::Warm);
        assert_eq!(world.members(held), before.0);
        assert_eq!(world.proposals(None).len(), proposed, "a warm run proposes nothing");
        let cold = world.refine(Kind::Cold);
        assert_eq!(world.members(held), before.0);
        assert_ne!(world.members(free), before.1, "an untouched draft follows its theme");
        assert!(warm.held_back > 0 && cold.held_back > 0, "{warm:?} {cold:?}");
        assert!(warm.moved + cold.moved > 0 && warm.agreement.min(cold.agreement) < 1.0, "{warm:?} {cold:?}");
        let mut open = world.proposals(Some(ProposalState::Open));
        // Themes that say the same are proposed whatever people decided.
        open.retain(|p| p.because.alike.is_none());
        assert!(!open.is_empty());
        for p in &open {
            assert!([p.theme_id, p.other_theme_id.unwrap_or(p.theme_id)].contains(&held), "{p:?}");
        }
        assert_eq!(world.store().read_now(assignments::count_pending).unwrap(), 0);
    });
}

#[test]
fn the_choice_of_a_granularity_survives_a_restart() {
    on_each_database(|world| {
        // Enough to choose from: each text in three wordings.
        let rows = sample();
        let words = |n: usize, text: &str| match n {
            0 => text.to_owned(),
            1 => format!("Again: {text}"),
            _ => format!("{text} This is urgent."),
        };
        let worded = |n: usize| rows.iter().map(move |row| json!({ "text": words(n, row["text"].as_str().unwrap()) }));
        let all: Vec<_> = (0..3).flat_map(worded).collect();
        world.file_all(&all[..1_050]);
        let mut first = world.instance();
        first.job.run_until_idle().unwrap();
        first.job.refine_now(world.product.id, Kind::Cold).unwrap();
        let cold = world.refinements().remove(0);
        let last = |embedder: &'static str| {
            world.store().read_now(move |conn| refinements::last_choice(conn, world.product.id, embedder)).unwrap()
        };
        let (at, choice) = last("builtin").unwrap();
        assert_eq!((choice.granularity, choice.items, at), (cold.granularity, cold.items, cold.created_at));
        assert_eq!(choice.candidates.len(), 17);
        assert_eq!(choice.candidates[0].granularity, choice.granularity);
        assert!(choice.candidates[1..].is_sorted_by(|a, b| a.score >= b.score));
        assert!(last("api:other").is_none(), "another embedder chooses for itself");
        // Without it, the run after a restart would choose anew, and be written with a choice.
        let warm = world.refine(Kind::Warm);
        assert_eq!((warm.granularity, last("builtin").unwrap().0), (cold.granularity, at));
    });
}
