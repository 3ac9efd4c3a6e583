//! Evaluations of solutions.

use super::declare::*;
use crate::domain::base::Id;
use crate::domain::evaluations::evaluation::{EvaluationStatus, SolutionOption, WeighedCriterion};

const DATE: &str = "a date";

tables! { evaluation_tables;
    evaluations (id): exported("evaluation").with_event("evaluation.imported") => {
        id -> UuidSql,
        product_id -> UuidSql: refers("products"),
        story_id -> Nullable<UuidSql>: refers("stories"),
        title -> Text: written(Becomes::Erased),
        status -> Text: name_of::<EvaluationStatus>(),
        need -> Nullable<Text>: written(Becomes::Lines),
        context -> Nullable<Text>: written(Becomes::Lines),
        criteria -> Text: written(Becomes::Json).json_of::<Vec<WeighedCriterion>>(),
        options -> Text: written(Becomes::Json).json_of::<Vec<SolutionOption>>(),
        chosen -> Nullable<Text>: written(Becomes::Erased),
        because -> Nullable<Text>: written(Becomes::Lines),
        consequences -> Nullable<Text>: written(Becomes::Lines),
        confirmation -> Nullable<Text>: written(Becomes::Lines),
        deciders -> Text: impersonal("ids of members").json_of::<Vec<Id>>(),
        consulted -> Text: written(Becomes::Json).json_of::<Vec<String>>(),
        informed -> Text: written(Becomes::Json).json_of::<Vec<String>>(),
        decided_on -> Nullable<Text>: impersonal(DATE),
        revisit_on -> Nullable<Text>: impersonal(DATE),
        revisit_noted_at -> Nullable<TimeSql>,
        superseded_by -> Nullable<UuidSql>: plain().own_line("evaluation_superseded"),
        created_by -> Nullable<UuidSql>,
        version -> Integer,
        created_at -> TimeSql,
        updated_at -> TimeSql,
    }
}
