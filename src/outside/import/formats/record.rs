//! Records of a file in any format, as JSON objects, and access to their values.

use serde_json::{Map, Value};

use super::row::{RowError, RowWarning};

/// One record, with the field names of its system.
pub(in crate::outside) type Record = Map<String, Value>;

/// The key for the cells of a row beyond its header.
pub(in crate::outside) const FURTHER: &str = "fields.further_cells";

/// A record, with warnings about repaired values.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::outside) struct Found {
    pub(in crate::outside) value: Value,
    pub(in crate::outside) warnings: Vec<RowWarning>,
}

impl From<Value> for Found {
    fn from(value: Value) -> Self {
        Self { value, warnings: Vec::new() }
    }
}

/// A record or another item of a source, or the error of its row.
pub(in crate::outside) type Raw<T = Found> = Result<T, RowError>;

/// Decodes bytes as text. Invalid bytes become U+FFFD, with a warning. Where most of the text is invalid, the row has
/// another encoding and is an error.
pub(in crate::outside) fn lossy(bytes: &[u8]) -> Raw<(String, Option<RowWarning>)> {
    let text = match String::from_utf8(bytes.to_vec()) {
        Ok(text) => return Ok((text, None)),
        Err(e) => String::from_utf8_lossy(e.as_bytes()).into_owned(),
    };
    let (mut bad, mut good, mut all) = (0, 0, 0);
    for c in text.chars() {
        all += 1;
        bad += usize::from(c == '\u{FFFD}');
        good += usize::from(!c.is_ascii() && c != '\u{FFFD}');
    }
    if bad > good && bad * 4 > all {
        return Err(RowError::encoding());
    }
    let detail = format!("{bad} characters are no text in the encoding of the file and stand as U+FFFD");
    Ok((text, Some(RowWarning::new("", "invalid_encoding", detail))))
}

/// The value at a path: a literal key (a CSV header may contain dots), or else nested keys and array indexes joined by
/// dots. Empty values count as absent.
pub(in crate::outside) fn pick<'a>(record: &'a Record, path: &str) -> Option<&'a Value> {
    at(record, path).filter(|value| !is_empty(value))
}

/// The same, including empty values: whether a record has such a field at all.
pub(in crate::outside) fn at<'a>(record: &'a Record, path: &str) -> Option<&'a Value> {
    match record.get(path) {
        Some(value) => Some(value),
        None => {
            let (first, rest) = path.split_once('.')?;
            rest.split('.').try_fold(record.get(first)?, |value, key| match value {
                Value::Object(object) => object.get(key),
                Value::Array(items) => items.get(key.parse::<usize>().ok()?),
                _ => None,
            })
        }
    }
}

/// A scalar as text; several are joined; `None` for objects.
pub(in crate::outside) fn text(value: &Value) -> Option<String> {
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
pub(in crate::outside) fn text_at(record: &Record, path: &str) -> Option<String> {
    pick(record, path).and_then(text).map(|text| text.trim().to_owned())
}

/// The objects of the array at a path.
pub(in crate::outside) fn objects_at<'a>(record: &'a Record, path: &str) -> impl Iterator<Item = &'a Record> {
    pick(record, path).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_object)
}

/// Replaces every NUL by U+FFFD, because the databases cannot store NUL; returns whether there was one.
fn without_nul(value: &mut Value) -> bool {
    match value {
        Value::String(text) if text.contains('\0') => {
            *text = text.replace('\0', "\u{FFFD}");
            true
        }
        Value::Array(items) => items.iter_mut().fold(false, |found, item| without_nul(item) | found),
        Value::Object(fields) => {
            let names: Vec<String> = fields.keys().filter(|name| name.contains('\0')).cloned().collect();
            for name in &names {
                if let Some(value) = fields.remove(name) {
                    fields.insert(name.replace('\0', "\u{FFFD}"), value);
                }
            }
            fields.values_mut().fold(!names.is_empty(), |found, field| without_nul(field) | found)
        }
        _ => false,
    }
}

/// The same for a record.
pub(in crate::outside) fn without_nul_in(record: &mut Record) -> bool {
    let mut value = Value::Object(std::mem::take(record));
    let found = without_nul(&mut value);
    if let Value::Object(mended) = value {
        *record = mended;
    }
    found
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
