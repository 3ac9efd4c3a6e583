//! CDEvents over CloudEvents: a service was deployed, upgraded or rolled back; an incident was detected, reported or resolved.

use serde_json::Value;

use super::{Payload, Receiving, alertmanager, cut, signature, tags};
use crate::domain::base::Time;
use crate::domain::integrations::{DeploymentReport, Report};
use crate::domain::operations::alert::{AlertBatch, AlertState, ReportedAlert};
use crate::domain::operations::incident::{IncidentSource, default_severity};
use crate::domain::releases::DeploymentState;
use crate::error::{Error, FieldError, Result};

/// The media type of an event in structured mode, with its attributes in the body.
pub const STRUCTURED: &str = "application/cloudevents+json";

/// A CloudEvent: its attributes and its data.
#[derive(Clone, Debug)]
pub struct CloudEvent {
    id: String,
    source: String,
    kind: String,
    time: Option<Time>,
    data: Value,
}

impl CloudEvent {
    /// Reads an event in binary mode: the attributes are headers (`ce-id`, ...), the body is the data.
    ///
    /// # Errors
    /// 422 with every attribute that is missing.
    pub fn binary<'a>(header: impl Fn(&str) -> &'a str, data: Value) -> Result<Self> {
        let attribute = |name: &str| decoded(header(&format!("ce-{name}")));
        Self::of(attribute, "/ce-", data)
    }

    /// Reads an event in structured mode: everything is in the body.
    ///
    /// # Errors
    /// 422 with every attribute that is missing.
    pub fn structured(mut event: Value) -> Result<Self> {
        let data = event.get_mut("data").map(Value::take).unwrap_or_default();
        let attribute = |name: &str| event[name].as_str().unwrap_or_default().to_owned();
        Self::of(attribute, "/", data)
    }

    fn of(attribute: impl Fn(&str) -> String, prefix: &str, data: Value) -> Result<Self> {
        let mut wrong = Vec::new();
        let mut required = |name: &str| {
            let text = attribute(name);
            if text.is_empty() || text.len() > 2_000 {
                wrong.push(FieldError::new(format!("{prefix}{name}"), "required", "is required: a CloudEvent has it"));
            }
            text
        };
        let (id, source, kind) = (required("id"), required("source"), required("type"));
        if !required("specversion").starts_with("1.") {
            wrong.retain(|e| !e.pointer.ends_with("specversion"));
            wrong.push(FieldError::new(format!("{prefix}specversion"), "not_one_of", "must be 1.0"));
        }
        if !wrong.is_empty() {
            return Err(Error::invalid(wrong));
        }
        Ok(Self { time: Time::parse(&attribute("time")), id, source, kind, data })
    }

    /// The identity of the event: source and id, which are unique together.
    pub fn known_by(&self) -> String {
        let whole = format!("{} {}", self.source, self.id);
        if whole.len() <= 250 { whole } else { signature::fingerprint(whole.as_bytes()) }
    }

    /// The reports in the event; `None` where there is nothing to do for it.
    ///
    /// # Errors
    /// 422 where a required field is missing or has the wrong type.
    pub fn read(&self, receiving: &Receiving) -> Result<Option<Vec<Report>>> {
        if let Some(state) = incident_state_of(&self.kind) {
            return self.incident(receiving, state).map(|batch| Some(vec![Report::Alerts(Box::new(batch))]));
        }
        let Some(state) = state_of(&self.kind) else { return Ok(None) };
        let payload = Payload::new(&self.data);
        let subject = payload.object("/subject")?;
        let content = subject.object("/content")?;
        let artifact = content.text_or_empty("/artifactId");
        let release = payload.text_or_empty("/customData/release");
        let product = Some(payload.text_or_empty("/customData/product")).filter(|key| !key.is_empty());
        let tags = [release.to_owned()].into_iter().chain(versions(artifact)).map(|tag| tags::read(&tag)).collect();
        Ok(Some(vec![Report::Deployment(DeploymentReport {
            product: receiving.product.clone().or_else(|| product.map(str::to_owned)),
            tags,
            environment: Some(cut(content.text("/environment/id")?, 100)),
            production: false,
            service: Some(cut(subject.text("/id")?, 200)),
            state,
            revision: (!artifact.is_empty()).then(|| cut(artifact, 200)),
            url: None,
            external_id: self.known_by(),
            inferred: false,
            at: payload.time("/context/timestamp").or(self.time),
            only_scheduled: false,
        })]))
    }
}

