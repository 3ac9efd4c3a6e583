//! The files of a SQLite database: deleted, replaced, readable for others, or used by two servers.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use serde_json::json;

use crate::support::{Database, Kind, World, command, eventually, is_root};

/// A server with some feedback, after at least one checkpoint.
fn lived_in() -> World {
    let server = World::program(Database::new(Kind::Sqlite));
    fill(&server, 60);
    server
}

fn fill(server: &World, count: usize) {
    for n in 0..count {
        server.file(&json!({ "text": format!("{n} {}", "word ".repeat(8_000)) }));
    }
}

/// Checks that within a second nothing is acknowledged any more, and that health check and log report it.
fn is_refused(server: &World) {
    let began = Instant::now();
    let mut after = 0;
    while server.post("/v1/feedback", json!({ "text": "lost?" })).status == 201 {
        after += 1;
        assert!(began.elapsed() < Duration::from_secs(1), "still acknowledged after a second ({after})");
    }
    assert_eq!(after, 0, "acknowledged although the file was gone");
    let answer = server.post("/v1/feedback", json!({ "text": "lost?" }));
    answer.problem(503, "unavailable");
    assert!(answer.json()["detail"].as_str().unwrap().contains("While the server runs"), "{answer:?}");
    eventually("not ready", Duration::from_secs(1), || server.get("/readyz").status == 503);
}

#[test]
fn a_file_that_is_removed_or_moved_is_noticed_at_once_and_one_moved_back_goes_on() {
    let server = lived_in();
    let (file, aside) = (server.database.path().to_owned(), format!("{}.aside", server.database.path()));
    fs::rename(&file, &aside).unwrap();
    is_refused(&server);
    fs::rename(&aside, &file).unwrap();
    let filed = || server.post("/v1/feedback", json!({ "text": "back" })).status == 201;
    eventually("goes on", Duration::from_secs(2), filed);
    assert_eq!(server.get("/readyz").status, 200);
    fs::remove_file(&file).unwrap();
    is_refused(&server);
}

#[test]
fn a_write_ahead_log_that_is_removed_is_noticed() {
    let server = lived_in();
    fs::remove_file(format!("{}-wal", server.database.path())).unwrap();
    is_refused(&server);
}

#[test]
fn a_restore_over_the_open_file_is_noticed() {
    for by_backup in [true, false] {
        let server = lived_in();
        let copy = server.database.folder().join("copy.db");
        if by_backup {
            let backed_up = run(&server.database, &["backup", copy.to_str().unwrap()]);
            assert!(backed_up.status.success(), "{backed_up:?}");
        } else {
            fs::copy(server.database.path(), &copy).unwrap();
        }
        // More than a checkpoint happens in between.
        fill(&server, 120);
        let restored = Command::new("cp").arg(&copy).arg(server.database.path()).status().unwrap();
        assert!(restored.success());
        is_refused(&server);
    }
}

#[test]
fn ordinary_life_of_the_files_is_no_alarm() {
    let server = lived_in();
    // Other commands write and checkpoint beside the server.
    let made = run(&server.database, &["token", "create", "--name", "beside", "--role", "viewer"]);
    assert!(made.status.success(), "{made:?}");
    server.database.run("PRAGMA wal_checkpoint(TRUNCATE)");
    fill(&server, 60);
    let backed_up = run(&server.database, &["backup", server.database.folder().join("b.db").to_str().unwrap()]);
    assert!(backed_up.status.success(), "{backed_up:?}");
    fill(&server, 20);
    assert_eq!(server.get("/readyz").status, 200);
    server.terminate();
    server.restart();
    fill(&server, 5);
    assert!(!server.log().contains("nothing is written any more"), "{}", server.log());
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

fn run(database: &Database, arguments: &[&str]) -> Output {
    command(database.folder(), &database.url).args(arguments).output().unwrap()
}

#[test]
fn files_are_for_their_owner_alone_and_wider_ones_are_tightened() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let file = data.join("hearback.db");
    let server = World::program(Database::sqlite_at(&file));
    server.file(&json!({ "text": "private" }));
    let all_private = |data: &Path| {
        assert_eq!(mode(data), 0o700);
        for entry in fs::read_dir(data).unwrap() {
            let path = entry.unwrap().path();
            assert_eq!(mode(&path), 0o600, "{}", path.display());
        }
    };
    all_private(&data);
    let backup = folder.path().join("backup.db");
    assert!(run(&server.database, &["backup", backup.to_str().unwrap()]).status.success());
    assert_eq!(mode(&backup), 0o600);
    let export = folder.path().join("export.ndjson");
    let mut exporting = command(folder.path(), &server.database.url);
    let out = fs::File::create(&export).unwrap();
    assert!(exporting.arg("export").stdout(out).status().unwrap().success());
    assert_eq!(mode(&export), 0o600);

    server.terminate();
    fs::set_permissions(&data, Permissions::from_mode(0o755)).unwrap();
    fs::set_permissions(&file, Permissions::from_mode(0o644)).unwrap();
    server.restart();
    server.file(&json!({ "text": "private" }));
    all_private(&data);
}

#[test]
fn a_second_server_on_a_file_is_refused_with_a_clear_word() {
    let server = World::program(Database::new(Kind::Sqlite));
    let mut second = command(server.database.folder(), &server.database.url);
    let second = second.arg("serve").env("HEARBACK_LISTEN", "127.0.0.1:0").output().unwrap();
    let said = String::from_utf8_lossy(&second.stderr);
    assert!(!second.status.success() && said.contains("Another server (process"), "{said}");
    server.file(&json!({ "text": "the first goes on" }));
}

#[test]
fn several_that_start_at_once_on_an_empty_file_are_fine_or_refused_clearly() {
    for _ in 0..4 {
        let database = Database::new(Kind::Sqlite);
        let migrate = || run(&database, &["migrate"]);
        let all = std::thread::scope(|scope| {
            let running: Vec<_> = (0..6).map(|_| scope.spawn(migrate)).collect();
            running.into_iter().map(|thread| thread.join().unwrap()).collect::<Vec<_>>()
        });
        assert!(all.iter().all(|output| output.status.success()), "{all:?}");
    }
}

#[test]
fn a_file_that_cant_be_opened_is_named_with_the_reason() {
    let folder = tempfile::tempdir().unwrap();
    let said = |path: &Path| {
        let output = run(&Database::sqlite_at(path), &["migrate"]);
        assert!(!output.status.success());
        String::from_utf8_lossy(&output.stderr).into_owned()
    };
    let is_folder = said(folder.path());
    assert!(is_folder.contains(&folder.path().display().to_string()) && is_folder.contains("folder"), "{is_folder}");
    let text = folder.path().join("notes.txt");
    fs::write(&text, "these are notes, and no database at all ".repeat(100)).unwrap();
    let no_database = said(&text);
    assert!(no_database.contains("notes.txt") && no_database.contains("not a database"), "{no_database}");
    if !is_root() {
        let read_only = folder.path().join("read-only.db");
        fs::write(&read_only, "").unwrap();
        fs::set_permissions(&read_only, Permissions::from_mode(0o400)).unwrap();
        let refused = said(&read_only);
        assert!(refused.contains("may not be written"), "{refused}");
    }
}
