//! What a caller says about a file, and why a file is refused as a whole.

use std::{fmt, io};

use super::{Mapping, Preset};

/// How to read a file; what is not said is found out.
#[derive(Clone, Debug, Default)]
pub struct ReadOptions {
    /// The format; seen from the first bytes where absent.
    pub format: Option<Format>,
    /// Whose export it is; seen from the header or the first object where absent.
    pub preset: Option<Preset>,
    /// Columns that hold our fields; goes before what the preset says.
    pub mapping: Option<Mapping>,
}

/// The format of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Comma, semicolon or tab separated, with a header.
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
}

impl ReadError {
    /// A stable code: `unreadable_file no_text_column unknown_columns`.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Io(_) => "unreadable_file",
            Self::NoText { .. } => "no_text_column",
            Self::UnknownColumns { .. } => "unknown_columns",
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
        }
    }
}

/// The first names, each cut: a file that is no table has a "header" of any size.
fn list(names: &[String]) -> String {
    let shown: Vec<String> = names.iter().take(50).map(|name| name.chars().take(60).collect()).collect();
    let rest = if names.len() > shown.len() { ", ..." } else { "" };
    shown.join(", ") + rest
}
