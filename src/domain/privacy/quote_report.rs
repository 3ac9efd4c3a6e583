//! What of a story's texts quotes a customer.

use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::base::{Id, Time};

crate::domain::names! {
    /// Why a text must not go to others as it is.
    pub enum QuoteReason {
        WordsOfOneCustomer "words_of_one_customer", PersonalData "personal_data", Name "name",
    }
}

/// Words of a text that one customer may be known by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct QuoteRisk {
    /// The field they stand in.
    #[schema(example = "title")]
    pub field: String,
    #[schema(example = "since monday")]
    pub words: String,
    #[schema(inline)]
    pub reason: QuoteReason,
    /// Whether a person confirmed this very text.
    pub confirmed: bool,
}

/// What of a story's texts quotes a customer, and who confirmed it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct QuoteReport {
    pub story_id: Id,
    /// Empty where every text may go out.
    pub quotes: Vec<QuoteRisk>,
    /// The member or token that confirmed quotations last.
    pub confirmed_by: Option<Id>,
    pub confirmed_at: Option<Time>,
}
