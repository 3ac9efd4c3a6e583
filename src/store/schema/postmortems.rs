//! Postmortems with their actions.

use super::declare::*;
use crate::domain::base::Id;
use crate::domain::operations::postmortem::PostmortemState;

tables! {
    postmortems (id): exported("postmortem").with_event("postmortem.imported") => {
        id -> UuidSql,
        product_id -> UuidSql: refers("products"),
        incident_id -> UuidSql: refers("incidents"),
        state -> Text: name_of::<PostmortemState>(),
        title -> Text: written(Becomes::Erased),
        summary -> Nullable<Text>: written(Becomes::Lines),
        impact -> Nullable<Text>: written(Becomes::Lines),
        detection -> Nullable<Text>: written(Becomes::Lines),
        triggered_by -> Nullable<Text>: written(Becomes::Lines),
        root_causes -> Nullable<Text>: written(Becomes::Lines),
        contributing_factors -> Nullable<Text>: written(Becomes::Lines),
        resolution -> Nullable<Text>: written(Becomes::Lines),
        went_well -> Nullable<Text>: written(Becomes::Lines),
        went_wrong -> Nullable<Text>: written(Becomes::Lines),
        lucky -> Nullable<Text>: written(Becomes::Lines),
        open_questions -> Nullable<Text>: written(Becomes::Lines),
        facilitator_id -> Nullable<UuidSql>: refers("members"),
        authors -> Text: impersonal("ids of members").json_of::<Vec<Id>>(),
        due_at -> Nullable<TimeSql>,
        overdue_at -> Nullable<TimeSql>,
        in_review_at -> Nullable<TimeSql>,
        published_at -> Nullable<TimeSql>,
        published_by -> Nullable<UuidSql>,
        created_by -> Nullable<UuidSql>,
        version -> Integer,
        created_at -> TimeSql,
        updated_at -> TimeSql,
    }

    postmortem_actions (id): exported("postmortem_action") => {
        id -> UuidSql,
        postmortem_id -> UuidSql: refers("postmortems"),
        story_id -> UuidSql: refers("stories"),
        created_by -> Nullable<UuidSql>,
        created_at -> TimeSql,
    }

    postmortem_action_covers (action_id, covered_id): exported("postmortem_action_cover") => {
        action_id -> UuidSql: refers("postmortem_actions"),
        covered_id -> UuidSql: refers("postmortem_actions"),
    }

    incident_repeat_checks (incident_id): exported("incident_repeat_check") => {
        incident_id -> UuidSql: refers("incidents"),
        postmortem_count -> Integer: no_person(),
        checked_at -> TimeSql,
    }
}
