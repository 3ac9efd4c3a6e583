//! A line of an export, read back; and how each value stands in a line.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use serde_json::Value as Json;

use super::lines::{Line, line};
use crate::error::{Error, FieldError, Result};
use crate::store::base::types::{DbId, DbTime};
use crate::store::privacy::erasures::Mark;
use crate::store::schema::declare::Column;
use crate::store::schema::values::{ColumnType, OfValue, Value};

/// A row of an export, read back.
#[derive(Clone, Debug)]
pub struct Exported {
    pub(super) line: &'static Line,
    /// A value for each column of the line.
    pub(super) values: Vec<Value>,
}

impl Exported {
    /// Reads a line of this `type`; `None` where there is no such type or the row is not one of its table. Fields that
    /// this version does not know are passed over.
    pub fn read(kind: &str, row: Json) -> Option<Self> {
        let (line, Json::Object(mut fields)) = (line(kind)?, row) else { return None };
        let value = |column: &&'static Column| match fields.remove(column.name) {
            Some(field) => read(column, field),
            None => column.absent.map(|absent| absent()).or_else(|| column.nullable.then(|| column.kind.null())),
        };
        let values: Option<Vec<Value>> = line.columns.iter().map(value).collect();
        Some(Self { line, values: values? })
    }

    /// Whether it is feedback: [`restore_feedback`](super::restore::restore_feedback) restores many of it at once.
    pub fn is_feedback(&self) -> bool {
        self.line.name == "feedback"
    }

    /// The length of its texts in bytes, for estimates of its memory.
    pub fn text_length(&self) -> usize {
        let length = |value: &Value| if let Value::Text(Some(text)) = value { text.len() } else { 0 };
        self.values.iter().map(length).sum()
    }

    /// The marks of the person that it names, where it is a customer or a customer's identity.
    pub fn marks(&self) -> Vec<Mark> {
        let text = |column| self.value(column).and_then(String::of);
        let mark = match self.line.name {
            "customer" => text("email").map(Mark::Email).or_else(|| text("name").map(Mark::Name)),
            "customer_identity" => {
                text("origin").zip(text("external_id")).map(|(origin, id)| Mark::Identity(origin, id))
            }
            _ => None,
        };
        mark.into_iter().collect()
    }

    /// The value of a column of its line.
    ///
    /// # Errors
    /// 500 where the line has no such column of this type.
    pub(super) fn get<T: OfValue>(&self, column: &str) -> Result<T> {
        let value = self.value(column).and_then(T::of);
        value.ok_or_else(|| Error::internal(format!("{}.{column} is no such value", self.line.table.name)))
    }

    pub(super) fn value(&self, column: &str) -> Option<&Value> {
        self.values.get(self.line.place_of(column)?)
    }

    /// Checks that this version knows each name and can read each JSON text.
    ///
    /// # Errors
    /// 422 with every field that it does not know.
    pub(super) fn check(&self) -> Result<()> {
        let mut unknown = Vec::new();
        for (column, value) in self.line.columns.iter().zip(&self.values) {
            if let (Some(is_known), Value::Text(Some(text))) = (column.check, value)
                && !is_known(text)
            {
                let pointer = format!("/{}", column.name);
                unknown.push(FieldError::new(pointer, "unknown", "is not known to this version"));
            }
        }
        if unknown.is_empty() { Ok(()) } else { Err(Error::invalid(unknown)) }
    }
}

/// A value as it stands in a line.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum Shown<'a> {
    Id(Option<DbId>),
    Time(Option<DbTime>),
    Text(Option<&'a str>),
    Bytes(String),
    Integer(Option<i64>),
    Double(Option<f64>),
    Bool(Option<bool>),
    Json(Json),
}

