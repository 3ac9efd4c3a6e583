//! The checklists that products adopted, and the signatures of their items.

use std::collections::HashMap;

use crate::domain::base::{Id, Time};
use crate::domain::privacy::checklist::{LastSigned, Law};
use crate::domain::stories::Decision;
use crate::error::Result;
use crate::store::Tx;
use crate::store::base::conn::{Conn, on_each};
use crate::store::base::query::*;
use crate::store::base::types::{DbId, DbTime, name};
use crate::store::schema::{product_checklists as adopted, signoffs, stories};

/// That a product adopted the checklist of a law.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Adopted {
    pub law: Law,
    pub by: Option<Id>,
    pub at: Time,
}

/// The checklists that a product adopted.
pub fn of_product(conn: &mut Conn, product: Id) -> Result<Vec<Adopted>> {
    type Columns = (String, Option<DbId>, DbTime);
    let own = adopted::table.filter(adopted::product_id.eq(DbId(product)));
    let rows: Vec<Columns> = own.select((adopted::law, adopted::adopted_by, adopted::adopted_at)).load(conn)?;
    rows.into_iter()
        .map(|(law, by, at)| Ok(Adopted { law: name(&law)?, by: by.map(Id::from), at: at.into() }))
        .collect()
}

/// Notes that a product adopts a checklist; false where it did before.
pub fn insert(tx: &mut Tx<'_>, product: Id, law: Law) -> Result<bool> {
    let row = (
        adopted::product_id.eq(DbId(product)),
        adopted::law.eq(law.as_str()),
        adopted::adopted_by.eq(tx.actor.id.map(DbId)),
        adopted::adopted_at.eq(DbTime(tx.now)),
    );
    let added = on_each!(tx.conn, c => diesel::insert_into(adopted::table)
        .values(row).on_conflict_do_nothing().execute(c))?;
    Ok(added > 0)
}

/// Notes that a product no longer has a checklist; false where it had none.
pub fn delete(tx: &mut Tx<'_>, product: Id, law: Law) -> Result<bool> {
    let row = adopted::table.find((DbId(product), law.as_str()));
    Ok(diesel::delete(row).execute(tx.conn)? > 0)
}

/// The signatures of one item.
#[derive(Clone, Debug, Default)]
pub struct Signatures {
    /// How many stories signed it.
    pub stories: i64,
    pub last: Option<LastSigned>,
}

/// The signatures of these gates in the stories of a product. The latest decision of a story counts.
pub fn signatures(conn: &mut Conn, product: Id, gates: &[String]) -> Result<HashMap<String, Signatures>> {
    type Columns = (String, DbId, String, Option<DbId>, DbTime);
    let rows: Vec<Columns> = signoffs::table
        .filter(signoffs::gate.eq_any(gates))
        .filter(
            signoffs::story_id.eq_any(stories::table.filter(stories::product_id.eq(DbId(product))).select(stories::id)),
        )
        .select((signoffs::gate, signoffs::story_id, signoffs::decision, signoffs::member_id, signoffs::created_at))
        .order(signoffs::id.asc())
        .load(conn)?;
    let mut latest: HashMap<(String, DbId), Option<LastSigned>> = HashMap::new();
    for (gate, story, decision, member, at) in rows {
        let is_signed = name::<Decision>(&decision)? == Decision::Signed;
        let signed = LastSigned { story_id: story.into(), member_id: member.map(Id::from), signed_at: at.into() };
        latest.insert((gate, story), is_signed.then_some(signed));
    }
    let mut found: HashMap<String, Signatures> = HashMap::new();
    for ((gate, _), signed) in latest {
        let Some(signed) = signed else { continue };
        let own = found.entry(gate).or_default();
        own.stories += 1;
        if own.last.as_ref().is_none_or(|last| last.signed_at < signed.signed_at) {
            own.last = Some(signed);
        }
    }
    Ok(found)
}
