//! CSV reader: comma, semicolon or tab, quoted line breaks, repeated headers.
//!
//! Written here instead of taken from a library for two reasons: an unclosed quote must not read the rest of the file
//! into memory, and it must spoil only its own row, not all that follow.

use std::collections::HashMap;
use std::io;

use serde_json::Value;

use super::record::{FURTHER, Found, Raw, Record, lossy};
use super::row::{RowError, RowWarning};
use crate::outside::import::text::delimiter::{excel_separator, sniff_delimiter};
use crate::outside::import::text::window::{MAX_ROW, Window};

/// A reader of the records below a header.
pub(in crate::outside) struct Csv<'a> {
    window: Window<'a>,
    delimiter: u8,
    /// The names in the header, including repeated ones, without trailing unnamed columns.
    pub(in crate::outside) columns: Vec<String>,
    /// The header as written. Concatenated files have it again among their rows.
    header: Vec<Vec<u8>>,
    /// For each column, whether another column has the same name.
    repeated: Vec<bool>,
    /// Whether cells have the guard that our own export puts before formulas; it is removed.
    pub(in crate::outside) guarded: bool,
    /// Whether the last column holds the text; further cells then belong to it.
    pub(in crate::outside) text_is_last: bool,
}

impl<'a> Csv<'a> {
    /// The delimiter.
    pub(in crate::outside) fn delimiter(&self) -> char {
        char::from(self.delimiter)
    }

    /// Reads the header.
    pub(in crate::outside) fn new(mut window: Window<'a>) -> io::Result<Self> {
        let named = excel_separator(window.unread());
        if named.is_some() {
            window.skip_line()?;
        }
        let delimiter = named.unwrap_or_else(|| sniff_delimiter(window.unread()));
        let (columns, repeated) = (Vec::new(), Vec::new());
        let header = Vec::new();
        let mut csv = Self { window, delimiter, columns, header, repeated, guarded: false, text_is_last: false };
        if let Some(Ok(cells)) = csv.cells()? {
            csv.columns = cells.iter().map(|cell| String::from_utf8_lossy(cell).trim().to_owned()).collect();
            while csv.columns.last().is_some_and(String::is_empty) {
                csv.columns.pop();
            }
            csv.rename(|_| None);
            csv.header = cells;
        }
        Ok(csv)
    }

    /// Renames columns to the names that the rules use.
    pub(in crate::outside) fn rename(&mut self, known: impl Fn(&str) -> Option<String>) {
        for column in &mut self.columns {
            if let Some(name) = known(column) {
                *column = name;
            }
        }
        let mut count = HashMap::with_capacity(self.columns.len());
        self.columns.iter().for_each(|name| *count.entry(name).or_insert(0) += 1);
        self.repeated = self.columns.iter().map(|name| count[name] > 1).collect();
    }

    /// Skips the rows under the header that belong to it. They give names to columns without one.
    pub(in crate::outside) fn pass_headers(&mut self, rows: usize) -> io::Result<()> {
        for _ in 0..rows {
            let Some(Ok(cells)) = self.cells()? else { return Ok(()) };
            for (column, cell) in self.columns.iter_mut().zip(cells) {
                if column.is_empty() {
                    *column = String::from_utf8_lossy(&cell).trim().to_owned();
                }
            }
        }
        self.rename(|_| None);
        Ok(())
    }

    /// The next row; `None` at the end of the file.
    pub(in crate::outside) fn next(&mut self) -> io::Result<Option<Raw>> {
        loop {
            let Some(cells) = self.cells()? else { return Ok(None) };
            let is_header = cells.as_ref().is_ok_and(|cells| self.header.len() > 1 && *cells == self.header);
            if !is_header {
                return Ok(Some(cells.and_then(|cells| self.record(cells))));
            }
        }
    }

