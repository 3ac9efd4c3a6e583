//! The tables as diesel sees them; the same for both databases. `tests/store` checks them against both.

use super::types::{TimeSql, UuidSql};

diesel::table! {
    use diesel::sql_types::*;
    use super::{TimeSql, UuidSql};
    products (id) {
        id -> UuidSql,
        key -> Text,
        name -> Text,
        currency -> Text,
        draft_customers -> Integer,
        draft_items -> Integer,
        granularity -> Double,
        last_story_number -> Integer,
        refine_due -> Bool,
        refined_at -> Nullable<TimeSql>,
        refined_size -> Integer,
        version -> Integer,
        created_at -> TimeSql,
        updated_at -> TimeSql,
    }
}

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
    use super::{TimeSql, UuidSql};
    erased_feedback (key) {
        key -> Binary,
        feedback_id -> UuidSql,
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
    }
}

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

diesel::joinable!(feedback -> customers (customer_id));
diesel::joinable!(feedback -> themes (theme_id));
diesel::joinable!(customers -> accounts (account_id));
diesel::joinable!(tokens -> members (member_id));
diesel::joinable!(import_chunks -> imports (import_id));
diesel::joinable!(story_themes -> stories (story_id));
diesel::joinable!(story_themes -> themes (theme_id));
diesel::allow_tables_to_appear_in_same_query!(
    feedback_search,
    products,
    accounts,
    customers,
    customer_identities,
    members,
    tokens,
    themes,
    feedback,
    feedback_tags,
    erased_feedback,
    feedback_vectors,
    stories,
    story_themes,
    corrections,
    correction_items,
    imports,
    import_chunks,
    import_errors,
    events,
    idempotency_keys,
    leases
);
