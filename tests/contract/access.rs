//! Tokens, members and rate limits over HTTP.

use super::inprocess;
use hearback::domain::{
    base::{Actor, Time},
    team::Role,
};
use hearback::jobs;
use hearback::store::Tx;
use hearback::usecase::team::tokens;
use serde_json::json;

#[test]
fn a_tokens_secret_is_shown_once_and_revoking_it_works_at_once() {
    let app = inprocess::start();
    let admin = app.token(Role::Admin);
    let body = json!({ "name": "zendesk", "role": "ingest" });
    let created = app.send_with("POST", "/v1/tokens", &admin, Some(&body), &[("Idempotency-Key", "k1")]);
    assert_eq!((created.status, created.header("cache-control")), (201, "no-store"));
    let secret = created.json()["secret"].as_str().expect("a secret").to_owned();
    let address = created.header("location").to_owned();
    assert!(!app.send("GET", &address, &admin, None).text.contains("secret"));

    let again = app.send_with("POST", "/v1/tokens", &admin, Some(&body), &[("Idempotency-Key", "k1")]);
    assert_eq!(again.status, 201, "nothing was kept to be repeated");
    assert_ne!(again.json()["secret"], json!(secret));

    let feedback = json!({ "text": "It works" });
    assert_eq!(app.send("POST", "/v1/feedback", &secret, Some(&feedback)).status, 201);
    assert_eq!(app.send("DELETE", &address, &admin, None).status, 204);
    assert_eq!(app.send("DELETE", &address, &admin, None).status, 204, "again is nothing new");
    assert_eq!(app.send("POST", "/v1/feedback", &secret, Some(&feedback)).status, 401);
    assert!(app.send("GET", &address, &admin, None).json()["revoked_at"].is_string());
}

#[test]
fn a_token_expires() {
    let app = inprocess::start();
    let admin = app.token(Role::Admin);
    let expires = Time(app.clock.now().0 + 60 * Time::SECOND);
    let body = json!({ "name": "short", "role": "viewer", "expires_at": expires });
    let secret = app.send("POST", "/v1/tokens", &admin, Some(&body)).json()["secret"].as_str().unwrap().to_owned();
    assert_eq!(app.send("GET", "/v1/products", &secret, None).status, 200);
    app.clock.advance(61 * Time::SECOND);
    assert_eq!(app.send("GET", "/v1/products", &secret, None).status, 401);
    let past = json!({ "name": "late", "role": "viewer", "expires_at": expires });
    assert_eq!(app.send("POST", "/v1/tokens", &admin, Some(&past)).json()["errors"][0]["pointer"], "/expires_at");
}

#[test]
fn a_deactivated_member_is_out_and_a_lowered_one_keeps_only_what_they_may_have() {
    let app = inprocess::start();
    let admin = app.token(Role::Admin);
    let jin = json!({ "name": "Jin Lee", "email": "jin@example.com", "role": "product" });
    let created = app.send("POST", "/v1/members", &admin, Some(&jin));
    assert_eq!(created.status, 201);
    let id = created.json()["id"].as_str().unwrap().to_owned();
    let twin = json!({ "name": "Other", "email": "JIN@example.com", "role": "viewer" });
    assert_eq!(app.send("POST", "/v1/members", &admin, Some(&twin)).status, 409);

    let token = |role: &str| {
        let body = json!({ "name": "laptop", "role": role, "member_id": id });
        app.send("POST", "/v1/tokens", &admin, Some(&body))
    };
    assert_eq!(token("admin").status, 422, "no token may do more than its member");
    let secret = token("product").json()["secret"].as_str().unwrap().to_owned();
    let reader = token("viewer").json()["secret"].as_str().unwrap().to_owned();
    let address = format!("/v1/members/{id}");
    let status = |secret: &str| app.send("GET", "/v1/products", secret, None).status;
    assert_eq!((status(&secret), status(&reader)), (200, 200));

    assert_eq!(app.send("PATCH", &address, &admin, Some(&json!({ "role": "viewer" }))).status, 200);
    assert_eq!((status(&secret), status(&reader)), (401, 200));
    let stale = app.send_with("PATCH", &address, &admin, Some(&json!({ "name": "J" })), &[("If-Match", "\"1\"")]);
    assert_eq!(stale.status, 412);
    assert_eq!(app.send("PATCH", &address, &admin, Some(&json!({ "active": false }))).status, 200);
    assert_eq!(status(&reader), 401);
    let inactive = app.send("GET", "/v1/members?active=false", &admin, None).json();
    assert_eq!(inactive["data"][0]["id"], json!(id));
}

