//! Titles in general words: what is wrong with a thing that customers share a word for ("Exchange rate is wrong"), what they
//! want done with it ("Raise transfer limit"), or the general matter where they share no word.

use std::collections::{BTreeSet, HashMap, HashSet};

use uuid::Uuid;

use super::tables::{CHANGES, DOES_NOT_WORK, FAILURES, MATTERS, TROUBLES};
use super::vocabulary::{Vocabulary, korean_words};
use crate::engine::text::tagging::{Tag, lemma};
use crate::engine::text::tokens::stem;
use crate::engine::wording::compose::{Composer, capitalised};
use crate::engine::wording::found::about;
use crate::engine::wording::wish::Wish;

/// The share of the customers who name a thing that must say the same of it.
const SAID: f32 = 0.3;
/// The share of all customers who must mention a matter for which they share no word.
const MENTIONED: f32 = 0.5;
/// How many shared words are tried as the thing.
const THINGS: usize = 3;

/// Something that customers share a word for.
pub(in crate::engine) struct Thing {
    /// Its key among the words that are counted.
    pub key: String,
    /// As a title says it.
    pub shown: String,
    /// Whether customers mostly say it before another noun, of which they say what they say: "bank" in "bank feed".
    pub modifies: bool,
}

/// A general title, and whether it says what is wrong or wanted.
pub(in crate::engine) struct General {
    pub title: String,
    pub says_what: bool,
}

/// A general title around one of these things, or around a general matter where more customers mention one.
pub(in crate::engine) fn general(
    theme: &Composer<'_>,
    korean: bool,
    wish: Option<Wish>,
    things: &[Thing],
) -> Option<General> {
    let table = match wish {
        Some(Wish::Fix) => Some(&*TROUBLES),
        Some(Wish::Build) => Some(&*CHANGES),
        _ => None,
    };
    let said = table.map(|table| Said::of(theme, table));
    let of_subject = said.as_ref().and_then(|said| best(theme, said, things)).map(|(subject, concept)| match wish {
        Some(Wish::Fix) => predicated(&subject.shown, concept, korean),
        _ => changed(&subject.shown, concept, korean),
    });
    let found = match of_subject {
        Some(title) => Some(General { title, says_what: true }),
        None => of_matter(theme, korean, wish, things, said.as_ref()),
    };
    let alone = || said.as_ref().filter(|_| wish == Some(Wish::Fix)).and_then(|said| alone(theme, korean, said));
    let found = match found {
        Some(found) if found.says_what => Some(found),
        other => alone().or(other),
    };
    found.map(|found| General { title: capitalised(&found.title), ..found })
}

/// Which concepts each item mentions.
struct Said<'v> {
    vocabulary: &'v Vocabulary,
    of: Vec<BTreeSet<usize>>,
}

impl<'v> Said<'v> {
    fn of(theme: &Composer<'_>, vocabulary: &'v Vocabulary) -> Self {
        let of = theme.members.iter().map(|member| vocabulary.mentioned(&member.text)).collect();
        Said { vocabulary, of }
    }

    /// What is said of a thing: what is mentioned in its clauses nearer to it than to another of these things. In "the app
    /// closes when I scan a receipt", nothing is said of the receipt.
    fn of_thing(&self, theme: &Composer<'_>, thing: &Thing, things: &[Thing], naming: &[usize]) -> Self {
        let is_it = |word: &str| theme.is_same(&thing.key, word);
        // The words of its own name are no other things: "exchange" of "exchange rate".
        let name: Vec<String> = thing.shown.split(' ').map(|word| stem(&word.to_lowercase())).collect();
        let things: Vec<&Thing> = things.iter().filter(|other| !name.contains(&other.key)).collect();
        let is_other = |word: &str| things.iter().any(|other| theme.is_same(&other.key, word)) && !is_it(word);
        let begins = |word: &str, key: &str| word.starts_with(key);
        let mut of = vec![BTreeSet::new(); self.of.len()];
        for at in naming {
            let member = &theme.members[*at];
            let said = &mut of[*at];
            for clause in member.clauses.iter().filter(|_| !member.korean) {
                let stems: Vec<&str> = clause.iter().map(|token| token.key.as_str()).collect();
                said.extend(nearest(self.vocabulary.in_english(&stems), &stems, &is_it, &is_other));
            }
            for sentence in member.text.split(['.', '!', '?', '\n']).filter(|_| member.korean) {
                let words: Vec<&str> = korean_words(sentence).into_iter().map(|(_, word)| word).collect();
                let names = |key: &str, word: &str| {
                    begins(word, key) || theme.same_as(key).iter().any(|same| begins(word, same))
                };
                let is_it = |word: &str| names(&thing.key, word);
                let is_other = |word: &str| things.iter().any(|other| names(&other.key, word)) && !is_it(word);
                said.extend(nearest(self.vocabulary.in_korean(sentence), &words, &is_it, &is_other));
            }
        }
        Said { vocabulary: self.vocabulary, of }
    }

