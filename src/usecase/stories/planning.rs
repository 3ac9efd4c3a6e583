//! Planning of stories by people: write, scope, rank.

use serde_json::{Value, json};

use super::draft_subjects;
use super::drafts::{self, new_story};
use super::quoting;
use super::ranking;
use super::stages::lock;
use crate::domain::base::decode;
use crate::domain::base::{Id, Reference, check_version};
use crate::domain::stories::priority::{self, SetFactors};
use crate::domain::stories::stage::Stage;
use crate::domain::stories::texts;
use crate::domain::stories::{Criterion, DraftWords, NewStory, Story, StoryEdit};
use crate::domain::team::{DEFAULT_PRODUCT, Product};
use crate::error::{Error, FieldError, Result};
use crate::store::stories::evidence::{self, DraftTheme};
use crate::store::stories::texts as stored_texts;
use crate::store::team::{members, products};
use crate::store::{Conn, Tx, stories};

/// Creates a story, from a theme or from scratch; given fields replace those of the draft.
///
/// # Errors
/// 422 with every wrong field.
pub fn create(tx: &mut Tx<'_>, input: &NewStory) -> Result<Story> {
    let theme = input.theme_id.map(|id| theme_to_draft(tx.conn, id)).transpose()?;
    let product = product_of(tx.conn, input, theme.as_ref())?;
    let set = SetFactors { effort: input.effort, ..SetFactors::default() };
    let mut wrong = wrong_factors(&set);
    wrong.extend(wrong_owner(tx.conn, input.owner_id)?);
    wrong.extend(input.texts.as_ref().map(texts::wrong_languages).unwrap_or_default());
    wrong.extend(wrong_quotes(input.acceptance_criteria.as_deref().unwrap_or_default()));
    if theme.is_none() && input.title.is_none() {
        wrong.push(FieldError::new("/title", "required", "is required where no theme_id is given"));
    }
    refuse(wrong)?;

    let draft = match &theme {
        Some(theme) => drafts::words_of(tx.conn, theme)?,
        None => DraftWords::default(),
    };
    let number = products::next_story_number(tx, product.id)?;
    let (words, changed) = overridden(draft.titled(number), input);
    let said = input.texts.clone().unwrap_or_default().into_iter().map(|(language, text)| (language, Some(text)));
    let mut said = texts::given(said.collect());
    for (language, text) in &words.texts {
        said.entry(language.clone()).or_insert_with(|| text.clone());
    }
    let story = Story {
        texts: said,
        owner_id: input.owner_id,
        due_at: input.due_at,
        drafted_by: if theme.is_some() { "builtin" } else { "member" }.to_owned(),
        edited: changed,
        effort: set.effort,
        days: input.days,
        set,
        ..new_story(tx.now, &product, theme.iter().map(|t| t.id).collect(), words)
    };
    stories::rows::insert(tx, &story, number)?;
    for theme in &story.theme_ids {
        draft_subjects::note(tx, story.id, *theme)?;
    }
    let data = json!({ "number": format!("{}-{number}", product.key), "theme_ids": story.theme_ids });
    tx.event("story.created", story.id, Some(product.id), data);
    ranked(tx, story.id)
}

fn theme_to_draft(conn: &mut Conn, id: Id) -> Result<DraftTheme> {
    let theme = evidence::of_themes(conn, &[id])?.pop();
    let theme = theme.ok_or_else(|| Reference::Theme.refusal("/theme_id"))?;
    match theme.closed {
        true => Err(Error::field("/theme_id", "closed", "is a theme that was muted or merged into another")),
        false => Ok(theme),
    }
}

fn product_of(conn: &mut Conn, input: &NewStory, theme: Option<&DraftTheme>) -> Result<Product> {
    let named = products::named(conn, input.product.as_deref())?;
    match (named, theme) {
        (Some(product), Some(theme)) if product.id != theme.product => {
            Err(Error::field("/product", "other_product", "is not the product of the theme"))
        }
        (Some(product), _) => Ok(product),
        (None, theme) => products::get(conn, theme.map_or(DEFAULT_PRODUCT, |t| t.product)),
    }
}

/// The draft with the given fields, and whether there were any.
fn overridden(mut draft: DraftWords, input: &NewStory) -> (DraftWords, bool) {
    let mut changed = false;
    macro_rules! take {
        ($($field:ident)*) => {$(
            if let Some(given) = &input.$field {
                draft.$field = given.clone();
                changed = true;
            }
        )*};
    }
    take! { title as_a i_want so_that acceptance_criteria in_scope out_of_scope }
    (draft, changed)
}

/// The story with its current counts and rank.
fn ranked(tx: &mut Tx<'_>, id: Id) -> Result<Story> {
    ranking::recompute(tx, &[id])?.pop().ok_or_else(|| Error::not_found("story"))
}

