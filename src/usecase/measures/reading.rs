//! Reading series: in the resolution that a period needs, with the samples that are not rolled up yet.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono_tz::Tz;

use super::rolling::local_day;
use super::zone::zone_of;
use crate::domain::base::{Id, Page, Time};
use crate::domain::measures::metric::{Metric, MetricSummary, MetricTrend, MetricValue};
use crate::domain::measures::sampling::buckets::{self, Bucket, Buckets};
use crate::domain::measures::sampling::local_days;
use crate::domain::measures::sampling::resolution::{DAY, FIVE, HOUR, Resolution};
use crate::domain::measures::sampling::samples::{RawHour, increases};
use crate::domain::measures::selector::Selector;
use crate::domain::measures::series::{MOST_POINTS, MetricSeries, OneSeries, Point, SeriesQuery, SeriesStep};
use crate::error::{Error, FieldError, Result};
use crate::store::Conn;
use crate::store::measures::series::{self, Chunk, Series};
use crate::store::team::products;

/// The period where none is asked for, in days.
const USUAL_DAYS: i64 = 28;
/// Points of a series where no step is asked for.
const USUAL_POINTS: i64 = 400;

/// The series of a metric in a period.
///
/// # Errors
/// 422 for a period, a step or labels that can't be read.
pub fn read(conn: &mut Conn, metric: &Metric, query: &SeriesQuery, now: Time) -> Result<MetricSeries> {
    let zone = zone_of(&products::get(conn, metric.product_id)?);
    let mut found = read_all(conn, std::slice::from_ref(metric), zone, query, now)?;
    found.pop().ok_or_else(|| Error::not_found("metric"))
}

/// As [`read`], of several metrics of one time zone, with as many statements as for one.
pub fn read_all(
    conn: &mut Conn,
    metrics: &[Metric],
    zone: Tz,
    query: &SeriesQuery,
    now: Time,
) -> Result<Vec<MetricSeries>> {
    let (window, selector) = window(query, now)?;
    let ids: Vec<Id> = metrics.iter().map(|metric| metric.id).collect();
    let mut own = series::of_metrics(conn, &ids)?;
    own.retain(|series| selector.as_ref().is_none_or(|selector| selector.matches(&series.labels)));
    let mut points = points(conn, metrics, &own, &window, zone)?;
    let mut of_metrics: HashMap<Id, Vec<OneSeries>> = HashMap::new();
    for series in own {
        let points = points.remove(&series.id).unwrap_or_default();
        of_metrics.entry(series.metric_id).or_default().push(OneSeries { points, labels: series.labels });
    }
    let one = |metric: &Metric| MetricSeries {
        metric_id: metric.id,
        key: metric.key.clone(),
        unit: metric.unit.clone(),
        from: Time(window.from * 1_000_000),
        to: Time(window.to * 1_000_000),
        step: window.step.to_string(),
        coarser: window.is_coarser,
        time_zone: zone.name().to_owned(),
        series: of_metrics.remove(&metric.id).unwrap_or_default(),
    };
    Ok(metrics.iter().map(one).collect())
}

/// A period in seconds since 1970, and the length of its points.
struct Window {
    from: i64,
    to: i64,
    step: SeriesStep,
    is_coarser: bool,
}

