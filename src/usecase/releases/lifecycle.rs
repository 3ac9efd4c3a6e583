//! Releases as people send them and take them back: ship, roll back, yank.

use serde_json::json;

use super::deployments::{self, TakeBack};
use super::planning::{conflict, lock, save, unready};
use super::trains;
use crate::domain::base::Id;
use crate::domain::releases::{Release, ReleaseState, RollBack, Ship};
use crate::error::Result;
use crate::store::{Tx, releases, stories};
use crate::usecase::stories::quoting;

/// Ships a release. Its stories are `released` once it is in production.
///
/// # Errors
/// 404, 409 where it is already shipped or stories are not ready (they are named), 412.
pub fn ship(tx: &mut Tx<'_>, id: Id, if_match: Option<i32>, input: &Ship) -> Result<Release> {
    let release = lock(tx, id, if_match)?;
    if !release.state.is_open() {
        return conflict(format!("The release is `{}` already.", release.state));
    }
    let unready = unready(tx.conn, &release)?;
    if input.move_unready {
        let ids: Vec<Id> = unready.iter().map(|(id, _)| *id).collect();
        trains::leave_behind(tx, &release, &ids)?;
    } else if !unready.is_empty() {
        let why: Vec<&str> = unready.iter().map(|(_, why)| why.as_str()).collect();
        return conflict(format!("Not ready: {}. Take them out, or ship with `move_unready`.", why.join("; ")));
    }
    let release = releases::rows::get(tx.conn, id)?;
    let aboard: Vec<Id> = release.aboard().map(|row| row.story_id).collect();
    for story in stories::rows::get_many(tx.conn, &aboard)? {
        quoting::check(tx, &story)?;
    }
    quoting::check_release(tx.conn, &release)?;
    let held = release.held_deployment_id.filter(|_| input.deployed.is_none());
    let deployed = input.deployed.unwrap_or(held.is_some());
    tx.event("release.shipped", id, Some(release.product_id), json!({ "deployed": deployed, "from": release.state }));
    let (now, frozen_at) = (tx.now, release.frozen_at.or(Some(tx.now)));
    let shipped = Release {
        state: ReleaseState::Shipped,
        shipped_at: Some(now),
        frozen_at,
        reason: None,
        held_deployment_id: None,
        ..release
    };
    let shipped = save(tx, shipped)?;
    match held {
        Some(deployment) => deployments::bring_held(tx, shipped, deployment)?,
        None if deployed => deployments::deployed_by_hand(tx, &shipped)?,
        None => {}
    }
    releases::rows::get(tx.conn, id)
}

/// Rolls a shipped release back, with a reason: its stories are `ready` again; whether customers who were told are told
/// of it is decided by the input or the product's settings.
///
/// # Errors
/// 404, 409 where it is not shipped, 412.
pub fn roll_back(tx: &mut Tx<'_>, id: Id, if_match: Option<i32>, input: &RollBack) -> Result<Release> {
    let release = lock(tx, id, if_match)?;
    if release.state != ReleaseState::Shipped {
        return conflict(format!("The release is `{}`; only a shipped one can be rolled back.", release.state));
    }
    let how = TakeBack { reason: &input.reason, at: tx.now, tell: input.tell_customers };
    deployments::take_back(tx, &release, &how)?;
    let release = releases::rows::get(tx.conn, id)?;
    save(tx, release)
}

/// Withdraws a shipped version, with a reason. Its stories stay released; the changelog says `[YANKED]`.
///
/// # Errors
/// 404, 409 where it is not shipped, 412.
pub fn yank(tx: &mut Tx<'_>, id: Id, if_match: Option<i32>, reason: &str) -> Result<Release> {
    let release = lock(tx, id, if_match)?;
    if release.state != ReleaseState::Shipped {
        return conflict(format!("The release is `{}`; only a shipped one can be yanked.", release.state));
    }
    tx.event("release.yanked", id, Some(release.product_id), json!({ "from": release.state }));
    let (ended_at, reason) = (Some(tx.now), Some(reason.to_owned()));
    save(tx, Release { state: ReleaseState::Yanked, ended_at, reason, ..release })
}
