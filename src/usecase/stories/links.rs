//! Links from development: work in git moves the stories that it names, and issues of customers there become feedback.

use serde_json::json;

use crate::domain::base::Id;
use crate::domain::stories::{Link, LinkReason, LinkState, LinkTarget, NewLink};
use crate::error::Result;
use crate::store::stories::links;
use crate::store::{Tx, stories};

/// Links a story to a target; an existing link gets the new address and state.
pub(in crate::usecase) fn link(
    tx: &mut Tx<'_>,
    story: Id,
    target: &LinkTarget,
    url: Option<&str>,
    state: Option<LinkState>,
    reason: LinkReason,
) -> Result<(Link, bool)> {
    let (before, new) = links::add(tx, story, target, url, state, reason)?;
    if new {
        record(tx, "link.created", &before)?;
        return Ok((before, true));
    }
    let ended = |state| matches!(state, Some(LinkState::Merged | LinkState::Reverted));
    let link = Link {
        url: url.map(str::to_owned).or_else(|| before.url.clone()),
        // Hooks may arrive out of order: a merged link stays merged until it is reverted.
        state: if ended(before.state) && state != Some(LinkState::Reverted) {
            before.state
        } else {
            state.or(before.state)
        },
        // A link made by a person stays one, whatever the work names.
        reason: if reason == LinkReason::Person { reason } else { before.reason },
        updated_at: tx.now,
        ..before.clone()
    };
    if (&link.url, link.state, link.reason) == (&before.url, before.state, before.reason) {
        return Ok((before, false));
    }
    links::update(tx, &link)?;
    record(tx, "link.updated", &link)?;
    Ok((link, false))
}

/// Stores the state of the work of a link.
pub(in crate::usecase) fn mark(tx: &mut Tx<'_>, link: Link, state: LinkState) -> Result<()> {
    if link.state == Some(state) {
        return Ok(());
    }
    let link = Link { state: Some(state), updated_at: tx.now, ..link };
    links::update(tx, &link)?;
    record(tx, "link.updated", &link)
}

fn record(tx: &mut Tx<'_>, kind: &'static str, link: &Link) -> Result<()> {
    let product = stories::rows::get(tx.conn, link.story_id)?.product_id;
    let data = json!({
        "story_id": link.story_id, "provider": link.provider, "kind": link.kind, "state": link.state
    });
    tx.event(kind, link.id, Some(product), data);
    Ok(())
}

/// Adds a link by a person; answers the link and whether it is new.
///
/// # Errors
/// 404.
pub fn add(tx: &mut Tx<'_>, story: Id, input: &NewLink) -> Result<(Link, bool)> {
    stories::rows::get(tx.conn, story)?;
    let target = LinkTarget {
        provider: input.provider,
        repository: input.repository.trim().to_owned(),
        kind: input.kind,
        reference: input.reference.trim().to_owned(),
    };
    link(tx, story, &target, input.url.as_deref(), input.state, LinkReason::Person)
}

/// Links a story to its issue at the tracker, or updates the issue's state.
pub fn note_issue(tx: &mut Tx<'_>, story: Id, target: &LinkTarget, url: &str, state: LinkState) -> Result<Link> {
    let url = (!url.is_empty()).then_some(url);
    link(tx, story, target, url, Some(state), LinkReason::Person).map(|(link, _)| link)
}

/// Removes a link.
///
/// # Errors
/// 404.
pub fn remove(tx: &mut Tx<'_>, id: Id) -> Result<()> {
    let link = links::get(tx.conn, id)?;
    links::remove(tx, id)?;
    record(tx, "link.deleted", &link)
}