/// How a value of this column stands in a line: JSON as JSON, bytes as base64.
pub(super) fn shown<'a>(column: &Column, value: &'a Value) -> Shown<'a> {
    match value {
        Value::UuidSql(id) => Shown::Id(*id),
        Value::TimeSql(time) => Shown::Time(*time),
        Value::Text(Some(text)) if column.json => Shown::Json(serde_json::from_str(text).unwrap_or_default()),
        Value::Text(text) => Shown::Text(text.as_deref()),
        Value::Binary(Some(bytes)) => Shown::Bytes(STANDARD.encode(bytes)),
        Value::Binary(None) => Shown::Text(None),
        Value::Integer(number) => Shown::Integer(number.map(i64::from)),
        Value::BigInt(number) => Shown::Integer(*number),
        Value::Double(number) => Shown::Double(*number),
        Value::Bool(holds) => Shown::Bool(*holds),
    }
}

/// The value of a field; `None` where it is none of this column.
fn read(column: &Column, field: Json) -> Option<Value> {
    if field.is_null() && column.nullable {
        return Some(column.kind.null());
    }
    Some(match column.kind {
        ColumnType::UuidSql => serde_json::from_value::<DbId>(field).ok()?.into(),
        ColumnType::TimeSql => serde_json::from_value::<DbTime>(field).ok()?.into(),
        ColumnType::Text if column.json => field.to_string().into(),
        ColumnType::Text => match field {
            Json::String(text) => text.into(),
            _ => return None,
        },
        ColumnType::Binary => STANDARD.decode(field.as_str()?).ok()?.into(),
        ColumnType::Integer => i32::try_from(field.as_i64()?).ok()?.into(),
        ColumnType::BigInt => field.as_i64()?.into(),
        ColumnType::Double => field.as_f64()?.into(),
        ColumnType::Bool => field.as_bool()?.into(),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::Exported;
    use crate::store::transfer::lines::lines;

    fn link() -> serde_json::Value {
        let id = "019ac0de-0000-7000-8000-000000000000";
        json!({
            "id": id, "story_id": id, "provider": "github", "repository": "acme/app", "kind": "issue", "reference": "7",
            "url": null, "state": null, "created_at": "2026-11-22T00:00:00Z", "updated_at": "2026-11-22T00:00:00Z",
        })
    }

    #[test]
    fn fields_that_an_earlier_version_lacks_get_their_former_value() {
        let row = Exported::read("link", link()).expect("a row");
        assert_eq!(row.get::<String>("reason").expect("a reason"), "person");
    }

    #[test]
    fn a_field_of_another_type_or_missing_is_no_row() {
        for (field, value) in [("id", json!("7")), ("repository", json!(7)), ("created_at", json!(false))] {
            let mut row = link();
            row[field] = value;
            assert!(Exported::read("link", row.clone()).is_none(), "{row}");
            row.as_object_mut().expect("an object").remove(field);
            assert!(Exported::read("link", row.clone()).is_none(), "{row}");
        }
        assert!(Exported::read("surprise", link()).is_none() && Exported::read("link", json!([])).is_none());
    }

    #[test]
    fn every_unknown_name_is_named() {
        let mut row = link();
        (row["provider"], row["state"]) = (json!("carrier pigeon"), json!("melted"));
        let error = Exported::read("link", row).expect("a row").check().expect_err("unknown names");
        let pointers: Vec<&str> = error.fields.iter().map(|field| field.pointer.as_str()).collect();
        assert_eq!(pointers, ["/provider", "/state"]);
    }

    #[test]
    fn a_number_too_large_for_its_column_is_no_row() {
        let columns = &lines().iter().find(|line| line.name == "roll_back").expect("a line").columns;
        assert_eq!(columns.iter().map(|column| column.name).collect::<Vec<_>>(), ["story_id", "round"]);
        let row = |round: i64| json!({ "story_id": "019ac0de-0000-7000-8000-000000000000", "round": round });
        assert!(Exported::read("roll_back", row(2)).is_some());
        assert!(Exported::read("roll_back", row(3_000_000_000)).is_none());
    }
}