    /// Missing cells at the end are empty, as in Excel's files. Cells beyond the header are kept.
    fn record(&self, mut cells: Vec<Vec<u8>>) -> Raw {
        let mut warnings = Vec::new();
        let further = self.further(&mut cells, &mut warnings);
        let mut record = Record::new();
        for ((column, repeated), cell) in self.columns.iter().zip(&self.repeated).zip(cells) {
            if cell.is_empty() || column.is_empty() {
                continue;
            }
            let cell = Value::String(self.text(&cell, &mut warnings)?);
            if !*repeated {
                record.insert(column.clone(), cell);
            } else if let Value::Array(all) = record.entry(column.clone()).or_insert_with(|| Value::Array(Vec::new())) {
                all.push(cell);
            }
        }
        if !further.is_empty() {
            let cells: Raw<Vec<String>> = further.iter().map(|cell| self.text(cell, &mut warnings)).collect();
            record.insert(FURTHER.to_owned(), cells?.into());
        }
        Ok(Found { value: Value::Object(record), warnings })
    }

    /// Removes the cells beyond the header. Where the last column holds the text, its text probably contained an
    /// unquoted delimiter, so the cells are joined again.
    fn further(&self, cells: &mut Vec<Vec<u8>>, warnings: &mut Vec<RowWarning>) -> Vec<Vec<u8>> {
        let (given, wanted) = (cells.len(), self.columns.len());
        if given <= wanted || cells[wanted..].iter().all(Vec::is_empty) {
            return Vec::new();
        }
        let mut further = cells.split_off(wanted);
        while further.last().is_some_and(Vec::is_empty) {
            further.pop();
        }
        let what = match cells.last_mut() {
            Some(last) if self.text_is_last => {
                for cell in further.drain(..) {
                    last.push(self.delimiter);
                    last.extend(cell);
                }
                "those beyond it were put back into the text, which is the last column"
            }
            _ => "those beyond it are kept in `fields.further_cells`; a cell with a delimiter in it needs quotes",
        };
        let detail = format!("has {given} cells where the header has {wanted}: {what}");
        warnings.push(RowWarning::new("", "wrong_column_count", detail));
        further
    }

    fn text(&self, cell: &[u8], warnings: &mut Vec<RowWarning>) -> Raw<String> {
        let (mut text, warning) = lossy(cell)?;
        warnings.extend(warning);
        if text.contains('\0') {
            text = text.replace('\0', "\u{FFFD}");
            warnings.push(RowWarning::new("", "nul_character", "a NUL character stands as U+FFFD"));
        }
        Ok(if self.guarded { unguard(text) } else { text })
    }

    /// The cells of the next record that is not blank.
    fn cells(&mut self) -> io::Result<Option<Raw<Vec<Vec<u8>>>>> {
        loop {
            match scan(self.window.unread(), self.delimiter, self.window.ended()) {
                Scan::Record { cells, length } => {
                    let at_end = length == 0;
                    self.window.consume(length);
                    if cells.iter().any(|cell| !cell.is_empty()) {
                        return Ok(Some(Ok(cells)));
                    }
                    if at_end {
                        return Ok(None);
                    }
                }
                Scan::Torn => return self.torn(),
                Scan::Short if self.window.unread().len() > MAX_ROW => return self.torn(),
                Scan::Short => {
                    self.window.more()?;
                }
            }
        }
    }

    /// Drops the line on which the record began, and continues with the next line.
    fn torn(&mut self) -> io::Result<Option<Raw<Vec<Vec<u8>>>>> {
        let one_line = !self.window.unread().contains(&b'\n');
        let error = if one_line && self.window.unread().len() > MAX_ROW {
            RowError::too_large()
        } else {
            RowError::malformed("a quoted cell is not closed")
        };
        self.window.skip_line()?;
        Ok(Some(Err(error)))
    }
}

enum Scan {
    Record {
        cells: Vec<Vec<u8>>,
        length: usize,
    },
    /// The quote is not closed, or is closed in the middle of a cell of a later row.
    Torn,
    /// More bytes are needed to decide.
    Short,
}

