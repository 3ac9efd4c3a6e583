//! The five delivery figures of DORA: the answer, with the rows behind each figure.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::arrivals::Arrival;
use crate::domain::base::{Id, Time};
use crate::domain::releases::ledger::ChangeOrigin;

/// The version of the definitions by which the figures are computed. It rises when one of them changes.
pub const DEFINITION: i32 = 1;
/// With fewer deployments, a figure has no band.
pub const FEWEST: usize = 5;
/// The most rows of a figure in an answer.
pub const MOST_ROWS: usize = 1000;

/// Which figures to read.
#[derive(Clone, Debug, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct FiguresQuery {
    /// A day of the product (`2026-03-02`) or a time. 28 days before `to` where absent.
    #[param(min_length = 10, max_length = 40, example = "2026-03-02")]
    pub from: Option<String>,
    /// The day or time before which the period ends; the end of today where absent.
    #[param(min_length = 10, max_length = 40, example = "2026-03-16")]
    pub to: Option<String>,
    /// The environment; where absent, every environment that customers use.
    #[param(min_length = 1, max_length = 100)]
    pub environment: Option<String>,
    #[param(min_length = 1, max_length = 200)]
    pub service: Option<String>,
    /// `false`: leaves out links between incidents and deployments that are only inferred.
    #[param(default = true)]
    pub inferred: Option<bool>,
}

crate::domain::names! {
    /// The band of the field's report of 2023. It is shown to compare with, and is no target.
    pub enum Band { Elite "elite", High "high", Medium "medium", Low "low" }
}

/// The delivery figures of a product in a period.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DeliveryFigures {
    /// The version of the definitions.
    #[schema(example = 1)]
    pub definition: i32,
    pub product_id: Id,
    /// The period is `[from, to)`.
    pub from: Time,
    pub to: Time,
    /// The days of the period, of which those to come are not counted.
    pub days: f64,
    #[schema(example = "Asia/Seoul")]
    pub time_zone: String,
    pub environment: Option<String>,
    pub service: Option<String>,
    /// Whether inferred links are counted.
    pub inferred: bool,
    pub deployment_frequency: DeploymentFrequency,
    pub change_lead_time: ChangeLeadTime,
    pub change_fail_rate: ChangeFailRate,
    pub deployment_rework_rate: ReworkRate,
    pub failed_deployment_recovery_time: RecoveryTime,
    /// The figures of each service without their rows. The product's own figures count all deployments together; they
    /// are never the mean of the services.
    pub services: Vec<ServiceFigures>,
    pub references: References,
    /// Whether there were more deployments than are read at once, so that the earliest are missing.
    pub incomplete: bool,
}

/// The five figures.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Figures {
    pub deployment_frequency: DeploymentFrequency,
    pub change_lead_time: ChangeLeadTime,
    pub change_fail_rate: ChangeFailRate,
    pub deployment_rework_rate: ReworkRate,
    pub failed_deployment_recovery_time: RecoveryTime,
}

/// The figures of one service.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ServiceFigures {
    /// `null`: deployments that name no service.
    pub service: Option<String>,
    pub figures: Figures,
}

/// Figures of the field to compare with. They are no targets: a figure that becomes a target stops measuring.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct References {
    /// What some teams reach in deployments a day.
    pub deployments_a_day: f64,
    /// How many times as often as others the best teams deploy.
    pub times_as_often: f64,
    /// The part of the failures of others that they have.
    pub part_of_the_failures: f64,
}

impl Default for References {
    fn default() -> Self {
        Self { deployments_a_day: 10.0, times_as_often: 30.0, part_of_the_failures: 0.5 }
    }
}

/// How often deployments reach customers.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub struct DeploymentFrequency {
    /// Deployments a day; `null` for a period that has not begun.
    pub value: Option<f64>,
    /// Deployments that count, roll-backs among them.
    pub n: usize,
    /// Local days with at least one.
    pub deployment_days: usize,
    pub band: Option<Band>,
    /// All deployments of the period, also those that do not count.
    pub rows: Vec<Arrival>,
    /// Rows beyond the most that are shown.
    pub rows_left_off: usize,
}