fn window(query: &SeriesQuery, now: Time) -> Result<(Window, Option<Selector>)> {
    let seconds = |time: Time| time.0.div_euclid(1_000_000);
    let to = query.to.map_or(seconds(now) + 1, seconds);
    let from = query.from.map_or(to - USUAL_DAYS * DAY, seconds);
    let mut wrong = Vec::new();
    if from >= to {
        wrong.push(FieldError::new("/from", "range", "must be before `to`"));
    }
    let asked = query.step.as_deref().map(SeriesStep::parse).transpose();
    let asked = asked.unwrap_or_else(|why| {
        wrong.push(FieldError::new("/step", "format", why));
        None
    });
    let selector = query.labels.as_deref().map(Selector::of_labels).transpose().unwrap_or_else(|why| {
        wrong.push(FieldError::new("/labels", "format", why));
        None
    });
    let days_back = (seconds(now) - from).div_euclid(DAY);
    let step = match asked {
        Some(step) => step.reaching(days_back),
        None => SeriesStep::for_period(to - from, days_back, USUAL_POINTS),
    };
    if wrong.is_empty() && (to - from) / step.seconds() > MOST_POINTS {
        let detail = format!("would give more than {MOST_POINTS} points: ask for a longer step or a shorter period");
        wrong.push(FieldError::new("/step", "too_many_points", detail));
    }
    if !wrong.is_empty() {
        return Err(Error::invalid(wrong));
    }
    Ok((Window { from, to, step, is_coarser: asked.is_some_and(|asked| asked != step) }, selector))
}

/// The points of series, by their ids.
fn points(
    conn: &mut Conn,
    metrics: &[Metric],
    own: &[Series],
    window: &Window,
    zone: Tz,
) -> Result<HashMap<Id, Vec<Point>>> {
    let days = [window.from, window.to - 1].map(|second| local_days::day_of(zone, second));
    let stored = Stored::read(conn, metrics, own, window, days)?;
    let one = |series: &Series| {
        let found = match window.step {
            SeriesStep::Minutes(minutes) => stored.minutes(series.id, minutes * 60),
            SeriesStep::Hours(hours) => stored.hours(series.id, hours),
            SeriesStep::Day => stored.days(series.id, zone, days),
        };
        let from = match window.step {
            SeriesStep::Day => local_days::start_of(zone, days[0]),
            step => window.from.div_euclid(step.seconds()) * step.seconds(),
        };
        let inside = found.into_iter().filter(|(at, _)| (from..window.to).contains(at));
        (series.id, inside.map(|(at, bucket)| point(at, &bucket)).collect())
    };
    Ok(own.iter().map(one).collect())
}

fn point(at: i64, bucket: &Bucket) -> Point {
    let Bucket { count, sum, min, max, last } = *bucket;
    Point { at: Time(at * 1_000_000), count, sum, min, max, last, mean: bucket.mean() }
}

/// The buckets of a day of each series of some metrics, from one local day to another (both included).
pub fn daily(
    conn: &mut Conn,
    metrics: &[Metric],
    own: &[Series],
    zone: Tz,
    days: [i64; 2],
) -> Result<HashMap<Id, Buckets>> {
    let (from, to) = (local_days::start_of(zone, days[0]), local_days::start_of(zone, days[1] + 1));
    let window = Window { from, to, step: SeriesStep::Day, is_coarser: false };
    let stored = Stored::read(conn, metrics, own, &window, days)?;
    let of_series = |series: &Series| {
        let found = stored.days(series.id, zone, days);
        (series.id, found.into_iter().map(|(at, bucket)| (local_days::day_of(zone, at), bucket)).collect())
    };
    Ok(own.iter().map(of_series).collect())
}

/// What is stored of some series in a period.
struct Stored {
    /// Buckets of five minutes, with the samples that are not rolled up yet.
    five: HashMap<Id, Buckets>,
    /// The first day in UTC of which there are buckets of five minutes; what is coarser goes before them.
    five_from: HashMap<Id, i64>,
    hours: HashMap<Id, Buckets>,
    days: HashMap<Id, Buckets>,
}

