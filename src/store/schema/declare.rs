//! What a table is, beside its columns: how it is exported and restored, and what erasing a person does to its texts.
//! [`tables!`] declares all of it in one place, next to the columns.

use std::str::FromStr;

pub use diesel::sql_types::{BigInt, Binary, Bool, Double, Integer, Nullable, Text};

use crate::error::Result;
pub use crate::store::base::types::{TimeSql, UuidSql};
pub use crate::store::schema::values::Typed;
use crate::store::schema::values::{ColumnType, Value};

/// Declares the tables of an area, in the area's file of `store/schema/`. A column without a colon is exported as it is.
///
/// ```text
/// tables! {
///     /// People of the team.
///     members (id): exported("member").with_event("member.imported") => {
///         id -> UuidSql,
///         name -> Text: impersonal(TEAM),
///         email -> Text: impersonal(TEAM),
///         email_folded -> Text: impersonal(TEAM).derived("email", email_fold),
///         role -> Text: name_of::<Role>(),
///         ...
///     }
///
///     tokens (id): not_exported("an export lets nobody in") => {
///         id -> UuidSql,
///         member_id -> Nullable<UuidSql>: refers("members"),
///         name -> Text: written(Becomes::Erased),
///         ...
///     }
/// }
/// ```
///
/// - `members (id)` is the table with its primary key. What stands after the colon, and may be chained, is a function of
///   [`Table`]: [`exported`] with the type of its lines, or [`not_exported`] with the reason.
/// - What stands after the colon of a column is a function of [`Column`]. A column of text says what erasing a person does
///   to it: [`written`], [`by_row`], [`impersonal`], [`made`] or [`name_of`]. A column with the id of another row says
///   where that row is: [`refers`]. So an export's lines come in an order in which each finds what it refers to. Any other
///   number, time, flag or id says whether it is data of a person ([`of_person`]) or not ([`no_person`]), unless a rule for
///   its kind says so ([`Column::holds`]: `id`, `*_by`, `*_at`, `version`).
macro_rules! tables {
    ($(
        $(#[$doc:meta])*
        $table:ident ($($key:ident),+): $kept:expr => {
            $($column:ident -> $type:ident $(<$inner:ident>)? $(: $says:expr)?,)+
        }
    )+) => {
        $(
            diesel::table! {
                use diesel::sql_types::*;
                use $crate::store::base::types::{TimeSql, UuidSql};
                $(#[$doc])*
                $table ($($key),+) { $($column -> $type $(<$inner>)?,)+ }
            }
        )+

        /// The declarations of the tables of this area.
        pub static TABLES: &[Table] = &[$(
            ($kept).with_columns(
                stringify!($table),
                &[$(stringify!($key)),+],
                &[$(
                    says!($($says)?).named(
                        stringify!($column),
                        <$type $(<$inner>)? as Typed>::TYPE,
                        <$type $(<$inner>)? as Typed>::NULLABLE,
                    ),
                )+],
            ),
        )+];
    };
}
pub(super) use tables;

/// What a column says of itself, if anything.
macro_rules! says {
    () => {
        plain()
    };
    ($says:expr) => {
        $says
    };
}
pub(super) use says;

/// What a text becomes that names or quotes an erased person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Becomes {
    /// `[erased]`.
    Erased,
    /// The same in each line that names or quotes the person; the other lines stay.
    Lines,
    /// The same with a number: no two may be the same.
    Unique,
    /// JSON whose texts each become what they must.
    Json,
    /// The address of a webhook: nothing is sent to it any more.
    Address,
}

pub use crate::domain::privacy::records::data_map::{ColumnRule, DataKind, KeptFor};

/// Tables with a row a person: an id that refers to one of them is data of that person.
const PEOPLE: [&str; 2] = ["customers", "members"];

/// What erasing a person does to a column of text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Erasure {
    /// Texts in it that name or quote the person become something else.
    Written(Becomes),
    /// `usecase/privacy/erasure.rs` knows what each of its rows becomes.
    ByRow,
    /// Nothing: no words of or about customers can stand in it, for this reason.
    Impersonal(&'static str),
}

/// Whether a column is exported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Export {
    /// In the line of its row.
    Line,
    /// In a line of its own type after all rows of the table, because it names another row of the same table.
    OwnLine(&'static str),
    /// No, for this reason.
    LeftOut(&'static str),
}

/// Where the value of a column that is left out comes from when its row is restored.
#[derive(Clone, Copy, Debug)]
pub enum Restored {
    /// The database's default.
    Default,
    /// Derived from another column of text; null where that is null.
    From(&'static str, fn(&str) -> String),
    /// Made anew.
    Made(fn() -> Result<Value>),
}

/// A column.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    /// Its name.
    pub name: &'static str,
    /// Its type.
    pub kind: ColumnType,
    /// Whether it may be null.
    pub nullable: bool,
    /// Whether it is exported.
    pub export: Export,
    /// Its value where it is left out.
    pub restored: Restored,
    /// Its value where an export of an earlier version lacks it; null where there is none and it may be null.
    pub absent: Option<fn() -> Value>,
    /// Whether its text is JSON: it is exported as such.
    pub json: bool,
    /// Whether this version knows a text of it.
    pub check: Option<fn(&str) -> bool>,
    /// The table whose ids it holds.
    pub refers: Option<&'static str>,
    /// What erasing a person does to it; every column of text says so.
    pub erasure: Option<Erasure>,
    /// What it holds, where no rule for its kind says so; see [`Column::holds`].
    pub tag: Option<DataKind>,
}

/// A column that is exported as it is.
pub const fn plain() -> Column {
    Column {
        name: "",
        kind: ColumnType::Text,
        nullable: false,
        export: Export::Line,
        restored: Restored::Default,
        absent: None,
        json: false,
        check: None,
        refers: None,
        erasure: None,
        tag: None,
    }
}

/// A number, time, flag or id that says nothing about a person, and is exported as it is.
pub const fn no_person() -> Column {
    plain().tagged(DataKind::None)
}

/// A number, time, flag or id that says something about a person, and is exported as it is.
pub const fn of_person() -> Column {
    plain().tagged(DataKind::Person)
}

/// Ids of rows of another table.
pub const fn refers(table: &'static str) -> Column {
    Column { refers: Some(table), ..plain() }
}

/// Text in which people of the team, or other programs, may have written of a customer.
pub const fn written(becomes: Becomes) -> Column {
    Column { erasure: Some(Erasure::Written(becomes)), ..plain() }
}

/// Text that is erased row by row: `usecase/privacy/erasure.rs` knows what each becomes.
pub const fn by_row() -> Column {
    Column { erasure: Some(Erasure::ByRow), ..plain() }
}

/// Text in which no words of or about customers can stand, and why.
pub const fn impersonal(why: &'static str) -> Column {
    Column { erasure: Some(Erasure::Impersonal(why)), ..plain() }
}

/// A name that this program made.
pub const fn made() -> Column {
    impersonal("a name that this program made")
}

/// A name that this program made, one of those of an enum. A row with any other name is not restored.
pub const fn name_of<T: FromStr>() -> Column {
    Column { check: Some(is_name::<T>), ..made() }
}

fn is_name<T: FromStr>(text: &str) -> bool {
    text.parse::<T>().is_ok()
}

fn is_json_of<T: serde::de::DeserializeOwned>(text: &str) -> bool {
    serde_json::from_str::<T>(text).is_ok()
}

impl Column {
    /// Text that is JSON, and exported as such.
    pub const fn json(self) -> Self {
        Self { json: true, ..self }
    }

    /// JSON that this type can read; a row with any other is not restored.
    pub const fn json_of<T: serde::de::DeserializeOwned>(self) -> Self {
        Self { json: true, check: Some(is_json_of::<T>), ..self }
    }

    /// What it is where an export of an earlier version, which had no such column, is restored. A column that may be null
    /// needs none: it is null.
    pub const fn absent(self, value: fn() -> Value) -> Self {
        Self { absent: Some(value), ..self }
    }

    /// It names another row of its table: exported in a line of this type, after all rows of the table.
    pub const fn own_line(self, line: &'static str) -> Self {
        Self { export: Export::OwnLine(line), ..self }
    }

    /// It is not exported, for this reason, and has the database's default when its row is restored.
    pub const fn left_out(self, why: &'static str) -> Self {
        Self { export: Export::LeftOut(why), ..self }
    }

    /// It is not exported, but derived from another column of text when its row is restored.
    pub const fn derived(self, from: &'static str, derive: fn(&str) -> String) -> Self {
        let restored = Restored::From(from, derive);
        Self { export: Export::LeftOut("derived from another column"), restored, ..self }
    }

    /// It is not exported, for this reason, but made anew when its row is restored.
    pub const fn made_anew(self, why: &'static str, make: fn() -> Result<Value>) -> Self {
        Self { export: Export::LeftOut(why), restored: Restored::Made(make), ..self }
    }

    /// Says what it holds, for the data map.
    pub const fn tagged(self, tag: DataKind) -> Self {
        Self { tag: Some(tag), ..self }
    }

    /// What it holds, and what says so: its own tag, or a rule for columns of its kind. `None` where neither does; a test
    /// refuses such a column, of whatever type.
    pub fn holds(&self) -> Option<(DataKind, ColumnRule)> {
        if let Some(tag) = self.tag {
            return Some((tag, ColumnRule::Tag));
        }
        match (self.erasure, self.refers, self.kind) {
            (Some(Erasure::Written(_) | Erasure::ByRow), ..) => Some((DataKind::Words, ColumnRule::Text)),
            (Some(Erasure::Impersonal(_)), ..) => Some((DataKind::None, ColumnRule::Text)),
            (None, Some(table), _) if PEOPLE.contains(&table) => Some((DataKind::Person, ColumnRule::Reference)),
            (None, Some(_), _) => Some((DataKind::None, ColumnRule::Reference)),
            (None, None, ColumnType::UuidSql) if self.name == "id" => Some((DataKind::None, ColumnRule::Key)),
            (None, None, ColumnType::UuidSql) if self.name.ends_with("_by") => {
                Some((DataKind::Person, ColumnRule::Actor))
            }
            (None, None, ColumnType::TimeSql) if self.name == "at" || self.name.ends_with("_at") => {
                Some((DataKind::None, ColumnRule::Time))
            }
            (None, None, ColumnType::Integer) if self.name == "version" => Some((DataKind::None, ColumnRule::Version)),
            _ => None,
        }
    }

    /// Its name and type: for [`tables!`].
    pub const fn named(self, name: &'static str, kind: ColumnType, nullable: bool) -> Self {
        Self { name, kind, nullable, ..self }
    }
}

/// A table.
#[derive(Clone, Copy, Debug)]
pub struct Table {
    /// Its name.
    pub name: &'static str,
    /// Its primary key.
    pub key: &'static [&'static str],
    /// Its columns.
    pub columns: &'static [Column],
    /// The type of its lines in an export, or why it has none.
    pub line: std::result::Result<&'static str, &'static str>,
    /// The event of a row that was restored. Its subject is the row's `id`, its product the row's `product_id`.
    pub event: Option<&'static str>,
    /// What tells whether a row is there already, and the order of an export; the primary key where it is empty.
    pub told_by: &'static [&'static str],
    /// Tables whose rows come before its own in an export, beside those that its columns refer to.
    pub after: &'static [&'static str],
    /// Whether `store/transfer/restore.rs` has a function of its own that restores its rows.
    pub own_way: bool,
    /// How long its rows are kept, where not as those of its area.
    pub kept: Option<KeptFor>,
}

