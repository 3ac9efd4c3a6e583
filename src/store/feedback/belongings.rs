//! The accounts that customers belong to, for the facts of drafts.

use std::collections::HashMap;

use crate::domain::base::Id;
use crate::domain::feedback::Belonging;
use crate::error::Result;
use crate::store::base::conn::Conn;
use crate::store::base::query::*;
use crate::store::base::types::DbId;
use crate::store::schema::{accounts, customers};

/// The most ids per statement.
const CHUNK: usize = 500;

/// The account of each of these customers who belongs to one.
pub fn of(conn: &mut Conn, people: &[Id]) -> Result<HashMap<Id, Belonging>> {
    let mut found = HashMap::new();
    for people in people.chunks(CHUNK) {
        let rows: Vec<(DbId, String, Option<String>)> = customers::table
            .inner_join(accounts::table.on(customers::account_id.eq(accounts::id.nullable())))
            .filter(customers::id.eq_any(people.iter().map(|id| DbId(*id))))
            .select((customers::id, accounts::name, accounts::segment))
            .load(conn)?;
        found.extend(rows.into_iter().map(|(id, account, segment)| (id.into(), Belonging { account, segment })));
    }
    Ok(found)
}
