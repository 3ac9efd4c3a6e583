//! A phrase that may become a title, and what it says of the matter.

use super::words::Word;
use crate::engine::text::tagging;

/// The kind of a phrase.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(in crate::engine::wording) enum Form {
    /// A thing: "exchange rate", "filter for spam".
    Name,
    /// What happens: "card declined", "app does not open".
    Event,
    /// How something is: "font is too small".
    State,
    /// What somebody wants to do: "change address".
    Act,
}

/// A phrase in the wording of a title, in lower case except for names.
#[derive(Clone, Debug, Default)]
pub(in crate::engine::wording) struct Phrase {
    pub shown: String,
    /// The keys of the content words, with "not" for a negation.
    pub keys: Vec<String>,
    /// Whether it says that something is wrong.
    pub trouble: bool,
}

impl Phrase {
    /// Adds a word that is no content word.
    pub fn plain(mut self, word: &str) -> Self {
        self.join(word, false);
        self
    }

    /// Adds a negation.
    pub fn denying(mut self, words: &str) -> Self {
        self.join(words, false);
        self.keys.push("not".to_owned());
        self.trouble = true;
        self
    }

    /// Adds a content word in the form that is shown.
    pub fn content(mut self, word: &Word<'_>, shown: &str) -> Self {
        self.join(shown, word.token.glued && !self.shown.is_empty());
        self.keys.push(word.token.key.clone());
        self.trouble |= is_trouble(word);
        self
    }

    /// Adds another phrase.
    pub fn then(mut self, other: &Phrase) -> Self {
        self.join(&other.shown, false);
        self.keys.extend(other.keys.iter().cloned());
        self.trouble |= other.trouble;
        self
    }

    pub fn words(&self) -> usize {
        self.shown.split(' ').count()
    }

    fn join(&mut self, word: &str, glued: bool) {
        if !self.shown.is_empty() {
            self.shown.push(if glued { '-' } else { ' ' });
        }
        self.shown.push_str(word);
    }
}

/// Whether a word says that something is wrong.
fn is_trouble(word: &Word<'_>) -> bool {
    let by_lemma = |tag| TROUBLE.contains(&tagging::lemma(&word.lower, tag).as_str());
    by_lemma(word.tag) || by_lemma(tagging::Tag::Verb) || word.lower.starts_with("un") && word.lower.ends_with("able")
}

/// Words of failure, loss, delay and excess, as lemmas.
#[rustfmt::skip]
const TROUBLE: &[&str] = &[
    "fail", "failure", "crash", "freeze", "hang", "lag", "break", "stop", "reject", "rejection", "decline", "refuse", "block",
    "lock", "lose", "loss", "miss", "disappear", "vanish", "delay", "expire", "error", "duplicate", "overcharge", "double",
    "stick", "struggle", "wait", "leak", "drain", "glitch", "cancel", "revert", "bounce", "deny", "steal", "damage", "hack",
    "disconnect", "stall", "abandon", "deduct", "swallow", "problem", "issue", "trouble", "bug", "mistake", "outage", "confuse",
    "slow", "slowly", "late", "wrong", "wrongly", "missing", "broken", "unable", "pending", "invalid", "confusing", "expensive",
    "incorrect", "incorrectly", "bad", "poor", "difficult", "hard", "impossible", "useless", "twice", "cold", "hidden", "extra",
    "low", "small", "high", "long", "blurry", "dirty", "rude", "noisy", "empty", "stuck", "spam", "fraud", "fake", "unknown",
    "unexpected", "overdue", "short", "insufficient", "unclear", "complicated", "faulty", "defective", "leaking", "spill",
];

/// Adjectives by which nothing is wrong.
#[rustfmt::skip]
pub(in crate::engine::wording) const FINE: &[&str] = &[
    "ok", "okay", "fine", "good", "great", "correct", "sufficient", "nice", "easy", "happy", "sure", "available", "able", "ready",
    "glad", "possible", "eligible", "safe", "free", "open", "new", "helpful", "simple", "quick", "fast", "perfect", "best", "better",
    "last", "first", "next", "same", "sure", "interested", "aware", "afraid", "sorry", "curious", "due", "willing",
];
