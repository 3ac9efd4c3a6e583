//! The wording of English verb phrases and qualities in statements.

use super::statement_words::{Word, determined, is_plural, joined};
use crate::engine::text::tagging::{Tag, lemma};

/// A verb phrase by the base of its verb, with an article before a singular object: "resetting password" is "reset the
/// password".
pub(in crate::engine) fn verb_phrase(words: &[Word]) -> String {
    let base = lemma(&words[0].lower, Tag::Verb);
    let particles = words[1..].iter().take_while(|word| word.is(PARTICLES) || word.is(&["in", "on"])).count();
    let (particles, object) = words[1..].split_at(particles);
    let end = object.iter().position(|word| !matches!(word.tag, Tag::Noun | Tag::Adjective)).unwrap_or(object.len());
    let (named, rest) = object.split_at(end);
    // "change and cancel", "log in": no object, or more than one.
    let bare = named.last().is_some_and(Word::is_noun)
        && !is_plural(named)
        && !named[0].is(UNCOUNTED)
        && !rest.first().is_some_and(|word| matches!(word.tag, Tag::Conjunction | Tag::Number | Tag::ProperNoun));
    let object = match bare {
        true if is_lower(named) && particles.is_empty() && MAKING.contains(&base.as_str()) => {
            format!("{} {}", article(named), joined(named))
        }
        true => determined(named),
        false => joined(named),
    };
    let parts = [base, joined(particles), object, joined(rest)];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

/// Words that name no countable thing, or a quantity.
#[rustfmt::skip]
pub(in crate::engine) const UNCOUNTED: &[&str] = &[
    "money", "cash", "support", "help", "access", "information", "music", "time", "dark", "offline", "multiple", "more", "less", "all",
    "several", "other", "different", "unlimited", "free", "food", "work", "insurance", "customer", "live", "real", "both", "each", "any",
    "feedback", "data", "traffic", "weather", "news", "advice", "luggage", "baggage", "cashback", "credit", "interest",
];

/// Verbs of what is not there before: "create an account".
const MAKING: &[&str] = &[
    "add", "book", "buy", "create", "get", "make", "open", "order", "place", "purchase", "rent", "request", "reserve",
    "schedule", "send", "set", "submit", "write",
];

fn is_lower(words: &[Word]) -> bool {
    words.iter().all(|word| word.shown.chars().all(|c| !c.is_uppercase()))
}

fn article(words: &[Word]) -> &'static str {
    let vowel = words.first().is_some_and(|word| word.lower.starts_with(['a', 'e', 'i', 'o', 'u']));
    if vowel && !words[0].lower.starts_with("use") && !words[0].lower.starts_with("uni") { "an" } else { "a" }
}

/// Words that belong to the verb before them: "set up".
pub(in crate::engine) const PARTICLES: &[&str] = &["up", "out", "off", "down", "back", "over"];

/// "be wrong" is to be "be correct".
pub(in crate::engine) fn opposite(base: &[String]) -> Option<Vec<String>> {
    let [be, quality, rest @ ..] = base else { return None };
    let turned = OPPOSITES.iter().find(|(bad, _)| be == "be" && bad == quality).map(|(_, good)| *good)?;
    Some([vec![be.clone(), turned.to_owned()], rest.to_vec()].concat())
}

/// Qualities whose absence has a plain word.
const OPPOSITES: &[(&str, &str)] = &[
    ("wrong", "correct"),
    ("incorrect", "correct"),
    ("inaccurate", "accurate"),
    ("slow", "fast"),
    ("late", "on time"),
    ("dirty", "clean"),
    ("rude", "polite"),
    ("noisy", "quiet"),
    ("cold", "warm"),
    ("confusing", "clear"),
    ("unclear", "clear"),
    ("unavailable", "available"),
    ("blurry", "sharp"),
    ("invalid", "valid"),
    ("outdated", "up to date"),
    ("unreliable", "reliable"),
];

#[cfg(test)]
mod tests {
    use super::super::statement::Usage;
    use super::super::statement_words::words_of;
    use super::*;

    struct Plain;

    impl Usage for Plain {
        fn is_proper(&self, _: &str) -> bool {
            false
        }
        fn is_verb(&self, _: &str) -> bool {
            false
        }
    }

    #[test]
    fn a_singular_object_has_an_article() {
        for (title, phrase) in [
            ("change address", "change the address"),
            ("cancelling order", "cancel the order"),
            ("create account", "create an account"),
            ("export transactions", "export transactions"),
            ("transfer money into account", "transfer money into account"),
            ("log in", "log in"),
            ("export to Excel", "export to Excel"),
            ("change my address", "change my address"),
            ("contact customer support", "contact customer support"),
        ] {
            assert_eq!(verb_phrase(&words_of(title, &Plain)), phrase, "{title}");
        }
    }

    #[test]
    fn a_bad_quality_has_a_plain_opposite() {
        let of = |words: &[&str]| opposite(&words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>());
        assert_eq!(of(&["be", "wrong"]).map(|words| words.join(" ")).as_deref(), Some("be correct"));
        assert_eq!(of(&["be", "pending"]), None);
        assert_eq!(of(&["go", "wrong"]), None);
    }
}
