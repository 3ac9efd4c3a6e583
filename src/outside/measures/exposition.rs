//! The text format in which Prometheus and its exporters show metrics (version 0.0.4): a line a sample, with labels and,
//! where it is known, the time in milliseconds.

use std::iter::Peekable;
use std::str::Chars;

use crate::domain::measures::sampling::samples::Sample;
use crate::domain::measures::selector::Labels;

/// The longest text that is read, in bytes.
pub const LONGEST: usize = 1024 * 1024;
/// The most samples of one text.
pub const MOST: usize = 10_000;

/// A line with a sample.
#[derive(Clone, Debug, PartialEq)]
pub struct ExposedSample {
    pub name: String,
    pub labels: Labels,
    pub sample: Sample,
    /// The number of its line, from 1.
    pub line: usize,
}

/// A line that is no sample, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadLine {
    pub line: usize,
    pub why: String,
}

/// Reads all samples of a text. A line without a time gets `now`, in milliseconds. Comments and empty lines are ignored.
///
/// # Errors
/// Every line that is no sample.
pub fn read(text: &str, now: i64) -> Result<Vec<ExposedSample>, Vec<BadLine>> {
    let (mut found, mut bad) = (Vec::new(), Vec::new());
    for (at, line) in text.lines().enumerate() {
        let written = line.trim();
        if written.is_empty() || written.starts_with('#') {
            continue;
        }
        match sample(written, now) {
            Ok((name, labels, sample)) => found.push(ExposedSample { name, labels, sample, line: at + 1 }),
            Err(why) => bad.push(BadLine { line: at + 1, why }),
        }
    }
    if bad.is_empty() { Ok(found) } else { Err(bad) }
}

fn sample(line: &str, now: i64) -> Result<(String, Labels, Sample), String> {
    let mut rest = line.chars().peekable();
    let name = word(&mut rest, |c| c == ':');
    if name.is_empty() || name.starts_with(|c: char| c.is_ascii_digit()) {
        return Err("must begin with the name of a metric".to_owned());
    }
    spaces(&mut rest);
    let labels = if rest.next_if_eq(&'{').is_some() { labels(&mut rest)? } else { Labels::new() };
    let rest: String = rest.collect();
    let mut parts = rest.split_whitespace();
    let value = parts.next().ok_or("must have a value after the name")?;
    let value = number(value).ok_or_else(|| format!("must have a number as its value, not {value}"))?;
    let at = match parts.next() {
        None => now,
        Some(text) => text.parse::<i64>().map_err(|_| format!("must have its time in milliseconds, not {text}"))?,
    };
    if parts.next().is_some() {
        return Err("must end after the time".to_owned());
    }
    Ok((name, labels, Sample { at, value }))
}

/// A number as Go writes it.
fn number(text: &str) -> Option<f64> {
    match text {
        "+Inf" | "Inf" => Some(f64::INFINITY),
        "-Inf" => Some(f64::NEG_INFINITY),
        "NaN" => Some(f64::NAN),
        // Rust also reads `inf` and `nan` in any case, which the format does not know.
        _ if text.contains(|c: char| c.is_alphabetic() && !matches!(c, 'e' | 'E')) => None,
        _ => text.parse().ok(),
    }
}

fn spaces(rest: &mut Peekable<Chars<'_>>) {
    while rest.next_if(|c| matches!(c, ' ' | '\t')).is_some() {}
}

/// Letters, digits and `_`, and what else may stand in it.
fn word(rest: &mut Peekable<Chars<'_>>, also: impl Fn(char) -> bool) -> String {
    let mut found = String::new();
    while let Some(c) = rest.next_if(|c| c.is_ascii_alphanumeric() || *c == '_' || also(*c)) {
        found.push(c);
    }
    found
}

/// What stands between braces.
fn labels(rest: &mut Peekable<Chars<'_>>) -> Result<Labels, String> {
    let mut found = Labels::new();
    loop {
        spaces(rest);
        if rest.next_if_eq(&'}').is_some() {
            return Ok(found);
        }
        let name = word(rest, |_| false);
        spaces(rest);
        if name.is_empty() || rest.next_if_eq(&'=').is_none() {
            return Err("must have labels as name=\"value\"".to_owned());
        }
        spaces(rest);
        let value = quoted(rest)?;
        if found.insert(name.clone(), value).is_some() {
            return Err(format!("must not have the label {name} twice"));
        }
        spaces(rest);
        if rest.next_if_eq(&',').is_none() && rest.peek() != Some(&'}') {
            return Err("must have a comma between labels, and } after the last one".to_owned());
        }
    }
}

fn quoted(rest: &mut Peekable<Chars<'_>>) -> Result<String, String> {
    let open = || "must have the values of labels in quotes".to_owned();
    rest.next_if_eq(&'"').ok_or_else(open)?;
    let mut found = String::new();
    loop {
        match rest.next().ok_or_else(open)? {
            '"' => return Ok(found),
            '\\' => match rest.next().ok_or_else(open)? {
                'n' => found.push('\n'),
                c @ ('\\' | '"') => found.push(c),
                c => found.extend(['\\', c]),
            },
            c => found.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(line: &str) -> Result<(String, Labels, Sample), String> {
        sample(line, 7)
    }

    fn labelled(pairs: &[(&str, &str)]) -> Labels {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn an_exposition_is_read_as_exporters_write_it() {
        let text = "# HELP http_requests_total The total.\n# TYPE http_requests_total counter\n\
                    http_requests_total{method=\"post\",code=\"200\"} 1027 1395066363000\n\
                    http_requests_total { method = \"post\" , code=\"400\", }    3\n\n\
                    metric_without_timestamp_and_labels 12.47\r\n\
                    msdos_file_access_time_seconds{path=\"C:\\\\DIR\\\\FILE.TXT\",error=\"Cannot find file:\\n\\\"FILE.TXT\\\"\"} 1.458255915e9\n\
                    weird{problem=\"0으로 나눔\"} +Inf -3982045\n";
        let found = read(text, 7).unwrap();
        let lines: Vec<(usize, i64, f64)> =
            found.iter().map(|one| (one.line, one.sample.at, one.sample.value)).collect();
        assert_eq!(
            lines,
            [
                (3, 1_395_066_363_000, 1027.0),
                (4, 7, 3.0),
                (6, 7, 12.47),
                (7, 7, 1.458255915e9),
                (8, -3_982_045, f64::INFINITY),
            ]
        );
        assert_eq!(found[1].labels, labelled(&[("code", "400"), ("method", "post")]));
        assert_eq!(found[3].labels["path"], "C:\\DIR\\FILE.TXT");
        assert_eq!(found[3].labels["error"], "Cannot find file:\n\"FILE.TXT\"");
    }

    #[test]
    fn every_line_that_is_no_sample_is_named() {
        let text = "up 1\n1up 1\nup\nup one\nup{a=b} 1\nup{a=\"b} 1\nup{a=\"b\" c=\"d\"} 1\nup{a=\"1\",a=\"2\"} 1\nup 1 soon\nup 1 2 3\nup 0x1p3\nup nan\n";
        let bad = read(text, 0).unwrap_err();
        assert_eq!(bad.iter().map(|one| one.line).collect::<Vec<_>>(), (2..=12).collect::<Vec<_>>(), "{bad:?}");
        assert!(one("up NaN").is_ok_and(|(_, _, sample)| sample.value.is_nan()));
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read_without_harm(text in ".{0,200}") {
            let _ = read(&text, 0);
        }
    }
}
