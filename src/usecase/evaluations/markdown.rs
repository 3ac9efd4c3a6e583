//! An evaluation as Markdown in the form of MADR 4, to be kept beside the code. The headings are those of MADR, in English,
//! so that its tools find them.

use std::collections::HashMap;
use std::fmt::Write;

use crate::domain::base::money::exponent;
use crate::domain::base::{Id, Money};
use crate::domain::evaluations::evaluation::{EvaluationStatus, OptionKind, SolutionOption, WeighedCriterion};
use crate::domain::evaluations::licences::LicenceVerdict;
use crate::domain::evaluations::ranking::OutBecause;
use crate::domain::evaluations::shown::ShownEvaluation;
use crate::error::Result;
use crate::store::Conn;
use crate::store::evaluations::rows;
use crate::store::team::members;

/// The evaluation as Markdown.
pub fn written(conn: &mut Conn, shown: &ShownEvaluation) -> Result<String> {
    let of = &shown.evaluation;
    let scorers = of.options.iter().flat_map(|option| option.scores.values()).filter_map(|score| score.by);
    let people: Vec<Id> = of.deciders.iter().copied().chain(scorers).collect();
    let names = members::names_of(conn, &people)?;
    let successor = match of.superseded_by {
        Some(id) => Some(rows::get(conn, id)?.title),
        None => None,
    };
    let mut text = front(shown, &names, successor.as_deref());
    text.push_str(&format!("# {}\n\n", line(&of.title)));
    text.push_str(&context(shown));
    text.push_str(&drivers(&of.criteria));
    text.push_str(&listed("Considered Options", of.options.iter().map(|option| line(&option.name))));
    text.push_str(&outcome(shown));
    text.push_str("## Pros and Cons of the Options\n\n");
    for option in &of.options {
        text.push_str(&described(option, shown, &names));
    }
    text.push_str(&more(shown));
    Ok(text.trim_end().to_owned() + "\n")
}

/// A text on one line, without what Markdown would read as a heading, a list or HTML.
fn line(text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    escaped(&text)
}

/// A text of several lines.
fn block(text: &str) -> String {
    text.trim().lines().map(|one| escaped(one.trim_end())).collect::<Vec<_>>().join("\n")
}

fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    let starts = text.starts_with(['#', '>', '-', '+', '=']);
    if starts {
        escaped.push('\\');
    }
    for letter in text.chars() {
        if matches!(letter, '<' | '[' | ']' | '*' | '_' | '`' | '|' | '\\' | '!') {
            escaped.push('\\');
        }
        escaped.push(letter);
    }
    escaped
}

/// A value of the front matter: a JSON string is one of YAML as well.
fn quoted(text: &str) -> String {
    serde_json::to_string(text).unwrap_or_default()
}

fn front(shown: &ShownEvaluation, names: &HashMap<Id, String>, successor: Option<&str>) -> String {
    let of = &shown.evaluation;
    let status = match (of.status, successor) {
        (EvaluationStatus::Superseded, Some(title)) => format!("superseded by {title}"),
        (status, _) => status.to_string(),
    };
    let deciders = of.deciders.iter().filter_map(|id| names.get(id)).cloned().collect::<Vec<_>>().join(", ");
    let mut text = format!("---\nstatus: {}\n", quoted(&status));
    let people =
        [("decision-makers", deciders), ("consulted", of.consulted.join(", ")), ("informed", of.informed.join(", "))];
    if let Some(date) = &of.date {
        let _ = writeln!(text, "date: {date}");
    }
    for (name, people) in people.iter().filter(|(_, people)| !people.is_empty()) {
        let _ = writeln!(text, "{name}: {}", quoted(people));
    }
    text + "---\n\n"
}

fn listed(heading: &str, lines: impl Iterator<Item = String>) -> String {
    let lines: Vec<String> = lines.map(|line| format!("* {line}")).collect();
    if lines.is_empty() { String::new() } else { format!("## {heading}\n\n{}\n\n", lines.join("\n")) }
}

fn context(shown: &ShownEvaluation) -> String {
    let of = &shown.evaluation;
    let mut parts: Vec<String> = [&of.need, &of.context].into_iter().flatten().map(|text| block(text)).collect();
    if let Some(story) = &shown.story {
        let mut serves = format!("It serves {} ({}).", story.number, line(&story.title));
        if let Some(waiting) = &shown.waiting {
            let _ = write!(serves, " {} customers of {} accounts wait for it", waiting.customers, waiting.accounts);
            let values: Vec<String> = waiting.annual_value.iter().map(money).collect();
            if !values.is_empty() {
                let _ = write!(serves, ", worth {} a year", values.join(" + "));
            }
            serves.push('.');
        }
        parts.push(serves);
    }
    format!("## Context and Problem Statement\n\n{}\n\n", parts.join("\n\n")).replace("\n\n\n\n", "\n\n")
}

/// An amount, as `1200.50 USD`.
pub fn money(money: &Money) -> String {
    let decimals = exponent(&money.currency).unwrap_or(0) as usize;
    let digits = format!("{:0>width$}", money.amount_minor, width = decimals + 1);
    let (whole, rest) = digits.split_at(digits.len() - decimals);
    match decimals {
        0 => format!("{whole} {}", money.currency),
        _ => format!("{whole}.{rest} {}", money.currency),
    }
}

fn drivers(criteria: &[WeighedCriterion]) -> String {
    let said = |criterion: &WeighedCriterion| {
        let must = match criterion.must {
            true => format!(", must have: at least {}", criterion.least()),
            false => String::new(),
        };
        format!("{} (weight {}{must})", line(&criterion.name), criterion.weight)
    };
    listed("Decision Drivers", criteria.iter().map(said))
}

