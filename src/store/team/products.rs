//! Products.

use crate::domain::base::{Id, Page, Paging, Reference, Time};
use crate::domain::team::Product;
use crate::domain::team::access::Visibility;
use crate::error::{Error, Result};
use crate::store::Tx;
use crate::store::base::conn::{Conn, lock_row, on_each};
use crate::store::base::query::*;
use crate::store::base::types::{DbId, DbTime, json};
use crate::store::schema::products;

#[derive(Queryable, Insertable, AsChangeset)]
#[diesel(table_name = products, treat_none_as_null = true)]
struct Row {
    id: DbId,
    key: String,
    name: String,
    currency: String,
    settings: String,
    version: i32,
    created_at: DbTime,
    updated_at: DbTime,
    visibility: String,
    default_role: Option<String>,
    owner_id: Option<DbId>,
    archived_at: Option<DbTime>,
}

const COLUMNS: (
    products::id,
    products::key,
    products::name,
    products::currency,
    products::settings,
    products::version,
    products::created_at,
    products::updated_at,
    products::visibility,
    products::default_role,
    products::owner_id,
    products::archived_at,
) = (
    products::id,
    products::key,
    products::name,
    products::currency,
    products::settings,
    products::version,
    products::created_at,
    products::updated_at,
    products::visibility,
    products::default_role,
    products::owner_id,
    products::archived_at,
);

impl From<Row> for Product {
    fn from(row: Row) -> Self {
        Product {
            id: row.id.into(),
            key: row.key,
            name: row.name,
            currency: row.currency,
            // Settings added by later versions have their defaults.
            settings: serde_json::from_str(&row.settings).unwrap_or_default(),
            // A product whose visibility this version does not know is shown to nobody by mistake.
            visibility: row.visibility.parse().unwrap_or(Visibility::Private),
            default_role: row.default_role.and_then(|role| role.parse().ok()),
            owner_id: row.owner_id.map(Id::from),
            archived_at: row.archived_at.map(Time::from),
            version: row.version,
            created_at: row.created_at.into(),
            updated_at: row.updated_at.into(),
        }
    }
}

impl From<&Product> for Row {
    fn from(product: &Product) -> Self {
        Row {
            id: product.id.into(),
            key: product.key.clone(),
            name: product.name.clone(),
            currency: product.currency.clone(),
            settings: json(&product.settings),
            version: product.version,
            created_at: product.created_at.into(),
            updated_at: product.updated_at.into(),
            visibility: product.visibility.as_str().to_owned(),
            default_role: product.default_role.map(|role| role.as_str().to_owned()),
            owner_id: product.owner_id.map(DbId),
            archived_at: product.archived_at.map(DbTime),
        }
    }
}

/// The product with this id.
///
/// # Errors
/// 404.
pub fn get(conn: &mut Conn, id: Id) -> Result<Product> {
    let row = products::table.select(COLUMNS).find(DbId(id)).first::<Row>(conn).optional()?;
    row.map(Product::from).ok_or_else(|| Error::not_found("product"))
}

/// The product with this id, locked until the commit.
///
/// # Errors
/// 404.
pub fn lock(tx: &mut Tx<'_>, id: Id) -> Result<Product> {
    lock_row!(tx, products, id);
    get(tx.conn, id)
}

/// The product with this key or id, if there is one.
pub fn find(conn: &mut Conn, key_or_id: &str) -> Result<Option<Product>> {
    // PostgreSQL rejects text with NUL, and no key contains one.
    if key_or_id.contains('\0') {
        return Ok(None);
    }
    let query = products::table.select(COLUMNS).into_boxed();
    let query = match key_or_id.parse::<Id>() {
        Ok(id) => query.filter(products::id.eq(DbId(id))),
        Err(_) => query.filter(products::key.eq(key_or_id.to_uppercase())),
    };
    Ok(query.first::<Row>(conn).optional()?.map(Product::from))
}

/// The product that the field `product` of a query or an input names.
///
/// # Errors
/// 422 where there is none with this key or id.
pub fn known(conn: &mut Conn, key_or_id: &str) -> Result<Product> {
    find(conn, key_or_id)?.ok_or_else(|| Reference::Product.refusal("/product").into())
}

/// Like [`known`], where the field may be absent.
///
/// # Errors
/// As for [`known`].
pub fn named(conn: &mut Conn, key_or_id: Option<&str>) -> Result<Option<Product>> {
    key_or_id.map(|name| known(conn, name)).transpose()
}

/// The products, newest first: those that are archived, or all others.
///
/// # Errors
/// 422 for a wrong cursor.
pub fn list(conn: &mut Conn, archived: bool, paging: &Paging) -> Result<Page<Product>> {
    let mut query = products::table.select(COLUMNS).into_boxed();
    query = match archived {
        true => query.filter(products::archived_at.is_not_null()),
        false => query.filter(products::archived_at.is_null()),
    };
    if let Some(after) = paging.key::<Id>(0)? {
        query = query.filter(products::id.lt(DbId(after)));
    }
    let rows: Vec<Row> = query.order(products::id.desc()).limit(paging.limit as i64 + 1).load(conn)?;
    Ok(paging.page(rows.into_iter().map(Product::from).collect(), |p| vec![p.id.to_string()]))
}

/// A condition on the product of each row of a table: that it is archived, or that it is not.
pub fn archive_condition(table: &str, archived: bool) -> String {
    let not = if archived { "" } else { "NOT " };
    format!("{table}.product_id {not}IN (SELECT id FROM products WHERE archived_at IS NOT NULL)")
}

