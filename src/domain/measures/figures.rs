//! How the five delivery figures are computed from arrivals, changes and incidents.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::arrivals::{Arrival, ArrivalKind};
use super::delivery::*;
use crate::domain::base::{Calendar, Id, Time};
use crate::domain::releases::ledger::Change;

/// An incident follows a deployment within this time, or is not inferred to be caused by it.
const MAY_CAUSE: i64 = Time::DAY;
const HOUR: f64 = 3600.0 * Time::SECOND as f64;

/// What is known of an incident, its causes and its fixes.
#[derive(Clone, Debug)]
pub struct IncidentCauses {
    pub id: Id,
    pub number: String,
    pub services: Vec<String>,
    pub detected_at: Time,
    /// When it was mitigated, or else resolved.
    pub over_at: Option<Time>,
    /// The deployments that caused it, and whether that is only inferred and not confirmed.
    pub caused_by: Vec<(Id, bool)>,
    pub fixed_by: Vec<Id>,
    /// Deployments that a person linked to it without blaming them.
    pub cleared: Vec<Id>,
    /// Releases that carry a story which fixes it.
    pub fixing_releases: Vec<Id>,
}

/// Everything that the figures are computed from.
#[derive(Debug)]
pub struct DeliveryFacts {
    /// All arrivals of the environment, those around the period too.
    pub arrivals: Vec<Arrival>,
    /// The changes of deployments; one that is missing has unknown changes.
    pub changes: HashMap<Id, Vec<Change>>,
    pub incidents: Vec<IncidentCauses>,
    pub calendar: Calendar,
    pub from: Time,
    pub to: Time,
    pub days: f64,
    pub inferred: bool,
}

/// The incidents of each deployment; one that several reports name has those of all.
type BlamedOn = HashMap<Id, Vec<(usize, bool)>>;

impl DeliveryFacts {
    /// The figures of one service, or of all deployments together, and those of each service.
    pub fn figures(&self, service: Option<&str>) -> (Figures, Vec<ServiceFigures>) {
        let blamed = self.blamed();
        let within = |arrival: &&Arrival| (self.from..self.to).contains(&arrival.at);
        let wanted = |arrival: &&Arrival| service.is_none() || arrival.service.as_deref() == service;
        let shown: Vec<&Arrival> = self.arrivals.iter().filter(within).filter(wanted).collect();
        let mut by_service: BTreeMap<Option<String>, Vec<&Arrival>> = BTreeMap::new();
        for arrival in &shown {
            by_service.entry(arrival.service.clone()).or_default().push(arrival);
        }
        let of_service = |(service, arrivals): (Option<String>, Vec<&Arrival>)| ServiceFigures {
            service,
            figures: without_rows(self.of(&arrivals, &blamed)),
        };
        let services = by_service.into_iter().map(of_service).collect();
        (self.of(&shown, &blamed), services)
    }

    fn of(&self, shown: &[&Arrival], blamed: &BlamedOn) -> Figures {
        let counted: Vec<&Arrival> = shown.iter().copied().filter(|arrival| arrival.counts()).collect();
        let failures = self.failures(&counted, blamed);
        let recovery = self.recovery(&failures, counted.len());
        Figures {
            deployment_frequency: self.frequency(shown, &counted),
            change_lead_time: self.lead_time(&counted),
            change_fail_rate: fail_rate(failures, counted.len()),
            deployment_rework_rate: self.rework(&counted),
            failed_deployment_recovery_time: recovery,
        }
    }

    fn frequency(&self, shown: &[&Arrival], counted: &[&Arrival]) -> DeploymentFrequency {
        let days: BTreeSet<_> = counted.iter().map(|arrival| self.calendar.day(arrival.at)).collect();
        let value = (self.days > 0.0).then(|| counted.len() as f64 / self.days);
        let band = value.map(|value| match value {
            value if value >= 1.0 => Band::Elite,
            value if value >= 1.0 / 7.0 => Band::High,
            value if value >= 1.0 / 30.0 => Band::Medium,
            _ => Band::Low,
        });
        let (rows, rows_left_off) = capped(shown.iter().map(|arrival| (*arrival).clone()).collect());
        let band = band.filter(|_| counted.len() >= FEWEST);
        DeploymentFrequency { value, n: counted.len(), deployment_days: days.len(), band, rows, rows_left_off }
    }

