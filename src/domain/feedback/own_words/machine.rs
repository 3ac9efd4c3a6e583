//! Removal of machine-written text: tracking links, log lines, stack traces, JSON, long tokens.

use std::borrow::Cow;

/// A word longer than this (in bytes) that is all ASCII and has no sentence's full stop in it is a token.
const TOKEN: usize = 48;
/// At least this many adjacent lines of one kind are a pasted block.
const BLOCK: usize = 2;
/// A JSON value shorter than this (in bytes) is kept.
const JSON: usize = 40;
/// How many bytes are scanned for JSON without success before the search stops.
const IN_VAIN: usize = 65_536;
const LEVELS: &[&str] = &["ERROR", "WARN", "WARNING", "INFO", "DEBUG", "TRACE", "FATAL", "CRITICAL"];

/// The text without machine-written parts.
pub(super) fn without(text: &str) -> Option<String> {
    let mut own = Cow::Borrowed(text);
    if text.contains('{') || text.contains("[") {
        super::cut(&mut own, without_json);
    }
    if text.contains('\n') {
        super::cut(&mut own, without_blocks);
    }
    if own.contains("://") || own.contains("www.") || text.len() > TOKEN {
        super::cut(&mut own, without_tokens);
    }
    match own {
        Cow::Owned(own) => Some(own),
        Cow::Borrowed(_) => None,
    }
}

/// The text without JSON objects and arrays that have at least two names or are long.
fn without_json(text: &str) -> Option<String> {
    let mut own = String::with_capacity(text.len());
    let mut rest = text;
    let mut cut = false;
    // The limit avoids quadratic time on nested brackets that are not JSON.
    let mut in_vain = 0;
    while let Some(at) = rest.find(['{', '[']).filter(|_| in_vain < IN_VAIN) {
        own.push_str(&rest[..at]);
        rest = &rest[at..];
        let end = json_end(rest);
        match end {
            Some(end) if is_json(&rest[..end]) => {
                own.push('\n');
                cut = true;
                rest = &rest[end..];
            }
            _ => {
                in_vain += end.unwrap_or(rest.len());
                own.push_str(&rest[..1]);
                rest = &rest[1..];
            }
        }
    }
    own.push_str(rest);
    cut.then_some(own)
}

/// The end of the bracketed value at the start of `text`.
fn json_end(text: &str) -> Option<usize> {
    let (mut depth, mut quoted, mut escaped) = (0_usize, false, false);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'{' | b'[' if !quoted => depth += 1,
            b'}' | b']' if !quoted => {
                depth -= 1;
                if depth == 0 {
                    return Some(at + 1);
                }
            }
            _ => {}
        }
    }
    None
}

fn is_json(text: &str) -> bool {
    let names = text.match_indices("\":").count() + text.match_indices("\" :").count();
    names >= 2 || (names == 1 && text.len() >= JSON)
}

/// The text without runs of log lines and stack traces, and without fenced blocks of several lines.
fn without_blocks(text: &str) -> Option<String> {
    let lines: Vec<&str> = text.lines().collect();
    let mut machine: Vec<bool> = lines.iter().map(|line| is_log(line) || is_frame(line)).collect();
    let mut fence = None;
    for (at, line) in lines.iter().enumerate().filter(|(_, line)| line.trim_start().starts_with("```")) {
        match fence.take() {
            None => fence = Some(at),
            Some(start) if at - start > BLOCK + 1 => machine[start..=at].fill(true),
            Some(_) => {}
        }
        let _ = line;
    }
    if machine.iter().filter(|is| **is).count() < BLOCK {
        return None;
    }
    let near = |at: usize| [at.wrapping_sub(1), at + 1].into_iter().any(|other| machine.get(other) == Some(&true));
    let own: Vec<&str> = (0..lines.len()).filter(|at| !(machine[*at] && near(*at))).map(|at| lines[at]).collect();
    (own.len() < lines.len()).then(|| own.join("\n"))
}

