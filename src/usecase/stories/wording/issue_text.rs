//! The text of a story's issue at the tracker, in the story's language. It contains no text of customers: criteria that
//! cite feedback are left out because they quote it, and the rest is limited by [`super::texts::for_tracker`].

use crate::domain::base::language::{Tongue, detect};
use crate::domain::stories::Story;

/// The fixed texts of an issue in one language.
struct Phrases {
    asked: fn(i32, i32) -> String,
    criteria: &'static str,
    in_scope: &'static str,
    out_of_scope: &'static str,
    kept: &'static str,
    name_it: fn(&str) -> String,
}

const ENGLISH: Phrases = Phrases {
    asked: |customers, feedback| {
        let (who, times) = (plural(customers, "customer"), plural(feedback, "piece"));
        format!("Asked for by {who}, in {times} of feedback.")
    },
    criteria: "Acceptance criteria",
    in_scope: "In scope",
    out_of_scope: "Out of scope",
    kept: "What customers said stays in Hearback.",
    name_it: |story| format!("{story} in Hearback: name its number in branches, commits and pull requests."),
};

const KOREAN: Phrases = Phrases {
    asked: |customers, feedback| format!("고객 {customers}명이 피드백 {feedback}건으로 요청했습니다."),
    criteria: "인수 조건",
    in_scope: "범위에 드는 것",
    out_of_scope: "범위에 들지 않는 것",
    kept: "고객이 한 말은 Hearback에만 있습니다.",
    name_it: |story| format!("Hearback {story}: 브랜치, 커밋, 풀 리퀘스트에 번호를 적어 주세요."),
};

fn plural(count: i32, noun: &str) -> String {
    if count == 1 { format!("{count} {noun}") } else { format!("{count} {noun}s") }
}

/// The text of a story's issue in Markdown. Its last line is the marker by which the issue is found again; `link` is
/// the address of the story.
pub fn write(story: &Story, link: Option<&str>, marker: &str) -> String {
    let tongue = tongue_of(story);
    let phrases = match tongue {
        Tongue::English => &ENGLISH,
        Tongue::Korean => &KOREAN,
    };
    let mut parts = vec![wish(story, tongue)];
    if story.customer_count > 0 {
        parts.push((phrases.asked)(story.customer_count, story.feedback_count));
    }
    parts.push(section(phrases.criteria, "- [ ] ", &criteria(story)));
    parts.push(section(phrases.in_scope, "- ", &lines(&story.in_scope)));
    parts.push(section(phrases.out_of_scope, "- ", &lines(&story.out_of_scope)));
    if story.acceptance_criteria.iter().any(|criterion| !criterion.feedback_ids.is_empty()) {
        parts.push(phrases.kept.to_owned());
    }
    let number = match link {
        Some(link) => format!("[{}]({link})", story.number),
        None => story.number.clone(),
    };
    parts.push(format!("---\n{}", (phrases.name_it)(&number)));
    parts.push(format!("{marker}\n"));
    parts.retain(|part| !part.is_empty());
    parts.join("\n\n")
}

/// The language in which the story is written.
fn tongue_of(story: &Story) -> Tongue {
    let text = format!("{}\n{}", story.title, story.i_want);
    // A Korean title may contain English names.
    let korean = text.chars().any(|c| ('가'..='힣').contains(&c));
    if korean { Tongue::Korean } else { Tongue::of(detect(&text).as_deref()) }
}

/// The user story as a sentence.
fn wish(story: &Story, tongue: Tongue) -> String {
    let parts = [story.as_a.as_str(), story.i_want.as_str(), story.so_that.as_str()];
    let labels = match tongue {
        Tongue::English => ["As a ", "I want ", "so that "],
        Tongue::Korean => ["- 누가: ", "- 바라는 것: ", "- 이유: "],
    };
    let told: Vec<String> = labels
        .iter()
        .zip(parts)
        .filter(|(_, part)| !part.is_empty())
        .map(|(label, part)| format!("{label}{}", harmless(part)))
        .collect();
    match tongue {
        _ if told.is_empty() => String::new(),
        Tongue::English => format!("{}.", told.join(", ").trim_end_matches('.')),
        Tongue::Korean => told.join("\n"),
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
