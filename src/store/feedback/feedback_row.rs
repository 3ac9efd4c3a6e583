//! The rows of `feedback`.

use crate::domain::base::Id;
use crate::domain::base::text::fold;
use crate::domain::feedback::{FeedbackRecord, FieldsText, words_of};
use crate::error::{Error, Result};
use crate::store::base::query::*;
use crate::store::base::types::{DbId, DbTime, json, name};
use crate::store::schema::feedback;

/// A row of `feedback` without `seq`, which the database assigns.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = feedback, treat_none_as_null = true, treat_none_as_default_value = false)]
pub(in crate::store) struct FeedbackRow {
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
    pub tags: String,
    pub fields: String,
    pub submitted_by: Option<DbId>,
    pub dismissed_reason: Option<String>,
    pub edited: String,
    pub version: i32,
    pub created_at: DbTime,
    pub updated_at: DbTime,
    /// `None` in rows of an earlier version that were not recognised yet.
    pub kind_source: Option<String>,
    pub set_aside: Option<String>,
    pub votes: Option<i32>,
    /// `None` in rows of an earlier version that were not read yet.
    pub impression: Option<String>,
}

impl FeedbackRow {
    /// The tags as keys for filtering, without differences of case and width.
    pub(in crate::store) fn tag_keys(&self) -> Vec<String> {
        let tags: Vec<String> = serde_json::from_str(&self.tags).unwrap_or_default();
        let mut keys: Vec<String> = tags.iter().map(|tag| fold(tag)).collect();
        keys.sort_unstable();
        keys.dedup();
        keys
    }

    /// The text for the search index: the title, then the text.
    pub(in crate::store) fn words(&self) -> String {
        words_of(self.title.as_deref(), &self.text)
    }
}

impl TryFrom<FeedbackRow> for FeedbackRecord {
    type Error = Error;

    /// # Errors
    /// 500 where this version does not know a stored name.
    fn try_from(row: FeedbackRow) -> Result<Self> {
        Ok(FeedbackRecord {
            id: row.id.into(),
            product_id: row.product_id.into(),
            customer_id: row.customer_id.map(Id::from),
            theme_id: row.theme_id.map(Id::from),
            similarity: row.similarity,
            pinned: row.pinned,
            state: name(&row.state)?,
            text: row.text,
            title: row.title,
            source: name(&row.source)?,
            origin: row.origin,
            external_id: row.external_id,
            url: row.url,
            occurred_at: row.occurred_at.into(),
            rating: row.rating,
            nps: row.nps,
            votes: row.votes,
            severity: row.severity.as_deref().map(name).transpose()?,
            kind: row.kind.as_deref().map(name).transpose()?,
            kind_source: row.kind_source.as_deref().map(name).transpose()?,
            set_aside: row.set_aside.as_deref().map(name).transpose()?,
            impression: row.impression.as_deref().map(name).transpose()?,
            language: row.language,
            tags: serde_json::from_str(&row.tags).unwrap_or_default(),
            fields: FieldsText::stored(row.fields),
            submitted_by: row.submitted_by.map(Id::from),
            dismissed_reason: row.dismissed_reason,
            edited: serde_json::from_str(&row.edited).unwrap_or_default(),
            version: row.version,
            created_at: row.created_at.into(),
            updated_at: row.updated_at.into(),
        })
    }
}

impl From<FeedbackRecord> for FeedbackRow {
    fn from(record: FeedbackRecord) -> Self {
        FeedbackRow {
            id: record.id.into(),
            product_id: record.product_id.into(),
            customer_id: record.customer_id.map(DbId),
            theme_id: record.theme_id.map(DbId),
            similarity: record.similarity,
            pinned: record.pinned,
            state: record.state.as_str().to_owned(),
            text: record.text,
            title: record.title,
            source: record.source.as_str().to_owned(),
            origin: record.origin,
            external_id: record.external_id,
            url: record.url,
            occurred_at: record.occurred_at.into(),
            rating: record.rating,
            nps: record.nps,
            votes: record.votes,
            severity: record.severity.map(|severity| severity.as_str().to_owned()),
            kind: record.kind.map(|kind| kind.as_str().to_owned()),
            kind_source: record.kind_source.map(|source| source.as_str().to_owned()),
            set_aside: record.set_aside.map(|reason| reason.as_str().to_owned()),
            impression: record.impression.map(|impression| impression.to_string()),
            language: record.language,
            tags: json(&record.tags),
            fields: record.fields.into_text(),
            submitted_by: record.submitted_by.map(DbId),
            dismissed_reason: record.dismissed_reason,
            edited: json(&record.edited),
            version: record.version,
            created_at: record.created_at.into(),
            updated_at: record.updated_at.into(),
        }
    }
}

/// These rows as records.
///
/// # Errors
/// 500 where this version does not know a stored name.
pub(in crate::store) fn records(rows: Vec<FeedbackRow>) -> Result<Vec<FeedbackRecord>> {
    rows.into_iter().map(FeedbackRecord::try_from).collect()
}
