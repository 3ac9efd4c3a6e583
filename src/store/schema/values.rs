//! Values of any column, and statements that are put together while the program runs: for code that treats every table
//! alike (export, restore, erasure). It would be compiled once for each table and database if it named the tables.

use diesel::QueryResult;
use diesel::connection::LoadConnection;
use diesel::deserialize;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::row::Row;
use diesel::sql_types::{BigInt, Binary, Bool, Double, Integer, Nullable, SqlType, Text, Untyped, is_nullable};

use crate::error::Result;
use crate::store::base::conn::{Conn, MultiBackend};
use crate::store::base::types::{DbId, DbTime, TimeSql, UuidSql};

/// A type of `table!`, as a value.
pub trait Typed {
    /// The type without `Nullable`.
    const TYPE: ColumnType;
    /// Whether it is `Nullable`.
    const NULLABLE: bool = false;
}

impl<T: Typed + SqlType<IsNull = is_nullable::NotNull>> Typed for Nullable<T> {
    const TYPE: ColumnType = T::TYPE;
    const NULLABLE: bool = true;
}

/// What a Rust type makes of a value.
pub trait OfValue: Sized {
    /// `None` where the value has another type, or is null where this type has no null.
    fn of(value: &Value) -> Option<Self>;
}

/// Each row: the variant, which is the type's name in `table!`, and its Rust type.
macro_rules! column_types {
    ($($variant:ident $rust:ty;)*) => {
        /// The type of a column, without whether it may be null.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum ColumnType { $(#[doc = stringify!($variant)] $variant),* }

        /// A value of a column; `None` is null.
        #[derive(Clone, Debug, PartialEq)]
        pub enum Value { $(#[doc = stringify!($variant)] $variant(Option<$rust>)),* }

        impl ColumnType {
            /// The null of this type.
            pub fn null(self) -> Value {
                match self { $(Self::$variant => Value::$variant(None)),* }
            }

            fn read<'a>(self, row: &impl Row<'a, MultiBackend>, at: usize) -> deserialize::Result<Value> {
                match self {
                    $(Self::$variant => row.get_value::<Nullable<$variant>, Option<$rust>, usize>(at).map(Value::$variant)),*
                }
            }
        }

        impl Value {
            fn bind<'b>(&'b self, pass: &mut AstPass<'_, 'b, MultiBackend>) -> QueryResult<()> {
                match self { $(Self::$variant(value) => pass.push_bind_param::<Nullable<$variant>, _>(value)),* }
            }
        }

        $(
            impl Typed for $variant {
                const TYPE: ColumnType = ColumnType::$variant;
            }

            impl From<$rust> for Value {
                fn from(value: $rust) -> Self {
                    Self::$variant(Some(value))
                }
            }

            impl OfValue for Option<$rust> {
                fn of(value: &Value) -> Option<Self> {
                    match value {
                        Value::$variant(value) => Some(value.clone()),
                        _ => None,
                    }
                }
            }

            impl OfValue for $rust {
                fn of(value: &Value) -> Option<Self> {
                    Option::<$rust>::of(value).flatten()
                }
            }
        )*
    };
}

column_types! {
    Integer i32;
    BigInt i64;
    Double f64;
    Bool bool;
    Text String;
    Binary Vec<u8>;
    UuidSql DbId;
    TimeSql DbTime;
}

/// An SQL statement made of its parts. It is prepared once for each text and connection.
#[derive(Default)]
pub struct Sql<'a> {
    parts: Vec<SqlPart<'a>>,
}

enum SqlPart<'a> {
    Words(&'static str),
    Name(&'static str),
    Value(&'a Value),
}

impl<'a> Sql<'a> {
    /// A statement that begins with these words.
    pub fn new(words: &'static str) -> Self {
        Self::default().words(words)
    }

    /// Adds SQL.
    pub fn words(mut self, words: &'static str) -> Self {
        self.parts.push(SqlPart::Words(words));
        self
    }

    /// Adds the name of a table or column, in quotes.
    pub fn name(mut self, name: &'static str) -> Self {
        self.parts.push(SqlPart::Name(name));
        self
    }

    /// Adds a parameter.
    pub fn value(mut self, value: &'a Value) -> Self {
        self.parts.push(SqlPart::Value(value));
        self
    }

    /// Adds something for each item, with words between two of them.
    pub fn each<T>(
        self,
        items: impl IntoIterator<Item = T>,
        between: &'static str,
        add: impl Fn(Self, T) -> Self,
    ) -> Self {
        let begin = |sql: Self, at: usize| if at == 0 { sql } else { sql.words(between) };
        items.into_iter().enumerate().fold(self, |sql, (at, item)| add(begin(sql, at), item))
    }

    /// Runs the statement and reads columns of these types; none for a statement whose rows are only counted.
    pub fn rows(self, conn: &mut Conn, types: &[ColumnType]) -> Result<Vec<Vec<Value>>> {
        let mut rows = Vec::new();
        // Not `execute`: diesel caches a prepared statement of this kind only where it loads rows.
        for row in LoadConnection::load(conn, self)? {
            let row = row?;
            let values = types.iter().enumerate().map(|(at, kind)| kind.read(&row, at));
            let values: deserialize::Result<Vec<Value>> = values.collect();
            rows.push(values.map_err(diesel::result::Error::DeserializationError)?);
        }
        Ok(rows)
    }

    /// Runs a statement that ends with `RETURNING 1` or begins with `SELECT 1`; answers whether there was a row.
    pub fn found(self, conn: &mut Conn) -> Result<bool> {
        Ok(!self.rows(conn, &[])?.is_empty())
    }
}

impl QueryFragment<MultiBackend> for Sql<'_> {
    fn walk_ast<'b>(&'b self, mut pass: AstPass<'_, 'b, MultiBackend>) -> QueryResult<()> {
        for part in &self.parts {
            match part {
                SqlPart::Words(words) => pass.push_sql(words),
                SqlPart::Name(name) => pass.push_identifier(name)?,
                SqlPart::Value(value) => value.bind(&mut pass)?,
            }
        }
        Ok(())
    }
}

impl QueryId for Sql<'_> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl Query for Sql<'_> {
    type SqlType = Untyped;
}
