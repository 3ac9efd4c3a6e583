//! Quote detection: whether a text repeats a person's words or names them. Erasure needs this.

use std::collections::HashSet;
use std::fmt::Write;

use sha2::{Digest, Sha256};

use crate::domain::base::text::{email_fold, fold};

/// This many identical words in a row are a quotation, not a coincidence.
const RUN: usize = 4;

/// A fingerprint that recognises a text without storing it: the first half of its SHA-256, in hexadecimal.
pub fn mark_of(text: &str) -> String {
    let digest = Sha256::digest(text.trim());
    digest.iter().take(16).fold(String::new(), |mut mark, byte| {
        // Writing to a String can't fail.
        let _ = write!(mark, "{byte:02x}");
        mark
    })
}

/// The data by which texts identify a person: names, addresses, and their own words.
#[derive(Debug, Default)]
pub struct Traces {
    names: Vec<Vec<String>>,
    addresses: Vec<String>,
    words: HashSet<String>,
    runs: HashSet<Vec<String>>,
}

impl Traces {
    /// Adds a name.
    pub fn name(&mut self, name: &str) {
        let words = words(name);
        if !words.is_empty() {
            self.names.push(words);
        }
    }

    /// Adds an e-mail address.
    pub fn address(&mut self, address: &str) {
        self.addresses.push(email_fold(address));
    }

    /// Adds a text that they wrote.
    pub fn said(&mut self, text: &str) {
        let words = words(text);
        self.runs.extend(words.windows(RUN).map(<[String]>::to_vec));
        self.words.extend(words);
    }

    /// Whether a text contains their name or address, or four of their words in a row.
    pub fn in_text(&self, text: &str) -> bool {
        let folded = email_fold(text);
        if self.addresses.iter().any(|address| folded.contains(address)) {
            return true;
        }
        let words = words(text);
        self.names.iter().any(|name| words.windows(name.len()).any(|run| run == name))
            || words.windows(RUN).any(|run| self.runs.contains(run))
    }

    /// The words of a text that this person used too. A draft may have taken them from this person alone.
    pub fn shared_words(&self, text: &str) -> Vec<String> {
        words(text).into_iter().filter(|word| self.words.contains(word)).collect()
    }
}

fn words(text: &str) -> Vec<String> {
    fold(text).split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn minji() -> Traces {
        let mut traces = Traces::default();
        traces.name("Min-ji Park");
        traces.address("Minji@Example.com");
        traces.said("The refund still hasn't arrived after two weeks. 환불이 아직도 안 들어왔어요");
        traces
    }

    #[test]
    fn names_addresses_and_quotations_are_found_however_they_are_typed() {
        assert!(minji().in_text("Refund for MIN-JI  PARK"));
        assert!(minji().in_text("write to minji@EXAMPLE.com"));
        assert!(minji().in_text("“Still hasn’t arrived after two weeks”, she said: arrived after two weeks"));
        assert!(minji().in_text("환불이 아직도 안 들어왔어요"));
    }

    #[test]
    fn common_sentences_quote_nobody() {
        assert!(!minji().in_text("The refund has not arrived"));
        assert!(!minji().in_text("Parking in minji town"));
        assert_eq!(minji().shared_words("Refund has vanished"), ["refund"]);
    }
}
