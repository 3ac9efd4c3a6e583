//! The series of metrics, and the chunks in which their samples are kept.

use std::collections::HashMap;

use sha2::{Digest, Sha256};

use crate::domain::base::Id;
use crate::domain::measures::sampling::resolution::Resolution;
use crate::domain::measures::sampling::samples::Sample;
use crate::domain::measures::selector::Labels;
use crate::error::Result;
use crate::store::Tx;
use crate::store::base::conn::{Conn, Prepared, on_each};
use crate::store::base::query::*;
use crate::store::base::types::{DbId, DbTime};
use crate::store::base::work::advisory::{self, Hold, Lock};
use crate::store::schema::{metric_chunks as chunks, metric_series as series};

#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = series)]
struct Row {
    id: DbId,
    metric_id: DbId,
    labels: String,
    labels_hash: String,
    created_at: DbTime,
    last_at: i64,
    last_value: f64,
}

#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = chunks)]
struct ChunkRow {
    series_id: DbId,
    resolution: i32,
    chunk: i64,
    data: Vec<u8>,
    is_open: bool,
}

/// A series of a metric.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    pub id: Id,
    pub metric_id: Id,
    pub labels: Labels,
    /// Its newest sample.
    pub last: Sample,
}

/// A part of a series in one resolution.
#[derive(Clone, Debug, PartialEq)]
pub struct Chunk {
    pub series_id: Id,
    pub resolution: Resolution,
    pub number: i64,
    pub data: Vec<u8>,
    /// Whether it has samples that are not rolled up yet.
    pub is_open: bool,
}

impl From<Row> for Series {
    fn from(row: Row) -> Self {
        Self {
            id: row.id.into(),
            metric_id: row.metric_id.into(),
            labels: serde_json::from_str(&row.labels).unwrap_or_default(),
            last: Sample { at: row.last_at, value: row.last_value },
        }
    }
}

fn show_chunks(rows: Vec<ChunkRow>) -> Vec<Chunk> {
    let chunk = |row: ChunkRow| {
        Some(Chunk {
            series_id: row.series_id.into(),
            resolution: Resolution::numbered(row.resolution)?,
            number: row.chunk,
            data: row.data,
            is_open: row.is_open,
        })
    };
    rows.into_iter().filter_map(chunk).collect()
}

