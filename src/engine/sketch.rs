//! A rough picture of a vector in a quarter of its memory, for look-ups among many items, where reading the vectors
//! takes most of the time: each value becomes -1, 0 or 1. The query stays as it is, so that much less is lost than if
//! both were rough.

use super::vector::{DIMENSIONS, Packed, value};

/// Bytes of a sketch: two bits a dimension.
pub(super) const SKETCH: usize = DIMENSIONS / 4;

const LANES: usize = 32;
/// Values below this share of the root mean square become 0.
const THRESHOLD: f32 = 0.7;

/// The sketch of a vector and 1 / its length, 0 for a vector like nothing. Byte 32 l + i holds dimension i of the steps
/// 4 l to 4 l + 3 of 32 dimensions, lowest bits first, as 0, 1, 2 for -1, 0, 1: what the CPU unpacks fastest.
pub(super) fn sketch(vector: &Packed) -> ([u8; SKETCH], f32) {
    let square: f32 = vector.iter().map(|v| f32::from(value(*v)).powi(2)).sum();
    let threshold = THRESHOLD * (square / DIMENSIONS as f32).sqrt();
    let mut bytes = [0; SKETCH];
    let mut used = 0;
    for (dimension, v) in vector.iter().enumerate() {
        let v = f32::from(value(*v));
        let sign = if v.abs() > threshold { v.signum() as i8 } else { 0 };
        used += i32::from(sign.abs());
        let (step, lane) = (dimension / LANES, dimension % LANES);
        bytes[step / 4 * LANES + lane] |= ((sign + 1) as u8) << (step % 4 * 2);
    }
    (bytes, if used > 0 { 1.0 / (used as f32).sqrt() } else { 0.0 })
}

/// Dot products of the query with each sketch of `rows` (one after the other), exact integers.
pub(super) fn rough_dots(query: &Packed, rows: &[u8], out: &mut [i32]) {
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx2") {
        // SAFETY: the CPU has AVX2, checked just now.
        return unsafe { rough_dots_avx2(query, rows, out) };
    }
    rough_dots_portable(query, rows, out);
}

/// The plain meaning of [`rough_dots`], used where the CPU has no AVX2.
fn rough_dots_portable(query: &Packed, rows: &[u8], out: &mut [i32]) {
    for (row, out) in rows.chunks_exact(SKETCH).zip(out) {
        let sign = |dimension: usize| {
            let (step, lane) = (dimension / LANES, dimension % LANES);
            i32::from(row[step / 4 * LANES + lane] >> (step % 4 * 2) & 3) - 1
        };
        *out = query.iter().enumerate().map(|(dimension, q)| i32::from(value(*q)) * sign(dimension)).sum();
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn rough_dots_avx2(query: &Packed, rows: &[u8], out: &mut [i32]) {
    use std::arch::x86_64::*;

    // SAFETY (all loads below): `step` counts 32-byte steps inside an array or row of a multiple of 32 bytes.
    let load = |row: &[u8], step: usize| unsafe { _mm256_loadu_si256(row.as_ptr().add(step * LANES).cast()) };
    let values = query.map(|q| value(q) as u8);
    let query_values: [__m256i; DIMENSIONS / LANES] = std::array::from_fn(|step| load(&values, step));
    // A code is a sign plus 1: (s + 1) q = s q + q, and the last part is the same for all rows.
    let offset: i32 = query.iter().map(|q| i32::from(value(*q))).sum();
    let (code, ones) = (_mm256_set1_epi8(3), _mm256_set1_epi16(1));
    for (row, out) in rows.chunks_exact(SKETCH).zip(out) {
        let mut sum = _mm256_setzero_si256();
        for (step, q) in query_values.chunks_exact(4).enumerate() {
            let bytes = load(row, step);
            let first = _mm256_maddubs_epi16(_mm256_and_si256(bytes, code), q[0]);
            let second = _mm256_maddubs_epi16(_mm256_and_si256(_mm256_srli_epi16::<2>(bytes), code), q[1]);
            let third = _mm256_maddubs_epi16(_mm256_and_si256(_mm256_srli_epi16::<4>(bytes), code), q[2]);
            let fourth = _mm256_maddubs_epi16(_mm256_and_si256(_mm256_srli_epi16::<6>(bytes), code), q[3]);
            // 16 times two products of at most 2 * 63 fit 16 bits.
            let four = _mm256_add_epi16(_mm256_add_epi16(first, second), _mm256_add_epi16(third, fourth));
            sum = _mm256_add_epi16(sum, four);
        }
        let sum = _mm256_madd_epi16(sum, ones);
        let half = _mm_add_epi32(_mm256_castsi256_si128(sum), _mm256_extracti128_si256::<1>(sum));
        let quarter = _mm_add_epi32(half, _mm_shuffle_epi32::<0b01_00_11_10>(half));
        let total = _mm_add_epi32(quarter, _mm_shuffle_epi32::<0b10_11_00_01>(quarter));
        *out = _mm_cvtsi128_si32(total) - offset;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_fast_and_the_plain_way_agree(seed in any::<[u8; 32]>(), extreme in any::<bool>()) {
            let byte = |i: usize| seed[i % 32].wrapping_mul((i / 32) as u8 | 1) % 127 + 1;
            let vector: Packed = std::array::from_fn(|i| if extreme { 127 } else { byte(i + 7) });
            let query: Packed = std::array::from_fn(|i| if extreme { 1 } else { byte(i) });
            let rows = [sketch(&vector).0, sketch(&query).0].concat();
            let (mut fast, mut plain) = ([0; 2], [1; 2]);
            rough_dots(&query, &rows, &mut fast);
            rough_dots_portable(&query, &rows, &mut plain);
            prop_assert_eq!(fast, plain);
            prop_assert!(fast[1] > 0, "a vector is like its own sketch");
        }
    }
}
