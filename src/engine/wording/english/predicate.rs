//! Predicates: a verb with its subject, negation, object and place, or an adjective after "be".

use super::noun_phrase::NounPhrase;
use super::words::Word;
use crate::engine::text::tagging::{self, Tag};

/// Who or what a predicate is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::engine::wording) enum Subject {
    /// The customer: "i", "we".
    Speaker,
    /// The team: "you".
    Team,
    /// "it", "they", "this".
    Other,
    /// A noun phrase.
    Named(NounPhrase),
    /// Nobody: "change my address", "not working".
    None,
}

/// What stands before a verb.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::engine::wording) struct Helpers {
    pub negated: bool,
    pub never: bool,
    /// "be" or "get".
    pub be: bool,
    pub have: bool,
    /// "do" in the present.
    pub does: bool,
    /// "do" in the past.
    pub did: bool,
    /// "can", "able to".
    pub can: bool,
    /// Another modal, or "to".
    pub modal: bool,
    /// "unable".
    pub unable: bool,
    /// A question: the helper stands before the subject.
    pub asked: bool,
}

/// A verb or adjective with what belongs to it.
#[derive(Clone, Debug)]
pub(in crate::engine::wording) struct Predicate {
    pub subject: Subject,
    pub helpers: Helpers,
    /// The verb, or the adjective after "be".
    pub verb: usize,
    /// Whether it is an adjective after "be".
    pub is_state: bool,
    /// "too", before an adjective.
    pub too: bool,
    pub object: Option<NounPhrase>,
    /// Whether there is an object that cannot be shown.
    pub has_hidden_object: bool,
    /// "in" of "log in", and adverbs that are shared: "twice", "late".
    pub after: Vec<usize>,
    /// Prepositions with their noun phrases.
    pub places: Vec<(usize, NounPhrase)>,
}

