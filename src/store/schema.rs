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
        settings -> Text,
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

diesel::table! {
    use diesel::sql_types::*;
    use super::{TimeSql, UuidSql};
    story_evidence (story_id, round, feedback_id) {
        story_id -> UuidSql,
        round -> Integer,
        feedback_id -> UuidSql,
        customer_id -> Nullable<UuidSql>,
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
    log_readers (name) {
        name -> Text,
        tx_id -> BigInt,
        seq -> BigInt,
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
    embeddings,
    engine_state,
    llm_drafts,
    refinements,
    proposals,
    proposal_items,
    stories,
    story_themes,
    corrections,
    correction_items,
    imports,
    import_chunks,
    import_errors,
    events,
    idempotency_keys,
    leases,
    story_evidence,
    recurrences,
    trials,
    signoffs,
    releases,
    release_stories,
    deployments,
    links,
    hook_deliveries,
    closures,
    webhooks,
    deliveries,
    delivery_attempts,
    log_readers,
    secrets
);
