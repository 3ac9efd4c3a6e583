//! A record in their words becomes a feedback object in ours.

use serde_json::{Map, Value};

use super::mapping::{Draft, Rule};
use super::record::Record;
use super::row::RowError;
use super::{Mapping, Preset};

/// The limits of the API beyond which a known export's side matters are cut or left out: they must not cost the row.
const MAX_TITLE: usize = 500;
const MAX_NAME: usize = 200;
const MAX_ID: usize = 255;
const MAX_URL: usize = 2_000;
const MAX_EMAIL: usize = 320;
const MAX_TAG: usize = 100;
const MAX_TAGS: usize = 50;

/// How the rows of one file are shaped.
pub(super) struct Shape {
    pub(super) preset: Preset,
    rules: Vec<Rule>,
}

impl Shape {
    pub(super) fn new(preset: Preset, mapping: Option<&Mapping>) -> Self {
        let mut rules: Vec<Rule> = mapping.into_iter().flat_map(Mapping::rules).collect();
        rules.extend(preset.spec().rules.iter().cloned());
        match preset {
            Preset::Hearback => rules.extend(Rule::identity()),
            Preset::Csv => rules.extend(Rule::identity().filter(|rule| rule.ours != "id")),
            _ => {}
        }
        Self { preset, rules }
    }

    /// The name the rules know a column by, whatever its case.
    pub(super) fn known_name(&self, column: &str) -> Option<String> {
        let names = || self.rules.iter().filter(|rule| rule.reads()).map(|rule| &*rule.theirs);
        names()
            .find(|name| *name == column)
            .or_else(|| names().find(|name| name.eq_ignore_ascii_case(column)))
            .map(str::to_owned)
    }

    /// The columns the text may be in.
    pub(super) fn text_columns(&self) -> impl Iterator<Item = &str> {
        self.rules.iter().filter(|rule| rule.ours == "text").map(|rule| &*rule.theirs)
    }

    /// The feedback object of a record; `None` where the preset drops it on purpose.
    pub(super) fn row(&self, record: &Record) -> Result<Option<Value>, RowError> {
        let mut draft = Draft::default();
        draft.apply(&self.rules, record)?;
        if !(self.preset.spec().finish)(record, &mut draft) {
            return Ok(None);
        }
        if !matches!(self.preset, Preset::Hearback | Preset::Csv) {
            tidy(draft.object());
        }
        Ok(Some(draft.finish()))
    }
}

/// Leaves out of a known export what the API would refuse and nobody would miss.
fn tidy(feedback: &mut Map<String, Value>) {
    if feedback.get("title") == feedback.get("text") {
        feedback.remove("title"); // it stands in for a text that is not there
    }
    cut(feedback, "title", MAX_TITLE);
    retain(feedback, "external_id", is_id);
    retain(feedback, "url", is_url);
    retain(feedback, "language", is_language);
    if let Some(Value::Array(tags)) = feedback.get_mut("tags") {
        tags.retain(|tag| tag.as_str().is_some_and(|tag| tag.chars().count() <= MAX_TAG));
        tags.truncate(MAX_TAGS);
    }
    let Some(Value::Object(customer)) = feedback.get_mut("customer") else { return };
    cut(customer, "name", MAX_NAME);
    retain(customer, "external_id", is_id);
    retain(customer, "email", is_email);
    if let Some(Value::Object(account)) = customer.get_mut("account") {
        cut(account, "name", MAX_NAME);
    }
    if customer.is_empty() {
        feedback.remove("customer");
    }
}

fn cut(object: &mut Map<String, Value>, field: &str, most: usize) {
    if let Some(Value::String(text)) = object.get_mut(field)
        && let Some((end, _)) = text.char_indices().nth(most)
    {
        text.truncate(end);
    }
}

fn retain(object: &mut Map<String, Value>, field: &str, is_good: impl Fn(&str) -> bool) {
    if object.get(field).and_then(Value::as_str).is_some_and(|text| !is_good(text)) {
        object.remove(field);
    }
}

fn is_id(text: &str) -> bool {
    text.chars().count() <= MAX_ID
}

fn is_url(text: &str) -> bool {
    (text.starts_with("https://") || text.starts_with("http://")) && text.len() <= MAX_URL
}

/// Roughly; the API has the last word.
fn is_email(text: &str) -> bool {
    let parts = text.split_once('@');
    parts.is_some_and(|(name, host)| !name.is_empty() && !host.is_empty()) && text.len() <= MAX_EMAIL
}

/// The API's `^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$`.
fn is_language(text: &str) -> bool {
    let mut parts = text.split('-');
    parts.next().is_some_and(|first| (2..=3).contains(&first.len()) && first.bytes().all(|b| b.is_ascii_lowercase()))
        && parts.all(|part| (2..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_side_matter_beyond_the_limits_does_not_cost_the_row() {
        let tags: Vec<_> = (0..60).map(|n| format!("t{n}")).chain(["x".repeat(101)]).collect();
        let fields: Vec<_> = (0..300).map(|n| json!({"id": n, "value": n})).collect();
        let ticket = json!({
            "id": 1, "description": "hi", "subject": "가".repeat(600), "tags": tags, "custom_fields": fields,
            "requester": {"id": "9".repeat(300), "email": "nobody", "name": "n".repeat(201)},
        });
        let row = Shape::new(Preset::Zendesk, None).row(ticket.as_object().unwrap()).unwrap().unwrap();
        assert_eq!(row["title"].as_str().unwrap().chars().count(), MAX_TITLE);
        assert_eq!(row["tags"].as_array().unwrap().len(), MAX_TAGS);
        assert_eq!(row["fields"].as_object().unwrap().len(), 90);
        assert_eq!(row["customer"], json!({"name": "n".repeat(MAX_NAME)}));
        assert!(is_language("pt-BR") && is_language("ko") && !is_language("Korean") && !is_language("en-"));
    }
}
