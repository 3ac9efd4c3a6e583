//! English statements: the grammar of a title in English.

use super::phrasing_en::{PARTICLES, UNCOUNTED, opposite, verb_phrase};
use super::question_en::{QUESTIONS, question};
use super::statement::{Statement, Usage};
use super::statement_words::{Word, agrees, determined, finite, is_plural, is_trouble, joined, letters, words_of};
use super::verbs::{BADLY, GOOD, INTRANSITIVE, PROBLEMS, TROUBLES};
use crate::engine::text::tagging::{Tag, can_be_verb, lemma};
use crate::engine::wording::general::tables::TROUBLES as TROUBLES_IN_GENERAL;
use crate::engine::wording::wish::Wish;

/// The statement of a title, if its grammar is understood.
pub(in crate::engine) fn statement(title: &str, wish: Wish, usage: &dyn Usage) -> Option<Statement> {
    let title = title.trim().trim_end_matches(['.', '?', '!']);
    if let Some((about, matter)) = ABOUT.iter().find_map(|about| Some((*about, title.strip_prefix(about)?))) {
        return Some(about_matter(about, matter, wish));
    }
    let words = words_of(title, usage);
    let words = without_asking(&words);
    let first = words.first()?;
    let denied = words.get(1).is_some_and(Word::is_negation);
    if first.is(QUESTIONS) || (!denied && first.tag == Tag::Auxiliary && !first.is_negation() && words.len() > 2) {
        return question(words);
    }
    // "failed payment" says that the payment failed.
    if wish == Wish::Fix
        && first.is_participle()
        && is_trouble(first)
        && words.len() > 1
        && words[1..].iter().all(Word::is_noun)
    {
        let turned = [&words[1..], &words[..1]].concat();
        return clause(&turned, turned.len() - 1, wish);
    }
    // "booking is not received": a noun, whatever the tagger says.
    let names = first.lower.ends_with("ing")
        && words.get(1).is_some_and(|word| word.tag == Tag::Auxiliary || word.is(&["is", "are"]));
    // "speed up talking": a verb with its particle, whatever the tagger says.
    let phrasal = can_be_verb(&first.lower) && words.get(1).is_some_and(|word| word.is(PARTICLES)) && words.len() > 2;
    if phrasal && first.tag == Tag::Noun && wish != Wish::Fix {
        return begins_with_verb(words, wish);
    }
    let verb = if names { Some(1) } else { words.iter().position(Word::is_verbal) };
    match verb {
        Some(0) => begins_with_verb(words, wish),
        Some(at) if names || words[..at].iter().any(|word| word.is_noun() || word.tag == Tag::Pronoun) => {
            clause(words, at, wish)
        }
        _ => noun_phrase(words, wish),
    }
}

/// The beginnings of titles around a word.
const ABOUT: &[&str] = &["Problem with ", "Request about ", "Question about ", "Praise for ", "Feedback about "];

fn about_matter(about: &str, matter: &str, wish: Wish) -> Statement {
    let matter = matter.to_owned();
    match (about, wish) {
        ("Problem with ", _) | ("Feedback about ", Wish::Fix) => Statement::Without { matter },
        ("Request about ", _) | ("Feedback about ", Wish::Build) => Statement::Asked { matter },
        ("Question about ", _) | ("Feedback about ", Wish::Answer) => {
            Statement::Know { matter: format!("about {matter}") }
        }
        _ => Statement::Stay { matter },
    }
}

/// The words without "I want to", "please add", "option to" at the beginning.
fn without_asking(words: &[Word]) -> &[Word] {
    let mut rest = words;
    let joins = words.iter().skip(1).any(|word| word.is(&["to"]));
    // "support does not answer" asks for nothing.
    while rest.len() > 1
        && !(rest[0].is(&["support"]) && rest[1].tag == Tag::Auxiliary)
        && !(joins && rest[0].is(&["add"]))
        && (rest[0].is(ASKING) || (rest.len() < words.len() && rest[0].is(&["to", "for", "a", "an"])))
    {
        rest = &rest[1..];
    }
    rest
}

const ASKING: &[&str] = &[
    "i",
    "we",
    "need",
    "want",
    "wanted",
    "wish",
    "would",
    "like",
    "please",
    "request",
    "option",
    "ability",
    "looking",
    "add",
    "trying",
    "support",
    "possibility",
    "id",
    "i'd",
];

