//! Vectors from an external embedder, converted to the engine's dimensions, centred, and compared like its own. The
//! words of an item are still counted, for labels and keywords.

use super::vector::{DIMENSIONS, Packed, Vector, normalise, pack, value};

/// Shrinkage of the mean of all texts: as if this many empty texts had come first. Texts of sentence models have a large
/// part in common (any two by multilingual-e5 have a cosine above .7), which has to be subtracted from the first texts on.
const MEAN_PRIOR: f32 = 1.0;
/// Shrinkage of how far the mean of a script is from that of all texts: as if this many texts at the mean of all had come
/// first. Where all texts are of one script, it changes nothing.
const SCRIPT_PRIOR: f32 = 3.0;
/// The seed of the random projection. Another seed would make stored vectors incomparable.
const SEED: u64 = 0x6865_6172_6261_636b;

/// The running means of a product's external vectors, one for Korean texts and one for all others: a multilingual model
/// also tells languages apart, and without that part texts of two languages are comparable.
#[derive(Default)]
pub(in crate::engine) struct Means {
    korean: Sum,
    other: Sum,
}

/// The sum of some vectors.
#[derive(Default)]
struct Sum {
    sum: Vec<f32>,
    count: f32,
}

impl Sum {
    fn add(&mut self, vector: &Vector) {
        self.sum.resize(DIMENSIONS, 0.0);
        self.sum.iter_mut().zip(vector).for_each(|(sum, v)| *sum += v);
        self.count += 1.0;
    }

    fn get(&self, dimension: usize) -> f32 {
        self.sum.get(dimension).copied().unwrap_or_default()
    }
}

impl Means {
    pub fn learn(&mut self, external: Option<&Packed>, korean: bool) {
        let Some(external) = external else { return };
        let own = if korean { &mut self.korean } else { &mut self.other };
        own.add(&unit(external));
    }

    /// Whether no external vector was ever seen.
    pub fn is_unused(&self) -> bool {
        self.korean.count + self.other.count == 0.0
    }

    /// The vector minus the mean of its script, as a unit vector; zero stays zero.
    pub fn centred(&self, external: &Packed, korean: bool) -> Vector {
        let mut vector = unit(external);
        if vector.iter().any(|v| *v != 0.0) {
            let own = if korean { &self.korean } else { &self.other };
            let count = self.korean.count + self.other.count;
            let script_weight = own.count / (own.count + SCRIPT_PRIOR);
            for (dimension, v) in vector.iter_mut().enumerate() {
                let all = self.korean.get(dimension) + self.other.get(dimension);
                let script_shift = own.get(dimension) / own.count.max(1.0) - all / count.max(1.0);
                *v -= all / (count + MEAN_PRIOR) + script_weight * script_shift;
            }
            normalise(&mut vector);
        }
        vector
    }
}

fn unit(external: &Packed) -> Vector {
    let mut vector = external.map(|byte| f32::from(value(byte)));
    normalise(&mut vector);
    vector
}

/// A vector of any length in the engine's dimensions, as bytes to store. A shorter vector is padded with zeros, which
/// keeps every cosine. A longer one is projected with fixed random signs, which nearly keeps them.
pub fn fitted(values: &[f32]) -> Vec<u8> {
    let mut vector = [0.0; DIMENSIONS];
    if values.len() <= DIMENSIONS {
        vector[..values.len()].copy_from_slice(values);
    } else {
        for (n, value) in values.iter().enumerate() {
            add_signed(&mut vector, n, *value);
        }
    }
    normalise(&mut vector);
    pack(&vector).to_vec()
}

/// Adds the value to every dimension, with the signs of input dimension `n`.
fn add_signed(vector: &mut Vector, n: usize, value: f32) {
    for (block, values) in vector.chunks_mut(64).enumerate() {
        let mut signs = mix(SEED ^ ((n as u64) << 16 | block as u64));
        for v in values {
            *v += if signs & 1 == 0 { value } else { -value };
            signs >>= 1;
        }
    }
}

