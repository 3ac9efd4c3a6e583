//! Trials and demos with customers; their results are evidence of the story.

use serde_json::json;

use crate::domain::base::Id;
use crate::domain::stories::{NewTrial, Trial};
use crate::error::{Error, Result};
use crate::store::feedback::customers;
use crate::store::stories::trials;
use crate::store::{Tx, stories};

/// Records a trial or a demo of a story.
///
/// # Errors
/// 404, 422 where no person is named or the customer is unknown.
pub fn record(tx: &mut Tx<'_>, story: Id, input: &NewTrial) -> Result<Trial> {
    let story = stories::rows::get(tx.conn, story)?;
    if input.customer_id.is_none() && input.tried_by.is_none() {
        let detail = "is required where no tried_by is given";
        return Err(Error::field("/customer_id", "required", detail));
    }
    let trial = Trial {
        id: Id::next(),
        story_id: story.id,
        kind: input.kind,
        customer_id: input.customer_id.map(|id| customers::known(tx.conn, id)).transpose()?,
        tried_by: input.tried_by.clone(),
        tried_at: input.tried_at.unwrap_or(tx.now),
        verdict: input.verdict,
        note: input.note.clone(),
        recorded_by: tx.actor.id.filter(|_| tx.actor.kind == "member"),
        created_at: tx.now,
    };
    trials::insert(tx, &trial)?;
    let data = json!({ "story_id": story.id, "trial_id": trial.id, "kind": trial.kind, "verdict": trial.verdict });
    tx.event("trial.recorded", story.id, Some(story.product_id), data);
    Ok(trial)
}