/// Whether a line begins with a time or a log level.
fn is_log(line: &str) -> bool {
    let line = line.trim_start().trim_start_matches(['[', '(']);
    let bytes = line.as_bytes();
    let digits = |from: usize, to: usize| bytes.len() >= to && bytes[from..to].iter().all(u8::is_ascii_digit);
    let is = |at: usize, among: &[u8]| bytes.get(at).is_some_and(|byte| among.contains(byte));
    let dated = digits(0, 4)
        && is(4, b"-/")
        && digits(5, 7)
        && is(7, b"-/")
        && digits(8, 10)
        && is(10, b"T ")
        && digits(11, 13)
        && is(13, b":");
    let timed = digits(0, 2) && is(2, b":") && digits(3, 5) && is(5, b":") && digits(6, 8) && is(8, b".,");
    let level = LEVELS
        .iter()
        .any(|level| line.strip_prefix(level).is_some_and(|rest| rest.starts_with([':', ']', ' ', '\t', '|'])));
    dated || timed || level
}

/// Whether a line belongs to a stack trace of Java, .NET, JavaScript, Python, Rust or Go.
fn is_frame(line: &str) -> bool {
    let line = line.trim_start();
    let at = line.strip_prefix("at ").is_some_and(|rest| {
        (rest.contains('(') && rest.trim_end().ends_with(')'))
            || rest.contains(".js:")
            || rest.contains(" in ") && rest.contains(":line ")
    });
    at || line.starts_with("Traceback (most recent call last)")
        || (line.starts_with("File \"") && line.contains("\", line "))
        || (line.starts_with("... ") && line.trim_end().ends_with(" more"))
        || line.starts_with("Caused by: ")
        || line.starts_with("goroutine ")
        || line.starts_with("stack backtrace:")
        || is_exception(line)
}

/// Whether a line names an exception: "java.lang.NullPointerException: ...", "TypeError: ...".
fn is_exception(line: &str) -> bool {
    let name = line.split([':', ' ']).next().unwrap_or_default();
    name.len() > 8
        && (name.ends_with("Exception") || name.ends_with("Error"))
        && name.is_ascii()
        && !name.starts_with("Error")
}

/// The text with links shortened to host and plain path, and without long tokens.
fn without_tokens(text: &str) -> Option<String> {
    let mut own = String::with_capacity(text.len());
    let mut cut = false;
    for word in text.split_inclusive(char::is_whitespace) {
        let end = word.trim_end_matches(char::is_whitespace).len();
        let (word, space) = word.split_at(end);
        match shortened(word) {
            Some(short) => {
                own.push_str(&short);
                cut = true;
            }
            None => own.push_str(word),
        }
        own.push_str(space);
    }
    cut.then_some(own)
}

/// The short form of a word that is a link or a token.
fn shortened(word: &str) -> Option<String> {
    let Some(start) =
        word.find("http://").or_else(|| word.find("https://")).or_else(|| word.starts_with("www.").then_some(0))
    else {
        let token = word.len() > TOKEN
            && word.is_ascii()
            && word.bytes().filter(u8::is_ascii_alphanumeric).count() * 5 > word.len() * 4;
        return token.then(String::new);
    };
    let link = &word[start..];
    let length =
        link.find(|c: char| !c.is_ascii() || matches!(c, '"' | '<' | '>' | ')' | ']' | '\'')).unwrap_or(link.len());
    let (link, after) = link.split_at(length);
    let (place, ended) = link.split_at(link.trim_end_matches(['.', ',', '!', ';', ':']).len());
    let place = place.split_once("://").map_or(place, |(_, place)| place);
    let place = place.split(['?', '#']).next().unwrap_or_default();
    let (host, path) = place.split_at(place.find('/').unwrap_or(place.len()));
    let host = host.strip_prefix("www.").unwrap_or(host);
    let tracked = ["click", "track", "link", "links", "email", "mail", "go", "t", "url", "l"]
        .contains(&host.split('.').next().unwrap_or_default());
    let opaque = |part: &str| {
        part.len() > 24 || (part.len() > 8 && part.bytes().filter(u8::is_ascii_digit).count() * 3 > part.len())
    };
    let path = if tracked || path.split('/').any(opaque) { "" } else { path.trim_end_matches('/') };
    let kept = if tracked { "" } else { host };
    Some(format!("{}{kept}{path}{ended}{after}", &word[..start]))
}
