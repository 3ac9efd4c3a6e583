//! Products that nobody works on any more: they take no feedback and leave lists, and all that is in them stays.

use hearback::domain::team::Role;
use serde_json::{Value, json};

use crate::support::{World, on_each_world};

fn product(world: &World, key: &str) -> String {
    let made = world.done("/v1/products", json!({ "key": key, "name": format!("Product {key}") }));
    made["id"].as_str().expect("an id").to_owned()
}

fn story(world: &World, product: &str) -> String {
    let made = world.done("/v1/stories", json!({ "title": "Refunds show a date", "product": product }));
    made["number"].as_str().expect("a number").to_owned()
}

#[test]
fn an_archived_product_takes_no_feedback_and_is_left_out_of_lists_until_it_is_restored() {
    on_each_world(|world| {
        let id = product(world, "OLD");
        let number = story(world, "OLD");
        let said = json!({ "text": "Where is my refund?", "product": "OLD" });
        let filed = world.done("/v1/feedback", &said)["id"].as_str().expect("an id").to_owned();
        let path = format!("/v1/products/{id}");
        let archived = world.post(&format!("{path}/archive"), json!({}));
        assert_eq!(archived.status, 200, "{archived:?}");
        assert!(archived.json()["archived_at"].is_string(), "{archived:?}");
        let again = world.post(&format!("{path}/archive"), json!({})).json();
        assert_eq!(again["version"], archived.json()["version"], "it was archived already");

        let refused = world.post("/v1/feedback", &said).problem(409, "conflict");
        assert!(refused["detail"].as_str().is_some_and(|why| why.contains("OLD is archived")), "{refused}");
        let batch = json!({ "feedback": [said, { "text": "Another product's", "product": "HB" }] });
        let batch = world.post("/v1/feedback/batch", batch).json();
        let statuses: Vec<&Value> =
            batch["results"].as_array().expect("results").iter().map(|row| &row["status"]).collect();
        assert_eq!(statuses, [&json!(409), &json!(201)], "{batch}");
        let moved = world.done("/v1/feedback", json!({ "text": "Elsewhere" }));
        let moved = format!("/v1/feedback/{}", moved["id"].as_str().expect("an id"));
        assert_eq!(world.patch(&moved, json!({ "product": "OLD" })).status, 409);

        let ids = |path: &str| world.ids(path);
        assert!(!ids("/v1/products").contains(&id) && ids("/v1/products?archived=true") == [id.clone()]);
        let ranked = |query: &str| world.read(&format!("/v1/stories?sort=priority{query}"))["data"].to_string();
        assert!(!ranked("").contains(&number) && ranked("&product=OLD").contains(&number));
        assert_eq!(world.get(&format!("/v1/feedback/{filed}")).status, 200, "all that is in it stays");
        assert_eq!(world.get(&format!("/v1/stories/{number}")).status, 200);

        let restored = world.post(&format!("{path}/restore"), json!({})).json();
        assert_eq!(restored["archived_at"], Value::Null);
        assert!(ids("/v1/products").contains(&id) && ranked("").contains(&number));
        assert_eq!(world.post("/v1/feedback", &said).status, 201);
        let kinds = world.kinds_of(id.parse().expect("an id"));
        assert_eq!(kinds, ["product.created", "product.archived", "product.restored"]);
    });
}

#[test]
fn the_product_that_every_instance_has_and_other_peoples_products_are_not_archived() {
    on_each_world(|world| {
        let id = product(world, "OLD");
        let path = format!("/v1/products/{id}/archive");
        world.post(&format!("/v1/products/{}/archive", world.product.id), json!({})).problem(409, "conflict");
        let support = world.token(Role::Support);
        assert_eq!(world.send("POST", &path, &support, Some(&json!({}))).status, 403);
        let stale = world.request("POST", &path).header("If-Match", "\"7\"").json(&json!({})).send();
        assert_eq!(stale.status, 412, "{stale:?}");
    });
}
