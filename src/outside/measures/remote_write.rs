//! What a Prometheus sends by remote write, versions 1.0 and 2.0: protobuf in a snappy block.
//!
//! The messages are derived from the fields that are read; all others are skipped. A block says how long it is
//! uncompressed: that is checked first, so that two megabytes can't become four gigabytes.

use std::collections::BTreeMap;

use prost::Message;

/// The longest message, uncompressed.
pub const LONGEST: usize = 4 * 1024 * 1024;
/// The bits of the value that says that a series has ended: a gap, and no number.
const STALE: u64 = 0x7ff0_0000_0000_0002;

/// The version of a message, by its content type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    One,
    Two,
}

impl Version {
    /// The version that a content type says; `None` for another format.
    pub fn of(content_type: &str) -> Option<Self> {
        let mut parts = content_type.split(';').map(str::trim);
        if !parts.next()?.eq_ignore_ascii_case("application/x-protobuf") {
            return None;
        }
        let proto = parts.find_map(|part| part.strip_prefix("proto="));
        match proto.map(|proto| proto.trim_matches('"')) {
            None | Some("prometheus.WriteRequest") => Some(Version::One),
            Some("io.prometheus.write.v2.Request") => Some(Version::Two),
            Some(_) => None,
        }
    }
}

/// A series with its samples: milliseconds since 1970 and values, in the order in which they were sent.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SentSeries {
    pub labels: BTreeMap<String, String>,
    pub samples: Vec<(i64, f64)>,
    /// Markers that the series has ended. They are gaps.
    pub stale: usize,
    pub histograms: usize,
    pub exemplars: usize,
}

#[derive(Clone, PartialEq, Message)]
struct LabelOne {
    #[prost(string, tag = "1")]
    name: String,
    #[prost(string, tag = "2")]
    value: String,
}

#[derive(Clone, Copy, PartialEq, Message)]
struct SampleMessage {
    #[prost(double, tag = "1")]
    value: f64,
    #[prost(int64, tag = "2")]
    timestamp: i64,
}

/// A message that is only counted.
#[derive(Clone, Copy, PartialEq, Message)]
struct Counted {}

#[derive(Clone, PartialEq, Message)]
struct SeriesOne {
    #[prost(message, repeated, tag = "1")]
    labels: Vec<LabelOne>,
    #[prost(message, repeated, tag = "2")]
    samples: Vec<SampleMessage>,
    #[prost(message, repeated, tag = "3")]
    exemplars: Vec<Counted>,
    #[prost(message, repeated, tag = "4")]
    histograms: Vec<Counted>,
}

/// `prometheus.WriteRequest`.
#[derive(Clone, PartialEq, Message)]
struct RequestOne {
    #[prost(message, repeated, tag = "1")]
    timeseries: Vec<SeriesOne>,
}

#[derive(Clone, PartialEq, Message)]
struct SeriesTwo {
    #[prost(uint32, repeated, tag = "1")]
    labels_refs: Vec<u32>,
    #[prost(message, repeated, tag = "2")]
    samples: Vec<SampleMessage>,
    #[prost(message, repeated, tag = "3")]
    histograms: Vec<Counted>,
    #[prost(message, repeated, tag = "4")]
    exemplars: Vec<Counted>,
}

/// `io.prometheus.write.v2.Request`.
#[derive(Clone, PartialEq, Message)]
struct RequestTwo {
    #[prost(string, repeated, tag = "4")]
    symbols: Vec<String>,
    #[prost(message, repeated, tag = "5")]
    timeseries: Vec<SeriesTwo>,
}

/// Reads a message.
///
/// # Errors
/// A sentence that says what is wrong with it; the sender must not send it again.
pub fn read(version: Version, body: &[u8]) -> Result<Vec<SentSeries>, String> {
    let length = snap::raw::decompress_len(body).map_err(|_| "The body is no snappy block.".to_owned())?;
    if length > LONGEST {
        return Err(format!("The message has {length} bytes uncompressed; at most {LONGEST} are read."));
    }
    let bytes = snap::raw::Decoder::new().decompress_vec(body);
    let bytes = bytes.map_err(|_| "The body is no snappy block.".to_owned())?;
    let not_protobuf = |e: prost::DecodeError| format!("The message can't be read: {e}.");
    match version {
        Version::One => {
            Ok(RequestOne::decode(&*bytes).map_err(not_protobuf)?.timeseries.into_iter().map(one).collect())
        }
        Version::Two => {
            let request = RequestTwo::decode(&*bytes).map_err(not_protobuf)?;
            if request.symbols.first().is_some_and(|first| !first.is_empty()) {
                return Err("The first symbol must be empty.".to_owned());
            }
            request.timeseries.into_iter().map(|series| two(series, &request.symbols)).collect()
        }
    }
}

