//! The figures that reports are made of: feedback, themes and accounts of a period.

use std::collections::{HashMap, HashSet};

use diesel::sql_query;
use diesel::sql_types::{BigInt, Nullable, Text};

use crate::domain::base::{Id, Money, Time};
use crate::domain::reports::content::ReportedAccount;
use crate::domain::reports::period::Span;
use crate::domain::stories::stage::Stage;
use crate::error::Result;
use crate::store::base::conn::{Conn, on_each};
use crate::store::base::query::*;
use crate::store::base::types::{DbId, DbTime, TimeSql, UuidSql};
use crate::store::schema::{stories, themes};
use crate::store::themes::rows::literal;

/// Whose feedback is counted.
#[derive(Clone, Copy, Debug)]
pub struct Said {
    pub product: Id,
    /// Only that of the people of an account.
    pub account: Option<Id>,
    pub span: Span,
}

impl Said {
    /// The condition on a row `f` of `feedback`; its parameters are the product and the span.
    fn condition(self, conn: &Conn) -> String {
        let account = self.account.map(|id| {
            let id = literal(conn, DbId(id));
            format!(" AND f.customer_id IN (SELECT id FROM customers WHERE account_id = {id})")
        });
        format!(
            "f.product_id = $1 AND f.occurred_at >= $2 AND f.occurred_at < $3 AND f.state <> 'dismissed'{}",
            account.unwrap_or_default()
        )
    }
}

/// A statement about the feedback of a period.
macro_rules! about {
    ($conn:expr, $said:expr, $statement:expr) => {
        on_each!($conn, c => sql_query($statement)
            .bind::<UuidSql, _>(DbId($said.product))
            .bind::<TimeSql, _>(DbTime($said.span.from))
            .bind::<TimeSql, _>(DbTime($said.span.to))
            .load(c))?
    };
}

/// How much was said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, QueryableByName)]
pub struct Volume {
    #[diesel(sql_type = BigInt)]
    pub items: i64,
    #[diesel(sql_type = BigInt)]
    pub customers: i64,
}

/// How much was said in a period.
pub fn volume(conn: &mut Conn, said: Said) -> Result<Volume> {
    let statement = format!(
        "SELECT COUNT(*) AS items, COUNT(DISTINCT f.customer_id) AS customers FROM feedback f WHERE {}",
        said.condition(conn)
    );
    let rows: Vec<Volume> = about!(conn, said, statement);
    Ok(rows.into_iter().next().unwrap_or_default())
}

#[derive(QueryableByName)]
struct ThemeVolume {
    #[diesel(sql_type = UuidSql)]
    id: DbId,
    #[diesel(sql_type = BigInt)]
    items: i64,
    #[diesel(sql_type = BigInt)]
    customers: i64,
}

/// How much was said about each theme in a period.
pub fn by_theme(conn: &mut Conn, said: Said) -> Result<HashMap<Id, Volume>> {
    let statement = format!(
        "SELECT f.theme_id AS id, COUNT(*) AS items, COUNT(DISTINCT f.customer_id) AS customers FROM feedback f \
         WHERE {} AND f.theme_id IS NOT NULL GROUP BY f.theme_id",
        said.condition(conn)
    );
    let rows: Vec<ThemeVolume> = about!(conn, said, statement);
    let volume = |row: ThemeVolume| (row.id.into(), Volume { items: row.items, customers: row.customers });
    Ok(rows.into_iter().map(volume).collect())
}

/// The themes of a product that are listed: neither empty nor muted nor merged; each with whether it is new in a period.
pub fn listed_themes(conn: &mut Conn, product: Id, span: Span) -> Result<HashMap<Id, bool>> {
    let rows: Vec<(DbId, Option<DbTime>)> = themes::table
        .filter(themes::product_id.eq(DbId(product)))
        .filter(themes::size.gt(0))
        .filter(themes::muted.eq(false))
        .filter(themes::merged_into.is_null())
        .select((themes::id, themes::first_seen_at))
        .load(conn)?;
    Ok(rows.into_iter().map(|(id, first)| (id.into(), first.is_some_and(|first| span.has(first.0)))).collect())
}

#[derive(QueryableByName)]
struct AccountVolume {
    #[diesel(sql_type = UuidSql)]
    id: DbId,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Nullable<BigInt>)]
    minor: Option<i64>,
    #[diesel(sql_type = Nullable<Text>)]
    currency: Option<String>,
    #[diesel(sql_type = BigInt)]
    items: i64,
}

