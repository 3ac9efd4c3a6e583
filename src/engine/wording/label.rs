//! Clauses of a text, and the choice of the clause that describes a theme best.

use crate::engine::READ_LIMIT;
use crate::engine::text::stop_words::ENGLISH_STOP_WORDS;
use crate::engine::text::words::{is_hangul, is_korean};

/// The longest phrase, in characters.
const LONGEST: usize = 60;
/// How many clauses of an item are read.
const READ_CLAUSES: usize = 40;

/// The clause of one text that covers the keywords best, cut to the length of a label; empty if it has no words.
pub(in crate::engine) fn best_phrase(text: &str, keywords: &[String]) -> String {
    let scored = phrases(text, keywords).map(|phrase| (coverage(&phrase, keywords) * fit(&phrase), phrase));
    scored.reduce(|a, b| if b.0 > a.0 { b } else { a }).map_or_else(String::new, |(_, phrase)| phrase)
}

/// Whether most of the texts are Korean.
pub(in crate::engine) fn mostly_korean<'a>(texts: impl Iterator<Item = &'a str>) -> bool {
    let balance: i64 = texts.map(|text| if is_korean(text) { 1 } else { -1 }).sum();
    balance > 0
}

/// The clauses of a text in a form that can be shown.
fn phrases<'a>(text: &'a str, keywords: &'a [String]) -> impl Iterator<Item = String> + 'a {
    let clauses = clauses(text).into_iter().take(READ_CLAUSES);
    clauses
        .map(|clause| shortened(&without_greeting(&clause), keywords))
        .filter(|p| p.chars().any(char::is_alphanumeric))
}

/// Splits a text into clauses at sentence ends, line breaks and semicolons. Korean chat often has no punctuation; there
/// a polite verb ending also ends a clause. White space and control characters become single spaces.
pub(in crate::engine) fn clauses(text: &str) -> Vec<String> {
    let mut clauses = vec![String::new()];
    let mut words_in_clause = 0;
    let read: String = text.chars().take(READ_LIMIT).collect();
    for line in read.lines() {
        for word in line.split(|c: char| c.is_whitespace() || c.is_control()).filter(|w| !w.is_empty()) {
            let Some(clause) = clauses.last_mut() else { continue };
            if !clause.is_empty() {
                clause.push(' ');
            }
            clause.push_str(word);
            words_in_clause += 1;
            if ends_sentence(word) || (words_in_clause > 1 && ends_korean_clause(word)) {
                clauses.push(String::new());
                words_in_clause = 0;
            }
        }
        clauses.push(String::new());
        words_in_clause = 0;
    }
    clauses.retain(|clause| !clause.is_empty());
    clauses
}

fn ends_sentence(word: &str) -> bool {
    word.trim_end_matches(['"', '\'', ')', '”', '’']).ends_with(['.', '!', '?', ';', '…', '。', '！', '？', '~'])
}

fn ends_korean_clause(word: &str) -> bool {
    let word = word.trim_end_matches(|c: char| !c.is_alphanumeric() || matches!(c, 'ㄱ'..='ㅣ'));
    word.chars().last().is_some_and(is_hangul)
        && ["요", "니다", "니까", "죠"].iter().any(|ending| word.ends_with(ending))
}

/// The clause without an initial greeting ("Hello,").
fn without_greeting(clause: &str) -> String {
    let is_greeting = |word: &str| {
        let word = word.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
        word.is_empty() || GREETINGS.contains(&word.as_str())
    };
    let words: Vec<&str> = clause.split(' ').skip_while(|word| is_greeting(word)).collect();
    tidy(&words.join(" "))
}

const GREETINGS: &[&str] = &[
    "hi",
    "hello",
    "hey",
    "dear",
    "greetings",
    "sir",
    "madam",
    "team",
    "support",
    "there",
    "please",
    "pls",
    "plz",
    "so",
    "and",
    "but",
    "also",
    "well",
    "ok",
    "okay",
    "um",
    "uh",
    "안녕하세요",
    "안녕하십니까",
    "안녕",
    "저기요",
    "여보세요",
    "수고하십니다",
    "수고하세요",
    "수고많으십니다",
    "그리고",
    "그런데",
    "근데",
    "혹시",
    "저기",
    "아니",
];

