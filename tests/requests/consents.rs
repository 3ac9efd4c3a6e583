//! Consents: without one nothing is sent that needs it, and an objection stops messages where they are planned.

use hearback::domain::base::Time;
use serde_json::{Value, json};

use crate::support::on_each_world;

fn line(consents: &Value, purpose: &str) -> (Value, Value) {
    let data = consents["data"].as_array().unwrap();
    let found = data.iter().find(|one| one["purpose"] == purpose).unwrap();
    (found["allowed"].clone(), found["basis"].clone())
}

fn consents(customer: impl std::fmt::Display) -> String {
    format!("/v1/customers/{customer}/consents")
}

#[test]
fn surveys_need_consent_and_closures_do_not() {
    on_each_world(|world| {
        let ann = world.customer("ann@example.com").files("Late").customer;
        let path = consents(ann);
        let before = world.read(&path);
        assert_eq!(line(&before, "closure"), (json!(true), json!("legitimate_interest")));
        assert_eq!(line(&before, "marketing"), (json!(false), Value::Null));
        let wrong = json!({ "purpose": "survey", "basis": "contract", "source": "x" });
        world.post(&path, wrong).refused(&["/basis not_allowed"]);
        let given = json!({ "purpose": "survey", "basis": "consent", "source": "Form" });
        let after = world.post(&path, given).json();
        assert_eq!(line(&after, "survey"), (json!(true), json!("consent")));
        let early = json!({ "purpose": "survey", "how": "x", "withdrawn_at": "2001-01-01T00:00:00Z" });
        world.post(&format!("{path}/withdraw"), early).refused(&["/withdrawn_at too_early"]);
        let withdrawn =
            world.post(&format!("{path}/withdraw"), json!({ "purpose": "survey", "how": "By mail" })).json();
        assert_eq!(line(&withdrawn, "survey").0, json!(false));
        assert_eq!(withdrawn["history"].as_array().unwrap().len(), 1);
        let future =
            json!({ "purpose": "survey", "basis": "consent", "source": "x", "given_at": world.now().plus(Time::DAY) });
        world.post(&path, future).refused(&["/given_at in_the_future"]);
    });
}

#[test]
fn a_customer_who_objected_is_not_told_and_the_preview_says_why() {
    on_each_world(|world| {
        let theme = world.new_theme("Refunds");
        let ann = world.customer("ann@example.com").about(theme).files("The refund has not arrived").customer;
        let bob = world.customer("bob@example.com").about(theme).files("The refund has not arrived here").customer;
        let story = world.story_about(theme);
        let objection = json!({ "purpose": "closure", "how": "By phone" });
        assert_eq!(world.post(&format!("{}/withdraw", consents(ann)), objection.clone()).status, 200);
        let preview = world.read(&format!("/v1/stories/{story}/preview"));
        let of =
            |id| preview["data"].as_array().unwrap().iter().find(|one| one["customer"]["id"] == json!(id)).unwrap();
        assert_eq!((&of(ann)["told"], &of(ann)["why_not"]), (&json!(false), &json!("objected")), "{preview}");
        assert_eq!(of(bob)["told"], json!(true));
        world.release_story(story);
        let told: Vec<_> = world.closures(story).into_iter().map(|closure| closure.customer.id).collect();
        assert_eq!(told, [bob]);
        // What was planned before the objection is stopped.
        assert_eq!(world.post(&format!("{}/withdraw", consents(bob)), objection).status, 200);
        assert_eq!(world.closure(story, bob).state.as_str(), "unreachable");
    });
}

#[test]
fn a_text_that_looks_like_advertising_is_shown_before_it_is_sent() {
    on_each_world(|world| {
        let theme = world.new_theme("Refunds");
        world.customer("ann@example.com").about(theme).files("The refund has not arrived");
        let story = world.story_about(theme);
        let version = world.stored_story(story).version;
        world.edit_story(story, Some(version), json!({ "title": "Refunds arrive, with a coupon: 20% off" })).unwrap();
        let preview = world.read(&format!("/v1/stories/{story}/preview"));
        assert_eq!(preview["stories"][0]["texts"][0]["advertising"], json!(["coupon", "% off"]), "{preview}");
    });
}

#[test]
fn consents_go_with_an_erased_customer() {
    on_each_world(|world| {
        let ann = world.customer("ann@example.com").files("Late").customer;
        let path = consents(ann);
        world.post(&path, json!({ "purpose": "survey", "basis": "consent", "source": "Ann at the fair" }));
        let admin = world.token(hearback::domain::team::Role::Admin);
        assert_eq!(world.send("DELETE", &format!("/v1/customers/{ann}"), &admin, None).status, 200);
        assert_eq!(world.read(&path)["history"], json!([]));
        world.post(&path, json!({ "purpose": "survey", "basis": "consent", "source": "x" })).problem(410, "gone");
    });
}
