//! English titles: the noun phrase or short clause that covers best what the customers of a theme share.

use std::collections::{HashMap, HashSet};

use uuid::Uuid;

use super::compose::{Composer, READ_FOR_TITLE, capitalised};
use super::english::noun_phrase::{NounPhrase, noun_phrases};
use super::english::phrase::{Form, Phrase, is_trouble};
use super::english::predicate::{Predicate, Subject, predicates};
use super::english::ranking::{Candidate, WEAK, ranked};
use super::english::wording::{Name, TIMES, Worded, name, place};
use super::english::words::{Word, parts};
use super::found::{Found, about};
use super::general::titles::Thing;
use super::statements::statement_en::DONE_TO_CUSTOMERS;
use super::wish::Wish;
use crate::engine::text::tagging::{self, Tag};

/// The most words of a title.
const MOST_WORDS: usize = 8;
/// The most characters of a title.
const LONGEST: usize = 60;
/// The length from which a stem that another one begins with is a form of it.
const SAME_STEM: usize = 4;
/// How many names of customers a subject may be given instead of its own: "SMS code" for "code".
const MOST_NAMES: usize = 2;

/// A clause with its parts of speech.
struct Parsed<'t> {
    by: Uuid,
    words: Vec<Word<'t>>,
    nouns: Vec<NounPhrase>,
}

/// The noun phrases that customers use, by their main noun.
type Names = HashMap<String, Vec<(Name, HashSet<Uuid>)>>;

/// The best phrase that is not in `taken`, and what the customers want.
pub(in crate::engine) fn title(theme: &Composer<'_>, taken: &HashSet<String>) -> (Option<Found>, Option<Wish>) {
    let clauses = parsed(theme);
    let shared = Shared { names: names(theme, &clauses), times: times(theme, &clauses) };
    let mut found: HashMap<String, Candidate> = HashMap::new();
    for clause in &clauses {
        for (form, phrase) in phrases(theme, clause, &shared) {
            add(&mut found, clause.by, form, phrase);
        }
    }
    let wish = wish(theme, &clauses);
    let says_what = |found: &Candidate| wish != Some(Wish::Fix) || found.trouble || found.form != Form::Name;
    let mut said: HashMap<Vec<String>, HashSet<Uuid>> = HashMap::new();
    for candidate in found.values() {
        said.entry(candidate.sorted()).or_default().extend(&candidate.by);
    }
    found.retain(|_, candidate| {
        is_clear(wish, candidate, said[&candidate.sorted()].len()) && !is_denied(theme, wish, candidate)
    });
    // "Problem with total price with taxes" reads badly.
    let reads_well = |candidate: &&Candidate| says_what(candidate) || !candidate.shown().contains(" with ");
    let titles =
        ranked(theme, wish, &found).into_iter().filter(reads_well).map(|candidate| match says_what(candidate) {
            true => {
                let bare = candidate.form == Form::Name && !candidate.trouble && wish != Some(Wish::Build);
                Found { title: capitalised(candidate.shown()), says_what: true, bare }
            }
            false => Found { title: about(candidate.shown(), wish, false), says_what: false, bare: true },
        });
    (titles.take(12).find(|found| !taken.contains(&found.title.to_lowercase())), wish)
}

/// Whether a phrase says enough alone. "does not work" and "not joined" do not say what; and that there is none of something
/// must be what more than one says.
fn is_clear(wish: Option<Wish>, candidate: &Candidate, said: usize) -> bool {
    let shown = candidate.shown();
    let verb = shown.strip_prefix("does not ").or_else(|| shown.strip_prefix("not "));
    let open = verb.is_some_and(|verb| !verb.contains(' ') && !DONE_TO_CUSTOMERS.contains(&verb));
    let lacks = candidate.form == Form::Name && shown.starts_with("no ");
    let asked = wish != Some(Wish::Fix) && shown.starts_with("does not ");
    let lone = lacks && said < 2;
    let first = shown.split(' ').next().unwrap_or_default();
    // "pay for memberships" of members who do not want to: an act says what is wrong only where it is denied.
    let harmless = wish == Some(Wish::Fix) && candidate.form == Form::Act && !candidate.trouble;
    let unchosen = candidate.form == Form::Act && (UNCHOSEN.contains(&first) || shown.starts_with("show up"));
    !(open || asked || lone || harmless || unchosen || repeats(&candidate.keys))
}

/// Whether a phrase says a word twice in two forms: "lock on locker".
fn repeats(keys: &[String]) -> bool {
    let like = |a: &String, b: &String| a.len() >= SAME_STEM && a != b && b.starts_with(a.as_str());
    keys.iter().any(|a| keys.iter().any(|b| like(a, b)))
}

