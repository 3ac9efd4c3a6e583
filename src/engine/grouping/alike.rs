//! Themes that say the same: pairs whose texts are as near to each other as to their own.
//!
//! The measure is taken from the neighbour graph, so it needs no constant of similarity: where a theme was cut in two at
//! random, its texts have as many neighbours in the other half as in their own. With s(A,B), the share of the links of A's
//! texts that lead into B, two themes are alike to the degree
//!
//! ```text
//! sqrt( s(A,B) / s(B,B)  x  s(B,A) / s(A,A) )        each factor at most 1
//! ```
//!
//! which is near 1 for such halves, whatever their sizes, and near 0 for two matters. Texts of two scripts are linked by
//! the lists of the nearest texts of the other script (chosen by CSLS, see `search/across.rs`); those links are compared with the
//! links inside the script they lead to. So a theme in Korean and one in English are alike when the links of each lead
//! into the other as its own links stay in it.
//!
//! How alike two different matters are differs by product: where themes overlap, many pairs are somewhat alike. So a pair
//! must also stand out: both themes must be clearly less like every third one, and the pair clearly above what is
//! usual for the nearest pairs of the product.

use std::collections::{BTreeMap, HashMap};

use uuid::Uuid;

use super::grouper::Grouper;
use crate::engine::search::across::JOINED;
use crate::engine::search::neighbours::{NO_THEME, Slot, ThemeNo};
use crate::engine::search::script::Script;

/// Two themes that seem to say the same.
#[derive(Clone, Debug, PartialEq)]
pub struct Alike {
    /// The smaller theme, which would be merged into the other; of two equal ones the later.
    pub from: Uuid,
    pub into: Uuid,
    /// How alike they are: 1 where the texts of each are as near to those of the other as to their own, 0 where they have
    /// nothing in common.
    pub degree: f32,
    /// The nearest texts of the two themes: an item of each, nearest first.
    pub nearest: Vec<(Uuid, Uuid)>,
}

/// A theme with fewer items is too small to compare.
const LEAST_ITEMS: usize = 4;
/// The least number of texts in each theme with a link to the other one.
const LEAST_LINKED: usize = 3;
/// The least degree of two large themes. Of small ones more is required, since few texts may be near by chance: this, plus 1
/// divided by the size of the smaller one.
const LEAST_DEGREE: f32 = 0.5;
/// By how much a pair must stand out among the pairs of its themes, or those of the product.
const CLEARLY: f32 = 1.3;
/// How many pairs of nearest texts are named.
const NEAREST: usize = 3;

/// The texts of a theme in one script.
type Part = (ThemeNo, Script);

/// The links between the parts of themes.
#[derive(Default)]
struct Links {
    /// The weight of the links from one part to another, and the number of texts that they start from.
    between: BTreeMap<(Part, Part), (f32, usize)>,
    /// The weight of the links from a part to all texts of a script.
    all: HashMap<(Part, Script), f32>,
    /// The number of texts of a part.
    texts: HashMap<Part, usize>,
}

impl Links {
    /// The share of the links from one part to the script of another that lead into it.
    fn share(&self, from: Part, to: Part) -> f32 {
        let links = self.between.get(&(from, to)).map_or(0.0, |(links, _)| *links);
        links / self.all.get(&(from, to.1)).copied().unwrap_or_default().max(f32::EPSILON)
    }

    /// How alike two parts are.
    fn degree(&self, a: Part, b: Part) -> f32 {
        let towards = |from, to| (self.share(from, to) / self.share(to, to).max(f32::EPSILON)).min(1.0);
        (towards(a, b) * towards(b, a)).sqrt()
    }

    fn size(&self, theme: ThemeNo) -> usize {
        SCRIPTS.iter().filter_map(|script| self.texts.get(&(theme, *script))).sum()
    }

    /// How alike two themes are: the mean over their parts.
    fn themes_degree(&self, a: ThemeNo, b: ThemeNo) -> f32 {
        let size = |part: Part| self.texts.get(&part).copied().unwrap_or_default() as f32;
        let mut sum = 0.0;
        for x in SCRIPTS {
            for y in SCRIPTS {
                let (one, other) = ((a, x), (b, y));
                let weight = size(one) * size(other);
                sum += if weight > 0.0 { weight * self.degree(one, other) } else { 0.0 };
            }
        }
        sum / (self.size(a) * self.size(b)).max(1) as f32
    }

