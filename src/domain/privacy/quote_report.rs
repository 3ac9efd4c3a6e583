//! Quote reports: passages of a story's texts that quote a customer.

use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::base::{Id, Time};

crate::domain::names! {
    /// Why a text must not be shown to others unchanged.
    pub enum QuoteReason {
        WordsOfOneCustomer "words_of_one_customer", PersonalData "personal_data", Name "name",
    }
}

/// Words of a text that may identify a customer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct QuoteRisk {
    /// The field that contains them.
    #[schema(example = "title")]
    pub field: String,
    #[schema(example = "since monday")]
    pub words: String,
    #[schema(inline)]
    pub reason: QuoteReason,
    /// Whether a person confirmed exactly this text.
    pub confirmed: bool,
}

/// The passages of a story's texts that quote a customer, and who confirmed them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct QuoteReport {
    pub story_id: Id,
    /// Empty where every text may be shown to others.
    pub quotes: Vec<QuoteRisk>,
    /// Id of the member or of the token that made the last confirmation.
    pub confirmed_by: Option<Id>,
    pub confirmed_at: Option<Time>,
}
