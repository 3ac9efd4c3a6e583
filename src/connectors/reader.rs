//! A file as an iterator of rows.

use std::collections::VecDeque;
use std::io::{self, Read};

use serde_json::Value;

use super::csv::Csv;
use super::decode::Decoder;
use super::json::{self, Elements};
use super::record::{Raw, Record, pick};
use super::row::RowError;
use super::shape::Shape;
use super::window::Window;
use super::{Format, Mapping, Preset, ReadError, ReadOptions, Row};

/// How many rows are looked at to find the first that is whole, which tells whose export a JSON file is.
const MAX_AHEAD: usize = 100;

/// Begins to read a file: finds out its encoding, format and preset as far as `options` leave them open.
///
/// # Errors
/// A file that fails to be read, or none of whose rows could mean anything; an empty file is just no rows.
pub fn read<'a>(input: impl Read + 'a, options: &ReadOptions) -> Result<Reader<'a>, ReadError> {
    let mut window = Window::new(Decoder::new(input));
    window.more()?;
    match options.format.unwrap_or_else(|| sniff(window.unread())) {
        Format::Csv => read_csv(window, options),
        Format::Ndjson => read_json(Source::Lines(window), options),
        Format::Json => read_json(Source::Elements(Elements::new(window)), options),
    }
}

/// The rows of a file.
///
/// After an error of the input itself there are no more rows.
pub struct Reader<'a> {
    source: Source<'a>,
    /// Rows that were read to find out whose export it is.
    ahead: VecDeque<Raw>,
    shape: Shape,
    /// Whether records are passed on as they are.
    verbatim: bool,
    number: u64,
    failed: bool,
}

enum Source<'a> {
    Csv(Csv<'a>),
    Lines(Window<'a>),
    Elements(Elements<'a>),
}

impl Source<'_> {
    fn next(&mut self) -> io::Result<Option<Raw>> {
        match self {
            Self::Csv(csv) => csv.next(),
            Self::Lines(window) => json::next_line(window),
            Self::Elements(elements) => elements.next(),
        }
    }
}

fn sniff(head: &[u8]) -> Format {
    match head.trim_ascii_start().first() {
        Some(b'[') => Format::Json,
        Some(b'{') if json::is_lines(head) => Format::Ndjson,
        Some(b'{') => Format::Json,
        _ => Format::Csv,
    }
}

fn read_csv<'a>(window: Window<'a>, options: &ReadOptions) -> Result<Reader<'a>, ReadError> {
    let mut csv = Csv::new(window)?;
    let mapping = options.mapping.as_ref();
    let has = |columns: &[String], name: &str| columns.iter().any(|column| column.eq_ignore_ascii_case(name));
    let preset = options.preset.unwrap_or_else(|| Preset::detect(|name| has(&csv.columns, name)));
    let shape = Shape::new(preset, mapping);
    let columns = csv.columns.clone();
    let unknown: Vec<_> = mapping.into_iter().flat_map(Mapping::columns).filter(|name| !has(&columns, name)).collect();
    if !columns.is_empty() && !unknown.is_empty() {
        return Err(ReadError::UnknownColumns { unknown: unknown.into_iter().map(str::to_owned).collect(), columns });
    }
    if !columns.is_empty() && !shape.text_columns().any(|name| has(&columns, name)) {
        return Err(ReadError::NoText { columns });
    }
    csv.guarded = preset == Preset::Hearback;
    csv.rename(|column| shape.known_name(column));
    Ok(Reader::new(Source::Csv(csv), VecDeque::new(), shape, false))
}

fn read_json<'a>(mut source: Source<'a>, options: &ReadOptions) -> Result<Reader<'a>, ReadError> {
    let mut ahead = VecDeque::new();
    while ahead.len() < MAX_AHEAD && !ahead.back().is_some_and(Raw::is_ok) {
        match source.next()? {
            Some(row) => ahead.push_back(row),
            None => break,
        }
    }
    let first = ahead.back().and_then(|row| row.as_ref().ok()).and_then(Value::as_object);
    let detected = || first.map_or(Preset::Csv, |first| Preset::detect(|path| pick(first, path).is_some()));
    let preset = options.preset.unwrap_or_else(detected);
    let shape = Shape::new(preset, options.mapping.as_ref());
    // One row without a text is a bad row; one without anything we know is another kind of file.
    if let Some(first) = first
        && preset == Preset::Csv
        && !first.keys().any(|key| is_ours(&shape, key))
    {
        return Err(ReadError::NoText { columns: first.keys().cloned().collect() });
    }
    Ok(Reader::new(source, ahead, shape, preset == Preset::Hearback))
}

/// Whether a top-level key is one that the rules look into.
fn is_ours(shape: &Shape, key: &str) -> bool {
    shape.known_name(key).is_some() || shape.text_columns().any(|path| path.split('.').next() == Some(key))
}

impl<'a> Reader<'a> {
    fn new(source: Source<'a>, ahead: VecDeque<Raw>, shape: Shape, verbatim: bool) -> Self {
        Self { source, ahead, shape, verbatim, number: 0, failed: false }
    }

    /// Whose export the file is taken to be.
    pub fn preset(&self) -> Preset {
        self.shape.preset
    }

    fn shaped(&self, record: Raw) -> Result<Option<Value>, RowError> {
        let record = record?;
        if self.verbatim {
            return Ok(Some(record));
        }
        let record: Record = match record {
            Value::Object(record) => record,
            _ => return Err(RowError::malformed("is not an object")),
        };
        self.shape.row(&record)
    }
}

impl Iterator for Reader<'_> {
    type Item = io::Result<Row>;

    fn next(&mut self) -> Option<Self::Item> {
        while !self.failed {
            let raw = match self.ahead.pop_front() {
                Some(raw) => raw,
                None => match self.source.next() {
                    Ok(raw) => raw?,
                    Err(error) => {
                        self.failed = true;
                        return Some(Err(error));
                    }
                },
            };
            self.number += 1;
            if let Some(content) = self.shaped(raw).transpose() {
                return Some(Ok(Row { number: self.number, content }));
            }
        }
        None
    }
}
