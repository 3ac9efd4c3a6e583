//! Typed access to the fields of a payload. A field that is missing or has the wrong type is reported by its JSON
//! pointer.

use serde_json::Value;

use crate::domain::base::Time;
use crate::error::{Error, FieldError, Result};

/// An object in a payload, with its JSON pointer.
#[derive(Clone, Debug)]
pub struct Payload<'a> {
    value: &'a Value,
    at: String,
}

impl<'a> Payload<'a> {
    /// The root object of a payload.
    pub fn new(value: &'a Value) -> Self {
        Self { value, at: String::new() }
    }

    /// The raw value.
    pub(super) fn value(&self) -> &'a Value {
        self.value
    }

    fn get(&self, pointer: &str) -> Option<&'a Value> {
        self.value.pointer(pointer).filter(|value| !value.is_null())
    }

    /// The error of a field.
    pub(super) fn error(&self, pointer: &str, code: &str, detail: &str) -> FieldError {
        FieldError::new(format!("{}{pointer}", self.at), code, detail)
    }

    fn wrong(&self, pointer: &str, expected: &str) -> Error {
        let at = format!("{}{pointer}", self.at);
        match self.get(pointer) {
            Some(_) => Error::field(at, "type", format!("must be {expected}")),
            None => Error::field(at, "required", "is required"),
        }
    }

    /// A text.
    ///
    /// # Errors
    /// 422 where it is missing, empty, or not a text.
    pub(super) fn text(&self, pointer: &str) -> Result<&'a str> {
        let text = self.get(pointer).and_then(Value::as_str).filter(|text| !text.is_empty());
        text.ok_or_else(|| self.wrong(pointer, "a string that is not empty"))
    }

    /// An optional text; empty where it is missing.
    pub(super) fn text_or_empty(&self, pointer: &str) -> &'a str {
        self.get(pointer).and_then(Value::as_str).unwrap_or_default()
    }

    /// A number that identifies something.
    ///
    /// # Errors
    /// 422 where it is missing or not a number.
    pub(super) fn number(&self, pointer: &str) -> Result<u64> {
        self.get(pointer).and_then(Value::as_u64).ok_or_else(|| self.wrong(pointer, "a whole number"))
    }

    /// Whether a flag is set; a missing flag counts as not set.
    pub(super) fn flag(&self, pointer: &str) -> bool {
        self.get(pointer).and_then(Value::as_bool).unwrap_or_default()
    }

    /// A URL that can be stored, if there is one.
    pub(super) fn url(&self, pointer: &str) -> Option<String> {
        let url = self.text_or_empty(pointer);
        let good = (url.starts_with("https://") || url.starts_with("http://")) && url.len() <= 2_000;
        good.then(|| url.to_owned())
    }

    /// A time in RFC 3339, if there is one.
    pub(super) fn time(&self, pointer: &str) -> Option<Time> {
        Time::parse(self.text_or_empty(pointer))
    }

    /// An optional time, in RFC 3339 or in GitLab's format (`2026-11-20 00:00:00 UTC`).
    ///
    /// # Errors
    /// 422 where there is another value.
    pub(super) fn optional_time(&self, pointer: &str) -> Result<Option<Time>> {
        if self.get(pointer).is_none() {
            return Ok(None);
        }
        let text = self.text(pointer)?;
        let plain = text.replacen(' ', "T", 1).replace(" UTC", "Z").replace(' ', "");
        // An offset without a colon: `+0900`.
        let offset =
            plain.len().checked_sub(5).filter(|at| plain.is_char_boundary(*at) && plain[*at..].starts_with(['+', '-']));
        let plain = offset.map_or(plain.clone(), |at| format!("{}:{}", &plain[..at + 3], &plain[at + 3..]));
        Time::parse(&plain).map(Some).ok_or_else(|| self.wrong(pointer, "a time"))
    }

    /// An object.
    ///
    /// # Errors
    /// 422 where it is missing or not an object.
    pub(super) fn object(&self, pointer: &str) -> Result<Self> {
        let value = self.get(pointer).filter(|value| value.is_object());
        let value = value.ok_or_else(|| self.wrong(pointer, "an object"))?;
        Ok(Self { value, at: format!("{}{pointer}", self.at) })
    }

    /// The objects in a list; empty where the list is missing.
    ///
    /// # Errors
    /// 422 where it is not a list of objects.
    pub(super) fn objects(&self, pointer: &str) -> Result<Vec<Self>> {
        let Some(value) = self.get(pointer) else { return Ok(Vec::new()) };
        let items = value.as_array().ok_or_else(|| self.wrong(pointer, "an array"))?;
        (0..items.len()).map(|n| self.object(&format!("{pointer}/{n}"))).collect()
    }
}
