//! Redaction of spelled-out addresses and numbers: `jane at example dot com`, `공일공 일이삼사`.

use super::TELLING;

/// A word of a text, and the white space after it.
struct Piece<'a> {
    word: &'a str,
    space: &'a str,
}

/// The text with `[email]` in place of spelled-out addresses.
pub(super) fn without_spelled_addresses(text: &str) -> String {
    replaced(text, |_| None)
}

/// The text with `[email]` and `[number]` in place of spelled-out addresses and numbers.
pub(super) fn without_spelled(text: &str) -> String {
    replaced(text, number_at)
}

/// The text with marks in place of spelled-out addresses, and of the numbers that `number` finds.
fn replaced(text: &str, number: impl for<'a> Fn(&[Piece<'a>]) -> Option<(usize, &'a str)>) -> String {
    let pieces: Vec<Piece<'_>> = text.split_inclusive(char::is_whitespace).map(piece).collect();
    let mut kept = String::with_capacity(text.len());
    let mut at = 0;
    while at < pieces.len() {
        let found = address_at(&pieces[at..]).map(|found| ("[email]", found));
        match found.or_else(|| number(&pieces[at..]).map(|found| ("[number]", found))) {
            Some((mark, (length, rest))) => {
                kept.push_str(mark);
                kept.push_str(rest);
                kept.push_str(pieces[at + length - 1].space);
                at += length;
            }
            None => {
                kept.push_str(pieces[at].word);
                kept.push_str(pieces[at].space);
                at += 1;
            }
        }
    }
    kept
}

fn piece(word: &str) -> Piece<'_> {
    let end = word.trim_end_matches(char::is_whitespace).len();
    Piece { word: &word[..end], space: &word[end..] }
}

/// The address that begins at the first piece: how many pieces it has, and the rest of the last piece that does not
/// belong to it.
fn address_at<'a>(pieces: &[Piece<'a>]) -> Option<(usize, &'a str)> {
    let word = |at: usize| pieces.get(at).map(|piece| piece.word);
    if let Some(first) = word(0)
        && let Some(sign) = SIGNS.iter().find(|sign| first.to_lowercase().contains(**sign))
    {
        let at = first.to_lowercase().find(sign)?;
        let (local, domain) = (first.get(..at)?, first.get(at + sign.len()..)?);
        let end = domain.find(|c: char| !(c.is_ascii_alphanumeric() || ".-()[]".contains(c))).unwrap_or(domain.len());
        let domain = domain[..end].trim_end_matches('.');
        return (is_local(local) && domain.contains('.')).then(|| (1, &first[at + sign.len() + end..]));
    }
    // jane dot doe at example dot com
    let mut next = 1;
    while word(next).is_some_and(is_dot) && word(next + 1).is_some_and(is_local) {
        next += 2;
    }
    let begins = word(0).is_some_and(is_local) && word(next).is_some_and(is_at) && word(next + 1).is_some_and(is_local);
    let mut end = next + 2;
    while begins && word(end).is_some_and(is_dot) && word(end + 1).is_some_and(|word| is_local(trimmed(word))) {
        end += 2;
    }
    let last = word(end - 1)?;
    let is_domain = TOP_LEVELS.contains(&trimmed(last).to_lowercase().as_str());
    (begins && is_domain && end > next + 2).then(|| (end, &last[trimmed(last).len()..]))
}

/// The top-level domains that end spelled-out addresses.
const TOP_LEVELS: [&str; 24] = [
    "com", "net", "org", "edu", "gov", "io", "co", "kr", "jp", "cn", "de", "uk", "fr", "es", "it", "nl", "eu", "us",
    "ca", "info", "dev", "app", "me", "example",
];

const SIGNS: [&str; 6] = ["(at)", "[at]", "{at}", "골뱅이", "(a)", "[@]"];

fn is_at(word: &str) -> bool {
    ["at", "골뱅이", "앳"].contains(&word.to_lowercase().as_str()) || SIGNS.contains(&word.to_lowercase().as_str())
}

fn is_dot(word: &str) -> bool {
    ["dot", "(dot)", "[dot]", "점", "닷"].contains(&word.to_lowercase().as_str())
}

fn is_local(word: &str) -> bool {
    word.len() >= 2 && word.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-' | b'+'))
}

/// The word without punctuation and a Korean particle after the address.
fn trimmed(word: &str) -> &str {
    let end = word.find(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '-' | '.')).unwrap_or(word.len());
    word[..end].trim_end_matches('.')
}

/// The number in words that begins at the first piece, in the form of [`address_at`].
fn number_at<'a>(pieces: &[Piece<'a>]) -> Option<(usize, &'a str)> {
    let english = pieces.iter().take_while(|piece| is_english_digit(piece.word)).count();
    if english >= TELLING {
        return Some((english, ""));
    }
    // A telephone number begins with a zero and has more digits than a spoken amount.
    let begins = pieces.first()?.word.starts_with(['공', '영']);
    let (mut digits, mut length, mut rest) = (0, 0, "");
    for piece in pieces.iter().take_while(|_| begins) {
        let end =
            piece.word.find(|c: char| !is_korean_digit(c) && !matches!(c, '-' | '.' | ' ')).unwrap_or(piece.word.len());
        let found = piece.word[..end].chars().filter(|c| is_korean_digit(*c)).count();
        if found == 0 {
            break;
        }
        (digits, length, rest) = (digits + found, length + 1, &piece.word[end..]);
        if !rest.is_empty() {
            break;
        }
    }
    (digits > TELLING).then_some((length, rest))
}

fn is_english_digit(word: &str) -> bool {
    let word = word.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
    let digits = ["zero", "oh", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "double"];
    digits.contains(&word.as_str()) || (word.len() == 1 && word.bytes().all(|b| b.is_ascii_digit()))
}

fn is_korean_digit(c: char) -> bool {
    "공영일이삼사오육칠팔구".contains(c) || c.is_ascii_digit()
}
