//! Clauses of a text, and the language of most texts.

use crate::domain::base::language::Language;
use crate::engine::READ_LIMIT;
use crate::engine::text::words::{is_hangul, is_korean};

/// The language of a text of this program or the team.
pub fn language_of(text: &str) -> Language {
    language(is_korean(text))
}

/// The language of a text that is Korean, or not.
pub(in crate::engine) fn language(korean: bool) -> Language {
    if korean { Language::Korean } else { Language::English }
}

/// Whether most of the texts are Korean.
pub(in crate::engine) fn mostly_korean<'a>(texts: impl Iterator<Item = &'a str>) -> bool {
    let balance: i64 = texts.map(|text| if is_korean(text) { 1 } else { -1 }).sum();
    balance > 0
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_are_clauses() {
        assert_eq!(
            clauses("Hello team! my refund never arrived.\nThanks; bye"),
            ["Hello team!", "my refund never arrived.", "Thanks;", "bye"]
        );
    }

    #[test]
    fn korean_clauses_end_without_punctuation() {
        assert_eq!(
            clauses("안녕하세요 결제가 자꾸 실패해요 확인 부탁드려요"),
            ["안녕하세요 결제가 자꾸 실패해요", "확인 부탁드려요"]
        );
    }
}
