//! Row-level security: what a caller who may not see every product reads and writes.
//!
//! A request runs [`within`] the scope of its caller. [`Store::read`](crate::store::Store::read) then uses a connection on
//! which a temporary view hides each table: the view has the same name, and only the rows of the caller's products. Both
//! databases find temporary views before tables, so every query, count, search and join is limited without knowing of it.
//! A table of which nothing says how it belongs to a product is empty there. Callers without limits use the usual
//! connections, without views.
//!
//! Writes are guarded in two places. What a request names is looked for through the views first ([`hidden`]). And since
//! each change appends an event, a transaction whose events belong to another product is refused (`events.rs`).
//!
//! PostgreSQL refuses to drop a column that a view has: a migration that drops one fails while an instance of an earlier
//! version has such a connection open. They are closed after ten minutes without use.

mod views;

use std::collections::BTreeSet;
use std::future::Future;

use diesel::connection::SimpleConnection;
use diesel::sql_query;

use super::conn::Conn;
use super::query::*;
use super::types::{DbId, UuidSql};
use crate::domain::base::Id;
use crate::domain::team::access::{Scope, ScopeLimits};
use crate::error::Result;
use crate::store::schema::declare::Table;
use crate::store::schema::tables;
use views::{Dialect, View, views};

tokio::task_local! {
    static SCOPE: Scope;
}

/// Runs a request in the scope of its caller.
pub async fn within<F: Future>(scope: Scope, work: F) -> F::Output {
    SCOPE.scope(scope, work).await
}

/// The scope of the current request; everything outside of one, as in jobs. A task or thread that a request starts is
/// outside of it: it must be given the scope.
pub fn current() -> Scope {
    SCOPE.try_with(Clone::clone).unwrap_or_default()
}

/// Puts the views over the tables of a new connection. Until [`enter`] says whose they are, they are empty.
pub(in crate::store) fn prepare(conn: &mut Conn) -> Result<()> {
    let dialect = Dialect::of(conn)?;
    let mut sql = match dialect.is_sqlite {
        true => {
            "PRAGMA query_only = OFF; CREATE TEMP TABLE scope_products (id BLOB PRIMARY KEY) WITHOUT ROWID; \
             CREATE TEMP TABLE scope_actor (id BLOB); "
        }
        false => "SET hearback.products = '{}'; SET hearback.actor = '00000000-0000-0000-0000-000000000000'; ",
    }
    .to_owned();
    for View { table, rows, .. } in views(&dialect) {
        sql.push_str(&format!(
            "CREATE TEMP VIEW {table} AS SELECT r.* FROM {}{table} AS r WHERE {rows}; ",
            dialect.base
        ));
    }
    conn.batch_execute(&sql)?;
    enter(conn, &ScopeLimits { products: Vec::new(), visible: Vec::new(), actor: Id(uuid::Uuid::nil()) })
}

/// Says whose rows the views of a prepared connection have.
pub(in crate::store) fn enter(conn: &mut Conn, limits: &ScopeLimits) -> Result<()> {
    let sql = match conn {
        Conn::Sqlite(_) => {
            let ids: Vec<String> = limits.products.iter().map(|id| format!("(X'{}')", id.0.simple())).collect();
            let insert = match ids.is_empty() {
                true => String::new(),
                false => format!("INSERT INTO temp.scope_products VALUES {}; ", ids.join(", ")),
            };
            format!(
                "PRAGMA query_only = OFF; DELETE FROM temp.scope_products; DELETE FROM temp.scope_actor; {insert}\
                 INSERT INTO temp.scope_actor VALUES (X'{}'); PRAGMA query_only = ON;",
                limits.actor.0.simple()
            )
        }
        Conn::Postgres(_) => {
            let ids: Vec<String> = limits.products.iter().map(Id::to_string).collect();
            format!("SET hearback.products = '{{{}}}'; SET hearback.actor = '{}';", ids.join(","), limits.actor)
        }
    };
    Ok(conn.batch_execute(&sql)?)
}

#[derive(QueryableByName)]
struct FoundId {
    #[diesel(sql_type = UuidSql)]
    id: DbId,
}

/// Which of these ids are ids of rows that the scope of this connection hides. An id of no row is not hidden.
pub fn hidden(conn: &mut Conn, ids: &[Id]) -> Result<Vec<Id>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let dialect = Dialect::of(conn)?;
    let literal = |id: &Id| match dialect.is_sqlite {
        true => format!("X'{}'", id.0.simple()),
        false => format!("'{id}'::uuid"),
    };
    let mut found = BTreeSet::new();
    for some in ids.chunks(200) {
        let some = some.iter().map(literal).collect::<Vec<_>>().join(", ");
        let of_table = |table: &Table| {
            let visible = dialect.visible(table.name, "b.id");
            let base = &dialect.base;
            format!("SELECT b.id AS id FROM {base}{} AS b WHERE b.id IN ({some}) AND NOT {visible}", table.name)
        };
        let with_ids = tables().filter(|table| {
            let own = table.column("id").is_some_and(|id| id.kind == crate::store::schema::values::ColumnType::UuidSql);
            own && dialect.view(table).is_some()
        });
        let sql = with_ids.map(of_table).collect::<Vec<_>>().join(" UNION ALL ");
        let rows: Vec<FoundId> = match conn {
            Conn::Sqlite(c) => sql_query(sql).load(c)?,
            Conn::Postgres(c) => sql_query(sql).load(c)?,
        };
        found.extend(rows.into_iter().map(|row| row.id.0));
    }
    Ok(found.into_iter().collect())
}
