//! An evaluation comes back to those who decide it once its day has come: as a mail, in the list and on their page.

use hearback::domain::base::Time;
use hearback::domain::team::Role;
use serde_json::{Value, json};

use super::vector;
use crate::console::Visitor;
use crate::support::{World, on_each_world, on_each_world_with_mail};

/// An evaluation to be looked at again in some days, made by the owner of a token.
fn made(world: &World, token: &str, title: &str, days: i64, more: Value) -> Value {
    let mut input = vector();
    input["title"] = json!(title);
    input["revisit_date"] = json!(world.now().plus(days * Time::DAY).date());
    for (name, value) in more.as_object().into_iter().flatten() {
        input[name.as_str()] = value.clone();
    }
    let answer = world.send("POST", "/v1/evaluations", token, Some(&input));
    assert_eq!(answer.status, 201, "{answer:?}");
    answer.json()
}

fn come(world: &World, days: i64) {
    world.days_pass(days);
    world.step("deadlines");
    world.step("deadlines");
    world.pump();
}

#[test]
fn its_deciders_are_mailed_once_for_each_day_that_is_set() {
    on_each_world_with_mail(|world| {
        let ann = world.person("Ann", "ann@example.com", Role::Product, "en");
        let sumi = world.person("수미", "sumi@example.com", Role::Developer, "ko");
        let evaluation = made(world, &ann.token, "Who moves the money", 5, json!({ "deciders": [sumi.id] }));
        let path = format!("/v1/evaluations/{}", evaluation["id"].as_str().unwrap());
        come(world, 4);
        assert!(world.mails().mails().is_empty(), "its day has not come");
        come(world, 2);
        let mails = world.mails().mails_to("sumi@example.com");
        assert_eq!(mails.len(), 1, "once, however often the job runs");
        assert!(mails[0].subject.contains("다시 검토할 때"), "{}", mails[0].subject);
        let page = format!("https://voice.example.com/console/evaluations/{}", evaluation["id"].as_str().unwrap());
        assert!(mails[0].text.contains(&page) && mails[0].text.contains("Who moves the money"), "{}", mails[0].text);
        assert!(world.mails().mails_to("ann@example.com").is_empty(), "its author does not decide it");

        let later = world.now().plus(3 * Time::DAY).date();
        assert_eq!(world.patch(&path, json!({ "revisit_date": later })).status, 200);
        come(world, 4);
        assert_eq!(world.mails().mails_to("sumi@example.com").len(), 2, "the next day that was set");
    });
}

#[test]
fn without_a_decider_who_is_there_its_author_is_mailed_and_nobody_who_may_not_see_it() {
    on_each_world_with_mail(|world| {
        let ann = world.person("Ann", "ann@example.com", Role::Product, "en");
        let left = world.person("Lee", "lee@example.com", Role::Developer, "en");
        made(world, &ann.token, "Ledger", 2, json!({ "deciders": [left.id] }));
        assert_eq!(world.patch(&format!("/v1/members/{}", left.id), json!({ "active": false })).status, 200);
        come(world, 3);
        let mails = world.mails().mails_to("ann@example.com");
        assert_eq!(mails.len(), 1);
        assert!(mails[0].subject.contains("should be looked at again"), "{}", mails[0].subject);
        assert!(world.mails().mails_to("lee@example.com").is_empty());

        let own = made(world, &ann.token, "Refunds", 1, json!({ "deciders": ["me"] }));
        assert_eq!(own["deciders"], json!([ann.id]), "`me` is who asks");
        world.days_pass(2);
        world.step("deadlines");
        world.fan_out();
        // It was decided anew before the mail left.
        let path = format!("/v1/evaluations/{}", own["id"].as_str().unwrap());
        assert_eq!(world.patch(&path, json!({ "revisit_date": null })).status, 200);
        world.pump();
        assert_eq!(world.mails().mails_to("ann@example.com").len(), 1);
        let product = format!("/v1/products/{}", world.product.id);
        assert_eq!(world.patch(&product, json!({ "visibility": "private" })).status, 200);
        let mut hidden = vector();
        hidden["revisit_date"] = json!(world.now().plus(Time::DAY).date());
        hidden["deciders"] = json!([ann.id]);
        world.done("/v1/evaluations", hidden);
        come(world, 2);
        assert_eq!(world.mails().mails_to("ann@example.com").len(), 1, "of a product that she may not see");
    });
}

#[test]
fn it_is_among_the_work_of_its_deciders_and_of_nobody_else() {
    on_each_world(|world| {
        let ann = world.person("Ann", "ann@example.com", Role::Product, "en");
        let sumi = world.person("수미", "sumi@example.com", Role::Product, "ko");
        let decided = made(world, &ann.token, "Who moves the money", 2, json!({ "deciders": [sumi.id] }));
        let begun = made(world, &ann.token, "Who prints the receipts", 2, json!({}));
        let listed = |token: &str, query: &str| {
            let found = world.send("GET", &format!("/v1/evaluations?{query}"), token, None).json();
            found["data"].as_array().unwrap().iter().map(|one| one["id"].clone()).collect::<Vec<Value>>()
        };
        assert_eq!(listed(&sumi.token, "member=me"), std::slice::from_ref(&decided["id"]));
        assert_eq!(listed(&ann.token, "member=me"), std::slice::from_ref(&begun["id"]));
        assert_eq!(listed(&ann.token, "member=me&due=true"), Vec::<Value>::new());
        world.days_pass(3);
        assert_eq!(listed(&ann.token, &format!("member={}&due=true", sumi.id)), std::slice::from_ref(&decided["id"]));

        let mut visitor = Visitor::of(world, &sumi, "sumi@example.com");
        let page = visitor.read("/console/backlog?owner=@me");
        assert!(page.contains("내가 할 일") && page.contains("Who moves the money"), "{page}");
        assert!(!page.contains("Who prints the receipts"), "{page}");
        let path = format!("/v1/evaluations/{}", decided["id"].as_str().unwrap());
        assert_eq!(world.patch(&path, json!({ "revisit_date": null })).status, 200);
        assert!(!visitor.read("/console/backlog?owner=@me").contains("내가 할 일"));
    });
}
