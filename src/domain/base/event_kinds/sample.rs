//! Schemas and examples of event data, for the API description.

use serde_json::{Map, Value, json};

use super::{EventKind, Field, Holds};

/// The id in examples.
const ID: &str = "0198c2c4-5b7e-7b2a-9d3c-6f0e4a1b2c3d";
/// The time in examples.
const AT: &str = "2026-01-31T09:30:00Z";

impl EventKind {
    /// The schema of the event's `data`.
    pub fn schema(&self) -> Value {
        let properties: Map<String, Value> =
            self.fields.iter().map(|field| (field.name.to_owned(), field.schema())).collect();
        let required: Vec<&str> = self.fields.iter().filter(|field| !field.optional).map(|field| field.name).collect();
        json!({ "type": "object", "properties": properties, "required": required })
    }

    /// An example of the event's `data`.
    pub fn example(&self) -> Value {
        let shown = self.fields.iter().filter(|field| field.name != "bulk_id");
        shown.map(|field| (field.name.to_owned(), field.example(self.noun()))).collect()
    }
}

impl Field {
    fn schema(&self) -> Value {
        let mut schema = self.holds.schema();
        if self.nullable {
            schema["type"] = json!([schema["type"], "null"]);
        }
        schema
    }

    /// An example of a field's value; `noun` is the noun of the event's name.
    fn example(&self, noun: &str) -> Value {
        let word = |text: &str| json!(text);
        match (self.name, self.holds) {
            ("number", Holds::Name) => word("HB-17"),
            ("from", Holds::Name) => word(if noun == "closure" { "waiting" } else { "building" }),
            ("to", Holds::Name) => word(if noun == "closure" { "told" } else { "testing" }),
            ("stage", Holds::Name) => word("ready"),
            ("state", Holds::Name) => word("done"),
            ("channel", Holds::Name) => word("email"),
            ("kind", Holds::Name) => word("release"),
            ("gate", Holds::Name) => word("security_review"),
            ("key", Holds::Name) => word("HB"),
            ("role", Holds::Name) => word("support"),
            ("provider", Holds::Name) => word("github"),
            ("repository", Holds::Name) => word("acme/app"),
            ("section", Holds::Name) => word("fixed"),
            ("fields", Holds::Names) => json!(["title"]),
            _ => self.holds.example(),
        }
    }
}

impl Holds {
    fn schema(self) -> Value {
        match self {
            Holds::Id => json!({ "type": "string", "format": "uuid" }),
            Holds::Ids => json!({ "type": "array", "items": { "type": "string", "format": "uuid" } }),
            Holds::Name | Holds::Text => json!({ "type": "string" }),
            Holds::Names => json!({ "type": "array", "items": { "type": "string" } }),
            Holds::Number => json!({ "type": "number" }),
            Holds::Flag => json!({ "type": "boolean" }),
            Holds::Time => json!({ "type": "string", "format": "date-time" }),
            Holds::Counts => json!({ "type": "object", "additionalProperties": { "type": "number" } }),
            Holds::IdChange | Holds::NameChange | Holds::TimeChange | Holds::NumberChange => {
                let mut value = self.of_change().map(Holds::schema).unwrap_or_default();
                value["type"] = json!([value["type"], "null"]);
                json!({ "type": "object", "properties": { "from": value, "to": value }, "required": ["from", "to"] })
            }
        }
    }

    fn example(self) -> Value {
        match self {
            Holds::Id => json!(ID),
            Holds::Ids => json!([ID]),
            Holds::Name => json!("other"),
            Holds::Names => json!([]),
            Holds::Number => json!(2),
            Holds::Flag => json!(true),
            Holds::Time => json!(AT),
            Holds::Counts => json!({ "created": 2 }),
            Holds::Text => json!("Disabled by hand."),
            Holds::IdChange | Holds::NameChange | Holds::TimeChange | Holds::NumberChange => {
                json!({ "from": null, "to": self.of_change().map(Holds::example) })
            }
        }
    }
}
