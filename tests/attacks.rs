//! Small requests that cause large work, and answers that nobody reads: they must not harm other requests.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};

use crate::support::{ADMIN, Database, Kind, World, eventually};

const MB: u64 = 1024 * 1024;

/// Memory that one request may take beyond that of an idle server.
const MOST: u64 = 300 * MB;

fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(text.as_bytes()).expect("memory");
    encoder.finish().expect("memory")
}

fn send(server: &World, path: &str, text: &str) -> u16 {
    let request = server.request("POST", path).header("Content-Encoding", "gzip");
    request.header("Content-Type", "application/json").body(gzip(text)).send().status
}

/// The bodies of `FAULTS`: each has less than 16 MB, most have some kilobytes when compressed.
fn bodies() -> Vec<(&'static str, &'static str, String, u16)> {
    let many = |piece: &str, bytes: usize| {
        let all = piece.repeat(bytes / piece.len());
        all[..all.len() - 1].to_owned()
    };
    let unknown: String = (0..1_400_000).map(|n| format!("\"k{n}\":1,")).collect();
    let wrong: Vec<Value> = (0..1_000).map(|_| json!({ "tags": vec![1; 190], "x": 1 })).collect();
    let long: Vec<Value> = (0..240).map(|n| json!({ "text": format!("{n} {}", "long text ".repeat(6_500)) })).collect();
    let long = json!({ "feedback": long }).to_string();
    vec![
        ("tags", "/v1/feedback", format!("{{\"text\":\"x\",\"tags\":[{}]}}", many("1,", 15_000_000)), 413),
        ("unknown fields", "/v1/feedback", format!("{{\"text\":\"x\",{}}}", &unknown[..unknown.len() - 1]), 413),
        ("tags within 1 MB", "/v1/feedback", format!("{{\"text\":\"x\",\"tags\":[{}]}}", many("1,", 1_000_000)), 413),
        ("tags of one item", "/v1/feedback", format!("{{\"text\":\"x\",\"tags\":[{}]}}", many("1,", 39_000)), 422),
        ("fields", "/v1/feedback", format!("{{\"text\":\"x\",\"fields\":{{\"a\":[{}]}}}}", many("[],", 900_000)), 413),
        ("a batch of numbers", "/v1/feedback/batch", format!("{{\"feedback\":[{}]}}", many("1,", 15_000_000)), 413),
        (
            "a batch of objects",
            "/v1/feedback/batch",
            format!("{{\"feedback\":[{}]}}", many("{\"a\":1},", 700_000)),
            422,
        ),
        ("a batch of one item", "/v1/feedback/batch", format!("{{\"feedback\":[[{}]]}}", many("1,", 390_000)), 200),
        ("a batch of wrong items", "/v1/feedback/batch", json!({ "feedback": wrong }).to_string(), 200),
        (
            "one text",
            "/v1/feedback/batch",
            format!("{{\"feedback\":[{{\"text\":\"{}\"}}]}}", "x".repeat(16_000_000)),
            200,
        ),
        ("a bomb", "/v1/feedback/batch", format!("{{\"feedback\":[\"{}\"]}}", "x".repeat(250_000_000)), 413),
        ("long texts", "/v1/feedback/batch", long, 200),
    ]
}

#[test]
fn no_body_takes_much_memory_or_the_time_of_others() {
    let server = World::program(Database::new(Kind::Sqlite));
    server.file(&json!({ "text": "warm" }));
    let idle = server.memory();
    for (name, path, body, status) in bodies() {
        server.peak_memory();
        let (answered, worst) = beside(&server, || assert_eq!(send(&server, path, &body), status, "{name}"));
        let peak = server.peak_memory().saturating_sub(idle) / MB;
        println!("{name}: {peak} MB, {answered} answers beside it, the slowest after {worst:?}");
        assert!(peak * MB < MOST, "{name}: {peak} MB");
        assert!(worst < Duration::from_secs(2), "{name}: /livez waited {worst:?}");
    }
}

/// Requests `/livez` repeatedly while `work` runs: returns the number of answers and the slowest one.
fn beside(server: &World, work: impl FnOnce()) -> (usize, Duration) {
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let asking = scope.spawn(|| {
            let (mut count, mut worst) = (0, Duration::ZERO);
            while !done.load(Ordering::Acquire) {
                let started = Instant::now();
                assert_eq!(server.request("GET", "/livez").token(None).send().status, 200);
                (count, worst) = (count + 1, worst.max(started.elapsed()));
                std::thread::sleep(Duration::from_millis(5));
            }
            (count, worst)
        });
        // The flag is set even where the work fails.
        let worked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(work));
        done.store(true, Ordering::Release);
        let seen = asking.join().expect("/livez answers");
        worked.unwrap_or_else(|e| std::panic::resume_unwind(e));
        seen
    })
}