/// What a company does to its customers: "not refunded" says that they were not refunded, not that they did not refund.
pub(in crate::engine) const DONE_TO_CUSTOMERS: &[&str] = &[
    "answered",
    "billed",
    "called",
    "charged",
    "compensated",
    "contacted",
    "credited",
    "helped",
    "informed",
    "notified",
    "paid",
    "refunded",
    "reimbursed",
    "told",
];

/// Whether a word at the beginning of an act denies it: "not", "cannot", "unable to".
fn is_refusal(word: &Word) -> bool {
    word.is_negation() || word.tag == Tag::Auxiliary || word.is(&["unable", "to", "able", "be"])
}

/// An act that customers cannot do, or that does not happen to them.
fn refused_act(refusal: &[Word], rest: &[Word]) -> Option<Statement> {
    rest.first().filter(|word| word.tag == Tag::Verb || word.lower.ends_with("ing"))?;
    let able = refusal
        .iter()
        .any(|word| word.is(&["unable", "cannot", "can", "able"]) || letters(&word.lower).starts_with("can"));
    if !able && rest[0].is_participle() && DONE_TO_CUSTOMERS.contains(&rest[0].lower.as_str()) {
        let said = joined(rest);
        return Some(Statement::Customers { request: format!("to be {said}"), observed: format!("are {said}") });
    }
    let verb = verb_phrase(rest);
    if GOOD.contains(&verb.as_str()) && !able {
        // "not working": of something that the title does not name.
        return None;
    }
    Some(match able {
        true => Statement::Able { verb },
        false => Statement::Customers { request: format!("to {verb}"), observed: verb },
    })
}

/// "change the address", "not receiving the code", "charged twice", "unable to log in".
fn begins_with_verb(words: &[Word], wish: Wish) -> Option<Statement> {
    let refused = words.iter().take_while(|word| is_refusal(word)).count();
    if refused > 0 {
        return refused_act(&words[..refused], &words[refused..]);
    }
    let second = words.get(1);
    if words[0].is_participle() {
        if second.is_some_and(|word| word.is_noun() || word.lower.ends_with("ing")) {
            return noun_phrase(words, wish);
        }
        let said = joined(words);
        return (wish == Wish::Fix).then(|| Statement::Customers {
            request: format!("not to be {said}"),
            observed: format!("are not {said}"),
        });
    }
    // "offers and referral programs", "charge for a card": nouns that may be verbs elsewhere.
    let is_name = second.is_some_and(|word| {
        word.tag == Tag::Conjunction || (wish == Wish::Answer && word.is(&["for", "of", "during", "between"]))
    });
    if words.len() == 1 || is_name || (wish == Wish::Fix && is_trouble(&words[0])) {
        return noun_phrase(words, wish);
    }
    if words.len() == 2 && words[0].lower.ends_with("ing") && second.is_some_and(|word| word.tag == Tag::Adjective) {
        return adjective(&words[..1], &words[1..], wish);
    }
    // "opening time", "resetting the password" name a matter, and an order only where something is asked for.
    if words[0].lower.ends_with("ing") && (words.len() == 2 || wish != Wish::Build) {
        return noun_phrase(words, wish);
    }
    // "update the app crashes": a clause follows, and the whole is no order.
    let is_second = |word: &Word| {
        word.tag == Tag::Verb && lemma(&word.lower, Tag::Verb) != word.lower && !word.lower.ends_with("ing")
    };
    if words[1..].iter().any(is_second)
        && !words.iter().any(|word| matches!(word.tag, Tag::Subordinator | Tag::Pronoun))
    {
        return None;
    }
    let verb = verb_phrase(words);
    Some(match wish {
        Wish::Answer => Statement::Know { matter: format!("how to {verb}") },
        _ => Statement::Able { verb },
    })
}

/// The verb of a clause as it is understood.
struct Event {
    negated: bool,
    /// The verb's base with what follows: "close after an update", "be declined".
    base: Vec<String>,
}

/// Whether a word says that something is not as it should be.
fn is_unwelcome(word: &Word) -> bool {
    let named = ["cancelled", "canceled", "stolen", "pending", "expired", "locked", "deducted", "overdue"];
    is_trouble(word) || word.is(&named) || !TROUBLES_IN_GENERAL.mentioned(&word.lower).is_empty()
}

