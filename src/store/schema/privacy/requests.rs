//! Requests of persons, retention rules, legal holds, breaches, consents, and adopted checklists.

use crate::domain::privacy::breach::{BreachEntryKind, BreachState, NoticeAudience};
use crate::domain::privacy::checklist::Law;
use crate::domain::privacy::consent::{ContactBasis, ContactPurpose};
use crate::domain::privacy::person_request::{PersonRequestKind, PersonRequestState, ProofKind};
use crate::domain::privacy::retention::RetentionKind;
use crate::store::schema::declare::*;

const COUNTRY: &str = "the code of a country";
const HASH: &str = "a hash";

tables! {
    person_requests (id): exported("person_request") => {
        id -> UuidSql,
        kind -> Text: name_of::<PersonRequestKind>(),
        state -> Text: name_of::<PersonRequestState>(),
        customer_id -> Nullable<UuidSql>: refers("customers"),
        contact -> Nullable<Text>: written(Becomes::Erased).tagged(DataKind::Person),
        country -> Text: impersonal(COUNTRY),
        note -> Nullable<Text>: written(Becomes::Erased),
        received_at -> TimeSql: of_person(),
        due_at -> TimeSql,
        extended_at -> Nullable<TimeSql>,
        extension_reason -> Nullable<Text>: written(Becomes::Erased),
        identity_checked_at -> Nullable<TimeSql>,
        identity_checked_by -> Nullable<UuidSql>,
        identity_how -> Nullable<Text>: written(Becomes::Erased),
        outcome -> Nullable<Text>: written(Becomes::Erased),
        refusal_reason -> Nullable<Text>: written(Becomes::Erased),
        ended_at -> Nullable<TimeSql>,
        ended_by -> Nullable<UuidSql>,
        overdue_at -> Nullable<TimeSql>,
        filed_by -> Nullable<UuidSql>,
        version -> Integer,
        created_at -> TimeSql,
        updated_at -> TimeSql,
    }

    person_request_proofs (id): exported("person_request_proof") => {
        id -> UuidSql,
        request_id -> UuidSql: refers("person_requests"),
        kind -> Text: name_of::<ProofKind>(),
        hash -> Text: impersonal(HASH),
        bytes -> BigInt: no_person(),
        made_at -> TimeSql,
        made_by -> Nullable<UuidSql>,
    }

    retention_rules (id): exported("retention_rule") => {
        id -> UuidSql,
        product_id -> Nullable<UuidSql>: refers("products"),
        kind -> Text: name_of::<RetentionKind>(),
        days -> Integer: no_person(),
        // A rule that came with an export removes nothing before a person has seen its dry run.
        enabled -> Bool: no_person().made_anew("a person enables it again", || Ok(false.into())),
        finished_at -> Nullable<TimeSql>: plain().left_out("how far one instance is"),
        created_by -> Nullable<UuidSql>,
        version -> Integer,
        created_at -> TimeSql,
        updated_at -> TimeSql,
    }

    retention_counts (id): exported("retention_count").told_by(&["rule_id", "day"]) => {
        id -> UuidSql,
        rule_id -> UuidSql: no_person(),
        day -> Text: impersonal("a date"),
        product_id -> Nullable<UuidSql>: refers("products"),
        kind -> Text: name_of::<RetentionKind>(),
        removed -> BigInt: no_person(),
    }

    legal_holds (id): exported("legal_hold") => {
        id -> UuidSql,
        case_name -> Text: written(Becomes::Erased),
        reason -> Text: written(Becomes::Erased),
        customer_id -> Nullable<UuidSql>: refers("customers"),
        account_id -> Nullable<UuidSql>: refers("accounts"),
        product_id -> Nullable<UuidSql>: refers("products"),
        placed_by -> Nullable<UuidSql>,
        placed_at -> TimeSql,
        ended_at -> Nullable<TimeSql>,
        ended_by -> Nullable<UuidSql>,
        version -> Integer,
    }

    waiting_erasures (customer_id): exported("waiting_erasure") => {
        customer_id -> UuidSql: refers("customers"),
        request_id -> Nullable<UuidSql>: refers("person_requests"),
        asked_by -> Nullable<UuidSql>,
        asked_at -> TimeSql,
    }

    breaches (id): exported("breach") => {
        id -> UuidSql,
        product_id -> Nullable<UuidSql>: refers("products"),
        incident_id -> Nullable<UuidSql>: refers("incidents"),
        title -> Text: written(Becomes::Erased),
        state -> Text: name_of::<BreachState>(),
        possible_at -> Nullable<TimeSql>,
        known_at -> Nullable<TimeSql>,
        happened_at -> Nullable<TimeSql>,
        countries -> Text: impersonal(COUNTRY).json_of::<Vec<String>>(),
        person_count -> Nullable<Integer>: no_person(),
        sensitive_data -> Bool: no_person(),
        identification_data -> Bool: no_person(),
        outside_access -> Bool: no_person(),
        high_risk -> Bool: no_person(),
        risk_unlikely -> Bool: no_person(),
        data_items -> Nullable<Text>: written(Becomes::Lines),
        how -> Nullable<Text>: written(Becomes::Lines),
        consequences -> Nullable<Text>: written(Becomes::Lines),
        what_to_do -> Nullable<Text>: written(Becomes::Lines),
        measures -> Nullable<Text>: written(Becomes::Lines),
        contact -> Nullable<Text>: written(Becomes::Lines),
        authority_number -> Nullable<Text>: written(Becomes::Erased),
        overdue_at -> Nullable<TimeSql>,
        closed_at -> Nullable<TimeSql>,
        closed_by -> Nullable<UuidSql>,
        opened_by -> Nullable<UuidSql>,
        version -> Integer,
        created_at -> TimeSql,
        updated_at -> TimeSql,
    }

    breach_notices (id): exported("breach_notice") => {
        id -> UuidSql,
        breach_id -> UuidSql: refers("breaches"),
        country -> Text: impersonal(COUNTRY),
        audience -> Text: name_of::<NoticeAudience>(),
        is_final -> Bool: no_person(),
        sent_at -> TimeSql,
        person_count -> Nullable<Integer>: no_person(),
        how -> Text: written(Becomes::Lines),
        reference -> Nullable<Text>: written(Becomes::Erased),
        letter_hash -> Nullable<Text>: impersonal(HASH),
        recorded_by -> Nullable<UuidSql>,
        recorded_at -> TimeSql,
    }

    breach_entries (id): exported("breach_entry") => {
        id -> UuidSql,
        breach_id -> UuidSql: refers("breaches"),
        kind -> Text: name_of::<BreachEntryKind>(),
        happened_at -> TimeSql,
        entered_at -> TimeSql,
        actor_id -> Nullable<UuidSql>: of_person(),
        text -> Nullable<Text>: written(Becomes::Lines),
        fields -> Text: made().json_of::<Vec<String>>(),
    }

    consents (id): exported("consent") => {
        id -> UuidSql,
        customer_id -> UuidSql: refers("customers"),
        purpose -> Text: name_of::<ContactPurpose>(),
        basis -> Text: name_of::<ContactBasis>(),
        source -> Text: written(Becomes::Erased),
        given_at -> TimeSql: of_person(),
        withdrawn_at -> Nullable<TimeSql>: of_person(),
        withdrawn_how -> Nullable<Text>: written(Becomes::Erased),
        recorded_by -> Nullable<UuidSql>,
        recorded_at -> TimeSql,
    }

    product_checklists (product_id, law): exported("product_checklist") => {
        product_id -> UuidSql: refers("products"),
        law -> Text: name_of::<Law>(),
        adopted_by -> Nullable<UuidSql>,
        adopted_at -> TimeSql,
    }
}
