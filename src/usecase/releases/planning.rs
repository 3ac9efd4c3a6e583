//! The life cycle of releases: create, fill, freeze, ship, roll back, yank.

use serde_json::{Value, json};

use crate::domain::base::decode;
use crate::domain::base::{Id, Reference, Time, check_version};
use crate::domain::feedback::Kind;
use crate::domain::releases::{NewRelease, NewReleaseStories, Release, ReleaseEdit, ReleaseState, Section};
use crate::domain::stories::stage::Stage;
use crate::domain::stories::texts;
use crate::domain::stories::{Story, Texts};
use crate::domain::team::{DEFAULT_PRODUCT, Product};
use crate::error::{Code, Error, FieldError, Result};
use crate::store::releases::left_behind;
use crate::store::stories::{evidence, texts as stored_texts};
use crate::store::team::products;
use crate::store::{Conn, Tx, releases, stories};
use crate::usecase::stories::{gates, quoting};

/// Creates a planned release.
///
/// # Errors
/// 409 where the name is taken, 422 for an unknown product, or a date on which no train leaves.
pub fn create(tx: &mut Tx<'_>, input: &NewRelease) -> Result<Release> {
    let product = product_of(tx.conn, input.product.as_deref())?;
    check_train(&product, input.train_at)?;
    let name = input.name.trim();
    check_name(tx.conn, product.id, name)?;
    let release = Release {
        planned_for: input.planned_for.or(input.train_at),
        notes: input.notes.clone(),
        ..planned(tx.now, product.id, name, input.train_at)
    };
    insert(tx, &release)?;
    Ok(release)
}

/// A planned release with only a name and a train.
pub(in crate::usecase) fn planned(now: Time, product: Id, name: &str, train_at: Option<Time>) -> Release {
    Release {
        id: Id::next(),
        product_id: product,
        name: name.to_owned(),
        state: ReleaseState::Planned,
        planned_for: train_at,
        train_at,
        notes: None,
        texts: Texts::new(),
        reason: None,
        frozen_at: None,
        shipped_at: None,
        deployed_at: None,
        ended_at: None,
        held_deployment_id: None,
        stories: Vec::new(),
        version: 1,
        created_at: now,
        updated_at: now,
    }
}

pub(in crate::usecase) fn insert(tx: &mut Tx<'_>, release: &Release) -> Result<()> {
    releases::rows::insert(tx, release)?;
    tx.event("release.created", release.id, Some(release.product_id), json!({ "train_at": release.train_at }));
    Ok(())
}

/// The product that an input names; without a name, the default product.
///
/// # Errors
/// 422 where there is none with this key or id.
pub fn product_of(conn: &mut Conn, named: Option<&str>) -> Result<Product> {
    match products::named(conn, named)? {
        Some(product) => Ok(product),
        None => products::get(conn, DEFAULT_PRODUCT),
    }
}

fn check_train(product: &Product, train_at: Option<Time>) -> Result<()> {
    let calendar = product.calendar();
    let leaves = |at| product.settings.train.as_ref().is_some_and(|train| train.leaves_at(at, &calendar));
    match train_at {
        Some(at) if !leaves(at) => {
            let detail = "is no departure of the product's train; /v1/products/{id}/trains lists them";
            Err(Error::field("/train_at", "unknown", detail))
        }
        _ => Ok(()),
    }
}

fn check_name(conn: &mut Conn, product: Id, name: &str) -> Result<()> {
    match releases::rows::by_name(conn, product, name)? {
        Some(other) => Err(Error::new(Code::Conflict, format!("Release {other} has this name already."))),
        None => Ok(()),
    }
}

pub(in crate::usecase) fn lock(tx: &mut Tx<'_>, id: Id, if_match: Option<i32>) -> Result<Release> {
    let release = releases::rows::lock(tx, id)?;
    check_version(if_match, release.version)?;
    Ok(release)
}

pub(in crate::usecase) fn conflict<T>(detail: impl Into<String>) -> Result<T> {
    Err(Error::new(Code::Conflict, detail))
}

/// Writes a changed release.
pub(in crate::usecase) fn save(tx: &mut Tx<'_>, release: Release) -> Result<Release> {
    let release = Release { version: release.version + 1, updated_at: tx.now, ..release };
    releases::rows::update(tx, &release)?;
    releases::rows::get(tx.conn, release.id)
}

