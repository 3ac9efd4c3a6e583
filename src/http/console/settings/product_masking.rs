//! What a product masks in new feedback, as fields of a form.

use serde_json::{Value, json};

use super::fields::Field;
use crate::domain::privacy::redact::kinds::MaskKind;
use crate::domain::words::console::Words;
use crate::http::console::base::form::Form;

/// The field of each kind.
const FIELDS: [(MaskKind, &str); 6] = [
    (MaskKind::Email, "settings/mask/email"),
    (MaskKind::Phone, "settings/mask/phone"),
    (MaskKind::Card, "settings/mask/card"),
    (MaskKind::ResidentNumber, "settings/mask/resident_number"),
    (MaskKind::Passport, "settings/mask/passport"),
    (MaskKind::Account, "settings/mask/account"),
];

/// A box for each kind.
pub fn fields(t: &Words, masked: &[MaskKind], sent: Option<&Form>) -> Vec<Field> {
    let field = |(kind, name): &(MaskKind, &'static str)| {
        let stored = if masked.contains(kind) { "true" } else { "" };
        Field::new(name, t.named("mask", kind.as_str()), "check").value(sent, stored)
    };
    FIELDS.iter().map(field).collect()
}

/// The kinds whose boxes are ticked.
pub fn ticked(form: &Form) -> Value {
    let ticked = FIELDS.iter().filter(|(_, name)| form.get(name) == "true").map(|(kind, _)| kind.as_str());
    json!(ticked.collect::<Vec<_>>())
}
