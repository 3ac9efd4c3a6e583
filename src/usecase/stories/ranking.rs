//! Ranking: the evidence behind stories is counted, and their priority follows from it.

use std::collections::{HashMap, HashSet};

use crate::domain::base::{Id, Time};
use crate::domain::stories::Story;
use crate::domain::stories::priority::{self, Evidence};
use crate::domain::team::Product;
use crate::error::Result;
use crate::store::stories::evidence::{self, CountedEvidence};
use crate::store::stories::weighted;
use crate::store::team::products;
use crate::store::{Conn, Tx, feedback, stories};

/// The window of reach, in days up to the product's latest feedback.
const REACH_DAYS: i64 = 90;

/// Recounts the evidence of these stories and ranks them; factors set by people stay. Answers the resulting stories,
/// oldest first.
pub fn recompute(tx: &mut Tx<'_>, ids: &[Id]) -> Result<Vec<Story>> {
    let mut ranked = Vec::with_capacity(ids.len());
    for ids in ids.chunks(500) {
        let found = stories::rows::lock(tx, ids)?;
        let of_products: HashSet<Id> = found.iter().map(|s| s.product_id).collect();
        for product in of_products {
            let product = products::get(tx.conn, product)?;
            let latest = feedback::rows::latest(tx.conn, product.id, tx.now)?;
            let own: Vec<Story> = found.iter().filter(|s| s.product_id == product.id).cloned().collect();
            ranked.extend(rank(tx, &product, own, latest)?);
        }
    }
    ranked.sort_by_key(|story| story.id);
    Ok(ranked)
}

/// Ranks stories of one product; `latest` is the time of its latest feedback.
fn rank(tx: &mut Tx<'_>, product: &Product, found: Vec<Story>, latest: Option<Time>) -> Result<Vec<Story>> {
    let ids: Vec<Id> = found.iter().map(|s| s.id).collect();
    let mut counted = match latest {
        Some(latest) => evidence::of_stories(tx.conn, &ids, latest.plus(-REACH_DAYS * Time::DAY))?,
        None => HashMap::new(),
    };
    weighted::count(tx.conn, product, &mut counted)?;
    let weights = &product.settings.score_weights;
    let until = latest.map(Time::start_of_day);
    let mut ranked = Vec::with_capacity(found.len());
    for story in found {
        let CountedEvidence { items, evidence } = counted.remove(&story.id).unwrap_or_default();
        let evidence = Evidence { latest_feedback: until.map(Time::date), ..evidence };
        let next = Story {
            feedback_count: items.try_into().unwrap_or(i32::MAX),
            customer_count: evidence.independent_customers.try_into().unwrap_or(i32::MAX),
            priority: priority::rice(&evidence, &story.set, weights),
            ..story.clone()
        };
        // The text of the reach factor contains the day, so this comparison also covers another day.
        let same_counts = (next.feedback_count, next.customer_count) == (story.feedback_count, story.customer_count);
        if !same_counts || next.priority != story.priority {
            stories::rows::set_priority(tx, &next, until)?;
        }
        ranked.push(next);
    }
    Ok(ranked)
}

/// Recomputes up to `limit` stories whose window of reach does not end on the day of the product's latest feedback;
/// answers how many there were (less than `limit`: all are up to date). New feedback moves the window of every story,
/// not only of those whose themes changed.
pub fn slide(tx: &mut Tx<'_>, product: Id, limit: i64) -> Result<usize> {
    let behind = behind(tx.conn, product, limit, tx.now)?;
    Ok(recompute(tx, &behind)?.len())
}

/// Up to `limit` stories that [`slide`] must recompute.
pub fn behind(conn: &mut Conn, product: Id, limit: i64, now: Time) -> Result<Vec<Id>> {
    let Some(latest) = feedback::rows::latest(conn, product, now)? else { return Ok(Vec::new()) };
    stories::rows::counted_otherwise(conn, product, latest.start_of_day(), limit)
}
