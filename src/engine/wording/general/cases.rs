//! Which matter of the table a theme is about, by the meaning of what each of its customers says: also where they share no
//! word, and across languages. The title is the table's own, so that it quotes nobody.

use std::collections::HashSet;

use super::case_table::{CASES, Case, Matter};
use super::tables::TROUBLES;
use crate::engine::text::likeness::{CASES as MEANINGS, Meaning, cosine, meaning_of};
use crate::engine::text::meaning::MEANING;
use crate::engine::wording::compose::{Composer, Member};
use crate::engine::wording::wish::Wish;

/// How many of the most central items are read.
const READ: usize = 24;
/// How many matters are compared with the texts phrase by phrase: those whose centre is nearest.
pub(in crate::engine) const COMPARED: usize = 14;
/// The least mean likeness of the texts to the matter.
const LIKE: f32 = 0.42;
/// The share of the items that must be nearer to this matter than to any other.
const NEAREST: f32 = 0.5;
/// How much nearer the theme must be to it than to the next one.
const AHEAD: f32 = 0.03;
/// The same figures for a matter that is clear. Of fewer customers than this, the share must be as high always.
const FEW_CUSTOMERS: usize = 6;
const CLEARLY_LIKE: f32 = 0.45;
const CLEARLY_NEAREST: f32 = 0.6;
const CLEARLY_AHEAD: f32 = 0.08;
/// How much more likely a matter is that suits what all of its customers want.
const SUITS: f32 = 0.06;
/// The share of the items that must name a trouble, or ask for something, in a matter of that kind; and the share that must
/// at least not contradict it.
const SHOWN: f32 = 0.4;
const MOST: f32 = 0.6;
/// From this share of troubles on, customers have what a request would ask for, and it fails them.
const TROUBLED: f32 = 0.7;
/// How much more likely a matter of every trade is than one of single trades, which may be its neighbour or a part of it: general
/// before particular.
const GENERAL: f32 = 0.04;
/// The least mean likeness of a theme's texts to a matter that stands out, without what the product's feedback has in common,
/// plus [`GENERAL`] for a matter of every trade. It is low, because long texts speak of many things.
const STANDS_OUT: f32 = 0.34;
/// The likeness of texts to any matter by chance, and how many standard errors the mean likeness must be above it.
const BY_CHANCE: f32 = 0.05;
const ERRORS: f32 = 4.0;
/// A matter is near to a text if fewer than this many others are nearer; and the least share of the customers with a text that
/// the matter is near to.
const NEAR: usize = 10;
const NEAR_SHARE: f32 = 0.5;
/// What is added to the likeness of a matter that suits what all customers of the theme want.
const SUITS_A_LITTLE: f32 = 0.03;
/// How many matters are compared with a single text phrase by phrase.
const FEW: usize = 6;

/// The matter that most customers of a theme speak of; `None` where they speak of none of the table, or of several.
pub(in crate::engine) fn matter_of(theme: &Composer<'_>) -> Option<Matter> {
    *theme.matter.get_or_init(|| found(theme).or_else(|| standing_out(theme)))
}

/// The matter that the theme's items speak of more than the product's other feedback does.
fn standing_out(theme: &Composer<'_>) -> Option<Matter> {
    let members: Vec<&Member> = theme.members.iter().take(READ).collect();
    let meanings: Option<Vec<Meaning>> = members.iter().map(|member| theme.background.meaning(&member.text)).collect();
    let (meanings, shown) = (meanings?, Shown::of(&members));
    let allowed = |at: &usize| shown.may_mean(CASES.all[*at].wish);
    let compared = nearest_centres(&meanings, COMPARED).into_iter().filter(allowed).map(|at| {
        let case = &CASES.all[at];
        let likeness: Vec<f32> = meanings.iter().map(|meaning| like(meaning, case)).collect();
        (mean(&likeness) + SUITS_A_LITTLE * shown.share(case.wish) + generality(at), at, likeness)
    });
    let (_, at, likeness) = compared.max_by(|a, b| a.0.total_cmp(&b.0))?;
    let case = &CASES.all[at];
    let is_near = |meaning: &&Meaning| {
        let own = cosine(meaning, &case.meanings.centre);
        CASES.all.iter().filter(|other| cosine(meaning, &other.meanings.centre) > own).count() < NEAR
    };
    let near: Vec<bool> = meanings.iter().map(|meaning| is_near(&meaning)).collect();
    let customers = |near: &dyn Fn(usize) -> bool| {
        (0..members.len()).filter(|at| near(*at)).map(|at| members[at].by).collect::<HashSet<_>>().len()
    };
    let (speaking, all) = (customers(&|at| near[at]), customers(&|_| true));
    let share = speaking as f32 / all.max(1) as f32;
    let stands_out = mean(&likeness) + generality(at) >= STANDS_OUT
        && mean(&likeness) - BY_CHANCE >= ERRORS * standard_error(&likeness);
    let enough = speaking >= theme.needed.min(3) && share >= NEAR_SHARE;
    (stands_out && enough).then_some(Matter { case, clear: false, share })
}

