//! The roles of members in products, and what is known about a caller's access.

use std::collections::{HashMap, HashSet};

use crate::domain::base::{Id, Page, Paging};
use crate::domain::team::access::{AccessFacts, ProductMember, ProductRole, ProductRule, Scope};
use crate::domain::team::{Member, Role};
use crate::error::{Error, Result};
use crate::store::Tx;
use crate::store::base::conn::{Conn, on_each};
use crate::store::base::query::*;
use crate::store::base::types::{DbId, DbTime, name};
use crate::store::schema::{feedback, member_products, members, products, token_products};

type RuleRow = (DbId, String, Option<String>);

fn rule((id, visibility, default_role): RuleRow) -> Result<ProductRule> {
    let default_role = default_role.map(|role| name(&role)).transpose()?;
    Ok(ProductRule { id: id.into(), visibility: name(&visibility)?, default_role })
}

/// What every product says about the roles of members.
fn rules(conn: &mut Conn) -> Result<Vec<ProductRule>> {
    let rows: Vec<RuleRow> =
        products::table.select((products::id, products::visibility, products::default_role)).load(conn)?;
    rows.into_iter().map(rule).collect()
}

/// What a product says about the roles of members.
///
/// # Errors
/// 404.
pub fn rule_of(conn: &mut Conn, product: Id) -> Result<ProductRule> {
    let row = products::table.find(DbId(product));
    let row = row.select((products::id, products::visibility, products::default_role));
    rule(row.first(conn).optional()?.ok_or_else(|| Error::not_found("product"))?)
}

/// What is known about the access of a member with their own role, or of a token with its role.
pub fn facts(conn: &mut Conn, member: Option<(Id, Role)>, token: Option<(Id, Role)>) -> Result<AccessFacts> {
    let set = match member {
        Some((member, _)) => set_for(conn, member)?,
        None => HashMap::new(),
    };
    let token_products: Vec<DbId> = match token {
        Some((token, _)) => token_products::table
            .filter(token_products::token_id.eq(DbId(token)))
            .select(token_products::product_id)
            .load(conn)?,
        None => Vec::new(),
    };
    Ok(AccessFacts {
        member: member.map(|(_, role)| role),
        token: token.map(|(_, role)| role),
        rules: rules(conn)?,
        set,
        token_products: token_products.into_iter().map(Id::from).collect(),
    })
}

/// The roles that are set for a member, by product.
pub fn set_for(conn: &mut Conn, member: Id) -> Result<HashMap<Id, Role>> {
    let rows: Vec<(DbId, String)> = member_products::table
        .filter(member_products::member_id.eq(DbId(member)))
        .select((member_products::product_id, member_products::role))
        .load(conn)?;
    rows.into_iter().map(|(product, role)| Ok((product.into(), name(&role)?))).collect()
}

/// The roles that are set in a product, by member.
pub fn set_in(conn: &mut Conn, product: Id) -> Result<HashMap<Id, Role>> {
    let rows: Vec<(DbId, String)> = member_products::table
        .filter(member_products::product_id.eq(DbId(product)))
        .select((member_products::member_id, member_products::role))
        .load(conn)?;
    rows.into_iter().map(|(member, role)| Ok((member.into(), name(&role)?))).collect()
}

/// The roles of a member by product, newest product first.
///
/// # Errors
/// 422 for a wrong cursor.
pub fn of_member(conn: &mut Conn, member: &Member, paging: &Paging) -> Result<Page<ProductRole>> {
    let set = set_for(conn, member.id)?;
    let mut query = products::table
        .select((products::id, products::key, products::visibility, products::default_role))
        .into_boxed();
    if let Some(after) = paging.key::<Id>(0)? {
        query = query.filter(products::id.lt(DbId(after)));
    }
    let rows: Vec<(DbId, String, String, Option<String>)> =
        query.order(products::id.desc()).limit(paging.limit as i64 + 1).load(conn)?;
    let shown = rows.into_iter().map(|(id, key, visibility, default_role)| {
        let rule = rule((id, visibility, default_role))?;
        let (role, source) = rule.role_of(member.role, set.get(&rule.id).copied());
        Ok(ProductRole { product_id: rule.id, product_key: key, visibility: rule.visibility, role, source })
    });
    Ok(paging.page(shown.collect::<Result<Vec<_>>>()?, |role| vec![role.product_id.to_string()]))
}

