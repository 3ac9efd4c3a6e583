//! Filters, numbers, words in names and titles, and the caller's own feedback.

use serde_json::{Value, json};

use crate::support::{World, on_each_world};

fn texts(server: &World, query: &str) -> Vec<String> {
    let rows = server.walk(&format!("/v1/feedback?limit=2&{query}"), || ());
    rows.iter().map(|row| row["text"].as_str().unwrap().to_owned()).collect()
}

fn titles(server: &World, address: &str, field: &str) -> Vec<String> {
    let rows = server.walk(address, || ());
    rows.iter().map(|row| row[field].as_str().unwrap_or_default().to_owned()).collect()
}

fn story(server: &World, title: &str) -> Value {
    let made = server.post("/v1/stories", json!({ "title": title }));
    assert_eq!(made.status, 201, "{made:?}");
    made.json()
}

#[test]
fn feedback_is_found_by_account_segment_ratings_story_time_and_who_filed_it() {
    on_each_world(|server| {
        let said = |text: &str, account: &str, segment: &str, rating: i32, day: u32| {
            server.file(&json!({
                "text": text, "rating": rating, "nps": rating * 2, "occurred_at": format!("2026-03-{day:02}T00:00:00Z"),
                "customer": { "external_id": text, "account": { "name": account, "segment": segment } },
            }))
        };
        let first = said("one", "Bakery", "business", 1, 9);
        let second = said("two", "Bakery", "business", 3, 5);
        said("three", "Bank", "enterprise", 5, 7);
        server.file(&json!({ "text": "four" }));
        let account = first["customer"]["account"]["id"].as_str().unwrap();
        assert_eq!(texts(server, &format!("account={account}")), ["two", "one"]);
        assert_eq!(texts(server, "segment=enterprise"), ["three"]);
        assert_eq!(texts(server, "min_rating=3"), ["three", "two"]);
        assert_eq!(texts(server, "min_rating=2&max_rating=3"), ["two"]);
        assert_eq!(texts(server, "max_nps=6"), ["two", "one"]);
        assert_eq!(texts(server, "min_rating=1&sort=said"), ["one", "three", "two"]);
        assert_eq!(texts(server, "q=two&segment=business"), ["two"]);
        server.get("/v1/feedback?q=two&sort=said").refused(&["/sort not_allowed"]);
        server.get("/v1/feedback?account=x&min_rating=9&story=nine").refused(&[
            "/account format",
            "/min_rating too_large",
            "/story pattern",
        ]);

        let story = story(server, "A story");
        let (id, number) = (story["id"].as_str().unwrap(), story["number"].as_str().unwrap());
        server.post(&format!("/v1/stories/{number}/feedback"), json!({ "feedback_ids": [second["id"]] }));
        assert_eq!(texts(server, &format!("story={id}")), ["two"]);
        assert_eq!(texts(server, &format!("story={}", number.to_lowercase())), ["two"]);
        server.get("/v1/feedback?story=HB-99").refused(&["/story unknown"]);

        assert_eq!(texts(server, "submitted_by=me").len(), 4);
        let token = server.post("/v1/tokens", json!({ "name": "other", "role": "support" })).json();
        let other = token["secret"].as_str().unwrap();
        let mine = server.request("GET", "/v1/feedback?submitted_by=me").token(Some(other)).send();
        assert_eq!(mine.json()["data"], json!([]), "`me` is another for each caller");
    });
}

#[test]
fn a_story_is_found_by_its_number_wherever_it_is_named() {
    on_each_world(|server| {
        let made = story(server, "Refunds in a day");
        let number = made["number"].as_str().unwrap();
        for name in [number.to_owned(), number.to_lowercase()] {
            assert_eq!(server.get(&format!("/v1/stories/{name}")).json()["id"], made["id"]);
            for part in ["feedback", "history", "gates", "trials", "links", "closures"] {
                assert_eq!(server.get(&format!("/v1/stories/{name}/{part}")).status, 200, "{part}");
            }
        }
        assert_eq!(titles(server, &format!("/v1/stories?number={number}"), "title"), ["Refunds in a day"]);
        assert!(titles(server, "/v1/stories?number=HB-99", "title").is_empty());
        server.get("/v1/stories/HB-99").problem(404, "not_found");
        server.get("/v1/stories?number=99").refused(&["/number pattern"]);
        let patch =
            server.request("PATCH", &format!("/v1/stories/{number}")).json(&json!({ "title": "Sooner" })).send();
        assert_eq!(patch.json()["title"], "Sooner");
    });
}

