//! Alerts of monitoring systems: alerts of one key are one incident. Repeats change nothing, automation mitigates an
//! incident when all of its alerts are over, and alerts that come back soon open it again.

use std::collections::{BTreeMap, HashMap};

use serde_json::json;

use super::incidents::{Opening, begin};
use super::states;
use crate::domain::base::{Id, Time};
use crate::domain::operations::alert::{Alert, AlertAnswer, AlertBatch, AlertOutcome, AlertState, ReportedAlert};
use crate::domain::operations::incident::{Incident, IncidentState};
use crate::domain::operations::timeline::{EntryKind, Happening};
use crate::domain::team::Product;
use crate::error::Result;
use crate::store::Tx;
use crate::store::operations::{alerts, entries, incidents};
use crate::usecase::releases::planning::product_of;

/// Episodes kept of one incident. More are counted only.
pub const KEPT: i64 = 200;
/// Alerts of one batch that are looked at one by one. More are counted only.
const LOOKED_AT: usize = 1_000;
/// Entries of the timeline about alerts are written while an incident has at most so many of them.
const NOTED: i32 = 500;

/// What the alerts of a batch are, compared with what is known.
#[derive(Debug, Default)]
struct Sorted {
    /// New episodes that go on.
    firing: Vec<ReportedAlert>,
    /// New episodes that are over already.
    over: Vec<ReportedAlert>,
    /// Known episodes that are over now, and when they ended.
    ended: Vec<(Id, Time)>,
    /// Known episodes without a change.
    repeated: Vec<Id>,
}

/// Takes in alerts. The same alerts again change nothing.
///
/// # Errors
/// 422 for an unknown product, 503 where nobody can own a new incident.
pub fn receive(tx: &mut Tx<'_>, batch: &AlertBatch) -> Result<AlertAnswer> {
    let product = product_of(tx.conn, batch.product.as_deref())?;
    let known = known(tx, &product, batch)?;
    let mut sorted = sort(batch, &known, tx.now);
    let incident = current(tx, &product, batch)?;
    if let Some(incident) = &incident {
        drop_stale(tx, incident, &mut sorted)?;
    }
    alerts::seen_again(tx, &sorted.repeated)?;
    for (id, at) in &sorted.ended {
        alerts::end(tx, *id, *at)?;
    }
    let (mut outcome, incident) = place(tx, &product, batch, incident, &sorted)?;
    store(tx, &product, batch, incident.as_ref(), &sorted)?;
    let Some(mut incident) = incident else {
        let outcome = if sorted.over.is_empty() { AlertOutcome::Repeated } else { AlertOutcome::Stored };
        return Ok(AlertAnswer { outcome, incident_id: None, number: None });
    };
    if batch.acknowledges && incident.state == IncidentState::Open {
        incident = states::acknowledged(tx, incident)?;
        outcome = AlertOutcome::Updated;
    }
    incident = counted(tx, batch, incident, &sorted)?;
    if incident.is_active() && may_be_over(tx, batch, &incident, &sorted)? && is_over(tx, batch, &incident)? {
        incident = states::mitigated(tx, incident)?;
        outcome = AlertOutcome::Mitigated;
    }
    Ok(AlertAnswer { outcome, incident_id: Some(incident.id), number: Some(incident.number) })
}

/// The known episodes of the alerts in a batch.
fn known(tx: &mut Tx<'_>, product: &Product, batch: &AlertBatch) -> Result<Vec<Alert>> {
    let looked_at = &batch.alerts[..batch.alerts.len().min(LOOKED_AT)];
    let mut fingerprints: Vec<&str> = looked_at.iter().map(|alert| alert.fingerprint.as_str()).collect();
    fingerprints.sort_unstable();
    fingerprints.dedup();
    let times: Option<Vec<Time>> = looked_at.iter().map(|alert| alert.starts_at).collect();
    let since = times.and_then(|times| times.into_iter().min());
    alerts::of_fingerprints(tx.conn, product.id, batch.source, &fingerprints, since)
}

