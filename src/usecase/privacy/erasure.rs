//! Erasure of a person: their name, addresses and texts are removed from every table and index; ids and counts stay.
//!
//! Their feedback keeps its row, theme and date, so that counts stay correct, but loses its text. Texts derived from it
//! (labels, keywords, quotes, drafts) are removed and generated again from other customers' feedback. Texts of the team
//! stay, except where they name or quote the person. The external ids of their feedback are stored as hashes, so that
//! importing the same file again does not bring the texts back.

use std::collections::{HashMap, HashSet};

use serde_json::{Value, json};

use super::erased_texts;
use crate::domain::base::{Id, Paging, check_version};
use crate::domain::feedback::{CustomerRecord, ERASED, FeedbackQuery, FeedbackRecord, FieldsText, State};
use crate::domain::privacy::quoting::Traces;
use crate::domain::stories::Texts;
use crate::domain::stories::stage::Stage;
use crate::error::Result;
use crate::store::Tx;
use crate::store::feedback;
use crate::store::feedback::{acts, customers};
use crate::store::privacy::erase::{self, StoryWords, ThemeWords};
use crate::store::privacy::{consents, erase_texts, person_requests};
use crate::store::stories::{facts, llm_drafts, story_items, text_checks, texts};
use crate::usecase::closure::settling;
use crate::usecase::integrations::tracker;
use crate::usecase::operations::telling::sending;
use crate::usecase::team::{form_drafts, notes};

/// The placeholder until the engine has generated new texts.
const SOON: &str = "(being renewed)";

/// Erases a customer, together with the customers merged into them. The id of a merged customer means the one they were
/// merged into. A repeated call changes nothing.
///
/// # Errors
/// 404, 412.
pub fn customer(tx: &mut Tx<'_>, id: Id, if_match: Option<i32>) -> Result<()> {
    let named = customers::row(tx.conn, id)?;
    check_version(if_match, named.version)?;
    let person = named.person();
    let mut rows = customers::merged_into(tx.conn, person)?;
    rows.push(customers::row(tx.conn, person)?);
    if rows.iter().all(|row| row.erased_at.is_some()) {
        return Ok(());
    }
    let items = feedback::rows::ids_of_customer(tx.conn, person)?;
    let said = feedback::rows::rows(tx.conn, &items)?;
    let identities = erased_texts::identities(tx, &rows)?;
    let traces = traces_of(&rows, &said, &identities);
    let themes = themes_of(tx, &said, &items)?;
    let theme_ids: Vec<Id> = themes.iter().copied().collect();
    let mut stories: HashSet<Id> = erase::stories_on(tx.conn, &theme_ids)?.into_iter().collect();
    stories.extend(story_items::decided_about(tx.conn, &[], &items)?);

    for row in &said {
        erase_feedback(tx, row, &traces)?;
    }
    erase::vectors(tx, &items)?;
    acts::forget(tx, &items)?;
    for row in &rows {
        erase_row(tx, row)?;
        settling::forget(tx, row.id)?;
    }
    let mut theirs = OnlyTheirs { traces: &traces, known: HashMap::new() };
    clear_themes(tx, &traces, &themes)?;
    let mut reworded = clear_stories(tx, &mut theirs, &stories, &items)?;
    clear_facts(tx, &traces, &items)?;
    clear_corrections(tx, &mut theirs)?;
    let people: Vec<Id> = rows.iter().map(|row| row.id).collect();
    let notes = notes::forget(tx, &people, &items)?;
    sending::forget(tx, &people, &items)?;
    consents::forget(tx, &people)?;
    person_requests::forget(tx, &people)?;
    let shown = clear_written(tx, &traces, &people)?;
    // An issue may still contain texts that its story no longer has.
    reworded.extend(stories.iter().copied().chain(shown.iter().copied()));
    take_back_texts(tx, reworded)?;

    let mentioned = people.iter().copied().chain(shown).chain(notes);
    let mentioned: Vec<Id> = mentioned.chain(theme_ids).chain(stories).chain(items.iter().copied()).collect();
    erased_texts::clear(tx, &traces, &people, &mentioned)?;
    let theirs: Vec<Id> = people.iter().chain(&items).copied().collect();
    form_drafts::forget(tx, &traces, &theirs)?;
    erased_texts::note(tx, &rows, &identities)?;
    tx.event("customer.erased", person, None, json!({ "feedback": items.len() }));
    Ok(())
}

fn traces_of(rows: &[CustomerRecord], said: &[FeedbackRecord], identities: &[(String, String)]) -> Traces {
    let mut traces = Traces::default();
    rows.iter().filter_map(|row| row.name.as_deref()).for_each(|name| traces.name(name));
    rows.iter().filter_map(|row| row.email.as_ref()).for_each(|email| traces.address(&email.text));
    // Texts quote the customer's own words, which differ from the stored text where that has markup.
    for row in said {
        traces.said(&row.words());
        traces.said(&row.own_words());
    }
    // A short number is not specific enough to search for.
    let telling = |id: &&String| id.chars().count() >= 6 && id.chars().any(char::is_alphabetic);
    identities.iter().map(|(_, id)| id).filter(telling).for_each(|id| traces.name(id));
    traces
}

