//! Acts on many items of feedback. Each item goes through the function of the single act, so that rules, events and
//! errors are the same. An act is done in parts, in the background where it is long, and undone as a whole.

use std::collections::{HashMap, HashSet};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::edits;
use crate::domain::base::bulk::{Acted, FeedbackAct, FeedbackBulk, tagged, untagged};
use crate::domain::base::text::fold;
use crate::domain::base::{Id, Reference};
use crate::domain::feedback::act::{Act, ActState, NewAct};
use crate::domain::feedback::{Feedback, FeedbackQuery, SetAside};
use crate::domain::team::Caller;
use crate::domain::team::access::Scope;
use crate::error::{Code, Error, Result};
use crate::store::feedback::acts::{self, ActItem, ActRecord};
use crate::store::team::products;
use crate::store::{Tx, feedback, themes};
use crate::usecase::base::bulk;
use crate::usecase::themes::{corrections, undo};

/// How long one transaction takes further items; other writers wait that long.
const PART: Duration = Duration::from_millis(150);
/// Items that are looked up at once.
const BATCH: i64 = 200;

/// What an act changed where it recorded no correction: what undoing it needs.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Was {
    /// The tags that it added.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    added: Vec<String>,
    /// The tags that it removed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    removed: Vec<String>,
    /// Why the feedback was set aside, where the act changed that.
    #[serde(skip_serializing_if = "Option::is_none")]
    aside: Option<Option<SetAside>>,
}

/// Begins an act on `ids`, or on all feedback that passes `filters`: the parsed `matching` of the input.
///
/// # Errors
/// 422 for an unknown theme, product or story, and for a move without a theme.
pub fn begin(tx: &mut Tx<'_>, input: &NewAct, filters: Option<FeedbackQuery>) -> Result<Act> {
    let within = match &tx.scope {
        Scope::All => None,
        Scope::Only(limits) => Some(limits.products.clone()),
    };
    let theme_id = match (input.theme_id, &input.new_theme) {
        (Some(_), Some(_)) => {
            return Err(Error::field("/new_theme", "not_taken", "can't be given together with `theme_id`"));
        }
        (Some(theme), None) if themes::rows::rows(tx.conn, &[theme])?.is_empty() => {
            return Err(Reference::Theme.refusal("/theme_id").into());
        }
        (None, None) if input.act == FeedbackAct::Move => {
            return Err(Error::field("/theme_id", "required", "is required, or `new_theme`"));
        }
        (None, Some(label)) => {
            let product = product_of_first(tx, input, filters.as_ref(), within.as_deref())?;
            Some(corrections::add(tx, product, Some(label.trim().to_owned()))?)
        }
        (known, None) => known,
    };
    let input = NewAct { theme_id, new_theme: None, ..input.clone() };
    let total = match &filters {
        Some(filters) => count(tx, filters, within.as_deref())?,
        None => input.ids.as_deref().map_or(0, <[Id]>::len) as i64,
    };
    let record = ActRecord {
        id: Id::next(),
        actor_kind: tx.actor.kind.to_owned(),
        actor_id: tx.actor.id,
        input,
        filters,
        within,
        state: ActState::Running,
        total,
        changed: 0,
        unchanged: 0,
        failed: 0,
        undone: 0,
        kept: 0,
        place: None,
        created_at: tx.now,
        finished_at: None,
        undone_at: None,
    };
    acts::insert(tx, &record)?;
    acts::get(tx.conn, record.id)
}

/// The product of the first item that the actor may change.
///
/// # Errors
/// 422 where there is none.
fn product_of_first(
    tx: &mut Tx<'_>,
    input: &NewAct,
    filters: Option<&FeedbackQuery>,
    within: Option<&[Id]>,
) -> Result<Id> {
    let (ids, pointer) = match filters {
        Some(filters) => (feedback::list::ids(tx.conn, filters, None, BATCH)?, "/matching"),
        None => (input.ids.clone().unwrap_or_default(), "/ids"),
    };
    let rows = feedback::rows::rows(tx.conn, &ids)?;
    let products: HashMap<Id, Id> = rows.into_iter().map(|row| (row.id, row.product_id)).collect();
    let mut found = ids.iter().filter_map(|id| products.get(id).copied());
    let first = found.find(|product| within.is_none_or(|within| within.contains(product)));
    first.ok_or_else(|| Reference::Feedback.refusal(pointer).into())
}

