//! Validation of webhook messages against the API description.

use std::cell::RefCell;
use std::collections::HashMap;

use hearback::http::base::operations::description;
use jsonschema::Validator;
use serde_json::{Value, json};

thread_local! {
    /// The validators, compiled once for each kind.
    static VALIDATORS: RefCell<HashMap<String, Validator>> = RefCell::default();
}

/// Fails if a message does not match the description of its kind.
pub fn follows_the_description(message: &Value) {
    let kind = message["type"].as_str().expect("a type").to_owned();
    let described = &description()["webhooks"][&kind];
    assert!(described.is_object(), "{kind} is not described");
    VALIDATORS.with_borrow_mut(|known| {
        let validator = known.entry(kind.clone()).or_insert_with(|| {
            let at = format!("#/webhooks/{kind}/post/requestBody/content/application~1json/schema");
            let (components, webhooks) = (&description()["components"], &description()["webhooks"]);
            let schema = json!({ "$ref": at, "components": components, "webhooks": { &kind: webhooks[&kind] } });
            jsonschema::validator_for(&schema).expect("a schema")
        });
        let wrong: Vec<String> =
            validator.iter_errors(message).map(|e| format!("{}: {e}", e.instance_path())).collect();
        assert!(wrong.is_empty(), "{kind}: {wrong:?} in {message}");
    });
}
