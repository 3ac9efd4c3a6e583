//! Filing changes and shows no more than the token's role allows elsewhere.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{Answer, World, eventually, on_each_program};

/// A new service token of this role.
fn token(server: &World, role: &str) -> String {
    let created = server.post("/v1/tokens", json!({ "name": role, "role": role }));
    created.json()["secret"].as_str().expect("a secret").to_owned()
}

fn file_as(server: &World, token: &str, body: &Value) -> Answer {
    server.request("POST", "/v1/feedback").token(Some(token)).json(body).send()
}

fn batch_as(server: &World, token: &str, items: &[Value]) -> Value {
    let sent = server.request("POST", "/v1/feedback/batch").token(Some(token)).json(&json!({ "feedback": items }));
    sent.send().json()["results"].clone()
}

/// The stored data of Kim before anybody tries to change it.
fn kim() -> Value {
    json!({ "text": "The refund is late", "title": "Refund", "origin": "zendesk", "external_id": "1001", "rating": 2,
        "customer": { "external_id": "77", "email": "kim@bank.example", "name": "Kim",
            "account": { "name": "Big Bank", "segment": "enterprise",
                "annual_value": { "amount_minor": 900_000, "currency": "USD" } } } })
}

/// Everything about Kim that an attacker would like to change.
fn evil() -> Value {
    json!({ "external_id": "77", "email": "attacker@evil.example", "name": "Evil",
        "account": { "name": "Big Bank", "segment": "none",
            "annual_value": { "amount_minor": 1, "currency": "EUR" } } })
}

fn names_kim(text: &str) -> bool {
    ["Kim", "bank", "Bank", "refund", "Refund", "enterprise", "900000"].iter().any(|word| text.contains(word))
}

fn stored(server: &World, filed: &Value) -> [Value; 3] {
    let id = |value: &Value| value["id"].as_str().expect("an id").to_owned();
    let customer = server.get(&format!("/v1/customers/{}", id(&filed["customer"]))).json();
    let account = server.get(&format!("/v1/accounts/{}", id(&filed["customer"]["account"]))).json();
    let mut feedback = server.get(&format!("/v1/feedback/{}", id(filed))).json();
    // Grouping goes on meanwhile.
    for field in ["state", "theme", "updated_at"] {
        feedback.as_object_mut().expect("an object").remove(field);
    }
    [feedback, customer, account]
}

#[test]
fn an_ingest_token_neither_reads_nor_changes_what_others_filed() {
    on_each_program(|server| {
        let filed = server.file(&kim());
        let before = stored(server, &filed);
        let ingest = token(server, "ingest");

        let rewritten = json!({ "text": "x", "origin": "zendesk", "external_id": "1001", "customer": evil() });
        let refused = file_as(server, &ingest, &rewritten);
        let problem = refused.problem(409, "conflict");
        assert_eq!(problem["errors"][0]["pointer"], "/external_id");
        assert!(!names_kim(&refused.body), "{refused:?}");
        let results = batch_as(server, &ingest, &[rewritten.clone(), json!({ "text": "mine" })]);
        assert_eq!((&results[0]["status"], &results[1]["status"]), (&json!(409), &json!(201)));
        assert_eq!(results[0]["errors"][0]["code"], "taken", "{results}");
        assert_eq!(stored(server, &filed), before, "nothing was changed");

        let same = file_as(
            server,
            &ingest,
            &json!({ "text": "The refund is late", "origin": "zendesk", "external_id": "1001" }),
        );
        assert_eq!(same.json(), json!({ "id": filed["id"], "state": same.json()["state"], "outcome": "unchanged" }));
    });
}

#[test]
fn an_ingest_token_gets_a_receipt_and_nothing_of_what_is_stored() {
    on_each_program(|server| {
        server.file(&kim());
        let ingest = token(server, "ingest");
        let by_address = json!({ "text": "new", "customer": { "email": "kim@bank.example" } });
        let filed = file_as(server, &ingest, &by_address);
        assert_eq!((filed.status, names_kim(&filed.body)), (201, false), "{filed:?}");
        let receipt = filed.json();
        let names: Vec<&String> = receipt.as_object().expect("an object").keys().collect();
        assert_eq!(names, ["id", "outcome", "state"]);
        assert_eq!(receipt["outcome"], "created");

        let keyed = || {
            let request = server.request("POST", "/v1/feedback").token(Some(&ingest)).header("Idempotency-Key", "k");
            request.json(&by_address).send()
        };
        let (first, again) = (keyed(), keyed());
        assert_eq!(again.header("Idempotency-Replayed"), Some("true"));
        assert_eq!(first.body, again.body);
        assert!(!names_kim(&again.body), "{again:?}");
        let results = batch_as(server, &ingest, &[by_address.clone(), kim()]);
        assert!(!names_kim(&results.to_string()), "{results}");
    });
}

