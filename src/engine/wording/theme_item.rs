//! One item of a theme, as input for its wording.

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
