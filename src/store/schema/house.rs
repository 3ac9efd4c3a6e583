//! Who may come in, the event log, and what goes out by it.

use crate::store::base::types::{TimeSql, UuidSql};

diesel::table! {
    use diesel::sql_types::*;
    use super::{TimeSql, UuidSql};
    members (id) {
        id -> UuidSql,
        name -> Text,
        email -> Text,
        email_folded -> Text,
        role -> Text,
        language -> Text,
        active -> Bool,
        version -> Integer,
        created_at -> TimeSql,
        updated_at -> TimeSql,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::{TimeSql, UuidSql};
    tokens (id) {
        id -> UuidSql,
        name -> Text,
        role -> Text,
        member_id -> Nullable<UuidSql>,
        hash -> Binary,
        created_at -> TimeSql,
        expires_at -> Nullable<TimeSql>,
        last_used_at -> Nullable<TimeSql>,
        revoked_at -> Nullable<TimeSql>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::{TimeSql, UuidSql};
    events (seq) {
        seq -> BigInt,
        tx_id -> BigInt,
        at -> TimeSql,
        actor -> Text,
        actor_id -> Nullable<UuidSql>,
        kind -> Text,
        subject_id -> UuidSql,
        product_id -> Nullable<UuidSql>,
        data -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::{TimeSql, UuidSql};
    log_readers (name) {
        name -> Text,
        tx_id -> BigInt,
        seq -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::{TimeSql, UuidSql};
    idempotency_keys (token_id, operation, key) {
        token_id -> UuidSql,
        operation -> Text,
        key -> Text,
        payload_hash -> Binary,
        status -> Integer,
        location -> Nullable<Text>,
        body -> Text,
        created_at -> TimeSql,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::{TimeSql, UuidSql};
    leases (name) {
        name -> Text,
        holder -> Text,
        fence -> BigInt,
        expires_at -> TimeSql,
        taken_at -> TimeSql,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::{TimeSql, UuidSql};
    secrets (name) {
        name -> Text,
        secret -> Binary,
        created_at -> TimeSql,
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
    erasures (id) {
        id -> UuidSql,
        customer_id -> UuidSql,
        erased_at -> TimeSql,
        clean_by -> Nullable<TimeSql>,
        cleaned_at -> Nullable<TimeSql>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::{TimeSql, UuidSql};
    erased_people (import_id, key) {
        import_id -> UuidSql,
        key -> Binary,
    }
}