fn one(series: SeriesOne) -> SentSeries {
    let (histograms, exemplars) = (series.histograms.len(), series.exemplars.len());
    let labels = series.labels.into_iter().map(|label| (label.name, label.value)).collect();
    with_samples(SentSeries { labels, histograms, exemplars, ..SentSeries::default() }, &series.samples)
}

fn two(series: SeriesTwo, symbols: &[String]) -> Result<SentSeries, String> {
    let symbol = |reference: u32| {
        symbols.get(reference as usize).cloned().ok_or_else(|| format!("There is no symbol {reference}."))
    };
    let mut labels = BTreeMap::new();
    for pair in series.labels_refs.chunks(2) {
        let [name, value] = pair else { return Err("The labels of a series are not in pairs.".to_owned()) };
        labels.insert(symbol(*name)?, symbol(*value)?);
    }
    let (histograms, exemplars) = (series.histograms.len(), series.exemplars.len());
    Ok(with_samples(SentSeries { labels, histograms, exemplars, ..SentSeries::default() }, &series.samples))
}

fn with_samples(mut series: SentSeries, samples: &[SampleMessage]) -> SentSeries {
    let numbers = samples.iter().filter(|sample| sample.value.to_bits() != STALE);
    series.samples = numbers.map(|sample| (sample.timestamp, sample.value)).collect();
    series.stale = samples.len() - series.samples.len();
    series
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packed(message: &[u8]) -> Vec<u8> {
        snap::raw::Encoder::new().compress_vec(message).unwrap()
    }

    /// A field with a length: its tag and its bytes.
    fn field(tag: u8, bytes: &[u8]) -> Vec<u8> {
        [&[tag << 3 | 2, bytes.len() as u8], bytes].concat()
    }

    fn sample(value: f64, at: u8) -> Vec<u8> {
        [&[9][..], &value.to_le_bytes(), &[16, at]].concat()
    }

    #[test]
    fn both_versions_are_read_as_they_are_encoded_by_hand() {
        let label = |name: &str, value: &str| [field(1, name.as_bytes()), field(2, value.as_bytes())].concat();
        let stale = sample(f64::from_bits(STALE), 9);
        let series = [
            field(1, &label("__name__", "up")),
            field(1, &label("job", "api")),
            field(2, &sample(1.5, 7)),
            field(2, &stale),
        ];
        // A field that nobody knows is skipped.
        let first = [field(1, &series.concat()), field(9, b"later")].concat();
        let symbols: Vec<u8> =
            ["", "__name__", "up", "job", "api"].iter().flat_map(|s| field(4, s.as_bytes())).collect();
        let series = [field(1, &[1, 2, 3, 4]), field(2, &sample(1.5, 7)), field(2, &stale)];
        let second = [symbols, field(5, &series.concat())].concat();
        let labels = BTreeMap::from([("__name__", "up"), ("job", "api")].map(|(n, v)| (n.to_owned(), v.to_owned())));
        let is = vec![SentSeries { labels, samples: vec![(7, 1.5)], stale: 1, histograms: 0, exemplars: 0 }];
        assert_eq!(read(Version::One, &packed(&first)), Ok(is.clone()));
        assert_eq!(read(Version::Two, &packed(&second)), Ok(is));
    }

    #[test]
    fn what_is_broken_is_refused_with_a_reason() {
        // A block that says that it has four gigabytes.
        let bomb = [0xff, 0xff, 0xff, 0xff, 0x0f, 0, 0];
        let refused = |version, body: &[u8]| read(version, body).unwrap_err();
        assert!(refused(Version::One, &bomb).contains("4294967295 bytes"));
        assert!(refused(Version::One, b"not snappy").contains("no snappy block"));
        assert!(refused(Version::One, &packed(&[0x0a, 50, 1])).contains("can't be read"));
        assert!(refused(Version::Two, &packed(&field(4, b"x"))).contains("first symbol"));
        let odd = [field(4, b""), field(5, &field(1, &[0]))].concat();
        assert!(refused(Version::Two, &packed(&odd)).contains("in pairs"));
        let missing = [field(4, b""), field(5, &field(1, &[0, 7]))].concat();
        assert!(refused(Version::Two, &packed(&missing)).contains("no symbol 7"));
    }

    #[test]
    fn the_content_type_says_the_version() {
        let two = "application/x-protobuf;proto=io.prometheus.write.v2.Request";
        assert_eq!(Version::of("application/x-protobuf"), Some(Version::One));
        assert_eq!(Version::of("application/x-protobuf; proto=prometheus.WriteRequest"), Some(Version::One));
        assert_eq!(Version::of(two), Some(Version::Two));
        assert_eq!(Version::of("application/json"), None);
        assert_eq!(Version::of("application/x-protobuf;proto=other"), None);
    }
}
