//! The access log: what it notes, that changes of it show, its retention and its review.

use hearback::domain::team::Role;
use serde_json::{Value, json};

use std::time::Duration;

use crate::support::{ADMIN, Kind, World, eventually, on_each_program, on_each_world, on_each_world_with};

const DAY: i64 = 86_400_000_000;

/// The entries that match a query, newest first.
fn entries(world: &World, query: &str) -> Vec<Value> {
    let found = world.read(&format!("/v1/access-log?limit=200&{query}"));
    found["data"].as_array().expect("a list").clone()
}

fn file(world: &World, name: &str) -> (String, String) {
    let filed =
        world.file(&json!({ "text": format!("{name} can't pay"), "customer": { "name": name, "external_id": name } }));
    let text = |value: &Value| value.as_str().expect("an id").to_owned();
    (text(&filed["id"]), text(&filed["customer"]["id"]))
}

#[test]
fn a_read_says_who_when_from_where_whose_and_what() {
    on_each_world(|world| {
        let (item, customer) = file(world, "Ahn");
        let (_, other) = file(world, "Baek");
        let (member, token) = world.member_with_token("Kim", "support");
        assert_eq!(world.send("GET", &format!("/v1/customers/{customer}"), &token, None).status, 200);
        assert_eq!(world.send("GET", &format!("/v1/feedback/{item}"), &token, None).status, 200);
        assert_eq!(world.send("GET", "/v1/feedback?limit=10", &token, None).status, 200);
        let found = entries(world, &format!("actor={member}"));
        let operations: Vec<&str> = found.iter().filter_map(|entry| entry["operation"].as_str()).collect();
        assert_eq!(operations, ["list_feedback", "get_feedback", "get_customer"], "{found:?}");
        assert_eq!(found[2]["customer_ids"], json!([customer]));
        assert_eq!(found[1]["feedback_ids"], json!([item]), "reading feedback is reading its customer's data");
        assert_eq!(found[1]["customer_ids"], json!([customer]));
        let whose: Vec<&Value> = found[0]["customer_ids"].as_array().expect("ids").iter().collect();
        assert!(
            whose.contains(&&json!(customer)) && whose.contains(&&json!(other)),
            "a list is one entry with the ids"
        );
        assert_eq!(found[0]["customers"], 2);
        assert!(found[0]["query_hash"].is_string() && found[1]["query_hash"].is_null());
        assert_eq!((&found[2]["actor"], &found[2]["act"]), (&json!("member"), &json!("read")));
    });
}

#[test]
fn who_saw_a_person_counts_reads_of_customers_that_were_merged_into_them() {
    on_each_world(|world| {
        let (_, customer) = file(world, "Ahn");
        let (_, twin) = file(world, "Ahn again");
        let (_, other) = file(world, "Baek");
        for id in [&twin, &other] {
            world.read(&format!("/v1/customers/{id}"));
        }
        world.done(&format!("/v1/customers/{customer}/merge"), json!({ "customer_id": twin }));
        let seen = entries(world, &format!("customer={customer}&act=read"));
        assert_eq!(seen.len(), 1, "the read of the other customer is not theirs: {seen:?}");
        assert_eq!(seen[0]["customer_ids"], json!([twin]));
        assert_eq!(entries(world, &format!("customer={other}&act=read")).len(), 1);
        let stranger = "0198c2c4-5b7e-7b2a-9d3c-6f0e4a1b2c3d";
        assert_eq!(entries(world, &format!("customer={stranger}")), Vec::<Value>::new());
    });
}

#[test]
fn reads_without_customers_and_refused_requests_leave_no_entry() {
    on_each_world(|world| {
        let (_, customer) = file(world, "Ahn");
        for path in ["/v1/products", "/v1/members", "/v1/themes", "/v1/stories"] {
            world.read(path);
        }
        let ingest = world.token(Role::Ingest);
        assert_eq!(world.send("GET", &format!("/v1/customers/{customer}"), &ingest, None).status, 403);
        assert_eq!(world.send("GET", &format!("/v1/customers/{customer}"), "", None).status, 401);
        let found = entries(world, "");
        assert!(found.is_empty(), "filing, lists without customers and refusals are no access: {found:?}");
    });
}