/// Compares the alerts of a batch with the known episodes.
fn sort(batch: &AlertBatch, known: &[Alert], now: Time) -> Sorted {
    let mut by_episode: HashMap<(&str, Time), &Alert> = HashMap::new();
    let mut going_on: HashMap<&str, &Alert> = HashMap::new();
    for alert in known {
        by_episode.insert((&alert.fingerprint, alert.starts_at), alert);
        if alert.state == AlertState::Firing {
            going_on.insert(&alert.fingerprint, alert);
        }
    }
    let mut new: BTreeMap<(String, Time), ReportedAlert> = BTreeMap::new();
    let mut sorted = Sorted::default();
    for alert in batch.alerts.iter().take(LOOKED_AT) {
        let found = match alert.starts_at {
            Some(at) => by_episode.get(&(alert.fingerprint.as_str(), at)),
            None => going_on.get(alert.fingerprint.as_str()),
        };
        match (found, alert.state) {
            (Some(known), AlertState::Resolved) if known.state == AlertState::Firing => {
                sorted.ended.push((known.id, alert.ends_at.unwrap_or(now).max(known.starts_at)));
            }
            // Firing after it was over, with the same start, is an old message that arrives late.
            (Some(known), _) => sorted.repeated.push(known.id),
            // Without a start nothing says what it is that is over.
            (None, AlertState::Resolved) if alert.starts_at.is_none() => {}
            (None, _) => {
                let starts_at = alert.starts_at.unwrap_or(now);
                let episode = ReportedAlert { starts_at: Some(starts_at), ..alert.clone() };
                new.insert((alert.fingerprint.clone(), starts_at), episode);
            }
        }
    }
    sorted.repeated.sort_unstable();
    sorted.repeated.dedup();
    let (firing, over) = new.into_values().partition(|alert| alert.state == AlertState::Firing);
    Sorted { firing, over, ..sorted }
}

/// The newest incident with the key of a batch, locked until the commit; the one it was merged into, if it was.
fn current(tx: &mut Tx<'_>, product: &Product, batch: &AlertBatch) -> Result<Option<Incident>> {
    let mut found = incidents::of_key(tx.conn, product.id, batch.source, &batch.join_key)?;
    while let Some(into) = found.as_ref().and_then(|incident| incident.merged_into) {
        found = Some(incidents::get(tx.conn, into)?);
    }
    found.map(|incident| incidents::lock(tx, incident.id)).transpose()
}

/// When an incident was over; `None` while it is active.
fn over_since(incident: &Incident) -> Option<Time> {
    if incident.is_active() { None } else { incident.resolved_at.max(incident.mitigated_at) }
}

/// Takes out alerts of which nothing says that they are new, where not all episodes of the incident are kept: those for
/// which an active incident has no room, and those that began before it was over. The whole group is counted all the same.
fn drop_stale(tx: &mut Tx<'_>, incident: &Incident, sorted: &mut Sorted) -> Result<()> {
    let kept = alerts::kept(tx.conn, incident.id)?;
    match over_since(incident) {
        None => sorted.firing.truncate(usize::try_from(KEPT - kept).unwrap_or_default()),
        Some(over) if i64::from(incident.alert_count) > kept => {
            sorted.firing.retain(|alert| alert.starts_at.is_none_or(|at| at > over));
        }
        Some(_) => {}
    }
    Ok(())
}

/// The incident of the alerts: a new one, the known one, or the known one opened again.
fn place(
    tx: &mut Tx<'_>,
    product: &Product,
    batch: &AlertBatch,
    incident: Option<Incident>,
    sorted: &Sorted,
) -> Result<(AlertOutcome, Option<Incident>)> {
    let fires = !sorted.firing.is_empty();
    let updated = if fires || !sorted.ended.is_empty() { AlertOutcome::Updated } else { AlertOutcome::Repeated };
    let Some(incident) = incident else {
        return match fires {
            true => open(tx, product, batch, None, sorted).map(|incident| (AlertOutcome::Opened, Some(incident))),
            false => Ok((AlertOutcome::Stored, None)),
        };
    };
    let Some(over) = over_since(&incident).filter(|_| fires) else { return Ok((updated, Some(incident))) };
    let settling = i64::from(product.settings.settle_minutes) * 60 * Time::SECOND;
    if tx.now <= over.plus(settling) {
        return Ok((AlertOutcome::Reopened, Some(states::reopened(tx, incident, true)?)));
    }
    let recurrence = open(tx, product, batch, Some(incident.id), sorted)?;
    Ok((AlertOutcome::Opened, Some(recurrence)))
}

fn open(
    tx: &mut Tx<'_>,
    product: &Product,
    batch: &AlertBatch,
    recurrence_of: Option<Id>,
    sorted: &Sorted,
) -> Result<Incident> {
    let began = sorted.firing.iter().filter_map(|alert| alert.starts_at).min().unwrap_or(tx.now);
    let opening = Opening {
        title: batch.title.clone(),
        summary: batch.summary.clone(),
        severity: severity(batch, sorted),
        services: batch.services.clone(),
        source: batch.source,
        join_key: Some(batch.join_key.clone()),
        recurrence_of,
        detected_at: began.min(tx.now),
    };
    begin(tx, product, opening, batch.caused_by.as_deref())
}