impl CloudEvent {
    /// An incident that another system detected, reported or resolved. Its events have one subject.
    fn incident(&self, receiving: &Receiving, state: AlertState) -> Result<AlertBatch> {
        let payload = Payload::new(&self.data);
        let subject = payload.object("/subject")?;
        let id = alertmanager::key(subject.text("/id")?);
        let description = subject.text_or_empty("/content/description");
        let title = if description.is_empty() { format!("Incident {id}") } else { description.to_owned() };
        let service = subject.text_or_empty("/content/service/id");
        let environment = subject.text_or_empty("/content/environment/id");
        let labels = [("environment", environment), ("service", service)];
        let labels = labels.into_iter().filter(|(_, text)| !text.is_empty());
        let alert = ReportedAlert {
            fingerprint: id.clone(),
            title: cut(&title, 300),
            severity: None,
            no_data: false,
            state,
            starts_at: None,
            ends_at: payload.time("/context/timestamp").or(self.time),
            labels: labels.map(|(name, text)| (name.to_owned(), cut(text, 200))).collect(),
            url: subject.url("/content/ticketURI"),
        };
        let artifact = subject.text_or_empty("/content/artifactId");
        Ok(AlertBatch {
            product: receiving.product.clone(),
            source: IncidentSource::Cdevents,
            join_key: id,
            title: cut(&title, 300),
            summary: None,
            severity: default_severity(),
            services: if service.is_empty() { Vec::new() } else { vec![cut(service, 200)] },
            alerts: vec![alert],
            left_out: 0,
            is_all_over: false,
            acknowledges: false,
            caused_by: (!artifact.is_empty()).then(|| cut(artifact, 200)),
        })
    }
}

/// The state that an event about an incident, of any version, reports.
fn incident_state_of(kind: &str) -> Option<AlertState> {
    match kind.strip_prefix("dev.cdevents.incident.")?.split('.').next()? {
        "detected" | "reported" => Some(AlertState::Firing),
        "resolved" => Some(AlertState::Resolved),
        _ => None,
    }
}

/// Decodes the percent-encoding of an attribute in a header.
fn decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let hex = bytes.get(at + 1..at + 3).filter(|_| *byte == b'%');
        let hex = hex.and_then(|pair| u8::from_str_radix(str::from_utf8(pair).ok()?, 16).ok());
        out.push(hex.unwrap_or(*byte));
        at += if hex.is_some() { 3 } else { 1 };
    }
    String::from_utf8_lossy(&out).replace('\0', "")
}

/// The state for an event type such as `dev.cdevents.service.deployed.0.2.0`, of any version.
fn state_of(kind: &str) -> Option<DeploymentState> {
    let predicate = kind.strip_prefix("dev.cdevents.service.")?.split('.').next()?;
    match predicate {
        "deployed" | "upgraded" => Some(DeploymentState::Succeeded),
        "rolledback" => Some(DeploymentState::RolledBack),
        _ => None,
    }
}

/// The versions in a package URL: `pkg:oci/app@sha256%3A...?tag=1.4.0`, `pkg:npm/app@1.4.0`.
fn versions(artifact: &str) -> Vec<String> {
    let (path, qualifiers) = artifact.split_once('?').unwrap_or((artifact, ""));
    let tag = qualifiers.split('#').next().unwrap_or_default().split('&').find_map(|pair| pair.strip_prefix("tag="));
    let version = path.rsplit_once('@').map(|(_, version)| version.split('#').next().unwrap_or(version));
    [tag, version].into_iter().flatten().map(decoded).filter(|text| !text.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_url_names_versions() {
        assert_eq!(versions("pkg:oci/app@sha256%3A0b31?tag=v1.4.0&arch=x"), ["v1.4.0", "sha256:0b31"]);
        assert_eq!(versions("pkg:npm/%40acme/app@1.4.0#src"), ["1.4.0"]);
        assert_eq!(versions("app"), [""; 0]);
        assert_eq!(decoded("caf%C3%A9 100% %zz"), "café 100% %zz");
    }

    #[test]
    fn any_version_of_a_type_is_read() {
        assert_eq!(state_of("dev.cdevents.service.deployed.0.2.0"), Some(DeploymentState::Succeeded));
        assert_eq!(state_of("dev.cdevents.service.upgraded"), Some(DeploymentState::Succeeded));
        assert_eq!(state_of("dev.cdevents.service.rolledback.0.3.0-draft"), Some(DeploymentState::RolledBack));
        assert_eq!(state_of("dev.cdevents.service.deployedx.0.1.0"), None);
        assert_eq!(state_of("dev.cdevents.pipelinerun.finished.0.2.0"), None);
    }
}
