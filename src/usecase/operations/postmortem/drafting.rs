//! The draft of a postmortem: what the incident says already, section by section. What nobody said stays empty.

use crate::domain::base::Calendar;
use crate::domain::base::language::{Language, detect};
use crate::domain::operations::incident::Incident;
use crate::domain::operations::link::IncidentLinkKind;
use crate::domain::operations::postmortem::PostmortemText;
use crate::domain::operations::postmortem::facts::{IncidentFacts, in_words};
use crate::domain::operations::timeline::EntryKind;
use crate::domain::words;

/// The longest text of a section in a draft, in characters.
const LONGEST: usize = 10_000;

/// The draft of an incident, in the language of its title and with times by the product's calendar.
pub fn draft(incident: &Incident, facts: &IncidentFacts, calendar: &Calendar) -> PostmortemText {
    let language = Language::of(detect(&incident.title).as_deref());
    PostmortemText {
        summary: incident.summary.clone(),
        impact: Some(impact(incident, facts, language)),
        detection: Some(detection(incident, facts, calendar, language)),
        trigger: trigger(facts, calendar, language),
        root_causes: entries(facts, EntryKind::Diagnosis),
        resolution: entries(facts, EntryKind::Status),
        ..PostmortemText::default()
    }
}

fn impact(incident: &Incident, facts: &IncidentFacts, language: Language) -> String {
    let mut lines = vec![match facts.durations.to_mitigate {
        Some(seconds) => words::postmortem_impact(language, incident.severity, in_words(seconds)),
        None => words::postmortem_impact_open(language, incident.severity),
    }];
    if !incident.services.is_empty() {
        lines.push(words::postmortem_services(language, incident.services.join(", ")));
    }
    if facts.customers.count > 0 {
        lines.push(words::postmortem_customers(language, facts.customers.count, facts.customers.feedback_count));
    }
    lines.join("\n")
}

fn detection(incident: &Incident, facts: &IncidentFacts, calendar: &Calendar, language: Language) -> String {
    let source = words::incident_source(language, incident.source.as_str());
    let opened = in_words(facts.durations.to_open);
    let detected = calendar.to_the_minute(incident.detected_at);
    let first = words::postmortem_detection(language, source, detected, opened);
    let Some(seconds) = facts.durations.to_acknowledge else { return first };
    format!("{first}\n{}", words::postmortem_acknowledged(language, in_words(seconds)))
}

/// The deployments that are linked to the incident as its cause.
fn trigger(facts: &IncidentFacts, calendar: &Calendar, language: Language) -> Option<String> {
    let caused =
        facts.deployments.iter().filter(|one| one.link.as_deref() == Some(IncidentLinkKind::CausedBy.as_str()));
    let lines: Vec<String> = caused
        .map(|one| {
            let service = one.service.clone().unwrap_or_else(|| "-".to_owned());
            words::postmortem_deployment(language, calendar.to_the_minute(one.deployed_at), service)
        })
        .collect();
    (!lines.is_empty()).then(|| lines.join("\n"))
}

/// What people wrote on the timeline under this kind.
fn entries(facts: &IncidentFacts, kind: EntryKind) -> Option<String> {
    let lines: Vec<&str> =
        facts.timeline.iter().filter(|line| line.kind == kind).filter_map(|line| line.text.as_deref()).collect();
    let text: String = lines.join("\n").chars().take(LONGEST).collect();
    (!text.is_empty()).then_some(text)
}
