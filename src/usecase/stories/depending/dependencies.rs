//! Adding, changing and removing dependencies of stories.

use serde_json::{Value, json};

use super::cycles;
use crate::domain::base::Id;
use crate::domain::base::calendar::parse_date;
use crate::domain::base::decode;
use crate::domain::stories::StoryNumber;
use crate::domain::stories::dependency::{
    Dependency, DependencyEdit, DependencyKind, External, NewDependency, SatisfiedAt, StoryBrief,
};
use crate::domain::stories::stage::Stage;
use crate::error::{Code, Error, FieldError, Result};
use crate::store::Tx;
use crate::store::stories::depending::edges;
use crate::store::stories::links;
use crate::usecase::stories::progress::catch_up;

/// Adds a dependency of a story; one that is there already gets the lag and the stage that are given. Answers whether it is
/// new.
///
/// # Errors
/// 403 where the caller may not change the story that waits, 404, 422 with every wrong field, or with the circle that it
/// would close.
pub fn add(tx: &mut Tx<'_>, story: Id, input: &NewDependency) -> Result<(Dependency, bool)> {
    refuse(wrong(input))?;
    let own = brief(tx, story)?.ok_or_else(|| Error::not_found("story"))?;
    let other = match &input.story_id {
        Some(text) => Some(named(tx, text)?),
        None => None,
    };
    if other.as_ref().is_some_and(|other| other.id == own.id) {
        return Err(Error::field("/story_id", "itself", "must be another story"));
    }
    let kind = if input.kind == DependencyKind::Relates { input.kind } else { DependencyKind::Needs };
    let (waits, needed) = match (input.kind, other) {
        (DependencyKind::Blocks, Some(other)) => (other, Some(own)),
        (_, other) => (own, other),
    };
    let needed = needed.map(|needed| needed.id);
    if kind == DependencyKind::Needs && waits.stage == Stage::Duplicate {
        let detail =
            format!("is not possible: {} is a duplicate, and the story that it duplicates waits", waits.number);
        return Err(Error::field("/kind", "not_allowed", detail));
    }
    if let Some(there) = there(tx, &waits, kind, needed)? {
        return again(tx, there, input).map(|dependency| (dependency, false));
    }
    if let (DependencyKind::Needs, Some(needed)) = (kind, needed) {
        cycles::refuse(tx, waits.id, needed, "/story_id")?;
    }
    let dependency = Dependency {
        id: Id::next(),
        story_id: waits.id,
        kind,
        other_id: needed,
        external: input.external.clone().map(trimmed),
        lag_days: input.lag_days,
        satisfied_at: input.satisfied_at.unwrap_or(SatisfiedAt::Released),
        closed_at: None,
        closed_by: None,
        created_by: tx.actor.id,
        created_at: tx.now,
        updated_at: tx.now,
    };
    edges::insert(tx, &dependency)?;
    let data = json!({ "dependency_id": dependency.id, "kind": kind, "other_id": needed });
    tx.event("dependency.created", waits.id, Some(waits.product_id), data);
    Ok((dependency, true))
}

/// The errors that need no look at the database.
fn wrong(input: &NewDependency) -> Vec<FieldError> {
    let mut wrong = Vec::new();
    let mut not_allowed = |pointer: &str, detail: &str| wrong.push(FieldError::new(pointer, "not_allowed", detail));
    let is_external = input.external.is_some();
    if is_external && input.story_id.is_some() {
        not_allowed("/external", "goes without `story_id`");
    }
    if is_external && input.kind != DependencyKind::Needs {
        not_allowed("/kind", "must be `needs` with `external`");
    }
    if is_external && input.satisfied_at.is_some() {
        not_allowed("/satisfied_at", "goes with `story_id` only: a person closes something outside");
    }
    if input.kind == DependencyKind::Relates && input.lag_days != 0 {
        not_allowed("/lag_days", "does not go with `relates`");
    }
    if input.kind == DependencyKind::Relates && input.satisfied_at.is_some() {
        not_allowed("/satisfied_at", "does not go with `relates`");
    }
    if !is_external && input.story_id.is_none() {
        wrong.push(FieldError::new("/story_id", "required", "is required, or else `external`"));
    }
    wrong.extend(input.external.as_ref().map(wrong_external).unwrap_or_default());
    wrong
}

fn wrong_external(external: &External) -> Vec<FieldError> {
    let mut wrong = Vec::new();
    if external.title.trim().is_empty() {
        wrong.push(FieldError::new("/external/title", "required", "is required"));
    }
    if external.team.is_some() && external.vendor.is_some() {
        wrong.push(FieldError::new("/external/vendor", "not_allowed", "goes without `team`"));
    }
    if external.due.as_deref().is_some_and(|due| parse_date(due).is_none()) {
        wrong.push(FieldError::new("/external/due", "format", "must be a date that exists"));
    }
    wrong
}

fn trimmed(external: External) -> External {
    let trim = |text: String| text.trim().to_owned();
    External {
        title: trim(external.title),
        team: external.team.map(trim),
        vendor: external.vendor.map(trim),
        ..external
    }
}

fn refuse(wrong: Vec<FieldError>) -> Result<()> {
    if wrong.is_empty() { Ok(()) } else { Err(Error::invalid(wrong)) }
}

fn brief(tx: &mut Tx<'_>, id: Id) -> Result<Option<StoryBrief>> {
    Ok(edges::briefs(tx.conn, &[id])?.remove(&id))
}