#[test]
fn other_roles_fill_only_empty_fields_of_customers() {
    on_each_program(|server| {
        let filed = server.file(&kim());
        let [_, customer, account] = stored(server, &filed);
        let all = ["/customer/name", "/customer/email", "/customer/account/segment", "/customer/account/annual_value"];
        for role in ["ingest", "developer"] {
            let token = token(server, role);
            let new = json!({ "text": format!("from {role}"), "origin": "zendesk", "customer": evil() });
            let answer = file_as(server, &token, &new).json();
            let left_out: Vec<&str> = answer["left_out"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
            assert!(all.iter().all(|pointer| left_out.contains(pointer)), "{role}: {answer}");
            let mut moved = new.clone();
            moved["customer"]["account"]["name"] = json!("Evil Corp");
            let results = batch_as(server, &token, &[moved]);
            assert!(results.to_string().contains("/customer/account"), "{role}: {results}");
            assert_eq!(stored(server, &filed)[1..], [customer.clone(), account.clone()], "{role}");
        }
        let accounts = server.get("/v1/accounts?name=Evil%20Corp").json();
        assert_eq!(accounts["data"], json!([]), "no account is made for a customer who keeps theirs");

        let ingest = token(server, "ingest");
        let bare = json!({ "text": "one", "origin": "zendesk", "customer": { "external_id": "78" } });
        file_as(server, &ingest, &bare);
        let full = json!({ "text": "two", "origin": "zendesk", "customer": { "external_id": "78", "name": "Lee",
            "email": "lee@bank.example", "account": { "name": "Small Bank", "segment": "business" } } });
        assert!(file_as(server, &ingest, &full).json()["left_out"].is_null(), "all was empty");
        let lee = &server.get("/v1/customers?email=lee@bank.example").json()["data"][0];
        assert_eq!((&lee["name"], &lee["account"]["name"]), (&json!("Lee"), &json!("Small Bank")));
    });
}

#[test]
fn roles_that_may_change_customers_do_so_by_filing() {
    on_each_program(|server| {
        let filed = server.file(&kim());
        let support = token(server, "support");
        let update = json!({ "text": "now", "origin": "zendesk", "external_id": "1001", "customer": {
            "external_id": "77", "email": "kim@new.example", "account": { "name": "Big Bank", "segment": "key" } } });
        let answer = file_as(server, &support, &update).json();
        assert_eq!((&answer["text"], &answer["customer"]["email"]), (&json!("now"), &json!("kim@new.example")));
        assert!(answer["left_out"].is_null(), "{answer}");
        assert_eq!(stored(server, &filed)[2]["segment"], "key");

        server.file(&json!({ "text": "other", "customer": { "email": "lee@bank.example" } }));
        let taken = json!({ "text": "third", "origin": "zendesk", "customer": { "external_id": "77", "email": "lee@bank.example" } });
        let answer = file_as(server, &support, &taken).json();
        assert_eq!(answer["left_out"], json!(["/customer/email"]), "an address of another customer stays theirs");
        let both = json!({ "origin": "zendesk", "external_id": "77", "email": "lee@bank.example" });
        server.post("/v1/customers", &both).problem(409, "conflict");
    });
}

#[test]
fn a_token_may_correct_what_it_filed_itself() {
    on_each_program(|server| {
        let (one, other) = (token(server, "ingest"), token(server, "ingest"));
        let said = |text: &str| json!({ "text": text, "origin": "survey", "external_id": "1", "rating": 3 });
        let filed = file_as(server, &one, &said("first"));
        assert_eq!((filed.status, &filed.json()["outcome"]), (201, &json!("created")));
        let corrected = file_as(server, &one, &said("second"));
        assert_eq!((corrected.status, &corrected.json()["outcome"]), (200, &json!("updated")));
        assert_eq!(file_as(server, &other, &said("third")).status, 409);
        assert_eq!(file_as(server, &other, &said("second")).json()["outcome"], "unchanged");
        let address = format!("/v1/feedback/{}", filed.id());
        assert_eq!(server.get(&address).json()["text"], "second");

        // Tokens of one member count as one.
        let member = json!({ "name": "Sync", "email": "sync@example.com", "role": "ingest" });
        let member = server.post("/v1/members", &member).id();
        let of_member = || {
            let body = json!({ "name": "sync", "role": "ingest", "member_id": member });
            server.post("/v1/tokens", &body).json()["secret"].as_str().unwrap().to_owned()
        };
        let (before, after) = (of_member(), of_member());
        let item = |text: &str| json!({ "text": text, "origin": "sync", "external_id": "1" });
        file_as(server, &before, &item("old"));
        assert_eq!(file_as(server, &after, &item("new")).json()["outcome"], "updated");
    });
}

#[test]
fn an_ingest_tokens_import_is_bound_in_the_same_way_and_only_it_may_read_it() {
    on_each_program(|server| {
        let filed = server.file(&kim());
        let before = stored(server, &filed);
        let (ingest, other) = (token(server, "ingest"), token(server, "ingest"));
        let rows = [
            json!({ "text": "x", "origin": "zendesk", "external_id": "1001" }),
            json!({ "text": "y", "origin": "zendesk", "external_id": "1002", "customer": evil() }),
        ];
        let body: String = rows.iter().map(|row| format!("{row}\n")).collect();
        let sent = server
            .request("POST", "/v1/imports?origin=zendesk")
            .token(Some(&ingest))
            .header("Content-Type", "application/x-ndjson");
        let id = sent.body(body).send().id();
        let read = |token: &str, path: &str| server.request("GET", path).token(Some(token)).send();
        let (address, errors) = (format!("/v1/imports/{id}"), format!("/v1/imports/{id}/errors"));
        eventually("the import is done", Duration::from_secs(20), || read(&ingest, &address).json()["state"] == "done");
        let counts = read(&ingest, &address).json();
        assert_eq!((&counts["created"], &counts["rejected"]), (&json!(1), &json!(1)), "{counts}");
        assert_eq!(read(&ingest, &errors).json()["data"][0]["code"], "taken");
        assert_eq!(stored(server, &filed), before, "the import changed nothing of Kim");
        let warnings = server.get(&format!("/v1/imports/{id}/warnings")).json();
        assert!(warnings["data"].as_array().unwrap().iter().any(|w| w["field"] == "customer.email"), "{warnings}");

        for path in [&address, &errors, &format!("{address}/warnings")] {
            read(&other, path).problem(404, "not_found");
            assert_eq!(server.get(path).status, 200, "who may list imports may read each");
        }
    });
}