/// The predicates of a clause.
pub(in crate::engine::wording) fn predicates(words: &[Word<'_>], nouns: &[NounPhrase]) -> Vec<Predicate> {
    let all: Vec<&str> = words.iter().map(|word| word.lower.as_str()).collect();
    if !tagging::are_english(&all) {
        return Vec::new();
    }
    (0..words.len()).filter_map(|at| predicate(words, nouns, at)).collect()
}

fn predicate(words: &[Word<'_>], nouns: &[NounPhrase], at: usize) -> Option<Predicate> {
    let word = &words[at];
    let inside = nouns.iter().any(|noun| (noun.first..noun.end).contains(&at));
    if !word.shared || inside || !word.lower.is_ascii() {
        return None;
    }
    let is_state = word.tag == Tag::Adjective && words.get(at + 1).is_none_or(|next| !next.is_noun());
    if word.tag != Tag::Verb && !is_state {
        return None;
    }
    let (mut helpers, mut before) = helpers(words, at);
    let too = is_state && at > 0 && words[at - 1].lower == "too";
    if is_state && !helpers.be && !(helpers == Helpers::default() && follows_noun(words, nouns, before)) {
        return None;
    }
    // "the option to export": the option does not export.
    let infinitive = (0..at)
        .rev()
        .take_while(|n| words[*n].tag == Tag::Adverb || words[*n].lower == "to")
        .any(|n| words[n].lower == "to");
    let subject = match subject(words, nouns, &mut helpers, &mut before) {
        Subject::Named(_) if infinitive && !is_state => Subject::None,
        other => other,
    };
    let mut found = Predicate {
        subject,
        helpers,
        verb: at,
        is_state,
        too,
        object: None,
        has_hidden_object: false,
        after: Vec::new(),
        places: Vec::new(),
    };
    complete(words, nouns, &mut found);
    Some(found)
}

/// "refund missing"; not "loads slow" of "app loads slow".
fn follows_noun(words: &[Word<'_>], nouns: &[NounPhrase], before: Option<usize>) -> bool {
    let noun = nouns.iter().find(|noun| Some(noun.end) == before.map(|at| at + 1));
    noun.is_some_and(|noun| {
        let head = &words[noun.head].lower;
        !(head.ends_with('s') && tagging::can_be_verb(head))
    })
}

/// What stands before a verb, and the first word before all of it.
fn helpers(words: &[Word<'_>], verb: usize) -> (Helpers, Option<usize>) {
    let mut helpers = Helpers::default();
    let mut at = verb;
    while at > 0 {
        let word = &words[at - 1];
        let light = word.tag == Tag::Verb && word.is(LIGHT);
        let between = matches!(word.tag, Tag::Auxiliary | Tag::Particle)
            || word.is_negation()
            || light
            || word.is(&["unable", "able"]);
        let adverb =
            matches!(word.tag, Tag::Adverb) && !word.is(ASKING) && (!word.is_content() || word.lower.ends_with("ly"));
        if word.lower == "no" || !(between || adverb || word.is(&["too", "to"])) {
            break;
        }
        note(&mut helpers, word);
        at -= 1;
    }
    (helpers, at.checked_sub(1))
}

fn note(helpers: &mut Helpers, word: &Word<'_>) {
    let letters = word.letters();
    helpers.negated |= word.is_negation() && letters != "unable";
    helpers.never |= letters == "never";
    helpers.unable |= letters == "unable";
    let positive = match letters.as_str() {
        "cannot" | "cant" => "can",
        "wont" => "will",
        other => other.strip_suffix("nt").filter(|_| word.is_negation()).unwrap_or(other),
    };
    match positive {
        "is" | "are" | "was" | "were" | "am" | "be" | "been" | "being" | "get" | "got" | "gets" | "getting"
        | "gotten" => {
            helpers.be = true;
        }
        "has" | "have" | "had" => helpers.have = true,
        "did" => helpers.did = true,
        "can" | "could" | "able" => helpers.can = true,
        "will" | "would" | "should" | "may" | "might" | "must" | "to" => helpers.modal = true,
        "do" | "does" => helpers.does = true,
        _ => {}
    }
}

/// Verbs before another verb that say little themselves.
#[rustfmt::skip]
const LIGHT: &[&str] = &[
    "get", "gets", "got", "getting", "gotten", "keep", "keeps", "kept", "try", "tried", "trying", "want", "wanted", "wants", "need",
    "needed", "needs", "like", "love", "help", "let", "wanna", "gonna", "having", "have", "going", "start", "starts", "started",
    "wish", "looking",
];
const ASKING: &[&str] = &["how", "why", "where", "when"];

fn subject(words: &[Word<'_>], nouns: &[NounPhrase], helpers: &mut Helpers, before: &mut Option<usize>) -> Subject {
    let Some(at) = *before else { return Subject::None };
    let word = &words[at];
    let letters = word.letters();
    let ask = |helpers: &mut Helpers, first: usize| {
        // "why was my payment declined", "how do i change", "cant i export".
        let mut first = first;
        while first > 0 && (words[first - 1].tag == Tag::Auxiliary || words[first - 1].is_negation()) {
            note(helpers, &words[first - 1]);
            helpers.asked = true;
            first -= 1;
        }
    };
    match letters.as_str() {
        "i" | "we" | "im" | "ive" | "weve" | "id" | "were" => {
            helpers.be |= matches!(letters.as_str(), "im" | "were");
            helpers.have |= matches!(letters.as_str(), "ive" | "weve");
            ask(helpers, at);
            return Subject::Speaker;
        }
        "you" | "u" | "youve" => {
            ask(helpers, at);
            return Subject::Team;
        }
        "me" | "us" => return Subject::Team, // "help me change", "let me know".
        "it" | "its" | "they" | "theyve" | "he" | "she" | "this" | "that" | "thats" | "which" | "everything"
        | "nothing" => {
            ask(helpers, at);
            return Subject::Other;
        }
        _ => {}
    }
    let Some(noun) = nouns.iter().find(|noun| noun.end == at + 1) else { return Subject::None };
    // "the refund for my order was declined" is about the refund.
    let main = match noun.start.checked_sub(1).map(|p| (p, &words[p])) {
        Some((p, word)) if word.tag == Tag::Adposition => nouns.iter().find(|main| main.end == p),
        _ => Some(noun),
    };
    match main {
        Some(main) if !is_object(words, main) => {
            ask(helpers, main.start);
            Subject::Named(main.clone())
        }
        _ => Subject::None,
    }
}

/// Whether a noun phrase is the object of a verb before it: "want my card blocked".
fn is_object(words: &[Word<'_>], noun: &NounPhrase) -> bool {
    noun.start.checked_sub(1).is_some_and(|at| words[at].tag == Tag::Verb && words[at].is_content())
}

/// Finds what follows the verb.
fn complete(words: &[Word<'_>], nouns: &[NounPhrase], found: &mut Predicate) {
    let mut at = found.verb + 1;
    if is_particle(words, nouns, at) {
        found.after.push(at);
        at += 1;
    }
    while words.get(at).is_some_and(|word| word.is(&["me", "us", "it", "you", "them", "this", "that", "one", "u"])) {
        found.has_hidden_object |= !words[at].is(&["me", "us", "you", "u"]);
        at += 1;
    }
    if !found.is_state {
        match nouns.iter().find(|noun| noun.start == at) {
            Some(noun) => {
                at = noun.end;
                found.object = Some(noun.clone());
                found.has_hidden_object = false;
            }
            None => found.has_hidden_object |= hides_object(words, at),
        }
    }
    while let Some(word) = words.get(at) {
        let next = nouns.iter().find(|noun| noun.start == at + 1);
        match (word.tag, next) {
            (Tag::Adposition, Some(noun)) if !word.is_content() && found.places.len() < 2 && !noun.denied => {
                found.places.push((at, noun.clone()));
                at = noun.end;
            }
            (Tag::Adverb | Tag::Adjective, _) if word.shared && found.places.is_empty() && !found.is_state => {
                found.after.push(at);
                at += 1;
            }
            _ if word.is(&["just", "still", "now", "again", "so", "too", "really", "very", "anymore"]) => at += 1,
            _ => break,
        }
    }
}

/// Whether an object follows that is not shared.
fn hides_object(words: &[Word<'_>], at: usize) -> bool {
    let first = (at..words.len()).find(|at| words[*at].tag != Tag::Determiner && words[*at].tag != Tag::Pronoun);
    first.is_some_and(|first| {
        matches!(words[first].tag, Tag::Noun | Tag::ProperNoun | Tag::Adjective | Tag::Number | Tag::Verb)
    })
}

/// Whether a word belongs to the verb before it: "log in", "show up". "on" and "in" also stand before places.
fn is_particle(words: &[Word<'_>], nouns: &[NounPhrase], at: usize) -> bool {
    let Some(word) = words.get(at) else { return false };
    let phrasal = word.is(&["in", "on", "through", "over"]) && words[at - 1].is(PHRASAL);
    (phrasal || word.is(&["out", "up", "off", "down", "back"])) && !begins_noun(words, nouns, at + 1)
}

const PHRASAL: &[&str] = &[
    "log", "logging", "logged", "logs", "sign", "signing", "signed", "check", "checking", "turn", "turning", "turned",
    "switch", "opt", "clock", "plug", "go", "carry", "move",
];

fn begins_noun(words: &[Word<'_>], nouns: &[NounPhrase], at: usize) -> bool {
    nouns.iter().any(|noun| noun.start == at) || words.get(at).is_some_and(|word| word.tag == Tag::Determiner)
}
