//! Incidents with their alerts, timeline, hand-offs and links.

use super::declare::*;
use crate::domain::closure::Channel;
use crate::domain::operations::alert::AlertState;
use crate::domain::operations::burst::IncidentProposalState;
use crate::domain::operations::hand_off::{HandOffReason, HandOffState};
use crate::domain::operations::incident::{IncidentSource, IncidentState};
use crate::domain::operations::link::{IncidentLinkKind, IncidentLinkOrigin, IncidentTarget};
use crate::domain::operations::ownership::Ownership;
use crate::domain::operations::telling::{TellingPhase, TellingState};
use crate::domain::operations::timeline::EntryKind;

const HASH: &str = "a hash, or a key that the sender of alerts made for a group";

tables! {
    incidents (id): exported("incident").with_event("incident.imported") => {
        id -> UuidSql,
        product_id -> UuidSql: refers("products"),
        number -> Integer: no_person(),
        title -> Text: written(Becomes::Erased),
        summary -> Nullable<Text>: written(Becomes::Lines),
        severity -> Integer: no_person(),
        state -> Text: name_of::<IncidentState>(),
        owner_id -> UuidSql: refers("members"),
        owner_because -> Text: made().json_of::<Ownership>(),
        services -> Text: written(Becomes::Json).json_of::<Vec<String>>(),
        source -> Text: name_of::<IncidentSource>(),
        join_key -> Nullable<Text>: impersonal(HASH),
        recurrence_of -> Nullable<UuidSql>: no_person().own_line("incident_relation"),
        merged_into -> Nullable<UuidSql>: no_person().own_line("incident_relation"),
        flaps -> Integer: no_person(),
        alert_count -> Integer: no_person(),
        detected_at -> TimeSql,
        opened_at -> TimeSql,
        acknowledged_at -> Nullable<TimeSql>,
        acknowledged_by -> Nullable<UuidSql>: refers("members"),
        diagnosed_at -> Nullable<TimeSql>,
        mitigated_at -> Nullable<TimeSql>,
        resolved_at -> Nullable<TimeSql>,
        created_by -> Nullable<UuidSql>,
        version -> Integer,
        created_at -> TimeSql,
        updated_at -> TimeSql,
    }

    incident_alerts (id): exported("incident_alert") => {
        id -> UuidSql,
        product_id -> UuidSql: refers("products"),
        incident_id -> Nullable<UuidSql>: refers("incidents"),
        source -> Text: name_of::<IncidentSource>(),
        fingerprint -> Text: impersonal(HASH),
        join_key -> Text: impersonal(HASH),
        title -> Text: written(Becomes::Erased),
        severity -> Nullable<Text>: written(Becomes::Erased),
        no_data -> Bool: no_person(),
        state -> Text: name_of::<AlertState>(),
        starts_at -> TimeSql,
        ends_at -> Nullable<TimeSql>,
        repeats -> Integer: no_person(),
        labels -> Text: written(Becomes::Json).json(),
        url -> Nullable<Text>: written(Becomes::Erased),
        received_at -> TimeSql,
        last_seen_at -> TimeSql,
    }

    incident_entries (id): exported("incident_entry") => {
        id -> UuidSql,
        incident_id -> UuidSql: refers("incidents"),
        kind -> Text: name_of::<EntryKind>(),
        happened_at -> TimeSql,
        entered_at -> TimeSql,
        actor_kind -> Text: made(),
        actor_id -> Nullable<UuidSql>: of_person(),
        text -> Nullable<Text>: written(Becomes::Lines),
        data -> Text: impersonal("ids, names of this program and numbers").json(),
    }

    incident_hand_offs (id): exported("incident_hand_off") => {
        id -> UuidSql,
        incident_id -> UuidSql: refers("incidents"),
        from_id -> UuidSql: refers("members"),
        to_id -> UuidSql: refers("members"),
        reason -> Text: name_of::<HandOffReason>(),
        text -> Nullable<Text>: written(Becomes::Lines),
        state -> Text: name_of::<HandOffState>(),
        offered_by -> Nullable<UuidSql>,
        offered_at -> TimeSql,
        expires_at -> TimeSql,
        ended_at -> Nullable<TimeSql>,
        from_team -> Text: impersonal("a team or a role"),
        to_team -> Text: impersonal("a team or a role"),
        is_back -> Bool: no_person(),
    }

    incident_links (id): exported("incident_link")
        .after(&["stories", "themes", "feedback", "customers", "deployments"]) => {
        id -> UuidSql,
        incident_id -> UuidSql: refers("incidents"),
        target_kind -> Text: name_of::<IncidentTarget>(),
        target_id -> UuidSql: no_person(),
        kind -> Text: name_of::<IncidentLinkKind>(),
        how -> Text: name_of::<IncidentLinkOrigin>(),
        confirmed_by -> Nullable<UuidSql>: refers("members"),
        confirmed_at -> Nullable<TimeSql>,
        created_by -> Nullable<UuidSql>,
        created_at -> TimeSql,
    }

    incident_tellings (id): exported("incident_telling") => {
        id -> UuidSql,
        incident_id -> UuidSql: refers("incidents"),
        customer_id -> UuidSql: refers("customers"),
        phase -> Text: name_of::<TellingPhase>(),
        channel -> Text: name_of::<Channel>(),
        text -> Text: written(Becomes::Erased),
        language -> Text: made(),
        state -> Text: name_of::<TellingState>(),
        send_at -> Nullable<TimeSql>,
        told_at -> Nullable<TimeSql>,
        is_over -> Nullable<Bool>: of_person(),
        answered_at -> Nullable<TimeSql>: of_person(),
        created_by -> Nullable<UuidSql>,
        created_at -> TimeSql,
        handed_at -> Nullable<TimeSql>,
    }

    incident_proposals (id): exported("incident_proposal") => {
        id -> UuidSql,
        product_id -> UuidSql: refers("products"),
        theme_id -> UuidSql: refers("themes"),
        items -> Integer: no_person(),
        customers -> Integer: no_person(),
        past -> Text: impersonal("counts of weeks").json(),
        probability -> Double: no_person(),
        state -> Text: name_of::<IncidentProposalState>(),
        incident_id -> Nullable<UuidSql>: refers("incidents"),
        ended_by -> Nullable<UuidSql>,
        ended_at -> Nullable<TimeSql>,
        created_at -> TimeSql,
    }
}
