//! Themes in the form of the API: one with its timeline and quotes, and the list with its filters and sort orders.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use diesel::dsl::{exists, not, sql};
use diesel::sql_types::Bool;

use super::rows::{self as rows, ThemeRow};
use crate::domain::base::{Id, Money, Page, Paging};
use crate::domain::search::several::Several;
use crate::domain::stories::stage::Stage;
use crate::domain::themes::{Theme, ThemeDetail, ThemeQuery, ThemeRecord, ThemeSort, Trend, timeline};
use crate::error::{Error, Result};
use crate::store::base::conn::Conn;
use crate::store::base::query::*;
use crate::store::base::types::DbId;
use crate::store::feedback;
use crate::store::schema::{feedback as said, stories, story_themes, themes};
use crate::store::search::containing::{contains, patterns};
use crate::store::team::products;

/// Stages of stories that no longer represent their theme.
const ENDED: [&str; 2] = [Stage::Declined.as_str(), Stage::Duplicate.as_str()];

/// The story of each of these themes: the oldest one that is neither declined nor a duplicate.
pub fn stories_of(conn: &mut Conn, ids: &[Id]) -> Result<HashMap<Id, Id>> {
    let links: Vec<(DbId, DbId)> = story_themes::table
        .inner_join(stories::table)
        .filter(story_themes::theme_id.eq_any(ids.iter().map(|id| DbId(*id))))
        .filter(stories::stage.ne_all(ENDED))
        .select((story_themes::theme_id, story_themes::story_id))
        .order(story_themes::story_id.desc())
        .load(conn)?;
    // Rows come newest first, so the oldest one stays.
    Ok(links.into_iter().map(|(theme, story)| (theme.into(), story.into())).collect())
}

/// The current feedback of a theme, each with its customer.
pub fn customers_of(conn: &mut Conn, theme: Id) -> Result<HashMap<Id, Option<Id>>> {
    let members = said::table.filter(said::theme_id.eq(DbId(theme))).select((said::id, said::customer_id));
    let rows: Vec<(DbId, Option<DbId>)> = members.load(conn)?;
    Ok(rows.into_iter().map(|(id, customer)| (id.into(), customer.map(Id::from))).collect())
}

fn show(conn: &mut Conn, rows: Vec<ThemeRecord>) -> Result<Vec<Theme>> {
    let ids: Vec<Id> = rows.iter().map(|row| row.id).collect();
    let stories = stories_of(conn, &ids)?;
    let mut currencies: HashMap<Id, String> = HashMap::new();
    for row in &rows {
        if let Entry::Vacant(unknown) = currencies.entry(row.product_id) {
            unknown.insert(products::get(conn, row.product_id)?.currency);
        }
    }
    let theme = |row: ThemeRecord| Theme {
        id: row.id,
        product_id: row.product_id,
        keywords: row.keywords,
        label: row.label,
        labels: row.labels.into_iter().map(|(language, label)| (language, label.text)).collect(),
        size: row.size,
        customers: row.customers,
        languages: row.languages,
        value: Money {
            amount_minor: row.value_minor,
            currency: currencies.get(&row.product_id).cloned().unwrap_or_default(),
        },
        recent: row.recent,
        growth: row.growth,
        first_seen_at: row.first_seen_at,
        last_seen_at: row.last_seen_at,
        muted: row.muted,
        merged_into: row.merged_into,
        story_id: stories.get(&row.id).copied(),
        version: row.version,
        created_at: row.created_at,
        updated_at: row.updated_at,
    };
    Ok(rows.into_iter().map(theme).collect())
}

/// A theme; also one that was merged into another.
///
/// # Errors
/// 404.
pub fn get(conn: &mut Conn, id: Id) -> Result<Theme> {
    get_many(conn, &[id])?.pop().ok_or_else(|| Error::not_found("theme"))
}

/// These themes, in the order asked for; those not there are left out.
pub fn get_many(conn: &mut Conn, ids: &[Id]) -> Result<Vec<Theme>> {
    let rows = rows::rows(conn, ids)?;
    let mut shown: HashMap<Id, Theme> = show(conn, rows)?.into_iter().map(|theme| (theme.id, theme)).collect();
    Ok(ids.iter().filter_map(|id| shown.remove(id)).collect())
}

/// A theme with its timeline and quotes.
///
/// # Errors
/// 404.
pub fn detail(conn: &mut Conn, id: Id) -> Result<ThemeDetail> {
    let row = rows::row(conn, id)?;
    let mut quotes = feedback::rows::get_many(conn, &row.quotes)?;
    quotes.retain(|quote| quote.theme.as_ref().is_some_and(|theme| theme.id == id));
    let timeline = timeline(&feedback::rows::times_of_theme(conn, id)?);
    let theme = show(conn, vec![row])?.pop().ok_or_else(|| Error::not_found("theme"))?;
    Ok(ThemeDetail { trend: Trend::of(theme.growth), theme, timeline, quotes })
}

