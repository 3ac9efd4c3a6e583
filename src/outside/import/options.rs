//! Options for reading a file.

use chrono::{DateTime, Utc};
use encoding_rs::Encoding;

use super::values::amounts::DecimalMark;
use super::values::time::DateOrder;
use super::values::zones::Zone;
use super::{Mapping, Preset, text::encoding};

/// How to read a file. Absent options are detected.
#[derive(Clone, Debug, Default)]
pub struct ReadOptions {
    /// The format; detected from the first bytes by default.
    pub format: Option<Format>,
    /// The program that wrote the export; detected from the header or the first records by default.
    pub preset: Option<Preset>,
    /// Columns for our fields; takes precedence over the preset.
    pub mapping: Option<Mapping>,
    /// The encoding; detected from the bytes by default.
    pub encoding: Option<Charset>,
    /// The charset of the `Content-Type`. The file is refused where its bytes contradict it.
    pub charset: Option<Charset>,
    /// The order of day, month and year in numeric dates; detected per column by default.
    pub date_order: Option<DateOrder>,
    /// The time zone of times without one; UTC by default.
    pub time_zone: Option<Zone>,
    /// The decimal mark of amounts; detected per column by default.
    pub decimal_mark: Option<DecimalMark>,
    /// The highest value of the rating scale; detected per column by default.
    pub rating_scale: Option<u32>,
    /// The currency of amounts without one.
    pub currency: Option<String>,
    /// The currency that is used where neither the file nor the caller names one. Its number of decimals decides what
    /// `12,000` means.
    pub usual_currency: Option<String>,
    /// The present time: no feedback can be later.
    pub now: Option<DateTime<Utc>>,
    /// The keys and ids of all products. A column called `product` that contains none of them means something else.
    pub products: Option<Vec<String>>,
    /// The largest uncompressed size of a compressed file, in bytes.
    pub limit: Option<u64>,
}

/// An encoding, given by its name.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Charset(pub(in crate::outside) &'static Encoding);

impl std::str::FromStr for Charset {
    type Err = ();
    fn from_str(name: &str) -> Result<Self, ()> {
        encoding::named(name).map(Self).ok_or(())
    }
}

/// A time zone by its name or its offset from UTC: `KST`, `Europe/Berlin`, `+09:00`.
pub fn time_zone(text: &str) -> Option<Zone> {
    Zone::named(text.trim())
}

/// The format of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// A table with a header, separated by commas, semicolons, tabs or bars.
    Csv,
    /// One JSON object per line.
    Ndjson,
    /// A JSON array of objects, alone or inside an object.
    Json,
}

impl Format {
    /// Every format.
    pub const ALL: &'static [Self] = &[Self::Csv, Self::Ndjson, Self::Json];

    /// The names of all formats.
    pub const NAMES: &'static [&'static str] = &["csv", "ndjson", "json"];

    /// Its name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Ndjson => "ndjson",
            Self::Json => "json",
        }
    }
}

super::by_name!(Format);