/// How long changes take from their first commit until they reach customers.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub struct ChangeLeadTime {
    /// The median in hours.
    pub value: Option<f64>,
    /// Changes with a known time.
    pub n: usize,
    pub mean: Option<f64>,
    /// The 90th percentile, in hours.
    pub p90: Option<f64>,
    /// Deployments of which no changes are known.
    pub unknown: usize,
    /// Changes that were committed or merged after they were deployed. They are listed and not counted.
    pub inconsistent: usize,
    pub band: Option<Band>,
    pub rows: Vec<ChangeRow>,
    pub rows_left_off: usize,
}

/// A change.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ChangeRow {
    /// The commit, or the pull request as `owner/name#12`; `null` for a deployment of which no changes are known.
    pub change: Option<String>,
    pub deployment_id: Id,
    pub committed_at: Option<Time>,
    pub deployed_at: Time,
    /// From the first commit to customers; `null` where unknown or inconsistent.
    pub hours: Option<f64>,
    pub how: Option<ChangeOrigin>,
    /// What is wrong with it, if anything.
    pub problem: Option<ChangeProblem>,
}

crate::domain::names! {
    /// What is wrong with a change: it was committed or merged after it was deployed, and is not counted; no changes of the
    /// deployment are known; or its first known commit was written after it was merged, so that its time is too short.
    pub enum ChangeProblem {
        Inconsistent "inconsistent", Unknown "unknown", CommittedLate "committed_late",
    }
}

/// Which part of the deployments failed.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub struct ChangeFailRate {
    /// Failed deployments by all that count, 0 to 1.
    pub value: Option<f64>,
    /// Deployments that count.
    pub n: usize,
    /// Failed ones; each counts once, whatever the number of its incidents.
    pub failed: usize,
    /// Failed ones that are so only by an inferred link.
    pub inferred: usize,
    pub band: Option<Band>,
    pub rows: Vec<FailureRow>,
    pub rows_left_off: usize,
}

/// A failed deployment.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct FailureRow {
    pub deployment_id: Id,
    pub at: Time,
    pub service: Option<String>,
    pub rolled_back_at: Option<Time>,
    pub incidents: Vec<Blamed>,
}

/// An incident that a deployment caused.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Blamed {
    pub incident_id: Id,
    #[schema(example = "HB-INC-1")]
    pub number: String,
    pub detected_at: Time,
    /// Whether the link is only inferred, from the deployment before it within 24 hours.
    pub inferred: bool,
}

/// Which part of the deployments was not planned, but done because of a failure.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub struct ReworkRate {
    /// Unplanned deployments by all that count, 0 to 1.
    pub value: Option<f64>,
    /// Deployments that count.
    pub n: usize,
    pub unplanned: usize,
    pub rows: Vec<ReworkRow>,
    pub rows_left_off: usize,
}

crate::domain::names! {
    /// Why a deployment was not planned: it is a roll-back, it is marked as the fix of an incident, or its release carries
    /// a story that fixes an incident which was not over yet.
    pub enum ReworkReason { RollBack "roll_back", Fixes "fixes", Hotfix "hotfix" }
}

/// An unplanned deployment.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ReworkRow {
    pub deployment_id: Id,
    pub at: Time,
    pub service: Option<String>,
    pub because: ReworkReason,
    pub incident_id: Option<Id>,
}

/// How long failed deployments take until customers are served again.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub struct RecoveryTime {
    /// The median in hours, from when a failed deployment reached customers until it was mitigated.
    pub value: Option<f64>,
    /// Failed deployments that were recovered from.
    pub n: usize,
    /// Those that are not over. They are listed and not counted.
    pub open: usize,
    /// The median hours from the detection of an incident until it was mitigated.
    pub detection_to_mitigation: Option<f64>,
    pub band: Option<Band>,
    pub rows: Vec<RecoveryRow>,
    pub rows_left_off: usize,
}

/// The recovery from a failed deployment.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct RecoveryRow {
    pub deployment_id: Id,
    pub deployed_at: Time,
    pub recovered_at: Option<Time>,
    /// `null` where it is not over.
    pub hours: Option<f64>,
    pub incidents: Vec<Recovered>,
}

/// An incident of a failed deployment.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Recovered {
    pub incident_id: Id,
    #[schema(example = "HB-INC-1")]
    pub number: String,
    pub detected_at: Time,
    pub mitigated_at: Option<Time>,
    /// Hours from detection to mitigation.
    pub hours: Option<f64>,
    pub inferred: bool,
}