impl Stored {
    fn read(conn: &mut Conn, metrics: &[Metric], own: &[Series], window: &Window, days: [i64; 2]) -> Result<Self> {
        let counters: HashSet<Id> = metrics.iter().filter(|metric| metric.counter).map(|metric| metric.id).collect();
        let counters: HashSet<Id> =
            own.iter().filter(|series| counters.contains(&series.metric_id)).map(|series| series.id).collect();
        let ids: Vec<Id> = own.iter().map(|series| series.id).collect();
        let utc = (window.from - DAY).div_euclid(DAY)..=(window.to + DAY).div_euclid(DAY);
        let mut five = unpacked(series::chunks_between(conn, &ids, Resolution::Five, utc.clone())?);
        let mut five_from = series::oldest(conn, &ids, Resolution::Five)?;
        let raw = series::chunks_between(conn, &ids, Resolution::Raw, i64::MIN..=i64::MAX)?;
        add_raw(&mut five, &mut five_from, &counters, raw, &utc);
        let between = |resolution: Resolution, first: i64, last: i64| {
            first.div_euclid(resolution.buckets())..=last.div_euclid(resolution.buckets())
        };
        let hours = match window.step {
            SeriesStep::Hours(_) => {
                // A step of several hours begins before the period.
                let between = between(Resolution::Hour, window.from.div_euclid(HOUR) - 24, window.to.div_euclid(HOUR));
                unpacked(series::chunks_between(conn, &ids, Resolution::Hour, between)?)
            }
            _ => HashMap::new(),
        };
        let days = match window.step {
            SeriesStep::Day => {
                let between = between(Resolution::Day, days[0], days[1]);
                unpacked(series::chunks_between(conn, &ids, Resolution::Day, between)?)
            }
            _ => HashMap::new(),
        };
        Ok(Self { five, five_from, hours, days })
    }

    /// The first day with buckets of five minutes of a series.
    fn five_from(&self, id: Id) -> i64 {
        self.five_from.get(&id).copied().unwrap_or(i64::MAX)
    }

    /// Buckets of so many seconds, by the second in which they begin.
    fn minutes(&self, id: Id, seconds: i64) -> Buckets {
        let mut found = Buckets::new();
        for (number, bucket) in self.five.get(&id).into_iter().flatten() {
            buckets::gather(&mut found, (number * FIVE).div_euclid(seconds) * seconds, bucket);
        }
        found
    }

    fn hours(&self, id: Id, hours: i64) -> Buckets {
        let from = self.five_from(id).saturating_mul(24);
        let old = self.hours.get(&id).into_iter().flatten().filter(|(hour, _)| **hour < from);
        let mut all: Buckets = old.map(|(hour, bucket)| (*hour, *bucket)).collect();
        all.extend(self.five.get(&id).map(buckets::hours_of).unwrap_or_default());
        let mut found = Buckets::new();
        for (hour, bucket) in &all {
            buckets::gather(&mut found, hour.div_euclid(hours) * hours * HOUR, bucket);
        }
        found
    }

    fn days(&self, id: Id, zone: Tz, [first, last]: [i64; 2]) -> Buckets {
        let (from, five) = (self.five_from(id), self.five.get(&id));
        let bucket = |day: i64| {
            let start = local_days::start_of(zone, day);
            let old = self.days.get(&id).and_then(|days| days.get(&day)).copied();
            let own = || five.and_then(|five| local_day(five, zone, day));
            let bucket = if start.div_euclid(DAY) >= from { own() } else { old.or_else(own) };
            Some((start, bucket?))
        };
        (first..=last).filter_map(bucket).collect()
    }
}

/// Chunks of buckets, by their series.
fn unpacked(chunks: Vec<Chunk>) -> HashMap<Id, Buckets> {
    let mut found: HashMap<Id, Buckets> = HashMap::new();
    for chunk in chunks {
        found.entry(chunk.series_id).or_default().extend(buckets::unpack(chunk.resolution, chunk.number, &chunk.data));
    }
    found
}

