//! Running queries: what a file of the store imports in place of `diesel::prelude`.
//!
//! [`Run`] has the names of diesel's `RunQueryDsl`. The difference is what is compiled: diesel generates the code that
//! prepares, binds and reads a statement once for each query and each database. Here a query on [`Conn`] is handed on as
//! a [`Fragment`], so that this code is generated once for each type of rows instead.

use std::cell::Cell;
use std::marker::PhantomData;

use diesel::RunQueryDsl;
use diesel::query_builder::{AsQuery, AstPass, Query, QueryFragment, QueryId};
use diesel::query_dsl::methods::{ExecuteDsl, LimitDsl, LoadQuery};

pub use diesel::prelude::{
    AggregateExpressionMethods, AsChangeset, BoolExpressionMethods, Connection, EscapeExpressionMethods,
    ExpressionMethods, Insertable, IntoSql, JoinOnDsl, NullableExpressionMethods, OptionalExtension, PgConnection,
    QueryDsl, QueryResult, Queryable, QueryableByName, Selectable, SelectableHelper, SqliteConnection,
    TextExpressionMethods,
};

use super::conn::Conn;

thread_local! {
    static RUN: Cell<u64> = const { Cell::new(0) };
}

/// How many statements this thread has run. The console tells how many a page took, and tests hold pages to a bound.
pub fn statements_run() -> u64 {
    RUN.get()
}

fn count() {
    RUN.set(RUN.get() + 1);
}

/// The SQL of both databases, as [`Conn`] speaks it.
type Both = <Conn as Connection>::Backend;

/// What can write its SQL and its parameters.
trait Walk {
    fn walk<'b>(&'b self, pass: AstPass<'_, 'b, Both>) -> QueryResult<()>;
}

impl<Q: QueryFragment<Both>> Walk for Q {
    fn walk<'b>(&'b self, pass: AstPass<'_, 'b, Both>) -> QueryResult<()> {
        self.walk_ast(pass)
    }
}

/// A query whose type is forgotten, except for the SQL type of its rows.
pub struct Fragment<'q, Rows> {
    query: Box<dyn Walk + 'q>,
    rows: PhantomData<Rows>,
}

impl<'q, Rows> Fragment<'q, Rows> {
    fn new(query: impl QueryFragment<Both> + 'q) -> Self {
        Self { query: Box::new(query), rows: PhantomData }
    }
}

impl<Rows> QueryFragment<Both> for Fragment<'_, Rows> {
    fn walk_ast<'b>(&'b self, pass: AstPass<'_, 'b, Both>) -> QueryResult<()> {
        self.query.walk(pass)
    }
}

// A prepared statement is found by its SQL: the type no longer says which one it is.
impl<Rows> QueryId for Fragment<'_, Rows> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<Rows> Query for Fragment<'_, Rows> {
    type SqlType = Rows;
}

impl<Rows> RunQueryDsl<Conn> for Fragment<'_, Rows> {}

/// A connection that reads rows of the type `U` by the query `Q`.
pub trait Loads<'q, Q, U> {
    /// Reads all rows.
    fn load_all(&mut self, query: Q) -> QueryResult<Vec<U>>;
}

/// A connection that carries out the statement `Q`.
pub trait Executes<Q> {
    /// Answers how many rows were changed.
    fn count_changed(&mut self, statement: Q) -> QueryResult<usize>;
}

impl<'q, Q, U> Loads<'q, Q, U> for Conn
where
    Q: AsQuery,
    Q::Query: QueryFragment<Both> + 'q,
    Fragment<'q, Q::SqlType>: LoadQuery<'q, Conn, U>,
{
    fn load_all(&mut self, query: Q) -> QueryResult<Vec<U>> {
        count();
        RunQueryDsl::load(Fragment::<Q::SqlType>::new(query.as_query()), self)
    }
}

impl<Q: QueryFragment<Both>> Executes<Q> for Conn {
    fn count_changed(&mut self, statement: Q) -> QueryResult<usize> {
        count();
        RunQueryDsl::execute(Fragment::<()>::new(statement), self)
    }
}

macro_rules! of_one_database {
    ($($conn:ty),*) => {$(
        impl<'q, Q: LoadQuery<'q, $conn, U>, U> Loads<'q, Q, U> for $conn {
            fn load_all(&mut self, query: Q) -> QueryResult<Vec<U>> {
                count();
                RunQueryDsl::load(query, self)
            }
        }

        impl<Q: ExecuteDsl<$conn> + RunQueryDsl<$conn>> Executes<Q> for $conn {
            fn count_changed(&mut self, statement: Q) -> QueryResult<usize> {
                count();
                RunQueryDsl::execute(statement, self)
            }
        }
    )*};
}

of_one_database!(SqliteConnection, PgConnection);

/// Runs a query on a connection to both databases, or to one of them.
pub trait Run<C>: Sized {
    /// Reads all rows.
    fn load<'q, U>(self, conn: &mut C) -> QueryResult<Vec<U>>
    where
        C: Loads<'q, Self, U>,
    {
        conn.load_all(self)
    }

    /// Reads the only row; without one it is an error, which `optional` turns into `None`.
    fn get_result<'q, U>(self, conn: &mut C) -> QueryResult<U>
    where
        C: Loads<'q, Self, U>,
    {
        conn.load_all(self)?.into_iter().next().ok_or(diesel::NotFound)
    }

    /// Reads the first row; without one it is an error, which `optional` turns into `None`.
    fn first<'q, U>(self, conn: &mut C) -> QueryResult<U>
    where
        Self: LimitDsl,
        C: Loads<'q, <Self as LimitDsl>::Output, U>,
    {
        conn.load_all(self.limit(1))?.into_iter().next().ok_or(diesel::NotFound)
    }

    /// Carries the statement out, and answers how many rows were changed.
    fn execute(self, conn: &mut C) -> QueryResult<usize>
    where
        C: Executes<Self>,
    {
        conn.count_changed(self)
    }
}

impl<Q: RunQueryDsl<C>, C> Run<C> for Q {}
