//! Erasures: who was erased when, whether the database's files are cleaned of their data, and which people the imports
//! that waited at that time must not bring back.

use std::collections::HashSet;

use hmac::{Hmac, Mac};
use sha2::Sha256;

use super::ledger_rows;
use crate::domain::base::text::{email_fold, fold};
use crate::domain::base::{Id, Time};
use crate::domain::feedback::{Erasure, ImportState};
use crate::domain::privacy::ledger::PersonMark;
use crate::error::{Error, Result};
use crate::store::Tx;
use crate::store::base::conn::{Conn, on_each};
use crate::store::base::query::*;
use crate::store::base::types::{DbId, DbTime};
use crate::store::base::{secrets, vacuum};
use crate::store::schema::{customer_identities, erased_people, erasures, import_chunks, imports};

/// The name of the HMAC key in `secrets`.
const KEY: &str = "erasure";
/// The lowest clearing speed of the files, in bytes per second; measured speeds are ten times as high.
const RATE: i64 = 10_000_000;
/// The shortest time promised for clearing the files, in microseconds.
const LEAST: i64 = 60 * Time::SECOND;

/// A characteristic that identifies a person, for comparison with erased people.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Mark {
    /// An e-mail address.
    Email(String),
    /// An identity in another system: origin, external id.
    Identity(String, String),
    /// A name, for people without an address or identity.
    Name(String),
}

impl Mark {
    fn hashed(&self, key: &[u8]) -> Result<Vec<u8>> {
        let mut mac = Hmac::<Sha256>::new_from_slice(key).map_err(Error::internal)?;
        let parts = match self {
            Self::Email(email) => ["email", "", &email_fold(email)].map(str::to_owned),
            Self::Identity(origin, id) => ["identity", origin, id].map(str::to_owned),
            Self::Name(name) => ["name", "", &fold(name)].map(str::to_owned),
        };
        for part in parts {
            mac.update(part.as_bytes());
            mac.update(&[0]);
        }
        Ok(mac.finalize().into_bytes().to_vec())
    }
}

/// Records the erasure of a person. The record makes sure that the files are cleaned, also after a crash, and that
/// waiting imports don't bring the person back.
pub fn note(tx: &mut Tx<'_>, people: &[Id], marks: &[Mark]) -> Result<()> {
    let waiting: Vec<DbId> = imports::table
        .filter(imports::state.ne_all([ImportState::Done.as_str(), ImportState::Failed.as_str()]))
        .select(imports::id)
        .load(tx.conn)?;
    if !waiting.is_empty() && !marks.is_empty() {
        let key = secret(tx)?;
        for import in &waiting {
            for mark in marks {
                let row = (erased_people::import_id.eq(import), erased_people::key.eq(mark.hashed(&key)?));
                on_each!(tx.conn, c => diesel::insert_into(erased_people::table)
                    .values(row).on_conflict_do_nothing().execute(c))?;
            }
        }
    }
    let customers = people.iter().map(|id| PersonMark::Customer(*id));
    let known = marks.iter().filter_map(|mark| match mark {
        Mark::Email(email) => Some(PersonMark::Email(email)),
        Mark::Identity(origin, id) => Some(PersonMark::Identity(origin, id)),
        // Others may have the same name.
        Mark::Name(_) => None,
    });
    ledger_rows::note(tx, &customers.chain(known).collect::<Vec<_>>())?;
    let by = match tx.conn {
        Conn::Sqlite(_) => Some(tx.now.plus(LEAST + vacuum::size(tx.conn)? / RATE * Time::SECOND)),
        Conn::Postgres(_) => None,
    };
    for person in people {
        diesel::insert_into(erasures::table)
            .values((
                erasures::id.eq(DbId(Id::next())),
                erasures::customer_id.eq(DbId(*person)),
                erasures::erased_at.eq(DbTime(tx.now)),
                erasures::clean_by.eq(by.map(DbTime)),
                erasures::cleaned_at.eq(None::<DbTime>),
            ))
            .execute(tx.conn)?;
    }
    Ok(())
}

fn secret(tx: &mut Tx<'_>) -> Result<Vec<u8>> {
    let mut fresh = [0_u8; 32];
    getrandom::fill(&mut fresh).map_err(Error::internal)?;
    secrets::get_or_make(tx, KEY, &fresh)
}

