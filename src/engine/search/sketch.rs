//! 256-bit SimHash sketches (Charikar 2002) after a random Hadamard rotation. The Hamming distance between two sketches
//! estimates the angle between the vectors, at 1/16 of the cost of a dot product.

use crate::engine::text::vector::{DIMENSIONS, Packed, value};

/// A sketch has half as many bits as there are dimensions: twice as many sketches of half the length give a better
/// recall.
const BITS: usize = DIMENSIONS / 2;

/// The signs of the rotated vector.
pub(in crate::engine) type Sketch = [u64; BITS / 64];

/// The sketch of a vector. The rotation is a Hadamard transform after random sign changes (Ailon & Chazelle 2009).
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

/// Whether the sign of a dimension is changed: pseudo-random, but always the same.
fn is_changed(at: usize) -> bool {
    let mixed = (at as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed ^ (mixed >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9) >> 63 == 1
}

/// The Hamming distances between a sketch and every `step`-th sketch, starting with the first.
pub(in crate::engine) fn differences(from: &Sketch, sketches: &[Sketch], step: usize) -> Vec<u16> {
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("popcnt") {
        // SAFETY: the CPU has POPCNT, as checked above.
        return unsafe { differences_popcnt(from, sketches, step) };
    }
    differences_portable(from, sketches, step)
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "popcnt")]
fn differences_popcnt(from: &Sketch, sketches: &[Sketch], step: usize) -> Vec<u16> {
    differences_portable(from, sketches, step)
}

/// The portable version of [`differences`]. It is an inlined loop, because a closure would not be compiled with POPCNT.
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

    /// A vector between two others.
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
        // Vectors with only one non-zero value, as from texts of one word. Without the rotation, their sketches would
        // all be similar.
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
