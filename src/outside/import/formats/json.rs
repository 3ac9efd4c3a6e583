//! JSON reader: one object per line, or the elements of an array, which may be inside an object.
//!
//! The array is split into its elements here, and each element is parsed alone. This bounds the memory by one element,
//! and a broken element is only one bad row.

use std::io;

use super::record::Raw;
use super::row::RowError;
use super::single::parse;
use crate::outside::import::text::window::{LineEnd, MAX_ROW, Window};

/// The keys under which exports have their array of records.
const ARRAYS: &[&str] = &[
    "tickets",
    "conversations",
    "data",
    "issues",
    "items",
    "reviews",
    "posts",
    "results",
    "feedback",
    "suggestions",
    "notes",
    "responses",
    "records",
    "rows",
];

/// How often reading restarts at the line after a broken element. The limit avoids quadratic time for a file of opening
/// brackets only.
const MAX_RETRIES: usize = 16;

/// The next row of NDJSON; `None` at the end of the file.
pub(in crate::outside) fn next_line(window: &mut Window<'_>) -> io::Result<Option<Raw>> {
    loop {
        let end = match window.line_end(0)? {
            LineEnd::TooFar => {
                window.skip_line()?;
                return Ok(Some(Err(RowError::too_large())));
            }
            LineEnd::At(at) => at,
            LineEnd::AtEnd if window.unread().is_empty() => return Ok(None),
            LineEnd::AtEnd => window.unread().len(),
        };
        let line = &window.unread()[..end];
        let row = (!line.trim_ascii().is_empty()).then(|| parse(line));
        window.consume(end + 1);
        if row.is_some() {
            return Ok(row);
        }
    }
}

/// Whether a file that begins with `{` has one object per line, and is not one document.
pub(in crate::outside) fn is_lines(head: &[u8]) -> bool {
    let head = head.trim_ascii_start();
    let line = head.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let opens = line.len() < head.len() && matches!(line.trim_ascii_end().last(), Some(b'{' | b'[' | b',' | b':'));
    head.starts_with(b"{") && !opens && !matches!(find_array(line), Look::Array(_))
}

/// A reader of the elements of a document.
pub(in crate::outside) struct Elements<'a> {
    window: Window<'a>,
    place: JsonPlace,
    wrapped: bool,
    retries: usize,
}

#[derive(Clone, Copy)]
enum JsonPlace {
    Top,
    Array,
    /// After the array, in the object around it.
    Rest,
}

impl<'a> Elements<'a> {
    pub(in crate::outside) fn new(window: Window<'a>) -> Self {
        Self { window, place: JsonPlace::Top, wrapped: false, retries: 0 }
    }

    /// The next element; `None` at the end of the file.
    pub(in crate::outside) fn next(&mut self) -> io::Result<Option<Raw>> {
        loop {
            let Some(byte) = self.peek()? else {
                let whole = matches!(std::mem::replace(&mut self.place, JsonPlace::Top), JsonPlace::Top);
                return Ok((!whole).then(|| Err(RowError::malformed("the file ends before its JSON does"))));
            };
            match (self.place, byte) {
                (JsonPlace::Top, b'[') => self.enter(1, false),
                (JsonPlace::Top, b'{') => match self.look()? {
                    Some(array) => self.enter(array, true),
                    None => return self.element().map(Some),
                },
                (JsonPlace::Array, b']') => {
                    self.window.consume(1);
                    self.place = if self.wrapped { JsonPlace::Rest } else { JsonPlace::Top };
                }
                (JsonPlace::Array, _) => return self.element().map(Some),
                (JsonPlace::Rest, _) => {
                    if self.pass(Nesting { depth: 1, ..Nesting::default() })? {
                        self.place = JsonPlace::Top;
                    }
                }
                (JsonPlace::Top, _) => {
                    self.window.skip_line()?;
                    return Ok(Some(Err(RowError::malformed("is not a JSON object"))));
                }
            }
        }
    }

    /// Reads the elements of an array after its opening bracket.
    pub(in crate::outside) fn inside(window: Window<'a>) -> Self {
        Self { window, place: JsonPlace::Array, wrapped: true, retries: 0 }
    }

    /// The next element of the present array; `None` at its end.
    pub(in crate::outside) fn next_inside(&mut self) -> io::Result<Option<Raw>> {
        match self.peek()? {
            None => Ok(None),
            Some(b']') => {
                self.window.consume(1);
                Ok(None)
            }
            Some(_) => self.element().map(Some),
        }
    }

