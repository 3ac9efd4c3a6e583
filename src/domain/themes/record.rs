//! A theme as it is stored, without what lists and pages add to it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::domain::base::{Id, Time};

/// The label of a theme in one language.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ThemeLabel {
    pub text: String,
    /// Whether a person set it; the engine then no longer changes it.
    pub set: bool,
}

/// The labels of a theme by language: `en`, `ko`.
pub type ThemeLabels = BTreeMap<String, ThemeLabel>;

/// The stored fields of a theme. [`super::Theme`] is a theme in the form of the API.
#[derive(Clone, Debug, PartialEq)]
pub struct ThemeRecord {
    pub id: Id,
    pub product_id: Id,
    pub label: String,
    /// Whether a person set the label; the engine then no longer changes it.
    pub label_set: bool,
    /// The keywords that distinguish it from other themes.
    pub keywords: Vec<String>,
    /// The ids of its representative feedback.
    pub quotes: Vec<Id>,
    pub size: i32,
    pub customers: i32,
    /// The annual value of its customers' accounts, in minor units of the product's currency.
    pub value_minor: i64,
    pub recent: i32,
    pub growth: f64,
    pub first_seen_at: Option<Time>,
    pub last_seen_at: Option<Time>,
    pub muted: bool,
    /// The theme it was merged into.
    pub merged_into: Option<Id>,
    /// How often it has changed since its texts were written; 0 where they are up to date.
    pub stale: i32,
    pub version: i32,
    pub created_at: Time,
    pub updated_at: Time,
    /// Its label in each language that enough of its customers write in; `label` is one of them.
    pub labels: ThemeLabels,
    /// How many items are in each language.
    pub languages: BTreeMap<String, i64>,
}
