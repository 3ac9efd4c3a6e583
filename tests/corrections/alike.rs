//! Themes that say the same are proposed for a merge, with why; accepting it joins their counts.

use std::collections::HashSet;

use hearback::domain::base::Id;
use hearback::domain::themes::{ProposalKind, ProposalState};
use hearback::engine::Kind;

use super::engine::sample;
use super::start::on_each_database;
use crate::support::World;

/// The sample, grouped, and its largest theme with its items.
fn largest(world: &World) -> (Id, Vec<Id>) {
    let items = world.file_all(&sample()[..240]);
    let mut first = world.instance();
    first.job.run_until_idle().unwrap();
    first.job.refine_now(world.product.id, Kind::Cold).unwrap();
    first.job.run_until_idle().unwrap();
    let themes: HashSet<Id> = world.places(&items).values().map(|(theme, _)| *theme).collect();
    themes
        .into_iter()
        .map(|theme| (theme, world.members(theme)))
        .max_by_key(|(theme, members)| (members.len(), *theme))
        .unwrap()
}

fn every_second(items: &[Id]) -> Vec<Id> {
    items.iter().copied().step_by(2).collect()
}

#[test]
fn two_halves_of_a_theme_are_proposed_with_why_and_join_their_counts() {
    on_each_database(|world| {
        let (theme, members) = largest(world);
        let half = every_second(&members);
        let other = world.new_theme("New");
        world.misplace(&half, other);
        world.rename(other, "Named").unwrap();
        world.rename(theme, "Named too").unwrap();
        world.refine(Kind::Cold);

        let open = world.proposals(Some(ProposalState::Open));
        let about = |one: Id| one == theme || one == other;
        let merge = open
            .iter()
            .find(|p| p.kind == ProposalKind::Merge && about(p.theme_id) && p.other_theme_id.is_some_and(about))
            .unwrap_or_else(|| panic!("{open:?}"));
        assert!(merge.because.alike.is_some_and(|alike| alike > 0.5), "{merge:?}");
        assert!(merge.why.contains("customers say so") && merge.why.ends_with("%."), "{}", merge.why);
        let (from, into) = (world.members(merge.theme_id), world.members(merge.other_theme_id.unwrap()));
        assert!(!merge.because.nearest.is_empty());
        for pair in &merge.because.nearest {
            assert!(from.contains(&pair.feedback_id) && into.contains(&pair.other_feedback_id));
        }
        world.accept(merge.id).unwrap();
        let joined = world.stored_theme(merge.other_theme_id.unwrap());
        assert_eq!(joined.size as usize, from.len() + into.len());
        assert_eq!(world.stored_theme(merge.theme_id).merged_into, merge.other_theme_id);
    });
}

#[test]
fn themes_that_a_person_split_are_not_proposed_for_a_merge() {
    on_each_database(|world| {
        let (theme, members) = largest(world);
        let (new, _) = world.split(theme, &every_second(&members), Some("Two")).unwrap();
        world.refine(Kind::Cold);
        let of_both = |p: &hearback::domain::themes::Proposal| {
            let pair = [Some(p.theme_id), p.other_theme_id];
            pair.contains(&Some(theme)) && pair.contains(&Some(new.id))
        };
        let open = world.proposals(Some(ProposalState::Open));
        assert!(!open.iter().any(|p| p.kind == ProposalKind::Merge && of_both(p)), "{open:?}");
    });
}
