//! Each sentence in which the API refuses something has its Korean one, and each field its Korean name: the console
//! shows both to its readers. The sentences are read from the source, so that a new one is missed here.

use std::collections::BTreeSet;

use super::{report, texts};

/// Where the refusals that a page can show come from.
const LAYERS: [&str; 6] =
    ["src/domain", "src/store", "src/usecase", "src/http/console", "src/http/api", "src/http/base"];

/// What makes an error with a detail of its own.
const MAKERS: [&str; 6] =
    ["Error::new(", "Error::field(", "FieldError::new(", " conflict(", "refused(&incident, ", "write!(f, "];

/// Sentences that no page shows, by the file that has them, and why.
const ELSEWHERE: [(&str, &str); 16] = [
    ("src/store/transfer/", "written by the command line"),
    ("src/store/health/", "ends the program, or is written into its log"),
    ("src/usecase/base/condition.rs", "the state of the server, for monitoring"),
    ("src/http/api/integrations/hooks.rs", "answers other systems"),
    ("src/http/api/measures/otlp.rs", "answers OpenTelemetry"),
    ("src/http/api/measures/remote_write.rs", "answers Prometheus"),
    ("src/http/api/measures/text_samples.rs", "answers what sends samples"),
    ("src/usecase/measures/remote.rs", "answers Prometheus"),
    ("src/usecase/feedback/importing/import_options.rs", "answers the API: the assistant has checked before"),
    ("src/http/base/connection.rs", "ends a connection"),
    ("src/http/base/docs.rs", "files of the documentation"),
    ("src/http/base/context.rs", "a header of requests"),
    ("src/usecase/integrations/", "answers other systems, or is noted on a delivery"),
    ("src/usecase/operations/alerts", "answers other systems"),
    ("src/domain/integrations/", "answers other systems"),
    ("src/domain/base/decode.rs", "the schemas: its tests name what it says"),
];

/// A call or a statement from here to where it ends.
fn whole(text: &str, end: char) -> &str {
    let (mut depth, mut in_text, mut escaped) = (0, false, false);
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if in_text => escaped = true,
            '"' => in_text = !in_text,
            _ if in_text => {}
            c if c == end && depth == 0 => return &text[..at],
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth -= 1,
            _ => {}
        }
    }
    text
}

/// The texts in quotes.
fn quoted(code: &str) -> Vec<String> {
    let (mut found, mut now, mut escaped) = (Vec::new(), None::<String>, false);
    for c in code.chars() {
        match (&mut now, c) {
            (Some(text), c) if escaped => {
                text.push(c);
                escaped = false;
            }
            (Some(_), '\\') => escaped = true,
            (Some(_), '"') => found.extend(now.take()),
            (Some(text), c) => text.push(c),
            (None, '"') => now = Some(String::new()),
            (None, _) => {}
        }
    }
    found
}

/// A text with `{}` for everything that is put into it.
fn frame(text: &str) -> String {
    let (mut frame, mut rest) = (String::new(), text);
    while let Some((before, after)) = rest.split_once('{') {
        frame.push_str(before);
        frame.push_str("{}");
        rest = after.split_once('}').map_or("", |(_, rest)| rest);
    }
    frame + rest
}

/// The source without comments and tests, with each text on one line.
fn code_of(text: &str) -> String {
    let text = text.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
    let lines = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    let mut code = String::new();
    let mut goes_on = false;
    for line in lines {
        let line = if goes_on { line.trim_start() } else { line };
        goes_on = line.ends_with('\\');
        code.push_str(line.trim_end_matches('\\'));
        if !goes_on {
            code.push('\n');
        }
    }
    code
}

/// The calls that make an error, and the statements that name its detail.
fn made(code: &str) -> Vec<&str> {
    let mut found = Vec::new();
    for maker in MAKERS {
        found.extend(code.match_indices(maker).map(|(at, _)| whole(&code[at + maker.len()..], ')')));
    }
    let named = "let detail = ";
    found.extend(code.match_indices(named).map(|(at, _)| whole(&code[at + named.len()..], ';')));
    found
}

fn files() -> impl Iterator<Item = (String, String)> {
    let all = LAYERS.into_iter().flat_map(texts).filter(|(path, _)| !path.ends_with("tests.rs"));
    all.filter(|(path, _)| !ELSEWHERE.iter().any(|(start, _)| path.starts_with(start)))
        .map(|(path, text)| (path, code_of(&text)))
}

fn read(path: &str) -> String {
    std::fs::read_to_string(std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).expect(path)
}

#[test]
fn each_refusal_has_its_korean_sentence() {
    let tables = ["fields", "sentences"].map(|name| read(&format!("src/domain/words/refusals/{name}.tsv"))).join("");
    let known: BTreeSet<&str> = tables.lines().filter_map(|line| line.split('\t').next()).collect();
    let (mut missing, mut count) = (BTreeSet::new(), 0);
    for (path, code) in files() {
        for text in made(&code).into_iter().flat_map(quoted) {
            let frame = frame(&text);
            // A sentence has words beside what is put into it; names, pointers and codes have no spaces.
            if frame.replace("{}", "").trim().contains(' ') {
                count += 1;
                if !known.contains(frame.as_str()) {
                    missing.insert(format!("{path}: {frame}"));
                }
            }
        }
    }
    assert!(count > 200, "{count} sentences were found: the test looks in the wrong place");
    let missing: Vec<String> = missing.into_iter().collect();
    report(&missing, "add the sentence to src/domain/words/refusals, with its Korean one:");
}

#[test]
fn each_field_that_can_be_wrong_has_a_korean_name() {
    let root = "src/domain/words/console";
    let areas = std::fs::read_dir(std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(root)).expect(root);
    let areas =
        areas.map(|entry| entry.expect("an entry").path()).filter(|path| path.to_string_lossy().ends_with(".ko.ftl"));
    let texts: String = areas.map(|path| std::fs::read_to_string(path).expect("text")).collect();
    let texts = texts + &read("src/domain/words/refusals/labels.ko.ftl");
    let known: BTreeSet<&str> =
        texts.lines().filter_map(|line| line.strip_prefix("field-")?.split(' ').next()).collect();
    let mut missing = BTreeSet::new();
    for (path, code) in files() {
        for pointer in made(&code).into_iter().flat_map(quoted).filter(|text| text.starts_with('/') && text.len() > 1) {
            let mut parts = pointer.split('/').filter(|part| !part.is_empty() && !part.contains(['{', '}']));
            let Some(name) = parts.rfind(|part| part.parse::<usize>().is_err()) else { continue };
            if !known.contains(name) && !name.contains([' ', '-']) {
                missing.insert(format!("{path}: {name}"));
            }
        }
    }
    let missing: Vec<String> = missing.into_iter().collect();
    report(&missing, "add `field-` with the name to src/domain/words/refusals/labels.*.ftl:");
}