    /// The items that name a thing.
    fn naming(&self, theme: &Composer<'_>, thing: &Thing) -> Vec<usize> {
        (0..self.of.len()).filter(|at| theme.members[*at].keys.contains(&thing.key)).collect()
    }

    /// The concept that most customers of these members mention, with their number; ties go to the first of the table.
    fn most(&self, theme: &Composer<'_>, of: &[usize]) -> Option<(usize, usize)> {
        let mut by: HashMap<usize, HashSet<Uuid>> = HashMap::new();
        for (concept, at) in of.iter().flat_map(|at| self.of[*at].iter().map(move |concept| (*concept, *at))) {
            by.entry(concept).or_default().insert(theme.members[at].by);
        }
        let counted = by.into_iter().map(|(concept, by)| (concept, by.len()));
        counted.max_by(|a, b| a.1.cmp(&b.1).then(b.0.cmp(&a.0)))
    }
}

/// That a thing does not work, where at least half of those who name it say so, each in another way; with their number.
fn failing(theme: &Composer<'_>, of_it: &Said<'_>, naming: &[usize]) -> Option<(usize, usize)> {
    if !std::ptr::eq(of_it.vocabulary, &*TROUBLES) {
        return None;
    }
    let fails = |at: &&usize| of_it.of[**at].iter().any(|concept| FAILURES.contains(&TROUBLES.name(*concept, 0)));
    let failing: Vec<usize> = naming.iter().filter(fails).copied().collect();
    let by = customers(theme, &failing);
    let enough = by >= theme.needed && by as f32 >= MENTIONED * customers(theme, naming) as f32;
    let concept = TROUBLES.concept(DOES_NOT_WORK).filter(|_| enough)?;
    Some((concept, by))
}

/// The concepts whose place is at least as near to a word of the thing as to one of another.
fn nearest(
    mentions: Vec<(usize, usize)>,
    words: &[&str],
    is_it: &dyn Fn(&str) -> bool,
    is_other: &dyn Fn(&str) -> bool,
) -> Vec<usize> {
    let distance = |from: usize, is: &dyn Fn(&str) -> bool| {
        let places = words.iter().enumerate().filter(|(_, word)| is(word));
        places.map(|(at, _)| at.abs_diff(from)).min()
    };
    let is_near = |(_, at): &(usize, usize)| {
        distance(*at, is_it).is_some_and(|own| distance(*at, is_other).is_none_or(|other| own <= other))
    };
    mentions.into_iter().filter(is_near).map(|(concept, _)| concept).collect()
}

/// Whether a word names no thing, but only what is wrong or that something is to be done: 차이, 추가.
pub(in crate::engine) fn is_thingless(word: &str) -> bool {
    GENERAL_ACTS.contains(&word) || !word.contains(' ') && !TROUBLES.mentioned(word).is_empty()
}

/// Korean nouns of what is to be done, in general.
const GENERAL_ACTS: &[&str] =
    &["추가", "변경", "수정", "개선", "지원", "제공", "적용", "설정", "기능", "사용", "이용", "처리", "진행"];

fn customers(theme: &Composer<'_>, of: &[usize]) -> usize {
    of.iter().map(|at| theme.members[*at].by).collect::<HashSet<_>>().len()
}

/// The thing of which most customers say the same, and what they say. Who says it in the other language, or by another word
/// for the thing, counts too where the whole theme says the same.
fn best<'s>(theme: &Composer<'_>, said: &Said<'_>, things: &'s [Thing]) -> Option<(&'s Thing, usize)> {
    let all: Vec<usize> = (0..theme.members.len()).collect();
    let enough = |by: usize, of: &[usize]| by >= theme.needed && by as f32 >= SAID * customers(theme, of) as f32;
    let usual = said.most(theme, &all).filter(|(_, by)| enough(*by, &all));
    let found = things.iter().filter(|thing| !thing.modifies).take(THINGS).filter_map(|thing| {
        let naming: Vec<usize> = said.naming(theme, thing);
        let of_it = said.of_thing(theme, thing, things, &naming);
        let own = of_it.most(theme, &naming).filter(|(_, by)| enough(*by, &naming));
        let own = own.or_else(|| failing(theme, &of_it, &naming));
        let (concept, by) = own.or_else(|| {
            let (concept, _) = usual?;
            let also: Vec<usize> = naming.iter().copied().filter(|at| of_it.of[*at].contains(&concept)).collect();
            (!also.is_empty()).then(|| (concept, customers(theme, &also)))
        })?;
        let score = theme.weight(&thing.key) * (by * customers(theme, &naming)) as f32;
        // A noise that is noisy says nothing; and rude is a person, whom customers name in many ways.
        let fits = !said.vocabulary.is_word_of(concept, &thing.key) && said.vocabulary.name(concept, 0) != "is rude";
        fits.then_some((score, thing, concept))
    });
    let best = found.reduce(|a, b| if b.0 > a.0 { b } else { a });
    best.map(|(_, thing, concept)| (thing, concept))
}