/// Verbs of what happens to people, or of what they think, which are no acts that somebody wants to do: "wait for transfer".
#[rustfmt::skip]
const UNCHOSEN: &[&str] = &[
    "appear", "arrive", "become", "believe", "come", "cost", "expect", "expire", "fail", "feel", "forget", "guess", "happen", "hear",
    "hope", "know", "like", "lose", "love", "matter", "mean", "miss", "need", "notice", "seem", "think", "understand", "wait", "want", "wish",
    "wonder", "worry", "recur", "occur", "exist", "belong", "consist", "depend", "deserve",
];

/// Whether most who say that something happens deny it, so that a title of what is wrong would say the opposite: "contests
/// shown" of contests that are not shown.
fn is_denied(theme: &Composer<'_>, wish: Option<Wish>, candidate: &Candidate) -> bool {
    let saying = theme.members.iter().filter(|member| candidate.keys.iter().all(|key| member.keys.contains(key)));
    let (denying, others): (Vec<_>, Vec<_>) = saying.partition(|member| member.keys.contains("not"));
    wish == Some(Wish::Fix)
        && candidate.form == Form::Event
        && !candidate.trouble
        && !denying.is_empty()
        && denying.len() >= others.len()
}

/// The shared nouns, best first, each by the name that customers use most for it: "exchange rate" for "rate".
pub(in crate::engine) fn subjects(theme: &Composer<'_>) -> Vec<Thing> {
    let clauses = parsed(theme);
    let names = names(theme, &clauses);
    let mut uses: HashMap<&str, Uses> = HashMap::new();
    for clause in &clauses {
        for (at, word) in clause.words.iter().enumerate().filter(|(_, word)| word.shared && word.tag != Tag::Number) {
            let of = uses.entry(word.token.key.as_str()).or_default();
            of.nouns += usize::from(word.is_noun());
            of.modifying += usize::from(word.is_noun() && clause.words.get(at + 1).is_some_and(Word::is_noun));
            of.all += 1;
        }
    }
    // A word is a noun where several texts use it as the main noun of a name, also if it can be a verb: "transfer limit".
    let is_noun = |key: &str| names.contains_key(key) || uses.get(key).is_some_and(|of| 2 * of.nouns >= of.all);
    let thing = |(key, _): (&str, f32)| {
        let name = names.get(key).and_then(|known| known.first());
        let shown = name.map_or_else(|| as_noun(theme, key), |(name, _)| name.phrase.shown.clone());
        let modifies =
            name.is_none() && uses.get(key).is_some_and(|of| of.modifying > 0 && 2 * of.modifying >= of.nouns);
        Thing { key: key.to_owned(), shown, modifies }
    };
    let ranked = theme.ranked().into_iter().filter(|(key, _)| {
        *key != "not"
            && uses.contains_key(key)
            && is_noun(key)
            && key.chars().count() > 1
            && !WEAK.contains(key)
            && !EMPTY.contains(key)
    });
    ranked.map(thing).collect()
}

/// How customers use a word: as a noun, and as one before another noun.
#[derive(Default)]
struct Uses {
    nouns: usize,
    modifying: usize,
    all: usize,
}

/// The form in which a word is a noun: "loading" where customers write "load" and "loading".
fn as_noun(theme: &Composer<'_>, key: &str) -> String {
    let form = theme.form(key);
    let forms = theme.counts.get(key).into_iter().flat_map(|count| count.forms.keys());
    let gerund = forms.filter(|other| other.ends_with("ing") && other.len() > form.len()).min();
    gerund.filter(|_| tagging::can_be_verb(&form.to_lowercase())).map_or(form, String::as_str).to_owned()
}

/// Stems of nouns that name no matter alone.
#[rustfmt::skip]
const EMPTY: &[&str] = &[
    "reason", "query", "issu", "problem", "thing", "way", "help", "question", "answer", "information", "info", "detail", "option",
    "kind", "type", "lot", "number", "amount", "money", "rupe", "dollar", "euro", "word", "part", "point of", "end", "bit", "fact", "case",
];

fn parsed<'t>(theme: &'t Composer<'_>) -> Vec<Parsed<'t>> {
    let mut found = Vec::new();
    for member in theme.members.iter().filter(|member| !member.korean).take(READ_FOR_TITLE) {
        for words in member.clauses.iter().flat_map(|clause| parts(theme, clause)) {
            let nouns = if is_foreign(&words) { Vec::new() } else { noun_phrases(&words) };
            found.push(Parsed { by: member.by, words, nouns });
        }
    }
    found
}

