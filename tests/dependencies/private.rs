//! A story of a private product blocks others, and outsiders learn only that it does.

use hearback::domain::team::Role;
use serde_json::{Value, json};

use super::{needs, path};
use crate::support::on_each_world;

#[test]
fn an_outsider_sees_that_something_blocks_and_not_what() {
    on_each_world(|world| {
        let secret = world.with_new_product(Some("SEC"));
        let made = secret.patch(&format!("/v1/products/{}", secret.product.id), json!({ "visibility": "private" }));
        assert_eq!(made.status, 200);
        let refund = world.story_in("Refunds", &["accepted"]);
        let hidden = world.done("/v1/stories", json!({ "product": "SEC", "title": "Quuxwimble" }));
        let (hidden, number) =
            (hidden["id"].as_str().unwrap().to_owned(), hidden["number"].as_str().unwrap().to_owned());
        world.to(&hidden, "accepted");
        needs(world, &refund, &hidden);

        let out = world.person("Vic", "vic@example.com", Role::Product, "en");
        let read = |path: &str| world.send("GET", path, &out.token, None);
        let dependencies = read(&path(&refund)).json();
        let edge = &dependencies["data"][0];
        assert_eq!(
            (&dependencies["blocked"], &edge["hidden"], &edge["story"]),
            (&json!(true), &json!(true), &Value::Null)
        );
        assert_eq!(read(&format!("/v1/stories/{refund}")).json()["blocked"], true);
        let ids: Vec<Value> = read("/v1/stories?blocked=true").json()["data"]
            .as_array()
            .unwrap()
            .iter()
            .map(|s| s["id"].clone())
            .collect();
        assert_eq!(ids, [json!(refund)]);
        let plan = read(&format!("/v1/stories/{refund}/plan"));
        let slip = world.send("POST", &format!("/v1/stories/{refund}/slip"), &out.token, Some(&json!({ "days": 2 })));
        let ready = json!({ "to": "ready" });
        let refused = world.send("POST", &format!("/v1/stories/{refund}/transitions"), &out.token, Some(&ready));
        assert_eq!((plan.status, slip.status, refused.status), (200, 200, 409));
        assert!(plan.json()["items"].as_array().unwrap().iter().any(|item| item["hidden"] == true));
        for answer in [&read(&path(&refund)), &plan, &slip, &refused] {
            assert!(!answer.body.contains("Quuxwimble") && !answer.body.contains(&number), "{}", answer.body);
        }
        // From outside nothing of it can be reached: it is as one that does not exist.
        for named in [&hidden, &number] {
            let body = json!({ "kind": "needs", "story_id": named });
            let answer = world.send("POST", &path(&refund), &out.token, Some(&body));
            assert!(matches!(answer.status, 404 | 422), "{answer:?}");
        }
        read(&path(&hidden)).problem(404, "not_found");
    });
}
