//! `hearback import` and `POST /v1/imports`.

use std::io::Write;
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};

use crate::support::{Database, Kind, World, command};

/// Runs `hearback import` in a separate folder; `input` is the file.
fn run(database: &Database, input: &[u8], arguments: &[&str]) -> Output {
    let mut running: Command = command(database.folder(), &database.url);
    running.arg("import").args(arguments).arg("-").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = running.spawn().unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    child.wait_with_output().unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

#[test]
fn rejected_rows_end_the_command_with_1_unless_they_are_allowed() {
    let database = Database::new(Kind::Sqlite);
    let bad = b"{\"text\": \"fine\"}\n{\"text\": broken}\n";
    let output = run(&database, bad, &[]);
    assert_eq!(output.status.code(), Some(1));
    assert!(said(&output).contains("1 created") && said(&output).contains("malformed_row"), "{}", said(&output));
    assert_eq!(run(&database, bad, &["--allow-rejected"]).status.code(), Some(0));
    let good = "text,customer.name,rating\nfine,Eva,8/10\n".as_bytes();
    let output = run(&database, good, &["--dry-run"]);
    assert_eq!(output.status.code(), Some(0));
    for part in ["Read as csv (UTF-8)", "dry run", "without an address"] {
        assert!(said(&output).contains(part), "{part}: {}", said(&output));
    }
    assert_eq!(run(&database, b"Body,Note\nx,y\n", &[]).status.code(), Some(1));
}

#[test]
fn a_closed_pipe_is_no_failure() {
    let database = Database::new(Kind::Sqlite);
    let file = database.folder().join("rows.csv");
    std::fs::write(&file, "text\n".to_owned() + &"x\n".repeat(2_000)).unwrap();
    let mut running = command(database.folder(), &database.url);
    let mut child = running.arg("import").arg(&file).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), said(&output)), (Some(0), String::new()));
}

#[test]
fn help_lists_the_fields_that_columns_can_be_mapped_to() {
    let database = Database::new(Kind::Sqlite);
    let output = command(database.folder(), &database.url).args(["import", "--help"]).output().unwrap();
    for field in ["customer.account.annual_value", "votes", "fields.<name>"] {
        assert!(said(&output).contains(field), "{field}");
    }
}

/// Uploads a file, waits until it is read, and returns the import.
fn send(server: &World, query: &str, kind: &str, file: &[u8]) -> Value {
    let sent = server.request("POST", &format!("/v1/imports?{query}")).header("Content-Type", kind).body(file).send();
    assert_eq!(sent.status, 202, "{}", sent.body);
    let id = sent.json()["id"].as_str().unwrap().to_owned();
    for _ in 0..600 {
        let import = server.request("GET", &format!("/v1/imports/{id}")).send().json();
        if import["finished_at"].is_string() {
            return import;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    panic!("the import is not read");
}

#[test]
fn uploads_use_the_charset_of_the_request_and_list_their_warnings() {
    let server = World::program(Database::new(Kind::Sqlite));
    let japanese =
        encoding_rs::SHIFT_JIS.encode("id,text,customer.email\n1,支払いができません,nobody\n").0.into_owned();
    let import = send(&server, "", "text/csv; charset=Shift_JIS", &japanese);
    assert_eq!((&import["state"], &import["created"], &import["warned"]), (&json!("done"), &json!(1), &json!(1)));
    assert_eq!(import["reading"]["encoding"], "Shift_JIS");
    let id = import["id"].as_str().unwrap();
    let warnings = server.request("GET", &format!("/v1/imports/{id}/warnings")).send().json();
    assert_eq!((&warnings["data"][0]["row"], &warnings["data"][0]["code"]), (&json!(1), &json!("invalid_email")));
    let refused = send(&server, "origin=x", "text/csv; charset=utf-8", &japanese);
    assert!(refused["problem"].as_str().unwrap().contains("encoding"), "{refused}");
    let wrong = server.request("POST", "/v1/imports?date_order=sideways&time_zone=Mars&currency=XYZ&encoding=klingon");
    let wrong = wrong.header("Content-Type", "text/csv").body("text\nx\n").send();
    assert_eq!(wrong.status, 422);
    for pointer in ["/date_order", "/time_zone", "/currency", "/encoding"] {
        assert!(wrong.body.contains(pointer), "{pointer}: {}", wrong.body);
    }
}

#[test]
fn waiting_imports_have_a_limit() {
    let server = World::program_with(Database::new(Kind::Sqlite), &[("HEARBACK_IMPORT_WAITING_LIMIT", "1000")]);
    let large = "text\n".to_owned() + &"a plain row\n".repeat(200);
    let refused = server.request("POST", "/v1/imports").header("Content-Type", "text/csv").body(large).send();
    assert_eq!(refused.status, 503, "{}", refused.body);
    assert!(refused.body.contains("1000 bytes"), "{}", refused.body);
    assert_eq!(send(&server, "", "text/csv", b"text\nx\n")["created"], 1);
}