/// Changes a release by a merge patch.
///
/// # Errors
/// 404, 409 where the name is taken, 412 where `if_match` is no longer its version, 422 with every wrong field.
pub fn edit(tx: &mut Tx<'_>, id: Id, if_match: Option<i32>, patch: &Value) -> Result<Release> {
    let current = lock(tx, id, if_match)?;
    let before = ReleaseEdit::from(&current);
    let edit: ReleaseEdit = decode::patched(&before, patch)?;
    let fields = decode::changed_fields(&before, &edit);
    if fields.is_empty() {
        return Ok(current);
    }
    let wrong = texts::wrong_languages(&edit.texts);
    if !wrong.is_empty() {
        return Err(Error::invalid(wrong));
    }
    if edit.train_at != current.train_at {
        if !current.state.is_open() {
            return Err(Error::field("/train_at", "not_allowed", "can't be changed once the release is shipped"));
        }
        check_train(&products::get(tx.conn, current.product_id)?, edit.train_at)?;
    }
    let name = edit.name.trim().to_owned();
    if name != current.name {
        check_name(tx.conn, current.product_id, &name)?;
    }
    let (planned_for, train_at, notes) = (edit.planned_for, edit.train_at, edit.notes);
    let said = texts::given(edit.texts);
    if said != current.texts {
        stored_texts::set_of_release(tx, id, &said)?;
    }
    let mut data = json!({ "fields": fields });
    for (field, from, to) in
        [("planned_for", current.planned_for, planned_for), ("train_at", current.train_at, train_at)]
    {
        if from != to {
            data[field] = json!({ "from": from, "to": to });
        }
    }
    tx.event("release.updated", id, Some(current.product_id), data);
    let edited = Release { name, planned_for, train_at, notes, texts: said, ..current };
    if !edited.state.is_open() {
        quoting::check_release(tx.conn, &edited)?;
    }
    save(tx, edited)
}

/// Adds stories to a release; for stories it already has, changes the changelog entry.
///
/// # Errors
/// 404, 409 where the release is frozen or shipped, or a story is in another unshipped release, 412, 422 for stories
/// that are unknown or not in development.
pub fn add_stories(tx: &mut Tx<'_>, id: Id, if_match: Option<i32>, input: &NewReleaseStories) -> Result<Release> {
    let release = lock(tx, id, if_match)?;
    let product = products::get(tx.conn, release.product_id)?;
    let named = named_stories(tx.conn, &product, input)?;
    if input.entry.is_some() && named.len() > 1 {
        return Err(Error::field("/entry", "not_allowed", "can be given for a single story only"));
    }
    let ids: Vec<Id> = named.iter().map(|(_, id)| *id).collect();
    let found = stories::rows::lock(tx, &ids)?;
    let is_aboard = |story: Id| release.aboard().find(|row| row.story_id == story);
    let new: Vec<Id> = ids.iter().copied().filter(|id| is_aboard(*id).is_none()).collect();
    if !new.is_empty() {
        check_new(tx.conn, &release, &found, &named, &new)?;
    }
    for story in &found {
        let present = is_aboard(story.id);
        let section = match input.section.or(present.map(|row| row.section)) {
            Some(section) => section,
            None => section_of(tx.conn, story.id)?,
        };
        let entry = input.entry.as_deref().or(present.and_then(|row| row.entry.as_deref()));
        releases::rows::put_story(tx, id, story.id, section, entry)?;
        left_behind::remove(tx, story.id)?;
        let kind = if present.is_some() { "release.updated" } else { "release.story_added" };
        tx.event(kind, id, Some(product.id), json!({ "story_id": story.id, "section": section }));
        // The changelog of a shipped release is public, so the new entry counts from now.
        if input.entry.is_some() && !release.state.is_open() {
            quoting::check(tx, story)?;
        }
    }
    save(tx, release)
}

/// The stories that an input names, each with its JSON Pointer in the input.
fn named_stories(conn: &mut Conn, product: &Product, input: &NewReleaseStories) -> Result<Vec<(String, Id)>> {
    let mut named: Vec<(String, Id)> =
        input.story_ids.iter().enumerate().map(|(n, id)| (format!("/story_ids/{n}"), *id)).collect();
    let mut wrong = Vec::new();
    let number = |text: &str| -> Option<i32> {
        let (key, number) = text.split_once('-')?;
        number.parse().ok().filter(|_| key == product.key)
    };
    let numbers: Vec<i32> = input.numbers.iter().filter_map(|text| number(text)).collect();
    let known = stories::rows::numbered(conn, product.id, &numbers)?;
    for (n, text) in input.numbers.iter().enumerate() {
        let pointer = format!("/numbers/{n}");
        match number(text).and_then(|number| known.get(&number)) {
            Some(id) => named.push((pointer, *id)),
            None => wrong.push(FieldError::new(pointer, "unknown", "is not the number of a story of this product")),
        }
    }
    if named.is_empty() && wrong.is_empty() {
        wrong.push(FieldError::new("/story_ids", "required", "is required where no numbers are given"));
    }
    let mut seen = std::collections::HashSet::new();
    named.retain(|(_, id)| seen.insert(*id));
    if wrong.is_empty() { Ok(named) } else { Err(Error::invalid(wrong)) }
}

