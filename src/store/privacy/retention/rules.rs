//! Retention rules, and how much each removed on which day.

use crate::domain::base::{Id, Page, Paging, Time};
use crate::domain::privacy::retention::{RetentionCount, RetentionKind, RetentionRule};
use crate::error::{Error, Result};
use crate::store::Tx;
use crate::store::base::conn::{Conn, lock_row};
use crate::store::base::query::*;
use crate::store::base::types::{DbId, DbTime, name};
use crate::store::schema::{retention_counts as counts, retention_rules as rules};

#[derive(Queryable, Insertable, AsChangeset)]
#[diesel(table_name = rules, treat_none_as_null = true, treat_none_as_default_value = false)]
struct Row {
    id: DbId,
    product_id: Option<DbId>,
    kind: String,
    days: i32,
    enabled: bool,
    finished_at: Option<DbTime>,
    created_by: Option<DbId>,
    version: i32,
    created_at: DbTime,
    updated_at: DbTime,
}

impl From<&RetentionRule> for Row {
    fn from(rule: &RetentionRule) -> Self {
        Self {
            id: rule.id.into(),
            product_id: rule.product_id.map(DbId),
            kind: rule.kind.as_str().to_owned(),
            days: rule.days,
            enabled: rule.enabled,
            finished_at: rule.finished_at.map(DbTime),
            created_by: rule.created_by.map(DbId),
            version: rule.version,
            created_at: rule.created_at.into(),
            updated_at: rule.updated_at.into(),
        }
    }
}

fn rule(row: Row) -> Result<RetentionRule> {
    Ok(RetentionRule {
        id: row.id.into(),
        kind: name(&row.kind)?,
        product_id: row.product_id.map(Id::from),
        days: row.days,
        enabled: row.enabled,
        finished_at: row.finished_at.map(Time::from),
        created_by: row.created_by.map(Id::from),
        version: row.version,
        created_at: row.created_at.into(),
        updated_at: row.updated_at.into(),
    })
}

/// Adds a rule.
pub fn insert(tx: &mut Tx<'_>, rule: &RetentionRule) -> Result<()> {
    diesel::insert_into(rules::table).values(&Row::from(rule)).execute(tx.conn)?;
    Ok(())
}

/// Writes a rule's fields.
pub fn update(tx: &mut Tx<'_>, rule: &RetentionRule) -> Result<()> {
    let row = Row::from(rule);
    diesel::update(rules::table.find(row.id)).set(&row).execute(tx.conn)?;
    Ok(())
}

/// Deletes a rule. What it removed stays counted.
pub fn delete(tx: &mut Tx<'_>, id: Id) -> Result<()> {
    diesel::delete(rules::table.find(DbId(id))).execute(tx.conn)?;
    Ok(())
}

/// A rule.
///
/// # Errors
/// 404.
pub fn get(conn: &mut Conn, id: Id) -> Result<RetentionRule> {
    let row: Option<Row> = rules::table.find(DbId(id)).first(conn).optional()?;
    row.map(rule).transpose()?.ok_or_else(|| Error::not_found("retention rule"))
}

/// The rule with this id, locked until the commit.
///
/// # Errors
/// 404.
pub fn lock(tx: &mut Tx<'_>, id: Id) -> Result<RetentionRule> {
    lock_row!(tx, rules, id);
    get(tx.conn, id)
}

/// All rules, by their kind. There is at most one for each kind and product.
pub fn all(conn: &mut Conn) -> Result<Vec<RetentionRule>> {
    let rows: Vec<Row> = rules::table.order((rules::kind.asc(), rules::id.asc())).load(conn)?;
    rows.into_iter().map(rule).collect()
}

/// Rules, newest first.
///
/// # Errors
/// 422 for a wrong cursor.
pub fn list(conn: &mut Conn, paging: &Paging) -> Result<Page<RetentionRule>> {
    let mut query = rules::table.into_boxed();
    if let Some(after) = paging.key::<Id>(0)? {
        query = query.filter(rules::id.lt(DbId(after)));
    }
    let rows: Vec<Row> = query.order(rules::id.desc()).limit(paging.limit as i64 + 1).load(conn)?;
    let found = rows.into_iter().map(rule).collect::<Result<Vec<RetentionRule>>>()?;
    Ok(paging.page(found, |rule| vec![rule.id.to_string()]))
}

/// The rule of a kind for a product, or for all products.
pub fn find(conn: &mut Conn, kind: RetentionKind, product: Option<Id>) -> Result<Option<RetentionRule>> {
    let mut query = rules::table.filter(rules::kind.eq(kind.as_str())).into_boxed();
    query = match product {
        Some(product) => query.filter(rules::product_id.eq(Some(DbId(product)))),
        None => query.filter(rules::product_id.is_null()),
    };
    let row: Option<Row> = query.first(conn).optional()?;
    row.map(rule).transpose()
}

/// Counts what a rule removed today.
pub fn count(tx: &mut Tx<'_>, rule: &RetentionRule, removed: i64) -> Result<()> {
    let day = tx.now.date();
    let today = counts::table.filter(counts::rule_id.eq(DbId(rule.id))).filter(counts::day.eq(&day));
    let counted = diesel::update(today).set(counts::removed.eq(counts::removed + removed)).execute(tx.conn)?;
    if counted == 0 {
        let row = (
            counts::id.eq(DbId(Id::next())),
            counts::rule_id.eq(DbId(rule.id)),
            counts::day.eq(&day),
            counts::product_id.eq(rule.product_id.map(DbId)),
            counts::kind.eq(rule.kind.as_str()),
            counts::removed.eq(removed),
        );
        diesel::insert_into(counts::table).values(row).execute(tx.conn)?;
    }
    Ok(())
}

/// What went, newest day first.
///
/// # Errors
/// 422 for a wrong cursor.
pub fn report(conn: &mut Conn, paging: &Paging) -> Result<Page<(Id, RetentionCount)>> {
    type Columns = (DbId, DbId, String, Option<DbId>, String, i64);
    let mut query = counts::table.into_boxed();
    if let Some(after) = paging.key::<Id>(0)? {
        query = query.filter(counts::id.lt(DbId(after)));
    }
    let columns = (counts::id, counts::rule_id, counts::day, counts::product_id, counts::kind, counts::removed);
    let rows: Vec<Columns> =
        query.select(columns).order(counts::id.desc()).limit(paging.limit as i64 + 1).load(conn)?;
    let counted = |(id, rule, day, product, kind, removed): Columns| {
        let kind = name::<RetentionKind>(&kind)?;
        let (rule_id, product_id) = (rule.into(), product.map(Id::from));
        Ok((Id::from(id), RetentionCount { day, rule_id, kind, product_id, removed }))
    };
    let found = rows.into_iter().map(counted).collect::<Result<Vec<(Id, RetentionCount)>>>()?;
    Ok(paging.page(found, |(id, _)| vec![id.to_string()]))
}
