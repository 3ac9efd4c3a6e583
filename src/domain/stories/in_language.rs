//! A story in words for somebody who reads a language.

use serde::Serialize;
use utoipa::ToSchema;

use super::Story;
use super::texts::for_reader;
use crate::domain::base::language::{Language, detect};

/// The texts of a story for one customer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Wording {
    /// The language of the title; `null` where it cannot be detected.
    #[schema(example = "ko")]
    pub language: Option<String>,
    pub title: String,
    /// The text of the changelog entry, where it differs from the title.
    pub entry: Option<String>,
    /// The reason for the story's stage, where one was given.
    pub reason: Option<String>,
    /// Whether the text is in another language than the requested one, because there is no text in that.
    pub fallback: bool,
}

impl Story {
    /// The texts of the story for a reader of the language `wanted`; `entry` is the changelog entry in its release.
    ///
    /// The first that exists is used: the text in that language, the story's own text where it is in that language, the
    /// text in the language of mails to that reader, the story's own text. Parts that a text lacks come from the story,
    /// except for the changelog entry: a title in the reader's language is more useful than an entry in another.
    pub fn in_language(&self, entry: Option<&str>, wanted: Option<&str>) -> Wording {
        let own_language = detect(&self.title);
        let own = |fallback| Wording {
            language: own_language.clone(),
            title: self.title.clone(),
            entry: entry.map(str::to_owned),
            reason: self.stage_reason.clone(),
            fallback,
        };
        let Some(wanted) = wanted else { return own(false) };
        let reads_own = own_language.as_deref().is_some_and(|own| same_language(own, wanted));
        let titled = |language: &str| for_reader(&self.texts, language).filter(|(_, text)| text.title.is_some());
        let chosen = match titled(wanted) {
            None if reads_own => None,
            found => found.or_else(|| titled(Language::of(Some(wanted)).code())),
        };
        let partly = for_reader(&self.texts, wanted).map(|(_, text)| text);
        match chosen {
            Some((language, text)) => Wording {
                language: Some(language.to_owned()),
                title: text.title.clone().unwrap_or_else(|| self.title.clone()),
                entry: text.entry.clone().or_else(|| entry.filter(|_| reads_own).map(str::to_owned)),
                reason: text.reason.clone().or_else(|| self.stage_reason.clone()),
                fallback: !same_language(language, wanted),
            },
            None => Wording {
                entry: partly.and_then(|text| text.entry.clone()).or_else(|| entry.map(str::to_owned)),
                reason: partly.and_then(|text| text.reason.clone()).or_else(|| self.stage_reason.clone()),
                ..own(!reads_own)
            },
        }
    }
}

/// Whether two language tags share the base language, so that a reader of one reads the other: `pt-BR` and `pt`.
fn same_language(a: &str, b: &str) -> bool {
    a.split('-').next() == b.split('-').next()
}
