//! What is older than a rule allows, without what a legal hold keeps.

use crate::domain::base::{Id, Time};
use crate::domain::closure::ClosureState;
use crate::domain::feedback::{ERASED, ImportState};
use crate::domain::privacy::retention::RetentionKind;
use crate::error::Result;
use crate::store::base::conn::Conn;
use crate::store::base::query::*;
use crate::store::base::types::{DbId, DbTime};
use crate::store::privacy::retention::holds;
use crate::store::schema::{
    audit_log, closures, customers, deliveries, feedback, imports, incident_entries, incidents, legal_holds,
    person_requests, products,
};

/// Where a rule counts.
#[derive(Clone, Debug, Default)]
pub struct Reach {
    /// Its product; all where absent.
    pub product: Option<Id>,
    /// Products that have a rule of their own.
    pub except: Vec<Id>,
}

/// What to look for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// The first ids of what is old and not held.
    Some(i64),
    /// How much is old and not held.
    Count,
    /// How much is old, held or not.
    CountWithHeld,
}

/// What was found: ids, or how many there are.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Old {
    pub ids: Vec<Id>,
    pub count: i64,
}

/// Answers a look at a boxed query.
macro_rules! answer {
    ($conn:expr, $look:expr, $query:expr, $id:expr) => {
        match $look {
            Look::Some(limit) => {
                let ids: Vec<DbId> = $query.select($id).order($id.asc()).limit(limit).load($conn)?;
                Old { ids: ids.into_iter().map(Id::from).collect(), count: 0 }
            }
            Look::Count | Look::CountWithHeld => Old { ids: Vec::new(), count: $query.count().get_result($conn)? },
        }
    };
}

/// The customers who are held, themselves or by their account.
macro_rules! held_customers {
    () => {
        customers::table
            .filter(
                customers::id
                    .nullable()
                    .eq_any(
                        legal_holds::table
                            .filter(legal_holds::ended_at.is_null())
                            .filter(legal_holds::customer_id.is_not_null())
                            .select(legal_holds::customer_id),
                    )
                    .or(customers::account_id.is_not_null().and(
                        customers::account_id.eq_any(
                            legal_holds::table
                                .filter(legal_holds::ended_at.is_null())
                                .filter(legal_holds::account_id.is_not_null())
                                .select(legal_holds::account_id),
                        ),
                    )),
            )
            .select(customers::id.nullable())
    };
}

/// The products that are held.
macro_rules! held_products {
    () => {
        legal_holds::table
            .filter(legal_holds::ended_at.is_null())
            .filter(legal_holds::product_id.is_not_null())
            .select(legal_holds::product_id)
    };
}

/// Looks for what is older than `before`.
pub fn look(conn: &mut Conn, kind: RetentionKind, reach: &Reach, before: Time, look: Look) -> Result<Old> {
    match kind {
        RetentionKind::FeedbackWords => feedback_words(conn, reach, before, look),
        RetentionKind::InactiveCustomers => inactive_customers(conn, before, look),
        RetentionKind::IncidentNotes => incident_notes(conn, reach, before, look),
        RetentionKind::Requests => requests(conn, before, look),
        // Nobody can tell whose these are, so they wait while any hold lasts.
        _ if look != Look::CountWithHeld && holds::any(conn)? => Ok(Old::default()),
        RetentionKind::HookBodies => hook_bodies(conn, before, look),
        RetentionKind::Deliveries => ended_deliveries(conn, before, look),
        RetentionKind::Imports => ended_imports(conn, before, look),
        RetentionKind::AuditLog => audit(conn, before, look),
    }
}

fn feedback_words(conn: &mut Conn, reach: &Reach, before: Time, look: Look) -> Result<Old> {
    let mut query = feedback::table
        .filter(feedback::created_at.lt(DbTime(before)))
        .filter(feedback::text.ne(ERASED))
        .filter(feedback::product_id.ne_all(reach.except.iter().map(|id| DbId(*id)).collect::<Vec<DbId>>()))
        .into_boxed();
    if let Some(product) = reach.product {
        query = query.filter(feedback::product_id.eq(DbId(product)));
    }
    if look != Look::CountWithHeld {
        query = query
            .filter(feedback::product_id.nullable().ne_all(held_products!()))
            .filter(feedback::customer_id.is_null().or(feedback::customer_id.ne_all(held_customers!())));
    }
    Ok(answer!(conn, look, query, feedback::id))
}

