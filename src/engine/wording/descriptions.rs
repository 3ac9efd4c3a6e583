//! The texts of all themes of a replay, as a product would show them: label, title and draft.

use std::collections::{BTreeMap, HashSet};

use uuid::Uuid;

use crate::engine::{Composer, Draft, DraftOf, FeedbackText, Grouper, ThemeItem, around, draft, language_of, numbered};

/// How many of a theme's most central items are read.
const READ: usize = 100;
const KEYWORDS: usize = 8;

/// A theme in words.
#[derive(Clone, Debug)]
pub struct Description {
    /// The theme.
    pub theme: Uuid,
    /// How many items it has.
    pub size: usize,
    /// Its label, different from all others.
    pub label: String,
    /// The words that distinguish it.
    pub keywords: Vec<String>,
    /// Its draft, whose title is empty where customers share too few words.
    pub draft: Draft,
}

impl Description {
    /// The labels by the codes of their languages.
    pub fn labels(&self) -> BTreeMap<&'static str, &str> {
        let other = self.draft.other_title.as_deref();
        other.into_iter().chain([self.label.as_str()]).map(|label| (language_of(label).code(), label)).collect()
    }
}

/// Describes all themes, the largest first. Each item counts as one customer.
pub fn descriptions<'a>(grouper: &Grouper, text: impl Fn(Uuid) -> &'a str) -> Vec<Description> {
    let mut themes: Vec<(Uuid, usize)> = grouper.theme_sizes().collect();
    themes.sort_by_key(|(theme, size)| (std::cmp::Reverse(*size), *theme));
    let mut taken = HashSet::new();
    themes.into_iter().map(|(theme, size)| described(grouper, theme, size, &text, &mut taken)).collect()
}

fn described<'a>(
    grouper: &Grouper,
    theme: Uuid,
    size: usize,
    text: &impl Fn(Uuid) -> &'a str,
    taken: &mut HashSet<String>,
) -> Description {
    let central = grouper.central(theme, READ);
    let item = |(id, similarity): &(Uuid, f32)| {
        let by = Uuid::from_u128(id.as_u128() ^ (1 << 127)); // A known customer, who is not the item itself.
        let feedback = FeedbackText { id: *id, by, text: text(*id), similarity: *similarity };
        ThemeItem { feedback, kind: None, segment: None }
    };
    let items: Vec<ThemeItem<'_>> = central.iter().map(item).collect();
    let composer = Composer::new(&items, items.len() < READ, grouper.background(), &|_: &str| false);
    let title = composer.title(&HashSet::new()).unwrap_or_default();
    let keywords = composer.keywords(KEYWORDS);
    let label = label(&composer, &title, taken);
    taken.insert(label.to_lowercase());
    let likeness = |a, b| grouper.similarity(a, b);
    let of = DraftOf {
        title: &title,
        keywords: &keywords,
        items: &items,
        background: grouper.background(),
        is_name: &|_: &str| false,
        likeness: Some(&likeness),
    };
    Description { theme, size, label, draft: draft(&of), keywords }
}

/// A title that no other theme has; without shared words a word that is common in the product, or a number.
fn label(composer: &Composer<'_>, title: &str, taken: &HashSet<String>) -> String {
    let is_free = |label: &String| !taken.contains(&label.to_lowercase());
    if !title.is_empty() {
        let label = composer.title(taken).unwrap_or_else(|| title.to_owned());
        let numbered = (2..).map(|n| format!("{label} ({n})"));
        return std::iter::once(label.clone()).chain(numbered).find(is_free).unwrap_or_default();
    }
    let common = composer.common_words(1).into_iter().map(|word| around(&word, composer.is_korean()));
    let numbers = (1..).map(|n| numbered(composer.wish(), composer.is_korean(), n));
    common.chain(numbers).find(is_free).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Settings;

    #[test]
    fn every_theme_has_a_label_of_its_own_and_a_draft() {
        let mut grouper = Grouper::new(Settings::default());
        let subjects = ["my refund has not arrived", "the app crashes on start", "카드 결제가 거절돼요"];
        let tails = ["", " again", " since monday", " and I am angry", " please help"];
        let texts: Vec<String> = (0..30).map(|n| format!("{}{}", subjects[n % 3], tails[n / 3 % 5])).collect();
        for (n, text) in texts.iter().enumerate() {
            let mut opened = n as u128;
            grouper.assign(Uuid::from_u128(n as u128), text, || {
                opened += 1 << 64;
                Uuid::from_u128(opened)
            });
        }
        let all = descriptions(&grouper, |id| &texts[id.as_u128() as usize]);
        assert_eq!(all.iter().map(|theme| theme.size).sum::<usize>(), 30);
        assert!(all.is_sorted_by(|a, b| a.size >= b.size));
        let labels: HashSet<String> = all.iter().map(|theme| theme.label.to_lowercase()).collect();
        assert_eq!(labels.len(), all.len());
        assert!(all.iter().all(|theme| !theme.label.is_empty() && !theme.draft.i_want.is_empty()));
        assert!(all.iter().any(|theme| theme.draft.korean) && all.iter().any(|theme| !theme.draft.korean));
    }
}
