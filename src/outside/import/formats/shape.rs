//! Conversion of a record of another system to feedback objects.

use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::record::{FURTHER, Record, text};
use super::row::{RowError, RowWarning};
use crate::domain::base::text::{email_fold, fold};
use crate::outside::import::draft::FeedbackDraft;
use crate::outside::import::mapping::Rule;
use crate::outside::import::plan::Plan;
use crate::outside::import::{Mapping, Preset};

/// The rules for the rows of one file.
pub(in crate::outside) struct Shape {
    pub(in crate::outside) preset: Preset,
    pub(in crate::outside) rules: Vec<Rule>,
    /// Whether each row is one supporter of a request. The request's id is then repeated in as many rows as it has
    /// supporters.
    pub(in crate::outside) row_a_supporter: bool,
}

/// A feedback object with warnings about omitted values, or the reason why the record gave none.
pub(in crate::outside) type Shaped = (Result<Value, RowError>, Vec<RowWarning>);

impl Shape {
    pub(in crate::outside) fn new(preset: Preset, mapping: Option<&Mapping>) -> Self {
        let mut rules: Vec<Rule> = mapping.into_iter().flat_map(Mapping::rules).collect();
        rules.extend(preset.spec().rules.iter().cloned());
        if preset.is_generic() {
            // A column that the caller maps to another field does not count as the field that it is named like.
            let taken = |rule: &Rule| {
                mapping.is_some_and(|m| {
                    m.columns().any(|(ours, theirs)| ours != rule.ours && theirs.eq_ignore_ascii_case(&rule.theirs))
                })
            };
            rules.extend(Rule::identity().filter(|rule| !taken(rule)).map(|rule| by_name(preset, rule)));
        }
        rules.retain(|rule| !mapping.is_some_and(|mapping| mapping.closes(&rule.ours)));
        let row_a_supporter =
            rules.iter().any(|rule| rule.ours.starts_with("customer.") && is_supporters(&rule.theirs));
        Self {
            preset,
            rules,
            row_a_supporter: row_a_supporter && preset != Preset::Csv || mapped_to_supporters(mapping),
        }
    }

    /// The name by which the rules know a column; case is ignored.
    pub(in crate::outside) fn known_name(&self, column: &str) -> Option<String> {
        let names = || self.rules.iter().filter(|rule| rule.reads()).map(|rule| &*rule.theirs);
        names()
            .find(|name| *name == column)
            .or_else(|| names().find(|name| name.eq_ignore_ascii_case(column)))
            .map(str::to_owned)
    }

    /// The columns that may hold the text. A title may replace the text in single rows, but not in a whole file.
    pub(in crate::outside) fn text_columns(&self) -> impl Iterator<Item = &str> {
        self.rules.iter().filter(|rule| rule.ours == "text").map(|rule| &*rule.theirs)
    }

    /// The feedback objects of a record: usually one, or several where several customers contributed to it.
    pub(in crate::outside) fn rows(&self, record: &Record, plan: &Plan) -> Vec<Shaped> {
        let mut draft = FeedbackDraft::default();
        draft.apply(&self.rules, record, plan);
        if let Some(cells) = record.get(FURTHER) {
            draft.set(FURTHER, cells.clone());
        }
        if !(self.preset.spec().finish)(record, &mut draft) {
            let detail = "holds nothing that a customer said (a pull request, a message nobody answered)";
            return vec![(Err(RowError::left_out("not_feedback", detail)), Vec::new())];
        }
        let others = std::mem::take(&mut draft.others);
        let warnings = std::mem::take(&mut draft.warnings);
        let first = (self.finished(draft.into_object()), warnings);
        let others = others.into_iter().map(|other| (self.finished(other), Vec::new()));
        std::iter::once(first).chain(others).collect()
    }

    /// The feedback object of a record outside a file; `None` where it was skipped on purpose.
    pub(in crate::outside) fn row(&self, record: &Record) -> Option<Map<String, Value>> {
        match self.rows(record, &Plan::default()).into_iter().next() {
            Some((Ok(Value::Object(feedback)), _)) => Some(feedback),
            _ => None,
        }
    }

    fn finished(&self, mut feedback: Map<String, Value>) -> Result<Value, RowError> {
        let words = |feedback: &Map<String, Value>, field: &str| {
            feedback.get(field).and_then(Value::as_str).is_some_and(|text| !text.trim().is_empty())
        };
        if !words(&feedback, "text") {
            if !words(&feedback, "title") {
                return Err(RowError::left_out("no_words", "holds no words: neither a text nor a title"));
            }
            if let Some(title) = feedback.remove("title") {
                feedback.insert("text".to_owned(), title);
            }
        }
        if feedback.get("title") == feedback.get("text") {
            feedback.remove("title");
        }
        if self.row_a_supporter {
            tell_supporters_apart(&mut feedback);
        }
        Ok(Value::Object(feedback))
    }
}

/// The rule for a column with the name of one of our fields. A column called `id` in other people's files is their id,
/// not ours.
fn by_name(preset: Preset, mut rule: Rule) -> Rule {
    if rule.ours == "id" && preset == Preset::Csv {
        rule.ours = "external_id".into();
    }
    rule
}

fn is_supporters(column: &str) -> bool {
    let column = column.to_lowercase();
    column.contains("supporter") || column.contains("voter")
}

fn mapped_to_supporters(mapping: Option<&Mapping>) -> bool {
    mapping.is_some_and(|m| m.columns().any(|(ours, theirs)| ours.starts_with("customer.") && is_supporters(theirs)))
}

/// Makes the feedback of each supporter of a request distinct: a hash of the supporter becomes part of its id. A hash
/// is used because ids are shown to people who may not see addresses. The number of votes is then the number of rows.
fn tell_supporters_apart(feedback: &mut Map<String, Value>) {
    let who = feedback.get("customer").and_then(who_is);
    let id = feedback.get("external_id").and_then(text);
    if let (Some(who), Some(id)) = (who, id) {
        let hash = Sha256::digest(who.as_bytes());
        let short: String = hash[..8].iter().map(|byte| format!("{byte:02x}")).collect();
        feedback.insert("external_id".to_owned(), json!(format!("{id}#{short}")));
        if let Some(votes) = feedback.remove("votes")
            && let Some(fields) = feedback.entry("fields").or_insert_with(|| json!({})).as_object_mut()
        {
            fields.entry("votes").or_insert(votes);
        }
    }
}

/// The identity of a customer: the address, or else the id, or else the name.
pub(in crate::outside) fn who_is(customer: &Value) -> Option<String> {
    let at = |key: &str| customer.get(key).and_then(text).filter(|text| !text.trim().is_empty());
    at("email")
        .map(|email| email_fold(&email))
        .or_else(|| at("external_id"))
        .or_else(|| at("name").map(|name| fold(&name)))
}
