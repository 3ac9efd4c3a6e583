//! Proposals: changes that a refinement would make in themes that people decided about are proposed and never made
//! without them.

use std::collections::HashSet;

use hearback::domain::{
    base::Id,
    themes::{ProposalKind, ProposalState},
};
use hearback::engine::Kind;
use hearback::error::Code;
use hearback::store::{
    base::events,
    themes::{assignments, proposals, refinements},
};
use hearback::usecase::privacy::erasure;
use serde_json::json;

use super::bench::{Bench, on_each_database};
use super::code;
use super::engine::sample;

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

fn disorder(bench: &Bench) -> Disorder {
    let items = bench.file_all(&sample()[..240]);
    let mut first = bench.instance();
    first.job.run_until_idle().unwrap();
    first.job.refine_now(bench.product.id, Kind::Cold).unwrap();
    first.job.run_until_idle().unwrap();
    let mut by_size: Vec<(Id, Vec<Id>)> = bench
        .places(&items)
        .values()
        .map(|(theme, _)| *theme)
        .collect::<HashSet<Id>>()
        .into_iter()
        .map(|theme| (theme, bench.members(theme)))
        .collect();
    by_size.sort_by_key(|(theme, members)| (std::cmp::Reverse(members.len()), *theme));
    assert!(by_size[4].1.len() >= 6, "{:?}", by_size.iter().map(|t| t.1.len()).collect::<Vec<_>>());
    let [a, b, c, d, e] = [0, 1, 2, 3, 4].map(|n| by_size[n].clone());

    let part = bench.new_theme();
    bench.misplace(&a.1[..a.1.len() / 3], part);
    bench.misplace(&c.1, b.0);
    bench.misplace(&e.1[..2], d.0);
    for (n, theme) in [part, b.0, e.0].into_iter().enumerate() {
        bench.rename(theme, &format!("Named {n}")).unwrap();
    }
    Disorder { items, cut: (a.0, part), joined: (b.0, c.1), strayed: (d.0, e.0, e.1[..2].to_vec()) }
}

