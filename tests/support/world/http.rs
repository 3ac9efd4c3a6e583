//! Requests and answers, the same over a socket and in this process.

use std::borrow::Borrow;
use std::sync::mpsc;
use std::thread::sleep;
use std::time::{Duration, Instant};

use hearback::store::base::log_base;
use serde_json::Value;

use super::service::Service;
use super::{ADMIN, Side, World};

/// The way of requests to the app.
#[derive(Clone)]
pub enum Wire {
    Socket(Socket),
    Service(Service),
}

/// A program that listens, and a client.
#[derive(Clone)]
pub struct Socket {
    /// `127.0.0.1:PORT`.
    pub address: String,
    pub agent: ureq::Agent,
}

/// The parts of a request.
pub struct Parts {
    pub method: String,
    pub path: String,
    pub headers: Vec<(String, String)>,
    pub body: Option<Vec<u8>>,
}

/// A request; it is sent with the admin token unless another one is set.
pub struct Request {
    wire: Wire,
    parts: Parts,
    token: Option<String>,
}

impl Request {
    /// A request without a body.
    pub fn new(wire: Wire, method: &str, path: &str) -> Self {
        let parts = Parts { method: method.to_owned(), path: path.to_owned(), headers: Vec::new(), body: None };
        Self { wire, parts, token: Some(ADMIN.to_owned()) }
    }

    /// Adds a header.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.parts.headers.push((name.to_owned(), value.to_owned()));
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
        self.parts.body = Some(body.into());
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

    /// The answer, if there is one: the program may be killed meanwhile.
    pub fn try_send(mut self) -> Result<Answer, String> {
        if let Some(token) = &self.token {
            self.parts.headers.push(("Authorization".to_owned(), format!("Bearer {token}")));
        }
        match self.wire {
            Wire::Socket(socket) => socket.send(self.parts),
            Wire::Service(service) => {
                let (reply, answer) = mpsc::channel();
                service.send((self.parts, reply)).map_err(|_| "the app has ended")?;
                answer.recv_timeout(Duration::from_secs(60)).map_err(|e| e.to_string())
            }
        }
    }
}

impl Socket {
    /// A client for a program that listens there.
    pub fn new(address: String) -> Self {
        let agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .allow_non_standard_methods(true)
            .max_redirects(0)
            .timeout_global(Some(Duration::from_secs(60)))
            // The program closes connections after 5 s; one that is used at that very moment would fail.
            .max_idle_age(Duration::from_secs(3))
            .build()
            .into();
        Self { address, agent }
    }

    fn send(&self, parts: Parts) -> Result<Answer, String> {
        let url = format!("http://{}{}", self.address, parts.path);
        let mut request = ureq::http::Request::builder().method(parts.method.as_str()).uri(&url);
        for (name, value) in &parts.headers {
            request = request.header(name, value);
        }
        let sent = match parts.body {
            Some(body) => self.agent.run(request.body(body).expect("a request")),
            None => self.agent.run(request.body(()).expect("a request")),
        };
        let mut response = sent.map_err(|e| e.to_string())?;
        let headers = response.headers().iter();
        let headers = headers.map(|(k, v)| (k.to_string(), String::from_utf8_lossy(v.as_bytes()).into())).collect();
        let status = response.status().as_u16();
        let body = response.body_mut().with_config().limit(100_000_000).read_to_vec().map_err(|e| e.to_string())?;
        Ok(Answer::new(status, headers, String::from_utf8_lossy(&body).into_owned()))
    }
}

impl World {
    /// A request to be completed; see [`Request`].
    pub fn request(&self, method: &str, path: &str) -> Request {
        if path.starts_with("/v1/events") {
            self.let_events_show();
        }
        Request::new(self.wire(), method, path)
    }

