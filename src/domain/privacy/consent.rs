//! On which basis a customer is contacted, by purpose.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::base::{Id, Time};

crate::domain::names! {
    /// What a customer is contacted for. `closure`: what became of what they asked for, and of an incident that they
    /// complained about.
    pub enum ContactPurpose { Closure "closure", Survey "survey", Research "research", Marketing "marketing" }
}

impl ContactPurpose {
    /// Whether the law asks for consent: without it nothing may be sent.
    pub fn needs_consent(self) -> bool {
        self != ContactPurpose::Closure
    }
}

crate::domain::names! {
    /// The legal basis.
    pub enum ContactBasis { Contract "contract", LegitimateInterest "legitimate_interest", Consent "consent" }
}

/// The basis of one purpose as it stands now.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ConsentLine {
    #[schema(inline)]
    pub purpose: ContactPurpose,
    /// Whether messages for this purpose may be sent.
    pub allowed: bool,
    /// The basis; `null` where consent is needed and nobody recorded any.
    #[schema(inline)]
    pub basis: Option<ContactBasis>,
    /// Whether the basis is the usual one of the purpose, and nobody recorded another.
    pub is_default: bool,
    /// Where it was given, such as a form or a call.
    pub source: Option<String>,
    pub given_at: Option<Time>,
    pub withdrawn_at: Option<Time>,
    pub withdrawn_how: Option<String>,
}

impl ConsentLine {
    /// The basis of a purpose by its latest record.
    pub fn of(purpose: ContactPurpose, latest: Option<&ConsentRecord>) -> Self {
        let usual = (!purpose.needs_consent()).then_some(ContactBasis::LegitimateInterest);
        Self {
            purpose,
            allowed: latest.map_or(usual.is_some(), |record| record.withdrawn_at.is_none()),
            basis: latest.map(|record| record.basis).or(usual),
            is_default: latest.is_none(),
            source: latest.map(|record| record.source.clone()),
            given_at: latest.map(|record| record.given_at),
            withdrawn_at: latest.and_then(|record| record.withdrawn_at),
            withdrawn_how: latest.and_then(|record| record.withdrawn_how.clone()),
        }
    }
}

/// A record of a basis, as it was given or withdrawn.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ConsentRecord {
    pub id: Id,
    #[serde(skip)]
    pub customer_id: Id,
    #[schema(inline)]
    pub purpose: ContactPurpose,
    #[schema(inline)]
    pub basis: ContactBasis,
    pub source: String,
    pub given_at: Time,
    pub withdrawn_at: Option<Time>,
    pub withdrawn_how: Option<String>,
    pub recorded_by: Option<Id>,
    pub recorded_at: Time,
}

/// The bases of a customer.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Consents {
    /// One entry for each purpose.
    pub data: Vec<ConsentLine>,
    /// All records, newest first.
    pub history: Vec<ConsentRecord>,
}

/// A basis to record.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"purpose": "survey", "basis": "consent", "source": "Form at the fair in Seoul"}))]
pub struct NewConsent {
    #[schema(inline)]
    pub purpose: ContactPurpose,
    /// Surveys, research and marketing need `consent`.
    pub basis: ContactBasis,
    /// Where it was given.
    #[schema(min_length = 1, max_length = 500, pattern = "\\S")]
    pub source: String,
    /// Now where absent. Not in the future.
    pub given_at: Option<Time>,
}

/// A basis to withdraw.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"purpose": "survey", "how": "By mail"}))]
pub struct ConsentWithdrawal {
    #[schema(inline)]
    pub purpose: ContactPurpose,
    /// How they withdrew or objected.
    #[schema(min_length = 1, max_length = 500, pattern = "\\S")]
    pub how: String,
    /// Now where absent. Not in the future.
    pub withdrawn_at: Option<Time>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(withdrawn_at: Option<Time>) -> ConsentRecord {
        ConsentRecord {
            id: Id::next(),
            customer_id: Id::next(),
            purpose: ContactPurpose::Survey,
            basis: ContactBasis::Consent,
            source: "A form".to_owned(),
            given_at: Time(1),
            withdrawn_at,
            withdrawn_how: None,
            recorded_by: None,
            recorded_at: Time(1),
        }
    }

    #[test]
    fn closures_are_allowed_until_they_are_withdrawn_and_all_else_needs_consent() {
        assert!(ConsentLine::of(ContactPurpose::Closure, None).allowed);
        for purpose in [ContactPurpose::Survey, ContactPurpose::Research, ContactPurpose::Marketing] {
            let line = ConsentLine::of(purpose, None);
            assert_eq!((line.allowed, line.basis), (false, None), "{purpose}");
        }
        assert!(ConsentLine::of(ContactPurpose::Survey, Some(&record(None))).allowed);
        assert!(!ConsentLine::of(ContactPurpose::Survey, Some(&record(Some(Time(2))))).allowed);
    }
}
