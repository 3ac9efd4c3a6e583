//! The stories around one, or those of a product, with what is still open between them.

use std::collections::{HashMap, HashSet};

use crate::domain::base::Id;
use crate::domain::stories::dependency::{DependencyState, External, OpenNeed, StoryBrief};
use crate::error::Result;
use crate::store::Conn;
use crate::store::stories::depending::{blockers, edges};

/// Stories with what is still open between them.
pub struct Scene {
    pub stories: HashMap<Id, StoryBrief>,
    /// What is open, without declined stories that are needed: those never come.
    pub needs: Vec<OpenNeed>,
    /// Needs of stories that were declined.
    pub declined: Vec<OpenNeed>,
    /// What is outside, by its dependency.
    pub externals: HashMap<Id, External>,
}

/// The stories that one needs, directly or through others, and those that need it.
pub fn around(conn: &mut Conn, story: Id) -> Result<Scene> {
    let open = blockers::all_open(conn)?;
    let needed = reached(&open, &[story], |need| (Some(need.story_id), need.blocker_id));
    let waiting = reached(&open, &[story], |need| (need.blocker_id, Some(need.story_id)));
    let all: HashSet<Id> = needed.union(&waiting).copied().collect();
    // What else the waiting stories need counts as well: it may be later than this one.
    let all = reached(&open, &all.into_iter().collect::<Vec<_>>(), |need| (Some(need.story_id), need.blocker_id));
    of(conn, open, all)
}

/// The stories of a product that are in development, and what they need.
pub fn of_product(conn: &mut Conn, product: Id) -> Result<Scene> {
    let open = blockers::all_open(conn)?;
    let own = edges::in_development(conn, product)?;
    let all = reached(&open, &own, |need| (Some(need.story_id), need.blocker_id));
    of(conn, open, all)
}

/// The stories that these lead to along the needs, these included.
fn reached(open: &[OpenNeed], from: &[Id], ends: impl Fn(&OpenNeed) -> (Option<Id>, Option<Id>)) -> HashSet<Id> {
    let mut next: HashMap<Id, Vec<Id>> = HashMap::new();
    for need in open {
        if let (Some(from), Some(to)) = ends(need) {
            next.entry(from).or_default().push(to);
        }
    }
    let (mut found, mut left) = (HashSet::from_iter(from.iter().copied()), from.to_vec());
    while let Some(at) = left.pop() {
        for to in next.get(&at).into_iter().flatten() {
            if found.insert(*to) {
                left.push(*to);
            }
        }
    }
    found
}

fn of(conn: &mut Conn, open: Vec<OpenNeed>, stories: HashSet<Id>) -> Result<Scene> {
    let ids: Vec<Id> = stories.iter().copied().collect();
    let inside = |need: &OpenNeed| {
        stories.contains(&need.story_id) && need.blocker_id.is_none_or(|blocker| stories.contains(&blocker))
    };
    let (declined, needs): (Vec<OpenNeed>, Vec<OpenNeed>) =
        open.into_iter().filter(inside).partition(|need| need.state == DependencyState::Declined);
    let outside: Vec<Id> =
        needs.iter().filter(|need| need.blocker_id.is_none()).map(|need| need.dependency_id).collect();
    let externals = edges::get_many(conn, &outside)?;
    Ok(Scene {
        stories: edges::briefs(conn, &ids)?,
        needs,
        declined,
        externals: externals.into_iter().filter_map(|one| Some((one.id, one.external?))).collect(),
    })
}
