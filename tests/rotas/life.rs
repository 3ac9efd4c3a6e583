//! Rotas over the API: who is on duty, overrides, roles, and what is refused.

use hearback::domain::base::{Id, Time};
use hearback::domain::team::Role;
use serde_json::{Value, json};

use crate::support::{World, on_each_world};

/// A rota of these members that changes every day at midnight in UTC, from a month ago on.
fn rota(world: &World, members: &[Id]) -> String {
    let start = world.now().plus(-30 * Time::DAY).date();
    let new = json!({ "product": world.product.key, "name": "First line", "time_zone": "UTC", "start": start,
        "every": "day", "hand_over": "00:00", "members": members });
    world.done("/v1/rotas", new)["id"].as_str().unwrap().to_owned()
}

fn on_duty(world: &World) -> Value {
    world.read(&format!("/v1/on-call?product={}", world.product.key))
}

fn hours_from_now(world: &World, hours: i64) -> String {
    world.now().plus(hours * 3_600 * Time::SECOND).to_string()
}

#[test]
fn a_rota_says_who_is_on_duty() {
    on_each_world(|world| {
        assert_eq!(on_duty(world)["member_id"], Value::Null);
        let (ann, bea) = (world.member("ann@example.com"), world.member("bea@example.com"));
        let rota = rota(world, &[ann, bea]);
        let found = on_duty(world);
        assert_eq!(found["rota_id"], json!(rota));
        let first = found["member_id"].as_str().unwrap().to_owned();
        world.days_pass(1);
        let second = on_duty(world)["member_id"].as_str().unwrap().to_owned();
        assert_ne!(first, second);
        let shifts = world.read(&format!("/v1/rotas/{rota}/shifts"))["data"].as_array().unwrap().clone();
        assert_eq!(shifts.len(), 15);
        assert_eq!(shifts[0]["member_id"], json!(second));
        assert_eq!(world.ids("/v1/rotas?product=HB"), std::slice::from_ref(&rota));
        assert_eq!(world.request("DELETE", &format!("/v1/rotas/{rota}")).send().status, 204);
        assert_eq!(on_duty(world)["member_id"], Value::Null);
    });
}

#[test]
fn a_member_takes_a_shift_and_gives_it_back() {
    on_each_world(|world| {
        let ann = world.person("Ann", "ann@example.com", Role::Developer, "en");
        let bea = world.person("Bea", "bea@example.com", Role::Developer, "en");
        let rota = rota(world, &[ann.id]);
        let take = json!({ "starts_at": hours_from_now(world, -1), "ends_at": hours_from_now(world, 2) });
        let path = format!("/v1/rotas/{rota}/overrides");
        let made = world.send("POST", &path, &bea.token, Some(&take));
        assert_eq!((made.status, made.json()["state"].as_str()), (201, Some("accepted")), "{made:?}");
        let found = on_duty(world);
        assert_eq!(found["member_id"], json!(bea.id));
        assert_eq!(found["rotas"][0]["shift"]["instead_of"], json!(ann.id));
        let withdraw = format!("/v1/overrides/{}/withdraw", made.id());
        assert_eq!(world.send("POST", &withdraw, &bea.token, None).status, 200);
        assert_eq!(on_duty(world)["member_id"], json!(ann.id));
        // Doing it again changes nothing; what is withdrawn is not accepted any more.
        assert_eq!(world.send("POST", &withdraw, &bea.token, None).json()["version"], json!(2));
        let accept = format!("/v1/overrides/{}/accept", made.id());
        world.send("POST", &accept, &bea.token, None).problem(409, "conflict");
    });
}

#[test]
fn who_is_asked_is_on_duty_once_they_accept() {
    on_each_world(|world| {
        let ann = world.person("Ann", "ann@example.com", Role::Developer, "en");
        let bea = world.person("Bea", "bea@example.com", Role::Developer, "en");
        let rota = rota(world, &[ann.id]);
        let ask = json!({ "member_id": bea.id, "starts_at": hours_from_now(world, -1),
            "ends_at": hours_from_now(world, 2), "note": "I am in hospital" });
        let path = format!("/v1/rotas/{rota}/overrides");
        let made = world.send("POST", &path, &ann.token, Some(&ask));
        assert_eq!(made.json()["state"], json!("asked"));
        assert_eq!(on_duty(world)["member_id"], json!(ann.id));
        let act =
            |what: &str, token: &str| world.send("POST", &format!("/v1/overrides/{}/{what}", made.id()), token, None);
        act("accept", &ann.token).problem(403, "forbidden");
        assert_eq!(act("accept", &bea.token).status, 200);
        assert_eq!(on_duty(world)["member_id"], json!(bea.id));
        act("decline", &bea.token).problem(409, "conflict");
        let kinds: Vec<Value> = world.read("/v1/events?kind=rota.*")["data"]
            .as_array()
            .unwrap()
            .iter()
            .map(|e| e["kind"].clone())
            .collect();
        assert!(kinds.contains(&json!("rota.override_decided")), "{kinds:?}");
    });
}

