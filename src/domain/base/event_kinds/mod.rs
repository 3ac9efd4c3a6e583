//! The table of event kinds, read once from `kinds.tsv`: all kinds, when each happens, and the fields of its `data`.
//!
//! Webhooks subscribe to these kinds, the API description lists them, and the event log accepts no others.

mod sample;

use std::collections::HashMap;
use std::sync::LazyLock;

use serde_json::{Map, Value, json};

use super::{Id, Time};

static KINDS: LazyLock<Vec<EventKind>> =
    LazyLock::new(|| lines(include_str!("kinds.tsv")).filter_map(EventKind::read).collect());

static BY_NAME: LazyLock<HashMap<&'static str, usize>> =
    LazyLock::new(|| KINDS.iter().enumerate().map(|(n, kind)| (kind.name, n)).collect());

/// Every kind, in alphabetical order.
pub fn all() -> &'static [EventKind] {
    &KINDS
}

/// The field that each event of a bulk request has in its data: the id of that request.
const OF_ACTS_ON_MANY: &str = "bulk_id:id?";

/// The kind with this name.
pub fn named(name: &str) -> Option<&'static EventKind> {
    BY_NAME.get(name).map(|n| &KINDS[*n])
}

fn lines(table: &'static str) -> impl Iterator<Item = &'static str> {
    table.lines().filter(|line| !line.is_empty() && !line.starts_with('#'))
}

/// A kind of event.
#[derive(Debug)]
pub struct EventKind {
    /// `<noun>.<past participle>`.
    pub name: &'static str,
    /// The fields of its `data`.
    pub fields: Vec<Field>,
    /// When it happens, as a sentence.
    pub when: &'static str,
    changes: Vec<FieldChange>,
}

/// A field of an event's `data`.
#[derive(Debug)]
pub struct Field {
    pub name: &'static str,
    pub holds: Holds,
    /// Whether the field may be `null`.
    pub nullable: bool,
    /// Whether the field may be missing.
    pub optional: bool,
}

/// The type of a field of event data. No type allows customers' text or personal data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holds {
    /// The id of a resource.
    Id,
    /// Ids of resources.
    Ids,
    /// A fixed word of this program, the key of a product or the number of a story.
    Name,
    /// Names of fields.
    Names,
    /// A count or another number.
    Number,
    /// A boolean.
    Flag,
    /// A point in time.
    Time,
    /// Counts by name.
    Counts,
    /// A sentence that this program wrote.
    Text,
    /// The old and the new id of a field.
    IdChange,
    /// The old and the new name of a field.
    NameChange,
    /// The old and the new time of a field.
    TimeChange,
    /// The old and the new number of a field.
    NumberChange,
}

/// A field that the event changes, and the members of the data that hold its old and its new value.
#[derive(Debug)]
struct FieldChange {
    field: &'static str,
    old: &'static str,
    new: &'static str,
}

impl EventKind {
    fn read(line: &'static str) -> Option<Self> {
        let [name, data, when] = line.split('\t').collect::<Vec<_>>().try_into().ok()?;
        let (changes, fields): (Vec<&str>, Vec<&str>) = data.split_whitespace().partition(|part| part.contains('='));
        let fields: Option<Vec<Field>> = fields.into_iter().chain([OF_ACTS_ON_MANY]).map(Field::read).collect();
        let changes: Option<Vec<FieldChange>> = changes.into_iter().map(FieldChange::read).collect();
        Some(Self { name, fields: fields?, changes: changes?, when })
    }

    /// The noun of the name: `story` of `story.moved`.
    pub fn noun(&self) -> &'static str {
        self.name.split('.').next().unwrap_or_default()
    }

    /// What is wrong with `data` for an event of this kind; `None` where it is valid.
    pub fn problem(&self, data: &Value) -> Option<String> {
        let Some(given) = data.as_object() else { return Some(format!("{} has no object", self.name)) };
        let known = |name: &String| self.fields.iter().any(|field| field.name == name);
        if let Some(name) = given.keys().find(|name| !known(name)) {
            return Some(format!("{} has the field {name}", self.name));
        }
        let wrong = |field: &&Field| match given.get(field.name) {
            None => !field.optional,
            Some(Value::Null) => !field.nullable,
            Some(value) => !field.holds.fits(value),
        };
        self.fields
            .iter()
            .find(wrong)
            .map(|field| format!("{}: {} is {:?}", self.name, field.name, given.get(field.name)))
    }

    /// The fields that the event changed, each with its old and its new value. Texts and names of people are not
    /// included.
    pub fn changed(&self, data: &Value) -> Map<String, Value> {
        let fields = self.fields.iter().filter(|field| field.holds.is_change() && data[field.name].is_object());
        let fields = fields.map(|field| (field.name.to_owned(), data[field.name].clone()));
        let changed = self.changes.iter().map(|change| (change.field.to_owned(), change.of(data)));
        fields.chain(changed).collect()
    }
}

