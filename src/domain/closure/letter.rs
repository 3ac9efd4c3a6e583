//! The content of a letter to a customer about a closure.

use super::ClosureKind;
use crate::domain::base::Time;
use crate::domain::base::language::Language;

/// The content of a letter.
#[derive(Clone, Debug)]
pub struct LetterContent {
    /// The kind of message.
    pub kind: ClosureKind,
    /// The language it is written in.
    pub language: Language,
    /// The customer's name, where it is known.
    pub name: Option<String>,
    /// The product's name.
    pub product: String,
    /// The customer's text and its time; without the text where it is a note by others.
    pub said: Option<(Option<String>, Time)>,
    /// The story's title.
    pub title: String,
    /// The text of its changelog entry, or the reason for the decline.
    pub entry: Option<String>,
    /// The release that contains it.
    pub release: Option<String>,
    /// Whether this is a reminder of an earlier message.
    pub reminder: bool,
    /// The URL at which the customer can answer.
    pub answer: String,
    /// The end of the time in which they can answer.
    pub until: Time,
    /// The URL at which they can unsubscribe.
    pub unsubscribe: String,
}