/// "the app closes after an update", "card declined", "refund not received".
fn clause(words: &[Word], at: usize, wish: Wish) -> Option<Statement> {
    let (subject, rest) = words.split_at(at);
    // "crash when opening the app", "transfer limit": no verb belongs to the noun.
    let apart = subject.iter().any(|word| word.tag == Tag::Subordinator || word.is(&["when", "while", "if"]));
    if apart || (rest[0].tag == Tag::Verb && !agrees(&rest[0], subject)) {
        return noun_phrase(words, wish);
    }
    if rest[0].is(&["have", "are", "do", "were"]) && !agrees(&rest[0], subject) {
        return None;
    }
    // "reactivate lost card": a verb that the dictionary lacks.
    if at == 1 && rest[0].is_participle() && rest.get(1).is_some_and(Word::is_noun) && wish != Wish::Fix {
        return Some(Statement::Know { matter: format!("how to {}", joined(words)) }).filter(|_| wish == Wish::Answer);
    }
    let event = event(rest)?;
    let me = subject.len() == 1 && subject[0].is(&["i", "we"]);
    if subject.len() == 1 && subject[0].tag == Tag::Pronoun && !me {
        return None;
    }
    let plural = me || is_plural(subject);
    let base = event.base.join(" ");
    let finite = |negated: bool| finite(&event.base, plural, negated);
    let named = determined(subject);
    match wish {
        Wish::Answer if event.negated => Some(Statement::Know { matter: format!("why {named} {}", finite(true)) }),
        // "what to do when the phone is stolen", "whether the products are genuine", "when the order is delivered".
        Wish::Answer if rest.iter().any(is_unwelcome) => {
            Some(Statement::Know { matter: format!("what to do when {named} {}", finite(false)) })
        }
        Wish::Answer if me || event.base[0] != "be" => {
            Some(Statement::Know { matter: format!("about {}", joined(words)) }).filter(|_| !me)
        }
        Wish::Answer => {
            let is_done = rest.iter().any(|word| word.is_participle() && word.tag == Tag::Verb);
            let asked = if is_done { "when" } else { "whether" };
            Some(Statement::Know { matter: format!("{asked} {named} {}", finite(false)) })
        }
        Wish::Keep => Some(Statement::Stay { matter: named }).filter(|_| !me),
        Wish::Fix | Wish::Build => {
            let is_good =
                GOOD.contains(&event.base[0].as_str()) && !event.base.iter().any(|word| BADLY.contains(&word.as_str()));
            let denied = wish == Wish::Fix && !event.negated && !is_good;
            let opposite = opposite(&event.base).filter(|_| denied && !me);
            if let Some(base) = opposite {
                let (request, observed) = (format!("to {}", base.join(" ")), present(&base, plural));
                return Some(Statement::Observed { subject: named, request, observed });
            }
            let request = if denied { format!("not to {base}") } else { format!("to {base}") };
            let observed = finite(denied);
            Some(match me {
                true => Statement::Customers { request, observed },
                false => Statement::Observed { subject: named, request, observed },
            })
        }
    }
}

fn present(base: &[String], plural: bool) -> String {
    finite(base, plural, false)
}

/// What happens, from a verb with its auxiliaries and what follows.
fn event(words: &[Word]) -> Option<Event> {
    let mut negated = false;
    let mut helpers: Vec<&Word> = Vec::new();
    let mut at = 0;
    while let Some(word) = words.get(at) {
        let keeps = word.is(&["keep", "keeps", "kept", "keeping"])
            && words.get(at + 1).is_some_and(|next| next.lower.ends_with("ing"));
        match () {
            () if word.tag == Tag::Auxiliary
                || word.is(&["is", "are", "was", "were", "be", "been", "being", "not", "never", "cannot"]) =>
            {
                negated |= word.is_negation();
                helpers.push(word);
            }
            () if keeps || (word.tag == Tag::Adverb && !word.is(&["too"]) && words.len() > at + 1) => {}
            () => break,
        }
        at += 1;
    }
    let helped =
        |forms: &[&str]| helpers.iter().any(|word| forms.iter().any(|form| letters(&word.lower).starts_with(form)));
    let be = helpers.iter().any(|word| word.is(&["is", "are", "was", "were", "be", "been", "being"]))
        || helped(&["isnt", "arent", "wasnt", "werent"]);
    let main = words.get(at)?;
    let rest: Vec<String> = words[at + 1..].iter().map(|word| word.shown.clone()).collect();
    let progressive = main.lower.ends_with("ing");
    let object = words
        .get(at + 1)
        .is_some_and(|next| next.is_noun() || matches!(next.tag, Tag::Determiner | Tag::Adjective | Tag::Pronoun));
    let passive = main.is_participle()
        && (be || (!helped(&["ha"]) && !object && !INTRANSITIVE.contains(&lemma(&main.lower, Tag::Verb).as_str())));
    let base = match () {
        () if passive || (be && (main.tag == Tag::Adjective || main.is(&["too"]))) => {
            vec!["be".to_owned(), main.shown.clone()]
        }
        () if progressive || main.tag == Tag::Verb || main.is_participle() => vec![lemma(&main.lower, Tag::Verb)],
        () if be => vec!["be".to_owned(), main.shown.clone()],
        // "does not work": a verb, whatever the tagger says.
        () if helped(&["do", "did", "can", "will", "wont"]) => vec![main.lower.clone()],
        () => return None,
    };
    Some(Event { negated, base: [base, rest].concat() })
}