#[test]
fn a_deactivated_member_is_passed_over_and_named() {
    on_each_world(|world| {
        let (ann, bea) = (world.member("ann@example.com"), world.member("bea@example.com"));
        let rota = rota(world, &[ann, bea]);
        assert_eq!(world.patch(&format!("/v1/members/{ann}"), json!({ "active": false })).status, 200);
        let shown = world.read(&format!("/v1/rotas/{rota}"));
        assert_eq!(shown["unavailable"], json!([ann]));
        let shifts = world.read(&format!("/v1/rotas/{rota}/shifts"))["data"].as_array().unwrap().clone();
        assert!(shifts.iter().all(|shift| shift["member_id"] == json!(bea)));
        assert!(shifts.iter().any(|shift| shift["because"] == "passed_over" && shift["instead_of"] == json!(ann)));
        // She may stay in the order, but not be added again to another rota.
        let path = format!("/v1/rotas/{rota}");
        assert_eq!(world.patch(&path, json!({ "members": [bea, ann] })).status, 200);
        let another = json!({ "product": "HB", "name": "2", "time_zone": "UTC", "start": "2026-01-01", "every": "day",
            "hand_over": "00:00", "members": [ann] });
        world.post("/v1/rotas", another).refused(&["/members/0 unknown"]);
    });
}

#[test]
fn wrong_fields_are_all_named() {
    on_each_world(|world| {
        let member = world.member("ann@example.com");
        let wrong = json!({ "product": "HB", "name": " ", "time_zone": "Asia/Seoul", "start": "2026-02-30", "every": "year",
            "length": 0, "hand_over": "24:00", "members": [] });
        world.post("/v1/rotas", wrong).refused(&[
            "/name pattern",
            "/start format",
            "/every not_one_of",
            "/length too_small",
            "/hand_over pattern",
            "/members too_short",
        ]);
        let wrong = json!({ "product": "HB", "name": "A", "time_zone": "Mars/Olympus", "start": "1826-02-01", "every": "day",
            "hand_over": "09:00", "members": [member, "0198c2c4-5b7e-7b2a-9d3c-6f0e4a1b2c3d"] });
        world.post("/v1/rotas", wrong).refused(&["/time_zone format", "/start range", "/members/1 unknown"]);
        let rota = rota(world, &[member]);
        let path = format!("/v1/rotas/{rota}");
        world.patch(&path, json!({ "time_zone": "Seoul" })).refused(&["/time_zone format"]);
        let range = format!("{path}/shifts?from=2026-01-01T00:00:00Z&to=2027-01-01T00:00:00Z");
        world.get(&range).refused(&["/to range"]);
        let now = hours_from_now(world, 0);
        let empty = json!({ "member_id": member, "starts_at": now, "ends_at": now });
        world.post(&format!("{path}/overrides"), empty).refused(&["/ends_at range"]);
        let nobody = json!({ "starts_at": now, "ends_at": hours_from_now(world, 1) });
        world.post(&format!("{path}/overrides"), nobody).refused(&["/member_id required"]);
    });
}

#[test]
fn an_older_version_is_refused() {
    on_each_world(|world| {
        let member = world.member("ann@example.com");
        let rota = format!("/v1/rotas/{}", rota(world, &[member]));
        let tag = world.get(&rota).header_text("etag").to_owned();
        assert_eq!(world.patch(&rota, json!({ "name": "Second line" })).status, 200);
        let late = world.request("PATCH", &rota).header("If-Match", &tag).json(&json!({ "name": "Third line" })).send();
        late.problem(412, "version_mismatch");
        assert_eq!(world.read(&rota)["name"], json!("Second line"));
    });
}
