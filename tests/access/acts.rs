//! An act on all feedback that matches is limited to the products of its actor, also while the job continues it.

use hearback::domain::team::Role;
use serde_json::json;

use super::secret::{build, outsider};
use crate::support::on_each_world;

#[test]
fn an_outsiders_act_on_all_that_matches_leaves_a_private_product_alone() {
    on_each_world(|world| {
        let secret = build(world);
        let hidden = secret.ids["feedback"].clone();
        let open = world.done("/v1/feedback", json!({ "text": "The export is slow" }));
        let open = open["id"].as_str().expect("an id").to_owned();
        let token = outsider(world, Role::Support);
        let all = json!({ "act": "tag", "tags": ["mine"], "matching": "" });
        let begun = world.send("POST", "/v1/acts", &token, Some(&all));
        assert_eq!(begun.status, 202, "{begun:?}");
        world.step_until_idle("acts");
        let tags = |id: &str| world.read(&format!("/v1/feedback/{id}"))["tags"].clone();
        assert!(tags(&open).to_string().contains("mine"));
        assert!(!tags(&hidden).to_string().contains("mine"), "{}", tags(&hidden));
        let act = world.send("GET", &format!("/v1/acts/{}", begun.id()), &token, None).json();
        assert_eq!((&act["state"], &act["total"]), (&json!("done"), &act["changed"]), "{act}");

        let one = json!({ "act": "dismiss", "reason": "Noise", "ids": [hidden] });
        let named = world.send("POST", "/v1/acts", &token, Some(&one));
        world.step_until_idle("acts");
        assert_ne!(world.read(&format!("/v1/feedback/{hidden}"))["state"], "dismissed", "{named:?}");
        let product = json!({ "act": "restore", "matching": format!("product={}", secret.product) });
        world.send("POST", "/v1/acts", &token, Some(&product)).problem(422, "invalid");
    });
}