/// Themes that pass every filter, highest first, without empty and merged ones.
///
/// # Errors
/// 422 for a wrong cursor or an unknown product.
pub fn list(conn: &mut Conn, q: &ThemeQuery, paging: &Paging) -> Result<Page<Theme>> {
    let mut query = themes::table
        .select(ThemeRow::as_select())
        .filter(themes::size.gt(0))
        .filter(themes::merged_into.is_null())
        .filter(themes::muted.eq(q.muted.unwrap_or_default()))
        .limit(paging.limit as i64 + 1)
        .into_boxed();
    if let Some(product) = products::named(conn, q.product.as_deref())? {
        query = query.filter(themes::product_id.eq(DbId(product.id)));
    }
    for pattern in q.q.iter().flat_map(|words| patterns(words)) {
        query = query.filter(contains!("themes.label || ' ' || themes.keywords", pattern));
    }
    if let Some(least) = q.min_size {
        query = query.filter(themes::size.ge(least));
    }
    if let Some(least) = q.min_customers {
        query = query.filter(themes::customers.ge(least));
    }
    let archived = q.archived.map(|archived| products::archive_condition("themes", archived));
    let conditions = [q.trend.as_ref().map(any_trend), q.language.as_ref().map(any_language), archived];
    for condition in conditions.into_iter().flatten() {
        query = query.filter(sql::<Bool>(&condition));
    }
    if let Some(has_story) = q.has_story {
        let standing = story_themes::table
            .inner_join(stories::table)
            .filter(story_themes::theme_id.eq(themes::id))
            .filter(stories::stage.ne_all(ENDED));
        query = if has_story { query.filter(exists(standing)) } else { query.filter(not(exists(standing))) };
    }
    // The next page begins below the last row of this one; the id breaks ties.
    macro_rules! highest_first {
        ($column:expr, $type:ty) => {{
            let query = match (paging.key::<$type>(0)?, paging.key::<Id>(1)?) {
                (Some(key), Some(id)) => query.filter($column.lt(key).or($column.eq(key).and(themes::id.lt(DbId(id))))),
                _ => query,
            };
            query.order(($column.desc(), themes::id.desc())).load(conn)?
        }};
    }
    let sort = q.sort.unwrap_or(ThemeSort::Arrival);
    let rows: Vec<ThemeRow> = match sort {
        ThemeSort::Arrival => {
            let query = match paging.key::<Id>(0)? {
                Some(after) => query.filter(themes::id.lt(DbId(after))),
                None => query,
            };
            query.order(themes::id.desc()).load(conn)?
        }
        ThemeSort::Size => highest_first!(themes::size, i32),
        ThemeSort::Customers => highest_first!(themes::customers, i32),
        ThemeSort::Value => highest_first!(themes::value_minor, i64),
        ThemeSort::Recent => highest_first!(themes::recent, i32),
        ThemeSort::Growth => highest_first!(themes::growth, f64),
    };
    let rows = rows.into_iter().map(ThemeRecord::from).collect();
    Ok(paging.page(show(conn, rows)?, |theme| place(theme, sort)))
}

/// The condition that a theme has one of these trends.
fn any_trend(trends: &Several<Trend>) -> String {
    let clear = Trend::CLEAR;
    let condition = |trend: &Trend| match trend {
        Trend::Rising => format!("themes.growth > {clear}"),
        Trend::Steady => format!("themes.growth BETWEEN -{clear} AND {clear}"),
        Trend::Falling => format!("themes.growth < -{clear}"),
    };
    any(trends.0.iter().map(condition))
}

/// The condition that a theme has feedback in one of these languages. Codes have letters, digits and hyphens only, so
/// they can stand in SQL text; any other character is left out.
fn any_language(codes: &Several<String>) -> String {
    let plain = |code: &String| code.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').collect::<String>();
    any(codes.0.iter().map(|code| format!("themes.languages LIKE '%\"{}\"%'", plain(code))))
}

fn any(conditions: impl Iterator<Item = String>) -> String {
    let conditions: Vec<String> = conditions.collect();
    if conditions.is_empty() { "1 = 0".to_owned() } else { format!("({})", conditions.join(" OR ")) }
}

/// Where a theme stands in a list, for the page after it.
fn place(theme: &Theme, sort: ThemeSort) -> Vec<String> {
    match sort {
        ThemeSort::Arrival => vec![theme.id.to_string()],
        ThemeSort::Size => vec![theme.size.to_string(), theme.id.to_string()],
        ThemeSort::Customers => vec![theme.customers.to_string(), theme.id.to_string()],
        ThemeSort::Value => vec![theme.value.amount_minor.to_string(), theme.id.to_string()],
        ThemeSort::Recent => vec![theme.recent.to_string(), theme.id.to_string()],
        ThemeSort::Growth => vec![theme.growth.to_string(), theme.id.to_string()],
    }
}