    fn lead_time(&self, counted: &[&Arrival]) -> ChangeLeadTime {
        let mut rows = Vec::new();
        let mut deployments = 0;
        for arrival in counted.iter().filter(|arrival| arrival.kind == ArrivalKind::Deployed) {
            deployments += 1;
            let row = |change: Option<&Change>| change_row(arrival, change);
            match self.changes.get(&arrival.deployment_id) {
                Some(changes) => rows.extend(changes.iter().map(|change| row(Some(change)))),
                None => rows.push(row(None)),
            }
        }
        let problems = |problem| rows.iter().filter(|row: &&ChangeRow| row.problem == Some(problem)).count();
        let (unknown, inconsistent) = (problems(ChangeProblem::Unknown), problems(ChangeProblem::Inconsistent));
        let mut times: Vec<f64> = rows.iter().filter_map(|row| row.hours).collect();
        times.sort_by(f64::total_cmp);
        let value = median(&times);
        let band = value.filter(|_| deployments >= FEWEST).map(|hours| within(hours, [24.0, 168.0, 720.0]));
        let mean = (!times.is_empty()).then(|| times.iter().sum::<f64>() / times.len() as f64);
        let rank = (times.len() * 9).div_ceil(10).saturating_sub(1);
        let (n, p90) = (times.len(), times.get(rank).copied());
        let (rows, rows_left_off) = capped(rows);
        ChangeLeadTime { value, n, mean, p90, unknown, inconsistent, band, rows, rows_left_off }
    }

    /// The incidents that each deployment caused. A person's or system's word comes first; without one, an incident is
    /// inferred to be caused by the latest deployment of its services within 24 hours before it. This does not depend on
    /// the period that is asked for.
    fn blamed(&self) -> BlamedOn {
        let counts: HashMap<Id, Id> = self
            .arrivals
            .iter()
            .filter(|arrival| arrival.kind != ArrivalKind::RollBack)
            .map(|arrival| (arrival.deployment_id, arrival.same_as.unwrap_or(arrival.deployment_id)))
            .collect();
        let mut blamed = BlamedOn::new();
        for (n, incident) in self.incidents.iter().enumerate() {
            let named = incident.caused_by.iter().any(|(_, inferred)| !inferred);
            let mut causes: Vec<(Id, bool)> = match incident.caused_by.is_empty() {
                true => self.suspect(incident).map(|id| (id, true)).into_iter().collect(),
                false => incident.caused_by.iter().copied().filter(|(_, inferred)| !named || !inferred).collect(),
            };
            causes.retain(|(_, inferred)| self.inferred || !inferred);
            for (deployment, inferred) in causes {
                let deployment = counts.get(&deployment).copied().unwrap_or(deployment);
                let of_one = blamed.entry(deployment).or_default();
                if !of_one.iter().any(|(known, _)| *known == n) {
                    of_one.push((n, inferred));
                }
            }
        }
        blamed
    }

    fn suspect(&self, incident: &IncidentCauses) -> Option<Id> {
        let services: HashSet<&Option<String>> = self.arrivals.iter().map(|arrival| &arrival.service).collect();
        let touches = |arrival: &&Arrival| match &arrival.service {
            None => true,
            Some(service) if incident.services.is_empty() => services.len() == 1 && !service.is_empty(),
            Some(service) => incident.services.contains(service),
        };
        let before = |arrival: &&Arrival| {
            arrival.at <= incident.detected_at && incident.detected_at.0 - arrival.at.0 <= MAY_CAUSE
        };
        let candidates = self.arrivals.iter().filter(|arrival| arrival.kind == ArrivalKind::Deployed);
        let candidates = candidates.filter(before).filter(touches);
        let last = candidates.max_by_key(|arrival| arrival.at)?.deployment_id;
        (!incident.cleared.contains(&last)).then_some(last)
    }

