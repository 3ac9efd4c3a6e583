//! The form of a language model's answer.

use std::collections::BTreeMap;

use serde::Deserialize;

/// Texts by language.
pub type AnswerTexts = BTreeMap<String, AnswerText>;

/// An answer as the instruction asks for it. Other fields refuse it: they are what an injection adds.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    pub title: String,
    pub as_a: String,
    pub i_want: String,
    #[serde(default)]
    pub so_that: String,
    pub acceptance_criteria: Vec<AnswerCriterion>,
    #[serde(default)]
    pub texts: AnswerTexts,
}

/// The texts in another language.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AnswerText {
    pub title: String,
    #[serde(default)]
    pub entry: Option<String>,
}

/// A criterion, with the numbers of the quotes that it follows from.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AnswerCriterion {
    pub text: String,
    pub quotes: Vec<usize>,
    #[serde(default)]
    pub given: Option<String>,
    #[serde(default)]
    pub when: Option<String>,
    #[serde(default)]
    pub then: Option<String>,
}

impl Answer {
    /// Reads an answer: JSON, alone or in a code fence.
    pub fn read(text: &str) -> Result<Self, &'static str> {
        let text = text.trim().trim_start_matches('\u{feff}');
        let text = text.strip_prefix("```json").or(text.strip_prefix("```")).unwrap_or(text);
        let text = text.trim_end().strip_suffix("```").unwrap_or(text);
        serde_json::from_str(text).map_err(|error| match error.classify() {
            serde_json::error::Category::Data => "it has other fields than were asked for",
            serde_json::error::Category::Eof => "it ends in the middle",
            _ => "it is no JSON",
        })
    }
}
