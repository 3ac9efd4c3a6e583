//! The reader of a file, as an iterator of rows. The file is read several times: first to detect its encoding from all
//! bytes, then to detect the meaning of its columns from all records, and last to return its rows.

use std::collections::VecDeque;
use std::io;
use std::rc::Rc;

use serde_json::Value;

use super::csv::Csv;
use super::json::{self, Elements};
use super::kinds;
use super::record::{Found, Raw};
use super::row::RowWarning;
use super::shape::{Shape, Shaped};
use super::sides::Sides;
use super::source::RecordSource;
use crate::domain::feedback::ImportReading;
use crate::outside::import::plan::Plan;
use crate::outside::import::survey::Survey;
use crate::outside::import::text::decode::{Decoder, Settled};
use crate::outside::import::text::encoding::{self, Stated};
use crate::outside::import::text::input::Unpacked;
use crate::outside::import::text::window::Window;
use crate::outside::import::values::zones::Zone;
use crate::outside::import::{Format, Input, Mapping, Preset, ReadError, ReadOptions, Row};

/// The most columns of a table: more than the largest spreadsheets have.
const MAX_COLUMNS: usize = 20_000;

/// Opens a file. Everything that `options` leave open is detected.
///
/// # Errors
/// Those of [`survey`].
pub fn read<'a>(input: impl Input<'a> + 'a, options: &ReadOptions) -> Result<Reader<'a>, ReadError> {
    Ok(survey(input, options)?.rows()?)
}

/// Detects everything about a file that `options` leave open. Its rows can then be read any number of times.
///
/// # Errors
/// Where the file can't be read, where none of its rows could have a meaning, or where it is ambiguous. An empty file
/// is not an error; it has no rows.
pub fn survey<'a, I: Input<'a> + 'a>(input: I, options: &ReadOptions) -> Result<Surveyed<I>, ReadError> {
    let file = Unpacked::look(input, options.limit)?;
    let stated = Stated { option: options.encoding.map(|c| c.0), charset: options.charset.map(|c| c.0) };
    let settled = encoding::settle(&|| file.open(), stated)?;
    let opened = Opened { file, settled };
    let format = match options.format {
        Some(format) => format,
        None => sniff(opened.window()?.unread()),
    };
    let mut reading = ImportReading {
        format: format.as_str().to_owned(),
        encoding: encoding::name_of(settled.encoding).to_owned(),
        packed: opened.file.is_packed(),
        ..ImportReading::default()
    };
    let known = opened.kind(format, options)?;
    let plan = Plan {
        wrapper: known.wrapper.clone(),
        messages: known.messages,
        sides: if format == Format::Json { Sides::collect(opened.window()?)? } else { Sides::default() },
        ..Plan::default()
    };
    let shape = Shape::new(known.preset, options.mapping.as_ref());
    let (plan, notes) = opened.survey(format, &shape, plan, options, &mut reading)?;
    let verbatim = known.preset == Preset::Hearback && format != Format::Csv;
    Ok(Surveyed { opened, known: Rc::new(FileProperties { format, shape, plan, reading, notes, verbatim }) })
}

/// The columns of a file with the first values of each, to look at before anything is decided about it. Nested fields
/// have their keys joined by dots.
///
/// # Errors
/// Where the file can't be read.
pub fn samples<'a>(
    input: impl Input<'a> + 'a,
    options: &ReadOptions,
    most: usize,
) -> Result<Vec<(String, Vec<String>)>, ReadError> {
    let file = Unpacked::look(input, options.limit)?;
    let stated = Stated { option: options.encoding.map(|c| c.0), charset: options.charset.map(|c| c.0) };
    let settled = encoding::settle(&|| file.open(), stated)?;
    let opened = Opened { file, settled };
    let format = match options.format {
        Some(format) => format,
        None => sniff(opened.window()?.unread()),
    };
    let mut source = opened.plain(format)?;
    let mut columns: Vec<(String, Vec<String>)> = match &source {
        RecordSource::Csv(csv) if csv.columns.len() > MAX_COLUMNS => {
            return Err(ReadError::TooManyColumns(MAX_COLUMNS));
        }
        RecordSource::Csv(csv) => csv.columns.iter().map(|name| (name.clone(), Vec::new())).collect(),
        _ => Vec::new(),
    };
    columns.retain(|(name, _)| !name.is_empty());
    for _ in 0..SAMPLED {
        let Some(raw) = source.next()? else { break };
        if let Ok(found) = raw {
            sample("", &found.value, most, &mut columns);
        }
    }
    Ok(columns)
}

