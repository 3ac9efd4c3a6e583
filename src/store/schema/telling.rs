//! Who behind a story is told, and what still waits for its release.

use crate::store::base::types::{TimeSql, UuidSql};

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
    tell_choices (story_id, customer_id) {
        story_id -> UuidSql,
        customer_id -> UuidSql,
        choice -> Text,
        reason -> Nullable<Text>,
        decided_by -> Nullable<UuidSql>,
        decided_at -> TimeSql,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::{TimeSql, UuidSql};
    left_behind (story_id) {
        story_id -> UuidSql,
        release_id -> UuidSql,
        section -> Text,
        entry -> Nullable<Text>,
        left_at -> TimeSql,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::UuidSql;
    roll_backs (story_id) {
        story_id -> UuidSql,
        round -> Integer,
    }
}
