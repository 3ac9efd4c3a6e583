//! Tokens, members and rate limits over HTTP.

use hearback::domain::{
    base::{Actor, Time},
    team::Role,
};
use hearback::store::Tx;
use hearback::usecase::team::tokens;
use serde_json::json;

use crate::support::{on_each_world, on_each_world_with};

#[test]
fn a_tokens_secret_is_shown_once_and_revoking_it_works_at_once() {
    on_each_world(|world| {
        let admin = world.token(Role::Admin);
        let body = json!({ "name": "zendesk", "role": "ingest" });
        let created = world.send_with("POST", "/v1/tokens", &admin, Some(&body), &[("Idempotency-Key", "k1")]);
        assert_eq!((created.status, created.header_text("cache-control")), (201, "no-store"));
        let secret = created.json()["secret"].as_str().expect("a secret").to_owned();
        let address = created.header_text("location").to_owned();
        assert!(!world.send("GET", &address, &admin, None).body.contains("secret"));

        let again = world.send_with("POST", "/v1/tokens", &admin, Some(&body), &[("Idempotency-Key", "k1")]);
        assert_eq!(again.status, 201, "nothing was kept to be repeated");
        assert_ne!(again.json()["secret"], json!(secret));

        let feedback = json!({ "text": "It works" });
        assert_eq!(world.send("POST", "/v1/feedback", &secret, Some(&feedback)).status, 201);
        assert_eq!(world.send("DELETE", &address, &admin, None).status, 204);
        assert_eq!(world.send("DELETE", &address, &admin, None).status, 204, "again is nothing new");
        assert_eq!(world.send("POST", "/v1/feedback", &secret, Some(&feedback)).status, 401);
        assert!(world.send("GET", &address, &admin, None).json()["revoked_at"].is_string());
    });
}

#[test]
fn a_token_expires() {
    on_each_world(|world| {
        let admin = world.token(Role::Admin);
        let expires = Time(world.clock().now().0 + 60 * Time::SECOND);
        let body = json!({ "name": "short", "role": "viewer", "expires_at": expires });
        let secret =
            world.send("POST", "/v1/tokens", &admin, Some(&body)).json()["secret"].as_str().unwrap().to_owned();
        assert_eq!(world.send("GET", "/v1/products", &secret, None).status, 200);
        world.clock().advance(61 * Time::SECOND);
        assert_eq!(world.send("GET", "/v1/products", &secret, None).status, 401);
        let past = json!({ "name": "late", "role": "viewer", "expires_at": expires });
        assert_eq!(world.send("POST", "/v1/tokens", &admin, Some(&past)).json()["errors"][0]["pointer"], "/expires_at");
    });
}

#[test]
fn tokens_of_a_deactivated_member_or_above_a_lowered_role_stop_working() {
    on_each_world(|world| {
        let admin = world.token(Role::Admin);
        let jin = json!({ "name": "Jin Lee", "email": "jin@example.com", "role": "product" });
        let created = world.send("POST", "/v1/members", &admin, Some(&jin));
        assert_eq!(created.status, 201);
        let id = created.json()["id"].as_str().unwrap().to_owned();
        let twin = json!({ "name": "Other", "email": "JIN@example.com", "role": "viewer" });
        assert_eq!(world.send("POST", "/v1/members", &admin, Some(&twin)).status, 409);

        let token = |role: &str| {
            let body = json!({ "name": "laptop", "role": role, "member_id": id });
            world.send("POST", "/v1/tokens", &admin, Some(&body))
        };
        assert_eq!(token("admin").status, 422, "no token may do more than its member");
        let secret = token("product").json()["secret"].as_str().unwrap().to_owned();
        let reader = token("viewer").json()["secret"].as_str().unwrap().to_owned();
        let address = format!("/v1/members/{id}");
        let status = |secret: &str| world.send("GET", "/v1/products", secret, None).status;
        assert_eq!((status(&secret), status(&reader)), (200, 200));

        assert_eq!(world.send("PATCH", &address, &admin, Some(&json!({ "role": "viewer" }))).status, 200);
        assert_eq!((status(&secret), status(&reader)), (401, 200));
        let stale = world.send_with("PATCH", &address, &admin, Some(&json!({ "name": "J" })), &[("If-Match", "\"1\"")]);
        assert_eq!(stale.status, 412);
        assert_eq!(world.send("PATCH", &address, &admin, Some(&json!({ "active": false }))).status, 200);
        assert_eq!(status(&reader), 401);
        let inactive = world.send("GET", "/v1/members?active=false", &admin, None).json();
        assert_eq!(inactive["data"][0]["id"], json!(id));
    });
}