#[test]
fn the_last_use_of_a_token_is_written_by_the_next_round_of_housekeeping() {
    let app = inprocess::start();
    let admin = app.token(Role::Admin);
    let last_used = || app.send("GET", "/v1/tokens", &admin, None).json()["data"][0]["last_used_at"].clone();
    assert!(last_used().is_null());
    jobs::step(&app.app, "housekeeping").unwrap();
    assert!(last_used().is_string());
    let before = last_used();
    app.clock.advance(Time::SECOND);
    last_used();
    jobs::step(&app.app, "housekeeping").unwrap();
    assert_ne!(last_used(), before, "a use of a token that is already known counts too");
}

#[test]
fn a_limit_is_told_with_every_answer_and_refuses_what_is_beyond_it() {
    let app = inprocess::start_with(|config| config.rate_limit = 3);
    let (admin, other) = (app.token(Role::Admin), app.token(Role::Viewer));
    let first = app.send("GET", "/v1/products", &admin, None);
    assert_eq!(first.header("ratelimit-policy"), "\"default\";q=3;w=60");
    assert!(first.header("ratelimit").starts_with("\"default\";r=2;t="));
    app.send("GET", "/v1/products", &admin, None);
    assert_eq!(app.send("GET", "/v1/products", &admin, None).status, 200);
    let refused = app.send("GET", "/v1/products", &admin, None);
    assert_eq!((refused.status, refused.json()["code"].as_str()), (429, Some("rate_limited")));
    let wait: u64 = refused.header("retry-after").parse().unwrap();
    assert!((1..=60).contains(&wait));
    assert!(refused.header("ratelimit").starts_with("\"default\";r=0;"));
    assert_eq!(app.send("GET", "/v1/products", &other, None).status, 200, "each token has its own");
    assert!(inprocess::start().send("GET", "/livez", "", None).header("ratelimit").is_empty());
}

#[test]
fn a_token_that_was_just_used_ends_at_its_end() {
    let app = inprocess::start();
    let admin = app.token(Role::Admin);
    let expires = Time(app.clock.now().0 + 2 * Time::SECOND);
    let body = json!({ "name": "short", "role": "viewer", "expires_at": expires });
    let secret = app.send("POST", "/v1/tokens", &admin, Some(&body)).json()["secret"].as_str().unwrap().to_owned();
    app.clock.advance(Time::SECOND + Time::SECOND / 2);
    assert_eq!(app.send("GET", "/v1/products", &secret, None).status, 200);
    app.clock.advance(Time::SECOND / 2);
    assert_eq!(app.send("GET", "/v1/products", &secret, None).status, 401, "the believed seconds do not go beyond it");
}

#[test]
fn a_changed_admin_token_of_the_settings_ends_the_old_one() {
    let app = inprocess::start();
    let keep = |secret: &'static str| {
        let keep = move |tx: &mut Tx<'_>| tokens::keep_admin(tx, secret);
        app.app.store.write_now(Actor::COMMAND, keep).expect("a token");
        app.app.verifier.forget();
    };
    let works = |secret: &str| app.send("GET", "/v1/tokens", secret, None).status == 200;
    let other = app.token(Role::Admin);
    keep("the-first-secret-of-all");
    assert!(works("the-first-secret-of-all"));
    keep("the-second-secret-of-all");
    assert_eq!(
        (works("the-first-secret-of-all"), works("the-second-secret-of-all"), works(&other)),
        (false, true, true)
    );
    keep("the-first-secret-of-all");
    assert_eq!((works("the-first-secret-of-all"), works("the-second-secret-of-all")), (true, false));
    let body = json!({ "name": "HEARBACK_ADMIN_TOKEN", "role": "viewer" });
    let refused = app.send("POST", "/v1/tokens", &other, Some(&body)).json();
    assert_eq!(refused["errors"][0]["pointer"], "/name");
}