/// A table whose rows are exported, as lines of this type. A row is restored by inserting it where it is not there yet.
pub const fn exported(line: &'static str) -> Table {
    Table { line: Ok(line), ..not_exported("") }
}

/// A table whose rows are not exported, for this reason.
pub const fn not_exported(why: &'static str) -> Table {
    let (told_by, after): (&[&str], &[&str]) = (&[], &[]);
    Table { name: "", key: &[], columns: &[], line: Err(why), event: None, told_by, after, own_way: false, kept: None }
}

impl Table {
    /// A row that was restored is an event.
    pub const fn with_event(self, event: &'static str) -> Self {
        Self { event: Some(event), ..self }
    }

    /// Other columns than the primary key tell whether a row is there already; they are also the order of an export.
    pub const fn told_by(self, columns: &'static [&'static str]) -> Self {
        Self { told_by: columns, ..self }
    }

    /// In an export its rows come after those of these tables too.
    pub const fn after(self, tables: &'static [&'static str]) -> Self {
        Self { after: tables, ..self }
    }

    /// Its rows are not simply inserted: `store/transfer/restore.rs` has a function that restores them.
    pub const fn in_its_own_way(self) -> Self {
        Self { own_way: true, ..self }
    }

    /// Its rows are kept for this long, and not as those of its area.
    pub const fn kept_for(self, kept: KeptFor) -> Self {
        Self { kept: Some(kept), ..self }
    }

    /// Its name, primary key and columns: for [`tables!`].
    pub const fn with_columns(
        self,
        name: &'static str,
        key: &'static [&'static str],
        columns: &'static [Column],
    ) -> Self {
        Self { name, key, columns, ..self }
    }

    /// The columns that tell its rows apart, in the order of an export.
    pub fn order(&self) -> &'static [&'static str] {
        if self.told_by.is_empty() { self.key } else { self.told_by }
    }

    /// The column of this name.
    pub fn column(&self, name: &str) -> Option<&'static Column> {
        self.columns.iter().find(|column| column.name == name)
    }
}
