//! The definitions of metrics, and the counts of what came in.

use crate::domain::base::{Id, Page, Paging, Time};
use crate::domain::measures::metric::{Metric, MetricIntake, MetricKind, MetricQuery, PrometheusPull};
use crate::error::{Error, Result};
use crate::store::Tx;
use crate::store::base::conn::{Conn, lock_row};
use crate::store::base::query::*;
use crate::store::base::types::{DbId, DbTime, name};
use crate::store::schema::{metric_intakes as intakes, metric_series as series, metrics};
use crate::store::team::products;

#[derive(Clone, Debug, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = metrics, treat_none_as_null = true)]
struct Row {
    id: DbId,
    product_id: DbId,
    key: String,
    name: String,
    kind: String,
    unit: Option<String>,
    direction: String,
    target: Option<f64>,
    who_cares: String,
    counter: bool,
    pull_url: Option<String>,
    pull_query: Option<String>,
    pull_every: Option<i32>,
    selector: Option<String>,
    archived_at: Option<DbTime>,
    version: i32,
    created_at: DbTime,
    updated_at: DbTime,
}

#[derive(Clone, Debug, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = intakes, treat_none_as_null = true)]
struct IntakeRow {
    metric_id: DbId,
    accepted: i64,
    replaced: i64,
    too_old: i64,
    in_future: i64,
    not_finite: i64,
    too_many_series: i64,
    too_frequent: i64,
    resets: i64,
    last_sample_at: Option<DbTime>,
    asked_at: Option<DbTime>,
    next_pull_at: Option<DbTime>,
    pull_error: Option<String>,
}

impl IntakeRow {
    /// The row of a metric; Prometheus is asked at once, where it is asked.
    fn of(metric: &Metric, intake: &MetricIntake, next_pull_at: Option<Time>) -> Self {
        Self {
            metric_id: metric.id.into(),
            accepted: intake.accepted,
            replaced: intake.replaced,
            too_old: intake.too_old,
            in_future: intake.in_future,
            not_finite: intake.not_finite,
            too_many_series: intake.too_many_series,
            too_frequent: intake.too_frequent,
            resets: intake.resets,
            last_sample_at: intake.last_sample_at.map(DbTime),
            asked_at: intake.asked_at.map(DbTime),
            next_pull_at: next_pull_at.map(DbTime),
            pull_error: intake.pull_error.clone(),
        }
    }

    fn show(self, series: i64) -> MetricIntake {
        MetricIntake {
            series: i32::try_from(series).unwrap_or(i32::MAX),
            accepted: self.accepted,
            replaced: self.replaced,
            too_old: self.too_old,
            in_future: self.in_future,
            not_finite: self.not_finite,
            too_many_series: self.too_many_series,
            too_frequent: self.too_frequent,
            resets: self.resets,
            last_sample_at: self.last_sample_at.map(Time::from),
            asked_at: self.asked_at.map(Time::from),
            pull_error: self.pull_error,
        }
    }
}

impl From<&Metric> for Row {
    fn from(metric: &Metric) -> Self {
        let pull = metric.prometheus.as_ref();
        Row {
            id: metric.id.into(),
            product_id: metric.product_id.into(),
            key: metric.key.clone(),
            name: metric.name.clone(),
            kind: metric.kind.as_str().to_owned(),
            unit: metric.unit.clone(),
            direction: metric.direction.as_str().to_owned(),
            target: metric.target,
            who_cares: serde_json::to_string(&metric.who_cares).unwrap_or_default(),
            counter: metric.counter,
            pull_url: pull.and_then(|pull| pull.url.clone()),
            pull_query: pull.map(|pull| pull.query.clone()),
            pull_every: pull.map(|pull| pull.every),
            selector: metric.selector.clone(),
            archived_at: metric.archived_at.map(DbTime),
            version: metric.version,
            created_at: metric.created_at.into(),
            updated_at: metric.updated_at.into(),
        }
    }
}

