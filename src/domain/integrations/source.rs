//! Sources of feedback and of news about work, with how fresh they are.

use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::base::Time;

crate::domain::names! {
    /// What a source is: the system that feedback comes from (its origin), or an incoming hook.
    pub enum SourceKind { Origin "origin", Hook "hook" }
}

/// The hooks that take alerts in.
pub const ALERTING: [&str; 4] = ["alertmanager", "grafana", "pagerduty", "sentry"];

/// A source and how fresh it is.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SourceState {
    #[schema(inline)]
    pub kind: SourceKind,
    /// The origin of the feedback, or the name of the hook: `github`, `gitlab`, `cdevents`,
    /// `alertmanager`, `grafana`, `pagerduty` or `sentry`.
    #[schema(example = "zendesk")]
    pub name: String,
    /// When something was received last.
    pub last_received_at: Option<Time>,
    /// What was received in the last 30 days: pieces of feedback, messages of the hook, or the alerts of a hook that takes
    /// alerts in.
    pub received: i64,
    /// When something was refused last: a file that could not be read, or a message of the hook.
    pub last_error_at: Option<Time>,
    /// Why it was refused.
    #[schema(example = "The signature is missing or wrong.")]
    pub last_error: Option<String>,
}
