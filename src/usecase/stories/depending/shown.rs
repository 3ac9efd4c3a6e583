//! The dependencies of a story, as somebody may see them. They are read without the limits of the caller, since something
//! hidden blocks as well; what the caller may not see is left out here.

use std::collections::HashMap;

use crate::domain::base::Id;
use crate::domain::stories::dependency::{
    Dependencies, Dependency, DependencyKind, DependencyState, LinkedStory, ShownDependency, StoryBrief,
};
use crate::domain::team::access::ProductAccess;
use crate::error::Result;
use crate::store::Conn;
use crate::store::stories::depending::{blockers, edges};

/// The dependencies of a story, oldest first.
pub fn of_story(conn: &mut Conn, access: &ProductAccess, story: Id) -> Result<Dependencies> {
    let own = edges::of_story(conn, story)?;
    let data = all(conn, access, story, own)?;
    let needs = |wanted: fn(&ShownDependency) -> bool| data.iter().any(wanted);
    let is_open = |one: &ShownDependency| {
        one.kind == DependencyKind::Needs && one.state.is_some_and(|state| state != DependencyState::Satisfied)
    };
    Ok(Dependencies { blocked: needs(is_open), needs_decision: needs(|one| one.needs_decision), data })
}

/// One of them.
pub fn one(
    conn: &mut Conn,
    access: &ProductAccess,
    story: Id,
    dependency: Dependency,
) -> Result<Option<ShownDependency>> {
    Ok(all(conn, access, story, vec![dependency])?.pop())
}

fn all(
    conn: &mut Conn,
    access: &ProductAccess,
    story: Id,
    dependencies: Vec<Dependency>,
) -> Result<Vec<ShownDependency>> {
    let ids: Vec<Id> = dependencies.iter().map(|one| one.id).collect();
    let states = blockers::states(conn, &ids)?;
    let ends = dependencies.iter().flat_map(|one| [Some(one.story_id), one.other_id]);
    let originals = states.values().map(|(original, _)| *original);
    let known: Vec<Id> = ends.chain(originals).flatten().collect();
    let mut known = edges::briefs(conn, &known)?;
    known.retain(|_, brief| access.role_in(brief.product_id).is_some());
    Ok(dependencies.into_iter().map(|one| show(one, story, &states, &known)).collect())
}

fn show(
    one: Dependency,
    story: Id,
    states: &HashMap<Id, (Option<Id>, DependencyState)>,
    known: &HashMap<Id, StoryBrief>,
) -> ShownDependency {
    let waits = one.story_id == story;
    let other = if waits { one.other_id } else { Some(one.story_id) };
    let kind = match one.kind {
        DependencyKind::Relates => DependencyKind::Relates,
        _ if waits => DependencyKind::Needs,
        _ => DependencyKind::Blocks,
    };
    let (original, state) = match states.get(&one.id) {
        Some((original, state)) => (*original, Some(*state)),
        None => (None, None),
    };
    let linked = |id: Option<Id>| id.and_then(|id| known.get(&id)).map(LinkedStory::from);
    let in_place = original.filter(|original| waits && Some(*original) != one.other_id);
    ShownDependency {
        id: one.id,
        kind,
        story: linked(other),
        hidden: other.is_some_and(|other| !known.contains_key(&other)),
        in_place: linked(in_place),
        external: one.external,
        lag_days: one.lag_days,
        satisfied_at: one.satisfied_at,
        state,
        needs_decision: waits && state == Some(DependencyState::Declined),
        closed_at: one.closed_at,
        closed_by: one.closed_by,
        created_by: one.created_by,
        created_at: one.created_at,
        updated_at: one.updated_at,
    }
}
