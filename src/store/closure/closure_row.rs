//! The rows of `closures`.

use crate::domain::base::{Id, Time};
use crate::domain::closure::ClosureRecord;
use crate::error::{Error, Result};
use crate::store::base::query::*;
use crate::store::base::types::{DbId, DbTime, name};
use crate::store::schema::closures;

/// A row of `closures`.
#[derive(Clone, Debug, PartialEq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = closures, treat_none_as_null = true, treat_none_as_default_value = false)]
pub(in crate::store) struct ClosureRow {
    pub id: DbId,
    pub story_id: DbId,
    pub product_id: DbId,
    pub customer_id: DbId,
    pub round: i32,
    pub state: String,
    pub channel: String,
    pub release_id: Option<DbId>,
    pub assignee_id: Option<DbId>,
    pub feedback_id: Option<DbId>,
    pub reason: Option<String>,
    pub told_at: Option<DbTime>,
    pub reminded_at: Option<DbTime>,
    pub answered_at: Option<DbTime>,
    pub expires_at: Option<DbTime>,
    pub version: i32,
    pub created_at: DbTime,
    pub updated_at: DbTime,
    pub kind: String,
    pub note: Option<String>,
    pub handed_at: Option<DbTime>,
    pub send_at: Option<DbTime>,
}

impl TryFrom<ClosureRow> for ClosureRecord {
    type Error = Error;

    /// # Errors
    /// 500 where this version does not know a stored name.
    fn try_from(row: ClosureRow) -> Result<Self> {
        Ok(ClosureRecord {
            id: row.id.into(),
            story_id: row.story_id.into(),
            product_id: row.product_id.into(),
            customer_id: row.customer_id.into(),
            round: row.round,
            state: name(&row.state)?,
            channel: name(&row.channel)?,
            kind: name(&row.kind)?,
            release_id: row.release_id.map(Id::from),
            assignee_id: row.assignee_id.map(Id::from),
            feedback_id: row.feedback_id.map(Id::from),
            reason: row.reason,
            note: row.note,
            send_at: row.send_at.map(Time::from),
            handed_at: row.handed_at.map(Time::from),
            told_at: row.told_at.map(Time::from),
            reminded_at: row.reminded_at.map(Time::from),
            answered_at: row.answered_at.map(Time::from),
            expires_at: row.expires_at.map(Time::from),
            version: row.version,
            created_at: row.created_at.into(),
            updated_at: row.updated_at.into(),
        })
    }
}

impl From<&ClosureRecord> for ClosureRow {
    fn from(closure: &ClosureRecord) -> Self {
        ClosureRow {
            id: closure.id.into(),
            story_id: closure.story_id.into(),
            product_id: closure.product_id.into(),
            customer_id: closure.customer_id.into(),
            round: closure.round,
            state: closure.state.as_str().to_owned(),
            channel: closure.channel.as_str().to_owned(),
            kind: closure.kind.as_str().to_owned(),
            release_id: closure.release_id.map(DbId),
            assignee_id: closure.assignee_id.map(DbId),
            feedback_id: closure.feedback_id.map(DbId),
            reason: closure.reason.clone(),
            note: closure.note.clone(),
            send_at: closure.send_at.map(DbTime),
            handed_at: closure.handed_at.map(DbTime),
            told_at: closure.told_at.map(DbTime),
            reminded_at: closure.reminded_at.map(DbTime),
            answered_at: closure.answered_at.map(DbTime),
            expires_at: closure.expires_at.map(DbTime),
            version: closure.version,
            created_at: closure.created_at.into(),
            updated_at: closure.updated_at.into(),
        }
    }
}
