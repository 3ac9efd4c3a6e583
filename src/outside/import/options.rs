//! What a caller says about a file, and why a file is refused as a whole.

use std::{fmt, io};

use chrono::{DateTime, Utc};
use encoding_rs::Encoding;

use super::values::amounts::DecimalMark;
use super::values::time::DateOrder;
use super::values::zones::Zone;
use super::{Mapping, Preset, text::encoding};

/// How to read a file; what is not said is found out.
#[derive(Clone, Debug, Default)]
pub struct ReadOptions {
    /// The format; seen from the first bytes where absent.
    pub format: Option<Format>,
    /// Whose export it is; seen from the header or the first records where absent.
    pub preset: Option<Preset>,
    /// Columns that hold our fields; goes before what the preset says.
    pub mapping: Option<Mapping>,
    /// The encoding; seen from the bytes where absent.
    pub encoding: Option<Charset>,
    /// What a `Content-Type` says of the encoding: the file is refused where its bytes say something else.
    pub charset: Option<Charset>,
    /// How dates of three numbers are written; seen from each column where absent.
    pub date_order: Option<DateOrder>,
    /// The zone of times that name none; UTC where absent.
    pub time_zone: Option<Zone>,
    /// The mark before the decimals of amounts; seen from each column where absent.
    pub decimal_mark: Option<DecimalMark>,
    /// What ratings are out of; seen from each column where absent.
    pub rating_scale: Option<u32>,
    /// The currency of amounts that name none.
    pub currency: Option<String>,
    /// The currency that is taken in the end where neither the file nor the caller names one: how many decimals it has tells
    /// what `12,000` is.
    pub usual_currency: Option<String>,
    /// What time it is: nobody has said anything after that.
    pub now: Option<DateTime<Utc>>,
    /// The keys and ids of the products there are; a column called `product` that names none of them is another thing.
    pub products: Option<Vec<String>>,
    /// How large a packed file may be when it is unpacked.
    pub limit: Option<u64>,
}

/// An encoding by its name.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Charset(pub(in crate::outside) &'static Encoding);

impl std::str::FromStr for Charset {
    type Err = ();
    fn from_str(name: &str) -> Result<Self, ()> {
        encoding::named(name).map(Self).ok_or(())
    }
}

/// A zone by its name or its distance from UTC: `KST`, `Europe/Berlin`, `+09:00`.
pub fn time_zone(text: &str) -> Option<Zone> {
    Zone::named(text.trim())
}

/// The format of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Comma, semicolon, tab or bar separated, with a header.
    Csv,
    /// One JSON object a line.
    Ndjson,
    /// A JSON array of objects, bare or inside an object.
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
    /// The input itself failed.
    Io(io::Error),
    /// It is of a kind that is not read; with what to do.
    Refused(String),
    /// Its encoding can't be told, or is not what was said.
    Encoding(String),
    /// The dates of a column could be read in two ways.
    DateOrder {
        /// The column.
        column: String,
    },
    /// No column is known to hold the text.
    NoText {
        /// The columns there are.
        columns: Vec<String>,
    },
    /// The mapping names columns that are not there.
    UnknownColumns {
        /// The columns the mapping names in vain.
        unknown: Vec<String>,
        /// The columns there are.
        columns: Vec<String>,
    },
    /// It has more columns than are read.
    TooManyColumns(usize),
    /// Our own export, without its end.
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

/// The first names, each cut: a file that is no table has a "header" of any size.
fn list(names: &[String]) -> String {
    let shown: Vec<String> = names.iter().take(50).map(|name| name.chars().take(60).collect()).collect();
    let rest = if names.len() > shown.len() { ", ..." } else { "" };
    shown.join(", ") + rest
}
