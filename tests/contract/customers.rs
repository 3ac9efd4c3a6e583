//! Products, accounts and customers; merging and erasing customers.

use std::time::Duration;

use super::inprocess::{self, Running};
use crate::support::eventually;
use hearback::domain::team::Role;
use hearback::jobs::base::scheduler::Scheduler;
use hearback::jobs::base::vacuum::Scrubbing;
use serde_json::{Value, json};

struct Client {
    app: Running,
    admin: String,
}

impl Client {
    fn new() -> Self {
        let app = inprocess::start();
        let admin = app.token(Role::Admin);
        Self { app, admin }
    }

    fn get(&self, path: &str) -> Value {
        self.app.send("GET", path, &self.admin, None).json()
    }

    fn send(&self, method: &str, path: &str, body: Value) -> (u16, Value) {
        let answer = self.app.send(method, path, &self.admin, Some(&body));
        (answer.status, answer.json())
    }

    fn file(&self, body: Value) -> Value {
        self.send("POST", "/v1/feedback", body).1
    }
}

fn id(resource: &Value) -> &str {
    resource["id"].as_str().expect("an id")
}

#[test]
fn products_and_accounts_are_kept_and_their_names_are_unique() {
    let client = Client::new();
    let (status, product) = client.send("POST", "/v1/products", json!({ "key": "PAY", "name": "Paylo" }));
    assert_eq!(status, 201);
    assert_eq!(client.send("POST", "/v1/products", json!({ "key": "PAY", "name": "Twin" })).0, 409);
    let address = format!("/v1/products/{}", id(&product));
    let patch = json!({ "settings": { "draft_customers": 4 } });
    let (_, changed) = client.send("PATCH", &address, patch);
    assert_eq!((&changed["settings"]["draft_customers"], &changed["version"]), (&json!(4), &json!(2)));
    assert_eq!(changed["settings"]["draft_items"], 5, "what the patch leaves out stays");
    let stale =
        client.app.send_with("PATCH", &address, &client.admin, Some(&json!({ "name": "P" })), &[("If-Match", "\"1\"")]);
    assert_eq!(stale.status, 412);
    assert_eq!(client.get("/v1/products")["data"].as_array().map(Vec::len), Some(2));

    let (status, account) =
        client.send("POST", "/v1/accounts", json!({ "name": "Blue Bakery", "segment": "business" }));
    assert_eq!(status, 201);
    assert_eq!(client.send("POST", "/v1/accounts", json!({ "name": " BLUE bakery" })).0, 409);
    assert_eq!(client.send("POST", "/v1/accounts", json!({ "name": "  " })).0, 422);
    assert_eq!(id(&client.get("/v1/accounts?name=blue%20BAKERY")["data"][0]), id(&account));
    assert_eq!(client.get("/v1/accounts?segment=none")["data"], json!([]));
    let value = json!({ "annual_value": { "amount_minor": 5, "currency": "EUR" }, "segment": null });
    let (_, changed) = client.send("PATCH", &format!("/v1/accounts/{}", id(&account)), value);
    assert_eq!((&changed["annual_value"]["amount_minor"], &changed["segment"]), (&json!(5), &Value::Null));
}

#[test]
fn a_customer_is_found_again_and_an_address_has_one_owner() {
    let client = Client::new();
    let kim = json!({ "email": "kim@example.com", "name": "Kim" });
    let (status, created) = client.send("POST", "/v1/customers", kim.clone());
    assert_eq!(status, 201);
    let (status, found) = client.send("POST", "/v1/customers", json!({ "email": "KIM@example.com" }));
    assert_eq!((status, id(&found)), (200, id(&created)));
    assert_eq!(client.send("POST", "/v1/customers", json!({})).0, 422);
    assert_eq!(id(&client.get("/v1/customers?email=Kim@Example.com")["data"][0]), id(&created));

    let (_, lee) = client.send("POST", "/v1/customers", json!({ "email": "lee@example.com" }));
    let address = format!("/v1/customers/{}", id(&lee));
    let (status, problem) = client.send("PATCH", &address, json!({ "email": "kim@EXAMPLE.com" }));
    assert_eq!(status, 409);
    assert!(problem["detail"].as_str().unwrap_or_default().contains(id(&created)), "{problem}");
    let (status, problem) = client.send("PATCH", &address, json!({ "account_id": id(&created) }));
    assert_eq!((status, &problem["errors"][0]["pointer"]), (422, &json!("/account_id")));
    assert_eq!(client.send("PATCH", &address, json!({ "email": null, "name": "Lee" })).1["email"], Value::Null);
}

