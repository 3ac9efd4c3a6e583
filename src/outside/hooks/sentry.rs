//! Alerts of a Sentry internal integration. Its messages hold the user's id, address, place and request headers: only the
//! title, the id of the issue, the link, level, environment and release are read.

use super::alertmanager::key;
use super::{Payload, cut};
use crate::domain::operations::alert::{AlertBatch, AlertState, ReportedAlert, severity_of};
use crate::domain::operations::incident::{IncidentSource, default_severity};
use crate::error::{Error, Result};

/// Reads a message of this resource (`Sentry-Hook-Resource`); `None` where there is nothing to do.
///
/// # Errors
/// 422 where a required field is missing or wrong.
pub fn read(resource: &str, payload: &Payload<'_>, product: Option<String>) -> Result<Option<AlertBatch>> {
    let action = payload.text_or_empty("/action");
    match resource {
        "event_alert" if action == "triggered" => event(payload, product).map(Some),
        "metric_alert" => metric(payload, product, action).map(Some),
        "issue" if action == "resolved" => resolved(payload, product).map(Some),
        _ => Ok(None),
    }
}

/// An alert about an issue fired.
fn event(payload: &Payload<'_>, product: Option<String>) -> Result<AlertBatch> {
    let event = payload.object("/data/event")?;
    let issue = id(&event, "/issue_id")?;
    let named = ["level", "environment", "release"];
    let labels = named.into_iter().map(|name| (name.to_owned(), cut(event.text_or_empty(&format!("/{name}")), 200)));
    let level = event.text_or_empty("/level");
    let alert = ReportedAlert {
        fingerprint: key(&format!("issue {issue}")),
        title: cut(event.text("/title")?, 300),
        severity: Some(level.to_owned()).filter(|level| !level.is_empty()),
        no_data: false,
        state: AlertState::Firing,
        starts_at: None,
        ends_at: None,
        labels: labels.filter(|(_, text)| !text.is_empty()).collect(),
        url: event.url("/web_url"),
    };
    Ok(batch(product, alert, severity_of(level)))
}

/// An alert about a metric fired or is over.
fn metric(payload: &Payload<'_>, product: Option<String>, action: &str) -> Result<AlertBatch> {
    let state = match action {
        "critical" | "warning" => AlertState::Firing,
        "resolved" => AlertState::Resolved,
        _ => return Err(Error::field("/action", "not_one_of", "must be critical, warning or resolved")),
    };
    let metric = payload.object("/data/metric_alert")?;
    let title = [payload.text_or_empty("/data/description_title"), metric.text_or_empty("/title")];
    let title = title.into_iter().find(|text| !text.is_empty()).unwrap_or("Metric alert");
    let alert = ReportedAlert {
        fingerprint: key(&format!("metric {}", id(&metric, "/id")?)),
        title: cut(title, 300),
        severity: Some(action.to_owned()),
        no_data: false,
        state,
        starts_at: None,
        ends_at: None,
        labels: Default::default(),
        url: payload.url("/data/web_url"),
    };
    Ok(batch(product, alert, severity_of(action)))
}

/// An issue was resolved in Sentry.
fn resolved(payload: &Payload<'_>, product: Option<String>) -> Result<AlertBatch> {
    let issue = payload.object("/data/issue")?;
    let alert = ReportedAlert {
        fingerprint: key(&format!("issue {}", id(&issue, "/id")?)),
        title: cut(issue.text_or_empty("/title"), 300),
        severity: None,
        no_data: false,
        state: AlertState::Resolved,
        starts_at: None,
        ends_at: None,
        labels: Default::default(),
        url: None,
    };
    Ok(batch(product, alert, None))
}

/// An id, which is a text in some messages and a number in others.
fn id(payload: &Payload<'_>, pointer: &str) -> Result<String> {
    match payload.value().pointer(pointer).and_then(serde_json::Value::as_u64) {
        Some(number) => Ok(number.to_string()),
        None => payload.text(pointer).map(|text| cut(text, 100)),
    }
}

fn batch(product: Option<String>, alert: ReportedAlert, severity: Option<i32>) -> AlertBatch {
    AlertBatch {
        product,
        source: IncidentSource::Sentry,
        join_key: alert.fingerprint.clone(),
        title: alert.title.clone(),
        summary: None,
        severity: severity.unwrap_or_else(default_severity),
        services: Vec::new(),
        alerts: vec![alert],
        left_out: 0,
        is_all_over: false,
        acknowledges: false,
        caused_by: None,
    }
}