/// What is added to the likeness of a matter, by its place in the table, if it is of every trade.
fn generality(at: usize) -> f32 {
    if MEANINGS.is_general(at) { GENERAL } else { 0.0 }
}

fn mean(values: &[f32]) -> f32 {
    values.iter().sum::<f32>() / values.len().max(1) as f32
}

/// The standard error of the mean of some values.
fn standard_error(values: &[f32]) -> f32 {
    let (mean, count) = (mean(values), values.len() as f32);
    let squares: f32 = values.iter().map(|value| (value - mean).powi(2)).sum();
    (squares / (count - 1.0).max(1.0) / count.max(1.0)).sqrt()
}

fn found(theme: &Composer<'_>) -> Option<Matter> {
    let members: Vec<&Member> = theme.members.iter().take(READ).collect();
    let meanings: Vec<Meaning> = members.iter().map(|member| meaning_of(&member.text)).collect();
    let shown = Shown::of(&members);
    let compared = nearest_centres(&meanings, COMPARED);
    let likeness: Vec<Vec<f32>> =
        meanings.iter().map(|meaning| compared.iter().map(|case| like(meaning, &CASES.all[*case])).collect()).collect();
    let added = |at: usize| SUITS * shown.share(CASES.all[compared[at]].wish) + generality(compared[at]);
    let mean = |at: usize| likeness.iter().map(|of| of[at]).sum::<f32>() / members.len().max(1) as f32;
    let mut ranked: Vec<(f32, usize)> = (0..compared.len()).map(|at| (mean(at) + added(at), at)).collect();
    ranked.sort_by(|a, b| b.0.total_cmp(&a.0));
    let [(first, best), (second, _), ..] = ranked[..] else { return None };
    let is_nearest = |of: &Vec<f32>| (0..of.len()).all(|at| of[at] + added(at) <= of[best] + added(best));
    let voting = members.iter().zip(&likeness).filter(|(_, of)| is_nearest(of));
    let votes = voting.map(|(member, _)| member.by).collect::<HashSet<_>>().len();
    let customers = members.iter().map(|member| member.by).collect::<HashSet<_>>().len();
    let share = votes as f32 / customers.max(1) as f32;
    let case = &CASES.all[compared[best]];
    let (like, ahead) = (mean(best), first - second);
    let clear = like >= CLEARLY_LIKE && share >= CLEARLY_NEAREST && ahead >= CLEARLY_AHEAD;
    let least = if customers < FEW_CUSTOMERS { CLEARLY_NEAREST } else { NEAREST };
    let fits = like >= LIKE && votes >= theme.needed.min(3) && share >= least && ahead >= AHEAD;
    let allowed = fits && shown.allows(case.wish, clear);
    // Where most ask a question, a name of what they ask about is better than a request.
    let clear = clear && !(case.wish == Wish::Build && shown.answer >= NEAREST);
    allowed.then_some(Matter { case, clear, share })
}

/// The matter that one text speaks of, at least as like as this, and by so much more like than the next one.
pub(in crate::engine) fn closest(meaning: &Meaning, least: f32, ahead: f32) -> Option<usize> {
    let compared = nearest_centres(std::slice::from_ref(meaning), FEW);
    let mut ranked: Vec<(f32, usize)> =
        compared.into_iter().map(|case| (like(meaning, &CASES.all[case]), case)).collect();
    ranked.sort_by(|a, b| b.0.total_cmp(&a.0));
    let [(first, best), (second, _), ..] = ranked[..] else { return None };
    (first >= least && first - second >= ahead).then_some(best)
}