/// Whether any product is archived.
pub fn has_archived(conn: &mut Conn) -> Result<bool> {
    let archived = products::table.filter(products::archived_at.is_not_null()).select(products::id);
    Ok(archived.first::<DbId>(conn).optional()?.is_some())
}

/// The products that are not archived, oldest first.
pub fn current(conn: &mut Conn) -> Result<Vec<Product>> {
    let rows = products::table.select(COLUMNS).filter(products::archived_at.is_null());
    let rows: Vec<Row> = rows.order(products::id.asc()).load(conn)?;
    Ok(rows.into_iter().map(Product::from).collect())
}

/// The products among which a page of one product lets people choose: those that are not archived, and this one.
pub fn offered(conn: &mut Conn, shown: &Product) -> Result<Vec<Product>> {
    let mut offered = current(conn)?;
    if shown.archived_at.is_some() {
        offered.push(shown.clone());
    }
    Ok(offered)
}

/// All products, oldest first. The engine keeps a grouper for each.
pub fn all(conn: &mut Conn) -> Result<Vec<Product>> {
    let rows: Vec<Row> = products::table.select(COLUMNS).order(products::id.asc()).load(conn)?;
    Ok(rows.into_iter().map(Product::from).collect())
}

/// The ids of all products, in order.
pub fn ids(conn: &mut Conn) -> Result<Vec<Id>> {
    let ids: Vec<DbId> = products::table.select(products::id).order(products::id.asc()).load(conn)?;
    Ok(ids.into_iter().map(Id::from).collect())
}

/// Adds a product; false where the id exists already.
///
/// # Errors
/// 409 where the key is taken.
pub fn insert_new(tx: &mut Tx<'_>, product: &Product) -> Result<bool> {
    let row = Row::from(product);
    let count = on_each!(tx.conn, c => diesel::insert_into(products::table)
        .values(&row).on_conflict(products::id).do_nothing().execute(c))?;
    Ok(count > 0)
}

/// Writes the editable fields of a product.
pub fn update(tx: &mut Tx<'_>, product: &Product) -> Result<()> {
    diesel::update(products::table.find(DbId(product.id))).set(&Row::from(product)).execute(tx.conn)?;
    Ok(())
}

/// The next story number of a product. The row stays locked until the commit, so numbers have no gaps or repeats.
pub fn next_story_number(tx: &mut Tx<'_>, product: Id) -> Result<i32> {
    let next = products::last_story_number + 1;
    diesel::update(products::table.find(DbId(product))).set(products::last_story_number.eq(next)).execute(tx.conn)?;
    Ok(products::table.find(DbId(product)).select(products::last_story_number).first(tx.conn)?)
}

/// Requests a refinement (after an import).
pub fn ask_refinement(tx: &mut Tx<'_>, product: Id) -> Result<()> {
    diesel::update(products::table.find(DbId(product)))
        .set((products::refine_due.eq(true), products::refine_asked.eq(products::refine_asked + 1)))
        .execute(tx.conn)?;
    Ok(())
}

/// Requests a cold refinement, for a person. A run in progress does not fulfil it, because it began with other
/// settings.
pub fn ask_cold_refinement(tx: &mut Tx<'_>, product: Id) -> Result<()> {
    ask_refinement(tx, product)?;
    diesel::update(products::table.find(DbId(product))).set(products::refine_cold.eq(true)).execute(tx.conn)?;
    Ok(())
}

/// Notes that a product was refined over `size` items. Requests made since the run began (see [`RefinementState::asked`])
/// stay due.
pub fn refined(tx: &mut Tx<'_>, product: Id, size: i32, asked: i32) -> Result<()> {
    let at = DbTime(tx.now);
    diesel::update(products::table.find(DbId(product)))
        .set((products::refined_at.eq(at), products::refined_size.eq(size)))
        .execute(tx.conn)?;
    diesel::update(products::table.find(DbId(product)).filter(products::refine_asked.eq(asked)))
        .set((products::refine_due.eq(false), products::refine_cold.eq(false)))
        .execute(tx.conn)?;
    Ok(())
}

/// The state of a product's refinement.
#[derive(Clone, Copy, Debug)]
pub struct RefinementState {
    /// The product.
    pub product: Id,
    /// Whether one was requested and has not run.
    pub due: bool,
    /// Whether a person requested it: it then runs cold, and without waiting.
    pub cold: bool,
    /// The number of requests so far.
    pub asked: i32,
    /// When the last one ran.
    pub at: Option<Time>,
    /// The number of items of that run.
    pub size: i32,
}

/// The state of the refinement of every product.
pub fn refinements(conn: &mut Conn) -> Result<Vec<RefinementState>> {
    let rows: Vec<(DbId, bool, bool, i32, Option<DbTime>, i32)> = products::table
        .select((
            products::id,
            products::refine_due,
            products::refine_cold,
            products::refine_asked,
            products::refined_at,
            products::refined_size,
        ))
        .order(products::id.asc())
        .load(conn)?;
    let refinement = |(id, due, cold, asked, at, size): (DbId, bool, bool, i32, Option<DbTime>, i32)| RefinementState {
        product: id.into(),
        due,
        cold,
        asked,
        at: at.map(Time::from),
        size,
    };
    Ok(rows.into_iter().map(refinement).collect())
}

/// The state of the refinement of one product.
///
/// # Errors
/// 404.
pub fn refinement(conn: &mut Conn, product: Id) -> Result<RefinementState> {
    let found = refinements(conn)?.into_iter().find(|refinement| refinement.product == product);
    found.ok_or_else(|| Error::not_found("product"))
}
