//! A row as its own system wrote it, whatever the format: an object; and how to look into one.

use serde_json::{Map, Value};

use super::row::RowError;

/// One record, by their names.
pub(super) type Record = Map<String, Value>;

/// What a source of rows gives.
pub(super) type Raw<T = Value> = Result<T, RowError>;

/// The value at a path: a key as it stands (a CSV header may hold dots), else nested keys and array places joined by
/// dots. Empty values count as absent.
pub(super) fn pick<'a>(record: &'a Record, path: &str) -> Option<&'a Value> {
    let value = match record.get(path) {
        Some(value) => value,
        None => {
            let (first, rest) = path.split_once('.')?;
            rest.split('.').try_fold(record.get(first)?, |value, key| match value {
                Value::Object(object) => object.get(key),
                Value::Array(items) => items.get(key.parse::<usize>().ok()?),
                _ => None,
            })?
        }
    };
    (!is_empty(value)).then_some(value)
}

/// A scalar as text, several joined; `None` for objects.
pub(super) fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(yes) => Some(yes.to_string()),
        Value::Array(items) => {
            let parts: Vec<_> = items.iter().map(text).collect::<Option<_>>()?;
            Some(parts.join(", "))
        }
        Value::Null | Value::Object(_) => None,
    }
}

/// The text at a path, trimmed.
pub(super) fn text_at(record: &Record, path: &str) -> Option<String> {
    pick(record, path).and_then(text).map(|text| text.trim().to_owned())
}

/// The objects of the array at a path.
pub(super) fn objects_at<'a>(record: &'a Record, path: &str) -> impl Iterator<Item = &'a Record> {
    pick(record, path).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_object)
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.trim().is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}
