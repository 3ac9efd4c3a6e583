//! What the engine would change in themes that people decided about: they decide about that too.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::domain::base::{Id, Time};

crate::domain::names! {
    /// What is proposed: to merge a theme into another, to split feedback off a theme into a new one, or to move feedback
    /// from a theme to another.
    pub enum ProposalKind { Merge "merge", Split "split", Move "move" }
}

crate::domain::names! {
    /// Where a proposal stands. `outdated`: a later refinement no longer proposes it.
    pub enum ProposalState { Open "open", Accepted "accepted", Rejected "rejected", Outdated "outdated" }
}

/// The reason of a proposal in numbers, as they were when it was made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ProposalNumbers {
    /// Items the refinement would have moved.
    #[schema(example = 12)]
    pub moving: i64,
    /// Items in the theme they are in.
    #[schema(example = 40)]
    pub theme_size: i64,
    /// Items in the theme they would be in; `null` for a split.
    #[schema(example = 31)]
    pub other_theme_size: Option<i64>,
    /// How like the moving items are to those of the theme they would join or, for a split, to those that would stay: the
    /// cosine between their middles, 0 to 1.
    #[schema(example = 0.8312)]
    pub similarity: f64,
}

/// A change of the grouping that waits for a person.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Proposal {
    pub id: Id,
    pub product_id: Id,
    pub kind: ProposalKind,
    pub state: ProposalState,
    /// The theme that would be merged away, split, or moved from.
    pub theme_id: Id,
    /// The theme that would be merged into, or moved to; `null` where a new one would be made.
    pub other_theme_id: Option<Id>,
    /// How much feedback would move if it were accepted now: what was dismissed, erased, moved or pinned since is not
    /// counted, and of a decided or outdated proposal nothing would.
    pub feedback_count: i64,
    pub because: ProposalNumbers,
    /// The last refinement that proposed it.
    pub refinement_id: Id,
    /// The correction that accepting it made, by which it can be undone.
    pub correction_id: Option<Id>,
    /// Why it was rejected, where someone said so.
    pub reason: Option<String>,
    /// The member or the token of the service that decided.
    pub decided_by: Option<Id>,
    pub decided_at: Option<Time>,
    pub created_at: Time,
    pub updated_at: Time,
}

/// A proposal and what would move.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ProposalDetail {
    #[serde(flatten)]
    pub proposal: Proposal,
    /// The feedback that would move, in order of arrival, the first 1,000.
    pub feedback_ids: Vec<Id>,
}

/// Which proposals a list shows.
#[derive(Clone, Debug, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ProposalQuery {
    /// Key or id of the product.
    #[param(min_length = 1, max_length = 36)]
    pub product: Option<String>,
    #[param(inline)]
    pub state: Option<ProposalState>,
    #[param(inline)]
    pub kind: Option<ProposalKind>,
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<i64>,
    /// `next_cursor` of the page before.
    #[param(max_length = 2000)]
    pub cursor: Option<String>,
}

/// Why a proposal is rejected.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Rejection {
    #[schema(min_length = 1, max_length = 2000, example = "Two different promises to customers")]
    pub reason: Option<String>,
}

/// So alike are two proposals to move or split off feedback that are the same: what both name, in parts of what either
/// names.
const SAME: f64 = 0.5;

/// What is proposed, apart from the numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct Proposed {
    pub kind: ProposalKind,
    /// As [`Proposal::theme_id`].
    pub theme: Id,
    /// As [`Proposal::other_theme_id`].
    pub other: Option<Id>,
    /// The feedback that would move, in order of their ids; none for a merge, which takes all there is.
    pub items: Vec<Id>,
}

impl Proposed {
    /// Whether two proposals say the same: the same two themes merged, whichever into the other; or feedback of which
    /// more than half is the same taken from the same theme to the same place.
    pub fn is_same(&self, other: &Proposed) -> bool {
        if self.kind == ProposalKind::Merge && other.kind == ProposalKind::Merge {
            let pair = |p: &Proposed| (p.other.map_or(p.theme, |o| o.min(p.theme)), p.other.map(|o| o.max(p.theme)));
            return pair(self) == pair(other);
        }
        if (self.kind, self.theme, self.other) != (other.kind, other.theme, other.other) {
            return false;
        }
        let both = self.items.iter().filter(|id| other.items.binary_search(id).is_ok()).count();
        let either = self.items.len() + other.items.len() - both;
        both as f64 > SAME * either as f64 || either == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_is_recognised() {
        let ids: Vec<Id> = (0..8).map(|_| Id::next()).collect();
        let merge = |theme, other| Proposed { kind: ProposalKind::Merge, theme, other: Some(other), items: Vec::new() };
        assert!(merge(ids[0], ids[1]).is_same(&merge(ids[1], ids[0])));
        assert!(!merge(ids[0], ids[1]).is_same(&merge(ids[0], ids[2])));
        let split =
            |items: &[Id]| Proposed { kind: ProposalKind::Split, theme: ids[0], other: None, items: items.to_vec() };
        assert!(split(&ids[1..7]).is_same(&split(&ids[2..7])));
        assert!(!split(&ids[1..4]).is_same(&split(&ids[4..8])));
        assert!(!split(&ids[1..5]).is_same(&Proposed { theme: ids[1], ..split(&ids[1..5]) }));
    }
}