#[test]
fn stories_customers_and_themes_are_found_by_words_of_their_names() {
    on_each_world(|server| {
        for title in ["Refunds in a day", "100% dark mode", "환불을 하루 안에"] {
            story(server, title);
        }
        let found = |q: &str| titles(server, &format!("/v1/stories?q={q}"), "title");
        assert_eq!(found("refund"), ["Refunds in a day"]);
        assert_eq!(found("DAY%20refunds"), ["Refunds in a day"]);
        assert_eq!(found("%ED%99%98%EB%B6%88"), ["환불을 하루 안에"]);
        assert_eq!(found("100%25"), ["100% dark mode"]);
        assert!(found("_").is_empty() && found("mode%20refund").is_empty());
        assert_eq!(found("hb-2"), ["100% dark mode"]);

        server.file(&json!({ "text": "x", "customer": { "email": "kim@blue.example", "name": "Kim Min-ji" } }));
        server.file(&json!({ "text": "y", "customer": { "name": "Ann", "account": { "name": "Blue Bakery" } } }));
        let people = |q: &str| titles(server, &format!("/v1/customers?q={q}"), "name");
        assert_eq!(people("blue"), ["Ann", "Kim Min-ji"]);
        assert_eq!(people("kim"), ["Kim Min-ji"]);
        assert_eq!(people("ann%20bakery"), ["Ann"]);
        assert!(people("kim%20bakery").is_empty());
        assert_eq!(server.get("/v1/themes?q=refund").status, 200);
        server.get("/v1/customers?q=%20").refused(&["/q pattern"]);
    });
}

#[test]
fn a_caller_learns_who_they_are_and_what_became_of_what_they_filed() {
    on_each_world(|server| {
        let member = json!({ "name": "Jin Lee", "email": "jin@example.com", "role": "support" });
        let member = server.post("/v1/members", &member).json();
        let token = json!({ "name": "laptop", "role": "support", "member_id": member["id"] });
        let secret = server.post("/v1/tokens", &token).json()["secret"].as_str().unwrap().to_owned();
        let me = server.request("GET", "/v1/me").token(Some(&secret)).send().json();
        assert_eq!((&me["member"]["id"], &me["token"]["role"]), (&member["id"], &json!("support")));
        let operations = me["operations"].as_array().unwrap();
        assert!(operations.contains(&json!("create_feedback")) && !operations.contains(&json!("create_token")));
        assert!(server.get("/v1/me").json()["member"].is_null(), "a service");

        let own = json!({ "text": "The refund is late", "customer": { "name": "Ann" } });
        let filed = server.request("POST", "/v1/feedback").token(Some(&secret)).json(&own).send().json();
        server.file(&json!({ "text": "Of somebody else" }));
        let story = story(server, "Refunds in a day");
        let id = story["id"].as_str().unwrap();
        server.post(&format!("/v1/stories/{id}/feedback"), json!({ "feedback_ids": [filed["id"]] }));
        let mine = server.request("GET", "/v1/me/feedback").token(Some(&secret)).send().json();
        assert_eq!(mine["data"].as_array().unwrap().len(), 1);
        assert_eq!(mine["data"][0]["feedback"]["id"], filed["id"]);
        let outcome = &mine["data"][0]["outcomes"][0];
        assert_eq!((&outcome["story"]["number"], &outcome["stage"]), (&story["number"], &json!("draft")));
        assert!(outcome["closure_state"].is_null());
    });
}