    /// Waits until the log shows all events. On PostgreSQL a transaction of another test, in another database of the
    /// cluster, holds them back for up to a second.
    fn let_events_show(&self) {
        let Side::InProcess(inside) = &self.side else { return };
        let end = Instant::now() + Duration::from_secs(5);
        while inside.app.store.read_now(log_base::holder).is_ok_and(|holder| holder.is_some()) && Instant::now() < end {
            sleep(Duration::from_millis(20));
        }
    }

    /// A request without a token, as from a customer or a mail scanner.
    pub fn open(&self, method: &str, path: &str) -> Request {
        self.request(method, path).token(None)
    }

    /// Sends a request with a token and a body; without a token if it is empty.
    pub fn send(&self, method: &str, path: &str, token: &str, body: Option<&Value>) -> Answer {
        self.send_with(method, path, token, body, &[])
    }

    /// As [`World::send`], with more headers.
    pub fn send_with(
        &self,
        method: &str,
        path: &str,
        token: &str,
        body: Option<&Value>,
        headers: &[(&str, &str)],
    ) -> Answer {
        let request = self.request(method, path).token((!token.is_empty()).then_some(token));
        let request = headers.iter().fold(request, |request, (name, value)| request.header(name, value));
        match body {
            Some(body) => request.json(body).send(),
            None => request.send(),
        }
    }

    /// Sends a GET as an admin.
    pub fn get(&self, path: &str) -> Answer {
        self.request("GET", path).send()
    }

    /// Sends a POST with JSON as an admin.
    pub fn post(&self, path: &str, body: impl Borrow<Value>) -> Answer {
        self.request("POST", path).json(body.borrow()).send()
    }

    /// Sends a PATCH with JSON as an admin.
    pub fn patch(&self, path: &str, body: impl Borrow<Value>) -> Answer {
        self.request("PATCH", path).json(body.borrow()).send()
    }

    /// Submits a form of a page, without a token.
    pub fn submit(&self, path: &str, form: &str) -> Answer {
        self.open("POST", path).header("Content-Type", "application/x-www-form-urlencoded").body(form).send()
    }

    /// What a GET shows; it must succeed.
    pub fn read(&self, path: &str) -> Value {
        let answer = self.get(path);
        assert_eq!(answer.status, 200, "{path}: {answer:?}");
        answer.json()
    }

    /// Sends a POST that must succeed; returns what it answers.
    pub fn done(&self, path: &str, body: impl Borrow<Value>) -> Value {
        let answer = self.post(path, body);
        assert!(matches!(answer.status, 200..=202), "{path}: {answer:?}");
        answer.json()
    }

    /// All rows of a list, read page by page; each with the result of `between` before the next page.
    pub fn walk(&self, path: &str, mut between: impl FnMut()) -> Vec<Value> {
        let mut rows = Vec::new();
        let mut next = Some(path.to_owned());
        while let Some(path) = next {
            let answer = self.get(&path);
            assert_eq!(answer.status, 200, "{answer:?}");
            next = answer.next_link();
            let page = answer.json();
            assert_eq!(page["next_cursor"].is_null(), next.is_none(), "the link and the cursor agree: {answer:?}");
            rows.extend(page["data"].as_array().expect("a list").iter().cloned());
            between();
        }
        rows
    }

    /// The ids in a list, read to its end.
    pub fn ids(&self, path: &str) -> Vec<String> {
        self.walk(path, || ()).iter().map(|row| row["id"].as_str().expect("an id").to_owned()).collect()
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
    pub fn new(status: u16, headers: Vec<(String, String)>, body: String) -> Self {
        Self { status, headers, body }
    }

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

    /// All headers of this name.
    pub fn all(&self, name: &str) -> Vec<String> {
        let named = self.headers.iter().filter(|(n, _)| n.eq_ignore_ascii_case(name));
        named.map(|(_, value)| value.clone()).collect()
    }

    /// A header; empty if it is missing.
    pub fn header_text(&self, name: &str) -> &str {
        self.header(name).unwrap_or_default()
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
