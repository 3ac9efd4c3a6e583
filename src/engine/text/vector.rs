//! Unit vectors in 512 dimensions, stored as one byte per dimension, and fast dot products with many of them.

/// The number of dimensions, and of bytes, of a stored vector.
pub const DIMENSIONS: usize = 512;

/// A vector in floating point.
pub(in crate::engine) type Vector = [f32; DIMENSIONS];
/// A stored vector: each value times a common factor, in -63..=63, plus [`ZERO`]. With seven bits and no sign, the CPU
/// can multiply and add 32 values at a time without overflow.
pub(in crate::engine) type Packed = [u8; DIMENSIONS];

/// The byte for 0.
const ZERO: u8 = 64;
const LARGEST: i8 = 63;

/// The zero vector: its cosine with every vector is 0, itself included.
pub(in crate::engine) const NOTHING: Packed = [ZERO; DIMENSIONS];

/// The value of a stored byte.
pub(in crate::engine) fn value(byte: u8) -> i8 {
    byte.wrapping_sub(ZERO) as i8
}

/// Scales the vector to length 1; a zero vector stays zero.
pub(in crate::engine) fn normalise(vector: &mut [f32]) {
    let norm = vector.iter().map(|v| v * v).sum::<f32>().sqrt();
    if norm > 0.0 {
        vector.iter_mut().for_each(|v| *v /= norm);
    }
}

/// Packs a vector; the value with the largest magnitude becomes 63 or -63. Cosines need no common scale.
pub(in crate::engine) fn pack(vector: &Vector) -> Packed {
    pack_all(vector)
}

/// The same for any number of dimensions.
pub(in crate::engine) fn pack_all<const N: usize>(vector: &[f32; N]) -> [u8; N] {
    let largest = vector.iter().fold(0.0f32, |m, v| m.max(v.abs()));
    let scale = if largest > 0.0 { f32::from(LARGEST) / largest } else { 0.0 };
    vector.map(|v| ZERO.wrapping_add_signed((v * scale).round() as i8))
}

/// Stored bytes as a packed vector; bytes of another length give [`NOTHING`].
pub(in crate::engine) fn unpack_bytes(bytes: &[u8]) -> Packed {
    let mut packed = NOTHING;
    if bytes.len() == DIMENSIONS {
        for (packed, byte) in packed.iter_mut().zip(bytes) {
            *packed = (*byte).clamp(ZERO - LARGEST as u8, ZERO + LARGEST as u8); // The fast dot product relies on this range.
        }
    }
    packed
}

/// 1 / length, or 0 for [`NOTHING`], so that its cosine with any vector is 0.
pub(in crate::engine) fn inverse_length(row: &[u8]) -> f32 {
    let square: i32 = row.iter().map(|v| i32::from(value(*v)).pow(2)).sum();
    if square > 0 { 1.0 / (square as f32).sqrt() } else { 0.0 }
}

/// A vector that is compared with many rows.
pub(in crate::engine) struct Query {
    values: [i8; DIMENSIONS],
    /// The contribution of the rows' offset to each product: (r + 64) q = r q + 64 q.
    offset: i32,
    inverse_length: f32,
    is_fast: bool,
}

impl Query {
    pub fn new(vector: &Packed) -> Self {
        let values = vector.map(value);
        #[cfg(target_arch = "x86_64")]
        let is_fast = is_x86_feature_detected!("avx2");
        #[cfg(not(target_arch = "x86_64"))]
        let is_fast = false;
        let offset = i32::from(ZERO) * values.iter().map(|v| i32::from(*v)).sum::<i32>();
        Query { values, offset, inverse_length: inverse_length(vector), is_fast }
    }

    /// 1 / length, or 0 for a zero query.
    pub fn inverse_length(&self) -> f32 {
        self.inverse_length
    }

    /// Dot products with each row of `rows` (contiguous), as exact integers.
    pub fn dots(&self, rows: &[u8], out: &mut [i32]) {
        #[cfg(target_arch = "x86_64")]
        if self.is_fast {
            // SAFETY: the CPU has AVX2, as checked above.
            return unsafe { dots_avx2(self, rows, out) };
        }
        self.dots_portable(rows, out);
    }

