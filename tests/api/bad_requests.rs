//! Requests that are refused before their content is examined: by size, speed, method or media type.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::json;

use crate::support::{ADMIN, World, head, on_each, on_each_program, raw, read_answer};

const PATIENCE: Duration = Duration::from_secs(10);

fn gzip(bytes: &[u8], times: usize) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    (0..times).for_each(|_| encoder.write_all(bytes).unwrap());
    encoder.finish().unwrap()
}

#[test]
fn unknown_addresses_and_wrong_methods_say_so() {
    on_each_program(|server| {
        server.get("/v1/nothing").problem(404, "not_found");
        server.get("/v1/feedback/").problem(404, "not_found");
        server.get("/v1/feedback/a/b/c").problem(404, "not_found");
        server.request("BREW", "/v1/nothing").send().problem(404, "not_found");
        for method in ["PUT", "DELETE", "PATCH", "OPTIONS", "BREW"] {
            let answer = server.request(method, "/v1/feedback").json(&json!({})).send();
            answer.problem(405, "method_not_allowed");
            assert_eq!(answer.header("Allow"), Some("GET, HEAD, POST"), "{method}");
        }
        let answer = server.post("/livez", json!({}));
        assert_eq!((answer.status, answer.header("Allow")), (405, Some("GET, HEAD")));
        let one = server.post("/v1/feedback/0198c2c4-5b7e-7b2a-9d3c-6f0e4a1b2c3d", json!({}));
        one.problem(405, "method_not_allowed");
        assert!(one.header("Allow").unwrap().split(", ").any(|method| method == "GET"), "{one:?}");
    });
}

#[test]
fn head_is_get_without_its_body() {
    on_each_program(|server| {
        for path in ["/livez", "/readyz", "/v1/products", "/v1/products?limit=0", "/v1/nothing", "/docs"] {
            let (get, answer) = (server.get(path), server.request("HEAD", path).send());
            assert_eq!((answer.status, answer.body.as_str()), (get.status, ""), "{path}");
            for name in ["Content-Type", "Content-Length", "Location"] {
                assert_eq!(answer.header(name), get.header(name), "{name} of {path}");
            }
        }
        assert_eq!(server.request("HEAD", "/v1/feedback").token(None).send().status, 401);
        let none = server.request("HEAD", "/v1/similar").send();
        assert_eq!((none.status, none.header("Allow")), (405, Some("POST")), "no GET, no HEAD");

        // On the wire, too: what follows on the same connection is the next answer. A stream that never ends, ends.
        let mut stream = TcpStream::connect(server.address()).expect("a connection");
        stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
        let live = head("HEAD", "/v1/events") + "Accept: text/event-stream\r\n\r\n";
        let asked = live
            + "HEAD /livez HTTP/1.1\r\nHost: test\r\n\r\nGET /livez HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n";
        stream.write_all(asked.as_bytes()).expect("written");
        let mut text = String::new();
        stream.read_to_string(&mut text).expect("an end");
        let answers: Vec<&str> = text.split_inclusive("\r\n\r\n").collect();
        assert_eq!(answers.len(), 4, "three heads and one body: {text}");
        assert!(answers[..3].iter().all(|head| head.starts_with("HTTP/1.1 200 OK\r\n")), "{text}");
        assert!(answers[0].contains("text/event-stream"), "{text}");
        assert!(answers[1..3].iter().all(|head| head.contains("content-length: 15\r\n")), "{text}");
        assert_eq!(answers[3], "{\"status\":\"ok\"}");
    });
}

#[test]
fn requests_without_a_token_learn_nothing() {
    on_each_program(|server| {
        for path in ["/v1/feedback", "/v1/nothing", "/v1/feedback/x", "/metrics"] {
            for token in [None, Some(""), Some("hb_wrong"), Some("admin")] {
                let answer = server.request("GET", path).token(token).send();
                answer.problem(401, "unauthorized");
                assert_eq!(answer.header("WWW-Authenticate"), Some("Bearer"), "{path}");
            }
        }
        let basic =
            server.request("GET", "/v1/feedback").token(None).header("Authorization", &format!("Basic {ADMIN}"));
        basic.send().problem(401, "unauthorized");
        let lower =
            server.request("GET", "/v1/feedback").token(None).header("Authorization", &format!("bearer  {ADMIN}"));
        assert_eq!(lower.send().status, 200, "the scheme's case does not matter");
        // 401 goes before everything else that is wrong.
        let worse = server.request("BREW", "/v1/feedback?colour=1").token(None).header("Content-Type", "text/plain");
        worse.body("{").send().problem(401, "unauthorized");
        for path in ["/livez", "/readyz", "/openapi.json"] {
            assert_eq!(server.request("GET", path).token(None).send().status, 200, "{path}");
        }
    });
}

