//! Items whose vectors an external embedder made. Their words are still read here, for labels and keywords.

use uuid::Uuid;

use super::alone::place_of;
use super::grouper::{Assignment, Grouper, Placement};
use crate::engine::text::embed::read;
use crate::engine::text::vector::unpack_bytes;

impl Grouper {
    /// [`Grouper::place`] with a vector from an external embedder, as returned by [`fitted`].
    pub fn place_external(&self, text: &str, external: &[u8]) -> Placement {
        self.place_reading(read(text), Some(unpack_bytes(external)))
    }

    /// Adds an item that was grouped before and only lacked its vector: it stays in its theme, or without one. It does
    /// not make a refinement due.
    pub fn adopt(&mut self, id: Uuid, placement: Placement, theme: Option<Uuid>, pinned: bool) -> Assignment {
        let assignment = self.accept(id, placement, || place_of(id));
        self.put(id, theme, pinned);
        if let Some(taken) = assignment.taken {
            self.set_alone(taken);
        }
        self.on_schedule();
        Assignment { theme, is_new: false, taken: None, ..assignment }
    }
}
