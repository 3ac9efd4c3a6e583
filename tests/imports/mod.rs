//! Imports file every row once, even if other rows are invalid or the reading was interrupted; an import of an export
//! restores everything with its ids.

mod cases;
mod command;
mod decided;
mod earlier_exports;
mod lived_in;
mod lived_in_law;
mod people;
mod reported;
mod restoring;

use std::time::Duration;

use hearback::clock::Clock;
use hearback::domain::{
    base::{Actor, Id, Paging, decode::decode},
    feedback::{FeedbackQuery, Import, ImportCounts, ImportJob, ImportOptions, ImportState},
    team::{DEFAULT_PRODUCT, FilingRights},
};
use hearback::error::Code;
use hearback::jobs::feedback::import::Imports;
use hearback::store::{
    Location, Store,
    feedback::{self, importing::import_notes, imports},
    team::products as stored_products,
};
use hearback::usecase::feedback::import_options;
use hearback::usecase::team::products;
use serde_json::json;

use crate::support::eventually;

fn open(url: &str) -> Store {
    let store = Store::open(Location::parse(url).unwrap(), Clock::default()).unwrap();
    store.migrate().unwrap();
    store.write_now(Actor::COMMAND, products::ensure_default_product).unwrap();
    store
}

/// Runs a test on an empty database.
fn on_sqlite(test: impl Fn(&Store)) {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&format!("sqlite://{}/hearback.db", folder.path().display()));
    test(&store);
    store.close();
}

/// Runs a test on an empty database of each kind.
fn on_each_database(test: impl Fn(&Store) + Sync) {
    crate::support::on_each_store(test);
}

/// Uploads a file in small pieces, as the API does; returns its import.
fn upload(store: &Store, file: &[u8], options: ImportOptions) -> Id {
    let id = Id::next();
    let job = ImportJob {
        options,
        may_restore: true,
        by_command: false,
        rights: FilingRights::ALL,
        charset: None,
        products: None,
    };
    let actor = Actor { kind: "service", id: Some(Id::next()) };
    store.write_now(actor.clone(), move |tx| imports::begin(tx, id, &job, 0, None)).unwrap();
    for (number, piece) in file.chunks(1000).enumerate() {
        let piece = piece.to_vec();
        store.write_now(actor.clone(), move |tx| imports::add_chunk(tx, id, number as i32, &piece)).unwrap();
    }
    store.write_now(actor, move |tx| imports::queue(tx, id)).unwrap();
    id
}

fn import_with(store: &Store, file: &[u8], options: ImportOptions) -> Import {
    let id = upload(store, file, options);
    let worker = Imports::new(store.clone());
    assert_eq!(worker.step(&mut |_| true).unwrap(), Some(id));
    worker.sweep().unwrap();
    store.read_now(|conn| imports::get(conn, id)).unwrap()
}

fn import(store: &Store, file: &[u8]) -> Import {
    import_with(store, file, ImportOptions::default())
}

fn counts(read: i64, created: i64, updated: i64, unchanged: i64, rejected: i64) -> ImportCounts {
    ImportCounts { read, created, updated, unchanged, rejected, ..ImportCounts::default() }
}

/// The counts of rows without those of warnings.
fn rows_of(import: &Import) -> ImportCounts {
    let ImportCounts { read, created, updated, unchanged, rejected, .. } = import.counts;
    counts(read, created, updated, unchanged, rejected)
}

fn warnings(store: &Store, id: Id) -> Vec<(Option<i64>, String, String)> {
    let paging = Paging::new(Some(200), None, String::new()).unwrap();
    let page = store.read_now(|conn| import_notes::warnings(conn, id, &paging)).unwrap();
    page.data.into_iter().map(|w| (w.row, w.field.unwrap_or_default(), w.code)).collect()
}

fn errors(store: &Store, id: Id) -> Vec<(i64, String, String)> {
    let paging = Paging::new(Some(200), None, String::new()).unwrap();
    let page = store.read_now(|conn| import_notes::errors(conn, id, &paging)).unwrap();
    page.data.into_iter().map(|e| (e.row, e.code, e.detail)).collect()
}

/// The number of feedback items, counted by reading the whole list.
fn all_feedback(store: &Store) -> Vec<hearback::domain::feedback::Feedback> {
    let (mut all, mut cursor) = (Vec::new(), None::<String>);
    loop {
        let paging = Paging::new(Some(200), cursor.as_deref(), "all".to_owned()).unwrap();
        let page = store.read_now(|conn| feedback::list::list(conn, &FeedbackQuery::default(), &paging)).unwrap();
        all.extend(page.data);
        cursor = page.next_cursor;
        if cursor.is_none() {
            return all;
        }
    }
}

