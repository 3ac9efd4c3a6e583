//! The rows of an export that have no row struct of their own which would do: every column but those that are made anew.

use serde::{Deserialize, Serialize};

use crate::domain::integrations::MessageFormat;
use crate::domain::stories::LinkReason;
use crate::store::base::query::*;
use crate::store::base::types::{DbId, DbTime, base64_text, json_text, json_text_or_none};
use crate::store::schema::{
    correction_items, corrections, customer_identities, customers, deployments, draft_sources, erased_feedback,
    left_behind, links, members, note_mentions, notes, products, proposal_items, proposals, recurrences, refinements,
    release_stories, release_texts, releases, roll_backs, signoffs, stories, story_evidence, story_feedback,
    story_texts, story_themes, tell_choices, text_checks, themes, trials, webhooks,
};

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
        #[serde(default)] overdue_at: Option<DbTime>, #[serde(default)] released_at: Option<DbTime>,
        #[serde(default)] round: i32,
        #[serde(default)] recurrences: i32,
    }
}

row! {
    StoryThemeRow of story_themes { story_id: DbId, theme_id: DbId }
}

row! {
    DraftSourceRow of draft_sources { story_id: DbId, feedback_id: DbId }
}

row! {
    /// What people decided about one feedback and one story.
    StoryFeedbackRow of story_feedback { story_id: DbId, feedback_id: DbId, taken_off: bool, decided_at: DbTime }
}

row! {
    CorrectionRow of corrections {
        id: DbId, product_id: DbId, kind: String, actor_id: Option<DbId>, theme_id: Option<DbId>,
        other_theme_id: Option<DbId>, story_id: Option<DbId>, #[serde(default)] other_story_id: Option<DbId>,
        #[serde(with = "json_text")] details: String, undone_at: Option<DbTime>, created_at: DbTime,
    }
}

row! {
    CorrectionItemRow of correction_items {
        correction_id: DbId, feedback_id: DbId, from_theme_id: Option<DbId>, to_theme_id: Option<DbId>,
        was_pinned: bool, #[serde(default)] was_similarity: Option<f64>,
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
        created_at: DbTime, updated_at: DbTime, #[serde(default)] held_deployment_id: Option<DbId>,
    }
}

row! {
    ReleaseStoryRow of release_stories {
        release_id: DbId, story_id: DbId, section: String, entry: Option<String>, moved_to: Option<DbId>,
        added_at: DbTime,
    }
}

row! {
    StoryTextRow of story_texts {
        story_id: DbId, language: String, title: Option<String>, entry: Option<String>, reason: Option<String>,
    }
}

row! {
    ReleaseTextRow of release_texts {
        release_id: DbId, language: String, notes: Option<String>, reason: Option<String>,
    }
}

row! {
    /// Hashes of texts that may leave the team; the texts themselves stand elsewhere.
    TextCheckRow of text_checks {
        story_id: DbId, #[serde(with = "json_text")] cleared: String, confirmed_by: Option<DbId>,
        confirmed_at: Option<DbTime>,
    }
}

row! {
    DeploymentRow of deployments {
        id: DbId, product_id: DbId, release_id: Option<DbId>, environment: String, service: Option<String>,
        state: String, revision: Option<String>, url: Option<String>, source: String, external_id: Option<String>,
        deployed_at: DbTime, created_at: DbTime, #[serde(default)] production: bool,
        #[serde(default)] held: Option<String>,
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

row! {
    /// What is erased stays so when it is sent again.
    ErasedRow of erased_feedback { #[serde(with = "base64_text")] key: Vec<u8>, feedback_id: DbId }
}

row! {
    StoryEvidenceRow of story_evidence {
        story_id: DbId, round: i32, feedback_id: DbId, customer_id: Option<DbId>,
        #[serde(default)] left_out: Option<String>,
    }
}

row! {
    RecurrenceRow of recurrences { story_id: DbId, feedback_id: DbId, round: i32, noticed_at: DbTime }
}

row! {
    LinkRow of links {
        id: DbId, story_id: DbId, provider: String, repository: String, kind: String, reference: String,
        url: Option<String>, state: Option<String>, created_at: DbTime, updated_at: DbTime,
        /// Exports of before say nothing of it: then a person made it, and no edit takes it away.
        #[serde(default = "by_person")] reason: String,
    }
}

fn by_person() -> String {
    LinkReason::Person.as_str().to_owned()
}

row! {
    /// Its secrets stay where they are, and so does whether it is active.
    WebhookRow of webhooks {
        id: DbId, url: String, description: Option<String>, #[serde(with = "json_text")] events: String,
        product_id: Option<DbId>, desk_origin: Option<String>, version: i32, created_at: DbTime, updated_at: DbTime,
        #[serde(default = "event_only")] format: String,
    }
}

fn event_only() -> String {
    MessageFormat::Event.as_str().to_owned()
}

row! {
    RefinementRow of refinements {
        id: DbId, product_id: DbId, kind: String, embedder: String, items: i32, themes_before: i32,
        themes_after: i32, moved: i32, held_back: i32, granularity: f64, agreement: f64,
        #[serde(with = "json_text_or_none")] choice: Option<String>, created_at: DbTime,
    }
}

row! {
    ProposalRow of proposals {
        id: DbId, product_id: DbId, kind: String, state: String, theme_id: DbId, other_theme_id: Option<DbId>,
        #[serde(with = "json_text")] numbers: String, refinement_id: DbId, correction_id: Option<DbId>,
        reason: Option<String>, decided_by: Option<DbId>, decided_at: Option<DbTime>, created_at: DbTime,
        updated_at: DbTime,
    }
}

row! {
    ProposalItemRow of proposal_items { proposal_id: DbId, feedback_id: DbId }
}

row! {
    TellChoiceRow of tell_choices {
        story_id: DbId, customer_id: DbId, choice: String, reason: Option<String>, decided_by: Option<DbId>,
        decided_at: DbTime,
    }
}

row! {
    LeftBehindRow of left_behind {
        story_id: DbId, release_id: DbId, section: String, entry: Option<String>, left_at: DbTime,
    }
}

row! {
    NoteRow of notes {
        id: DbId, subject_kind: String, subject_id: DbId, author_kind: String, author_id: Option<DbId>, text: String,
        version: i32, created_at: DbTime, edited_at: Option<DbTime>,
    }
}

row! {
    NoteMentionRow of note_mentions {
        id: DbId, note_id: DbId, member_id: DbId, in_text: bool, listed: bool, mentioned_at: DbTime,
        mailed_at: Option<DbTime>, read_at: Option<DbTime>,
    }
}

row! {
    RollBackRow of roll_backs { story_id: DbId, round: i32 }
}
