//! Removal of quoted and forwarded messages in mails, for English, Korean, German, French and Spanish mail programs.

use super::{has_words, plain};

/// Lines that precede a quoted or forwarded message.
const SEPARATORS: &[&str] = &[
    "original message",
    "original appointment",
    "forwarded message",
    "forwarded by",
    "begin forwarded message",
    "원본 메시지",
    "원본메시지",
    "원본 메일",
    "원본메일",
    "전달된 메시지",
    "전달된 메일",
    "original mail",
    "ursprüngliche nachricht",
    "message d'origine",
    "mensaje original",
];
/// Endings of the line that says who wrote the quoted message and when.
const WROTE: &[&str] = &[
    "wrote:",
    "님이 작성:",
    "님이 작성했습니다:",
    "님이 작성하셨습니다:",
    "님이 다음과 같이 썼습니다:",
    "님이 씀:",
    "작성:",
    "님의 메시지:",
    "schrieb:",
    "a écrit :",
    "a écrit:",
    "escribió:",
    "さんは書きました:",
];
/// Header fields of a quoted message.
const SENDER: &[&str] =
    &["from:", "보낸 사람:", "보낸사람:", "발신:", "발신자:", "보낸이:", "from :", "보낸 사람 :", "von:"];
const OTHERS: &[&str] = &[
    "sent:",
    "to:",
    "subject:",
    "date:",
    "cc:",
    "reply-to:",
    "받는 사람:",
    "받는사람:",
    "받는이:",
    "수신:",
    "수신자:",
    "제목:",
    "날짜:",
    "참조:",
    "보낸 날짜:",
    "보낸날짜:",
    "보낸 시간:",
    "to :",
    "subject :",
    "date :",
    "sent :",
    "cc :",
    "받는 사람 :",
    "제목 :",
    "날짜 :",
    "gesendet:",
    "an:",
    "betreff:",
];
/// Header fields that only a mail has; a timetable or a parcel label does not.
const TELLING: &[&str] = &["subject:", "sent:", "제목:", "보낸 날짜:", "보낸날짜:", "subject :", "제목 :", "betreff:"];
/// The least number of adjacent fields that form a header.
const FIELDS: usize = 3;

/// The text without the messages that it answers or forwards.
pub(super) fn without_quoted(text: &str) -> Option<String> {
    let lines: Vec<&str> = text.lines().collect();
    let start = (0..lines.len()).find_map(|at| Some((at, head_at(&lines, at)?)));
    let (own, cut) = match start {
        None => (lines.clone(), false),
        Some((at, head)) => {
            let before = &lines[..at];
            let after = &lines[at + head..];
            // The answer stands above the quoted message, or below the lines marked as quoted.
            let below: Vec<&str> = if has_words(&before.concat()) { Vec::new() } else { after.to_vec() };
            let answer = if is_quoted_first(after) { after_quoted(after) } else { below };
            ([before, &answer[..]].concat(), true)
        }
    };
    let unmarked = without_marked(&own);
    (cut || unmarked.is_some()).then(|| unmarked.unwrap_or_else(|| own.join("\n")))
}

/// The number of lines of the quoted message's header that begins at line `at`; `None` where none begins there.
fn head_at(lines: &[&str], at: usize) -> Option<usize> {
    let line = plain(lines[at].trim_start_matches(['>', ' ']));
    if line.is_empty() {
        return None;
    }
    if is_separator(&line) {
        return Some(1 + fields_from(&lines[at + 1..]).0);
    }
    // Mail programs often break this line into two or three.
    let unbroken = lines[at..].iter().take(3).take_while(|line| !line.trim().is_empty()).count();
    for count in (1..=unbroken).filter(|_| begins_wrote(&line)) {
        let joined = lines[at..at + count].iter().map(|line| line.trim()).collect::<Vec<_>>().join(" ");
        if is_wrote(&joined) {
            return Some(count);
        }
    }
    let (count, telling) = fields_from(&lines[at..]);
    let names_sender = SENDER.iter().any(|name| line.starts_with(name));
    (names_sender && count >= FIELDS && (telling || line.contains('@'))).then_some(count)
}

/// Whether a line is a separator: words between dashes or rules, or only such characters.
fn is_separator(line: &str) -> bool {
    let bare =
        line.trim_matches(|c: char| c.is_whitespace() || matches!(c, '-' | '_' | '=' | '*' | ':' | '>' | '─' | '—'));
    let marked = line.starts_with("--") || line.starts_with("__") || line.starts_with("==") || line.starts_with("──");
    SEPARATORS.iter().any(|known| bare == *known || (marked && bare.starts_with(known)))
        && (marked || line.ends_with(':') || bare.starts_with("begin"))
}

/// Whether a line may begin "On <date>, <name> <address> wrote:": it has a day, a number, an address or a name.
fn begins_wrote(line: &str) -> bool {
    ["on ", "am ", "le ", "el ", "<", "\""].iter().any(|start| line.starts_with(start))
        || line.starts_with(|c: char| c.is_ascii_digit())
        || line.contains('@')
        || line.contains('님')
}

/// Whether a line is "On <date>, <name> <address> wrote:". "On Monday I wrote to you" is not.
fn is_wrote(line: &str) -> bool {
    let end = line.trim().trim_start_matches(['>', ' ']).to_lowercase();
    let named = WROTE.iter().any(|wrote| end.ends_with(wrote));
    if !named || end.chars().count() > 300 {
        return false;
    }
    let dated = end.chars().filter(char::is_ascii_digit).count() >= 3;
    end.contains('@') || dated
}

/// How many of the next lines are header fields, and whether one of them only occurs in mails.
fn fields_from(lines: &[&str]) -> (usize, bool) {
    let (mut count, mut telling) = (0, false);
    for line in lines.iter().take(10) {
        let line = plain(line.trim_start_matches(['>', ' ']));
        let is = |names: &[&str]| names.iter().any(|name| line.starts_with(name));
        if !(is(SENDER) || is(OTHERS)) {
            break;
        }
        telling |= is(TELLING);
        count += 1;
    }
    (count, telling)
}

fn is_marked(line: &str) -> bool {
    line.trim_start().starts_with('>')
}

fn is_quoted_first(lines: &[&str]) -> bool {
    lines.iter().find(|line| !line.trim().is_empty()).is_some_and(|line| is_marked(line))
}

/// The lines after the first run of quoted lines.
fn after_quoted<'a>(lines: &[&'a str]) -> Vec<&'a str> {
    let quoted = |line: &&&str| is_marked(line) || line.trim().is_empty();
    lines.iter().skip_while(quoted).copied().collect()
}

/// The text without runs of at least two quoted lines. A single quoted line may be the customer's own.
fn without_marked(lines: &[&str]) -> Option<String> {
    let together = |at: usize| {
        let near = [at.checked_sub(1), Some(at + 1)];
        near.into_iter().flatten().any(|other| lines.get(other).is_some_and(|line| is_marked(line)))
    };
    let own: Vec<&str> =
        (0..lines.len()).filter(|at| !(is_marked(lines[*at]) && together(*at))).map(|at| lines[at]).collect();
    (own.len() < lines.len()).then(|| own.join("\n"))
}
