//! Themes, what the engine keeps of each feedback, and what people taught it.

use super::declare::*;
use crate::domain::themes::{CorrectionKind, ProposalKind, ProposalNumbers, ProposalState, RefinementKind};

const MADE_ANEW: &str = "made anew from the feedback";

tables! {
    themes (id): exported("theme").with_event("theme.imported") => {
        id -> UuidSql,
        product_id -> UuidSql: refers("products"),
        label -> Text: by_row(),
        label_set -> Bool: no_person(),
        keywords -> Text: by_row().json(),
        quotes -> Text: by_row().json(),
        size -> Integer: no_person(),
        customers -> Integer: no_person(),
        value_minor -> BigInt: plain().tagged(DataKind::Account),
        recent -> Integer: no_person(),
        growth -> Double: no_person(),
        cohesion -> Double: no_person(),
        first_seen_at -> Nullable<TimeSql>,
        last_seen_at -> Nullable<TimeSql>,
        muted -> Bool: no_person(),
        merged_into -> Nullable<UuidSql>: no_person().own_line("theme_merge"),
        stale -> Integer: no_person(),
        version -> Integer,
        created_at -> TimeSql,
        updated_at -> TimeSql,
        languages -> Text: made().json().absent(|| "{}".to_owned().into()),
        labels -> Text: by_row().json().absent(|| "{}".to_owned().into()),
    }

    feedback_vectors (feedback_id): not_exported(MADE_ANEW) => {
        feedback_id -> UuidSql: refers("feedback"),
        product_id -> UuidSql: refers("products"),
        vector -> Binary: plain().tagged(DataKind::Words),
        neighbours -> Binary: plain().tagged(DataKind::Words),
        embedder -> Text: made(),
    }

    embeddings (feedback_id, embedder): not_exported(MADE_ANEW) => {
        feedback_id -> UuidSql: refers("feedback"),
        embedder -> Text: made(),
        vector -> Binary: plain().tagged(DataKind::Words),
    }

    engine_state (name): not_exported(MADE_ANEW) => {
        name -> Text: made(),
        value -> Text: made(),
    }

    far_feedback (feedback_id): not_exported(MADE_ANEW) => {
        feedback_id -> UuidSql: refers("feedback"),
        theme_id -> UuidSql: refers("themes"),
        likeness -> Double: no_person(),
        bar -> Double: no_person(),
    }

    corrections (id): exported("correction").with_event("correction.imported") => {
        id -> UuidSql,
        product_id -> UuidSql: refers("products"),
        kind -> Text: name_of::<CorrectionKind>(),
        actor_id -> Nullable<UuidSql>: of_person(),
        theme_id -> Nullable<UuidSql>: refers("themes"),
        other_theme_id -> Nullable<UuidSql>: refers("themes"),
        story_id -> Nullable<UuidSql>: refers("stories"),
        other_story_id -> Nullable<UuidSql>: refers("stories"),
        details -> Text: by_row().json(),
        undone_at -> Nullable<TimeSql>,
        created_at -> TimeSql,
    }

    correction_items (correction_id, feedback_id): exported("correction_item") => {
        correction_id -> UuidSql: refers("corrections"),
        feedback_id -> UuidSql: refers("feedback"),
        from_theme_id -> Nullable<UuidSql>: refers("themes"),
        to_theme_id -> Nullable<UuidSql>: refers("themes"),
        was_pinned -> Bool: no_person(),
        was_similarity -> Nullable<Double>: no_person(),
    }

    refinements (id): exported("refinement").with_event("refinement.imported") => {
        id -> UuidSql,
        product_id -> UuidSql: refers("products"),
        kind -> Text: name_of::<RefinementKind>(),
        embedder -> Text: made(),
        items -> Integer: no_person(),
        themes_before -> Integer: no_person(),
        themes_after -> Integer: no_person(),
        moved -> Integer: no_person(),
        held_back -> Integer: no_person(),
        granularity -> Double: no_person(),
        agreement -> Double: no_person(),
        choice -> Nullable<Text>: made().json(),
        created_at -> TimeSql,
    }

    proposals (id): exported("proposal").with_event("proposal.imported") => {
        id -> UuidSql,
        product_id -> UuidSql: refers("products"),
        kind -> Text: name_of::<ProposalKind>(),
        state -> Text: name_of::<ProposalState>(),
        theme_id -> UuidSql: refers("themes"),
        other_theme_id -> Nullable<UuidSql>: refers("themes"),
        numbers -> Text: made().json_of::<ProposalNumbers>(),
        refinement_id -> UuidSql: refers("refinements"),
        correction_id -> Nullable<UuidSql>: refers("corrections"),
        reason -> Nullable<Text>: written(Becomes::Erased),
        decided_by -> Nullable<UuidSql>,
        decided_at -> Nullable<TimeSql>,
        created_at -> TimeSql,
        updated_at -> TimeSql,
    }

    proposal_items (proposal_id, feedback_id): exported("proposal_item") => {
        proposal_id -> UuidSql: refers("proposals"),
        feedback_id -> UuidSql: refers("feedback"),
    }
}
