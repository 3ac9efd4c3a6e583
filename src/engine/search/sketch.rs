//! A few bits of a turned vector, by which many vectors are told from near ones at a sixteenth of the cost: the share of
//! bits in which two sketches differ is the angle between the vectors in parts of a half turn, more or less (Charikar
//! 2002).

use crate::engine::text::vector::{DIMENSIONS, Packed, value};

/// Half the dimensions are turned into bits: twice as many sketches of half the length find more.
const BITS: usize = DIMENSIONS / 2;

/// The signs of a vector after a turn that gives every dimension a part in each bit.
pub(in crate::engine) type Sketch = [u64; BITS / 64];

/// The sketch of a vector. The turn is a Hadamard transform after changed signs (Ailon & Chazelle 2009).
pub(in crate::engine) fn sketch(row: &Packed) -> Sketch {
    let mut turned: [i32; DIMENSIONS] = std::array::from_fn(|at| {
        let value = i32::from(value(row[at]));
        if is_changed(at) { -value } else { value }
    });
    let mut half = 1;
    while half < DIMENSIONS {
        for pair in turned.chunks_exact_mut(2 * half) {
            let (left, right) = pair.split_at_mut(half);
            for (a, b) in left.iter_mut().zip(right) {
                (*a, *b) = (*a + *b, *a - *b);
            }
        }
        half *= 2;
    }
    let word = |values: &[i32]| values.iter().rev().fold(0, |word, value| word << 1 | u64::from(*value > 0));
    let mut words = turned.chunks_exact(64).map(word);
    std::array::from_fn(|_| words.next().unwrap_or(0))
}

/// Whether a dimension changes its sign: as good as chance, and always the same.
fn is_changed(at: usize) -> bool {
    let mixed = (at as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed ^ (mixed >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9) >> 63 == 1
}

/// In how many bits every `step`-th sketch, from the first on, differs from the given one.
pub(in crate::engine) fn differences(from: &Sketch, sketches: &[Sketch], step: usize) -> Vec<u16> {
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("popcnt") {
        // SAFETY: the CPU counts bits, as was checked.
        return unsafe { differences_popcnt(from, sketches, step) };
    }
    differences_portable(from, sketches, step)
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "popcnt")]
fn differences_popcnt(from: &Sketch, sketches: &[Sketch], step: usize) -> Vec<u16> {
    differences_portable(from, sketches, step)
}

/// The plain meaning of [`differences`]. A loop, and inlined: a closure would not count with the CPU's instruction.
#[inline(always)]
fn differences_portable(from: &Sketch, sketches: &[Sketch], step: usize) -> Vec<u16> {
    let mut differences = Vec::with_capacity(sketches.len().div_ceil(step.max(1)));
    for sketches in sketches.chunks(step.max(1)) {
        let mut difference = 0;
        for (a, b) in from.iter().zip(&sketches[0]) {
            difference += (a ^ b).count_ones() as u16;
        }
        differences.push(difference);
    }
    differences
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::text::vector::{NOTHING, inverse_length};

    fn vector(seed: u64) -> Packed {
        let mut state = seed;
        std::array::from_fn(|_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            1 + ((state >> 33) % 127) as u8
        })
    }

    /// A vector somewhere between two.
    fn between(a: &Packed, b: &Packed, share: f32) -> Packed {
        std::array::from_fn(|at| (f32::from(a[at]) * (1.0 - share) + f32::from(b[at]) * share).round() as u8)
    }

    #[test]
    fn the_bits_that_differ_tell_the_angle() {
        let (a, b) = (vector(1), vector(2));
        for tenths in 0..=10 {
            let other = between(&a, &b, tenths as f32 / 10.0);
            let dot: f32 = a.iter().zip(&other).map(|(x, y)| f32::from(value(*x)) * f32::from(value(*y))).sum();
            let angle = (dot * inverse_length(&a) * inverse_length(&other)).min(1.0).acos() / std::f32::consts::PI;
            let bits = f32::from(differences(&sketch(&a), &[sketch(&other)], 1)[0]) / BITS as f32;
            assert!((bits - angle).abs() < 0.1, "{tenths}: {bits} for an angle of {angle}");
        }
    }

    #[test]
    fn few_dimensions_reach_every_bit() {
        // As texts of one word give them: by the plain signs all such vectors would be alike.
        let (mut a, mut b) = (NOTHING, NOTHING);
        (a[3], b[400]) = (90, 90);
        let bits = differences(&sketch(&a), &[sketch(&b), sketch(&a)], 1);
        assert!((90..=166).contains(&bits[0]) && bits[1] == 0, "{bits:?}");
    }

    #[test]
    fn every_so_many_are_compared_with_or_without_the_cpus_instruction() {
        let sketches: Vec<Sketch> = (0..10).map(|n| sketch(&vector(n))).collect();
        for step in [1, 3, 10, 20] {
            let fast = differences(&sketches[0], &sketches, step);
            assert_eq!(fast, differences_portable(&sketches[0], &sketches, step));
            assert_eq!(fast.len(), 10usize.div_ceil(step));
            assert_eq!(fast[0], 0);
        }
        assert!(differences(&sketches[0], &[], 0).is_empty());
    }
}
