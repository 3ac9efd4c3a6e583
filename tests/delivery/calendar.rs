//! A product's calendar: promises, trains and planned days are counted in it.

use hearback::domain::team::Role;
use serde_json::json;

use super::PRODUCT;
use crate::support::on_each_world;

#[test]
fn a_wrong_zone_wrong_days_and_a_stranger_as_owner_are_refused_with_every_field() {
    on_each_world(|world| {
        let patch = |body| world.patch(&format!("/v1/products/{PRODUCT}"), body);
        let days = json!(["2026-02-30", "2026-05-05", "2026-05-05"]);
        patch(json!({ "settings": { "time_zone": "Asia/Soul", "days_off": days } })).refused(&[
            "/settings/time_zone format",
            "/settings/days_off/0 format",
            "/settings/days_off/2 repeated",
        ]);
        patch(json!({ "owner_id": "01980000-0000-7000-8000-0000000000ff" })).refused(&["/owner_id unknown"]);
        let owner = world.person("Ada", "ada@example.com", Role::Product, "en").id;
        let product = patch(json!({ "owner_id": owner, "settings": { "time_zone": "Asia/Seoul" } })).json();
        assert_eq!((&product["owner_id"], &product["settings"]["time_zone"]), (&json!(owner), &json!("Asia/Seoul")));
        assert_eq!(product["settings"]["days_off"], json!([]));
        // A private product that the owner does not see would have nobody who answers for it.
        let made = json!({ "key": "PAY", "name": "Paylo", "visibility": "private", "owner_id": owner });
        world.post("/v1/products", made).refused(&["/owner_id unknown"]);
    });
}

#[test]
fn trains_leave_at_local_midnight_and_planned_days_stay_when_the_calendar_changes() {
    on_each_world(|world| {
        let train = json!({ "every_weeks": 1, "weekday": "tuesday", "starts_on": "2026-12-01" });
        world.settings(json!({ "train": train }));
        let departures = || world.read(&format!("/v1/products/{PRODUCT}/trains?limit=200"))["data"].clone();
        let leaves = |at: &str| departures().as_array().unwrap().iter().any(|train| train["leaves_at"] == at);
        assert!(leaves("2027-03-23T00:00:00Z"), "{}", departures());
        let planned = json!({ "name": "1.4.0", "train_at": "2027-03-23T00:00:00Z" });
        let on_train = world.done("/v1/releases", planned)["id"].as_str().unwrap().to_owned();
        let planned = json!({ "name": "1.5.0", "planned_for": "2027-06-01T00:00:00Z" });
        let on_a_day = world.done("/v1/releases", planned)["id"].as_str().unwrap().to_owned();

        world.settings(json!({ "time_zone": "Asia/Seoul", "days_off": ["2027-03-23"] }));
        let moved = world.shown_release(&on_train);
        assert_eq!(moved["train_at"], "2027-03-23T15:00:00Z", "Wednesday in Seoul: the Tuesday is off");
        assert_eq!(moved["planned_for"], moved["train_at"]);
        assert_eq!(world.shown_release(&on_a_day)["planned_for"], "2027-05-31T15:00:00Z", "the same day in Seoul");
        assert!(leaves("2027-03-23T15:00:00Z") && leaves("2027-03-29T15:00:00Z"), "the rhythm stays: {}", departures());
        let wrong = json!({ "name": "1.6.0", "train_at": "2027-03-23T00:00:00Z" });
        world.post("/v1/releases", wrong).refused(&["/train_at unknown"]);

        // Summer time in Berlin begins on 28 March 2027.
        world.settings(json!({ "time_zone": "Europe/Berlin", "days_off": [] }));
        assert_eq!(world.shown_release(&on_train)["train_at"], "2027-03-22T23:00:00Z");
        assert!(leaves("2027-03-29T22:00:00Z"));
    });
}

#[test]
fn a_promise_skips_the_days_off_of_the_product() {
    on_each_world(|world| {
        let promised = |n: &str| {
            let id = world.story(n);
            world.shown_story(&id)["respond_by"].as_str().expect("a promise").to_owned()
        };
        world.settings(json!({ "response_days": 1, "time_zone": "Asia/Seoul" }));
        let usual = promised("Refunds");
        let day = hearback::domain::base::Time::parse(&usual).expect("a time");
        let seoul: hearback::domain::base::Calendar =
            hearback::domain::base::Calendar { zone: "Asia/Seoul".parse().expect("a zone"), ..Default::default() };
        assert!(seoul.is_working_day(day), "{usual}");
        world.settings(json!({ "days_off": [seoul.date(day)] }));
        let later = hearback::domain::base::Time::parse(&promised("Invoices")).expect("a time");
        assert!(seoul.day(later) > seoul.day(day) && seoul.is_working_day(later));
    });
}
