//! When turns change, and who is on duty: pure computation, without a database.

use std::collections::HashSet;

use chrono::{NaiveDate, TimeZone, Timelike, Utc};
use chrono_tz::Tz;
use hearback::domain::base::{Id, Time};
use hearback::domain::operations::rota::{DutyWindow, OverrideState, Rota, RotaOverride, Shift, ShiftReason, TurnUnit};
use hearback::domain::operations::shifts::{RotaPlan, on_call};
use hearback::domain::team::Weekday;
use proptest::prelude::*;

const ZONES: [&str; 6] =
    ["America/Chicago", "Australia/Lord_Howe", "Asia/Seoul", "Europe/Berlin", "America/St_Johns", "UTC"];

fn id(n: u128) -> Id {
    Id(uuid::Uuid::from_u128(n))
}

fn time(text: &str) -> Time {
    Time::parse(text).expect("a time")
}

/// A rota of three members, all of whom are available.
fn plan(zone: &str, start: &str, hand_over: &str, every: TurnUnit, length: i32) -> RotaPlan {
    let members = vec![id(1), id(2), id(3)];
    let rota = Rota {
        id: id(100),
        product_id: id(200),
        name: "First line".to_owned(),
        time_zone: zone.to_owned(),
        start: start.parse().expect("a date"),
        every,
        length,
        hand_over: hand_over.to_owned(),
        members: members.clone(),
        restrictions: Vec::new(),
        layer: 1,
        unavailable: Vec::new(),
        version: 1,
        created_at: Time(0),
        updated_at: Time(0),
    };
    RotaPlan { rota, overrides: Vec::new(), available: members.into_iter().collect() }
}

fn window(weekdays: &[Weekday], from: &str, to: &str) -> DutyWindow {
    DutyWindow { weekdays: weekdays.to_vec(), from: from.to_owned(), to: to.to_owned() }
}

fn taken(n: u128, member: Id, from: &str, to: &str) -> RotaOverride {
    RotaOverride {
        id: id(n),
        rota_id: id(100),
        member_id: member,
        asked_by: None,
        starts_at: time(from),
        ends_at: time(to),
        state: OverrideState::Accepted,
        note: None,
        version: 1,
        created_at: Time(0),
        decided_at: None,
    }
}

/// The starts of shifts as local times with their offset.
fn starts(plan: &RotaPlan, from: &str, to: &str) -> Vec<String> {
    let zone: Tz = plan.rota.time_zone.parse().expect("a zone");
    let shown = |shift: Shift| {
        let utc = Utc.timestamp_micros(shift.starts_at.0).single().expect("an instant");
        utc.with_timezone(&zone).format("%m-%d %H:%M:%S %:z").to_string()
    };
    plan.shifts(time(from), time(to)).into_iter().map(shown).collect()
}

#[test]
fn a_hand_over_that_the_clock_skips_comes_when_the_clock_goes_on() {
    let plan = plan("America/Chicago", "2020-03-06", "02:30", TurnUnit::Day, 1);
    assert_eq!(
        starts(&plan, "2020-03-07T12:00:00Z", "2020-03-09T12:00:00Z"),
        ["03-07 02:30:00 -06:00", "03-08 03:00:00 -05:00", "03-09 02:30:00 -05:00"],
    );
}

#[test]
fn a_hand_over_that_occurs_twice_comes_at_the_first_time() {
    let plan = plan("America/Chicago", "2020-10-30", "01:30", TurnUnit::Day, 1);
    assert_eq!(
        starts(&plan, "2020-10-31T12:00:00Z", "2020-11-02T12:00:00Z"),
        ["10-31 01:30:00 -05:00", "11-01 01:30:00 -05:00", "11-02 01:30:00 -06:00"],
    );
}

#[test]
fn a_week_is_a_week_of_the_local_clock_without_a_hole() {
    let plan = plan("Europe/Berlin", "2026-03-02", "09:00", TurnUnit::Week, 1);
    let shifts = plan.shifts(time("2026-03-20T00:00:00Z"), time("2026-04-10T00:00:00Z"));
    let hours: Vec<i64> = shifts.iter().map(|one| (one.ends_at.0 - one.starts_at.0) / (3_600 * Time::SECOND)).collect();
    assert_eq!(hours, [168, 167, 168, 168]);
    assert!(shifts.windows(2).all(|pair| pair[0].ends_at == pair[1].starts_at));
}

