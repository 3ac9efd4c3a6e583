//! Who is on duty in a rota, and when: its turns, within its hours, changed by overrides.

use std::collections::HashSet;

use chrono::Days;

use super::rota::{DutyWindow, OnCall, Rota, RotaDuty, RotaOverride, Shift, ShiftReason, time_of_day};
use super::turns::{Turns, instant, local};
use crate::domain::base::{Id, Time};
use crate::domain::team::Weekday;

/// The longest range of time of which shifts are computed.
pub const MOST_DAYS: i64 = 100;

/// A rota with what decides who is on duty.
#[derive(Clone, Debug)]
pub struct RotaPlan {
    /// The rota.
    pub rota: Rota,
    /// Its accepted overrides, in the order in which they were made: a later one counts before an earlier one.
    pub overrides: Vec<RotaOverride>,
    /// The members who can be on duty, of the rota and of the overrides.
    pub available: HashSet<Id>,
}

/// A range of time: from its start up to, but without, its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Range {
    from: Time,
    to: Time,
}

/// What must be equal for two stretches of time to be one shift.
#[derive(PartialEq)]
struct Duty {
    turn: i64,
    member_id: Option<Id>,
    because: ShiftReason,
    instead_of: Option<Id>,
    override_id: Option<Id>,
}

impl RotaPlan {
    /// The shifts that overlap a range of time, each with its whole length, in their order.
    pub fn shifts(&self, from: Time, to: Time) -> Vec<Shift> {
        let turns = Turns::of(&self.rota);
        let first = turns.at(from).unwrap_or(0);
        let whole = Range { from: turns.begin(first), to: turns.at(to).map_or(to, |last| turns.begin(last + 1)) };
        let mut shifts: Vec<(i64, Shift)> = Vec::new();
        for hours in self.on_duty(&turns, whole) {
            let cuts = self.cuts(&turns, hours);
            for pair in cuts.windows(2) {
                if let [from, to] = pair {
                    self.add(&mut shifts, &turns, Range { from: *from, to: *to });
                }
            }
        }
        let shifts = shifts.into_iter().map(|(_, shift)| shift);
        shifts.filter(|shift| shift.starts_at < to && shift.ends_at > from).collect()
    }

    /// The shift at an instant; `None` outside of the rota's hours.
    pub fn at(&self, at: Time) -> Option<Shift> {
        self.shifts(at, at.plus(1)).into_iter().next()
    }

    /// Adds a stretch of time, to the shift before it where that is the same duty.
    fn add(&self, shifts: &mut Vec<(i64, Shift)>, turns: &Turns, range: Range) {
        let Some(turn) = turns.at(range.from) else { return };
        let duty = self.duty(turn, range.from);
        if let Some((before, last)) = shifts.last_mut() {
            let same = Duty {
                turn: *before,
                member_id: last.member_id,
                because: last.because,
                instead_of: last.instead_of,
                override_id: last.override_id,
            };
            if same == duty && last.ends_at == range.from {
                last.ends_at = range.to;
                return;
            }
        }
        let Duty { member_id, because, instead_of, override_id, .. } = duty;
        let shift = Shift { starts_at: range.from, ends_at: range.to, member_id, because, instead_of, override_id };
        shifts.push((turn, shift));
    }

    /// Who is on duty in a turn, at an instant.
    fn duty(&self, turn: i64, at: Time) -> Duty {
        let order = &self.rota.members;
        let index = if order.is_empty() { 0 } else { turn.rem_euclid(order.len() as i64) as usize };
        let turn_of = order.get(index).copied();
        let counts =
            |one: &&RotaOverride| one.starts_at <= at && at < one.ends_at && self.available.contains(&one.member_id);
        if let Some(found) = self.overrides.iter().rev().find(counts) {
            let instead_of = turn_of.filter(|member| *member != found.member_id);
            let (member_id, override_id) = (Some(found.member_id), Some(found.id));
            return Duty { turn, member_id, because: ShiftReason::Override, instead_of, override_id };
        }
        let from_here = order.iter().cycle().skip(index).take(order.len()).copied();
        let member_id = from_here.into_iter().find(|member| self.available.contains(member));
        let because = match member_id {
            None => ShiftReason::Nobody,
            _ if member_id == turn_of => ShiftReason::Turn,
            _ => ShiftReason::PassedOver,
        };
        let instead_of = turn_of.filter(|_| because != ShiftReason::Turn);
        Duty { turn, member_id, because, instead_of, override_id: None }
    }

