//! Changelogs of releases, in the format of Keep a Changelog.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{Release, ReleaseState, Section};
use crate::domain::base::{Id, Time};
use crate::domain::stories::texts::for_reader;

/// A release in a changelog.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ChangelogRelease {
    pub release_id: Id,
    #[schema(example = "1.4.0")]
    pub name: String,
    pub shipped_at: Time,
    /// Whether the release was withdrawn; `reason` says why.
    pub yanked: bool,
    pub reason: Option<String>,
    pub notes: Option<String>,
    /// In the order of Keep a Changelog; empty sections are omitted.
    pub sections: Vec<ChangelogSection>,
    #[serde(skip)]
    pub updated_at: Time,
}

/// A section of a release's changelog.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ChangelogSection {
    pub section: Section,
    pub entries: Vec<ChangelogEntry>,
}

/// An entry of a changelog.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ChangelogEntry {
    pub story_id: Id,
    #[schema(example = "HB-17")]
    pub number: String,
    #[schema(example = "Refunds show when they will arrive")]
    pub text: String,
    /// Quotes of customers: a part of the story's evidence.
    pub quotes: Vec<Quote>,
}

/// A verbatim quote of a customer.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Quote {
    pub feedback_id: Id,
    #[schema(example = "The refund still hasn't arrived after two weeks.")]
    pub text: String,
}

/// The language of a changelog.
#[derive(Clone, Debug, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct LanguageQuery {
    /// `ko`, `en`, `pt-BR`. An entry without a text in this language is shown as it was written.
    #[param(min_length = 2, max_length = 35)]
    pub language: Option<String>,
}

/// The query parameters of a changelog.
#[derive(Clone, Debug, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ChangelogQuery {
    /// `ko`, `en`, `pt-BR`. An entry without a text in this language is shown as it was written.
    #[param(min_length = 2, max_length = 35)]
    pub language: Option<String>,
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<i64>,
    /// The `next_cursor` of the previous page.
    #[param(max_length = 2000)]
    pub cursor: Option<String>,
}

impl ChangelogRelease {
    /// A release in the changelog for readers of a language, without quotes; `line` gives the text of an entry.
    pub fn new(release: &Release, wanted: Option<&str>, line: impl Fn(&super::ReleaseStory) -> String) -> Self {
        let entries = |section: Section| -> Vec<ChangelogEntry> {
            let of_section = release.aboard().filter(|story| story.section == section);
            let entry = |story: &super::ReleaseStory| ChangelogEntry {
                story_id: story.story_id,
                number: story.number.clone(),
                text: line(story),
                quotes: Vec::new(),
            };
            of_section.map(entry).collect()
        };
        let sections =
            Section::ALL.iter().map(|section| ChangelogSection { section: *section, entries: entries(*section) });
        let yanked = release.state == ReleaseState::Yanked;
        let translated = wanted.and_then(|wanted| for_reader(&release.texts, wanted)).map(|(_, text)| text.clone());
        let translated = translated.unwrap_or_default();
        Self {
            release_id: release.id,
            name: release.name.clone(),
            shipped_at: release.shipped_at.unwrap_or(release.created_at),
            yanked,
            reason: translated.reason.or_else(|| release.reason.clone()).filter(|_| yanked),
            notes: translated.notes.or_else(|| release.notes.clone()),
            sections: sections.filter(|section| !section.entries.is_empty()).collect(),
            updated_at: release.updated_at,
        }
    }
}

impl Section {
    /// The heading in a changelog.
    pub fn title(self) -> &'static str {
        match self {
            Section::Added => "Added",
            Section::Changed => "Changed",
            Section::Deprecated => "Deprecated",
            Section::Removed => "Removed",
            Section::Fixed => "Fixed",
            Section::Security => "Security",
        }
    }
}