/// The themes whose texts may come from these items: their current and earlier themes.
pub(in crate::usecase) fn themes_of(tx: &mut Tx<'_>, said: &[FeedbackRecord], items: &[Id]) -> Result<HashSet<Id>> {
    let mut themes: HashSet<Id> = said.iter().filter_map(|row| row.theme_id).collect();
    themes.extend(erase::earlier_themes(tx.conn, items)?);
    Ok(themes)
}

pub(in crate::usecase) fn erase_feedback(tx: &mut Tx<'_>, before: &FeedbackRecord, traces: &Traces) -> Result<()> {
    let (id, product) = (before.id, before.product_id);
    if let Some(external_id) = &before.external_id {
        erase::remember(tx, &before.origin, external_id, id)?;
    }
    let mut row = FeedbackRecord {
        text: ERASED.to_owned(),
        title: None,
        external_id: None,
        url: None,
        tags: Vec::new(),
        fields: FieldsText::default(),
        dismissed_reason: None,
        version: before.version + 1,
        updated_at: tx.now,
        ..before.clone()
    };
    if traces.in_text(&row.origin) {
        row.origin = ERASED.to_owned();
    }
    // Without text it can't be grouped.
    if row.theme_id.is_none() {
        row.state = State::Dismissed;
        row.set_aside = None;
    }
    feedback::rows::update(tx, before, row)?;
    tx.event("feedback.erased", id, Some(product), json!({}));
    Ok(())
}

fn erase_row(tx: &mut Tx<'_>, row: &CustomerRecord) -> Result<()> {
    customers::delete_identities(tx, row.id)?;
    let now = tx.now;
    let erased = CustomerRecord {
        name: None,
        email: None,
        erased_at: Some(now),
        updated_at: now,
        version: row.version + 1,
        ..row.clone()
    };
    customers::update(tx, erased)
}

/// Clears the engine's texts of the affected themes, and every label set by a person that names or quotes the erased
/// one.
pub(in crate::usecase) fn clear_themes(tx: &mut Tx<'_>, traces: &Traces, touched: &HashSet<Id>) -> Result<()> {
    for theme in erase::theme_words(tx.conn)? {
        let label_goes = !theme.label_set || traces.in_text(&theme.label);
        let mut labels = theme.labels.clone();
        labels.retain(|_, label| label.set && !traces.in_text(&label.text));
        let one_goes = theme.labels.iter().any(|(language, label)| label.set && !labels.contains_key(language));
        if touched.contains(&theme.id) || (theme.label_set && label_goes) || one_goes {
            let (label, label_set) =
                if label_goes { (SOON.to_owned(), false) } else { (theme.label.clone(), theme.label_set) };
            erase::clear_theme(tx, &ThemeWords { label, label_set, labels, ..theme })?;
        }
    }
    Ok(())
}

/// Recognises texts that can only come from the erased person, because nobody else used a word in them.
pub(in crate::usecase) struct OnlyTheirs<'a> {
    pub traces: &'a Traces,
    pub known: HashMap<String, bool>,
}