    /// The instants in a range at which who is on duty may change, with both ends of the range.
    fn cuts(&self, turns: &Turns, range: Range) -> Vec<Time> {
        let mut cuts = vec![range.from, range.to];
        let mut turn = turns.at(range.from).unwrap_or(0) + 1;
        while turns.begin(turn) < range.to {
            cuts.push(turns.begin(turn));
            turn += 1;
        }
        let edges = self.overrides.iter().flat_map(|one| [one.starts_at, one.ends_at]);
        cuts.extend(edges.filter(|edge| range.from < *edge && *edge < range.to));
        cuts.sort_unstable();
        cuts.dedup();
        cuts
    }

    /// When somebody is on duty within a range that begins at the start of the rota or later.
    fn on_duty(&self, turns: &Turns, range: Range) -> Vec<Range> {
        let whole = Range { from: range.from.max(turns.begin(0)), ..range };
        if whole.from >= whole.to {
            return Vec::new();
        }
        if self.rota.restrictions.is_empty() {
            return vec![whole];
        }
        let (first, last) = (local(turns.zone, whole.from).date(), local(turns.zone, whole.to).date());
        let days = first.pred_opt().unwrap_or(first).iter_days().take_while(|day| *day <= last);
        let mut found: Vec<Range> = Vec::new();
        for day in days {
            let weekday = Weekday::ALL.get(chrono::Datelike::weekday(&day).num_days_from_monday() as usize);
            let of_day =
                |one: &&DutyWindow| one.weekdays.is_empty() || weekday.is_some_and(|w| one.weekdays.contains(w));
            for window in self.rota.restrictions.iter().filter(of_day) {
                let (from, to) = (time_of_day(&window.from), time_of_day(&window.to));
                let end = if to > from { day } else { day.checked_add_days(Days::new(1)).unwrap_or(day) };
                let (from, to) = (instant(turns.zone, day.and_time(from)), instant(turns.zone, end.and_time(to)));
                found.push(Range { from: from.max(whole.from), to: to.min(whole.to) });
            }
        }
        joined(found)
    }
}

/// Ranges in their order, without those that are empty; those that overlap or touch become one.
fn joined(mut ranges: Vec<Range>) -> Vec<Range> {
    ranges.retain(|range| range.from < range.to);
    ranges.sort_unstable();
    let mut joined: Vec<Range> = Vec::new();
    for range in ranges {
        match joined.last_mut() {
            Some(last) if range.from <= last.to => last.to = last.to.max(range.to),
            _ => joined.push(range),
        }
    }
    joined
}

/// Who is on duty for a product: the first of its rotas with somebody on duty counts. The rotas come in their order.
pub fn on_call(product_id: Id, at: Time, plans: &[RotaPlan]) -> OnCall {
    let rotas: Vec<RotaDuty> = plans
        .iter()
        .map(|plan| RotaDuty { rota_id: plan.rota.id, name: plan.rota.name.clone(), shift: plan.at(at) })
        .collect();
    let manned = |duty: &RotaDuty| duty.shift.as_ref().is_some_and(|shift| shift.member_id.is_some());
    let Some(first) = rotas.iter().position(manned) else {
        return OnCall { product_id, at, member_id: None, rota_id: None, until: None, rotas };
    };
    let shift = rotas[first].shift.as_ref();
    let until = shift.map(|shift| {
        let most = shift.ends_at.min(at.plus(MOST_DAYS * Time::DAY));
        // A rota that is asked earlier may have somebody on duty before this shift ends.
        let earlier = plans[..first].iter().filter_map(|plan| {
            let sooner = plan.shifts(at, most).into_iter().find(|shift| shift.member_id.is_some())?;
            Some(sooner.starts_at)
        });
        earlier.fold(shift.ends_at, Time::min)
    });
    let member_id = shift.and_then(|shift| shift.member_id);
    OnCall { product_id, at, member_id, rota_id: Some(rotas[first].rota_id), until, rotas }
}
