//! How stories go on: machines move them forward, a release brings them to customers, a roll-back takes them back.

use serde_json::json;

use super::stages::{lock, move_to};
use super::{gates, quoting};
use crate::domain::base::{Id, check_version};
use crate::domain::closure::ClosureKind;
use crate::domain::stories::Story;
use crate::domain::stories::stage::{self, Context, Stage};
use crate::domain::team::TellRollBack;
use crate::error::{Code, Error, Result};
use crate::store::releases::left_behind;
use crate::store::team::products;
use crate::store::{Tx, releases, stories};
use crate::usecase::closure::rounds;

/// Releases a story: opens a round of closures.
pub(in crate::usecase) fn release(tx: &mut Tx<'_>, story: Story, reason: Option<String>) -> Result<Story> {
    rejoin(tx, story.id)?;
    stories::rows::set_roll_back_to_tell(tx, story.id, None)?;
    let story = Story { released_at: Some(tx.now), round: story.round + 1, roll_back_to_tell: None, ..story };
    let story = move_to(tx, story, Stage::Released, reason, None)?;
    let by = releases::rows::bringing(tx.conn, story.id)?;
    rounds::open_round(tx, &story, ClosureKind::Release, by)?;
    Ok(story)
}

/// Adds a story to the release that went to production without it, so that its mails name that release and a roll-back
/// includes it.
fn rejoin(tx: &mut Tx<'_>, story: Id) -> Result<()> {
    let left = left_behind::of_story(tx.conn, story)?;
    left_behind::remove(tx, story)?;
    let Some(left) = left else { return Ok(()) };
    releases::rows::put_story(tx, left.release, story, left.section, left.entry.as_deref())?;
    let release = releases::rows::get(tx.conn, left.release)?;
    let data = json!({ "story_id": story, "section": left.section });
    tx.event("release.story_added", release.id, Some(release.product_id), data);
    Ok(())
}

/// Releases a story that only waited for a gate when its release went to production, if its gates are open now; answers
/// it where it was released.
///
/// # Errors
/// 404.
pub(in crate::usecase) fn catch_up(tx: &mut Tx<'_>, story: Id) -> Result<Option<Story>> {
    let stage = stories::rows::get(tx.conn, story)?.stage;
    if !matches!(stage, Stage::Testing | Stage::Ready) || left_behind::of_story(tx.conn, story)?.is_none() {
        return Ok(None);
    }
    advance(tx, story, Stage::Released)
}

/// Moves a story forward for an automatic cause (a pull request, a deployment, a deadline); answers it where it moved.
/// It stays where it is if it is already there or further, is a draft, has a closed gate before it, or has texts that
/// quote a customer.
///
/// # Errors
/// 404.
pub fn advance(tx: &mut Tx<'_>, story: Id, to: Stage) -> Result<Option<Story>> {
    let story = lock(tx, story)?;
    let steps = stage::steps(story.stage, to);
    if steps.is_empty() {
        return Ok(None);
    }
    let mut at = story.stage;
    for next in steps {
        let context = Context {
            gates_open: gates::open(tx.conn, &story, *next)?.is_empty(),
            waiting_closures: if *next == Stage::Closed { rounds::waiting(tx.conn, story.id)? } else { 0 },
            ..Context::automation()
        };
        if stage::transition(at, *next, &context).is_err() {
            return Ok(None);
        }
        at = *next;
    }
    let goes_out = steps.iter().any(|next| matches!(next, Stage::Ready | Stage::Released));
    if goes_out && !quoting::is_clear(tx, &story)? {
        return Ok(None);
    }
    let mut story = story;
    for next in steps {
        story = match next {
            Stage::Released => release(tx, story, None)?,
            next => move_to(tx, story, *next, None, None)?,
        };
    }
    Ok(Some(story))
}

/// Moves a story back to `ready`, because its release was rolled back. `tell` decides whether customers who were told
/// are told of it; `None`: as the product's settings say.
pub(in crate::usecase) fn take_back(tx: &mut Tx<'_>, story: Id, reason: &str, tell: Option<bool>) -> Result<()> {
    let story = lock(tx, story)?;
    if story.stage.is_shipped() {
        withdraw(tx, story, Some(reason.to_owned()), tell)?;
    }
    Ok(())
}

/// Withdraws a released story: waiting closures end, and customers who were told are told of it where `tell` or the
/// settings say so.
pub(in crate::usecase) fn withdraw(
    tx: &mut Tx<'_>,
    story: Story,
    reason: Option<String>,
    tell: Option<bool>,
) -> Result<Story> {
    let was_told = rounds::withdraw_round(tx, &story)?;
    let tell = tell.or(match products::get(tx.conn, story.product_id)?.settings.tell_roll_back {
        TellRollBack::Ask => None,
        TellRollBack::Always => Some(true),
        TellRollBack::Never => Some(false),
    });
    let roll_back_to_tell = (was_told && tell != Some(false)).then_some(story.round);
    stories::rows::set_roll_back_to_tell(tx, story.id, roll_back_to_tell)?;
    let story = Story { released_at: None, roll_back_to_tell, ..story };
    let story = move_to(tx, story, Stage::Ready, reason, None)?;
    if was_told && tell == Some(true) { tell_roll_back(tx, story) } else { Ok(story) }
}

/// Decides whether customers who were told of a release are told that it was rolled back.
///
/// # Errors
/// 404, 409 where there is no customer to tell, 412 where `if_match` is not its current version.
pub fn roll_back_notice(tx: &mut Tx<'_>, id: Id, if_match: Option<i32>, tell: bool) -> Result<Story> {
    let story = lock(tx, id)?;
    check_version(if_match, story.version)?;
    let Some(round) = story.roll_back_to_tell else {
        return Err(Error::new(
            Code::Conflict,
            "No customer was told of a release of this story that was rolled back afterwards.",
        ));
    };
    tx.event("story.roll_back_decided", id, Some(story.product_id), json!({ "round": round, "tell": tell }));
    let story = Story { version: story.version + 1, updated_at: tx.now, ..story };
    if tell {
        return tell_roll_back(tx, story);
    }
    stories::rows::set_roll_back_to_tell(tx, id, None)?;
    let story = Story { roll_back_to_tell: None, ..story };
    stories::rows::update(tx, &story)?;
    Ok(story)
}

/// Opens the round that tells customers of a roll-back.
fn tell_roll_back(tx: &mut Tx<'_>, story: Story) -> Result<Story> {
    let story = Story { round: story.round + 1, ..story };
    let release = rounds::release_of(tx.conn, &story)?;
    rounds::open_round(tx, &story, ClosureKind::RollBack, release)?;
    stories::rows::set_roll_back_to_tell(tx, story.id, None)?;
    let story = Story { roll_back_to_tell: None, ..story };
    stories::rows::update(tx, &story)?;
    Ok(story)
}
