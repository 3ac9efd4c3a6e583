//! How much feedback themes got in each of their last weeks.

use std::collections::{BTreeMap, HashMap};
use std::ops::RangeInclusive;

use diesel::sql_query;
use diesel::sql_types::BigInt;

use super::rows::literal;
use crate::domain::base::{Id, Time};
use crate::domain::themes::overview::{LAST_WEEKS, begins, week_of};
use crate::domain::themes::{ThemeWeeks, Week};
use crate::error::Result;
use crate::store::base::conn::{Conn, on_each};
use crate::store::base::query::*;
use crate::store::base::types::{DbId, UuidSql};
use crate::store::feedback::rows as said;
use crate::store::schema::themes;

#[derive(QueryableByName)]
struct Counted {
    #[diesel(sql_type = UuidSql)]
    theme_id: DbId,
    #[diesel(sql_type = BigInt)]
    week: i64,
    #[diesel(sql_type = BigInt)]
    items: i64,
}

/// The last weeks of these themes, in the order asked for; unknown themes are left out. The last week is that of the
/// latest feedback of the theme's product: an import of old feedback shows its own last weeks.
pub fn last(conn: &mut Conn, ids: &[Id], now: Time) -> Result<Vec<ThemeWeeks>> {
    let found = themes::table.filter(themes::id.eq_any(ids.iter().map(|id| DbId(*id))));
    let found: Vec<(DbId, DbId)> = found.select((themes::id, themes::product_id)).load(conn)?;
    let product_of: HashMap<Id, Id> = found.into_iter().map(|(id, product)| (id.into(), product.into())).collect();
    let mut by_product: BTreeMap<Id, Vec<Id>> = BTreeMap::new();
    product_of.iter().for_each(|(theme, product)| by_product.entry(*product).or_default().push(*theme));
    let mut counts: HashMap<(Id, i64), i64> = HashMap::new();
    let mut last_week: HashMap<Id, i64> = HashMap::new();
    for (product, of_product) in by_product {
        let last = week_of(said::latest(conn, product, now)?.unwrap_or(now));
        last_week.insert(product, last);
        for row in count(conn, &of_product, last - LAST_WEEKS + 1..=last)? {
            counts.insert((row.theme_id.into(), row.week), row.items);
        }
    }
    let weeks = |theme: Id| {
        let last = product_of.get(&theme).and_then(|product| last_week.get(product))?;
        let week = |week: i64| {
            let items = counts.get(&(theme, week)).copied().unwrap_or_default();
            Week { starts_at: begins(week), items }
        };
        Some(ThemeWeeks { theme_id: theme, weeks: (last - LAST_WEEKS + 1..=*last).map(week).collect() })
    };
    Ok(ids.iter().filter_map(|theme| weeks(*theme)).collect())
}

/// The counts of these themes in each of these weeks. Each is a range of the index on themes and times: so no row of
/// `feedback` is read, and a theme of many thousands takes as long as counting its entries.
fn count(conn: &mut Conn, themes: &[Id], weeks: RangeInclusive<i64>) -> Result<Vec<Counted>> {
    let ids: Vec<String> = themes.iter().map(|id| literal(conn, DbId(*id))).collect();
    let weeks: Vec<String> = weeks.map(|week| week_row(conn, week)).collect();
    let statement = format!(
        "SELECT id AS theme_id, week, (SELECT COUNT(*) FROM feedback WHERE theme_id = themes.id \
             AND occurred_at >= since AND occurred_at < until) AS items \
         FROM themes, ({}) AS weeks WHERE id IN ({})",
        weeks.join(" UNION ALL "),
        ids.join(", ")
    );
    Ok(on_each!(conn, c => sql_query(statement).load(c))?)
}

/// A week with its bounds, as a row in SQL.
fn week_row(conn: &Conn, week: i64) -> String {
    let [since, until] = [begins(week), begins(week + 1)].map(|time| match conn {
        Conn::Sqlite(_) => time.0.to_string(),
        Conn::Postgres(_) => format!("TIMESTAMPTZ '{time}'"),
    });
    format!("SELECT CAST({week} AS BIGINT) AS week, {since} AS since, {until} AS until")
}
