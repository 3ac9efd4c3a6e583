//! Rolling up: samples become buckets of five minutes, of hours and of days. A roll-up replaces what it computes, so that
//! doing it again changes nothing, and a late sample is rolled up with all others of its hour.

use std::collections::{BTreeMap, BTreeSet};

use chrono_tz::Tz;

use crate::domain::base::Id;
use crate::domain::measures::sampling::buckets::{self, Bucket, Buckets};
use crate::domain::measures::sampling::local_days;
use crate::domain::measures::sampling::resolution::{DAY, FIVE, HOUR, Resolution};
use crate::domain::measures::sampling::samples::{RawHour, Sample, hour_of, increases};
use crate::error::Result;
use crate::store::measures::metrics;
use crate::store::measures::series::{self, Chunk, Series};
use crate::store::team::products;
use crate::store::{Conn, Tx};
use crate::usecase::measures::zone::zone_of;

/// Raw chunks that are rolled up in one transaction.
const AT_ONCE: i64 = 200;
/// Raw hours that are kept behind the newest sample of a series: those that a late sample may meet, and the one before.
const RAW_HOURS: i64 = 26;

/// Rolls up some hours that are over and not rolled up yet, and drops what is no longer kept of their series. Answers
/// how many hours were rolled up.
pub fn roll_some(tx: &mut Tx<'_>) -> Result<usize> {
    let now = tx.now.0.div_euclid(1_000_000);
    let open = series::open_chunks(tx.conn, now.div_euclid(HOUR), AT_ONCE)?;
    let mut by_series: BTreeMap<Id, Vec<i64>> = BTreeMap::new();
    for (id, hour) in &open {
        by_series.entry(*id).or_default().push(*hour);
    }
    let mut found = Vec::with_capacity(by_series.len());
    for (id, hours) in by_series {
        found.extend(series::find(tx.conn, id)?.map(|own| (own, hours)));
    }
    // In the order of their metrics, as a remote write locks them, so that the two never wait for each other.
    found.sort_by_key(|(own, _)| own.metric_id);
    for (own, hours) in found {
        roll_series(tx, &own, &hours)?;
    }
    Ok(open.len())
}

/// Drops the buckets of hours and days that are no longer kept. Answers how many chunks there were.
pub fn drop_old(tx: &mut Tx<'_>) -> Result<usize> {
    let today = tx.now.0.div_euclid(DAY * 1_000_000);
    let hours = series::drop_before(tx, Resolution::Hour, Resolution::Hour.oldest_kept(today))?;
    Ok(hours + series::drop_before(tx, Resolution::Day, Resolution::Day.oldest_kept(today))?)
}

fn roll_series(tx: &mut Tx<'_>, own: &Series, hours: &[i64]) -> Result<()> {
    let id = own.id;
    // Locked against samples that come in meanwhile.
    let metric = metrics::lock(tx, own.metric_id)?;
    let zone = zone_of(&products::get(tx.conn, metric.product_id)?);
    let mut rolled: BTreeMap<i64, Buckets> = BTreeMap::new();
    for chunk in series::chunks_of(tx.conn, id, Resolution::Raw, hours)? {
        let raw = RawHour::unpack(chunk.number, &chunk.data);
        let own = values(tx.conn, id, metric.counter, chunk.number, &raw)?;
        rolled.insert(chunk.number, buckets::of_samples(&own));
        series::put_chunk(tx, &Chunk { is_open: false, ..chunk })?;
    }
    put_five(tx, id, &rolled)?;
    put_hours(tx, id, &rolled)?;
    put_days(tx, id, zone, &rolled)?;
    drop_fine(tx, own)
}

/// The values of the samples of an hour: of a counter, its increases.
fn values(conn: &mut Conn, id: Id, counter: bool, hour: i64, raw: &RawHour) -> Result<Vec<Sample>> {
    if !counter {
        return Ok(raw.0.clone());
    }
    let earlier = series::nearest_raw(conn, id, hour, true)?;
    let before = earlier.and_then(|chunk| RawHour::unpack(chunk.number, &chunk.data).0.last().copied());
    Ok(increases(before, &raw.0))
}

/// Buckets by the number of their chunk, with what is stored there already.
fn stored(tx: &mut Tx<'_>, id: Id, resolution: Resolution, chunks: &BTreeSet<i64>) -> Result<BTreeMap<i64, Buckets>> {
    let numbers: Vec<i64> = chunks.iter().copied().collect();
    let there = series::chunks_of(tx.conn, id, resolution, &numbers)?;
    let mut found: BTreeMap<i64, Buckets> = numbers.into_iter().map(|number| (number, Buckets::new())).collect();
    for chunk in there {
        found.insert(chunk.number, buckets::unpack(resolution, chunk.number, &chunk.data));
    }
    Ok(found)
}

