//! The copy of a person's data as a page that needs nothing else, in English or Korean.

use askama::Template;

use crate::domain::base::Time;
use crate::domain::base::language::Language;
use crate::domain::privacy::person_request::copy::PersonCopy;
use crate::domain::privacy::person_request::{CopyLanguage, CopyOrder};
use crate::domain::words::console::Words;
use crate::error::{Error, Result};

#[derive(Template)]
#[template(path = "privacy/copy.html")]
struct CopyPage<'a> {
    t: Words,
    language: &'static str,
    copy: &'a PersonCopy,
}

impl CopyPage<'_> {
    /// A point in time, in UTC.
    fn time(&self, time: &Time) -> String {
        time.to_string().chars().take(16).map(|c| if c == 'T' { ' ' } else { c }).collect::<String>() + " UTC"
    }

    fn ids(&self) -> String {
        self.copy.person.ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
    }

    fn fields(&self, fields: &serde_json::Value) -> Vec<(String, String)> {
        let own = fields.as_object().into_iter().flatten();
        own.map(|(name, value)| (name.clone(), value.as_str().map_or_else(|| value.to_string(), str::to_owned)))
            .collect()
    }
}

/// The page, in the language that was ordered.
///
/// # Errors
/// 500 where the template fails.
pub fn written(copy: &PersonCopy, order: &CopyOrder) -> Result<String> {
    let language = match order.language {
        Some(CopyLanguage::Korean) => Language::Korean,
        Some(CopyLanguage::English) | None => Language::English,
    };
    CopyPage { t: Words(language), language: language.code(), copy }.render().map_err(Error::internal)
}