/// How much feedback passes the filters, in these products.
///
/// # Errors
/// 422 for a product that is not among them, and for an unknown story.
fn count(tx: &mut Tx<'_>, filters: &FeedbackQuery, within: Option<&[Id]>) -> Result<i64> {
    let Some(within) = within else { return feedback::list::count(tx.conn, filters) };
    if let Some(named) = products::named(tx.conn, filters.product.as_deref())? {
        if !within.contains(&named.id) {
            return Err(Reference::Product.refusal("/product").into());
        }
        return feedback::list::count(tx.conn, filters);
    }
    let mut total = 0;
    for product in within {
        let of_it = FeedbackQuery { product: Some(product.to_string()), ..filters.clone() };
        total += feedback::list::count(tx.conn, &of_it)?;
    }
    Ok(total)
}

/// Does the next part of an act, or of its undo; answers whether more is left.
///
/// # Errors
/// 404.
pub fn go_on(tx: &mut Tx<'_>, id: Id) -> Result<bool> {
    let mut record = acts::lock(tx, id)?;
    if record.state.is_over() {
        return Ok(false);
    }
    tx.bulk = Some(id);
    let left = match record.state {
        ActState::Undoing => undo_part(tx, &mut record)?,
        _ => act_part(tx, &mut record)?,
    };
    tx.bulk = None;
    if !left {
        match record.state {
            ActState::Undoing => (record.state, record.undone_at) = (ActState::Undone, Some(tx.now)),
            _ => (record.state, record.finished_at) = (ActState::Done, Some(tx.now)),
        }
    }
    acts::update(tx, &record)?;
    Ok(left)
}

fn act_part(tx: &mut Tx<'_>, record: &mut ActRecord) -> Result<bool> {
    let started = Instant::now();
    let wanted = match &record.filters {
        Some(filters) => matching(tx, record, filters)?,
        None => {
            let handled = (record.changed + record.unchanged + record.failed) as usize;
            record.input.ids.iter().flatten().skip(handled).copied().collect()
        }
    };
    let alone = record.input.alone();
    let seen = visible(tx, record, &wanted)?;
    for (n, id) in wanted.iter().enumerate() {
        record.place = Some(*id);
        let is_visible = seen.as_ref().is_none_or(|seen| seen.contains(id));
        if !is_visible && record.filters.is_some() {
            continue;
        }
        let outcome = match is_visible {
            true => tx.attempt(|tx| one(tx, *id, &alone)),
            false => Err(Error::not_found("feedback")),
        };
        match outcome {
            // Not an error of this item: the whole part fails or is retried.
            Err(e) if e.transient || e.lost || e.code.status() >= 500 => return Err(e),
            Err(e) => {
                record.failed += 1;
                acts::note(tx, record.id, *id, ActItem { problem: Some(refusal(&e)), ..ActItem::default() })?;
            }
            Ok((acted, was)) if acted.changed => {
                record.changed += 1;
                let item = ActItem { correction: acted.correction, was, ..ActItem::default() };
                acts::note(tx, record.id, *id, item)?;
            }
            Ok(_) => record.unchanged += 1,
        }
        if started.elapsed() >= PART {
            return Ok(n + 1 < wanted.len() || record.filters.is_some());
        }
    }
    Ok(!wanted.is_empty() && record.filters.is_some())
}

/// Which of these items the actor of the act may change; `None` for all.
fn visible(tx: &mut Tx<'_>, record: &ActRecord, ids: &[Id]) -> Result<Option<HashSet<Id>>> {
    let Some(within) = &record.within else { return Ok(None) };
    let rows = feedback::rows::rows(tx.conn, ids)?;
    Ok(Some(rows.into_iter().filter(|row| within.contains(&row.product_id)).map(|row| row.id).collect()))
}

