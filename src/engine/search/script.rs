//! The script of a text: texts of two scripts share hardly a word.

use crate::engine::text::embed::Reading;
use crate::engine::text::vector::Packed;

/// The script of a text. Vectors of an external embedder have no meaning part; all their texts count as one script.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(in crate::engine) enum Script {
    Korean,
    #[default]
    Other,
}

impl Script {
    pub fn of(reading: &Reading, external: Option<&Packed>) -> Self {
        if reading.korean && external.is_none() { Script::Korean } else { Script::Other }
    }
}
