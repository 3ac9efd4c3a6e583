//! Lists: filters, pages, cursors.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{World, eventually, on_each_program};

/// The external ids in a list, in order.
fn shown(server: &World, query: &str) -> Vec<String> {
    let rows = server.walk(&format!("/v1/feedback?{query}"), || ());
    rows.iter().map(|row| row["external_id"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn each_filter_shows_what_it_says() {
    on_each_program(|server| {
        let items = [
            json!({ "external_id": "a", "text": "Refund is late", "source": "ticket", "origin": "zendesk", "kind": "bug",
                    "severity": "high", "language": "en", "occurred_at": "2026-01-01T00:00:00Z", "tags": ["refund", "slow"],
                    "customer": {"email": "kim@example.com"} }),
            json!({ "external_id": "b", "text": "환불이 늦어요", "source": "chat", "origin": "zendesk", "kind": "complaint",
                    "severity": "low", "language": "ko", "occurred_at": "2026-02-01T00:00:00Z", "tags": ["refund"],
                    "customer": {"email": "lee@example.com"} }),
            json!({ "external_id": "c", "text": "Lovely colours", "source": "review", "origin": "store", "kind": "praise",
                    "language": "en", "occurred_at": "2026-03-01T00:00:00Z", "customer": {"email": "kim@example.com"} }),
        ];
        let filed: Vec<Value> = items.iter().map(|item| server.file(item)).collect();
        let kim = filed[0]["customer"]["id"].as_str().unwrap();
        let cases = [
            ("", "cba"),
            ("product=HB", "cba"),
            ("source=chat", "b"),
            ("origin=zendesk", "ba"),
            ("kind=praise", "c"),
            ("severity=high", "a"),
            ("language=en", "ca"),
            (&format!("customer={kim}"), "ca"),
            ("tag=refund", "ba"),
            ("tag=Refund", "ba"),
            ("since=2026-02-01T00:00:00Z", "cb"),
            ("until=2026-02-01T00:00:00Z", "a"),
            ("since=2026-01-15T00:00:00%2B09:00&until=2026-02-15T00:00:00Z", "b"),
            ("q=refund", "a"),
            ("q=%ED%99%98%EB%B6%88&origin=zendesk&source=chat", "b"),
            ("q=late&source=chat", ""),
            ("customer=0198c2c4-5b7e-7b2a-9d3c-6f0e4a1b2c3d", ""),
            ("state=dismissed", ""),
        ];
        for (query, expected) in cases {
            assert_eq!(shown(server, query).concat(), expected, "{query}");
        }
        let id = filed[2]["product_id"].as_str().unwrap();
        assert_eq!(shown(server, &format!("product={id}")).concat(), "cba", "a product by its id");
    });
}

#[test]
fn feedback_is_listed_by_theme_once_it_is_grouped() {
    on_each_program(|server| {
        let id = server.file(&json!({ "text": "The refund has not arrived", "external_id": "a" }))["id"].clone();
        let path = format!("/v1/feedback/{}", id.as_str().unwrap());
        eventually("grouped", Duration::from_secs(20), || server.get(&path).json()["state"] == "grouped");
        let theme = server.get(&path).json()["theme"]["id"].as_str().unwrap().to_owned();
        assert_eq!(shown(server, &format!("theme={theme}")), ["a"]);
        assert_eq!(shown(server, "state=grouped"), ["a"]);
        assert!(shown(server, "state=pending").is_empty());
    });
}

#[test]
fn a_walk_shows_everything_once_while_rows_are_inserted() {
    on_each_program(|server| {
        let batch: Vec<Value> = (0..60).map(|n| json!({ "text": format!("early {n}") })).collect();
        assert_eq!(server.post("/v1/feedback/batch", json!({ "feedback": batch })).status, 200);
        let stop = AtomicBool::new(false);
        for query in ["/v1/feedback?limit=7", "/v1/feedback?limit=7&q=early"] {
            stop.store(false, Ordering::Relaxed);
            let rows = std::thread::scope(|scope| {
                let insert = || {
                    while !stop.load(Ordering::Relaxed) {
                        server.file(&json!({ "text": "late" }));
                    }
                };
                scope.spawn(insert);
                let rows = server.walk(query, || std::thread::sleep(Duration::from_millis(10)));
                stop.store(true, Ordering::Relaxed);
                rows
            });
            let ids: Vec<_> = rows.iter().map(|row| row["id"].as_str().unwrap()).collect();
            let early: Vec<_> = rows.iter().filter(|r| r["text"].as_str().unwrap().starts_with("early")).collect();
            assert_eq!(early.len(), 60, "{query}");
            assert_eq!(ids.iter().collect::<HashSet<_>>().len(), ids.len(), "nothing twice: {query}");
            assert!(ids.is_sorted_by(|a, b| a > b), "newest arrival first: {query}");
        }
    });
}

#[test]
fn a_page_is_as_long_as_asked() {
    on_each_program(|server| {
        let batch: Vec<Value> = (0..51).map(|n| json!({ "text": format!("number {n}") })).collect();
        server.post("/v1/feedback/batch", json!({ "feedback": batch }));
        let length = |query: &str| server.get(&format!("/v1/feedback{query}")).json()["data"].as_array().unwrap().len();
        assert_eq!((length(""), length("?limit=1"), length("?limit=51"), length("?limit=200")), (50, 1, 51, 51));
        let whole = server.get("/v1/feedback?limit=51");
        assert_eq!(
            (whole.json()["next_cursor"].clone(), whole.header("Link")),
            (Value::Null, None),
            "a full last page"
        );
        for (query, code) in [("0", "too_small"), ("201", "too_large"), ("-1", "too_small"), ("ten", "type")] {
            server.get(&format!("/v1/feedback?limit={query}")).refused(&[&format!("/limit {code}")]);
        }
    });
}

#[test]
fn a_cursor_works_only_where_it_came_from() {
    on_each_program(|server| {
        let batch: Vec<Value> = (0..5).map(|n| json!({ "text": format!("number {n}"), "source": "chat" })).collect();
        server.post("/v1/feedback/batch", json!({ "feedback": batch }));
        let page = server.get("/v1/feedback?source=chat&limit=2").json();
        let cursor = page["next_cursor"].as_str().unwrap();
        let with = |query: &str, cursor: &str| server.get(&format!("/v1/feedback?{query}cursor={cursor}"));
        let next = with("limit=3&source=chat&", cursor).json();
        assert_eq!(next["data"].as_array().unwrap().len(), 3, "another limit is no other list");

        with("", cursor).refused(&["/cursor cursor"]);
        with("source=email&", cursor).refused(&["/cursor cursor"]);
        with("source=chat&q=number&", cursor).refused(&["/cursor cursor"]);
        let flipped: String = cursor.chars().rev().collect();
        let mut changed = cursor.to_owned();
        let last = changed.pop().unwrap();
        changed.push(if last == 'A' { 'B' } else { 'A' });
        for wrong in
            [&cursor[1..], &cursor[..cursor.len() - 4], &flipped, &changed, "", "x", "%F0%9F%98%80", "AAAAAAAAAAA"]
        {
            with("source=chat&", wrong).refused(&["/cursor cursor"]);
        }
    });
}

/// Signals the end even if an assertion failed; otherwise the readers would be waited for forever.
struct Over<'a>(&'a AtomicBool);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Release);
    }
}

#[test]
fn concurrent_readers_see_every_acknowledged_write() {
    on_each_program(|server| {
        let is_over = AtomicBool::new(false);
        std::thread::scope(|scope| {
            let _over = Over(&is_over);
            for _ in 0..3 {
                scope.spawn(|| {
                    while !is_over.load(Ordering::Acquire) {
                        server.get("/v1/feedback?limit=5");
                    }
                });
            }
            for n in 0..40 {
                let filed = server.file(&json!({ "text": format!("number {n}") }));
                let newest = &server.get("/v1/feedback?limit=5").json()["data"][0];
                assert_eq!(newest["id"], filed["id"], "the list has what was filed before it was asked for");
                let read = server.get(&format!("/v1/feedback/{}", filed["id"].as_str().unwrap())).json();
                assert_eq!(read["text"], filed["text"]);
            }
        });
        server.get("/v1/feedback/0190f5fe-7c00-7a00-8000-000000000001").problem(404, "not_found");
    });
}
