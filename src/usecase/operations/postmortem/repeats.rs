//! The repeat alarm: the earlier postmortems that a new incident is like, with what they left undone.

use serde_json::json;

use super::writing::passages;
use crate::domain::base::{Id, Time};
use crate::domain::operations::incident::Incident;
use crate::domain::operations::postmortem::Postmortem;
use crate::domain::operations::postmortem::action::{ActionState, PostmortemAction};
use crate::domain::operations::postmortem::repeat::{MOST_SHOWN, Repeats, SimilarPostmortem};
use crate::engine::Documents;
use crate::error::Result;
use crate::store::operations::{incidents, postmortem_actions, postmortem_facts, postmortems};
use crate::store::{Conn, Tx};

/// The newest postmortems of the product that are compared.
const COMPARED: i64 = 500;
/// What is less like the incident is not shown.
const LEAST_SHOWN: f32 = 0.1;
/// From this likeness on, an earlier postmortem with open actions is worth an alarm.
const LEAST_ALARM: f64 = 0.2;
/// How many entries of the timeline are read: what is known when an incident opens.
const FIRST_ENTRIES: usize = 2;

/// The earlier postmortems that an incident is like.
///
/// # Errors
/// 404.
pub fn of(conn: &mut Conn, incident: Id, now: Time) -> Result<Repeats> {
    let incident = incidents::get(conn, incident)?;
    let earlier = postmortems::newest(conn, incident.product_id, incident.id, COMPARED)?;
    if earlier.is_empty() {
        return Ok(Repeats { data: Vec::new() });
    }
    let query = query(conn, &incident)?;
    let documents = Documents::of(&passages(conn, &earlier)?);
    let near = documents.nearest(&query).into_iter().take(MOST_SHOWN).filter(|like| like.score >= LEAST_SHOWN);
    let near: Vec<(&Postmortem, f32)> = near.filter_map(|like| Some((earlier.get(like.place)?, like.score))).collect();
    let ids: Vec<Id> = near.iter().map(|(postmortem, _)| postmortem.id).collect();
    let actions = postmortem_actions::of_postmortems(conn, &ids, now)?;
    let mut data: Vec<SimilarPostmortem> =
        near.into_iter().map(|(postmortem, score)| similar(postmortem, score, &actions)).collect();
    // Stable: among those with open actions, and among the others, the most similar stays first.
    data.sort_by_key(|one| (one.open_actions == 0, one.overdue_actions == 0));
    Ok(Repeats { data })
}

/// What is known when an incident opens: its title, its summary and the first lines of its timeline.
fn query(conn: &mut Conn, incident: &Incident) -> Result<String> {
    let mut lines = vec![incident.title.clone()];
    lines.extend(incident.summary.clone());
    let texts = postmortem_facts::timeline_texts(conn, &[incident.id])?.remove(&incident.id).unwrap_or_default();
    lines.extend(texts.into_iter().take(FIRST_ENTRIES));
    Ok(lines.join("\n"))
}

fn similar(postmortem: &Postmortem, score: f32, actions: &[PostmortemAction]) -> SimilarPostmortem {
    let own = actions.iter().filter(|action| action.postmortem_id == postmortem.id);
    let mut open: Vec<PostmortemAction> = own.filter(|action| action.state == ActionState::Open).cloned().collect();
    open.sort_by_key(|action| (!action.overdue, action.due_at.is_none(), action.due_at, action.id));
    SimilarPostmortem {
        postmortem_id: postmortem.id,
        incident_id: postmortem.incident_id,
        incident_number: postmortem.incident_number.clone(),
        title: postmortem.title.clone(),
        state: postmortem.state,
        score: (f64::from(score) * 1000.0).round() / 1000.0,
        open_actions: open.len(),
        overdue_actions: open.iter().filter(|action| action.overdue).count(),
        actions: open,
    }
}

/// Looks up once whether an incident repeats an earlier one whose actions are not done, and tells of it.
pub fn check(tx: &mut Tx<'_>, incident: Id) -> Result<()> {
    let found = of(tx.conn, incident, tx.now)?.data;
    if !postmortems::note_check(tx, incident, found.len())? {
        return Ok(());
    }
    let alarming = found.iter().filter(|one| one.score >= LEAST_ALARM && one.open_actions > 0);
    let product = incidents::get(tx.conn, incident)?.product_id;
    for one in alarming {
        let data = json!({
            "postmortem_id": one.postmortem_id, "open_actions": one.open_actions,
            "overdue_actions": one.overdue_actions,
            "story_ids": one.actions.iter().map(|action| action.story_id).collect::<Vec<Id>>(),
        });
        tx.event("incident.repeat_found", incident, Some(product), data);
    }
    Ok(())
}