    /// The dot product with one row.
    pub fn dot(&self, row: &[u8]) -> i32 {
        let mut product = [0];
        self.dots(row, &mut product);
        product[0]
    }

    /// The portable version of [`Query::dots`], used where the CPU has no AVX2.
    fn dots_portable(&self, rows: &[u8], out: &mut [i32]) {
        for (row, out) in rows.chunks_exact(DIMENSIONS).zip(out) {
            *out = row.iter().zip(&self.values).map(|(r, q)| i32::from(value(*r)) * i32::from(*q)).sum();
        }
    }
}

/// Prefetches a row, so that the memory accesses of several scattered rows overlap.
pub(in crate::engine) fn fetch(row: &[u8]) {
    #[cfg(target_arch = "x86_64")]
    for line in row.chunks(64) {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        // SAFETY: a prefetch of an address inside the row; nothing is read.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(line.as_ptr().cast()) };
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = row;
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn dots_avx2(query: &Query, rows: &[u8], out: &mut [i32]) {
    use std::arch::x86_64::*;
    const LANES: usize = 32;
    const STEPS: usize = DIMENSIONS / LANES;

    // SAFETY (all loads below): `step` is less than STEPS, inside an array or row of DIMENSIONS bytes.
    let load = |row: *const u8, step: usize| unsafe { _mm256_loadu_si256(row.add(step * LANES).cast()) };
    let query_values: [__m256i; STEPS] = std::array::from_fn(|step| load(query.values.as_ptr().cast(), step));
    let ones = _mm256_set1_epi16(1);
    for (row, out) in rows.chunks_exact(DIMENSIONS).zip(out) {
        let mut sum = _mm256_setzero_si256();
        for step in (0..STEPS).step_by(2) {
            // The sum of two products of at most 127 * 63 fits 16 bits.
            let even = _mm256_maddubs_epi16(load(row.as_ptr(), step), query_values[step]);
            let odd = _mm256_maddubs_epi16(load(row.as_ptr(), step + 1), query_values[step + 1]);
            sum = _mm256_add_epi32(sum, _mm256_madd_epi16(_mm256_add_epi16(even, odd), ones));
        }
        let half = _mm_add_epi32(_mm256_castsi256_si128(sum), _mm256_extracti128_si256::<1>(sum));
        let quarter = _mm_add_epi32(half, _mm_shuffle_epi32::<0b01_00_11_10>(half));
        let total = _mm_add_epi32(quarter, _mm_shuffle_epi32::<0b10_11_00_01>(quarter));
        *out = _mm_cvtsi128_si32(total) - query.offset;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_fast_and_the_plain_dot_product_agree(seed in any::<[u8; 32]>(), extreme in any::<bool>()) {
            let byte = |i: usize| seed[i % 32].wrapping_mul((i / 32) as u8 | 1) % 127 + 1;
            let rows: Vec<u8> = (0..3 * DIMENSIONS).map(|i| if extreme { 127 } else { byte(i + 7) }).collect();
            let query: Packed = std::array::from_fn(|i| if extreme { 1 } else { byte(i) });
            let (mut fast, mut plain) = ([0; 3], [1; 3]);
            let query = Query::new(&query);
            query.dots(&rows, &mut fast);
            query.dots_portable(&rows, &mut plain);
            prop_assert_eq!(fast, plain);
        }

        #[test]
        fn packing_keeps_the_direction(values in proptest::collection::vec(-1.0f32..1.0, DIMENSIONS)) {
            let mut vector: Vector = std::array::from_fn(|i| values[i]);
            normalise(&mut vector);
            let packed = pack(&vector);
            let length = inverse_length(&packed);
            let cosine: f32 = packed.iter().zip(&vector).map(|(p, v)| f32::from(value(*p)) * v).sum::<f32>() * length;
            prop_assert!(cosine > 0.995);
        }
    }

    #[test]
    fn a_zero_vector_is_like_nothing() {
        assert_eq!(pack(&[0.0; DIMENSIONS]), NOTHING);
        assert_eq!(inverse_length(&NOTHING), 0.0);
    }
}
