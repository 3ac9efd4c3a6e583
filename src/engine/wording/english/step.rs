//! The step at which something happens, as a sentence names it.

use super::sentence::{SHORTEST, Sentence};
use crate::engine::text::tagging::Tag;

/// "after the update", "when I tap pay", "on checkout", "every time I open it".
pub(in crate::engine::wording) fn step(sentence: &Sentence<'_>) -> Option<String> {
    (0..sentence.words.len()).find_map(|at| {
        let end = sentence.end(at + 1);
        match sentence.word(at).as_str() {
            "while" if at > 0 && sentence.tag(at - 1) == Some(Tag::Determiner) => None,
            "when" | "whenever" | "while" | "once" => clause_step(sentence, at, end),
            "after" | "since" | "during" => named_step(sentence, at, end),
            "on" | "at" | "in" => place_step(sentence, at),
            "every" | "each"
                if sentence.is(at + 1, &["time"]) && sentence.is(at + 2, &["i", "we", "you", "someone"]) =>
            {
                sentence.part(at, clause_end(sentence, at + 1, end), SHORTEST)
            }
            _ => None,
        }
    })
}

/// "when I tap pay", "while uploading a photo".
fn clause_step(sentence: &Sentence<'_>, at: usize, end: usize) -> Option<String> {
    let asks = sentence.asks()
        || sentence.is(at + 1, &["will", "can", "do", "does", "did", "is", "are", "would", "should", "i'm"]);
    let person = sentence.is(
        at + 1,
        &["i", "we", "you", "customers", "users", "someone", "they", "he", "she", "trying", "my", "our", "the", "a"],
    );
    let doing = sentence
        .words
        .get(at + 1)
        .is_some_and(|_| sentence.word(at + 1).ends_with("ing") && sentence.tag(at + 1) == Some(Tag::Verb));
    let happens = (person && verb_within(sentence, at + 2, end)) || doing;
    // "when I was young", "once I have the money", "when it works": no step in the product.
    let hoped = (at..end).any(|n| sentence.is(n, &["will", "would", "can", "could", "should", "may", "won't", "wont"]));
    let vague = hoped
        || sentence.is(at + 2, &["was", "were", "am", "'m", "have", "had", "get", "got", "want", "need", "do", "does"]);
    let told = at > 0
        && sentence.is(
            at - 1,
            &[
                "and", "or", "know", "tell", "say", "explain", "clear", "ask", "asked", "until", "see", "remember",
                "sure",
            ],
        );
    (happens && !asks && !vague && !told).then(|| sentence.part(at, clause_end(sentence, at, end), SHORTEST)).flatten()
}

/// Where a clause ends that stands before the main clause without a comma: "when I pay by code | the camera freezes".
fn clause_end(sentence: &Sentence<'_>, at: usize, end: usize) -> usize {
    let subject = |n: usize| {
        sentence.is(n, &["it", "they", "i", "we", "he", "she", "this", "nothing", "everything"])
            || sentence.tag(n) == Some(Tag::Determiner)
            || sentence.is(n, &["my", "our", "your"])
    };
    let free = |n: usize| {
        !matches!(
            sentence.tag(n - 1),
            Some(Tag::Verb | Tag::Adposition | Tag::Auxiliary | Tag::Particle | Tag::Subordinator | Tag::Conjunction)
        )
    };
    let another = |n: &usize| {
        let acts = sentence.is(*n, &["i", "we", "he", "she", "they"])
            || (sentence.is(*n, &["it"]) && matches!(sentence.tag(*n + 1), Some(Tag::Verb | Tag::Auxiliary)));
        (acts && !sentence.is(*n - 1, &["and", "or", "that", "what"]) || subject(*n) && free(*n))
            && verb_within(sentence, at + 2, *n)
            && sentence.has_verb(*n + 1, end.min(*n + 5))
    };
    (at + 3..end).find(another).unwrap_or(end)
}

fn verb_within(sentence: &Sentence<'_>, from: usize, end: usize) -> bool {
    (from..end).any(|at| sentence.tag(at) == Some(Tag::Verb))
}