#[test]
fn only_json_is_read_where_json_is_due() {
    on_each_program(|server| {
        let body = r#"{"text":"x"}"#;
        let send = |kind: &str| server.request("POST", "/v1/feedback").header("Content-Type", kind).body(body).send();
        for kind in
            ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application/jsonx", "json"]
        {
            send(kind).problem(415, "unsupported_media_type");
        }
        server.request("POST", "/v1/feedback").body(body).send().problem(415, "unsupported_media_type");
        for kind in ["application/json", "application/json; charset=utf-8", "Application/JSON"] {
            assert_eq!(send(kind).status, 201, "{kind}");
        }
        for encoding in ["br", "zstd", "compress", "gzip, gzip", "x"] {
            let request = server.request("POST", "/v1/feedback").header("Content-Encoding", encoding);
            request.json_text(body).send().problem(415, "unsupported_media_type");
        }
        let zipped = server.request("POST", "/v1/feedback").header("Content-Encoding", "gzip");
        assert_eq!(zipped.json_text(gzip(body.as_bytes(), 1)).send().status, 201);
        let broken = server.request("POST", "/v1/feedback").header("Content-Encoding", "gzip");
        broken.json_text(body).send().problem(400, "malformed_request");
        let cut = gzip(body.repeat(50).as_bytes(), 1);
        let cut = server.request("POST", "/v1/feedback").header("Content-Encoding", "gzip").json_text(&cut[..20]);
        cut.send().problem(400, "malformed_request");
    });
}

#[test]
fn a_body_that_is_too_large_is_refused_before_it_is_read() {
    on_each(|database| {
        let server = World::program_with(database, &[("HEARBACK_BODY_LIMIT", "1000000")]);
        let started = Instant::now();
        let announced = head("POST", "/v1/feedback") + "Content-Length: 1073741824\r\n\r\n";
        let answer = raw(&server.address(), [announced.as_bytes()].into_iter(), PATIENCE);
        let problem = answer.problem(413, "too_large");
        assert!(problem["detail"].as_str().unwrap().contains("1000000"), "the limit is named: {problem}");
        assert!(started.elapsed() < Duration::from_secs(5), "without waiting for the body");

        // Sent in full, it is not read to its end either.
        let megabyte = vec![b' '; 1 << 20];
        let pieces = std::iter::once(announced.into_bytes()).chain(std::iter::repeat_n(megabyte.clone(), 1024));
        raw(&server.address(), pieces, PATIENCE).problem(413, "too_large");

        // Nor is one without end.
        let head = head("POST", "/v1/feedback") + "Transfer-Encoding: chunked\r\n\r\n";
        let chunk = [b"100000\r\n".to_vec(), megabyte, b"\r\n".to_vec()].concat();
        let pieces = std::iter::once(head.into_bytes()).chain(std::iter::repeat_n(chunk, 2048));
        raw(&server.address(), pieces, PATIENCE).problem(413, "too_large");

        let text = r#"{"text":"x"}"#;
        let exact = text.to_owned() + &" ".repeat(1_000_000 - text.len());
        assert_eq!(server.request("POST", "/v1/feedback").json_text(exact.clone()).send().status, 201, "just fits");
        let over = server.request("POST", "/v1/feedback").json_text(exact + " ").send();
        over.problem(413, "too_large");
        assert!(server.memory() < 200_000_000, "memory: {}", server.memory());
    });
}

