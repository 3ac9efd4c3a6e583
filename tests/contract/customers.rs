//! Products, accounts and customers; merging and erasing customers.

use std::time::Duration;

use crate::support::{ADMIN, Answer, Kind, eventually, on_each_world};
use hearback::jobs::base::scheduler::Scheduler;
use hearback::jobs::base::vacuum::Scrubbing;
use serde_json::{Value, json};

/// The status of an answer and its body.
fn answered(answer: Answer) -> (u16, Value) {
    (answer.status, answer.json())
}

fn id(resource: &Value) -> &str {
    resource["id"].as_str().expect("an id")
}

#[test]
fn products_and_accounts_are_kept_and_their_names_are_unique() {
    on_each_world(|world| {
        let (status, product) = answered(world.post("/v1/products", json!({ "key": "PAY", "name": "Paylo" })));
        assert_eq!(status, 201);
        assert_eq!(answered(world.post("/v1/products", json!({ "key": "PAY", "name": "Twin" }))).0, 409);
        let address = format!("/v1/products/{}", id(&product));
        let patch = json!({ "settings": { "draft_customers": 4 } });
        let (_, changed) = answered(world.patch(&address, patch));
        assert_eq!((&changed["settings"]["draft_customers"], &changed["version"]), (&json!(4), &json!(2)));
        assert_eq!(changed["settings"]["draft_items"], 5, "what the patch leaves out stays");
        let stale = world.send_with("PATCH", &address, ADMIN, Some(&json!({ "name": "P" })), &[("If-Match", "\"1\"")]);
        assert_eq!(stale.status, 412);
        assert_eq!(world.get("/v1/products").json()["data"].as_array().map(Vec::len), Some(2));

        let (status, account) =
            answered(world.post("/v1/accounts", json!({ "name": "Blue Bakery", "segment": "business" })));
        assert_eq!(status, 201);
        assert_eq!(answered(world.post("/v1/accounts", json!({ "name": " BLUE bakery" }))).0, 409);
        assert_eq!(answered(world.post("/v1/accounts", json!({ "name": "  " }))).0, 422);
        assert_eq!(id(&world.get("/v1/accounts?name=blue%20BAKERY").json()["data"][0]), id(&account));
        assert_eq!(world.get("/v1/accounts?segment=none").json()["data"], json!([]));
        let value = json!({ "annual_value": { "amount_minor": 5, "currency": "EUR" }, "segment": null });
        let (_, changed) = answered(world.patch(&format!("/v1/accounts/{}", id(&account)), value));
        assert_eq!((&changed["annual_value"]["amount_minor"], &changed["segment"]), (&json!(5), &Value::Null));
    });
}

#[test]
fn a_known_address_finds_its_customer_and_can_not_belong_to_a_second_one() {
    on_each_world(|world| {
        let kim = json!({ "email": "kim@example.com", "name": "Kim" });
        let (status, created) = answered(world.post("/v1/customers", kim.clone()));
        assert_eq!(status, 201);
        let (status, found) = answered(world.post("/v1/customers", json!({ "email": "KIM@example.com" })));
        assert_eq!((status, id(&found)), (200, id(&created)));
        assert_eq!(answered(world.post("/v1/customers", json!({}))).0, 422);
        assert_eq!(id(&world.get("/v1/customers?email=Kim@Example.com").json()["data"][0]), id(&created));

        let (_, lee) = answered(world.post("/v1/customers", json!({ "email": "lee@example.com" })));
        let address = format!("/v1/customers/{}", id(&lee));
        let (status, problem) = answered(world.patch(&address, json!({ "email": "kim@EXAMPLE.com" })));
        assert_eq!(status, 409);
        assert!(problem["detail"].as_str().unwrap_or_default().contains(id(&created)), "{problem}");
        let (status, problem) = answered(world.patch(&address, json!({ "account_id": id(&created) })));
        assert_eq!((status, &problem["errors"][0]["pointer"]), (422, &json!("/account_id")));
        assert_eq!(answered(world.patch(&address, json!({ "email": null, "name": "Lee" }))).1["email"], Value::Null);
    });
}

