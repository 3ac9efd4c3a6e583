//! The ledger of erasures: who was erased, as salted hashes, in a file outside the database. After a restored backup it says
//! whom to erase again.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use utoipa::{IntoParams, ToSchema};

use super::access::log::hex;
use crate::domain::base::text::email_fold;
use crate::domain::base::{Id, Time};

/// What identifies a person, for comparison with those who were erased.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PersonMark<'a> {
    Customer(Id),
    Email(&'a str),
    /// An id in another system: the system, and the id.
    Identity(&'a str, &'a str),
}

impl PersonMark<'_> {
    /// The salted hash of the mark.
    pub fn hashed(&self, salt: &str) -> String {
        let parts = match self {
            Self::Customer(id) => ["customer".to_owned(), String::new(), id.to_string()],
            Self::Email(email) => ["email".to_owned(), String::new(), email_fold(email)],
            Self::Identity(origin, id) => ["identity".to_owned(), (*origin).to_owned(), (*id).to_owned()],
        };
        let mut hash = Sha256::new().chain_update(salt.as_bytes());
        for part in parts {
            hash = hash.chain_update((part.len() as u64).to_be_bytes()).chain_update(part.as_bytes());
        }
        hex(&hash.finalize())
    }
}

/// An erasure in the ledger: one line of the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerEntry {
    pub id: Id,
    pub at: Time,
    /// What the hashes are salted with. A database uses one salt for all its entries.
    pub salt: String,
    /// Hashes of the ids, addresses and ids in other systems of the person.
    pub marks: Vec<String>,
}

impl LedgerEntry {
    /// The entry as a line of the file, without its end.
    pub fn line(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// How the ledger and this database agree.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct LedgerState {
    /// The file; `null` where there is none.
    #[schema(example = "data/hearback.db.erasures")]
    pub file: Option<String>,
    /// Erasures in the file.
    pub in_file: i64,
    /// Erasures that this database knows.
    pub in_database: i64,
    /// Erasures of the file, or of rows that were restored since, that are not applied to this database. The server applies
    /// them before it serves.
    pub not_applied: i64,
    pub last_at: Option<Time>,
    /// The erasures of the customer that was asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub of_customer: Vec<LedgerProof>,
}

/// That an erasure of a person stands in the ledger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct LedgerProof {
    /// The id of the entry.
    pub id: Id,
    pub at: Time,
    /// Whether it stands in the file outside the database.
    pub in_file: bool,
    /// When it was applied to this database.
    pub applied_at: Option<Time>,
}

/// The query parameters of the ledger.
#[derive(Clone, Debug, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct LedgerQuery {
    /// A customer whose erasure is looked for.
    #[param(inline)]
    pub customer: Option<Id>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_depends_on_the_salt_the_kind_and_each_part() {
        let hash = |mark: PersonMark<'_>| mark.hashed("salt");
        let one = hash(PersonMark::Identity("desk", "17"));
        assert_eq!(one, hash(PersonMark::Identity("desk", "17")));
        for other in [
            hash(PersonMark::Identity("desk1", "7")),
            hash(PersonMark::Email("17")),
            PersonMark::Identity("desk", "17").hashed("another"),
        ] {
            assert_ne!(one, other);
        }
        assert_eq!(hash(PersonMark::Email("Jane@Example.com")), hash(PersonMark::Email("jane@example.com")));
    }

    #[test]
    fn a_line_is_read_back() {
        let entry = LedgerEntry { id: Id::next(), at: Time(5), salt: "s".to_owned(), marks: vec!["m".to_owned()] };
        assert_eq!(serde_json::from_str::<LedgerEntry>(&entry.line()).ok(), Some(entry));
    }
}