/// splitmix64.
fn mix(n: u64) -> u64 {
    let h = n.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let h = (h ^ (h >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let h = (h ^ (h >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    h ^ (h >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::text::vector::unpack_bytes;

    /// Pseudo-random numbers, the same each time.
    fn numbers(seed: u64, count: usize) -> Vec<f32> {
        (0..count).map(|n| (mix(seed << 32 | n as u64) >> 40) as f32 / (1 << 23) as f32 - 1.0).collect()
    }

    fn cosine(a: &[f32], b: &[f32]) -> f32 {
        let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(x, y)| x * y).sum::<f32>();
        dot(a, b) / (dot(a, a) * dot(b, b)).sqrt()
    }

    #[test]
    fn any_dimension_fits_and_keeps_its_cosines() {
        for (dimensions, tolerance) in [(3, 0.02), (384, 0.02), (512, 0.02), (768, 0.12), (1536, 0.12), (3072, 0.12)] {
            let a = numbers(1, dimensions);
            let other = numbers(2, dimensions);
            let b: Vec<f32> = a.iter().zip(&other).map(|(x, y)| x + 0.7 * y).collect();
            let (before, after) = (cosine(&a, &b), {
                let [a, b] = [&a, &b].map(|v| unit(&unpack_bytes(&fitted(v))));
                cosine(&a, &b)
            });
            assert!((before - after).abs() < tolerance, "{dimensions}: {before} became {after}");
        }
        assert_eq!(fitted(&numbers(3, 1024)), fitted(&numbers(3, 1024)));
        assert!(fitted(&[]).iter().all(|byte| value(*byte) == 0));
    }

    #[test]
    fn what_all_texts_have_in_common_is_taken_away() {
        let mut means = Means::default();
        let external = |v: &[f32]| unpack_bytes(&fitted(v));
        for n in 0..500 {
            let mut v = vec![10.0; 8];
            v[n % 8] += 5.0;
            means.learn(Some(&external(&v)), n % 2 == 0);
        }
        let (mut a, mut b) = (vec![10.0; 8], vec![10.0; 8]);
        (a[0], b[1]) = (15.0, 15.0);
        let before = cosine(&unit(&external(&a)), &unit(&external(&b)));
        let after = cosine(&means.centred(&external(&a), false), &means.centred(&external(&b), false));
        assert!(before > 0.9 && after < 0.75, "{before} {after}");
        assert!(means.centred(&external(&[0.0]), true).iter().all(|v| *v == 0.0));
    }

    #[test]
    fn texts_of_one_language_are_centred_by_the_mean_of_all_texts() {
        let mut means = Means::default();
        let texts: Vec<Packed> = (0..2).map(|n| unpack_bytes(&fitted(&numbers(n, 64)))).collect();
        texts.iter().for_each(|text| means.learn(Some(text), false));
        let (first, second) = (unit(&texts[0]), unit(&texts[1]));
        let mut expected: Vec<f32> = first.iter().zip(&second).map(|(a, b)| a - (a + b) / (2.0 + MEAN_PRIOR)).collect();
        normalise(&mut expected);
        assert!(cosine(&means.centred(&texts[0], false), &expected) > 0.9999);
    }

    #[test]
    fn what_a_language_has_in_common_is_taken_away() {
        let mut means = Means::default();
        // Both languages have a part in common, a part of their own, and one of eight subjects.
        let text = |subject: usize, korean: bool| {
            let mut v = vec![0.0; 16];
            v[8] = 10.0;
            v[if korean { 9 } else { 10 }] = 8.0;
            v[subject] = 5.0;
            unpack_bytes(&fitted(&v))
        };
        for n in 0..40 {
            means.learn(Some(&text(n / 2 % 8, n % 2 == 0)), n % 2 == 0);
        }
        let across = |a, b| cosine(&means.centred(&text(a, true), true), &means.centred(&text(b, false), false));
        let (same, other) = (across(1, 1), across(1, 2));
        assert!(same > 0.8 && other < 0.2, "{same} {other}");
    }
}