#[test]
fn a_clock_that_changes_by_half_an_hour_is_no_exception() {
    // Lord Howe skips 02:00 to 02:30 on 2026-10-04.
    let plan = plan("Australia/Lord_Howe", "2026-10-01", "02:15", TurnUnit::Day, 1);
    assert_eq!(
        starts(&plan, "2026-10-02T20:00:00Z", "2026-10-04T20:00:00Z"),
        ["10-03 02:15:00 +10:30", "10-04 02:30:00 +11:00", "10-05 02:15:00 +11:00"],
    );
}

#[test]
fn a_day_that_a_zone_skips_wholly_is_nobodys() {
    // Samoa had no 30 December 2011.
    let plan = plan("Pacific/Apia", "2011-12-28", "09:00", TurnUnit::Day, 1);
    assert_eq!(
        starts(&plan, "2011-12-28T20:00:00Z", "2011-12-31T20:00:00Z"),
        [
            "12-28 09:00:00 -10:00",
            "12-29 09:00:00 -10:00",
            "12-31 00:00:00 +14:00",
            "12-31 09:00:00 +14:00",
            "01-01 09:00:00 +14:00"
        ],
    );
}

#[test]
fn a_month_without_its_day_begins_with_its_last_one() {
    let plan = plan("Asia/Seoul", "2026-01-31", "09:00", TurnUnit::Month, 1);
    assert_eq!(
        starts(&plan, "2026-02-01T00:00:00Z", "2026-04-10T00:00:00Z"),
        ["01-31 09:00:00 +09:00", "02-28 09:00:00 +09:00", "03-31 09:00:00 +09:00"],
    );
}

#[test]
fn before_its_start_a_rota_has_nobody() {
    let plan = plan("Asia/Seoul", "2026-03-02", "09:00", TurnUnit::Week, 1);
    assert_eq!(plan.at(time("2026-03-01T23:59:59Z")), None);
    let first = plan.at(time("2026-03-02T00:00:00Z")).expect("a shift");
    assert_eq!((first.member_id, first.because), (Some(id(1)), ShiftReason::Turn));
}

#[test]
fn restrictions_are_local_times_and_may_cross_midnight() {
    let mut plan = plan("Europe/Berlin", "2026-03-01", "00:00", TurnUnit::Day, 1);
    plan.rota.restrictions = vec![window(&[Weekday::Saturday], "22:00", "04:00")];
    // The night from 28 to 29 March has five hours instead of six; the turn changes at midnight.
    let shifts = plan.shifts(time("2026-03-28T00:00:00Z"), time("2026-03-30T00:00:00Z"));
    let hours: Vec<(String, String)> =
        shifts.iter().map(|one| (one.starts_at.to_string(), one.ends_at.to_string())).collect();
    let pair = |from: &str, to: &str| (from.to_owned(), to.to_owned());
    let (evening, midnight, morning) = ("2026-03-28T21:00:00Z", "2026-03-28T23:00:00Z", "2026-03-29T02:00:00Z");
    assert_eq!(hours, [pair(evening, midnight), pair(midnight, morning)]);
    assert_eq!(plan.at(time("2026-03-29T12:00:00Z")), None);
}

#[test]
fn who_cannot_be_on_duty_is_passed_over_and_named() {
    let mut plan = plan("UTC", "2026-03-02", "00:00", TurnUnit::Day, 1);
    plan.available = HashSet::from([id(1), id(3)]);
    let gap = plan.at(time("2026-03-03T12:00:00Z")).expect("a shift");
    assert_eq!((gap.member_id, gap.because, gap.instead_of), (Some(id(3)), ShiftReason::PassedOver, Some(id(2))));
    plan.available.clear();
    let nobody = plan.at(time("2026-03-03T12:00:00Z")).expect("a shift");
    assert_eq!((nobody.member_id, nobody.because, nobody.instead_of), (None, ShiftReason::Nobody, Some(id(2))));
}

#[test]
fn the_last_override_counts_and_cuts_the_shift() {
    let mut plan = plan("UTC", "2026-03-02", "00:00", TurnUnit::Day, 1);
    plan.overrides = vec![
        taken(7, id(3), "2026-03-02T06:00:00Z", "2026-03-02T18:00:00Z"),
        taken(8, id(2), "2026-03-02T12:00:00Z", "2026-03-02T13:00:00Z"),
    ];
    let shifts = plan.shifts(time("2026-03-02T00:00:00Z"), time("2026-03-03T00:00:00Z"));
    let who: Vec<Option<Id>> = shifts.iter().map(|one| one.member_id).collect();
    assert_eq!(who, [Some(id(1)), Some(id(3)), Some(id(2)), Some(id(3)), Some(id(1))]);
    assert_eq!(shifts[2].override_id, Some(id(8)));
    assert_eq!(shifts[2].instead_of, Some(id(1)));
    // An override of a member who has left the team counts no longer.
    plan.available.remove(&id(2));
    assert_eq!(plan.at(time("2026-03-02T12:30:00Z")).expect("a shift").member_id, Some(id(3)));
}

