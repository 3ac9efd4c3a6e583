//! The schedule of refinements: when themes are refined, and whether warm or cold.

use super::granularity::CHOOSE_FROM;
use crate::engine::grouping::grouper::Grouper;

/// Cold refinements are due at this number of items and at each doubling.
const FIRST_COLD: usize = 50;

/// How thorough a refinement is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Starts from the present themes and moves items that fit better elsewhere; due after each tenth more items.
    Warm,
    /// Groups all items anew; due at 50, 100, 200, ... items, and on request.
    Cold,
}

impl Kind {
    /// The refinement that is due at `items` items, if the last one was at `refined_at`.
    pub(in crate::engine) fn due(refined_at: usize, items: usize) -> Option<Kind> {
        if last_due(items) <= refined_at {
            return None;
        }
        Some(if last_cold(items) > refined_at { Kind::Cold } else { Kind::Warm })
    }
}

/// The last number of items, up to this one, at which a refinement is due; 0 if there is none.
fn last_due(items: usize) -> usize {
    let mut due = last_cold(items);
    while due > 0 && due + due.div_ceil(10) <= items {
        due += due.div_ceil(10);
    }
    due
}

fn last_cold(items: usize) -> usize {
    if items < FIRST_COLD { 0 } else { FIRST_COLD << (items / FIRST_COLD).ilog2() }
}

impl Grouper {
    /// After a restart it is unknown which refinements were made, so the schedule continues from the present number of
    /// items.
    pub(in crate::engine) fn on_schedule(&mut self) {
        self.refined_at = self.refined_at.max(last_due(self.len()));
        self.cold_at = self.cold_at.max(last_cold(self.len()));
    }

    /// The refinement that is due now, if any.
    pub fn refinement_due(&self) -> Option<Kind> {
        Kind::due(self.refined_at, self.len())
    }

    /// The refinement to run at the end of an import: cold, unless hardly any items arrived since the last cold one.
    pub fn refinement_on_demand(&self) -> Kind {
        if self.len() < CHOOSE_FROM || self.len() >= self.cold_at + self.cold_at.div_ceil(10) {
            Kind::Cold
        } else {
            Kind::Warm
        }
    }

    pub(in crate::engine) fn refined(&mut self, kind: Kind, at: usize) {
        self.refined_at = self.refined_at.max(at);
        if kind == Kind::Cold {
            self.cold_at = self.cold_at.max(at);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cold_at_each_doubling_warm_at_each_tenth() {
        assert_eq!(Kind::due(0, 49), None);
        assert_eq!(Kind::due(0, 50), Some(Kind::Cold));
        assert_eq!(Kind::due(50, 54), None);
        assert_eq!(Kind::due(50, 55), Some(Kind::Warm));
        assert_eq!(Kind::due(198, 200), Some(Kind::Cold));
        assert_eq!(Kind::due(200, 219), None);
        assert_eq!(Kind::due(200, 220), Some(Kind::Warm));
        assert_eq!(Kind::due(220, 241), None);
        assert_eq!(Kind::due(220, 242), Some(Kind::Warm));
        assert_eq!(Kind::due(390, 400), Some(Kind::Cold));
        assert_eq!(Kind::due(400, 100_000), Some(Kind::Cold));
    }
}
