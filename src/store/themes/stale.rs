//! Marking themes as stale after a change elsewhere.

use super::rows::mark_stale;
use crate::domain::base::Id;
use crate::domain::team::Product;
use crate::error::Result;
use crate::store::Tx;
use crate::store::base::query::*;
use crate::store::base::types::DbId;
use crate::store::schema::{customers, feedback, themes};
use crate::store::stories::weighted::rank_anew;
use crate::store::team::products;

/// Marks every theme of a product: its currency or its thresholds changed.
pub fn of_product(tx: &mut Tx<'_>, product: Id) -> Result<()> {
    let all = themes::table.filter(themes::product_id.eq(DbId(product))).filter(themes::size.gt(0));
    diesel::update(all).set(themes::stale.eq(themes::stale + 1)).execute(tx.conn)?;
    Ok(())
}

/// Marks the themes with feedback of a customer: the customer or its account changed.
pub fn of_customer(tx: &mut Tx<'_>, customer: Id) -> Result<()> {
    let said = feedback::table.filter(feedback::customer_id.eq(DbId(customer)));
    let ids: Vec<Option<DbId>> = said.select(feedback::theme_id).distinct().load(tx.conn)?;
    mark(tx, ids)
}

/// Marks the themes with feedback of an account's customers: the account's value changed. Where values count in scores,
/// all stories of the product are ranked again, because each score is relative to the total.
pub fn of_account(tx: &mut Tx<'_>, account: Id) -> Result<()> {
    let said = feedback::table.inner_join(customers::table).filter(customers::account_id.eq(DbId(account)));
    let ids: Vec<Option<DbId>> = said.select(feedback::theme_id).distinct().load(tx.conn)?;
    mark(tx, ids)?;
    let weighted = |product: &Product| product.settings.score_weights.account_value > 0.0;
    products::all(tx.conn)?.iter().filter(|product| weighted(product)).try_for_each(|product| rank_anew(tx, product.id))
}

fn mark(tx: &mut Tx<'_>, ids: Vec<Option<DbId>>) -> Result<()> {
    let ids: Vec<Id> = ids.into_iter().flatten().map(Id::from).collect();
    ids.chunks(10_000).try_for_each(|ids| mark_stale(tx, ids))
}
