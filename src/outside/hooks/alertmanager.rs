//! Alerts of Prometheus' Alertmanager (webhook version 4) and of Grafana, which sends the same with more fields.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Payload, cut, signature};
use crate::domain::base::Time;
use crate::domain::operations::alert::{AlertBatch, AlertState, ReportedAlert, severity_of};
use crate::domain::operations::incident::{IncidentSource, default_severity};
use crate::error::{Error, FieldError, Result};

/// The most labels of an alert that are kept.
const LABELS: usize = 50;
/// Names of alerts that say that Grafana sees nothing.
const NO_DATA: [&str; 2] = ["DatasourceNoData", "DatasourceError"];
/// Labels that name the affected service, in this order.
const SERVICES: [&str; 3] = ["service", "service_name", "app"];

/// Reads a group of alerts. Unknown fields are ignored.
///
/// # Errors
/// 422 with every alert that is wrong.
pub fn read(payload: &Payload<'_>, source: IncidentSource, product: Option<String>) -> Result<AlertBatch> {
    payload.text("/status")?;
    let (alerts, labels) = alerts(payload)?;
    let common = texts(payload.value().pointer("/commonLabels"));
    let group = payload.text_or_empty("/groupKey");
    let first = alerts.first().map(|alert| alert.fingerprint.clone()).unwrap_or_default();
    let left_out = payload.value()["truncatedAlerts"].as_i64().unwrap_or_default().max(0);
    let all_resolved = alerts.iter().all(|alert| alert.state == AlertState::Resolved);
    Ok(AlertBatch {
        product,
        source,
        join_key: key(if group.is_empty() { &first } else { group }),
        title: title(payload, &common, &labels),
        summary: Some(cut(payload.text_or_empty("/commonAnnotations/description"), 5_000))
            .filter(|text| !text.is_empty()),
        severity: severity(&common, &labels),
        services: services(&labels),
        is_all_over: payload.text_or_empty("/status") == "resolved" && left_out == 0 && all_resolved,
        alerts,
        left_out,
        acknowledges: false,
        caused_by: None,
    })
}

/// A key that fits into its column.
pub(super) fn key(text: &str) -> String {
    if text.len() <= 250 { text.to_owned() } else { signature::fingerprint(text.as_bytes()) }
}

type Labels = BTreeMap<String, String>;

/// The alerts, and the labels of each.
fn alerts(payload: &Payload<'_>) -> Result<(Vec<ReportedAlert>, Vec<Labels>)> {
    if payload.value().get("alerts").is_none() {
        return Err(Error::field("/alerts", "required", "is required"));
    }
    let (mut found, mut labels, mut wrong) = (Vec::new(), Vec::new(), Vec::new());
    for one in payload.objects("/alerts")? {
        match alert(&one) {
            Ok(read) => {
                labels.push(read.labels.clone());
                found.push(read);
            }
            Err(error) if wrong.len() < 200 => wrong.extend(error.fields),
            Err(_) => {}
        }
    }
    if wrong.is_empty() { Ok((found, labels)) } else { Err(Error::invalid(wrong)) }
}

fn alert(one: &Payload<'_>) -> Result<ReportedAlert> {
    let mut wrong: Vec<FieldError> = Vec::new();
    let state = match one.text("/status") {
        Ok("firing") => AlertState::Firing,
        Ok("resolved") => AlertState::Resolved,
        Ok(_) => {
            wrong.push(one.error("/status", "not_one_of", "must be firing or resolved"));
            AlertState::Firing
        }
        Err(error) => {
            wrong.extend(error.fields);
            AlertState::Firing
        }
    };
    let starts_at = one.time("/startsAt").filter(|at| at.0 > 0);
    if starts_at.is_none() {
        wrong.push(one.error("/startsAt", "format", "must be a time as in RFC 3339, for example 2026-01-31T09:30:00Z"));
    }
    if !wrong.is_empty() {
        return Err(Error::invalid(wrong));
    }
    let labels = texts(one.value().pointer("/labels"));
    let name = labels.get("alertname").cloned().unwrap_or_default();
    let reason = one.text_or_empty("/annotations/grafana_state_reason");
    let fingerprint = one.text_or_empty("/fingerprint");
    Ok(ReportedAlert {
        fingerprint: if fingerprint.is_empty() { of_labels(&labels) } else { key(fingerprint) },
        title: cut([name.as_str(), "alert"].into_iter().find(|text| !text.is_empty()).unwrap_or_default(), 300),
        severity: labels.get("severity").cloned(),
        no_data: NO_DATA.contains(&name.as_str()) || matches!(reason, "NoData" | "Error"),
        state,
        starts_at,
        // An alert that fires has the year 1.
        ends_at: one.time("/endsAt").filter(|at| at.0 > 0),
        url: one.url("/generatorURL"),
        labels,
    })
}

/// What identifies an alert whose sender gives no fingerprint.
fn of_labels(labels: &Labels) -> String {
    signature::fingerprint(serde_json::to_string(labels).unwrap_or_default().as_bytes())
}

/// The texts of an object, cut to what is kept.
fn texts(value: Option<&Value>) -> Labels {
    let fields = value.and_then(Value::as_object).into_iter().flatten();
    let texts = fields.filter_map(|(name, value)| Some((cut(name, 100), cut(value.as_str()?, 500))));
    texts.take(LABELS).collect()
}

fn title(payload: &Payload<'_>, common: &Labels, labels: &[Labels]) -> String {
    let name = common.get("alertname").or_else(|| labels.iter().find_map(|labels| labels.get("alertname")));
    let name = name.map_or("", String::as_str);
    let summary =
        [payload.text_or_empty("/commonAnnotations/summary"), payload.text_or_empty("/alerts/0/annotations/summary")];
    let summary = summary.into_iter().find(|text| !text.is_empty()).unwrap_or_default();
    let title = match (name, summary) {
        ("", "") => "Alert".to_owned(),
        (name, "") => name.to_owned(),
        ("", summary) => summary.to_owned(),
        (name, summary) => format!("{name}: {summary}"),
    };
    cut(title.trim(), 300)
}

/// The most severe of the alerts.
fn severity(common: &Labels, labels: &[Labels]) -> i32 {
    let all = std::iter::once(common).chain(labels);
    let named = all.filter_map(|labels| severity_of(labels.get("severity")?));
    named.min().unwrap_or_else(default_severity)
}

fn services(labels: &[Labels]) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for labels in labels {
        let name = SERVICES.iter().find_map(|name| labels.get(*name)).filter(|name| !name.trim().is_empty());
        let name = name.map(|name| cut(name.trim(), 200)).filter(|name| !found.contains(name));
        found.extend(name.filter(|_| found.len() < 50));
    }
    found
}

/// The end of the years that mean no time, for senders of old payloads.
pub(super) fn real_time(at: Option<Time>) -> Option<Time> {
    at.filter(|at| at.0 > 0)
}
