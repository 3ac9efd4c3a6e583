//! A report as CSV: one line a fact, with the names of the API, so that a program reads it in any language.

use super::content::{ReportContent, ReportedFigure};
use crate::domain::base::Money;

/// The columns.
const HEAD: [&str; 7] = ["section", "item", "name", "measure", "value", "before", "unit"];

/// A line of the file.
#[derive(Default)]
struct Line<'a> {
    section: &'a str,
    /// The number or id of what it is about.
    item: &'a str,
    name: &'a str,
    measure: &'a str,
    value: String,
    before: String,
    unit: &'a str,
}

/// The content as CSV (RFC 4180), with a byte order mark: without it, spreadsheets garble Korean.
pub fn written(content: &ReportContent) -> String {
    let mut file = Csv { text: "\u{feff}".to_owned() };
    file.cells(&HEAD);
    changes(&mut file, content);
    themes(&mut file, content);
    stories(&mut file, content);
    operations(&mut file, content);
    money(&mut file, content);
    file.text
}

struct Csv {
    text: String,
}

impl Csv {
    fn cells(&mut self, cells: &[&str]) {
        let cells: Vec<String> = cells.iter().map(|cell| cell_of(cell)).collect();
        self.text.push_str(&cells.join(","));
        self.text.push_str("\r\n");
    }

    fn line(&mut self, line: &Line<'_>) {
        let Line { section, item, name, measure, value, before, unit } = line;
        self.cells(&[section, item, name, measure, value, before, unit]);
    }
}

/// A cell. A spreadsheet would run a text that begins like a formula: such a text gets an apostrophe, but a number does
/// not.
fn cell_of(text: &str) -> String {
    let is_formula = text.trim_start().starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'])
        || text.starts_with(['\t', '\r', '\n']);
    let text = if is_formula && text.parse::<f64>().is_err() { format!("'{text}") } else { text.to_owned() };
    match text.contains(['"', ',', '\n', '\r', ';']) || text.starts_with(['\'', ' ']) {
        true => format!("\"{}\"", text.replace('"', "\"\"")),
        false => text,
    }
}

fn number(value: Option<f64>) -> String {
    value.map(|value| format!("{value}")).unwrap_or_default()
}

fn changes(file: &mut Csv, content: &ReportContent) {
    let c = &content.changes;
    let counts = [
        ("feedback", c.feedback, c.feedback_before.to_string()),
        ("customers", c.customers, String::new()),
        ("new_themes", c.new_themes, String::new()),
        ("rising_themes", c.rising_themes, String::new()),
        ("shipped_stories", c.shipped_stories, String::new()),
        ("told", c.told, String::new()),
        ("solved", c.solved, String::new()),
        ("not_solved", c.not_solved, String::new()),
        ("overdue", c.overdue, String::new()),
        ("newly_overdue", c.newly_overdue, String::new()),
        ("incidents", c.incidents, String::new()),
        ("open_incidents", c.open_incidents, String::new()),
    ];
    for (measure, value, before) in counts {
        file.line(&Line { section: "changes", measure, value: value.to_string(), before, ..Line::default() });
    }
}

fn themes(file: &mut Csv, content: &ReportContent) {
    for theme in &content.themes {
        let (item, name) = (theme.id.to_string(), theme.label.clone().unwrap_or_default());
        file.line(&Line {
            section: "themes",
            item: &item,
            name: &name,
            measure: if theme.is_new { "items_of_new_theme" } else { "items_of_rising_theme" },
            value: theme.items.to_string(),
            before: theme.items_before.to_string(),
            ..Line::default()
        });
    }
}