/// Whether a clause of some length has hardly an English word.
fn is_foreign(words: &[Word<'_>]) -> bool {
    let all: Vec<&str> = words.iter().map(|word| word.lower.as_str()).collect();
    all.len() >= 3 && !tagging::are_english(&all)
}

fn names(theme: &Composer<'_>, clauses: &[Parsed<'_>]) -> Names {
    let mut names: Names = HashMap::new();
    for clause in clauses {
        for noun in clause.nouns.iter().filter(|noun| !noun.denied) {
            let name = name(theme, &clause.words, noun);
            let known = names.entry(name.head.clone()).or_default();
            match known.iter_mut().find(|(other, _)| other.phrase.keys == name.phrase.keys) {
                Some((_, by)) => _ = by.insert(clause.by),
                None => known.push((name, HashSet::from([clause.by]))),
            }
        }
    }
    for known in names.values_mut() {
        let users: usize = known.iter().map(|(_, by)| by.len()).sum();
        let usual = |by: &HashSet<Uuid>| by.len() >= 2 && by.len() * 4 >= users;
        known.retain(|(name, by)| usual(by) && name.phrase.keys.len() >= 2 && !name.phrase.trouble);
        known.sort_by(|a, b| b.1.len().cmp(&a.1.len()).then_with(|| a.0.phrase.shown.cmp(&b.0.phrase.shown)));
        known.truncate(MOST_NAMES);
    }
    names
}

/// What customers share beyond single clauses.
struct Shared {
    names: Names,
    /// When it happens: "after update".
    times: Vec<Phrase>,
}

/// The times that enough customers name: "after update", in the wording of most.
fn times(theme: &Composer<'_>, clauses: &[Parsed<'_>]) -> Vec<Phrase> {
    let mut found: HashMap<String, HashMap<String, (Phrase, HashSet<Uuid>)>> = HashMap::new();
    for clause in clauses {
        for noun in &clause.nouns {
            let Some(at) = noun.start.checked_sub(1).filter(|at| clause.words[*at].is(&["after", "since", "during"]))
            else {
                continue;
            };
            let name = name(theme, &clause.words, noun);
            let phrase = Phrase::default().plain(&clause.words[at].lower.replace("since", "after")).then(&name.phrase);
            let wording = found.entry(name.head).or_default().entry(phrase.shown.clone());
            wording.or_insert_with(|| (phrase, HashSet::new())).1.insert(clause.by);
        }
    }
    let customers = |wordings: &HashMap<String, (Phrase, HashSet<Uuid>)>| {
        wordings.values().flat_map(|(_, by)| by).collect::<HashSet<_>>().len()
    };
    let mut times: Vec<(String, Phrase)> = Vec::new();
    for (head, wordings) in found.into_iter().filter(|(_, wordings)| customers(wordings) >= theme.needed) {
        let most = wordings.into_values().max_by(|a, b| a.1.len().cmp(&b.1.len()).then(b.0.shown.cmp(&a.0.shown)));
        times.extend(most.map(|(phrase, _)| (head, phrase)));
    }
    times.sort_by(|a, b| a.0.cmp(&b.0));
    times.into_iter().map(|(_, phrase)| phrase).take(2).collect()
}

/// All phrases of a clause.
fn phrases(theme: &Composer<'_>, clause: &Parsed<'_>, shared: &Shared) -> Vec<(Form, Phrase)> {
    let mut found = Vec::new();
    for noun in &clause.nouns {
        named(theme, clause, noun, &mut found);
    }
    for predicate in predicates(&clause.words, &clause.nouns) {
        predicated(theme, clause, &predicate, shared, &mut found);
    }
    found
}

/// A noun phrase, its end, and with what follows: "CSV export of transactions".
fn named(theme: &Composer<'_>, clause: &Parsed<'_>, noun: &NounPhrase, found: &mut Vec<(Form, Phrase)>) {
    let places = places_after(theme, clause, noun.end);
    // A request for something new implies that it is missing, so "no" is left out: "webhooks", not "no webhooks".
    let lacking = (noun.denied || lacks(&clause.words, noun)) && theme.wish() != Some(Wish::Build);
    let start = if lacking { Phrase::default().denying("no") } else { Phrase::default() };
    for first in noun.first..=noun.head {
        if !clause.words[first].is_content() || clause.words[first].token.glued {
            continue;
        }
        if TIMES.contains(&clause.words[noun.head].token.key.as_str()) {
            continue; // "days for a book" names no matter.
        }
        let part = name(theme, &clause.words, &NounPhrase { first, ..noun.clone() });
        let phrase = start.clone().then(&part.phrase);
        let phrase = if start.keys.is_empty() { part.phrase } else { phrase };
        let mut longer = phrase.clone();
        for place in &places {
            longer = longer.then(place);
            found.push((Form::Name, longer.clone()));
        }
        found.push((Form::Name, phrase));
    }
}

