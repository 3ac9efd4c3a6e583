//! Vectors from an external embedder, converted to the engine's dimensions, centred, and compared like its own. The
//! words of an item are still counted, for labels and keywords.

use super::vector::{DIMENSIONS, Packed, Vector, normalise, pack, value};

/// Shrinkage of the mean: as if this many empty texts had come first.
const MEAN_PRIOR: f32 = 50.0;
/// The seed of the random projection. Another seed would make stored vectors incomparable.
const SEED: u64 = 0x6865_6172_6261_636b;

/// The running mean of a product's external vectors.
#[derive(Default)]
pub(in crate::engine) struct Mean {
    sum: Vec<f32>,
    count: u32,
}

impl Mean {
    pub fn learn(&mut self, external: Option<&Packed>) {
        let Some(external) = external else { return };
        self.sum.resize(DIMENSIONS, 0.0);
        for (sum, v) in self.sum.iter_mut().zip(unit(external)) {
            *sum += v;
        }
        self.count = self.count.saturating_add(1);
    }

    /// Whether no external vector was ever seen.
    pub fn is_unused(&self) -> bool {
        self.count == 0
    }

    /// The vector minus the mean, as a unit vector; zero stays zero.
    pub fn centred(&self, external: &Packed) -> Vector {
        let mut vector = unit(external);
        if vector.iter().any(|v| *v != 0.0) {
            let share = 1.0 / (self.count as f32 + MEAN_PRIOR);
            for (v, sum) in vector.iter_mut().zip(&self.sum) {
                *v -= sum * share;
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
        let mut mean = Mean::default();
        let external = |v: &[f32]| unpack_bytes(&fitted(v));
        for n in 0..500 {
            let mut v = vec![10.0; 8];
            v[n % 8] += 5.0;
            mean.learn(Some(&external(&v)));
        }
        let (mut a, mut b) = (vec![10.0; 8], vec![10.0; 8]);
        (a[0], b[1]) = (15.0, 15.0);
        let before = cosine(&unit(&external(&a)), &unit(&external(&b)));
        let after = cosine(&mean.centred(&external(&a)), &mean.centred(&external(&b)));
        assert!(before > 0.9 && after < 0.75, "{before} {after}");
        assert!(mean.centred(&external(&[0.0])).iter().all(|v| *v == 0.0));
    }
}
