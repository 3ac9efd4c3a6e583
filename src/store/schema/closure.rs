//! Who is told of a story, and what they answered.

use crate::store::base::types::{TimeSql, UuidSql};

diesel::table! {
    use diesel::sql_types::*;
    use super::{TimeSql, UuidSql};
    closures (id) {
        id -> UuidSql,
        story_id -> UuidSql,
        product_id -> UuidSql,
        customer_id -> UuidSql,
        round -> Integer,
        state -> Text,
        channel -> Text,
        release_id -> Nullable<UuidSql>,
        assignee_id -> Nullable<UuidSql>,
        feedback_id -> Nullable<UuidSql>,
        reason -> Nullable<Text>,
        told_at -> Nullable<TimeSql>,
        reminded_at -> Nullable<TimeSql>,
        answered_at -> Nullable<TimeSql>,
        expires_at -> Nullable<TimeSql>,
        version -> Integer,
        created_at -> TimeSql,
        updated_at -> TimeSql,
        kind -> Text,
        note -> Nullable<Text>,
        handed_at -> Nullable<TimeSql>,
        send_at -> Nullable<TimeSql>,
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
    use super::UuidSql;
    roll_backs (story_id) {
        story_id -> UuidSql,
        round -> Integer,
    }
}
