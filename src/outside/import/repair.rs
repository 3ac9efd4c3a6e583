//! Repair of rows: parts of a row that the API would refuse are cut or omitted, so that a customer's text is not lost
//! because of a minor problem.

use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::formats::row::RowWarning;
use crate::domain::base::decode;
use crate::domain::feedback::{MAX_TEXT, NewFeedback};
use crate::error::{Error, FieldError};

/// How often the row is validated again, because one field can have several problems.
const ROUNDS: usize = 4;

/// Limits of the API for texts that are cut rather than omitted.
const MAX_TITLE: usize = 500;
const MAX_NAME: usize = 200;
const MAX_SEGMENT: usize = 100;
const MAX_ORIGIN: usize = 100;
const MAX_TAGS: usize = 50;
const MAX_FIELDS: usize = 100;
/// Free-form fields longer than this are removed first where they are too large together.
const LONG: usize = 1_000;

/// Reads a feedback without its invalid parts, and returns warnings about these.
///
/// # Errors
/// Where the problem is not minor: the feedback has no text, or names an unknown product.
pub fn lenient(mut feedback: Map<String, Value>) -> Result<(NewFeedback, Vec<RowWarning>), Error> {
    let mut warnings = Vec::new();
    for _ in 0..ROUNDS {
        match decode::decode::<NewFeedback>(Value::Object(feedback.clone())) {
            Ok(read) => return Ok((read, warnings)),
            Err(e) if e.fields.iter().any(is_the_matter) => return Err(e.into()),
            Err(e) => {
                let mut fields = e.fields;
                // Removing later list elements first keeps the indexes of the others valid.
                fields.sort_by(|one, other| place(&other.pointer).cmp(&place(&one.pointer)));
                fields.dedup_by(|one, other| one.pointer == other.pointer);
                fields.iter().for_each(|field| mend(&mut feedback, field, &mut warnings));
            }
        }
    }
    Ok((decode::decode::<NewFeedback>(Value::Object(feedback))?, warnings))
}

/// A pointer with its indexes as numbers, for sorting.
fn place(pointer: &str) -> Vec<(usize, &str)> {
    pointer.split('/').map(|part| (part.parse().unwrap_or(0), part)).collect()
}

fn is_the_matter(field: &FieldError) -> bool {
    match field.pointer.as_str() {
        "" | "/product" => true,
        "/text" => field.code != "too_long",
        _ => false,
    }
}

fn mend(feedback: &mut Map<String, Value>, field: &FieldError, warnings: &mut Vec<RowWarning>) {
    let pointer = field.pointer.as_str();
    let cut_to = match pointer {
        "/text" => Some(MAX_TEXT),
        "/title" => Some(MAX_TITLE),
        "/origin" => Some(MAX_ORIGIN),
        "/customer/name" | "/customer/account/name" => Some(MAX_NAME),
        "/customer/account/segment" => Some(MAX_SEGMENT),
        _ => None,
    };
    let name = pointer.trim_start_matches('/').replace('/', ".");
    let mut say = |code, detail: String| warnings.push(RowWarning::new(&name, code, detail));
    match (cut_to, pointer) {
        (Some(most), _) if field.code == "too_long" => {
            cut(feedback, pointer, most);
            say("cut", format!("cut to {most} characters"));
        }
        (_, "/external_id") if field.code == "too_long" => {
            shorten_id(feedback);
            say("cut", "stands as a hash, in whole in `fields.external_id`: it is too long".to_owned());
        }
        (_, "/tags") if field.code == "too_long" => {
            if let Some(tags) = feedback.get_mut("tags").and_then(Value::as_array_mut) {
                tags.truncate(MAX_TAGS);
            }
            say("cut", format!("the first {MAX_TAGS} are kept"));
        }
        (_, "/fields") => {
            thin_out(feedback);
            say("cut", "there is more than one feedback may have: the longest are left out".to_owned());
        }
        _ => {
            let removed = remove(feedback, pointer);
            keep(feedback, &name, removed);
            say("left_out", format!("left out: it {}", field.detail));
        }
    }
}

fn cut(feedback: &mut Map<String, Value>, pointer: &str, most: usize) {
    if let Some(Value::String(text)) = at(feedback, pointer)
        && let Some((end, _)) = text.char_indices().nth(most)
    {
        text.truncate(end);
    }
}

fn at<'v>(feedback: &'v mut Map<String, Value>, pointer: &str) -> Option<&'v mut Value> {
    let mut parts = pointer.split('/').skip(1);
    let first = feedback.get_mut(parts.next()?)?;
    parts.try_fold(first, |value, part| match value {
        Value::Object(object) => object.get_mut(part),
        Value::Array(items) => items.get_mut(part.parse::<usize>().ok()?),
        _ => None,
    })
}

/// Removes the value at a pointer. An object that lacks a required member is removed as a whole.
fn remove(feedback: &mut Map<String, Value>, pointer: &str) -> Option<Value> {
    let (parent, last) = pointer.rsplit_once('/')?;
    if parent.is_empty() {
        return feedback.remove(last);
    }
    match at(feedback, parent) {
        Some(Value::Object(object)) if object.contains_key(last) => object.remove(last),
        Some(Value::Array(items)) => match last.parse::<usize>() {
            Ok(place) if place < items.len() => Some(items.remove(place)),
            _ => None,
        },
        _ => remove(feedback, parent),
    }
}

