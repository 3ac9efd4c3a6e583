//! One row of `feedback`, and what is read of it.

use serde::{Deserialize, Serialize};

use crate::domain::base::text::fold;
use crate::domain::feedback::own_words::own_words;
use crate::store::base::query::*;
use crate::store::base::types::{DbId, DbTime, json_text};
use crate::store::schema::feedback;

/// A row of `feedback` without `seq`, which the database assigns.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, AsChangeset, Serialize, Deserialize)]
#[diesel(table_name = feedback, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct FeedbackRow {
    pub id: DbId,
    pub product_id: DbId,
    pub customer_id: Option<DbId>,
    pub theme_id: Option<DbId>,
    pub similarity: Option<f64>,
    pub pinned: bool,
    pub state: String,
    pub text: String,
    pub title: Option<String>,
    pub source: String,
    pub origin: String,
    pub external_id: Option<String>,
    pub url: Option<String>,
    pub occurred_at: DbTime,
    pub rating: Option<i32>,
    pub nps: Option<i32>,
    pub severity: Option<String>,
    pub kind: Option<String>,
    pub language: Option<String>,
    #[serde(with = "json_text")]
    pub tags: String,
    #[serde(with = "json_text")]
    pub fields: String,
    pub submitted_by: Option<DbId>,
    pub dismissed_reason: Option<String>,
    #[serde(with = "json_text")]
    pub edited: String,
    pub version: i32,
    pub created_at: DbTime,
    pub updated_at: DbTime,
    /// `None` in rows of an earlier version that were not recognised yet.
    #[serde(default)]
    pub kind_source: Option<String>,
    #[serde(default)]
    pub set_aside: Option<String>,
    #[serde(default)]
    pub votes: Option<i32>,
}

impl FeedbackRow {
    /// The tags.
    pub fn tags(&self) -> Vec<String> {
        serde_json::from_str(&self.tags).unwrap_or_default()
    }

    /// The tags as keys for filtering, without differences of case and width.
    pub(in crate::store) fn tag_keys(&self) -> Vec<String> {
        let mut keys: Vec<String> = self.tags().iter().map(|tag| fold(tag)).collect();
        keys.sort_unstable();
        keys.dedup();
        keys
    }

    /// The text for the search index: the title, then the text.
    pub fn words(&self) -> String {
        words_of(self.title.as_deref(), &self.text)
    }

    /// The text for the engine, labels, keywords and drafts: the title, then the customer's own words in the text
    /// (without quotations of others).
    pub fn own_words(&self) -> String {
        own_words(self.title.as_deref(), &self.text)
    }
}

/// The title, then the text.
pub(in crate::store) fn words_of(title: Option<&str>, text: &str) -> String {
    match title {
        Some(title) => format!("{title}\n{text}"),
        None => text.to_owned(),
    }
}
