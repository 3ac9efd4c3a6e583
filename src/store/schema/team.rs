//! Products, members, tokens and internal notes.

use crate::store::base::types::{TimeSql, UuidSql};

diesel::table! {
    use diesel::sql_types::*;
    use super::{TimeSql, UuidSql};
    products (id) {
        id -> UuidSql,
        key -> Text,
        name -> Text,
        currency -> Text,
        settings -> Text,
        last_story_number -> Integer,
        refine_due -> Bool,
        refine_cold -> Bool,
        refine_asked -> Integer,
        refined_at -> Nullable<TimeSql>,
        refined_size -> Integer,
        version -> Integer,
        created_at -> TimeSql,
        updated_at -> TimeSql,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::{TimeSql, UuidSql};
    members (id) {
        id -> UuidSql,
        name -> Text,
        email -> Text,
        email_folded -> Text,
        role -> Text,
        language -> Text,
        active -> Bool,
        version -> Integer,
        created_at -> TimeSql,
        updated_at -> TimeSql,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::{TimeSql, UuidSql};
    tokens (id) {
        id -> UuidSql,
        name -> Text,
        role -> Text,
        member_id -> Nullable<UuidSql>,
        hash -> Binary,
        created_at -> TimeSql,
        expires_at -> Nullable<TimeSql>,
        last_used_at -> Nullable<TimeSql>,
        revoked_at -> Nullable<TimeSql>,
    }
}

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
