//! Theme rows, with counts of their feedback.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use diesel::dsl::sum;
use diesel::sql_query;
use diesel::sql_types::Text;

use crate::domain::base::{Id, Time};
use crate::domain::themes::{ThemeLabel, ThemeLabels, ThemeRecord};
use crate::error::{Error, Result};
use crate::store::Tx;
use crate::store::base::conn::{Conn, Prepared, load_each, on_each};
use crate::store::base::query::*;
use crate::store::base::types::{DbId, DbTime, TimeSql, json};
use crate::store::feedback::rows as said;
use crate::store::schema::themes;
use crate::store::team::products;

/// The most ids per statement.
const CHUNK: usize = 500;
/// The length of the window of a theme's recent items, and of the window before it, in microseconds.
const WINDOW: i64 = 28 * Time::DAY;

/// The code of a language that is not known (BCP 47).
const UNKNOWN: &str = "und";

/// A row of `themes`.
#[derive(Queryable, Selectable)]
#[diesel(table_name = themes)]
pub(in crate::store) struct ThemeRow {
    pub id: DbId,
    pub product_id: DbId,
    pub label: String,
    pub label_set: bool,
    pub keywords: String,
    pub quotes: String,
    pub size: i32,
    pub customers: i32,
    pub value_minor: i64,
    pub recent: i32,
    pub growth: f64,
    pub first_seen_at: Option<DbTime>,
    pub last_seen_at: Option<DbTime>,
    pub muted: bool,
    pub merged_into: Option<DbId>,
    pub stale: i32,
    pub version: i32,
    pub created_at: DbTime,
    pub updated_at: DbTime,
    pub languages: String,
    pub labels: String,
}

impl From<ThemeRow> for ThemeRecord {
    fn from(row: ThemeRow) -> Self {
        ThemeRecord {
            id: row.id.into(),
            product_id: row.product_id.into(),
            label: row.label,
            label_set: row.label_set,
            keywords: serde_json::from_str(&row.keywords).unwrap_or_default(),
            quotes: serde_json::from_str(&row.quotes).unwrap_or_default(),
            size: row.size,
            customers: row.customers,
            value_minor: row.value_minor,
            recent: row.recent,
            growth: row.growth,
            first_seen_at: row.first_seen_at.map(Time::from),
            last_seen_at: row.last_seen_at.map(Time::from),
            muted: row.muted,
            merged_into: row.merged_into.map(Id::from),
            stale: row.stale,
            version: row.version,
            created_at: row.created_at.into(),
            updated_at: row.updated_at.into(),
            languages: serde_json::from_str(&row.languages).unwrap_or_default(),
            labels: serde_json::from_str(&row.labels).unwrap_or_default(),
        }
    }
}

/// A theme to add: empty and stale.
#[derive(Clone, Debug)]
pub struct NewTheme {
    pub id: Id,
    pub product: Id,
    /// A first label, until the engine finds a better one.
    pub label: String,
}

/// Adds themes.
pub fn insert(tx: &mut Tx<'_>, new: &[NewTheme]) -> Result<()> {
    let now = DbTime(tx.now);
    for new in new.chunks(CHUNK) {
        let row = |theme: &NewTheme| {
            (
                themes::id.eq(DbId(theme.id)),
                themes::product_id.eq(DbId(theme.product)),
                themes::label.eq(theme.label.clone()),
                themes::created_at.eq(now),
                themes::updated_at.eq(now),
            )
        };
        let rows: Vec<_> = new.iter().map(row).collect();
        on_each!(tx.conn, c => diesel::insert_into(themes::table).values(&rows).execute(c))?;
    }
    Ok(())
}

/// A theme as it is stored; also one that was merged into another.
///
/// # Errors
/// 404.
pub fn row(conn: &mut Conn, id: Id) -> Result<ThemeRecord> {
    let found: Option<ThemeRow> = themes::table.find(DbId(id)).select(ThemeRow::as_select()).first(conn).optional()?;
    found.map(ThemeRecord::from).ok_or_else(|| Error::not_found("theme"))
}

