//! Signed reviews of the access log.

use crate::domain::base::{Id, Page, Paging};
use crate::domain::privacy::access::log::hex;
use crate::domain::privacy::access::review::SignedReview;
use crate::error::Result;
use crate::store::Tx;
use crate::store::base::conn::Conn;
use crate::store::base::query::*;
use crate::store::base::types::{DbId, DbTime, json};
use crate::store::schema::access_reviews;

#[derive(Queryable, Insertable)]
#[diesel(table_name = access_reviews)]
struct Row {
    id: DbId,
    month: String,
    actor: String,
    actor_id: Option<DbId>,
    signed_at: DbTime,
    note: String,
    figures: String,
    seq: i64,
    hash: Vec<u8>,
}

impl From<Row> for SignedReview {
    fn from(row: Row) -> Self {
        Self {
            id: row.id.into(),
            month: row.month,
            actor: row.actor,
            actor_id: row.actor_id.map(Id::from),
            signed_at: row.signed_at.into(),
            note: row.note,
            figures: serde_json::from_str(&row.figures).unwrap_or_default(),
            seq: row.seq,
            hash: hex(&row.hash),
        }
    }
}

/// Adds a signature.
pub fn insert(tx: &mut Tx<'_>, review: &SignedReview) -> Result<()> {
    let hash = (0..review.hash.len() / 2).filter_map(|at| review.hash.get(2 * at..2 * at + 2));
    let row = Row {
        id: review.id.into(),
        month: review.month.clone(),
        actor: review.actor.clone(),
        actor_id: review.actor_id.map(DbId),
        signed_at: review.signed_at.into(),
        note: review.note.clone(),
        figures: json(&review.figures),
        seq: review.seq,
        hash: hash.filter_map(|byte| u8::from_str_radix(byte, 16).ok()).collect(),
    };
    diesel::insert_into(access_reviews::table).values(row).execute(tx.conn)?;
    Ok(())
}

/// The signatures, newest first.
///
/// # Errors
/// 422 for a wrong cursor.
pub fn list(conn: &mut Conn, paging: &Paging) -> Result<Page<SignedReview>> {
    let mut query = access_reviews::table.into_boxed();
    if let Some(id) = paging.key::<Id>(0)? {
        query = query.filter(access_reviews::id.lt(DbId(id)));
    }
    let rows: Vec<Row> = query.order(access_reviews::id.desc()).limit(paging.limit as i64 + 1).load(conn)?;
    let reviews: Vec<SignedReview> = rows.into_iter().map(SignedReview::from).collect();
    Ok(paging.page(reviews, |review| vec![review.id.to_string()]))
}

/// The signatures of a month, newest first.
pub fn of_month(conn: &mut Conn, month: &str) -> Result<Vec<SignedReview>> {
    let rows = access_reviews::table.filter(access_reviews::month.eq(month)).order(access_reviews::id.desc());
    Ok(rows.limit(20).load::<Row>(conn)?.into_iter().map(SignedReview::from).collect())
}
