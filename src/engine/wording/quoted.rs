//! Quote detection: whether a text for people outside the team quotes one of the customers.
//!
//! A built-in draft is checked by the rule by which it is composed: each content word must be shared, where users of words that
//! mean the same count for one that two customers use. In a text that a
//! person wrote, only runs of a customer's words count: four in a row (three in Korean, or the whole of a shorter
//! text), of which one word is used by too few customers.

use std::collections::{HashMap, HashSet};

use uuid::Uuid;

use super::compose::is_numbered;
use super::general::tables::is_own;
use super::same_meaning::{Meant, OWN_USERS, are_alike, written};
use crate::domain::base::text::fold;
use crate::engine::READ_LIMIT;
use crate::engine::text::morphology::{Tag, analyse};
use crate::engine::text::predicates;
use crate::engine::text::stop_words::KOREAN_STOP_WORDS;
use crate::engine::text::tokens::{NEGATIONS, is_function, stem};
use crate::engine::text::words::{is_hangul, is_korean};

/// This many words in a row are a quotation, not a coincidence.
const RUN: usize = 4;
const KOREAN_RUN: usize = 3;

/// A text to check.
#[derive(Clone, Debug)]
pub struct Outgoing {
    /// Its field: `title`, `texts/ko/entry`.
    pub field: String,
    pub text: String,
    /// Whether the built-in draft wrote it and no person edited it, so that all its words must be shared.
    pub drafted: bool,
}

/// Words of a text that may quote one customer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AtRisk {
    /// The field that contains them.
    pub field: String,
    /// The words.
    pub words: String,
}

/// Texts that are checked against what customers wrote.
pub struct Quoted {
    texts: Vec<Judged>,
    /// The positions of each stem: the text and the word.
    stems: HashMap<String, Vec<(usize, usize)>>,
    /// Korean words, which are found by their beginning.
    korean: Vec<(String, usize, usize)>,
    /// The positions of each stem of a Korean verb or adjective: 멈추 for 멈추지, which somebody said who wrote 멈춰요.
    korean_stems: HashMap<String, Vec<(usize, usize)>>,
    /// The positions of each run of words: the text and the first word.
    runs: HashMap<Vec<String>, Vec<(usize, usize)>>,
    lengths: HashSet<usize>,
    customers: HashSet<Uuid>,
    /// The content words of the drafted texts with their meanings, and of each word that was heard which of them mean the same.
    drafted: Vec<(Vec<Meant>, usize, usize)>,
    alike: HashMap<String, Vec<(usize, usize)>>,
}

struct Judged {
    outgoing: Outgoing,
    words: Vec<Judgement>,
    run: usize,
    /// The first words of the runs that a customer wrote.
    quoted_at: HashSet<usize>,
}

struct Judgement {
    word: String,
    content: bool,
    by: HashSet<Uuid>,
    /// Those who use a word that means the same.
    alike: HashSet<Uuid>,
}

impl Quoted {
    /// Prepares the texts to check.
    pub fn new(texts: Vec<Outgoing>) -> Self {
        let mut quoted = Quoted {
            texts: texts.into_iter().map(judged).collect(),
            stems: HashMap::new(),
            korean: Vec::new(),
            korean_stems: HashMap::new(),
            runs: HashMap::new(),
            lengths: HashSet::new(),
            customers: HashSet::new(),
            drafted: Vec::new(),
            alike: HashMap::new(),
        };
        for (n, text) in quoted.texts.iter().enumerate() {
            for (at, judgement) in text.words.iter().enumerate().filter(|(_, judgement)| judgement.content) {
                if judgement.word.contains(is_hangul) {
                    quoted.korean.push((judgement.word.clone(), n, at));
                    for stem in predicate_stems(&judgement.word) {
                        quoted.korean_stems.entry(stem).or_default().push((n, at));
                    }
                }
                quoted.stems.entry(stem(&judgement.word)).or_default().push((n, at));
                quoted.drafted.extend(text.outgoing.drafted.then(|| (written(&judgement.word), n, at)));
            }
            if text.words.len() >= 2 {
                for (at, run) in text.words.windows(text.run).enumerate() {
                    let run = run.iter().map(|judgement| judgement.word.clone()).collect();
                    quoted.runs.entry(run).or_default().push((n, at));
                }
                quoted.lengths.insert(text.run);
            }
        }
        quoted
    }

