//! What filing derives from the words of an input alone. It takes longer than writing the row, and the threads that write are
//! few (SQLite has one): so it is derived before the transaction, on the thread that read the input.

use std::sync::Arc;

use crate::domain::base::language;
use crate::domain::feedback::own_words::{own_text, own_words};
use crate::domain::feedback::recognition::Read;
use crate::domain::feedback::{NewFeedback, words_of};
use crate::engine::kinds::telling::{Telling, tell};
use crate::store::search::index::IndexedText;
use crate::store::{Location, Tx};

/// An input, and what was derived from its words.
#[derive(Clone, Debug)]
pub struct ReadInput {
    /// The input as it was sent.
    pub input: NewFeedback,
    /// What was derived; shared, because a transaction may run several times.
    pub(super) derived: Arc<Derived>,
}

/// What the words of an input say.
#[derive(Debug)]
pub(super) struct Derived {
    /// The language, where the input names none.
    pub language: Option<String>,
    /// What the text is by itself.
    pub told: Telling,
    /// The words in the form of the search index.
    pub indexed: IndexedText,
}

impl ReadInput {
    /// Derives what the words of an input say, for the database at this location.
    pub fn of(input: NewFeedback, location: &Location) -> Self {
        let derived = Derived::of(&input, |words| IndexedText::of(words, location));
        Self { input, derived: Arc::new(derived) }
    }

    /// Like [`ReadInput::of`], within the transaction.
    pub(super) fn in_tx(tx: &Tx<'_>, input: NewFeedback) -> Self {
        let derived = Derived::of(&input, |words| IndexedText::for_conn(words, tx.conn));
        Self { input, derived: Arc::new(derived) }
    }
}

impl Derived {
    fn of(input: &NewFeedback, indexed: impl Fn(&str) -> IndexedText) -> Self {
        let (title, text) = (input.title.as_deref(), &input.text);
        let language = input.language.is_none().then(|| language::detect(&own_text(text))).flatten();
        let told = tell(&Read { words: &own_words(title, text), rating: input.rating, nps: input.nps });
        Self { language, told, indexed: indexed(&words_of(title, text)) }
    }
}
