//! The words of a Korean text, with the ends of its clauses and sentences.

use crate::engine::text::morphology::{Morpheme, Tag};

/// A word between white space, without the marks around it.
#[derive(Clone, Copy)]
pub(super) struct Word {
    pub start: usize,
    pub end: usize,
    /// Its morphemes.
    pub from: usize,
    pub to: usize,
    pub ends_clause: bool,
    pub ends_sentence: bool,
}

/// The words of a text with the ends of its clauses and sentences.
pub(super) fn words(found: &[Morpheme<'_>]) -> Vec<Word> {
    let mut words: Vec<Word> = Vec::new();
    let mut last_end = 0;
    for (at, morpheme) in found.iter().enumerate() {
        let marks_sentence = morpheme.tag == Tag::Sf
            || (morpheme.tag == Tag::Sy && morpheme.lemma.starts_with(['.', '!', '?', '~', 'ㅠ', 'ㅜ', 'ㅋ', 'ㅎ']));
        if morpheme.tag.is_mark() {
            if let Some(word) = words.last_mut() {
                word.ends_sentence |= marks_sentence;
                word.ends_clause |= morpheme.tag == Tag::Sc;
            }
        } else if let Some(word) = words.last_mut().filter(|word| morpheme.start <= last_end && word.to == at) {
            (word.end, word.to) = (morpheme.end, at + 1);
        } else {
            let (start, end) = (morpheme.start, morpheme.end);
            words.push(Word { start, end, from: at, to: at + 1, ends_clause: false, ends_sentence: false });
        }
        last_end = morpheme.end;
    }
    for n in 0..words.len() {
        let next = words.get(n + 1).and_then(|next| found.get(next.from));
        let word = &mut words[n];
        let Some(last) = found.get(word.to - 1) else { continue };
        word.ends_sentence |= is_final(found, word) || next.is_none();
        word.ends_clause |= word.ends_sentence || is_connective(last, next);
    }
    words
}

/// Whether a word ends a sentence: 안 돼요, 합니다. The analysis often takes a final ending for a connective one.
fn is_final(found: &[Morpheme<'_>], word: &Word) -> bool {
    let Some(last) = found.get(word.to - 1) else { return false };
    let polite = |m: &Morpheme<'_>| m.lemma.ends_with('요') || m.lemma.ends_with("니다") || m.lemma.ends_with("니까");
    let inflected = found[word.from..word.to].iter().any(|m| m.tag.is_ending());
    let sure = last.tag == Tag::Ef && last.lemma != "지" && !last.lemma.ends_with('다');
    sure || (inflected && polite(last) && last.lemma != "니까" && last.lemma != "으니까")
}

/// Whether a morpheme connects clauses, not a verb and its auxiliary (하고 있다, 해 보다, 하지 않다).
fn is_connective(last: &Morpheme<'_>, next: Option<&Morpheme<'_>>) -> bool {
    let auxiliary = next.is_some_and(|next| next.tag == Tag::Vx || matches!(next.lemma, "있" | "않" | "나" | "싶"));
    let sure = ["서", "데", "지만", "면", "느라", "니까", "더니", "도", "자마자", "며"];
    last.tag == Tag::Ec && (sure.iter().any(|end| last.lemma.ends_with(end)) || (last.lemma == "고" && !auxiliary))
}