/// What tells the series of a metric apart.
fn hash_of(labels: &str) -> String {
    Sha256::digest(labels).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The series of these metrics, the oldest first.
pub fn of_metrics(conn: &mut Conn, metrics: &[Id]) -> Result<Vec<Series>> {
    let mut found = Vec::new();
    for some in metrics.chunks(500) {
        let rows: Vec<Row> = series::table
            .filter(series::metric_id.eq_any(some.iter().map(|id| DbId(*id))))
            .order(series::id.asc())
            .load(conn)?;
        found.extend(rows.into_iter().map(Series::from));
    }
    Ok(found)
}

/// The series of a metric by the hash of their labels. Erasing may have changed the labels, but not the hash.
pub fn by_labels(conn: &mut Conn, metric: Id) -> Result<HashMap<String, Series>> {
    let rows: Vec<Row> = series::table.filter(series::metric_id.eq(DbId(metric))).load(conn)?;
    Ok(rows.into_iter().map(|row| (row.labels_hash.clone(), row.into())).collect())
}

/// The key of these labels in [`by_labels`].
pub fn key_of(labels: &Labels) -> String {
    hash_of(&serde_json::to_string(labels).unwrap_or_default())
}

/// The number of all series. Further ones are added by one transaction at a time, so that no more are added than allowed.
pub fn count_to_add(tx: &mut Tx<'_>) -> Result<i64> {
    advisory::lock(tx.conn, Lock::Series, Hold::Alone)?;
    Ok(series::table.count().get_result(tx.conn)?)
}

/// Adds a series with its first sample.
pub fn insert(tx: &mut Tx<'_>, new: &Series) -> Result<()> {
    let labels = serde_json::to_string(&new.labels).unwrap_or_default();
    let row = Row {
        id: new.id.into(),
        metric_id: new.metric_id.into(),
        labels_hash: hash_of(&labels),
        labels,
        created_at: tx.now.into(),
        last_at: new.last.at,
        last_value: new.last.value,
    };
    diesel::insert_into(series::table).values(&row).execute(tx.conn)?;
    Ok(())
}

/// Keeps the newest sample of a series.
pub fn keep_last(tx: &mut Tx<'_>, id: Id, last: Sample) -> Result<()> {
    on_each!(tx.conn, c => Prepared(diesel::update(series::table.find(DbId(id)))
        .set((series::last_at.eq(last.at), series::last_value.eq(last.value))))
        .execute(c))?;
    Ok(())
}

/// The chunks of these series in a resolution, from one number to another (both included), in order.
pub fn chunks_between(
    conn: &mut Conn,
    of: &[Id],
    resolution: Resolution,
    between: std::ops::RangeInclusive<i64>,
) -> Result<Vec<Chunk>> {
    let mut found = Vec::new();
    for some in of.chunks(500) {
        let rows: Vec<ChunkRow> = chunks::table
            .filter(chunks::series_id.eq_any(some.iter().map(|id| DbId(*id))))
            .filter(chunks::resolution.eq(resolution.number()))
            .filter(chunks::chunk.ge(*between.start()))
            .filter(chunks::chunk.le(*between.end()))
            .order((chunks::series_id.asc(), chunks::chunk.asc()))
            .load(conn)?;
        found.extend(show_chunks(rows));
    }
    Ok(found)
}

/// Some chunks of one series by their numbers.
pub fn chunks_of(conn: &mut Conn, id: Id, resolution: Resolution, numbers: &[i64]) -> Result<Vec<Chunk>> {
    let mut found = Vec::new();
    for some in numbers.chunks(500) {
        let rows: Vec<ChunkRow> = chunks::table
            .filter(chunks::series_id.eq(DbId(id)))
            .filter(chunks::resolution.eq(resolution.number()))
            .filter(chunks::chunk.eq_any(some))
            .load(conn)?;
        found.extend(show_chunks(rows));
    }
    Ok(found)
}

/// The nearest raw chunk of a series before a number, or after it.
pub fn nearest_raw(conn: &mut Conn, id: Id, number: i64, is_before: bool) -> Result<Option<Chunk>> {
    let raw =
        chunks::table.filter(chunks::series_id.eq(DbId(id))).filter(chunks::resolution.eq(Resolution::Raw.number()));
    let row: Option<ChunkRow> = if is_before {
        raw.filter(chunks::chunk.lt(number)).order(chunks::chunk.desc()).first(conn).optional()?
    } else {
        raw.filter(chunks::chunk.gt(number)).order(chunks::chunk.asc()).first(conn).optional()?
    };
    Ok(show_chunks(row.into_iter().collect()).pop())
}

/// The number of the oldest chunk of each of these series in a resolution.
pub fn oldest(conn: &mut Conn, of: &[Id], resolution: Resolution) -> Result<HashMap<Id, i64>> {
    let rows: Vec<(DbId, Option<i64>)> = chunks::table
        .filter(chunks::series_id.eq_any(of.iter().map(|id| DbId(*id))))
        .filter(chunks::resolution.eq(resolution.number()))
        .group_by(chunks::series_id)
        .select((chunks::series_id, diesel::dsl::min(chunks::chunk)))
        .load(conn)?;
    Ok(rows.into_iter().filter_map(|(id, oldest)| Some((id.into(), oldest?))).collect())
}

/// Writes a chunk in place of what was there.
pub fn put_chunk(tx: &mut Tx<'_>, chunk: &Chunk) -> Result<()> {
    let row = ChunkRow {
        series_id: chunk.series_id.into(),
        resolution: chunk.resolution.number(),
        chunk: chunk.number,
        data: chunk.data.clone(),
        is_open: chunk.is_open,
    };
    on_each!(tx.conn, c => diesel::insert_into(chunks::table)
        .values(&row)
        .on_conflict((chunks::series_id, chunks::resolution, chunks::chunk))
        .do_update()
        .set((chunks::data.eq(&row.data), chunks::is_open.eq(row.is_open)))
        .execute(c))?;
    Ok(())
}

/// Says that a raw chunk has samples that are not rolled up yet.
pub fn open_chunk(tx: &mut Tx<'_>, id: Id, number: i64) -> Result<()> {
    diesel::update(chunks::table.find((DbId(id), Resolution::Raw.number(), number)))
        .set(chunks::is_open.eq(true))
        .execute(tx.conn)?;
    Ok(())
}

/// Raw chunks before a number that are not rolled up yet, the oldest first: their series and numbers.
pub fn open_chunks(conn: &mut Conn, before: i64, most: i64) -> Result<Vec<(Id, i64)>> {
    let rows: Vec<(DbId, i64)> = chunks::table
        .filter(chunks::is_open.eq(true))
        .filter(chunks::resolution.eq(Resolution::Raw.number()))
        .filter(chunks::chunk.lt(before))
        .order((chunks::chunk.asc(), chunks::series_id.asc()))
        .limit(most)
        .select((chunks::series_id, chunks::chunk))
        .load(conn)?;
    Ok(rows.into_iter().map(|(id, number)| (id.into(), number)).collect())
}

/// A series with its metric's id.
pub fn find(conn: &mut Conn, id: Id) -> Result<Option<Series>> {
    let row: Option<Row> = series::table.find(DbId(id)).first(conn).optional()?;
    Ok(row.map(Series::from))
}

/// Drops raw chunks of a series that are rolled up and before a number.
pub fn drop_raw(tx: &mut Tx<'_>, id: Id, before: i64) -> Result<()> {
    diesel::delete(
        chunks::table
            .filter(chunks::series_id.eq(DbId(id)))
            .filter(chunks::resolution.eq(Resolution::Raw.number()))
            .filter(chunks::chunk.lt(before))
            .filter(chunks::is_open.eq(false)),
    )
    .execute(tx.conn)?;
    Ok(())
}

/// Drops the buckets of five minutes of a series before a day.
pub fn drop_five(tx: &mut Tx<'_>, id: Id, before: i64) -> Result<()> {
    diesel::delete(
        chunks::table
            .filter(chunks::series_id.eq(DbId(id)))
            .filter(chunks::resolution.eq(Resolution::Five.number()))
            .filter(chunks::chunk.lt(before)),
    )
    .execute(tx.conn)?;
    Ok(())
}

/// Drops the chunks of a resolution before a number; answers how many.
pub fn drop_before(tx: &mut Tx<'_>, resolution: Resolution, before: i64) -> Result<usize> {
    Ok(diesel::delete(
        chunks::table
            .filter(chunks::is_open.eq(false))
            .filter(chunks::resolution.eq(resolution.number()))
            .filter(chunks::chunk.lt(before)),
    )
    .execute(tx.conn)?)
}