#[test]
fn the_same_file_twice_creates_nothing_new() {
    on_each_database(|store| {
        // Rows with an id, without one, and without one twice.
        let file = "id,text,customer.email\n1,Refund is late,kim@example.com\n,Dark mode please,\n,Dark mode please,\n";
        let first = import(store, file.as_bytes());
        assert_eq!((first.state, first.counts), (ImportState::Done, counts(3, 3, 0, 0, 0)));
        assert_eq!(first.bytes, file.len() as i64);
        let again = import(store, file.as_bytes());
        assert_eq!(again.counts, counts(3, 0, 0, 3, 0));
        // In another order, and with one more of the same.
        let more = "text,id\nDark mode please,\nDark mode please,\nDark mode please,\nRefund is very late,1\n";
        assert_eq!(import(store, more.as_bytes()).counts, counts(4, 1, 1, 2, 0));
        assert_eq!(all_feedback(store).len(), 4);
    });
}

#[test]
fn a_kill_in_the_middle_loses_and_doubles_nothing() {
    on_each_database(|store| {
        // Every third row says the same, every seventh is broken.
        let mut file = String::from("text,product\n");
        for n in 0..3_000 {
            let text = if n % 3 == 0 { "Please add dark mode".to_owned() } else { format!("Row {n} does not work") };
            let product = if n % 7 == 0 { "NONE" } else { "HB" };
            file += &format!("{text},{product}\n");
        }
        let broken = (0..3_000).filter(|n| n % 7 == 0).count() as i64;
        let id = upload(store, file.as_bytes(), ImportOptions::default());
        // Dies after the first batch, while the second one is written, without a word: its claim runs out.
        let first = Imports::new(store.clone());
        let died = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            first.step(&mut |counts| {
                assert!(counts.read < 500, "killed");
                true
            })
        }));
        assert!(died.is_err());
        // This process lives on, and with it the write that was under way.
        let halfway = || store.read_now(|conn| imports::get(conn, id)).unwrap();
        eventually("two batches are written", Duration::from_secs(10), || halfway().counts.read == 1_000);
        assert_eq!(halfway().state, ImportState::Running);
        let other = Imports::new(store.clone());
        assert_eq!(other.step(&mut |_| true).unwrap(), None, "it is claimed still");
        store.clock.advance(imports::CLAIM + 1);
        // The next stops in order after one batch, and yet another goes on at once.
        assert_eq!(other.step(&mut |_| false).unwrap(), Some(id));
        let third = Imports::new(store.clone());
        assert_eq!(third.step(&mut |_| true).unwrap(), Some(id));

        let done = store.read_now(|conn| imports::get(conn, id)).unwrap();
        assert_eq!(done.state, ImportState::Done);
        assert_eq!(done.counts, counts(3_000, 3_000 - broken, 0, 0, broken));
        assert_eq!(all_feedback(store).len() as i64, 3_000 - broken);
        assert_eq!(import(store, file.as_bytes()).counts, counts(3_000, 0, 0, 3_000 - broken, broken));
    });
}

#[test]
fn a_worker_that_lost_its_claim_changes_nothing_more() {
    on_sqlite(|store| {
        let file: String = (0..1_500).map(|n| format!("{{\"text\":\"t{n}\",\"external_id\":\"{n}\"}}\n")).collect();
        let id = upload(store, file.as_bytes(), ImportOptions::default());
        let (slow, fast) = (Imports::new(store.clone()), Imports::new(store.clone()));
        let mut overtaken = false;
        slow.step(&mut |_| {
            if !std::mem::replace(&mut overtaken, true) {
                store.clock.advance(imports::CLAIM + 1);
                assert_eq!(fast.step(&mut |_| true).unwrap(), Some(id));
            }
            true
        })
        .unwrap();
        let done = store.read_now(|conn| imports::get(conn, id)).unwrap();
        assert_eq!((done.state, done.counts), (ImportState::Done, counts(1_500, 1_500, 0, 0, 0)));
    });
}

