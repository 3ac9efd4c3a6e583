//! Roles by product, and tokens that are limited to products.

use hearback::domain::base::Time;
use hearback::domain::team::Role;
use serde_json::{Value, json};

use crate::support::{Person, World, on_each_world, on_each_world_with};

/// A member with a role in the instance, and a token with that role.
fn member(world: &World, name: &str, role: Role) -> Person {
    world.person(name, &format!("{name}@example.com"), role, "en")
}

fn set(world: &World, person: &Person, product: &World, role: &str) -> Value {
    world.done(&format!("/v1/members/{}/products", person.id), json!({ "product": product.product.key, "role": role }))
}

fn make_private(product: &World) {
    let path = format!("/v1/products/{}", product.product.id);
    assert_eq!(product.patch(&path, json!({ "visibility": "private" })).json()["visibility"], "private");
}

#[test]
fn a_role_in_a_product_counts_there_and_nowhere_else() {
    on_each_world(|world| {
        let pay = world.with_new_product(Some("PAY"));
        let jin = member(world, "jin", Role::Viewer);
        let story = |key: &str| {
            let body = json!({ "product": key, "title": "Refunds show a date" });
            world.send("POST", "/v1/stories", &jin.token, Some(&body)).status
        };
        assert_eq!((story("PAY"), story("HB")), (403, 403));

        let shown = set(world, &jin, &pay, "product");
        assert_eq!((shown["role"].as_str(), shown["source"].as_str()), (Some("product"), Some("set")));
        assert_eq!(story("PAY"), 403, "the token itself may do no more than its role");
        let body = json!({ "name": "laptop", "role": "product", "member_id": jin.id });
        let token = world.done("/v1/tokens", body)["secret"].as_str().expect("a secret").to_owned();
        let story = |key: Option<&str>| {
            let body = json!({ "product": key.unwrap_or("HB"), "title": "Refunds show a date" });
            world.send("POST", "/v1/stories", &token, Some(&body))
        };
        let own = story(Some("PAY"));
        assert_eq!(own.status, 201, "{own:?}");
        assert_eq!(story(Some("HB")).status, 403, "a viewer elsewhere");
        let none = world.send("POST", "/v1/stories", &token, Some(&json!({ "title": "In the default product" })));
        assert_eq!(none.status, 403, "{none:?}");
        let hb = world.story("Of HB");
        let edit =
            |id: &str| world.send("PATCH", &format!("/v1/stories/{id}"), &token, Some(&json!({ "title": "New" })));
        assert_eq!((edit(&own.id()).status, edit(&hb).status), (200, 403));
        let me = world.send("GET", "/v1/me", &token, None).json();
        assert!(me["operations"].as_array().expect("a list").contains(&json!("create_story")));

        let listed = world.read(&format!("/v1/members/{}/products", jin.id));
        let of = |key: &str| listed["data"].as_array().unwrap().iter().find(|row| row["product_key"] == key).cloned();
        assert_eq!(of("PAY").expect("a row")["role"], "product");
        assert_eq!(
            of("HB").map(|row| (row["role"].clone(), row["source"].clone())),
            Some((json!("viewer"), json!("member")))
        );

        let path = format!("/v1/members/{}/products/{}", jin.id, pay.product.id);
        assert_eq!(world.request("DELETE", &path).send().status, 204);
        assert_eq!(world.request("DELETE", &path).send().status, 204, "again is nothing new");
        assert_eq!(story(Some("PAY")).status, 403, "at once");
        // On PostgreSQL, transactions of other tests may hold the log back.
        world.fan_out();
        let kinds: Vec<Value> = world.walk("/v1/events?kind=member.*", || ());
        let kinds: Vec<&str> = kinds.iter().filter_map(|event| event["kind"].as_str()).collect();
        assert_eq!(kinds, ["member.created", "member.product_role_set", "member.product_role_removed"]);
    });
}

#[test]
fn a_lower_role_in_one_product_takes_rights_away_there() {
    on_each_world(|world| {
        let pay = world.with_new_product(Some("PAY"));
        let kim = member(world, "kim", Role::Support);
        set(world, &kim, &pay, "viewer");
        let item = pay.file_in_product(json!({ "text": "The card is refused" }));
        let dismissed =
            world.send("POST", &format!("/v1/feedback/{item}/dismiss"), &kim.token, Some(&json!({ "reason": "x" })));
        assert_eq!(dismissed.status, 403, "{dismissed:?}");
        let file = |key: &str| {
            let body = json!({ "product": key, "text": "It fails" });
            world.send("POST", "/v1/feedback", &kim.token, Some(&body)).status
        };
        assert_eq!((file("PAY"), file("HB")), (403, 201));
        let batch = json!({ "feedback": [{ "product": "HB", "text": "one" }, { "text": "two" }] });
        let batch = world.send("POST", "/v1/feedback/batch", &kim.token, Some(&batch));
        assert_eq!(batch.json()["results"][1]["status"], 201, "{batch:?}");
        assert_eq!(world.send("GET", &format!("/v1/feedback/{item}"), &kim.token, None).status, 200);
    });
}