/// The records that samples are taken from.
const SAMPLED: usize = 50;

/// Adds the values of a record to the samples of their columns.
fn sample(path: &str, value: &Value, most: usize, columns: &mut Vec<(String, Vec<String>)>) {
    if let Value::Object(fields) = value {
        for (name, value) in fields {
            let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
            sample(&path, value, most, columns);
        }
        return;
    }
    if path.is_empty() || path == super::record::FURTHER {
        return;
    }
    let at = columns.iter().position(|(name, _)| name == path).unwrap_or_else(|| {
        columns.push((path.to_owned(), Vec::new()));
        columns.len() - 1
    });
    let samples = &mut columns[at].1;
    let text = super::record::text(value).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    if let Some(text) = text.filter(|text| samples.len() < most && !samples.contains(text)) {
        samples.push(text);
    }
}

/// A file whose format and columns are known.
pub struct Surveyed<I> {
    opened: Opened<I>,
    known: Rc<FileProperties>,
}

impl<'a, I: Input<'a> + 'a> Surveyed<I> {
    /// The rows of the file, from the first.
    ///
    /// # Errors
    /// Where the file can't be read.
    pub fn rows(&self) -> io::Result<Reader<'a>> {
        let FileProperties { format, shape, plan, .. } = &*self.known;
        let source = self.opened.source(*format, shape, plan)?;
        Ok(Reader { source, known: self.known.clone(), ready: VecDeque::new(), number: 0, failed: false })
    }
}

/// The detected properties of a file.
struct FileProperties {
    format: Format,
    shape: Shape,
    plan: Plan,
    /// The description of these properties for people.
    reading: ImportReading,
    notes: Vec<RowWarning>,
    /// Whether records are returned unchanged.
    verbatim: bool,
}

fn sniff(head: &[u8]) -> Format {
    match head.trim_ascii_start().first() {
        Some(b'[') => Format::Json,
        Some(b'{') if json::is_lines(head) => Format::Ndjson,
        Some(b'{') => Format::Json,
        _ => Format::Csv,
    }
}

/// A file whose compression and encoding are known.
struct Opened<I> {
    file: Unpacked<I>,
    settled: Settled,
}

impl<'a, I: Input<'a> + 'a> Opened<I> {
    fn window(&self) -> io::Result<Window<'a>> {
        let mut window = Window::new(Decoder::new(self.file.open()?, self.settled));
        window.more()?;
        Ok(window)
    }

    /// The program that wrote the export.
    fn kind(&self, format: Format, options: &ReadOptions) -> Result<kinds::FileKind, ReadError> {
        if format == Format::Csv {
            let csv = Csv::new(self.window()?)?;
            if csv.columns.len() > MAX_COLUMNS {
                return Err(ReadError::TooManyColumns(MAX_COLUMNS));
            }
            return Ok(kinds::of_header(&csv.columns, options));
        }
        let mut source = self.plain(format)?;
        kinds::of_records(&mut || source.next(), options)
    }

    fn plain(&self, format: Format) -> io::Result<RecordSource<'a>> {
        Ok(match format {
            Format::Csv => RecordSource::Csv(Csv::new(self.window()?)?),
            Format::Ndjson => RecordSource::Lines(self.window()?),
            Format::Json => RecordSource::Elements(Elements::new(self.window()?)),
        })
    }

    /// The records, with columns renamed to the names that the rules use.
    fn source(&self, format: Format, shape: &Shape, plan: &Plan) -> io::Result<RecordSource<'a>> {
        let mut source = self.plain(format)?;
        if let RecordSource::Csv(csv) = &mut source {
            csv.guarded = shape.preset == Preset::Hearback;
            csv.rename(|column| shape.known_name(column));
            csv.pass_headers(plan.headers_below)?;
            let last = csv.columns.last().cloned();
            csv.text_is_last =
                last.is_some_and(|last| shape.rules.iter().any(|rule| rule.ours == "text" && rule.theirs == last));
        }
        Ok(source)
    }

    /// Reads all records once.
    fn survey(
        &self,
        format: Format,
        shape: &Shape,
        mut plan: Plan,
        options: &ReadOptions,
        reading: &mut ImportReading,
    ) -> Result<(Plan, Vec<RowWarning>), ReadError> {
        reading.preset = shape.preset.as_str().to_owned();
        reading.time_zone = options.time_zone.unwrap_or(Zone::utc()).to_string();
        let mut notes = Vec::new();
        if format == Format::Csv {
            let csv = Csv::new(self.window()?)?;
            check_columns(&csv.columns, shape, options)?;
            reading.delimiter = Some(csv.delimiter().to_string());
            plan.headers_below = self.headers_below(shape, &plan)?;
            if plan.headers_below > 0 {
                let detail =
                    format!("rows under the header that belong to it: {}; they are no feedback", plan.headers_below);
                notes.push(RowWarning::new("", "second_header", detail));
            }
        } else if shape.preset == Preset::Hearback {
            notes.extend(kinds::check_end(&mut self.plain(format)?)?);
            return Ok((plan, notes));
        }
        let mut survey = Survey::new(shape, options);
        let mut source = self.source(format, shape, &plan)?;
        while let Some(raw) = source.next()? {
            if let Ok(found) = raw
                && let Some(record) = kinds::record_of(found.value, &plan)
            {
                let mut record = record;
                plan.sides.join(&mut record);
                survey.feed(&record);
            }
        }
        if plan.sides.too_many {
            notes.push(RowWarning::new(
                "customer",
                "too_many",
                "more users than are kept beside the records; some stay without an address",
            ));
        }
        survey.tell(reading);
        let (plan, more) = survey.decide(plan)?;
        notes.extend(more);
        Ok((plan, notes))
    }

    fn headers_below(&self, shape: &Shape, plan: &Plan) -> io::Result<usize> {
        let mut source = self.source(Format::Csv, shape, plan)?;
        let mut first = Vec::new();
        while first.len() < 2 {
            match source.next()? {
                Some(Ok(Found { value: Value::Object(record), .. })) => first.push(record),
                _ => break,
            }
        }
        Ok(kinds::headers_below(&first, shape))
    }
}