#[test]
fn the_last_use_of_a_token_is_written_by_the_next_round_of_housekeeping() {
    on_each_world(|world| {
        let admin = world.token(Role::Admin);
        let last_used = || {
            let listed = world.send("GET", "/v1/tokens", &admin, None).json();
            let of_admin = listed["data"].as_array().unwrap().iter().find(|token| token["name"] == "admin");
            of_admin.unwrap()["last_used_at"].clone()
        };
        assert!(last_used().is_null());
        world.step("housekeeping");
        assert!(last_used().is_string());
        let before = last_used();
        world.clock().advance(Time::SECOND);
        last_used();
        world.step("housekeeping");
        assert_ne!(last_used(), before, "a use of a token that is already known counts too");
    });
}

#[test]
fn a_limit_is_told_with_every_answer_and_refuses_what_is_beyond_it() {
    on_each_world_with(
        |config| config.rate_limit = 3,
        |world| {
            let (admin, other) = (world.token(Role::Admin), world.token(Role::Viewer));
            let first = world.send("GET", "/v1/products", &admin, None);
            assert_eq!(first.header_text("ratelimit-policy"), "\"default\";q=3;w=60");
            assert!(first.header_text("ratelimit").starts_with("\"default\";r=2;t="));
            world.send("GET", "/v1/products", &admin, None);
            assert_eq!(world.send("GET", "/v1/products", &admin, None).status, 200);
            let refused = world.send("GET", "/v1/products", &admin, None);
            assert_eq!((refused.status, refused.json()["code"].as_str()), (429, Some("rate_limited")));
            let wait: u64 = refused.header_text("retry-after").parse().unwrap();
            assert!((1..=60).contains(&wait));
            assert!(refused.header_text("ratelimit").starts_with("\"default\";r=0;"));
            assert_eq!(world.send("GET", "/v1/products", &other, None).status, 200, "each token has its own");
            assert!(world.open("GET", "/livez").send().header("ratelimit").is_none());
        },
    );
}

#[test]
fn a_cached_token_expires_on_time() {
    on_each_world(|world| {
        let admin = world.token(Role::Admin);
        let expires = Time(world.clock().now().0 + 10 * Time::SECOND);
        let body = json!({ "name": "short", "role": "viewer", "expires_at": expires });
        let secret =
            world.send("POST", "/v1/tokens", &admin, Some(&body)).json()["secret"].as_str().unwrap().to_owned();
        world.clock().advance(6 * Time::SECOND);
        assert_eq!(world.send("GET", "/v1/products", &secret, None).status, 200);
        world.clock().advance(4 * Time::SECOND);
        assert_eq!(
            world.send("GET", "/v1/products", &secret, None).status,
            401,
            "the believed seconds do not go beyond it"
        );
    });
}

#[test]
fn a_changed_admin_token_of_the_settings_ends_the_old_one() {
    on_each_world(|world| {
        let keep = |secret: &'static str| {
            let keep = move |tx: &mut Tx<'_>| tokens::keep_admin(tx, secret);
            world.store().write_now(Actor::COMMAND, keep).expect("a token");
            world.app().verifier.forget();
        };
        let works = |secret: &str| world.send("GET", "/v1/tokens", secret, None).status == 200;
        let other = world.token(Role::Admin);
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
        let refused = world.send("POST", "/v1/tokens", &other, Some(&body)).json();
        assert_eq!(refused["errors"][0]["pointer"], "/name");
    });
}