#[test]
fn feedback_of_a_merged_customer_belongs_to_the_one_that_stays() {
    on_each_world(|world| {
        let file = |external: &str, email: &str| {
            let customer = json!({ "external_id": external, "email": email, "name": external });
            world
                .post("/v1/feedback", json!({ "text": "The app is slow", "origin": "crm", "customer": customer }))
                .json()
        };
        let (one, two) = (file("c1", "one@example.com"), file("c2", "two@example.com"));
        let (kept, gone) = (id(&one["customer"]).to_owned(), id(&two["customer"]).to_owned());
        let address = format!("/v1/customers/{kept}/merge");
        let (status, merged) = answered(world.post(&address, json!({ "customer_id": gone })));
        assert_eq!(status, 200);
        assert_eq!((&merged["email"], &merged["name"]), (&json!("one@example.com"), &json!("c1")));
        assert_eq!(merged["identities"].as_array().map(Vec::len), Some(2));
        assert_eq!(answered(world.post(&address, json!({ "customer_id": gone }))).0, 200, "again is nothing new");
        assert_eq!(answered(world.post(&address, json!({ "customer_id": kept }))).0, 422);
        assert_eq!(world.get(&format!("/v1/customers/{gone}")).json()["merged_into"], json!(kept));
        assert_eq!(answered(world.patch(&format!("/v1/customers/{gone}"), json!({ "name": "x" }))).0, 409);
        assert_eq!(
            world.get(&format!("/v1/feedback?customer={kept}")).json()["data"].as_array().map(Vec::len),
            Some(2)
        );
        assert_eq!(world.get("/v1/customers").json()["data"].as_array().map(Vec::len), Some(1));
        // The address and the number of the merged customer still find the one that stays.
        let by_address = world
            .post("/v1/feedback", json!({ "text": "Still slow", "customer": { "email": "two@example.com" } }))
            .json();
        let by_number = world
            .post("/v1/feedback", json!({ "text": "So slow", "origin": "crm", "customer": { "external_id": "c2" } }))
            .json();
        assert_eq!((id(&by_address["customer"]), id(&by_number["customer"])), (kept.as_str(), kept.as_str()));
        assert_eq!(by_address["customer"]["email"], "one@example.com");
    });
}

#[test]
fn an_erased_person_is_gone_from_every_byte_and_stays_gone() {
    on_each_world(|world| {
        let words = [
            "Quuxwimble",
            "quuxwimble",
            "zorbalax",
            "Zorbalax",
            "vexlorn",
            "plimthorpe",
            "Gribbenschnitz",
            "gribbenschnitz",
        ];
        let customer =
            json!({ "external_id": "vexlorn-8841", "email": "quuxwimble@example.com", "name": "Quuxwimble" });
        let theirs = json!({
            "text": "The zorbalax screen freezes", "title": "Zorbalax freezes", "origin": "crm", "external_id": "plimthorpe-1",
            "url": "https://example.com/plimthorpe", "tags": ["gribbenschnitz"], "fields": { "note": "Gribbenschnitz" },
            "customer": customer
        });
        let keyed = world.send_with("POST", "/v1/feedback", ADMIN, Some(&theirs), &[("Idempotency-Key", "k")]);
        let filed = keyed.json();
        // Other feedback, and long texts whose changes leave free pages in the file.
        let long = |word: &str| format!("{word} ").repeat(4000);
        for n in 0..20 {
            let refund = format!("Refund number {n} is late");
            let mut theirs = json!({ "text": long("zorbalax"), "origin": "crm", "external_id": "plimthorpe-2" });
            theirs["customer"] = customer.clone();
            let changed = json!({ "text": long("gribbenschnitz"), "origin": "crm", "external_id": "plimthorpe-2" });
            world.post("/v1/feedback", json!({ "text": refund, "customer": { "name": "Someone" } }));
            world.post("/v1/feedback", theirs);
            world.post("/v1/feedback", changed);
        }
        let address = format!("/v1/customers/{}", id(&filed["customer"]));
        assert_eq!(world.send_with("DELETE", &address, ADMIN, None, &[("If-Match", "\"9\"")]).status, 412);
        let store = world.store();
        let scrubbing = Scheduler::start(store, vec![Box::new(Scrubbing::new(store.clone()))]).unwrap();
        let erased = world.send("DELETE", &address, ADMIN, None);
        assert_eq!(erased.status, 200);
        // PostgreSQL clears its files by itself.
        let has_files = world.database.kind == Kind::Sqlite;
        assert_eq!(erased.json()["erasure"]["files_clean_by"].is_string(), has_files, "{}", erased.body);
        assert_eq!(world.send("DELETE", &address, ADMIN, None).status, 200, "again is nothing new");
        if has_files {
            let is_clean = || world.get(&address).json()["erasure"]["files_clean_at"].is_string();
            eventually("the files are clear", Duration::from_secs(20), is_clean);
        }
        scrubbing.stop();

        let left = world.database.places_of(&words);
        assert!(left.is_empty(), "{}", left.join("\n"));
        let person = world.get(&address).json();
        assert!(person["erased_at"].is_string() && person["name"].is_null() && person["email"].is_null());
        assert_eq!(person["identities"], json!([]));
        let left = world.get(&format!("/v1/feedback/{}", id(&filed))).json();
        assert_eq!((&left["text"], &left["title"], &left["tags"]), (&json!("[erased]"), &Value::Null, &json!([])));
        assert_eq!(left["occurred_at"], filed["occurred_at"]);
        assert_eq!(world.get("/v1/feedback?q=zorbalax").json()["data"], json!([]));
        assert_eq!(answered(world.patch(&address, json!({ "name": "Back" }))).0, 410);

        let (status, again) = answered(world.post("/v1/feedback", theirs));
        assert_eq!((status, id(&again), &again["text"]), (200, id(&filed), &json!("[erased]")));
        assert_eq!(world.get("/v1/customers?email=quuxwimble@example.com").json()["data"], json!([]));
    });
}
