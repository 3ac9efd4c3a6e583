//! The text of a story's issue at the tracker, in the story's language. It contains no text of customers: criteria that
//! cite feedback are left out because they quote it, and the rest is limited by [`super::texts::for_tracker`].

use crate::domain::base::language::{Language, detect};
use crate::domain::stories::Story;
use crate::domain::words;

/// The text of a story's issue in Markdown. Its last line is the marker by which the issue is found again; `link` is
/// the address of the story.
pub fn write(story: &Story, link: Option<&str>, marker: &str) -> String {
    let language = language_of(story);
    let mut parts = vec![wish(story, language)];
    if story.customer_count > 0 {
        parts.push(words::issue_asked_for(language, story.customer_count, story.feedback_count));
    }
    parts.push(section(&words::issue_criteria(language), "- [ ] ", &criteria(story)));
    parts.push(section(&words::issue_in_scope(language), "- ", &lines(&story.in_scope)));
    parts.push(section(&words::issue_out_of_scope(language), "- ", &lines(&story.out_of_scope)));
    if story.acceptance_criteria.iter().any(|criterion| !criterion.feedback_ids.is_empty()) {
        parts.push(words::issue_words_stay(language));
    }
    let number = match link {
        Some(link) => format!("[{}]({link})", story.number),
        None => story.number.clone(),
    };
    parts.push(format!("---\n{}", words::issue_name_it(language, number)));
    parts.push(format!("{marker}\n"));
    parts.retain(|part| !part.is_empty());
    parts.join("\n\n")
}

/// The language in which the story is written.
fn language_of(story: &Story) -> Language {
    let text = format!("{}\n{}", story.title, story.i_want);
    // A Korean title may contain English names.
    let korean = text.chars().any(|c| ('가'..='힣').contains(&c));
    if korean { Language::Korean } else { Language::of(detect(&text).as_deref()) }
}

/// The user story as a sentence, or as a list in Korean.
fn wish(story: &Story, language: Language) -> String {
    type WishPart = fn(Language, String) -> String;
    let parts: [(&str, WishPart); 3] =
        [(&story.as_a, role), (&story.i_want, words::issue_i_want), (&story.so_that, words::issue_so_that)];
    let told: Vec<String> = parts
        .iter()
        .filter(|(part, _)| !part.is_empty())
        .map(|(part, written)| written(language, harmless(part)))
        .collect();
    match language {
        _ if told.is_empty() => String::new(),
        Language::English => format!("{}.", told.join(", ").trim_end_matches('.')),
        Language::Korean => told.join("\n"),
    }
}

/// "As a customer", "As an enterprise customer".
fn role(language: Language, who: String) -> String {
    match who.to_lowercase().starts_with(['a', 'e', 'i', 'o']) {
        true => words::issue_as_an(language, who),
        false => words::issue_as_a(language, who),
    }
}

/// The criteria that cite no feedback, without repeats.
fn criteria(story: &Story) -> Vec<String> {
    let mut told: Vec<String> = Vec::new();
    for criterion in story.acceptance_criteria.iter().filter(|criterion| criterion.feedback_ids.is_empty()) {
        let text = harmless(&criterion.text.replace('\n', " "));
        if !told.contains(&text) {
            told.push(text);
        }
    }
    told
}

fn lines(items: &[String]) -> Vec<String> {
    items.iter().map(|item| harmless(&item.replace('\n', " "))).collect()
}

fn section(title: &str, mark: &str, items: &[String]) -> String {
    if items.is_empty() {
        return String::new();
    }
    let items: Vec<String> = items.iter().map(|item| format!("{mark}{item}")).collect();
    format!("### {title}\n\n{}", items.join("\n"))
}

/// Escapes text so that Markdown shows no mentions and hides nothing.
fn harmless(text: &str) -> String {
    text.replace('<', "&lt;").replace('@', "@\u{200b}").replace('#', "#\u{200b}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_issue_calls_nobody_and_hides_nothing() {
        assert_eq!(harmless("@all see #1 <!-- x -->"), "@\u{200b}all see #\u{200b}1 &lt;!-- x -->");
    }
}