#[test]
fn what_people_decided_about_is_proposed_and_not_done() {
    on_each_database(|bench| {
        let is = disorder(bench);
        let before = bench.places(&is.items);
        let run = bench.refine(Kind::Cold);
        assert_eq!(bench.places(&is.items), before, "nothing but that was in disorder");
        assert!(run.held_back > 0 && run.moved == 0 && run.agreement == 1.0, "{run:?}");

        let open = bench.proposals(Some(ProposalState::Open));
        let of = |kind| open.iter().find(|p| p.kind == kind).unwrap_or_else(|| panic!("{kind} in {open:?}"));
        let (merge, split, stray) = (of(ProposalKind::Merge), of(ProposalKind::Split), of(ProposalKind::Move));
        assert_eq!(open.len(), 3, "{open:?}");
        // The theme that people named would keep its id.
        assert_eq!((merge.theme_id, merge.other_theme_id), (is.cut.0, Some(is.cut.1)));
        assert_eq!(merge.feedback_count, bench.members(is.cut.0).len() as i64);
        assert_eq!((split.theme_id, split.other_theme_id), (is.joined.0, None));
        assert_eq!(bench.proposal(split.id).feedback_ids, is.joined.1);
        assert_eq!((stray.theme_id, stray.other_theme_id), (is.strayed.0, Some(is.strayed.1)));
        assert_eq!(bench.proposal(stray.id).feedback_ids, is.strayed.2);
        for p in &open {
            assert!((0.0..=1.0).contains(&p.because.similarity) && p.because.moving == p.feedback_count, "{p:?}");
            assert_eq!((p.refinement_id, p.state), (run.id, ProposalState::Open));
        }
        assert!(stray.because.similarity > 0.2, "{stray:?}");

        // The same again keeps its id; a warm run has nothing to say of it.
        bench.refine(Kind::Warm);
        let again = bench.refine(Kind::Cold);
        let renewed = bench.proposals(None);
        assert_eq!(renewed.iter().map(|p| p.id).collect::<Vec<_>>(), open.iter().map(|p| p.id).collect::<Vec<_>>());
        assert!(renewed.iter().all(|p| p.refinement_id == again.id && p.created_at == open[0].created_at));
        assert_eq!(bench.places(&is.items), before);

        // Rejected is rejected.
        let rejected = bench.reject(stray.id).unwrap();
        assert_eq!((rejected.state, rejected.reason.as_deref()), (ProposalState::Rejected, Some("Two promises")));
        assert_eq!(code(bench.reject(stray.id)), Code::Conflict);
        assert_eq!(code(bench.accept(stray.id)), Code::Conflict);
        bench.refine(Kind::Cold);
        assert_eq!(bench.proposals(None).len(), 3);
        assert_eq!(bench.proposals(Some(ProposalState::Open)).len(), 2);

        // Accepted is done as a person would do it.
        let accepted = bench.accept(split.id).unwrap();
        let correction = accepted.correction_id.unwrap();
        let now = bench.places(&is.joined.1);
        let new = now[&is.joined.1[0]].0;
        assert!(now.values().all(|place| *place == (new, true)) && new != is.joined.0);
        assert_eq!((accepted.state, accepted.feedback_count), (ProposalState::Accepted, 0));
        bench.undo(correction).unwrap();
        assert_eq!(bench.places(&is.items), before);

        // What no longer fits is refused, and the next run says so.
        bench.merge(is.joined.0, is.cut.0).unwrap();
        let refused = bench.accept(merge.id).unwrap_err();
        assert_eq!(refused.code, Code::Conflict);
        assert!(refused.detail.contains("no longer fits"), "{}", refused.detail);
        bench.refine(Kind::Cold);
        assert_eq!(bench.proposal(merge.id).proposal.state, ProposalState::Outdated);
        assert_eq!(code(bench.accept(merge.id)), Code::Conflict);

        let told = |id: Id| -> Vec<String> {
            let paging = hearback::domain::base::Paging::new(None, None, String::new()).unwrap();
            let log = bench.store.read_now(|conn| events::history(conn, id, &paging)).unwrap();
            let mut kinds: Vec<String> = log.data.into_iter().map(|event| event.kind).collect();
            kinds.sort();
            kinds
        };
        assert_eq!(told(stray.id), ["proposal.opened", "proposal.rejected"]);
        assert_eq!(told(split.id), ["proposal.accepted", "proposal.opened"]);
        assert_eq!(told(merge.id), ["proposal.opened", "proposal.outdated"]);
        let missing = bench.store.read_now(|conn| proposals::get(conn, Id::next()));
        assert_eq!(code(missing), Code::NotFound);
    });
}

#[test]
fn a_merge_and_moves_are_accepted_without_what_has_gone() {
    on_each_database(|bench| {
        let is = disorder(bench);
        bench.refine(Kind::Cold);
        let open = bench.proposals(Some(ProposalState::Open));
        let of = |kind| open.iter().find(|p| p.kind == kind).unwrap().id;
        let (merge, split, stray) = (of(ProposalKind::Merge), of(ProposalKind::Split), of(ProposalKind::Move));

        let into = bench.accept(merge).unwrap();
        assert_eq!(bench.theme(is.cut.0).merged_into, Some(is.cut.1));
        assert!(bench.members(is.cut.0).is_empty());
        bench.undo(into.correction_id.unwrap()).unwrap();
        assert_eq!(bench.theme(is.cut.0).merged_into, None);

        // One of two is dismissed, and the customer behind one of the others is erased.
        let [gone, left] = [is.strayed.2[0], is.strayed.2[1]];
        bench.dismiss(gone).unwrap();
        assert_eq!(bench.proposal(stray).feedback_ids, [left]);
        assert_eq!(bench.proposal(stray).proposal.feedback_count, 1);
        let moved = bench.accept(stray).unwrap().correction_id.unwrap();
        assert_eq!(bench.places(&[left])[&left], (is.strayed.1, true));
        assert_eq!(bench.corrections().iter().find(|c| c.id == moved).unwrap().feedback_count, 1);

        let erased = is.joined.1[0];
        let customer = bench.feedback(erased).customer.unwrap().id;
        bench.write(move |tx| erasure::customer(tx, customer, None)).unwrap();
        let detail = bench.proposal(split);
        assert_eq!(detail.proposal.feedback_count, is.joined.1.len() as i64 - 1);
        assert!(!detail.feedback_ids.contains(&erased));
        bench.accept(split).unwrap();
        assert_eq!(bench.places(&[erased])[&erased].0, is.joined.0);

        // Nothing of it is left: 409.
        let is = disorder(bench);
        bench.refine(Kind::Cold);
        let stray =
            bench.proposals(Some(ProposalState::Open)).into_iter().find(|p| p.theme_id == is.strayed.0).unwrap();
        for item in bench.proposal(stray.id).feedback_ids {
            bench.dismiss(item).unwrap();
        }
        assert_eq!(code(bench.accept(stray.id)), Code::Conflict);
    });
}

