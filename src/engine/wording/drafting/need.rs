//! A need inside a theme, the theme's main matter, and how many people said something.

use std::collections::HashSet;

use uuid::Uuid;

use super::draft_of::DraftOf;
use crate::engine::wording::statements::statement::{Statement, Usage};
use crate::engine::wording::wish::Wish;

/// A need of several customers.
pub(in crate::engine) struct Need {
    /// Indices of its items.
    pub items: Vec<usize>,
    pub title: String,
    pub statement: Statement,
}

/// The theme's main matter.
pub(in crate::engine) struct Main<'a> {
    pub title: &'a str,
    pub statement: Option<&'a Statement>,
    pub korean: bool,
    pub wish: Wish,
    pub usage: &'a dyn Usage,
}

impl Main<'_> {
    /// Whether the title says only what the theme is about, and not what is wrong or wanted.
    pub fn is_vague(&self) -> bool {
        match self.statement {
            None | Some(Statement::Without { .. } | Statement::Asked { .. }) => true,
            Some(Statement::No { matter }) => matter.ends_with(VAGUE_TROUBLE),
            Some(_) => false,
        }
    }
}

/// The end of Korean titles of troubles in general: 배달비 문제.
pub(in crate::engine) const VAGUE_TROUBLE: &str = " 문제";

pub(in crate::engine) fn customers(of: &DraftOf<'_>, items: &[usize]) -> HashSet<Uuid> {
    items.iter().map(|item| of.items[*item].feedback.by).collect()
}

pub(in crate::engine) fn customers_of(of: &DraftOf<'_>, items: &[usize]) -> usize {
    customers(of, items).len()
}

/// How many people said something, as the story counts them: its known customers, or where none is known, how often it was
/// said.
pub(in crate::engine) enum Counted {
    Customers(usize),
    Times(usize),
}

impl Counted {
    pub fn of(of: &DraftOf<'_>, items: &[usize]) -> Self {
        let of_known = items.iter().map(|item| &of.items[*item].feedback).filter(|said| said.by != said.id);
        match of_known.map(|said| said.by).collect::<HashSet<_>>().len() {
            0 => Counted::Times(items.len()),
            customers => Counted::Customers(customers),
        }
    }

    pub fn customers(&self) -> usize {
        match self {
            Counted::Customers(customers) => *customers,
            Counted::Times(_) => 0,
        }
    }
}
