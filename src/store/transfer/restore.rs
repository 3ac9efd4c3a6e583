//! Rows of an export put back with their ids, where they are not there yet.
//!
//! Feedback comes back in its theme but without its vector: the grouping job finds it by the event and embeds it.

use std::collections::HashSet;

use serde_json::json;

use super::exported::Exported;
use crate::domain::base::Id;
use crate::domain::team::note::NoteSubject;
use crate::error::{Code, Error, Result};
use crate::store::Tx;
use crate::store::base::query::*;
use crate::store::base::types::DbId;
use crate::store::feedback::rows::{self as feedback_store, FeedbackRow};
use crate::store::privacy::ledger_rows;
use crate::store::schema::declare::{Column, Restored, Table};
use crate::store::schema::values::{Sql, Value};
use crate::store::schema::{feedback, products};

type Restore = fn(&Exported, &mut Tx<'_>) -> Result<bool>;

/// How rows are restored whose table says that they are not simply inserted.
fn own_way(table: &Table) -> Result<Restore> {
    Ok(match table.name {
        "products" => product,
        "stories" => story,
        "feedback" => one_feedback,
        "notes" => note,
        name => return Err(Error::internal(format!("rows of {name} can't be restored"))),
    })
}

impl Exported {
    /// Puts the row where it is not there yet; answers whether it was missing.
    ///
    /// # Errors
    /// 409 where something else has its identity, or what it refers to is missing; 422 where it holds what this version
    /// does not know.
    pub fn restore(&self, tx: &mut Tx<'_>) -> Result<bool> {
        match self.line.table {
            _ if self.line.completes => self.complete(tx),
            table if table.own_way => own_way(table)?(self, tx),
            _ => self.put(tx),
        }
    }

    /// Inserts it where it is missing, with its event.
    fn put(&self, tx: &mut Tx<'_>) -> Result<bool> {
        if self.is_there(tx)? {
            return Ok(false);
        }
        self.check()?;
        self.insert(tx)?;
        if self.line.table.name == "customers" {
            // They may have been erased since the export: the ledger is applied at the end of the import.
            ledger_rows::doubt(tx)?;
        }
        if let Some(event) = self.line.table.event {
            let product =
                if self.line.place_of("product_id").is_some() { self.get("product_id")? } else { None::<DbId> };
            tx.event(event, self.get::<DbId>("id")?.into(), product.map(Id::from), json!({}));
        }
        Ok(true)
    }

    /// Adds ` WHERE` and what tells its row apart.
    fn at<'a>(&'a self, sql: Sql<'a>) -> Sql<'a> {
        let key = self.line.table.order().iter().filter_map(|name| Some((*name, self.value(name)?)));
        sql.words(" WHERE ").each(key, " AND ", |sql, (name, value)| sql.name(name).words(" = ").value(value))
    }

    fn is_there(&self, tx: &mut Tx<'_>) -> Result<bool> {
        self.at(Sql::new("SELECT 1 FROM ").name(self.line.table.name)).found(tx.conn)
    }

    fn insert(&self, tx: &mut Tx<'_>) -> Result<()> {
        let made = self.made()?;
        let own = self.line.columns.iter().copied().zip(&self.values);
        let all: Vec<(&Column, &Value)> = own.chain(made.iter().map(|(column, value)| (*column, value))).collect();
        let sql = Sql::new("INSERT INTO ").name(self.line.table.name).words(" (");
        let sql = sql.each(&all, ", ", |sql, (column, _)| sql.name(column.name)).words(") VALUES (");
        let sql = sql.each(&all, ", ", |sql, (_, value)| sql.value(value)).words(") RETURNING 1");
        sql.rows(tx.conn, &[]).map(drop)
    }

    /// The values that an export does not hold: derived from others, or made anew.
    fn made(&self) -> Result<Vec<(&'static Column, Value)>> {
        let mut made = Vec::new();
        for column in self.line.table.columns {
            match column.restored {
                Restored::Default => {}
                Restored::Made(make) => made.push((column, make()?)),
                Restored::From(from, derive) => {
                    let text: Option<String> = self.get(from)?;
                    made.push((column, Value::Text(text.as_deref().map(derive))));
                }
            }
        }
        Ok(made)
    }

    /// Lets a row that is there name the others that this line says, where it names none yet.
    fn complete(&self, tx: &mut Tx<'_>) -> Result<bool> {
        let named = || self.line.completed().filter_map(|(at, column)| Some((column.name, self.values.get(at)?)));
        let sql = Sql::new("UPDATE ").name(self.line.table.name).words(" SET ");
        let sql = self.at(sql.each(named(), ", ", |sql, (name, value)| sql.name(name).words(" = ").value(value)));
        let sql = sql.words(" AND ").each(named(), " AND ", |sql, (name, _)| sql.name(name).words(" IS NULL"));
        sql.words(" RETURNING 1").found(tx.conn)
    }
}

/// Whether a table has a row with this in this column.
fn has(tx: &mut Tx<'_>, table: &'static str, column: &'static str, id: DbId) -> Result<bool> {
    let id = Value::from(id);
    let sql = Sql::new("SELECT 1 FROM ").name(table).words(" WHERE ").name(column).words(" = ").value(&id);
    sql.words(" LIMIT 1").found(tx.conn)
}

/// A product is inserted; or else it takes the place of the one that every instance starts with, as long as nothing was
/// done to that.
fn product(row: &Exported, tx: &mut Tx<'_>) -> Result<bool> {
    let id: DbId = row.get("id")?;
    if !row.is_there(tx)? {
        row.check()?;
        row.insert(tx)?;
        let key: String = row.get("key")?;
        tx.event("product.created", id.into(), Some(id.into()), json!({ "key": key }));
        return Ok(true);
    }
    let untouched = products::version.eq(1).and(products::last_story_number.eq(0));
    let fresh = products::table.filter(products::id.eq(id)).filter(untouched);
    let is_fresh = fresh.count().get_result::<i64>(tx.conn)? > 0;
    if !is_fresh || has(tx, "feedback", "product_id", id)? || has(tx, "themes", "product_id", id)? {
        return Ok(false);
    }
    let values = row.line.columns.iter().zip(&row.values).filter(|(column, _)| column.name != "id");
    let sql = Sql::new("UPDATE ").name(row.line.table.name).words(" SET ");
    let sql = sql.each(values, ", ", |sql, (column, value)| sql.name(column.name).words(" = ").value(value));
    row.at(sql).words(" RETURNING 1").rows(tx.conn, &[])?;
    tx.event("product.updated", id.into(), Some(id.into()), json!({}));
    Ok(true)
}

/// The next story's number comes after this one's, whatever the product said of itself.
fn story(row: &Exported, tx: &mut Tx<'_>) -> Result<bool> {
    if !row.put(tx)? {
        return Ok(false);
    }
    let (product, number): (DbId, i32) = (row.get("product_id")?, row.get("number")?);
    let behind = products::table.filter(products::id.eq(product)).filter(products::last_story_number.lt(number));
    diesel::update(behind).set(products::last_story_number.eq(number)).execute(tx.conn)?;
    Ok(true)
}

/// What a note is about must be there; the database can't hold that, since it may be a row of several tables.
fn note(row: &Exported, tx: &mut Tx<'_>) -> Result<bool> {
    if row.is_there(tx)? {
        return Ok(false);
    }
    row.check()?;
    let (kind, subject): (String, DbId) = (row.get("subject_kind")?, row.get("subject_id")?);
    let table = match kind.parse() {
        Ok(NoteSubject::Feedback) => "feedback",
        Ok(NoteSubject::Story) => "stories",
        Ok(NoteSubject::Customer) => "customers",
        Ok(NoteSubject::Closure) => "closures",
        Err(()) => return Err(Error::internal("a kind of subject without a table")),
    };
    if !has(tx, table, "id", subject)? {
        return Err(Error::new(Code::Conflict, "What the note is about is not there."));
    }
    row.insert(tx)?;
    let id: Id = row.get::<DbId>("id")?.into();
    tx.event("note.imported", subject.into(), None, json!({ "note_id": id }));
    Ok(true)
}

fn one_feedback(row: &Exported, tx: &mut Tx<'_>) -> Result<bool> {
    restore_feedback(tx, &[row]).map(|restored| restored == [true])
}

/// Puts feedback back in few statements; answers for each whether it was missing. As all else here it is all or nothing:
/// where one row does not fit, they are tried one by one.
///
/// # Errors
/// As for [`Exported::restore`]; 500 where a row is no feedback.
pub fn restore_feedback(tx: &mut Tx<'_>, rows: &[&Exported]) -> Result<Vec<bool>> {
    let ids: Vec<DbId> = rows.iter().map(|row| row.get("id")).collect::<Result<_>>()?;
    let there: Vec<DbId> = feedback::table.filter(feedback::id.eq_any(&ids)).select(feedback::id).load(tx.conn)?;
    let there: HashSet<DbId> = there.into_iter().collect();
    let missing = rows.iter().zip(&ids).filter(|(_, id)| !there.contains(id)).map(|(row, _)| row);
    let missing: Vec<FeedbackRow> =
        missing.map(|row| row.check().and_then(|()| feedback_row(row))).collect::<Result<_>>()?;
    feedback_store::insert(tx, &missing)?;
    for row in &missing {
        tx.event("feedback.imported", row.id.into(), Some(row.product_id.into()), json!({}));
    }
    Ok(ids.iter().map(|id| !there.contains(id)).collect())
}

/// The row that is inserted together with its tags and its words in the search index.
fn feedback_row(row: &Exported) -> Result<FeedbackRow> {
    Ok(FeedbackRow {
        id: row.get("id")?,
        product_id: row.get("product_id")?,
        customer_id: row.get("customer_id")?,
        theme_id: row.get("theme_id")?,
        similarity: row.get("similarity")?,
        pinned: row.get("pinned")?,
        state: row.get("state")?,
        text: row.get("text")?,
        title: row.get("title")?,
        source: row.get("source")?,
        origin: row.get("origin")?,
        external_id: row.get("external_id")?,
        url: row.get("url")?,
        occurred_at: row.get("occurred_at")?,
        rating: row.get("rating")?,
        nps: row.get("nps")?,
        severity: row.get("severity")?,
        kind: row.get("kind")?,
        language: row.get("language")?,
        tags: row.get("tags")?,
        fields: row.get("fields")?,
        submitted_by: row.get("submitted_by")?,
        dismissed_reason: row.get("dismissed_reason")?,
        edited: row.get("edited")?,
        version: row.get("version")?,
        created_at: row.get("created_at")?,
        updated_at: row.get("updated_at")?,
        kind_source: row.get("kind_source")?,
        set_aside: row.get("set_aside")?,
        votes: row.get("votes")?,
        impression: row.get("impression")?,
    })
}

#[cfg(test)]
mod tests {
    use super::own_way;
    use crate::store::schema::tables;

    #[test]
    fn every_table_that_is_restored_in_its_own_way_has_one() {
        let missing: Vec<_> = tables().filter(|table| table.own_way && own_way(table).is_err()).collect();
        assert!(missing.is_empty(), "{missing:?}");
        let unused: Vec<_> = tables().filter(|table| !table.own_way && own_way(table).is_ok()).collect();
        assert!(unused.is_empty(), "{unused:?}");
    }
}