    /// Compares the texts with a text of a customer; `by` is the feedback's own id where the customer is unknown.
    pub fn hear(&mut self, by: Uuid, text: &str) {
        self.customers.insert(by);
        let words = words_of(text);
        let phrases = if is_korean(text) { predicates::phrases(text) } else { Vec::new() };
        for word in words.iter().chain(&phrases) {
            let found = self.stems.get(&stem(word)).into_iter().flatten().copied();
            let begins = |(known, _, _): &&(String, usize, usize)| same_korean_word(known, word);
            let korean = word.contains(is_hangul).then_some(&self.korean).into_iter().flatten();
            let found: Vec<(usize, usize)> =
                found.chain(korean.filter(begins).map(|(_, text, at)| (*text, *at))).collect();
            for (text, at) in found {
                self.texts[text].words[at].by.insert(by);
            }
        }
        let stems = if is_korean(text) { predicate_stems(text) } else { HashSet::new() };
        for (text, at) in stems.iter().filter_map(|stem| self.korean_stems.get(stem)).flatten() {
            self.texts[*text].words[*at].by.insert(by);
        }
        words.iter().for_each(|word| self.hear_alike(by, word));
        for length in &self.lengths {
            for run in words.windows(*length) {
                for (text, at) in self.runs.get(run).into_iter().flatten() {
                    self.texts[*text].quoted_at.insert(*at);
                }
            }
        }
    }

    /// Notes which words of drafted texts mean the same as a word of a customer.
    fn hear_alike(&mut self, by: Uuid, word: &str) {
        if self.drafted.is_empty() || !is_content(word) {
            return;
        }
        let drafted = &self.drafted;
        let alike = self.alike.entry(word.to_owned()).or_insert_with(|| {
            let heard = written(word);
            let alike = drafted.iter().filter(|(meant, ..)| are_alike(meant, &heard));
            alike.map(|(_, text, at)| (*text, *at)).collect()
        });
        for (text, at) in alike {
            self.texts[*text].words[*at].alike.insert(by);
        }
    }

    /// The words that may quote a customer.
    pub fn at_risk(&self) -> Vec<AtRisk> {
        let customers = self.customers.len();
        let needed = if customers < 6 { customers.div_ceil(2).max(2) } else { 3 };
        self.texts.iter().filter_map(|text| text.at_risk(needed)).collect()
    }
}

impl Judgement {
    /// Whether it is a content word that too few customers used. The fixed words of built-in texts quote nobody.
    fn is_of_too_few(&self, needed: usize) -> bool {
        let own = || OWN.contains(&self.word.as_str()) || predicates::is_phrase(&self.word);
        self.content && self.by.len() < needed && !own()
    }

    /// Whether at least two customers used it, and enough used it or a word that means the same.
    fn is_shared_by_meaning(&self, needed: usize) -> bool {
        self.by.len() >= OWN_USERS && self.by.union(&self.alike).count() >= needed
    }
}

impl Judged {
    fn at_risk(&self, needed: usize) -> Option<AtRisk> {
        let found = if self.outgoing.drafted { self.unshared(needed) } else { self.quoted(needed) };
        let field = self.outgoing.field.clone();
        (!found.is_empty()).then(|| AtRisk { field, words: found.join(", ") })
    }

    /// Words of a draft that too few customers share.
    fn unshared(&self, needed: usize) -> Vec<String> {
        if is_numbered(&self.outgoing.text) {
            return Vec::new();
        }
        let unshared = self
            .words
            .iter()
            .filter(|w| w.is_of_too_few(needed) && !w.is_shared_by_meaning(needed) && !is_own(&w.word));
        unshared.map(|judgement| judgement.word.clone()).collect()
    }

    /// Runs of a customer's words of which one is used by too few customers. A whole short text is a quotation only if
    /// one of its words is used by one customer alone.
    fn quoted(&self, needed: usize) -> Vec<String> {
        let usual = if is_korean(&self.outgoing.text) { KOREAN_RUN } else { RUN };
        let needed = if self.run < usual { 2 } else { needed };
        let mut starts: Vec<usize> = self.quoted_at.iter().copied().collect();
        starts.sort_unstable();
        let is_risky = |run: &&[Judgement]| run.iter().any(|w| w.is_of_too_few(needed));
        let runs = starts.iter().filter_map(|start| self.words.get(*start..start + self.run)).filter(is_risky);
        let shown = |run: &[Judgement]| run.iter().map(|w| w.word.as_str()).collect::<Vec<_>>().join(" ");
        runs.take(5).map(|run| format!("“{}”", shown(run))).collect()
    }
}

fn judged(outgoing: Outgoing) -> Judged {
    let words: Vec<Judgement> = words_of(&outgoing.text)
        .into_iter()
        .map(|word| Judgement { content: is_content(&word), word, by: HashSet::new(), alike: HashSet::new() })
        .collect();
    let usual = if is_korean(&outgoing.text) { KOREAN_RUN } else { RUN };
    let run = usual.min(words.len()).max(1);
    Judged { outgoing, words, run, quoted_at: HashSet::new() }
}

