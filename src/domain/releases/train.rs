//! Release trains: the regular dates on which a product's releases leave.

use chrono::{Duration, NaiveDate};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::ReleaseState;
use crate::domain::base::calendar::{self, plus_days};
use crate::domain::base::{Calendar, Id, Time};
use crate::domain::team::Train;

/// The most trains in a row that days off may put off beyond the one after them.
const PUT_OFF: i64 = 100;

impl Train {
    /// The day of the first train: the first such weekday on or after `starts_on`; `None` where that is not a date.
    pub fn first(&self) -> Option<NaiveDate> {
        let start = calendar::parse_date(&self.starts_on)?;
        (0..7).map(|n| plus_days(start, n)).find(|day| calendar::weekday(*day) == self.weekday)
    }

    /// All departures after a time, an infinite sequence; none where `starts_on` is not a date. A train whose day is off
    /// leaves on the next working day, and the later ones keep their rhythm.
    pub fn after(&self, time: Time, calendar: &Calendar) -> impl Iterator<Item = Time> + use<> {
        let mut last = time;
        self.timetable(time, calendar).map(|train| train.leaves_at).filter(move |leaves_at| {
            let is_next = *leaves_at > last;
            last = last.max(*leaves_at);
            is_next
        })
    }

    /// The trains around a time and later, by the day of their rhythm.
    fn timetable(&self, time: Time, calendar: &Calendar) -> impl Iterator<Item = Scheduled> + use<> {
        let step = i64::from(self.every_weeks.max(1)) * 7;
        let calendar = calendar.clone();
        let today = calendar.day(time);
        let near = self.first().map(|first| {
            let gone = (today - first).num_days().div_euclid(step) - PUT_OFF;
            plus_days(first, gone.max(0) * step)
        });
        let days = std::iter::successors(near, move |day| day.checked_add_signed(Duration::days(step)));
        days.map(move |day| Scheduled { day, leaves_at: calendar.start_of(leaves_on(day, &calendar)) })
    }

    /// Whether a train leaves at exactly this time.
    pub fn leaves_at(&self, time: Time, calendar: &Calendar) -> bool {
        self.after(time.plus(-1), calendar).next() == Some(time)
    }

    /// When the train that left or would leave at this time by one calendar leaves by another. What is no train of this
    /// timetable keeps its date.
    pub fn moved(&self, time: Time, before: &Calendar, after: &Calendar) -> Time {
        let known = self.timetable(time, before).take_while(|train| train.leaves_at <= time).last();
        let day = match known.filter(|train| train.leaves_at == time) {
            Some(train) => leaves_on(train.day, after),
            None => before.day(time),
        };
        after.start_of(day)
    }
}

/// A train by the day of its rhythm.
struct Scheduled {
    day: NaiveDate,
    leaves_at: Time,
}

/// The day on which a train of this day leaves.
fn leaves_on(day: NaiveDate, calendar: &Calendar) -> NaiveDate {
    let mut leaves = day;
    while calendar.days_off.contains(&leaves) || (leaves != day && !calendar.works_on(leaves)) {
        let Some(next) = leaves.succ_opt() else { break };
        leaves = next;
    }
    leaves
}

/// A departure of a product's train.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Departure {
    /// The start of the day in the product's time zone. Stories that are not ready by then take the next train.
    pub leaves_at: Time,
    /// The release for this departure; `null` until there is one.
    pub release: Option<DepartingRelease>,
}

/// The release for a departure.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct DepartingRelease {
    pub id: Id,
    #[schema(example = "1.4.0")]
    pub name: String,
    pub state: ReleaseState,
}

