//! Proposals: changes that the engine suggests for themes that people have changed, and merges of themes that seem to say
//! the same. People decide about them.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::ThemeRecord;
use crate::domain::base::{Id, Time};

crate::domain::names! {
    /// The proposed change: merge a theme into another, split feedback off into a new theme, or move feedback to
    /// another theme.
    pub enum ProposalKind { Merge "merge", Split "split", Move "move" }
}

crate::domain::names! {
    /// The state of a proposal. `outdated`: a later refinement no longer proposes it.
    pub enum ProposalState { Open "open", Accepted "accepted", Rejected "rejected", Outdated "outdated" }
}

/// The numbers behind a proposal, at the time it was made.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ProposalNumbers {
    /// Items that the refinement would have moved.
    #[schema(example = 12)]
    pub moving: i64,
    /// Items in their present theme.
    #[schema(example = 40)]
    pub theme_size: i64,
    /// Items in the target theme; `null` for a split.
    #[schema(example = 31)]
    pub other_theme_size: Option<i64>,
    /// Similarity of the moving items to those of the target theme or, for a split, to those that would stay: the
    /// cosine between the two centroids, 0 to 1.
    #[schema(example = 0.8312)]
    pub similarity: f64,
    /// For themes that seem to say the same: how alike they are. 1 where the texts of each are as near to those of the
    /// other as to their own, 0 where they have nothing in common. Absent for what a refinement would have changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = 0.93)]
    pub alike: Option<f64>,
    /// For themes that seem to say the same: the nearest feedback of the two, nearest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub nearest: Vec<NearestPair>,
}

impl ProposalNumbers {
    /// The reason of a proposal in a sentence or two, with what the themes have in common now.
    pub fn in_words(&self, kind: ProposalKind, theme: Option<&ThemeRecord>, other: Option<&ThemeRecord>) -> String {
        let Some(alike) = self.alike else {
            let of = format!("{} of {} feedback", self.moving, self.theme_size);
            return match kind {
                ProposalKind::Split => format!("A refinement would move {of} to a new theme."),
                _ => format!("A refinement would move {of} to the other theme."),
            };
        };
        let mut said = String::new();
        if let (Some(theme), Some(other)) = (theme, other) {
            let shared: Vec<&str> = shared(&theme.keywords, &other.keywords);
            said = match &shared[..] {
                [] => String::new(),
                [one] => format!("Both are about {one}; "),
                [words @ .., last] => format!("Both are about {} and {last}; ", words.join(", ")),
            };
            said += &format!("{} and {} customers say so. ", theme.customers, other.customers);
        }
        format!("{said}Their feedback is as near to each other as to its own to {:.0}%.", 100.0 * alike)
    }
}

/// The first words that both lists have.
fn shared<'a>(one: &'a [String], other: &[String]) -> Vec<&'a str> {
    let has = |word: &&String| other.iter().any(|there| there.to_lowercase() == word.to_lowercase());
    one.iter().filter(has).map(String::as_str).take(3).collect()
}

/// Two feedbacks of two themes that are near to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct NearestPair {
    /// Of the theme that would be merged away.
    pub feedback_id: Id,
    /// Of the theme that would be merged into.
    pub other_feedback_id: Id,
}

/// A proposed change of the grouping that waits for a person's decision.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Proposal {
    pub id: Id,
    pub product_id: Id,
    pub kind: ProposalKind,
    pub state: ProposalState,
    /// The theme that would be merged away or split, or that feedback would leave.
    pub theme_id: Id,
    /// The theme that would be merged into or moved to; `null` where a new one would be created.
    pub other_theme_id: Option<Id>,
    /// How much feedback would move if the proposal were accepted now, without feedback that has since been dismissed,
    /// erased, moved or pinned. 0 for a decided or outdated proposal.
    pub feedback_count: i64,
    pub because: ProposalNumbers,
    /// The reason in a sentence or two.
    #[schema(
        example = "Both are about refund and arrived; 12 and 7 customers say so. Their feedback is as near to each other as to its own to 93%."
    )]
    pub why: String,
    /// The last refinement that proposed it.
    pub refinement_id: Id,
    /// The correction that accepting it made; it can be undone.
    pub correction_id: Option<Id>,
    /// Why it was rejected, if a reason was given.
    pub reason: Option<String>,
    /// Id of the member or of the service's token that decided.
    pub decided_by: Option<Id>,
    pub decided_at: Option<Time>,
    pub created_at: Time,
    pub updated_at: Time,
}

/// A proposal with the feedback that would move.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ProposalDetail {
    #[serde(flatten)]
    pub proposal: Proposal,
    /// The feedback that would move, in order of arrival, the first 1,000.
    pub feedback_ids: Vec<Id>,
}

/// The query parameters of the list of proposals.
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
    /// `true`: only proposals of archived products; `false`: only those of the others.
    pub archived: Option<bool>,
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<i64>,
    /// The `next_cursor` of the previous page.
    #[param(max_length = 2000)]
    pub cursor: Option<String>,
}

/// A rejection of a proposal, with the reason.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Rejection {
    #[schema(min_length = 1, max_length = 2000, example = "Two different promises to customers")]
    pub reason: Option<String>,
}

/// Above this overlap (intersection / union of the feedback), two proposals to move or split off feedback count as the
/// same.
const SAME: f64 = 0.5;

impl NearestPair {
    /// Exchanges the two.
    pub fn turn(&mut self) {
        std::mem::swap(&mut self.feedback_id, &mut self.other_feedback_id);
    }
}

/// The content of a proposal, without the numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct Proposed {
    pub kind: ProposalKind,
    /// As [`Proposal::theme_id`].
    pub theme: Id,
    /// As [`Proposal::other_theme_id`].
    pub other: Option<Id>,
    /// The feedback that would move, sorted by id; empty for a merge, which moves all.
    pub items: Vec<Id>,
}

impl Proposed {
    /// Whether it is about these two themes, in any order.
    pub fn is_of(&self, (one, other): (Id, Id)) -> bool {
        let pair = (self.theme, self.other);
        pair == (one, Some(other)) || pair == (other, Some(one))
    }

    /// Whether two proposals are the same: they merge the same two themes, in either direction; or they move mostly the
    /// same feedback from the same theme to the same place.
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