/// Refuses stories that can't be added to the release.
fn check_new(conn: &mut Conn, release: &Release, found: &[Story], named: &[(String, Id)], new: &[Id]) -> Result<()> {
    let mut wrong = Vec::new();
    for (pointer, id) in named {
        let refusal = match found.iter().find(|story| story.id == *id) {
            None => {
                wrong.push(Reference::Story.unknown(pointer.clone()));
                continue;
            }
            Some(story) if story.product_id != release.product_id => {
                Some(("other_product", "is a story of another product".to_owned()))
            }
            Some(story) if new.contains(id) && !story.stage.in_development() => {
                let detail = format!("is in `{}`; a release takes stories from `accepted` to `ready`", story.stage);
                Some(("stage", detail))
            }
            Some(_) => None,
        };
        wrong.extend(refusal.map(|(code, detail)| FieldError::new(pointer, code, detail)));
    }
    if !wrong.is_empty() {
        return Err(Error::invalid(wrong));
    }
    match release.state {
        ReleaseState::Planned => {}
        ReleaseState::Frozen => return conflict("The release is frozen. Unfreeze it, with a reason, to add stories."),
        state => return conflict(format!("The release is `{state}`: it takes no more stories.")),
    }
    let elsewhere = releases::rows::open_of(conn, new)?;
    let number = |id: Id| found.iter().find(|story| story.id == id).map_or("A story", |story| story.number.as_str());
    let elsewhere: Vec<String> =
        elsewhere.iter().map(|(story, _, name)| format!("{} is in release {name}", number(*story))).collect();
    if elsewhere.is_empty() { Ok(()) } else { conflict(format!("{}. Take it out first.", elsewhere.join("; "))) }
}

/// The changelog section of a story. If bugs and complaints outnumber requests and questions, it is `fixed` (at least
/// as many bugs as complaints) or `changed`; otherwise, also where kinds are unknown, it is `added`.
fn section_of(conn: &mut Conn, story: Id) -> Result<Section> {
    let kinds = evidence::kinds(conn, story)?;
    let count = |kind: Kind| kinds.get(&kind).copied().unwrap_or_default();
    let (bugs, complaints) = (count(Kind::Bug), count(Kind::Complaint));
    let wishes = count(Kind::Request) + count(Kind::Question);
    Ok(match bugs + complaints > wishes {
        true if bugs >= complaints => Section::Fixed,
        true => Section::Changed,
        false => Section::Added,
    })
}

/// Removes a story from a release that is not shipped.
///
/// # Errors
/// 404, 409 once it is shipped, 412.
pub fn remove_story(tx: &mut Tx<'_>, id: Id, story: Id, if_match: Option<i32>) -> Result<Release> {
    let release = lock(tx, id, if_match)?;
    if !release.stories.iter().any(|row| row.story_id == story) {
        return Err(Error::new(Code::NotFound, "There is no story with this id in the release."));
    }
    if !release.state.is_open() {
        return conflict(format!("The release is `{}`: its stories can't be removed any more.", release.state));
    }
    releases::rows::remove_story(tx, id, story)?;
    tx.event("release.story_removed", id, Some(release.product_id), json!({ "story_id": story }));
    save(tx, release)
}

/// Freezes a release: no more stories can be added.
///
/// # Errors
/// 404, 409 where it is not planned, 412.
pub fn freeze(tx: &mut Tx<'_>, id: Id, if_match: Option<i32>) -> Result<Release> {
    let release = lock(tx, id, if_match)?;
    if release.state != ReleaseState::Planned {
        return conflict(format!("The release is `{}`; only a planned one can be frozen.", release.state));
    }
    tx.event("release.frozen", id, Some(release.product_id), json!({}));
    save(tx, Release { state: ReleaseState::Frozen, frozen_at: Some(tx.now), ..release })
}

/// Makes a frozen release accept stories again, with a reason.
///
/// # Errors
/// 404, 409 where it is not frozen, 412.
pub fn unfreeze(tx: &mut Tx<'_>, id: Id, if_match: Option<i32>, reason: &str) -> Result<Release> {
    let release = lock(tx, id, if_match)?;
    if release.state != ReleaseState::Frozen {
        return conflict(format!("The release is `{}`, not frozen.", release.state));
    }
    tx.event("release.unfrozen", id, Some(release.product_id), json!({}));
    let reason = Some(reason.to_owned());
    save(tx, Release { state: ReleaseState::Planned, frozen_at: None, reason, ..release })
}

/// The stories of a release that can't be released now, each with the reason.
pub fn unready(conn: &mut Conn, release: &Release) -> Result<Vec<(Id, String)>> {
    let ids: Vec<Id> = release.aboard().map(|row| row.story_id).collect();
    let mut unready = Vec::new();
    for story in stories::rows::get_many(conn, &ids)?.into_iter().filter(|story| !story.stage.is_shipped()) {
        if story.stage != Stage::Ready {
            unready.push((story.id, format!("{} is in `{}`", story.number, story.stage)));
            continue;
        }
        let open = gates::open(conn, &story, Stage::Released)?;
        if !open.is_empty() {
            let (keys, needed) = gates::missing(&open);
            let missing = keys.into_iter().chain(needed).collect::<Vec<_>>().join(", ");
            unready.push((story.id, format!("{} waits at its gate for {missing}", story.number)));
        }
    }
    Ok(unready)
}
