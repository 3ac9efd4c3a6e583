//! Planning: people write stories, scope them, rank them, and move them on.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::drafting::{self, new_story};
use crate::domain::priority::{self, SetFactors};
use crate::domain::stage::{self, Context, Refusal, Stage};
use crate::domain::{
    CorrectionKind, DEFAULT_PRODUCT, DraftWords, Id, NewStory, Product, Story, StoryEdit, Transition, check_version,
    decode,
};
use crate::error::{Code, Error, FieldError, Result};
use crate::store::corrections::{self, NewCorrection};
use crate::store::evidence::{self, DraftTheme};
use crate::store::{Conn, Tx, members, products, stories};

/// Creates a story, from a theme or by hand; what is given goes before the draft's words.
///
/// # Errors
/// 422 with every wrong field.
pub fn create(tx: &mut Tx<'_>, input: &NewStory) -> Result<Story> {
    let theme = input.theme_id.map(|id| theme_to_draft(tx.conn, id)).transpose()?;
    let product = product_of(tx.conn, input, theme.as_ref())?;
    let set = SetFactors { effort: input.effort, ..SetFactors::default() };
    let mut wrong = wrong_factors(&set);
    wrong.extend(wrong_owner(tx.conn, input.owner_id)?);
    if theme.is_none() && input.title.is_none() {
        wrong.push(FieldError::new("/title", "required", "is required where no theme_id is given"));
    }
    refuse(wrong)?;

    let draft = match &theme {
        Some(theme) => drafting::words_of(tx.conn, theme)?,
        None => DraftWords::default(),
    };
    let (words, changed) = overridden(draft, input);
    let story = Story {
        in_scope: input.in_scope.clone().unwrap_or_default(),
        out_of_scope: input.out_of_scope.clone().unwrap_or_default(),
        owner_id: input.owner_id,
        drafted_by: if theme.is_some() { "builtin" } else { "member" }.to_owned(),
        edited: changed,
        effort: set.effort,
        set,
        ..new_story(tx.now, &product, theme.iter().map(|t| t.id).collect(), words)
    };
    let number = products::next_story_number(tx, product.id)?;
    stories::insert(tx, &story, number)?;
    let data = json!({ "number": format!("{}-{number}", product.key), "theme_ids": story.theme_ids });
    tx.event("story.created", story.id, Some(product.id), data);
    ranked(tx, story.id)
}

fn theme_to_draft(conn: &mut Conn, id: Id) -> Result<DraftTheme> {
    let theme = evidence::of_themes(conn, &[id])?.pop();
    let theme = theme.ok_or_else(|| Error::field("/theme_id", "unknown", "is not the id of a theme"))?;
    match theme.closed {
        true => Err(Error::field("/theme_id", "closed", "is a theme that was muted or merged into another")),
        false => Ok(theme),
    }
}

fn product_of(conn: &mut Conn, input: &NewStory, theme: Option<&DraftTheme>) -> Result<Product> {
    let named = match &input.product {
        Some(name) => {
            let unknown = || Error::field("/product", "unknown", "is not the key or id of a product");
            Some(products::find(conn, name)?.ok_or_else(unknown)?)
        }
        None => None,
    };
    match (named, theme) {
        (Some(product), Some(theme)) if product.id != theme.product => {
            Err(Error::field("/product", "other_product", "is not the product of the theme"))
        }
        (Some(product), _) => Ok(product),
        (None, theme) => products::get(conn, theme.map_or(DEFAULT_PRODUCT, |t| t.product)),
    }
}

/// The draft with the words given in its place, and whether any were.
fn overridden(mut draft: DraftWords, input: &NewStory) -> (DraftWords, bool) {
    let mut changed = input.in_scope.is_some() || input.out_of_scope.is_some();
    macro_rules! take {
        ($($field:ident)*) => {$(
            if let Some(given) = &input.$field {
                draft.$field = given.clone();
                changed = true;
            }
        )*};
    }
    take! { title as_a i_want so_that acceptance_criteria }
    (draft, changed)
}

/// The story with its counts and its place in the ranking as they are now.
fn ranked(tx: &mut Tx<'_>, id: Id) -> Result<Story> {
    drafting::recompute(tx, &[id])?.pop().ok_or_else(|| Error::not_found("story"))
}

