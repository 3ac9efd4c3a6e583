//! Files as people really export them: problems in other fields never lose a customer's words. How to read a file is
//! decided from the whole file and reported, and the file is refused if that can't be decided.

use encoding_rs::{EUC_KR, SHIFT_JIS, WINDOWS_1252};
use hearback::domain::{
    base::Paging,
    feedback::{Feedback, Import, ImportOptions, ImportState},
};
use hearback::store::{Store, feedback::customers};
use serde_json::{Value, json};

use super::people::ticket;
use super::{all_feedback, counts, import, import_with, on_sqlite, rows_of, warnings};

/// Options with a mapping.
pub(super) fn mapped(mapping: Value) -> ImportOptions {
    ImportOptions { mapping: Some(mapping), ..ImportOptions::default() }
}

/// Imports a file into an empty instance; every row must be accepted. Returns the feedback in the order of the file.
pub(super) fn filed(file: &[u8], options: ImportOptions) -> Vec<Feedback> {
    let mut all = Vec::new();
    let found = std::cell::RefCell::new(&mut all);
    on_sqlite(|store| {
        let done = import_with(store, file, options.clone());
        assert_eq!(
            (done.state, done.counts.rejected),
            (ImportState::Done, 0),
            "{:?} {:?}",
            done.problem,
            super::errors(store, done.id)
        );
        let mut filed = all_feedback(store);
        filed.reverse();
        found.borrow_mut().extend(filed);
    });
    all
}

fn texts(filed: &[Feedback]) -> Vec<&str> {
    filed.iter().map(|feedback| feedback.text.as_str()).collect()
}

fn times(filed: &[Feedback]) -> Vec<String> {
    filed.iter().map(|feedback| feedback.occurred_at.to_string()).collect()
}

/// The reason why a file is refused as a whole; checks that nothing of it was filed.
fn refused(file: &[u8], options: ImportOptions) -> String {
    let problem = std::cell::RefCell::new(String::new());
    on_sqlite(|store| {
        let done = import_with(store, file, options.clone());
        assert_eq!((done.state, done.counts.created), (ImportState::Failed, 0));
        assert!(all_feedback(store).is_empty());
        *problem.borrow_mut() = done.problem.unwrap();
    });
    problem.into_inner()
}

fn codes(store: &Store, done: &Import) -> Vec<String> {
    warnings(store, done.id).into_iter().map(|(_, _, code)| code).collect()
}

#[test]
fn a_file_in_another_encoding_is_read_as_it_was_written() {
    let western =
        "id,text\n1,I can’t pay since Tuesday\n2,It’s late – very late\n3,The “blue” card won’t work\n4,Crème brûlée\n";
    let said = filed(&WINDOWS_1252.encode(western).0, ImportOptions::default());
    assert_eq!(texts(&said)[..2], ["I can’t pay since Tuesday", "It’s late – very late"]);
    let japanese = "id,text\n1,支払いができません\n2,アプリがすぐに落ちます\n";
    assert_eq!(texts(&filed(&SHIFT_JIS.encode(japanese).0, ImportOptions::default()))[0], "支払いができません");
    let korean = "id,text\n1,결제가 안 됩니다\n2,앱이 자꾸 꺼져요\n";
    assert_eq!(texts(&filed(&EUC_KR.encode(korean).0, ImportOptions::default()))[1], "앱이 자꾸 꺼져요");
    on_sqlite(|store| {
        let done = import(store, &WINDOWS_1252.encode(western).0);
        assert_eq!(done.reading.unwrap().encoding, "windows-1252");
    });
}

#[test]
fn a_packed_file_is_unpacked_and_a_workbook_refused_with_what_to_do() {
    use std::io::Write;
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all("id,text\n1,환불이 늦어요\n".as_bytes()).unwrap();
    assert_eq!(texts(&filed(&packed.finish().unwrap(), ImportOptions::default())), ["환불이 늦어요"]);
    assert!(refused(b"PK\x03\x04 a workbook", ImportOptions::default()).contains("CSV UTF-8"));
}

