//! The access log: who read, changed or downloaded whose data, when, and from where. Each entry has a hash over itself and
//! the entry before it, so that a change shows.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use utoipa::{IntoParams, ToSchema};

use crate::domain::base::{Id, Time};
use crate::domain::feedback::ERASED;

crate::domain::names! {
    /// The chains of the log. They are kept for different times.
    pub enum AccessChain { Reads "access", Permissions "permissions" }
}

crate::domain::names! {
    /// What was done.
    pub enum AccessAct { Read "read", Write "write", Download "download", Permission "permission" }
}

/// The hash before the first entry of a chain.
pub const FIRST: [u8; 32] = [0; 32];

/// An access of a request, before it is known whose data the ids are of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Access {
    pub at: Time,
    pub actor: String,
    /// The member, or the token of a service; the nil id for a command.
    pub who: Id,
    /// The token or the session.
    pub token_id: Option<Id>,
    pub address: String,
    pub operation: String,
    pub act: AccessAct,
    pub status: i32,
    /// Every id that the answer or the address named, of whatever kind.
    pub ids: Vec<Id>,
    /// SHA-256 of the query of the address.
    pub query_hash: Option<Vec<u8>>,
    pub reason: Option<String>,
}

/// An entry to append, without its place in the chain.
#[derive(Clone, Debug)]
pub struct NewAccess {
    pub at: Time,
    pub actor: String,
    pub who: Id,
    pub token_id: Option<Id>,
    pub address: String,
    pub operation: String,
    pub act: AccessAct,
    pub status: i32,
    pub customers: Vec<Id>,
    pub feedback: Vec<Id>,
    pub query_hash: Option<Vec<u8>>,
    pub reason: Option<String>,
    pub source_id: Option<Id>,
    pub subject_id: Option<Id>,
}

/// An entry of the log.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AccessEntry {
    /// `access`, or `permissions` for changes of permissions, which are kept longer.
    pub chain: AccessChain,
    /// The number of the entry in its chain, without gaps.
    pub seq: i64,
    pub at: Time,
    /// `member`, `service` (a token without a member), `command` or `automation`.
    #[schema(example = "member")]
    pub actor: String,
    /// The member, or the token of a service; `null` for a command.
    pub actor_id: Option<Id>,
    /// The token or the session of the console that was used.
    pub token_id: Option<Id>,
    /// Where from.
    #[schema(example = "203.0.113.7")]
    pub address: String,
    /// The operation of the API, or the one that a page of the console stands for; a kind of event for changes of
    /// permissions.
    #[schema(example = "get_customer")]
    pub operation: String,
    pub act: AccessAct,
    /// The status of the answer.
    #[schema(example = 200)]
    pub status: i32,
    /// Whose data: the customers that the answer showed, or whose feedback it showed.
    pub customer_ids: Vec<Id>,
    /// The feedback that the answer showed.
    pub feedback_ids: Vec<Id>,
    /// How many customers.
    #[schema(example = 1)]
    pub customers: i32,
    /// A hash (SHA-256, hex) of the query of a list: equal queries have equal hashes.
    pub query_hash: Option<String>,
    /// Why it was downloaded, as its reader said.
    pub reason: Option<String>,
    /// What a change of permissions was about: the member or the token.
    pub subject_id: Option<Id>,
    /// The hash of the entry (SHA-256, hex).
    pub hash: String,
    /// SHA-256 of the reason, which stays when the reason is erased.
    #[serde(skip)]
    pub reason_hash: Option<Vec<u8>>,
    #[serde(skip)]
    pub source_id: Option<Id>,
}

impl AccessEntry {
    /// The hash of the entry after the entry with this hash.
    pub fn hash_after(&self, before: &[u8]) -> Vec<u8> {
        let named = (self.chain, self.seq, self.at.0, &self.actor, self.actor_id, self.token_id);
        let what = (&self.address, &self.operation, self.act, self.status);
        let whose = (&self.customer_ids, &self.feedback_ids, self.customers, &self.query_hash);
        let rest = (&self.reason_hash, self.source_id, self.subject_id);
        let content = serde_json::to_vec(&(named, what, whose, rest)).unwrap_or_default();
        Sha256::new().chain_update(before).chain_update(content).finalize().to_vec()
    }

    /// Whether the reason is the one whose hash the entry holds. An erased reason can't be compared.
    pub fn has_its_reason(&self) -> bool {
        match (&self.reason, &self.reason_hash) {
            (None, None) => true,
            (Some(reason), Some(hash)) => reason == ERASED || hash_of(reason) == *hash,
            _ => false,
        }
    }
}

