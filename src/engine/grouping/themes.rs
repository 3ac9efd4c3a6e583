//! The themes of a product in memory, each known by a number.

use std::collections::HashMap;

use uuid::Uuid;

use crate::engine::search::neighbours::ThemeNo;

/// The themes by number, with their sizes.
#[derive(Default)]
pub(in crate::engine) struct Themes {
    pub ids: Vec<Uuid>,
    pub muted: Vec<bool>,
    pub sizes: Vec<usize>,
    /// Which of them are no themes but places of items without a theme, see [`super::alone`].
    pub places: Vec<bool>,
    /// The number of items in all themes.
    pub items: usize,
    numbers: HashMap<Uuid, ThemeNo>,
}

impl Themes {
    pub fn join(&mut self, theme: ThemeNo) {
        self.sizes[theme as usize] += 1;
        self.items += 1;
    }

    pub fn leave(&mut self, theme: ThemeNo) {
        self.sizes[theme as usize] -= 1;
        self.items -= 1;
    }

    pub fn number(&self, id: Uuid) -> Option<ThemeNo> {
        self.numbers.get(&id).copied()
    }

    pub fn number_or_new(&mut self, id: Uuid) -> ThemeNo {
        let next = self.ids.len() as ThemeNo;
        let number = *self.numbers.entry(id).or_insert(next);
        if number == next {
            self.ids.push(id);
            self.muted.push(false);
            self.places.push(false);
            self.sizes.push(0);
        }
        number
    }
}
