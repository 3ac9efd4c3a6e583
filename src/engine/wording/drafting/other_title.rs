//! The title of a theme in its other language.

use std::collections::HashSet;

use crate::engine::text::tokens::IsName;
use crate::engine::text::words::is_korean;
use crate::engine::wording::compose::{Composer, capitalised};
use crate::engine::wording::keywords::Background;
use crate::engine::wording::theme_item::ThemeItem;

/// The share of customers of the other language, and their number, from which a theme has a title in it.
const SHARE: f32 = 0.15;
const CUSTOMERS: usize = 3;

/// The title in the language that the theme's own title is not in, from the items in it; `None` where too few customers
/// write in it, or share too few words.
pub fn other_title(
    items: &[ThemeItem<'_>],
    background: Background<'_>,
    is_name: &IsName<'_>,
    korean: bool,
) -> Option<String> {
    let other: Vec<ThemeItem<'_>> =
        items.iter().filter(|item| is_korean(item.feedback.text) != korean).copied().collect();
    let customers = |items: &[ThemeItem<'_>]| items.iter().map(|item| item.feedback.by).collect::<HashSet<_>>().len();
    if customers(&other) < CUSTOMERS || (customers(&other) as f32) < SHARE * customers(items) as f32 {
        return None;
    }
    let title = Composer::new(&other, true, background, is_name).title(&HashSet::new())?;
    (is_korean(&title) != korean).then(|| capitalised(&title))
}
