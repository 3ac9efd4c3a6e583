//! Recognition of the program that wrote an export, decided from many records, because the first one may be unusual.
//! Also recognises what surrounds the records: a key that wraps each of them, the messages of Singer and Airbyte
//! between them, further header rows, and the end mark of our own export.

use std::io;

use serde_json::Value;

use super::record::{Found, Raw, Record, at, text};
use super::row::RowWarning;
use super::shape::Shape;
use super::source::RecordSource;
use crate::outside::import::plan::Plan;
use crate::outside::import::{Mapping, Preset, ReadError, ReadOptions};

/// The most records that are examined.
const LOOKED_AT: usize = 1_000;
/// The most bytes of them, approximately.
const LOOKED_AT_BYTES: usize = 16 * 1024 * 1024;

/// The keys in which programs wrap each record.
const WRAPPERS: &[&str] = &[
    "record.data",
    "record",
    "_airbyte_data",
    "_source",
    "ticket",
    "conversation",
    "issue",
    "post",
    "review",
    "suggestion",
    "fields",
    "attributes",
    "data",
    "node",
    "item",
];

/// The messages of Singer and Airbyte that are not records.
const MESSAGES: &[&str] = &[
    "SCHEMA",
    "STATE",
    "ACTIVATE_VERSION",
    "BATCH",
    "LOG",
    "SPEC",
    "CATALOG",
    "TRACE",
    "CONTROL",
    "CONNECTION_STATUS",
];

/// The kind of a file.
pub(in crate::outside) struct FileKind {
    pub(in crate::outside) preset: Preset,
    pub(in crate::outside) wrapper: Option<String>,
    pub(in crate::outside) messages: bool,
}

/// The kind of a table, by its header.
pub(in crate::outside) fn of_header(columns: &[String], options: &ReadOptions) -> FileKind {
    let has = |name: &str| columns.iter().any(|column| column.eq_ignore_ascii_case(name));
    let found = options.preset.or_else(|| Preset::signed(has).next()).unwrap_or(Preset::Csv);
    FileKind { preset: found, wrapper: None, messages: false }
}

/// The kind of a file of JSON records.
///
/// # Errors
/// Where the file can't be read.
pub(in crate::outside) fn of_records(
    next: &mut dyn FnMut() -> io::Result<Option<Raw>>,
    options: &ReadOptions,
) -> Result<FileKind, ReadError> {
    let mut records = first_records(next)?;
    let messages = records.iter().any(is_record_message);
    if messages {
        records.retain(|record| !is_other_message(record));
    }
    let plain = most_signed(records.iter());
    let wrapped = if plain == Preset::Csv { wrapped(&records, messages, options.mapping.as_ref()) } else { None };
    let (found, wrapper) = wrapped.map_or((plain, None), |(preset, wrapper)| (preset, Some(wrapper.to_owned())));
    Ok(FileKind { preset: options.preset.unwrap_or(found), wrapper, messages })
}

/// The first records, within the limits of number and size.
fn first_records(next: &mut dyn FnMut() -> io::Result<Option<Raw>>) -> io::Result<Vec<Record>> {
    let (mut records, mut bytes) = (Vec::new(), 0);
    for _ in 0..LOOKED_AT {
        let Some(found) = next()? else { break };
        if let Ok(Found { value: Value::Object(record), .. }) = found {
            bytes += record.len() * 100 + record.values().filter_map(Value::as_str).map(str::len).sum::<usize>();
            records.push(record);
        }
        if bytes > LOOKED_AT_BYTES {
            break;
        }
    }
    Ok(records)
}

/// The key that wraps most records, and the kind of the wrapped records: a known export, or our own field names. If the
/// mapping goes through the key, records are not unwrapped.
fn wrapped(records: &[Record], messages: bool, mapping: Option<&Mapping>) -> Option<(Preset, &'static str)> {
    let first = |path: &str| path.split('.').next().map(str::to_owned);
    let named = |wrapper: &str| {
        mapping.into_iter().flat_map(Mapping::columns).any(|(_, theirs)| first(theirs) == first(wrapper))
    };
    let free = WRAPPERS.iter().filter(|wrapper| !named(wrapper));
    free.copied().find_map(|wrapper| {
        let inner: Vec<&Record> = records.iter().filter_map(|record| at(record, wrapper)?.as_object()).collect();
        if inner.len() * 2 <= records.len() {
            return None;
        }
        let preset = most_signed(inner.iter().copied());
        let has_text = |record: &Record| record.get("text").is_some_and(Value::is_string);
        let words = !records.iter().any(has_text) && inner.iter().any(|inner| has_text(inner));
        let ours = words && !matches!(wrapper, "fields" | "data" | "attributes");
        (preset != Preset::Csv || ours || messages && wrapper == "record").then_some((preset, wrapper))
    })
}

