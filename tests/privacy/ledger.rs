//! The ledger of erasures: a restored backup brings nobody back.

use std::fs;
use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{ADMIN, Database, Kind, World, eventually, on_each_world, on_each_world_with};

const CANARY: &str = "quuxwimble";

fn person(world: &World) -> String {
    let filed = world.file(&json!({
        "text": "The Quuxwimble invoice shows Quuxwimble twice", "origin": "crm", "external_id": "quuxwimble-1",
        "customer": { "name": "Quuxwimble", "email": "quuxwimble@example.com", "external_id": "quuxwimble-77" },
    }));
    let customer = filed["customer"]["id"].as_str().expect("an id").to_owned();
    world.done(&format!("/v1/customers/{customer}/notes"), json!({ "text": "Quuxwimble called again" }));
    customer
}

fn erase(world: &World, customer: &str) {
    let answer = world.send("DELETE", &format!("/v1/customers/{customer}"), ADMIN, None);
    assert_eq!(answer.status, 200, "{answer:?}");
}

/// Puts an older copy in the place of the database.
fn put_back(database: &Database, copy: &Path) {
    for end in ["-wal", "-shm"] {
        let _ = fs::remove_file(format!("{}{end}", database.path()));
    }
    fs::copy(copy, database.path()).expect("the copy");
}

#[test]
fn an_erasure_stands_in_the_file_as_hashes_before_it_is_answered() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |kind: Kind| folder.path().join(format!("{kind:?}.ledger"));
    crate::support::on_each_kind(|kind| {
        let file = path(kind);
        let set = file.display().to_string();
        let world = World::in_process_with(Database::new(kind), None, move |config| {
            config.privacy.erasure_ledger = Some(set);
        });
        let customer = person(&world);
        assert!(!file.exists());
        erase(&world, &customer);
        let text = fs::read_to_string(&file).expect("the ledger");
        assert_eq!(text.lines().count(), 1);
        assert!(!text.to_lowercase().contains(CANARY) && !text.contains(&customer), "hashes only: {text}");
        let state = world.read(&format!("/v1/erasure-ledger?customer={customer}"));
        assert_eq!((&state["in_file"], &state["not_applied"]), (&json!(1), &json!(0)), "{state}");
        assert_eq!(state["of_customer"][0]["in_file"], true, "the proof: {state}");
        erase(&world, &customer);
        assert_eq!(fs::read_to_string(&file).expect("the ledger").lines().count(), 1, "a repeat changes nothing");
    });
}

#[test]
fn nothing_is_erased_that_the_ledger_cannot_hold() {
    let folder = tempfile::tempdir().expect("a folder");
    crate::support::on_each_kind(|kind| {
        let file = folder.path().join(format!("{kind:?}.ledger"));
        let set = file.display().to_string();
        let world = World::in_process_with(Database::new(kind), None, move |config| {
            config.privacy.erasure_ledger = Some(set);
        });
        let customer = person(&world);
        // A folder in its place can't be written.
        fs::create_dir(&file).expect("a folder");
        let refused = world.send("DELETE", &format!("/v1/customers/{customer}"), ADMIN, None);
        let problem = refused.problem(507, "storage_full");
        assert!(problem["detail"].as_str().is_some_and(|detail| detail.contains("ledger of erasures")), "{problem}");
        assert_eq!(world.read(&format!("/v1/customers/{customer}"))["name"], "Quuxwimble", "nothing was erased");
        fs::remove_dir(&file).expect("removed");
        erase(&world, &customer);
        assert_eq!(fs::read_to_string(&file).expect("the ledger").lines().count(), 1);
    });
}

