//! Evaluations of solutions: scores, the result, licences, the decision, and as Markdown.

mod life;
mod outside;
mod revisits;

use serde_json::{Value, json};

/// Three options by three criteria, with the scores of the vector.
fn vector() -> Value {
    let option = |name: &str, kind: &str, scores: [i32; 3]| json!({ "name": name, "kind": kind, "scores": { "x": scores[0], "y": scores[1], "z": scores[2] } });
    json!({
        "title": "Who moves the money",
        "criteria": [{ "name": "x", "weight": 5 }, { "name": "y", "weight": 3 }, { "name": "z", "weight": 2 }],
        "options": [option("A", "build", [4, 3, 5]), option("B", "buy", [5, 2, 3]), option("C", "open_source", [3, 5, 4])],
    })
}
