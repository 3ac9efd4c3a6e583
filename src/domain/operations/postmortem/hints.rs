//! Hints on the wording of postmortems. A postmortem asks what made a failure possible, not who is to blame: words that blame
//! a person or judge with what is known only afterwards keep people from telling what they saw. Hints never block anything.

use serde::Serialize;
use utoipa::ToSchema;

use super::{PostmortemSection, PostmortemText};

crate::domain::names! {
    /// Why a wording is pointed out. `person_blamed`: the name of a person stands beside a word for failure.
    /// `hindsight`: it says what should have been done. `human_error`: it ends the search for causes at a person.
    pub enum HintReason { PersonBlamed "person_blamed", Hindsight "hindsight", HumanError "human_error" }
}

/// A wording that could be better.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct WordingHint {
    #[schema(inline)]
    pub section: PostmortemSection,
    #[schema(inline)]
    pub reason: HintReason,
    /// The words as they stand in the text.
    #[schema(example = "should have")]
    pub words: String,
}

/// The most hints that are given at once.
const MOST: usize = 50;

/// What could have been done, in English and Korean. Korean endings stand at the end of a longer word.
const HINDSIGHT: &[&str] = &[
    "should have",
    "shouldn't have",
    "should've",
    "should not have",
    "could have",
    "could've",
    "ought to have",
    "failed to notice",
    "neglected to",
    "했어야",
    "었어야",
    "았어야",
    "였어야",
    "봤어야",
    "하지 말았어야",
    "했더라면",
];

const HUMAN_ERROR: &[&str] = &[
    "human error",
    "operator error",
    "user error",
    "careless",
    "carelessness",
    "negligence",
    "negligent",
    "sloppy",
    "stupid",
    "incompetent",
    "by mistake of",
    "인적 오류",
    "휴먼 에러",
    "휴먼에러",
    "실수로",
    "부주의",
    "태만",
    "무책임",
    "사람의 실수",
    "담당자의 실수",
    "담당자 실수",
];

/// Words for failure that blame where they stand in one clause with a name.
const FAILURE: &[&str] = &[
    "failed",
    "forgot",
    "broke",
    "caused",
    "mistake",
    "mistakenly",
    "wrongly",
    "ignored",
    "missed",
    "fault",
    "blame",
    "실패",
    "잊",
    "누락",
    "망가",
    "잘못",
    "실수",
    "놓쳤",
    "놓쳐",
    "무시",
];

/// The hints on a text. `people` are the names of the members of the team, and of customers that the incident is about.
pub fn hints(text: &PostmortemText, people: &[String]) -> Vec<WordingHint> {
    let found = text.written().flat_map(|(section, words)| {
        words
            .lines()
            .flat_map(|line| in_line(line, people))
            .map(move |(reason, words)| WordingHint { section, reason, words })
            .collect::<Vec<_>>()
    });
    found.take(MOST).collect()
}

/// The hints on a line: the reason, and the words as they stand there.
fn in_line(line: &str, people: &[String]) -> Vec<(HintReason, String)> {
    let mut found = Vec::new();
    for clause in line.split(['.', '!', '?', ';', '。']) {
        let folded = folded(clause);
        for (reason, list) in [(HintReason::Hindsight, HINDSIGHT), (HintReason::HumanError, HUMAN_ERROR)] {
            let told = list.iter().filter(|words| holds(&folded, words)).max_by_key(|words| words.len());
            found.extend(told.map(|words| (reason, as_written(clause, &folded, words))));
        }
        let person = people.iter().find(|name| name.chars().count() > 1 && holds(&folded, &name.to_lowercase()));
        if let Some(name) = person.filter(|_| FAILURE.iter().any(|word| holds(&folded, word))) {
            found.push((HintReason::PersonBlamed, name.clone()));
        }
    }
    found
}

/// The text for comparison: lower case, straight apostrophes.
fn folded(text: &str) -> String {
    text.to_lowercase().replace('’', "'")
}

/// Whether words stand in a text: as whole words, except for Korean ones, which may be followed by endings and particles.
fn holds(folded: &str, words: &str) -> bool {
    let is_korean = words.chars().any(|c| matches!(c, '가'..='힣'));
    folded.match_indices(words).any(|(at, _)| {
        let before = folded[..at].chars().next_back();
        let after = folded[at + words.len()..].chars().next();
        let apart = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric());
        // A Korean ending follows its stem, and particles follow a name.
        is_korean || (apart(before) && (apart(after) || after.is_some_and(|c| matches!(c, '가'..='힣'))))
    })
}

/// The words as the clause has them, where lower case did not change its length.
fn as_written(clause: &str, folded: &str, words: &str) -> String {
    let at = folded.find(words).filter(|_| folded.len() == clause.len());
    at.and_then(|at| clause.get(at..at + words.len())).unwrap_or(words).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str, people: &[&str]) -> Vec<(HintReason, String)> {
        let text = PostmortemText { root_causes: Some(text.to_owned()), ..PostmortemText::default() };
        let people: Vec<String> = people.iter().map(|name| (*name).to_owned()).collect();
        hints(&text, &people).into_iter().map(|hint| (hint.reason, hint.words)).collect()
    }

    #[test]
    fn blame_and_hindsight_are_pointed_out_in_english() {
        assert_eq!(of("We Should have tested it.", &[]), [(HintReason::Hindsight, "Should have".to_owned())]);
        assert_eq!(of("The cause was human error", &[]), [(HintReason::HumanError, "human error".to_owned())]);
        assert_eq!(of("Jin Lee forgot the flag", &["Jin Lee"]), [(HintReason::PersonBlamed, "Jin Lee".to_owned())]);
    }

    #[test]
    fn blame_and_hindsight_are_pointed_out_in_korean() {
        assert_eq!(of("배포 전에 확인했어야 했다.", &[]), [(HintReason::Hindsight, "했어야".to_owned())]);
        assert_eq!(of("담당자가 실수로 삭제했다", &[]), [(HintReason::HumanError, "실수로".to_owned())]);
        assert_eq!(of("운영자의 부주의였다", &[]), [(HintReason::HumanError, "부주의".to_owned())]);
        assert_eq!(of("김민수가 설정을 누락", &["김민수"]), [(HintReason::PersonBlamed, "김민수".to_owned())]);
    }

    #[test]
    fn plain_descriptions_get_no_hints() {
        for text in [
            "The pool ran out of connections after the deployment.",
            "Jin Lee noticed the alert. The check failed for an hour.",
            "What should happen next is open",
            "연결 풀이 고갈되어 결제가 실패했다",
            "김민수가 알림을 확인했다",
            "The carelessly named table",
        ] {
            assert_eq!(of(text, &["Jin Lee", "김민수"]), [], "{text}");
        }
    }
}
