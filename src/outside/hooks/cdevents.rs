//! CDEvents over CloudEvents: a service was deployed, upgraded or rolled back; an incident was detected, reported or resolved;
//! a change of source code was opened or merged.

use serde_json::Value;

use super::{Payload, Receiving, alertmanager, cut, signature, tags};
use crate::domain::base::Time;
use crate::domain::integrations::ledger::{PushReport, PushedCommit, RequestReport};
use crate::domain::integrations::{DeploymentReport, Report};
use crate::domain::operations::alert::{AlertBatch, AlertState, ReportedAlert};
use crate::domain::operations::incident::{IncidentSource, default_severity};
use crate::domain::releases::DeploymentState;
use crate::domain::stories::LinkProvider;
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
        if let Some(event) = ChangeEvent::of(&self.kind) {
            let payload = Payload::new(&self.data);
            let at = payload.time("/context/timestamp").or(self.time);
            return change_reports(event, &payload, at, receiving).map(Some);
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

/// What happened to a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ChangeEvent {
    Created,
    Merged,
    /// It was updated, reviewed or abandoned: it is known, and nothing more is said of it.
    Seen,
}

impl ChangeEvent {
    /// The event of this type, of any version.
    fn of(kind: &str) -> Option<Self> {
        match kind.strip_prefix("dev.cdevents.change.")?.split('.').next()? {
            "created" => Some(Self::Created),
            "merged" => Some(Self::Merged),
            "updated" | "reviewed" | "abandoned" => Some(Self::Seen),
            _ => None,
        }
    }
}

/// The reports of an event about a change, for the ledger of commits and pull requests; `at` is the time of the event. An
/// event has no field for the commit that the change became: that is the id of the change where it is a hash, or
/// `customData.commit`.
///
/// # Errors
/// 422 where the change or its repository is missing.
fn change_reports(
    event: ChangeEvent,
    payload: &Payload<'_>,
    at: Option<Time>,
    receiving: &Receiving,
) -> Result<Vec<Report>> {
    let subject = payload.object("/subject")?;
    let (id, repository) = (subject.text("/id")?, subject.object("/content")?.object("/repository")?);
    let provider = provider_of(repository.text_or_empty("/source"));
    let repository = cut(repository.text("/id")?, 300);
    let custom = |name: &str| payload.text_or_empty(&format!("/customData/{name}"));
    let product =
        receiving.product.clone().or_else(|| Some(custom("product").to_owned()).filter(|key| !key.is_empty()));
    let is_merged = event == ChangeEvent::Merged;
    let sha = Some(custom("commit")).filter(|sha| !sha.is_empty()).or_else(|| Some(id).filter(|id| is_hash(id)));
    let sha = sha.filter(|_| is_merged).map(|sha| cut(sha, 200));
    let base = Some(custom("base")).filter(|base| !base.is_empty()).unwrap_or("main");
    let mut reports = vec![Report::Request(RequestReport {
        product: product.clone(),
        provider,
        repository: repository.clone(),
        number: cut(id, 100),
        head: cut(custom("head"), 300),
        base: cut(base, 300),
        opened_at: at.filter(|_| event == ChangeEvent::Created).or_else(|| payload.time("/customData/openedAt")),
        merged_at: at.filter(|_| is_merged),
        merge_sha: sha.clone(),
    })];
    if let (Some(sha), Some(at)) = (sha, at) {
        let committed_at = payload.time("/customData/committedAt").unwrap_or(at);
        let commits = vec![PushedCommit { sha, committed_at, author: None }];
        reports.push(Report::Pushed(PushReport { product, provider, repository, branch: cut(base, 300), commits }));
    }
    Ok(reports)
}

/// The provider of a repository at this address.
fn provider_of(source: &str) -> LinkProvider {
    let source = source.to_ascii_lowercase();
    match (source.contains("github"), source.contains("gitlab")) {
        (true, _) => LinkProvider::Github,
        (false, true) => LinkProvider::Gitlab,
        (false, false) => LinkProvider::Other,
    }
}

/// Whether a text is the hash of a commit: SHA-1 or SHA-256.
fn is_hash(text: &str) -> bool {
    [40, 64].contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_hexdigit())
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

    #[test]
    fn events_of_any_version_are_read_and_hashes_are_told_from_numbers() {
        assert_eq!(ChangeEvent::of("dev.cdevents.change.merged.0.3.0-draft"), Some(ChangeEvent::Merged));
        assert_eq!(ChangeEvent::of("dev.cdevents.change.created.0.1.2"), Some(ChangeEvent::Created));
        assert_eq!(ChangeEvent::of("dev.cdevents.change.abandoned"), Some(ChangeEvent::Seen));
        assert_eq!(ChangeEvent::of("dev.cdevents.changewindow.opened.0.1.0"), None);
        assert!(
            is_hash(&"9f".repeat(20)) && is_hash(&"0A".repeat(32)) && !is_hash("4711") && !is_hash(&"xy".repeat(20))
        );
        assert_eq!(provider_of("https://GitHub.com"), LinkProvider::Github);
        assert_eq!(provider_of("https://example.org"), LinkProvider::Other);
    }
}