/// These themes as they are stored, oldest first.
pub fn rows(conn: &mut Conn, ids: &[Id]) -> Result<Vec<ThemeRecord>> {
    let wanted: BTreeSet<DbId> = ids.iter().map(|id| DbId(*id)).collect();
    let mut found: Vec<ThemeRow> = load_each!(conn, themes::table.select(ThemeRow::as_select()), themes::id, wanted);
    found.sort_unstable_by_key(|row| row.id);
    Ok(found.into_iter().map(ThemeRecord::from).collect())
}

/// These themes, locked until the commit, so that two people who change the same theme take turns. SQLite needs no
/// lock: it has one writer.
pub fn lock(tx: &mut Tx<'_>, ids: &[Id]) -> Result<Vec<ThemeRecord>> {
    if let Conn::Postgres(c) = tx.conn {
        let ids = ids.iter().map(|id| DbId(*id));
        let held = themes::table.filter(themes::id.eq_any(ids)).select(themes::id).order(themes::id.asc());
        held.for_no_key_update().load::<DbId>(c)?;
    }
    rows(tx.conn, ids)
}

/// The id of the theme, or of the theme it was finally merged into.
///
/// # Errors
/// 404.
pub fn resolve(conn: &mut Conn, id: Id) -> Result<Id> {
    let mut last = id;
    // The loop ends, because a theme is merged only into one that isn't merged itself.
    while let Some(next) = row(conn, last)?.merged_into {
        last = next;
    }
    Ok(last)
}

/// A product's stale themes (their members changed), oldest first.
pub fn stale(conn: &mut Conn, product: Id, limit: i64) -> Result<Vec<ThemeRecord>> {
    let stale = themes::table.filter(themes::product_id.eq(DbId(product))).filter(themes::stale.gt(0));
    let rows: Vec<ThemeRow> = stale.select(ThemeRow::as_select()).order(themes::id.asc()).limit(limit).load(conn)?;
    Ok(rows.into_iter().map(ThemeRecord::from).collect())
}

/// The number of stale themes.
pub fn count_stale(conn: &mut Conn) -> Result<i64> {
    Ok(themes::table.filter(themes::stale.gt(0)).count().get_result(conn)?)
}

/// The number of themes that are neither empty nor merged.
pub fn count(conn: &mut Conn) -> Result<i64> {
    Ok(themes::table.filter(themes::size.gt(0)).filter(themes::merged_into.is_null()).count().get_result(conn)?)
}

/// Marks themes as stale: their counts, texts and stories are updated soon. The mark is a counter, so that the update
/// sees whether a theme changed again meanwhile.
pub fn mark_stale(tx: &mut Tx<'_>, ids: &[Id]) -> Result<()> {
    let one_more = themes::stale.eq(themes::stale + 1);
    match tx.conn {
        _ if ids.is_empty() => {}
        Conn::Sqlite(c) => {
            for id in ids {
                Prepared(diesel::update(themes::table.find(DbId(*id))).set(one_more)).execute(c)?;
            }
        }
        Conn::Postgres(c) => {
            let marked = themes::id.eq_any(ids.iter().map(|id| DbId(*id)));
            Prepared(diesel::update(themes::table.filter(marked)).set(one_more)).execute(c)?;
        }
    }
    Ok(())
}

/// Clears the mark, unless the theme has changed since the mark was `seen`; answers whether it was cleared.
pub fn clear_stale(tx: &mut Tx<'_>, id: Id, seen: i32) -> Result<bool> {
    let row = themes::table.find(DbId(id)).filter(themes::stale.eq(seen));
    Ok(diesel::update(row).set(themes::stale.eq(0)).execute(tx.conn)? > 0)
}

/// The muted themes: (product, theme).
pub fn muted(conn: &mut Conn) -> Result<Vec<(Id, Id)>> {
    let muted = themes::table.filter(themes::muted.eq(true));
    let rows: Vec<(DbId, DbId)> = muted.select((themes::product_id, themes::id)).load(conn)?;
    Ok(rows.into_iter().map(|(product, id)| (product.into(), id.into())).collect())
}

