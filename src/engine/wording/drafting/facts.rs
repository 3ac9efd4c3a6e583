//! Facts of a theme: circumstances that its customers name, and what they tried, how they manage, and what follows for
//! them, in their words.

use std::collections::{BTreeMap, HashSet};

use uuid::Uuid;

use super::circumstances::{Circumstance, CircumstanceKind};
use crate::domain::stories::FactKind;
use crate::engine::wording::label::clauses;
use crate::engine::wording::label::language;
use crate::engine::wording::said::Said;
use crate::engine::wording::theme_item::ThemeItem;

/// The most facts of each kind.
const EACH: usize = 6;
/// The longest quotation, in characters.
const LONGEST: usize = 200;

/// Something that customers mentioned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    pub kind: FactKind,
    /// A value, or words of a customer.
    pub text: String,
    /// The number of customers who mentioned it.
    pub customers: usize,
    pub feedback_ids: Vec<Uuid>,
}

/// The circumstances and the words of these items, item by item.
pub(in crate::engine) struct Read<'a> {
    pub items: &'a [ThemeItem<'a>],
    pub circumstances: &'a [Vec<Circumstance>],
    pub said: &'a [(Uuid, Said)],
}

/// The facts, the most frequent of each kind first. `apart` are items to quote that no criterion covers.
pub(in crate::engine) fn facts(read: &Read<'_>, apart: &[usize], korean: bool) -> Vec<Fact> {
    let mut counted: BTreeMap<(FactKind, String), (HashSet<Uuid>, Vec<Uuid>)> = BTreeMap::new();
    let mut quoted: Vec<Fact> = Vec::new();
    for (item, circumstances) in read.items.iter().zip(read.circumstances) {
        for circumstance in circumstances {
            let (by, ids) =
                counted.entry((kind_of(circumstance.kind), circumstance.shown(language(korean)))).or_default();
            by.insert(item.feedback.by);
            ids.push(item.feedback.id);
        }
    }
    let mut facts: Vec<Fact> = counted
        .into_iter()
        .map(|((kind, text), (by, feedback_ids))| Fact { kind, text, customers: by.len(), feedback_ids })
        .collect();
    for (item, (_, said)) in read.items.iter().zip(read.said) {
        let parts = [
            (FactKind::Tried, &said.tried),
            (FactKind::Workaround, &said.workaround),
            (FactKind::Consequence, &said.consequence),
        ];
        for (kind, text) in parts {
            quoted.extend(text.as_deref().map(|text| quote(kind, text, item.feedback.id)));
        }
    }
    quoted.extend(apart.iter().map(|item| {
        let feedback = &read.items[*item].feedback;
        quote(FactKind::Quote, feedback.text, feedback.id)
    }));
    let mut seen = HashSet::new();
    quoted.retain(|fact| seen.insert((fact.kind, fact.text.clone())));
    facts.extend(quoted);
    facts.sort_by_key(|fact| (fact.kind, std::cmp::Reverse(fact.customers)));
    let mut of_kind: BTreeMap<FactKind, usize> = BTreeMap::new();
    facts.retain(|fact| {
        let count = of_kind.entry(fact.kind).or_default();
        *count += 1;
        *count <= EACH
    });
    facts
}

fn quote(kind: FactKind, text: &str, id: Uuid) -> Fact {
    Fact { kind, text: shortened(text), customers: 1, feedback_ids: vec![id] }
}

/// The first clauses of a text that fit into a quotation.
pub(in crate::engine) fn shortened(text: &str) -> String {
    let mut short = String::new();
    for clause in clauses(text) {
        if !short.is_empty() && short.chars().count() + clause.chars().count() >= LONGEST {
            break;
        }
        if !short.is_empty() {
            short.push(' ');
        }
        short.push_str(&clause);
    }
    match short.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{}…", short[..at].trim_end()),
        None => short,
    }
}

fn kind_of(kind: CircumstanceKind) -> FactKind {
    match kind {
        CircumstanceKind::Version => FactKind::Version,
        CircumstanceKind::Platform => FactKind::Platform,
        CircumstanceKind::Device => FactKind::Device,
        CircumstanceKind::Browser => FactKind::Browser,
        CircumstanceKind::Step => FactKind::Step,
        CircumstanceKind::Amount => FactKind::Amount,
        CircumstanceKind::Time => FactKind::Time,
    }
}
