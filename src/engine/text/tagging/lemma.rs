//! Lemmas: words without inflection, by rules and by what the dictionary knows; and inflected forms of lemmas.

use super::Tag;
use super::model::known;

/// The word without inflection.
pub(in crate::engine) fn lemma(word: &str, tag: Tag) -> String {
    let word = word.strip_suffix("'s").unwrap_or(word);
    match tag {
        Tag::Auxiliary => auxiliary(word),
        Tag::Verb => base_of_irregular(word).map_or_else(|| regular(word, Tag::Verb), str::to_owned),
        Tag::Noun | Tag::ProperNoun if word.ends_with('s') => regular(word, Tag::Noun),
        Tag::Noun => singular(word).map_or_else(|| word.to_owned(), str::to_owned),
        _ => word.to_owned(),
    }
}

fn auxiliary(word: &str) -> String {
    let letters: String = word.chars().filter(|c| *c != '\'').collect();
    let (positive, negated) = match letters.as_str() {
        "cannot" | "cant" => ("can", true),
        "wont" => ("will", true),
        "aint" => ("be", true),
        other => match other.strip_suffix("nt").filter(|rest| rest.len() > 1) {
            Some(rest) => (rest, true),
            None => (other, false),
        },
    };
    let base = match positive {
        "is" | "are" | "was" | "were" | "am" | "been" | "being" => "be",
        "has" | "had" => "have",
        "does" | "did" => "do",
        other => other,
    };
    if negated { format!("{base} not") } else { base.to_owned() }
}

/// The base of a regular form that the dictionary knows best; where it knows none, the likeliest.
fn regular(word: &str, tag: Tag) -> String {
    let found = bases(word);
    let known_as = |wanted: Option<Tag>| {
        let fits = |base: &&String| known(base).is_some_and(|found| wanted.is_none_or(|wanted| wanted == found));
        found.iter().find(fits)
    };
    let best = known_as(Some(tag)).or_else(|| known_as(None));
    if best.is_none() && known(word) == Some(tag) && !word.ends_with("ed") && !word.ends_with("ing") {
        return word.to_owned(); // "gas", "sms"
    }
    best.or_else(|| likeliest(word, &found)).cloned().unwrap_or_else(|| word.to_owned())
}

fn likeliest<'a>(word: &str, bases: &'a [String]) -> Option<&'a String> {
    if word.ends_with("ses") || word.ends_with("xes") || word.ends_with("ches") || word.ends_with("shes") {
        return bases.last();
    }
    bases.first()
}

/// The words of which a regular form may be: "charging" of "charg", "charge"; "stopped" of "stopp", "stop".
pub(super) fn bases(word: &str) -> Vec<String> {
    let voiced = |rest: &&str| rest.contains(['a', 'e', 'i', 'o', 'u', 'y']) && rest.is_ascii() && rest.len() >= 2;
    let cut = |ending: &str| word.strip_suffix(ending).filter(voiced).filter(|rest| rest.len() > 2 || ending != "ed");
    if let Some(rest) = cut("ies").or_else(|| cut("ied")) {
        return vec![format!("{rest}y"), format!("{rest}ie")];
    }
    if let Some(rest) = cut("ing").or_else(|| cut("ed")) {
        let bytes = rest.as_bytes();
        let doubled = bytes.len() > 2 && bytes[bytes.len() - 1] == bytes[bytes.len() - 2];
        return match doubled {
            true => vec![rest[..rest.len() - 1].to_owned(), rest.to_owned()],
            false => vec![rest.to_owned(), format!("{rest}e")],
        };
    }
    if word.ends_with("ss") || word.ends_with("us") || word.ends_with("is") {
        return Vec::new();
    }
    match (cut("s"), cut("es")) {
        (Some(short), Some(shorter)) => vec![short.to_owned(), shorter.to_owned()],
        (Some(short), None) => vec![short.to_owned()],
        _ => Vec::new(),
    }
}

/// The base of an irregular past tense or participle.
pub(in crate::engine) fn base_of_irregular(word: &str) -> Option<&'static str> {
    IRREGULAR
        .iter()
        .find(|(base, past, participle)| word != *base && (word == *past || word == *participle))
        .map(|v| v.0)
}

/// The past participle of a verb.
pub(in crate::engine) fn participle(base: &str) -> String {
    if let Some((_, _, participle)) = IRREGULAR.iter().find(|(known, _, _)| *known == base) {
        return (*participle).to_owned();
    }
    let doubled = |double: &str| known(double).is_some();
    match base.as_bytes() {
        [.., b'e'] => format!("{base}d"),
        [.., before, b'y'] if !b"aeiou".contains(before) => format!("{}ied", &base[..base.len() - 1]),
        [.., last] if last.is_ascii_alphabetic() => {
            let double = format!("{base}{}ed", *last as char);
            if doubled(&double) { double } else { format!("{base}ed") }
        }
        _ => format!("{base}ed"),
    }
}

