//! Erasure in texts of the team and of other programs, column by column.

use serde_json::Value;

use crate::domain::base::Id;
use crate::domain::feedback::{CustomerRecord, ERASED};
use crate::domain::privacy::quoting::Traces;
use crate::error::Result;
use crate::store::Tx;
use crate::store::closure::closures;
use crate::store::privacy::erase_answers;
use crate::store::privacy::erase_columns::{self, Becomes, WrittenColumn};
use crate::store::privacy::erasures::{self, Mark};

/// Replaces a URL that names an erased person.
const NOWHERE: &str = "https://erased.invalid/";
/// Names of environments. A person may have such a name, but in a deployment it means the environment.
const ENVIRONMENTS: [&str; 8] = ["production", "prod", "staging", "test", "testing", "development", "dev", "preview"];

/// Clears all texts that name or quote the person, and the stored responses that do so or contain one of these ids.
pub(in crate::usecase) fn clear(tx: &mut Tx<'_>, traces: &Traces, people: &[Id], mentioned: &[Id]) -> Result<()> {
    let mut told = people.to_vec();
    for person in people {
        told.extend(closures::of_customer(tx.conn, *person)?.into_iter().map(|row| row.id));
    }
    erase_columns::clear_answers_to(tx, &told)?;
    for column in &erase_columns::written() {
        for text in erase_columns::texts(tx.conn, column)? {
            if let Some(instead) = instead_of(column, &text, traces) {
                erase_columns::replace(tx, column, &text, &instead)?;
            }
        }
    }
    let ids: Vec<String> = mentioned.iter().map(Id::to_string).collect();
    erase_answers::clear(tx, &|text| ids.iter().any(|id| text.contains(id)) || shows(text, traces))
}

/// The replacement of a text; `None` where it stays.
fn instead_of(column: &WrittenColumn, text: &str, traces: &Traces) -> Option<String> {
    if column.name == "environment" && ENVIRONMENTS.contains(&text) {
        return None;
    }
    match column.becomes {
        Becomes::Json => {
            let mut value: Value = serde_json::from_str(text).ok()?;
            clear_strings(&mut value, traces).then(|| value.to_string())
        }
        _ if !traces.in_text(text) => None,
        Becomes::Erased => Some(ERASED.to_owned()),
        Becomes::Lines => Some(without_lines(text, traces)),
        Becomes::Unique => Some(format!("{ERASED} {}", &Id::next().0.simple().to_string()[24..])),
        Becomes::Address => Some(NOWHERE.to_owned()),
    }
}

/// Replaces lines that name or quote the person by `[erased]`; the whole text where a quotation spans several lines.
fn without_lines(text: &str, traces: &Traces) -> String {
    let line = |line| if traces.in_text(line) { ERASED } else { line };
    let left = text.split('\n').map(line).collect::<Vec<_>>().join("\n");
    if traces.in_text(&left) { ERASED.to_owned() } else { left }
}

fn clear_strings(value: &mut Value, traces: &Traces) -> bool {
    match value {
        Value::String(text) if traces.in_text(text) => {
            *text = ERASED.to_owned();
            true
        }
        Value::Array(items) => items.iter_mut().fold(false, |any, item| clear_strings(item, traces) | any),
        Value::Object(fields) => fields.values_mut().fold(false, |any, field| clear_strings(field, traces) | any),
        _ => false,
    }
}

/// Whether a stored response, or its key, contains data of the person.
fn shows(text: &str, traces: &Traces) -> bool {
    match serde_json::from_str::<Value>(text) {
        Ok(mut value @ (Value::Object(_) | Value::Array(_))) => clear_strings(&mut value, traces),
        _ => traces.in_text(text),
    }
}

/// Records the erasure itself: that the files must be cleaned, and the marks of the person for waiting imports.
pub(in crate::usecase) fn note(
    tx: &mut Tx<'_>,
    rows: &[CustomerRecord],
    identities: &[(String, String)],
) -> Result<()> {
    let mut marks: Vec<Mark> =
        rows.iter().filter_map(|row| row.email.as_ref().map(|email| Mark::Email(email.text.clone()))).collect();
    marks.extend(identities.iter().map(|(origin, id)| Mark::Identity(origin.clone(), id.clone())));
    if marks.is_empty() {
        marks.extend(rows.iter().filter_map(|row| row.name.clone().map(Mark::Name)));
    }
    let people: Vec<Id> = rows.iter().map(|row| row.id).collect();
    erasures::note(tx, &people, &marks)
}

/// The identities of these customers in other systems.
pub(in crate::usecase) fn identities(tx: &mut Tx<'_>, rows: &[CustomerRecord]) -> Result<Vec<(String, String)>> {
    erasures::identities(tx.conn, &rows.iter().map(|row| row.id).collect::<Vec<_>>())
}
