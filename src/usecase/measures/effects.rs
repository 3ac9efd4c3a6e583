//! The effect of a release: complaints, recurrences and metrics before and after it.

use std::collections::BTreeMap;

use chrono_tz::Tz;

use super::reading;
use super::zone::zone_of;
use crate::domain::base::{Id, Time};
use crate::domain::measures::comparing::comparison::{
    Daily, EffectVerdict, MOST_WEEKS, Measured, PLACEBO_DAYS, Placebo, Windows, compare_counts, compare_values,
    placebo, verdict_of_counts, verdict_of_values,
};
use crate::domain::measures::effect::{
    ClipKind, ClippedBy, EffectReason, EffectSubject, EffectWindows, MeasuredEffect, PlaceboRank, ReleaseEffect,
};
use crate::domain::measures::metric::Metric;
use crate::domain::measures::sampling::local_days::{date_of, day_of, start_of};
use crate::domain::releases::Release;
use crate::error::Result;
use crate::store::Conn;
use crate::store::measures::effects::{self, Happened};
use crate::store::measures::{metrics, series};
use crate::store::releases::rows;
use crate::store::team::products;

/// Incidents that are looked at.
const INCIDENTS: i64 = 1000;
/// The version of the definitions.
const DEFINITION: i32 = 1;

/// The effect of a release.
///
/// # Errors
/// 404.
pub fn of_release(conn: &mut Conn, id: Id, now: Time) -> Result<ReleaseEffect> {
    let release = rows::get(conn, id)?;
    let zone = zone_of(&products::get(conn, release.product_id)?);
    let Some(at) = release.deployed_at.or(release.shipped_at) else { return Ok(unshipped(&release, zone)) };
    let all = effects::releases_of(conn, release.product_id)?;
    let around = Around::of(conn, &release, (at, now), zone, &all)?;
    let mut measures = complaints(conn, &release, &around)?;
    let verdict = measures.first().map_or(EffectVerdict::CannotTell, |first| first.verdict);
    measures.push(recurrences(conn, &release, &around)?);
    measures.extend(of_metrics(conn, &release, &around)?);
    Ok(ReleaseEffect {
        release_id: id,
        verdict,
        at: Some(at),
        time_zone: zone.name().to_owned(),
        windows: around.windows.are_enough().then(|| shown(around.windows)),
        clipped_by: around.clipped_by,
        looked_at: measures.len(),
        measures,
        definition: DEFINITION,
    })
}

fn unshipped(release: &Release, zone: Tz) -> ReleaseEffect {
    let nothing = MeasuredEffect { reason: Some(EffectReason::NotShipped), ..unmeasured(EffectSubject::Complaints) };
    ReleaseEffect {
        release_id: release.id,
        verdict: EffectVerdict::CannotTell,
        at: None,
        time_zone: zone.name().to_owned(),
        windows: None,
        clipped_by: Vec::new(),
        measures: vec![nothing],
        looked_at: 0,
        definition: DEFINITION,
    }
}

fn shown(windows: Windows) -> EffectWindows {
    let date = |day: i64| date_of(day).to_string();
    EffectWindows {
        weeks: windows.weeks,
        before_from: date(windows.before().start),
        before_to: date(windows.before().end - 1),
        after_from: date(windows.after().start),
        after_to: date(windows.after().end - 1),
    }
}

/// The days around a release.
struct Around {
    zone: Tz,
    windows: Windows,
    clipped_by: Vec<ClippedBy>,
    /// The first day of the product's feedback.
    first: i64,
    /// The days of all releases of the product.
    releases: Vec<i64>,
    /// Seeds the bootstrap.
    seed: u64,
}

