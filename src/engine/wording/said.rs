//! Parts of a text that say more than the matter: its consequence, the step at which it occurs, what was tried, and a
//! workaround. Each is a clause of the customer's own words.

use super::korean::said_ko;
use super::said_en;
pub use super::theme_item::Said;
use crate::engine::text::words::is_korean;

/// Reads these parts of a text.
pub fn said(text: &str) -> Said {
    if is_korean(text) { said_ko::said(text) } else { said_en::said(text) }
}