#[test]
fn a_restored_backup_is_cleaned_before_the_server_answers() {
    let world = World::program(Database::new(Kind::Sqlite));
    let folder = tempfile::tempdir().expect("a folder");
    let copy = folder.path().join("before.db");
    let customer = person(&world);
    let backup = crate::support::command(world.database.folder(), &world.database.url)
        .args(["backup", &copy.display().to_string()])
        .status()
        .expect("the command");
    assert!(backup.success());
    let noted = world.read("/v1/access-log?act=download")["data"][0].clone();
    assert_eq!((&noted["operation"], &noted["actor"]), (&json!("backup"), &json!("command")), "{noted}");
    erase(&world, &customer);
    world.terminate();
    put_back(&world.database, &copy);
    let said = doctor(&world);
    assert!(said.contains("WRONG ledger of erasures: 1 erasures are not applied"), "{said}");
    world.restart();
    let found = world.read(&format!("/v1/customers/{customer}"));
    assert!(found["name"].is_null() && found["erased_at"].is_string(), "{found}");
    let state = world.read("/v1/erasure-ledger");
    assert_eq!(state["not_applied"], 0, "{state}");
    let feedback = world.read("/v1/feedback");
    assert_eq!(feedback["data"][0]["text"], "[erased]");
    eventually("the files are clean", Duration::from_secs(30), || {
        let left = |path: &str| fs::read(path).is_ok_and(|bytes| holds(&bytes, CANARY));
        !left(world.database.path()) && !left(&format!("{}-wal", world.database.path()))
    });
    let log = world.log();
    assert!(!log.to_lowercase().contains(CANARY), "{log}");
    let export = crate::support::command(world.database.folder(), &world.database.url).arg("export").output();
    let export = export.expect("the command").stdout;
    assert!(!holds(&export, CANARY), "an export made now has nothing of the person");
    assert!(!holds(&fs::read(world.database.ledger()).expect("the ledger"), CANARY));
    world.terminate();
}

#[test]
fn with_postgresql_the_ledger_lies_in_the_working_folder_unless_it_is_set() {
    if !Kind::available().contains(&Kind::Postgres) {
        return;
    }
    let world = World::program(Database::new(Kind::Postgres));
    let customer = person(&world);
    world.terminate();
    world.database.back_up();
    world.restart();
    erase(&world, &customer);
    let ledger = world.database.ledger();
    assert_eq!(world.read("/v1/erasure-ledger")["in_file"], 1);
    assert_eq!(fs::read_to_string(&ledger).expect("the ledger").lines().count(), 1);
    world.terminate();
    world.database.put_back();
    let said = doctor(&world);
    assert!(said.contains("WRONG ledger of erasures: 1 erasures are not applied"), "{said}");
    world.restart();
    let found = world.read(&format!("/v1/customers/{customer}"));
    assert!(found["name"].is_null() && found["erased_at"].is_string(), "{found}");
    assert!(world.database.places_of(&[CANARY]).is_empty(), "{:?}", world.database.places_of(&[CANARY]));
    let said = doctor(&world);
    assert!(said.contains("ok ledger of erasures") || said.contains("ok    ledger of erasures"), "{said}");
    world.terminate();
}

#[test]
fn a_working_folder_that_cannot_be_written_is_a_warning_and_the_program_starts() {
    if !Kind::available().contains(&Kind::Postgres) {
        return;
    }
    let database = Database::new(Kind::Postgres);
    // A folder in its place can't be written, not even by root.
    fs::create_dir(database.ledger()).expect("a folder");
    let world = World::program(database);
    let customer = person(&world);
    erase(&world, &customer);
    let state = world.read("/v1/erasure-ledger");
    assert_eq!((&state["file"], &state["in_database"]), (&Value::Null, &json!(1)), "{state}");
    let log = world.log();
    assert!(log.contains("there is no ledger of erasures") && log.contains("HEARBACK_ERASURE_LEDGER"), "{log}");
    let said = doctor(&world);
    let line = said.lines().find(|line| line.contains("ledger of erasures")).unwrap_or_default();
    assert!(line.starts_with("WARN") && line.contains("can't be written"), "{said}");
    // A file that somebody chose is another matter: then nobody can be erased, and the doctor says so.
    let set = world.database.ledger().display().to_string();
    let chosen = crate::support::command(world.database.folder(), &world.database.url)
        .env("HEARBACK_ERASURE_LEDGER", set)
        .arg("doctor")
        .output();
    let said = String::from_utf8_lossy(&chosen.expect("the command").stdout).into_owned();
    assert!(said.contains("WRONG ledger of erasures") && said.contains("nobody can be erased"), "{said}");
    world.terminate();
}

/// A database that keeps its ledger in a file which the name of the database gave its name.
fn named(kind: Kind, path: &Path) -> World {
    let world = World::in_process_with(Database::new(kind), None, |config| {
        config.privacy.erasure_ledger = Some("-".to_owned());
    });
    world.store().ledger.set(path.to_owned(), true);
    world
}

#[test]
fn an_erasure_in_another_database_of_the_same_name_erases_nobody_here() {
    let folder = tempfile::tempdir().expect("a folder");
    crate::support::on_each_kind(|kind| {
        let path = folder.path().join(format!("{kind:?}.erasures"));
        let (staging, production) = (named(kind, &path), named(kind, &path));
        let customer = person(&production);
        erase(&staging, &person(&staging));
        assert_eq!(fs::read_to_string(&path).expect("the ledger").lines().count(), 1);
        let replayed = hearback::usecase::privacy::replay::apply(production.store()).expect("the ledger");
        assert_eq!((replayed.entries, replayed.people), (1, 0), "the same address, another customer");
        assert_eq!(production.read(&format!("/v1/customers/{customer}"))["name"], "Quuxwimble");
    });
}

