//! The five delivery figures of a product: what is read for them, and how a period is given.

use std::collections::{BTreeMap, HashMap};

use crate::domain::base::calendar::{parse_date, plus_days};
use crate::domain::base::{Calendar, Id, Time};
use crate::domain::measures::arrivals::{Arrival, ArrivalKind, arrivals};
use crate::domain::measures::delivery::{DEFINITION, DeliveryFigures, FiguresQuery, References};
use crate::domain::measures::figures::DeliveryFacts;
use crate::domain::releases::Deployment;
use crate::domain::releases::ledger::{Change, Ledger};
use crate::domain::stories::LinkKind;
use crate::domain::team::Product;
use crate::error::{Error, FieldError, Result};
use crate::store::Conn;
use crate::store::measures::incident_causes;
use crate::store::releases::{deployments, ledger};

/// How far before the period deployments are read: what ran before the first one of the period, in microseconds.
const BEFORE: i64 = 92 * Time::DAY;
/// How far after the period roll-backs, fixes and incidents of its deployments are read.
const AFTER: i64 = 31 * Time::DAY;
/// The most deployments that are read at once.
const MOST: i64 = 5_000;
/// The longest period, in days.
const LONGEST: i64 = 800;
/// The length of the period where none is given, in days.
const USUAL: i64 = 28;

/// A period `[from, to)`, and how many of its days have come.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Period {
    pub from: Time,
    pub to: Time,
    pub days: f64,
}

/// The period that a query gives, in the product's calendar.
///
/// # Errors
/// 422 with every wrong field.
pub fn period(query: &FiguresQuery, calendar: &Calendar, now: Time) -> Result<Period> {
    let mut wrong = Vec::new();
    let mut read = |name: &str, given: &Option<String>, usual: Time| match given {
        None => usual,
        Some(text) => match parse_date(text).map(|day| calendar.start_of(day)).or_else(|| Time::parse(text)) {
            Some(time) => time,
            None => {
                let detail = "must be a date such as 2026-03-02, or a time such as 2026-03-02T00:00:00Z";
                wrong.push(FieldError::new(format!("/{name}"), "format", detail));
                usual
            }
        },
    };
    let to = read("to", &query.to, calendar.start_of(plus_days(calendar.day(now), 1)));
    let from = read("from", &query.from, calendar.start_of(plus_days(calendar.day(to), -USUAL)));
    if !wrong.is_empty() {
        return Err(Error::invalid(wrong));
    }
    if from >= to {
        return Err(Error::field("/from", "range", "must be before `to`"));
    }
    if to.0 - from.0 > LONGEST * Time::DAY {
        return Err(Error::field("/from", "range", format!("must be at most {LONGEST} days before `to`")));
    }
    Ok(Period { from, to, days: days(from, to, calendar, now) })
}

/// The days of a period that have come: whole local days where it consists of such, which may have 23 or 25 hours.
fn days(from: Time, to: Time, calendar: &Calendar, now: Time) -> f64 {
    let is_midnight = |time: Time| calendar.start_of_day(time) == time;
    if to <= now && is_midnight(from) && is_midnight(to) {
        return (calendar.day(to) - calendar.day(from)).num_days() as f64;
    }
    (to.min(now).0 - from.0).max(0) as f64 / Time::DAY as f64
}

/// The delivery figures of a product.
///
/// # Errors
/// 422 for a wrong period.
pub fn figures(conn: &mut Conn, product: &Product, query: &FiguresQuery, now: Time) -> Result<DeliveryFigures> {
    let calendar = product.calendar();
    let period = period(query, &calendar, now)?;
    let (facts, incomplete) = facts(conn, product, query, period)?;
    let (all, services) = facts.figures(query.service.as_deref());
    Ok(DeliveryFigures {
        definition: DEFINITION,
        product_id: product.id,
        from: period.from,
        to: period.to,
        days: period.days,
        time_zone: calendar.zone.name().to_owned(),
        environment: query.environment.clone(),
        service: query.service.clone(),
        inferred: facts.inferred,
        deployment_frequency: all.deployment_frequency,
        change_lead_time: all.change_lead_time,
        change_fail_rate: all.change_fail_rate,
        deployment_rework_rate: all.deployment_rework_rate,
        failed_deployment_recovery_time: all.failed_deployment_recovery_time,
        services,
        references: References::default(),
        incomplete,
    })
}