#[test]
fn the_log_is_for_admins_and_says_nothing_in_the_event_log_or_an_export() {
    on_each_world(|world| {
        let (_, customer) = file(world, "Ahn");
        world.read(&format!("/v1/customers/{customer}"));
        for role in Role::ALL.iter().filter(|role| **role != Role::Admin) {
            let token = world.token(*role);
            assert_eq!(world.send("GET", "/v1/access-log", &token, None).status, 403, "{role}");
            assert_eq!(world.send("GET", "/v1/access-log/verification", &token, None).status, 403, "{role}");
        }
        assert_eq!(entries(world, "").len(), 1);
        let mut export = Vec::new();
        hearback::usecase::transfer::export::export(world.store(), &mut export).expect("an export");
        let export = String::from_utf8(export).expect("text");
        assert!(!export.contains("access_log") && !export.contains("get_customer"), "never in an export");
    });
}

#[test]
fn filters_are_checked_and_pages_go_on_without_gaps() {
    on_each_world(|world| {
        let (_, customer) = file(world, "Ahn");
        for _ in 0..5 {
            world.read(&format!("/v1/customers/{customer}"));
        }
        world.get("/v1/access-log?customer=nobody&act=look&limit=0").refused(&[
            "/act not_one_of",
            "/customer format",
            "/limit too_small",
        ]);
        let seqs: Vec<i64> =
            world.walk("/v1/access-log?limit=2", || ()).iter().filter_map(|entry| entry["seq"].as_i64()).collect();
        assert_eq!(seqs, [5, 4, 3, 2, 1]);
    });
}

/// What the check of the chain of accesses says.
fn checked(world: &World) -> Value {
    let found = world.read("/v1/access-log/verification");
    found["chains"].as_array().expect("chains")[0].clone()
}

#[test]
fn a_changed_removed_or_cut_off_entry_is_named() {
    on_each_world(|world| {
        let (_, customer) = file(world, "Ahn");
        for _ in 0..6 {
            world.read(&format!("/v1/customers/{customer}"));
            world.read("/v1/access-log/verification");
        }
        let whole = checked(world);
        assert_eq!((&whole["whole"], &whole["entries"]), (&json!(true), &json!(6)), "{whole}");
        assert_eq!(whole["head"], world.read("/v1/access-log?limit=1")["data"][0]["hash"]);
        let broken = |sql: &str, back: &str, seq: i64| {
            world.database.run(sql);
            let found = checked(world);
            assert_eq!((&found["whole"], &found["broken"]["seq"]), (&json!(false), &json!(seq)), "{sql}: {found}");
            world.database.run(back);
            assert_eq!(checked(world)["whole"], true, "{back}");
        };
        broken(
            "UPDATE access_log SET operation = 'list_customers' WHERE seq = 3",
            "UPDATE access_log SET operation = 'get_customer' WHERE seq = 3",
            3,
        );
        broken(
            "UPDATE access_log SET address = 'x' || address WHERE seq = 5",
            "UPDATE access_log SET address = substr(address, 2) WHERE seq = 5",
            5,
        );
        broken("UPDATE access_log SET seq = 40 WHERE seq = 4", "UPDATE access_log SET seq = 4 WHERE seq = 40", 4);
        world.database.run("DELETE FROM access_log WHERE seq = 6");
        assert_eq!(checked(world)["broken"]["seq"], 6, "cut off at the end");
    });
}

