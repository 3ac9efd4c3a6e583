//! Items without a theme: what is near nothing that customers said so far.
//!
//! Inside the engine such an item has a place of its own, which is a theme that nobody sees. So it is found by searches and
//! votes like any other: the first text that votes for it opens a theme and takes it along, and a refinement moves it
//! like any other. Outside it has no theme.

use uuid::Uuid;

use super::grouper::{Arrival, Grouper};
use super::themes::Themes;
use crate::engine::search::neighbours::ThemeNo;

/// The first items of a product open a theme each where they are near nothing, so that a new product shows something.
/// From this number of items on, near which the first refinement is due, a theme needs two items.
pub(in crate::engine) const ALONE_FROM: usize = 50;

/// The place of an item that is alone. Ids of themes and items are UUIDs of one version, whose bits this inverts, so no
/// theme has this id.
pub(in crate::engine) fn place_of(item: Uuid) -> Uuid {
    Uuid::from_u128(!item.as_u128())
}

impl Themes {
    /// Whether this is the place of an item without a theme.
    pub fn is_place(&self, theme: ThemeNo) -> bool {
        self.places.get(theme as usize).is_some_and(|is_place| *is_place)
    }

    /// The theme as others see it.
    pub fn shown(&self, theme: ThemeNo) -> Option<Uuid> {
        self.ids.get(theme as usize).copied().filter(|_| !self.is_place(theme))
    }

    fn place(&mut self, item: Uuid) -> ThemeNo {
        let number = self.number_or_new(place_of(item));
        self.places[number as usize] = true;
        number
    }
}

impl Grouper {
    /// Whether the item is in the engine, with or without a theme.
    pub fn holds(&self, id: Uuid) -> bool {
        self.items.copies.present(id).is_some()
    }

    /// Where an item is: its theme, or `None` where it is alone, and whether a person assigned it.
    pub fn place_and_pin(&self, id: Uuid) -> Option<(Option<Uuid>, bool)> {
        let member = self.items.copies.member(self.items.copies.present(id)?);
        Some((self.themes.shown(member.theme), member.pinned))
    }

    /// [`Grouper::set_theme`], or without a theme [`Grouper::set_alone`].
    pub fn put(&mut self, id: Uuid, theme: Option<Uuid>, pinned: bool) {
        match theme {
            Some(theme) => self.set_theme(id, theme, pinned),
            None => self.set_alone(id),
        }
    }

    /// Takes the item out of its theme; it stays in the engine, near nothing.
    pub fn set_alone(&mut self, id: Uuid) {
        if self.holds(id) {
            let place = self.themes.place(id);
            self.move_to(id, place, false);
        }
    }

    /// Where an arriving item goes: to where a person put it, to the theme that won the vote, or to a new theme with the
    /// item that it is near to, if that is alone.
    pub(in crate::engine) fn arrival(
        &mut self,
        pinned_to: Option<Uuid>,
        winner: Option<ThemeNo>,
        new_theme: impl FnOnce() -> Uuid,
    ) -> Arrival {
        let known = pinned_to.or_else(|| winner.and_then(|winner| self.themes.shown(winner)));
        match (known, winner) {
            (Some(theme), _) => Arrival { theme: Some(theme), is_new: false, taken: None },
            (None, Some(place)) => {
                let (theme, taken) = (new_theme(), place_of(self.themes.ids[place as usize]));
                self.set_theme(taken, theme, false);
                Arrival { theme: Some(theme), is_new: true, taken: Some(taken) }
            }
            (None, None) if self.len() < ALONE_FROM => Arrival { theme: Some(new_theme()), is_new: true, taken: None },
            (None, None) => Arrival { theme: None, is_new: false, taken: None },
        }
    }
}
