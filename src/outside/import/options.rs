//! Options for reading a file, and the errors by which a file is refused as a whole.

use std::{fmt, io};

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

/// Why a file can't be read at all.
#[derive(Debug)]
pub enum ReadError {
    /// Reading the input failed.
    Io(io::Error),
    /// This kind of file is not supported; the text says what to do.
    Refused(String),
    /// The encoding can't be detected, or contradicts the one that was given.
    Encoding(String),
    /// The dates of a column are ambiguous.
    DateOrder {
        /// The column.
        column: String,
    },
    /// No column is known to hold the text.
    NoText {
        /// The columns of the file.
        columns: Vec<String>,
    },
    /// The mapping names columns that do not exist.
    UnknownColumns {
        /// The unknown columns.
        unknown: Vec<String>,
        /// The columns of the file.
        columns: Vec<String>,
    },
    /// It has too many columns.
    TooManyColumns(usize),
    /// Our own export without its end.
    CutOff(String),
}

impl ReadError {
    /// A stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Io(_) => "unreadable_file",
            Self::Refused(_) => "unsupported_file",
            Self::Encoding(_) => "unknown_encoding",
            Self::DateOrder { .. } => "ambiguous_dates",
            Self::NoText { .. } => "no_text_column",
            Self::UnknownColumns { .. } => "unknown_columns",
            Self::TooManyColumns(_) => "too_many_columns",
            Self::CutOff(_) => "cut_off",
        }
    }
}

impl From<io::Error> for ReadError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl std::error::Error for ReadError {}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(error) => write!(f, "the file could not be read: {error}"),
            Self::Refused(why) | Self::Encoding(why) | Self::CutOff(why) => f.write_str(why),
            Self::DateOrder { column } => write!(
                f,
                "the dates of the column {} could be read in two ways, and nothing in the file says which; set \
                 `date_order` to day_first, month_first or year_first",
                list(std::slice::from_ref(column))
            ),
            Self::NoText { columns } => {
                write!(f, "no column is known to hold the text; map `text` to one of: {}", list(columns))
            }
            Self::UnknownColumns { unknown, columns } => {
                write!(
                    f,
                    "the mapping names columns that are not there: {}; there are: {}",
                    list(unknown),
                    list(columns)
                )
            }
            Self::TooManyColumns(most) => write!(f, "the file has more than {most} columns"),
        }
    }
}

/// The first names, each cut, because the "header" of a file that is not a table can have any size.
fn list(names: &[String]) -> String {
    let shown: Vec<String> = names.iter().take(50).map(|name| name.chars().take(60).collect()).collect();
    let rest = if names.len() > shown.len() { ", ..." } else { "" };
    shown.join(", ") + rest
}
