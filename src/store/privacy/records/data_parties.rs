//! The controller, processors and recipients of the record of processing.

use crate::domain::base::{Id, Page, Paging};
use crate::domain::privacy::records::data_party::DataParty;
use crate::error::{Error, Result};
use crate::store::Tx;
use crate::store::base::conn::Conn;
use crate::store::base::query::*;
use crate::store::base::types::{DbId, DbTime, name};
use crate::store::schema::data_parties;

/// The most parties of the record.
const MOST: i64 = 1_000;

#[derive(Queryable, Insertable)]
#[diesel(table_name = data_parties)]
struct Row {
    id: DbId,
    role: String,
    name: String,
    contact: String,
    purpose: String,
    data: String,
    country: String,
    transfer: String,
    since: Option<String>,
    version: i32,
    created_at: DbTime,
    updated_at: DbTime,
}

impl Row {
    fn of(party: &DataParty) -> Self {
        Self {
            id: party.id.into(),
            role: party.role.as_str().to_owned(),
            name: party.name.clone(),
            contact: party.contact.clone(),
            purpose: party.purpose.clone(),
            data: party.data.clone(),
            country: party.country.clone(),
            transfer: party.transfer.clone(),
            since: party.since.clone(),
            version: party.version,
            created_at: party.created_at.into(),
            updated_at: party.updated_at.into(),
        }
    }

    fn show(self) -> Result<DataParty> {
        Ok(DataParty {
            id: self.id.into(),
            role: name(&self.role)?,
            name: self.name,
            contact: self.contact,
            purpose: self.purpose,
            data: self.data,
            country: self.country,
            transfer: self.transfer,
            since: self.since,
            version: self.version,
            created_at: self.created_at.into(),
            updated_at: self.updated_at.into(),
        })
    }
}

/// Adds a party.
pub fn insert(tx: &mut Tx<'_>, party: &DataParty) -> Result<()> {
    diesel::insert_into(data_parties::table).values(Row::of(party)).execute(tx.conn)?;
    Ok(())
}

/// Writes all fields of a party.
pub fn update(tx: &mut Tx<'_>, party: &DataParty) -> Result<()> {
    let row = Row::of(party);
    diesel::update(data_parties::table.find(row.id))
        .set((
            (data_parties::role.eq(row.role), data_parties::name.eq(row.name), data_parties::contact.eq(row.contact)),
            (data_parties::purpose.eq(row.purpose), data_parties::data.eq(row.data)),
            (data_parties::country.eq(row.country), data_parties::transfer.eq(row.transfer)),
            (data_parties::since.eq(row.since), data_parties::version.eq(row.version)),
            data_parties::updated_at.eq(row.updated_at),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// Deletes a party.
pub fn delete(tx: &mut Tx<'_>, id: Id) -> Result<()> {
    diesel::delete(data_parties::table.find(DbId(id))).execute(tx.conn)?;
    Ok(())
}

/// A party.
///
/// # Errors
/// 404.
pub fn get(conn: &mut Conn, id: Id) -> Result<DataParty> {
    let row: Option<Row> = data_parties::table.find(DbId(id)).first(conn).optional()?;
    row.ok_or_else(|| Error::not_found("party"))?.show()
}

/// How many there are.
pub fn count(conn: &mut Conn) -> Result<i64> {
    Ok(data_parties::table.count().get_result(conn)?)
}

/// The parties, oldest first.
///
/// # Errors
/// 422 for a wrong cursor.
pub fn list(conn: &mut Conn, paging: &Paging) -> Result<Page<DataParty>> {
    let mut query = data_parties::table.into_boxed();
    if let Some(after) = paging.key::<Id>(0)? {
        query = query.filter(data_parties::id.gt(DbId(after)));
    }
    let rows: Vec<Row> = query.order(data_parties::id.asc()).limit(paging.limit as i64 + 1).load(conn)?;
    let parties: Vec<DataParty> = rows.into_iter().map(Row::show).collect::<Result<_>>()?;
    Ok(paging.page(parties, |party| vec![party.id.to_string()]))
}

/// All parties, by role.
pub fn all(conn: &mut Conn) -> Result<Vec<DataParty>> {
    let rows: Vec<Row> = data_parties::table.order(data_parties::id.asc()).limit(MOST).load(conn)?;
    let mut parties: Vec<DataParty> = rows.into_iter().map(Row::show).collect::<Result<_>>()?;
    parties.sort_by_key(|party| party.role);
    Ok(parties)
}
