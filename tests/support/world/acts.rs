//! What people correct in feedback and themes; each act returns its correction, or is refused.

use hearback::domain::base::Id;
use hearback::domain::themes::{Correction, Split, Theme};
use hearback::error::Result;
use hearback::usecase::feedback::edits;
use hearback::usecase::themes::{corrections, undo};
use serde_json::json;

use super::World;

impl World {
    /// A person moves feedback to a theme, or to a new one; returns the correction.
    pub fn move_feedback(&self, id: Id, theme: Option<Id>) -> Result<Option<Id>> {
        self.write(move |tx| Ok(edits::move_to(tx, id, None, theme)?.correction_id))
    }

    pub fn dismiss(&self, id: Id) -> Result<Option<Id>> {
        self.write(move |tx| Ok(edits::dismiss(tx, id, None, "Spam")?.correction_id))
    }

    pub fn restore(&self, id: Id) -> Result<Option<Id>> {
        self.write(move |tx| Ok(edits::restore(tx, id, None)?.correction_id))
    }

    pub fn rename(&self, id: Id, label: &str) -> Result<Option<Id>> {
        let patch = json!({ "label": label });
        self.write(move |tx| Ok(corrections::rename(tx, id, None, &patch)?.correction_id))
    }

    pub fn mute(&self, id: Id, muted: bool) -> Result<Option<Id>> {
        self.write(move |tx| Ok(corrections::mute(tx, id, None, muted)?.correction_id))
    }

    pub fn merge(&self, into: Id, from: Id) -> Result<Option<Id>> {
        self.write(move |tx| Ok(corrections::merge(tx, into, None, from)?.correction_id))
    }

    pub fn split(&self, id: Id, feedback_ids: &[Id], label: Option<&str>) -> Result<(Theme, Option<Id>)> {
        let input = Split { feedback_ids: feedback_ids.to_vec(), label: label.map(str::to_owned) };
        self.write(move |tx| corrections::split(tx, id, None, &input).map(|c| (c.resource, c.correction_id)))
    }

    pub fn undo(&self, correction: Id) -> Result<Correction> {
        self.write(move |tx| undo::undo(tx, correction))
    }
}
