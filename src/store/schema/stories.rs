//! Stories, what they stand on, and what keeps them from a stage.

use crate::store::base::types::{TimeSql, UuidSql};

diesel::table! {
    use diesel::sql_types::*;
    use super::{TimeSql, UuidSql};
    stories (id) {
        id -> UuidSql,
        product_id -> UuidSql,
        number -> Integer,
        title -> Text,
        as_a -> Text,
        i_want -> Text,
        so_that -> Text,
        acceptance_criteria -> Text,
        in_scope -> Text,
        out_of_scope -> Text,
        owner_id -> Nullable<UuidSql>,
        stage -> Text,
        stage_reason -> Nullable<Text>,
        drafted_by -> Text,
        duplicate_of -> Nullable<UuidSql>,
        proposed_duplicate_of -> Nullable<UuidSql>,
        set_factors -> Text,
        factors -> Text,
        score -> Double,
        feedback_count -> Integer,
        customer_count -> Integer,
        counted_until -> Nullable<TimeSql>,
        edited -> Bool,
        version -> Integer,
        created_at -> TimeSql,
        updated_at -> TimeSql,
        due_at -> Nullable<TimeSql>,
        respond_by -> Nullable<TimeSql>,
        overdue_at -> Nullable<TimeSql>,
        released_at -> Nullable<TimeSql>,
        round -> Integer,
        recurrences -> Integer,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::{TimeSql, UuidSql};
    draft_sources (story_id, feedback_id) {
        story_id -> UuidSql,
        feedback_id -> UuidSql,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::{TimeSql, UuidSql};
    story_themes (theme_id, story_id) {
        story_id -> UuidSql,
        theme_id -> UuidSql,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::{TimeSql, UuidSql};
    story_feedback (story_id, feedback_id) {
        story_id -> UuidSql,
        feedback_id -> UuidSql,
        taken_off -> Bool,
        decided_at -> TimeSql,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::UuidSql;
    /// A view: the evidence of each story as it is now.
    story_items (story_id, feedback_id) {
        story_id -> UuidSql,
        feedback_id -> UuidSql,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::{TimeSql, UuidSql};
    llm_drafts (story_id) {
        story_id -> UuidSql,
        asked_at -> TimeSql,
        outcome -> Text,
        ask_again_at -> Integer,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::{TimeSql, UuidSql};
    story_evidence (story_id, round, feedback_id) {
        story_id -> UuidSql,
        round -> Integer,
        feedback_id -> UuidSql,
        customer_id -> Nullable<UuidSql>,
        left_out -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::{TimeSql, UuidSql};
    recurrences (story_id, feedback_id) {
        story_id -> UuidSql,
        feedback_id -> UuidSql,
        round -> Integer,
        noticed_at -> TimeSql,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::{TimeSql, UuidSql};
    trials (id) {
        id -> UuidSql,
        story_id -> UuidSql,
        kind -> Text,
        customer_id -> Nullable<UuidSql>,
        tried_by -> Nullable<Text>,
        tried_at -> TimeSql,
        verdict -> Text,
        note -> Nullable<Text>,
        recorded_by -> Nullable<UuidSql>,
        created_at -> TimeSql,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::{TimeSql, UuidSql};
    signoffs (id) {
        id -> UuidSql,
        story_id -> UuidSql,
        gate -> Text,
        decision -> Text,
        member_id -> Nullable<UuidSql>,
        evidence -> Nullable<Text>,
        reason -> Nullable<Text>,
        created_at -> TimeSql,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::{TimeSql, UuidSql};
    links (id) {
        id -> UuidSql,
        story_id -> UuidSql,
        provider -> Text,
        repository -> Text,
        kind -> Text,
        reference -> Text,
        url -> Nullable<Text>,
        state -> Nullable<Text>,
        created_at -> TimeSql,
        updated_at -> TimeSql,
        reason -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::{TimeSql, UuidSql};
    story_texts (story_id, language) {
        story_id -> UuidSql,
        language -> Text,
        title -> Nullable<Text>,
        entry -> Nullable<Text>,
        reason -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::{TimeSql, UuidSql};
    text_checks (story_id) {
        story_id -> UuidSql,
        cleared -> Text,
        confirmed_by -> Nullable<UuidSql>,
        confirmed_at -> Nullable<TimeSql>,
    }
}
