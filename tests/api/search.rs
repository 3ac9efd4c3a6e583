//! Full-text search: the same texts give the same answers on both databases.

use serde_json::{Value, json};

use crate::support::{Kind, World, on_each_world};

const CORPUS: [&str; 9] = [
    "환불신청이 아직 처리되지 않았어요",
    "결제 오류 때문에 환불 받고 싶어요",
    "アプリの支払いができない",
    "退款申请一直没有处理",
    "The Refund still hasn't arrived",
    "refund status page shows an error; STATUS unknown",
    "Straße und Überweisung, e-mail@example.com",
    "支付失败，请尽快退款",
    "카드3장 PG사결제 ﾊﾟｽﾜｰﾄﾞ ＡＢＣ",
];

/// Positions of the found texts, in the order of the answer.
fn found(server: &World, query: &str) -> Vec<usize> {
    let encoded: String = query.bytes().map(|b| format!("%{b:02X}")).collect();
    let rows = server.walk(&format!("/v1/feedback?limit=2&q={encoded}"), || ());
    rows.iter().map(|row| row["external_id"].as_str().unwrap().parse().unwrap()).collect()
}

#[test]
fn words_are_found_in_every_script() {
    on_each_world(|server| {
        for (n, text) in CORPUS.iter().enumerate() {
            server.file(&json!({ "text": text, "external_id": n.to_string() }));
        }
        let cases: &[(&str, &[usize])] = &[
            // two characters of Korean, Japanese, Chinese, anywhere in a run
            ("환불", &[1, 0]),
            ("신청", &[0]),
            ("환불신청", &[0]),
            ("支払", &[2]),
            ("払い", &[2]),
            ("アプリ", &[2]),
            ("退款", &[7, 3]),
            ("申请", &[3]),
            ("환", &[1, 0]),
            ("불환", &[]),
            // Latin words, whatever their case and width
            ("refund", &[5, 4]),
            ("REFUND", &[5, 4]),
            ("überweisung", &[6]),
            ("ÜBERWEISUNG STRASSE", &[6]),
            ("refun", &[]),
            ("abc", &[8]),
            ("パスワード", &[8]),
            ("PG사결제", &[8]),
            ("카드3장", &[8]),
            // all words, in any order; phrases in theirs
            ("status refund", &[5]),
            ("결제 환불", &[1]),
            ("\"refund status\"", &[5]),
            ("\"status refund\"", &[]),
            ("e-mail", &[6]),
            ("mail-e", &[]),
            // what means something to a database means nothing here
            ("refund OR arrived", &[]),
            ("refund AND", &[]),
            ("NOT refund", &[]),
            ("refund*", &[5, 4]),
            ("terms:refund", &[]),
            ("refund' OR '1'='1", &[]),
            ("refund & !status | ( <-> ", &[5]),
            ("\"refund", &[5, 4]),
            ("\"", &[]),
            ("!!! *** ---", &[]),
            ("\\ ' :* refund", &[5, 4]),
        ];
        for (query, expected) in cases {
            assert_eq!(found(server, query), *expected, "{query}");
        }
    });
}

#[test]
fn both_spellings_of_a_word_are_found() {
    let texts = [
        "Please support C++ on Android",
        "Please support C# on Android",
        "Vitamin C tracking please",
        "🔥🔥🔥",
        "refunds are slow",
        "Café payment failed",
        "e-mail not sent",
    ];
    on_each_world(|server| {
        for (n, text) in texts.iter().enumerate() {
            server.file(&json!({ "text": text, "external_id": n.to_string() }));
        }
        let cases: &[(&str, &[usize])] = &[
            ("C++", &[0]),
            ("c#", &[1]),
            ("🔥", &[3]),
            ("refund", &[4]),
            ("cafe", &[5]),
            ("café", &[5]),
            ("email", &[6]),
            ("emails", &[6]),
        ];
        for (query, expected) in cases {
            assert_eq!(found(server, query), *expected, "{query}");
        }
    });
}