    fn failures(&self, counted: &[&Arrival], blamed: &BlamedOn) -> Vec<FailureRow> {
        let failed = counted.iter().filter(|arrival| arrival.kind == ArrivalKind::Deployed).filter_map(|arrival| {
            let of_one = blamed.get(&arrival.deployment_id).map(Vec::as_slice).unwrap_or_default();
            let incidents = of_one.iter().filter_map(|(n, inferred)| {
                let incident = self.incidents.get(*n)?;
                let (number, detected_at) = (incident.number.clone(), incident.detected_at);
                Some(Blamed { incident_id: incident.id, number, detected_at, inferred: *inferred })
            });
            let incidents: Vec<Blamed> = incidents.collect();
            (arrival.rolled_back_at.is_some() || !incidents.is_empty()).then(|| FailureRow {
                deployment_id: arrival.deployment_id,
                at: arrival.at,
                service: arrival.service.clone(),
                rolled_back_at: arrival.rolled_back_at,
                incidents,
            })
        });
        failed.collect()
    }

    fn rework(&self, counted: &[&Arrival]) -> ReworkRate {
        let row = |arrival: &&Arrival| {
            // A roll-back is a later state of the deployment that failed: only what comes after the incident fixes it.
            let fixes = |incident: &&IncidentCauses| {
                incident.fixed_by.contains(&arrival.deployment_id) && incident.detected_at <= arrival.at
            };
            let fixed = self.incidents.iter().find(fixes);
            let carries = |incident: &&IncidentCauses| {
                let release = arrival.release_id.is_some_and(|id| incident.fixing_releases.contains(&id));
                release && incident.detected_at <= arrival.at && incident.over_at.is_none_or(|over| over >= arrival.at)
            };
            let hotfix = self.incidents.iter().find(carries);
            let (because, incident) = match (arrival.kind, fixed, hotfix) {
                (ArrivalKind::RollBack, fixed, _) => (ReworkReason::RollBack, fixed),
                (_, Some(fixed), _) => (ReworkReason::Fixes, Some(fixed)),
                (_, None, Some(hotfix)) => (ReworkReason::Hotfix, Some(hotfix)),
                _ => return None,
            };
            Some(ReworkRow {
                deployment_id: arrival.deployment_id,
                at: arrival.at,
                service: arrival.service.clone(),
                because,
                incident_id: incident.map(|incident| incident.id),
            })
        };
        let rows: Vec<ReworkRow> = counted.iter().filter_map(row).collect();
        let (n, unplanned) = (counted.len(), rows.len());
        let (rows, rows_left_off) = capped(rows);
        ReworkRate { value: ratio(unplanned, n), n, unplanned, rows, rows_left_off }
    }

    fn recovery(&self, failures: &[FailureRow], deployments: usize) -> RecoveryTime {
        let rows: Vec<RecoveryRow> = failures.iter().map(|failure| self.recovered(failure)).collect();
        let sorted = |mut times: Vec<f64>| {
            times.sort_by(f64::total_cmp);
            times
        };
        let times = sorted(rows.iter().filter_map(|row| row.hours).collect());
        let detected = rows.iter().flat_map(|row| row.incidents.iter().filter_map(|incident| incident.hours));
        let detection_to_mitigation = median(&sorted(detected.collect()));
        let value = median(&times);
        let band = value.filter(|_| deployments >= FEWEST).map(|hours| within(hours, [1.0, 24.0, 168.0]));
        let (n, open) = (times.len(), rows.iter().filter(|row| row.recovered_at.is_none()).count());
        let (rows, rows_left_off) = capped(rows);
        RecoveryTime { value, n, open, detection_to_mitigation, band, rows, rows_left_off }
    }

    /// A failed deployment is over when all of its incidents are, or when it was rolled back, whichever comes first.
    fn recovered(&self, failure: &FailureRow) -> RecoveryRow {
        let of_incident = |blamed: &Blamed| {
            let facts = self.incidents.iter().find(|incident| incident.id == blamed.incident_id)?;
            let mitigated_at = self.mitigated(facts).or(failure.rolled_back_at);
            Some(Recovered {
                incident_id: facts.id,
                number: facts.number.clone(),
                detected_at: facts.detected_at,
                mitigated_at,
                hours: mitigated_at.map(|at| hours(facts.detected_at, at)).filter(|hours| *hours >= 0.0),
                inferred: blamed.inferred,
            })
        };
        let incidents: Vec<Recovered> = failure.incidents.iter().filter_map(of_incident).collect();
        let last = incidents.iter().map(|incident| incident.mitigated_at).collect::<Option<Vec<Time>>>();
        let last = last.and_then(|times| times.into_iter().max());
        let recovered_at = last.or(failure.rolled_back_at);
        let hours = recovered_at.map(|at| hours(failure.at, at)).filter(|hours| *hours >= 0.0);
        RecoveryRow { deployment_id: failure.deployment_id, deployed_at: failure.at, recovered_at, hours, incidents }
    }