/// Changes a story by a merge patch. Factors set by a person stay until they are reset with `null`.
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
    check_edit(tx.conn, &current, &edit, &set)?;
    let story = Story {
        texts: texts::given(edit.texts),
        edited: current.edited || fields.iter().any(|field| is_words(field)),
        title: edit.title,
        as_a: edit.as_a,
        i_want: edit.i_want,
        so_that: edit.so_that,
        acceptance_criteria: settled(edit.acceptance_criteria, &current.acceptance_criteria),
        in_scope: edit.in_scope,
        out_of_scope: edit.out_of_scope,
        effort: set.effort,
        days: edit.days,
        owner_id: edit.owner_id,
        due_at: edit.due_at,
        // A new due date clears the late mark; a draft that was answered late stays late.
        overdue_at: current.overdue_at.filter(|_| edit.due_at == current.due_at || current.stage == Stage::Draft),
        proposed_duplicate_of: edit.proposed_duplicate_of,
        set,
        version: current.version + 1,
        updated_at: tx.now,
        ..current.clone()
    };
    stories::rows::update(tx, &story)?;
    if story.days != current.days {
        stories::depending::days::set(tx, id, story.days)?;
    }
    if story.texts != current.texts {
        stored_texts::set_of_story(tx, id, &story.texts)?;
    }
    if story.stage >= Stage::Ready && story.stage != Stage::Duplicate && fields.iter().any(|field| is_words(field)) {
        quoting::check(tx, &story)?;
    }
    let story = ranked(tx, id)?;
    tx.event("story.updated", id, Some(story.product_id), changes(&current, &story, &fields));
    Ok(story)
}

fn check_edit(conn: &mut Conn, current: &Story, edit: &StoryEdit, set: &SetFactors) -> Result<()> {
    let mut wrong = wrong_factors(set);
    if edit.owner_id != current.owner_id {
        wrong.extend(wrong_owner(conn, edit.owner_id)?);
    }
    if edit.proposed_duplicate_of.is_some() && edit.proposed_duplicate_of != current.proposed_duplicate_of {
        let detail = "can only be turned down with null; to accept it, move the story to `duplicate`";
        wrong.push(FieldError::new("/proposed_duplicate_of", "not_allowed", detail));
    }
    wrong.extend(texts::wrong_languages(&edit.texts));
    wrong.extend(wrong_quotes(&edit.acceptance_criteria));
    refuse(wrong)
}

/// What the event of an edit says: the fields, and of some of them what was before.
fn changes(current: &Story, story: &Story, fields: &[String]) -> Value {
    let mut data = json!({ "fields": fields });
    if story.owner_id != current.owner_id {
        data["owner_id"] = json!({ "from": current.owner_id, "to": story.owner_id });
    }
    if story.due_at != current.due_at {
        data["due_at"] = json!({ "from": current.due_at, "to": story.due_at });
    }
    if story.effort != current.effort {
        data["effort"] = json!({ "from": current.effort, "to": story.effort });
    }
    if story.set != current.set {
        data["score"] = json!({ "from": current.priority.score, "to": story.priority.score });
    }
    data
}

fn is_words(field: &str) -> bool {
    !matches!(field, "effort" | "days" | "owner_id" | "due_at" | "proposed_duplicate_of" | "priority")
}

/// The errors in the quotes of criteria: a quote belongs to feedback that its criterion cites.
fn wrong_quotes(criteria: &[Criterion]) -> Vec<FieldError> {
    let quotes = criteria.iter().enumerate().flat_map(|(n, criterion)| {
        let apart = criterion.quotes.iter().enumerate();
        apart.filter(|(_, quote)| !criterion.feedback_ids.contains(&quote.feedback_id)).map(move |(at, _)| (n, at))
    });
    let error = |(n, at)| {
        let pointer = format!("/acceptance_criteria/{n}/quotes/{at}/feedback_id");
        FieldError::new(pointer, "not_cited", "must be one of the criterion's feedback_ids")
    };
    quotes.map(error).collect()
}

/// The edited criteria. Where a person changed only the text of a criterion, its parts no longer match and are dropped.
fn settled(edited: Vec<Criterion>, current: &[Criterion]) -> Vec<Criterion> {
    let parts = |c: &Criterion| (c.given.clone(), c.when.clone(), c.then.clone());
    let is_stale = |c: &Criterion| {
        c.then.is_some()
            && current.iter().any(|known| parts(known) == parts(c))
            && !current.iter().any(|known| known.text == c.text)
    };
    let settle = |c: Criterion| match is_stale(&c) {
        true => Criterion { given: None, when: None, then: None, ..c },
        false => c,
    };
    edited.into_iter().map(settle).collect()
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
    let active = members::find_active(conn, id)?;
    Ok(active.is_none().then(|| Reference::ActiveMember.unknown("/owner_id")))
}

fn refuse(wrong: Vec<FieldError>) -> Result<()> {
    if wrong.is_empty() { Ok(()) } else { Err(Error::invalid(wrong)) }
}
