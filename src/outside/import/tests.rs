//! Tests of the import layer through its interface: files in, rows out.

use std::io::{self, Read};

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

/// Reads a file without options.
pub(in crate::outside) fn rows(input: &[u8]) -> (Preset, Vec<Value>) {
    rows_with(input, &ReadOptions::default())
}

/// Reads a file; an invalid row is represented by its code.
pub(in crate::outside) fn rows_with(input: &[u8], options: &ReadOptions) -> (Preset, Vec<Value>) {
    let reader = read(input, options).unwrap();
    let preset = reader.preset();
    let content = |row: io::Result<Row>| row.unwrap().content.unwrap_or_else(|e| Value::String(e.code.into()));
    (preset, reader.map(content).collect())
}

fn mapped(mapping: Value) -> ReadOptions {
    ReadOptions { mapping: Some(Mapping::parse(&mapping).unwrap()), ..Default::default() }
}

#[test]
fn columns_named_like_our_fields_need_no_mapping() {
    let csv = "ID,Text,rating,nps,occurred_at,tags,severity,language,customer.email,customer.account.name,\
               customer.account.annual_value,fields.plan,other\n\
               7,Refund is late,4.0,9,2024-03-12 09:41,\"a, b,a\",High,EN_us,kim@example.com,Blue Bakery,12000.5 usd,pro,x\n\
               ,hi,,,,,,,,,,,\n";
    let (preset, rows) = rows(csv.as_bytes());
    assert_eq!(preset, Preset::Csv);
    assert_eq!(
        rows,
        [
            json!({
                "external_id": "7", "text": "Refund is late", "rating": 4, "nps": 9,
                "occurred_at": "2024-03-12T09:41:00Z", "tags": ["a", "b"], "severity": "high", "language": "en-us",
                "customer": {"email": "kim@example.com", "account": {"name": "Blue Bakery",
                             "annual_value": {"amount": "12000.5", "currency": "USD"}}},
                "fields": {"plan": "pro"},
            }),
            json!({"text": "hi"}),
        ]
    );
}

#[test]
fn json_in_our_words_is_read_in_every_form() {
    let one = json!({"text": "x", "rating": 3, "customer": {"name": "Kim"}, "tags": ["t"], "fields": {"a.b": [1]}});
    for file in [format!("{one}\n{one}\n"), format!("[{one},{one}]"), format!("{{\"data\":[{one},\n{one}]}}")] {
        assert_eq!(rows(file.as_bytes()), (Preset::Csv, vec![one.clone(), one.clone()]), "{file}");
    }
}

#[test]
fn a_mapping_finds_columns_and_nested_keys() {
    let mapping =
        json!({"text": "body", "customer.email": "Requester email", "tags": "Labels", "fields.cost": "Price"});
    let csv = "Body,Requester email,Labels,Labels,Price\n안녕하세요,kim@example.com,x,y,\"1,5\"\n";
    let expected = json!({"text": "안녕하세요", "customer": {"email": "kim@example.com"}, "tags": ["x", "y"],
                          "fields": {"cost": "1,5"}});
    assert_eq!(rows_with(csv.as_bytes(), &mapped(mapping)).1, [expected]);

    let mapping = json!({"text": "suggestion.body", "external_id": "suggestion.id", "occurred_at": "at.0.when"});
    let line = r#"{"suggestion": {"body": "Dark mode", "id": 12}, "at": [{"when": 1710236460}]}"#;
    let expected = json!({"text": "Dark mode", "external_id": "12", "occurred_at": "2024-03-12T09:41:00Z"});
    assert_eq!(rows_with(line.as_bytes(), &mapped(mapping.clone())).1, [expected]);
    let csv = "suggestion.id,suggestion.body,at.0.when\n12,Dark mode,2024-03-12\n";
    assert_eq!(rows_with(csv.as_bytes(), &mapped(mapping)).1[0]["text"], "Dark mode");
}

#[test]
fn a_jira_export_is_read_with_a_mapping() {
    let csv = "\u{feff}Summary,Issue key,Created,Labels,Labels,Description\r\n\
               Login fails,APP-7,12/Mar/24 9:41 AM,login,ios,\"It says\r\n\"\"no\"\"\"\r\n";
    let mapping = json!({"text": "Description", "title": "Summary", "external_id": "Issue key", "tags": "Labels",
                         "occurred_at": "Created"});
    let expected = json!({"text": "It says\r\n\"no\"", "title": "Login fails", "external_id": "APP-7",
                          "tags": ["login", "ios"], "occurred_at": "2024-03-12T09:41:00Z"});
    assert_eq!(rows_with(csv.as_bytes(), &mapped(mapping)).1, [expected]);
}

