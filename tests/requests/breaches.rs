//! Breaches: opened from an incident in one act, filled in by and by, told in time, closed.

use hearback::domain::base::Time;
use hearback::domain::team::Role;
use serde_json::{Value, json};

use crate::support::{World, on_each_world};

fn address(breach: &Value) -> String {
    format!("/v1/breaches/{}", breach["id"].as_str().unwrap())
}

/// How a duty stands.
fn duty(breach: &Value, country: &str, audience: &str) -> String {
    let duties = breach["duties"].as_array().unwrap();
    let found = duties.iter().find(|duty| duty["country"] == country && duty["audience"] == audience);
    let found = found.unwrap_or_else(|| panic!("{country} {audience} in {breach}"));
    format!("{} {}", found["state"].as_str().unwrap(), found["because"].as_str().unwrap())
}

fn notice(world: &World, breach: &Value, country: &str, audience: &str) -> Value {
    let input =
        json!({ "country": country, "audience": audience, "how": "By mail", "reference": "KR-77", "language": "ko" });
    let answer = world.post(&format!("{}/notices", address(breach)), input);
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()
}

#[test]
fn a_breach_is_opened_from_an_incident_in_one_act_and_once() {
    on_each_world(|world| {
        world.admin();
        let incident = world.incident();
        let path = format!("/v1/incidents/{}/breach", incident["number"].as_str().unwrap());
        let opened = world.post(&path, json!({}));
        assert_eq!(opened.status, 201, "{opened:?}");
        let breach = opened.json();
        assert_eq!((&breach["title"], &breach["incident_id"]), (&incident["title"], &incident["id"]));
        assert_eq!(duty(&breach, "KR", "persons"), "due always");
        assert_eq!(duty(&breach, "KR", "authority"), "due count_unknown");
        assert_eq!(duty(&breach, "EU", "authority"), "due risk");
        let again = world.post(&path, json!({}));
        assert_eq!((again.status, again.json()["id"].clone()), (200, breach["id"].clone()));
        let input = json!({ "incident_id": incident["number"] });
        world.post("/v1/breaches", input).problem(409, "conflict");
    });
}

#[test]
fn the_duties_follow_what_is_known_and_notices_meet_them() {
    on_each_world(|world| {
        let breach = world.done("/v1/breaches", json!({ "title": "A list on a public server", "countries": ["KR"] }));
        let known = world.patch(&address(&breach), json!({ "person_count": 12, "data_items": "Names" })).json();
        assert_eq!(duty(&known, "KR", "authority"), "not_required below_threshold");
        let more = world.patch(&address(&breach), json!({ "person_count": 1000 })).json();
        assert_eq!(duty(&more, "KR", "authority"), "due many_persons");
        world.post(&format!("{}/close", address(&breach)), json!({})).problem(409, "conflict");
        let told = notice(world, &breach, "KR", "authority");
        assert_eq!(duty(&told, "KR", "authority"), "met many_persons");
        assert_eq!(told["authority_number"], "KR-77");
        assert_eq!(told["notices"][0]["letter_hash"].as_str().unwrap().len(), 64);
        notice(world, &breach, "KR", "persons");
        let closed = world.post(&format!("{}/close", address(&breach)), json!({})).json();
        assert_eq!(closed["state"], "closed");
        let more = json!({ "country": "KR", "audience": "persons", "how": "x" });
        world.post(&format!("{}/notices", address(&breach)), more).problem(409, "conflict");
        let entries = world.walk(&format!("{}/timeline", address(&breach)), || ());
        let kinds: Vec<&str> = entries.iter().map(|entry| entry["kind"].as_str().unwrap()).collect();
        assert_eq!(kinds, ["closed", "notice", "notice", "changed", "changed", "opened"]);
        assert_eq!(world.post(&format!("{}/reopen", address(&breach)), json!({})).json()["state"], "open");
    });
}

#[test]
fn a_notice_that_is_late_is_overdue_and_noted_once() {
    on_each_world(|world| {
        let breach = world.done("/v1/breaches", json!({ "title": "Lost laptop", "countries": ["EU"] }));
        world.step("retention");
        world.days_pass(3);
        world.clock().advance(Time::SECOND);
        world.step("retention");
        world.step("retention");
        let late = world.read(&address(&breach));
        assert_eq!(duty(&late, "EU", "authority"), "overdue risk");
        assert!(late["overdue_at"].is_string());
        let kinds = world.kinds_of(breach["id"].as_str().unwrap().parse().unwrap());
        assert_eq!(kinds.iter().filter(|kind| *kind == "breach.overdue").count(), 1, "{kinds:?}");
        assert_eq!(duty(&notice(world, &breach, "DE", "authority"), "EU", "authority"), "late risk");
    });
}

#[test]
fn the_letters_are_made_of_what_is_known_and_name_the_remedies_in_korean() {
    on_each_world(|world| {
        let breach = world.done("/v1/breaches", json!({ "title": "x", "countries": ["KR"], "person_count": 3 }));
        let letter = |query: &str| world.read(&format!("{}/letter?{query}", address(&breach)));
        let first = letter("language=ko");
        assert!(first["missing"].as_array().unwrap().contains(&json!("data_items")), "{first}");
        let facts = json!({ "data_items": "이름, 주소", "how": "공개 서버", "consequences": "스팸", "what_to_do": "비밀번호 변경",
            "measures": "파일 삭제", "contact": "02-123-4567" });
        assert_eq!(world.patch(&address(&breach), facts).status, 200);
        let korean = letter("language=ko&audience=persons");
        assert_eq!(korean["missing"], json!([]));
        let text = korean["text"].as_str().unwrap();
        for part in ["이름, 주소", "손해배상", "분쟁조정", "02-123-4567"] {
            assert!(text.contains(part), "{part} in {text}");
        }
        assert!(letter("language=en&audience=authority")["subject"].as_str().unwrap().contains("article 33"));
        assert_eq!(world.get(&format!("{}/letter?language=fr", address(&breach))).status, 422);
    });
}

#[test]
fn wrong_facts_are_named() {
    on_each_world(|world| {
        world.post("/v1/breaches", json!({ "countries": ["KR"] })).refused(&["/title required"]);
        let tomorrow = world.now().plus(Time::DAY);
        let input = json!({ "title": "x", "known_at": tomorrow, "countries": [] });
        world.post("/v1/breaches", input).refused(&["/known_at in_the_future", "/countries too_short"]);
        let breach = world.done("/v1/breaches", json!({ "title": "x", "high_risk": true }));
        world.patch(&address(&breach), json!({ "risk_unlikely": true })).refused(&["/risk_unlikely contradicts"]);
        world.patch(&address(&breach), json!({ "known_at": null })).refused(&["/known_at required"]);
        assert_eq!(duty(&breach, "EU", "persons"), "due high_risk");
    });
}

#[test]
fn developers_open_breaches_and_support_does_not_see_them() {
    on_each_world(|world| {
        world.admin();
        let incident = world.incident();
        let developer = world.developer("Dev");
        assert_eq!(world.act(&incident, "breach", &developer.token, Some(json!({}))).status, 201);
        let support = world.token(Role::Support);
        assert_eq!(world.send("GET", "/v1/breaches", &support, None).status, 403);
    });
}
