//! Mapping of columns to our fields: which column is read for which field, and how.

use std::borrow::Cow;

use serde_json::Value;

use super::fields::{self, FieldKind};
use super::formats::record::{Record, pick, text};
use crate::domain::base::html;

/// A mapping given by the caller, from our fields to columns.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mapping(Vec<(String, Option<String>)>);

/// An error in one entry of a mapping.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MappingError {
    /// The entry's name; empty where the mapping as a whole is wrong.
    pub field: String,
    /// What is wrong.
    pub detail: String,
}

impl Mapping {
    /// Parses `{"text": "Body", "customer.email": "Requester email", "product": null}`: from our field to a column, or
    /// to a path of keys joined by dots in nested JSON; `null` where no column is that field, whatever it is called.
    ///
    /// # Errors
    /// Every entry that is not one of our fields, or does not name a column.
    pub fn parse(json: &Value) -> Result<Self, Vec<MappingError>> {
        let wrong = |field: &str, detail: &str| MappingError { field: field.into(), detail: detail.into() };
        let Some(entries) = json.as_object() else {
            return Err(vec![wrong("", "must be an object: our field to their column")]);
        };
        let (mut mapping, mut errors) = (Self::default(), Vec::new());
        for (ours, theirs) in entries {
            match theirs.as_str().map(str::trim) {
                None if theirs.is_null() && ours == "text" => errors.push(wrong(ours, "must be the name of a column")),
                None if theirs.is_null() && (fields::kind(ours).is_some() || fields::is_group(ours)) => {
                    mapping.0.push((ours.clone(), None));
                }
                _ if fields::kind(ours).is_none() => errors.push(wrong(ours, "is not a field of a feedback")),
                None | Some("") => errors.push(wrong(ours, "must be the name of a column, or null for none")),
                Some(theirs) => mapping.0.push((ours.clone(), Some(theirs.to_owned()))),
            }
        }
        if errors.is_empty() { Ok(mapping) } else { Err(errors) }
    }

    /// The mapped fields with their columns.
    pub(in crate::outside) fn columns(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().filter_map(|(ours, theirs)| Some((ours.as_str(), theirs.as_deref()?)))
    }

    /// Whether the mapping says that no column is this field.
    pub(in crate::outside) fn closes(&self, field: &str) -> bool {
        let covers = |ours: &str| field.strip_prefix(ours).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
        self.0.iter().any(|(ours, theirs)| theirs.is_none() && covers(ours))
    }

    pub(in crate::outside) fn rules(&self) -> impl Iterator<Item = Rule> {
        let rule = |(ours, theirs): (&str, &str)| Rule {
            ours: ours.to_owned().into(),
            theirs: theirs.to_owned().into(),
            how: How::Plain,
            by_name: false,
        };
        self.columns().map(rule)
    }
}

/// How one field is read. Of several rules for a field, the first that finds a value is used.
#[derive(Clone)]
pub(in crate::outside) struct Rule {
    pub(in crate::outside) ours: Cow<'static, str>,
    pub(in crate::outside) theirs: Cow<'static, str>,
    how: How,
    /// Whether the rule exists only because the column is named like our field, so that it may mean something else.
    pub(in crate::outside) by_name: bool,
}

#[derive(Clone, Copy)]
enum How {
    Plain,
    /// HTML, converted to text.
    Html,
    /// Tags separated by spaces.
    Spaced,
    /// A table from their words, in lower case, to ours; other words are ignored.
    Words(&'static [(&'static str, &'static str)]),
    /// A constant, not read from a column.
    Always,
}

impl Rule {
    /// One rule per field, for the column of the same name.
    pub(in crate::outside) fn identity() -> impl Iterator<Item = Rule> {
        fields::FIELDS.iter().map(|(name, ..)| Rule { by_name: true, ..Rule::plain(name, name) })
    }

    pub(in crate::outside) const fn plain(ours: &'static str, theirs: &'static str) -> Self {
        Self::new(ours, theirs, How::Plain)
    }

    pub(in crate::outside) const fn html(ours: &'static str, theirs: &'static str) -> Self {
        Self::new(ours, theirs, How::Html)
    }

    pub(in crate::outside) const fn spaced(ours: &'static str, theirs: &'static str) -> Self {
        Self::new(ours, theirs, How::Spaced)
    }

    pub(in crate::outside) const fn words(
        ours: &'static str,
        theirs: &'static str,
        words: &'static [(&'static str, &'static str)],
    ) -> Self {
        Self::new(ours, theirs, How::Words(words))
    }

    pub(in crate::outside) const fn always(ours: &'static str, value: &'static str) -> Self {
        Self::new(ours, value, How::Always)
    }

    const fn new(ours: &'static str, theirs: &'static str, how: How) -> Self {
        Self { ours: Cow::Borrowed(ours), theirs: Cow::Borrowed(theirs), how, by_name: false }
    }

    /// Whether the rule reads a column.
    pub(in crate::outside) fn reads(&self) -> bool {
        !matches!(self.how, How::Always)
    }

    /// The type of the field.
    pub(in crate::outside) fn kind(&self) -> FieldKind {
        fields::kind(&self.ours).unwrap_or(FieldKind::Free)
    }

    /// The value of the column for the field, before it is converted to the field's type.
    pub(in crate::outside) fn value(&self, record: &Record) -> Option<Value> {
        if matches!(self.how, How::Always) {
            return Some(Value::from(&*self.theirs));
        }
        let theirs = pick(record, &self.theirs)?;
        let said = || text(theirs).unwrap_or_default();
        let plain = match self.how {
            How::Plain | How::Always => return Some(theirs.clone()),
            How::Html => html::text(&said()),
            How::Spaced if theirs.is_string() => said().split_whitespace().collect::<Vec<_>>().join(","),
            How::Spaced => return Some(theirs.clone()),
            How::Words(words) => {
                let said = said().trim().to_lowercase();
                words.iter().find(|(theirs, _)| *theirs == said).map_or("", |(_, ours)| ours).to_owned()
            }
        };
        (!plain.is_empty()).then(|| plain.into())
    }
}