/// Splits off the first record. A blank line is a record of one empty cell, so `\r\n` ends a record and adds a blank
/// one.
fn scan(bytes: &[u8], delimiter: u8, ended: bool) -> Scan {
    enum At {
        CellStart,
        Plain,
        Quoted,
        AfterQuote,
    }
    let (mut cells, mut cell, mut at, mut broken) = (Vec::new(), Vec::new(), At::CellStart, false);
    for (n, &byte) in bytes.iter().enumerate() {
        at = match (at, byte) {
            (At::Quoted, b'"') => At::AfterQuote,
            (At::Quoted, _) => {
                broken |= byte == b'\n';
                cell.push(byte);
                At::Quoted
            }
            (At::AfterQuote, b'"') => {
                cell.push(byte);
                At::Quoted
            }
            (_, b'\n' | b'\r') => {
                cells.push(cell);
                return Scan::Record { cells, length: n + 1 };
            }
            (_, byte) if byte == delimiter => {
                cells.push(std::mem::take(&mut cell));
                broken = false;
                At::CellStart
            }
            (At::CellStart, b'"') => At::Quoted,
            (At::AfterQuote, b' ') => At::AfterQuote,
            (At::AfterQuote, _) if broken => return Scan::Torn,
            (_, _) => {
                cell.push(byte);
                At::Plain
            }
        };
    }
    match at {
        _ if !ended => Scan::Short,
        At::Quoted => Scan::Torn,
        _ => {
            cells.push(cell);
            Scan::Record { cells, length: bytes.len() }
        }
    }
}

