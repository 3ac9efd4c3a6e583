//! Who is on duty for a product, now or at any time.

use std::collections::HashSet;

use crate::domain::base::{Id, Time};
use crate::domain::operations::rota::{OnCall, OverrideState, Rota, Shift};
use crate::domain::operations::shifts::{MOST_DAYS, RotaPlan, on_call};
use crate::error::{Error, Result};
use crate::store::Conn;
use crate::store::operations::{overrides, rotas};
use crate::store::team::members;
use crate::usecase::team::access;

/// The operation that members of a rota must be allowed to call in its product.
pub const READ_ROTA: &str = "get_rota";

/// A rota with the members whose turns others take.
pub fn with_unavailable(conn: &mut Conn, rota: Rota) -> Result<Rota> {
    let available = available(conn, rota.product_id, rota.members.clone())?;
    let unavailable: HashSet<Id> = rota.members.iter().copied().filter(|id| !available.contains(id)).collect();
    let mut unavailable: Vec<Id> = unavailable.into_iter().collect();
    unavailable.sort_unstable();
    Ok(Rota { unavailable, ..rota })
}

/// Those of these members who can be on duty for a product: they are active, and may see it.
fn available(conn: &mut Conn, product: Id, mut among: Vec<Id>) -> Result<HashSet<Id>> {
    among.sort_unstable();
    among.dedup();
    let active = rotas::active_among(conn, &among)?;
    Ok(access::readers(conn, Some(product), active, READ_ROTA)?.into_iter().collect())
}

/// The members who can be on duty for a product.
pub fn candidates(conn: &mut Conn, product: Id) -> Result<Vec<Id>> {
    let active = members::active(conn)?.into_iter().collect();
    access::readers(conn, Some(product), active, READ_ROTA)
}

/// Rotas of one product with all that decides who is on duty from a time on, in a bounded number of queries.
fn plans_of(conn: &mut Conn, product: Id, found: Vec<Rota>, from: Time) -> Result<Vec<RotaPlan>> {
    if found.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<Id> = found.iter().map(|rota| rota.id).collect();
    let all = overrides::later(conn, &ids, OverrideState::Accepted, from)?;
    let named = found.iter().flat_map(|rota| rota.members.iter().copied());
    let named = named.chain(all.iter().map(|one| one.member_id)).collect();
    let available = available(conn, product, named)?;
    let plan = |rota: Rota| RotaPlan {
        overrides: all.iter().filter(|one| one.rota_id == rota.id).cloned().collect(),
        available: available.clone(),
        rota,
    };
    Ok(found.into_iter().map(plan).collect())
}

/// A rota with all that decides who is on duty from a time on.
fn plan(conn: &mut Conn, rota: Rota, from: Time) -> Result<RotaPlan> {
    let (product, id) = (rota.product_id, rota.id);
    plans_of(conn, product, vec![rota], from)?
        .pop()
        .ok_or_else(|| Error::internal(format!("the rota {id} has no plan")))
}

/// The rotas of a product in the order in which they are asked, with all that decides who is on duty from a time on.
pub fn plans(conn: &mut Conn, product: Id, from: Time) -> Result<Vec<RotaPlan>> {
    let found = rotas::in_order(conn, &[product])?;
    plans_of(conn, product, found, from)
}

/// Who is on duty for a product at a time.
pub fn at(conn: &mut Conn, product: Id, at: Time) -> Result<OnCall> {
    Ok(on_call(product, at, &plans(conn, product, at)?))
}

/// The shift of one rota at a time; `None` outside of its hours.
///
/// # Errors
/// 404.
pub fn shift_at(conn: &mut Conn, rota: Id, at: Time) -> Result<Option<Shift>> {
    let rota = rotas::get(conn, rota)?;
    Ok(plan(conn, rota, at)?.at(at))
}

/// The shifts of a rota that overlap a range of time.
///
/// # Errors
/// 404, 422 where the range is empty or too long.
pub fn shifts(conn: &mut Conn, rota: Id, from: Time, to: Time) -> Result<Vec<Shift>> {
    if to <= from {
        return Err(Error::field("/to", "range", "must be after `from`"));
    }
    if to > from.plus(MOST_DAYS * Time::DAY) {
        return Err(Error::field("/to", "range", format!("must be at most {MOST_DAYS} days after `from`")));
    }
    let rota = rotas::get(conn, rota)?;
    Ok(plan(conn, rota, from)?.shifts(from, to))
}