impl Around {
    fn of(conn: &mut Conn, release: &Release, (at, now): (Time, Time), zone: Tz, all: &[Happened]) -> Result<Self> {
        let local = |time: Time| day_of(zone, time.0.div_euclid(1_000_000));
        let (day, today) = (local(at), local(now));
        let first = effects::first_said(conn, release.product_id)?.map_or(day, local);
        let others = all.iter().filter(|other| other.id != release.id);
        let bound = |other: &Happened| Bound {
            day: local(other.at),
            kind: ClipKind::Release,
            id: Some(other.id),
            name: Some(other.name.clone()),
        };
        let mut bounds: Vec<Bound> = others.map(bound).collect();
        let (from, to) = (at.plus(-(MOST_WEEKS * 7 + 2) * Time::DAY), now);
        let incidents = effects::incidents_between(conn, Some(release.product_id), from, to, INCIDENTS)?;
        let severe = incidents.into_iter().filter(|incident| incident.severity <= 2 && local(incident.at) != day);
        bounds.extend(severe.map(|incident| Bound {
            day: local(incident.at),
            kind: ClipKind::Incident,
            id: Some(incident.id),
            name: Some(incident.title),
        }));
        bounds.push(Bound { day: today, kind: ClipKind::Today, id: None, name: None });
        let before = bounds.iter().filter(|bound| bound.day <= day && bound.kind != ClipKind::Today);
        let before = before.max_by_key(|bound| bound.day).cloned();
        let after = bounds.iter().filter(|bound| bound.day > day || bound.kind == ClipKind::Today);
        let after = after.min_by_key(|bound| bound.day).cloned();
        let left = before.as_ref().map(|bound| bound.day);
        let right = after.as_ref().map_or(today, |bound| bound.day);
        let windows = Windows::around(day, left, right);
        let whole = MOST_WEEKS * 7;
        let clips = |bound: &Bound| bound.day.abs_diff(day) <= whole.unsigned_abs();
        let clipped_by = [before, after].into_iter().flatten().filter(clips).map(ClippedBy::from).collect();
        let releases = all.iter().map(|other| local(other.at)).collect();
        let seed = release.id.0.as_u128() as u64;
        Ok(Self { zone, windows, clipped_by, first, releases, seed })
    }

    /// The period that is read: the windows, and those of placebo days.
    fn days(&self) -> [i64; 2] {
        [self.windows.day - PLACEBO_DAYS - self.windows.days(), self.windows.after().end]
    }

    fn period(&self) -> (Time, Time) {
        let [first, last] = self.days().map(|day| Time(start_of(self.zone, day) * 1_000_000));
        (first, last)
    }

    fn day(&self, time: Time) -> i64 {
        day_of(self.zone, time.0.div_euclid(1_000_000))
    }

    /// Counts by day.
    fn counted(&self, times: impl Iterator<Item = Time>) -> Daily {
        let mut daily = Daily::new();
        times.for_each(|time| *daily.entry(self.day(time)).or_default() += 1.0);
        daily
    }

    fn placebo(&self, daily: &Daily, measured: Measured, first: i64) -> Option<Placebo> {
        placebo(daily, measured, self.windows, first, &self.releases)
    }
}

/// A day that no window may have.
#[derive(Clone)]
struct Bound {
    day: i64,
    kind: ClipKind,
    id: Option<Id>,
    name: Option<String>,
}

impl From<Bound> for ClippedBy {
    fn from(bound: Bound) -> Self {
        Self { kind: bound.kind, id: bound.id, name: bound.name, date: date_of(bound.day).to_string() }
    }
}

/// A number of which nothing is known.
fn unmeasured(subject: EffectSubject) -> MeasuredEffect {
    MeasuredEffect {
        subject,
        id: None,
        name: None,
        unit: None,
        verdict: EffectVerdict::CannotTell,
        reason: None,
        before: None,
        after: None,
        ratio: None,
        difference: None,
        low: None,
        high: None,
        n: 0,
        p: None,
        phi: None,
        placebo: None,
    }
}

fn ranked(placebo: Option<Placebo>) -> Option<PlaceboRank> {
    placebo.map(|placebo| PlaceboRank { rank: placebo.rank, of: placebo.of })
}

/// Why nothing is said although there are numbers.
fn why(verdict: EffectVerdict, placebo: Option<Placebo>, is_outside: bool) -> Option<EffectReason> {
    let is_ordinary = placebo.is_some_and(|placebo| placebo.says_something() && !placebo.is_rare());
    match verdict {
        EffectVerdict::CannotTell if is_outside && is_ordinary => Some(EffectReason::Ordinary),
        EffectVerdict::CannotTell => Some(EffectReason::WithinChance),
        _ => None,
    }
}

