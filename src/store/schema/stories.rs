//! Stories, what they stand on, and what keeps them from a stage.

use super::declare::*;
use super::themes;
use crate::domain::base::Id;
use crate::domain::evaluations::evaluation::{EvaluationStatus, WeighedCriterion};
use crate::domain::evaluations::stored::StoredOption;
use crate::domain::stories::dependency::{DependencyKind, SatisfiedAt};
use crate::domain::stories::priority::{Factors, SetFactors};
use crate::domain::stories::stage::Stage;
use crate::domain::stories::{
    Criterion, Decision, Facts, LinkKind, LinkProvider, LinkReason, LinkState, TrialKind, Verdict,
};

const ONE_INSTANCE: &str = "what one instance asked, and how far it is";
const PATTERN: &str = "a name in a pattern of the settings";
const WORDLESS: &str = "hashes of texts; the texts stand elsewhere";

tables! {
    stories (id): exported("story").with_event("story.imported").in_its_own_way() => {
        id -> UuidSql,
        product_id -> UuidSql: refers("products"),
        number -> Integer: no_person(),
        title -> Text: by_row(),
        as_a -> Text: by_row(),
        i_want -> Text: by_row(),
        so_that -> Text: by_row(),
        acceptance_criteria -> Text: by_row().json_of::<Vec<Criterion>>(),
        in_scope -> Text: by_row().json_of::<Vec<String>>(),
        out_of_scope -> Text: by_row().json_of::<Vec<String>>(),
        owner_id -> Nullable<UuidSql>: refers("members"),
        stage -> Text: name_of::<Stage>(),
        stage_reason -> Nullable<Text>: by_row(),
        drafted_by -> Text: made(),
        duplicate_of -> Nullable<UuidSql>: no_person().own_line("story_duplicate"),
        proposed_duplicate_of -> Nullable<UuidSql>: no_person().own_line("story_duplicate"),
        set_factors -> Text: made().json_of::<SetFactors>(),
        factors -> Text: made().json_of::<Factors>(),
        score -> Double: no_person(),
        feedback_count -> Integer: no_person(),
        customer_count -> Integer: no_person(),
        counted_until -> Nullable<TimeSql>: no_person(),
        edited -> Bool: no_person(),
        version -> Integer,
        created_at -> TimeSql,
        updated_at -> TimeSql,
        due_at -> Nullable<TimeSql>,
        respond_by -> Nullable<TimeSql>: no_person(),
        overdue_at -> Nullable<TimeSql>,
        released_at -> Nullable<TimeSql>,
        round -> Integer: no_person().absent(|| 0.into()),
        recurrences -> Integer: no_person().absent(|| 0.into()),
    }

    draft_sources (story_id, feedback_id): exported("draft_source") => {
        story_id -> UuidSql: refers("stories"),
        feedback_id -> UuidSql: refers("feedback"),
    }

    story_themes (theme_id, story_id): exported("story_theme") => {
        story_id -> UuidSql: refers("stories"),
        theme_id -> UuidSql: refers("themes"),
    }

    story_feedback (story_id, feedback_id): exported("story_feedback") => {
        story_id -> UuidSql: refers("stories"),
        feedback_id -> UuidSql: refers("feedback"),
        taken_off -> Bool: no_person(),
        decided_at -> TimeSql,
    }

    /// A view: the evidence of each story as it is now.
    story_items (story_id, feedback_id): not_exported("a view") => {
        story_id -> UuidSql: refers("stories"),
        feedback_id -> UuidSql: refers("feedback"),
    }

    llm_drafts (story_id): not_exported(ONE_INSTANCE) => {
        story_id -> UuidSql: refers("stories"),
        asked_at -> TimeSql,
        outcome -> Text: written(Becomes::Erased),
        ask_again_at -> Integer: no_person(),
    }

    story_evidence (story_id, round, feedback_id): exported("story_evidence") => {
        story_id -> UuidSql: refers("stories"),
        round -> Integer: no_person(),
        feedback_id -> UuidSql: refers("feedback"),
        customer_id -> Nullable<UuidSql>: refers("customers"),
        left_out -> Nullable<Text>: made(),
    }

    recurrences (story_id, feedback_id): exported("recurrence") => {
        story_id -> UuidSql: refers("stories"),
        feedback_id -> UuidSql: refers("feedback"),
        round -> Integer: no_person(),
        noticed_at -> TimeSql,
    }

    trials (id): exported("trial").with_event("trial.imported") => {
        id -> UuidSql,
        story_id -> UuidSql: refers("stories"),
        kind -> Text: name_of::<TrialKind>(),
        customer_id -> Nullable<UuidSql>: refers("customers"),
        tried_by -> Nullable<Text>: by_row(),
        tried_at -> TimeSql,
        verdict -> Text: name_of::<Verdict>(),
        note -> Nullable<Text>: by_row(),
        recorded_by -> Nullable<UuidSql>,
        created_at -> TimeSql,
    }

    signoffs (id): exported("signoff").with_event("signoff.imported") => {
        id -> UuidSql,
        story_id -> UuidSql: refers("stories"),
        gate -> Text: impersonal(PATTERN),
        decision -> Text: name_of::<Decision>(),
        member_id -> Nullable<UuidSql>: refers("members"),
        evidence -> Nullable<Text>: by_row(),
        reason -> Nullable<Text>: by_row(),
        created_at -> TimeSql,
    }

    links (id): exported("link").with_event("link.imported") => {
        id -> UuidSql,
        story_id -> UuidSql: refers("stories"),
        provider -> Text: name_of::<LinkProvider>(),
        repository -> Text: written(Becomes::Unique),
        kind -> Text: name_of::<LinkKind>(),
        reference -> Text: written(Becomes::Unique),
        url -> Nullable<Text>: written(Becomes::Erased),
        state -> Nullable<Text>: name_of::<LinkState>(),
        created_at -> TimeSql,
        updated_at -> TimeSql,
        // Where an export says nothing of it, a person made the link, and no edit takes it away.
        reason -> Text: name_of::<LinkReason>().absent(|| LinkReason::Person.as_str().to_owned().into()),
    }

    story_texts (story_id, language): exported("story_text") => {
        story_id -> UuidSql: refers("stories"),
        language -> Text: made(),
        title -> Nullable<Text>: by_row(),
        entry -> Nullable<Text>: by_row(),
        reason -> Nullable<Text>: by_row(),
    }

    story_dependencies (id): exported("story_dependency").with_event("dependency.imported") => {
        id -> UuidSql,
        story_id -> UuidSql: refers("stories"),
        kind -> Text: name_of::<DependencyKind>(),
        other_id -> Nullable<UuidSql>: refers("stories"),
        external_title -> Nullable<Text>: written(Becomes::Erased),
        external_team -> Nullable<Text>: written(Becomes::Erased),
        external_vendor -> Nullable<Text>: written(Becomes::Erased),
        external_due -> Nullable<Text>: impersonal("a date"),
        lag_days -> Integer: no_person(),
        satisfied_at -> Text: name_of::<SatisfiedAt>(),
        closed_at -> Nullable<TimeSql>,
        closed_by -> Nullable<UuidSql>,
        created_by -> Nullable<UuidSql>,
        created_at -> TimeSql,
        updated_at -> TimeSql,
    }

    /// A view: what each story needs, and whether it is there.
    story_blockers (dependency_id): not_exported("a view") => {
        dependency_id -> UuidSql: refers("story_dependencies"),
        story_id -> UuidSql: refers("stories"),
        blocker_id -> Nullable<UuidSql>: no_person(),
        state -> Text: made(),
    }

    story_days (story_id): exported("story_days") => {
        story_id -> UuidSql: refers("stories"),
        days -> Integer: no_person(),
    }

    evaluations (id): exported("evaluation").with_event("evaluation.imported") => {
        id -> UuidSql,
        product_id -> UuidSql: refers("products"),
        story_id -> Nullable<UuidSql>: refers("stories"),
        title -> Text: written(Becomes::Erased),
        status -> Text: name_of::<EvaluationStatus>(),
        need -> Nullable<Text>: written(Becomes::Lines),
        context -> Nullable<Text>: written(Becomes::Lines),
        criteria -> Text: written(Becomes::Json).json_of::<Vec<WeighedCriterion>>(),
        options -> Text: written(Becomes::Json).json_of::<Vec<StoredOption>>(),
        chosen -> Nullable<Text>: written(Becomes::Erased),
        because -> Nullable<Text>: written(Becomes::Lines),
        consequences -> Nullable<Text>: written(Becomes::Lines),
        confirmation -> Nullable<Text>: written(Becomes::Lines),
        deciders -> Text: impersonal("ids of members").json_of::<Vec<Id>>(),
        consulted -> Text: written(Becomes::Json).json_of::<Vec<String>>(),
        informed -> Text: written(Becomes::Json).json_of::<Vec<String>>(),
        decided_on -> Nullable<Text>: impersonal("a date"),
        revisit_on -> Nullable<Text>: impersonal("a date"),
        revisit_noted_at -> Nullable<TimeSql>,
        superseded_by -> Nullable<UuidSql>: no_person().own_line("evaluation_superseded"),
        created_by -> Nullable<UuidSql>,
        version -> Integer,
        created_at -> TimeSql,
        updated_at -> TimeSql,
    }

    story_facts (story_id): exported("story_facts") => {
        story_id -> UuidSql: refers("stories"),
        facts -> Text: by_row().json_of::<Facts>(),
    }

    text_checks (story_id): exported("text_check") => {
        story_id -> UuidSql: refers("stories"),
        cleared -> Text: impersonal(WORDLESS).json(),
        confirmed_by -> Nullable<UuidSql>,
        confirmed_at -> Nullable<TimeSql>,
    }
}

diesel::joinable!(story_themes -> stories (story_id));
diesel::joinable!(story_themes -> themes (theme_id));
