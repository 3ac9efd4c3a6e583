//! What customers said, who they are, and the files it came in.

use crate::store::base::types::{TimeSql, UuidSql};

diesel::table! {
    use diesel::sql_types::*;
    use super::{TimeSql, UuidSql};
    accounts (id) {
        id -> UuidSql,
        name -> Text,
        name_folded -> Text,
        segment -> Nullable<Text>,
        annual_value_minor -> Nullable<BigInt>,
        annual_value_currency -> Nullable<Text>,
        version -> Integer,
        created_at -> TimeSql,
        updated_at -> TimeSql,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::{TimeSql, UuidSql};
    customers (id) {
        id -> UuidSql,
        account_id -> Nullable<UuidSql>,
        name -> Nullable<Text>,
        email -> Nullable<Text>,
        email_folded -> Nullable<Text>,
        merged_into -> Nullable<UuidSql>,
        erased_at -> Nullable<TimeSql>,
        version -> Integer,
        created_at -> TimeSql,
        updated_at -> TimeSql,
        unsubscribed_at -> Nullable<TimeSql>,
        bounced_at -> Nullable<TimeSql>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::{TimeSql, UuidSql};
    customer_identities (external_id, origin) {
        origin -> Text,
        external_id -> Text,
        customer_id -> UuidSql,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::{TimeSql, UuidSql};
    feedback (seq) {
        seq -> BigInt,
        id -> UuidSql,
        product_id -> UuidSql,
        customer_id -> Nullable<UuidSql>,
        theme_id -> Nullable<UuidSql>,
        similarity -> Nullable<Double>,
        pinned -> Bool,
        state -> Text,
        text -> Text,
        title -> Nullable<Text>,
        source -> Text,
        origin -> Text,
        external_id -> Nullable<Text>,
        url -> Nullable<Text>,
        occurred_at -> TimeSql,
        rating -> Nullable<Integer>,
        nps -> Nullable<Integer>,
        severity -> Nullable<Text>,
        kind -> Nullable<Text>,
        language -> Nullable<Text>,
        tags -> Text,
        fields -> Text,
        submitted_by -> Nullable<UuidSql>,
        dismissed_reason -> Nullable<Text>,
        edited -> Text,
        version -> Integer,
        created_at -> TimeSql,
        updated_at -> TimeSql,
        kind_source -> Nullable<Text>,
        set_aside -> Nullable<Text>,
        votes -> Nullable<Integer>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::{TimeSql, UuidSql};
    feedback_tags (tag, feedback_id) {
        tag -> Text,
        feedback_id -> UuidSql,
    }
}

diesel::table! {
    use diesel::sql_types::*;

    /// As on SQLite (FTS5); on PostgreSQL it has `feedback_id` and a tsvector.
    feedback_search (rowid) {
        rowid -> BigInt,
        terms -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::{TimeSql, UuidSql};
    imports (id) {
        id -> UuidSql,
        state -> Text,
        options -> Text,
        actor -> Text,
        actor_id -> Nullable<UuidSql>,
        bytes -> BigInt,
        read -> BigInt,
        created -> BigInt,
        updated -> BigInt,
        unchanged -> BigInt,
        rejected -> BigInt,
        problem -> Nullable<Text>,
        claimed_by -> Nullable<Text>,
        claimed_until -> Nullable<TimeSql>,
        created_at -> TimeSql,
        finished_at -> Nullable<TimeSql>,
        skipped -> BigInt,
        warned -> BigInt,
        warnings -> BigInt,
        unreachable -> BigInt,
        reading -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::{TimeSql, UuidSql};
    import_warnings (import_id, number) {
        import_id -> UuidSql,
        number -> BigInt,
        row -> Nullable<BigInt>,
        field -> Nullable<Text>,
        code -> Text,
        detail -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::{TimeSql, UuidSql};
    import_chunks (import_id, number) {
        import_id -> UuidSql,
        number -> Integer,
        bytes -> Binary,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::{TimeSql, UuidSql};
    import_errors (import_id, row) {
        import_id -> UuidSql,
        row -> BigInt,
        code -> Text,
        detail -> Text,
    }
}
