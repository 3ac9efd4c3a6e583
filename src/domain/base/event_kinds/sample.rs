//! Fields of events as the API's description shows them: their schema and an example.

use serde_json::{Map, Value, json};

use super::{EventKind, Field, Holds};

/// Ids of examples.
const ID: &str = "0198c2c4-5b7e-7b2a-9d3c-6f0e4a1b2c3d";
/// A time of examples.
const AT: &str = "2026-01-31T09:30:00Z";

impl EventKind {
    /// The schema of its `data`.
    pub fn schema(&self) -> Value {
        let properties: Map<String, Value> =
            self.fields.iter().map(|field| (field.name.to_owned(), field.schema())).collect();
        let required: Vec<&str> = self.fields.iter().filter(|field| !field.optional).map(|field| field.name).collect();
        json!({ "type": "object", "properties": properties, "required": required })
    }

    /// An example of its `data`.
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

    /// An example; `noun` is what the event happens to.
    fn example(&self, noun: &str) -> Value {
        let told = |text: &str| json!(text);
        match (self.name, self.holds) {
            ("number", Holds::Name) => told("HB-17"),
            ("from", Holds::Name) => told(if noun == "closure" { "waiting" } else { "building" }),
            ("to", Holds::Name) => told(if noun == "closure" { "told" } else { "testing" }),
            ("stage", Holds::Name) => told("ready"),
            ("state", Holds::Name) => told("done"),
            ("channel", Holds::Name) => told("email"),
            ("kind", Holds::Name) => told("release"),
            ("gate", Holds::Name) => told("security_review"),
            ("key", Holds::Name) => told("HB"),
            ("role", Holds::Name) => told("support"),
            ("provider", Holds::Name) => told("github"),
            ("repository", Holds::Name) => told("acme/app"),
            ("section", Holds::Name) => told("fixed"),
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