/// The lowest severity where the sender only says that it sees nothing.
fn severity(batch: &AlertBatch, sorted: &Sorted) -> i32 {
    if sorted.firing.iter().all(|alert| alert.no_data) { 5 } else { batch.severity }
}

/// Keeps the new episodes, as long as the incident has room for them.
fn store(
    tx: &mut Tx<'_>,
    product: &Product,
    batch: &AlertBatch,
    incident: Option<&Incident>,
    sorted: &Sorted,
) -> Result<()> {
    if sorted.firing.is_empty() && sorted.over.is_empty() {
        return Ok(());
    }
    let kept = incident.map(|incident| alerts::kept(tx.conn, incident.id)).transpose()?.unwrap_or_default();
    let room = usize::try_from(KEPT - kept).unwrap_or_default();
    let new = sorted.firing.iter().chain(&sorted.over).take(room);
    let rows: Vec<Alert> = new.map(|alert| row(tx.now, product, batch, incident, alert)).collect();
    alerts::insert(tx, &rows)
}

fn row(now: Time, product: &Product, batch: &AlertBatch, incident: Option<&Incident>, alert: &ReportedAlert) -> Alert {
    Alert {
        id: Id::next(),
        product_id: product.id,
        incident_id: incident.map(|incident| incident.id),
        source: batch.source,
        fingerprint: alert.fingerprint.clone(),
        join_key: batch.join_key.clone(),
        title: alert.title.clone(),
        severity: alert.severity.clone(),
        no_data: alert.no_data,
        state: alert.state,
        starts_at: alert.starts_at.unwrap_or(now),
        ends_at: (alert.state == AlertState::Resolved).then(|| alert.ends_at.unwrap_or(now)),
        repeats: 0,
        labels: alert.labels.clone(),
        url: alert.url.clone(),
        received_at: now,
        last_seen_at: now,
    }
}

/// Counts the alerts of a batch, raises the severity where nobody has changed it, and notes what changed.
fn counted(tx: &mut Tx<'_>, batch: &AlertBatch, incident: Incident, sorted: &Sorted) -> Result<Incident> {
    let new = i32::try_from(sorted.firing.len()).unwrap_or(i32::MAX);
    let changes = new.saturating_add(i32::try_from(sorted.ended.len()).unwrap_or(i32::MAX));
    // Of a group that is larger than what is kept, only its size is known.
    let whole = i64::try_from(batch.alerts.len()).unwrap_or(i64::MAX).saturating_add(batch.left_out);
    let whole = if whole > KEPT { i32::try_from(whole).unwrap_or(i32::MAX) } else { 0 };
    let alert_count = incident.alert_count.saturating_add(new).max(whole);
    let raised = if new > 0 && incident.version == 1 { severity(batch, sorted) } else { incident.severity };
    let severity = incident.severity.min(raised);
    if changes == 0 && alert_count == incident.alert_count {
        return Ok(incident);
    }
    let happened_at = sorted.firing.iter().filter_map(|alert| alert.starts_at).min();
    let happened_at = happened_at.or(sorted.ended.iter().map(|(_, at)| *at).max()).unwrap_or(tx.now).min(tx.now);
    let incident = Incident { alert_count, severity, updated_at: tx.now, ..incident };
    incidents::update(tx, &incident)?;
    if incident.alert_count <= NOTED || new > 0 && incident.alert_count == whole {
        let text = sorted.firing.first().map(|alert| alert.title.clone());
        let data = json!({ "firing": sorted.firing.len(), "ended": sorted.ended.len(), "source": batch.source });
        entries::insert(tx, incident.id, &Happening { kind: EntryKind::Alert, happened_at, text, data })?;
    }
    tx.event("incident.alerted", incident.id, Some(incident.product_id), json!({ "alerts": changes }));
    Ok(incident)
}

/// Whether a batch brings news of an end. Who opened an incident again is not overruled by an old message.
fn may_be_over(tx: &mut Tx<'_>, batch: &AlertBatch, incident: &Incident, sorted: &Sorted) -> Result<bool> {
    if !sorted.ended.is_empty() || !sorted.over.is_empty() {
        return Ok(true);
    }
    Ok(batch.is_all_over && i64::from(incident.alert_count) > alerts::kept(tx.conn, incident.id)?)
}

/// Whether all episodes of an incident are over. Where not all are kept, only a sender that sent the whole group can
/// tell.
fn is_over(tx: &mut Tx<'_>, batch: &AlertBatch, incident: &Incident) -> Result<bool> {
    if alerts::firing(tx.conn, incident.id)? > 0 {
        return Ok(false);
    }
    let all_kept = i64::from(incident.alert_count) <= alerts::kept(tx.conn, incident.id)?;
    Ok(batch.is_all_over || (all_kept && batch.left_out == 0))
}
