//! Parts of a text that say more than the matter: its consequence, the step at which it occurs, what was tried, and a
//! workaround. Each is a clause of the customer's own words.

use super::korean::said_ko;
use super::said_en;
use crate::engine::text::words::is_korean;

/// What a customer says beside the matter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::engine) struct Said {
    /// What follows from the matter for the customer: "I can't pay my rent".
    pub consequence: Option<String>,
    /// When it occurs: "after the update", "when I log in".
    pub step: Option<String>,
    /// What the customer has tried.
    pub tried: Option<String>,
    /// How the customer manages meanwhile.
    pub workaround: Option<String>,
}

/// Reads these parts of a text.
pub(in crate::engine) fn said(text: &str) -> Said {
    if is_korean(text) { said_ko::said(text) } else { said_en::said(text) }
}
