//! Masking of chosen kinds of personal data before a text is stored. Unlike [`super::redact`], which removes in doubt, this
//! leaves in doubt: what is masked here is lost, so order numbers, versions, dates and amounts must stay.

use std::collections::BTreeMap;

use super::context::{announces_account, announces_passport, announces_phone, is_numbered};
use super::numbers::{Candidate, candidates, is_account, is_card, is_phone, is_resident_number};
use super::{account_end, is_hangul, spelled};

crate::domain::names! {
    /// A kind of personal data that a product masks before it stores a text.
    pub enum MaskKind {
        Email "email",
        Phone "phone",
        Card "card",
        ResidentNumber "resident_number",
        Passport "passport",
        Account "account",
    }
}

impl MaskKind {
    /// What stands in the text instead.
    pub const fn mark(self) -> &'static str {
        match self {
            Self::Email => "[email]",
            Self::Phone => "[phone]",
            Self::Card => "[card]",
            Self::ResidentNumber => "[resident number]",
            Self::Passport => "[passport]",
            Self::Account => "[account]",
        }
    }
}

/// How much of each kind was masked.
pub type MaskCounts = BTreeMap<MaskKind, usize>;

/// The text with marks in place of these kinds of personal data; what was masked is added to `counts`.
pub fn mask(text: &str, kinds: &[MaskKind], counts: &mut MaskCounts) -> String {
    if kinds.is_empty() {
        return text.to_owned();
    }
    let mut text = text.to_owned();
    if kinds.contains(&MaskKind::Email) {
        text = without_emails(&text, counts);
    }
    let mut found = numbers_in(&text);
    found.extend(codes_in(&text));
    found.sort_by_key(|found| found.start);
    let mut kept = String::with_capacity(text.len());
    let (mut end, mut passed) = (0, 0);
    for part in found {
        if part.start < passed {
            continue;
        }
        // A number of a kind that stays is passed over as a whole, so that no part of it is taken for another kind.
        passed = part.end;
        if !kinds.contains(&part.kind) {
            continue;
        }
        kept.push_str(&text[end..part.start]);
        kept.push_str(part.kind.mark());
        *counts.entry(part.kind).or_default() += 1;
        end = part.end;
    }
    kept.push_str(&text[end..]);
    kept
}

/// Personal data in a text: its bytes.
struct Found {
    kind: MaskKind,
    start: usize,
    end: usize,
}

fn without_emails(text: &str, counts: &mut MaskCounts) -> String {
    let before = text.matches("[email]").count();
    let spelled = spelled::without_spelled_addresses(text);
    let mut kept = String::with_capacity(text.len());
    for word in spelled.split_inclusive(char::is_whitespace) {
        kept.push_str(&without_email(word));
    }
    let found = kept.matches("[email]").count().saturating_sub(before);
    if found > 0 {
        *counts.entry(MaskKind::Email).or_default() += found;
    }
    kept
}

/// A word without addresses: a local part, `@`, and a domain with a dot. `a@b` and `@handle` stay.
fn without_email(word: &str) -> String {
    let is_local = |c: char| c.is_ascii_alphanumeric() || "._%+-'".contains(c);
    let is_domain = |c: char| {
        c.is_ascii_alphanumeric() || c == '.' || c == '-' || (!c.is_ascii() && c.is_alphanumeric() && !is_hangul(c))
    };
    let (mut kept, mut rest) = (String::new(), word);
    while let Some(at) = rest.find(['@', '＠']) {
        let sign = rest[at..].chars().next().map_or(1, char::len_utf8);
        let start = rest[..at].char_indices().rev().take_while(|(_, c)| is_local(*c)).last().map(|(i, _)| i);
        let after = &rest[at + sign..];
        let end = after.find(|c: char| !is_domain(c)).unwrap_or(after.len());
        let domain = after[..end].trim_end_matches(['.', '-']);
        let top = domain.rsplit_once('.').map_or("", |(_, top)| top);
        match start {
            Some(start) if top.chars().count() >= 2 && top.chars().all(char::is_alphabetic) => {
                kept.push_str(&rest[..start]);
                kept.push_str("[email]");
                rest = &after[domain.len()..];
            }
            _ => {
                kept.push_str(&rest[..at + sign + domain.len()]);
                rest = &after[domain.len()..];
            }
        }
    }
    kept + rest
}

