//! Who is told of a story, and what they answered.

use super::declare::*;
use crate::domain::closure::{Channel, ClosureKind, ClosureState};

tables! {
    // Not `closure.opened`: who was told is not told again.
    closures (id): exported("closure").with_event("closure.imported") => {
        id -> UuidSql,
        story_id -> UuidSql: refers("stories"),
        product_id -> UuidSql: refers("products"),
        customer_id -> UuidSql: refers("customers"),
        round -> Integer: no_person(),
        state -> Text: name_of::<ClosureState>(),
        channel -> Text: name_of::<Channel>(),
        release_id -> Nullable<UuidSql>: refers("releases"),
        assignee_id -> Nullable<UuidSql>: refers("members"),
        feedback_id -> Nullable<UuidSql>: refers("feedback"),
        reason -> Nullable<Text>: written(Becomes::Erased),
        told_at -> Nullable<TimeSql>,
        reminded_at -> Nullable<TimeSql>,
        answered_at -> Nullable<TimeSql>: of_person(),
        expires_at -> Nullable<TimeSql>,
        version -> Integer,
        created_at -> TimeSql,
        updated_at -> TimeSql,
        kind -> Text: name_of::<ClosureKind>().absent(|| ClosureKind::Release.as_str().to_owned().into()),
        note -> Nullable<Text>: written(Becomes::Erased),
        handed_at -> Nullable<TimeSql>,
        send_at -> Nullable<TimeSql>,
    }

    tell_choices (story_id, customer_id): exported("tell_choice") => {
        story_id -> UuidSql: refers("stories"),
        customer_id -> UuidSql: refers("customers"),
        choice -> Text: made(),
        reason -> Nullable<Text>: written(Becomes::Erased),
        decided_by -> Nullable<UuidSql>,
        decided_at -> TimeSql,
    }

    roll_backs (story_id): exported("roll_back") => {
        story_id -> UuidSql: refers("stories"),
        round -> Integer: no_person(),
    }
}
