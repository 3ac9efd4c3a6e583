//! The stream of events of a caller with limits.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::time::Duration;

use hearback::domain::team::Role;
use serde_json::{Value, json};

use crate::support::{World, on_each_program};

/// The next event of a stream.
fn next(stream: &mut BufReader<TcpStream>) -> Value {
    let mut line = String::new();
    loop {
        line.clear();
        assert!(stream.read_line(&mut line).expect("a line within 20 s") > 0, "the stream ended");
        if let Some(data) = line.strip_prefix("data: ") {
            return serde_json::from_str(data).expect("JSON");
        }
    }
}

fn open(world: &World, token: &str) -> BufReader<TcpStream> {
    let mut stream = TcpStream::connect(world.address()).expect("a connection");
    stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a timeout");
    let head =
        format!("GET /v1/events?kind=feedback.created HTTP/1.1\r\nHost: test\r\nAuthorization: Bearer {token}\r\n");
    write!(stream, "{head}Accept: text/event-stream\r\n\r\n").expect("sent");
    let (mut reader, mut line) = (BufReader::new(stream), String::new());
    while line != "retry: 2000\n" {
        line.clear();
        assert!(reader.read_line(&mut line).expect("its head") > 0);
    }
    reader
}

#[test]
fn a_stream_leaves_out_what_its_reader_may_not_see_from_the_moment_on_that_they_may_not() {
    on_each_program(|world| {
        let product = world.done("/v1/products", json!({ "key": "PAY", "name": "Paylo" }));
        let path = format!("/v1/products/{}", product["id"].as_str().expect("an id"));
        let token = world.person("Ann", "ann@example.com", Role::Viewer, "en").token;
        let mut stream = open(world, &token);
        let file = |key: &str| world.done("/v1/feedback", json!({ "product": key, "text": "It fails" }))["id"].clone();
        let seen = file("PAY");
        assert_eq!(next(&mut stream)["subject_id"], seen);
        assert_eq!(world.patch(&path, json!({ "visibility": "private" })).status, 200);
        file("PAY");
        let open = file("HB");
        assert_eq!(next(&mut stream)["subject_id"], open, "that of the private product is left out");
        file("PAY");
        let open = file("HB");
        assert_eq!(next(&mut stream)["subject_id"], open);
    });
}
