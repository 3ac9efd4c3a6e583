//! Themes, what the engine keeps of each feedback, and what people taught it.

use crate::store::base::types::{TimeSql, UuidSql};

diesel::table! {
    use diesel::sql_types::*;
    use super::{TimeSql, UuidSql};
    themes (id) {
        id -> UuidSql,
        product_id -> UuidSql,
        label -> Text,
        label_set -> Bool,
        keywords -> Text,
        quotes -> Text,
        size -> Integer,
        customers -> Integer,
        value_minor -> BigInt,
        recent -> Integer,
        growth -> Double,
        cohesion -> Double,
        first_seen_at -> Nullable<TimeSql>,
        last_seen_at -> Nullable<TimeSql>,
        muted -> Bool,
        merged_into -> Nullable<UuidSql>,
        stale -> Integer,
        version -> Integer,
        created_at -> TimeSql,
        updated_at -> TimeSql,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::{TimeSql, UuidSql};
    feedback_vectors (feedback_id) {
        feedback_id -> UuidSql,
        product_id -> UuidSql,
        vector -> Binary,
        neighbours -> Binary,
        embedder -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::{TimeSql, UuidSql};
    embeddings (feedback_id, embedder) {
        feedback_id -> UuidSql,
        embedder -> Text,
        vector -> Binary,
    }
}

diesel::table! {
    engine_state (name) {
        name -> Text,
        value -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::UuidSql;
    far_feedback (feedback_id) {
        feedback_id -> UuidSql,
        theme_id -> UuidSql,
        likeness -> Double,
        bar -> Double,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::{TimeSql, UuidSql};
    corrections (id) {
        id -> UuidSql,
        product_id -> UuidSql,
        kind -> Text,
        actor_id -> Nullable<UuidSql>,
        theme_id -> Nullable<UuidSql>,
        other_theme_id -> Nullable<UuidSql>,
        story_id -> Nullable<UuidSql>,
        other_story_id -> Nullable<UuidSql>,
        details -> Text,
        undone_at -> Nullable<TimeSql>,
        created_at -> TimeSql,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::{TimeSql, UuidSql};
    correction_items (correction_id, feedback_id) {
        correction_id -> UuidSql,
        feedback_id -> UuidSql,
        from_theme_id -> Nullable<UuidSql>,
        to_theme_id -> Nullable<UuidSql>,
        was_pinned -> Bool,
        was_similarity -> Nullable<Double>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::{TimeSql, UuidSql};
    refinements (id) {
        id -> UuidSql,
        product_id -> UuidSql,
        kind -> Text,
        embedder -> Text,
        items -> Integer,
        themes_before -> Integer,
        themes_after -> Integer,
        moved -> Integer,
        held_back -> Integer,
        granularity -> Double,
        agreement -> Double,
        choice -> Nullable<Text>,
        created_at -> TimeSql,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::{TimeSql, UuidSql};
    proposals (id) {
        id -> UuidSql,
        product_id -> UuidSql,
        kind -> Text,
        state -> Text,
        theme_id -> UuidSql,
        other_theme_id -> Nullable<UuidSql>,
        numbers -> Text,
        refinement_id -> UuidSql,
        correction_id -> Nullable<UuidSql>,
        reason -> Nullable<Text>,
        decided_by -> Nullable<UuidSql>,
        decided_at -> Nullable<TimeSql>,
        created_at -> TimeSql,
        updated_at -> TimeSql,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::UuidSql;
    proposal_items (proposal_id, feedback_id) {
        proposal_id -> UuidSql,
        feedback_id -> UuidSql,
    }
}
