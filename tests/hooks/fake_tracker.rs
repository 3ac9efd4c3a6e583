//! A fake tracker: the parts of GitHub's and GitLab's issue APIs that are used.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use hearback::jobs::outbox::tracker::Trackers;
use hearback::outside::client::Client;
use hearback::outside::trackers::Access;
use serde_json::{Value, json};

/// The failure of a request.
#[derive(Clone, Copy)]
pub enum Fault {
    /// The request succeeds, but the answer is lost.
    Lost,
    /// The request fails.
    Refused(u16),
}

#[derive(Default)]
pub struct State {
    pub issues: Vec<Value>,
    requests: Vec<String>,
    faults: VecDeque<Option<Fault>>,
}

/// A fake tracker with both APIs.
#[derive(Clone)]
pub struct Fake {
    url: String,
    pub state: Arc<Mutex<State>>,
}

impl Fake {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let fake = Self { url, state: Arc::default() };
        let served = fake.clone();
        std::thread::spawn(move || listener.incoming().flatten().for_each(|stream| served.serve(stream)));
        fake
    }

    fn serve(&self, mut stream: TcpStream) {
        let mut reader = BufReader::new(stream.try_clone().unwrap());
        let (mut first, mut length, mut token) = (String::new(), 0, false);
        reader.read_line(&mut first).unwrap();
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).unwrap();
            let line = line.trim().to_ascii_lowercase();
            if line.is_empty() {
                break;
            }
            if let Some(value) = line.strip_prefix("content-length: ") {
                length = value.parse().unwrap();
            }
            token |= line == "authorization: bearer t0ken" || line == "private-token: t0ken";
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).unwrap();
        let input: Value = serde_json::from_slice(&body).unwrap_or_default();
        let (method, path) = first.trim_end_matches(" HTTP/1.1\r\n").split_once(' ').unwrap();
        let mut state = self.state.lock().unwrap();
        state.requests.push(format!("{method} {}", path.split('?').next().unwrap()));
        let fault = state.faults.pop_front().flatten();
        let (status, answer) = match fault {
            Some(Fault::Refused(status)) => (status, json!({ "message": "No" })),
            _ if !token => (401, json!({ "message": "Bad credentials" })),
            _ => act(&mut state, method, path, &input),
        };
        if !matches!(fault, Some(Fault::Lost)) {
            let text = answer.to_string();
            let head = format!("HTTP/1.1 {status} X\r\nContent-Length: {}\r\nRetry-After: 7\r\n\r\n", text.len());
            let _ = stream.write_all((head + &text).as_bytes());
        }
    }

    pub fn fails(&self, faults: &[Option<Fault>]) {
        self.state.lock().unwrap().faults = faults.iter().copied().collect();
    }

    pub fn issues(&self) -> Vec<Value> {
        self.state.lock().unwrap().issues.clone()
    }

    pub fn requests(&self) -> Vec<String> {
        std::mem::take(&mut self.state.lock().unwrap().requests)
    }

    pub fn senders(&self) -> Trackers {
        let access = || Some(Access { api: self.url.clone(), token: "t0ken".to_owned() });
        Trackers::new(Client::new(true, Duration::from_secs(5)), access(), access())
    }
}

fn act(state: &mut State, method: &str, path: &str, input: &Value) -> (u16, Value) {
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let gitlab = path.starts_with("/projects/acme%2Fapp/issues");
    if !gitlab && !path.starts_with("/repos/acme/app/issues") {
        return (404, json!({ "message": "Not Found" }));
    }
    let (number, text, open) = if gitlab { ("iid", "description", "opened") } else { ("number", "body", "open") };
    let one = path.rsplit('/').next().and_then(|n| n.parse::<usize>().ok());
    match method {
        "GET" if one.is_some() => (200, state.issues[one.unwrap() - 1].clone()),
        "GET" => {
            assert!(query.contains("per_page=100"), "{query}");
            let search = query.split('&').find_map(|pair| pair.strip_prefix("search="));
            let matches = |issue: &&Value| search.is_none_or(|words| issue[text].as_str().unwrap().contains(words));
            let newest: Vec<Value> = state.issues.iter().rev().filter(matches).cloned().collect();
            let page: usize = query.split('&').find_map(|pair| pair.strip_prefix("page=")).unwrap().parse().unwrap();
            (200, newest.chunks(100).nth(page - 1).unwrap_or_default().into())
        }
        "POST" => {
            let n = state.issues.len() + 1;
            let mut issue = input.clone();
            issue[number] = json!(n);
            issue["state"] = json!(open);
            issue["created_at"] = json!(hearback::clock::Clock::default().now());
            issue[if gitlab { "web_url" } else { "html_url" }] = json!(format!("https://example.com/issues/{n}"));
            state.issues.push(issue.clone());
            (201, issue)
        }
        "PATCH" | "PUT" => {
            let n = one.unwrap();
            for field in ["title", text].iter().filter(|field| input[**field].is_string()) {
                state.issues[n - 1][*field] = input[*field].clone();
            }
            if input["title"].is_string() {
                return (200, state.issues[n - 1].clone());
            }
            let wanted = match (input["state_event"].as_str(), input["state"].as_str()) {
                (Some("close"), _) => "closed",
                (Some("reopen"), _) => "opened",
                (_, state) => state.unwrap(),
            };
            state.issues[n - 1]["state"] = json!(wanted);
            (200, state.issues[n - 1].clone())
        }
        _ => (405, json!({})),
    }
}
