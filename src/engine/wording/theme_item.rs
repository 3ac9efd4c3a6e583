//! One item of a theme, as input for its wording, and what its text says beside the matter.

use super::keywords::FeedbackText;

/// One item of a theme, with its kind and its customer's segment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ThemeItem<'a> {
    /// The text, its customer, and its centrality.
    pub feedback: FeedbackText<'a>,
    /// `bug`, `request`, `question`, `complaint` or `praise`, where known.
    pub kind: Option<&'a str>,
    /// The segment of the customer's account, where known.
    pub segment: Option<&'a str>,
}

impl ThemeItem<'_> {
    /// The item with the first characters of its text: long texts are read no further.
    pub fn beginning(self, most: usize) -> Self {
        let text = self.feedback.text;
        let end = text.char_indices().nth(most).map_or(text.len(), |(at, _)| at);
        ThemeItem { feedback: FeedbackText { text: &text[..end], ..self.feedback }, ..self }
    }
}

/// What a customer says beside the matter, each in a clause of the customer's own words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Said {
    /// What follows from the matter for the customer: "I can't pay my rent".
    pub consequence: Option<String>,
    /// When it occurs: "after the update", "when I log in".
    pub step: Option<String>,
    /// What the customer has tried.
    pub tried: Option<String>,
    /// How the customer manages meanwhile.
    pub workaround: Option<String>,
}