/// The erased people that an import must skip.
pub struct ErasedThere {
    key: Vec<u8>,
    marks: HashSet<Vec<u8>>,
}

impl ErasedThere {
    /// Reads the people erased while the import waited; `None` where there are none, which is the usual case.
    pub fn of(tx: &mut Tx<'_>, import: Id) -> Result<Option<Self>> {
        let rows = erased_people::table.filter(erased_people::import_id.eq(DbId(import))).select(erased_people::key);
        let marks: HashSet<Vec<u8>> = rows.load::<Vec<u8>>(tx.conn)?.into_iter().collect();
        if marks.is_empty() {
            return Ok(None);
        }
        Ok(Some(Self { key: secret(tx)?, marks }))
    }

    /// Whether one of these marks belongs to an erased person.
    ///
    /// # Errors
    /// 500 where the stored key is invalid; not expected.
    pub fn names(&self, marks: &[Mark]) -> Result<bool> {
        for mark in marks {
            if self.marks.contains(&mark.hashed(&self.key)?) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// The identities of these customers in other systems: `(origin, external_id)`.
pub fn identities(conn: &mut Conn, customers: &[Id]) -> Result<Vec<(String, String)>> {
    let theirs = customer_identities::customer_id.eq_any(customers.iter().map(|id| DbId(*id)));
    let columns = (customer_identities::origin, customer_identities::external_id);
    Ok(customer_identities::table.filter(theirs).select(columns).load(conn)?)
}

/// The latest erasure of a customer.
pub fn of_customer(conn: &mut Conn, customer: Id) -> Result<Option<Erasure>> {
    type Columns = (Option<DbTime>, Option<DbTime>);
    let row: Option<Columns> = erasures::table
        .filter(erasures::customer_id.eq(DbId(customer)))
        .order(erasures::id.desc())
        .select((erasures::clean_by, erasures::cleaned_at))
        .first(conn)
        .optional()?;
    Ok(row.map(|(by, at)| Erasure { files_clean_by: by.map(Time::from), files_clean_at: at.map(Time::from) }))
}

/// The erasures whose data may still be in the files; none on PostgreSQL.
pub fn open(conn: &mut Conn) -> Result<Vec<Id>> {
    if let Conn::Postgres(_) = conn {
        return Ok(Vec::new());
    }
    let open = erasures::table.filter(erasures::cleaned_at.is_null()).select(erasures::id);
    Ok(open.load::<DbId>(conn)?.into_iter().map(Id::from).collect())
}

/// Whether the body of a waiting or finished import may still contain erased people's data. Records for finished
/// imports are deleted.
pub fn await_imports(tx: &mut Tx<'_>) -> Result<bool> {
    let over = imports::table
        .filter(imports::state.eq_any([ImportState::Done.as_str(), ImportState::Failed.as_str()]))
        .filter(imports::id.ne_all(import_chunks::table.select(import_chunks::import_id)))
        .select(imports::id);
    let gone = erased_people::import_id.ne_all(imports::table.select(imports::id));
    diesel::delete(erased_people::table.filter(erased_people::import_id.eq_any(over).or(gone))).execute(tx.conn)?;
    let left: Option<DbId> = erased_people::table.select(erased_people::import_id).first(tx.conn).optional()?;
    // The bodies of finished imports are deleted within a minute.
    let body: Option<DbId> = import_chunks::table
        .inner_join(imports::table)
        .filter(imports::state.eq_any([ImportState::Done.as_str(), ImportState::Failed.as_str()]))
        .select(imports::id)
        .first(tx.conn)
        .optional()?;
    Ok(left.is_some() || body.is_some())
}

/// Notes that the files are cleaned for these erasures.
pub fn cleaned(tx: &mut Tx<'_>, ids: &[Id]) -> Result<()> {
    for ids in ids.chunks(500) {
        let rows = erasures::table.filter(erasures::id.eq_any(ids.iter().map(|id| DbId(*id))));
        diesel::update(rows).set(erasures::cleaned_at.eq(Some(DbTime(tx.now)))).execute(tx.conn)?;
    }
    Ok(())
}