#[test]
fn the_dates_of_a_column_are_read_in_one_order() {
    let day_first = b"id,text,occurred_at\n1,a,23/02/2024 10:00\n2,b,04/02/2024 10:00\n3,c,01/03/2024\n";
    let expected = ["2024-02-23T10:00:00Z", "2024-02-04T10:00:00Z", "2024-03-01T00:00:00Z"];
    assert_eq!(times(&filed(day_first, ImportOptions::default())), expected);
    let years_first =
        json!([{"t": "좋아요", "d": "16.09.27"}, {"t": "별로", "d": "24.4.16.화"}, {"t": "음", "d": "13.11.28"}]);
    let options = mapped(json!({"text": "t", "occurred_at": "d"}));
    let expected = ["2016-09-27T00:00:00Z", "2024-04-16T00:00:00Z", "2013-11-28T00:00:00Z"];
    assert_eq!(times(&filed(years_first.to_string().as_bytes(), options)), expected);
}

#[test]
fn dates_that_nothing_proves_are_refused_until_the_caller_says_what_they_mean() {
    let file = b"id,text,occurred_at\n1,a,03/04/2024\n2,b,05/06/2024\n";
    let problem = refused(file, ImportOptions::default());
    assert!(problem.contains("date_order") && problem.contains("occurred_at"), "{problem}");
    let options = ImportOptions { date_order: Some("day_first".to_owned()), ..ImportOptions::default() };
    assert_eq!(times(&filed(file, options)), ["2024-04-03T00:00:00Z", "2024-06-05T00:00:00Z"]);
}

#[test]
fn times_of_spreadsheets_and_of_other_zones_are_read() {
    let serial = b"id,text,occurred_at\n1,a,45400.5\n2,b,45401\n";
    assert_eq!(times(&filed(serial, ImportOptions::default())), ["2024-04-18T12:00:00Z", "2024-04-19T00:00:00Z"]);
    let options = ImportOptions { time_zone: Some("Asia/Seoul".to_owned()), ..ImportOptions::default() };
    let local = b"id,text,occurred_at\n1,a,2024-04-18 09:00\n2,b,2024-04-18T09:00:00Z\n";
    assert_eq!(times(&filed(local, options)), ["2024-04-18T00:00:00Z", "2024-04-18T09:00:00Z"]);
    let script = b"ID,Description,Created\nA-1,slow,Thu Apr 18 2024 12:00:00 GMT+0000 (GMT)\n";
    let options = mapped(json!({"text": "Description", "occurred_at": "Created", "external_id": "ID"}));
    assert_eq!(times(&filed(script, options)), ["2024-04-18T12:00:00Z"]);
}

#[test]
fn a_column_called_like_a_field_of_ours_that_is_another_thing_is_kept_aside() {
    let complaints =
        "Date received,Product,Narrative,ID\n04/18/2024,Card,I was charged twice.,7\n04/19/2024,Loan,They lost it.,8\n";
    let mapping = json!({"text": "Narrative", "external_id": "ID", "occurred_at": "Date received"});
    let said = filed(complaints.as_bytes(), mapped(mapping.clone()));
    assert_eq!(said[0].fields.0.get("Product").or(said[0].fields.0.get("product")), Some(&json!("Card")));
    let closed = json!({"text": "Narrative", "external_id": "ID", "occurred_at": "Date received", "product": null});
    assert!(filed(complaints.as_bytes(), mapped(closed))[0].fields.0.is_empty());
    let desk = json!([{"id": 7, "subject": "Card", "body": "My card is blocked", "source": 2, "requester": {"email": "eva@example.com"}}]);
    let options = mapped(json!({"text": "body", "title": "subject", "customer.email": "requester.email"}));
    let said = filed(desk.to_string().as_bytes(), options);
    assert_eq!((said[0].source.as_str(), said[0].fields.0.get("source")), ("other", Some(&json!(2))));
}

