//! Which of their columns becomes which of our fields, and how.

use std::borrow::Cow;

use serde_json::{Map, Value, json};

use super::record::{Record, pick, text};
use super::row::RowError;
use super::time;
use crate::domain::html;

/// What a field of ours holds.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    /// What the customer said, kept to the letter.
    Verbatim,
    Text,
    /// One of a few lower-case names.
    Word,
    Language,
    Number,
    Time,
    Tags,
    Money,
    Free,
}

/// Our fields; `fields.<anything>` besides.
const FIELDS: &[(&str, Kind)] = &[
    ("id", Kind::Text),
    ("text", Kind::Verbatim),
    ("title", Kind::Text),
    ("source", Kind::Word),
    ("origin", Kind::Text),
    ("external_id", Kind::Text),
    ("url", Kind::Text),
    ("occurred_at", Kind::Time),
    ("rating", Kind::Number),
    ("nps", Kind::Number),
    ("severity", Kind::Word),
    ("kind", Kind::Word),
    ("language", Kind::Language),
    ("tags", Kind::Tags),
    ("product", Kind::Text),
    ("customer.external_id", Kind::Text),
    ("customer.email", Kind::Text),
    ("customer.name", Kind::Text),
    ("customer.account.name", Kind::Text),
    ("customer.account.segment", Kind::Text),
    ("customer.account.annual_value", Kind::Money),
    ("customer.account.annual_value.amount_minor", Kind::Number),
    ("customer.account.annual_value.currency", Kind::Text),
];

/// Which of their columns holds which of our fields.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mapping(Vec<(String, String)>);

/// What is wrong with one entry of a mapping.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MappingError {
    /// The entry's name; empty where the mapping as a whole is wrong.
    pub field: String,
    /// What is wrong with it.
    pub detail: String,
}

impl Mapping {
    /// Reads `{"text": "Body", "customer.email": "Requester email"}`: our field to their column, or to a path of keys
    /// joined by dots in nested JSON.
    ///
    /// # Errors
    /// Every entry that is not a field of ours, or does not name a column.
    pub fn parse(json: &Value) -> Result<Self, Vec<MappingError>> {
        let wrong = |field: &str, detail: &str| MappingError { field: field.into(), detail: detail.into() };
        let Some(entries) = json.as_object() else {
            return Err(vec![wrong("", "must be an object: our field to their column")]);
        };
        let (mut mapping, mut errors) = (Self::default(), Vec::new());
        for (ours, theirs) in entries {
            match theirs.as_str().map(str::trim) {
                _ if kind(ours).is_none() => errors.push(wrong(ours, "is not a field of a feedback")),
                None | Some("") => errors.push(wrong(ours, "must be the name of a column")),
                Some(theirs) => mapping.0.push((ours.clone(), theirs.to_owned())),
            }
        }
        if errors.is_empty() { Ok(mapping) } else { Err(errors) }
    }

    /// The columns it names.
    pub(super) fn columns(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(_, theirs)| theirs.as_str())
    }

    pub(super) fn rules(&self) -> impl Iterator<Item = Rule> {
        let rule = |(ours, theirs): &(String, String)| Rule {
            ours: ours.clone().into(),
            theirs: theirs.clone().into(),
            how: How::Plain,
        };
        self.0.iter().map(rule)
    }
}

fn kind(ours: &str) -> Option<Kind> {
    if ours.strip_prefix("fields.").is_some_and(|name| !name.is_empty()) {
        return Some(Kind::Free);
    }
    FIELDS.iter().find(|(name, _)| *name == ours).map(|(_, kind)| *kind)
}

/// How one field of ours is made. Of several rules for a field, the first that finds something wins.
#[derive(Clone)]
pub(super) struct Rule {
    pub(super) ours: Cow<'static, str>,
    pub(super) theirs: Cow<'static, str>,
    how: How,
}