fn doctor(world: &World) -> String {
    let doctor = crate::support::command(world.database.folder(), &world.database.url).arg("doctor").output();
    String::from_utf8_lossy(&doctor.expect("the command").stdout).into_owned()
}

fn holds(bytes: &[u8], word: &str) -> bool {
    let lower = bytes.to_ascii_lowercase();
    lower.windows(word.len()).any(|window| window == word.as_bytes())
}

#[test]
fn an_export_that_is_imported_into_a_new_database_brings_nobody_back() {
    let folder = tempfile::tempdir().expect("a folder");
    crate::support::on_each_kind(|kind| {
        let ledger = folder.path().join(format!("{kind:?}.ledger")).display().to_string();
        let with = |ledger: &str| {
            let ledger = ledger.to_owned();
            World::in_process_with(Database::new(kind), None, move |config| {
                config.privacy.erasure_ledger = Some(ledger)
            })
        };
        let old = with(&ledger);
        let customer = person(&old);
        let mut export = Vec::new();
        hearback::usecase::transfer::export::export(old.store(), &mut export).expect("an export");
        assert!(holds(&export, CANARY));
        erase(&old, &customer);
        let new = with(&ledger);
        let queued = new
            .request("POST", "/v1/imports")
            .token(Some(ADMIN))
            .header("Content-Type", "application/x-ndjson")
            .body(export)
            .send();
        assert!(queued.status < 300, "{queued:?}");
        new.step_until_idle("imports");
        let done = new.read(&format!("/v1/imports/{}", queued.id()));
        assert_eq!(done["state"], "done", "{done}");
        let found = new.read(&format!("/v1/customers/{customer}"));
        assert!(found["erased_at"].is_string() && found["name"].is_null(), "{found}");
        let left = new.database.places_of(&[CANARY]);
        let left: Vec<&String> = left.iter().filter(|place| !place.contains("import_chunks")).collect();
        assert!(kind == Kind::Sqlite || left.is_empty(), "{left:?}");
    });
}

#[test]
fn somebody_who_came_back_after_their_erasure_is_not_erased_again() {
    on_each_world(|world| {
        let customer = person(world);
        erase(world, &customer);
        world.days_pass(1);
        let back = world.file(&json!({ "text": "I am back", "customer": { "email": "quuxwimble@example.com" } }));
        let back = back["customer"]["id"].as_str().expect("an id").to_owned();
        assert_ne!(back, customer);
        world.database.run("UPDATE erasure_ledger SET applied_at = NULL");
        world.app().prepare().expect("a replay");
        let found = world.read(&format!("/v1/customers/{back}"));
        assert!(found["erased_at"].is_null(), "{found}");
        assert_eq!(world.read("/v1/erasure-ledger")["not_applied"], 0);
    });
}

#[test]
fn a_ledger_that_cannot_be_read_stops_the_start_and_a_lost_one_is_written_anew() {
    let world = World::program(Database::new(Kind::Sqlite));
    let customer = person(&world);
    erase(&world, &customer);
    world.terminate();
    let ledger = world.database.ledger();
    let whole = fs::read_to_string(&ledger).expect("the ledger");
    fs::write(&ledger, format!("not a line\n{whole}")).expect("written");
    let start = crate::support::command(world.database.folder(), &world.database.url)
        .args(["serve", "--listen", "127.0.0.1:0"])
        .output()
        .expect("the command");
    let said = String::from_utf8_lossy(&start.stderr).into_owned();
    assert!(!start.status.success() && said.contains("ledger of erasures") && said.contains("line 1"), "{said}");
    fs::remove_file(&ledger).expect("removed");
    world.restart();
    assert_eq!(fs::read_to_string(&ledger).expect("the ledger"), whole, "the database still knew it");
    world.terminate();
}

#[test]
fn the_ledger_of_the_state_is_shown_without_a_file_too() {
    on_each_world_with(
        |config| config.privacy.erasure_ledger = Some("-".to_owned()),
        |world| {
            let customer = person(world);
            erase(world, &customer);
            let state = world.read("/v1/erasure-ledger");
            assert_eq!(state["file"], Value::Null);
            assert_eq!((&state["in_file"], &state["in_database"]), (&json!(0), &json!(1)));
        },
    );
}