fn stories(file: &mut Csv, content: &ReportContent) {
    for entry in content.shipped.iter().flat_map(|release| &release.stories) {
        let counts = [
            ("told", entry.told),
            ("solved", entry.solved),
            ("not_solved", entry.not_solved),
            ("waiting", entry.waiting),
        ];
        for (measure, value) in counts {
            let (item, name) = (&entry.number, &entry.text);
            file.line(&Line { section: "shipped", item, name, measure, value: value.to_string(), ..Line::default() });
        }
    }
    for promise in &content.promises {
        file.line(&Line {
            section: "promises",
            item: &promise.number,
            name: &promise.title,
            measure: &promise.promise,
            value: promise.since.to_string(),
            ..Line::default()
        });
    }
    for story in &content.backlog {
        file.line(&Line {
            section: "backlog",
            item: &story.number,
            name: &story.title,
            measure: "rank",
            value: story.rank.to_string(),
            before: story.rank_before.map(|rank| rank.to_string()).unwrap_or_default(),
            ..Line::default()
        });
        amount(file, ("backlog", &story.number, &story.title), story.value.as_ref());
    }
}

fn operations(file: &mut Csv, content: &ReportContent) {
    for incident in &content.incidents {
        file.line(&Line {
            section: "incidents",
            item: &incident.number,
            name: &incident.title,
            measure: "minutes_to_mitigate",
            value: incident.minutes.map(|minutes| minutes.to_string()).unwrap_or_default(),
            ..Line::default()
        });
    }
    for action in &content.actions {
        file.line(&Line {
            section: "incidents",
            item: &action.number,
            name: &action.title,
            measure: "action_age_days",
            value: action.age_days.to_string(),
            ..Line::default()
        });
    }
    if let Some(delivery) = &content.delivery {
        let mut figure = |measure, figure: &ReportedFigure| {
            let (value, before) = (number(figure.now), number(figure.before));
            file.line(&Line { section: "delivery", measure, value, before, ..Line::default() });
        };
        let deployments =
            ReportedFigure { now: Some(delivery.deployments as f64), before: Some(delivery.deployments_before as f64) };
        figure("deployments", &deployments);
        figure("lead_hours", &delivery.lead_hours);
        figure("fail_rate", &delivery.fail_rate);
        figure("rework_rate", &delivery.rework_rate);
        figure("recovery_hours", &delivery.recovery_hours);
    }
    for metric in &content.metrics {
        file.line(&Line {
            section: "metrics",
            name: &metric.name,
            measure: "last_7_days",
            value: number(metric.last_7_days),
            before: number(metric.previous_7_days),
            unit: metric.unit.as_deref().unwrap_or_default(),
            ..Line::default()
        });
    }
}

fn money(file: &mut Csv, content: &ReportContent) {
    if let Some(value) = &content.value {
        amount(file, ("value", "", ""), Some(&value.total));
        for account in &value.top {
            amount(file, ("value", &account.id.to_string(), &account.name), account.value.as_ref());
        }
    }
    let todos = &content.todos;
    let counts = [
        ("drafts", todos.drafts),
        ("to_tell", todos.to_tell),
        ("postmortems", todos.postmortems),
        ("actions", todos.actions),
    ];
    for (measure, value) in counts {
        file.line(&Line { section: "todos", measure, value: value.to_string(), ..Line::default() });
    }
}

fn amount(file: &mut Csv, of: (&str, &str, &str), value: Option<&Money>) {
    let Some(money) = value else { return };
    let (section, item, name) = of;
    file.line(&Line {
        section,
        item,
        name,
        measure: "annual_value_minor",
        value: money.amount_minor.to_string(),
        unit: &money.currency,
        ..Line::default()
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula() {
        for (text, cell) in [
            ("=HYPERLINK(\"x\")", "\"'=HYPERLINK(\"\"x\"\")\""),
            ("+1+1", "\"'+1+1\""),
            ("@SUM(A1)", "\"'@SUM(A1)\""),
            ("  =1", "\"'  =1\""),
            ("-3.5", "-3.5"),
            ("환불, 지연", "\"환불, 지연\""),
            ("plain", "plain"),
        ] {
            assert_eq!(cell_of(text), cell, "{text}");
        }
    }
}
