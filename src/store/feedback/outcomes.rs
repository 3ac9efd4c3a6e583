//! Outcomes of feedback: the stories it is evidence of, and the state of its customers' cases.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::domain::base::{Id, Time};
use crate::domain::closure::{ClosureState, Outcome, OwnFeedback, StoryRef};
use crate::domain::feedback::Feedback;
use crate::domain::stories::stage::Stage;
use crate::error::Result;
use crate::store::base::conn::Conn;
use crate::store::base::query::*;
use crate::store::base::types::{DbId, DbTime, name};
use crate::store::closure::closures;
use crate::store::schema::{closures as cases, stories, story_evidence};
use crate::store::stories::story_items;

/// These feedbacks with their outcomes, in a fixed number of queries.
pub fn of_feedback(conn: &mut Conn, found: Vec<Feedback>) -> Result<Vec<OwnFeedback>> {
    let ids: Vec<Id> = found.iter().map(|feedback| feedback.id).collect();
    let carried = carrying(conn, &ids)?;
    let of_stories: BTreeSet<Id> = carried.values().flatten().copied().collect();
    let of_stories: Vec<Id> = of_stories.into_iter().collect();
    let places = places(conn, &of_stories)?;
    let customers: Vec<Id> = found.iter().filter_map(|feedback| feedback.customer.as_ref().map(|c| c.id)).collect();
    let cases = latest_cases(conn, &of_stories, &customers)?;
    let outcome = |feedback: &Feedback, story: &Id| {
        let place = places.get(story)?;
        let case = feedback.customer.as_ref().and_then(|customer| cases.get(&(*story, customer.id)));
        Some(Outcome {
            story: place.story.clone(),
            stage: place.stage,
            stage_reason: place.stage_reason.clone(),
            released_at: place.released_at,
            feedback_ids: vec![feedback.id],
            closure_id: case.map(|case| case.0),
            closure_state: case.map(|case| case.1),
        })
    };
    let filed = |feedback: Feedback| {
        let stories = carried.get(&feedback.id).into_iter().flatten().rev();
        let outcomes = stories.filter_map(|story| outcome(&feedback, story)).collect();
        OwnFeedback { feedback, outcomes }
    };
    Ok(found.into_iter().map(filed).collect())
}

/// The stories of each feedback: those it is evidence of now, and those it was released with.
fn carrying(conn: &mut Conn, ids: &[Id]) -> Result<HashMap<Id, BTreeSet<Id>>> {
    let mut carried: HashMap<Id, BTreeSet<Id>> = HashMap::new();
    for (story, feedback) in story_items::stories_of(conn, ids)? {
        carried.entry(feedback).or_default().insert(story);
    }
    let frozen: Vec<(DbId, DbId)> = story_evidence::table
        .filter(story_evidence::feedback_id.eq_any(ids.iter().map(|id| DbId(*id))))
        .select((story_evidence::story_id, story_evidence::feedback_id))
        .load(conn)?;
    for (story, feedback) in frozen {
        carried.entry(feedback.into()).or_default().insert(story.into());
    }
    Ok(carried)
}

/// The state of a story.
struct StoryState {
    story: StoryRef,
    stage: Stage,
    stage_reason: Option<String>,
    released_at: Option<Time>,
}

fn places(conn: &mut Conn, ids: &[Id]) -> Result<BTreeMap<Id, StoryState>> {
    let mut mentions = closures::mentions(conn, ids)?;
    let rows: Vec<(DbId, String, Option<String>, Option<DbTime>)> = stories::table
        .filter(stories::id.eq_any(ids.iter().map(|id| DbId(*id))))
        .select((stories::id, stories::stage, stories::stage_reason, stories::released_at))
        .load(conn)?;
    let mut found = BTreeMap::new();
    for (id, stage, stage_reason, released_at) in rows {
        let Some(story) = mentions.remove(&Id::from(id)) else { continue };
        let place = StoryState { story, stage: name(&stage)?, stage_reason, released_at: released_at.map(Time::from) };
        found.insert(id.into(), place);
    }
    Ok(found)
}

/// The latest case of each of these customers in each of these stories, with its state.
fn latest_cases(conn: &mut Conn, of_stories: &[Id], customers: &[Id]) -> Result<HashMap<(Id, Id), (Id, ClosureState)>> {
    let rows: Vec<(DbId, DbId, DbId, String)> = cases::table
        .filter(cases::story_id.eq_any(of_stories.iter().map(|id| DbId(*id))))
        .filter(cases::customer_id.eq_any(customers.iter().map(|id| DbId(*id))))
        .select((cases::story_id, cases::customer_id, cases::id, cases::state))
        .order(cases::id.asc())
        .load(conn)?;
    let mut latest = HashMap::new();
    for (story, customer, id, state) in rows {
        // Rows come in the order of ids, so the latest one stays.
        latest.insert((story.into(), customer.into()), (id.into(), name(&state)?));
    }
    Ok(latest)
}
