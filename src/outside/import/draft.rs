//! A feedback object that is being built from a record.

use serde_json::{Map, Value};

use super::fields::FieldKind;
use super::formats::record::{Record, pick, text};
use super::formats::row::RowWarning;
use super::mapping::Rule;
use super::plan::Plan;

/// Placeholders that programs write for missing values. They are never recognised in customers' texts.
const NOTHING: &[&str] = &["-", "--", "n/a", "na", "null", "none", "nan", "undefined", "\\n", "#n/a", "없음"];

fn is_placeholder(rule: &Rule, value: &Value) -> bool {
    let words = matches!(rule.kind(), FieldKind::Verbatim | FieldKind::Free | FieldKind::Tags | FieldKind::Product);
    let words = words || matches!(&*rule.ours, "title" | "external_id" | "origin");
    let is_nothing = |text: &str| NOTHING.contains(&text.trim().to_lowercase().as_str());
    !words && value.as_str().is_some_and(is_nothing)
}

/// A feedback object that is being built, with warnings about omitted values.
#[derive(Default)]
pub(in crate::outside) struct FeedbackDraft {
    object: Map<String, Value>,
    pub(in crate::outside) warnings: Vec<RowWarning>,
    /// The parts of other customers in the same record.
    pub(in crate::outside) others: Vec<Map<String, Value>>,
}

impl FeedbackDraft {
    /// Applies rules to a record, following the file's plan.
    pub(in crate::outside) fn apply(&mut self, rules: &[Rule], record: &Record, plan: &Plan) {
        for rule in rules {
            if self.has(&rule.ours) {
                continue;
            }
            let Some(value) = rule.value(record).filter(|value| !is_placeholder(rule, value)) else { continue };
            if rule.by_name && plan.is_not_ours(&rule.ours) {
                self.keep(&rule.theirs, &value);
                continue;
            }
            match plan.convert(rule, &value, record) {
                Ok(read) => {
                    if !read.exact {
                        self.keep(&rule.ours, &value);
                    }
                    self.set(&rule.ours, read.value);
                    if let Some(note) = read.note {
                        self.warnings.push(RowWarning { field: rule.ours.to_string(), ..note });
                    }
                }
                Err(warning) => {
                    self.warnings.push(RowWarning { field: rule.ours.to_string(), ..warning });
                    self.keep(&rule.ours, &value);
                }
            }
        }
    }

    /// Keeps a value that its field could not read as a free-form field, so that people can see it.
    fn keep(&mut self, name: &str, value: &Value) {
        let short = text(value).is_none_or(|text| text.len() <= 500) && !value.is_object();
        if short {
            self.set(&format!("fields.{name}"), value.clone());
        }
    }

    /// Whether a field is set.
    pub(in crate::outside) fn has(&self, ours: &str) -> bool {
        pick(&self.object, ours).is_some()
    }

    /// Sets a field that is not set yet.
    pub(in crate::outside) fn set(&mut self, ours: &str, value: impl Into<Value>) {
        let mut path: Vec<_> = match ours.strip_prefix("fields.") {
            Some(name) => vec!["fields", name], // The name of a free-form field may contain dots.
            None => ours.split('.').collect(),
        };
        let last = path.pop().unwrap_or_default();
        let mut object = Some(&mut self.object);
        for key in path {
            object = object.and_then(|o| o.entry(key).or_insert_with(|| Value::Object(Map::new())).as_object_mut());
        }
        if let Some(object) = object {
            object.entry(last).or_insert_with(|| value.into());
        }
    }

    /// Sets a text field that is not set yet, unless the text is empty.
    pub(in crate::outside) fn set_text(&mut self, ours: &str, value: Option<String>) {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            self.set(ours, value);
        }
    }

    /// A draft with the fields of an object.
    pub(in crate::outside) fn of(object: Map<String, Value>) -> Self {
        Self { object, ..Self::default() }
    }

    /// The finished object.
    pub(in crate::outside) fn into_object(self) -> Map<String, Value> {
        self.object
    }

    /// The object, in the form of a request body.
    pub(in crate::outside) fn object(&mut self) -> &mut Map<String, Value> {
        &mut self.object
    }
}
