//! What reached customers: the deployments of one environment in order, each counted once.

use std::collections::HashMap;

use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::base::{Id, Time};
use crate::domain::releases::{Deployment, DeploymentState};

/// Two reports of one version within this time are reports of one deployment, in microseconds.
const SAME_WITHIN: i64 = 60 * 60 * Time::SECOND;

crate::domain::names! {
    /// What became of a deployment: it counts, as a deployment or as a roll-back; it is another report of one that counts
    /// (`same`); it installed what was running already (`redeploy`); or it did not reach customers (`failed`).
    pub enum ArrivalKind {
        Deployed "deployed", RollBack "roll_back", Same "same", Redeploy "redeploy", Failed "failed",
    }
}

/// A deployment, or a roll-back, at the time at which it reached customers.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Arrival {
    pub deployment_id: Id,
    pub at: Time,
    pub kind: ArrivalKind,
    pub service: Option<String>,
    pub release_id: Option<Id>,
    pub revision: Option<String>,
    pub version: Option<String>,
    pub source: String,
    /// For `same`: the deployment that counts.
    pub same_as: Option<Id>,
    /// When a roll-back took it back.
    pub rolled_back_at: Option<Time>,
    /// The revision that ran before it, where one is known.
    pub before: Option<String>,
    /// Whether it is the first deployment of its service.
    pub is_first: bool,
}

impl Arrival {
    /// Whether it counts as a deployment.
    pub fn counts(&self) -> bool {
        matches!(self.kind, ArrivalKind::Deployed | ArrivalKind::RollBack)
    }

    fn of(deployment: &Deployment, kind: ArrivalKind, at: Time) -> Self {
        Self {
            deployment_id: deployment.id,
            at,
            kind,
            service: deployment.service.clone(),
            release_id: deployment.release_id,
            revision: deployment.revision.clone(),
            version: deployment.version.clone(),
            source: deployment.source.clone(),
            same_as: None,
            rolled_back_at: None,
            before: None,
            is_first: false,
        }
    }

    fn covers(&self, service: &Option<String>) -> bool {
        self.service == *service || self.service.is_none() || service.is_none()
    }

    /// Whether both name the same release, revision or version.
    fn is_of(&self, other: &Arrival) -> bool {
        let bare = |version: &Option<String>| {
            version.as_deref().map(|text| text.strip_prefix(['v', 'V']).unwrap_or(text).to_lowercase())
        };
        let same = |a: bool, b: bool| a && b;
        same(self.release_id.is_some(), self.release_id == other.release_id)
            || same(self.revision.is_some(), self.revision == other.revision)
            || same(self.version.is_some(), bare(&self.version) == bare(&other.version))
    }
}

/// The arrivals of one deployment: when it succeeded, failed, or was rolled back. A later success keeps the first time; of
/// a success that was inferred and one that was reported, the reported one counts.
fn of_one(deployment: &Deployment) -> Vec<Arrival> {
    let first = |state: DeploymentState| {
        let of_state = deployment.transitions.iter().filter(|was| was.state == state);
        of_state.min_by_key(|was| (was.inferred, was.at)).map(|was| was.at)
    };
    let (succeeded, rolled_back) = (first(DeploymentState::Succeeded), first(DeploymentState::RolledBack));
    let mut arrivals = Vec::new();
    match (succeeded, first(DeploymentState::Failed)) {
        (Some(at), _) => arrivals.push(Arrival::of(deployment, ArrivalKind::Deployed, at)),
        (None, Some(at)) if rolled_back.is_none() => {
            arrivals.push(Arrival::of(deployment, ArrivalKind::Failed, at));
        }
        _ => {}
    }
    arrivals.extend(rolled_back.map(|at| Arrival::of(deployment, ArrivalKind::RollBack, at)));
    arrivals
}

/// The arrivals of the deployments of one environment, earliest first, each with what it is.
pub fn arrivals(deployments: &[Deployment]) -> Vec<Arrival> {
    let mut all: Vec<Arrival> = deployments.iter().flat_map(of_one).collect();
    all.sort_by_key(|arrival| (arrival.at, arrival.kind == ArrivalKind::RollBack, arrival.deployment_id));
    let mut running: HashMap<Option<String>, Vec<usize>> = HashMap::new();
    let mut last: HashMap<Option<String>, usize> = HashMap::new();
    for at in 0..all.len() {
        let (earlier, rest) = all.split_at_mut(at);
        let Some(arrival) = rest.first_mut() else { break };
        let own = running.entry(arrival.service.clone()).or_default();
        match arrival.kind {
            ArrivalKind::RollBack => take_back(earlier, arrival, own),
            ArrivalKind::Deployed => {
                let known = known_as(earlier, arrival, &last);
                let now = own.last().and_then(|n| earlier.get(*n));
                arrival.is_first = now.is_none();
                arrival.before = now.and_then(|now| now.revision.clone());
                let again = now.is_some_and(|now| now.revision.is_some() && now.revision == arrival.revision);
                match known {
                    Some(known) => {
                        arrival.kind = ArrivalKind::Same;
                        arrival.same_as = Some(known);
                    }
                    None if again => arrival.kind = ArrivalKind::Redeploy,
                    None => own.push(at),
                }
            }
            _ => {}
        }
        if arrival.counts() {
            last.insert(arrival.service.clone(), at);
        }
    }
    all
}

/// The deployment that counts already and of which this is another report: the last of its service or of one without.
fn known_as(earlier: &[Arrival], arrival: &Arrival, last: &HashMap<Option<String>, usize>) -> Option<Id> {
    let candidates = last.iter().filter(|(service, _)| arrival.covers(service)).filter_map(|(_, n)| earlier.get(*n));
    let near = candidates.filter(|known| known.kind == ArrivalKind::Deployed && known.rolled_back_at.is_none());
    let near = near.filter(|known| arrival.at.0 - known.at.0 <= SAME_WITHIN && arrival.is_of(known));
    near.max_by_key(|known| known.at).map(|known| known.deployment_id)
}

/// A roll-back takes back the deployment that it is a later state of, or else the one that runs.
fn take_back(earlier: &mut [Arrival], arrival: &mut Arrival, running: &mut Vec<usize>) {
    let is_own = |n: &usize| earlier.get(*n).is_some_and(|known| known.deployment_id == arrival.deployment_id);
    let of_itself = earlier.iter().any(|known| known.deployment_id == arrival.deployment_id);
    let taken = match running.iter().rposition(is_own) {
        Some(at) => Some(running.remove(at)),
        None if of_itself => None,
        None => running.pop(),
    };
    if let Some(known) = taken.and_then(|n| earlier.get_mut(n)) {
        known.rolled_back_at = Some(arrival.at);
    }
}
