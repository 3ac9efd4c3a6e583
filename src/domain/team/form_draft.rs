//! Drafts of forms: what a member has written in a form of the console and not sent yet.

use crate::domain::base::{Id, Time};

/// How long a draft is kept after its last change.
pub const DRAFT_KEPT: i64 = 14 * Time::DAY;
/// The most drafts that a member may have; the oldest go first.
pub const MOST_DRAFTS: usize = 50;
/// The most bytes of a draft, written as JSON.
pub const DRAFT_BYTES: usize = 300_000;

/// Where a draft is written: a form of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormPlace {
    /// The path of the page.
    pub page: String,
    /// The path that the form is sent to.
    pub action: String,
    /// The name of the form, if the page has several that are sent there.
    pub form: String,
}

/// A form as its member left it.
#[derive(Clone, Debug)]
pub struct FormDraft {
    pub id: Id,
    pub member_id: Id,
    pub place: FormPlace,
    /// The fields with their values, in the order of the form.
    pub fields: Vec<(String, String)>,
    pub updated_at: Time,
}

impl FormDraft {
    /// A field; `None` where the form did not send it, as for a box that is not ticked.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}