fn show(row: Row, intake: MetricIntake) -> Result<Metric> {
    let prometheus = match (row.pull_query, row.pull_every) {
        (Some(query), Some(every)) => Some(PrometheusPull { url: row.pull_url, query, every }),
        _ => None,
    };
    Ok(Metric {
        id: row.id.into(),
        product_id: row.product_id.into(),
        key: row.key,
        name: row.name,
        kind: name(&row.kind)?,
        unit: row.unit,
        direction: name(&row.direction)?,
        target: row.target,
        who_cares: serde_json::from_str(&row.who_cares).unwrap_or_default(),
        counter: row.counter,
        prometheus,
        selector: row.selector,
        archived_at: row.archived_at.map(Time::from),
        version: row.version,
        created_at: row.created_at.into(),
        updated_at: row.updated_at.into(),
        intake,
    })
}

/// Rows with what came in for each, in their order.
fn show_all(conn: &mut Conn, rows: Vec<Row>) -> Result<Vec<Metric>> {
    let ids: Vec<DbId> = rows.iter().map(|row| row.id).collect();
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let found: Vec<IntakeRow> = intakes::table.filter(intakes::metric_id.eq_any(&ids)).load(conn)?;
    let counted: Vec<(DbId, i64)> = series::table
        .filter(series::metric_id.eq_any(&ids))
        .group_by(series::metric_id)
        .select((series::metric_id, diesel::dsl::count(series::id)))
        .load(conn)?;
    let intake = |id: DbId| {
        let many = counted.iter().find(|(metric, _)| *metric == id).map_or(0, |(_, many)| *many);
        let row = found.iter().find(|row| row.metric_id == id).cloned();
        row.map(|row| row.show(many)).unwrap_or_default()
    };
    rows.into_iter().map(|row| (intake(row.id), row)).map(|(intake, row)| show(row, intake)).collect()
}

/// A metric.
///
/// # Errors
/// 404.
pub fn get(conn: &mut Conn, id: Id) -> Result<Metric> {
    let row: Option<Row> = metrics::table.find(DbId(id)).first(conn).optional()?;
    show_all(conn, row.into_iter().collect())?.pop().ok_or_else(|| Error::not_found("metric"))
}

/// A metric, locked until the commit: its samples are read and written by one transaction at a time.
///
/// # Errors
/// 404.
pub fn lock(tx: &mut Tx<'_>, id: Id) -> Result<Metric> {
    lock_row!(tx, metrics, id);
    get(tx.conn, id)
}

/// The metrics with this key, or the one with this id.
pub fn named(conn: &mut Conn, key_or_id: &str) -> Result<Vec<Metric>> {
    let rows: Vec<Row> = match key_or_id.parse::<Id>() {
        Ok(id) => metrics::table.filter(metrics::id.eq(DbId(id))).load(conn)?,
        Err(_) => metrics::table
            .filter(metrics::key.eq(key_or_id.to_owned()))
            .order(metrics::id.asc())
            .limit(200)
            .load(conn)?,
    };
    show_all(conn, rows)
}

/// The metric of a product with this key.
pub fn by_key(conn: &mut Conn, product: Id, key: &str) -> Result<Option<Id>> {
    let own = metrics::table.filter(metrics::product_id.eq(DbId(product))).filter(metrics::key.eq(key.to_owned()));
    let found: Option<DbId> = own.select(metrics::id).first(conn).optional()?;
    Ok(found.map(Id::from))
}

/// Adds a metric.
pub fn insert(tx: &mut Tx<'_>, metric: &Metric) -> Result<()> {
    diesel::insert_into(metrics::table).values(&Row::from(metric)).execute(tx.conn)?;
    let first = metric.prometheus.as_ref().map(|_| tx.now);
    let row = IntakeRow::of(metric, &metric.intake, first);
    diesel::insert_into(intakes::table).values(&row).execute(tx.conn)?;
    Ok(())
}

/// Writes a metric's definition. Prometheus is asked at once, where its question changed.
pub fn update(tx: &mut Tx<'_>, metric: &Metric) -> Result<()> {
    diesel::update(metrics::table.find(DbId(metric.id))).set(&Row::from(metric)).execute(tx.conn)?;
    let asks = metric.prometheus.is_some() && metric.archived_at.is_none();
    let next = asks.then_some(DbTime(tx.now));
    diesel::update(intakes::table.find(DbId(metric.id))).set(intakes::next_pull_at.eq(next)).execute(tx.conn)?;
    Ok(())
}