/// SHA-256 of a text.
pub fn hash_of(text: &str) -> Vec<u8> {
    Sha256::digest(text.as_bytes()).to_vec()
}

/// Bytes as hex.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The query parameters of the access log. An entry must match every filter that is given.
#[derive(Clone, Debug, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AccessQuery {
    /// Which chain: `access` (the default) or `permissions`.
    #[param(inline)]
    pub chain: Option<AccessChain>,
    /// Who saw this customer, or their feedback. Customers merged into this one count.
    #[param(inline)]
    pub customer: Option<Id>,
    /// Id of the member, or of the token of a service.
    #[param(inline)]
    pub actor: Option<Id>,
    /// The operation.
    #[param(max_length = 100, pattern = "^[a-z_.]+$", example = "get_customer")]
    pub operation: Option<String>,
    #[param(inline)]
    pub act: Option<AccessAct>,
    /// Where from: an address.
    #[param(max_length = 100)]
    pub address: Option<String>,
    /// Whether a reason was given.
    pub with_reason: Option<bool>,
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

/// The last entry of a chain on a day. Keep a copy elsewhere: who changes the log would have to change it there too.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AccessHead {
    pub chain: AccessChain,
    /// The day (UTC).
    #[schema(example = "2026-11-30")]
    pub day: String,
    /// The number of its last entry.
    pub seq: i64,
    /// The hash of its last entry.
    pub hash: String,
    /// How many entries were written on that day.
    pub entries: i64,
    /// Whether its entries are still there, or were removed after their retention.
    pub kept: bool,
}

/// Why a chain is broken.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct BrokenEntry {
    /// The number of the first wrong entry.
    pub seq: i64,
    /// What is wrong with it.
    #[schema(example = "its content does not have its hash: it was changed after it was written")]
    pub why: String,
}

/// The result of checking a chain.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ChainCheck {
    pub chain: AccessChain,
    /// Whether each entry follows from the one before it.
    pub whole: bool,
    pub broken: Option<BrokenEntry>,
    /// How many entries were checked.
    pub entries: i64,
    /// The first and the last entry that are kept.
    pub first_seq: Option<i64>,
    pub last_seq: Option<i64>,
    /// The hash of the last entry.
    pub head: Option<String>,
}

/// The results of checking all chains.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct LogCheck {
    /// Whether all chains are whole.
    pub whole: bool,
    pub chains: Vec<ChainCheck>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry() -> AccessEntry {
        AccessEntry {
            chain: AccessChain::Reads,
            seq: 7,
            at: Time(1),
            actor: "member".to_owned(),
            actor_id: Some(Id::next()),
            token_id: None,
            address: "203.0.113.7".to_owned(),
            operation: "get_customer".to_owned(),
            act: AccessAct::Download,
            status: 200,
            customer_ids: vec![Id::next()],
            feedback_ids: Vec::new(),
            customers: 1,
            query_hash: None,
            reason: Some("audit".to_owned()),
            subject_id: None,
            hash: String::new(),
            reason_hash: Some(hash_of("audit")),
            source_id: None,
        }
    }

    #[test]
    fn every_field_is_under_the_hash() {
        let before = entry();
        let hash = before.hash_after(&FIRST);
        let changes: [fn(&mut AccessEntry); 9] = [
            |e| e.seq += 1,
            |e| e.at = Time(2),
            |e| e.actor_id = None,
            |e| e.address = "203.0.113.8".to_owned(),
            |e| e.operation = "list_customers".to_owned(),
            |e| e.act = AccessAct::Read,
            |e| e.customer_ids.clear(),
            |e| e.feedback_ids.push(Id::next()),
            |e| e.reason_hash = None,
        ];
        for change in changes {
            let mut changed = before.clone();
            change(&mut changed);
            assert_ne!(changed.hash_after(&FIRST), hash);
        }
        assert_ne!(before.hash_after(&[1; 32]), hash, "the entry before it counts too");
        assert_eq!(before.clone().hash_after(&FIRST), hash);
    }

    #[test]
    fn a_reason_may_be_erased_but_not_replaced() {
        let mut entry = entry();
        assert!(entry.has_its_reason());
        entry.reason = Some(ERASED.to_owned());
        assert!(entry.has_its_reason());
        entry.reason = Some("another".to_owned());
        assert!(!entry.has_its_reason());
        entry.reason = None;
        assert!(!entry.has_its_reason());
    }
}
