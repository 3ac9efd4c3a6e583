//! The repeat alarm: a new incident shows the earlier postmortems that it is like.

use serde_json::{Value, json};

use super::{id, incident, postmortem};
use crate::support::{World, on_each_world};

/// Past incidents with what was found out, in English and Korean.
const PAST: [(&str, &str); 8] = [
    ("Checkout returns 503 to all customers", "The load balancer detached all its targets during the cluster upgrade."),
    ("Certificates expired on the login page", "Nobody renewed the TLS certificate of the identity provider."),
    ("Emails are sent twice", "Two workers took the same job from the queue after a restart."),
    ("Search shows no results", "The index was rebuilt without the new shard."),
    ("결제 승인이 모두 실패", "DB 커넥션 풀이 고갈되어 결제 서버가 응답하지 못했다."),
    ("푸시 알림이 발송되지 않음", "알림 서버의 인증서가 만료되어 푸시 발송이 거부되었다."),
    ("로그인 지연", "세션 저장소의 메모리가 가득 차 로그인 요청이 밀렸다."),
    ("정산 금액 불일치", "배치가 두 번 실행되어 정산 내역이 중복되었다."),
];

fn past(world: &World) -> Vec<Value> {
    let write = |(title, cause): (&str, &str)| {
        let drafted = postmortem(world, &incident(world, title, 2));
        let edit = json!({ "root_causes": cause });
        assert_eq!(world.patch(&format!("/v1/postmortems/{}", id(&drafted)), edit).status, 200);
        drafted
    };
    PAST.map(write).into()
}

fn repeats(world: &World, incident: &Value) -> Vec<Value> {
    world.read(&format!("/v1/incidents/{}/repeats", incident["number"].as_str().unwrap()))["data"]
        .as_array()
        .unwrap()
        .clone()
}

#[test]
fn what_is_known_at_the_start_finds_the_earlier_postmortem_in_english_and_korean() {
    on_each_world(|world| {
        past(world);
        for (title, earlier) in [
            ("Services answer 503, load balancer has no targets", 0),
            ("TLS certificate expired", 1),
            ("Customers get the same email two times", 2),
            ("카드 결제가 안 됩니다, DB 커넥션 부족", 4),
            ("푸시가 안 나감", 5),
            ("로그인이 너무 느려요", 6),
            ("정산이 중복으로 처리됨", 7),
        ] {
            let found = repeats(world, &incident(world, title, 2));
            assert!((1..=3).contains(&found.len()), "{title}: {found:?}");
            assert_eq!(found[0]["title"], PAST[earlier].0, "{title}: {found:?}");
            assert_eq!(found, repeats(world, &json!({ "number": found_number(world) })), "the same each time");
        }
        let other = incident(world, "A wholly other matter: parcels of zebras", 4);
        assert!(repeats(world, &other).iter().all(|one| one["score"].as_f64().unwrap() < 0.35));
    });
}

/// The number of the newest incident.
fn found_number(world: &World) -> Value {
    world.read("/v1/incidents?limit=1")["data"][0]["number"].clone()
}

#[test]
fn earlier_postmortems_with_open_actions_come_first_and_are_told() {
    on_each_world(|world| {
        let past = past(world);
        let done = json!({ "title": "Renew certificates by a job" });
        let path = |n: usize| format!("/v1/postmortems/{}/actions", id(&past[n]));
        let open =
            world.done(&path(1), json!({ "title": "Alert before a certificate expires", "due_at": world.now() }));
        let released = world.done(&path(0), done);
        let released = released["story_id"].as_str().unwrap().parse().unwrap();
        world.go(released, "accepted");
        world.release_story(released);
        world.step("postmortems");
        world.days_pass(1);
        let again = incident(world, "The TLS certificate of the login page expired again", 1);
        world.step("postmortems");
        world.step("postmortems");
        let found = repeats(world, &again);
        assert_eq!(found[0]["postmortem_id"], past[1]["id"]);
        assert_eq!((&found[0]["open_actions"], &found[0]["overdue_actions"]), (&json!(1), &json!(1)));
        assert_eq!(found[0]["actions"][0]["story_id"], open["story_id"]);
        let told: Vec<Value> = world
            .events_of(id(&again))
            .into_iter()
            .filter(|(kind, _)| kind == "incident.repeat_found")
            .map(|(_, data)| data)
            .collect();
        assert_eq!(told.len(), 1, "told once: {told:?}");
        assert_eq!((&told[0]["postmortem_id"], &told[0]["story_ids"]), (&past[1]["id"], &json!([open["story_id"]])));
    });
}
