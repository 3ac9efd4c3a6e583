//! Acceptance criteria of stories.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::base::Id;
use crate::domain::base::text::cut;

/// The longest text, the most cited feedback, and the most quotes of a criterion.
const LONGEST: usize = 2000;
const CITED: usize = 100;
const QUOTES: usize = 3;

/// An acceptance criterion.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "text": "Given version 4.2, the app does not close. (7 customers)", "feedback_ids": [], "given": "version 4.2",
    "when": null, "then": "the app does not close", "customers": 7, "quotes": [],
}))]
pub struct Criterion {
    /// The whole criterion as a sentence.
    #[schema(min_length = 1, max_length = 2000)]
    pub text: String,
    /// Ids of the feedback that it comes from.
    #[serde(default)]
    #[schema(max_items = 100)]
    pub feedback_ids: Vec<Id>,
    /// The condition under which it holds: a version, a device, a place.
    #[serde(default)]
    #[schema(max_length = 2000)]
    pub given: Option<String>,
    /// What a customer does.
    #[serde(default)]
    #[schema(max_length = 2000)]
    pub when: Option<String>,
    /// What must be observed then.
    #[serde(default)]
    #[schema(max_length = 2000)]
    pub then: Option<String>,
    /// How many customers the cited feedback had when the criterion was drafted.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 1_000_000_000)]
    pub customers: i32,
    /// Some of the cited feedback in the customers' words; not shown outside the team.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub quotes: Vec<CriterionQuote>,
}

/// Words of a customer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CriterionQuote {
    /// The feedback that contains them.
    pub feedback_id: Id,
    #[schema(min_length = 1, max_length = 2000)]
    pub text: String,
}

/// Words of a customer to quote in a story, in one of its criteria or in a new one.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewCriterionQuote {
    /// The feedback that contains the words.
    pub feedback_id: Id,
    /// The words as the customer wrote them; only white space may differ.
    #[schema(min_length = 1, max_length = 2000, pattern = "\\S")]
    pub text: String,
    /// The criterion that the words belong to, counted from 1.
    #[schema(minimum = 1, maximum = 50)]
    pub criterion: Option<i32>,
    /// The text of a new criterion that the words belong to.
    #[schema(min_length = 1, max_length = 2000, pattern = "\\S")]
    pub new_criterion: Option<String>,
}

impl Criterion {
    /// The criterion cut to the lengths that it may have, so that a person can edit it afterwards.
    pub(super) fn fitted(self) -> Self {
        let part = |text: Option<String>| text.map(|text| cut(text, LONGEST));
        let quote = |quote: CriterionQuote| CriterionQuote { text: cut(quote.text, LONGEST), ..quote };
        Self {
            text: cut(self.text, LONGEST),
            feedback_ids: self.feedback_ids.into_iter().take(CITED).collect(),
            given: part(self.given),
            when: part(self.when),
            then: part(self.then),
            customers: self.customers,
            quotes: self.quotes.into_iter().take(QUOTES).map(quote).collect(),
        }
    }

    /// Whether it cites some of these items.
    pub fn cites(&self, items: &HashSet<Id>) -> bool {
        self.feedback_ids.iter().chain(self.quotes.iter().map(|quote| &quote.feedback_id)).any(|id| items.contains(id))
    }
}
