//! Where themes lie to each other: a map by meaning, and the themes that are nearest to one.

use std::collections::{BTreeMap, HashMap};

use uuid::Uuid;

use super::grouper::Grouper;
use crate::engine::search::across::JOINED;
use crate::engine::search::neighbours::{NO_THEME, ThemeNo};
use crate::engine::text::vector::{DIMENSIONS, Vector, normalise};

/// The most items of a theme that are read for its mean vector, spread evenly over time.
const SAMPLE: usize = 200;
/// Steps of the power iteration. A map needs no more exact axes than can be seen.
const STEPS: usize = 60;

impl Grouper {
    /// A map of these themes: the two principal components of their mean vectors. Themes of like meaning are near to each
    /// other. Coordinates are from -1 to 1, with one scale for both axes; themes without items are left out.
    pub fn theme_map(&self, themes: &[Uuid]) -> Vec<(Uuid, [f32; 2])> {
        let (ids, mut means) = self.means(themes);
        centre(&mut means);
        // The principal components of n vectors, by their n x n products: n is less than the number of dimensions.
        let mut products: Vec<Vec<f32>> = Vec::with_capacity(means.len());
        for one in &means {
            products.push(means.iter().map(|other| dot(one, other)).collect());
        }
        let axes = [axis(&mut products), axis(&mut products)];
        let largest = axes.iter().flatten().fold(f32::EPSILON, |most, value| most.max(value.abs()));
        let place = |at: usize| [axes[0][at] / largest, axes[1][at] / largest];
        ids.into_iter().enumerate().map(|(at, id)| (id, place(at))).collect()
    }

    /// The mean vectors of themes, of length 1; themes without items are left out.
    fn means(&self, themes: &[Uuid]) -> (Vec<Uuid>, Vec<Vector>) {
        let numbers = themes.iter().filter_map(|id| Some((*id, self.themes.number(*id)?)));
        let present: Vec<(Uuid, ThemeNo)> =
            numbers.filter(|(_, number)| self.themes.sizes[*number as usize] > 0).collect();
        let at: HashMap<ThemeNo, usize> = present.iter().enumerate().map(|(at, (_, number))| (*number, at)).collect();
        let mut means = vec![[0.0; DIMENSIONS]; present.len()];
        let mut seen = vec![0usize; present.len()];
        for member in self.items.copies.members() {
            let Some(&at) = at.get(&member.theme) else { continue };
            let step = self.themes.sizes[member.theme as usize].div_ceil(SAMPLE).max(1);
            seen[at] += 1;
            if !(seen[at] - 1).is_multiple_of(step) {
                continue;
            }
            let scale = self.items.inverse_length(member.slot);
            means[at].iter_mut().zip(self.items.vector(member.slot)).for_each(|(sum, value)| *sum += value * scale);
        }
        means.iter_mut().for_each(|mean| normalise(mean));
        (present.into_iter().map(|(id, _)| id).collect(), means)
    }

    /// The themes that are nearest to a theme, each with its share of the links that lead from the theme's texts to their
    /// nearest texts in other themes; the nearest first.
    pub fn near_themes(&self, theme: Uuid, most: usize) -> Vec<(Uuid, f32)> {
        let Some(own) = self.themes.number(theme) else { return Vec::new() };
        let mut links: BTreeMap<ThemeNo, f32> = BTreeMap::new();
        for member in self.items.members(own) {
            let foreign = self.items.foreign(member.slot);
            let near = self.items.neighbours[member.slot as usize].iter().enumerate();
            for (rank, (other, _)) in near.chain(foreign.iter().take(JOINED).enumerate()) {
                let to = self.items.copies.home(other).filter(|to| *to != NO_THEME && *to != own);
                if let Some(to) = to {
                    *links.entry(to).or_default() += 1.0 / (rank + 1) as f32;
                }
            }
        }
        let all = links.values().sum::<f32>().max(f32::EPSILON);
        let mut near: Vec<(Uuid, f32)> =
            links.into_iter().map(|(to, weight)| (self.themes.ids[to as usize], weight / all)).collect();
        near.sort_by(|a, b| b.1.total_cmp(&a.1));
        near.truncate(most);
        near
    }
}

fn dot(one: &[f32], other: &[f32]) -> f32 {
    one.iter().zip(other).map(|(x, y)| x * y).sum()
}

