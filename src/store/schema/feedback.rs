//! What customers said, who they are, and the files it came in.

use super::declare::*;
use super::themes;
use crate::domain::base::bulk::FeedbackAct;
use crate::domain::base::text::{email_fold, fold};
use crate::domain::feedback::act::ActState;
use crate::domain::feedback::{Impression, Kind, KindSource, SetAside, Severity, Source, State};

const COMPANY: &str = "the account stays: it is a company's";
const ONE_INSTANCE: &str = "what one instance read, and how far it is";

tables! {
    accounts (id): exported("account").with_event("account.imported") => {
        id -> UuidSql,
        name -> Text: impersonal(COMPANY).tagged(DataKind::Account),
        name_folded -> Text: impersonal(COMPANY).tagged(DataKind::Account).derived("name", fold),
        segment -> Nullable<Text>: impersonal(COMPANY).tagged(DataKind::Account),
        annual_value_minor -> Nullable<BigInt>: plain().tagged(DataKind::Account),
        annual_value_currency -> Nullable<Text>: impersonal(COMPANY).tagged(DataKind::Account),
        version -> Integer,
        created_at -> TimeSql,
        updated_at -> TimeSql,
    }

    customers (id): exported("customer").with_event("customer.imported") => {
        id -> UuidSql: of_person(),
        account_id -> Nullable<UuidSql>: refers("accounts"),
        name -> Nullable<Text>: by_row().tagged(DataKind::Person),
        email -> Nullable<Text>: by_row().tagged(DataKind::Person),
        email_folded -> Nullable<Text>: by_row().tagged(DataKind::Person).derived("email", email_fold),
        merged_into -> Nullable<UuidSql>: of_person().own_line("customer_merge"),
        erased_at -> Nullable<TimeSql>: of_person(),
        version -> Integer,
        created_at -> TimeSql,
        updated_at -> TimeSql,
        unsubscribed_at -> Nullable<TimeSql>: plain().tagged(DataKind::Person),
        bounced_at -> Nullable<TimeSql>: plain().tagged(DataKind::Person),
    }

    customer_identities (external_id, origin): exported("customer_identity") => {
        origin -> Text: by_row().tagged(DataKind::Person),
        external_id -> Text: by_row().tagged(DataKind::Person),
        customer_id -> UuidSql: refers("customers"),
    }

    feedback (seq): exported("feedback").told_by(&["id"]).in_its_own_way() => {
        seq -> BigInt: no_person().left_out("counted by the database"),
        id -> UuidSql,
        product_id -> UuidSql: refers("products"),
        customer_id -> Nullable<UuidSql>: refers("customers"),
        theme_id -> Nullable<UuidSql>: refers("themes"),
        similarity -> Nullable<Double>: no_person(),
        pinned -> Bool: no_person(),
        state -> Text: name_of::<State>(),
        text -> Text: by_row(),
        title -> Nullable<Text>: by_row(),
        source -> Text: name_of::<Source>(),
        origin -> Text: by_row(),
        external_id -> Nullable<Text>: by_row().tagged(DataKind::Person),
        url -> Nullable<Text>: by_row().tagged(DataKind::Person),
        occurred_at -> TimeSql: of_person(),
        rating -> Nullable<Integer>: plain().tagged(DataKind::Person),
        nps -> Nullable<Integer>: plain().tagged(DataKind::Person),
        severity -> Nullable<Text>: name_of::<Severity>(),
        kind -> Nullable<Text>: name_of::<Kind>(),
        language -> Nullable<Text>: made(),
        tags -> Text: by_row().json_of::<Vec<String>>(),
        fields -> Text: by_row().json_of::<serde_json::Map<String, serde_json::Value>>(),
        submitted_by -> Nullable<UuidSql>,
        dismissed_reason -> Nullable<Text>: written(Becomes::Erased),
        edited -> Text: made().json_of::<Vec<String>>(),
        version -> Integer,
        created_at -> TimeSql,
        updated_at -> TimeSql,
        kind_source -> Nullable<Text>: name_of::<KindSource>(),
        set_aside -> Nullable<Text>: name_of::<SetAside>(),
        votes -> Nullable<Integer>: no_person(),
        impression -> Nullable<Text>: name_of::<Impression>(),
    }

    feedback_tags (tag, feedback_id): not_exported("made anew from the feedback") => {
        tag -> Text: by_row(),
        feedback_id -> UuidSql: refers("feedback"),
    }

    /// As on SQLite (FTS5); on PostgreSQL it has `feedback_id` and a tsvector.
    feedback_search (rowid): not_exported("made anew from the feedback") => {
        rowid -> BigInt: no_person(),
        terms -> Text: by_row(),
    }

    acts (id): not_exported("an act is undone by the instance that did it") => {
        id -> UuidSql,
        actor_kind -> Text: made(),
        actor_id -> Nullable<UuidSql>: of_person(),
        act -> Text: name_of::<FeedbackAct>(),
        input -> Text: written(Becomes::Json).json(),
        state -> Text: name_of::<ActState>(),
        total -> BigInt: no_person(),
        changed -> BigInt: no_person(),
        unchanged -> BigInt: no_person(),
        failed -> BigInt: no_person(),
        undone -> BigInt: no_person(),
        kept -> BigInt: no_person(),
        place -> Nullable<UuidSql>: refers("feedback"),
        created_at -> TimeSql,
        finished_at -> Nullable<TimeSql>,
        undone_at -> Nullable<TimeSql>,
    }

    act_items (act_id, feedback_id): not_exported("an act is undone by the instance that did it") => {
        act_id -> UuidSql: refers("acts"),
        feedback_id -> UuidSql: refers("feedback"),
        correction_id -> Nullable<UuidSql>: refers("corrections"),
        was -> Nullable<Text>: by_row(),
        problem -> Nullable<Text>: by_row(),
        undone -> Bool: no_person(),
    }

    imports (id): not_exported(ONE_INSTANCE) => {
        id -> UuidSql,
        state -> Text: made(),
        options -> Text: written(Becomes::Json),
        actor -> Text: made(),
        actor_id -> Nullable<UuidSql>: of_person(),
        bytes -> BigInt: no_person(),
        read -> BigInt: no_person(),
        created -> BigInt: no_person(),
        updated -> BigInt: no_person(),
        unchanged -> BigInt: no_person(),
        rejected -> BigInt: no_person(),
        problem -> Nullable<Text>: written(Becomes::Erased),
        claimed_by -> Nullable<Text>: made(),
        claimed_until -> Nullable<TimeSql>: no_person(),
        created_at -> TimeSql,
        finished_at -> Nullable<TimeSql>,
        skipped -> BigInt: no_person(),
        warned -> BigInt: no_person(),
        warnings -> BigInt: no_person(),
        unreachable -> BigInt: no_person(),
        reading -> Nullable<Text>: written(Becomes::Json),
    }

    import_warnings (import_id, number): not_exported(ONE_INSTANCE) => {
        import_id -> UuidSql: refers("imports"),
        number -> BigInt: no_person(),
        row -> Nullable<BigInt>: no_person(),
        field -> Nullable<Text>: written(Becomes::Erased),
        code -> Text: made(),
        detail -> Text: written(Becomes::Erased),
    }

    import_chunks (import_id, number): not_exported(ONE_INSTANCE) => {
        import_id -> UuidSql: refers("imports"),
        number -> Integer: no_person(),
        bytes -> Binary: plain().tagged(DataKind::Words),
    }

    import_errors (import_id, row): not_exported(ONE_INSTANCE) => {
        import_id -> UuidSql: refers("imports"),
        row -> BigInt: no_person(),
        code -> Text: made(),
        detail -> Text: written(Becomes::Erased),
    }
}

diesel::joinable!(feedback -> customers (customer_id));
diesel::joinable!(feedback -> themes (theme_id));
diesel::joinable!(customers -> accounts (account_id));
diesel::joinable!(import_chunks -> imports (import_id));