#[test]
fn entries_go_after_their_retention_and_the_chain_is_still_checked() {
    on_each_world_with(
        |config| config.privacy.access_days = 30,
        |world| {
            let (_, customer) = file(world, "Ahn");
            let path = format!("/v1/customers/{customer}");
            world.read(&path);
            world.read(&path);
            world.step_until_idle("access_log");
            world.days_pass(20);
            world.read(&path);
            world.step_until_idle("access_log");
            assert_eq!(checked(world)["entries"], 3);
            world.days_pass(15);
            world.step_until_idle("access_log");
            let left = checked(world);
            assert_eq!((&left["whole"], &left["entries"], &left["first_seq"]), (&json!(true), &json!(1), &json!(3)));
            let heads = world.read("/v1/access-log/heads");
            let heads_of_reads =
                heads["data"].as_array().expect("heads").iter().filter(|head| head["chain"] == "access");
            let kept: Vec<&Value> = heads_of_reads.map(|head| &head["kept"]).collect();
            assert_eq!(kept, [true, false], "the head of what was removed stays: {heads}");
            assert_eq!(entries(world, &format!("customer={customer}")).len(), 1);
            world.days_pass(60);
            world.step_until_idle("access_log");
            assert_eq!((&checked(world)["whole"], &checked(world)["entries"]), (&json!(true), &json!(0)));
            world.read(&path);
            let again = checked(world);
            assert_eq!((&again["whole"], &again["first_seq"]), (&json!(true), &json!(4)), "the chain goes on: {again}");
        },
    );
}

#[test]
fn changes_of_permissions_stand_in_a_chain_of_their_own() {
    on_each_world(|world| {
        let member = world.done("/v1/members", json!({ "name": "Kim", "email": "kim@example.com", "role": "support" }));
        let id = member["id"].as_str().expect("an id");
        world.patch(&format!("/v1/members/{id}"), json!({ "role": "admin" }));
        world.step_until_idle("access_log");
        world.step_until_idle("access_log");
        let found = entries(world, "chain=permissions");
        let of_member: Vec<&str> = found
            .iter()
            .filter(|entry| entry["subject_id"] == json!(id))
            .filter_map(|entry| entry["operation"].as_str())
            .collect();
        assert_eq!(of_member, ["member.updated", "member.created"], "each once: {found:?}");
        world.days_pass(800);
        world.step_until_idle("access_log");
        assert_eq!(entries(world, "chain=permissions").len(), found.len(), "they are kept for three years");
    });
}

#[test]
fn an_access_log_that_is_turned_off_notes_nothing() {
    on_each_world_with(
        |config| config.privacy.access_days = 0,
        |world| {
            let (_, customer) = file(world, "Ahn");
            world.read(&format!("/v1/customers/{customer}"));
            world.step_until_idle("access_log");
            assert!(entries(world, "").is_empty());
        },
    );
}

#[test]
fn a_reason_that_names_an_erased_person_is_erased_and_the_chain_stays_whole() {
    on_each_world(|world| {
        let (_, customer) = file(world, "Quuxwimble");
        let asked = [("Access-Reason", "Quuxwimble asked for their data")];
        let answer = world.send_with("GET", &format!("/v1/customers/{customer}"), ADMIN, None, &asked);
        assert_eq!(answer.status, 200);
        assert_eq!(entries(world, "with_reason=true")[0]["reason"], "Quuxwimble asked for their data");
        assert_eq!(world.send("DELETE", &format!("/v1/customers/{customer}"), ADMIN, None).status, 200);
        let found = entries(world, "with_reason=true");
        assert_eq!(found[0]["reason"], "[erased]");
        assert_eq!(checked(world)["whole"], true);
        let saw = entries(world, &format!("customer={customer}&act=read"));
        assert_eq!(saw.len(), 1, "who saw an erased person is still known: {saw:?}");
    });
}

