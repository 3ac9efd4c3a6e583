//! The records of a file, whatever its format.

use std::io;

use super::csv::Csv;
use super::json::{self, Elements};
use super::record::Raw;
use crate::outside::import::text::window::Window;

pub(in crate::outside) enum RecordSource<'a> {
    Csv(Csv<'a>),
    Lines(Window<'a>),
    Elements(Elements<'a>),
}

impl RecordSource<'_> {
    pub(in crate::outside) fn next(&mut self) -> io::Result<Option<Raw>> {
        match self {
            Self::Csv(csv) => csv.next(),
            Self::Lines(window) => json::next_line(window),
            Self::Elements(elements) => elements.next(),
        }
    }
}
