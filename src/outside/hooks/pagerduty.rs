//! Events of PagerDuty's Events API v2, so that every tool that can page PagerDuty can page Hearback.

use super::alertmanager::real_time;
use super::{Payload, cut};
use crate::domain::base::Id;
use crate::domain::operations::alert::{AlertBatch, AlertState, ReportedAlert, severity_of};
use crate::domain::operations::incident::{IncidentSource, default_severity};
use crate::error::{Error, FieldError, Result};

/// The severities of the format.
const SEVERITIES: [&str; 4] = ["critical", "error", "warning", "info"];

/// The token in an event; empty where it has none.
pub fn token<'a>(payload: &Payload<'a>) -> &'a str {
    payload.text_or_empty("/routing_key")
}

/// Reads an event. The key of a trigger without one is new.
///
/// # Errors
/// 422 with every field that is wrong.
pub fn read(payload: &Payload<'_>, product: Option<String>) -> Result<AlertBatch> {
    let mut wrong = Vec::new();
    let action = payload.text("/event_action");
    let action = action.unwrap_or_else(|error| {
        wrong.extend(error.fields);
        ""
    });
    if !matches!(action, "trigger" | "acknowledge" | "resolve" | "") {
        wrong.push(FieldError::new("/event_action", "not_one_of", "must be trigger, acknowledge or resolve"));
    }
    let dedup_key = payload.text_or_empty("/dedup_key");
    if dedup_key.chars().count() > 255 {
        wrong.push(FieldError::new("/dedup_key", "too_long", "must have at most 255 characters"));
    }
    if dedup_key.is_empty() && action != "trigger" {
        wrong.push(FieldError::new("/dedup_key", "required", "is required, except for a trigger"));
    }
    let severity = payload.text_or_empty("/payload/severity");
    if action == "trigger" {
        for field in ["/payload/summary", "/payload/source"] {
            wrong.extend(payload.text(field).err().into_iter().flat_map(|error| error.fields));
        }
        if !SEVERITIES.contains(&severity) {
            let detail = "must be critical, error, warning or info";
            wrong.push(FieldError::new(
                "/payload/severity",
                if severity.is_empty() { "required" } else { "not_one_of" },
                detail,
            ));
        }
    }
    if !wrong.is_empty() {
        return Err(Error::invalid(wrong));
    }
    Ok(batch(payload, product, action, dedup_key))
}

fn batch(payload: &Payload<'_>, product: Option<String>, action: &str, dedup_key: &str) -> AlertBatch {
    let key = if dedup_key.is_empty() { Id::next().to_string() } else { cut(dedup_key, 255) };
    let severity = payload.text_or_empty("/payload/severity");
    let title = cut(payload.text_or_empty("/payload/summary"), 300);
    let service = [payload.text_or_empty("/payload/component"), payload.text_or_empty("/payload/source")];
    let service = service.into_iter().find(|name| !name.trim().is_empty());
    let named = ["source", "component", "group", "class"];
    let labels =
        named.into_iter().map(|name| (name.to_owned(), cut(payload.text_or_empty(&format!("/payload/{name}")), 500)));
    let alert = ReportedAlert {
        fingerprint: key.clone(),
        title: title.clone(),
        severity: Some(severity.to_owned()).filter(|word| !word.is_empty()),
        no_data: false,
        state: if action == "resolve" { AlertState::Resolved } else { AlertState::Firing },
        // The times of triggers differ, though they mean the same alert: the key says which.
        starts_at: None,
        ends_at: real_time(payload.time("/payload/timestamp")),
        labels: labels.filter(|(_, text)| !text.is_empty()).collect(),
        url: payload.url("/client_url").or_else(|| payload.url("/links/0/href")),
    };
    AlertBatch {
        product,
        source: IncidentSource::Pagerduty,
        join_key: key,
        title: if title.is_empty() { "Alert".to_owned() } else { title },
        summary: None,
        severity: severity_of(severity).unwrap_or_else(default_severity),
        services: service.map(|name| vec![cut(name.trim(), 200)]).unwrap_or_default(),
        // An acknowledgement says nothing about the alert itself.
        alerts: if action == "acknowledge" { Vec::new() } else { vec![alert] },
        left_out: 0,
        is_all_over: false,
        acknowledges: action == "acknowledge",
        caused_by: None,
    }
}