/// Changes a story by a merge patch. Factors set by it stay until they are given back with `null`.
///
/// # Errors
/// 404, 412 where `if_match` is no longer its version, 422 with every wrong field.
pub fn edit(tx: &mut Tx<'_>, id: Id, if_match: Option<i32>, patch: &Value) -> Result<Story> {
    let current = lock(tx, id)?;
    check_version(if_match, current.version)?;
    let before = StoryEdit::from(&current);
    let edit: StoryEdit = decode::patched(&before, patch)?;
    let fields = decode::changed_fields(&before, &edit);
    if fields.is_empty() {
        return Ok(current);
    }
    let set = edit.set_factors();
    let mut wrong = wrong_factors(&set);
    if edit.owner_id != current.owner_id {
        wrong.extend(wrong_owner(tx.conn, edit.owner_id)?);
    }
    if edit.proposed_duplicate_of.is_some() && edit.proposed_duplicate_of != current.proposed_duplicate_of {
        let detail = "can only be turned down with null; to accept it, move the story to `duplicate`";
        wrong.push(FieldError::new("/proposed_duplicate_of", "not_allowed", detail));
    }
    refuse(wrong)?;

    let story = Story {
        edited: current.edited || fields.iter().any(|field| is_words(field)),
        title: edit.title,
        as_a: edit.as_a,
        i_want: edit.i_want,
        so_that: edit.so_that,
        acceptance_criteria: edit.acceptance_criteria,
        in_scope: edit.in_scope,
        out_of_scope: edit.out_of_scope,
        effort: set.effort,
        owner_id: edit.owner_id,
        proposed_duplicate_of: edit.proposed_duplicate_of,
        set,
        version: current.version + 1,
        updated_at: tx.now,
        ..current.clone()
    };
    stories::update(tx, &story)?;
    let story = ranked(tx, id)?;
    let mut data = json!({ "fields": fields });
    if story.owner_id != current.owner_id {
        data["owner_id"] = json!({ "from": current.owner_id, "to": story.owner_id });
    }
    if story.set != current.set {
        data["score"] = json!({ "from": current.priority.score, "to": story.priority.score });
    }
    tx.event("story.updated", id, Some(story.product_id), data);
    Ok(story)
}

fn is_words(field: &str) -> bool {
    !matches!(field, "effort" | "owner_id" | "proposed_duplicate_of" | "priority")
}

fn lock(tx: &mut Tx<'_>, id: Id) -> Result<Story> {
    stories::lock(tx, &[id])?.pop().ok_or_else(|| Error::not_found("story"))
}

fn wrong_factors(set: &SetFactors) -> Vec<FieldError> {
    let pointer = |field| match field {
        "effort" => "/effort".to_owned(),
        other => format!("/priority/{other}"),
    };
    let wrong = priority::check(set).err().unwrap_or_default();
    wrong.into_iter().map(|w| FieldError::new(pointer(w.field), "not_allowed", w.detail)).collect()
}

fn wrong_owner(conn: &mut Conn, owner: Option<Id>) -> Result<Option<FieldError>> {
    let Some(id) = owner else { return Ok(None) };
    let active = match members::get(conn, id) {
        Ok(member) => member.active,
        Err(e) if e.code == Code::NotFound => false,
        Err(e) => return Err(e),
    };
    Ok((!active).then(|| FieldError::new("/owner_id", "unknown", "is not the id of an active member")))
}

fn refuse(wrong: Vec<FieldError>) -> Result<()> {
    if wrong.is_empty() { Ok(()) } else { Err(Error::invalid(wrong)) }
}

/// Moves a story to a stage, or marks it as a duplicate of another.
///
/// # Errors
/// 404, 409 where the stage can't be reached from here, 412 where `if_match` is no longer its version, 422 where a
/// reason or the other story is missing.
pub fn transition(tx: &mut Tx<'_>, id: Id, if_match: Option<i32>, input: &Transition) -> Result<Story> {
    let story = lock(tx, id)?;
    check_version(if_match, story.version)?;
    let reason = input.reason.as_deref().map(str::trim).filter(|r| !r.is_empty()).map(str::to_owned);
    match (input.to, input.duplicate_of) {
        (Stage::Duplicate, Some(of)) => mark_duplicate(tx, story, of, reason),
        (Stage::Duplicate, None) => {
            Err(Error::field("/duplicate_of", "required", "is required: the story this one is a duplicate of"))
        }
        (_, Some(_)) => Err(Error::field("/duplicate_of", "not_allowed", "goes with `to: duplicate` only")),
        (to, None) => {
            let context = Context { has_reason: reason.is_some(), ..Context::person() };
            stage::transition(story.stage, to, &context).map_err(refused)?;
            move_to(tx, story, to, reason, None)
        }
    }
}