/// "font too small", "loading slow".
fn adjective(subject: &[Word], rest: &[Word], wish: Wish) -> Option<Statement> {
    let base: Vec<String> =
        std::iter::once("be".to_owned()).chain(rest.iter().map(|word| word.shown.clone())).collect();
    let named = determined(subject);
    match wish {
        Wish::Fix | Wish::Build if opposite(&base).is_some() => {
            let base = opposite(&base)?;
            let (request, observed) = (format!("to {}", base.join(" ")), finite(&base, is_plural(subject), false));
            Some(Statement::Observed { subject: named, request, observed })
        }
        Wish::Fix | Wish::Build => Some(Statement::Observed {
            subject: named,
            request: format!("not to {}", base.join(" ")),
            observed: finite(&base, is_plural(subject), true),
        }),
        Wish::Answer => Some(Statement::Know { matter: format!("about {}", joined(subject)) }),
        Wish::Keep => Some(Statement::Stay { matter: named }),
    }
}

/// "login error", "wrong balance", "dark mode", "no sound", "problems with refunds".
fn noun_phrase(words: &[Word], wish: Wish) -> Option<Statement> {
    let has_noun = words
        .iter()
        .any(|word| word.is_noun() || word.tag == Tag::Verb || word.lower.chars().any(|c| c.is_ascii_digit()));
    let last = words.last()?;
    if !has_noun
        || matches!(last.tag, Tag::Adposition | Tag::Determiner | Tag::Conjunction | Tag::Subordinator | Tag::Auxiliary)
    {
        return None;
    }
    let noun = words.iter().position(Word::is_noun);
    let described = words.iter().rposition(|word| !matches!(word.tag, Tag::Adjective | Tag::Adverb)).map(|at| at + 1);
    if let (Some(noun), Some(at)) = (noun, described.filter(|at| *at < words.len() && last.tag == Tag::Adjective))
        && noun < at
    {
        return adjective(&words[..at], &words[at..], wish);
    }
    let matter = joined(words);
    if words[0].is(&["missing"]) && words.len() > 1 && matches!(wish, Wish::Fix | Wish::Build) {
        let (named, plural) = (determined(&words[1..]), is_plural(&words[1..]));
        let base = ["be".to_owned(), "missing".to_owned()];
        let observed = finite(&base, plural, true);
        return Some(Statement::Observed { subject: named, request: "not to be missing".to_owned(), observed });
    }
    if words[0].is(&["no", "missing"]) && words.len() > 1 && wish != Wish::Keep {
        let verb = format!("get {}", joined(&words[1..]));
        return Some(Statement::Customers { request: format!("to {verb}"), observed: verb });
    }
    let with = words
        .iter()
        .position(|word| word.is(&["with"]))
        .filter(|at| *at > 0 && words[at - 1].is(PROBLEMS) && *at + 1 < words.len());
    let troubled = is_trouble(&words[0]) || words.iter().any(|word| word.is(TROUBLES) || word.is(PROBLEMS));
    Some(match wish {
        Wish::Fix if with.is_some() => Statement::Without { matter: joined(&words[with.unwrap_or_default() + 1..]) },
        Wish::Fix if troubled => Statement::No { matter },
        Wish::Fix => Statement::Without { matter },
        Wish::Build => Statement::Have { matter, plural: is_plural(words) },
        Wish::Answer
            if !is_plural(words) && last.is_noun() && !words[0].is(UNCOUNTED) && !words[0].lower.ends_with("ing") =>
        {
            Statement::Know { matter: format!("about {}", determined(words)) }
        }
        Wish::Answer => Statement::Know { matter: format!("about {matter}") },
        Wish::Keep => Statement::Stay { matter },
    })
}