/// The active members with their roles in a product, newest member first.
///
/// # Errors
/// 404, 422 for a wrong cursor.
pub fn of_product(conn: &mut Conn, product: Id, paging: &Paging) -> Result<Page<ProductMember>> {
    let (rule, set) = (rule_of(conn, product)?, set_in(conn, product)?);
    let mut query = members::table
        .filter(members::active.eq(true))
        .select((members::id, members::name, members::role))
        .into_boxed();
    if let Some(after) = paging.key::<Id>(0)? {
        query = query.filter(members::id.lt(DbId(after)));
    }
    let rows: Vec<(DbId, String, String)> =
        query.order(members::id.desc()).limit(paging.limit as i64 + 1).load(conn)?;
    let shown = rows.into_iter().map(|(id, member, own)| {
        let (role, source) = rule.role_of(name(&own)?, set.get(&id.0).copied());
        Ok(ProductMember { member_id: id.into(), name: member, role, source })
    });
    Ok(paging.page(shown.collect::<Result<Vec<_>>>()?, |member| vec![member.member_id.to_string()]))
}

/// Which of these members have a role in a product that `may` accepts.
pub fn with_role(conn: &mut Conn, product: Id, among: &[Id], may: impl Fn(Role) -> bool) -> Result<HashSet<Id>> {
    let (rule, set) = (rule_of(conn, product)?, set_in(conn, product)?);
    let rows: Vec<(DbId, String)> = members::table
        .filter(members::id.eq_any(among.iter().map(|id| DbId(*id))))
        .select((members::id, members::role))
        .load(conn)?;
    let mut found = HashSet::new();
    for (id, own) in rows {
        let (role, _) = rule.role_of(name(&own)?, set.get(&id.0).copied());
        if role.is_some_and(&may) {
            found.insert(id.into());
        }
    }
    Ok(found)
}

/// Sets the role of a member in a product; answers whether it was another one.
pub fn set(tx: &mut Tx<'_>, member: Id, product: Id, role: Role) -> Result<bool> {
    let before: Option<String> = member_products::table
        .find((DbId(member), DbId(product)))
        .select(member_products::role)
        .first(tx.conn)
        .optional()?;
    if before.as_deref() == Some(role.as_str()) {
        return Ok(false);
    }
    let key = (member_products::member_id.eq(DbId(member)), member_products::product_id.eq(DbId(product)));
    let value = (member_products::role.eq(role.as_str()), member_products::set_at.eq(DbTime(tx.now)));
    on_each!(tx.conn, c => diesel::insert_into(member_products::table)
        .values((key, value))
        .on_conflict((member_products::member_id, member_products::product_id))
        .do_update()
        .set(value)
        .execute(c))?;
    Ok(true)
}

/// Removes the role that is set for a member in a product; answers whether there was one.
pub fn remove(tx: &mut Tx<'_>, member: Id, product: Id) -> Result<bool> {
    let set = member_products::table.find((DbId(member), DbId(product)));
    Ok(diesel::delete(set).execute(tx.conn)? > 0)
}

/// Whether a customer said something, but nothing in a product of the transaction's scope.
pub fn hides_customer(tx: &mut Tx<'_>, customer: Id) -> Result<bool> {
    let Scope::Only(limits) = tx.scope.clone() else { return Ok(false) };
    let said = || feedback::table.filter(feedback::customer_id.eq(DbId(customer))).select(feedback::id);
    let visible = said().filter(feedback::product_id.eq_any(limits.products.iter().map(|id| DbId(*id))));
    if visible.first::<DbId>(tx.conn).optional()?.is_some() {
        return Ok(false);
    }
    Ok(said().first::<DbId>(tx.conn).optional()?.is_some())
}