/// The preset whose signature matches most records. An empty field counts as present, because an author may be unknown.
fn most_signed<'r>(records: impl Iterator<Item = &'r Record>) -> Preset {
    let mut counts = vec![0usize; Preset::ALL.len()];
    for record in records {
        for preset in Preset::signed(|path| at(record, path).is_some()) {
            counts[preset as usize] += 1;
        }
    }
    let best = Preset::ALL.iter().rev().max_by_key(|preset| counts[**preset as usize]);
    best.copied().filter(|preset| counts[*preset as usize] > 0).unwrap_or(Preset::Csv)
}

fn message_type(record: &Record) -> Option<&str> {
    record.get("type").and_then(Value::as_str)
}

fn is_record_message(record: &Record) -> bool {
    message_type(record) == Some("RECORD") && record.get("record").is_some_and(Value::is_object)
}

fn is_other_message(record: &Record) -> bool {
    message_type(record).is_some_and(|kind| MESSAGES.contains(&kind))
}

/// The record in a value of the source; `None` where the value is a message of another kind.
pub(in crate::outside) fn record_of(value: Value, plan: &Plan) -> Option<Record> {
    let Value::Object(mut record) = value else { return None };
    if plan.messages && is_other_message(&record) {
        return None;
    }
    let Some(wrapper) = &plan.wrapper else { return Some(record) };
    let mut inner = None;
    for key in wrapper.split('.') {
        let outer = inner.as_mut().unwrap_or(&mut record);
        match outer.remove(key) {
            Some(Value::Object(found)) => inner = Some(found),
            _ => return inner.or(Some(record)),
        }
    }
    inner
}

/// Texts in the second header row of SurveyMonkey.
const SECOND_HEADER: &[&str] = &[
    "Response",
    "Open-Ended Response",
    "Open-Ended Comment",
    "Other (please specify)",
    "응답",
    "주관식 답변",
    "자유 응답형",
    "기타(구체적으로 명시)",
    "自由回答",
    "Offene Antwort",
    "Réponse ouverte",
    "Respuesta abierta",
];

/// How many rows under the header belong to it, judged by the first two records.
pub(in crate::outside) fn headers_below(first: &[Record], shape: &Shape) -> usize {
    let has = |record: &Record, good: &dyn Fn(&str) -> bool| {
        record.values().filter_map(Value::as_str).any(|cell| good(cell.trim()))
    };
    let import_id = |cell: &str| cell.starts_with("{\"ImportId\"") || cell.starts_with("{'ImportId'");
    // Qualtrics: the questions, then their ids.
    if let Some(at) = first.iter().position(|record| has(record, &import_id)) {
        return at + 1;
    }
    let Some(record) = first.first() else { return 0 };
    let of_answers = |field: &str| matches!(field, "external_id" | "occurred_at" | "customer.email" | "nps" | "rating");
    let mut answers = shape.rules.iter().filter(|rule| rule.reads() && of_answers(&rule.ours));
    let is_answer = answers.any(|rule| record.get(&*rule.theirs).is_some());
    usize::from(!is_answer && has(record, &|cell| SECOND_HEADER.contains(&cell)))
}

/// Checks that our own export is complete: its last line states the number of records.
///
/// # Errors
/// Where its end is missing.
pub(in crate::outside) fn check_end(source: &mut RecordSource<'_>) -> Result<Vec<RowWarning>, ReadError> {
    let (mut rows, mut ends, mut end) = (0u64, false, None);
    while let Some(raw) = source.next()? {
        let value = raw.map(|found| found.value).unwrap_or_default();
        match value.get("hearback").and_then(text).as_deref() {
            Some("export") => ends |= value.get("ends").and_then(Value::as_bool).unwrap_or(false),
            Some("end") => end = value.get("rows").and_then(Value::as_u64),
            _ => rows += 1,
        }
    }
    match (ends, end) {
        (true, None) => Err(ReadError::CutOff(format!(
            "the export is cut off: after {rows} rows its last line is missing; export it again"
        ))),
        (_, Some(all)) if all != rows => Err(ReadError::CutOff(format!(
            "the export is not whole: it says that it has {all} rows, and there are {rows}; export it again"
        ))),
        (false, None) => {
            let detail = "the export is of an older version, which does not say how many rows it has: whether it is whole can't be told";
            Ok(vec![RowWarning::new("", "no_end", detail)])
        }
        _ => Ok(Vec::new()),
    }
}