/// The matters whose centres are nearest to these texts, nearest first.
pub(in crate::engine) fn nearest_centres(meanings: &[Meaning], count: usize) -> Vec<usize> {
    let mut all = [0.0; MEANING];
    meanings.iter().for_each(|meaning| all.iter_mut().zip(meaning).for_each(|(sum, value)| *sum += value));
    let near = |(at, case): (usize, &Case)| (cosine(&all, &case.meanings.centre), at);
    let mut ranked: Vec<(f32, usize)> = CASES.all.iter().enumerate().map(near).collect();
    ranked.sort_by(|a, b| b.0.total_cmp(&a.0));
    ranked.into_iter().take(count).map(|(_, at)| at).collect()
}

/// How like a text is to a matter: half its centre, half the phrase that is nearest.
pub(in crate::engine) fn like(meaning: &Meaning, case: &Case) -> f32 {
    let nearest = case.meanings.phrases.iter().map(|phrase| cosine(meaning, phrase)).fold(0.0, f32::max);
    f32::midpoint(cosine(meaning, &case.meanings.centre), nearest)
}

/// The shares of the items that name a trouble, ask for something, ask a question, or show none of these.
struct Shown {
    fix: f32,
    build: f32,
    answer: f32,
    nothing: f32,
}

impl Shown {
    fn of(members: &[&Member]) -> Self {
        let share = |shows: &dyn Fn(&Member) -> bool| {
            members.iter().filter(|member| shows(member)).count() as f32 / members.len().max(1) as f32
        };
        let is_trouble =
            |member: &Member| member.wish == Some(Wish::Fix) || !TROUBLES.mentioned(&member.text).is_empty();
        let is_question = |member: &Member| member.wish == Some(Wish::Answer) && asks(&member.text);
        Shown {
            fix: share(&is_trouble),
            build: share(&|member| member.wish == Some(Wish::Build)),
            answer: share(&is_question),
            nothing: share(&|member| {
                !is_trouble(member) && !is_question(member) && matches!(member.wish, None | Some(Wish::Answer))
            }),
        }
    }

    fn share(&self, wish: Wish) -> f32 {
        match wish {
            Wish::Fix => self.fix,
            Wish::Build => self.build,
            Wish::Answer => self.answer,
            Wish::Keep => 0.0,
        }
    }

    /// Whether the items may want what the matter says: not too many show that they want something else. The bars are lower than
    /// in [`Shown::allows`], because the wording of long texts says less about what they want.
    fn may_mean(&self, wish: Wish) -> bool {
        match wish {
            Wish::Fix => self.build < NEAREST && self.fix + self.nothing >= SHOWN,
            Wish::Build => self.fix < TROUBLED,
            Wish::Answer => self.fix < MOST && self.build < NEAREST && self.answer + self.nothing >= SHOWN,
            Wish::Keep => false,
        }
    }

    /// Whether enough of the items show what the matter says that they want, and not too many something else.
    fn allows(&self, wish: Wish, clear: bool) -> bool {
        match wish {
            Wish::Fix => self.fix >= SHOWN || self.fix + self.nothing >= MOST && self.build < SHOWN,
            Wish::Build => {
                self.build >= SHOWN
                    || self.build + self.answer >= MOST && self.fix < SHOWN
                    || clear && self.fix < TROUBLED
            }
            Wish::Answer => self.answer + self.nothing >= MOST && self.fix < MOST,
            Wish::Keep => false,
        }
    }
}

/// Whether a text is a question by its form. A bare name counts as a question elsewhere, and shows nothing here.
fn asks(text: &str) -> bool {
    let lower = text.to_lowercase();
    let first = lower.split(|c: char| !c.is_alphanumeric()).find(|word| !word.is_empty()).unwrap_or_default();
    lower.contains(['?', '？'])
        || QUESTIONS.contains(&first)
        || KOREAN_QUESTIONS.iter().any(|sign| lower.contains(sign))
}

const QUESTIONS: &[&str] =
    &["how", "what", "when", "where", "why", "who", "which", "can", "could", "is", "are", "do", "does", "will"];
const KOREAN_QUESTIONS: &[&str] = &["어떻게", "언제", "어디", "나요", "까요", "가요", "얼마", "는지", "알려"];
