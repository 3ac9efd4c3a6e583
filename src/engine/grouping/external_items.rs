//! Items whose vectors an external embedder made. Their words are still read here, for labels and keywords.

use uuid::Uuid;

use super::grouper::{Assignment, Grouper, Placement};
use crate::engine::text::embed::read;
use crate::engine::text::vector::unpack_bytes;

impl Grouper {
    /// [`Grouper::place`] with a vector from an external embedder, as returned by [`fitted`].
    pub fn place_external(&self, text: &str, external: &[u8]) -> Placement {
        self.place_reading(read(text), Some(unpack_bytes(external)))
    }

    /// Adds an item that already has a theme and only lacked its vector. It does not make a refinement due.
    pub fn adopt(&mut self, id: Uuid, placement: Placement, theme: Uuid, pinned: bool) -> Assignment {
        let assignment = self.accept(id, placement, || theme);
        self.set_theme(id, theme, pinned);
        self.on_schedule();
        Assignment { theme, ..assignment }
    }
}
