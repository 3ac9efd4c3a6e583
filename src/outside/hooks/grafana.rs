//! Alerts of Grafana: those of its alerting (as Alertmanager's, with more fields), and those of the alerting before
//! version 9.

use super::alertmanager::{self, key};
use super::{Payload, cut};
use crate::domain::operations::alert::{AlertBatch, AlertState, ReportedAlert};
use crate::domain::operations::incident::{IncidentSource, default_severity};
use crate::error::{Error, Result};

/// Reads alerts; `None` where there is nothing to do, as for a rule that was paused.
///
/// # Errors
/// 422 with every field that is wrong.
pub fn read(payload: &Payload<'_>, product: Option<String>) -> Result<Option<AlertBatch>> {
    if payload.value().get("alerts").is_some() || payload.value().get("ruleName").is_none() {
        return alertmanager::read(payload, IncidentSource::Grafana, product).map(Some);
    }
    let (state, no_data) = match payload.text("/state")? {
        "alerting" => (AlertState::Firing, false),
        "no_data" => (AlertState::Firing, true),
        "ok" => (AlertState::Resolved, false),
        "paused" | "pending" | "unknown" => return Ok(None),
        _ => return Err(Error::field("/state", "not_one_of", "must be alerting, ok, no_data, paused or pending")),
    };
    let name = payload.text("/ruleName")?;
    let rule = payload.value()["ruleId"].as_i64().map_or_else(|| name.to_owned(), |id| id.to_string());
    let fingerprint = key(&format!("rule {rule}"));
    let message = payload.text_or_empty("/message");
    Ok(Some(AlertBatch {
        product,
        source: IncidentSource::Grafana,
        join_key: fingerprint.clone(),
        title: cut(name, 300),
        summary: Some(cut(message, 5_000)).filter(|text| !text.is_empty()),
        severity: default_severity(),
        services: Vec::new(),
        alerts: vec![ReportedAlert {
            fingerprint,
            title: cut(name, 300),
            severity: None,
            no_data,
            state,
            starts_at: None,
            ends_at: None,
            labels: Default::default(),
            url: payload.url("/ruleUrl"),
        }],
        left_out: 0,
        is_all_over: false,
        acknowledges: false,
        caused_by: None,
    }))
}