#[test]
fn ratings_of_any_scale_are_stars() {
    let stars =
        |file: &str| filed(file.as_bytes(), ImportOptions::default()).iter().map(|f| f.rating).collect::<Vec<_>>();
    let tens = stars("id,text,rating\n1,a,10\n2,b,6\n3,c,2\n");
    assert_eq!(tens, [Some(5), Some(3), Some(1)]);
    let written =
        "id,text,rating\n1,a,3.5\n2,b,4/5\n3,c,★★★\n4,d,２\n5,e,4점\n6,f,\"3,0\"\n7,g,Rated 5 out of 5 stars\n8,h,0\n";
    assert_eq!(stars(written), [Some(4), Some(4), Some(3), Some(2), Some(4), Some(3), Some(5), None]);
    let said = filed(written.as_bytes(), ImportOptions::default());
    assert_eq!(said[0].fields.0.get("rating"), Some(&json!("3.5")));
    let options = ImportOptions { rating_scale: Some(10), ..ImportOptions::default() };
    assert_eq!(filed(b"id,text,rating\n1,a,4\n", options)[0].rating, Some(2));
    // Nothing says what 7 is out of.
    assert_eq!(stars("id,text,rating\n1,a,7\n2,b,3\n"), [None, None]);
}

#[test]
fn rows_that_are_short_long_cut_or_broken_go_in() {
    on_sqlite(|store| {
        let done = import(
            store,
            b"id,text,rating,comment\n1,good card,5,x\n2,the card is blocked\n3,slow,3\n4,fine,4,x,y,z\n",
        );
        assert_eq!(
            (rows_of(&done), codes(store, &done)),
            (counts(4, 4, 0, 0, 0), vec!["wrong_column_count".to_owned()])
        );
    });
    let long = format!("{{\"id\":\"1\",\"text\":\"{}\"}}\n", "error log line ".repeat(5_000));
    assert_eq!(filed(long.as_bytes(), ImportOptions::default())[0].text.chars().count(), 65_536);
    let half = br#"[{"id":"1","text":"half of one \ud83d here"},{"id":"2","text":"a\u0000b"}]"#;
    assert_eq!(texts(&filed(half, ImportOptions::default())), ["half of one \u{FFFD} here", "a\u{FFFD}b"]);
}

#[test]
fn a_title_stands_in_for_a_text_and_what_has_no_words_is_said() {
    on_sqlite(|store| {
        let options = mapped(json!({"text": "Description", "title": "Summary", "external_id": "Key"}));
        let done = import_with(
            store,
            b"Summary,Key,Description\nPay fails,A-1,With a card\nExport hangs,A-2,\n,A-3,\n",
            options,
        );
        assert_eq!((rows_of(&done), done.counts.skipped), (counts(3, 2, 0, 0, 0), 1));
        assert_eq!(codes(store, &done), ["no_words"]);
        assert_eq!((all_feedback(store)[0].text.as_str(), &all_feedback(store)[0].title), ("Export hangs", &None));
    });
}

#[test]
fn the_origin_of_an_export_is_read_from_most_records() {
    let issue = |n: u32, user: Value| {
        json!({"number": n, "id": n, "title": "Crash", "html_url": format!("https://github.com/acme/app/issues/{n}"), "user": user,
               "body": "It crashes", "created_at": "2024-04-18T09:41:00Z", "labels": []})
    };
    let file = json!([issue(1, Value::Null), issue(2, json!({"login": "eva"}))]).to_string();
    assert_eq!(filed(file.as_bytes(), ImportOptions::default())[0].origin, "github");
    // Wrapped lines, with messages of another kind between them.
    let record = |id: u32| json!({"type": "RECORD", "stream": "tickets", "record": ticket(id, Value::Null)});
    let lines =
        [json!({"type": "SCHEMA", "stream": "tickets"}), record(1), record(2), json!({"type": "STATE", "value": {}})];
    let file: String = lines.iter().map(|line| format!("{line}\n")).collect();
    assert_eq!(filed(file.as_bytes(), ImportOptions::default())[1].origin, "zendesk");
    let options = mapped(json!({"text": "record.description", "external_id": "record.id"}));
    assert_eq!(texts(&filed(file.as_bytes(), options)).len(), 2);
}

