//! The ids that stand in an answer, whatever its format: whose data it showed is read from the answer itself, so that no
//! handler can forget to say it.

use std::collections::BTreeSet;

use uuid::Uuid;

use crate::domain::base::Id;

/// The length of an id as text.
const LENGTH: usize = 36;
/// Where its hyphens are.
const HYPHENS: [usize; 4] = [8, 13, 18, 23];
/// How many bytes are looked at together for a hyphen.
const BLOCK: usize = 64;

/// Finds ids in a text that comes in pieces.
#[derive(Default)]
pub struct SeenIds {
    found: BTreeSet<Id>,
    /// The end of the last piece, in which an id may have begun.
    tail: Vec<u8>,
}

impl SeenIds {
    /// Reads the next piece.
    pub fn read(&mut self, piece: &[u8]) {
        let mut joined = std::mem::take(&mut self.tail);
        joined.extend_from_slice(&piece[..piece.len().min(LENGTH)]);
        if joined.len() > piece.len().min(LENGTH) {
            self.scan(&joined);
        }
        self.scan(piece);
        let last = if piece.len() < LENGTH { &joined } else { piece };
        self.tail = last[last.len().saturating_sub(LENGTH - 1)..].to_vec();
    }

    /// Every id that was found.
    pub fn into_ids(self) -> Vec<Id> {
        self.found.into_iter().collect()
    }

    fn scan(&mut self, text: &[u8]) {
        let mut at = HYPHENS[0];
        while at + (LENGTH - HYPHENS[0]) <= text.len() {
            let end = (at + BLOCK).min(text.len());
            // Most blocks of a page have no hyphen, and this search is fast.
            if !text[at..end].contains(&b'-') {
                at = end;
                continue;
            }
            for place in at..end {
                if text[place] == b'-' {
                    self.id_at(text, place - HYPHENS[0]);
                }
            }
            at = end;
        }
    }

    fn id_at(&mut self, text: &[u8], start: usize) {
        let Some(text) = text.get(start..start + LENGTH) else { return };
        if HYPHENS.iter().all(|at| text[*at] == b'-')
            && let Ok(id) = Uuid::try_parse_ascii(text)
        {
            self.found.insert(Id(id));
        }
    }
}

/// The ids in a whole text.
pub fn ids_in(text: &[u8]) -> Vec<Id> {
    let mut seen = SeenIds::default();
    seen.scan(text);
    seen.into_ids()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_found_in_json_and_in_pages_wherever_they_stand() {
        let (a, b, c) = (Id::next(), Id::next(), Id::next());
        let text = format!("{a}{{\"customer_id\":\"{b}\"}} <a href=\"/console/customers/{c}?x=1-2-3-4\">one-two</a>");
        assert_eq!(ids_in(text.as_bytes()), [a, b, c]);
        assert!(ids_in(b"0198c2c4-5b7e-7b2a-9d3c-6f0e4a1b2c3 no-id-at-all-here-and-here").is_empty());
        for padding in 0..200 {
            let text = format!("{}{a}", " ".repeat(padding));
            assert_eq!(ids_in(text.as_bytes()), [a], "after {padding} bytes");
        }
    }

    #[test]
    fn an_id_that_is_cut_between_two_pieces_is_found() {
        let (a, b) = (Id::next(), Id::next());
        let text = format!("[\"{a}\",\"{b}\"]");
        for cut in 0..text.len() {
            let mut seen = SeenIds::default();
            seen.read(&text.as_bytes()[..cut]);
            seen.read(&text.as_bytes()[cut..]);
            assert_eq!(seen.into_ids(), [a, b], "cut at {cut}");
        }
    }
}
