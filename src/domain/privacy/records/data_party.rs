//! The controller, processors and recipients of the record of processing.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::domain::base::{Id, Time};

crate::domain::names! {
    /// What somebody is in the handling of personal data.
    pub enum PartyRole {
        Controller "controller",
        JointController "joint_controller",
        Representative "representative",
        Officer "protection_officer",
        Processor "processor",
        SubProcessor "sub_processor",
        Recipient "recipient",
    }
}

/// Somebody who handles personal data, or answers for it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DataParty {
    pub id: Id,
    pub role: PartyRole,
    #[schema(example = "Paylo Ltd")]
    pub name: String,
    #[schema(example = "privacy@paylo.example")]
    pub contact: String,
    /// What for.
    pub purpose: String,
    /// Which data.
    pub data: String,
    /// Where it is handled: ISO 3166 code of the country, or empty.
    #[schema(example = "KR")]
    pub country: String,
    /// What allows the transfer to that country; empty where there is none.
    pub transfer: String,
    /// Since which day.
    #[schema(example = "2026-01-01")]
    pub since: Option<String>,
    pub version: i32,
    pub created_at: Time,
    pub updated_at: Time,
}

/// A party to add to the record of processing.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewDataParty {
    pub role: PartyRole,
    #[schema(min_length = 1, max_length = 200, pattern = "\\S", example = "Mail Sender Inc")]
    pub name: String,
    #[serde(default)]
    #[schema(max_length = 500, example = "dpo@mailsender.example")]
    pub contact: String,
    #[serde(default)]
    #[schema(max_length = 2000, example = "Sends mails to customers")]
    pub purpose: String,
    #[serde(default)]
    #[schema(max_length = 2000, example = "Names and addresses")]
    pub data: String,
    #[serde(default)]
    #[schema(pattern = "^([A-Z]{2})?$", example = "US")]
    pub country: String,
    #[serde(default)]
    #[schema(max_length = 2000, example = "Standard contractual clauses")]
    pub transfer: String,
    #[serde(default)]
    #[schema(pattern = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$", example = "2026-01-01")]
    pub since: Option<String>,
}

/// The editable fields of a party (merge patch).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DataPartyEdit {
    #[schema(required = false)]
    pub role: PartyRole,
    #[serde(default)]
    #[schema(min_length = 1, max_length = 200, pattern = "\\S")]
    pub name: String,
    #[serde(default)]
    #[schema(max_length = 500)]
    pub contact: String,
    #[serde(default)]
    #[schema(max_length = 2000)]
    pub purpose: String,
    #[serde(default)]
    #[schema(max_length = 2000)]
    pub data: String,
    #[serde(default)]
    #[schema(pattern = "^([A-Z]{2})?$")]
    pub country: String,
    #[serde(default)]
    #[schema(max_length = 2000)]
    pub transfer: String,
    #[serde(default)]
    #[schema(pattern = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$")]
    pub since: Option<String>,
}

impl From<&DataParty> for DataPartyEdit {
    fn from(party: &DataParty) -> Self {
        Self {
            role: party.role,
            name: party.name.clone(),
            contact: party.contact.clone(),
            purpose: party.purpose.clone(),
            data: party.data.clone(),
            country: party.country.clone(),
            transfer: party.transfer.clone(),
            since: party.since.clone(),
        }
    }
}

/// The query parameters of the list of parties.
#[derive(Clone, Debug, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PartyQuery {
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<i64>,
    /// The `next_cursor` of the previous page.
    #[param(max_length = 2000)]
    pub cursor: Option<String>,
}