#[test]
fn good_rows_go_in_among_bad_ones_and_each_bad_one_says_why_without_its_content() {
    on_each_database(|store| {
        let rows = [
            json!({"text": "fine"}),
            json!({"text": "", "rating": 4, "language": "secret language"}),
            json!({"text": "also fine", "product": "hb"}),
            json!({"text": "lost", "product": "SECRET"}),
            json!({"text": "a\u{0}b"}),
            json!(["no object"]),
            json!({"text": "last", "customer": {"email": "secret"}}),
        ];
        let mut file: String = rows.iter().map(|row| format!("{row}\n")).collect();
        file += "{\"text\": secret}\n";
        let done = import(store, file.as_bytes());
        assert_eq!((done.state, rows_of(&done)), (ImportState::Done, counts(8, 4, 0, 0, 3)));
        assert_eq!((done.counts.skipped, done.counts.warned), (1, 2));
        let errors = errors(store, done.id);
        let codes: Vec<(i64, &str)> = errors.iter().map(|(row, code, _)| (*row, code.as_str())).collect();
        assert_eq!(codes, [(4, "unknown"), (6, "malformed_row"), (8, "malformed_row")]);
        let said: Vec<(i64, String, String)> =
            warnings(store, done.id).into_iter().filter_map(|(row, field, code)| Some((row?, field, code))).collect();
        let expected = [(2, "", "no_words"), (5, "", "nul_character"), (7, "customer.email", "invalid_email")];
        assert_eq!(said, expected.map(|(row, field, code)| (row, field.to_owned(), code.to_owned())));
        assert!(errors.iter().all(|(_, _, detail)| !detail.to_lowercase().contains("secret")), "{errors:?}");
    });
}

#[test]
fn ten_thousand_broken_rows_are_counted_and_the_first_thousand_listed() {
    on_each_database(|store| {
        let mut file = String::from("{\"text\": \"a good one first\"}\n");
        (0..10_000).for_each(|_| file += "{\"text\": broken}\n");
        let done = import(store, file.as_bytes());
        assert_eq!((done.state, rows_of(&done)), (ImportState::Done, counts(10_001, 1, 0, 0, 10_000)));
        let (mut seen, mut cursor) = (0, None::<String>);
        loop {
            let paging = Paging::new(Some(200), cursor.as_deref(), "errors".to_owned()).unwrap();
            let page = store.read_now(|conn| import_notes::errors(conn, done.id, &paging)).unwrap();
            for error in &page.data {
                seen += 1;
                assert_eq!((error.row, error.code.as_str()), (seen + 1, "malformed_row"));
            }
            cursor = page.next_cursor;
            if cursor.is_none() {
                break;
            }
        }
        assert_eq!(seen, import_notes::KEPT);
    });
}

#[test]
fn a_korean_file_in_cp949_is_filed_as_it_was_written() {
    on_each_database(|store| {
        let text = "본문;고객;일시\n환불이 아직도 안 됐어요;민지;2026-11-02 09:41\n\"앱이\n자꾸 꺼져요\";;\n";
        let (bytes, _, _) = encoding_rs::EUC_KR.encode(text);
        let mapping = json!({"text": "본문", "customer.name": "고객", "occurred_at": "일시"});
        let options = ImportOptions { mapping: Some(mapping), ..ImportOptions::default() };
        let done = import_with(store, &bytes, options);
        assert_eq!((done.state, rows_of(&done)), (ImportState::Done, counts(2, 2, 0, 0, 0)), "{:?}", done.problem);
        let filed = all_feedback(store);
        assert_eq!(filed[1].text, "환불이 아직도 안 됐어요");
        assert_eq!(filed[1].customer.as_ref().unwrap().name.as_deref(), Some("민지"));
        assert_eq!(filed[1].language.as_deref(), Some("ko"));
        assert_eq!(filed[0].text, "앱이\n자꾸 꺼져요");
    });
}

#[test]
fn options_fill_in_what_rows_leave_open() {
    on_sqlite(|store| {
        let won = decode(json!({"key": "PAY", "name": "Paylo", "currency": "KRW"})).unwrap();
        let product = store.write_now(Actor::COMMAND, move |tx| products::create(tx, &won)).unwrap();
        let file = "text,source,origin,product,customer.account.name,customer.account.annual_value\n\
                    one,,,,Blue Bakery,1200\ntwo,chat,elsewhere,HB,Red Bakery,1200\n";
        let options = ImportOptions {
            product: Some("PAY".to_owned()),
            source: Some(hearback::domain::feedback::Source::Survey),
            origin: Some("spring survey".to_owned()),
            ..ImportOptions::default()
        };
        assert_eq!(rows_of(&import_with(store, file.as_bytes(), options)), counts(2, 2, 0, 0, 0));
        let filed = all_feedback(store);
        assert_eq!(
            (filed[1].product_id, filed[1].source.as_str(), filed[1].origin.as_str()),
            (product.id, "survey", "spring survey")
        );
        assert_eq!(
            (filed[0].product_id, filed[0].source.as_str(), filed[0].origin.as_str()),
            (DEFAULT_PRODUCT, "chat", "elsewhere")
        );
        let value = |name: &str| {
            let paging = Paging::new(None, None, String::new()).unwrap();
            let named = hearback::domain::feedback::AccountQuery { name: Some(name.to_owned()), ..Default::default() };
            let accounts = store
                .read_now(|conn| hearback::store::feedback::customers::list_accounts(conn, &named, &paging))
                .unwrap();
            let value = accounts.data[0].annual_value.clone().unwrap();
            (value.amount_minor, value.currency)
        };
        assert_eq!(value("Blue Bakery"), (1_200, "KRW".to_owned()));
        assert_eq!(value("Red Bakery"), (120_000, "USD".to_owned()));
        let due = store.read_now(stored_products::refinements).unwrap();
        assert!(due.iter().all(|product| product.due), "both products are refined once");
    });
}

