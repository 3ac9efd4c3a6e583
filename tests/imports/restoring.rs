//! An import of an export restores everything with its ids; a backup is a copy of the database.

use std::collections::BTreeSet;
use std::io::Write;

use hearback::domain::{
    base::{Actor, Id, Paging},
    feedback::{FeedbackQuery, ImportJob, ImportOptions, ImportState},
    team::DEFAULT_PRODUCT,
    themes::ProposalState,
};
use hearback::error::Code;
use hearback::store::{
    Store,
    feedback::{self, imports},
    integrations::webhooks as stored_webhooks,
    themes::{proposals, refinements},
    transfer::export::format,
};
use hearback::usecase::{integrations::webhooks, transfer::export};
use serde_json::Value;

use super::lived_in::lived_in;
use super::{counts, errors, import, import_with, on_each_database, on_sqlite, open, rows_of};

pub(super) fn export(store: &Store) -> Vec<String> {
    let mut out = Vec::new();
    export::export(store, &mut out).unwrap();
    out.flush().unwrap();
    String::from_utf8(out).unwrap().lines().map(str::to_owned).collect()
}

/// The rows of an export without its first and last line.
pub(super) fn rows(export: &[String]) -> &[String] {
    &export[1..export.len() - 1]
}

#[test]
fn an_export_holds_what_is_declared_and_no_secret() {
    on_each_database(|store| {
        lived_in(store);
        let export = export(store);
        let declared: Vec<(&str, Vec<&str>)> = format().collect();
        let mut found: Vec<&str> = Vec::new();
        for line in rows(&export) {
            let Value::Object(row) = serde_json::from_str(line).unwrap() else { panic!("{line}") };
            let (kind, fields) = declared.iter().find(|(kind, _)| row["type"] == *kind).expect("a declared type");
            let expected: BTreeSet<&str> = fields.iter().copied().chain(["type"]).collect();
            assert_eq!(row.keys().map(String::as_str).collect::<BTreeSet<_>>(), expected, "{kind}");
            if found.last() != Some(kind) {
                found.push(kind);
            }
        }
        // Each type once, in the declared order: `lived_in` has rows of every table, or their restoring is not tested.
        assert_eq!(found, declared.iter().map(|(kind, _)| *kind).collect::<Vec<_>>());
        assert!(!export.join("\n").contains("whsec_"), "no secret of a webhook");
    });
}

#[test]
fn an_export_imports_into_an_empty_instance_with_the_same_ids() {
    on_each_database(|source| {
        lived_in(source);
        let before = export(source);
        assert!(before.len() > 700 + 90 + 90 + 7);
        assert_eq!(serde_json::from_str::<Value>(&before[0]).unwrap()["hearback"], "export");
        let bytes = before.join("\n");
        on_each_database(|target| {
            let done = import(target, bytes.as_bytes());
            assert_eq!((done.state, done.counts.rejected), (ImportState::Done, 0), "{:?}", errors(target, done.id));
            assert_eq!(done.counts.created, before.len() as i64 - 2);
            let (mut left, mut right) = (rows(&before).to_vec(), rows(&export(target)).to_vec());
            left.sort_unstable();
            right.sort_unstable();
            assert_eq!(left, right);
            // What was grouped is found again, and again changes nothing.
            let query = FeedbackQuery { q: Some("환불 17".to_owned()), ..FeedbackQuery::default() };
            let paging = Paging::new(None, None, String::new()).unwrap();
            let found = target.read_now(|conn| feedback::list::list(conn, &query, &paging)).unwrap();
            assert_eq!(found.data[0].theme.as_ref().unwrap().label, "Refunds");
            let again = import(target, bytes.as_bytes());
            assert_eq!(rows_of(&again), counts(done.counts.read, 0, 0, done.counts.read, 0));
        });
    });
}

#[test]
fn decisions_from_before_a_restore_hold_after_it() {
    on_sqlite(|source| {
        lived_in(source);
        let bytes = export(source).join("\n");
        on_each_database(|target| {
            import(target, bytes.as_bytes());
            // A refinement compares what it would propose with what was rejected.
            let earlier = target.read_now(|conn| proposals::earlier(conn, DEFAULT_PRODUCT)).unwrap();
            assert_eq!((earlier.len(), earlier[0].state), (1, ProposalState::Rejected));
            assert_eq!(earlier[0].proposed.items.len(), 3);
            let chosen = target.read_now(|conn| refinements::last_choice(conn, DEFAULT_PRODUCT, "builtin")).unwrap();
            assert_eq!(chosen.map(|(_, choice)| choice.granularity), Some(8.0));

            // What was erased is not brought back by the file it came from.
            let sent = b"{\"text\":\"Still no refund\",\"external_id\":\"gone@example.com\",\"origin\":\"crm\"}\n";
            assert_eq!(rows_of(&import(target, sent)), counts(1, 0, 0, 1, 0));

            // A webhook waits until its receiver knows the new secret.
            let paging = Paging::new(None, None, String::new()).unwrap();
            let hook = target.read_now(|conn| stored_webhooks::list(conn, &paging)).unwrap().data.remove(0);
            assert!(
                !hook.active && hook.disabled_reason.as_ref().is_some_and(|why| why.contains("secret")),
                "{hook:?}"
            );
            let id = hook.id;
            let secret = target.read_now(|conn| stored_webhooks::signed(conn, id)).unwrap().secret;
            assert!(secret.starts_with("whsec_") && secret.len() == 50, "a fresh one");
            let enabled = target.write_now(Actor::COMMAND, move |tx| webhooks::enable(tx, id)).unwrap();
            assert!(enabled.active && enabled.disabled_reason.is_none());
        });
    });
}