#[derive(Clone, Copy)]
enum How {
    Plain,
    /// HTML to text.
    Html,
    /// Tags separated by spaces.
    Spaced,
    /// Their words, in lower case, to ours; a word not listed says nothing.
    Words(&'static [(&'static str, &'static str)]),
    /// Not from a column: always this.
    Always,
}

impl Rule {
    /// Every field of ours from a column of the same name.
    pub(super) fn identity() -> impl Iterator<Item = Rule> {
        FIELDS.iter().map(|(name, _)| Rule::plain(name, name))
    }

    pub(super) const fn plain(ours: &'static str, theirs: &'static str) -> Self {
        Self::new(ours, theirs, How::Plain)
    }

    pub(super) const fn html(ours: &'static str, theirs: &'static str) -> Self {
        Self::new(ours, theirs, How::Html)
    }

    pub(super) const fn spaced(ours: &'static str, theirs: &'static str) -> Self {
        Self::new(ours, theirs, How::Spaced)
    }

    pub(super) const fn words(
        ours: &'static str,
        theirs: &'static str,
        words: &'static [(&'static str, &'static str)],
    ) -> Self {
        Self::new(ours, theirs, How::Words(words))
    }

    pub(super) const fn always(ours: &'static str, value: &'static str) -> Self {
        Self::new(ours, value, How::Always)
    }

    const fn new(ours: &'static str, theirs: &'static str, how: How) -> Self {
        Self { ours: Cow::Borrowed(ours), theirs: Cow::Borrowed(theirs), how }
    }

    /// Whether the rule reads a column.
    pub(super) fn reads(&self) -> bool {
        !matches!(self.how, How::Always)
    }

    fn value(&self, record: &Record) -> Result<Option<Value>, RowError> {
        let Some(kind) = kind(&self.ours) else { return Ok(None) };
        if matches!(self.how, How::Always) {
            return convert(kind, &Value::from(&*self.theirs), "").map(Some);
        }
        let Some(theirs) = pick(record, &self.theirs) else { return Ok(None) };
        let said = || text(theirs).unwrap_or_default();
        let plain = match self.how {
            How::Plain | How::Always => return convert(kind, theirs, &self.theirs).map(Some),
            How::Html => html::text(&said()),
            How::Spaced if theirs.is_string() => said().split_whitespace().collect::<Vec<_>>().join(","),
            How::Spaced => return convert(kind, theirs, &self.theirs).map(Some),
            How::Words(words) => {
                let said = said().trim().to_lowercase();
                words.iter().find(|(theirs, _)| *theirs == said).map_or("", |(_, ours)| ours).to_owned()
            }
        };
        if plain.is_empty() { Ok(None) } else { convert(kind, &plain.into(), &self.theirs).map(Some) }
    }
}

/// A feedback object in the making.
#[derive(Default)]
pub(super) struct Draft(Map<String, Value>);

impl Draft {
    /// Applies rules to a record.
    pub(super) fn apply(&mut self, rules: &[Rule], record: &Record) -> Result<(), RowError> {
        for rule in rules {
            if !self.has(&rule.ours)
                && let Some(value) = rule.value(record)?
            {
                self.set(&rule.ours, value);
            }
        }
        Ok(())
    }

    /// Whether a field is there.
    pub(super) fn has(&self, ours: &str) -> bool {
        pick(&self.0, ours).is_some()
    }

    /// Sets a field that is not there yet.
    pub(super) fn set(&mut self, ours: &str, value: impl Into<Value>) {
        let mut path: Vec<_> = match ours.strip_prefix("fields.") {
            Some(name) => vec!["fields", name], // a free name may hold dots
            None => ours.split('.').collect(),
        };
        let last = path.pop().unwrap_or_default();
        let mut object = Some(&mut self.0);
        for key in path {
            object = object.and_then(|o| o.entry(key).or_insert_with(|| Value::Object(Map::new())).as_object_mut());
        }
        if let Some(object) = object {
            object.entry(last).or_insert_with(|| value.into());
        }
    }