/// The next feedback that matches: older than the last one handled, and not newer than the act.
fn matching(tx: &mut Tx<'_>, record: &ActRecord, filters: &FeedbackQuery) -> Result<Vec<Id>> {
    // Ids grow with time, so the id of the act is newer than all feedback that was there when it began.
    feedback::list::ids(tx.conn, filters, Some(record.place.unwrap_or(record.id)), BATCH)
}

fn refusal(error: &Error) -> String {
    let fields = error.fields.iter().map(|field| format!("{} {}", field.pointer, field.detail));
    std::iter::once(error.detail.clone()).chain(fields).collect::<Vec<_>>().join(" ")
}

/// Does the act on one item; answers what undoing it needs, where no correction records it.
fn one(tx: &mut Tx<'_>, id: Id, act: &FeedbackBulk) -> Result<(Acted, Option<String>)> {
    let before = match act.act {
        FeedbackAct::Dismiss | FeedbackAct::Restore | FeedbackAct::Move => None,
        _ => Some(feedback::rows::lock(tx, id)?),
    };
    let acted = bulk::one_feedback(tx, id, act)?;
    let Some(before) = before.filter(|_| acted.changed) else { return Ok((acted, None)) };
    let after = feedback::rows::row(tx.conn, id)?;
    let without = |tags: &[String], other: &[String]| -> Vec<String> {
        let other: Vec<String> = other.iter().map(|tag| fold(tag)).collect();
        tags.iter().filter(|tag| !other.contains(&fold(tag))).cloned().collect()
    };
    let was = Was {
        added: without(&after.tags, &before.tags),
        removed: without(&before.tags, &after.tags),
        aside: (after.set_aside != before.set_aside).then_some(before.set_aside),
    };
    Ok((acted, Some(serde_json::to_string(&was).map_err(Error::internal)?)))
}

/// Begins to undo an act. One that is still running stops.
///
/// # Errors
/// 403 for the act of somebody else, unless the caller may undo corrections; 404; 409 where it is undone already.
pub fn undo(tx: &mut Tx<'_>, id: Id, caller: &Caller) -> Result<Act> {
    let record = acts::lock(tx, id)?;
    let is_own = record.actor_id.is_some() && record.actor_id == tx.actor.id;
    if !is_own && !caller.access.may("undo_correction") {
        return Err(Error::new(Code::Forbidden, "This act is somebody else's; a product person can undo it."));
    }
    if matches!(record.state, ActState::Undoing | ActState::Undone) {
        return Err(Error::new(Code::Conflict, "It is undone already."));
    }
    let finished_at = record.finished_at.or(Some(tx.now));
    acts::update(tx, &ActRecord { state: ActState::Undoing, finished_at, ..record })?;
    acts::get(tx.conn, id)
}

fn undo_part(tx: &mut Tx<'_>, record: &mut ActRecord) -> Result<bool> {
    let started = Instant::now();
    let items = acts::to_undo(tx.conn, record.id, BATCH)?;
    for item in &items {
        let Some(id) = item.feedback else { continue };
        match tx.attempt(|tx| undo_one(tx, id, item)) {
            Err(e) if e.transient || e.lost || e.code.status() >= 500 => return Err(e),
            Err(e) => {
                record.kept += 1;
                acts::note_undone(tx, record.id, id, Some(refusal(&e)))?;
            }
            Ok(()) => {
                record.undone += 1;
                acts::note_undone(tx, record.id, id, None)?;
            }
        }
        if started.elapsed() >= PART {
            return Ok(true);
        }
    }
    Ok(!items.is_empty())
}

fn undo_one(tx: &mut Tx<'_>, id: Id, item: &ActItem) -> Result<()> {
    if let Some(correction) = item.correction {
        return undo::undo(tx, correction).map(drop);
    }
    let was: Was = serde_json::from_str(item.was.as_deref().unwrap_or("{}")).map_err(Error::internal)?;
    let now: Feedback = feedback::rows::get(tx.conn, id)?;
    let mut patch = json!({});
    if !was.added.is_empty() || !was.removed.is_empty() {
        patch["tags"] = json!(tagged(untagged(now.tags, &was.added), &was.removed));
    }
    if let Some(aside) = was.aside {
        patch["set_aside"] = json!(aside);
    }
    edits::edit(tx, id, None, &patch).map(drop)
}
