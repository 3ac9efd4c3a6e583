//! The sections of a report about operations and money, in words.

use super::content::{ReportedAccount, ReportedAction, ReportedFigure, ReportedIncident, ReportedMetric};
use super::document::{Block, Item, Row};
use super::writer::{Writer, share, table};
use crate::domain::base::text::one_line;

pub(super) fn incidents(writer: &Writer<'_>) -> Vec<Block> {
    let words = writer.words;
    let incidents: Vec<Item> = writer.content.incidents.iter().map(|one| incident(writer, one)).collect();
    let action = |action: &ReportedAction| {
        let mut notes = vec![words.rep_action_of(action.incident_number.as_str()), words.rep_open_for(action.age_days)];
        if let Some(due) = action.due_at {
            notes.push(if action.overdue {
                words.rep_was_due(writer.day(due))
            } else {
                words.rep_due(writer.day(due))
            });
        }
        let text = format!("{} {}", action.number, one_line(&action.title));
        Item { text, note: Some(notes.join(" · ")), is_late: action.overdue }
    };
    let actions: Vec<Item> = writer.content.actions.iter().map(action).collect();
    let mut blocks = Vec::new();
    if !incidents.is_empty() {
        blocks.push(Block::Items(incidents));
    }
    if !actions.is_empty() {
        blocks.push(Block::Heading(words.rep_open_actions()));
        blocks.push(Block::Items(actions));
    }
    blocks
}

fn incident(writer: &Writer<'_>, one: &ReportedIncident) -> Item {
    let words = writer.words;
    let text = format!("{} (SEV{}) {}", one.number, one.severity, one_line(&one.title));
    let opened = words.rep_opened(writer.day(one.opened_at));
    let how_long = match one.minutes {
        Some(minutes) => words.rep_lasted(in_hours(writer, minutes as f64 / 60.0)),
        None => words.rep_not_over(),
    };
    Item { text, note: Some(format!("{opened} · {how_long}")), is_late: one.minutes.is_none() }
}

fn in_hours(writer: &Writer<'_>, hours: f64) -> String {
    let short = |value: f64| format!("{value:.1}").trim_end_matches(".0").to_owned();
    match hours {
        h if h < 1.0 => writer.words.dlv_minutes(format!("{:.0}", (h * 60.0).round())),
        h if h < 48.0 => writer.words.dlv_hours(short(h)),
        h => writer.words.dlv_days(short(h / 24.0)),
    }
}

pub(super) fn delivery(writer: &Writer<'_>) -> Vec<Block> {
    let words = writer.words;
    let Some(delivery) = &writer.content.delivery else { return Vec::new() };
    if delivery.deployments == 0 && delivery.deployments_before == 0 {
        return Vec::new();
    }
    let none = || "–".to_owned();
    let row = |name: String, figure: &ReportedFigure, show: &dyn Fn(f64) -> String| Row {
        name,
        note: None,
        cells: [figure.now, figure.before].map(|value| value.map_or_else(none, show)).to_vec(),
        bar: None,
    };
    let percent = |value: f64| format!("{:.0} %", value * 100.0);
    let hours = |value: f64| in_hours(writer, value);
    let deployments =
        ReportedFigure { now: Some(delivery.deployments as f64), before: Some(delivery.deployments_before as f64) };
    let rows = vec![
        row(words.named("dlv", "frequency"), &deployments, &|count| format!("{count:.0}")),
        row(words.named("dlv", "lead"), &delivery.lead_hours, &hours),
        row(words.named("dlv", "fail"), &delivery.fail_rate, &percent),
        row(words.named("dlv", "rework"), &delivery.rework_rate, &percent),
        row(words.named("dlv", "recovery"), &delivery.recovery_hours, &hours),
    ];
    table(vec![words.rep_figure(), words.rep_this_period(), words.rep_before()], rows)
}

pub(super) fn metrics(writer: &Writer<'_>) -> Vec<Block> {
    let words = writer.words;
    let row = |metric: &ReportedMetric| {
        let unit = metric.unit.as_deref().map(|unit| format!(" {}", one_line(unit))).unwrap_or_default();
        let show =
            |value: Option<f64>| value.map_or_else(|| "–".to_owned(), |value| format!("{}{unit}", number(value)));
        Row {
            name: one_line(&metric.name),
            note: metric.target.map(|target| words.rep_target(show(Some(target)))),
            cells: vec![show(metric.last_7_days.or(metric.last)), show(metric.previous_7_days)],
            bar: None,
        }
    };
    let columns = vec![words.rep_metric(), words.rep_last_7_days(), words.rep_7_days_before()];
    table(columns, writer.content.metrics.iter().map(row).collect())
}

pub(super) fn value(writer: &Writer<'_>) -> Vec<Block> {
    let words = writer.words;
    let Some(value) = writer.content.value.as_ref().filter(|value| value.accounts > 0) else { return Vec::new() };
    let mut text = words.rep_value(writer.amount(&value.total), value.accounts);
    if value.without_value > 0 {
        text = format!("{text} {}", words.rep_value_unknown(value.without_value));
    }
    if value.in_other_currency > 0 {
        text = format!("{text} {}", words.rep_value_other_currency(value.in_other_currency));
    }
    let most = value.top.iter().filter_map(|account| account.value.as_ref()).map(|money| money.amount_minor).max();
    let row = |account: &ReportedAccount| Row {
        name: one_line(&account.name),
        note: None,
        cells: vec![
            account.items.to_string(),
            account.value.as_ref().map_or_else(|| "–".to_owned(), |value| writer.amount(value)),
        ],
        bar: account.value.as_ref().map(|value| share(value.amount_minor, most.unwrap_or(0))),
    };
    let columns = vec![words.rep_account(), words.rep_feedback(), words.rep_value_a_year()];
    std::iter::once(Block::Text(text)).chain(table(columns, value.top.iter().map(row).collect())).collect()
}

pub(super) fn todos(writer: &Writer<'_>) -> Vec<Block> {
    let (words, todos) = (writer.words, &writer.content.todos);
    let mut items = Vec::new();
    let mut add = |count: i64, text: &dyn Fn(i64) -> String| {
        if count > 0 {
            items.push(Item { text: text(count), ..Item::default() });
        }
    };
    add(todos.drafts, &|count| words.rep_todo_drafts(count));
    add(todos.to_tell, &|count| words.rep_todo_to_tell(count));
    add(todos.postmortems, &|count| words.rep_todo_postmortems(count));
    add(todos.actions, &|count| words.rep_todo_actions(count));
    (!items.is_empty()).then_some(Block::Items(items)).into_iter().collect()
}

/// A number with at most two decimals, in groups of three digits.
fn number(value: f64) -> String {
    let text = format!("{:.2}", value.abs());
    let text = text.trim_end_matches('0').trim_end_matches('.');
    let (whole, rest) = text.split_once('.').map_or((text, String::new()), |(whole, rest)| (whole, format!(".{rest}")));
    let mut grouped = String::new();
    for (n, digit) in whole.chars().enumerate() {
        if n > 0 && (whole.len() - n).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    format!("{}{grouped}{rest}", if value < 0.0 { "-" } else { "" })
}
