//! Who was erased.

use super::declare::*;

const ONE_INSTANCE: &str = "whether the files of one instance are clean";

tables! { privacy_tables;
    erasures (id): not_exported(ONE_INSTANCE) => {
        id -> UuidSql,
        customer_id -> UuidSql: refers("customers"),
        erased_at -> TimeSql,
        clean_by -> Nullable<TimeSql>,
        cleaned_at -> Nullable<TimeSql>,
    }

    erased_people (import_id, key): not_exported("for the imports of one instance that still wait") => {
        import_id -> UuidSql: refers("imports"),
        key -> Binary,
    }

    erased_feedback (key): exported("erased_feedback") => {
        key -> Binary,
        feedback_id -> UuidSql: refers("feedback"),
    }
}
