//! Samples as they were sent: an hour of one series.

use super::packing::{Packer, Unpacker};
use super::resolution::{HOUR, MOST_AN_HOUR};

/// A value at a point in time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sample {
    /// Milliseconds since 1970.
    pub at: i64,
    pub value: f64,
}

/// What became of a sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Put {
    /// It is new.
    Added,
    /// The series had another value at this time, which it replaces.
    Replaced,
    /// The series has this value at this time already.
    Same,
    /// The hour is full.
    Full,
}

/// The samples of one series in one hour, by time.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RawHour(pub Vec<Sample>);

/// The hour of a time in milliseconds, as the index of its chunk.
pub fn hour_of(at: i64) -> i64 {
    at.div_euclid(HOUR * 1000)
}

impl RawHour {
    /// Puts a sample in its place. One at the same time is replaced: the last one sent wins.
    pub fn put(&mut self, sample: Sample) -> Put {
        match self.0.binary_search_by_key(&sample.at, |other| other.at) {
            Ok(at) if self.0[at].value.to_bits() == sample.value.to_bits() => Put::Same,
            Ok(at) => {
                self.0[at] = sample;
                Put::Replaced
            }
            Err(_) if self.0.len() >= MOST_AN_HOUR => Put::Full,
            Err(at) => {
                self.0.insert(at, sample);
                Put::Added
            }
        }
    }

    /// The bytes of these samples, in the hour with this index.
    pub fn pack(&self, hour: i64) -> Vec<u8> {
        let mut packer = Packer::default();
        let mut before = hour * HOUR * 1000;
        for sample in &self.0 {
            packer.integer(sample.at.abs_diff(before));
            packer.value(sample.value);
            before = sample.at;
        }
        packer.finish()
    }

    /// The samples in these bytes.
    pub fn unpack(hour: i64, bytes: &[u8]) -> Self {
        let (mut unpacker, mut before, mut samples) = (Unpacker::new(bytes), hour * HOUR * 1000, Vec::new());
        while let (false, Some(later)) = (unpacker.is_empty(), unpacker.integer()) {
            let Some(value) = unpacker.value() else { break };
            before = before.saturating_add_unsigned(later);
            samples.push(Sample { at: before, value });
        }
        Self(samples)
    }
}

/// The increases between the readings of a counter, each at the time of the later reading. A reading that is lower than
/// the one before means that the counter began again at zero.
pub fn increases(before: Option<Sample>, readings: &[Sample]) -> Vec<Sample> {
    let mut last = before;
    let mut found = Vec::with_capacity(readings.len());
    for reading in readings {
        if let Some(earlier) = last {
            let is_reset = reading.value < earlier.value;
            let value = if is_reset { reading.value } else { reading.value - earlier.value };
            found.push(Sample { at: reading.at, value });
        }
        last = Some(*reading);
    }
    found
}

/// How often a counter began again at zero, in readings after one.
pub fn resets(before: Option<Sample>, readings: &[Sample]) -> i64 {
    let later = readings.iter().filter(|reading| before.is_none_or(|before| reading.at > before.at));
    let (_, resets) = later.fold((before, 0), |(before, resets), reading| {
        let is_reset = before.is_some_and(|before| reading.value < before.value);
        (Some(*reading), resets + i64::from(is_reset))
    });
    resets
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sample(at: i64, value: f64) -> Sample {
        Sample { at, value }
    }

    #[test]
    fn the_last_value_at_a_time_wins() {
        let mut hour = RawHour::default();
        let puts = [(10, 1.0), (5, 2.0), (10, 1.0), (10, 3.0)].map(|(at, value)| hour.put(sample(at, value)));
        assert_eq!(puts, [Put::Added, Put::Added, Put::Same, Put::Replaced]);
        assert_eq!(hour.0, [sample(5, 2.0), sample(10, 3.0)]);
    }

    #[test]
    fn an_hour_has_room_for_a_sample_a_second() {
        let mut hour = RawHour::default();
        assert!((0..3600).all(|second| hour.put(sample(second * 1000, 1.0)) == Put::Added));
        assert_eq!(hour.put(sample(500, 1.0)), Put::Full);
        assert_eq!(hour.put(sample(1000, 2.0)), Put::Replaced);
    }

    #[test]
    fn a_counter_that_falls_was_reset() {
        let readings = [sample(2, 10.0), sample(3, 15.0), sample(4, 4.0), sample(5, 4.0)];
        assert_eq!(increases(None, &readings), [sample(3, 5.0), sample(4, 4.0), sample(5, 0.0)]);
        assert_eq!(increases(Some(sample(1, 8.0)), &readings[..1]), [sample(2, 2.0)]);
        assert_eq!((resets(None, &readings), resets(Some(sample(4, 4.0)), &readings)), (1, 0));
    }

    #[test]
    fn readings_of_every_fifteen_seconds_take_few_bytes() {
        let mut hour = RawHour::default();
        for n in 0..240 {
            hour.put(sample(n * 15_000, 100.0 + (n % 7) as f64));
        }
        let bytes = hour.pack(0).len();
        assert!(bytes < 240 * 6, "{bytes} bytes");
    }

    proptest! {
        #[test]
        fn what_is_packed_is_read_again(
            values in proptest::collection::vec((0i64..3_600_000, proptest::num::f64::NORMAL | proptest::num::f64::ZERO), 0..50),
            hour in -100i64..1_000_000,
        ) {
            let mut raw = RawHour::default();
            for (at, value) in values {
                raw.put(sample(hour * 3_600_000 + at, value));
            }
            prop_assert_eq!(&RawHour::unpack(hour, &raw.pack(hour)), &raw);
        }

        #[test]
        fn any_bytes_are_read_without_harm(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            RawHour::unpack(0, &bytes);
        }
    }
}
