//! Internal notes, and who is mentioned in them.

use crate::store::base::types::{TimeSql, UuidSql};

diesel::table! {
    use diesel::sql_types::*;
    use super::{TimeSql, UuidSql};
    notes (id) {
        id -> UuidSql,
        subject_kind -> Text,
        subject_id -> UuidSql,
        author_kind -> Text,
        author_id -> Nullable<UuidSql>,
        text -> Text,
        version -> Integer,
        created_at -> TimeSql,
        edited_at -> Nullable<TimeSql>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::{TimeSql, UuidSql};
    note_mentions (id) {
        id -> UuidSql,
        note_id -> UuidSql,
        member_id -> UuidSql,
        in_text -> Bool,
        listed -> Bool,
        mentioned_at -> TimeSql,
        mailed_at -> Nullable<TimeSql>,
        read_at -> Nullable<TimeSql>,
    }
}