#[test]
fn a_wrong_mapping_names_all_that_is_wrong() {
    let wrong =
        Mapping::parse(&json!({"text": null, "txet": "b", "fields.": "c", "tags": 1, "title": " ", "product": null,
                                "customer": null}))
        .unwrap_err();
    let mut fields: Vec<_> = wrong.into_iter().map(|e| e.field).collect();
    fields.sort();
    assert_eq!(fields, ["fields.", "tags", "text", "title", "txet"]);
    assert!(Mapping::parse(&json!([])).is_err());

    let error = read(&b"Body,Note\nx,y\n"[..], &mapped(json!({"text": "Boby"}))).err().unwrap();
    assert_eq!(error.code(), "unknown_columns");
    assert!(error.to_string().contains("Boby") && error.to_string().contains("Body, Note"), "{error}");
}

#[test]
fn a_file_of_another_kind_is_refused_with_its_columns_and_an_empty_one_is_no_rows() {
    let error = |input: &'static [u8]| read(input, &ReadOptions::default()).err().unwrap().to_string();
    assert!(error(b"Body,Note\nx,y\n").ends_with("Body, Note"));
    assert!(error(br#"[{"body": "x", "note": "y"}]"#).ends_with("body, note"));
    // A title may replace the text in single rows. A file that has only titles may have its texts in an unknown column.
    assert!(error(b"Title,Description\nx,y\n").ends_with("Title, Description"));
    assert!(error(br#"[{"title": "x", "words": "y"}]"#).ends_with("title, words"));
    for empty in ["", "\u{feff}", "\n \n", "text\n", "[]", "{\"data\": []}"] {
        for format in [None, Some(Format::Csv), Some(Format::Ndjson), Some(Format::Json)] {
            let options = ReadOptions { format, ..Default::default() };
            let good = read(empty.as_bytes(), &options)
                .map_or(0, |rows| rows.filter(|r| r.as_ref().unwrap().content.is_ok()).count());
            assert_eq!(good, 0, "{empty:?} {format:?}");
        }
        assert!(rows(empty.as_bytes()).1.is_empty(), "{empty:?}");
    }
}

#[test]
fn a_bad_row_is_numbered_and_says_nothing_of_its_content() {
    let csv = "text,occurred_at,rating\ngood,,\nsecret1,secret2,\nsecret3,,secret4\n\"secret5\nlast,2024-03-12,5\n";
    let all: Vec<_> = read(csv.as_bytes(), &ReadOptions::default()).unwrap().map(Result::unwrap).collect();
    let outcome =
        |row: &Row| row.content.as_ref().map_or_else(|e| e.code, |_| row.warnings.first().map_or("", |w| w.code));
    let codes: Vec<_> = all.iter().map(|row| (row.number, outcome(row))).collect();
    let expected = [(1, ""), (2, "unreadable_time"), (3, "unreadable_number"), (4, "malformed_row"), (5, "")];
    assert_eq!(codes, expected);
    let details: String = all.iter().flat_map(|row| row.warnings.iter()).map(|w| w.detail.clone()).collect();
    assert!(details.contains("occurred_at") && details.contains("rating") && !details.contains("secret"), "{details}");
}

#[test]
fn a_broken_first_line_does_not_hide_whose_export_it_is() {
    let file = "{\"text\": \"oops\n{\"hearback\":\"export\",\"version\":1}\n{\"type\":\"theme\",\"label\":\"x\"}\n";
    let expected =
        [json!("malformed_row"), json!({"hearback": "export", "version": 1}), json!({"type": "theme", "label": "x"})];
    assert_eq!(rows(file.as_bytes()), (Preset::Hearback, expected.to_vec()));
}

#[test]
fn our_own_export_is_passed_on_as_it_is_and_its_csv_is_unguarded() {
    let line = json!({"type": "feedback", "id": "0190", "text": "'=x", "occurred_at": "whenever"});
    let options = ReadOptions { preset: Some(Preset::Hearback), ..Default::default() };
    assert_eq!(rows_with(format!("{line}\n").as_bytes(), &options).1, [line]);
    let expected = json!({"id": "0190", "text": "=x", "fields": {"a": "-1"}});
    assert_eq!(rows_with(b"id,text,fields.a\n0190,'=x,'-1\n", &options).1, [expected]);
}

#[test]
fn the_input_failing_is_an_error_once() {
    struct Failing;
    impl Read for Failing {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::other("gone"))
        }
    }
    struct Once(Vec<u8>, std::cell::Cell<usize>);
    impl<'a> Input<'a> for &'a Once {
        fn open(&self) -> io::Result<Box<dyn Read + 'a>> {
            self.1.set(self.1.get() + 1);
            let whole = self.1.get() < GOOD_READS;
            Ok(if whole { Box::new(self.0.as_slice()) } else { Box::new(self.0.as_slice().chain(Failing)) })
        }
    }
    // The compression, the encoding and the columns are detected before the rows are read.
    const GOOD_READS: usize = 9;
    let good = Once(format!("text\n{}", "x\n".repeat(200_000)).into_bytes(), std::cell::Cell::new(0));
    let mut reader = read(&good, &ReadOptions::default()).unwrap();
    assert_eq!(good.1.get(), GOOD_READS);
    assert_eq!(reader.by_ref().filter(Result::is_err).count(), 1);
    assert!(reader.next().is_none());
    good.1.set(GOOD_READS);
    assert_eq!(read(&good, &ReadOptions::default()).err().unwrap().code(), "unreadable_file");
}