/// Writes what came in for a metric. When Prometheus is asked next stays.
pub fn write_intake(tx: &mut Tx<'_>, metric: &Metric) -> Result<()> {
    let row = IntakeRow::of(metric, &metric.intake, None);
    diesel::update(intakes::table.find(row.metric_id))
        .set((
            intakes::accepted.eq(row.accepted),
            intakes::replaced.eq(row.replaced),
            intakes::too_old.eq(row.too_old),
            intakes::in_future.eq(row.in_future),
            intakes::not_finite.eq(row.not_finite),
            intakes::too_many_series.eq(row.too_many_series),
            intakes::too_frequent.eq(row.too_frequent),
            intakes::resets.eq(row.resets),
            intakes::last_sample_at.eq(row.last_sample_at),
            intakes::asked_at.eq(row.asked_at),
            intakes::pull_error.eq(row.pull_error),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// Says when Prometheus is asked next about a metric.
pub fn ask_next(tx: &mut Tx<'_>, metric: Id, at: Option<Time>) -> Result<()> {
    diesel::update(intakes::table.find(DbId(metric))).set(intakes::next_pull_at.eq(at.map(DbTime))).execute(tx.conn)?;
    Ok(())
}

/// The metrics whose Prometheus is to be asked now, those that wait longest first.
pub fn due(conn: &mut Conn, now: Time, most: i64) -> Result<Vec<Metric>> {
    let ids: Vec<DbId> = intakes::table
        .filter(intakes::next_pull_at.le(DbTime(now)))
        .order((intakes::next_pull_at.asc(), intakes::metric_id.asc()))
        .limit(most)
        .select(intakes::metric_id)
        .load(conn)?;
    let rows: Vec<Row> = metrics::table.filter(metrics::id.eq_any(ids)).load(conn)?;
    show_all(conn, rows)
}

/// The metrics that take series of a remote write.
pub fn with_selector(conn: &mut Conn) -> Result<Vec<Metric>> {
    let rows: Vec<Row> = metrics::table
        .filter(metrics::selector.is_not_null())
        .filter(metrics::archived_at.is_null())
        .order(metrics::id.asc())
        .load(conn)?;
    show_all(conn, rows)
}

/// The metrics of a product that are not archived, by name.
pub fn of_product(conn: &mut Conn, product: Id) -> Result<Vec<Metric>> {
    let rows: Vec<Row> = metrics::table
        .filter(metrics::product_id.eq(DbId(product)))
        .filter(metrics::archived_at.is_null())
        .order((metrics::name.asc(), metrics::id.asc()))
        .limit(200)
        .load(conn)?;
    show_all(conn, rows)
}

/// A page of metrics, newest first.
///
/// # Errors
/// 422 for an unknown product or a wrong cursor.
pub fn list(conn: &mut Conn, query: &MetricQuery, paging: &Paging) -> Result<Page<Metric>> {
    let mut wanted = metrics::table.into_boxed();
    if let Some(product) = products::named(conn, query.product.as_deref())? {
        wanted = wanted.filter(metrics::product_id.eq(DbId(product.id)));
    }
    if let Some(kind) = query.kind {
        wanted = wanted.filter(metrics::kind.eq(MetricKind::as_str(kind)));
    }
    wanted = match query.archived {
        Some(true) => wanted.filter(metrics::archived_at.is_not_null()),
        _ => wanted.filter(metrics::archived_at.is_null()),
    };
    if let Some(after) = paging.key::<Id>(0)? {
        wanted = wanted.filter(metrics::id.lt(DbId(after)));
    }
    let rows: Vec<Row> = wanted.order(metrics::id.desc()).limit(paging.limit as i64 + 1).load(conn)?;
    let shown = show_all(conn, rows)?;
    Ok(paging.page(shown, |metric| vec![metric.id.to_string()]))
}
