//! Presets for files with our own field names.

use super::Spec;
use crate::outside::import::draft::FeedbackDraft;
use crate::outside::import::formats::record::Record;
use serde_json::Value;

/// The rules are those for our field names, and the caller's mapping.
pub(super) const GENERIC: Spec = Spec { signatures: &[], rules: &[], finish: fields };

/// The first line of our own export identifies it.
pub(super) const HEARBACK: Spec = Spec { signatures: &[&["hearback"]], rules: &[], finish: fields };

/// Reads free-form fields: an object in JSON, columns `fields.<name>` in CSV.
fn fields(record: &Record, draft: &mut FeedbackDraft) -> bool {
    if let Some(Value::Object(fields)) = record.get("fields") {
        for (name, value) in fields {
            draft.set(&format!("fields.{name}"), value.clone());
        }
    }
    for (name, value) in record.iter().filter(|(name, _)| name.len() > 7 && name.starts_with("fields.")) {
        draft.set(name, value.clone());
    }
    true
}
