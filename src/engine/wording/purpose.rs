//! The purpose of a story, from consequences that several customers name.

use std::collections::HashSet;

use uuid::Uuid;

use super::compose::Composer;
use super::said::Said;
use crate::engine::text::korean_tokens::{Bare, korean_clauses};
use crate::engine::text::tagging::{Tag, lemma};
use crate::engine::text::tokens::english_clauses;

/// The purpose: the opposite of a consequence of whose words each is shared by enough customers, named by at least two.
/// `None` where there is none.
pub(super) fn purpose(said: &[(Uuid, Said)], composer: &Composer<'_>, korean: bool) -> Option<String> {
    let consequences: Vec<(Uuid, &str)> =
        said.iter().filter_map(|(by, said)| Some((*by, said.consequence.as_deref()?))).collect();
    let turned = consequences.iter().filter_map(|(_, text)| {
        let turned = if korean { korean_opposite(text) } else { english_opposite(text) }?;
        let keys = keys(&turned, composer, korean);
        let shared = !keys.is_empty() && keys.iter().all(|key| composer.is_shared(key));
        let by: HashSet<Uuid> =
            consequences.iter().filter(|(_, other)| names(other, &keys, composer, korean)).map(|(by, _)| *by).collect();
        (shared && by.len() > 1).then_some((by.len(), turned))
    });
    turned
        .max_by(|a, b| a.0.cmp(&b.0).then_with(|| b.1.len().cmp(&a.1.len())).then_with(|| b.1.cmp(&a.1)))
        .map(|(_, text)| text)
}

/// The content words of a text, as they are counted.
fn keys(text: &str, composer: &Composer<'_>, korean: bool) -> Vec<String> {
    let clauses = match korean {
        true => korean_clauses(text, &Bare::of([text].into_iter(), composer.background), &|_| false),
        false => english_clauses(text, &|_| false),
    };
    let content =
        clauses.into_iter().flatten().filter(|token| token.kind == crate::engine::text::tokens::Kind::Content);
    content.map(|token| token.key).collect()
}

fn names(text: &str, wanted: &[String], composer: &Composer<'_>, korean: bool) -> bool {
    let found = keys(text, composer, korean);
    wanted.iter().filter(|key| found.contains(key)).count() * 2 > wanted.len()
}

/// "I can't pay my rent" is "I can pay my rent"; "we have to refund by hand" is "we do not have to refund by hand".
fn english_opposite(text: &str) -> Option<String> {
    let text = text.trim().trim_end_matches(['.', '!', '?', ',']).replace('’', "'");
    let words: Vec<&str> = text.split_whitespace().collect();
    let subject = words.iter().position(|word| matches!(word.to_lowercase().as_str(), "i" | "we" | "i'm" | "im"))?;
    let who = if words[subject].eq_ignore_ascii_case("we") { "we" } else { "I" };
    let rest: Vec<String> = words[subject + 1..].iter().map(|word| word.to_lowercase()).collect();
    let rest: Vec<&str> = rest
        .iter()
        .map(String::as_str)
        .filter(|word| !matches!(*word, "still" | "now" | "always" | "also" | "just"))
        .collect();
    if rest.len() > 10 {
        return None;
    }
    let said = |words: &[&str]| (!words.is_empty()).then(|| words.join(" "));
    match rest.as_slice() {
        ["can't" | "cant" | "cannot" | "couldn't" | "couldnt", tail @ ..]
        | ["can" | "could", "not", tail @ ..]
        | ["am" | "are" | "was" | "were", "unable", "to", tail @ ..] => Some(format!("{who} can {}", said(tail)?)),
        ["have" | "had", "to", tail @ ..] | ["must" | "need", "to", tail @ ..] => {
            Some(format!("{who} do not have to {}", said(tail)?))
        }
        [
            verb @ ("lose" | "lost" | "losing" | "miss" | "missed" | "missing" | "waste" | "wasted" | "wasting"),
            tail @ ..,
        ] => Some(format!("{who} do not {} {}", lemma(verb, Tag::Verb), said(tail)?)),
        _ => None,
    }
}

/// `입금을 확인할 수 없어요` is `입금을 확인할 수 있도록`.
fn korean_opposite(text: &str) -> Option<String> {
    let before = ["수가 없", "수 없", "수도 없"].iter().find_map(|sign| Some(text.split_once(sign)?.0.trim_end()));
    if let Some(before) = before {
        return (before.split_whitespace().count() <= 6).then(|| format!("{before} 수 있도록"));
    }
    let (before, after) = text.split_once("못 ").or_else(|| text.split_once("못"))?;
    let before = before.trim();
    let makes = after.starts_with(['하', '해', '했', '합', '한', '함']) && !before.is_empty();
    let spoken = before.ends_with(['을', '를', '도']) || !before.contains(' ');
    (makes && spoken && before.split_whitespace().count() <= 5).then(|| format!("{before} 할 수 있도록"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_consequence_is_turned_into_its_opposite() {
        let english = |text| english_opposite(text).unwrap_or_default();
        assert_eq!(english("so I can't pay my rent"), "I can pay my rent");
        assert_eq!(english("we had to refund them by hand"), "we do not have to refund them by hand");
        assert_eq!(english("I missed my appointment"), "I do not miss my appointment");
        assert_eq!(english("this is terrible"), "");
        assert_eq!(korean_opposite("입금을 확인할 수 없어요").unwrap_or_default(), "입금을 확인할 수 있도록");
        assert_eq!(korean_opposite("출근을 못 했어요").unwrap_or_default(), "출근을 할 수 있도록");
    }
}
