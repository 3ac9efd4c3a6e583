//! `hearback doctor` really tests the services it reports on.

use std::process::Output;

use diesel::connection::SimpleConnection;
use hearback::domain::base::Actor;

use crate::support::{Database, Kind, Receiver, command, on_each, open_store};

fn ask(database: &Database, settings: &[(&str, &str)]) -> (Option<i32>, String) {
    let run = |arguments: &[&str]| -> Output {
        let mut command = command(database.folder(), &database.url);
        command.args(arguments).envs(settings.iter().copied()).output().expect("the binary runs")
    };
    assert!(run(&["migrate"]).status.success());
    let output = run(&["doctor"]);
    (output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned())
}

fn line<'a>(said: &'a str, what: &str) -> &'a str {
    said.lines().find(|line| line.contains(what)).unwrap_or_else(|| panic!("no {what} in {said}"))
}

const FROM: (&str, &str) = ("HEARBACK_MAIL_FROM", "Paylo <voice@paylo.example>");

#[test]
fn the_doctor_reports_services_that_do_not_answer() {
    on_each(|database| {
        let away = [
            ("HEARBACK_SMTP_URL", "smtp://kim:s3cret-word@127.0.0.1:9"),
            FROM,
            ("HEARBACK_EMBEDDINGS_URL", "http://127.0.0.1:9/v1"),
            ("HEARBACK_EMBEDDINGS_MODEL", "m"),
            ("HEARBACK_LLM_URL", "http://127.0.0.1:9/v1"),
            ("HEARBACK_LLM_MODEL", "m"),
        ];
        let (status, said) = ask(&database, &away);
        assert_eq!(status, Some(1), "{said}");
        for what in ["mail server", "embedder", "language model"] {
            assert!(line(&said, what).starts_with("WRONG"), "{said}");
        }
        assert!(!said.contains("s3cret-word"), "{said}");
        assert!(line(&said, "integrity").starts_with("ok"), "{said}");
        // The mails would lead customers to their own machine.
        assert!(line(&said, "HEARBACK_PUBLIC_URL").starts_with("WARN"), "{said}");
    });
}

#[test]
fn the_doctor_accepts_services_that_answer_and_sends_nothing() {
    on_each(|database| {
        let Some(receiver) = Receiver::start() else { return };
        let url = format!("smtp://127.0.0.1:{}", receiver.port);
        let public = ("HEARBACK_PUBLIC_URL", "https://voice.example.com");
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("erasures").display().to_string();
        let ledger = ("HEARBACK_ERASURE_LEDGER", file.as_str());
        let (status, said) = ask(&database, &[("HEARBACK_SMTP_URL", &url), FROM, public, ledger]);
        assert_eq!(status, Some(0), "{said}");
        assert!(line(&said, "mail server").starts_with("ok") && !said.contains("WARN"), "{said}");
        assert_eq!(receiver.raw().len(), 0);
    });
}

#[test]
fn names_and_values_that_are_no_settings_are_told() {
    on_each(|database| {
        let (status, said) = ask(&database, &[("HEARBACK_SMTP_URI", "x"), ("HEARBACK_LISTEN", "0.0.0.0:8080")]);
        assert_eq!(status, Some(0), "a doubt is no fault: {said}");
        assert!(line(&said, "HEARBACK_SMTP_URI").contains("did you mean HEARBACK_SMTP_URL?"), "{said}");
        assert!(line(&said, "0.0.0.0").starts_with("WARN"), "{said}");
        let (status, said) = ask(&database, &[("HEARBACK_LOG", "loud")]);
        assert_eq!(status, Some(1), "{said}");
        assert!(line(&said, "HEARBACK_LOG").starts_with("WRONG"), "{said}");
    });
}

#[test]
fn a_broken_file_is_told() {
    on_each(|database| {
        if database.kind != Kind::Sqlite {
            return;
        }
        ask(&database, &[]);
        // Writes nonsense over the middle of the file.
        let mut bytes = std::fs::read(database.path()).unwrap();
        let (from, to) = (bytes.len() / 2, bytes.len() / 2 + 3 * 4096);
        bytes[from..to].fill(0x5a);
        std::fs::write(database.path(), bytes).unwrap();
        let output = command(database.folder(), &database.url).arg("doctor").output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(said.lines().any(|line| line.starts_with("WRONG")), "{said}");
    });
}

#[test]
fn a_table_that_was_changed_is_told_and_one_that_was_added_is_not() {
    on_each(|database| {
        let store = open_store(&database);
        let change = "CREATE TABLE own_report (day TEXT); ALTER TABLE members DROP COLUMN language;";
        store.write_now(Actor::COMMAND, |tx| Ok(tx.conn.batch_execute(change)?)).unwrap();
        store.close();
        let (status, said) = ask(&database, &[]);
        assert_eq!(status, Some(1), "{said}");
        let schema = line(&said, "schema");
        assert!(schema.starts_with("WRONG") && schema.contains("members.language is missing"), "{said}");
        assert!(!said.contains("own_report"), "{said}");
    });
}