fn write(tx: &mut Tx<'_>, id: Id, resolution: Resolution, chunks: &BTreeMap<i64, Buckets>) -> Result<()> {
    for (number, buckets) in chunks {
        let data = buckets::pack(resolution, *number, buckets);
        series::put_chunk(tx, &Chunk { series_id: id, resolution, number: *number, data, is_open: false })?;
    }
    Ok(())
}

/// Replaces the buckets of five minutes of these hours.
fn put_five(tx: &mut Tx<'_>, id: Id, rolled: &BTreeMap<i64, Buckets>) -> Result<()> {
    let days: BTreeSet<i64> = rolled.keys().map(|hour| hour.div_euclid(24)).collect();
    let mut chunks = stored(tx, id, Resolution::Five, &days)?;
    for (hour, own) in rolled {
        if let Some(day) = chunks.get_mut(&hour.div_euclid(24)) {
            let replaced = hour * (HOUR / FIVE)..(hour + 1) * (HOUR / FIVE);
            day.retain(|number, _| !replaced.contains(number));
            day.extend(own.iter().map(|(number, bucket)| (*number, *bucket)));
        }
    }
    write(tx, id, Resolution::Five, &chunks)
}

/// Replaces the buckets of these hours.
fn put_hours(tx: &mut Tx<'_>, id: Id, rolled: &BTreeMap<i64, Buckets>) -> Result<()> {
    let chunk_of = |hour: &i64| hour.div_euclid(Resolution::Hour.buckets());
    let mut chunks = stored(tx, id, Resolution::Hour, &rolled.keys().map(chunk_of).collect())?;
    for (hour, own) in rolled {
        let Some(chunk) = chunks.get_mut(&chunk_of(hour)) else { continue };
        chunk.remove(hour);
        chunk.extend(buckets::hours_of(own));
    }
    write(tx, id, Resolution::Hour, &chunks)
}

/// Replaces the buckets of the local days that these hours are part of.
fn put_days(tx: &mut Tx<'_>, id: Id, zone: Tz, rolled: &BTreeMap<i64, Buckets>) -> Result<()> {
    // An hour may have the end of one local day and the begin of the next.
    let ends = rolled.keys().flat_map(|hour| [hour * HOUR, (hour + 1) * HOUR - 1]);
    let days: BTreeSet<i64> = ends.map(|second| local_days::day_of(zone, second)).collect();
    let utc = days.iter().flat_map(|day| {
        let (start, end) = (local_days::start_of(zone, *day), local_days::start_of(zone, day + 1));
        start.div_euclid(DAY)..=(end - 1).div_euclid(DAY)
    });
    let five = stored(tx, id, Resolution::Five, &utc.collect())?;
    let five: Buckets = five.into_values().flatten().collect();
    let chunk_of = |day: &i64| day.div_euclid(Resolution::Day.buckets());
    let mut chunks = stored(tx, id, Resolution::Day, &days.iter().map(chunk_of).collect())?;
    for day in &days {
        let Some(chunk) = chunks.get_mut(&chunk_of(day)) else { continue };
        chunk.remove(day);
        chunk.extend(local_day(&five, zone, *day).map(|bucket| (*day, bucket)));
    }
    write(tx, id, Resolution::Day, &chunks)
}

/// The bucket of a local day, of buckets of five minutes.
pub fn local_day(five: &Buckets, zone: Tz, day: i64) -> Option<Bucket> {
    let (start, end) = (local_days::start_of(zone, day), local_days::start_of(zone, day + 1));
    let mut of_day = five.range(start.div_euclid(FIVE)..end.div_euclid(FIVE)).map(|(_, bucket)| *bucket);
    let first = of_day.next()?;
    Some(of_day.fold(first, |mut sum, bucket| {
        sum.add(&bucket);
        sum
    }))
}

/// Drops samples and buckets of five minutes that no late sample can need any more, behind the newest of the series.
fn drop_fine(tx: &mut Tx<'_>, own: &Series) -> Result<()> {
    let newest = hour_of(own.last.at);
    series::drop_raw(tx, own.id, newest - RAW_HOURS)?;
    series::drop_five(tx, own.id, newest.div_euclid(24) - Resolution::Five.days_kept())
}
