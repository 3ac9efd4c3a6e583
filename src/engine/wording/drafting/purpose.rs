//! The purpose of a story, from consequences that several customers name.

use std::collections::{BTreeMap, HashSet};

use uuid::Uuid;

use crate::engine::text::korean_tokens::{Bare, korean_clauses};
use crate::engine::text::tagging::{Tag, lemma};
use crate::engine::text::tokens::english_clauses;
use crate::engine::wording::compose::Composer;
use crate::engine::wording::general::tables::{CONSEQUENCES, STAKES};
use crate::engine::wording::korean::opposite_ko;
use crate::engine::wording::said::Said;
use crate::engine::wording::wish::Wish;

/// The purpose: the opposite of a consequence of whose words each is shared by enough customers, named by at least two.
/// `None` where there is none.
pub(in crate::engine) fn purpose(said: &[(Uuid, Said)], composer: &Composer<'_>, korean: bool) -> Option<String> {
    let consequences: Vec<(Uuid, &str)> =
        said.iter().filter_map(|(by, said)| Some((*by, said.consequence.as_deref()?))).collect();
    let turned = consequences.iter().filter_map(|(_, text)| {
        let turned = if korean { opposite_ko::opposite(text) } else { english_opposite(text) }?;
        let keys = keys(&turned, composer, korean);
        let shared = !keys.is_empty() && keys.iter().all(|key| composer.is_shared(key));
        let by: HashSet<Uuid> =
            consequences.iter().filter(|(_, other)| names(other, &keys, composer, korean)).map(|(by, _)| *by).collect();
        (shared && by.len() > 1).then_some((by.len(), turned))
    });
    turned
        .max_by(|a, b| a.0.cmp(&b.0).then_with(|| b.1.len().cmp(&a.1.len())).then_with(|| b.1.cmp(&a.1)))
        .map(|(_, text)| text)
        .or_else(|| general(&consequences, composer, korean))
}

/// The share of the customers who must name a general consequence.
const SHARE: f32 = 0.06;

/// The opposite of a general consequence that at least two customers name, each in other words.
fn general(consequences: &[(Uuid, &str)], composer: &Composer<'_>, korean: bool) -> Option<String> {
    if matches!(composer.wish(), Some(Wish::Answer | Wish::Keep)) {
        return None;
    }
    let mut named: BTreeMap<usize, HashSet<Uuid>> = BTreeMap::new();
    let clauses = consequences.iter().map(|(by, text)| (*by, CONSEQUENCES.mentioned(text)));
    let texts = composer.members.iter().map(|member| (member.by, STAKES.mentioned(&member.text)));
    for (by, concepts) in clauses.chain(texts) {
        concepts.into_iter().for_each(|concept| _ = named.entry(concept).or_default().insert(by));
    }
    let all = composer.members.iter().map(|member| member.by).collect::<HashSet<_>>().len();
    let shared = named.into_iter().filter(|(_, by)| by.len() > 1 && by.len() as f32 >= SHARE * all as f32);
    let most = shared.max_by(|a, b| a.1.len().cmp(&b.1.len()).then(b.0.cmp(&a.0)));
    most.map(|(concept, _)| CONSEQUENCES.name(concept, usize::from(korean)).to_owned())
}

/// The content words of a text, as they are counted.
pub(super) fn keys(text: &str, composer: &Composer<'_>, korean: bool) -> Vec<String> {
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
    }
}
