//! Whose data ids of any kind are: customers, and the customers of feedback, of closures and of internal notes.

use std::collections::{HashMap, HashSet};

use crate::domain::base::Id;
use crate::error::Result;
use crate::store::base::conn::Conn;
use crate::store::base::query::*;
use crate::store::base::types::DbId;
use crate::store::schema::{closures, customers, feedback, notes};

/// The most ids of one statement.
const CHUNK: usize = 500;

/// What is known of some ids.
#[derive(Default)]
pub struct Subjects {
    /// Ids of customers.
    pub customers: HashSet<Id>,
    /// Ids of feedback, with its customer.
    pub feedback: HashMap<Id, Option<Id>>,
    /// Ids of closures, with their customer.
    pub closures: HashMap<Id, Id>,
    /// Ids of notes, with what each is about.
    pub notes: HashMap<Id, Id>,
}

/// Looks ids up; those of other things are left out.
pub fn of_ids(conn: &mut Conn, ids: &[Id]) -> Result<Subjects> {
    let mut found = Subjects::default();
    for some in ids.chunks(CHUNK) {
        let mut some: Vec<DbId> = some.iter().copied().map(DbId).collect();
        let columns = (notes::id, notes::subject_id);
        let about: Vec<(DbId, DbId)> = notes::table.filter(notes::id.eq_any(&some)).select(columns).load(conn)?;
        some.extend(about.iter().map(|(_, subject)| *subject));
        found.notes.extend(about.into_iter().map(|(id, subject)| (Id::from(id), Id::from(subject))));
        let known = customers::table.filter(customers::id.eq_any(&some)).select(customers::id);
        found.customers.extend(known.load::<DbId>(conn)?.into_iter().map(Id::from));
        let columns = (feedback::id, feedback::customer_id);
        let known = feedback::table.filter(feedback::id.eq_any(&some)).select(columns);
        let known: Vec<(DbId, Option<DbId>)> = known.load(conn)?;
        found.feedback.extend(known.into_iter().map(|(id, customer)| (id.into(), customer.map(Id::from))));
        let columns = (closures::id, closures::customer_id);
        let known: Vec<(DbId, DbId)> = closures::table.filter(closures::id.eq_any(&some)).select(columns).load(conn)?;
        found.closures.extend(known.into_iter().map(|(id, customer)| (Id::from(id), Id::from(customer))));
    }
    Ok(found)
}
