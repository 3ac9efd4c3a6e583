//! Facts of a story: what its customers mentioned, with the feedback that mentions it.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::story::cut;
use crate::domain::base::{Id, Time};

/// The longest text of a fact, and the most feedback that it cites.
const LONGEST: usize = 300;
const CITED: usize = 20;

crate::domain::names! {
    /// The kind of a fact. `tried`, `workaround`, `consequence` and `quote` are words of a customer.
    pub enum FactKind {
        Version "version", Platform "platform", Device "device", Browser "browser", Amount "amount", Time "time",
        Step "step", Segment "segment", Account "account", Language "language", Tried "tried", Workaround "workaround",
        Consequence "consequence", Quote "quote",
    }
}

/// What customers mentioned about a story, the most frequent first within each kind.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Facts {
    /// When the oldest feedback of the theme was said.
    pub first_seen: Option<Time>,
    /// When the newest was.
    pub last_seen: Option<Time>,
    pub items: Vec<Fact>,
}

/// Something that customers mentioned.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"kind": "version", "text": "4.2", "customers": 7, "feedback_ids": []}))]
pub struct Fact {
    pub kind: FactKind,
    /// A short value such as `4.2` or `iPhone`, or a customer's words.
    pub text: String,
    /// How many customers mentioned it.
    pub customers: i32,
    /// Ids of feedback that mentions it, at most 20.
    pub feedback_ids: Vec<Id>,
}

impl FactKind {
    /// Whether such a fact is the words of one customer.
    pub fn is_quote(self) -> bool {
        matches!(self, Self::Tried | Self::Workaround | Self::Consequence | Self::Quote)
    }
}

impl Facts {
    /// The facts cut to the lengths that are stored.
    #[must_use]
    pub fn fitted(self) -> Self {
        let fact = |fact: Fact| Fact {
            text: cut(fact.text, LONGEST),
            feedback_ids: fact.feedback_ids.into_iter().take(CITED).collect(),
            ..fact
        };
        Self { items: self.items.into_iter().map(fact).collect(), ..self }
    }

    /// The facts without these items of one person, and without texts that come from them.
    #[must_use]
    pub fn without(&self, items: &HashSet<Id>, is_theirs: impl Fn(&str) -> bool) -> Self {
        let left = |fact: &Fact| {
            let feedback_ids: Vec<Id> = fact.feedback_ids.iter().copied().filter(|id| !items.contains(id)).collect();
            let cited = feedback_ids.len() < fact.feedback_ids.len();
            let customers = fact.customers - i32::from(cited);
            let stays = !feedback_ids.is_empty() && customers > 0 && !is_theirs(&fact.text);
            stays.then(|| Fact { customers, feedback_ids, ..fact.clone() })
        };
        Self { items: self.items.iter().filter_map(left).collect(), ..*self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_erased_person_leaves_the_facts_and_takes_only_their_own() {
        let [theirs, other] = [Id::next(), Id::next()];
        let fact = |kind, text: &str, ids: &[Id]| Fact {
            kind,
            text: text.to_owned(),
            customers: ids.len() as i32,
            feedback_ids: ids.to_vec(),
        };
        let facts = Facts {
            items: vec![
                fact(FactKind::Version, "4.2", &[theirs, other]),
                fact(FactKind::Tried, "reinstalling", &[theirs]),
                fact(FactKind::Account, "Ann Ltd", &[other]),
            ],
            ..Facts::default()
        };
        let left = facts.without(&HashSet::from([theirs]), |text| text.contains("Ann"));
        assert_eq!(left.items, [fact(FactKind::Version, "4.2", &[other])]);
    }
}
