//! Defining, changing and finding metrics.

use hearback::domain::team::Role;
use serde_json::json;

use super::{metric, push};
use crate::support::on_each_world;

#[test]
fn a_metric_is_defined_changed_archived_and_listed_with_where_it_stands() {
    on_each_world(|world| {
        let ana = world.member("ana@team.example");
        let made = metric(
            world,
            "signups",
            json!({
                "name": "Sign-ups", "kind": "business", "direction": "up", "unit": "people", "target": 120.5, "who_cares": [ana],
            }),
        );
        assert_eq!((&made["target"], &made["who_cares"], &made["version"]), (&json!(120.5), &json!([ana]), &json!(1)));
        push(world, "signups", &[(60, 7.0)]);
        let listed = world.read("/v1/metrics?kind=business");
        assert_eq!((&listed["data"][0]["last"]["value"], &listed["data"][0]["trend"]), (&json!(7.0), &json!(null)));

        let path = format!("/v1/metrics/{}", made["id"].as_str().unwrap());
        let changed = world.patch(&path, json!({ "target": null, "archived": true })).json();
        assert!(changed["target"].is_null() && changed["archived_at"].is_string(), "{changed}");
        assert_eq!(changed["intake"]["accepted"], 1);
        let refused =
            world.post("/v1/metrics/signups/samples", json!({ "samples": [{ "at": world.now(), "value": 1 }] }));
        refused.problem(409, "conflict");
        assert_eq!(world.read("/v1/metrics")["data"], json!([]));
        assert_eq!(world.read("/v1/metrics?archived=true")["data"][0]["key"], "signups");
        let told: Vec<String> =
            world.walk("/v1/events?kind=metric.*", || ()).iter().map(|e| e["type"].to_string()).collect();
        assert_eq!(told.len(), 2, "{told:?}");
    });
}

#[test]
fn a_wrong_definition_is_refused_with_every_wrong_field() {
    on_each_world(|world| {
        let mut wrong = json!({
            "key": "Sign ups", "name": " ", "kind": "other", "direction": "sideways",
        });
        world.post("/v1/metrics", &wrong).refused(&[
            "/direction not_one_of",
            "/key pattern",
            "/kind not_one_of",
            "/name pattern",
        ]);
        wrong = json!({
            "key": "a", "name": "A", "kind": "business", "direction": "up", "who_cares": [hearback::domain::base::Id::next()],
            "selector": "up{job=~\"a(\"}", "prometheus": { "query": "up", "url": "http://127.0.0.1:9090" },
        });
        world.post("/v1/metrics", &wrong).refused(&[
            "/prometheus/url format",
            "/selector conflict",
            "/selector format",
            "/who_cares/0 unknown",
        ]);
        metric(world, "a", json!({}));
        let taken =
            json!({ "key": "a", "name": "A", "kind": "business", "direction": "up", "product": world.product.key });
        world.post("/v1/metrics", taken).problem(409, "conflict");
    });
}

#[test]
fn a_key_of_several_products_needs_the_product() {
    on_each_world(|world| {
        let other = world.with_new_product(Some("PAY"));
        let (here, there) = (metric(world, "latency", json!({})), metric(&other, "latency", json!({})));
        world.get("/v1/metrics/latency").problem(409, "conflict");
        assert_eq!(world.read("/v1/metrics/latency?product=PAY")["id"], there["id"]);
        assert_eq!(world.read(&format!("/v1/metrics/{}", here["id"].as_str().unwrap()))["id"], here["id"]);
        world.get("/v1/metrics/other").problem(404, "not_found");
    });
}

#[test]
fn metrics_of_a_private_product_are_hidden_from_others() {
    on_each_world(|world| {
        let secret = world.with_new_product(Some("SEC"));
        let made = metric(&secret, "latency", json!({ "selector": "latency" }));
        push(&secret, "latency", &[(60, 1.0)]);
        world.patch(&format!("/v1/products/{}", secret.product.id), json!({ "visibility": "private" }));
        let id = made["id"].as_str().unwrap();
        let developer = world.person("Dev", "dev@team.example", Role::Developer, "en").token;
        for path in ["/v1/metrics/latency".to_owned(), format!("/v1/metrics/{id}/series")] {
            world.send("GET", &path, &developer, None).problem(404, "not_found");
        }
        assert_eq!(world.send("GET", "/v1/metrics", &developer, None).json()["data"], json!([]));
        let samples = json!({ "samples": [{ "at": world.now(), "value": 2 }] });
        for path in ["/v1/metrics/latency/samples".to_owned(), format!("/v1/metrics/{id}/samples")] {
            world.send("POST", &path, &developer, Some(&samples)).problem(404, "not_found");
        }
        world.send("PATCH", "/v1/metrics/latency", &developer, Some(&json!({ "name": "x" }))).problem(404, "not_found");
    });
}
