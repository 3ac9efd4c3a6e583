//! A look at the first part of a file before it is imported: its columns with examples, what each becomes, and the first
//! rows as they will be read. It files nothing.

use std::io::Read;

use flate2::read::MultiGzDecoder;
use serde_json::Value;

use crate::domain::base::Time;
use crate::domain::feedback::{ImportJob, ImportReading};
use crate::domain::team::Product;
use crate::error::Result;
use crate::outside::import;
use crate::usecase::feedback::import_options::for_file;

/// The most bytes that are looked at.
pub const LOOKED_AT: usize = 4 * 1024 * 1024;
/// Rows that are shown.
const ROWS: usize = 5;
/// Examples of a column.
const EXAMPLES: usize = 3;
/// The most columns that are shown.
const COLUMNS: usize = 200;
/// The most characters of a text that is shown.
const LONGEST: usize = 500;

/// A column of the file.
#[derive(Clone, Debug)]
pub struct ColumnPreview {
    pub name: String,
    pub examples: Vec<String>,
    /// The field that it is read for without a mapping; empty for none.
    pub guessed: String,
    /// The field that it is read for; empty for none, `*` where it is kept under its own name.
    pub field: String,
    pub read_as: Option<String>,
}

/// A row as it will be read.
#[derive(Clone, Debug, Default)]
pub struct RowPreview {
    pub text: String,
    /// The other fields, by name.
    pub fields: Vec<(String, String)>,
    /// Why it is not taken.
    pub refused: Option<String>,
    pub warnings: Vec<String>,
}

/// What a file looks like.
#[derive(Clone, Debug, Default)]
pub struct FilePreview {
    pub columns: Vec<ColumnPreview>,
    pub rows: Vec<RowPreview>,
    /// Why the file can't be read with these options.
    pub problem: Option<String>,
    /// How it was read.
    pub reading: Option<ImportReading>,
}

/// The beginning of a file that is looked at: unpacked, and without a row that is cut off.
pub fn beginning(bytes: Vec<u8>, whole: bool) -> Vec<u8> {
    let packed = bytes.starts_with(&[0x1F, 0x8B]);
    let (mut plain, mut whole) = (bytes, whole);
    if packed {
        let mut unpacked = Vec::new();
        // A file that is cut off ends with an error, after what could be read.
        let ended = MultiGzDecoder::new(plain.as_slice()).take(LOOKED_AT as u64).read_to_end(&mut unpacked);
        whole = ended.is_ok() && unpacked.len() < LOOKED_AT;
        plain = unpacked;
    }
    if !whole && let Some(end) = plain.iter().rposition(|byte| *byte == b'\n') {
        plain.truncate(end + 1);
    }
    plain
}

/// Looks at the beginning of a file.
///
/// # Errors
/// 422 with every wrong option.
pub fn look(bytes: &[u8], job: &ImportJob, products: &[Product], now: Time) -> Result<FilePreview> {
    let options = for_file(job, products, now, None)?;
    let mut plain = job.clone();
    plain.options.mapping = None;
    let guessing = for_file(&plain, products, now, None)?;
    let guessed = import::survey(bytes, &guessing).and_then(|file| Ok(file.rows()?.reading().clone()));
    let samples = match import::samples(bytes, &options, EXAMPLES) {
        Ok(samples) => samples,
        Err(error) => return Ok(FilePreview { problem: Some(error.to_string()), ..FilePreview::default() }),
    };
    let (reading, rows, problem) = match import::survey(bytes, &options) {
        Ok(file) => {
            let reader = file.rows().map_err(crate::error::Error::internal)?;
            let reading = reader.reading().clone();
            let rows = reader.take(ROWS).filter_map(|row| Some(shown(row.ok()?))).collect();
            (Some(reading), rows, None)
        }
        Err(error) => (None, Vec::new(), Some(error.to_string())),
    };
    let columns = samples.into_iter().take(COLUMNS).map(|(name, examples)| {
        let found = |reading: &ImportReading| reading.columns.iter().find(|column| column.column == name).cloned();
        let guess = guessed.as_ref().ok().and_then(found);
        let now = reading.as_ref().map_or_else(|| guess.clone(), found);
        let own = |field: &str| if field == format!("fields.{name}") { "*".to_owned() } else { field.to_owned() };
        let mapped = mapped(job.options.mapping.as_ref(), &name);
        ColumnPreview {
            examples: examples.iter().map(|text| cut(text, 80)).collect(),
            guessed: guess.map(|column| own(&column.field)).unwrap_or_default(),
            field: mapped
                .or_else(|| now.as_ref().map(|column| column.field.clone()))
                .map_or_else(String::new, |f| own(&f)),
            read_as: now.and_then(|column| column.read_as),
            name,
        }
    });
    Ok(FilePreview { columns: columns.collect(), rows, problem, reading })
}