#[test]
fn titles_are_searched_and_old_words_are_forgotten() {
    on_each_world(|server| {
        server.file(&json!({ "text": "It is slow", "title": "Login page", "external_id": "0" }));
        assert_eq!(found(server, "login slow"), [0]);
        server.post("/v1/feedback", json!({ "text": "It is fast", "title": "Start page", "external_id": "0" }));
        assert!(found(server, "login").is_empty(), "words of the old title");
        assert!(found(server, "slow").is_empty(), "words of the old text");
        assert_eq!(found(server, "start fast"), [0]);

        let id = server.ids("/v1/feedback").remove(0);
        let change = server.request("PATCH", &format!("/v1/feedback/{id}"));
        let changed = change.header("Content-Type", "application/merge-patch+json").body(r#"{"text":"환불"}"#).send();
        if changed.status == 405 {
            return;
        }
        assert_eq!(changed.status, 200, "{changed:?}");
        assert_eq!((found(server, "fast"), found(server, "환불")), (vec![], vec![0]));
    });
}

#[test]
fn a_very_long_text_is_found_by_its_beginning() {
    on_each_world(|server| {
        let words: String = (0..8_000).map(|n| format!("w{n} ")).collect();
        server.file(&json!({ "text": words, "external_id": "0" }));
        server.file(&json!({ "text": "같은 말 ".repeat(9_000), "external_id": "1" }));
        server.file(&json!({ "text": "x".repeat(65_536), "external_id": "2" }));
        assert_eq!((found(server, "w3 w4"), found(server, "w7999")), (vec![0], vec![]));
        assert_eq!(found(server, "같은"), [1]);
        assert_eq!(found(server, &"x".repeat(500)), [2]);
    });
}

#[test]
fn among_many_frequent_words_and_old_ones_are_found_in_order() {
    on_each_world(|server| {
        let text = |n: usize| match n {
            // Two words that never meet, a pair only the oldest have, and one that everything has.
            0..25 => "orchid lantern everywhere",
            n if n % 2 == 0 => "odd everywhere",
            _ => "even everywhere",
        };
        let items: Vec<Value> = (0..1_300).map(|n| json!({ "text": text(n), "external_id": n.to_string() })).collect();
        for items in items.chunks(650) {
            server.post("/v1/feedback/batch", json!({ "feedback": items }));
        }
        let page = |query: &str, limit: usize| -> Vec<usize> {
            let rows = server.walk(&format!("/v1/feedback?limit={limit}&q={query}"), || ());
            rows.iter().map(|row| row["external_id"].as_str().unwrap().parse().unwrap()).collect()
        };
        assert_eq!(page("orchid%20lantern", 10), (0..25).rev().collect::<Vec<_>>());
        assert_eq!(page("everywhere", 200), (0..1_300).rev().collect::<Vec<_>>());
        assert!(page("odd%20even", 20).is_empty());
    });
}

/// A search on PostgreSQL reads the newest rows and fetches matches by the index, in turn and further each time. Wherever it
/// ends, it finds the same in the same order.
#[test]
fn what_lies_behind_many_other_rows_is_found_in_order() {
    on_each_world(|server| {
        let items: Vec<Value> =
            (0..450).map(|n| json!({ "text": "orchid lantern", "external_id": n.to_string() })).collect();
        server.post("/v1/feedback/batch", json!({ "feedback": items }));
        let newest: Vec<usize> = (420..450).rev().collect();
        let mut beside = 0;
        for more in [0, 6_000, 20_000] {
            if server.database.kind == Kind::Postgres {
                // Rows of the index alone, newer than all feedback.
                server.database.run(&format!(
                    "INSERT INTO feedback_search (feedback_id, terms) SELECT \
                     ('ffffffff-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid, '''orchid'':1'::tsvector \
                     FROM generate_series({beside} + 1, {more}) AS n; ANALYZE feedback_search"
                ));
                beside = more;
            }
            let page = server.get("/v1/feedback?limit=30&q=orchid+lantern").json();
            let rows = page["data"].as_array().unwrap().iter();
            let found: Vec<usize> = rows.map(|row| row["external_id"].as_str().unwrap().parse().unwrap()).collect();
            assert_eq!(found, newest, "behind {beside} rows");
        }
    });
}
