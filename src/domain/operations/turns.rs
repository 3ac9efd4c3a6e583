//! When turns begin. All of it is computed in local time, so that no shift moves by an hour when the clock changes.

use chrono::{DateTime, Months, NaiveDateTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;

use super::rota::{Rota, TurnUnit, time_of_day};
use crate::domain::base::Time;

/// The instant of a local time. Where the clock skips it, the first instant after; where it occurs twice, the first one.
/// A later local time never has an earlier instant, so turns neither overlap nor leave a hole.
pub fn instant(zone: Tz, local: NaiveDateTime) -> Time {
    let there = |seconds: i64| {
        let later = local.checked_add_signed(TimeDelta::seconds(seconds))?;
        zone.from_local_datetime(&later).earliest().map(|found| found.with_timezone(&Utc))
    };
    if let Some(found) = there(0) {
        return found.into();
    }
    // Local times are skipped by the hour or less, once by a whole day (Samoa, 2011): find the end of the gap to the second.
    let (mut skipped, mut found) = (0, 3_600);
    while there(found).is_none() && found < 3 * 86_400 {
        skipped = found;
        found += 3_600;
    }
    while found - skipped > 1 {
        let middle = (skipped + found) / 2;
        if there(middle).is_some() { found = middle } else { skipped = middle }
    }
    there(found).map_or_else(|| local.and_utc().into(), Time::from)
}

/// The local time of an instant.
pub fn local(zone: Tz, at: Time) -> NaiveDateTime {
    let utc = DateTime::<Utc>::from_timestamp_micros(at.0).unwrap_or_default();
    utc.with_timezone(&zone).naive_local()
}

/// The turns of a rota, numbered from 0.
#[derive(Clone, Copy, Debug)]
pub struct Turns {
    /// The time zone in which they change.
    pub zone: Tz,
    start: NaiveDateTime,
    unit: TurnUnit,
    length: i64,
}

impl Turns {
    /// The turns of this rota; in UTC if its time zone is no longer known.
    pub fn of(rota: &Rota) -> Self {
        Self {
            zone: rota.time_zone.parse().unwrap_or(Tz::UTC),
            start: rota.start.and_time(time_of_day(&rota.hand_over)),
            unit: rota.every,
            length: i64::from(rota.length.max(1)),
        }
    }

    /// When a turn begins.
    pub fn begin(&self, turn: i64) -> Time {
        let count = turn.saturating_mul(self.length);
        let moved = match self.unit {
            TurnUnit::Hour => TimeDelta::try_hours(count).and_then(|by| self.start.checked_add_signed(by)),
            TurnUnit::Day => TimeDelta::try_days(count).and_then(|by| self.start.checked_add_signed(by)),
            TurnUnit::Week => TimeDelta::try_weeks(count).and_then(|by| self.start.checked_add_signed(by)),
            // A month without this day ends with its last one.
            TurnUnit::Month => u32::try_from(count).ok().and_then(|by| self.start.checked_add_months(Months::new(by))),
        };
        instant(self.zone, moved.unwrap_or(NaiveDateTime::MAX))
    }

    /// The turn at an instant; `None` before the first.
    pub fn at(&self, at: Time) -> Option<i64> {
        let since = local(self.zone, at) - self.start;
        let unit = match self.unit {
            TurnUnit::Hour => since.num_hours(),
            TurnUnit::Day => since.num_days(),
            TurnUnit::Week => since.num_weeks(),
            TurnUnit::Month => since.num_days() / 31,
        };
        let mut turn = unit.div_euclid(self.length).max(0);
        while turn > 0 && self.begin(turn) > at {
            turn -= 1;
        }
        while self.begin(turn + 1) <= at {
            turn += 1;
        }
        (self.begin(turn) <= at).then_some(turn)
    }
}