impl Field {
    fn read(part: &'static str) -> Option<Self> {
        let (name, rest) = part.split_once(':')?;
        let (rest, optional) = rest.strip_suffix('?').map_or((rest, false), |rest| (rest, true));
        let (holds, nullable) = rest.strip_suffix("/null").map_or((rest, false), |rest| (rest, true));
        Some(Self { name, holds: Holds::named(holds)?, nullable, optional })
    }
}

impl FieldChange {
    fn read(part: &'static str) -> Option<Self> {
        let (field, values) = part.split_once('=')?;
        let (old, new) = values.split_once('>')?;
        Some(Self { field, old, new })
    }

    fn of(&self, data: &Value) -> Value {
        let value = |at: &str| match at.strip_prefix('\'') {
            Some("true") => json!(true),
            Some("false") => json!(false),
            Some(word) => json!(word),
            None => data.get(at).cloned().unwrap_or_default(),
        };
        let new = value(self.new);
        let old = match (self.old, new.as_bool()) {
            ("", Some(flag)) => json!(!flag),
            (old, _) => value(old),
        };
        json!({ "from": old, "to": new })
    }
}

impl Holds {
    const ALL: [(&'static str, Holds); 13] = [
        ("id", Holds::Id),
        ("ids", Holds::Ids),
        ("name", Holds::Name),
        ("names", Holds::Names),
        ("number", Holds::Number),
        ("flag", Holds::Flag),
        ("time", Holds::Time),
        ("counts", Holds::Counts),
        ("text", Holds::Text),
        ("change-id", Holds::IdChange),
        ("change-name", Holds::NameChange),
        ("change-time", Holds::TimeChange),
        ("change-number", Holds::NumberChange),
    ];

    fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(known, _)| *known == name).map(|(_, holds)| *holds)
    }

    /// The type of the old and the new value of a change.
    fn of_change(self) -> Option<Holds> {
        match self {
            Holds::IdChange => Some(Holds::Id),
            Holds::NameChange => Some(Holds::Name),
            Holds::TimeChange => Some(Holds::Time),
            Holds::NumberChange => Some(Holds::Number),
            _ => None,
        }
    }

    fn is_change(self) -> bool {
        self.of_change().is_some()
    }

    /// Whether a value has this type.
    fn fits(self, value: &Value) -> bool {
        let each = |holds: Holds| value.as_array().is_some_and(|all| all.iter().all(|value| holds.fits(value)));
        let text = |is: fn(&str) -> bool| value.as_str().is_some_and(is);
        match self {
            Holds::Id => text(|text| text.parse::<Id>().is_ok()),
            Holds::Ids => each(Holds::Id),
            Holds::Name => text(|text| !text.contains(char::is_whitespace)),
            Holds::Names => each(Holds::Name),
            Holds::Number => value.is_number(),
            Holds::Flag => value.is_boolean(),
            Holds::Time => text(|text| Time::parse(text).is_some()),
            Holds::Counts => value.as_object().is_some_and(|all| all.values().all(Value::is_number)),
            Holds::Text => value.is_string(),
            Holds::IdChange | Holds::NameChange | Holds::TimeChange | Holds::NumberChange => {
                let is = |value: &Value| value.is_null() || self.of_change().is_some_and(|holds| holds.fits(value));
                value.as_object().is_some_and(|all| all.len() == 2 && is(&value["from"]) && is(&value["to"]))
            }
        }
    }
}

/// Why an event does not match the table: its kind or a field of its data is unknown. Checked when an event is written.
pub fn problem(kind: &str, data: &Value) -> Option<String> {
    match named(kind) {
        Some(kind) => kind.problem(data),
        None => Some(format!("there is no {kind}")),
    }
}

/// Whether a pattern (a name, or `noun.*`) matches this kind of event.
pub fn names_kind(pattern: &str, kind: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(noun) => kind.starts_with(noun),
        None => kind == pattern,
    }
}

