//! Requests of persons about their data: access, correction, erasure, stop and portability.

pub mod copy;
pub mod legal_clock;

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::domain::base::{Id, Time};
pub use legal_clock::RequestRule;

crate::domain::names! {
    /// What a person asks for. `stop`: that their data is no longer used, and nothing more is sent to them.
    pub enum PersonRequestKind {
        Access "access", Correction "correction", Erasure "erasure", Stop "stop", Portability "portability",
    }
}

impl PersonRequestKind {
    /// Whether it is answered by a copy of the person's data.
    pub fn wants_copy(self) -> bool {
        matches!(self, PersonRequestKind::Access | PersonRequestKind::Portability)
    }
}

crate::domain::names! {
    /// How far a request is. `waiting`: an erasure that runs when a legal hold ends.
    pub enum PersonRequestState {
        Received "received", IdentityChecked "identity_checked", Waiting "waiting", Done "done", Refused "refused",
    }
}

impl PersonRequestState {
    /// Whether nothing more is to be done.
    pub fn is_ended(self) -> bool {
        matches!(self, PersonRequestState::Done | PersonRequestState::Refused)
    }
}

crate::domain::names! {
    /// What a proof is of: a copy that was made for the person, or what was done.
    pub enum ProofKind {
        CopyJson "copy_json", CopyHtml "copy_html", Correction "correction", Erasure "erasure", Stop "stop",
        Refusal "refusal",
    }
}

/// A request of a person about their data.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PersonRequest {
    pub id: Id,
    #[schema(inline)]
    pub kind: PersonRequestKind,
    #[schema(inline)]
    pub state: PersonRequestState,
    /// The customer whose data it is about, once that is known.
    pub customer_id: Option<Id>,
    /// How the person reached the team. Removed when the person is erased.
    #[schema(example = "minji@example.com")]
    pub contact: Option<String>,
    /// Whose law counts: the code of a country, or `EU`.
    #[schema(example = "KR")]
    pub country: String,
    pub note: Option<String>,
    pub received_at: Time,
    /// The last second of the day on which the answer is due.
    pub due_at: Time,
    /// That day in the country.
    #[schema(example = "2026-02-28")]
    pub due_on: String,
    /// The legal rule that sets the due date.
    pub rule: RequestRule,
    /// Whether the due date has passed without an answer.
    pub overdue: bool,
    pub extended_at: Option<Time>,
    pub extension_reason: Option<String>,
    pub identity_checked_at: Option<Time>,
    pub identity_checked_by: Option<Id>,
    pub identity_how: Option<String>,
    /// What was answered, without the data.
    pub outcome: Option<String>,
    pub refusal_reason: Option<String>,
    pub ended_at: Option<Time>,
    pub ended_by: Option<Id>,
    /// When it was noted that it is late.
    pub overdue_at: Option<Time>,
    pub filed_by: Option<Id>,
    /// What proves the answer: hashes, never the data.
    pub proofs: Vec<RequestProof>,
    pub version: i32,
    pub created_at: Time,
    pub updated_at: Time,
}

/// A proof of an answer, without the data.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RequestProof {
    pub id: Id,
    #[schema(inline)]
    pub kind: ProofKind,
    /// SHA-256 of the copy, or of the record of what was done, in hexadecimal digits.
    #[schema(example = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")]
    pub hash: String,
    /// How many bytes were hashed.
    pub bytes: i64,
    pub made_at: Time,
    pub made_by: Option<Id>,
}

/// A request to file.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"kind": "access", "contact": "minji@example.com", "country": "KR"}))]
pub struct NewPersonRequest {
    #[schema(inline)]
    pub kind: PersonRequestKind,
    /// The customer, where known. Without one, `contact` says how to reach the person.
    pub customer_id: Option<Id>,
    #[schema(min_length = 1, max_length = 320, pattern = "\\S")]
    pub contact: Option<String>,
    /// Whose law counts: the ISO 3166 code of a country, or `EU`.
    #[schema(pattern = "^[A-Z]{2}$", example = "KR")]
    pub country: String,
    /// When it arrived; now where absent. Not in the future.
    pub received_at: Option<Time>,
    #[schema(min_length = 1, max_length = 10_000, pattern = "\\S")]
    pub note: Option<String>,
}

/// That the identity of the person was checked.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"how": "Answered from the address on file"}))]
pub struct IdentityCheck {
    /// How it was checked.
    #[schema(min_length = 1, max_length = 1000, pattern = "\\S")]
    pub how: String,
    /// The customer who the person is, where the request does not name one yet. Without one, nothing is known of them.
    pub customer_id: Option<Id>,
}

/// Why a request is refused or takes longer.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"reason": "The identity could not be established."}))]
pub struct RequestReason {
    #[schema(min_length = 1, max_length = 2000, pattern = "\\S")]
    pub reason: String,
}

/// How a request was answered.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(example = json!({"outcome": "Sent by registered mail"}))]
pub struct RequestAnswer {
    /// What was answered, without the data itself.
    #[schema(min_length = 1, max_length = 2000, pattern = "\\S")]
    pub outcome: Option<String>,
}

crate::domain::names! {
    /// The format of a copy.
    pub enum CopyFormat { Json "json", Html "html" }
}

crate::domain::names! {
    /// The language of a copy for people.
    pub enum CopyLanguage { English "en", Korean "ko" }
}

/// A copy of a person's data to make.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"format": "html", "language": "ko"}))]
pub struct CopyOrder {
    #[schema(inline)]
    pub format: CopyFormat,
    /// The language of the headings; English where absent.
    #[schema(inline)]
    pub language: Option<CopyLanguage>,
}

/// A copy that was made for a person, with its proof.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MadeCopy {
    pub proof: RequestProof,
    #[schema(example = "text/html")]
    pub media_type: String,
    #[schema(example = "my-data.html")]
    pub file_name: String,
    /// The file. The hash of the proof is that of its bytes in UTF-8.
    pub content: String,
}

/// The query parameters of the list of requests.
#[derive(Clone, Debug, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PersonRequestQuery {
    #[param(inline)]
    pub kind: Option<PersonRequestKind>,
    #[param(inline)]
    pub state: Option<PersonRequestState>,
    /// Only requests of this customer.
    #[param(inline)]
    pub customer: Option<Id>,
    /// `true`: only requests that are not answered. `false`: only those that are.
    pub open: Option<bool>,
    /// `true`: only requests that are not answered, though they were due.
    pub overdue: Option<bool>,
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<i64>,
    /// The `next_cursor` of the previous page.
    #[param(max_length = 2000)]
    pub cursor: Option<String>,
}