#[test]
fn a_merged_customer_speaks_through_the_other() {
    let client = Client::new();
    let file = |external: &str, email: &str| {
        let customer = json!({ "external_id": external, "email": email, "name": external });
        client.file(json!({ "text": "The app is slow", "origin": "crm", "customer": customer }))
    };
    let (one, two) = (file("c1", "one@example.com"), file("c2", "two@example.com"));
    let (kept, gone) = (id(&one["customer"]).to_owned(), id(&two["customer"]).to_owned());
    let address = format!("/v1/customers/{kept}/merge");
    let (status, merged) = client.send("POST", &address, json!({ "customer_id": gone }));
    assert_eq!(status, 200);
    assert_eq!((&merged["email"], &merged["name"]), (&json!("one@example.com"), &json!("c1")));
    assert_eq!(merged["identities"].as_array().map(Vec::len), Some(2));
    assert_eq!(client.send("POST", &address, json!({ "customer_id": gone })).0, 200, "again is nothing new");
    assert_eq!(client.send("POST", &address, json!({ "customer_id": kept })).0, 422);
    assert_eq!(client.get(&format!("/v1/customers/{gone}"))["merged_into"], json!(kept));
    assert_eq!(client.send("PATCH", &format!("/v1/customers/{gone}"), json!({ "name": "x" })).0, 409);
    assert_eq!(client.get(&format!("/v1/feedback?customer={kept}"))["data"].as_array().map(Vec::len), Some(2));
    assert_eq!(client.get("/v1/customers")["data"].as_array().map(Vec::len), Some(1));
    // The address and the number of the one that is gone still lead to the one that stays.
    let by_address = client.file(json!({ "text": "Still slow", "customer": { "email": "two@example.com" } }));
    let by_number = client.file(json!({ "text": "So slow", "origin": "crm", "customer": { "external_id": "c2" } }));
    assert_eq!((id(&by_address["customer"]), id(&by_number["customer"])), (kept.as_str(), kept.as_str()));
    assert_eq!(by_address["customer"]["email"], "one@example.com");
}

#[test]
fn an_erased_person_is_gone_from_every_byte_and_stays_gone() {
    let client = Client::new();
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
    let customer = json!({ "external_id": "vexlorn-8841", "email": "quuxwimble@example.com", "name": "Quuxwimble" });
    let theirs = json!({
        "text": "The zorbalax screen freezes", "title": "Zorbalax freezes", "origin": "crm", "external_id": "plimthorpe-1",
        "url": "https://example.com/plimthorpe", "tags": ["gribbenschnitz"], "fields": { "note": "Gribbenschnitz" },
        "customer": customer
    });
    let keyed = client.app.send_with("POST", "/v1/feedback", &client.admin, Some(&theirs), &[("Idempotency-Key", "k")]);
    let filed = keyed.json();
    // Some life around it, with long texts that are changed and so leave pages behind.
    let long = |word: &str| format!("{word} ").repeat(4000);
    for n in 0..20 {
        client.file(json!({ "text": format!("Refund number {n} is late"), "customer": { "name": "Someone" } }));
        client.file(
            json!({ "text": long("zorbalax"), "origin": "crm", "external_id": "plimthorpe-2", "customer": customer }),
        );
        client.file(json!({ "text": long("gribbenschnitz"), "origin": "crm", "external_id": "plimthorpe-2" }));
    }
    let address = format!("/v1/customers/{}", id(&filed["customer"]));
    assert_eq!(client.app.send_with("DELETE", &address, &client.admin, None, &[("If-Match", "\"9\"")]).status, 412);
    let store = &client.app.app.store;
    let scrubbing = Scheduler::start(store, vec![Box::new(Scrubbing::new(store.clone()))]).unwrap();
    let erased = client.app.send("DELETE", &address, &client.admin, None);
    assert_eq!(erased.status, 200);
    assert!(erased.json()["erasure"]["files_clean_by"].is_string(), "{}", erased.text);
    assert_eq!(client.app.send("DELETE", &address, &client.admin, None).status, 200, "again is nothing new");
    let is_clean = || client.get(&address)["erasure"]["files_clean_at"].is_string();
    eventually("the files are clear", Duration::from_secs(20), is_clean);
    scrubbing.stop();

    for file in std::fs::read_dir(client.app.folder.path()).unwrap() {
        let path = file.unwrap().path();
        let bytes = std::fs::read(&path).unwrap();
        for word in words {
            let found = bytes.windows(word.len()).any(|window| window == word.as_bytes());
            assert!(!found, "{word} is still in {}", path.display());
        }
    }
    let person = client.get(&address);
    assert!(person["erased_at"].is_string() && person["name"].is_null() && person["email"].is_null());
    assert_eq!(person["identities"], json!([]));
    let left = client.get(&format!("/v1/feedback/{}", id(&filed)));
    assert_eq!((&left["text"], &left["title"], &left["tags"]), (&json!("[erased]"), &Value::Null, &json!([])));
    assert_eq!(left["occurred_at"], filed["occurred_at"]);
    assert_eq!(client.get("/v1/feedback?q=zorbalax")["data"], json!([]));
    assert_eq!(client.send("PATCH", &address, json!({ "name": "Back" })).0, 410);

    let (status, again) = client.send("POST", "/v1/feedback", theirs);
    assert_eq!((status, id(&again), &again["text"]), (200, id(&filed), &json!("[erased]")));
    assert_eq!(client.get("/v1/customers?email=quuxwimble@example.com")["data"], json!([]));
}
