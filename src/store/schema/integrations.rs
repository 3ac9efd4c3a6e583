//! Webhooks, deliveries, and what hooks delivered.

use crate::store::base::types::{TimeSql, UuidSql};

diesel::table! {
    use diesel::sql_types::*;
    use super::{TimeSql, UuidSql};
    webhooks (id) {
        id -> UuidSql,
        url -> Text,
        description -> Nullable<Text>,
        events -> Text,
        product_id -> Nullable<UuidSql>,
        desk_origin -> Nullable<Text>,
        secret -> Text,
        old_secret -> Nullable<Text>,
        old_secret_until -> Nullable<TimeSql>,
        active -> Bool,
        disabled_reason -> Nullable<Text>,
        version -> Integer,
        created_at -> TimeSql,
        updated_at -> TimeSql,
        since_tx_id -> BigInt,
        since_seq -> BigInt,
        format -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::{TimeSql, UuidSql};
    deliveries (id) {
        id -> UuidSql,
        channel -> Text,
        target_id -> UuidSql,
        subject_id -> UuidSql,
        event -> Text,
        body -> Text,
        state -> Text,
        attempts -> Integer,
        next_attempt_at -> TimeSql,
        claimed_by -> Nullable<Text>,
        claimed_until -> Nullable<TimeSql>,
        last_status -> Nullable<Integer>,
        last_error -> Nullable<Text>,
        replay_of -> Nullable<UuidSql>,
        created_at -> TimeSql,
        ended_at -> Nullable<TimeSql>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::{TimeSql, UuidSql};
    delivery_attempts (delivery_id, number) {
        delivery_id -> UuidSql,
        number -> Integer,
        at -> TimeSql,
        milliseconds -> Integer,
        status -> Nullable<Integer>,
        error -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::{TimeSql, UuidSql};
    hook_deliveries (source, delivery_id) {
        source -> Text,
        delivery_id -> Text,
        received_at -> TimeSql,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::TimeSql;
    repositories (provider, external_id) {
        provider -> Text,
        external_id -> BigInt,
        name -> Text,
        updated_at -> TimeSql,
    }
}