    /// The input after the elements that were read.
    pub(in crate::outside) fn into_window(self) -> Window<'a> {
        self.window
    }

    fn enter(&mut self, length: usize, wrapped: bool) {
        self.window.consume(length);
        self.place = JsonPlace::Array;
        self.wrapped = wrapped;
    }

    /// The next byte that is not white space.
    fn peek(&mut self) -> io::Result<Option<u8>> {
        loop {
            let blank = |byte: &u8| byte.is_ascii_whitespace() || *byte == b',';
            let unread = self.window.unread();
            let length = unread.iter().position(|byte| !blank(byte)).unwrap_or(unread.len());
            self.window.consume(length);
            if let Some(byte) = self.window.unread().first() {
                return Ok(Some(*byte));
            }
            if !self.window.more()? {
                return Ok(None);
            }
        }
    }

    /// Searches the next object for the array of records; returns its position.
    fn look(&mut self) -> io::Result<Option<usize>> {
        loop {
            match find_array(self.window.unread()) {
                Look::Array(start) => return Ok(Some(start)),
                Look::Whole => return Ok(None),
                Look::Short if self.window.unread().len() > MAX_ROW || !self.window.more()? => return Ok(None),
                Look::Short => {}
            }
        }
    }

    /// Parses the next element.
    fn element(&mut self) -> io::Result<Raw> {
        let (mut at, mut nesting) = (0, Nesting::default());
        loop {
            for &byte in &self.window.unread()[at..] {
                if nesting.is_over(byte, at > 0) {
                    let row = parse(&self.window.unread()[..at]);
                    self.window.consume(at.max(1));
                    return Ok(row);
                }
                nesting.step(byte);
                at += 1;
            }
            if at > MAX_ROW {
                return self.give_up(nesting, at);
            }
            if !self.window.more()? {
                if !nesting.is_outside() {
                    return self.give_up(nesting, at);
                }
                let row = parse(self.window.unread());
                self.window.consume(at);
                return Ok(row);
            }
        }
    }

    /// Handles an element without an end: usually a quote or a bracket is missing, so reading continues at the next
    /// line that begins an object.
    fn give_up(&mut self, nesting: Nesting, seen: usize) -> io::Result<Raw> {
        let error = if self.window.ended() { RowError::malformed("has no end") } else { RowError::too_large() };
        let next = next_object_line(self.window.unread());
        if let (Some(next), true) = (next, self.retries < MAX_RETRIES) {
            self.retries += 1;
            self.window.consume(next);
        } else {
            self.window.consume(seen);
            self.pass(nesting)?;
        }
        Ok(Err(error))
    }

    /// Skips the rest of the value that `nesting` is inside of; false if the file ends first.
    fn pass(&mut self, mut nesting: Nesting) -> io::Result<bool> {
        loop {
            let mut length = 0;
            for &byte in self.window.unread() {
                length += 1;
                nesting.step(byte);
                if nesting.is_outside() {
                    self.window.consume(length);
                    return Ok(true);
                }
            }
            self.window.consume(length);
            if !self.window.more()? {
                return Ok(false);
            }
        }
    }
}

/// The nesting depth of a position, in brackets and strings.
#[derive(Clone, Copy, Default)]
pub(in crate::outside) struct Nesting {
    pub(in crate::outside) depth: usize,
    pub(in crate::outside) in_string: bool,
    escaped: bool,
}

impl Nesting {
    pub(in crate::outside) fn step(&mut self, byte: u8) {
        match byte {
            _ if self.escaped => self.escaped = false,
            b'\\' if self.in_string => self.escaped = true,
            b'"' => self.in_string = !self.in_string,
            _ if self.in_string => {}
            b'{' | b'[' => self.depth += 1,
            b'}' | b']' => self.depth = self.depth.saturating_sub(1),
            _ => {}
        }
    }

    /// Whether the element ends before `byte`; `begun` says whether it has begun.
    fn is_over(&self, byte: u8, begun: bool) -> bool {
        self.is_outside() && (matches!(byte, b',' | b']') || begun && byte == b'{')
    }

    fn is_outside(&self) -> bool {
        self.depth == 0 && !self.in_string
    }
}

enum Look {
    Array(usize),
    Whole,
    Short,
}

/// Finds the array of records among the members of the object at the start of `bytes`.
fn find_array(bytes: &[u8]) -> Look {
    let (mut nesting, mut string, mut key) = (Nesting::default(), 0, &b""[..]);
    for (at, &byte) in bytes.iter().enumerate() {
        let before = nesting;
        nesting.step(byte);
        if before.depth == 1 && !before.in_string && byte == b'[' && ARRAYS.iter().any(|name| name.as_bytes() == key) {
            return Look::Array(at + 1);
        }
        match (before.in_string, nesting.in_string) {
            (false, true) => string = at + 1,
            (true, false) if nesting.depth == 1 => key = &bytes[string..at],
            _ => {}
        }
        if before.depth == 1 && nesting.depth == 0 {
            return Look::Whole;
        }
    }
    Look::Short
}