/// Everything that the figures of a period need, and whether there was more than is read at once.
pub(in crate::usecase) fn facts(
    conn: &mut Conn,
    product: &Product,
    query: &FiguresQuery,
    period: Period,
) -> Result<(DeliveryFacts, bool)> {
    let around = (period.from.plus(-BEFORE), period.to.plus(AFTER));
    let found = deployments::between(conn, product.id, query.environment.as_deref(), around, MOST)?;
    let incomplete = found.len() as i64 >= MOST;
    let mut by_environment: BTreeMap<String, Vec<Deployment>> = BTreeMap::new();
    for deployment in found {
        by_environment.entry(deployment.environment.to_lowercase()).or_default().push(deployment);
    }
    let mut changes = HashMap::new();
    let mut all = Vec::new();
    for found in by_environment.into_values() {
        let arrivals = arrivals(&found);
        changes.extend(changes_of(conn, product.id, &arrivals, period)?);
        all.extend(arrivals);
    }
    all.sort_by_key(|arrival| (arrival.at, arrival.kind == ArrivalKind::RollBack, arrival.deployment_id));
    let incidents = incident_causes::between(conn, product, around.0, around.1)?;
    let (calendar, inferred) = (product.calendar(), query.inferred.unwrap_or(true));
    let Period { from, to, days } = period;
    Ok((DeliveryFacts { arrivals: all, changes, incidents, calendar, from, to, days, inferred }, incomplete))
}

/// The changes of the deployments of a period; a deployment is missing where they are unknown. Changes that a failed
/// deployment carried reach customers with the next one.
fn changes_of(conn: &mut Conn, product: Id, arrivals: &[Arrival], period: Period) -> Result<HashMap<Id, Vec<Change>>> {
    let ids: Vec<Id> = arrivals.iter().map(|arrival| arrival.deployment_id).collect();
    let mut named = ledger::named_changes(conn, &ids)?;
    for arrival in arrivals {
        if let Some(id) = arrival.same_as {
            let more = named.get(&arrival.deployment_id).cloned().unwrap_or_default();
            add(named.entry(id).or_default(), more);
        }
    }
    named.retain(|_, changes| !changes.is_empty());
    let within = |arrival: &&Arrival| (period.from..period.to).contains(&arrival.at);
    let needs = |arrival: &&Arrival| {
        arrival.kind == ArrivalKind::Deployed && !arrival.is_first && !named.contains_key(&arrival.deployment_id)
    };
    let unnamed: Vec<Arrival> = arrivals.iter().filter(within).filter(needs).cloned().collect();
    let inferred = found_changes(conn, product, &unnamed, period)?;
    let mut pending: HashMap<Option<String>, Vec<Change>> = HashMap::new();
    let mut known = HashMap::new();
    for arrival in arrivals {
        let own = named.get(&arrival.deployment_id).or_else(|| inferred.get(&arrival.deployment_id));
        match arrival.kind {
            ArrivalKind::Failed => {
                add(pending.entry(arrival.service.clone()).or_default(), own.cloned().unwrap_or_default());
            }
            ArrivalKind::Deployed => {
                let waiting = pending.remove(&arrival.service).unwrap_or_default();
                if own.is_some() || !waiting.is_empty() {
                    let mut changes = own.cloned().unwrap_or_default();
                    add(&mut changes, waiting);
                    known.insert(arrival.deployment_id, changes);
                }
            }
            _ => {}
        }
    }
    Ok(known)
}

/// Adds changes that are not there yet.
fn add(changes: &mut Vec<Change>, more: Vec<Change>) {
    for change in more {
        if !changes.iter().any(|known| known.name == change.name) {
            changes.push(change);
        }
    }
}

/// The changes of deployments whose reporters named none: the commits between the revisions, or else the commits and pull
/// requests of the release's stories.
fn found_changes(
    conn: &mut Conn,
    product: Id,
    unnamed: &[Arrival],
    period: Period,
) -> Result<HashMap<Id, Vec<Change>>> {
    let mut found = HashMap::new();
    if unnamed.is_empty() {
        return Ok(found);
    }
    let since = period.from.plus(-BEFORE);
    let known =
        Ledger::new(ledger::commits_since(conn, product, since)?, ledger::requests_since(conn, product, since)?);
    let mut releases: Vec<Id> = unnamed.iter().filter_map(|arrival| arrival.release_id).collect();
    releases.sort_unstable();
    releases.dedup();
    let linked = ledger::linked(conn, &releases)?;
    for arrival in unnamed {
        let between = match (&arrival.before, &arrival.revision) {
            (Some(before), Some(revision)) => known.between(before, revision),
            _ => None,
        };
        let of_stories = || {
            let own = linked.iter().filter(|link| Some(link.release) == arrival.release_id);
            let (commits, requests): (Vec<_>, Vec<_>) = own.partition(|link| link.kind == LinkKind::Commit);
            let commits: Vec<String> = commits.iter().map(|link| link.reference.clone()).collect();
            let requests: Vec<(String, String)> =
                requests.iter().map(|link| (link.repository.clone(), link.reference.clone())).collect();
            Some(known.named(&commits, &requests)).filter(|changes| !changes.is_empty())
        };
        if let Some(changes) = between.or_else(of_stories) {
            found.insert(arrival.deployment_id, changes);
        }
    }
    Ok(found)
}