/// Takes the mean of all vectors from each.
fn centre(means: &mut [Vector]) {
    let count = means.len().max(1) as f32;
    let mut mean = [0.0; DIMENSIONS];
    for vector in means.iter() {
        mean.iter_mut().zip(vector).for_each(|(sum, value)| *sum += value / count);
    }
    for vector in means.iter_mut() {
        vector.iter_mut().zip(&mean).for_each(|(value, mean)| *value -= mean);
    }
}

/// The coordinates on the largest principal component, by power iteration; the component is then taken out of the
/// products, so that the next call finds the next one. Starts from the vector that points most out, so that the same
/// themes always give the same map.
fn axis(products: &mut [Vec<f32>]) -> Vec<f32> {
    let far = (0..products.len()).max_by(|a, b| products[*a][*a].total_cmp(&products[*b][*b]));
    let Some(far) = far else { return Vec::new() };
    let mut direction = products[far].clone();
    normalise(&mut direction);
    for _ in 0..STEPS {
        let next: Vec<f32> = products.iter().map(|row| dot(row, &direction)).collect();
        direction = next;
        normalise(&mut direction);
    }
    let turned: Vec<f32> = products.iter().map(|row| dot(row, &direction)).collect();
    let spread = dot(&turned, &direction).max(0.0);
    for (row, own) in products.iter_mut().zip(&direction) {
        row.iter_mut().zip(&direction).for_each(|(value, other)| *value -= spread * own * other);
    }
    direction.iter().map(|value| value * spread.sqrt()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Settings;

    /// A grouper with three themes, of which the first two are alike.
    fn grouper() -> (Grouper, [Uuid; 3]) {
        let themes = [1, 2, 3].map(Uuid::from_u128);
        let said = [
            ["My refund has not arrived", "The refund is late again", "Where is my refund"],
            ["I still wait for the money back", "The refund to my card is missing", "Money was not paid back"],
            ["The app crashes on start", "It crashes when I open the camera", "The app closes by itself"],
        ];
        let mut grouper = Grouper::new(Settings::default());
        for (at, texts) in said.iter().enumerate() {
            for (n, text) in texts.iter().enumerate() {
                let id = Uuid::from_u128((100 * at + n + 10) as u128);
                grouper.assign(id, text, || themes[at]);
                grouper.set_theme(id, themes[at], true);
            }
        }
        (grouper, themes)
    }

    #[test]
    fn themes_of_like_meaning_are_near_on_the_map() {
        let (grouper, themes) = grouper();
        let map = grouper.theme_map(&themes);
        let at: HashMap<Uuid, [f32; 2]> = map.iter().copied().collect();
        let distance = |a: Uuid, b: Uuid| (at[&a][0] - at[&b][0]).hypot(at[&a][1] - at[&b][1]);
        assert!(distance(themes[0], themes[1]) < distance(themes[0], themes[2]), "{map:?}");
        assert!(map.iter().flat_map(|(_, place)| place).all(|value| value.abs() <= 1.0 + 1e-5), "{map:?}");
        assert_eq!(map, grouper.theme_map(&themes), "the same themes, the same map");
        let reversed: Vec<Uuid> = themes.iter().rev().copied().collect();
        assert_eq!(grouper.theme_map(&reversed).len(), 3);
    }

    #[test]
    fn a_map_of_nothing_is_empty_and_one_theme_is_in_the_middle() {
        let (grouper, themes) = grouper();
        assert!(grouper.theme_map(&[]).is_empty() && grouper.theme_map(&[Uuid::from_u128(9)]).is_empty());
        assert_eq!(grouper.theme_map(&themes[..1]), [(themes[0], [0.0, 0.0])]);
    }

    #[test]
    fn the_nearest_theme_is_the_one_its_texts_are_linked_to() {
        let (grouper, themes) = grouper();
        let near = grouper.near_themes(themes[0], 2);
        assert_eq!(near.first().map(|(id, _)| *id), Some(themes[1]), "{near:?}");
        assert!(near.iter().all(|(id, share)| *id != themes[0] && (0.0..=1.0).contains(share)), "{near:?}");
        assert!(grouper.near_themes(Uuid::from_u128(9), 2).is_empty());
    }
}