impl OnlyTheirs<'_> {
    fn in_text(&mut self, tx: &mut Tx<'_>, text: &str) -> Result<bool> {
        if self.traces.in_text(text) {
            return Ok(true);
        }
        for word in self.traces.shared_words(text) {
            if !self.others_use(tx, &word)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn others_use(&mut self, tx: &mut Tx<'_>, word: &str) -> Result<bool> {
        if let Some(known) = self.known.get(word) {
            return Ok(*known);
        }
        let query = FeedbackQuery { q: Some(word.to_owned()), ..FeedbackQuery::default() };
        let found = feedback::list::list(tx.conn, &query, &Paging::new(Some(1), None, String::new())?)?;
        self.known.insert(word.to_owned(), !found.data.is_empty());
        Ok(!found.data.is_empty())
    }
}

/// Has the texts of these stories checked again before they are shown, and written again at the tracker.
pub(in crate::usecase) fn take_back_texts(tx: &mut Tx<'_>, stories: HashSet<Id>) -> Result<()> {
    let mut stories: Vec<Id> = stories.into_iter().collect();
    stories.sort_unstable();
    for story in &stories {
        text_checks::forget(tx, *story)?;
    }
    tracker::reword(tx, &stories)
}

/// Clears the texts of stories; answers the stories that changed.
pub(in crate::usecase) fn clear_stories(
    tx: &mut Tx<'_>,
    theirs: &mut OnlyTheirs<'_>,
    touched: &HashSet<Id>,
    items: &[Id],
) -> Result<HashSet<Id>> {
    let mut changed = HashSet::new();
    let items: HashSet<Id> = items.iter().copied().collect();
    for story in erase::story_words(tx.conn)? {
        let on_their_theme = touched.contains(&story.id);
        let cleared =
            if on_their_theme && story.drafted && story.stage == Stage::Draft {
                blank(&story)
            } else {
                let drafted = on_their_theme && story.drafted;
                without(&story, &items, |text| {
                    if drafted { theirs.in_text(tx, text) } else { Ok(theirs.traces.in_text(text)) }
                })?
            };
        if cleared != story {
            erase::rewrite_story(tx, &cleared)?;
            changed.insert(cleared.id);
            if cleared.title == SOON {
                llm_drafts::give_back(tx, cleared.id)?;
                texts::set_of_story(tx, cleared.id, &Texts::new())?;
            }
        }
    }
    Ok(changed)
}

/// Removes the person's feedback, and words that come from them, from the facts of all stories.
pub(in crate::usecase) fn clear_facts(tx: &mut Tx<'_>, traces: &Traces, items: &[Id]) -> Result<()> {
    let items: HashSet<Id> = items.iter().copied().collect();
    for (story, known) in facts::all(tx.conn)? {
        let left = known.without(&items, |text| traces.in_text(text));
        if left != known {
            facts::set(tx, story, &left)?;
        }
    }
    Ok(())
}

/// An unedited draft without texts: it is drafted again from other customers' feedback.
fn blank(story: &StoryWords) -> StoryWords {
    StoryWords {
        title: SOON.to_owned(),
        as_a: String::new(),
        i_want: String::new(),
        so_that: String::new(),
        criteria: Vec::new(),
        in_scope: Vec::new(),
        out_of_scope: Vec::new(),
        ..story.clone()
    }
}

/// The story without texts that come from the person.
fn without(
    story: &StoryWords,
    items: &HashSet<Id>,
    mut theirs: impl FnMut(&str) -> Result<bool>,
) -> Result<StoryWords> {
    let mut story = story.clone();
    story.criteria.retain(|criterion| !criterion.cites(items));
    for text in [&mut story.title, &mut story.as_a, &mut story.i_want, &mut story.so_that] {
        if theirs(text)? {
            *text = ERASED.to_owned();
        }
    }
    if let Some(reason) = &mut story.stage_reason
        && theirs(reason)?
    {
        *reason = ERASED.to_owned();
    }
    for criterion in &mut story.criteria {
        let mut quotes = Vec::new();
        for quote in std::mem::take(&mut criterion.quotes) {
            if !theirs(&quote.text)? {
                quotes.push(quote);
            }
        }
        criterion.quotes = quotes;
        for part in [&mut criterion.given, &mut criterion.when, &mut criterion.then] {
            if part.as_deref().map_or(Ok(false), &mut theirs)? {
                *part = None;
            }
        }
        if theirs(&criterion.text)? {
            criterion.text = ERASED.to_owned();
        }
    }
    for line in story.in_scope.iter_mut().chain(&mut story.out_of_scope) {
        if theirs(line)? {
            *line = ERASED.to_owned();
        }
    }
    Ok(story)
}

/// Clears the person's trials, and texts of the team about trials, gates, releases and stories that name or quote the
/// person; answers the releases and stories that show these texts.
pub(in crate::usecase) fn clear_written(tx: &mut Tx<'_>, traces: &Traces, people: &[Id]) -> Result<Vec<Id>> {
    use erase_texts::TextPlace::{
        Entry, NotesIn, ReasonIn, ReleaseNotes, ReleaseReason, StoryEntry, StoryReason, StoryTitle,
    };
    erase_texts::clear_trials(tx, people)?;
    let mut shown = Vec::new();
    for (place, text) in erase_texts::all(tx.conn)? {
        if traces.in_text(&text) {
            let shown_in = match &place {
                Entry(_, id) | StoryTitle(id, _) | StoryEntry(id, _) | StoryReason(id, _) => Some(*id),
                ReleaseNotes(id) | ReleaseReason(id) | NotesIn(id, _) | ReasonIn(id, _) => Some(*id),
                _ => None,
            };
            let release = if let Entry(release, _) = &place { Some(*release) } else { None };
            erase_texts::clear(tx, place)?;
            shown.extend(shown_in);
            shown.extend(release);
        }
    }
    Ok(shown)
}

/// Clears old labels and reasons in corrections, because undoing a correction would bring them back.
pub(in crate::usecase) fn clear_corrections(tx: &mut Tx<'_>, theirs: &mut OnlyTheirs<'_>) -> Result<()> {
    for (id, mut details) in erase::correction_details(tx.conn)? {
        if clear_texts(tx, theirs, &mut details)? {
            erase::rewrite_correction(tx, id, &details)?;
        }
    }
    Ok(())
}

fn clear_texts(tx: &mut Tx<'_>, theirs: &mut OnlyTheirs<'_>, value: &mut Value) -> Result<bool> {
    let mut changed = false;
    match value {
        Value::String(text) if theirs.in_text(tx, text)? => {
            *text = SOON.to_owned();
            changed = true;
        }
        Value::Array(items) => {
            for item in items {
                changed |= clear_texts(tx, theirs, item)?;
            }
        }
        Value::Object(fields) => {
            for (_, field) in fields {
                changed |= clear_texts(tx, theirs, field)?;
            }
        }
        _ => {}
    }
    Ok(changed)
}
