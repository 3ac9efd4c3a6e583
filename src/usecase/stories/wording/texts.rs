//! Published texts of stories and releases, in the language of the reader.

use std::collections::{HashMap, HashSet};

use super::quoting;
use crate::domain::base::Id;
use crate::domain::privacy::quoting::mark_of;
use crate::domain::releases::{ChangelogRelease, Release};
use crate::domain::stories::texts;
use crate::domain::stories::{Criterion, Story, Wording};
use crate::engine::is_numbered;
use crate::error::Result;
use crate::store::stories::text_checks;
use crate::store::{Conn, stories};

/// The texts of a story for a customer who reads this language (`None`: unknown), with its changelog entry, given the
/// marks of the texts that may be published. `fallback` says that there is no text in their language, so they get another
/// one. Texts that may quote a customer are left out; such a title is replaced by a neutral one.
pub(in crate::usecase) fn of_cleared(
    story: &Story,
    entry: Option<&str>,
    wanted: Option<&str>,
    cleared: &HashSet<String>,
) -> Wording {
    harmless(story, story.in_language(entry, wanted), cleared, wanted)
}

/// The wording without texts that are not marked as checked.
fn harmless(story: &Story, wording: Wording, cleared: &HashSet<String>, wanted: Option<&str>) -> Wording {
    let is_clear = |text: &String| cleared.contains(&mark_of(text));
    let entry = wording.entry.filter(is_clear);
    let reason = wording.reason.filter(is_clear);
    let language = wanted.map(str::to_owned).or_else(|| wording.language.clone());
    // A numbered title ("Problem 51") only stands in where customers share no word; it means nothing to a customer.
    match is_clear(&wording.title) && !is_numbered(&wording.title) {
        true => Wording { entry, reason, ..wording },
        false => Wording {
            title: format!("{} ({})", texts::neutral(language.as_deref()), story.number),
            language,
            entry,
            reason,
            fallback: false,
        },
    }
}

/// The title of a story for publication, in this language if available (`None`: unchanged); a neutral one if it quotes
/// a customer. Also for stories that may not have been checked yet.
pub(in crate::usecase) fn title_of(conn: &mut Conn, story: &Story, wanted: Option<&str>) -> Result<String> {
    let wording = story.in_language(None, wanted);
    let mut cleared = text_checks::of_stories(conn, &[story.id])?.remove(&story.id).unwrap_or_default().cleared;
    if !cleared.contains(&mark_of(&wording.title)) {
        cleared = quoting::clearance_of(conn, story)?.cleared;
    }
    Ok(harmless(story, wording, &cleared, wanted).title)
}

/// A story for a tracker: without texts that may quote a customer (the title is replaced by a neutral one), and without
/// the text of criteria that cite feedback.
pub fn for_tracker(conn: &mut Conn, story: &Story) -> Result<Story> {
    let cleared = text_checks::of_stories(conn, &[story.id])?.remove(&story.id).unwrap_or_default().cleared;
    let is_clear = |text: &str| cleared.contains(&mark_of(text));
    let said = |text: &String| if is_clear(text) { text.clone() } else { String::new() };
    let lines = |lines: &[String]| lines.iter().filter(|line| is_clear(line)).cloned().collect();
    let criterion = |criterion: &Criterion| match criterion.feedback_ids.is_empty() {
        true => is_clear(&criterion.text).then(|| criterion.clone()),
        false => Some(Criterion { text: String::new(), ..criterion.clone() }),
    };
    let wording = harmless(story, story.in_language(None, None), &cleared, None);
    Ok(Story {
        title: wording.title,
        as_a: said(&story.as_a),
        i_want: said(&story.i_want),
        so_that: said(&story.so_that),
        in_scope: lines(&story.in_scope),
        out_of_scope: lines(&story.out_of_scope),
        acceptance_criteria: story.acceptance_criteria.iter().filter_map(criterion).collect(),
        ..story.clone()
    })
}

/// Releases with the texts of the changelog for readers of this language (`None`: the team's language).
pub fn of_releases(conn: &mut Conn, releases: &[Release], wanted: Option<&str>) -> Result<Vec<ChangelogRelease>> {
    let ids: HashSet<Id> = releases.iter().flat_map(|release| release.aboard().map(|row| row.story_id)).collect();
    let ids: Vec<Id> = ids.into_iter().collect();
    let (mut known, mut checks) = (HashMap::new(), HashMap::new());
    for ids in ids.chunks(500) {
        known.extend(stories::rows::get_many(conn, ids)?.into_iter().map(|story| (story.id, story)));
        checks.extend(text_checks::of_stories(conn, ids)?);
    }
    let line = |row: &crate::domain::releases::ReleaseStory| -> String {
        let (Some(story), checked) = (known.get(&row.story_id), checks.get(&row.story_id)) else {
            return row.line().to_owned();
        };
        let own = text_checks::Checked::default();
        let cleared = &checked.unwrap_or(&own).cleared;
        let wording = story.in_language(row.entry.as_deref(), wanted);
        let said = wording.entry.as_ref().unwrap_or(&wording.title);
        match cleared.contains(&mark_of(said)) && !is_numbered(said) {
            true => said.clone(),
            false => texts::neutral(wanted.or(wording.language.as_deref())),
        }
    };
    let shown = releases.iter().map(|release| ChangelogRelease { ..ChangelogRelease::new(release, wanted, line) });
    Ok(shown.collect())
}
