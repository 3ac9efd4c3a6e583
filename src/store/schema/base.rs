//! The event log and its readers, leases, secrets, and answers kept for repeats.

use crate::store::base::types::{TimeSql, UuidSql};

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