#[test]
fn the_first_rota_with_somebody_on_duty_counts_until_an_earlier_one_begins() {
    let mut day = plan("UTC", "2026-03-02", "00:00", TurnUnit::Day, 1);
    day.rota.restrictions = vec![window(&[], "09:00", "18:00")];
    let mut all = plan("UTC", "2026-03-02", "00:00", TurnUnit::Week, 1);
    all.rota.id = id(101);
    let plans = [day, all];
    let noon = on_call(id(200), time("2026-03-03T12:00:00Z"), &plans);
    assert_eq!(
        (noon.rota_id, noon.member_id, noon.until),
        (Some(id(100)), Some(id(2)), Some(time("2026-03-03T18:00:00Z")))
    );
    let night = on_call(id(200), time("2026-03-03T20:00:00Z"), &plans);
    assert_eq!(
        (night.rota_id, night.member_id, night.until),
        (Some(id(101)), Some(id(1)), Some(time("2026-03-04T09:00:00Z")))
    );
    assert_eq!(on_call(id(200), time("2026-03-01T20:00:00Z"), &plans).member_id, None);
}

/// Counts the shifts that cover each of a few hundred instants around the changes of the clock.
fn covered_once(plan: &RotaPlan, from: Time, days: i64, step: i64) {
    let to = from.plus(days * Time::DAY);
    let shifts = plan.shifts(from, to);
    assert!(shifts.windows(2).all(|pair| pair[0].ends_at == pair[1].starts_at), "{}", plan.rota.time_zone);
    assert!(shifts.iter().all(|shift| shift.starts_at < shift.ends_at));
    let mut at = from;
    while at < to {
        let covering: Vec<&Shift> = shifts.iter().filter(|one| one.starts_at <= at && at < one.ends_at).collect();
        assert_eq!(covering.len(), 1, "{} at {at}", plan.rota.time_zone);
        assert_eq!(plan.at(at).as_ref(), Some(covering[0]), "{} at {at}", plan.rota.time_zone);
        at = at.plus(step);
    }
}

#[test]
fn around_each_change_of_the_clock_every_quarter_of_an_hour_has_one_shift() {
    for zone in ZONES {
        for unit in [TurnUnit::Hour, TurnUnit::Day, TurnUnit::Week] {
            let plan = plan(zone, "2025-12-29", "02:30", unit, 1);
            for from in [
                "2026-03-06T00:00:00Z",
                "2026-03-27T00:00:00Z",
                "2026-04-03T00:00:00Z",
                "2026-10-02T00:00:00Z",
                "2026-10-23T00:00:00Z",
                "2026-10-30T00:00:00Z",
            ] {
                covered_once(&plan, time(from), 4, 15 * 60 * Time::SECOND);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn every_instant_has_one_on_duty_and_no_shift_moves_in_local_time(
        zone in 0..ZONES.len(), unit in 0..4_usize, length in 1..5_i32, hour in 0..24_u32, minute in 0..60_u32,
        day in 0..700_i64, second in 0..86_400_i64,
    ) {
        let start = NaiveDate::from_ymd_opt(2025, 1, 31).unwrap();
        let every = TurnUnit::ALL[unit];
        let plan = plan(ZONES[zone], &start.to_string(), &format!("{hour:02}:{minute:02}"), every, length);
        let at = time("2025-02-02T00:00:00Z").plus(day * Time::DAY + second * Time::SECOND);
        let shifts = plan.shifts(at, at.plus(9 * Time::DAY));
        prop_assert!(shifts[0].starts_at <= at && at < shifts[0].ends_at);
        prop_assert!(shifts.last().unwrap().ends_at >= at.plus(9 * Time::DAY));
        for pair in shifts.windows(2) {
            prop_assert_eq!(pair[0].ends_at, pair[1].starts_at);
            // Turns go round: the next one is another member's.
            prop_assert_ne!(pair[0].member_id, pair[1].member_id);
        }
        let tz: Tz = ZONES[zone].parse().unwrap();
        for shift in shifts.iter().filter(|_| every != TurnUnit::Hour) {
            let begin = Utc.timestamp_micros(shift.starts_at.0).unwrap().with_timezone(&tz).naive_local();
            let wanted = begin.date().and_hms_opt(hour, minute, 0).unwrap();
            let is_skipped = tz.from_local_datetime(&wanted).earliest().is_none();
            prop_assert!(is_skipped || (begin.hour(), begin.minute(), begin.second()) == (hour, minute, 0), "{}", begin);
        }
    }
}