/// Feedback of all themes of the release's stories, and of each.
fn complaints(conn: &mut Conn, release: &Release, around: &Around) -> Result<Vec<MeasuredEffect>> {
    let stories: Vec<Id> = release.aboard().map(|story| story.story_id).collect();
    let themes = effects::themes_of(conn, &stories)?;
    let ids: Vec<Id> = themes.iter().map(|(id, _)| *id).collect();
    let (from, to) = around.period();
    let said = effects::said(conn, &ids, from, to)?;
    let mut by_theme: BTreeMap<Id, Vec<Time>> = BTreeMap::new();
    for (theme, at) in &said {
        by_theme.entry(*theme).or_default().push(*at);
    }
    let all = around.counted(said.iter().map(|(_, at)| *at));
    let mut found = vec![of_counts(EffectSubject::Complaints, &all, around)];
    if themes.len() > 1 {
        for (id, label) in themes {
            let daily = around.counted(by_theme.remove(&id).into_iter().flatten());
            let measured = of_counts(EffectSubject::Theme, &daily, around);
            found.push(MeasuredEffect { id: Some(id), name: Some(label), ..measured });
        }
    }
    Ok(found)
}

fn recurrences(conn: &mut Conn, release: &Release, around: &Around) -> Result<MeasuredEffect> {
    let (from, to) = around.period();
    let noticed = effects::recurred(conn, release.product_id, from, to)?;
    Ok(of_counts(EffectSubject::Recurrences, &around.counted(noticed.into_iter()), around))
}

fn of_counts(subject: EffectSubject, daily: &Daily, around: &Around) -> MeasuredEffect {
    let windows = around.windows;
    if !windows.are_enough() {
        return MeasuredEffect { reason: Some(EffectReason::TooShort), ..unmeasured(subject) };
    }
    if around.first > windows.before().start {
        return MeasuredEffect { reason: Some(EffectReason::NoData), ..unmeasured(subject) };
    }
    let change = compare_counts(daily, windows);
    let placebo = around.placebo(daily, Measured::Counts, around.first);
    let verdict = verdict_of_counts(&change, placebo);
    let is_outside = change.low > 1.0 || change.high.is_some_and(|high| high < 1.0);
    MeasuredEffect {
        verdict,
        reason: why(verdict, placebo, is_outside),
        before: Some(change.before),
        after: Some(change.after),
        ratio: change.ratio,
        low: Some(change.low),
        high: change.high,
        n: (change.before + change.after) as i64,
        p: Some(change.p),
        phi: Some(change.phi),
        placebo: ranked(placebo),
        ..unmeasured(subject)
    }
}

/// The metrics of the product.
fn of_metrics(conn: &mut Conn, release: &Release, around: &Around) -> Result<Vec<MeasuredEffect>> {
    let metrics = metrics::of_product(conn, release.product_id)?;
    let ids: Vec<Id> = metrics.iter().map(|metric| metric.id).collect();
    let (own, found) = if around.windows.are_enough() {
        let own = series::of_metrics(conn, &ids)?;
        let found = reading::daily(conn, &metrics, &own, around.zone, around.days())?;
        (own, found)
    } else {
        Default::default()
    };
    let one = |metric: &Metric| {
        let of_series = own.iter().filter(|series| series.metric_id == metric.id);
        let days = reading::together(of_series.filter_map(|series| found.get(&series.id)));
        let daily = days.iter().map(|(day, bucket)| (*day, reading::amount(bucket, metric.counter))).collect();
        of_metric(metric, &daily, around)
    };
    Ok(metrics.iter().map(one).collect())
}

fn of_metric(metric: &Metric, daily: &Daily, around: &Around) -> MeasuredEffect {
    let named = MeasuredEffect {
        id: Some(metric.id),
        name: Some(metric.name.clone()),
        unit: metric.unit.clone(),
        ..unmeasured(EffectSubject::Metric)
    };
    if !around.windows.are_enough() {
        return MeasuredEffect { reason: Some(EffectReason::TooShort), ..named };
    }
    let seed = around.seed ^ metric.id.0.as_u128() as u64;
    let Some(change) = compare_values(daily, around.windows, seed) else {
        return MeasuredEffect { reason: Some(EffectReason::TooFewValues), ..named };
    };
    let first = daily.keys().next().copied().unwrap_or(around.windows.day);
    let placebo = around.placebo(daily, Measured::Values, first);
    let verdict = verdict_of_values(&change, placebo);
    MeasuredEffect {
        verdict,
        reason: why(verdict, placebo, change.low > 0.0 || change.high < 0.0),
        before: Some(change.before),
        after: Some(change.after),
        difference: Some(change.difference),
        low: Some(change.low),
        high: Some(change.high),
        n: change.pairs as i64,
        placebo: ranked(placebo),
        ..named
    }
}