/// The third person of a verb in the present tense: "crashes".
pub(in crate::engine) fn third_person(base: &str) -> String {
    match base {
        "have" => "has".to_owned(),
        "be" => "is".to_owned(),
        _ => with_s(base),
    }
}

/// A verb with the ending -s.
fn with_s(base: &str) -> String {
    let hisses = ["s", "x", "z", "ch", "sh"].iter().any(|end| base.ends_with(end)) || ["go", "do"].contains(&base);
    match base.as_bytes() {
        _ if hisses => format!("{base}es"),
        [.., before, b'y'] if !b"aeiou".contains(before) => format!("{}ies", &base[..base.len() - 1]),
        _ => format!("{base}s"),
    }
}

fn singular(word: &str) -> Option<&'static str> {
    [
        ("people", "person"),
        ("children", "child"),
        ("men", "man"),
        ("women", "woman"),
        ("feet", "foot"),
        ("data", "data"),
    ]
    .iter()
    .find(|(plural, _)| *plural == word)
    .map(|(_, singular)| *singular)
}

/// Irregular verbs: base, past tense, participle.
#[rustfmt::skip]
const IRREGULAR: &[(&str, &str, &str)] = &[
    ("be", "was", "been"), ("become", "became", "become"), ("begin", "began", "begun"), ("bend", "bent", "bent"),
    ("bite", "bit", "bitten"), ("blow", "blew", "blown"), ("break", "broke", "broken"), ("bring", "brought", "brought"),
    ("build", "built", "built"), ("burn", "burnt", "burnt"), ("buy", "bought", "bought"), ("catch", "caught", "caught"),
    ("choose", "chose", "chosen"), ("come", "came", "come"), ("cost", "cost", "cost"), ("cut", "cut", "cut"),
    ("deal", "dealt", "dealt"), ("do", "did", "done"), ("draw", "drew", "drawn"), ("drink", "drank", "drunk"),
    ("drive", "drove", "driven"), ("eat", "ate", "eaten"), ("fall", "fell", "fallen"), ("feel", "felt", "felt"),
    ("fight", "fought", "fought"), ("find", "found", "found"), ("fly", "flew", "flown"), ("forget", "forgot", "forgotten"),
    ("freeze", "froze", "frozen"), ("get", "got", "got"), ("give", "gave", "given"), ("go", "went", "gone"),
    ("grow", "grew", "grown"), ("hang", "hung", "hung"), ("have", "had", "had"), ("hear", "heard", "heard"),
    ("hide", "hid", "hidden"), ("hit", "hit", "hit"), ("hold", "held", "held"), ("hurt", "hurt", "hurt"),
    ("keep", "kept", "kept"), ("know", "knew", "known"), ("lay", "laid", "laid"), ("lead", "led", "led"),
    ("learn", "learnt", "learnt"), ("leave", "left", "left"), ("lend", "lent", "lent"), ("let", "let", "let"),
    ("lose", "lost", "lost"), ("make", "made", "made"), ("mean", "meant", "meant"), ("meet", "met", "met"),
    ("pay", "paid", "paid"), ("put", "put", "put"), ("quit", "quit", "quit"), ("read", "read", "read"),
    ("reset", "reset", "reset"), ("ride", "rode", "ridden"), ("ring", "rang", "rung"), ("rise", "rose", "risen"),
    ("run", "ran", "run"), ("say", "said", "said"), ("see", "saw", "seen"), ("sell", "sold", "sold"),
    ("send", "sent", "sent"), ("set", "set", "set"), ("shake", "shook", "shaken"), ("show", "showed", "shown"),
    ("shut", "shut", "shut"), ("sing", "sang", "sung"), ("sit", "sat", "sat"), ("sleep", "slept", "slept"),
    ("speak", "spoke", "spoken"), ("spend", "spent", "spent"), ("split", "split", "split"), ("stand", "stood", "stood"),
    ("steal", "stole", "stolen"), ("stick", "stuck", "stuck"), ("swim", "swam", "swum"), ("take", "took", "taken"),
    ("teach", "taught", "taught"), ("tear", "tore", "torn"), ("tell", "told", "told"), ("think", "thought", "thought"),
    ("throw", "threw", "thrown"), ("understand", "understood", "understood"), ("wake", "woke", "woken"),
    ("wear", "wore", "worn"), ("win", "won", "won"), ("withdraw", "withdrew", "withdrawn"), ("write", "wrote", "written"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verbs_are_inflected() {
        assert_eq!(
            ["decline", "stop", "send", "deny", "pay", "receive"].map(participle),
            ["declined", "stopped", "sent", "denied", "paid", "received"]
        );
        assert_eq!(
            ["crash", "close", "deny", "have", "pay"].map(third_person),
            ["crashes", "closes", "denies", "has", "pays"]
        );
    }
}
