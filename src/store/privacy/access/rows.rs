//! The rows of the access log.

use crate::domain::base::Id;
use crate::domain::privacy::access::log::{AccessEntry, hex};
use crate::error::{Error, Result};
use crate::store::base::query::*;
use crate::store::base::types::{DbId, DbTime, name};
use crate::store::schema::access_log;

/// A row.
#[derive(Clone, Queryable, Insertable)]
#[diesel(table_name = access_log)]
pub(super) struct Row {
    pub chain: String,
    pub seq: i64,
    pub at: DbTime,
    pub day: i32,
    pub actor: String,
    pub who: DbId,
    pub token_id: Option<DbId>,
    pub address: String,
    pub operation: String,
    pub act: String,
    pub status: i32,
    pub customers: String,
    pub feedback: String,
    pub customer_count: i32,
    pub query_hash: Option<Vec<u8>>,
    pub reason: Option<String>,
    pub reason_hash: Option<Vec<u8>>,
    pub source_id: Option<DbId>,
    pub subject_id: Option<DbId>,
    pub hash: Vec<u8>,
}

impl Row {
    /// The entry of the row.
    pub fn show(self) -> Result<AccessEntry> {
        let who = Id::from(self.who);
        Ok(AccessEntry {
            chain: name(&self.chain)?,
            seq: self.seq,
            at: self.at.into(),
            actor: self.actor,
            actor_id: Some(who).filter(|who| !who.0.is_nil()),
            token_id: self.token_id.map(Id::from),
            address: self.address,
            operation: self.operation,
            act: name(&self.act)?,
            status: self.status,
            customer_ids: ids_in(&self.customers)?,
            feedback_ids: ids_in(&self.feedback)?,
            customers: self.customer_count,
            query_hash: self.query_hash.map(|hash| hex(&hash)),
            reason: self.reason,
            subject_id: self.subject_id.map(Id::from),
            hash: hex(&self.hash),
            reason_hash: self.reason_hash,
            source_id: self.source_id.map(Id::from),
        })
    }
}

/// Ids as the column holds them.
pub(super) fn joined(ids: &[Id]) -> String {
    ids.iter().map(|id| id.0.simple().to_string()).collect::<Vec<_>>().join(",")
}

/// The ids of a column.
fn ids_in(text: &str) -> Result<Vec<Id>> {
    let ids = text.split(',').filter(|id| !id.is_empty()).map(str::parse::<Id>);
    ids.collect::<std::result::Result<_, _>>().map_err(Error::internal)
}
