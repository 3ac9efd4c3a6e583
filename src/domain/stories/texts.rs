//! Texts of stories and releases in several languages, and the choice of the text for a reader.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::base::language::{Language, is_language_code};
use crate::domain::words;
use crate::refusal::FieldError;

/// The most languages in which a story or a release can have texts.
const MOST_LANGUAGES: usize = 20;

/// The texts of a story in one language.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(example = json!({"title": "환불이 언제 들어오는지 보여 줍니다", "entry": "환불 예정일을 표시합니다.", "reason": null}))]
pub struct StoryText {
    /// The story's title.
    #[schema(min_length = 1, max_length = 300, pattern = "\\S")]
    pub title: Option<String>,
    /// The text of the changelog entry.
    #[schema(min_length = 1, max_length = 500, pattern = "\\S")]
    pub entry: Option<String>,
    /// Why the story is declined, or rolled back.
    #[schema(min_length = 1, max_length = 2000, pattern = "\\S")]
    pub reason: Option<String>,
}

/// The texts of a release in one language.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(example = json!({"notes": "환불이 더 잘 보입니다.", "reason": null}))]
pub struct ReleaseText {
    /// The text above the entries in its changelog.
    #[schema(min_length = 1, max_length = 10_000, pattern = "\\S")]
    pub notes: Option<String>,
    /// Why it was rolled back or yanked.
    #[schema(min_length = 1, max_length = 2000, pattern = "\\S")]
    pub reason: Option<String>,
}

/// The texts of a story in one language, or `null`, which removes the language.
#[derive(ToSchema)]
#[allow(dead_code, reason = "states the schema only")]
pub struct StoryTextOrNothing(Option<StoryText>);

/// The texts of a release in one language, or `null`, which removes the language.
#[derive(ToSchema)]
#[allow(dead_code, reason = "states the schema only")]
pub struct ReleaseTextOrNothing(Option<ReleaseText>);

/// Texts by language: an ISO 639-1 code, such as `ko`, or a longer tag.
pub type Texts<T> = BTreeMap<String, T>;

/// The texts of an edit in the form that is stored, without languages whose text is `null` or empty.
pub fn given<T: Default + PartialEq>(texts: Texts<Option<T>>) -> Texts<T> {
    let present = texts.into_iter().filter_map(|(language, text)| Some((language, text?)));
    present.filter(|(_, text)| *text != T::default()).collect()
}

/// The errors in the language codes of texts.
pub fn wrong_languages<T>(texts: &Texts<T>) -> Vec<FieldError> {
    let unknown = texts.keys().filter(|language| !is_language_code(language));
    let mut wrong: Vec<FieldError> = unknown
        .map(|language| {
            let pointer = format!("/texts/{}", language.replace('~', "~0").replace('/', "~1"));
            FieldError::new(pointer, "language", "must be named by a language code, such as ko or pt-BR")
        })
        .collect();
    if texts.len() > MOST_LANGUAGES {
        wrong.push(FieldError::new("/texts", "too_many", format!("holds at most {MOST_LANGUAGES} languages")));
    }
    wrong
}

/// The text for a reader of this language: in exactly this language, or in its base language (`pt` for `pt-BR`).
pub fn for_reader<'a, T>(texts: &'a Texts<T>, language: &str) -> Option<(&'a str, &'a T)> {
    let base = language.split('-').next().unwrap_or(language);
    let found = texts.get_key_value(language).or_else(|| texts.get_key_value(base));
    found.map(|(language, text)| (language.as_str(), text))
}

/// A title to show instead of one that may still quote a customer.
pub fn neutral(language: Option<&str>) -> String {
    words::neutral_title(Language::of(language))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(texts: &[(&str, &str)]) -> Texts<StoryText> {
        let text = |title: &str| StoryText { title: Some(title.to_owned()), ..StoryText::default() };
        texts.iter().map(|(language, title)| ((*language).to_owned(), text(title))).collect()
    }

    #[test]
    fn a_reader_gets_their_language_or_the_one_it_is_a_form_of() {
        let texts = texts(&[("pt", "Reembolso"), ("ko", "환불")]);
        assert_eq!(for_reader(&texts, "pt-BR").map(|(language, _)| language), Some("pt"));
        assert_eq!(for_reader(&texts, "ko").map(|(language, _)| language), Some("ko"));
        assert!(for_reader(&texts, "de").is_none());
    }

    #[test]
    fn languages_are_named_by_their_codes() {
        let wrong = wrong_languages(&texts(&[("ko", "환불"), ("Korean", "환불"), ("a/b", "x")]));
        let pointers: Vec<&str> = wrong.iter().map(|error| error.pointer.as_str()).collect();
        assert_eq!(pointers, ["/texts/Korean", "/texts/a~1b"]);
    }

    #[test]
    fn a_language_in_which_nothing_is_said_is_not_kept() {
        let edit = [("ko".to_owned(), Some(StoryText::default())), ("en".to_owned(), None)];
        assert!(given(edit.into()).is_empty());
    }
}
