//! Who was erased.

use crate::store::base::types::{TimeSql, UuidSql};

diesel::table! {
    use diesel::sql_types::*;
    use super::{TimeSql, UuidSql};
    erasures (id) {
        id -> UuidSql,
        customer_id -> UuidSql,
        erased_at -> TimeSql,
        clean_by -> Nullable<TimeSql>,
        cleaned_at -> Nullable<TimeSql>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::{TimeSql, UuidSql};
    erased_people (import_id, key) {
        import_id -> UuidSql,
        key -> Binary,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::{TimeSql, UuidSql};
    erased_feedback (key) {
        key -> Binary,
        feedback_id -> UuidSql,
    }
}