/// How many departures to show.
#[derive(Clone, Debug, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct DepartureQuery {
    #[param(minimum = 1, maximum = 200, default = 10)]
    pub limit: Option<i64>,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::team::Weekday;

    fn train(every_weeks: i32, weekday: Weekday, starts_on: &str) -> Train {
        Train { every_weeks, weekday, starts_on: starts_on.to_owned() }
    }

    fn calendar(zone: &str, days_off: &[&str]) -> Calendar {
        let day = |text: &&str| calendar::parse_date(text).unwrap();
        Calendar { zone: zone.parse().unwrap(), days_off: days_off.iter().map(day).collect() }
    }

    fn at(text: &str) -> Time {
        Time::parse(text).unwrap()
    }

    /// The dates of the next trains.
    fn dates(train: &Train, after: &str, calendar: &Calendar, count: usize) -> Vec<String> {
        train.after(at(after), calendar).take(count).map(|leaves| calendar.date(leaves)).collect()
    }

    #[test]
    fn every_second_tuesday() {
        let train = train(2, Weekday::Tuesday, "2026-01-05");
        let utc = Calendar::default();
        assert_eq!(dates(&train, "2025-06-01T00:00:00Z", &utc, 3), ["2026-01-06", "2026-01-20", "2026-02-03"]);
        assert_eq!(dates(&train, "2026-01-05T23:59:59Z", &utc, 3), ["2026-01-06", "2026-01-20", "2026-02-03"]);
        assert_eq!(dates(&train, "2026-01-06T00:00:00Z", &utc, 3), ["2026-01-20", "2026-02-03", "2026-02-17"]);
        assert!(train.leaves_at(at("2026-02-03T00:00:00Z"), &utc));
        assert!(!train.leaves_at(at("2026-01-27T00:00:00Z"), &utc), "a Tuesday without a train");
        assert!(!train.leaves_at(at("2026-02-03T00:00:01Z"), &utc));
    }

    #[test]
    fn trains_leave_at_local_midnight_across_daylight_saving() {
        let train = train(1, Weekday::Monday, "2026-03-16");
        let berlin = calendar("Europe/Berlin", &[]);
        let leaves: Vec<Time> = train.after(at("2026-03-17T00:00:00Z"), &berlin).take(2).collect();
        // Summer time begins between the two.
        assert_eq!(leaves, [at("2026-03-22T23:00:00Z"), at("2026-03-29T22:00:00Z")]);
        assert!(train.leaves_at(leaves[1], &berlin));
    }

    #[test]
    fn a_train_on_a_day_off_leaves_on_the_next_working_day_and_the_rhythm_stays() {
        // Seollal 2026 is on Monday to Wednesday, 16 to 18 February; 1 March is a Sunday, and Monday is off instead.
        let seoul = calendar("Asia/Seoul", &["2026-02-16", "2026-02-17", "2026-02-18", "2026-03-02"]);
        let mondays = train(1, Weekday::Monday, "2026-02-09");
        assert_eq!(
            dates(&mondays, "2026-02-01T00:00:00Z", &seoul, 5),
            ["2026-02-09", "2026-02-19", "2026-02-23", "2026-03-03", "2026-03-09"]
        );
        // A Friday that is off is followed by a weekend.
        let fridays = train(1, Weekday::Friday, "2026-09-25");
        let chuseok = calendar("Asia/Seoul", &["2026-09-24", "2026-09-25"]);
        assert_eq!(dates(&fridays, "2026-09-01T00:00:00Z", &chuseok, 2), ["2026-09-28", "2026-10-02"]);
        // Saturdays are chosen on purpose.
        let saturdays = train(1, Weekday::Saturday, "2026-09-26");
        assert_eq!(dates(&saturdays, "2026-09-01T00:00:00Z", &chuseok, 1), ["2026-09-26"]);
    }

    #[test]
    fn two_trains_that_days_off_put_on_one_day_are_one() {
        let off: Vec<String> = (1..=10).map(|day| format!("2026-06-{day:02}")).collect();
        let off: Vec<&str> = off.iter().map(String::as_str).collect();
        let mondays = train(1, Weekday::Monday, "2026-06-01");
        let seoul = calendar("Asia/Seoul", &off);
        assert_eq!(dates(&mondays, "2026-05-01T00:00:00Z", &seoul, 3), ["2026-06-11", "2026-06-15", "2026-06-22"]);
    }

    #[test]
    fn a_train_keeps_its_day_when_the_calendar_changes() {
        let train = train(2, Weekday::Tuesday, "2026-01-05");
        let (utc, seoul) = (Calendar::default(), calendar("Asia/Seoul", &["2026-02-17"]));
        assert_eq!(train.moved(at("2026-02-03T00:00:00Z"), &utc, &seoul), at("2026-02-02T15:00:00Z"));
        assert_eq!(train.moved(at("2026-02-17T00:00:00Z"), &utc, &seoul), at("2026-02-17T15:00:00Z"), "the 18th");
        assert_eq!(train.moved(at("2026-02-17T15:00:00Z"), &seoul, &utc), at("2026-02-17T00:00:00Z"), "and back");
        assert_eq!(train.moved(at("2026-02-05T00:00:00Z"), &utc, &seoul), at("2026-02-04T15:00:00Z"), "no train");
    }

    #[test]
    fn what_is_no_date_has_no_departures() {
        let train = train(2, Weekday::Tuesday, "2026-02-30");
        assert_eq!(train.first(), None);
        assert_eq!(train.after(Time(0), &Calendar::default()).next(), None);
    }

    proptest! {
        #[test]
        fn departures_keep_their_rhythm(
            weeks in 1..27i32, day in 0..7usize, start in 0..20_000i64, now in -1_000_000_000i64..3_000_000_000,
            zone in 0..4usize,
        ) {
            let weekday = Weekday::ALL[day];
            let calendar = calendar(["UTC", "Asia/Seoul", "Europe/Berlin", "America/Sao_Paulo"][zone], &[]);
            let starts = calendar::parse_date(&Time(start * Time::DAY).date()).unwrap();
            let train = train(weeks, weekday, &starts.to_string());
            let now = Time(now * Time::SECOND);
            let first = train.first().unwrap();
            prop_assert!(first >= starts && first < plus_days(starts, 7));
            let step = i64::from(weeks) * 7;
            let next: Vec<Time> = train.after(now, &calendar).take(4).collect();
            let days: Vec<NaiveDate> = next.iter().map(|leaves| calendar.day(*leaves)).collect();
            prop_assert!(next[0] > now && (days[0] == first || (days[0] - calendar.day(now)).num_days() <= step));
            for (n, leaves) in next.iter().enumerate() {
                prop_assert_eq!(calendar.weekday(*leaves), weekday);
                prop_assert_eq!(*leaves, calendar.start_of_day(*leaves));
                prop_assert_eq!((days[n] - first).num_days() % step, 0);
                prop_assert!(train.leaves_at(*leaves, &calendar));
                prop_assert_eq!(train.moved(*leaves, &calendar, &Calendar::default()), Calendar::default().start_of(days[n]));
                prop_assert!(n == 0 || days[n] == plus_days(days[n - 1], step));
            }
        }
    }
}
