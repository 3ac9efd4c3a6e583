//! Overrides of the turns of a rota: a member takes a shift, or asks another one to, who accepts or declines.

use serde_json::json;

use super::rotas::cannot_be_on_duty;
use crate::domain::base::Id;
use crate::domain::base::Time;
use crate::domain::operations::rota::{NewRotaOverride, OverrideState, RotaOverride};
use crate::domain::operations::shifts::MOST_DAYS;
use crate::domain::team::{Caller, Role};
use crate::error::{Code, Error, FieldError, Result};
use crate::store::Tx;
use crate::store::operations::{overrides, rotas};

/// Takes a shift, or asks another member to.
///
/// # Errors
/// 404, 422 with every wrong field.
pub fn create(tx: &mut Tx<'_>, rota: Id, caller: &Caller, input: &NewRotaOverride) -> Result<RotaOverride> {
    let rota = rotas::lock(tx, rota)?;
    let Some(member_id) = input.member_id.or(caller.member_id) else {
        return Err(Error::field("/member_id", "required", "is required from a token without a member"));
    };
    let mut wrong = Vec::new();
    if input.ends_at <= input.starts_at {
        wrong.push(FieldError::new("/ends_at", "range", "must be after `starts_at`"));
    } else if input.ends_at <= tx.now {
        wrong.push(FieldError::new("/ends_at", "range", "must be in the future"));
    } else if input.ends_at > input.starts_at.plus(MOST_DAYS * Time::DAY) {
        wrong.push(FieldError::new("/ends_at", "range", format!("must be at most {MOST_DAYS} days after `starts_at`")));
    }
    wrong.extend(cannot_be_on_duty(tx, member_id, rota.product_id, "/member_id")?);
    if !wrong.is_empty() {
        return Err(Error::invalid(wrong));
    }
    let is_own = caller.member_id == Some(member_id);
    let new = RotaOverride {
        id: Id::next(),
        rota_id: rota.id,
        member_id,
        asked_by: caller.member_id,
        starts_at: input.starts_at,
        ends_at: input.ends_at,
        state: if is_own { OverrideState::Accepted } else { OverrideState::Asked },
        note: input.note.as_deref().map(str::trim).filter(|note| !note.is_empty()).map(str::to_owned),
        version: 1,
        created_at: tx.now,
        decided_at: is_own.then_some(tx.now),
    };
    overrides::insert(tx, &new)?;
    let data = json!({ "override_id": new.id, "member_id": member_id, "asked_by": new.asked_by, "state": new.state });
    tx.event("rota.override_created", rota.id, Some(rota.product_id), data);
    Ok(new)
}

/// Accepts or declines an override, or withdraws it. Only the member who was asked accepts or declines; the one who asked,
/// the one on duty, and admins may withdraw. Doing it again changes nothing.
///
/// # Errors
/// 403, 404, 409 where it was decided otherwise or is over.
pub fn decide(tx: &mut Tx<'_>, id: Id, caller: &Caller, to: OverrideState) -> Result<RotaOverride> {
    let found = overrides::get(tx.conn, id)?;
    let rota = rotas::lock(tx, found.rota_id)?;
    let found = overrides::lock(tx, id)?;
    refuse_others(caller, &found, to)?;
    if found.state == to {
        return Ok(found);
    }
    let may_follow = match to {
        OverrideState::Withdrawn => matches!(found.state, OverrideState::Asked | OverrideState::Accepted),
        _ => found.state == OverrideState::Asked,
    };
    if !may_follow {
        let detail = format!("This override is {} already.", found.state);
        return Err(Error::new(Code::Conflict, detail));
    }
    if found.ends_at <= tx.now {
        return Err(Error::new(Code::Conflict, "The time of this override is over."));
    }
    if to == OverrideState::Accepted
        && let Some(wrong) = cannot_be_on_duty(tx, found.member_id, rota.product_id, "/member_id")?
    {
        return Err(Error::invalid(vec![wrong]));
    }
    overrides::decide(tx, id, to)?;
    let data = json!({ "override_id": id, "member_id": found.member_id, "state": to });
    tx.event("rota.override_decided", rota.id, Some(rota.product_id), data);
    overrides::get(tx.conn, id)
}

fn refuse_others(caller: &Caller, found: &RotaOverride, to: OverrideState) -> Result<()> {
    let is_asked = caller.member_id == Some(found.member_id);
    let asked = caller.member_id.is_some() && caller.member_id == found.asked_by;
    let may = match to {
        OverrideState::Withdrawn => is_asked || asked || caller.role == Role::Admin,
        _ => is_asked,
    };
    let detail = match to {
        OverrideState::Withdrawn => "Only the member who asked, the one on duty and admins may withdraw an override.",
        _ => "Only the member who was asked may accept or decline.",
    };
    if may { Ok(()) } else { Err(Error::new(Code::Forbidden, detail)) }
}