/// The story that a text names by id or number, where the caller may see it.
fn named(tx: &mut Tx<'_>, text: &str) -> Result<StoryBrief> {
    let unknown = || Error::field("/story_id", "unknown", "is not the id or number of a story");
    let id = match (text.trim().parse::<Id>(), text.trim().parse::<StoryNumber>()) {
        (Ok(id), _) => Some(id),
        (_, Ok(number)) => links::stories_numbered(tx.conn, &[number])?.pop(),
        _ => None,
    };
    let found = brief(tx, id.ok_or_else(unknown)?)?;
    found.filter(|brief| tx.scope.shows(brief.product_id)).ok_or_else(unknown)
}

/// The same dependency, if it is there already; two stories relate in both directions.
fn there(tx: &mut Tx<'_>, waits: &StoryBrief, kind: DependencyKind, needed: Option<Id>) -> Result<Option<Dependency>> {
    let Some(needed) = needed else { return Ok(None) };
    if let Some(there) = edges::between(tx.conn, waits.id, kind, needed)? {
        return Ok(Some(there));
    }
    match kind {
        DependencyKind::Relates => edges::between(tx.conn, needed, kind, waits.id),
        _ => Ok(None),
    }
}

/// Gives a dependency that is there the lag and the stage of a request that would add it again.
fn again(tx: &mut Tx<'_>, there: Dependency, input: &NewDependency) -> Result<Dependency> {
    let edited = Dependency {
        lag_days: input.lag_days,
        satisfied_at: input.satisfied_at.unwrap_or(there.satisfied_at),
        ..there.clone()
    };
    changed(tx, there, edited)
}

/// The dependency of a story, locked.
fn held(tx: &mut Tx<'_>, story: Id, id: Id) -> Result<Dependency> {
    let dependency = edges::lock(tx, id)?;
    if dependency.joins(story) { Ok(dependency) } else { Err(Error::not_found("dependency")) }
}

/// Changes a dependency by a merge patch.
///
/// # Errors
/// 403, 404, 422 with every wrong field.
pub fn edit(tx: &mut Tx<'_>, story: Id, id: Id, patch: &Value) -> Result<Dependency> {
    let current = held(tx, story, id)?;
    let before = DependencyEdit {
        lag_days: current.lag_days,
        satisfied_at: current.satisfied_at,
        external: current.external.clone(),
    };
    let edit: DependencyEdit = decode::patched(&before, patch)?;
    let mut wrong = edit.external.as_ref().map(wrong_external).unwrap_or_default();
    match (current.is_external(), &edit.external) {
        (true, None) => wrong.push(FieldError::new("/external", "required", "can't be removed; remove the dependency")),
        (false, Some(_)) => {
            wrong.push(FieldError::new("/external", "not_allowed", "goes with something outside only: it is a story"));
        }
        _ => {}
    }
    refuse(wrong)?;
    let edited = Dependency {
        lag_days: edit.lag_days,
        satisfied_at: edit.satisfied_at,
        external: edit.external.map(trimmed),
        ..current.clone()
    };
    changed(tx, current, edited)
}

/// Writes a changed dependency, with its event.
fn changed(tx: &mut Tx<'_>, before: Dependency, after: Dependency) -> Result<Dependency> {
    let mut fields = Vec::new();
    for (name, differs) in [
        ("lag_days", before.lag_days != after.lag_days),
        ("satisfied_at", before.satisfied_at != after.satisfied_at),
        ("external", before.external != after.external),
    ] {
        if differs {
            fields.push(name);
        }
    }
    if fields.is_empty() {
        return Ok(before);
    }
    let after = Dependency { updated_at: tx.now, ..after };
    edges::update(tx, &after)?;
    tell(tx, "dependency.updated", &after, json!({ "fields": fields }))?;
    Ok(after)
}

/// Writes an event about the story that waits. A story that only waited for this when its release went to production is
/// released now.
fn tell(tx: &mut Tx<'_>, event: &'static str, dependency: &Dependency, more: Value) -> Result<()> {
    let story = brief(tx, dependency.story_id)?.ok_or_else(|| Error::not_found("story"))?;
    let mut data = json!({ "dependency_id": dependency.id });
    if let (Some(data), Value::Object(more)) = (data.as_object_mut(), more) {
        data.extend(more);
    }
    tx.event(event, story.id, Some(story.product_id), data);
    catch_up(tx, story.id)?;
    Ok(())
}

/// Removes a dependency.
///
/// # Errors
/// 403, 404.
pub fn remove(tx: &mut Tx<'_>, story: Id, id: Id) -> Result<()> {
    let dependency = held(tx, story, id)?;
    edges::delete(tx, id)?;
    let data = json!({ "kind": dependency.kind, "other_id": dependency.other_id });
    tell(tx, "dependency.removed", &dependency, data)
}

/// Closes something outside, because it is there, or opens it again.
///
/// # Errors
/// 403, 404, 409 for a dependency on a story, and where it is closed or open already.
pub fn close(tx: &mut Tx<'_>, story: Id, id: Id, closed: bool) -> Result<Dependency> {
    let dependency = held(tx, story, id)?;
    let conflict = |detail: &str| Err(Error::new(Code::Conflict, detail));
    match (dependency.is_external(), dependency.closed_at.is_some()) {
        (false, _) => return conflict("A dependency on a story follows the stage of that story; nobody closes it."),
        (true, is) if is == closed => {
            return conflict(if closed { "It is closed already." } else { "It is not closed." });
        }
        _ => {}
    }
    let dependency = Dependency {
        closed_at: closed.then_some(tx.now),
        closed_by: tx.actor.id.filter(|_| closed),
        updated_at: tx.now,
        ..dependency
    };
    edges::update(tx, &dependency)?;
    let event = if closed { "dependency.closed" } else { "dependency.reopened" };
    tell(tx, event, &dependency, json!({}))?;
    Ok(dependency)
}
