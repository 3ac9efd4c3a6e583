//! What this database knows of the ledger of erasures.

use crate::domain::base::{Id, Time};
use crate::domain::privacy::access::log::hex;
use crate::domain::privacy::ledger::{LedgerEntry, PersonMark};
use crate::error::{Error, Result};
use crate::store::Tx;
use crate::store::base::conn::Conn;
use crate::store::base::query::*;
use crate::store::base::secrets;
use crate::store::base::types::{DbId, DbTime};
use crate::store::schema::{customer_identities, customers, erasure_ledger};

/// The name of the salt in `secrets`.
const SALT: &str = "erasure_ledger";
/// Customers that are read at once.
const PIECE: i64 = 1_000;

/// An entry that the database knows.
#[derive(Clone, Debug)]
pub struct KnownEntry {
    pub entry: LedgerEntry,
    /// Null where rows were restored since it was applied.
    pub applied_at: Option<Time>,
}

/// A customer with what identifies them.
#[derive(Clone, Debug)]
pub struct Identified {
    pub id: Id,
    pub email: Option<String>,
    pub identities: Vec<(String, String)>,
    pub created_at: Time,
}

impl Identified {
    /// The hash of their id.
    pub fn hashed_id(&self, salt: &str) -> String {
        PersonMark::Customer(self.id).hashed(salt)
    }

    /// The hashes of all their marks.
    pub fn hashed(&self, salt: &str) -> Vec<String> {
        let email = self.email.as_deref().map(PersonMark::Email);
        let identities = self.identities.iter().map(|(origin, id)| PersonMark::Identity(origin, id));
        let others = email.into_iter().chain(identities).map(|mark| mark.hashed(salt));
        [self.hashed_id(salt)].into_iter().chain(others).collect()
    }
}

fn salt(tx: &mut Tx<'_>) -> Result<String> {
    let mut fresh = [0_u8; 16];
    getrandom::fill(&mut fresh).map_err(Error::internal)?;
    Ok(hex(&secrets::get_or_make(tx, SALT, &fresh)?))
}

/// Notes the erasure of a person in the ledger. The line is in its file before the transaction is committed.
pub fn note(tx: &mut Tx<'_>, marks: &[PersonMark<'_>]) -> Result<()> {
    let salt = salt(tx)?;
    let marks = marks.iter().map(|mark| mark.hashed(&salt)).collect();
    let entry = LedgerEntry { id: Id::next(), at: tx.now, salt, marks };
    know(tx, &entry)?;
    tx.erased(entry.line());
    Ok(())
}

/// Notes that an entry of the file is applied to this database.
pub fn know(tx: &mut Tx<'_>, entry: &LedgerEntry) -> Result<()> {
    let row = erasure_ledger::table.find(DbId(entry.id));
    if diesel::update(row).set(erasure_ledger::applied_at.eq(Some(DbTime(tx.now)))).execute(tx.conn)? > 0 {
        return Ok(());
    }
    let row = (
        erasure_ledger::id.eq(DbId(entry.id)),
        erasure_ledger::at.eq(DbTime(entry.at)),
        erasure_ledger::line.eq(entry.line()),
        erasure_ledger::applied_at.eq(Some(DbTime(tx.now))),
    );
    diesel::insert_into(erasure_ledger::table).values(row).execute(tx.conn)?;
    Ok(())
}

/// Notes that rows were restored: every entry has to be applied again.
pub fn doubt(tx: &mut Tx<'_>) -> Result<()> {
    let applied = erasure_ledger::table.filter(erasure_ledger::applied_at.is_not_null());
    diesel::update(applied).set(erasure_ledger::applied_at.eq(None::<DbTime>)).execute(tx.conn)?;
    Ok(())
}

/// The entries that the database knows, oldest first.
pub fn known(conn: &mut Conn) -> Result<Vec<KnownEntry>> {
    let columns = (erasure_ledger::line, erasure_ledger::applied_at);
    let rows: Vec<(String, Option<DbTime>)> =
        erasure_ledger::table.order(erasure_ledger::id.asc()).select(columns).load(conn)?;
    let entry = |(line, applied_at): (String, Option<DbTime>)| {
        let entry = serde_json::from_str(&line).map_err(Error::internal)?;
        Ok(KnownEntry { entry, applied_at: applied_at.map(Time::from) })
    };
    rows.into_iter().map(entry).collect()
}

/// Customers after this id who are not erased, with what identifies them.
pub fn identified(conn: &mut Conn, after: Id) -> Result<Vec<Identified>> {
    type Columns = (DbId, Option<String>, DbTime);
    let rows: Vec<Columns> = customers::table
        .filter(customers::id.gt(DbId(after)))
        .filter(customers::erased_at.is_null())
        .order(customers::id.asc())
        .select((customers::id, customers::email, customers::created_at))
        .limit(PIECE)
        .load(conn)?;
    let ids: Vec<DbId> = rows.iter().map(|(id, _, _)| *id).collect();
    let columns = (customer_identities::customer_id, customer_identities::origin, customer_identities::external_id);
    let mut identities: std::collections::HashMap<DbId, Vec<(String, String)>> = std::collections::HashMap::new();
    for some in ids.chunks(500) {
        let theirs = customer_identities::table.filter(customer_identities::customer_id.eq_any(some.to_vec()));
        for (id, origin, external) in theirs.select(columns).load::<(DbId, String, String)>(conn)? {
            identities.entry(id).or_default().push((origin, external));
        }
    }
    let person = |(id, email, created_at): Columns| Identified {
        identities: identities.remove(&id).unwrap_or_default(),
        id: id.into(),
        email,
        created_at: created_at.into(),
    };
    Ok(rows.into_iter().map(person).collect())
}