    /// When an incident was mitigated: as its own record says, or else by the first deployment that fixed it.
    fn mitigated(&self, incident: &IncidentCauses) -> Option<Time> {
        let fixing = self.arrivals.iter().filter(|arrival| arrival.counts());
        let fixing = fixing.filter(|arrival| incident.fixed_by.contains(&arrival.deployment_id));
        incident.over_at.or_else(|| fixing.map(|arrival| arrival.at).filter(|at| *at >= incident.detected_at).min())
    }
}

fn change_row(arrival: &Arrival, change: Option<&Change>) -> ChangeRow {
    let problem = match change {
        None => Some(ChangeProblem::Unknown),
        Some(change) if change.committed_at.max(change.merged_at.unwrap_or_default()) > arrival.at => {
            Some(ChangeProblem::Inconsistent)
        }
        Some(change) => change.merged_at.filter(|at| *at < change.committed_at).map(|_| ChangeProblem::CommittedLate),
    };
    let counts = !matches!(problem, Some(ChangeProblem::Unknown | ChangeProblem::Inconsistent));
    ChangeRow {
        change: change.map(|change| change.name.clone()),
        deployment_id: arrival.deployment_id,
        committed_at: change.map(|change| change.committed_at),
        deployed_at: arrival.at,
        hours: change.filter(|_| counts).map(|change| hours(change.committed_at, arrival.at)),
        how: change.map(|change| change.how),
        problem,
    }
}

fn fail_rate(failures: Vec<FailureRow>, n: usize) -> ChangeFailRate {
    let (failed, value) = (failures.len(), ratio(failures.len(), n));
    let only_inferred =
        |row: &&FailureRow| row.rolled_back_at.is_none() && row.incidents.iter().all(|incident| incident.inferred);
    let inferred = failures.iter().filter(only_inferred).count();
    let band = value.filter(|_| n >= FEWEST).map(|rate| within_or_at(rate, [0.05, 0.10, 0.15]));
    let (rows, rows_left_off) = capped(failures);
    ChangeFailRate { value, n, failed, inferred, band, rows, rows_left_off }
}

fn without_rows(mut figures: Figures) -> Figures {
    figures.deployment_frequency.rows.clear();
    figures.change_lead_time.rows.clear();
    figures.change_fail_rate.rows.clear();
    figures.deployment_rework_rate.rows.clear();
    figures.failed_deployment_recovery_time.rows.clear();
    figures
}

/// The first rows, and how many more there are.
fn capped<T>(mut rows: Vec<T>) -> (Vec<T>, usize) {
    let left_off = rows.len().saturating_sub(MOST_ROWS);
    rows.truncate(MOST_ROWS);
    (rows, left_off)
}

fn hours(from: Time, to: Time) -> f64 {
    (to.0 - from.0) as f64 / HOUR
}

fn ratio(part: usize, all: usize) -> Option<f64> {
    (all > 0).then(|| part as f64 / all as f64)
}

/// The median of sorted numbers: the mean of the two middle ones where their number is even.
pub fn median(sorted: &[f64]) -> Option<f64> {
    let upper = *sorted.get(sorted.len() / 2)?;
    match sorted.len() % 2 {
        0 => sorted.get(sorted.len() / 2 - 1).map(|lower| (lower + upper) / 2.0),
        _ => Some(upper),
    }
}

/// The band of a value by the upper ends of the first three, which do not belong to them.
fn within(value: f64, ends: [f64; 3]) -> Band {
    let passed = ends.iter().filter(|end| value >= **end).count();
    Band::ALL.get(passed).copied().unwrap_or(Band::Low)
}

/// The same where the ends belong to their band.
fn within_or_at(value: f64, ends: [f64; 3]) -> Band {
    let passed = ends.iter().filter(|end| value > **end).count();
    Band::ALL.get(passed).copied().unwrap_or(Band::Low)
}
