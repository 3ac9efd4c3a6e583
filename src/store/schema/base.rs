//! The event log and its readers, leases, secrets, and answers kept for repeats.

use super::declare::*;

const ONE_INSTANCE: &str = "what one instance did, and how far it is: without it nothing is sent a second time";
const WORDLESS: &str = "ids, and values without words";
const ADDRESS: &str = "a method and an address with ids; its row is erased by what the answer holds";

tables! {
    events (seq): not_exported(ONE_INSTANCE) => {
        seq -> BigInt: no_person(),
        tx_id -> BigInt: no_person(),
        at -> TimeSql,
        actor -> Text: made(),
        actor_id -> Nullable<UuidSql>: of_person(),
        kind -> Text: made(),
        subject_id -> UuidSql: of_person(),
        product_id -> Nullable<UuidSql>: refers("products"),
        data -> Text: impersonal(WORDLESS),
    }

    log_readers (name): not_exported(ONE_INSTANCE) => {
        name -> Text: made(),
        tx_id -> BigInt: no_person(),
        seq -> BigInt: no_person(),
    }

    idempotency_keys (token_id, operation, key): not_exported("an answer is repeated by the instance that gave it")
        .kept_for(KeptFor::Short) => {
        token_id -> UuidSql: of_person(),
        operation -> Text: impersonal(ADDRESS),
        key -> Text: by_row(),
        payload_hash -> Binary: plain().tagged(DataKind::None),
        status -> Integer: no_person(),
        location -> Nullable<Text>: impersonal(ADDRESS),
        body -> Text: by_row(),
        created_at -> TimeSql,
    }

    leases (name): not_exported(ONE_INSTANCE) => {
        name -> Text: made(),
        holder -> Text: made(),
        fence -> BigInt: no_person(),
        expires_at -> TimeSql,
        taken_at -> TimeSql,
    }

    secrets (name): not_exported("keys of one instance: an export lets nobody in") => {
        name -> Text: made(),
        secret -> Binary: plain().tagged(DataKind::Secret),
        created_at -> TimeSql,
    }
}
