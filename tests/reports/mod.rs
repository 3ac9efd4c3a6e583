//! Reports: what they say, who gets them, their links, and what erasing a person does to them.

mod instances;
mod large;
mod making;
mod pages;
mod printed;
mod sales;
mod sending;

use hearback::domain::base::Id;
use serde_json::{Value, json};

use crate::support::World;

/// Customers of an account say something about a theme, a story is made of it, and it is released.
pub struct Shipped {
    pub story: Id,
    pub account: String,
}

/// A week with feedback of three customers, one of whom belongs to an account, and the story that they ask for.
pub fn week(world: &World) -> Shipped {
    let theme = world.new_theme("Refund has not arrived");
    let account = json!({ "name": "Blue Bakery", "segment": "business",
        "annual_value": { "amount_minor": 1_200_000, "currency": "USD" } });
    let account = world.done("/v1/accounts", account)["id"].as_str().expect("an id").to_owned();
    for who in ["Mina", "Jun", "Bo"] {
        world.customer(who).about(theme).files("The refund has not arrived for my order, please help");
    }
    let mina = customer_id(world, "mina@example.com");
    assert_eq!(world.patch(&format!("/v1/customers/{mina}"), json!({ "account_id": account })).status, 200);
    world.follow_themes(&[theme], &[]);
    // Counts the theme.
    world.step_until_idle("grouping");
    let drafted = world.stories(json!({ "theme": theme }));
    let story = drafted.first().map_or_else(|| world.draft_about(theme), |story| story.id);
    world.edit_story(story, None, json!({ "title": "Refunds say when they arrive" })).expect("a title");
    Shipped { story, account }
}

/// Ships the story in a release that reaches customers, and tells them.
pub fn ship(world: &World, story: Id) -> String {
    if world.stage(story) == hearback::domain::stories::stage::Stage::Draft {
        world.go(story, "accepted");
    }
    world.go(story, "ready");
    let release = world.release("1.0", &[&story.to_string()]);
    world.settings(json!({ "unshipped_release": "ship" }));
    world.done("/v1/deployments", json!({ "release": "1.0" }));
    world.clock().advance(hearback::domain::base::Time::SECOND);
    world.pump();
    release
}

/// The id of the customer with this address.
pub fn customer_id(world: &World, email: &str) -> String {
    let found = world.read(&format!("/v1/customers?email={email}"));
    found["data"][0]["id"].as_str().unwrap_or_else(|| panic!("no {email} in {found}")).to_owned()
}

/// A report about the days up to now.
pub fn report(world: &World, more: Value) -> Value {
    let day = |days: i64| world.now().plus(days * hearback::domain::base::Time::DAY).date();
    let mut new =
        json!({ "kind": "weekly", "product": world.product.key, "period": { "from": day(-6), "to": day(1) } });
    for (name, value) in more.as_object().into_iter().flatten() {
        new[name.as_str()] = value.clone();
    }
    world.done("/v1/reports", new)
}

/// The path of a resource that the API answered.
pub fn path_of(report: &Value) -> String {
    format!("/v1/reports/{}", report["id"].as_str().expect("an id"))
}