fn unguard(cell: String) -> String {
    match cell.strip_prefix('\'') {
        Some(rest) if rest.starts_with(['=', '+', '-', '@', '\t']) => rest.to_owned(),
        _ => cell,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::outside::import::text::decode::Decoder;

    fn read(input: &[u8], guarded: bool) -> Vec<Value> {
        let mut window = Window::new(Decoder::plain(input));
        window.more().unwrap();
        let mut csv = Csv::new(window).unwrap();
        csv.guarded = guarded;
        let mut rows = Vec::new();
        while let Some(row) = csv.next().unwrap() {
            rows.push(row.map_or_else(|e| Value::String(e.code.into()), |found| found.value));
        }
        rows
    }

    #[test]
    fn the_delimiter_is_seen_from_the_header_whatever_is_quoted_in_it() {
        let expected = [json!({"text": "a, b; c", "note, old": "x"})];
        assert_eq!(read(b"text,\"note, old\"\n\"a, b; c\",x\n", false), expected);
        let wide = json!({"text": "a, b\\", "note, old": " c", FURTHER: ["x"]});
        assert_eq!(read(b"text;\"note, old\"\r\na, b\\; c;x\r\n", false)[0], wide);
        assert_eq!(read(b"text;\"note, old\"\r\n\"a, b; c\";x\r\n", false), expected);
        assert_eq!(read(b"text\tnote, old\na, b; c\tx", false), expected);
        assert_eq!(read(b"sep=;\r\ntext;n\r\na, b;x\r\n", false), [json!({"text": "a, b", "n": "x"})]);
        assert_eq!(read(b"text|note\na, b|x\n", false), [json!({"text": "a, b", "note": "x"})]);
    }

    #[test]
    fn quoted_cells_keep_line_breaks_and_quotes() {
        let rows =
            read(b"id,text\r\n1,\"first\r\nsecond \"\"x\"\"\n\nthird\"\r\n\r\n2,plain \"quoted\" text\r\n", false);
        assert_eq!(
            rows,
            [
                json!({"id": "1", "text": "first\r\nsecond \"x\"\n\nthird"}),
                json!({"id": "2", "text": "plain \"quoted\" text"})
            ]
        );
    }

    #[test]
    fn columns_of_one_name_are_gathered_and_unnamed_ones_passed_over() {
        let rows = read(b"text,Labels,Labels,,Labels,,\nhi,a,,x,b,,\nho,,,,c,,,,\nhu,,,\n", false);
        assert_eq!(rows[0], json!({"text": "hi", "Labels": ["a", "b"]}));
        assert_eq!(rows[1], json!({"text": "ho", "Labels": ["c"]}));
        assert_eq!(rows[2], json!({"text": "hu"}));
    }

    #[test]
    fn a_header_among_the_rows_is_no_row() {
        assert_eq!(read(b"id,text\n1,x\nid,text\n1,y\n", false).len(), 2);
        assert_eq!(read(b"text\ntext\n", false).len(), 1);
    }

    #[test]
    fn cells_beyond_the_header_are_kept_and_reported() {
        let mut window = Window::new(Decoder::plain(&b"n,text\n1,hello, you\n2,fine,,\n"[..]));
        window.more().unwrap();
        let mut csv = Csv::new(window).unwrap();
        csv.text_is_last = true;
        let row = csv.next().unwrap().unwrap().unwrap();
        assert_eq!(row.value, json!({"n": "1", "text": "hello, you"}));
        assert_eq!(row.warnings[0].code, "wrong_column_count");
        assert_eq!(csv.next().unwrap().unwrap().unwrap(), json!({"n": "2", "text": "fine"}).into());
    }

    #[test]
    fn a_hundred_thousand_columns_cost_no_more_than_their_cells() {
        let header: Vec<String> = (0..100_000).map(|n| format!("c{n}")).collect();
        let row = vec!["x"; 100_000].join(",");
        let started = std::time::Instant::now();
        let rows = read(format!("{}\n{row}\n{row}\n", header.join(",")).as_bytes(), false);
        assert_eq!(rows[1].as_object().unwrap().len(), 100_000);
        assert!(started.elapsed().as_secs() < 10, "{:?}", started.elapsed());
    }

    #[test]
    fn a_broken_row_costs_only_itself() {
        let rows = read(
            b"id,text\n1,good\n2,\"never closed\n3,fine\n4,\"fine, too\"\n5\n6,a,b\n7,a\0b\n8,\xFF\n9,last\n,\n10,\"open",
            false,
        );
        let expected = [
            json!({"id": "1", "text": "good"}),
            json!("malformed_row"),
            json!({"id": "3", "text": "fine"}),
            json!({"id": "4", "text": "fine, too"}),
            json!({"id": "5"}),
            json!({"id": "6", "text": "a", FURTHER: ["b"]}),
            json!({"id": "7", "text": "a\u{FFFD}b"}),
            json!("invalid_encoding"),
            json!({"id": "9", "text": "last"}),
            json!("malformed_row"),
        ];
        assert_eq!(rows, expected);
    }

    #[test]
    fn ten_thousand_broken_rows_do_not_stop_the_good_one_after_them() {
        let input = format!("id,text\n{}7,good\n", "1,\"broken\n".repeat(10_000));
        let rows = read(input.as_bytes(), false);
        assert_eq!(rows.len(), 10_001);
        assert_eq!(rows[10_000], json!({"id": "7", "text": "good"}));
    }

    #[test]
    fn a_row_beyond_the_limit_is_passed_over() {
        let input = format!(
            "id,text\n1,{}\n2,good\n3,\"{}\n4,good",
            "x".repeat(9 << 20),
            "y,y,y,y,y,y,y,y,y,y,y,y,y,y,y,y,y,y,y,y,y,y\n".repeat(100_000)
        );
        let rows = read(input.as_bytes(), false);
        assert_eq!(rows[..3], [json!("too_large"), json!({"id": "2", "text": "good"}), json!("malformed_row")]);
        assert_eq!(rows.last(), Some(&json!({"id": "4", "text": "good"})));
    }

    #[test]
    fn formula_guards_are_undone_in_our_own_export_only() {
        let input = b"text,n\n'=1+1,'quoted'\n'@you,''=\n";
        assert_eq!(read(input, true), [json!({"text": "=1+1", "n": "'quoted'"}), json!({"text": "@you", "n": "''="})]);
        assert_eq!(read(input, false)[0], json!({"text": "'=1+1", "n": "'quoted'"}));
    }
}