fn check_columns(columns: &[String], shape: &Shape, options: &ReadOptions) -> Result<(), ReadError> {
    if columns.is_empty() {
        return Ok(());
    }
    let has = |name: &str| columns.iter().any(|column| column.eq_ignore_ascii_case(name));
    let mapped = options.mapping.iter().flat_map(Mapping::columns).map(|(_, theirs)| theirs);
    let unknown: Vec<String> = mapped.filter(|name| !has(name)).map(str::to_owned).collect();
    if !unknown.is_empty() {
        return Err(ReadError::UnknownColumns { unknown, columns: columns.to_vec() });
    }
    if !shape.text_columns().any(has) {
        return Err(ReadError::NoText { columns: columns.to_vec() });
    }
    Ok(())
}

/// The rows of a file.
///
/// After an error of the input itself there are no more rows.
pub struct Reader<'a> {
    source: RecordSource<'a>,
    known: Rc<FileProperties>,
    /// The remaining rows of the present record.
    ready: VecDeque<Row>,
    number: u64,
    failed: bool,
}

impl Reader<'_> {
    /// The program that the export is taken to come from.
    pub fn preset(&self) -> Preset {
        self.known.shape.preset
    }

    /// The detected properties of the file.
    pub fn reading(&self) -> &ImportReading {
        &self.known.reading
    }

    /// Warnings about the whole file.
    pub fn notes(&self) -> &[RowWarning] {
        &self.known.notes
    }

    /// The rows of a record; none for a value that is not a record.
    fn rows_of(&self, raw: Raw) -> Vec<Shaped> {
        let Found { value, mut warnings } = match raw {
            Ok(found) => found,
            Err(error) => return vec![(Err(error), Vec::new())],
        };
        if self.known.verbatim {
            return vec![(Ok(value), warnings)];
        }
        let Some(mut record) = kinds::record_of(value, &self.known.plan) else { return Vec::new() };
        if super::record::without_nul_in(&mut record) {
            warnings.push(RowWarning::new("", "nul_character", "a NUL character stands as U+FFFD"));
        }
        self.known.plan.sides.join(&mut record);
        let mut rows = self.known.shape.rows(&record, &self.known.plan);
        if let Some((_, first)) = rows.first_mut() {
            first.splice(0..0, warnings);
        }
        rows
    }
}

impl Iterator for Reader<'_> {
    type Item = io::Result<Row>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(row) = self.ready.pop_front() {
                return Some(Ok(row));
            }
            if self.failed {
                return None;
            }
            let raw = match self.source.next() {
                Ok(raw) => raw?,
                Err(error) => {
                    self.failed = true;
                    return Some(Err(error));
                }
            };
            self.number += 1;
            let number = self.number;
            let row = |(content, warnings): Shaped| Row { number, content, warnings };
            self.ready = self.rows_of(raw).into_iter().map(row).collect();
        }
    }
}