fn words_of(text: &str) -> Vec<String> {
    let folded = fold(text).replace(['\'', '’'], "");
    folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

fn is_content(word: &str) -> bool {
    let is_filler = is_function(word) || NEGATIONS.contains(&word) || KOREAN_STOP_WORDS.begin(word);
    word.chars().count() > 1 && !is_filler
}

/// The stems of the Korean verbs and adjectives in a text.
fn predicate_stems(text: &str) -> HashSet<String> {
    let read: String = text.chars().take(READ_LIMIT).collect();
    let predicates = analyse(&read).into_iter().filter(|morpheme| matches!(morpheme.tag, Tag::Vv | Tag::Va));
    predicates.map(|morpheme| morpheme.lemma.to_owned()).collect()
}

/// Whether two Korean words are the same up to a particle: 환불 and 환불이.
fn same_korean_word(a: &str, b: &str) -> bool {
    let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    short.chars().count() >= 2 && long.starts_with(short)
}

/// Words that this program adds around shared ones.
#[rustfmt::skip]
const OWN: &[&str] = &[
    "problem", "request", "question", "praise", "feedback", "관련", "문제", "요청", "문의", "칭찬", "의견",
    "customer", "customers", "solved", "asked", "clear", "answer", "stay", "stays", "good", "reported", "problems", "able", "more", "know",
    "find", "support", "available", "happens", "고객", "해결되기를", "원합니다", "요청이", "반영되기를", "질문에", "명확한", "답을", "좋은", "점이",
    "유지되기를", "알린", "문제가", "관련", "이용할", "있기를", "않기를", "없기를", "대해", "쉽게", "지금처럼", "있도록", "되기를", "하지", "되지",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn risks(text: &str, drafted: bool, said: &[&str]) -> Vec<String> {
        let outgoing = Outgoing { field: "title".to_owned(), text: text.to_owned(), drafted };
        let mut quoted = Quoted::new(vec![outgoing]);
        for (n, said) in said.iter().enumerate() {
            quoted.hear(Uuid::from_u128(n as u128 + 1), said);
        }
        quoted.at_risk().into_iter().map(|risk| risk.words).collect()
    }

    const SAID: [&str; 4] = [
        "Login page rejects iris scan since Monday, Hannah here",
        "the login page rejects my iris scan",
        "iris scan is rejected at login",
        "login page: iris scan rejected",
    ];

    #[test]
    fn a_draft_of_shared_words_quotes_nobody_and_one_sentence_of_a_customer_does() {
        assert!(risks("Login page rejects iris scan", true, &SAID).is_empty());
        assert_eq!(risks("Login page rejects iris scan since Monday", true, &SAID), ["monday"]);
        assert!(risks("Request 12", true, &SAID).is_empty() && risks("문의 3", true, &SAID).is_empty());
        assert!(
            risks("연결음 외웠음", true, &["연결음 외웠음 ㅋㅋ", "상담원 연결 안 됨", "고객센터 연결"])[0]
                .contains("외웠음")
        );
    }

    #[test]
    fn a_word_of_two_customers_is_shared_with_those_who_use_another_of_the_same_meaning() {
        let said = ["voucher again", "my voucher", "쿠폰 오류", "a", "b", "c"];
        assert!(risks("Voucher", true, &said).is_empty());
        assert_eq!(risks("Voucher", true, &["my voucher", "쿠폰 오류", "쿠폰 또", "x", "y", "z"]), ["voucher"]);
        assert_eq!(risks("Voucher", true, &["my voucher", "voucher", "a", "b", "c", "d"]), ["voucher"]);
    }

    #[test]
    fn a_korean_verb_counts_as_shared_in_any_of_its_forms() {
        let said = ["등록 화면이 멈춥니다", "등록 화면에서 멈췄어요", "등록 화면 멈춤"];
        assert!(risks("등록 화면이 멈추지 않기를", true, &said).is_empty());
        assert_eq!(risks("등록 화면이 깜빡이지 않기를", true, &said), ["깜빡이지"]);
    }

    #[test]
    fn what_people_write_is_refused_only_where_it_repeats_a_customer() {
        assert!(risks("Iris scans work at every login", false, &SAID).is_empty());
        assert_eq!(risks("Rejects iris scan since Monday, fixed", false, &SAID).len(), 1);
        assert!(risks("Login page rejects iris scan", false, &SAID).is_empty(), "many say so");
        let korean = ["엄마 환갑 잔치 전에 환불 받고 싶어요", "환불이 안 들어와요", "환불 언제 되나요"];
        assert_eq!(risks("엄마 환갑 잔치 전에 환불", false, &korean).len(), 1);
        assert!(risks("환불 예정일 표시", false, &korean).is_empty());
    }

    #[test]
    fn a_short_title_that_is_all_one_customers_is_a_quotation() {
        assert_eq!(risks("Marrow butchers", false, &["Marrow butchers again", "nothing", "else"]).len(), 1);
        assert!(risks("Dark mode", false, &["dark mode please", "Dark mode!", "x", "y", "z", "w"]).is_empty());
    }
}
