//! What a report says of the work: the backlog, what was shipped with who heard back, and overdue promises.

use std::collections::HashMap;

use super::composing_frame::{Composing, count_events};
use crate::domain::base::{Id, Money, Paging};
use crate::domain::closure::ClosureState;
use crate::domain::releases::ChangelogEntry;
use crate::domain::reports::content::{ReportContent, ReportedEntry, ReportedPromise, ReportedRelease, ReportedStory};
use crate::domain::reports::report::ReportSection;
use crate::domain::search::several::Several;
use crate::domain::stories::stage::Stage;
use crate::domain::stories::{Story, StoryQuery, StorySort};
use crate::error::Result;
use crate::store::Conn;
use crate::store::reports::{facts, heard};
use crate::store::stories::weighted;
use crate::store::team::members;
use crate::store::{releases, stories};
use crate::usecase::stories::texts;

/// The most stories of the backlog.
const MOST_STORIES: usize = 5;
/// The most stories of all releases together.
const MOST_ENTRIES: usize = 25;
/// The most releases.
const MOST_RELEASES: i64 = 10;
/// The most promises.
const MOST_PROMISES: usize = 10;

/// Adds the sections about work, and counts what they tell.
pub(super) fn add(conn: &mut Conn, composing: &Composing<'_>, content: &mut ReportContent) -> Result<()> {
    count_events(conn, composing, &mut content.changes)?;
    shipped(conn, composing, content)?;
    promises(conn, composing, content)?;
    if composing.report.sections.contains(&ReportSection::Backlog) {
        content.backlog = backlog(conn, composing)?;
    }
    Ok(())
}

/// The first stories by rank that are not released.
fn backlog(conn: &mut Conn, composing: &Composing<'_>) -> Result<Vec<ReportedStory>> {
    let open: Vec<Stage> = Stage::ALL.iter().copied().filter(|stage| *stage < Stage::Released).collect();
    let query = StoryQuery {
        product: Some(Several(vec![composing.product.key.clone()])),
        stage: Some(Several(open)),
        sort: Some(StorySort::Priority),
        limit: Some(200),
        ..StoryQuery::default()
    };
    let ranked = stories::list::list(conn, &query, &Paging::of("report", &query)?, composing.now)?.data;
    let is_there = |story: &Story| !(story.is_untouched() && story.feedback_count == 0);
    let ranked = ranked.into_iter().filter(is_there).zip(1_i64..);
    let chosen: Vec<(Story, i64)> = ranked.filter(|(story, _)| composing.takes(story.id)).take(MOST_STORIES).collect();
    let ids: Vec<Id> = chosen.iter().map(|(story, _)| story.id).collect();
    let values = weighted::values_of(conn, &ids, &composing.product.currency)?;
    let before: HashMap<Id, i64> =
        composing.last.iter().flat_map(|last| &last.backlog).map(|story| (story.id, story.rank)).collect();
    let mut found = Vec::new();
    for (story, rank) in chosen {
        let value = values.get(&story.id).filter(|value| value.accounts > 0);
        found.push(ReportedStory {
            id: story.id,
            rank,
            rank_before: before.get(&story.id).copied(),
            number: story.number.clone(),
            title: texts::title_of(conn, &story, Some(&composing.report.language))?,
            stage: story.stage,
            customers: i64::from(story.customer_count),
            value: value.map(|value| Money {
                amount_minor: value.minor.round() as i64,
                currency: composing.product.currency.clone(),
            }),
            due_at: story.due_at,
        });
    }
    Ok(found)
}

/// The releases of the period with their stories and who heard back about them.
fn shipped(conn: &mut Conn, composing: &Composing<'_>, content: &mut ReportContent) -> Result<()> {
    let (product, account) = (composing.product.id, composing.report.account_id);
    let ids = match composing.report.release_id {
        Some(release) => vec![release],
        None => heard::shipped_in(conn, product, composing.span, MOST_RELEASES)?,
    };
    let mut found = Vec::new();
    for id in ids {
        found.push(releases::rows::get(conn, id)?);
    }
    let told = texts::of_releases(conn, &found, Some(&composing.report.language))?;
    let entries = |release: &crate::domain::releases::ChangelogRelease| -> Vec<ChangelogEntry> {
        let all = release.sections.iter().flat_map(|section| section.entries.iter().cloned());
        all.filter(|entry| composing.takes(entry.story_id)).collect()
    };
    let told: Vec<_> = told.into_iter().map(|release| (entries(&release), release)).collect();
    content.changes.shipped_stories = told.iter().map(|(entries, _)| entries.len() as i64).sum();
    if !composing.report.sections.contains(&ReportSection::Shipped) {
        return Ok(());
    }
    let ids: Vec<Id> = told.iter().flat_map(|(entries, _)| entries).map(|entry| entry.story_id).collect();
    let states = heard::by_story(conn, product, account, &ids)?;
    let customers = heard::customers_of(conn, account, &ids)?;
    let mut left = MOST_ENTRIES;
    for (entries, release) in told {
        let all = entries.len();
        let stories: Vec<ReportedEntry> = entries
            .into_iter()
            .take(left)
            .map(|entry| {
                let count = |state| states.get(&entry.story_id).and_then(|of| of.get(&state)).copied().unwrap_or(0);
                ReportedEntry {
                    told: count(ClosureState::Told) + count(ClosureState::Expired),
                    solved: count(ClosureState::Confirmed),
                    not_solved: count(ClosureState::Reopened),
                    waiting: count(ClosureState::Waiting),
                    customer_ids: customers.get(&entry.story_id).cloned().unwrap_or_default(),
                    story_id: entry.story_id,
                    number: entry.number,
                    text: entry.text,
                }
            })
            .collect();
        left -= stories.len();
        // A release that brought nothing to the account is not told to it.
        if account.is_some() && all == 0 {
            continue;
        }
        content.shipped.push(ReportedRelease {
            id: release.release_id,
            name: release.name,
            shipped_at: release.shipped_at,
            left_off: (all - stories.len()) as i64,
            stories,
        });
    }
    Ok(())
}

/// Stories whose promise is overdue now.
fn promises(conn: &mut Conn, composing: &Composing<'_>, content: &mut ReportContent) -> Result<()> {
    let mut overdue = facts::overdue(conn, composing.product.id, composing.now)?;
    overdue.retain(|(id, _)| composing.takes(*id));
    content.changes.overdue = overdue.len() as i64;
    content.changes.newly_overdue = overdue.iter().filter(|(_, since)| *since >= composing.span.from).count() as i64;
    if !composing.report.sections.contains(&ReportSection::Promises) {
        return Ok(());
    }
    overdue.truncate(MOST_PROMISES);
    let ids: Vec<Id> = overdue.iter().map(|(id, _)| *id).collect();
    let found: HashMap<Id, Story> =
        stories::rows::get_many(conn, &ids)?.into_iter().map(|story| (story.id, story)).collect();
    let owners: Vec<Id> = found.values().filter_map(|story| story.owner_id).collect();
    let names = members::names_of(conn, &owners)?;
    for (id, since) in overdue {
        let Some(story) = found.get(&id) else { continue };
        let promise = story.missed(composing.now).map_or("due", |missed| missed.promise);
        content.promises.push(ReportedPromise {
            story_id: id,
            number: story.number.clone(),
            title: texts::title_of(conn, story, Some(&composing.report.language))?,
            promise: promise.to_owned(),
            since,
            customers: i64::from(story.customer_count),
            owner: story.owner_id.and_then(|owner| names.get(&owner).cloned()),
        });
    }
    Ok(())
}
