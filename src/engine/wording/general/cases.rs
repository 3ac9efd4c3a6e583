//! Which matter of the table a theme is about, by the meaning of what each of its customers says: also where they share no
//! word, and across languages. The title is the table's own, so that it quotes nobody.

use std::cmp::Reverse;
use std::collections::HashSet;

use uuid::Uuid;

use super::case_table::{CASES, Case, Meaning, cosine};
use super::tables::TROUBLES;
use crate::engine::wording::compose::{Composer, Member};
use crate::engine::wording::wish::Wish;

/// How many of the most central items are read.
const READ: usize = 32;
/// How many matters are compared with the texts phrase by phrase: those whose centre is nearest.
const COMPARED: usize = 24;
/// The least mean likeness of the texts to the matter.
const LIKE: f32 = 0.36;
/// The share of the items that must be nearer to this matter than to any other.
const NEAREST: f32 = 0.5;
/// How much nearer the theme must be to it than to the next one, and the share of the items from which that is not asked.
const AHEAD: f32 = 0.04;
const CLEARLY: f32 = 0.75;
/// How much more likely a matter is that suits what all of its customers want.
const SUITS: f32 = 0.06;
/// The share of the items that must name a trouble, or ask for something, in a matter of that kind.
const SHOWN: f32 = 0.4;

/// The matter that most customers of a theme speak of; `None` where they speak of none of the table, or of several.
pub(in crate::engine) fn case_of(theme: &Composer<'_>) -> Option<&'static Case> {
    let members: Vec<&Member> = theme.members.iter().take(READ).collect();
    let meanings: Vec<Meaning> = members.iter().map(|member| CASES.meaning_of(&member.text)).collect();
    let shown = Shown::of(&members);
    let near = |case: &Case| meanings.iter().map(|meaning| cosine(meaning, &case.centre)).sum::<f32>();
    let mut by_centre: Vec<(f32, &Case)> = CASES.all.iter().map(|case| (near(case), case)).collect();
    by_centre.sort_by(|a, b| b.0.total_cmp(&a.0));
    let compared: Vec<&Case> = by_centre.into_iter().take(COMPARED).map(|(_, case)| case).collect();
    let likeness: Vec<Vec<f32>> =
        meanings.iter().map(|meaning| compared.iter().map(|case| like(meaning, case)).collect()).collect();
    let mean = |at: usize| likeness.iter().map(|of| of[at]).sum::<f32>() / members.len().max(1) as f32;
    let mut ranked: Vec<(f32, usize)> =
        compared.iter().enumerate().map(|(at, case)| (mean(at) + SUITS * shown.share(case.wish), at)).collect();
    ranked.sort_by(|a, b| b.0.total_cmp(&a.0));
    let [(first, best), (second, _), ..] = ranked[..] else { return None };
    let votes: HashSet<Uuid> = members
        .iter()
        .zip(&likeness)
        .filter(|(_, of)| nearest(of, &compared, &shown) == Some(best))
        .map(|(member, _)| member.by)
        .collect();
    let customers = members.iter().map(|member| member.by).collect::<HashSet<_>>().len();
    let share = votes.len() as f32 / customers.max(1) as f32;
    let ahead = first - second >= AHEAD || share >= CLEARLY;
    let enough = votes.len() >= theme.needed.min(3) && share >= NEAREST;
    (mean(best) >= LIKE && enough && ahead && shown.allows(compared[best].wish)).then_some(compared[best])
}

/// How like a text is to a matter: half its centre, half the phrase that is nearest.
fn like(meaning: &Meaning, case: &Case) -> f32 {
    let nearest = case.phrases.iter().map(|phrase| cosine(meaning, phrase)).fold(0.0, f32::max);
    f32::midpoint(cosine(meaning, &case.centre), nearest)
}

/// The matter to which one text is nearest.
fn nearest(likeness: &[f32], compared: &[&Case], shown: &Shown) -> Option<usize> {
    let of = |at: &usize| likeness[*at] + SUITS * shown.share(compared[*at].wish);
    (0..likeness.len())
        .map(|at| (of(&at), Reverse(at)))
        .max_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)))
        .map(|(_, at)| at.0)
}

/// The shares of the items that name a trouble, ask for something, or ask a question.
struct Shown {
    fix: f32,
    build: f32,
    answer: f32,
}

impl Shown {
    fn of(members: &[&Member]) -> Self {
        let share = |shows: &dyn Fn(&Member) -> bool| {
            members.iter().filter(|member| shows(member)).count() as f32 / members.len().max(1) as f32
        };
        Shown {
            fix: share(&|member| member.wish == Some(Wish::Fix) || !TROUBLES.mentioned(&member.text).is_empty()),
            build: share(&|member| member.wish == Some(Wish::Build)),
            answer: share(&|member| member.wish == Some(Wish::Answer)),
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

    /// Whether enough of the items show what the matter says that they want.
    fn allows(&self, wish: Wish) -> bool {
        self.share(wish) >= SHOWN
    }
}
