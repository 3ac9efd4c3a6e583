//! Raw bytes over a connection, for malformed requests.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use super::ADMIN;
use super::http::Answer;

/// The first lines of a request with JSON, to which more headers can be added.
pub fn head(method: &str, path: &str) -> String {
    format!(
        "{method} {path} HTTP/1.1\r\nHost: test\r\nAuthorization: Bearer {ADMIN}\r\nContent-Type: application/json\r\n"
    )
}

/// Sends raw bytes and reads the answer at the same time, because the server may refuse before it has read everything.
/// Waits at most `patience`.
pub fn raw<B: AsRef<[u8]> + Send>(address: &str, pieces: impl Iterator<Item = B> + Send, patience: Duration) -> Answer {
    let mut stream = TcpStream::connect(address).expect("a connection");
    stream.set_read_timeout(Some(patience)).expect("a timeout");
    let mut writing = stream.try_clone().expect("a second handle");
    writing.set_write_timeout(Some(patience)).expect("a timeout");
    std::thread::scope(|scope| {
        let writer = scope.spawn(move || {
            for piece in pieces {
                if writing.write_all(piece.as_ref()).is_err() {
                    break;
                }
            }
        });
        let answer = read_answer(&mut stream);
        let _ = stream.shutdown(std::net::Shutdown::Both);
        let _ = writer.join();
        answer
    })
}

/// Reads an answer from a connection; status 0 if there was none.
pub fn read_answer(stream: &mut TcpStream) -> Answer {
    let mut bytes = Vec::new();
    let mut buffer = [0; 65_536];
    while !complete(&bytes) {
        match stream.read(&mut buffer) {
            Ok(read @ 1..) => bytes.extend_from_slice(&buffer[..read]),
            _ => break,
        }
    }
    let text = String::from_utf8_lossy(&bytes);
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
    let mut lines = head.lines();
    let status = lines.next().and_then(|line| line.split(' ').nth(1)?.parse().ok()).unwrap_or(0);
    let headers = lines.filter_map(|l| l.split_once(": ")).map(|(k, v)| (k.to_owned(), v.to_owned())).collect();
    Answer::new(status, headers, body.to_owned())
}

/// Whether a complete answer with a `Content-Length` has arrived.
fn complete(bytes: &[u8]) -> bool {
    let Some(end) = bytes.windows(4).position(|w| w == b"\r\n\r\n") else { return false };
    let head = String::from_utf8_lossy(&bytes[..end]).to_ascii_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse::<usize>().ok());
    length.is_some_and(|length| bytes.len() >= end + 4 + length)
}
