//! What comes from outside: the OpenSSF Scorecard of an option. And who may not see an evaluation.

use hearback::domain::team::Role;
use serde_json::{Value, json};

use super::vector;
use crate::support::on_each_world;

#[test]
fn a_scorecard_is_imported_as_it_is_and_inconclusive_is_not_zero() {
    on_each_world(|world| {
        let made = world.done("/v1/evaluations", vector());
        let file = json!({
            "date": "2026-11-02", "score": 7.2,
            "repo": { "name": "github.com/acme/ledger", "commit": "9c5a1d0" },
            "scorecard": { "version": "v5.0.0", "commit": "unknown" },
            "metadata": null,
            "checks": [
                { "name": "Code-Review", "score": 9, "reason": "reviewed", "details": null, "documentation": { "short": "s", "url": "https://x" } },
                { "name": "Fuzzing", "score": -1, "reason": "internal error", "details": ["Warn: x"], "documentation": { "short": "s", "url": "https://x" } },
                { "name": "License", "score": 0, "reason": "none" },
            ],
        });
        let path = format!("/v1/evaluations/{}/scorecard", made["id"].as_str().unwrap());
        let scored = world.done(&format!("{path}?option=C"), file.clone());
        let card = &scored["options"][2]["scorecard"];
        let scores: Vec<&Value> = card["checks"].as_array().unwrap().iter().map(|check| &check["score"]).collect();
        assert_eq!(scores, [&json!(9.0), &Value::Null, &json!(0.0)]);
        assert_eq!(
            (&card["score"], &card["repository"], &card["version"]),
            (&json!(7.2), &json!("github.com/acme/ledger"), &json!("v5.0.0"))
        );
        world.post(&format!("{path}?option=Z"), file).refused(&["/option unknown"]);
        let wrong = json!({ "date": "2026-11-02", "score": 11, "repo": {}, "checks": [] });
        world.post(&format!("{path}?option=C"), wrong).refused(&["/repo/name required", "/score too_large"]);
        let renamed = world.patch(&path.replace("/scorecard", ""), json!({ "need": "x" })).json();
        assert_eq!(renamed["options"][2]["scorecard"]["score"], 7.2, "it stays with its option");
    });
}

#[test]
fn an_evaluation_of_a_private_product_is_hidden() {
    on_each_world(|world| {
        let secret = world.with_new_product(Some("SEC"));
        let private = secret.patch(&format!("/v1/products/{}", secret.product.id), json!({ "visibility": "private" }));
        assert_eq!(private.status, 200);
        let mut input = vector();
        input["product"] = json!("SEC");
        let made = world.done("/v1/evaluations", input);
        let path = format!("/v1/evaluations/{}", made["id"].as_str().unwrap());
        let out = world.person("Vic", "vic@example.com", Role::Product, "en");
        for path in [path.clone(), format!("{path}.md")] {
            world.send("GET", &path, &out.token, None).problem(404, "not_found");
        }
        world.send("PATCH", &path, &out.token, Some(&json!({ "title": "x" }))).problem(404, "not_found");
        let listed = world.send("GET", "/v1/evaluations", &out.token, None).json();
        assert_eq!(listed["data"], json!([]));
    });
}
