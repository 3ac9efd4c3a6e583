//! A webhook receiver that answers 200 and records the ids in the messages.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

pub struct Receiver {
    pub url: String,
    subjects: Arc<Mutex<BTreeSet<String>>>,
}

impl Receiver {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}/", listener.local_addr().expect("an address"));
        let subjects: Arc<Mutex<BTreeSet<String>>> = Arc::default();
        let kept = subjects.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let kept = kept.clone();
                std::thread::spawn(move || answer(stream, &kept));
            }
        });
        Self { url, subjects }
    }

    /// The ids received so far.
    pub fn subjects(&self) -> BTreeSet<String> {
        self.subjects.lock().expect("nobody panicked").clone()
    }
}

fn answer(stream: TcpStream, kept: &Mutex<BTreeSet<String>>) {
    let mut reader = BufReader::new(stream);
    loop {
        let (mut line, mut length) = (String::new(), 0);
        while reader.read_line(&mut line).is_ok_and(|read| read > 0) && !line.ends_with("\r\n\r\n") {
            if let Some((name, value)) = line.lines().last().and_then(|line| line.split_once(':'))
                && name.eq_ignore_ascii_case("content-length")
            {
                length = value.trim().parse().expect("a number");
            }
        }
        let mut body = vec![0; length];
        if line.is_empty() || reader.read_exact(&mut body).is_err() {
            return;
        }
        let message: serde_json::Value = serde_json::from_slice(&body).unwrap_or_default();
        if let Some(subject) = message["data"]["subject_id"].as_str() {
            kept.lock().expect("nobody panicked").insert(subject.to_owned());
        }
        if reader.get_mut().write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").is_err() {
            return;
        }
    }
}