    /// The number of texts of a theme with a link to another.
    fn linked(&self, from: ThemeNo, to: ThemeNo) -> usize {
        let parts = SCRIPTS.iter().flat_map(|x| SCRIPTS.iter().map(|y| ((from, *x), (to, *y))));
        parts.filter_map(|pair| self.between.get(&pair)).map(|(_, texts)| texts).sum()
    }
}

const SCRIPTS: [Script; 2] = [Script::Korean, Script::Other];

impl Grouper {
    /// The pairs of themes that seem to say the same, most alike first. Muted themes are left out.
    pub fn alike(&self) -> Vec<Alike> {
        let links = self.links();
        let mut pairs: Vec<(ThemeNo, ThemeNo)> = links.between.keys().map(|(from, to)| (from.0, to.0)).collect();
        pairs.iter_mut().for_each(|pair| *pair = (pair.0.min(pair.1), pair.0.max(pair.1)));
        pairs.sort_unstable();
        pairs.dedup();
        let is_large = |theme: ThemeNo| links.size(theme) >= LEAST_ITEMS;
        pairs.retain(|(a, b)| a != b && is_large(*a) && is_large(*b));
        let degrees: Vec<(ThemeNo, ThemeNo, f32)> =
            pairs.into_iter().map(|(a, b)| (a, b, links.themes_degree(a, b))).collect();
        let mut alike: Vec<Alike> = outstanding(&degrees)
            .into_iter()
            .filter(|(a, b, degree)| *degree >= LEAST_DEGREE + 1.0 / links.size(*a).min(links.size(*b)).max(1) as f32)
            .filter(|(a, b, _)| links.linked(*a, *b).min(links.linked(*b, *a)) >= LEAST_LINKED)
            .filter(|(a, b, _)| !self.themes.muted[*a as usize] && !self.themes.muted[*b as usize])
            .map(|(a, b, degree)| self.named(a, b, degree))
            .collect();
        alike.sort_by(|x, y| y.degree.total_cmp(&x.degree).then(x.from.cmp(&y.from)));
        alike
    }

    fn links(&self) -> Links {
        let mut links = Links::default();
        for slot in 0..self.items.count() as Slot {
            let Some(from) = self.part(slot) else { continue };
            *links.texts.entry(from).or_default() += 1;
            let mut reached: Vec<Part> = Vec::new();
            let foreign = self.items.foreign(slot);
            let own = self.items.neighbours[slot as usize].iter().enumerate();
            for (rank, (other, _)) in own.chain(foreign.iter().take(JOINED).enumerate()) {
                let Some(to) = self.part(other) else { continue };
                // The first ones count most: the lists of a small theme's texts are longer than the theme.
                let weight = 1.0 / (rank + 1) as f32;
                *links.all.entry((from, to.1)).or_default() += weight;
                let (sum, texts) = links.between.entry((from, to)).or_default();
                *sum += weight;
                if !reached.contains(&to) {
                    reached.push(to);
                    *texts += 1;
                }
            }
        }
        links
    }

    fn part(&self, slot: Slot) -> Option<Part> {
        let theme = self.items.copies.home(slot).filter(|theme| *theme != NO_THEME)?;
        Some((theme, self.items.script(slot)))
    }

    fn named(&self, a: ThemeNo, b: ThemeNo, degree: f32) -> Alike {
        let sizes = &self.themes.sizes;
        let (from, into) = if sizes[a as usize] < sizes[b as usize] { (a, b) } else { (b, a) };
        let id = |theme: ThemeNo| self.themes.ids[theme as usize];
        Alike { from: id(from), into: id(into), degree, nearest: self.nearest_between(from, into) }
    }

    /// The nearest texts of two themes, no text twice.
    fn nearest_between(&self, from: ThemeNo, into: ThemeNo) -> Vec<(Uuid, Uuid)> {
        let mut found: Vec<(u16, Uuid, Uuid)> = Vec::new();
        let items: HashMap<Slot, Uuid> = self.items.members(into).map(|member| (member.slot, member.id)).collect();
        for member in self.items.members(from) {
            let foreign = self.items.foreign(member.slot);
            let near = self.items.neighbours[member.slot as usize].iter().chain(foreign.iter());
            found.extend(near.filter_map(|(other, cosine)| Some((cosine, member.id, *items.get(&other)?))));
        }
        found.sort_by(|x, y| y.0.cmp(&x.0).then(x.1.cmp(&y.1)));
        let mut named: Vec<(Uuid, Uuid)> = Vec::new();
        for (_, one, other) in found {
            if named.len() < NEAREST && named.iter().all(|(a, b)| *a != one && *b != other) {
                named.push((one, other));
            }
        }
        named
    }
}