/// The trouble that at least half of the customers name where they share no thing of which they say it: "Price is too high".
fn alone(theme: &Composer<'_>, korean: bool, said: &Said<'_>) -> Option<General> {
    let all: Vec<usize> = (0..theme.members.len()).collect();
    let (trouble, by) = said.most(theme, &all)?;
    let title = TROUBLES.name(trouble, if korean { 4 } else { 3 });
    let enough = by >= theme.needed && by as f32 >= MENTIONED * customers(theme, &all) as f32;
    (enough && !title.is_empty()).then(|| General { title: title.to_owned(), says_what: true })
}

fn predicated(subject: &str, trouble: usize, korean: bool) -> String {
    let column = if korean { 2 } else { usize::from(is_plural(subject)) };
    let said = TROUBLES.name(trouble, column);
    let last = lemma(&subject.rsplit(' ').next().unwrap_or_default().to_lowercase(), Tag::Noun);
    // A price is high, a thing is expensive.
    let said = match korean && said == TOO_MUCH && !KOREAN_AMOUNTS.iter().any(|end| subject.ends_with(end)) {
        true => "비용 과다",
        false => said,
    };
    let said = if AMOUNTS.contains(&last.as_str()) { said.replace("expensive", "high") } else { said.to_owned() };
    format!("{subject} {said}")
}

/// What is too high in Korean, and the ends of nouns of amounts, which alone can be: 환전 is not, its cost is.
const TOO_MUCH: &str = "과다";
const KOREAN_AMOUNTS: &[&str] =
    &["비", "료", "금", "금액", "가격", "비용", "율", "값", "세", "팁", "한도", "알림", "메일", "문자", "광고"];

const AMOUNTS: &[&str] = &[
    "fee",
    "price",
    "rate",
    "cost",
    "charge",
    "commission",
    "premium",
    "tax",
    "tariff",
    "interest",
    "rent",
    "fare",
    "surcharge",
];

fn is_plural(subject: &str) -> bool {
    let last = subject.rsplit(' ').next().unwrap_or_default().to_lowercase();
    last.ends_with('s') && lemma(&last, Tag::Noun) != last
}

fn changed(subject: &str, change: usize, korean: bool) -> String {
    match korean {
        true => about(&format!("{subject} {}", CHANGES.name(change, 1)), Some(Wish::Build), true),
        false => CHANGES.name(change, 0).replace("{}", subject),
    }
}

/// The general matter that at least half of the customers mention, and more than share a word.
fn of_matter(
    theme: &Composer<'_>,
    korean: bool,
    wish: Option<Wish>,
    things: &[Thing],
    said: Option<&Said<'_>>,
) -> Option<General> {
    let matters = Said::of(theme, &MATTERS);
    let all: Vec<usize> = (0..theme.members.len()).collect();
    let (matter, by) = matters.most(theme, &all)?;
    let own: Vec<usize> = all.iter().copied().filter(|at| theme.members[*at].korean == korean).collect();
    let sharing = things.iter().filter_map(|thing| theme.counts.get(&thing.key)).map(|count| count.by.len()).max();
    let share = by as f32 / customers(theme, &all).max(1) as f32;
    let shared = sharing.unwrap_or_default() as f32 / customers(theme, &own).max(1) as f32;
    if by < theme.needed || share < MENTIONED || share <= shared {
        return None;
    }
    let is_feature = MATTERS.name(matter, 0).starts_with('+');
    let is_trouble = MATTERS.name(matter, 0).starts_with('!');
    let name = MATTERS.name(matter, usize::from(korean)).trim_start_matches(['!', '+']).to_owned();
    let inside = if korean { name.clone() } else { name.to_lowercase() };
    let mentioning: Vec<usize> = all.into_iter().filter(|at| matters.of[*at].contains(&matter)).collect();
    let trouble = said.filter(|_| wish == Some(Wish::Fix)).and_then(|said| said.most(theme, &mentioning));
    let trouble = trouble.filter(|(_, also)| *also >= theme.needed && *also as f32 >= SAID * by as f32);
    let clear = |title| General { title, says_what: true };
    Some(match (wish, trouble) {
        (Some(Wish::Fix), _) if is_trouble => clear(name),
        (_, Some((trouble, _))) => clear(predicated(&inside, trouble, korean)),
        (Some(Wish::Build), _) if is_feature && !korean => clear(name),
        (Some(Wish::Build), _) if is_feature => clear(about(&inside, wish, korean)),
        _ => General { title: about(&inside, wish, korean), says_what: false },
    })
}