fn outcome(shown: &ShownEvaluation) -> String {
    let of = &shown.evaluation;
    let mut text = "## Decision Outcome\n\n".to_owned();
    match (&of.decision, &of.because) {
        (Some(name), Some(because)) => {
            let _ = write!(text, "Chosen option: \"{}\", because {}\n\n", line(name), block(because));
        }
        (Some(name), None) => {
            let _ = write!(text, "Chosen option: \"{}\".\n\n", line(name));
        }
        (None, _) => text.push_str("No option is chosen yet.\n\n"),
    }
    for (heading, part) in [("Consequences", &of.consequences), ("Confirmation", &of.confirmation)] {
        if let Some(part) = part {
            let _ = write!(text, "### {heading}\n\n{}\n\n", block(part));
        }
    }
    text
}

fn described(option: &SolutionOption, shown: &ShownEvaluation, names: &HashMap<Id, String>) -> String {
    let kind = match option.kind {
        OptionKind::Build => "Build",
        OptionKind::Buy => "Buy",
        OptionKind::OpenSource => "Open source",
    };
    let mut lines = vec![format!("Kind: {kind}")];
    for (name, value) in [("Version", &option.version), ("Supplier", &option.supplier)] {
        lines.extend(value.as_ref().map(|value| format!("{name}: {}", line(value))));
    }
    if let Some(judged) = shown.licences.iter().find(|judged| judged.option == option.name) {
        let verdict = match judged.verdict {
            LicenceVerdict::Allowed => "",
            LicenceVerdict::Denied => " (denied by the product)",
            LicenceVerdict::NotListed => " (not among the licences that the product allows)",
        };
        lines.push(format!("Licence: {}{verdict}", line(&judged.licence)));
    }
    let costs = [("now", &option.costs.now), ("a year", &option.costs.a_year), ("to leave", &option.costs.to_leave)];
    for (name, cost) in costs {
        lines.extend(cost.as_ref().map(|cost| format!("Cost {name}: {}", money(cost))));
    }
    lines.extend(option.effort.map(|effort| format!("Effort: {effort} person-months")));
    lines.extend(option.links.iter().map(|link| format!("<{}>", link.replace(['<', '>'], ""))));
    lines.extend(option.risks.as_ref().map(|risks| format!("Risks: {}", line(risks))));
    for criterion in &shown.evaluation.criteria {
        let name = line(&criterion.name);
        lines.push(match option.scores.get(&criterion.name) {
            None => format!("{name}: no score yet"),
            Some(score) => {
                let who = score.by.and_then(|id| names.get(&id)).map(|who| format!(" ({})", line(who)));
                let why = score.why.as_ref().map(|why| format!(", because {}", line(why)));
                format!("{name}: {}{}{}", score.score, why.unwrap_or_default(), who.unwrap_or_default())
            }
        });
    }
    if let Some(card) = &option.scorecard {
        let score = card.score.map_or_else(|| "inconclusive".to_owned(), |score| score.to_string());
        lines.push(format!("OpenSSF Scorecard of {}: {score} ({})", line(&card.repository), line(&card.date)));
    }
    let lines: Vec<String> = lines.into_iter().map(|line| format!("* {line}")).collect();
    format!("### {}\n\n{}\n\n", line(&option.name), lines.join("\n"))
}

fn more(shown: &ShownEvaluation) -> String {
    let result = &shown.result;
    let mut lines: Vec<String> = Vec::new();
    for one in &result.ranking {
        lines.push(format!("{}. {}: {} = {:.2}", one.place, line(&one.name), one.score.exact, one.score.value));
    }
    for out in &result.out {
        let criteria = out.criteria.iter().map(|name| line(name)).collect::<Vec<_>>().join(", ");
        lines.push(match out.because {
            OutBecause::Must => format!("Out: {}, fails {criteria}", line(&out.name)),
            OutBecause::Missing => format!("Not ranked: {}, no score for {criteria}", line(&out.name)),
        });
    }
    if !result.tied.is_empty() {
        let tied = result.tied.iter().map(|name| line(name)).collect::<Vec<_>>().join(", ");
        lines.push(format!("Tied: {tied}"));
    }
    if let Some(change) = &result.smallest_change {
        let fragile = if result.fragile { "Fragile" } else { "Sensitivity" };
        lines.push(format!(
            "{fragile}: with a weight of {} instead of {} for {}, {} is as good as the winner, at {}",
            change.to.exact,
            change.from.exact,
            line(&change.criterion),
            line(&change.rival),
            change.tie_at.exact
        ));
    }
    lines.extend(shown.evaluation.revisit_date.as_ref().map(|day| format!("To be looked at again on {day}")));
    listed("More Information", lines.into_iter())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_have_the_decimals_of_their_currency() {
        let shown = |amount_minor, currency: &str| money(&Money { amount_minor, currency: currency.to_owned() });
        assert_eq!(shown(120_050, "USD"), "1200.50 USD");
        assert_eq!(shown(5, "USD"), "0.05 USD");
        assert_eq!(shown(1200, "KRW"), "1200 KRW");
    }

    #[test]
    fn no_text_breaks_out_of_its_line() {
        assert_eq!(line("# a\n## b <script>"), "\\# a ## b \\<script>");
        assert_eq!(quoted("a: \"b\"\nc"), "\"a: \\\"b\\\"\\nc\"");
    }
}
