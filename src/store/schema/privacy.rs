//! Who was erased.

use super::declare::*;

use crate::domain::privacy::access::log::{AccessAct, AccessChain};
use crate::domain::privacy::records::data_party::PartyRole;

const ONE_INSTANCE: &str = "whether the files of one instance are clean";
const ITS_LOG: &str = "who read what in one instance: an export is of customers' data";
const IDS: &str = "ids without words";
const RECORD: &str = "businesses that handle data for the team, and their contacts";

tables! {
    erasures (id): not_exported(ONE_INSTANCE) => {
        id -> UuidSql,
        customer_id -> UuidSql: refers("customers"),
        erased_at -> TimeSql,
        clean_by -> Nullable<TimeSql>: no_person(),
        cleaned_at -> Nullable<TimeSql>,
    }

    erased_people (import_id, key): not_exported("for the imports of one instance that still wait") => {
        import_id -> UuidSql: refers("imports"),
        key -> Binary: plain().tagged(DataKind::Person),
    }

    erased_feedback (key): exported("erased_feedback") => {
        key -> Binary: plain().tagged(DataKind::Person),
        feedback_id -> UuidSql: refers("feedback"),
    }

    /// Who read or changed whose data; see `store/privacy/access_chain.rs`.
    access_log (chain, seq): not_exported(ITS_LOG).kept_for(KeptFor::AccessDays) => {
        chain -> Text: name_of::<AccessChain>(),
        seq -> BigInt: no_person(),
        at -> TimeSql: of_person(),
        day -> Integer: no_person(),
        actor -> Text: made(),
        who -> UuidSql: of_person(),
        token_id -> Nullable<UuidSql>: of_person(),
        address -> Text: impersonal("the address of a reader").tagged(DataKind::Person),
        operation -> Text: made(),
        act -> Text: name_of::<AccessAct>(),
        status -> Integer: no_person(),
        customers -> Text: impersonal(IDS).tagged(DataKind::Person),
        feedback -> Text: impersonal(IDS).tagged(DataKind::Person),
        customer_count -> Integer: no_person(),
        query_hash -> Nullable<Binary>: plain().tagged(DataKind::None),
        reason -> Nullable<Text>: written(Becomes::Erased),
        reason_hash -> Nullable<Binary>: plain().tagged(DataKind::None),
        source_id -> Nullable<UuidSql>: no_person(),
        subject_id -> Nullable<UuidSql>: of_person(),
        hash -> Binary: plain().tagged(DataKind::None),
    }

    access_people (customer_id, day, who): not_exported(ITS_LOG).kept_for(KeptFor::AccessDays) => {
        customer_id -> UuidSql: plain().tagged(DataKind::Person),
        day -> Integer: of_person(),
        who -> UuidSql: of_person(),
    }

    access_heads (chain, day): not_exported(ITS_LOG) => {
        chain -> Text: name_of::<AccessChain>(),
        day -> Integer: no_person(),
        seq -> BigInt: no_person(),
        hash -> Binary: plain().tagged(DataKind::None),
        entries -> BigInt: no_person(),
    }

    access_reviews (id): not_exported(ITS_LOG) => {
        id -> UuidSql,
        month -> Text: made(),
        actor -> Text: made(),
        actor_id -> Nullable<UuidSql>: of_person(),
        signed_at -> TimeSql,
        note -> Text: written(Becomes::Lines),
        figures -> Text: impersonal("numbers"),
        seq -> BigInt: no_person(),
        hash -> Binary: plain().tagged(DataKind::None),
    }

    /// The controller, processors and recipients of the record of processing.
    data_parties (id): exported("data_party").with_event("data_party.imported") => {
        id -> UuidSql,
        role -> Text: name_of::<PartyRole>(),
        name -> Text: written(Becomes::Erased),
        contact -> Text: impersonal(RECORD).tagged(DataKind::Account),
        purpose -> Text: written(Becomes::Lines),
        data -> Text: written(Becomes::Lines),
        country -> Text: impersonal(RECORD),
        transfer -> Text: written(Becomes::Lines),
        since -> Nullable<Text>: made(),
        version -> Integer,
        created_at -> TimeSql,
        updated_at -> TimeSql,
    }

    /// What this database knows of the ledger of erasures, a file beside it.
    erasure_ledger (id): not_exported("it says what was applied to one database") => {
        id -> UuidSql,
        at -> TimeSql,
        line -> Text: impersonal("salted hashes").tagged(DataKind::Secret),
        applied_at -> Nullable<TimeSql>,
    }
}
