//! Requests of persons, retention with legal holds, breaches, consents and checklists.

mod breaches;
mod checklists;
mod consents;
mod crashes;
mod holds;
mod persons;
mod retention;

use serde_json::{Value, json};

use crate::support::World;

impl World {
    /// Files a request of a person; answers it.
    pub fn person_request(&self, kind: &str, more: Value) -> Value {
        let mut input = json!({ "kind": kind, "country": "EU" });
        input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.done("/v1/requests", input)
    }

    /// Checks the identity of the person of a request.
    pub fn identified(&self, request: &Value) -> Value {
        self.done(&path(request, "identity"), json!({ "how": "Answered from the address on file" }))
    }
}

/// The address of an act on a request.
pub fn path(request: &Value, act: &str) -> String {
    format!("/v1/requests/{}/{act}", request["id"].as_str().unwrap())
}