/// The accounts whose people said something in a period.
pub fn accounts(conn: &mut Conn, said: Said) -> Result<Vec<ReportedAccount>> {
    let statement = format!(
        "SELECT a.id AS id, a.name AS name, a.annual_value_minor AS minor, a.annual_value_currency AS currency, \
             COUNT(*) AS items \
         FROM feedback f JOIN customers p ON p.id = f.customer_id JOIN accounts a ON a.id = p.account_id \
         WHERE {} GROUP BY a.id, a.name, a.annual_value_minor, a.annual_value_currency",
        said.condition(conn)
    );
    let rows: Vec<AccountVolume> = about!(conn, said, statement);
    let account = |row: AccountVolume| ReportedAccount {
        id: row.id.into(),
        name: row.name,
        value: row.minor.zip(row.currency).map(|(amount_minor, currency)| Money { amount_minor, currency }),
        items: row.items,
    };
    Ok(rows.into_iter().map(account).collect())
}

#[derive(QueryableByName)]
struct StoryItems {
    #[diesel(sql_type = UuidSql)]
    id: DbId,
    #[diesel(sql_type = BigInt)]
    items: i64,
}

/// The stories behind which the feedback of an account's people is, now or when they were released, with how many items.
pub fn stories_of_account(conn: &mut Conn, account: Id) -> Result<HashMap<Id, i64>> {
    let statement = format!(
        "SELECT s.story_id AS id, COUNT(*) AS items FROM ( \
             SELECT story_id, feedback_id FROM story_items UNION SELECT story_id, feedback_id FROM story_evidence \
         ) AS s JOIN feedback f ON f.id = s.feedback_id JOIN customers p ON p.id = f.customer_id \
         WHERE p.account_id = {} GROUP BY s.story_id",
        literal(conn, DbId(account))
    );
    let rows: Vec<StoryItems> = on_each!(conn, c => sql_query(statement).load(c))?;
    Ok(rows.into_iter().map(|row| (row.id.into(), row.items)).collect())
}

#[derive(QueryableByName)]
struct OneId {
    #[diesel(sql_type = UuidSql)]
    id: DbId,
}

/// The feedback of an account's people that is behind no story, the newest first.
pub fn unplanned_of_account(conn: &mut Conn, account: Id, limit: i64) -> Result<Vec<Id>> {
    let statement = format!(
        "SELECT f.id AS id FROM feedback f JOIN customers p ON p.id = f.customer_id \
         WHERE p.account_id = {} AND f.state <> 'dismissed' \
             AND NOT EXISTS (SELECT 1 FROM story_items s WHERE s.feedback_id = f.id) \
             AND NOT EXISTS (SELECT 1 FROM story_evidence e WHERE e.feedback_id = f.id) \
         ORDER BY f.occurred_at DESC, f.id DESC LIMIT {limit}",
        literal(conn, DbId(account))
    );
    let rows: Vec<OneId> = on_each!(conn, c => sql_query(statement).load(c))?;
    Ok(rows.into_iter().map(|row| row.id.into()).collect())
}

/// Drafts of a product that nobody has accepted or declined.
pub fn open_drafts(conn: &mut Conn, product: Id, only: Option<&HashSet<Id>>) -> Result<i64> {
    let own = stories::table
        .filter(stories::product_id.eq(DbId(product)))
        .filter(stories::stage.eq(Stage::Draft.as_str()))
        .filter(stories::feedback_count.gt(0));
    match only {
        None => Ok(own.count().get_result(conn)?),
        Some(only) => {
            let ids: Vec<DbId> = own.select(stories::id).load(conn)?;
            Ok(ids.into_iter().filter(|id| only.contains(&Id::from(*id))).count() as i64)
        }
    }
}

/// The ids of a product's stories that missed a deadline by the end of a period, the longest overdue first, each with the
/// deadline.
pub fn overdue(conn: &mut Conn, product: Id, until: Time) -> Result<Vec<(Id, Time)>> {
    let unreleased: Vec<&str> =
        Stage::ALL.iter().filter(|stage| **stage < Stage::Released).map(|s| s.as_str()).collect();
    let rows: Vec<(DbId, String, Option<DbTime>, Option<DbTime>)> = stories::table
        .filter(stories::product_id.eq(DbId(product)))
        .filter(stories::stage.eq_any(unreleased))
        .filter(stories::due_at.lt(DbTime(until)).or(stories::respond_by.lt(DbTime(until))))
        .select((stories::id, stories::stage, stories::due_at, stories::respond_by))
        .load(conn)?;
    let missed = |(id, stage, due, respond): (DbId, String, Option<DbTime>, Option<DbTime>)| {
        let respond = respond.filter(|_| stage == Stage::Draft.as_str());
        let passed = |at: Option<DbTime>| at.map(|at| at.0).filter(|at| *at < until);
        passed(respond).or(passed(due)).map(|since| (Id::from(id), since))
    };
    let mut found: Vec<(Id, Time)> = rows.into_iter().filter_map(missed).collect();
    found.sort_by_key(|(id, since)| (*since, *id));
    Ok(found)
}
