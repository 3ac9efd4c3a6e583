//! Plain text: without links, addresses, markup, hidden signs and personal data.

use crate::domain::privacy::redact::redact;

/// What is wrong with a part of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It looks like an attack or a leak: the whole answer is refused.
    Unsafe(&'static str),
    /// It is not what was asked for: it is left out.
    Unfit(&'static str),
}

impl Fault {
    /// Why.
    pub fn reason(self) -> &'static str {
        let (Fault::Unsafe(why) | Fault::Unfit(why)) = self;
        why
    }
}

/// A text without the space around it, if it is plain and not too long.
pub fn plain(text: &str, most: usize) -> Result<String, Fault> {
    let text = text.trim();
    let folded = text.to_lowercase();
    if ["://", "www.", "](", "mailto:", "javascript:", "<", "@"].iter().any(|sign| folded.contains(sign))
        || has_domain(&folded)
    {
        return Err(Fault::Unsafe("it has a link or an address"));
    }
    if text.chars().any(is_hidden) {
        return Err(Fault::Unsafe("it has signs that can't be seen"));
    }
    if redact(text) != text {
        return Err(Fault::Unsafe("it has personal data"));
    }
    if text.is_empty() || text.chars().count() > most {
        return Err(Fault::Unfit("a field is empty or too long"));
    }
    Ok(text.to_owned())
}

/// Control characters, marks of direction, and letters without a form, which can hide a text in another.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
            | '\u{e0000}'..='\u{e007f}')
}

/// Whether a text contains a domain, such as `evil.example` or `shop.co.kr/x`: a dot between letters without spaces,
/// with two or more letters on its right.
fn has_domain(text: &str) -> bool {
    text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '.' || c == '-')).any(|word| {
        let parts: Vec<&str> = word.split('.').collect();
        let letters = |part: &&str| part.len() >= 2 && part.chars().all(|c| c.is_ascii_alphabetic());
        parts.len() > 1 && !parts[0].is_empty() && parts.last().is_some_and(letters)
    })
}

/// The numbers in a text: `4.2`, and `1000` for `1,000`.
pub fn numbers(text: &str) -> Vec<String> {
    let is_part = |c: char| c.is_ascii_digit() || matches!(c, '.' | ',');
    let runs = text.split(|c: char| !is_part(c)).map(|run| run.trim_matches(['.', ',']).replace(',', ""));
    runs.filter(|run| !run.is_empty()).collect()
}
