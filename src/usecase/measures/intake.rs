//! Samples that come in: by the API, by remote write, or as answers of Prometheus.

use std::collections::{BTreeMap, HashMap};

use crate::domain::base::{Id, Time};
use crate::domain::measures::metric::{Metric, RefusedSample, SampleProblem, SamplesTaken};
use crate::domain::measures::sampling::resolution::{
    DAY, MOST_AHEAD, MOST_AN_HOUR, MOST_LATE, MOST_SERIES, MOST_SERIES_IN_ALL, Resolution,
};
use crate::domain::measures::sampling::samples::{Put, RawHour, Sample, hour_of, resets};
use crate::domain::measures::selector::{Labels, is_name};
use crate::error::{Code, Error, FieldError, Result};
use crate::store::Tx;
use crate::store::measures::metrics;
use crate::store::measures::series::{self, Chunk, Series};

/// Refused samples that an answer names.
const MOST_NAMED: usize = 100;
/// The most labels of a series, and the longest name and value of one, in characters.
const MOST_LABELS: usize = 20;
const LONGEST_NAME: usize = 100;
const LONGEST_VALUE: usize = 200;

/// A sample with the labels of its series, and its place in the request.
#[derive(Clone, Debug)]
pub struct Incoming {
    pub sample: Sample,
    pub labels: Labels,
    pub place: usize,
}

/// What is wrong with the labels of a sample.
pub fn wrong_labels(labels: &Labels, pointer: &str) -> Vec<FieldError> {
    let mut wrong = Vec::new();
    if labels.len() > MOST_LABELS {
        let detail = format!("must not have more than {MOST_LABELS} labels");
        wrong.push(FieldError::new(pointer.to_owned(), "too_many", detail));
    }
    for (name, value) in labels.iter().take(MOST_LABELS) {
        if !is_name(name, "") || name.chars().count() > LONGEST_NAME {
            let detail = format!("must have names of letters, digits and _, of at most {LONGEST_NAME} characters");
            wrong.push(FieldError::new(pointer.to_owned(), "format", detail));
        }
        if value.chars().count() > LONGEST_VALUE || value.contains('\0') {
            let detail = format!("must have values of at most {LONGEST_VALUE} characters, without NUL");
            wrong.push(FieldError::new(format!("{pointer}/{name}"), "format", detail));
        }
    }
    wrong
}

/// Adds samples to a metric that is locked, and counts what became of them. A sample at a time that its series has
/// already replaces the value there.
///
/// # Errors
/// 409 where the metric is archived.
pub fn take(tx: &mut Tx<'_>, metric: Metric, incoming: Vec<Incoming>) -> Result<SamplesTaken> {
    if metric.archived_at.is_some() {
        return Err(Error::new(Code::Conflict, "The metric is archived: it takes no samples."));
    }
    let mut intake = Intake { taken: SamplesTaken::default(), known: series::by_labels(tx.conn, metric.id)?, metric };
    let mut by_series: BTreeMap<String, Vec<Incoming>> = BTreeMap::new();
    for one in incoming {
        by_series.entry(series::key_of(&one.labels)).or_default().push(one);
    }
    for (key, mut own) in by_series {
        // The sort is stable: of two samples at one time, the one sent last stays last.
        own.sort_by_key(|one| one.sample.at);
        intake.take_series(tx, &key, own)?;
    }
    metrics::write_intake(tx, &intake.metric)?;
    Ok(intake.taken)
}

/// Samples on their way into a metric.
struct Intake {
    metric: Metric,
    known: HashMap<String, Series>,
    taken: SamplesTaken,
}

impl Intake {
    /// The samples of one series, in the order of their times.
    fn take_series(&mut self, tx: &mut Tx<'_>, key: &str, own: Vec<Incoming>) -> Result<()> {
        let there = self.known.get(key).cloned();
        let mut newest = there.as_ref().map(|series| series.last.at);
        let mut good = Vec::with_capacity(own.len());
        for one in own {
            match problem(one.sample, newest, tx.now) {
                Some((problem, detail)) => self.refuse(&one, problem, detail),
                None => {
                    newest = newest.max(Some(one.sample.at));
                    good.push(one);
                }
            }
        }
        let Some(last) = good.last().map(|one| one.sample) else { return Ok(()) };
        let is_new = there.is_none();
        let series = match there {
            Some(series) => series,
            None => match self.add_series(tx, key, &good, last)? {
                Some(series) => series,
                None => return Ok(()),
            },
        };
        if self.metric.counter {
            let readings: Vec<Sample> = good.iter().map(|one| one.sample).collect();
            let before = Some(series.last).filter(|_| !is_new);
            self.metric.intake.resets += resets(before, &readings);
        }
        let stored = self.store(tx, series.id, &good)?;
        if stored && last.at >= series.last.at {
            series::keep_last(tx, series.id, last)?;
        }
        let at = Time(last.at.saturating_mul(1000));
        self.metric.intake.last_sample_at = self.metric.intake.last_sample_at.max(Some(at));
        Ok(())
    }

    /// A new series, if there is room for it; all its samples are refused otherwise.
    fn add_series(&mut self, tx: &mut Tx<'_>, key: &str, good: &[Incoming], last: Sample) -> Result<Option<Series>> {
        let detail = if self.known.len() >= MOST_SERIES {
            format!("a metric has at most {MOST_SERIES} series; this one would be another")
        } else if series::count_to_add(tx)? >= MOST_SERIES_IN_ALL as i64 {
            format!("an instance has at most {MOST_SERIES_IN_ALL} series; this one would be another")
        } else {
            let labels = good.first().map(|one| one.labels.clone()).unwrap_or_default();
            let series = Series { id: Id::next(), metric_id: self.metric.id, labels, last };
            series::insert(tx, &series)?;
            self.known.insert(key.to_owned(), series.clone());
            return Ok(Some(series));
        };
        for one in good {
            self.refuse(one, SampleProblem::TooManySeries, detail.clone());
        }
        Ok(None)
    }

