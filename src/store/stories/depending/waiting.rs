//! Who waits for stories: the customers behind them, with their accounts.

use std::collections::HashMap;

use crate::domain::base::{Id, Money};
use crate::error::Result;
use crate::store::base::conn::Conn;
use crate::store::base::query::*;
use crate::store::base::types::DbId;
use crate::store::schema::{accounts, customers, feedback, story_items};

/// The most ids per statement.
const CHUNK: usize = 500;

/// A customer behind stories.
#[derive(Clone, Debug)]
pub struct CustomerBehind {
    pub id: Id,
    pub name: Option<String>,
    /// Id and name of the account.
    pub account: Option<(Id, String)>,
    pub annual_value: Option<Money>,
    pub stories: Vec<Id>,
}

type PersonRow = (DbId, Option<String>, Option<(DbId, String, Option<i64>, Option<String>)>);

/// The customers behind these stories: those who said something of their evidence. Erased ones are counted as well, and
/// have no name.
pub fn behind(conn: &mut Conn, stories: &[Id]) -> Result<Vec<CustomerBehind>> {
    let mut of_customer: HashMap<Id, Vec<Id>> = HashMap::new();
    for ids in stories.chunks(CHUNK) {
        let rows: Vec<(DbId, DbId)> = story_items::table
            .inner_join(feedback::table.on(feedback::id.eq(story_items::feedback_id)))
            .filter(story_items::story_id.eq_any(ids.iter().map(|id| DbId(*id))))
            .filter(feedback::customer_id.is_not_null())
            .select((feedback::customer_id.assume_not_null(), story_items::story_id))
            .distinct()
            .load(conn)?;
        for (customer, story) in rows {
            of_customer.entry(customer.into()).or_default().push(story.into());
        }
    }
    let ids: Vec<Id> = of_customer.keys().copied().collect();
    let mut found = Vec::new();
    for ids in ids.chunks(CHUNK) {
        let rows: Vec<PersonRow> = customers::table
            .left_join(accounts::table.on(accounts::id.nullable().eq(customers::account_id)))
            .filter(customers::id.eq_any(ids.iter().map(|id| DbId(*id))))
            .select((
                customers::id,
                customers::name,
                (accounts::id, accounts::name, accounts::annual_value_minor, accounts::annual_value_currency)
                    .nullable(),
            ))
            .load(conn)?;
        for (id, name, account) in rows {
            let value = account.as_ref().and_then(|(_, _, minor, currency)| {
                Some(Money { amount_minor: (*minor)?, currency: currency.clone()? })
            });
            found.push(CustomerBehind {
                id: id.into(),
                name,
                account: account.map(|(id, name, _, _)| (id.into(), name)),
                annual_value: value,
                stories: of_customer.remove(&id.into()).unwrap_or_default(),
            });
        }
    }
    Ok(found)
}