#[test]
fn a_gzip_bomb_is_refused_in_little_memory() {
    on_each_program(|server| {
        let bomb = gzip(&vec![b' '; 1 << 20], 512);
        let before = server.memory();
        let sent = std::thread::scope(|scope| {
            let send = || {
                server.request("POST", "/v1/feedback").header("Content-Encoding", "gzip").json_text(bomb.clone()).send()
            };
            let running: Vec<_> = (0..3).map(|_| scope.spawn(send)).collect();
            running.into_iter().map(|thread| thread.join().unwrap()).collect::<Vec<_>>()
        });
        sent.iter().for_each(|answer| drop(answer.problem(413, "too_large")));
        let grown = server.memory().saturating_sub(before);
        assert!(grown < 200_000_000, "grown by {grown} bytes");
    });
}

#[test]
fn a_flood_of_headers_is_refused_and_the_server_goes_on() {
    on_each_program(|server| {
        let many: String = (0..5_000).map(|n| format!("X-Header-{n}: value\r\n")).collect();
        let long = format!("X-Long: {}\r\n", "x".repeat(2_000_000));
        let endless = "X: y\r\n".repeat(500_000);
        for flood in [many, long, endless] {
            let request = format!("GET /v1/feedback HTTP/1.1\r\nHost: test\r\n{flood}\r\n");
            let answer = raw(&server.address(), [request.as_bytes()].into_iter(), PATIENCE);
            assert!((400..500).contains(&answer.status), "{answer:?}");
        }
        let target = format!("GET /v1/feedback?q={} HTTP/1.1\r\nHost: test\r\n\r\n", "x".repeat(300_000));
        let answer = raw(&server.address(), [target.as_bytes()].into_iter(), PATIENCE);
        assert!((400..500).contains(&answer.status), "{answer:?}");
        for garbage in ["\r\n\r\n\r\n", "HELLO\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", "\u{16}\u{3}\u{1}\u{2}\u{0}"] {
            let answer = raw(&server.address(), [garbage.as_bytes()].into_iter(), Duration::from_millis(300));
            assert!(answer.status == 0 || (400..500).contains(&answer.status), "{answer:?}");
        }
        assert_eq!(server.get("/v1/feedback").status, 200);
    });
}

#[test]
fn a_body_that_does_not_arrive_is_given_up() {
    on_each(|database| {
        let server = World::program_with(database, &[("HEARBACK_BODY_TIMEOUT", "1")]);
        let started = Instant::now();
        let head = head("POST", "/v1/feedback") + "Content-Length: 100\r\n\r\n{\"text\":";
        raw(&server.address(), [head.as_bytes()].into_iter(), PATIENCE).problem(408, "request_timeout");
        assert!((1..4).contains(&started.elapsed().as_secs()), "{:?}", started.elapsed());

        // A byte now and then does not help.
        let mut stream = TcpStream::connect(server.address()).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.write_all(head.as_bytes()).unwrap();
        let mut drip = stream.try_clone().unwrap();
        std::thread::spawn(move || {
            while drip.write_all(b" ").is_ok() {
                std::thread::sleep(Duration::from_millis(200));
            }
        });
        read_answer(&mut stream).problem(408, "request_timeout");
        stream.shutdown(std::net::Shutdown::Both).unwrap();

        // A body that breaks off was no request.
        let mut broken = TcpStream::connect(server.address()).unwrap();
        broken.write_all(head.as_bytes()).unwrap();
        drop(broken);
        assert!(server.ids("/v1/feedback").is_empty());
        assert_eq!(server.post("/v1/feedback", json!({ "text": "x" })).status, 201);
    });
}

#[test]
fn many_slow_requests_do_not_keep_others_waiting() {
    on_each_program(|server| {
        let head = head("POST", "/v1/feedback") + "Content-Length: 100\r\n\r\n{";
        let slow: Vec<TcpStream> = (0..200)
            .map(|_| {
                let mut stream = TcpStream::connect(server.address()).unwrap();
                stream.write_all(head.as_bytes()).unwrap();
                stream
            })
            .collect();
        let started = Instant::now();
        assert_eq!(server.post("/v1/feedback", json!({ "text": "x" })).status, 201);
        assert_eq!(server.get("/v1/feedback").status, 200);
        assert!(started.elapsed() < Duration::from_secs(3), "{:?}", started.elapsed());
        drop(slow);
    });
}
