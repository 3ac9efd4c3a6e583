//! Releases, what goes out with them, and deployments.

use crate::store::base::types::{TimeSql, UuidSql};

diesel::table! {
    use diesel::sql_types::*;
    use super::{TimeSql, UuidSql};
    releases (id) {
        id -> UuidSql,
        product_id -> UuidSql,
        name -> Text,
        state -> Text,
        train_at -> Nullable<TimeSql>,
        planned_for -> Nullable<TimeSql>,
        notes -> Nullable<Text>,
        reason -> Nullable<Text>,
        frozen_at -> Nullable<TimeSql>,
        shipped_at -> Nullable<TimeSql>,
        deployed_at -> Nullable<TimeSql>,
        ended_at -> Nullable<TimeSql>,
        version -> Integer,
        created_at -> TimeSql,
        updated_at -> TimeSql,
        held_deployment_id -> Nullable<UuidSql>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::{TimeSql, UuidSql};
    release_stories (release_id, story_id) {
        release_id -> UuidSql,
        story_id -> UuidSql,
        section -> Text,
        entry -> Nullable<Text>,
        moved_to -> Nullable<UuidSql>,
        added_at -> TimeSql,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::{TimeSql, UuidSql};
    release_texts (release_id, language) {
        release_id -> UuidSql,
        language -> Text,
        notes -> Nullable<Text>,
        reason -> Nullable<Text>,
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
    use super::{TimeSql, UuidSql};
    deployments (id) {
        id -> UuidSql,
        product_id -> UuidSql,
        release_id -> Nullable<UuidSql>,
        environment -> Text,
        service -> Nullable<Text>,
        state -> Text,
        revision -> Nullable<Text>,
        url -> Nullable<Text>,
        source -> Text,
        external_id -> Nullable<Text>,
        deployed_at -> TimeSql,
        created_at -> TimeSql,
        production -> Bool,
        held -> Nullable<Text>,
    }
}