/// The phrase without surrounding white space, quotation marks and punctuation.
fn tidy(phrase: &str) -> String {
    let start = phrase.trim_start_matches(|c: char| !c.is_alphanumeric());
    let end = start.trim_end_matches(|c: char| {
        c.is_whitespace()
            || c.is_ascii_punctuation() && !matches!(c, ')' | '%')
            || "…。、，！？“”‘’«»·—–~ㅠㅜㅋㅎ".contains(c)
    });
    if end.ends_with(')') && !end.contains('(') { end.trim_end_matches(')').to_owned() } else { end.to_owned() }
}

/// At most 60 characters: the run of whole words that covers the keywords best. A run from the beginning reads best, so
/// another one is taken only for an important keyword. Final words that need a continuation are removed.
fn shortened(clause: &str, keywords: &[String]) -> String {
    if clause.chars().count() <= LONGEST {
        return clause.to_owned();
    }
    let words: Vec<&str> = clause.split(' ').collect();
    let mut best: Option<(f32, String)> = None;
    for start in 0..words.len() {
        let run = fitting_run(&words[start..]);
        let score = coverage(&run, keywords) - if start > 0 { 0.4 } else { 0.0 };
        if best.as_ref().is_none_or(|(highest, _)| score > *highest) {
            best = Some((score, run));
        }
    }
    let mut run = best.map_or_else(String::new, |(_, run)| run);
    while let Some(end) = run.rsplit_once(' ').filter(|(_, last)| announces(last)).map(|(rest, _)| rest.len()) {
        run.truncate(end);
    }
    tidy(&run)
}

/// Whether a phrase cannot end with this word, as with "the", "of", "because".
fn announces(word: &str) -> bool {
    let word = word.to_lowercase();
    ENGLISH_STOP_WORDS.binary_search(&word.as_str()).is_ok()
        || ["a", "an", "of", "to", "in", "on", "at", "by", "is", "my", "i", "or", "if", "it", "as"]
            .contains(&word.as_str())
}

/// As many of the words as fit. Where the first word is too long, its beginning.
fn fitting_run(words: &[&str]) -> String {
    let mut run = String::new();
    let mut length = 0;
    for word in words {
        let more = word.chars().count() + usize::from(length > 0);
        if length + more > LONGEST {
            break;
        }
        if length > 0 {
            run.push(' ');
        }
        run.push_str(word);
        length += more;
    }
    if run.is_empty() { words.first().map_or_else(String::new, |w| w.chars().take(LONGEST).collect()) } else { run }
}

/// How well a phrase covers the keywords; the first ones count most. 0 to about 2 for five keywords.
fn coverage(phrase: &str, keywords: &[String]) -> f32 {
    let phrase = phrase.to_lowercase();
    let covered = keywords.iter().enumerate().filter(|(_, keyword)| phrase.contains(keyword.as_str()));
    covered.map(|(rank, _)| 1.0 / (1.0 + 0.5 * rank as f32)).sum()
}

/// How suitable the length of a phrase is for a label: best are a few words.
fn fit(phrase: &str) -> f32 {
    match phrase.split(' ').count() {
        1 => 0.5,
        2 => 0.8,
        3..=9 => 1.0,
        _ => 0.85,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keywords(words: &[&str]) -> Vec<String> {
        words.iter().map(|w| w.to_string()).collect()
    }

    #[test]
    fn the_phrase_is_the_clause_that_says_what_it_is_about() {
        let found =
            best_phrase("Hello team! my refund never arrived. Thanks a lot!!", &keywords(&["refund", "arrived"]));
        assert_eq!(found, "my refund never arrived");
    }

    #[test]
    fn korean_clauses_end_without_punctuation() {
        let found = best_phrase("안녕하세요 결제가 자꾸 실패해요 확인 부탁드려요", &keywords(&["결제", "실패"]));
        assert_eq!(found, "결제가 자꾸 실패해요");
    }

    #[test]
    fn a_long_sentence_is_cut_around_its_keywords_at_whole_words() {
        let text = "I was sitting in the train with my daughter on a rainy Tuesday when the invoice export suddenly crashed on me";
        let found = best_phrase(text, &keywords(&["invoice", "export"]));
        assert!(found.contains("invoice export") && found.chars().count() <= 60, "{found}");
    }
}
