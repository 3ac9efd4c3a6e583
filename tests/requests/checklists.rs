//! Checklists of laws: adopted as gates, signed, edited and dropped.

use hearback::domain::team::Role;
use serde_json::{Value, json};

use crate::support::{World, on_each_world};

fn of(world: &World, law: &str) -> Value {
    let all = world.read(&format!("/v1/products/{}/checklists", world.product.id));
    all["data"].as_array().unwrap().iter().find(|list| list["law"] == law).unwrap().clone()
}

fn gates(world: &World) -> Vec<String> {
    let product = world.read(&format!("/v1/products/{}", world.product.id));
    let gates = product["settings"]["gates"].as_array().unwrap().clone();
    gates.iter().map(|gate| gate["key"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn an_adopted_checklist_closes_the_gates_until_it_is_signed() {
    on_each_world(|world| {
        let path = format!("/v1/products/{}/checklists", world.product.id);
        assert_eq!(of(world, "kr_pipa")["adopted_at"], Value::Null);
        let adopted = world.post(&path, json!({ "law": "kr_pipa", "language": "ko" }));
        assert_eq!(adopted.status, 200, "{adopted:?}");
        assert_eq!(gates(world).len(), 8);
        assert!(of(world, "kr_pipa")["items"][0]["title"].as_str().unwrap().contains("개인정보"));
        let story = world.story_in("A form for addresses", &["accepted", "testing"]);
        world.moving(&story, json!({ "to": "ready" })).problem(409, "stage_refused");
        let ada = world.person("Ada", "ada@example.com", Role::Admin, "en");
        let signed = world.send(
            "POST",
            &format!("/v1/stories/{story}/gates/kr_pipa_purpose/sign"),
            &ada.token,
            Some(&json!({ "evidence": "Signed form" })),
        );
        assert!(signed.status < 300, "{signed:?}");
        let item = of(world, "kr_pipa")["items"][0].clone();
        assert_eq!((&item["signed"], &item["last_signed"]["member_id"]), (&json!(1), &json!(ada.id)), "{item}");
    });
}

#[test]
fn a_product_edits_its_checklist_and_adopting_again_keeps_the_edits() {
    on_each_world(|world| {
        let path = format!("/v1/products/{}/checklists", world.product.id);
        let own = json!({ "key": "security", "title": "Security review", "stage": "ready" });
        world.settings(json!({ "gates": [own] }));
        world.post(&path, json!({ "law": "eu_gdpr" }));
        let product = world.read(&format!("/v1/products/{}", world.product.id));
        let mut edited = product["settings"]["gates"].as_array().unwrap().clone();
        edited[1]["title"] = json!("Our own words");
        edited.pop();
        world.settings(json!({ "gates": edited }));
        assert_eq!(of(world, "eu_gdpr")["items"].as_array().unwrap().len(), 7);
        world.post(&path, json!({ "law": "eu_gdpr" }));
        let list = of(world, "eu_gdpr");
        assert_eq!(list["items"].as_array().unwrap().len(), 8);
        assert_eq!(list["items"][0]["title"], "Our own words");
        let admin = world.token(Role::Admin);
        assert_eq!(world.send("DELETE", &format!("{path}/eu_gdpr"), &admin, None).status, 204);
        assert_eq!(gates(world), ["security"]);
        assert_eq!(world.send("DELETE", &format!("{path}/eu_gdpr"), &admin, None).status, 404);
        assert_eq!(world.send("DELETE", &format!("{path}/us_law"), &admin, None).status, 404);
    });
}

#[test]
fn a_product_with_too_many_gates_refuses_a_checklist() {
    on_each_world(|world| {
        let gate = |n: usize| json!({ "key": format!("g{n}"), "title": "x", "stage": "ready" });
        world.settings(json!({ "gates": (0..45).map(gate).collect::<Vec<_>>() }));
        let path = format!("/v1/products/{}/checklists", world.product.id);
        world.post(&path, json!({ "law": "kr_pipa" })).refused(&["/law too_many"]);
        assert_eq!(of(world, "kr_pipa")["adopted_at"], Value::Null);
    });
}