/// What is wrong with the event pattern of a webhook (the name of an event, or `noun.*`), as a sentence that lists the
/// valid names.
pub fn pattern_problem(pattern: &str) -> Option<String> {
    let whole = pattern.strip_suffix('*').is_none_or(|noun| noun.ends_with('.') && noun.len() > 1);
    if whole && KINDS.iter().any(|kind| names_kind(pattern, kind.name)) {
        return None;
    }
    let noun = pattern.split(['.', '*']).next().unwrap_or_default();
    let of_noun: Vec<&str> = KINDS.iter().filter(|kind| kind.noun() == noun).map(|kind| kind.name).collect();
    Some(if of_noun.is_empty() {
        let mut nouns: Vec<String> = KINDS.iter().map(|kind| format!("{}.*", kind.noun())).collect();
        nouns.dedup();
        format!("is not the name of an event, nor NOUN.*; there are {}", nouns.join(", "))
    } else {
        format!("is not the name of an event, nor {noun}.*; there are {}", of_noun.join(", "))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_table_is_read() {
        let table = lines(include_str!("kinds.tsv"));
        let names: Vec<&str> = table.map(|line| line.split('\t').next().unwrap_or_default()).collect();
        let read: Vec<&str> = all().iter().map(|kind| kind.name).collect();
        assert_eq!(names, read, "three columns, and fields as its head says");
        assert!(names.is_sorted_by(|a, b| a < b), "in alphabetical order, each once");
        for kind in all() {
            assert!(kind.when.ends_with('.') && kind.when.starts_with(char::is_uppercase), "{}: a sentence", kind.name);
            assert!(!kind.noun().is_empty() && kind.name.matches('.').count() == 1, "{}", kind.name);
        }
    }

    #[test]
    fn what_a_kind_refers_to_is_a_field_of_it() {
        for kind in all() {
            let has = |name: &str| kind.fields.iter().any(|field| field.name == name);
            for change in &kind.changes {
                for at in [change.old, change.new] {
                    let stands = at.is_empty() || at == "null" || at.starts_with('\'') || has(at);
                    assert!(stands, "{}: {at} is no field", kind.name);
                }
            }
        }
    }

    #[test]
    fn a_field_that_the_table_lacks_is_a_problem() {
        let moved = |data: Value| problem("story.moved", &data);
        assert_eq!(moved(json!({ "from": "draft", "to": "accepted", "has_reason": false })), None);
        assert!(moved(json!({ "from": "draft", "to": "accepted", "has_reason": false, "by": "x" })).is_some());
        assert!(moved(json!({ "from": "draft", "to": "accepted" })).is_some(), "a field is missing");
        assert!(moved(json!({ "from": "I lost my card", "to": "accepted", "has_reason": false })).is_some());
        assert!(moved(json!({ "from": null, "to": "accepted", "has_reason": false })).is_some());
        assert!(problem("story.vanished", &json!({})).is_some());
    }

    #[test]
    fn what_changed_is_told_from_the_data() {
        let changed = |kind: &str, data: Value| Value::Object(named(kind).expect("a kind").changed(&data));
        let moved = json!({ "from": "draft", "to": "accepted", "has_reason": false });
        assert_eq!(changed("story.moved", moved), json!({ "stage": { "from": "draft", "to": "accepted" } }));
        let muted = changed("theme.muted", json!({ "muted": true }));
        assert_eq!(muted, json!({ "muted": { "from": false, "to": true } }));
        let frozen = changed("release.frozen", json!({}));
        assert_eq!(frozen, json!({ "state": { "from": "planned", "to": "frozen" } }));
        let score = json!({ "from": 1.5, "to": 2.0 });
        let updated = changed("story.updated", json!({ "fields": ["effort", "title"], "score": score }));
        assert_eq!(updated, json!({ "score": score }), "words are not among it");
    }

    #[test]
    fn a_wrong_pattern_is_told_what_there_is() {
        assert_eq!(pattern_problem("story.*"), None);
        assert_eq!(pattern_problem("link.deleted"), None);
        let wrong = pattern_problem("story.x").expect("a problem");
        assert!(wrong.contains("story.moved") && !wrong.contains("theme."), "{wrong}");
        for pattern in ["*", "sto*", "*x", "", ".*"] {
            assert!(
                pattern_problem(pattern).is_some_and(|wrong| wrong.contains("NOUN") || wrong.contains("there are"))
            );
        }
    }
}
