//! What the API says when it refuses something, in Korean.
//!
//! The API answers in English, with a code for each wrong field. The console shows the same sentences to its readers:
//! `fields.tsv` has what is said of a field, after its name, and `sentences.tsv` has whole sentences. A line is the
//! English text, a tab and the Korean one; `{}` stands for what differs, and `{1}` says where it goes. A test compares
//! the tables with the source, so that no sentence of the API is missing.

use std::sync::LazyLock;

use super::catalogue::formatted;
use crate::domain::base::language::Language;

const TABLES: [&str; 2] = [include_str!("fields.tsv"), include_str!("sentences.tsv")];

/// Groups of the catalogue in which the name of a value may stand, such as a state.
const GROUPS: [&str; 5] = ["value", "closure", "state", "kind", "told"];

/// An English text with gaps, and the Korean one.
struct Frame {
    /// What stands before, between and after the gaps.
    parts: Vec<&'static str>,
    korean: &'static str,
}

/// The frames, those with the longest text first: the most exact one fits.
static FRAMES: LazyLock<Vec<Frame>> = LazyLock::new(|| {
    let lines = TABLES.iter().flat_map(|table| table.lines()).filter_map(|line| line.split_once('\t'));
    let mut frames: Vec<Frame> =
        lines.map(|(english, korean)| Frame { parts: english.split("{}").collect(), korean }).collect();
    frames.sort_by_key(|frame| std::cmp::Reverse(frame.parts.iter().map(|part| part.len()).sum::<usize>()));
    frames
});

impl Frame {
    /// What stands in the gaps of a text, if the frame fits it.
    fn gaps<'t>(&self, text: &'t str) -> Option<Vec<&'t str>> {
        let [first, between @ .., last] = self.parts.as_slice() else {
            return (self.parts.first() == Some(&text)).then(Vec::new);
        };
        let mut rest = text.strip_prefix(first)?.strip_suffix(last)?;
        let mut gaps = Vec::new();
        for part in between {
            let (gap, after) = rest.split_once(part)?;
            gaps.push(gap);
            rest = after;
        }
        gaps.push(rest);
        gaps.iter().all(|gap| !gap.is_empty()).then_some(gaps)
    }

    fn filled(&self, gaps: &[&str]) -> String {
        // Split at the gaps instead of replaced one after the other: a gap may itself hold `{2}`.
        let mut parts = self.korean.split('{');
        let mut text = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            match part.split_once('}').and_then(|(n, rest)| Some((n.parse::<usize>().ok()?, rest))) {
                Some((n, rest)) => {
                    text.push_str(&gaps.get(n.wrapping_sub(1)).map(|gap| in_gap(gap)).unwrap_or_default());
                    text.push_str(rest);
                }
                None => text.extend(["{", part]),
            }
        }
        text
    }
}

/// What stands in a gap: a text of the tables, the name of a value of the API, or something that stays as it is.
fn in_gap(text: &str) -> String {
    if let Some(known) = in_korean(text) {
        return known;
    }
    if let Some((one, other)) = text.split_once(" or ") {
        return format!("{} 또는 {}", in_gap(one), in_gap(other));
    }
    if text.starts_with('`') && text.contains(", ") {
        return text.split(", ").map(in_gap).collect::<Vec<_>>().join(", ");
    }
    let name = text.trim_matches('`');
    let named = GROUPS.iter().find_map(|group| formatted(Language::Korean, &format!("{group}-{name}"), &[]));
    named.unwrap_or_else(|| text.to_owned())
}

/// What the API says, in Korean; `None` for a text that is not in the tables.
pub(super) fn in_korean(text: &str) -> Option<String> {
    FRAMES.iter().find_map(|frame| Some(frame.filled(&frame.gaps(text)?)))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::{FRAMES, TABLES, in_korean};
    use crate::refusal::Code;

    #[test]
    fn a_text_is_found_by_its_most_exact_frame_and_gaps_are_translated_too() {
        let korean = |text| in_korean(text).unwrap_or_else(|| panic!("{text}"));
        assert_eq!(korean("is required"), "필수 항목입니다");
        assert_eq!(korean("must have at most 200 characters"), "200자를 넘을 수 없습니다");
        assert_eq!(korean("must be a number or null"), "다음이어야 합니다: 숫자 또는 빈 값");
        assert_eq!(
            korean("This closure is `told`: nothing more can be done with it."),
            "이 건은 '알림' 상태입니다. 더 할 수 있는 일이 없습니다."
        );
        assert_eq!(korean("Account {2} has this name already."), "이 이름의 회사({2})가 이미 있습니다.");
        let ways =
            korean("A story can't move from `draft` to `closed`. From `draft` it can move to `accepted`, `declined`.");
        assert!(!ways.contains("From") && !ways.contains('`') && !ways.contains("accepted"), "{ways}");
        assert_eq!(in_korean("Something else."), None);
    }

    #[test]
    fn what_to_do_about_each_refusal_of_an_act_is_said_in_korean() {
        let shown = Code::ALL.iter().filter(|code| matches!(code.status(), 409 | 410 | 412 | 413 | 422));
        let missing: Vec<&str> = shown.map(|code| code.advice()).filter(|advice| in_korean(advice).is_none()).collect();
        assert!(missing.is_empty(), "{missing:?}");
    }

    #[test]
    fn each_frame_stands_once_and_its_gaps_are_those_of_the_english_text() {
        let mut seen = HashSet::new();
        for line in TABLES.iter().flat_map(|table| table.lines()) {
            let (english, korean) = line.split_once('\t').unwrap_or_else(|| panic!("no tab in {line}"));
            assert!(seen.insert(english), "{english} stands twice");
            assert!(korean.chars().any(|c| ('가'..='힣').contains(&c)), "{line}");
            let gaps = english.matches("{}").count();
            let named = (1..9).filter(|n| korean.contains(&format!("{{{n}}}")));
            assert!(named.clone().all(|n| n <= gaps), "{line}");
        }
        assert_eq!(FRAMES.len(), seen.len());
    }
}