/// The whole changelog of a product as Markdown, in the format of Keep a Changelog 1.1.0. Names and entries are
/// escaped, so their content is always shown as text.
pub fn markdown(product: &str, releases: &[ChangelogRelease]) -> String {
    let mut text = format!(
        "# Changelog\n\nWhat is new in {}, in the form of [Keep a Changelog](https://keepachangelog.com/en/1.1.0/).\n",
        escaped(product)
    );
    for release in releases {
        let yanked = if release.yanked { " [YANKED]" } else { "" };
        text += &format!("\n## [{}] - {}{yanked}\n", escaped(&release.name), release.shipped_at.date());
        for words in [&release.reason, &release.notes].into_iter().flatten() {
            text += &format!("\n{}\n", escaped(words));
        }
        for section in &release.sections {
            text += &format!("\n### {}\n\n", section.section.title());
            for entry in &section.entries {
                text += &format!("- {} ({})\n", escaped(&entry.text), entry.number);
            }
        }
    }
    text
}

/// Whether a word may contain a URL with a scheme that runs code, such as `javascript:`.
fn dangerous_scheme(word: &str) -> bool {
    let letters: String = word.chars().filter(|c| c.is_ascii_alphanumeric() || *c == ':').collect();
    let letters = letters.to_ascii_lowercase();
    ["javascript:", "vbscript:", "data:", "file:"].iter().any(|scheme| letters.contains(scheme))
}

/// The text on one line, with everything escaped that Markdown would interpret.
fn escaped(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !line.is_empty() {
            line.push(' ');
        }
        // At the start of a line these would begin a list, a quotation or a heading.
        if line.is_empty() && word.starts_with(['-', '+', '=', '~', '|']) {
            line.push('\\');
        }
        let scheme = dangerous_scheme(word);
        for c in word.chars() {
            if matches!(c, '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '#' | '&' | '!') {
                line.push('\\');
            } else if (c == '(' && line.ends_with(']')) || (c == ':' && scheme) {
                // Escaped so that it does not become a link even in a renderer that removes escapes.
                line.push('\\');
            }
            line.push(c);
        }
    }
    // `1.` and `1)` would begin a numbered list.
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    if digits > 0
        && line[digits..].starts_with(['.', ')'])
        && !line[digits + 1..].starts_with(|c: char| !c.is_whitespace())
    {
        line.insert(digits, '\\');
    }
    line
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn markdown_keeps_the_form() {
        let entry = |text: &str| ChangelogEntry {
            story_id: Id::next(),
            number: "HB-1".into(),
            text: text.into(),
            quotes: vec![],
        };
        let release = ChangelogRelease {
            release_id: Id::next(),
            name: "1.4.0".to_owned(),
            shipped_at: Time::parse("2026-11-23T10:00:00Z").unwrap(),
            yanked: true,
            reason: Some("It loses\nmoney".to_owned()),
            notes: None,
            sections: vec![ChangelogSection {
                section: Section::Fixed,
                entries: vec![entry("<b> & *stars*"), entry("1. one")],
            }],
            updated_at: Time(0),
        };
        let text = markdown("Paylo", &[release]);
        let (_, releases) = text.split_once("\n## ").unwrap();
        let expected = "[1.4.0] - 2026-11-23 [YANKED]\n\nIt loses money\n\n### Fixed\n\n- \\<b\\> \\& \\*stars\\* (HB-1)\n- 1\\. one (HB-1)\n";
        assert_eq!(releases, expected);
    }

    #[test]
    fn no_text_is_a_link_that_runs_something() {
        for text in ["[x](javascript:alert(1))", "<JavaScript:alert(1)>", "![x](data:text/html,x)", "[x]: vbscript:x"] {
            let escaped = escaped(text);
            assert!(!escaped.to_lowercase().contains("script:") && !escaped.contains("data:"), "{escaped}");
            assert!(!escaped.contains("]("), "{escaped}");
        }
        assert_eq!(escaped("see https://example.com: it works"), "see https://example.com: it works");
    }

    proptest! {
        #[test]
        fn no_text_breaks_out_of_its_line(text in any::<String>()) {
            let escaped = escaped(&text);
            prop_assert!(!escaped.contains('\n'));
            let plain = escaped.replace("\\", "");
            prop_assert_eq!(plain, text.split_whitespace().collect::<Vec<_>>().join(" ").replace("\\", ""));
            prop_assert!(!escaped.starts_with(['#', '-', '+', '>', '*', '=', '|', '~']));
        }
    }
}