/// Keeps a short value that was omitted as a free-form field, so that people can see it.
fn keep(feedback: &mut Map<String, Value>, name: &str, value: Option<Value>) {
    let is_blank = |value: &Value| value.as_str().is_some_and(|text| text.trim().is_empty());
    let is_worth_keeping =
        |value: &Value| !value.is_object() && !value.is_null() && !is_blank(value) && value.to_string().len() <= LONG;
    let Some(value) = value.filter(is_worth_keeping) else { return };
    let fields = feedback.entry("fields").or_insert_with(|| json!({}));
    if let Some(fields) =
        fields.as_object_mut().filter(|fields| fields.len() < MAX_FIELDS && !name.starts_with("fields"))
    {
        fields.entry(name).or_insert(value);
    }
}

fn shorten_id(feedback: &mut Map<String, Value>) {
    let Some(Value::String(id)) = feedback.remove("external_id") else { return };
    let hash: String = Sha256::digest(id.as_bytes())[..16].iter().map(|byte| format!("{byte:02x}")).collect();
    feedback.insert("external_id".to_owned(), json!(format!("sha256:{hash}")));
    keep(feedback, "external_id", Some(json!(id)));
}

/// Removes the longest free-form fields, then those beyond the allowed number.
fn thin_out(feedback: &mut Map<String, Value>) {
    let Some(Value::Object(fields)) = feedback.get_mut("fields") else {
        feedback.remove("fields");
        return;
    };
    let before = fields.len();
    if fields.len() <= MAX_FIELDS {
        fields.retain(|name, value| name.len() + value.to_string().len() <= LONG);
    }
    let surplus: Vec<String> = fields.keys().skip(MAX_FIELDS).cloned().collect();
    surplus.iter().for_each(|name| drop(fields.remove(name)));
    // Many short fields: remove half of them; the rest is validated again.
    if fields.len() == before {
        let half: Vec<String> = fields.keys().skip(before / 2).cloned().collect();
        half.iter().for_each(|name| drop(fields.remove(name)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mended(feedback: Value) -> (NewFeedback, Vec<(String, &'static str)>) {
        let Value::Object(feedback) = feedback else { panic!("no object") };
        let (read, warnings) = lenient(feedback).unwrap();
        (read, warnings.into_iter().map(|w| (w.field, w.code)).collect())
    }

    #[test]
    fn a_side_matter_does_not_cost_the_row() {
        let tags: Vec<String> = (0..60).map(|n| format!("t{n}")).chain(["x".repeat(101)]).collect();
        let fields: Map<String, Value> = (0..300).map(|n| (format!("f{n}"), json!(n))).collect();
        let (read, mut warnings) = mended(json!({
            "text": "가".repeat(MAX_TEXT + 1), "title": "가".repeat(600), "tags": tags, "fields": fields, "rating": 9, "nps": 11,
            "external_id": "9".repeat(300), "url": "javascript:x", "language": "Korean",
            "customer": {"email": "nobody", "name": "n".repeat(201), "account": {"segment": "x"}},
        }));
        assert_eq!((read.text.chars().count(), read.title.unwrap().chars().count()), (MAX_TEXT, MAX_TITLE));
        assert_eq!(read.tags.unwrap().len(), MAX_TAGS);
        assert!(read.fields.unwrap().0.len() <= MAX_FIELDS);
        assert!(read.external_id.unwrap().starts_with("sha256:"));
        let customer = read.customer.unwrap();
        assert_eq!((customer.email, customer.name.unwrap().len(), customer.account.is_none()), (None, 200, true));
        assert_eq!((read.rating, read.nps, read.url, read.language), (None, None, None, None));
        warnings.sort();
        warnings.dedup();
        assert!(warnings.len() >= 10, "{warnings:?}");
    }

    #[test]
    fn long_free_fields_go_and_short_ones_stay() {
        let (read, warnings) =
            mended(json!({"text": "x", "tags": ["a", "", "b", ""], "fields": {"a": 1}, "rating": "five"}));
        assert_eq!(read.tags.unwrap(), ["a", "b"]);
        assert_eq!(read.fields.unwrap().0.get("rating"), Some(&json!("five")));
        assert!(warnings.contains(&("rating".to_owned(), "left_out")), "{warnings:?}");
    }

    #[test]
    fn a_blank_tag_is_left_out_and_reported() {
        let (read, warnings) = mended(json!({"text": "x", "tags": ["a", " ", "b", "\u{3000}"]}));
        assert_eq!(read.tags.unwrap(), ["a", "b"]);
        assert_eq!(warnings, [("tags.3".to_owned(), "left_out"), ("tags.1".to_owned(), "left_out")]);
        assert!(read.fields.is_none(), "there is nothing to keep");
    }

    #[test]
    fn without_words_or_with_an_unknown_form_there_is_no_row() {
        let refused =
            |feedback: Value| lenient(feedback.as_object().unwrap().clone()).unwrap_err().fields[0].pointer.clone();
        assert_eq!(refused(json!({"title": "x"})), "/text");
        assert_eq!(refused(json!({"text": "x", "product": 5})), "/product");
    }
}
