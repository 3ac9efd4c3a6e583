//! English part-of-speech tags and lemmas.
//!
//! A tagger after Eric Brill: each word gets its most frequent tag, and rules correct the tags by their neighbours. Words
//! and rules are those of `harper-brill` (Apache-2.0), in `english.txt`; `tools/fit_english_tagger.py` writes that file.
//! Customers write in lower case, without apostrophes and with typing errors: what the dictionary does not know is guessed
//! by its ending, and a few rules of our own settle which words are verbs in short requests.
//!
//! ```text
//! text -> words -> dictionary or guess -> rules of the model -> rules for requests -> lemmas
//! ```

mod context;
mod lemma;
mod model;
mod unknown;

pub(in crate::engine) use lemma::{base_of_irregular, lemma, participle, third_person};
pub(in crate::engine) use unknown::{can_be_verb, is_only_noun};

/// A part of speech, as in Universal Dependencies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(in crate::engine) enum Tag {
    Adjective,
    /// A preposition, or the particle of a verb: "after", "log in".
    Adposition,
    Adverb,
    /// "be", "have", "do" before a verb, and modals, also with a negation: "isn't", "cant".
    Auxiliary,
    Conjunction,
    Determiner,
    Interjection,
    Noun,
    Number,
    /// "to" before a verb, "not".
    Particle,
    Pronoun,
    ProperNoun,
    Punctuation,
    /// "because", "when", "if".
    Subordinator,
    Symbol,
    Verb,
}

/// A word of a text with its tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::engine) struct Tagged {
    /// The first byte in the text.
    pub start: usize,
    /// The byte after the last.
    pub end: usize,
    pub tag: Tag,
    /// The word without inflection, in lower case. Negated auxiliaries keep their negation: "isn't" is "be not".
    pub lemma: String,
}

/// The words and signs of a text with their tags.
pub(in crate::engine) fn tag(text: &str) -> Vec<Tagged> {
    let places = places(text);
    let words: Vec<String> = places.iter().map(|(start, end)| plain(&text[*start..*end])).collect();
    let tags = tags(&words.iter().map(String::as_str).collect::<Vec<_>>());
    let tagged = |(((start, end), word), tag): (((usize, usize), String), Tag)| {
        let lemma = lemma(&word, tag);
        Tagged { start, end, tag, lemma }
    };
    places.into_iter().zip(words).zip(tags).map(tagged).collect()
}

/// The tags of words that stand in a row. They are in lower case, with straight apostrophes or none.
pub(in crate::engine) fn tags(words: &[&str]) -> Vec<Tag> {
    let mut tags: Vec<Tag> = words.iter().map(|word| unknown::known_or_guessed(word)).collect();
    model::correct(words, &mut tags);
    context::correct(words, &mut tags);
    tags
}

/// Whether most of the words are English, so that their grammar can be trusted.
pub(in crate::engine) fn are_english(words: &[&str]) -> bool {
    2 * words.iter().filter(|word| unknown::is_known(word)).count() >= words.len()
}

/// A word in the form in which the dictionary has it.
pub(in crate::engine) fn plain(word: &str) -> String {
    word.to_lowercase().replace(['’', '‘', '`', '´'], "'")
}

/// Where the words and the signs of a text are: letters and digits with apostrophes, full stops and hyphens inside, or one
/// sign.
fn places(text: &str) -> Vec<(usize, usize)> {
    let mut found: Vec<(usize, usize)> = Vec::new();
    let mut inside = false;
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let end = at + c.len_utf8();
        let joins = "'’‘.-,".contains(c) && inside && chars.peek().is_some_and(|(_, next)| next.is_alphanumeric());
        let joins = joins && (c != ',' || chars.peek().is_some_and(|(_, next)| next.is_numeric()));
        match c {
            _ if c.is_alphanumeric() || joins => match found.last_mut().filter(|_| inside) {
                Some(last) => last.1 = end,
                None => found.push((at, end)),
            },
            _ if c.is_whitespace() || c.is_control() => {}
            _ => found.push((at, end)),
        }
        inside = c.is_alphanumeric() || joins;
    }
    found
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// "app:N crashes:V", with a letter for each tag.
    fn shown(text: &str) -> String {
        let letter = |tag| match tag {
            Tag::Adjective => "A",
            Tag::Adposition => "P",
            Tag::Adverb => "R",
            Tag::Auxiliary => "X",
            Tag::Noun | Tag::ProperNoun => "N",
            Tag::Verb => "V",
            Tag::Pronoun => "I",
            Tag::Determiner => "D",
            Tag::Particle => "T",
            Tag::Subordinator => "S",
            _ => "-",
        };
        let word = |found: &Tagged| format!("{}:{}", &text[found.start..found.end], letter(found.tag));
        tag(text).iter().map(word).collect::<Vec<_>>().join(" ")
    }

    fn lemmas(text: &str) -> Vec<String> {
        tag(text).into_iter().map(|found| found.lemma).collect()
    }

    #[test]
    fn requests_and_troubles_are_tagged_as_people_write_them() {
        for expected in [
            "my:I refund:N still:R hasnt:X arrived:V",
            "app:N wont:X open:V after:P update:N",
            "how:R do:X i:I change:V my:I address:N",
            "i:I was:X charged:V twice:R",
            "transfer:V the:D money:N to:P my:I account:N",
            "the:D transfer:N was:X declined:V",
            "i:I cant:X login:V",
            "webhooks:N delivered:V twice:R",
            "double:A charge:N on:P my:I card:N",
            "app:N crashes:V at:P start:N",
        ] {
            let text: Vec<&str> = expected.split(' ').map(|word| &word[..word.len() - 2]).collect();
            assert_eq!(shown(&text.join(" ")), expected);
        }
    }

    #[test]
    fn lemmas_are_found_by_rules_and_by_what_the_dictionary_knows() {
        assert_eq!(lemmas("He stopped charging fees"), ["he", "stop", "charge", "fee"]);
        assert_eq!(lemmas("it isn't delivered"), ["it", "be not", "deliver"]);
        assert_eq!(lemmas("the boxes were sent"), ["the", "box", "be", "send"]);
        assert_eq!(lemmas("cant sync calendars"), ["can not", "sync", "calendar"]);
    }

    #[test]
    fn other_languages_are_known_to_be_others() {
        let is_english = |text: &str| are_english(&text.split(' ').collect::<Vec<_>>());
        assert!(is_english("app wont open after update") && is_english("paylo keeps crashing on my pixel"));
        assert!(
            !is_english("die app stürzt nach dem update ab")
                && !is_english("no funciona la aplicación después de actualizar")
        );
    }

    #[test]
    fn words_and_signs_have_their_places() {
        let text = "Won’t open (v4.2)!";
        let places: Vec<&str> = tag(text).iter().map(|found| &text[found.start..found.end]).collect();
        assert_eq!(places, ["Won’t", "open", "(", "v4.2", ")", "!"]);
    }

    proptest! {
        #[test]
        fn any_text_is_tagged_in_order(text in "\\PC{0,80}|[\\x00-\\x{10ffff}]{0,40}") {
            let found = tag(&text);
            prop_assert!(found.windows(2).all(|pair| pair[0].end <= pair[1].start));
            prop_assert!(found.iter().all(|word| !text[word.start..word.end].trim().is_empty()));
        }
    }
}