#[test]
fn many_large_bodies_at_once_share_a_bounded_memory() {
    let server = World::program(Database::new(Kind::Sqlite));
    server.file(&json!({ "text": "warm" }));
    let (idle, _) = (server.memory(), server.peak_memory());
    let body = gzip(&format!("{{\"feedback\":[{{\"text\":\"{}\"}}]}}", "x".repeat(16_000_000)));
    let statuses: Vec<u16> = std::thread::scope(|scope| {
        let one = || {
            let request = server.request("POST", "/v1/feedback/batch").header("Content-Encoding", "gzip");
            request.header("Content-Type", "application/json").body(body.clone()).send().status
        };
        let all: Vec<_> = (0..24).map(|_| scope.spawn(one)).collect();
        all.into_iter().map(|thread| thread.join().expect("an answer")).collect()
    });
    assert!(statuses.iter().all(|status| matches!(status, 200 | 503)), "{statuses:?}");
    assert!(statuses.contains(&200), "{statuses:?}");
    let peak = server.peak_memory().saturating_sub(idle) / MB;
    println!("24 at once: {peak} MB, {statuses:?}");
    assert!(peak < 600, "{peak} MB");
    assert_eq!(server.post("/v1/feedback/batch", json!({ "feedback": [{ "text": "and on" }] })).status, 200);
}

#[test]
fn a_list_of_large_feedback_ends_its_pages_early_and_loses_nothing() {
    let server = World::program(Database::new(Kind::Sqlite));
    let text = "긴 글 ".repeat(16_000);
    for part in 0..6 {
        let items: Vec<Value> = (0..20).map(|n| json!({ "text": format!("{part} {n} {text}") })).collect();
        assert_eq!(server.post("/v1/feedback/batch", json!({ "feedback": items })).status, 200);
    }
    let (idle, _) = (server.memory(), server.peak_memory());
    let first = server.get("/v1/feedback?limit=200");
    assert!(first.body.len() as u64 <= 5 * MB && first.next_link().is_some(), "{} bytes", first.body.len());
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| assert_eq!(server.ids("/v1/feedback?limit=200").len(), 120));
        }
    });
    let peak = server.peak_memory().saturating_sub(idle) / MB;
    println!("four readers: {peak} MB");
    assert!(peak < 400, "{peak} MB");
    let wide = json!({ "text": "x", "fields": { "a": "x".repeat(17_000) } });
    server.post("/v1/feedback", &wide).refused(&["/fields too_large"]);
}

/// Connects and sends a request, but never reads the answer.
fn unread(server: &World, request: &str, times: usize) -> TcpStream {
    let mut stream = TcpStream::connect(server.address()).expect("a connection");
    stream.write_all(request.repeat(times).as_bytes()).expect("it takes requests");
    stream
}

#[test]
fn answers_that_nobody_reads_end_and_so_does_the_server() {
    let server = World::program_with(Database::new(Kind::Sqlite), &[("HEARBACK_WRITE_TIMEOUT", "2")]);
    let answer = server.get("/openapi.json").body.len() as u64;
    let (idle, files) = (server.memory(), server.open_files());
    server.peak_memory();
    let openapi = "GET /openapi.json HTTP/1.1\r\nHost: test\r\n\r\n";
    let streams: Vec<TcpStream> = (0..200).map(|_| unread(&server, openapi, 16)).collect();
    eventually("they are connected", Duration::from_secs(10), || server.open_files() >= files + 150);
    eventually("they are given up", Duration::from_secs(40), || server.open_files() <= files + 5);
    let peak = server.peak_memory().saturating_sub(idle) / MB;
    println!("200 unread: {peak} MB, an answer has {answer} bytes");
    // One answer for each connection, not the sixteen that each asked for.
    assert!(peak < 200 * answer / MB + 20, "{peak} MB, an answer has {answer} bytes");
    drop(streams);

    // One that reads, slowly, gets everything.
    let mut slow = unread(&server, "GET /openapi.json HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n", 1);
    let (mut piece, mut total) = (vec![0; 64 * 1024], 0);
    while let Ok(count @ 1..) = slow.read(&mut piece) {
        total += count;
        std::thread::sleep(Duration::from_millis(100));
    }
    assert!(total > server.get("/openapi.json").body.len(), "{total} bytes");

    let stream = format!(
        "GET /v1/events HTTP/1.1\r\nHost: test\r\nAuthorization: Bearer {ADMIN}\r\nAccept: text/event-stream\r\n\r\n"
    );
    let _unread = [unread(&server, &stream, 1), unread(&server, openapi, 16), unread(&server, "GET", 1)];
    std::thread::sleep(Duration::from_millis(300));
    let started = Instant::now();
    server.terminate();
    assert!(started.elapsed() < Duration::from_secs(15), "it ended after {:?}", started.elapsed());
}
