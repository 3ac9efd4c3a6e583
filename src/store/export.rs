//! The tables as an export holds them: every row a JSON object, its ids as they are.
//!
//! Left out are tokens and idempotency keys (secrets), imports, events and leases (the history of one instance), and
//! what is made anew from the rest: the search index and the vectors. A row that names another of its own table (what a
//! customer, theme or story was merged into) says so in a line of its own after that table, so that whoever reads the
//! lines in order always finds what they refer to.

use diesel::connection::{AnsiTransactionManager as Transactions, TransactionManager};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use super::conn::{Conn, on_each};
use super::customers::{AccountRow, CustomerRow};
use super::feedback::FeedbackRow;
use super::schema::{
    accounts, correction_items, corrections, customer_identities, customers, deployments, feedback, members, products,
    release_stories, releases, signoffs, stories, story_themes, themes, trials,
};
use super::types::{DbId, DbTime, json_text};
use crate::error::Result;

/// Rows read at a time.
const PAGE: i64 = 500;

macro_rules! row {
    ($(#[$doc:meta])* $name:ident of $table:ident { $($(#[$attr:meta])* $field:ident: $type:ty),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Queryable, Selectable, Insertable, Serialize, Deserialize)]
        #[diesel(table_name = $table)]
        pub struct $name { $($(#[$attr])* pub $field: $type),* }
    };
}

row! {
    /// Whether a refinement is due, and when the last one ran, is the instance's own.
    ProductRow of products {
        id: DbId, key: String, name: String, currency: String,
        #[serde(with = "json_text")] settings: String, last_story_number: i32, version: i32, created_at: DbTime, updated_at: DbTime,
    }
}

row! {
    IdentityRow of customer_identities { origin: String, external_id: String, customer_id: DbId }
}

row! {
    MemberRow of members {
        id: DbId, name: String, email: String, #[serde(skip)] email_folded: String, role: String, language: String,
        active: bool, version: i32, created_at: DbTime, updated_at: DbTime,
    }
}

row! {
    ThemeRow of themes {
        id: DbId, product_id: DbId, label: String, label_set: bool, #[serde(with = "json_text")] keywords: String,
        #[serde(with = "json_text")] quotes: String, size: i32, customers: i32, value_minor: i64, recent: i32,
        growth: f64, cohesion: f64, first_seen_at: Option<DbTime>, last_seen_at: Option<DbTime>, muted: bool,
        stale: i32, version: i32, created_at: DbTime, updated_at: DbTime,
    }
}

row! {
    StoryRow of stories {
        id: DbId, product_id: DbId, number: i32, title: String, as_a: String, i_want: String, so_that: String,
        #[serde(with = "json_text")] acceptance_criteria: String, #[serde(with = "json_text")] in_scope: String,
        #[serde(with = "json_text")] out_of_scope: String, owner_id: Option<DbId>, stage: String,
        stage_reason: Option<String>, drafted_by: String, #[serde(with = "json_text")] set_factors: String,
        #[serde(with = "json_text")] factors: String, score: f64, feedback_count: i32, customer_count: i32,
        counted_until: Option<DbTime>, edited: bool, version: i32, created_at: DbTime, updated_at: DbTime,
        #[serde(default)] due_at: Option<DbTime>, #[serde(default)] respond_by: Option<DbTime>,
        #[serde(default)] released_at: Option<DbTime>, #[serde(default)] round: i32,
        #[serde(default)] recurrences: i32,
    }
}

row! {
    StoryThemeRow of story_themes { story_id: DbId, theme_id: DbId }
}

row! {
    CorrectionRow of corrections {
        id: DbId, product_id: DbId, kind: String, actor_id: Option<DbId>, theme_id: Option<DbId>,
        other_theme_id: Option<DbId>, story_id: Option<DbId>, #[serde(with = "json_text")] details: String,
        undone_at: Option<DbTime>, created_at: DbTime,
    }
}

row! {
    CorrectionItemRow of correction_items {
        correction_id: DbId, feedback_id: DbId, from_theme_id: Option<DbId>, to_theme_id: Option<DbId>,
        was_pinned: bool,
    }
}

row! {
    /// Whom a customer was merged into.
    CustomerMergeRow of customers { id: DbId, merged_into: Option<DbId> }
}

row! {
    /// What a theme was merged into.
    ThemeMergeRow of themes { id: DbId, merged_into: Option<DbId> }
}

row! {
    /// What a story is, or seems to be, a duplicate of.
    StoryDuplicateRow of stories { id: DbId, duplicate_of: Option<DbId>, proposed_duplicate_of: Option<DbId> }
}

row! {
    ReleaseRow of releases {
        id: DbId, product_id: DbId, name: String, state: String, train_at: Option<DbTime>,
        planned_for: Option<DbTime>, notes: Option<String>, reason: Option<String>, frozen_at: Option<DbTime>,
        shipped_at: Option<DbTime>, deployed_at: Option<DbTime>, ended_at: Option<DbTime>, version: i32,
        created_at: DbTime, updated_at: DbTime,
    }
}

row! {
    ReleaseStoryRow of release_stories {
        release_id: DbId, story_id: DbId, section: String, entry: Option<String>, moved_to: Option<DbId>,
        added_at: DbTime,
    }
}

row! {
    DeploymentRow of deployments {
        id: DbId, product_id: DbId, release_id: Option<DbId>, environment: String, service: Option<String>,
        state: String, revision: Option<String>, url: Option<String>, source: String, external_id: Option<String>,
        deployed_at: DbTime, created_at: DbTime,
    }
}

row! {
    TrialRow of trials {
        id: DbId, story_id: DbId, kind: String, customer_id: Option<DbId>, tried_by: Option<String>,
        tried_at: DbTime, verdict: String, note: Option<String>, recorded_by: Option<DbId>, created_at: DbTime,
    }
}

row! {
    SignoffRow of signoffs {
        id: DbId, story_id: DbId, gate: String, decision: String, member_id: Option<DbId>,
        evidence: Option<String>, reason: Option<String>, created_at: DbTime,
    }
}

/// A table that can be read in the order of its key, page by page.
trait Paged: Serialize + Sized {
    fn page(conn: &mut Conn, after: Option<&Self>) -> Result<Vec<Self>>;
}

macro_rules! by_id {
    ($($row:ident of $table:ident $(where $filter:expr)?;)*) => {$(
        impl Paged for $row {
            fn page(conn: &mut Conn, after: Option<&Self>) -> Result<Vec<Self>> {
                let mut query = $table::table.select($row::as_select()).into_boxed();
                $(query = query.filter($filter);)?
                if let Some(last) = after {
                    query = query.filter($table::id.gt(last.id));
                }
                Ok(query.order($table::id.asc()).limit(PAGE).load(conn)?)
            }
        }
    )*};
}

by_id! {
    ProductRow of products;
    AccountRow of accounts;
    CustomerRow of customers;
    CustomerMergeRow of customers where customers::merged_into.is_not_null();
    MemberRow of members;
    ThemeRow of themes;
    ThemeMergeRow of themes where themes::merged_into.is_not_null();
    StoryRow of stories;
    StoryDuplicateRow of stories
        where stories::duplicate_of.is_not_null().or(stories::proposed_duplicate_of.is_not_null());
    FeedbackRow of feedback;
    CorrectionRow of corrections;
    ReleaseRow of releases;
    DeploymentRow of deployments;
    TrialRow of trials;
    SignoffRow of signoffs;
}

macro_rules! by_two {
    ($($row:ident of $table:ident by $first:ident $second:ident;)*) => {$(
        impl Paged for $row {
            fn page(conn: &mut Conn, after: Option<&Self>) -> Result<Vec<Self>> {
                let mut query = $table::table.select($row::as_select()).into_boxed();
                if let Some(last) = after.cloned() {
                    let same = $table::$first.eq(last.$first.clone()).and($table::$second.gt(last.$second));
                    query = query.filter($table::$first.gt(last.$first).or(same));
                }
                Ok(query.order(($table::$first.asc(), $table::$second.asc())).limit(PAGE).load(conn)?)
            }
        }
    )*};
}

by_two! {
    IdentityRow of customer_identities by external_id origin;
    StoryThemeRow of story_themes by theme_id story_id;
    CorrectionItemRow of correction_items by correction_id feedback_id;
    ReleaseStoryRow of release_stories by release_id story_id;
}

/// A line of an export.
#[derive(Serialize)]
struct Line<'a, R> {
    r#type: &'a str,
    #[serde(flatten)]
    row: &'a R,
}

/// Takes the lines of an export, one by one.
pub type Lines<'a> = dyn FnMut(&str) -> Result<()> + 'a;

fn write_table<R: Paged>(conn: &mut Conn, kind: &str, lines: &mut Lines<'_>) -> Result<()> {
    let mut rows = R::page(conn, None)?;
    while let Some(last) = rows.last() {
        for row in &rows {
            lines(&super::types::json(&Line { r#type: kind, row }))?;
        }
        rows = R::page(conn, Some(last))?;
    }
    Ok(())
}

/// The types of an export's lines, in the order in which each finds what it refers to.
macro_rules! lines {
    ($($kind:literal $variant:ident $row:ty;)*) => {
        /// A row of an export, read back.
        #[derive(Clone, Debug)]
        pub enum ExportRow { $(#[doc = $kind] $variant(Box<$row>)),* }

        impl ExportRow {
            /// Reads a line of this `type`; `None` where there is no such type or the row is not one of its table.
            pub fn read(kind: &str, row: serde_json::Value) -> Option<Self> {
                match kind {
                    $($kind => serde_json::from_value(row).ok().map(Box::new).map(Self::$variant),)*
                    _ => None,
                }
            }

            /// Puts the row where it is not there yet; answers whether it was missing.
            ///
            /// # Errors
            /// 409 where something else has its identity, or what it refers to is missing; 422 where it holds what
            /// this version does not know.
            pub fn restore(&self, tx: &mut super::Tx<'_>) -> Result<bool> {
                match self { $(Self::$variant(row) => super::restore::Restore::restore(&**row, tx)),* }
            }
        }

        fn write_lines(conn: &mut Conn, lines: &mut Lines<'_>) -> Result<()> {
            $(write_table::<$row>(conn, $kind, lines)?;)*
            Ok(())
        }
    };
}

lines! {
    "product" Product ProductRow;
    "account" Account AccountRow;
    "customer" Customer CustomerRow;
    "customer_merge" CustomerMerge CustomerMergeRow;
    "customer_identity" Identity IdentityRow;
    "member" Member MemberRow;
    "theme" Theme ThemeRow;
    "theme_merge" ThemeMerge ThemeMergeRow;
    "story" Story StoryRow;
    "story_duplicate" StoryDuplicate StoryDuplicateRow;
    "story_theme" StoryTheme StoryThemeRow;
    "feedback" Feedback FeedbackRow;
    "correction" Correction CorrectionRow;
    "correction_item" CorrectionItem CorrectionItemRow;
    "release" Release ReleaseRow;
    "release_story" ReleaseStory ReleaseStoryRow;
    "deployment" Deployment DeploymentRow;
    "trial" Trial TrialRow;
    "signoff" Signoff SignoffRow;
}

/// Reads everything an export holds, as it was at one moment, in constant memory.
///
/// # Errors
/// Those of the database and of `lines`.
pub fn all(conn: &mut Conn, lines: &mut Lines<'_>) -> Result<()> {
    match conn {
        Conn::Sqlite(c) => Transactions::begin_transaction_sql(c, "BEGIN")?,
        Conn::Postgres(c) => Transactions::begin_transaction_sql(c, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")?,
    }
    let written = write_lines(conn, lines);
    on_each!(conn, c => Transactions::rollback_transaction(c))?;
    written
}