/// The field that a mapping gives to a column.
fn mapped(mapping: Option<&Value>, column: &str) -> Option<String> {
    let entries = mapping?.as_object()?;
    entries.iter().find(|(_, theirs)| theirs.as_str() == Some(column)).map(|(ours, _)| ours.clone())
}

fn cut(text: &str, most: usize) -> String {
    let short: String = text.chars().take(most).collect();
    if short.len() < text.len() { short + "…" } else { short }
}

fn shown(row: import::Row) -> RowPreview {
    let warnings = row.warnings.iter().map(|warning| {
        if warning.field.is_empty() { warning.detail.clone() } else { format!("{}: {}", warning.field, warning.detail) }
    });
    let warnings = warnings.collect();
    let content = match row.content {
        Ok(content) => content,
        Err(error) => return RowPreview { refused: Some(error.detail), warnings, ..RowPreview::default() },
    };
    let mut fields = Vec::new();
    flatten("", &content, &mut fields);
    let said = |name: &str| content[name].as_str().map(str::trim).filter(|text| !text.is_empty());
    let text = said("text").or(said("title")).map(|text| cut(text, LONGEST)).unwrap_or_default();
    fields.retain(|(name, value)| name != "text" && !value.is_empty());
    RowPreview { text, fields, refused: None, warnings }
}

/// The values of an object by their path.
fn flatten(path: &str, value: &Value, into: &mut Vec<(String, String)>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                flatten(&path, value, into);
            }
        }
        Value::Null => {}
        Value::String(text) => into.push((path.to_owned(), cut(text.trim(), 120))),
        other => into.push((path.to_owned(), cut(&other.to_string(), 120))),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn looked(bytes: &[u8], job: &ImportJob) -> FilePreview {
        look(bytes, job, &[], Time(1_800_000_000 * Time::SECOND)).expect("a preview")
    }

    #[test]
    fn columns_are_guessed_with_examples_and_a_mapping_changes_them() {
        let file = "Body,Mail,Colour\nThe refund is late,a@example.com,red\n환불이 늦어요,b@example.com,blue\n";
        let mut job = ImportJob::default();
        let seen = looked(file.as_bytes(), &job);
        let names: Vec<&str> = seen.columns.iter().map(|column| column.name.as_str()).collect();
        assert_eq!(names, ["Body", "Mail", "Colour"]);
        assert_eq!(seen.columns[2].examples, ["red", "blue"]);
        job.options.mapping = Some(serde_json::json!({ "text": "Body", "fields.Colour": "Colour" }));
        let seen = looked(file.as_bytes(), &job);
        assert_eq!((seen.problem.as_deref(), seen.columns[0].field.as_str()), (None, "text"));
        assert_eq!(seen.columns[2].field, "*");
        assert_eq!((seen.rows.len(), seen.rows[1].text.as_str()), (2, "환불이 늦어요"));
        assert!(seen.rows[0].fields.contains(&("fields.Colour".to_owned(), "red".to_owned())), "{:?}", seen.rows);
    }

    #[test]
    fn a_file_without_words_says_what_to_do_and_shows_its_columns_all_the_same() {
        let seen = looked(b"a,b\n1,2\n", &ImportJob::default());
        assert!(seen.problem.is_some_and(|problem| problem.contains("text")));
        assert_eq!(seen.columns.len(), 2);
    }

    #[test]
    fn only_whole_rows_of_a_large_or_packed_file_are_looked_at() {
        assert_eq!(beginning(b"text\none\ntwo\nthr".to_vec(), false), b"text\none\ntwo\n");
        assert_eq!(beginning(b"text\none\ntwo".to_vec(), true), b"text\none\ntwo");
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packed.write_all(b"text\none\n").expect("memory");
        assert_eq!(beginning(packed.finish().expect("memory"), true), b"text\none\n");
    }
}
