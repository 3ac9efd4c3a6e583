//! What an external embedder gets to read.

use crate::engine::READ_LIMIT;

/// The part of a text that an external embedder is asked about. Personal data is taken out where the text leaves.
pub fn question(text: &str) -> String {
    text.chars().take(READ_LIMIT).collect()
}
