//! The audit log. Entries about events are written with the events (`store/base/events.rs`).

use crate::domain::base::{Id, Page, Paging, Time};
use crate::domain::team::audit::{AuditEntry, AuditNote, AuditQuery};
use crate::error::Result;
use crate::store::Tx;
use crate::store::base::conn::Conn;
use crate::store::base::query::*;
use crate::store::base::types::{DbId, DbTime, json};
use crate::store::schema::audit_log;

#[derive(Queryable, Insertable)]
#[diesel(table_name = audit_log)]
struct Row {
    id: DbId,
    at: DbTime,
    kind: String,
    actor: String,
    actor_id: Option<DbId>,
    subject_id: Option<DbId>,
    address: Option<String>,
    agent: Option<String>,
    data: String,
}

impl From<Row> for AuditEntry {
    fn from(row: Row) -> Self {
        Self {
            id: row.id.into(),
            at: row.at.into(),
            kind: row.kind,
            actor: row.actor,
            actor_id: row.actor_id.map(Id::from),
            subject_id: row.subject_id.map(Id::from),
            address: row.address.filter(|address| !address.is_empty()),
            agent: row.agent.filter(|agent| !agent.is_empty()),
            data: serde_json::from_str(&row.data).unwrap_or_default(),
        }
    }
}

/// Writes an entry.
pub fn note(tx: &mut Tx<'_>, note: AuditNote) -> Result<()> {
    let row = Row {
        id: Id::next().into(),
        at: tx.now.into(),
        kind: note.kind.to_owned(),
        actor: tx.actor.kind.to_owned(),
        actor_id: tx.actor.id.map(DbId),
        subject_id: note.subject.map(DbId),
        address: note.address,
        agent: note.agent,
        data: json(&note.data),
    };
    diesel::insert_into(audit_log::table).values(row).execute(tx.conn)?;
    Ok(())
}

/// The entries that match a query, newest first.
///
/// # Errors
/// 422 for a wrong cursor.
pub fn list(conn: &mut Conn, q: &AuditQuery, paging: &Paging) -> Result<Page<AuditEntry>> {
    let mut query = audit_log::table.into_boxed();
    if let Some(kind) = &q.kind {
        query = match kind.strip_suffix('*') {
            Some(noun) => {
                let pattern = format!("{}%", noun.replace('\\', "\\\\").replace('_', "\\_").replace('%', "\\%"));
                query.filter(audit_log::kind.like(pattern).escape('\\'))
            }
            None => query.filter(audit_log::kind.eq(kind)),
        };
    }
    if let Some(actor) = q.actor {
        query = query.filter(audit_log::actor_id.eq(DbId(actor)));
    }
    if let Some(subject) = q.subject {
        query = query.filter(audit_log::subject_id.eq(DbId(subject)));
    }
    if let Some(since) = q.since {
        query = query.filter(audit_log::at.ge(DbTime(since)));
    }
    if let Some(until) = q.until {
        query = query.filter(audit_log::at.lt(DbTime(until)));
    }
    if let (Some(at), Some(id)) = (paging.key::<i64>(0)?, paging.key::<Id>(1)?) {
        let at = DbTime(Time(at));
        query = query.filter(audit_log::at.lt(at).or(audit_log::at.eq(at).and(audit_log::id.lt(DbId(id)))));
    }
    let order = (audit_log::at.desc(), audit_log::id.desc());
    let rows: Vec<Row> = query.order(order).limit(paging.limit as i64 + 1).load(conn)?;
    let entries = rows.into_iter().map(AuditEntry::from).collect();
    Ok(paging.page(entries, |entry| vec![entry.at.0.to_string(), entry.id.to_string()]))
}

/// Deletes the entries before this time.
pub fn sweep(tx: &mut Tx<'_>, before: Time) -> Result<()> {
    diesel::delete(audit_log::table.filter(audit_log::at.lt(DbTime(before)))).execute(tx.conn)?;
    Ok(())
}
