//! How much feedback themes got in each of their last weeks.

use std::collections::{BTreeMap, HashMap};

use diesel::sql_query;
use diesel::sql_types::BigInt;

use super::rows::literal;
use crate::domain::base::{Id, Time};
use crate::domain::themes::overview::{LAST_WEEKS, begins, week_of};
use crate::domain::themes::{ThemeWeeks, Week};
use crate::error::Result;
use crate::store::base::conn::{Conn, on_each};
use crate::store::base::query::*;
use crate::store::base::types::{DbId, DbTime, TimeSql, UuidSql};
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
        for row in count(conn, &of_product, begins(last - LAST_WEEKS + 1))? {
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

fn count(conn: &mut Conn, themes: &[Id], since: Time) -> Result<Vec<Counted>> {
    let ids: Vec<String> = themes.iter().map(|id| literal(conn, DbId(*id))).collect();
    // The number of the week as in the domain: weeks since 1970-01-05.
    let week = match conn {
        Conn::Sqlite(_) => "(occurred_at - 345600000000) / 604800000000",
        Conn::Postgres(_) => "CAST(FLOOR((EXTRACT(EPOCH FROM occurred_at) - 345600) / 604800) AS BIGINT)",
    };
    let statement = format!(
        "SELECT theme_id, week, COUNT(*) AS items FROM ( \
             SELECT theme_id, {week} AS week FROM feedback WHERE theme_id IN ({}) AND occurred_at >= $1 \
         ) AS said GROUP BY theme_id, week",
        ids.join(", ")
    );
    Ok(on_each!(conn, c => sql_query(statement).bind::<TimeSql, _>(DbTime(since)).load(c))?)
}
