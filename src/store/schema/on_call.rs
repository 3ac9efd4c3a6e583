//! Who is on duty: rotas, their members, and overrides of their turns; and who is paged for incidents.

use super::declare::*;
use crate::domain::operations::escalation::{EscalationReason, EscalationStep, PageTarget};
use crate::domain::operations::rota::{DutyWindow, OverrideState, TurnUnit};

const CLOCK: &str = "a date or a time of day";

tables! {
    rotas (id): exported("rota").with_event("rota.imported") => {
        id -> UuidSql,
        product_id -> UuidSql: refers("products"),
        name -> Text: written(Becomes::Erased),
        time_zone -> Text: impersonal("the name of a time zone"),
        start_date -> Text: impersonal(CLOCK),
        every -> Text: name_of::<TurnUnit>(),
        length -> Integer: no_person(),
        hand_over -> Text: impersonal(CLOCK),
        restrictions -> Text: impersonal(CLOCK).json_of::<Vec<DutyWindow>>(),
        layer -> Integer: no_person(),
        version -> Integer,
        created_at -> TimeSql,
        updated_at -> TimeSql,
    }

    rota_members (rota_id, place): exported("rota_member") => {
        rota_id -> UuidSql: refers("rotas"),
        place -> Integer: no_person(),
        member_id -> UuidSql: refers("members"),
    }

    rota_overrides (id): exported("rota_override") => {
        id -> UuidSql,
        rota_id -> UuidSql: refers("rotas"),
        member_id -> UuidSql: refers("members"),
        asked_by -> Nullable<UuidSql>: refers("members"),
        starts_at -> TimeSql,
        ends_at -> TimeSql,
        state -> Text: name_of::<OverrideState>(),
        note -> Nullable<Text>: written(Becomes::Erased),
        version -> Integer,
        created_at -> TimeSql,
        decided_at -> Nullable<TimeSql>,
    }

    /// Who is paged for an open incident of a product.
    escalation_policies (product_id): exported("escalation_policy") => {
        product_id -> UuidSql: refers("products"),
        steps -> Text: impersonal("ids, and names of this program").json_of::<Vec<EscalationStep>>(),
        repeats -> Integer: no_person(),
        repeat_after_minutes -> Integer: no_person(),
        acknowledged_minutes -> Integer: no_person(),
        version -> Integer,
        updated_at -> TimeSql,
    }

    incident_escalations (id): exported("incident_escalation") => {
        id -> UuidSql,
        incident_id -> UuidSql: refers("incidents"),
        number -> Integer: no_person(),
        because -> Text: name_of::<EscalationReason>(),
        begun_at -> TimeSql,
    }

    incident_pages (id): exported("incident_page") => {
        id -> UuidSql,
        incident_id -> UuidSql: refers("incidents"),
        member_id -> UuidSql: refers("members"),
        escalation -> Integer: no_person(),
        round -> Integer: no_person(),
        step -> Integer: no_person(),
        whom -> Text: name_of::<PageTarget>(),
        because -> Text: name_of::<EscalationReason>(),
        due_at -> TimeSql,
        created_at -> TimeSql,
        sent_at -> Nullable<TimeSql>,
        over_at -> Nullable<TimeSql>,
    }
}