#[test]
fn a_private_product_is_open_to_its_members_and_to_admins() {
    on_each_world(|world| {
        let pay = world.with_new_product(Some("PAY"));
        let item = pay.file_in_product(json!({ "text": "The card is refused" }));
        let (inside, outside) = (member(world, "inside", Role::Support), member(world, "outside", Role::Support));
        let admin = member(world, "boss", Role::Admin);
        make_private(&pay);
        let read = |token: &str| world.send("GET", &format!("/v1/feedback/{item}"), token, None).status;
        assert_eq!((read(&inside.token), read(&outside.token), read(&admin.token)), (404, 404, 200));
        set(world, &inside, &pay, "support");
        assert_eq!((read(&inside.token), read(&outside.token)), (200, 404), "at once");
        let filed = json!({ "product": "PAY", "text": "Me too" });
        assert_eq!(world.send("POST", "/v1/feedback", &inside.token, Some(&filed)).status, 201);
        assert_eq!(world.send("POST", "/v1/feedback", &outside.token, Some(&filed)).status, 422);
        let listed = world.read(&format!("/v1/products/{}/members", pay.product.id));
        let role = |person: &Person| {
            let rows = listed["data"].as_array().expect("a list");
            rows.iter().find(|row| row["member_id"] == json!(person.id)).expect("a row")["role"].clone()
        };
        assert_eq!((role(&inside), role(&outside), role(&admin)), (json!("support"), json!(null), json!("admin")));
        let seen = world.send("GET", &format!("/v1/members/{}/products", inside.id), &outside.token, None);
        assert!(!seen.body.contains("PAY"), "an outsider learns nothing from the roles of others: {seen:?}");
    });
}

#[test]
fn who_makes_a_private_product_has_access_to_it() {
    on_each_world_with(
        |config| config.new_products = "private".parse().expect("a visibility"),
        |world| {
            let (jin, kim) = (member(world, "jin", Role::Product), member(world, "kim", Role::Product));
            let body = json!({ "key": "NEW", "name": "New" });
            let made = world.send("POST", "/v1/products", &jin.token, Some(&body));
            assert_eq!((made.status, made.json()["visibility"].as_str()), (201, Some("private")));
            let path = format!("/v1/products/{}", made.id());
            let read = |person: &Person| world.send("GET", &path, &person.token, None).status;
            assert_eq!((read(&jin), read(&kim)), (200, 404));
            let again = world.send("POST", "/v1/products", &kim.token, Some(&body));
            assert_eq!(again.status, 409);
            assert!(!again.body.contains(&made.id()), "{again:?}");
            let open = json!({ "visibility": "team", "default_role": "viewer" });
            assert_eq!(world.send("PATCH", &path, &jin.token, Some(&open)).status, 200);
            assert_eq!(read(&kim), 200);
            let rename = json!({ "name": "Newer" });
            assert_eq!(world.send("PATCH", &path, &kim.token, Some(&rename)).status, 403, "a viewer by default");
            assert_eq!(world.send("PATCH", &path, &jin.token, Some(&rename)).status, 200);
        },
    );
}

