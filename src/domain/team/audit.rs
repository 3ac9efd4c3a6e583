//! The audit log: sign-ins and failed sign-ins with their address, and what was done with members, tokens, webhooks,
//! products, imports, exports and erasures.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::{IntoParams, ToSchema};

use crate::domain::base::{Id, Time};

/// Nouns whose events are all of interest to an auditor.
const NOUNS: [&str; 7] = ["member", "token", "webhook", "person_request", "breach", "legal_hold", "retention_rule"];
/// Further events of interest.
const FURTHER: [&str; 5] =
    ["product.created", "product.updated", "customer.erased", "customer.merged", "import.created"];
/// Written with the address and the browser by what lets people in, not from the event.
const WITH_ADDRESS: [&str; 2] = ["member.signed_in", "member.sign_in_failed"];

/// Whether an event is copied to the audit log.
pub fn is_audited(kind: &str) -> bool {
    if WITH_ADDRESS.contains(&kind) {
        return false;
    }
    FURTHER.contains(&kind) || kind.split_once('.').is_some_and(|(noun, _)| NOUNS.contains(&noun))
}

/// An entry of the audit log.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AuditEntry {
    pub id: Id,
    pub at: Time,
    /// The name of an event, or `export.made`, `audit.viewed` or `audit.downloaded`.
    #[schema(example = "member.signed_in")]
    pub kind: String,
    /// Who did it: `member`, `service`, `command`, `engine`, `automation` or `customer`.
    #[schema(example = "member")]
    pub actor: String,
    /// Id of the member or of the token.
    pub actor_id: Option<Id>,
    /// What it was done to. For a failed sign-in: the member whose address was entered, if there is one.
    pub subject_id: Option<Id>,
    /// The address it was done from, for sign-ins, failed sign-ins and readers of this log.
    #[schema(example = "203.0.113.7")]
    pub address: Option<String>,
    /// The browser, as it names itself.
    pub agent: Option<String>,
    /// Ids, names of changed fields and impersonal values.
    #[schema(value_type = Object, example = json!({"fields": ["role"], "role": "admin", "active": true}))]
    pub data: Value,
}

/// An entry to write. Actor and time come from the transaction.
#[derive(Clone, Debug)]
pub struct AuditNote {
    pub kind: &'static str,
    pub subject: Option<Id>,
    pub address: Option<String>,
    pub agent: Option<String>,
    pub data: Value,
}

impl AuditNote {
    /// An entry of this kind without details.
    pub fn of(kind: &'static str) -> Self {
        Self { kind, subject: None, address: None, agent: None, data: json!({}) }
    }
}

/// The query parameters of the audit log. An entry must match every filter that is given.
#[derive(Clone, Debug, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AuditQuery {
    /// The kind of entry, or `token.*` for all of a noun.
    #[param(max_length = 100, pattern = "^[a-z_]+\\.([a-z_]+|\\*)$", example = "member.*")]
    pub kind: Option<String>,
    /// Id of the member or token that acted.
    #[param(inline)]
    pub actor: Option<Id>,
    /// Id of what it was done to.
    #[param(inline)]
    pub subject: Option<Id>,
    /// Only entries at this time or later.
    #[param(inline)]
    pub since: Option<Time>,
    /// Only entries before this time.
    #[param(inline)]
    pub until: Option<Time>,
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<i64>,
    /// The `next_cursor` of the previous page.
    #[param(max_length = 2000)]
    pub cursor: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::is_audited;

    #[test]
    fn what_concerns_access_is_audited_and_sign_ins_are_written_once() {
        for kind in ["member.updated", "member.invited", "token.revoked", "webhook.rotated", "customer.erased"] {
            assert!(is_audited(kind), "{kind}");
        }
        for kind in ["member.signed_in", "member.sign_in_failed", "product.refined", "feedback.created", "members"] {
            assert!(!is_audited(kind), "{kind}");
        }
    }
}
