//! Buckets: what is kept of the samples of a while. A mean is always sum / count, never a mean of means.

use std::collections::BTreeMap;

use super::packing::{Packer, Unpacker};
use super::resolution::{DAY, FIVE, HOUR, Resolution};
use super::samples::Sample;

/// What is kept of the samples of a while.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bucket {
    pub count: u64,
    pub sum: f64,
    pub min: f64,
    pub max: f64,
    /// The latest value.
    pub last: f64,
}

impl Bucket {
    /// The bucket of one value.
    pub fn of(value: f64) -> Self {
        Self { count: 1, sum: value, min: value, max: value, last: value }
    }

    /// Adds a bucket of a later time.
    pub fn add(&mut self, later: &Bucket) {
        self.count += later.count;
        self.sum += later.sum;
        self.min = self.min.min(later.min);
        self.max = self.max.max(later.max);
        self.last = later.last;
    }

    /// The mean of its samples.
    pub fn mean(&self) -> f64 {
        self.sum / self.count as f64
    }
}

/// Buckets by their number: since 1970, in units of their resolution.
pub type Buckets = BTreeMap<i64, Bucket>;

/// Adds a bucket to those of its number; buckets are added by time.
pub fn gather(into: &mut Buckets, number: i64, bucket: &Bucket) {
    into.entry(number).and_modify(|there| there.add(bucket)).or_insert(*bucket);
}

/// The buckets of five minutes of samples, which are in order.
pub fn of_samples(samples: &[Sample]) -> Buckets {
    let mut found = Buckets::new();
    for sample in samples {
        gather(&mut found, sample.at.div_euclid(FIVE * 1000), &Bucket::of(sample.value));
    }
    found
}

/// The buckets of hours of buckets of five minutes.
pub fn hours_of(five: &Buckets) -> Buckets {
    let mut found = Buckets::new();
    for (number, bucket) in five {
        gather(&mut found, number.div_euclid(HOUR / FIVE), bucket);
    }
    found
}

/// The number of the first bucket of five minutes of a day in UTC.
pub fn first_of_day(day: i64) -> i64 {
    day * (DAY / FIVE)
}

/// The bytes of the buckets of a chunk.
pub fn pack(resolution: Resolution, chunk: i64, buckets: &Buckets) -> Vec<u8> {
    let mut packer = Packer::default();
    let mut before = chunk * resolution.buckets();
    for (number, bucket) in buckets {
        let all_same = bucket.min == bucket.max && bucket.sum == bucket.last * bucket.count as f64;
        packer.integer(number.abs_diff(before));
        packer.integer(bucket.count << 1 | u64::from(all_same));
        packer.value(bucket.last);
        if !all_same {
            packer.value(bucket.min);
            packer.value(bucket.max);
            packer.value(bucket.sum);
        }
        before = *number;
    }
    packer.finish()
}

/// The buckets in the bytes of a chunk.
pub fn unpack(resolution: Resolution, chunk: i64, bytes: &[u8]) -> Buckets {
    let (mut unpacker, mut before, mut found) = (Unpacker::new(bytes), chunk * resolution.buckets(), Buckets::new());
    while !unpacker.is_empty() {
        let Some((number, bucket)) = next(&mut unpacker, before) else { break };
        found.insert(number, bucket);
        before = number;
    }
    found
}

fn next(unpacker: &mut Unpacker<'_>, before: i64) -> Option<(i64, Bucket)> {
    let number = before.saturating_add_unsigned(unpacker.integer()?);
    let head = unpacker.integer()?;
    let (count, last) = (head >> 1, unpacker.value()?);
    if head & 1 == 1 {
        return Some((number, Bucket { count, sum: last * count as f64, min: last, max: last, last }));
    }
    let (min, max, sum) = (unpacker.value()?, unpacker.value()?, unpacker.value()?);
    Some((number, Bucket { count, sum, min, max, last }))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::samples::RawHour;
    use super::*;

    /// Samples of two days, with values that add up exactly in any order.
    fn samples() -> impl Strategy<Value = Vec<Sample>> {
        proptest::collection::vec((0i64..2 * 86_400_000, -1000i32..1000), 0..300).prop_map(|some| {
            let by_time: BTreeMap<i64, i32> = some.into_iter().collect();
            by_time.into_iter().map(|(at, value)| Sample { at, value: f64::from(value) }).collect()
        })
    }

    fn total(buckets: &Buckets) -> (u64, f64) {
        buckets.values().fold((0, 0.0), |(count, sum), bucket| (count + bucket.count, sum + bucket.sum))
    }

    proptest! {
        #[test]
        fn every_resolution_has_the_count_and_the_sum_of_the_samples(samples in samples()) {
            let five = of_samples(&samples);
            let hours = hours_of(&five);
            let sum: f64 = samples.iter().map(|sample| sample.value).sum();
            prop_assert_eq!(total(&five), (samples.len() as u64, sum));
            prop_assert_eq!(total(&hours), (samples.len() as u64, sum));
            if let (Some(last), Some((_, bucket))) = (samples.last(), hours.last_key_value()) {
                prop_assert_eq!(bucket.last, last.value);
            }
        }

        #[test]
        fn rolling_up_again_changes_nothing(samples in samples()) {
            // A roll-up replaces the buckets of the hours that it reads.
            let mut five = of_samples(&samples);
            let before = five.clone();
            for (hour, some) in by_hour(&samples) {
                let own = hour * 12..(hour + 1) * 12;
                five.retain(|number, _| !own.contains(number));
                five.extend(of_samples(&RawHour::unpack(hour, &some.pack(hour)).0));
            }
            prop_assert_eq!(five, before);
        }

        #[test]
        fn what_is_packed_is_read_again(samples in samples()) {
            let five = of_samples(&samples);
            for day in 0..2 {
                let own: Buckets = five.range(first_of_day(day)..first_of_day(day + 1)).map(|(n, b)| (*n, *b)).collect();
                let bytes = pack(Resolution::Five, day, &own);
                prop_assert_eq!(unpack(Resolution::Five, day, &bytes), own);
            }
        }

        #[test]
        fn any_bytes_are_read_without_harm(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            unpack(Resolution::Hour, 3, &bytes);
        }
    }

    fn by_hour(samples: &[Sample]) -> BTreeMap<i64, RawHour> {
        let mut hours: BTreeMap<i64, RawHour> = BTreeMap::new();
        for sample in samples {
            hours.entry(super::super::samples::hour_of(sample.at)).or_default().put(*sample);
        }
        hours
    }

    #[test]
    fn a_day_of_buckets_takes_less_than_ten_kilobytes() {
        let samples: Vec<Sample> =
            (0..5760).map(|n| Sample { at: n * 15_000, value: (n as f64 * 0.37).sin() * 40.0 + 100.0 }).collect();
        let bytes = pack(Resolution::Five, 0, &of_samples(&samples)).len();
        assert!(bytes < 10_000, "{bytes} bytes");
    }
}