fn next_object_line(bytes: &[u8]) -> Option<usize> {
    let mut start = 0;
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        if start > 0 && line.trim_ascii_start().starts_with(b"{") {
            return Some(start);
        }
        start += line.len();
    }
    None
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::outside::import::text::decode::Decoder;

    fn elements(input: &str) -> Vec<Value> {
        let mut elements = Elements::new(Window::new(Decoder::plain(input.as_bytes())));
        std::iter::from_fn(|| elements.next().unwrap()).map(flat).collect()
    }

    fn lines(input: &str) -> Vec<Value> {
        let mut window = Window::new(Decoder::plain(input.as_bytes()));
        std::iter::from_fn(|| next_line(&mut window).unwrap()).map(flat).collect()
    }

    fn flat(row: Raw) -> Value {
        row.map_or_else(|e| Value::String(e.code.into()), |found| found.value)
    }

    #[test]
    fn an_array_gives_its_elements() {
        let expected = [json!({"a": "],{\"\\"}), json!({"a": [{}, [1]]}), json!({})];
        assert_eq!(elements(r#"[{"a":"],{\"\\"},{"a":[{},[1]]} , {}]"#), expected);
        assert_eq!(elements("[]"), [] as [Value; 0]);
        assert_eq!(elements(" "), [] as [Value; 0]);
    }

    #[test]
    fn an_array_inside_an_object_gives_its_elements() {
        let page = r#"{"count": 2, "x": {"data": [0]}, "tickets": [{"id":1, "tags": ["a"]}, {"id":2}], "next": [{}]}"#;
        let expected = [json!({"id": 1, "tags": ["a"]}), json!({"id": 2})];
        assert_eq!(elements(page), expected);
        assert_eq!(elements(&format!("{page}\n{page}")), [expected.clone(), expected].concat());
        assert_eq!(elements("{\"id\": 1}\n{\"tags\": [2]}"), [json!({"id": 1}), json!({"tags": [2]})]);
    }

    #[test]
    fn a_broken_element_costs_only_itself() {
        let bad = json!("malformed_row");
        let good = json!({"id": 1});
        assert_eq!(
            elements(r#"[{"id":1},{"id":tru},7,{"id":1]},null,{"id":1}]"#),
            [good.clone(), bad.clone(), bad.clone(), bad.clone(), bad.clone(), good.clone()]
        );
        let torn = "[\n{\"id\":1},\n{\"text\":\"open},\n{\"id\":1},\n{\"id\":{,\n{\"id\":1}\n]";
        assert_eq!(elements(torn), [good.clone(), bad.clone(), good.clone(), bad.clone(), good.clone()]);
        assert_eq!(elements(r#"[{"id":1},{"id""#), [good.clone(), bad.clone(), bad.clone()]);
        assert_eq!(elements("nonsense"), [bad]);
    }

    #[test]
    fn ten_thousand_opening_brackets_are_read_in_linear_time() {
        assert!(elements(&format!("[{}", "{\n".repeat(3 << 20))).len() < 50);
        let deep = format!("[{}{},{{}}]", "[".repeat(10_000), "]".repeat(10_000));
        assert_eq!(elements(&deep), [json!("malformed_row"), json!({})]);
    }

    #[test]
    fn what_is_too_large_is_passed_over() {
        let large = "x".repeat(9 << 20);
        let expected = [json!({"id": 1}), json!("too_large"), json!({"id": 2})];
        assert_eq!(elements(&format!(r#"[{{"id":1}},{{"x":"{large}"}},{{"id":2}}]"#)), expected);
        assert_eq!(lines(&format!("{{\"id\":1}}\n{{\"x\":\"{large}\"}}\n{{\"id\":2}}")), expected);
    }

    #[test]
    fn lines_are_rows_and_a_broken_one_costs_only_itself() {
        let rows = lines("{\"id\":1}\r\n\n{\"id\": \n[1]\n{\"id\":2}");
        assert_eq!(rows, [json!({"id": 1}), json!("malformed_row"), json!("malformed_row"), json!({"id": 2})]);
    }

    #[test]
    fn lines_and_documents_are_told_apart() {
        assert!(is_lines(b"{\"id\":1}\n{\"id\":2}"));
        assert!(is_lines(b"{\"id\":1, \"custom_fields\":[{\"id\":1}]}\n"));
        assert!(is_lines(b"{\"text\": \"broken\n{\"id\":2}"));
        assert!(!is_lines(b"{\n  \"data\": []\n}"));
        assert!(!is_lines(b"{\"data\":[{}]}"));
        assert!(!is_lines(b"{\"tickets\": [\n{}]}"));
        assert!(!is_lines(b"[{}]"));
    }
}