/// Customers who said nothing, were told nothing and were not changed since, and who wait for no message.
fn inactive_customers(conn: &mut Conn, before: Time, look: Look) -> Result<Old> {
    let since = DbTime(before);
    let said = feedback::table
        .filter(feedback::customer_id.is_not_null())
        .filter(feedback::created_at.ge(since).or(feedback::occurred_at.ge(since)))
        .select(feedback::customer_id);
    let waiting = closures::state.eq(ClosureState::Waiting.as_str());
    let told = closures::table.filter(closures::updated_at.ge(since).or(waiting)).select(closures::customer_id);
    let asked = person_requests::table
        .filter(person_requests::customer_id.is_not_null())
        .filter(person_requests::ended_at.is_null())
        .select(person_requests::customer_id);
    let mut query = customers::table
        .filter(customers::erased_at.is_null())
        .filter(customers::merged_into.is_null())
        .filter(customers::updated_at.lt(since))
        .filter(customers::id.nullable().ne_all(said))
        .filter(customers::id.ne_all(told))
        .filter(customers::id.nullable().ne_all(asked))
        .into_boxed();
    if look != Look::CountWithHeld {
        let in_held = feedback::table
            .filter(feedback::customer_id.is_not_null())
            .filter(feedback::product_id.nullable().eq_any(held_products!()))
            .select(feedback::customer_id);
        let held: Vec<Option<DbId>> = held_customers!().load(conn)?;
        let held: Vec<DbId> = held.into_iter().flatten().collect();
        query = query.filter(customers::id.nullable().ne_all(in_held)).filter(customers::id.ne_all(held));
    }
    Ok(answer!(conn, look, query, customers::id))
}

fn incident_notes(conn: &mut Conn, reach: &Reach, before: Time, look: Look) -> Result<Old> {
    let held: Vec<Option<DbId>> = match look {
        Look::CountWithHeld => Vec::new(),
        _ => held_products!().load(conn)?,
    };
    let all: Vec<DbId> = products::table.select(products::id).load(conn)?;
    let is_meant = |id: &DbId| {
        reach.product.is_none_or(|only| only == id.0) && !reach.except.contains(&id.0) && !held.contains(&Some(*id))
    };
    let meant: Vec<DbId> = all.into_iter().filter(is_meant).collect();
    let over = incidents::table
        .filter(incidents::resolved_at.lt(Some(DbTime(before))))
        .filter(incidents::product_id.eq_any(meant))
        .select(incidents::id);
    let query = incident_entries::table
        .filter(incident_entries::text.is_not_null())
        .filter(incident_entries::text.ne(ERASED))
        .filter(incident_entries::incident_id.eq_any(over))
        .into_boxed();
    Ok(answer!(conn, look, query, incident_entries::id))
}

fn requests(conn: &mut Conn, before: Time, look: Look) -> Result<Old> {
    let has_texts = person_requests::contact
        .is_not_null()
        .or(person_requests::note.is_not_null())
        .or(person_requests::identity_how.is_not_null())
        .or(person_requests::outcome.is_not_null())
        .or(person_requests::extension_reason.is_not_null())
        .or(person_requests::refusal_reason.is_not_null());
    let mut query = person_requests::table
        .filter(person_requests::ended_at.lt(Some(DbTime(before))))
        .filter(has_texts)
        .into_boxed();
    if look != Look::CountWithHeld {
        query = query
            .filter(person_requests::customer_id.is_null().or(person_requests::customer_id.ne_all(held_customers!())));
    }
    Ok(answer!(conn, look, query, person_requests::id))
}

fn hook_bodies(conn: &mut Conn, before: Time, look: Look) -> Result<Old> {
    let query = deliveries::table
        .filter(deliveries::channel.eq("webhook"))
        .filter(deliveries::ended_at.lt(Some(DbTime(before))))
        .filter(deliveries::body.ne("{}").or(deliveries::last_error.is_not_null()))
        .into_boxed();
    Ok(answer!(conn, look, query, deliveries::id))
}

fn ended_deliveries(conn: &mut Conn, before: Time, look: Look) -> Result<Old> {
    let query = deliveries::table.filter(deliveries::ended_at.lt(Some(DbTime(before)))).into_boxed();
    Ok(answer!(conn, look, query, deliveries::id))
}

fn ended_imports(conn: &mut Conn, before: Time, look: Look) -> Result<Old> {
    let ended = [ImportState::Done.as_str(), ImportState::Failed.as_str()];
    let query = imports::table
        .filter(imports::state.eq_any(ended))
        .filter(imports::finished_at.lt(Some(DbTime(before))))
        .into_boxed();
    Ok(answer!(conn, look, query, imports::id))
}

fn audit(conn: &mut Conn, before: Time, look: Look) -> Result<Old> {
    let query = audit_log::table.filter(audit_log::at.lt(DbTime(before))).into_boxed();
    Ok(answer!(conn, look, query, audit_log::id))
}