/// Numbers: cards, resident numbers, accounts and telephones.
fn numbers_in(text: &str) -> Vec<Found> {
    let (mut found, mut end) = (Vec::new(), 0);
    for candidate in candidates(text) {
        if candidate.start < end {
            continue;
        }
        if is_numbered(&text[..candidate.start]) {
            end = candidate.end;
            continue;
        }
        if let Some(kind) = kind_of(text, &candidate) {
            end = candidate.end;
            found.push(Found { kind, start: candidate.start, end });
        }
    }
    found
}

fn kind_of(text: &str, candidate: &Candidate) -> Option<MaskKind> {
    let before = &text[..candidate.start];
    if is_resident_number(candidate) {
        return Some(MaskKind::ResidentNumber);
    }
    if is_card(candidate) {
        return Some(MaskKind::Card);
    }
    if is_account(candidate) && announces_account(before, &text[candidate.end..]) {
        return Some(MaskKind::Account);
    }
    let is_announced = announces_phone(before);
    is_phone(candidate, is_announced).then_some(MaskKind::Phone)
}

/// Codes of letters and digits: IBANs and passports.
fn codes_in(text: &str) -> Vec<Found> {
    let places: Vec<(usize, char)> = text.char_indices().collect();
    let chars: Vec<char> = places.iter().map(|(_, c)| *c).collect();
    let byte = |at: usize| places.get(at).map_or(text.len(), |(byte, _)| *byte);
    let (mut found, mut at) = (Vec::new(), 0);
    while at < chars.len() {
        let starts = at == 0 || !chars[at - 1].is_ascii_alphanumeric();
        if !starts || !chars[at].is_ascii_uppercase() {
            at += 1;
            continue;
        }
        if let Some(end) = account_end(&chars, at)
            && let Some(end) = iban_end(&chars, at, end)
        {
            found.push(Found { kind: MaskKind::Account, start: byte(at), end: byte(end) });
            at = end;
            continue;
        }
        let end = (at..chars.len()).find(|end| !chars[*end].is_ascii_alphanumeric()).unwrap_or(chars.len());
        let code: String = chars[at..end].iter().collect();
        if is_passport(&code, &text[..byte(at)]) {
            found.push(Found { kind: MaskKind::Passport, start: byte(at), end: byte(end) });
        }
        at = end.max(at + 1);
    }
    found
}

/// The end of an IBAN whose check digits are right, at this end or before the last groups.
fn iban_end(chars: &[char], start: usize, longest: usize) -> Option<usize> {
    (start + 15..=longest).rev().find(|end| {
        let is_edge = chars.get(*end).is_none_or(|c| !c.is_ascii_alphanumeric());
        is_edge && is_iban(&chars[start..*end])
    })
}

/// ISO 7064, mod 97.
fn is_iban(chars: &[char]) -> bool {
    let code: Vec<char> = chars.iter().copied().filter(|c| *c != ' ').collect();
    if !(15..=34).contains(&code.len()) || chars.last() == Some(&' ') {
        return false;
    }
    let turned = code[4..].iter().chain(&code[..4]);
    let rest = turned.fold(0_u32, |rest, c| {
        let value = c.to_digit(36).unwrap_or(0);
        if value < 10 { (rest * 10 + value) % 97 } else { (rest * 100 + value) % 97 }
    });
    rest == 1
}

/// Whether a code is the number of a passport. The Korean form since 2021, `M123A4567`, is like nothing else; all others
/// need a word about passports before them.
fn is_passport(code: &str, before: &str) -> bool {
    let bytes = code.as_bytes();
    let digits = |part: &[u8]| part.iter().all(u8::is_ascii_digit);
    let is_new = bytes.len() == 9
        && matches!(bytes[0], b'M' | b'S' | b'R' | b'G' | b'D')
        && digits(&bytes[1..4])
        && bytes[4].is_ascii_uppercase()
        && digits(&bytes[5..]);
    let letters = bytes.iter().take_while(|byte| byte.is_ascii_uppercase()).count();
    let is_other =
        (1..=2).contains(&letters) && (6..=9).contains(&(bytes.len() - letters)) && digits(&bytes[letters..]);
    (is_new && !is_numbered(before)) || (is_other && announces_passport(before))
}
