//! The data map: it holds every column of the database, and the record of processing with its parties.

use std::collections::BTreeSet;

use hearback::domain::team::Role;
use serde_json::{Value, json};

use crate::support::{on_each_world, on_each_world_with};

fn column_of<'a>(map: &'a Value, table: &str, column: &str) -> &'a Value {
    let tables = map["tables"].as_array().expect("tables");
    let table = tables.iter().find(|one| one["name"] == table).unwrap_or_else(|| panic!("no table {table}"));
    let columns = table["columns"].as_array().expect("columns");
    columns.iter().find(|one| one["name"] == column).unwrap_or_else(|| panic!("no column {column}"))
}

fn holds<'a>(map: &'a Value, table: &str, column: &str) -> &'a Value {
    &column_of(map, table, column)["holds"]
}

#[test]
fn every_column_of_the_schema_says_what_it_holds() {
    on_each_world(|world| {
        let map = world.read("/v1/data-map");
        for (table, column, kind) in [
            ("customers", "email", "person"),
            ("customers", "created_at", "none"),
            ("customer_identities", "external_id", "person"),
            ("feedback", "text", "words"),
            ("feedback", "customer_id", "person"),
            ("accounts", "name", "account"),
            ("members", "email", "person"),
            ("passwords", "hash", "secret"),
            ("tokens", "hash", "secret"),
            ("secrets", "secret", "secret"),
            ("sessions", "address", "person"),
            ("access_log", "address", "person"),
            ("notes", "text", "words"),
            ("events", "data", "none"),
            ("customers", "id", "person"),
            ("notes", "author_id", "person"),
            ("feedback", "rating", "person"),
            ("feedback", "pinned", "none"),
            ("themes", "value_minor", "account"),
        ] {
            assert_eq!(holds(&map, table, column), kind, "{table}.{column}");
        }
        for (table, column, rule) in [
            ("customers", "id", "tag"),
            ("feedback", "id", "key"),
            ("feedback", "customer_id", "reference"),
            ("feedback", "submitted_by", "actor"),
            ("feedback", "created_at", "time"),
            ("feedback", "version", "version"),
            ("feedback", "text", "text"),
            ("feedback", "similarity", "tag"),
        ] {
            assert_eq!(column_of(&map, table, column)["rule"], rule, "{table}.{column}");
        }
        let columns = |table: &Value| table["columns"].as_array().expect("columns").clone();
        let tables = map["tables"].as_array().expect("tables");
        assert!(tables.len() > 70, "{} tables", tables.len());
        for table in tables {
            let known = ["purpose", "basis", "kept"].iter().all(|name| table[name].is_string());
            assert!(known && !columns(table).is_empty(), "{table}");
        }
    });
}

#[test]
fn how_long_data_is_kept_follows_the_settings_and_secrets_of_systems_stay_out() {
    let change = |config: &mut hearback::config::Config| {
        config.privacy.access_days = 365;
        config.audit_days = 400;
        config.llm_url = Some("https://user:very-secret@llm.example.com/v1?key=very-secret".to_owned());
        config.llm_model = Some("m".to_owned());
    };
    on_each_world_with(change, |world| {
        let map = world.read("/v1/data-map");
        let days = |name: &str| {
            let tables = map["tables"].as_array().expect("tables");
            tables.iter().find(|table| table["name"] == name).expect("a table")["kept_days"].clone()
        };
        assert_eq!((days("access_log"), days("audit_log")), (json!(365), json!(400)));

        let systems = map["systems"].to_string();
        assert!(systems.contains("\"llm.example.com\"") && !systems.contains("secret"), "{systems}");
    });
}

#[test]
fn parties_are_added_changed_and_removed_and_stand_in_the_record_in_both_languages() {
    on_each_world(|world| {
        world.post("/v1/data-map/processors", json!({ "role": "helper", "name": " ", "country": "korea" })).refused(&[
            "/country pattern",
            "/name pattern",
            "/role not_one_of",
        ]);
        world
            .post("/v1/data-map/processors", json!({ "role": "processor", "name": "x", "since": "2026-02-31" }))
            .refused(&["/since format"]);
        let party = json!({
            "role": "processor", "name": "Mail | Sender", "contact": "dpo@mail.example", "country": "US",
            "purpose": "Sends mails", "data": "Addresses", "transfer": "Standard contractual clauses",
        });
        let made = world.done("/v1/data-map/processors", party);
        let path = format!("/v1/data-map/processors/{}", made["id"].as_str().expect("an id"));
        let changed = world.patch(&path, json!({ "purpose": "Sends our mails" }));
        assert_eq!((changed.status, &changed.json()["version"]), (200, &json!(2)));
        assert_eq!(world.read("/v1/data-map")["parties"][0]["purpose"], "Sends our mails");
        let markdown = world.get("/v1/data-map.md");
        assert_eq!(markdown.header_text("content-type"), "text/markdown; charset=utf-8");
        for part in [
            "# Record of processing activities",
            "Mail \\| Sender",
            "Standard contractual clauses",
            "`customers`",
            "the row's own id",
        ] {
            assert!(markdown.body.contains(part), "{part} in {}", markdown.body);
        }
        let korean = world.get("/v1/data-map.md?language=ko").body;
        for part in ["# 개인정보 처리 활동 기록", "수탁자", "보관 기간", "Mail \\| Sender", "행 자신의 식별자"]
        {
            assert!(korean.contains(part), "{part} in {korean}");
        }
        let missing = korean.lines().filter(|line| line.contains("datamap")).collect::<Vec<_>>();
        assert!(missing.is_empty(), "{missing:?}");
        assert_eq!(world.send("DELETE", &path, crate::support::ADMIN, None).status, 204);
        assert_eq!(world.get(&path).status, 404);
        assert_eq!(world.read("/v1/data-map")["parties"], json!([]));
        let kinds = world.kinds_of(made["id"].as_str().expect("an id").parse().expect("an id"));
        let expected = BTreeSet::from(["data_party.created", "data_party.updated", "data_party.deleted"]);
        assert_eq!(kinds.iter().map(String::as_str).collect::<BTreeSet<_>>(), expected);
    });
}

#[test]
fn the_map_is_for_admins() {
    on_each_world(|world| {
        let support = world.token(Role::Support);
        for path in ["/v1/data-map", "/v1/data-map.md", "/v1/data-map/processors", "/v1/erasure-ledger"] {
            assert_eq!(world.send("GET", path, &support, None).status, 403, "{path}");
        }
    });
}