#[test]
fn a_preset_names_the_origin() {
    on_sqlite(|store| {
        let ticket = json!({"id": 35436, "subject": "Refund", "description": "The refund is late", "requester_id": 1,
                            "submitter_id": 1, "via": {"channel": "web"}, "created_at": "2026-10-01T10:00:00Z",
                            "status": "open", "url": "https://x.zendesk.com/api/v2/tickets/35436.json"});
        let done = import(store, json!({"tickets": [ticket]}).to_string().as_bytes());
        assert_eq!(rows_of(&done), counts(1, 1, 0, 0, 0), "{:?}", done.problem);
        assert!(warnings(store, done.id).iter().any(|(_, _, code)| code == "ids_only"));
        let filed = all_feedback(store);
        assert_eq!((filed[0].origin.as_str(), filed[0].external_id.as_deref()), ("zendesk", Some("35436")));
    });
}

#[test]
fn a_dry_run_counts_and_files_nothing() {
    on_each_database(|store| {
        let file = b"text,product\ngood,HB\nbad,no\n";
        let options = ImportOptions { dry_run: true, ..ImportOptions::default() };
        let done = import_with(store, file, options);
        assert_eq!((done.state, done.counts), (ImportState::Done, counts(2, 1, 0, 0, 1)));
        assert_eq!(errors(store, done.id).len(), 1);
        assert!(all_feedback(store).is_empty());
        assert!(store.read_now(stored_products::refinements).unwrap().iter().all(|product| !product.due));
        assert_eq!(import(store, file).counts, counts(2, 1, 0, 0, 1));
    });
}

#[test]
fn a_file_that_means_nothing_fails_with_a_sentence() {
    on_sqlite(|store| {
        let done = import(store, b"Body,Note\nx,y\n");
        assert_eq!((done.state, done.counts), (ImportState::Failed, counts(0, 0, 0, 0, 0)));
        let problem = done.problem.unwrap();
        assert!(problem.contains("Body, Note") && problem.ends_with('.'), "{problem}");
        assert!(done.finished_at.is_some());
        let empty = import(store, b"");
        assert_eq!((empty.state, empty.counts), (ImportState::Done, counts(0, 0, 0, 0, 0)));
    });
}

#[test]
fn wrong_options_are_all_named() {
    on_sqlite(|store| {
        let options = ImportOptions {
            format: Some("xml".to_owned()),
            preset: Some("nobody".to_owned()),
            mapping: Some(json!({"txet": "Body", "tags": 1})),
            product: Some("NONE".to_owned()),
            ..ImportOptions::default()
        };
        let error = store.read_now(|conn| import_options::check(conn, options.clone())).unwrap_err();
        let mut pointers: Vec<&str> = error.fields.iter().map(|field| field.pointer.as_str()).collect();
        pointers.sort_unstable();
        assert_eq!(pointers, ["/format", "/mapping/tags", "/mapping/txet", "/preset", "/product"]);
    });
}

#[test]
fn an_upload_that_breaks_off_is_never_shown_and_soon_gone() {
    on_sqlite(|store| {
        let id = Id::next();
        store.write_now(Actor::COMMAND, move |tx| imports::begin(tx, id, &ImportJob::default(), 0, None)).unwrap();
        store.write_now(Actor::COMMAND, move |tx| imports::add_chunk(tx, id, 0, b"text\nx\n")).unwrap();
        let worker = Imports::new(store.clone());
        let hidden = |store: &Store| store.read_now(|conn| imports::get(conn, id)).unwrap_err().code;
        assert_eq!(hidden(store), Code::NotFound);
        worker.sweep().unwrap();
        assert_eq!(worker.step(&mut |_| true).unwrap(), None);
        store.clock.advance(imports::UPLOAD + 1);
        worker.sweep().unwrap();
        assert!(store.read_now(|conn| imports::chunk(conn, id, 0)).unwrap().is_none());
        let late = store.write_now(Actor::COMMAND, move |tx| imports::queue(tx, id));
        assert_eq!(late.unwrap_err().code, Code::RequestTimeout);
    });
}
