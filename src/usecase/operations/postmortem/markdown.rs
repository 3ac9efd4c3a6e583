//! A postmortem as Markdown, to be read elsewhere.

use crate::domain::base::Calendar;
use crate::domain::base::language::{Language, detect};
use crate::domain::operations::postmortem::facts::in_words;
use crate::domain::operations::postmortem::{PostmortemSection, ShownPostmortem};
use crate::domain::words;

/// The postmortem in the language of its title, with times by the product's calendar.
pub fn written(shown: &ShownPostmortem, calendar: &Calendar) -> String {
    let (postmortem, facts) = (&shown.postmortem, &shown.facts);
    let language = Language::of(detect(&postmortem.title).as_deref());
    let lasted = facts.durations.to_mitigate.map_or_else(|| "-".to_owned(), in_words);
    let line = words::postmortem_facts_line(language, postmortem.incident_number.as_str(), facts.severity, lasted);
    let mut parts = vec![format!("# {}", one_line(&postmortem.title)), line];
    for (section, text) in postmortem.text.written() {
        parts.push(format!("## {}", heading(language, section)));
        parts.push(text.trim().to_owned());
    }
    parts.extend(listed(words::postmortem_heading_timeline(language), timeline(shown, calendar)));
    parts.extend(listed(words::postmortem_heading_customers(language), customers(shown, language)));
    parts.extend(listed(words::postmortem_heading_actions(language), actions(shown, calendar, language)));
    parts.join("\n\n") + "\n"
}

/// The heading of a section.
pub fn heading(language: Language, section: PostmortemSection) -> String {
    use PostmortemSection as S;
    match section {
        S::Summary => words::postmortem_section_summary(language),
        S::Impact => words::postmortem_section_impact(language),
        S::Detection => words::postmortem_section_detection(language),
        S::Trigger => words::postmortem_section_trigger(language),
        S::RootCauses => words::postmortem_section_root_causes(language),
        S::ContributingFactors => words::postmortem_section_contributing_factors(language),
        S::Resolution => words::postmortem_section_resolution(language),
        S::WentWell => words::postmortem_section_went_well(language),
        S::WentWrong => words::postmortem_section_went_wrong(language),
        S::Lucky => words::postmortem_section_lucky(language),
        S::OpenQuestions => words::postmortem_section_open_questions(language),
    }
}

/// A heading with a list below it; nothing without lines.
fn listed(heading: String, lines: Vec<String>) -> Vec<String> {
    if lines.is_empty() {
        return Vec::new();
    }
    let lines: Vec<String> = lines.iter().map(|line| format!("- {}", one_line(line))).collect();
    vec![format!("## {heading}"), lines.join("\n")]
}

fn timeline(shown: &ShownPostmortem, calendar: &Calendar) -> Vec<String> {
    let written = shown.facts.timeline.iter().filter_map(|line| Some((line, line.text.as_deref()?)));
    written.map(|(line, text)| format!("{} {text}", calendar.to_the_minute(line.happened_at))).collect()
}

fn customers(shown: &ShownPostmortem, language: Language) -> Vec<String> {
    let customers = &shown.facts.customers;
    let counted =
        (customers.count > 0).then(|| words::postmortem_customers(language, customers.count, customers.feedback_count));
    let names = (!customers.names.is_empty()).then(|| customers.names.join(", "));
    let quotes = customers.quotes.iter().map(|quote| format!("\"{}\"", quote.text));
    counted.into_iter().chain(names).chain(quotes).collect()
}

fn actions(shown: &ShownPostmortem, calendar: &Calendar, language: Language) -> Vec<String> {
    let line = |action: &crate::domain::operations::postmortem::action::PostmortemAction| {
        let due = action.due_at.map(|due| format!(", {}", words::postmortem_action_due(language, calendar.date(due))));
        format!("{} {} ({}{})", action.story_number, action.title, action.stage, due.unwrap_or_default())
    };
    shown.actions.iter().map(line).collect()
}

/// A text in one line, so that it stays one heading or one item of a list.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