    /// Sets a text field that is not there yet, unless there is nothing to say.
    pub(super) fn set_text(&mut self, ours: &str, value: Option<String>) {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            self.set(ours, value);
        }
    }

    /// The object, as it is in the body of a request.
    pub(super) fn object(&mut self) -> &mut Map<String, Value> {
        &mut self.0
    }

    pub(super) fn finish(self) -> Value {
        Value::Object(self.0)
    }
}

fn convert(kind: Kind, value: &Value, column: &str) -> Result<Value, RowError> {
    let said = || {
        let wrong = || RowError::new("unreadable_text", format!("the column {column:?} holds no text"));
        text(value).ok_or_else(wrong)
    };
    Ok(match kind {
        Kind::Free => value.clone(),
        Kind::Verbatim => said()?.into(),
        Kind::Text => said()?.trim().into(),
        Kind::Word => said()?.trim().to_lowercase().into(),
        Kind::Language => language(said()?.trim()).into(),
        Kind::Tags => tags(value).into(),
        Kind::Money => money(value),
        Kind::Number => number(value)
            .ok_or_else(|| RowError::new("unreadable_number", format!("the column {column:?} holds no number")))?,
        Kind::Time => time::read(value).map(Value::String).ok_or_else(|| {
            RowError::new("unreadable_time", format!("the column {column:?} holds no time that could be read"))
        })?,
    })
}

/// `en_US` and `EN-us` to `en-US` and `en-us`: the language in lower case, joined by hyphens.
fn language(text: &str) -> String {
    let text = text.replace('_', "-");
    match text.split_once('-') {
        Some((language, rest)) => format!("{}-{rest}", language.to_lowercase()),
        None => text.to_lowercase(),
    }
}

fn number(value: &Value) -> Option<Value> {
    if value.is_number() {
        return Some(value.clone());
    }
    let text = text(value)?;
    let number: f64 = text.trim().parse().ok().filter(|n: &f64| n.is_finite())?;
    let whole = number.fract() == 0.0 && number.abs() < 1e15;
    Some(if whole { json!(number as i64) } else { json!(number) })
}

/// A list as it is, the names of labelled objects, or text split at commas, else semicolons.
fn tags(value: &Value) -> Vec<String> {
    let mut all: Vec<String> = match value {
        Value::Array(items) => items.iter().flat_map(tags).collect(),
        Value::Object(label) => label.get("name").and_then(text).into_iter().collect(),
        _ => {
            let text = text(value).unwrap_or_default();
            let separator = if text.contains(',') { ',' } else { ';' };
            text.split(separator).map(str::to_owned).collect()
        }
    };
    let mut seen = std::collections::HashSet::new();
    all.iter_mut().for_each(|tag| *tag = tag.trim().to_owned());
    all.retain(|tag| !tag.is_empty() && seen.insert(tag.clone()));
    all
}

/// `12000 USD` or `KRW 5,000,000` to `{amount_minor, currency}`; anything else is left for the domain to refuse.
fn money(value: &Value) -> Value {
    let said = text(value).unwrap_or_default();
    let currency = |word: &&str| word.len() == 3 && word.bytes().all(|b| b.is_ascii_alphabetic());
    let amount = match said.split_whitespace().collect::<Vec<_>>()[..] {
        [amount, name] if currency(&name) => Some((amount, name)),
        [name, amount] if currency(&name) => Some((amount, name)),
        _ => None,
    };
    let minor = amount.and_then(|(amount, name)| {
        let name = name.to_uppercase();
        let units = if matches!(name.as_str(), "KRW" | "JPY" | "VND" | "CLP") { 1.0 } else { 100.0 };
        let minor = (amount.replace(',', "").parse::<f64>().ok()? * units).round();
        (minor.abs() < 1e15).then(|| json!({"amount_minor": minor as i64, "currency": name}))
    });
    minor.or_else(|| number(value)).unwrap_or_else(|| value.clone())
}