/// Whether somebody says not to have it: "didnt get the code".
fn lacks(words: &[Word<'_>], noun: &NounPhrase) -> bool {
    let Some(at) =
        noun.start.checked_sub(1).filter(|at| words[*at].is(&["get", "gotten", "got", "have", "had", "see"]))
    else {
        return false;
    };
    at.checked_sub(1).is_some_and(|before| words[before].is_negation())
}

/// Up to two prepositions with their noun phrases from a word on: "of proof", "of insurance".
fn places_after(theme: &Composer<'_>, clause: &Parsed<'_>, mut at: usize) -> Vec<Phrase> {
    let mut found = Vec::new();
    while let Some(preposition) = clause.words.get(at).filter(|_| found.len() < 2) {
        let Some(noun) = clause.nouns.iter().find(|noun| noun.start == at + 1 && !noun.denied) else { break };
        let Some(phrase) = place(preposition, &name(theme, &clause.words, noun)) else { break };
        found.push(phrase);
        at = noun.end;
    }
    found
}

/// A predicate with its own noun phrases and with those that other customers use, with and without what follows.
fn predicated(
    theme: &Composer<'_>,
    clause: &Parsed<'_>,
    predicate: &Predicate,
    shared: &Shared,
    found: &mut Vec<(Form, Phrase)>,
) {
    let own = |noun: &NounPhrase| variants(theme, clause, noun, &shared.names);
    let subjects = match &predicate.subject {
        Subject::Named(noun) => own(noun).into_iter().map(Some).collect(),
        _ => vec![None],
    };
    let objects =
        predicate.object.as_ref().map_or_else(|| vec![None], |noun| own(noun).into_iter().map(Some).collect());
    let places: Vec<Phrase> = predicate
        .places
        .iter()
        .filter(|(at, _)| !clause.words[*at].is(&["of"]))
        .filter_map(|(at, noun)| place(&clause.words[*at], &name(theme, &clause.words, noun)))
        .collect();
    for subject in &subjects {
        for object in &objects {
            let worded = Worded { words: &clause.words, predicate, subject: subject.as_ref(), object: object.as_ref() };
            let Some((form, core)) = worded.core() else { continue };
            let adverbs = worded.adverbs();
            let timed = (form == Form::Event && predicate.places.is_empty()).then_some(&shared.times);
            for place in places.iter().chain(timed.into_iter().flatten()) {
                found.push((form, core.clone().then(place)));
            }
            if form == Form::Act && !worded.is_whole() {
                continue;
            }
            if !adverbs.keys.is_empty() && form != Form::Act {
                found.push((form, core.clone().then(&adverbs)));
            }
            found.push((form, core));
        }
    }
}

/// A noun phrase, its main noun alone, and the names that others use for it.
fn variants(theme: &Composer<'_>, clause: &Parsed<'_>, noun: &NounPhrase, names: &Names) -> Vec<Name> {
    let whole = name(theme, &clause.words, noun);
    let mut found: Vec<Name> = Vec::new();
    if whole.phrase.keys.len() > 1 && !clause.words[noun.head].token.glued {
        found.push(name(theme, &clause.words, &NounPhrase { first: noun.head, ..noun.clone() }));
    }
    if whole.phrase.keys.len() == 1 {
        found.extend(names.get(&whole.head).into_iter().flatten().map(|(name, _)| name.clone()));
    }
    found.push(whole);
    found
}

fn add(found: &mut HashMap<String, Candidate>, by: Uuid, form: Form, phrase: Phrase) {
    let mut distinct = phrase.keys.clone();
    distinct.sort_unstable();
    distinct.dedup();
    let fits = phrase.words() <= MOST_WORDS && phrase.shown.chars().count() <= LONGEST;
    if !fits || distinct.len() < phrase.keys.len() || (phrase.words() < 2) {
        return;
    }
    let candidate = found.entry(format!("{form:?} {}", phrase.keys.join(" "))).or_insert_with(|| Candidate {
        form,
        keys: phrase.keys,
        trouble: phrase.trouble,
        wordings: HashMap::new(),
        by: HashSet::new(),
    });
    candidate.wordings.entry(phrase.shown).or_default().insert(by);
    candidate.by.insert(by);
}

/// What most customers want; a fix where there is no other sign and many of them name a trouble.
fn wish(theme: &Composer<'_>, clauses: &[Parsed<'_>]) -> Option<Wish> {
    let troubled = |clause: &&Parsed<'_>| clause.words.iter().any(|word| word.is_negation() || is_trouble(word));
    let by: HashSet<Uuid> = clauses.iter().map(|clause| clause.by).collect();
    let in_trouble: HashSet<Uuid> = clauses.iter().filter(troubled).map(|clause| clause.by).collect();
    theme.wish().or_else(|| (5 * in_trouble.len() > 2 * by.len()).then_some(Wish::Fix))
}
