//! How the customers of a theme use English words: as verbs or nouns, with or without a capital letter.

use std::collections::HashMap;

use super::compose::Composer;
use super::statement::Usage;
use super::theme_item::ThemeItem;
use crate::engine::text::tagging::{Tag, tag};
use crate::engine::text::tokens::stem;
use crate::engine::text::words::is_korean;

/// How many characters of a text are read.
const READ: usize = 400;

/// The words of a theme's items.
pub(super) struct WordsOf<'a, 'b> {
    composer: &'a Composer<'b>,
    /// Of each word in lower case how often it is a verb, and how often anything else.
    verbs: HashMap<String, (usize, usize)>,
}

impl<'a, 'b> WordsOf<'a, 'b> {
    pub fn new(items: &[ThemeItem<'_>], composer: &'a Composer<'b>) -> Self {
        let mut verbs: HashMap<String, (usize, usize)> = HashMap::new();
        for item in items.iter().filter(|item| !is_korean(item.feedback.text)) {
            let text: String = item.feedback.text.chars().take(READ).collect();
            for word in tag(&text) {
                let (as_verb, otherwise) = verbs.entry(text[word.start..word.end].to_lowercase()).or_default();
                *if word.tag == Tag::Verb { as_verb } else { otherwise } += 1;
            }
        }
        WordsOf { composer, verbs }
    }
}

impl Usage for WordsOf<'_, '_> {
    fn is_proper(&self, word: &str) -> bool {
        self.composer.form(&stem(word)).starts_with(char::is_uppercase)
    }

    fn is_verb(&self, word: &str) -> bool {
        self.verbs.get(word).is_some_and(|(as_verb, otherwise)| as_verb > otherwise)
    }
}