/// How many items the themes of each product have together; products without any are left out.
pub fn sizes_of_products(conn: &mut Conn) -> Result<HashMap<Id, i64>> {
    let sizes = themes::table.group_by(themes::product_id).select((themes::product_id, sum(themes::size)));
    let rows: Vec<(DbId, Option<i64>)> = sizes.load(conn)?;
    Ok(rows.into_iter().map(|(product, size)| (product.into(), size.unwrap_or_default())).collect())
}

/// The labels of a product's themes that have items: (theme, label).
pub fn labels(conn: &mut Conn, product: Id) -> Result<Vec<(Id, String)>> {
    let live = themes::table.filter(themes::product_id.eq(DbId(product))).filter(themes::size.gt(0));
    let rows: Vec<(DbId, String)> = live.select((themes::id, themes::label)).load(conn)?;
    Ok(rows.into_iter().map(|(id, label)| (id.into(), label)).collect())
}

/// The engine's texts of a theme.
#[derive(Clone, Debug)]
pub struct Described<'a> {
    pub label: &'a str,
    /// Labels with the codes of their languages; of two in one language the first counts.
    pub labels: &'a [(&'static str, String)],
    pub keywords: &'a [String],
    pub quotes: &'a [Id],
}

/// Writes the engine's texts of a theme; labels set by a person stay.
pub fn describe(tx: &mut Tx<'_>, id: Id, described: &Described<'_>) -> Result<()> {
    let row = themes::table.find(DbId(id)).select((themes::label_set, themes::labels));
    let Some((label_set, stored)) = row.first::<(bool, String)>(tx.conn).optional()? else { return Ok(()) };
    let mut labels: ThemeLabels = serde_json::from_str(&stored).unwrap_or_default();
    labels.retain(|_, label| label.set);
    for (language, text) in described.labels {
        let label = || ThemeLabel { text: text.clone(), set: false };
        labels.entry((*language).to_owned()).or_insert_with(label);
    }
    let words = (
        themes::keywords.eq(json(described.keywords)),
        themes::quotes.eq(json(described.quotes)),
        themes::labels.eq(json(&labels)),
    );
    diesel::update(themes::table.find(DbId(id))).set(words).execute(tx.conn)?;
    if !label_set {
        diesel::update(themes::table.find(DbId(id))).set(themes::label.eq(described.label)).execute(tx.conn)?;
    }
    Ok(())
}