#[test]
fn a_row_of_an_export_that_does_not_fit_costs_only_itself() {
    on_sqlite(|source| {
        lived_in(source);
        let mut lines = export(source);
        // An account is missing: its customers can't come back, nor what they said; a state from the future can't either.
        let mut end: Value = serde_json::from_str(&lines.pop().unwrap()).unwrap();
        lines.retain(|line| !line.contains("\"type\":\"account\"") || !line.contains("Account 3"));
        lines.push(
            lines
                .iter()
                .find(|line| line.contains("\"type\":\"feedback\""))
                .unwrap()
                .replace("\"grouped\"", "\"melted\""),
        );
        lines.push("{\"type\":\"surprise\",\"id\":1}".to_owned());
        end["rows"] = (lines.len() - 1).into();
        lines.push(end.to_string());
        on_each_database(|target| {
            let done = import(target, lines.join("\n").as_bytes());
            assert_eq!(done.state, ImportState::Done);
            assert!(done.counts.created > 500 && done.counts.rejected > 100, "{:?}", done.counts);
            let codes: Vec<String> = errors(target, done.id).into_iter().map(|(_, code, _)| code).collect();
            assert!(codes.iter().any(|code| code == "conflict"), "{codes:?}");
        });
    });
}

#[test]
fn only_an_admin_restores_an_export() {
    on_sqlite(|store| {
        let lines = export(store).join("\n");
        let id = Id::next();
        let holder = id.to_string();
        let claim = store
            .write_now(Actor::COMMAND, move |tx| {
                imports::begin(tx, id, &ImportJob::default(), 0, Some(&holder))?;
                Ok(imports::claim(tx, id, &holder)?.unwrap())
            })
            .unwrap();
        let end = hearback::jobs::feedback::import::work_off(store, &claim, lines.as_bytes(), &mut |_| true).unwrap();
        assert!(matches!(end, hearback::jobs::feedback::import::End::Failed(problem) if problem.contains("admin")));
    });
}

#[test]
fn a_backup_is_a_whole_database_and_never_overwrites() {
    on_sqlite(|store| {
        lived_in(store);
        let folder = tempfile::tempdir().unwrap();
        let copy = folder.path().join("copy.db");
        store.backup(&copy).unwrap();
        let copied = open(&format!("sqlite://{}", copy.display()));
        assert_eq!(rows(&export(&copied)), rows(&export(store)));
        copied.close();
        assert_eq!(store.backup(&copy).unwrap_err().code, Code::Conflict);
    });
}

#[test]
fn an_export_that_was_cut_off_is_refused_before_anything_is_written() {
    on_sqlite(|source| {
        lived_in(source);
        let whole = export(source);
        on_sqlite(|target| {
            let cut = whole[..whole.len() / 2].join("\n");
            let done = import(target, cut.as_bytes());
            assert_eq!((done.state, done.counts.created), (ImportState::Failed, 0));
            assert!(done.problem.unwrap().contains("cut off"));
            let mut missing = whole.clone();
            missing.remove(5);
            let done = import(target, missing.join("\n").as_bytes());
            assert!(done.problem.is_some_and(|problem| problem.contains("not whole")));
        });
    });
}

#[test]
fn a_dry_run_of_an_export_says_what_the_real_run_does() {
    on_sqlite(|source| {
        lived_in(source);
        let bytes = export(source).join("\n");
        on_each_database(|target| {
            let dry = ImportOptions { dry_run: true, ..ImportOptions::default() };
            let said = import_with(target, bytes.as_bytes(), dry.clone());
            let done = import(target, bytes.as_bytes());
            assert_eq!((said.counts, said.counts.rejected), (done.counts, 0), "{:?}", errors(target, said.id));
            let again = import_with(target, bytes.as_bytes(), dry);
            assert_eq!(again.counts.unchanged, done.counts.read);
        });
    });
}
