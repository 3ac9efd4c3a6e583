//! Masking at intake: by whichever way feedback comes in, what the product masks is not stored, and the answer says so.

use hearback::domain::team::Role;
use serde_json::{Value, json};

use crate::console::{Visitor, hidden};
use crate::support::{ADMIN, World, on_each_world};

const TEXT: &str =
    "Call me at 010-2345-6789 or write to jane@example.com; card 4111 1111 1111 1111, order 20231234567890";
const MASKED: &str = "Call me at [phone] or write to [email]; card [card], order 20231234567890";

/// A product that masks these kinds.
fn masking(world: &World, kinds: &Value) -> World {
    let world = world.with_new_product(None);
    world.settings(json!({ "mask_at_intake": kinds }));
    world
}

#[test]
fn nothing_is_masked_by_default() {
    on_each_world(|world| {
        let filed = world.file(&json!({ "text": TEXT }));
        assert_eq!((&filed["text"], &filed["masked"]), (&json!(TEXT), &Value::Null));
        assert_eq!(world.read(&format!("/v1/products/{}", world.product.id))["settings"]["mask_at_intake"], json!([]));
    });
}

#[test]
fn texts_are_masked_before_they_are_stored_and_the_answer_counts() {
    on_each_world(|world| {
        let world = masking(world, &json!(["email", "phone", "card"]));
        let input = json!({
            "text": TEXT, "title": "jane@example.com", "product": world.product.key, "fields": { "reply_to": ["joe@example.com"] },
            "customer": { "email": "jane@example.com", "external_id": "1" },
        });
        let filed = world.file(&input);
        assert_eq!((&filed["text"], &filed["title"]), (&json!(MASKED), &json!("[email]")));
        assert_eq!(filed["fields"], json!({ "reply_to": ["[email]"] }));
        assert_eq!(filed["masked"], json!({ "email": 3, "phone": 1, "card": 1 }));
        assert_eq!(filed["customer"]["email"], "jane@example.com", "by which the customer is told");
        let left = world.database.places_of(&["010-2345-6789", "4111 1111 1111 1111", "joe@example.com"]);
        assert!(left.is_empty(), "{left:?}");
    });
}

#[test]
fn only_the_chosen_kinds_are_masked_and_unknown_ones_are_refused() {
    on_each_world(|world| {
        let world = masking(world, &json!(["card"]));
        let filed = world.file(&json!({ "text": TEXT, "product": world.product.key }));
        assert_eq!(filed["text"], TEXT.replace("4111 1111 1111 1111", "[card]"));
        assert_eq!(filed["masked"], json!({ "card": 1 }));
        let path = format!("/v1/products/{}", world.product.id);
        world
            .patch(&path, json!({ "settings": { "mask_at_intake": ["name"] } }))
            .refused(&["/settings/mask_at_intake/0 not_one_of"]);
    });
}

#[test]
fn a_batch_a_repeat_and_a_token_that_only_files_get_the_counts_too() {
    on_each_world(|world| {
        let world = masking(world, &json!(["email"]));
        let item = json!({ "text": "jane@example.com", "product": world.product.key, "external_id": "7" });
        let batch = world.done("/v1/feedback/batch", json!({ "feedback": [item, { "text": "nothing" }] }));
        assert_eq!(batch["results"][0]["feedback"]["masked"], json!({ "email": 1 }), "{batch}");
        assert_eq!(batch["results"][1]["feedback"]["masked"], Value::Null);
        let again = world.post("/v1/feedback", &item);
        assert_eq!((again.status, &again.json()["masked"]), (200, &json!({ "email": 1 })));
        assert_eq!(again.json()["version"], 1, "the same masked text is no change");
        let ingest = world.token(hearback::domain::team::Role::Ingest);
        let other = json!({ "text": "joe@example.com", "product": world.product.key });
        let receipt = world.send("POST", "/v1/feedback", &ingest, Some(&other)).json();
        assert_eq!((&receipt["masked"], &receipt["text"]), (&json!({ "email": 1 }), &Value::Null));
    });
}

#[test]
fn an_import_masks_and_warns_in_each_row() {
    on_each_world(|world| {
        let world = masking(world, &json!(["phone"]));
        let file = format!("text,product\ncall 010-2345-6789 now,{0}\nfine,{0}\n", world.product.key);
        let queued = world
            .request("POST", "/v1/imports?format=csv")
            .token(Some(ADMIN))
            .header("Content-Type", "text/csv")
            .body(file)
            .send();
        assert!(queued.status < 300, "{queued:?}");
        world.step_until_idle("imports");
        let warnings = world.read(&format!("/v1/imports/{}/warnings", queued.id()));
        let masked: Vec<&Value> =
            warnings["data"].as_array().expect("a list").iter().filter(|one| one["code"] == "masked").collect();
        assert_eq!(masked.len(), 1, "{warnings}");
        assert!(masked[0]["detail"].as_str().is_some_and(|detail| detail.contains("1 phone")), "{warnings}");
        let texts = world.read(&format!("/v1/feedback?product={}", world.product.key)).to_string();
        assert!(texts.contains("call [phone] now") && !texts.contains("2345"), "{texts}");
    });
}

#[test]
fn the_form_of_the_console_masks_too() {
    on_each_world(|world| {
        world.settings(json!({ "mask_at_intake": ["phone", "card"] }));
        let mut visitor = Visitor::as_role(world, Role::Support);
        let page = visitor.read("/console/inbox");
        let id = hidden(&page, "form_id");
        let form =
            [("form_id", id.as_str()), ("text", TEXT), ("source", "call"), ("customer_email", "jane@example.com")];
        let filed = visitor.submit("/console/inbox", &form);
        assert_eq!(filed.status, 303, "{filed:?}");
        let shown = visitor.read(filed.header_text("location"));
        assert!(shown.contains("Call me at [phone]") && shown.contains("[card], order 20231234567890"), "{shown}");
        let left = world.database.places_of(&["010-2345-6789", "4111 1111 1111 1111"]);
        assert!(left.is_empty(), "{left:?}");
    });
}

#[test]
fn what_a_customer_answers_is_masked_too() {
    on_each_world(|world| {
        world.settings(json!({ "mask_at_intake": ["phone", "card"] }));
        let theme = world.new_theme("Refunds");
        let ann = world.customer("ann@example.com").about(theme).files("My refund is late").customer;
        let story = world.story_about(theme);
        world.go(story, "ready");
        world.go(story, "released");
        let closure = world.read(&format!("/v1/closures?customer={ann}"))["data"][0].clone();
        let path = format!("/v1/closures/{}/answer", closure["id"].as_str().expect("a closure"));
        let answer = json!({ "solved": false, "because": "Not there, call 010-2345-6789, card 4111 1111 1111 1111" });
        let answered = world.post(&path, answer);
        assert_eq!(answered.status, 200, "{answered:?}");
        let filed = answered.json()["feedback_id"].as_str().expect("feedback").to_owned();
        assert_eq!(world.read(&format!("/v1/feedback/{filed}"))["text"], "Not there, call [phone], card [card]");
        let left = world.database.places_of(&["010-2345-6789", "4111 1111 1111 1111"]);
        assert!(left.is_empty(), "{left:?}");
    });
}