/// The pairs that stand out.
fn outstanding(degrees: &[(ThemeNo, ThemeNo, f32)]) -> Vec<(ThemeNo, ThemeNo, f32)> {
    // The two highest degrees of each theme.
    let mut highest: HashMap<ThemeNo, [f32; 2]> = HashMap::new();
    for (a, b, degree) in degrees {
        for theme in [a, b] {
            let [first, second] = highest.entry(*theme).or_default();
            if degree > first {
                (*first, *second) = (*degree, *first);
            } else if degree > second {
                *second = *degree;
            }
        }
    }
    let mut firsts: Vec<f32> = highest.values().map(|[first, _]| *first).collect();
    firsts.sort_by(f32::total_cmp);
    let usual = firsts.get(firsts.len() / 2).copied().unwrap_or_default();
    let next = |theme: &ThemeNo, degree: f32| {
        let [first, second] = highest.get(theme).copied().unwrap_or_default();
        if degree >= first { second } else { first }
    };
    let stands_out = |(a, b, degree): &&(ThemeNo, ThemeNo, f32)| {
        *degree >= LEAST_DEGREE && *degree >= CLEARLY * next(a, *degree).max(next(b, *degree)).min(usual)
    };
    degrees.iter().filter(stands_out).copied().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Settings;

    /// Texts of four matters, one of them in two languages.
    const MATTERS: [[&str; 8]; 4] = [
        [
            "the refund has not arrived",
            "my refund is late",
            "still waiting for the refund",
            "refund not received yet",
            "where is my refund",
            "the refund did not arrive",
            "no refund after two weeks",
            "refund is missing",
        ],
        [
            "the app crashes on start",
            "app crash when it starts",
            "the app closes on start",
            "crash at the start of the app",
            "app crashes after the start",
            "it crashes when I start the app",
            "the app keeps crashing on start",
            "crashes on every start",
        ],
        [
            "please add a dark mode",
            "dark mode please",
            "a dark mode would be nice",
            "I want a dark mode",
            "add dark mode for the night",
            "dark mode is missing, add it",
            "we need a dark mode",
            "dark mode would help my eyes",
        ],
        [
            "cannot log in with my password",
            "the login does not accept my password",
            "log in fails, wrong password",
            "my password is refused at login",
            "login with the password fails",
            "password does not work for login",
            "I cannot log in, password refused",
            "login says wrong password",
        ],
    ];

    fn item(n: usize) -> Uuid {
        Uuid::from_u128(n as u128)
    }

    fn theme(n: usize) -> Uuid {
        Uuid::from_u128(1_000 + n as u128)
    }

    /// A grouper in which item n of a matter is in the theme that `place` says.
    fn grouped(place: impl Fn(usize, usize) -> usize) -> Grouper {
        let mut grouper = Grouper::new(Settings::default());
        for (n, text) in MATTERS.iter().flatten().enumerate() {
            grouper.assign(item(n), text, || theme(900 + n));
            grouper.set_theme(item(n), theme(place(n / 8, n % 8)), false);
        }
        grouper
    }

    #[test]
    fn the_halves_of_a_theme_are_alike_and_other_themes_are_not() {
        assert_eq!(grouped(|matter, _| matter).alike(), []);
        let alike = grouped(|matter, n| if matter == 0 && n % 2 == 1 { 10 } else { matter }).alike();
        let pairs: Vec<(Uuid, Uuid)> = alike.iter().map(|alike| (alike.from, alike.into)).collect();
        assert!(pairs == [(theme(0), theme(10))] || pairs == [(theme(10), theme(0))], "{alike:?}");
        assert!(alike[0].degree > 0.6 && !alike[0].nearest.is_empty());
        for (from, into) in &alike[0].nearest {
            assert!(from.as_u128() < 8 && into.as_u128() < 8 && from != into);
        }
    }

    #[test]
    fn a_muted_theme_and_very_small_ones_are_left_out() {
        let mut grouper = grouped(|matter, n| if matter == 0 && n % 2 == 1 { 10 } else { matter });
        grouper.mute(theme(10), true);
        assert_eq!(grouper.alike(), []);
        assert_eq!(grouped(|matter, n| if matter == 0 && n == 1 { 10 } else { matter }).alike(), []);
    }
}
