//! The event feed, as pages and as a stream.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::{ADMIN, World, eventually, on_each_program};

#[test]
fn the_feed_is_the_log_in_order_and_ends() {
    on_each_program(|server| {
        for n in 0..25 {
            server.file(&json!({ "text": format!("word{n} of its own"), "product": "HB" }));
        }
        // On PostgreSQL the log is read up to the oldest transaction of the whole server: other tests may hold it back.
        let filed = || server.walk("/v1/events?kind=feedback.created", || ()).len();
        eventually("all of them are in the log", Duration::from_secs(20), || filed() >= 25);
        let all = server
            .walk("/v1/events?limit=7&kind=feedback.created", || drop(server.file(&json!({ "text": "meanwhile" }))));
        assert!(all.len() >= 25 && all.iter().all(|e| e["kind"] == "feedback.created"));
        let seqs: Vec<i64> = all.iter().map(|e| e["seq"].as_i64().unwrap()).collect();
        assert!(seqs.is_sorted() && seqs.windows(2).all(|w| w[0] != w[1]));
        let (tenth, subject) = (all[9]["id"].as_str().unwrap(), all[3]["subject_id"].as_str().unwrap());
        let later = server.get(&format!("/v1/events?kind=feedback.created&after={tenth}&limit=1")).json();
        assert_eq!(later["data"][0]["id"], all[10]["id"]);
        let about = server.get(&format!("/v1/events?subject={subject}&kind=feedback.*")).json();
        assert!(about["data"].as_array().unwrap().iter().all(|e| e["subject_id"] == json!(subject)));
        let last = server.walk("/v1/events?limit=200", || ()).pop().unwrap();
        let end = server.get(&format!("/v1/events?after={}", last["id"].as_str().unwrap())).json();
        assert!(end["next_cursor"].is_null());
        server.get("/v1/events?kind=x&after=y&subject=z&product=NO").refused(&[
            "/kind pattern",
            "/after pattern",
            "/subject format",
        ]);
        server.get("/v1/events?product=NO").refused(&["/product unknown"]);
    });
}

/// A client of the stream.
struct Stream(BufReader<TcpStream>);

impl Stream {
    fn open(server: &World, query: &str, last: Option<&str>) -> Self {
        let mut stream = TcpStream::connect(server.address()).expect("a connection");
        stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a timeout");
        let last = last.map(|id| format!("Last-Event-ID: {id}\r\n")).unwrap_or_default();
        let head = format!("GET /v1/events{query} HTTP/1.1\r\nHost: test\r\nAuthorization: Bearer {ADMIN}\r\n");
        write!(stream, "{head}Accept: text/event-stream\r\n{last}\r\n").expect("sent");
        let mut reader = BufReader::new(stream);
        let mut line = String::new();
        reader.read_line(&mut line).expect("an answer");
        assert!(line.contains("200"), "{line}");
        while line != "retry: 2000\n" {
            line.clear();
            assert!(reader.read_line(&mut line).expect("its head") > 0);
        }
        Self(reader)
    }

    /// The next event; `None` at the end of the stream.
    fn next(&mut self) -> Option<Value> {
        let mut line = String::new();
        loop {
            line.clear();
            if self.0.read_line(&mut line).expect("a line within 20 s") == 0 {
                return None;
            }
            if let Some(data) = line.strip_prefix("data: ") {
                return Some(serde_json::from_str(data).expect("JSON"));
            }
        }
    }
}

#[test]
fn a_stream_goes_on_where_it_broke_off_and_misses_nothing() {
    on_each_program(|server| {
        let file = |n: usize| server.file(&json!({ "text": format!("item {n}") }))["id"].clone();
        let before = file(0);
        // A stream begins where the log is settled: on PostgreSQL that may be a moment behind the last commit.
        let end = format!("/v1/events?kind=feedback.created&subject={}", before.as_str().unwrap());
        eventually("the log shows it", Duration::from_secs(20), || {
            server.get(&end).json()["data"].as_array().is_some_and(|events| events.len() == 1)
        });
        let mut stream = Stream::open(server, "?kind=feedback.created", None);
        let first: Vec<Value> = (1..4).map(file).collect();
        let got: Vec<Value> = (1..4).map(|_| stream.next().expect("an event")).collect();
        assert_eq!(
            got.iter().map(|e| e["subject_id"].clone()).collect::<Vec<_>>(),
            first,
            "what happens after it began"
        );
        drop(stream);
        let missed: Vec<Value> = (4..304).map(file).collect();
        let mut stream = Stream::open(server, "?kind=feedback.created", got[2]["id"].as_str());
        for id in &missed {
            assert_eq!(stream.next().expect("an event")["subject_id"], *id, "resumed by Last-Event-ID");
        }
        let mut others: Vec<Stream> = (0..20).map(|_| Stream::open(server, "?kind=feedback.created", None)).collect();
        let live = file(304);
        assert_eq!(stream.next().expect("an event")["subject_id"], live, "and then what happens now");
        for other in &mut others {
            assert_eq!(other.next().expect("an event")["subject_id"], live);
        }
        let mut whole = Stream::open(server, "?kind=feedback.created&after=0-0", None);
        assert_eq!(whole.next().expect("an event")["subject_id"], before, "the whole log");
    });
}

#[test]
fn open_streams_do_not_keep_the_server_from_stopping() {
    crate::support::on_each(|database| {
        let server = World::program(database);
        let mut streams: Vec<Stream> = (0..5).map(|_| Stream::open(&server, "", None)).collect();
        let started = Instant::now();
        server.terminate();
        assert!(started.elapsed() < Duration::from_secs(12), "{:?}", started.elapsed());
        for stream in &mut streams {
            while stream.next().is_some() {}
        }
    });
}

#[test]
fn another_instances_events_come_too() {
    on_each_program(|server| {
        if server.database.kind == crate::support::Kind::Sqlite {
            return;
        }
        let twin = server.twin();
        let mut stream = Stream::open(server, "?kind=feedback.created", None);
        let filed = twin.request("POST", "/v1/feedback").json(&json!({ "text": "by the twin" })).send();
        assert_eq!(stream.next().expect("an event")["subject_id"], json!(filed.id()));
        eventually("the server is still there", Duration::from_secs(5), || server.get("/livez").status == 200);
    });
}