#[test]
fn a_story_that_is_taken_up_holds_its_theme_and_an_untouched_draft_does_not() {
    on_each_database(|bench| {
        let items = bench.file_all(&sample()[..190]);
        let mut first = bench.instance();
        first.job.run_until_idle().unwrap();
        let mut themes: Vec<Id> = bench.places(&items).values().map(|(theme, _)| *theme).collect();
        themes.sort();
        themes.dedup();
        let stray = |theme: Id| -> Vec<Id> {
            let others: Vec<Id> = items
                .iter()
                .copied()
                .filter(|id| bench.places(&[*id]).get(id).is_some_and(|place| place.0 != theme))
                .collect();
            others.into_iter().step_by(40).collect()
        };
        themes.sort_by_key(|theme| std::cmp::Reverse(bench.members(*theme).len()));
        let (held, free) = (themes[0], themes[1]);
        bench.misplace(&stray(held), held);
        bench.misplace(&stray(free), free);
        bench.take_up(held);
        if bench.theme(free).story_id.is_none() {
            bench.story_of(free);
        }
        let before = (bench.members(held), bench.members(free));
        let warm = bench.refine(Kind::Warm);
        assert_eq!(bench.members(held), before.0);
        assert!(bench.proposals(None).is_empty(), "a warm run proposes nothing");
        let cold = bench.refine(Kind::Cold);
        assert_eq!(bench.members(held), before.0);
        assert_ne!(bench.members(free), before.1, "an untouched draft follows its theme");
        assert!(warm.held_back > 0 && cold.held_back > 0 && cold.moved > 0 && cold.agreement < 1.0, "{cold:?}");
        let open = bench.proposals(Some(ProposalState::Open));
        assert!(!open.is_empty());
        for p in &open {
            assert!([p.theme_id, p.other_theme_id.unwrap_or(p.theme_id)].contains(&held), "{p:?}");
        }
        assert_eq!(bench.refinements().len(), 2);
        assert_eq!(bench.store.read_now(assignments::count_pending).unwrap(), 0);
    });
}

#[test]
fn the_choice_of_a_granularity_survives_a_restart() {
    on_each_database(|bench| {
        // Enough to choose from: each text in three wordings.
        let rows = sample();
        let words = |n: usize, text: &str| match n {
            0 => text.to_owned(),
            1 => format!("Again: {text}"),
            _ => format!("{text} This is urgent."),
        };
        let worded = |n: usize| rows.iter().map(move |row| json!({ "text": words(n, row["text"].as_str().unwrap()) }));
        let all: Vec<_> = (0..3).flat_map(worded).collect();
        bench.file_all(&all[..1_050]);
        let mut first = bench.instance();
        first.job.run_until_idle().unwrap();
        first.job.refine_now(bench.product.id, Kind::Cold).unwrap();
        let cold = bench.refinements().remove(0);
        let last = |embedder: &'static str| {
            bench.store.read_now(move |conn| refinements::last_choice(conn, bench.product.id, embedder)).unwrap()
        };
        let (at, choice) = last("builtin").unwrap();
        assert_eq!((choice.granularity, choice.items, at), (cold.granularity, cold.items, cold.created_at));
        assert_eq!(choice.candidates.len(), 17);
        assert_eq!(choice.candidates[0].granularity, choice.granularity);
        assert!(choice.candidates[1..].is_sorted_by(|a, b| a.score >= b.score));
        assert!(last("api:other").is_none(), "another embedder chooses for itself");
        // Without it, the run after a restart would choose anew, and be written with a choice.
        let warm = bench.refine(Kind::Warm);
        assert_eq!((warm.granularity, last("builtin").unwrap().0), (cold.granularity, at));
    });
}