/// Writes the decisions of people about a theme: label, muted, merged; and its version.
pub fn update(tx: &mut Tx<'_>, theme: &ThemeRecord) -> Result<()> {
    diesel::update(themes::table.find(DbId(theme.id)))
        .set((
            themes::label.eq(&theme.label),
            themes::label_set.eq(theme.label_set),
            themes::labels.eq(json(&theme.labels)),
            themes::muted.eq(theme.muted),
            themes::merged_into.eq(theme.merged_into.map(DbId)),
            themes::version.eq(theme.version),
            themes::updated_at.eq(DbTime(theme.updated_at)),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// Computes the counts of these themes again: size, customers, value, recent, growth, first and last seen, languages.
pub fn refresh_counts(tx: &mut Tx<'_>, ids: &[Id]) -> Result<()> {
    let mut by_product: BTreeMap<DbId, Vec<DbId>> = BTreeMap::new();
    for ids in ids.chunks(CHUNK) {
        let ids = ids.iter().map(|id| DbId(*id));
        let found = themes::table.filter(themes::id.eq_any(ids)).select((themes::product_id, themes::id));
        let found: Vec<(DbId, DbId)> = found.load(tx.conn)?;
        found.into_iter().for_each(|(product, theme)| by_product.entry(product).or_default().push(theme));
    }
    for (product, ids) in by_product {
        let currency = products::get(tx.conn, product.into())?.currency;
        // Without feedback the windows have no meaning.
        let latest = said::latest(tx.conn, product.into(), tx.now)?.unwrap_or_default();
        for ids in ids.chunks(CHUNK) {
            count_again(tx.conn, ids, latest, &currency)?;
        }
    }
    Ok(())
}

/// One statement for many themes. Both databases accept `$1`: SQLite numbers such parameters in order of appearance.
fn count_again(conn: &mut Conn, ids: &[DbId], latest: Time, currency: &str) -> Result<()> {
    let ids: Vec<String> = ids.iter().map(|id| literal(conn, *id)).collect();
    let object = match conn {
        Conn::Sqlite(_) => "json_group_object(language, items)",
        Conn::Postgres(_) => "CAST(json_object_agg(language, items) AS TEXT)",
    };
    let statement = format!(
        "UPDATE themes SET size = n.size, customers = n.customers, value_minor = n.value, recent = n.recent, \
             growth = CAST(n.recent - n.earlier AS DOUBLE PRECISION) / CASE WHEN n.earlier > 1 THEN n.earlier ELSE 1 END, \
             first_seen_at = n.first_seen_at, last_seen_at = n.last_seen_at, languages = n.languages \
         FROM ( \
             SELECT t.id, COALESCE(c.size, 0) AS size, COALESCE(c.customers, 0) AS customers, \
                 COALESCE(w.value, 0) AS value, COALESCE(c.recent, 0) AS recent, COALESCE(c.earlier, 0) AS earlier, \
                 c.first_seen_at, c.last_seen_at, COALESCE(l.languages, '{{}}') AS languages \
             FROM themes t \
             LEFT JOIN ( \
                 SELECT theme_id, COUNT(*) AS size, COUNT(DISTINCT customer_id) AS customers, \
                     SUM(CASE WHEN occurred_at > $1 THEN 1 ELSE 0 END) AS recent, \
                     SUM(CASE WHEN occurred_at > $2 AND occurred_at <= $1 THEN 1 ELSE 0 END) AS earlier, \
                     MIN(occurred_at) AS first_seen_at, MAX(occurred_at) AS last_seen_at \
                 FROM feedback WHERE theme_id IN ({ids}) GROUP BY theme_id \
             ) c ON c.theme_id = t.id \
             LEFT JOIN ( \
                 SELECT theme_id, CAST(SUM(value) AS BIGINT) AS value FROM ( \
                     SELECT DISTINCT f.theme_id, a.id, a.annual_value_minor AS value FROM feedback f \
                     JOIN customers p ON p.id = f.customer_id JOIN accounts a ON a.id = p.account_id \
                     WHERE f.theme_id IN ({ids}) AND a.annual_value_currency = $3 \
                 ) AS paying GROUP BY theme_id \
             ) w ON w.theme_id = t.id \
             LEFT JOIN ( \
                 SELECT theme_id, {object} AS languages FROM ( \
                     SELECT theme_id, COALESCE(language, '{UNKNOWN}') AS language, COUNT(*) AS items \
                     FROM feedback WHERE theme_id IN ({ids}) GROUP BY theme_id, COALESCE(language, '{UNKNOWN}') \
                 ) AS spoken GROUP BY theme_id \
             ) l ON l.theme_id = t.id \
             WHERE t.id IN ({ids}) \
         ) AS n WHERE themes.id = n.id",
        ids = ids.join(", ")
    );
    let (since, before) = (latest.plus(-WINDOW), latest.plus(-2 * WINDOW));
    on_each!(conn, c => sql_query(statement)
        .bind::<TimeSql, _>(DbTime(since))
        .bind::<TimeSql, _>(DbTime(before))
        .bind::<Text, _>(currency)
        .execute(c))?;
    Ok(())
}

/// An id as a literal in SQL text.
pub(in crate::store) fn literal(conn: &Conn, id: DbId) -> String {
    match conn {
        Conn::Sqlite(_) => format!("x'{}'", id.0.0.simple()),
        Conn::Postgres(_) => format!("'{}'::uuid", id.0),
    }
}