#[test]
fn a_token_that_is_limited_to_products_finds_and_changes_nothing_else() {
    on_each_world(|world| {
        let pay = world.with_new_product(Some("PAY"));
        pay.file_in_product(json!({ "text": "The card is refused" }));
        world.file(&json!({ "text": "The invoice is late" }));
        let unknown = json!({ "name": "desk", "role": "admin", "products": ["PAY", "NOPE"] });
        world.post("/v1/tokens", unknown).refused(&["/products/1 unknown"]);
        let body = json!({ "name": "desk", "role": "admin", "products": ["PAY"] });
        let made = world.done("/v1/tokens", body);
        assert_eq!(made["products"], json!([pay.product.id]));
        let token = made["secret"].as_str().expect("a secret");
        let found = world.send("GET", "/v1/feedback", token, None).json();
        assert_eq!(found["data"].as_array().map(Vec::len), Some(1));
        let status = |method: &str, path: &str, body: Value| world.send(method, path, token, Some(&body)).status;
        assert_eq!(status("POST", "/v1/feedback", json!({ "product": "PAY", "text": "One" })), 201);
        assert_eq!(status("POST", "/v1/feedback", json!({ "product": "HB", "text": "One" })), 422);
        assert_eq!(status("POST", "/v1/feedback", json!({ "text": "Into the default product" })), 422);
        assert_eq!(status("POST", "/v1/tokens", json!({ "name": "more", "role": "admin" })), 403);
        assert_eq!(status("POST", "/v1/webhooks", json!({ "url": "https://example.com/x", "events": ["*"] })), 403);
        assert_eq!(world.send("GET", "/v1/me", token, None).status, 200);
        let listed = world.read("/v1/tokens");
        let row = listed["data"].as_array().unwrap().iter().find(|row| row["name"] == "desk").cloned();
        assert_eq!(row.expect("the token")["products"], json!([pay.product.id]));
    });
}

#[test]
fn a_service_needs_a_token_that_names_a_private_product() {
    on_each_world(|world| {
        let pay = world.with_new_product(Some("PAY"));
        let usual = world.token(Role::Ingest);
        let body = json!({ "name": "desk", "role": "ingest", "products": ["PAY"] });
        let named = world.done("/v1/tokens", body)["secret"].as_str().expect("a secret").to_owned();
        let file = |token: &str, key: &str| {
            let body = json!({ "product": key, "text": "It fails" });
            world.send("POST", "/v1/feedback", token, Some(&body)).status
        };
        assert_eq!(file(&usual, "PAY"), 201);
        make_private(&pay);
        assert_eq!((file(&usual, "PAY"), file(&usual, "HB")), (422, 201));
        assert_eq!((file(&named, "PAY"), file(&named, "HB")), (201, 422));
    });
}

#[test]
fn an_import_changes_only_the_products_of_who_sent_it() {
    on_each_world(|world| {
        let pay = world.with_new_product(Some("PAY"));
        let kept = pay.file_in_product(json!({ "text": "As it was", "origin": "desk", "external_id": "1" }));
        make_private(&pay);
        let outside = member(world, "outside", Role::Support);
        let file = "{\"text\": \"Changed\", \"origin\": \"desk\", \"external_id\": \"1\"}\n\
                    {\"text\": \"Into it\", \"product\": \"PAY\"}\n{\"text\": \"Open\"}\n";
        let sent = world
            .request("POST", "/v1/imports?format=ndjson")
            .token(Some(&outside.token))
            .header("Content-Type", "application/x-ndjson")
            .body(file)
            .send();
        assert_eq!(sent.status, 202, "{sent:?}");
        world.step_until_idle("imports");
        let path = format!("/v1/imports/{}", sent.id());
        let done = world.send("GET", &path, &outside.token, None).json();
        assert_eq!((done["created"].as_i64(), done["rejected"].as_i64()), (Some(1), Some(2)), "{done}");
        assert_eq!(world.stored_feedback(kept).text, "As it was");
        let other = member(world, "other", Role::Support);
        assert_eq!(world.send("GET", &path, &other.token, None).status, 404, "another's import may name anything");
    });
}

#[test]
fn other_instances_learn_of_a_changed_role_within_seconds() {
    on_each_world(|world| {
        let pay = world.with_new_product(Some("PAY"));
        let jin = member(world, "jin", Role::Support);
        let path = format!("/v1/products/{}", pay.product.id);
        let read = || world.send("GET", &path, &jin.token, None).status;
        assert_eq!(read(), 200);
        // Behind the back of this instance, as another one would.
        let patch = json!({ "visibility": "private" });
        let id = pay.product.id;
        world.write(move |tx| hearback::usecase::team::products::edit(tx, id, None, &patch)).expect("an edit");
        world.clock().advance(6 * Time::SECOND);
        assert_eq!(read(), 404);
    });
}

#[test]
fn a_private_product_has_no_public_changelog() {
    on_each_world(|world| {
        let pages = ["/changelog/PAY", "/feeds/PAY/changelog.atom"];
        let pay = world.with_new_product(Some("PAY"));
        let statuses = || pages.map(|page| world.open("GET", page).send().status);
        assert_eq!(statuses(), [200, 200], "it is public unless the product says otherwise");
        make_private(&pay);
        assert_eq!(statuses(), [404, 404]);
    });
}