/// "after the update", "since version 4.2", "during checkout", "after updating".
fn named_step(sentence: &Sentence<'_>, at: usize, end: usize) -> Option<String> {
    let since_when = sentence.is(at, &["since"])
        && (sentence.is_person(at + 1) || sentence.is(at + 1, &["it", "they", "there", "when", "you"]));
    if sentence.asks() || since_when {
        return None;
    }
    let end = phrase_end(sentence, at + 1).filter(|found| *found <= end)?;
    // "since the code never came": a reason.
    if matches!(sentence.tag(end), Some(Tag::Verb | Tag::Auxiliary | Tag::Adverb)) && !sentence.begins(at) {
        return None;
    }
    let words = &sentence.words[at + 1..end];
    let named = words.iter().any(|word| matches!(word.tag, Tag::Noun | Tag::ProperNoun) && !is_time(&word.lemma));
    let acting = words.first().is_some_and(|word| word.tag == Tag::Verb) && sentence.word(at + 1).ends_with("ing");
    let timed = words.iter().any(|word| {
        is_time(&word.lemma) || word.tag == Tag::Pronoun && !["my", "our", "your", "its"].contains(&word.lemma.as_str())
    });
    ((named || acting) && !timed).then(|| sentence.part(at, end, 2)).flatten()
}

/// "on checkout", "at login", "in the payment screen": places in a product where something is done.
fn place_step(sentence: &Sentence<'_>, at: usize) -> Option<String> {
    let end = phrase_end(sentence, at + 1)?;
    let last = sentence.words.get(end.checked_sub(1)?)?;
    let is_step = STEPS.contains(&last.lemma.as_str()) && end - at <= 5;
    let (before, says_where) = (at.checked_sub(1), sentence.asks());
    let told = before.is_some_and(|before| {
        sentence.is(before, &["be", "get", "keep", "interested", "turn", "turning", "log", "sign", "switch", "set"])
    });
    (is_step && !says_where && !told).then(|| sentence.part(at, end, 2)).flatten()
}

/// Steps that products of many kinds have.
#[rustfmt::skip]
const STEPS: &[&str] = &[
    "checkout", "login", "startup", "start", "launch", "signup", "registration", "sign-up", "sign-in", "screen", "page", "checkin",
    "check-in", "upload", "download", "installation", "payment", "boot", "export", "import", "step", "form", "booking", "pickup",
];

/// The word after a noun phrase that begins here.
fn phrase_end(sentence: &Sentence<'_>, from: usize) -> Option<usize> {
    let inside = |at: usize| {
        matches!(sentence.tag(at), Some(Tag::Noun | Tag::ProperNoun | Tag::Adjective | Tag::Number | Tag::Determiner))
            || sentence.is(at, &["my", "our", "your", "its", "of", "to", "'s"])
            || (sentence.tag(at) == Some(Tag::Verb)
                && sentence.word(at).ends_with("ing")
                && !sentence.is(at, &["saying", "asking"]))
    };
    // "after the update the app": a second article begins another phrase.
    let is_article =
        |at: usize| sentence.tag(at) == Some(Tag::Determiner) || sentence.is(at, &["my", "our", "your", "its"]);
    let begins_next = |at: usize| {
        at > from && is_article(at) && matches!(sentence.tag(at - 1), Some(Tag::Noun | Tag::ProperNoun | Tag::Number))
    };
    let stops = |at: &usize| !inside(*at) || sentence.is_sign(*at) || begins_next(*at);
    let mut end = (from..sentence.words.len()).find(stops).unwrap_or(sentence.words.len());
    while end > from && (sentence.is(end - 1, &["of", "to"]) || sentence.tag(end - 1) == Some(Tag::Determiner)) {
        end -= 1;
    }
    (end > from).then_some(end)
}

fn is_time(lemma: &str) -> bool {
    [
        "day",
        "week",
        "month",
        "year",
        "hour",
        "minute",
        "second",
        "morning",
        "evening",
        "night",
        "noon",
        "time",
        "while",
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
        "yesterday",
        "today",
        "weekend",
        "moment",
        "min",
        "mins",
        "january",
        "february",
        "march",
        "april",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
        "christmas",
        "all",
        "lot",
        "call",
        "support",
        "attempt",
    ]
    .contains(&lemma)
}
