//! The role of customers, in the words that several of them use of themselves: "as a merchant", `점주인데요`.

use std::collections::{HashMap, HashSet};

use uuid::Uuid;

use super::theme_item::ThemeItem;
use crate::engine::text::tagging::{Tag, tags};
use crate::engine::text::words::is_korean;

/// How many customers must use a role of themselves.
const CUSTOMERS: usize = 2;
/// The longest Korean role, in syllables.
const LONGEST: usize = 6;

/// The role that most customers use of themselves, in the language of the draft.
pub(super) fn role_of(items: &[ThemeItem<'_>], korean: bool) -> Option<String> {
    let mut by_role: HashMap<String, HashSet<Uuid>> = HashMap::new();
    for item in items.iter().filter(|item| is_korean(item.feedback.text) == korean) {
        let found = if korean { korean_roles(item.feedback.text) } else { english_roles(item.feedback.text) };
        for role in found {
            by_role.entry(role).or_default().insert(item.feedback.by);
        }
    }
    let shared = by_role.into_iter().filter(|(_, by)| by.len() >= CUSTOMERS);
    shared.max_by(|a, b| a.1.len().cmp(&b.1.len()).then_with(|| b.0.cmp(&a.0))).map(|(role, _)| role)
}

/// The segment that most of the customers with a known segment belong to, if these are not few.
pub(super) fn segment_of<'a>(items: &[ThemeItem<'a>]) -> Option<&'a str> {
    let mut of: HashMap<Uuid, &str> = HashMap::new();
    let known = items.iter().filter_map(|item| Some((item.feedback.by, item.segment?)));
    of.extend(known.filter(|(_, segment)| !segment.trim().is_empty()));
    let customers = items.iter().map(|item| item.feedback.by).collect::<HashSet<_>>().len();
    let mut counts: HashMap<&str, usize> = HashMap::new();
    of.values().for_each(|segment| *counts.entry(segment).or_default() += 1);
    let (segment, most) = counts.into_iter().max_by(|a, b| a.1.cmp(&b.1).then_with(|| b.0.cmp(a.0)))?;
    (most >= CUSTOMERS && most * 2 > of.len() && most * 3 > customers).then_some(segment)
}

/// "as a driver", "I'm a teacher", "we are a small bakery": the nouns after the article.
fn english_roles(text: &str) -> Vec<String> {
    let lower = text.to_lowercase().replace('’', "'");
    let words: Vec<&str> = lower.split_whitespace().take(300).collect();
    let plain: Vec<&str> = words.iter().map(|word| word.trim_matches(|c: char| !c.is_alphanumeric() && c != '\'')).collect();
    let tags = tags(&plain);
    let introduces = |at: usize| {
        let before = |back: usize| at.checked_sub(back).map_or("", |n| plain[n]);
        matches!(plain[at], "a" | "an")
            && (before(1) == "as" && (at < 2 || words[at - 2].ends_with([',', '.', '!', '?', ';', ':']))
                || matches!(before(1), "i'm" | "im" | "we're")
                || matches!((before(2), before(1)), ("i", "am") | ("we", "are")))
    };
    let role = |at: usize| {
        let mut nouns: Vec<&str> = Vec::new();
        for n in at + 1..plain.len().min(at + 4) {
            if !matches!(tags[n], Tag::Noun | Tag::ProperNoun | Tag::Adjective) || plain[n].chars().any(|c| c.is_ascii_digit()) {
                break;
            }
            nouns.push(plain[n]);
            if words[n].ends_with([',', '.', '!', '?', ';', ':']) {
                break;
            }
        }
        let is_noun = nouns.len() < 3 && nouns.last().is_some_and(|last| !NO_ROLES.contains(last) && last.len() > 2);
        is_noun.then(|| nouns.join(" "))
    };
    (0..plain.len()).filter(|at| introduces(*at)).filter_map(role).collect()
}

/// Words after "as a" that name no role.
#[rustfmt::skip]
const NO_ROLES: &[&str] = &[
    "customer", "user", "result", "whole", "rule", "reminder", "matter", "gift", "consequence", "bit", "lot", "fan", "member",
    "person", "client", "test", "joke", "workaround", "bonus", "favour", "favor", "start", "way", "last", "file", "pdf",
    "guest", "subscriber", "new", "long", "little", "precaution", "courtesy", "backup", "day", "default", "loyal", "regular",
];

/// A word in the form of an introduction (`점주인데요`, `학생입니다`, `사장으로서`) whose noun has the ending of a role.
fn korean_roles(text: &str) -> Vec<String> {
    let words = text.split_whitespace().take(300);
    let bare = words.map(|word| word.trim_matches(|c: char| !c.is_alphanumeric()));
    let noun = |word: &str| {
        let noun = INTRODUCED.iter().find_map(|ending| word.strip_suffix(ending))?.to_owned();
        let is_role = ROLE_ENDINGS.iter().any(|ending| noun.ends_with(ending)) && !NO_KOREAN_ROLES.contains(&noun.as_str());
        ((2..=LONGEST).contains(&noun.chars().count()) && is_role).then_some(noun)
    };
    bare.filter_map(noun).collect()
}

const INTRODUCED: &[&str] = &["인데요", "인데", "입니다", "이에요", "예요", "으로서", "로서", "입니다만"];
#[rustfmt::skip]
const ROLE_ENDINGS: &[&str] = &[
    "사장", "점주", "기사", "직원", "학생", "교사", "선생", "강사", "주부", "업자", "개발자", "간호사", "의사", "부모", "엄마", "아빠", "임산부", "관리자",
    "담당자", "운영자", "판매자", "셀러", "직장인", "대표", "원장", "집주인", "세입자", "프리랜서", "라이더", "보호자", "환자", "노인", "어르신", "외국인",
    "유학생", "군인", "농부", "작가", "디자이너", "회계사", "세무사", "약사", "소상공인", "장애인", "가맹점",
];
const NO_KOREAN_ROLES: &[&str] = &["담당자"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_are_read_where_customers_introduce_themselves() {
        assert_eq!(english_roles("As a driver, I never see the tip."), ["driver"]);
        assert_eq!(english_roles("I'm a small merchant and fees hurt"), ["small merchant"]);
        assert!(english_roles("as a result it is as a whole slow; same as a bank, add my son as a dependent").is_empty());
        assert_eq!(korean_roles("치킨집 점주인데요 정산이 늦어요"), ["점주"]);
        assert!(korean_roles("문제인데 안 됩니다").is_empty());
    }
}
