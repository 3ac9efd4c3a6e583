//! Changelogs: shipped releases, with quotes of customers.

use std::collections::{HashMap, HashSet};

use crate::domain::base::{Id, Page, Paging};
use crate::domain::feedback::own_words::own_text;
use crate::domain::feedback::{ERASED, State};
use crate::domain::releases::{ChangelogRelease, Quote};
use crate::error::Result;
use crate::store::stories::{evidence, frozen_evidence};
use crate::store::{Conn, feedback, releases, stories};
use crate::usecase::stories::texts;

/// The most quotes per entry.
const QUOTES: usize = 3;

/// A page of a product's changelog for readers of this language, the latest release first, without quotes.
///
/// # Errors
/// 422 for a wrong cursor.
pub fn page(conn: &mut Conn, product: Id, language: Option<&str>, paging: &Paging) -> Result<Page<ChangelogRelease>> {
    let found = releases::rows::shipped(conn, product, paging)?;
    let data = texts::of_releases(conn, &found.data, language)?;
    Ok(Page { data, next_cursor: found.next_cursor })
}

/// The whole changelog of a product for readers of this language, the latest release first, without quotes.
pub fn whole(conn: &mut Conn, product: Id, language: Option<&str>) -> Result<Vec<ChangelogRelease>> {
    let mut all = Vec::new();
    let mut cursor = None;
    loop {
        let paging = Paging::new(Some(200), cursor.as_deref(), "changelog".to_owned())?;
        let page = page(conn, product, language, &paging)?;
        all.extend(page.data);
        cursor = page.next_cursor;
        if cursor.is_none() {
            return Ok(all);
        }
    }
}

/// Adds quotes to each entry: first the feedback that the story's criteria cite, then representative feedback of its
/// themes; only feedback from before the release.
pub fn quote(conn: &mut Conn, changelog: &mut [ChangelogRelease]) -> Result<()> {
    let entries = || changelog.iter().flat_map(|release| &release.sections).flat_map(|section| &section.entries);
    let ids: Vec<Id> = entries().map(|entry| entry.story_id).collect();
    let found = stories::rows::get_many(conn, &ids)?;
    let themes: HashSet<Id> = found.iter().flat_map(|story| story.theme_ids.iter().copied()).collect();
    let themes: Vec<Id> = themes.into_iter().collect();
    let shown: HashMap<Id, Vec<Id>> =
        evidence::of_themes(conn, &themes)?.into_iter().map(|theme| (theme.id, theme.quotes)).collect();
    let frozen = frozen_evidence::frozen(conn, &ids)?;
    let candidates = |story: &crate::domain::stories::Story| -> Vec<Id> {
        let known = frozen.get(&story.id);
        let cited = story.acceptance_criteria.iter().flat_map(|criterion| criterion.feedback_ids.iter().copied());
        let mut seen = HashSet::new();
        let shown = story.theme_ids.iter().filter_map(|theme| shown.get(theme)).flatten().copied();
        cited
            .chain(shown)
            .filter(|id| known.is_none_or(|known| known.contains(id)) && seen.insert(*id))
            .take(QUOTES * 4)
            .collect()
    };
    let by_story: HashMap<Id, Vec<Id>> = found.iter().map(|story| (story.id, candidates(story))).collect();
    let wanted: Vec<Id> = by_story.values().flatten().copied().collect();
    let mut said: HashMap<Id, String> = HashMap::new();
    for wanted in wanted.chunks(500) {
        let rows = feedback::rows::rows(conn, wanted)?.into_iter();
        let sayable = rows.filter(|row| row.state != State::Dismissed && row.text != ERASED);
        said.extend(sayable.map(|row| (row.id, own_text(&row.text).into_owned())));
    }
    let sections = changelog.iter_mut().flat_map(|release| &mut release.sections);
    for entry in sections.flat_map(|section| &mut section.entries) {
        let candidates = by_story.get(&entry.story_id).map(Vec::as_slice).unwrap_or_default();
        let quotes = candidates.iter().filter_map(|id| Some(Quote { feedback_id: *id, text: said.get(id)?.clone() }));
        entry.quotes = quotes.take(QUOTES).collect();
    }
    Ok(())
}
