//! Release trains: they leave on schedule, and stories that are not ready move to the next one.

use serde_json::json;

use super::planning;
use crate::domain::base::{Calendar, Id, Time};
use crate::domain::releases::{DepartingRelease, Departure, Release, ReleaseState};
use crate::domain::team::{Product, Train};
use crate::error::Result;
use crate::store::team::products;
use crate::store::{Conn, Tx, releases, stories};

/// The next departures of a product's train, each with its release; empty without a train.
///
/// # Errors
/// 404.
pub fn upcoming(conn: &mut Conn, product: Id, now: Time, limit: usize) -> Result<Vec<Departure>> {
    let product = products::get(conn, product)?;
    let calendar = product.calendar();
    let Some(train) = product.settings.train else { return Ok(Vec::new()) };
    let mut departures = Vec::new();
    for leaves_at in train.after(now, &calendar).take(limit) {
        let release = releases::rows::of_train(conn, product.id, leaves_at)?.into_iter().next();
        let release = release.map(|(id, name, state)| DepartingRelease { id, name, state });
        departures.push(Departure { leaves_at, release });
    }
    Ok(departures)
}

/// Releases whose train has left and that [`depart`] must handle.
pub fn departing(conn: &mut Conn, now: Time) -> Result<Vec<Id>> {
    let mut due = Vec::new();
    for release in releases::rows::departed(conn, now)? {
        let has_train = products::get(conn, release.product_id)?.settings.train.is_some();
        if release.state == ReleaseState::Planned || (has_train && !planning::unready(conn, &release)?.is_empty()) {
            due.push(release.id);
        }
    }
    Ok(due)
}

/// Keeps the dates of the open releases of a product whose calendar has changed from `before`: a day that was planned
/// stays the same day, and a train leaves when the new calendar says so. A train that has left stays as it is.
pub(in crate::usecase) fn calendar_changed(tx: &mut Tx<'_>, product: &Product, before: &Calendar) -> Result<()> {
    let after = product.calendar();
    if after == *before {
        return Ok(());
    }
    for id in releases::rows::dated(tx.conn, product.id)? {
        let release = releases::rows::lock(tx, id)?;
        let departure = |at: Time| match &product.settings.train {
            _ if at <= tx.now => at,
            Some(train) => train.moved(at, before, &after),
            None => after.start_of(before.day(at)),
        };
        let same_day = |at: Time| if before.start_of_day(at) == at { after.start_of(before.day(at)) } else { at };
        let train_at = release.train_at.map(departure);
        let follows = release.train_at.is_some() && release.planned_for == release.train_at;
        let planned_for = if follows { train_at } else { release.planned_for.map(same_day) };
        if (train_at, planned_for) == (release.train_at, release.planned_for) {
            continue;
        }
        let change = |from: Option<Time>, to: Option<Time>| json!({ "from": from, "to": to });
        let mut data = json!({});
        if train_at != release.train_at {
            data["train_at"] = change(release.train_at, train_at);
        }
        if planned_for != release.planned_for {
            data["planned_for"] = change(release.planned_for, planned_for);
        }
        tx.event("release.updated", id, Some(product.id), data);
        let version = release.version + 1;
        releases::rows::update(tx, &Release { train_at, planned_for, version, updated_at: tx.now, ..release })?;
    }
    Ok(())
}

/// Handles the departure of a release's train: stories that are not ready miss it, and no more can be added.
pub fn depart(tx: &mut Tx<'_>, id: Id) -> Result<()> {
    let release = releases::rows::lock(tx, id)?;
    if !release.state.is_open() || release.train_at.is_none_or(|at| at > tx.now) {
        return Ok(());
    }
    if products::get(tx.conn, release.product_id)?.settings.train.is_some() {
        let unready: Vec<Id> = planning::unready(tx.conn, &release)?.into_iter().map(|(id, _)| id).collect();
        leave_behind(tx, &release, &unready)?;
    }
    if release.state == ReleaseState::Planned {
        tx.event("release.frozen", id, Some(release.product_id), json!({ "train_at": release.train_at }));
        let frozen_at = Some(tx.now);
        releases::rows::update(tx, &Release { state: ReleaseState::Frozen, frozen_at, updated_at: tx.now, ..release })?;
    }
    Ok(())
}

/// Removes stories that are not ready from a release; where it belongs to a train, they move to the next one.
pub(in crate::usecase) fn leave_behind(tx: &mut Tx<'_>, release: &Release, unready: &[Id]) -> Result<()> {
    if unready.is_empty() {
        return Ok(());
    }
    let product = products::get(tx.conn, release.product_id)?;
    let next = match (&product.settings.train, release.train_at) {
        (Some(train), Some(left)) => next_release(tx, &product, train, left.max(tx.now))?,
        _ => None,
    };
    for story in stories::rows::lock(tx, unready)? {
        match next {
            Some(next) if story.stage.in_development() => miss(tx, release, story.id, next)?,
            _ => {
                releases::rows::remove_story(tx, release.id, story.id)?;
                let data = json!({ "story_id": story.id, "stage": story.stage });
                tx.event("release.story_removed", release.id, Some(release.product_id), data);
            }
        }
    }
    Ok(())
}

fn miss(tx: &mut Tx<'_>, release: &Release, story: Id, next: Id) -> Result<()> {
    let Some(row) = release.aboard().find(|row| row.story_id == story) else { return Ok(()) };
    releases::rows::set_moved(tx, release.id, story, next)?;
    releases::rows::put_story(tx, next, story, row.section, row.entry.as_deref())?;
    let data = json!({ "story_id": story, "train_at": release.train_at, "moved_to": next });
    tx.event("release.story_missed", release.id, Some(release.product_id), data);
    Ok(())
}

/// The release of the next train that still accepts stories; created where the train has none.
fn next_release(tx: &mut Tx<'_>, product: &Product, train: &Train, after: Time) -> Result<Option<Id>> {
    let calendar = product.calendar();
    for leaves_at in train.after(after, &calendar).take(MOST_FROZEN) {
        let going = releases::rows::of_train(tx.conn, product.id, leaves_at)?;
        if let Some((id, ..)) = going.iter().find(|(_, _, state)| *state == ReleaseState::Planned) {
            return Ok(Some(*id));
        }
        if going.is_empty() {
            let name = free_name(tx.conn, product.id, &calendar.date(leaves_at))?;
            let release = planning::planned(tx.now, product.id, &name, Some(leaves_at));
            planning::insert(tx, &release)?;
            return Ok(Some(release.id));
        }
    }
    Ok(None)
}

/// The most trains ahead that are searched for one that is not frozen.
const MOST_FROZEN: usize = 100;

/// A name for a release of this date; with a number where the date is taken as a name.
fn free_name(conn: &mut Conn, product: Id, date: &str) -> Result<String> {
    let mut name = date.to_owned();
    let mut n = 1;
    while releases::rows::by_name(conn, product, &name)?.is_some() {
        n += 1;
        name = format!("{date}-{n}");
    }
    Ok(name)
}