#[test]
fn a_second_header_is_no_feedback() {
    let file = "Respondent ID,End Date,Would you recommend us?,What is missing?\n,,,Open-Ended Response\n\
                11,04/18/2024 09:45:00 AM,10 - Extremely likely,Widgets\n12,04/19/2024 09:45:00 AM,3,Cheaper plans\n";
    let mapping = json!({"text": "What is missing?", "external_id": "Respondent ID", "nps": "Would you recommend us?", "occurred_at": "End Date"});
    let said = filed(file.as_bytes(), mapped(mapping));
    assert_eq!(texts(&said), ["Widgets", "Cheaper plans"]);
    assert_eq!([said[0].nps, said[1].nps], [Some(10), Some(3)]);
}

#[test]
fn money_is_read_as_it_is_written_in_its_own_currency() {
    on_sqlite(|store| {
        let file = "id,text,customer.email,customer.account.name,customer.account.annual_value\n\
                    1,a,a@example.com,A,\"1.500,75 EUR\"\n2,b,b@example.com,B,\"$34,000\"\n3,c,c@example.com,C,\"₩7,000,000\"\n\
                    4,d,d@example.com,D,\"34,000\"\n5,e,e@example.com,E,a lot\n6,f,f@example.com,F,12.5 KWD\n";
        let done = import(store, file.as_bytes());
        assert_eq!((rows_of(&done), done.counts.warned), (counts(6, 6, 0, 0, 0), 1));
        let paging = Paging::new(None, None, String::new()).unwrap();
        let accounts =
            store.read_now(|conn| customers::list_accounts(conn, &Default::default(), &paging)).unwrap().data;
        let values: Vec<Option<(i64, String)>> = accounts
            .into_iter()
            .rev()
            .map(|a| a.annual_value.map(|value| (value.amount_minor, value.currency)))
            .collect();
        let expected = [
            Some((150_075, "EUR")),
            Some((3_400_000, "USD")),
            Some((7_000_000, "KRW")),
            Some((3_400_000, "USD")),
            None,
            Some((12_500, "KWD")),
        ];
        assert_eq!(values, expected.map(|value| value.map(|(minor, code)| (minor, code.to_owned()))));
    });
    on_sqlite(|store| {
        let file = "id,text,customer.account.name,ARR,Currency\n1,a,A,3600000,KRW\n2,b,B,12.50,EUR\n";
        let mapping =
            json!({"customer.account.annual_value": "ARR", "customer.account.annual_value.currency": "Currency"});
        import_with(store, file.as_bytes(), mapped(mapping));
        let paging = Paging::new(None, None, String::new()).unwrap();
        let accounts =
            store.read_now(|conn| customers::list_accounts(conn, &Default::default(), &paging)).unwrap().data;
        let values: Vec<i64> =
            accounts.iter().rev().filter_map(|a| Some(a.annual_value.as_ref()?.amount_minor)).collect();
        assert_eq!(values, [3_600_000, 1_250]);
    });
}

#[test]
fn a_mapping_to_nothing_is_said() {
    on_sqlite(|store| {
        let file = json!([{"id": 1, "body": "hello", "requester": {"email": "eva@example.com"}}]).to_string();
        let done =
            import_with(store, file.as_bytes(), mapped(json!({"text": "body", "customer.email": "requestor.email"})));
        assert_eq!(warnings(store, done.id)[0], (None, "customer.email".to_owned(), "unknown_column".to_owned()));
        let wrong = refused(file.as_bytes(), mapped(json!({"text": "bdy"})));
        assert!(wrong.contains("body"), "{wrong}");
    });
}
