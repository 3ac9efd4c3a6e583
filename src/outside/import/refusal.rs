//! The errors by which a file is refused as a whole.

use std::{fmt, io};

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