#[test]
fn a_review_shows_what_to_look_at_and_is_signed() {
    on_each_world(|world| {
        world
            .patch(&format!("/v1/products/{}", world.product.id), json!({ "settings": { "time_zone": "Asia/Seoul" } }));
        let (_, customer) = file(world, "Ahn");
        world.read(&format!("/v1/customers/{customer}"));
        let now = world.now();
        let month = |at: hearback::domain::base::Time| at.plus(9 * 3_600_000_000).date()[..7].to_owned();
        let review = world.read(&format!("/v1/access-log/review?month={}&many=1", month(now)));
        assert_eq!(review["figures"]["entries"], 1, "{review}");
        assert_eq!(review["figures"]["customers"], 1);
        assert_eq!(review["many_persons"][0]["customers"], 1);
        assert_eq!(review["time_zone"], "Asia/Seoul");
        let hour = (now.0 / 3_600_000_000 + 9) % 24;
        let at_night = i64::from(!(6..22).contains(&hour));
        assert_eq!(review["figures"]["at_night"], at_night, "at {hour} o'clock in Seoul");
        let signed =
            world.done("/v1/access-log/reviews", json!({ "month": month(now), "note": "Looked at all of it" }));
        assert_eq!(signed["figures"]["entries"], 1);
        assert_eq!(signed["hash"], world.read("/v1/access-log?limit=1")["data"][0]["hash"]);
        let again = world.read(&format!("/v1/access-log/review?month={}", month(now)));
        assert_eq!(again["signed"][0]["note"], "Looked at all of it");
        assert_eq!(world.read("/v1/access-log/reviews")["data"].as_array().map(Vec::len), Some(1));
        world
            .post("/v1/access-log/reviews", json!({ "month": month(now.plus(62 * DAY)), "note": "x" }))
            .refused(&["/month month"]);
        world
            .post("/v1/access-log/reviews", json!({ "month": "2026-13", "note": " " }))
            .refused(&["/month pattern", "/note pattern"]);
    });
}

/// The files of the journal.
fn journal(world: &World) -> Vec<std::path::PathBuf> {
    let files = std::fs::read_dir(world.database.folder()).expect("a folder").map(|file| file.expect("a file").path());
    files.filter(|path| path.to_string_lossy().contains(".access-")).collect()
}

#[test]
fn a_killed_program_loses_no_entry_of_a_request_that_was_answered() {
    on_each_program(|world| {
        let (item, customer) = file(world, "Ahn");
        let paths =
            [format!("/v1/customers/{customer}"), format!("/v1/feedback/{item}"), "/v1/feedback?q=pay".to_owned()];
        let (mut answered, mut left) = (0, String::new());
        for round in 0..5 {
            // Some entries are in the database by then, and others are not.
            for n in 0..=round * 7 {
                assert_eq!(world.get(&paths[n % 3]).status, 200);
                answered += 1;
            }
            world.kill9();
            left.extend(journal(world).iter().map(|path| std::fs::read_to_string(path).expect("a file")));
            world.restart();
        }
        let found = entries(world, "act=read");
        assert_eq!(found.len(), answered, "none is lost, and none is there twice");
        assert_eq!(checked(world)["whole"], true);
        assert!(left.contains("\"operation\"") && !left.contains("q=pay"), "a query stands there as a hash: {left}");
        world.get(&paths[0]);
        world.terminate();
        assert!(journal(world).is_empty(), "a stop leaves nothing: {:?}", journal(world));
    });
}

#[test]
fn another_instance_takes_over_the_entries_of_one_that_was_killed() {
    if !Kind::available().contains(&Kind::Postgres) {
        return;
    }
    let world = World::program(crate::support::Database::new(Kind::Postgres));
    let (_, customer) = file(&world, "Ahn");
    let twin = world.twin();
    let path = format!("/v1/customers/{customer}");
    let ask = || twin.request("GET", &path).token(Some(ADMIN)).send().status;
    for _ in 0..20 {
        assert_eq!((ask(), world.get(&path).status), (200, 200));
    }
    drop(twin);
    for _ in 0..3 {
        assert_eq!(world.get(&path).status, 200);
    }
    // The one that is left looks every minute, and at its start.
    world.restart();
    eventually("all entries are there", Duration::from_secs(5), || entries(&world, "act=read").len() == 43);
    assert_eq!(checked(&world)["whole"], true);
    world.terminate();
}