    /// Puts samples into the chunks of their hours; answers whether anything changed.
    fn store(&mut self, tx: &mut Tx<'_>, id: Id, good: &[Incoming]) -> Result<bool> {
        let mut by_hour: BTreeMap<i64, Vec<&Incoming>> = BTreeMap::new();
        for one in good {
            by_hour.entry(hour_of(one.sample.at)).or_default().push(one);
        }
        let numbers: Vec<i64> = by_hour.keys().copied().collect();
        let there = series::chunks_of(tx.conn, id, Resolution::Raw, &numbers)?;
        let mut there: HashMap<i64, Chunk> = there.into_iter().map(|chunk| (chunk.number, chunk)).collect();
        let mut stored = false;
        for (hour, own) in by_hour {
            let mut raw = there.remove(&hour).map(|chunk| RawHour::unpack(hour, &chunk.data)).unwrap_or_default();
            if !self.put(&mut raw, &own) {
                continue;
            }
            stored = true;
            let data = raw.pack(hour);
            let resolution = Resolution::Raw;
            series::put_chunk(tx, &Chunk { series_id: id, resolution, number: hour, data, is_open: true })?;
            // The first increase of the next chunk is counted from the last reading of this one.
            if self.metric.counter
                && let Some(next) = series::nearest_raw(tx.conn, id, hour, false)?
            {
                series::open_chunk(tx, id, next.number)?;
            }
        }
        Ok(stored)
    }

    /// Puts samples into their hour; answers whether it changed.
    fn put(&mut self, raw: &mut RawHour, own: &[&Incoming]) -> bool {
        let mut changed = false;
        for one in own {
            match raw.put(one.sample) {
                Put::Added => {
                    self.taken.accepted += 1;
                    self.metric.intake.accepted += 1;
                }
                Put::Replaced => {
                    self.taken.replaced += 1;
                    self.metric.intake.replaced += 1;
                }
                Put::Same => {
                    self.taken.unchanged += 1;
                    continue;
                }
                Put::Full => {
                    let detail = format!("a series has at most {MOST_AN_HOUR} samples in an hour");
                    self.refuse(one, SampleProblem::TooFrequent, detail);
                    continue;
                }
            }
            changed = true;
        }
        changed
    }

    fn refuse(&mut self, one: &Incoming, code: SampleProblem, detail: String) {
        let intake = &mut self.metric.intake;
        let count = match code {
            SampleProblem::TooOld => &mut intake.too_old,
            SampleProblem::InFuture => &mut intake.in_future,
            SampleProblem::NotFinite => &mut intake.not_finite,
            SampleProblem::TooManySeries => &mut intake.too_many_series,
            SampleProblem::TooFrequent => &mut intake.too_frequent,
        };
        *count += 1;
        self.taken.refused += 1;
        if self.taken.problems.len() < MOST_NAMED {
            self.taken.problems.push(RefusedSample { pointer: format!("/samples/{}", one.place), code, detail });
        }
    }
}

/// Why a sample can't be taken, where `newest` is the newest one of its series.
fn problem(sample: Sample, newest: Option<i64>, now: Time) -> Option<(SampleProblem, String)> {
    let now = now.0.div_euclid(1000);
    let oldest = now - Resolution::Day.days_kept() * DAY * 1000;
    if !sample.value.is_finite() {
        return Some((SampleProblem::NotFinite, "must be a finite number".to_owned()));
    }
    if sample.at > now + MOST_AHEAD {
        return Some((SampleProblem::InFuture, "is more than ten minutes in the future".to_owned()));
    }
    if sample.at < oldest {
        let detail = if sample.at.abs() < now / 500 {
            "is in 1970: the time was probably sent in seconds instead of milliseconds"
        } else {
            "is older than five years, for which samples are kept"
        };
        return Some((SampleProblem::TooOld, detail.to_owned()));
    }
    let is_late = newest.is_some_and(|newest| sample.at < newest - MOST_LATE);
    let detail =
        "is more than 24 hours behind the newest sample of its series; send history in order, the oldest first";
    is_late.then(|| (SampleProblem::TooOld, detail.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_in_seconds_is_recognized() {
        let now = Time::parse("2026-11-29T03:00:00Z").unwrap();
        let at = |at| problem(Sample { at, value: 1.0 }, None, now);
        let (code, detail) = at(now.0 / 1_000_000).unwrap();
        assert!(code == SampleProblem::TooOld && detail.contains("seconds"), "{detail}");
        assert_eq!(at(now.0 / 1000), None);
        assert_eq!(at(now.0 / 1000 + 11 * 60_000).map(|found| found.0), Some(SampleProblem::InFuture));
        assert_eq!(at(now.0 / 1000 - 6 * 366 * 86_400_000).map(|found| found.0), Some(SampleProblem::TooOld));
    }

    #[test]
    fn a_sample_may_be_a_day_behind_the_newest() {
        let now = Time::parse("2026-11-29T03:00:00Z").unwrap();
        let newest = now.0 / 1000;
        let late = |hours: i64| problem(Sample { at: newest - hours * 3_600_000, value: 1.0 }, Some(newest), now);
        assert_eq!(late(24), None);
        assert_eq!(late(25).map(|found| found.0), Some(SampleProblem::TooOld));
        assert_eq!(
            problem(Sample { at: newest, value: f64::NAN }, None, now).map(|f| f.0),
            Some(SampleProblem::NotFinite)
        );
    }
}
