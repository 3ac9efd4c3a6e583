//! An export brings everything back with its ids; a backup is the database itself.

use std::io::Write;

use hearback::domain::{
    Actor, DEFAULT_PRODUCT, FeedbackQuery, Id, ImportJob, ImportState, NewFeedback, Paging, decode::decode,
};
use hearback::error::{Code, Result};
use hearback::store::themes::{self, NewTheme};
use hearback::store::{Store, Tx, feedback_list, imports, placing, products as stored_products};
use hearback::usecase::{exporting, intake};
use serde_json::{Value, json};

use super::{counts, errors, import, on_each_database, on_sqlite, open};

fn export(store: &Store) -> Vec<String> {
    let mut out = Vec::new();
    exporting::export(store, &mut out).unwrap();
    out.flush().unwrap();
    String::from_utf8(out).unwrap().lines().map(str::to_owned).collect()
}

/// An instance in which something of everything happened.
fn lived_in(store: &Store) {
    let inputs: Vec<NewFeedback> = (0..700)
        .map(|n| {
            decode(json!({
                "text": format!("환불 {n} isn't \"here\" yet \\u0000"), "title": "t", "rating": n % 5 + 1,
                "tags": ["a", "b"], "fields": {"plan": {"b": [1.5, null], "a": "x"}}, "external_id": n.to_string(), "origin": "crm",
                "customer": {"external_id": (n % 90).to_string(), "email": format!("c{}@example.com", n % 90),
                    "account": {"name": format!("Account {}", n % 7), "annual_value": {"amount_minor": 5, "currency": "USD"}}},
            }))
            .unwrap()
        })
        .collect();
    let ids = store.write_now(Actor::COMMAND, move |tx| file(tx, &inputs)).unwrap();
    let theme = NewTheme { id: Id::next(), product: DEFAULT_PRODUCT, label: "Refunds".to_owned() };
    let id = theme.id;
    store
        .write_now(Actor::COMMAND, move |tx| {
            themes::insert(tx, std::slice::from_ref(&theme))?;
            let placed: Vec<(Id, Id, f64)> =
                ids.iter().enumerate().map(|(n, item)| (*item, id, (n as f64).sqrt() / 27.0)).collect();
            placing::place(tx, &placed)?;
            stored_products::next_story_number(tx, DEFAULT_PRODUCT).map(drop)
        })
        .unwrap();
}

fn file(tx: &mut Tx<'_>, inputs: &[NewFeedback]) -> Result<Vec<Id>> {
    intake::file(tx, inputs)?.into_iter().map(|filed| filed.map(|f| f.feedback.id)).collect()
}

#[test]
fn an_export_imports_into_an_empty_instance_with_the_same_ids() {
    on_sqlite(|source| {
        lived_in(source);
        let before = export(source);
        assert!(before.len() > 700 + 90 + 90 + 7);
        assert_eq!(serde_json::from_str::<Value>(&before[0]).unwrap()["hearback"], "export");
        let bytes = before.join("\n");
        on_each_database(|target| {
            let done = import(target, bytes.as_bytes());
            assert_eq!((done.state, done.counts.rejected), (ImportState::Done, 0), "{:?}", errors(target, done.id));
            assert_eq!(done.counts.created, before.len() as i64 - 1);
            let (mut left, mut right) = (before[1..].to_vec(), export(target)[1..].to_vec());
            left.sort_unstable();
            right.sort_unstable();
            assert_eq!(left, right);
            // What was grouped is found again, and again changes nothing.
            let query = FeedbackQuery { q: Some("환불 17".to_owned()), ..FeedbackQuery::default() };
            let paging = Paging::new(None, None, String::new()).unwrap();
            let found = target.read_now(|conn| feedback_list::list(conn, &query, &paging)).unwrap();
            assert_eq!(found.data[0].theme.as_ref().unwrap().label, "Refunds");
            let again = import(target, bytes.as_bytes());
            assert_eq!(again.counts, counts(done.counts.read, 0, 0, done.counts.read, 0));
        });
    });
}

#[test]
fn a_row_of_an_export_that_does_not_fit_costs_only_itself() {
    on_sqlite(|source| {
        lived_in(source);
        let mut lines = export(source);
        // An account is missing: its customers can't come back, nor what they said; a state from the future can't either.
        lines.retain(|line| !line.contains("\"type\":\"account\"") || !line.contains("Account 3"));
        lines.push(
            lines
                .iter()
                .find(|line| line.contains("\"type\":\"feedback\""))
                .unwrap()
                .replace("\"grouped\"", "\"melted\""),
        );
        lines.push("{\"type\":\"surprise\",\"id\":1}".to_owned());
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
        let end = hearback::jobs::import::work_off(store, &claim, lines.as_bytes(), &mut |_| true).unwrap();
        assert!(matches!(end, hearback::jobs::import::End::Failed(problem) if problem.contains("admin")));
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
        assert_eq!(export(&copied)[1..], export(store)[1..]);
        copied.close();
        assert_eq!(store.backup(&copy).unwrap_err().code, Code::Conflict);
    });
}
