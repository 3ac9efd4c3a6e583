//! The tables as an export holds them: every row a JSON object, its ids as they are.
//!
//! It holds products, accounts, customers with their identities, members, themes, stories with their themes, their texts
//! in other languages, which of their texts may leave the team, and what they were drafted from, feedback, what of it was
//! attached to stories or taken off, and which of it is erased, corrections with their items, refinements, proposals with their items, links, releases
//! with their stories, deployments, trials, sign-offs, closures with the evidence they stand on, what
//! people decided about who is told, stories left behind by a release, recurrences, internal notes with their mentions, and
//! webhooks. Left out are
//!
//! - `tokens`, `secrets`, `idempotency_keys` and the secrets of webhooks: who has an export gets in nowhere by it. So
//!   webhooks come back disabled, with a new secret; and links in mails that went out before, signed with a key of the
//!   instance that sent them, answer nothing elsewhere.
//! - `events`, `log_readers`, `deliveries`, `delivery_attempts`, `hook_deliveries`, `repositories`, `imports`,
//!   `import_chunks`, `import_errors`, `erasures`, `erased_people`, `leases`, `llm_drafts`, and when a product was refined:
//!   what one instance did, and how far it is. Without the events nothing that was sent is sent again; whose mail was still
//!   to go out becomes an agent's to-do.
//! - `feedback_tags`, `feedback_search`, `feedback_vectors`, `far_feedback`, `embeddings`, `engine_state`: made anew from
//!   the rest; `story_items` is a view.
//!
//! A row that names another of its own table (what a customer, theme or story was merged into) says so in a line of its
//! own after that table, so that whoever reads the lines in order always finds what they refer to.

use diesel::connection::{AnsiTransactionManager as Transactions, TransactionManager};
use serde::Serialize;

pub use super::export_rows::*;
use crate::error::Result;
use crate::store::base::conn::{Conn, on_each};
use crate::store::base::query::*;
use crate::store::closure::closures::ClosureRow;
use crate::store::feedback::customers::{AccountRow, CustomerRow};
use crate::store::feedback::rows::FeedbackRow;
use crate::store::schema::{
    accounts, closures, correction_items, corrections, customer_identities, customers, deployments, draft_sources,
    erased_feedback, feedback, left_behind, links, members, note_mentions, notes, products, proposal_items, proposals,
    recurrences, refinements, release_stories, release_texts, releases, roll_backs, signoffs, stories, story_evidence,
    story_feedback, story_texts, story_themes, tell_choices, text_checks, themes, trials, webhooks,
};

/// Rows read at a time.
const PAGE: i64 = 500;

/// A table that can be read in the order of its key, page by page.
trait Paged: Serialize + Sized {
    fn page(conn: &mut Conn, after: Option<&Self>) -> Result<Vec<Self>>;
}

macro_rules! by_one {
    ($($row:ident of $table:ident by $key:ident $(where $filter:expr)?;)*) => {$(
        impl Paged for $row {
            fn page(conn: &mut Conn, after: Option<&Self>) -> Result<Vec<Self>> {
                let mut query = $table::table.select($row::as_select()).into_boxed();
                $(query = query.filter($filter);)?
                if let Some(last) = after.cloned() {
                    query = query.filter($table::$key.gt(last.$key));
                }
                Ok(query.order($table::$key.asc()).limit(PAGE).load(conn)?)
            }
        }
    )*};
}

by_one! {
    ProductRow of products by id;
    AccountRow of accounts by id;
    CustomerRow of customers by id;
    CustomerMergeRow of customers by id where customers::merged_into.is_not_null();
    MemberRow of members by id;
    ThemeRow of themes by id;
    ThemeMergeRow of themes by id where themes::merged_into.is_not_null();
    StoryRow of stories by id;
    StoryDuplicateRow of stories by id
        where stories::duplicate_of.is_not_null().or(stories::proposed_duplicate_of.is_not_null());
    FeedbackRow of feedback by id;
    ErasedRow of erased_feedback by key;
    CorrectionRow of corrections by id;
    RefinementRow of refinements by id;
    ProposalRow of proposals by id;
    TextCheckRow of text_checks by story_id;
    LinkRow of links by id;
    ReleaseRow of releases by id;
    DeploymentRow of deployments by id;
    TrialRow of trials by id;
    SignoffRow of signoffs by id;
    ClosureRow of closures by id;
    WebhookRow of webhooks by id;
    LeftBehindRow of left_behind by story_id;
    RollBackRow of roll_backs by story_id;
    NoteRow of notes by id;
    NoteMentionRow of note_mentions by id;
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
    DraftSourceRow of draft_sources by story_id feedback_id;
    StoryFeedbackRow of story_feedback by story_id feedback_id;
    CorrectionItemRow of correction_items by correction_id feedback_id;
    ReleaseStoryRow of release_stories by release_id story_id;
    StoryTextRow of story_texts by story_id language;
    ReleaseTextRow of release_texts by release_id language;
    RecurrenceRow of recurrences by story_id feedback_id;
    ProposalItemRow of proposal_items by proposal_id feedback_id;
    TellChoiceRow of tell_choices by story_id customer_id;
}

impl Paged for StoryEvidenceRow {
    fn page(conn: &mut Conn, after: Option<&Self>) -> Result<Vec<Self>> {
        use story_evidence::{feedback_id, round, story_id};
        let mut query = story_evidence::table.select(Self::as_select()).into_boxed();
        if let Some(last) = after {
            let same_round = story_id.eq(last.story_id).and(round.eq(last.round)).and(feedback_id.gt(last.feedback_id));
            let same_story = story_id.eq(last.story_id).and(round.gt(last.round));
            query = query.filter(story_id.gt(last.story_id).or(same_story).or(same_round));
        }
        Ok(query.order((story_id.asc(), round.asc(), feedback_id.asc())).limit(PAGE).load(conn)?)
    }
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
            lines(&crate::store::base::types::json(&Line { r#type: kind, row }))?;
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
            pub fn restore(&self, tx: &mut crate::store::Tx<'_>) -> Result<bool> {
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
    "draft_source" DraftSource DraftSourceRow;
    "story_text" StoryText StoryTextRow;
    "text_check" TextCheck TextCheckRow;
    "feedback" Feedback FeedbackRow;
    "story_feedback" StoryFeedback StoryFeedbackRow;
    "erased_feedback" Erased ErasedRow;
    "correction" Correction CorrectionRow;
    "correction_item" CorrectionItem CorrectionItemRow;
    "refinement" Refinement RefinementRow;
    "proposal" Proposal ProposalRow;
    "proposal_item" ProposalItem ProposalItemRow;
    "link" Link LinkRow;
    "release" Release ReleaseRow;
    "release_story" ReleaseStory ReleaseStoryRow;
    "release_text" ReleaseText ReleaseTextRow;
    "deployment" Deployment DeploymentRow;
    "trial" Trial TrialRow;
    "signoff" Signoff SignoffRow;
    "story_evidence" StoryEvidence StoryEvidenceRow;
    "closure" Closure ClosureRow;
    "tell_choice" TellChoice TellChoiceRow;
    "left_behind" LeftBehind LeftBehindRow;
    "roll_back" RollBack RollBackRow;
    "recurrence" Recurrence RecurrenceRow;
    "note" Note NoteRow;
    "note_mention" NoteMention NoteMentionRow;
    "webhook" Webhook WebhookRow;
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