/// Puts the buckets of hours that are not rolled up yet in place of those that are stored. Chunks are in the order of
/// their series and time.
fn add_raw(
    five: &mut HashMap<Id, Buckets>,
    five_from: &mut HashMap<Id, i64>,
    counters: &HashSet<Id>,
    chunks: Vec<Chunk>,
    days: &std::ops::RangeInclusive<i64>,
) {
    let mut before = None;
    for chunk in chunks {
        let raw = RawHour::unpack(chunk.number, &chunk.data).0;
        let last = raw.last().map(|sample| (chunk.series_id, *sample));
        let earlier = before.filter(|(id, _)| *id == chunk.series_id).map(|(_, sample)| sample);
        before = last.or(before);
        let day = chunk.number.div_euclid(24);
        if !chunk.is_open || !days.contains(&day) {
            continue;
        }
        let own = if counters.contains(&chunk.series_id) { increases(earlier, &raw) } else { raw };
        let of_series = five.entry(chunk.series_id).or_default();
        let replaced = chunk.number * (HOUR / FIVE)..(chunk.number + 1) * (HOUR / FIVE);
        of_series.retain(|number, _| !replaced.contains(number));
        of_series.extend(buckets::of_samples(&own));
        five_from.entry(chunk.series_id).and_modify(|from| *from = day.min(*from)).or_insert(day);
    }
}

/// Metrics with their last values and trends, in their order.
pub fn summaries(conn: &mut Conn, metrics: Page<Metric>, now: Time) -> Result<Page<MetricSummary>> {
    let data = summaries_of(conn, metrics.data, now)?;
    Ok(Page { data, next_cursor: metrics.next_cursor })
}

/// As [`summaries`], of a list that is no page.
pub fn summaries_of(conn: &mut Conn, metrics: Vec<Metric>, now: Time) -> Result<Vec<MetricSummary>> {
    let ids: Vec<Id> = metrics.iter().map(|metric| metric.id).collect();
    let own = series::of_metrics(conn, &ids)?;
    let zones: HashMap<Id, Tz> =
        products::all(conn)?.into_iter().map(|product| (product.id, zone_of(&product))).collect();
    let today = local_days::day_of(Tz::UTC, now.0.div_euclid(1_000_000));
    let chunk = |day: i64| day.div_euclid(Resolution::Day.buckets());
    let all: Vec<Id> = own.iter().map(|series| series.id).collect();
    let days = unpacked(series::chunks_between(conn, &all, Resolution::Day, chunk(today - 16)..=chunk(today + 1))?);
    let one = |metric: Metric| {
        let own: Vec<&Series> = own.iter().filter(|series| series.metric_id == metric.id).collect();
        let last = own.iter().map(|series| series.last).max_by_key(|last| last.at);
        let last = last.map(|last| MetricValue { at: Time(last.at.saturating_mul(1000)), value: last.value });
        let zone = zones.get(&metric.product_id).copied().unwrap_or(Tz::UTC);
        let today = local_days::day_of(zone, now.0.div_euclid(1_000_000));
        let of_series = own.iter().filter_map(|series| days.get(&series.id));
        let trend = trend(&together(of_series), metric.counter, today);
        MetricSummary { metric, last, trend }
    };
    Ok(metrics.into_iter().map(one).collect())
}

/// The buckets of several series together.
pub fn together<'a>(of_series: impl Iterator<Item = &'a Buckets>) -> Buckets {
    let mut all = Buckets::new();
    for buckets in of_series {
        for (number, bucket) in buckets {
            buckets::gather(&mut all, *number, bucket);
        }
    }
    all
}

/// What a day of a metric amounts to: the mean of its samples, for a counter the sum of its increases.
pub fn amount(bucket: &Bucket, counter: bool) -> f64 {
    if counter { bucket.sum } else { bucket.mean() }
}

fn trend(days: &Buckets, counter: bool, today: i64) -> Option<MetricTrend> {
    let week = |to: i64| {
        let mut found = BTreeMap::new();
        days.range(to - 7..to).for_each(|(_, bucket)| buckets::gather(&mut found, 0, bucket));
        found.get(&0).map(|bucket| amount(bucket, counter))
    };
    Some(MetricTrend { last_7_days: week(today)?, previous_7_days: week(today - 7)? })
}
