//! Column types. Ids and times: UUID and TIMESTAMPTZ on PostgreSQL, BLOB and INTEGER (microseconds) on SQLite. Names of
//! domain enums and JSON: text in both.

use std::io::Write;

use diesel::backend::Backend;
use diesel::deserialize::{self, FromSql, FromSqlRow, Queryable};
use diesel::expression::AsExpression;
use diesel::pg::{Pg, PgValue};
use diesel::query_builder::QueryId;
use diesel::serialize::{self, IsNull, Output, ToSql};
use diesel::sql_types::{BigInt, Binary, HasSqlType, SqlOrd, SqlType, Text};
use diesel::sqlite::Sqlite;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::conn::MultiBackend;
use crate::domain::base::{Id, Time};
use crate::domain::feedback::{Kind, SetAside};

/// UUID on PostgreSQL, a BLOB of 16 bytes on SQLite (a column typed `UUID` there would get numeric affinity).
#[derive(Clone, Copy, Debug, Default, SqlType, QueryId)]
#[diesel(postgres_type(oid = 2950, array_oid = 2951))]
#[diesel(sqlite_type(name = "Binary"))]
pub struct UuidSql;

/// TIMESTAMPTZ on PostgreSQL, microseconds since 1970 as INTEGER on SQLite.
#[derive(Clone, Copy, Debug, Default, SqlType, QueryId)]
#[diesel(postgres_type(oid = 1184, array_oid = 1185))]
#[diesel(sqlite_type(name = "Long"))]
pub struct TimeSql;

impl SqlOrd for TimeSql {}

impl HasSqlType<UuidSql> for MultiBackend {
    fn metadata(lookup: &mut Self::MetadataLookup) -> Self::TypeMetadata {
        Self::lookup_sql_type::<UuidSql>(lookup)
    }
}

impl HasSqlType<TimeSql> for MultiBackend {
    fn metadata(lookup: &mut Self::MetadataLookup) -> Self::TypeMetadata {
        Self::lookup_sql_type::<TimeSql>(lookup)
    }
}

/// A column of [`UuidSql`].
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, AsExpression, FromSqlRow, Serialize, Deserialize,
)]
#[serde(transparent)]
#[diesel(sql_type = UuidSql)]
pub(in crate::store) struct DbId(pub Id);

/// A column of [`TimeSql`].
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, AsExpression, FromSqlRow, Serialize, Deserialize,
)]
#[serde(transparent)]
#[diesel(sql_type = TimeSql)]
pub(in crate::store) struct DbTime(pub Time);

impl From<Id> for DbId {
    fn from(id: Id) -> Self {
        Self(id)
    }
}

impl From<DbId> for Id {
    fn from(id: DbId) -> Self {
        id.0
    }
}

impl From<Time> for DbTime {
    fn from(time: Time) -> Self {
        Self(time)
    }
}

impl From<DbTime> for Time {
    fn from(time: DbTime) -> Self {
        time.0
    }
}

/// The epoch of PostgreSQL's timestamps, 2000-01-01T00:00:00Z, in microseconds since 1970.
const POSTGRES_EPOCH: i64 = 946_684_800_000_000;

impl ToSql<UuidSql, Pg> for DbId {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        out.write_all(self.0.0.as_bytes())?;
        Ok(IsNull::No)
    }
}

impl ToSql<UuidSql, Sqlite> for DbId {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(self.0.0.as_bytes().as_slice());
        Ok(IsNull::No)
    }
}

impl ToSql<UuidSql, MultiBackend> for DbId {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, MultiBackend>) -> serialize::Result {
        out.set_value((UuidSql, self));
        Ok(IsNull::No)
    }
}

impl FromSql<UuidSql, Pg> for DbId {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        Ok(Self(Id(uuid::Uuid::from_slice(value.as_bytes())?)))
    }
}

impl FromSql<UuidSql, Sqlite> for DbId {
    fn from_sql(value: <Sqlite as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        let bytes = <Vec<u8> as FromSql<Binary, Sqlite>>::from_sql(value)?;
        Ok(Self(Id(uuid::Uuid::from_slice(&bytes)?)))
    }
}

impl FromSql<UuidSql, MultiBackend> for DbId {
    fn from_sql(value: <MultiBackend as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        value.from_sql::<DbId, UuidSql>()
    }
}

impl ToSql<TimeSql, Pg> for DbTime {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        out.write_all(&self.0.0.saturating_sub(POSTGRES_EPOCH).to_be_bytes())?;
        Ok(IsNull::No)
    }
}

impl ToSql<TimeSql, Sqlite> for DbTime {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(self.0.0);
        Ok(IsNull::No)
    }
}

impl ToSql<TimeSql, MultiBackend> for DbTime {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, MultiBackend>) -> serialize::Result {
        out.set_value((TimeSql, self));
        Ok(IsNull::No)
    }
}

impl FromSql<TimeSql, Pg> for DbTime {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        let micros = i64::from_be_bytes(value.as_bytes().try_into()?);
        Ok(Self(Time(micros.saturating_add(POSTGRES_EPOCH))))
    }
}

impl FromSql<TimeSql, Sqlite> for DbTime {
    fn from_sql(value: <Sqlite as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        <i64 as FromSql<BigInt, Sqlite>>::from_sql(value).map(|micros| Self(Time(micros)))
    }
}

impl FromSql<TimeSql, MultiBackend> for DbTime {
    fn from_sql(value: <MultiBackend as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        value.from_sql::<DbTime, TimeSql>()
    }
}

/// Columns that are read as values of the domain at once, for the structs that queries answer.
macro_rules! read_as {
    ($($domain:ty: $sql:ty as $column:ty, $read:expr;)*) => {$(
        impl FromSql<$sql, MultiBackend> for $domain {
            fn from_sql(value: <MultiBackend as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
                $read(<$column as FromSql<$sql, MultiBackend>>::from_sql(value)?)
            }
        }

        impl Queryable<$sql, MultiBackend> for $domain {
            type Row = Self;

            fn build(row: Self) -> deserialize::Result<Self> {
                Ok(row)
            }
        }
    )*};
}

read_as! {
    Id: UuidSql as DbId, |id: DbId| Ok(id.0);
    Time: TimeSql as DbTime, |time: DbTime| Ok(time.0);
    Kind: Text as String, |text: String| known(&text);
    SetAside: Text as String, |text: String| known(&text);
}

/// A stored name of a domain enum.
fn known<T: std::str::FromStr>(text: &str) -> deserialize::Result<T> {
    text.parse().map_err(|_| format!("unknown name in the database: {text}").into())
}

/// A text column that holds JSON.
#[derive(Clone, Debug, PartialEq, AsExpression, FromSqlRow)]
#[diesel(sql_type = Text)]
pub struct Json<T: Serialize + DeserializeOwned + std::fmt::Debug>(pub T);

impl<T, DB> FromSql<Text, DB> for Json<T>
where
    T: Serialize + DeserializeOwned + std::fmt::Debug,
    DB: Backend,
    String: FromSql<Text, DB>,
{
    fn from_sql(value: DB::RawValue<'_>) -> deserialize::Result<Self> {
        Ok(Self(serde_json::from_str(&String::from_sql(value)?)?))
    }
}

/// A value as the JSON of a text column.
pub fn json<T: Serialize + ?Sized>(value: &T) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

/// Parses the name of a domain enum in a text column.
///
/// # Errors
/// 500 where this version does not know the name.
pub fn name<T: std::str::FromStr>(text: &str) -> crate::error::Result<T> {
    text.parse().map_err(|_| crate::error::Error::internal(format!("unknown name in the database: {text}")))
}
