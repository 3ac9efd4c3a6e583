//! Titles in general words: what is wrong with a thing that customers share a word for ("Exchange rate is wrong"), what they
//! want done with it ("Raise transfer limit"), or the general matter where they share no word.

use std::collections::{BTreeSet, HashMap, HashSet};

use uuid::Uuid;

use super::tables::{CHANGES, MATTERS, TROUBLES};
use super::vocabulary::Vocabulary;
use crate::engine::text::tagging::{Tag, lemma};
use crate::engine::text::tokens::stem;
use crate::engine::wording::compose::{Composer, capitalised};
use crate::engine::wording::title::about;
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

    /// What is mentioned in the sentences that name a thing.
    fn beside(&self, theme: &Composer<'_>, thing: &Thing, naming: &[usize]) -> Self {
        let mut of = vec![BTreeSet::new(); self.of.len()];
        for at in naming {
            let member = &theme.members[*at];
            let names = |sentence: &&str| match member.korean {
                true => sentence.contains(thing.key.as_str()),
                false => {
                    sentence.split(|c: char| !c.is_alphanumeric()).any(|word| stem(&word.to_lowercase()) == thing.key)
                }
            };
            let sentences = member.text.split(['.', '!', '?', '\n']).filter(names);
            of[*at] = sentences.flat_map(|sentence| self.vocabulary.mentioned(sentence)).collect();
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

fn customers(theme: &Composer<'_>, of: &[usize]) -> usize {
    of.iter().map(|at| theme.members[*at].by).collect::<HashSet<_>>().len()
}

/// The thing of which most customers say the same, and what they say. Who says it in the other language, or by another word
/// for the thing, counts too where the whole theme says the same.
fn best<'s>(theme: &Composer<'_>, said: &Said<'_>, things: &'s [Thing]) -> Option<(&'s Thing, usize)> {
    let all: Vec<usize> = (0..theme.members.len()).collect();
    let enough = |by: usize, of: &[usize]| by >= theme.needed && by as f32 >= SAID * customers(theme, of) as f32;
    let usual = said.most(theme, &all).filter(|(_, by)| enough(*by, &all));
    let found = things.iter().take(THINGS).filter_map(|thing| {
        let naming: Vec<usize> = said.naming(theme, thing);
        let beside = said.beside(theme, thing, &naming);
        let own = beside.most(theme, &naming).filter(|(_, by)| enough(*by, &naming));
        let (concept, by) = own.or_else(|| {
            let (concept, _) = usual?;
            let also: Vec<usize> = naming.iter().copied().filter(|at| said.of[*at].contains(&concept)).collect();
            (!also.is_empty()).then(|| (concept, customers(theme, &also)))
        })?;
        let score = theme.weight(&thing.key) * (by * customers(theme, &naming)) as f32;
        Some((score, thing, concept))
    });
    let best = found.reduce(|a, b| if b.0 > a.0 { b } else { a });
    best.map(|(_, thing, concept)| (thing, concept))
}

fn predicated(subject: &str, trouble: usize, korean: bool) -> String {
    let column = if korean { 2 } else { usize::from(is_plural(subject)) };
    let said = TROUBLES.name(trouble, column);
    let last = lemma(&subject.rsplit(' ').next().unwrap_or_default().to_lowercase(), Tag::Noun);
    // A price is high, a thing is expensive.
    let said = if AMOUNTS.contains(&last.as_str()) { said.replace("expensive", "high") } else { said.to_owned() };
    format!("{subject} {said}")
}

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