#[test]
fn names_are_the_same_both_ways() {
    for name in Preset::NAMES {
        assert_eq!(name.parse::<Preset>().unwrap().to_string(), **name);
    }
    for name in Format::NAMES {
        assert_eq!(name.parse::<Format>().unwrap().to_string(), **name);
    }
    assert!("Zendesk".parse::<Preset>().is_err());
    assert_eq!((Preset::Zendesk.origin(), Preset::Csv.origin(), Preset::Hearback.origin()), ("zendesk", "", ""));
}

/// Reads all rows and ignores the results.
fn drain(input: &[u8]) {
    let presets = Preset::ALL.iter().copied().map(Some).chain([None]);
    for preset in presets {
        for format in [None, Some(Format::Csv), Some(Format::Ndjson), Some(Format::Json)] {
            let options = ReadOptions { format, preset, ..ReadOptions::default() };
            if let Ok(reader) = read(input, &options) {
                assert!(reader.map(Result::unwrap).count() <= input.len() + 2);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_bytes_make_it_panic_or_run_on(input in proptest::collection::vec(any::<u8>(), 0..400)) {
        drain(&input);
    }

    #[test]
    fn no_near_miss_makes_it_panic_or_run_on(parts in proptest::collection::vec(prop::sample::select(PARTS), 0..60)) {
        drain(parts.concat().as_bytes());
    }

    #[test]
    fn what_a_csv_writer_writes_is_read_back(
        cells in proptest::collection::vec(("[^\0\r]{1,20}", "[a-z,;\"\n\t']{0,9}"), 1..20),
    ) {
        let quote = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
        let lines = cells.iter().map(|(text, title)| format!("{},{}\r\n", quote(text), quote(title)));
        let file = "text,title\r\n".to_owned() + &lines.collect::<String>();
        let (_, rows) = rows(file.as_bytes());
        let texts: Vec<_> = rows.iter().filter_map(|row| row["text"].as_str()).collect();
        // A title replaces a missing text.
        let blank = |text: &str| text.trim().is_empty();
        let words = |(text, title): &'_ (String, String)| if blank(text) { title.trim().to_owned() } else { text.clone() };
        let words: Vec<String> = cells.iter().map(words).filter(|words| !blank(words)).collect();
        prop_assert_eq!(texts, words);
    }

    #[test]
    fn what_a_json_writer_writes_is_read_back(texts in proptest::collection::vec("\\PC{1,20}|[\\[\\]{}\",\\\\]{1,9}", 1..20)) {
        let objects: Vec<_> = texts.iter().map(|text| json!({"text": format!("x{text}")})).collect();
        let array = serde_json::to_string_pretty(&objects).unwrap();
        prop_assert_eq!(&rows(array.as_bytes()).1, &objects);
        let lines: String = objects.iter().map(|object| format!("{object}\n")).collect();
        prop_assert_eq!(&rows(lines.as_bytes()).1, &objects);
    }
}

/// Fragments of real files.
const PARTS: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    "\"",
    ",",
    ":",
    ";",
    "\t",
    "\n",
    "\r\n",
    "\\",
    "\"text\":",
    "\"data\":[",
    "null",
    "1e9",
    "가",
    "\u{feff}",
    "\0",
    "<p>",
    "&#x110000;",
    "&",
    "description",
    "requester_id,via",
    "source",
    "\"source\":{\"body\":\"<b\"}",
    "\"id\":1",
    "\"custom_fields\":[{\"id\":1,\"value\":{}}]",
    "Star Rating,Review Text,Review Link\n",
    "https://x/?reviewId=",
    "'=",
    "\"labels\":[{\"name\":\"bug\"}]",
    "\"html_url\":\"https://github.com/a/b/issues/1\"",
    "\"hearback\":1",
    "text,occurred_at\n",
    "2024. 3. 12. 오후 ",
    "12/Mar/24 9:41 AM",
    "99999999999999999999",
    "\"attributes\":{\"rating\":5,\"territory\":\"x\"}",
];
