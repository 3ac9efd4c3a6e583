//! Lists of people and companies next to the records of an export, such as Zendesk's `users` and `organizations`, to
//! which tickets refer by id.

use std::collections::HashMap;
use std::io;

use serde_json::{Map, Value};

use super::json::{Elements, Nesting};
use super::record::{Record, text};
use crate::outside::import::text::window::Window;

/// The most entries that are kept. Rows that refer to further entries have no name and no address.
const MOST: usize = 300_000;

/// The lists that are read, and what their items are.
const LISTS: &[(&str, Side)] = &[
    ("users", Side::Person),
    ("people", Side::Person),
    ("contacts", Side::Person),
    ("customers", Side::Person),
    ("requesters", Side::Person),
    ("organizations", Side::Company),
    ("companies", Side::Company),
    ("accounts", Side::Company),
];

/// The fields by which records refer to the entries.
const REFERENCES: &[(&str, Side)] = &[
    ("requester", Side::Person),
    ("author", Side::Person),
    ("user", Side::Person),
    ("customer", Side::Person),
    ("contact", Side::Person),
    ("created_by", Side::Person),
    ("organization", Side::Company),
    ("company", Side::Company),
];

/// The fields that are kept of each entry.
const KEPT: &[&str] = &["id", "name", "email", "organization_id", "company_id", "external_id"];

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Side {
    Person,
    Company,
}

/// The people and companies in a file.
#[derive(Default)]
pub(in crate::outside) struct Sides {
    known: HashMap<(Side, String), Map<String, Value>>,
    /// Whether there were more than are kept.
    pub(in crate::outside) too_many: bool,
}

impl Sides {
    /// Collects them from a document.
    ///
    /// # Errors
    /// Where the file can't be read.
    pub(in crate::outside) fn collect(window: Window<'_>) -> io::Result<Self> {
        let mut sides = Self::default();
        let mut seek = Seek { window, nesting: Nesting::default(), key: Vec::new() };
        while let Some(side) = seek.next_list()? {
            let mut elements = Elements::inside(seek.window);
            while let Some(element) = elements.next_inside()? {
                if let Ok(found) = element
                    && let Value::Object(item) = found.value
                {
                    sides.keep(side, item);
                }
            }
            seek.window = elements.into_window();
        }
        Ok(sides)
    }

    fn keep(&mut self, side: Side, mut item: Map<String, Value>) {
        item.retain(|key, value| KEPT.contains(&key.as_str()) && text(value).is_some_and(|text| text.len() <= 500));
        let Some(id) = item.get("id").and_then(text) else { return };
        if self.known.len() < MOST {
            self.known.insert((side, id), item);
        } else {
            self.too_many = true;
        }
    }

    pub(in crate::outside) fn len(&self) -> usize {
        self.known.len()
    }

    /// Adds the entries to a record that refers to them by id: `requester_id` gives `requester`. The requester's
    /// company is used where the record has none.
    pub(in crate::outside) fn join(&self, record: &mut Record) {
        if self.known.is_empty() {
            return;
        }
        for (name, side) in REFERENCES {
            if record.get(*name).is_some_and(|there| !there.is_null()) {
                continue;
            }
            let id = record.get(&format!("{name}_id")).and_then(text);
            let of_person = || {
                let person = record.get("requester").or_else(|| record.get("author")).or_else(|| record.get("user"))?;
                person.get("organization_id").or_else(|| person.get("company_id")).and_then(text)
            };
            let id = id.or_else(|| if *name == "organization" { of_person() } else { None });
            if let Some(found) = id.and_then(|id| self.known.get(&(*side, id))) {
                record.insert((*name).to_owned(), Value::Object(found.clone()));
            }
        }
    }
}

/// A search through a document for the next of these lists, with constant memory.
struct Seek<'a> {
    window: Window<'a>,
    nesting: Nesting,
    /// The last string at the nesting level of the lists' names.
    key: Vec<u8>,
}

impl Seek<'_> {
    /// Moves to the first element of the next list; `None` at the end of the file.
    fn next_list(&mut self) -> io::Result<Option<Side>> {
        loop {
            let mut found = None;
            let mut seen = 0;
            for &byte in self.window.unread() {
                seen += 1;
                let before = self.nesting;
                if before.depth == 1 && !before.in_string && byte == b'[' {
                    found = LISTS.iter().find(|(name, _)| name.as_bytes() == self.key).map(|(_, side)| *side);
                    if found.is_some() {
                        break;
                    }
                }
                self.nesting.step(byte);
                match (before.in_string, self.nesting.in_string) {
                    (false, true) => self.key.clear(),
                    (true, true) if before.depth == 1 && self.key.len() < 64 => self.key.push(byte),
                    _ => {}
                }
            }
            self.window.consume(seen);
            if found.is_some() {
                return Ok(found);
            }
            if !self.window.more()? {
                return Ok(None);
            }
        }
    }
}