fn refused(refusal: Refusal) -> Error {
    match refusal {
        Refusal::ReasonRequired { to } => {
            Error::field("/reason", "required", format!("is required for the move to `{to}`"))
        }
        _ => Error::new(Code::StageRefused, refusal.to_string()),
    }
}

fn move_to(tx: &mut Tx<'_>, story: Story, to: Stage, reason: Option<String>, of: Option<Id>) -> Result<Story> {
    let mut data = json!({ "from": story.stage, "to": to, "has_reason": reason.is_some() });
    if let Some(of) = of {
        data["duplicate_of"] = json!(of);
    }
    tx.event("story.moved", story.id, Some(story.product_id), data);
    let story = Story {
        stage: to,
        stage_reason: reason,
        duplicate_of: of,
        version: story.version + 1,
        updated_at: tx.now,
        ..story
    };
    stories::update(tx, &story)?;
    Ok(story)
}

/// A story marked as a duplicate: what it takes to undo it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MarkedDuplicate {
    /// The story that was marked.
    pub story: Id,
    /// The story it duplicates.
    pub of: Id,
    /// Where it stood.
    pub from: Stage,
    /// The themes it stood on,
    pub themes: Vec<Id>,
    /// and those of them the other story had not stood on.
    pub gained: Vec<Id>,
    /// The proposal that this accepted.
    pub proposed: Option<Id>,
}

/// Marks a story as a duplicate: its evidence moves along to the other one, or to what that is a duplicate of itself.
fn mark_duplicate(tx: &mut Tx<'_>, story: Story, of: Id, reason: Option<String>) -> Result<Story> {
    stage::mark_duplicate(story.stage).map_err(refused)?;
    let of = original(tx, &story, of)?;
    let marked = MarkedDuplicate {
        story: story.id,
        of: of.id,
        from: story.stage,
        gained: story.theme_ids.iter().copied().filter(|theme| !of.theme_ids.contains(theme)).collect(),
        themes: story.theme_ids.clone(),
        proposed: story.proposed_duplicate_of,
    };
    stories::unlink(tx, story.id, &marked.themes)?;
    stories::link(tx, of.id, &marked.gained)?;
    let story = Story { proposed_duplicate_of: None, ..story };
    move_to(tx, story, Stage::Duplicate, reason, Some(of.id))?;
    remember(tx, of.product_id, &marked)?;
    drafting::recompute(tx, &[marked.story, marked.of])?;
    stories::get(tx.conn, marked.story)
}

/// The story at the end of a chain of duplicates.
fn original(tx: &mut Tx<'_>, story: &Story, of: Id) -> Result<Story> {
    let refusal = |code: &str, detail: &str| Error::field("/duplicate_of", code, detail);
    let mut next = of;
    loop {
        if next == story.id {
            return Err(refusal("itself", "must be another story, and not one that is a duplicate of this one"));
        }
        let other = stories::lock(tx, &[next])?.pop();
        let other = other.ok_or_else(|| refusal("unknown", "is not the id of a story"))?;
        if other.product_id != story.product_id {
            return Err(refusal("other_product", "must be a story of the same product"));
        }
        match other.duplicate_of {
            Some(further) => next = further,
            None => return Ok(other),
        }
    }
}

/// Remembers the act as a correction of kind `mark_duplicate`, so that it can be undone.
fn remember(tx: &mut Tx<'_>, product: Id, marked: &MarkedDuplicate) -> Result<()> {
    let act = NewCorrection {
        story: Some(marked.story),
        other_story: Some(marked.of),
        details: serde_json::to_value(marked).map_err(Error::internal)?,
        ..NewCorrection::new(CorrectionKind::MarkDuplicate, product)
    };
    corrections::record(tx, act, &[]).map(drop)
}

/// Undoes the marking of a duplicate: the story is back where it stood, with the themes it stood on.
///
/// # Errors
/// 409 where a later act stands on it.
pub fn unmark_duplicate(tx: &mut Tx<'_>, marked: &MarkedDuplicate) -> Result<Story> {
    let story = lock(tx, marked.story)?;
    if story.stage != Stage::Duplicate || story.duplicate_of != Some(marked.of) {
        return Err(Code::UndoRefused.into());
    }
    if stories::unlink(tx, marked.of, &marked.gained)? != marked.gained.len() {
        return Err(Error::new(Code::UndoRefused, "Its feedback has moved on; undo that correction first."));
    }
    stories::link(tx, marked.story, &marked.themes)?;
    let story = Story { proposed_duplicate_of: marked.proposed, ..story };
    move_to(tx, story, marked.from, None, None)?;
    drafting::recompute(tx, &[marked.story, marked.of])?;
    stories::get(tx.conn, marked.story)
}
