//! A small HTTP client, and a raw one for malformed requests.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::Value;

use super::server::ADMIN;

/// A request; it is sent with the admin token unless another one is set.
pub struct Request<'a> {
    agent: &'a ureq::Agent,
    method: String,
    url: String,
    headers: Vec<(String, String)>,
    token: Option<String>,
    body: Option<Vec<u8>>,
}

impl<'a> Request<'a> {
    /// A request without a body.
    pub fn new(agent: &'a ureq::Agent, address: &str, method: &str, path: &str) -> Self {
        let url = format!("http://{address}{path}");
        Self { agent, method: method.to_owned(), url, headers: Vec::new(), token: Some(ADMIN.to_owned()), body: None }
    }

    /// Adds a header.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Sets another token, or none.
    pub fn token(mut self, token: Option<&str>) -> Self {
        self.token = token.map(str::to_owned);
        self
    }

    /// Sets a JSON body.
    pub fn json(self, body: &Value) -> Self {
        self.header("Content-Type", "application/json").body(body.to_string())
    }

    /// Sets the bytes of the body; the media type is a separate header.
    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = Some(body.into());
        self
    }

    /// Sets this text as the JSON body, well-formed or not.
    pub fn json_text(self, body: impl Into<Vec<u8>>) -> Self {
        self.header("Content-Type", "application/json").body(body)
    }

    /// The answer; panics if there is none.
    pub fn send(self) -> Answer {
        self.try_send().expect("an answer")
    }

    /// The answer, if there is one: the server may be killed meanwhile.
    pub fn try_send(self) -> Result<Answer, String> {
        let mut request = ureq::http::Request::builder().method(self.method.as_str()).uri(&self.url);
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        if let Some(token) = &self.token {
            request = request.header("Authorization", format!("Bearer {token}"));
        }
        let sent = match self.body {
            Some(body) => self.agent.run(request.body(body).expect("a request")),
            None => self.agent.run(request.body(()).expect("a request")),
        };
        let mut response = sent.map_err(|e| e.to_string())?;
        let headers = response.headers().iter();
        let headers = headers.map(|(k, v)| (k.to_string(), String::from_utf8_lossy(v.as_bytes()).into())).collect();
        let status = response.status().as_u16();
        let body = response.body_mut().with_config().limit(100_000_000).read_to_vec().map_err(|e| e.to_string())?;
        Ok(Answer { status, headers, body: String::from_utf8_lossy(&body).into_owned() })
    }
}

/// The server's answer.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: u16,
    headers: Vec<(String, String)>,
    pub body: String,
}

impl Answer {
    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|e| panic!("not JSON ({e}): {self:?}"))
    }

    /// The id in the body.
    pub fn id(&self) -> String {
        self.json()["id"].as_str().unwrap_or_else(|| panic!("no id: {self:?}")).to_owned()
    }

    /// A header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// The address of the next page.
    pub fn next_link(&self) -> Option<String> {
        let (target, relation) = self.header("Link")?.split_once(';')?;
        assert_eq!(relation.trim(), "rel=\"next\"");
        Some(target.trim().trim_start_matches('<').trim_end_matches('>').to_owned())
    }

    /// Checks the common form of errors; returns the body.
    pub fn problem(&self, status: u16, code: &str) -> Value {
        assert_eq!(self.status, status, "{self:?}");
        assert_eq!(self.header("Content-Type"), Some("application/problem+json"), "{self:?}");
        let problem = self.json();
        assert_eq!(problem["code"], code, "{self:?}");
        assert_eq!(problem["status"], status, "{self:?}");
        assert_eq!(problem["type"], format!("/problems/{code}"), "{self:?}");
        for text in ["title", "detail"] {
            assert!(problem[text].as_str().is_some_and(|text| text.len() > 3), "{text}: {self:?}");
        }
        let id = problem["request_id"].as_str().unwrap_or_default();
        assert!(id.len() == 32 && self.header("X-Request-Id") == Some(id), "the request id: {self:?}");
        for leak in ["SELECT", "INSERT", "sqlite", "SQLite", "panicked", ".rs:", "diesel", "constraint"] {
            assert!(!self.body.contains(leak), "{leak} in {self:?}");
        }
        problem
    }

    /// Checks that the input was refused for exactly these `pointer code` pairs, in any order.
    pub fn refused(&self, wrong: &[&str]) {
        let problem = self.problem(422, "invalid");
        let mut named: Vec<String> = Vec::new();
        for error in problem["errors"].as_array().expect("errors") {
            assert!(error["detail"].as_str().is_some_and(|detail| !detail.is_empty()), "{self:?}");
            named.push(format!("{} {}", error["pointer"].as_str().unwrap(), error["code"].as_str().unwrap()));
        }
        let mut wrong: Vec<String> = wrong.iter().map(|w| (*w).to_owned()).collect();
        named.sort();
        wrong.sort();
        assert_eq!(named, wrong, "{self:?}");
    }
}

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
    Answer { status, headers, body: body.to_owned() }
}

/// Whether a complete answer with a `Content-Length` has arrived.
fn complete(bytes: &[u8]) -> bool {
    let Some(end) = bytes.windows(4).position(|w| w == b"\r\n\r\n") else { return false };
    let head = String::from_utf8_lossy(&bytes[..end]).to_ascii_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse::<usize>().ok());
    length.is_some_and(|length| bytes.len() >= end + 4 + length)
}
