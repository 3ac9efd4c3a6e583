//! A small OpenAI-compatible server that records its requests.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

/// A recorded request: the path, the authorization, the body.
#[derive(Clone, Debug)]
pub struct Got {
    pub path: String,
    pub key: String,
    pub body: Value,
}

impl Got {
    pub fn inputs(&self) -> Vec<String> {
        self.body["input"].as_array().into_iter().flatten().map(|t| t.as_str().expect("text").to_owned()).collect()
    }
}

/// An answer: the rest of the status line with header lines, and a body; `None` never answers.
pub type Answer = Option<(String, String)>;
type Says = dyn Fn(&Got) -> Answer + Send + Sync;

#[derive(Clone)]
pub struct Fake {
    pub url: String,
    got: Arc<Mutex<Vec<Got>>>,
    says: Arc<Mutex<Arc<Says>>>,
}

impl Fake {
    pub fn start(says: impl Fn(&Got) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}/v1", listener.local_addr().expect("an address"));
        let says: Arc<Says> = Arc::new(says);
        let fake = Self { url, got: Arc::default(), says: Arc::new(Mutex::new(says)) };
        let served = fake.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let served = served.clone();
                std::thread::spawn(move || served.serve(stream));
            }
        });
        fake
    }

    /// Changes the answer.
    pub fn say(&self, says: impl Fn(&Got) -> Answer + Send + Sync + 'static) {
        *self.says.lock().expect("a lock") = Arc::new(says);
    }

    pub fn got(&self) -> Vec<Got> {
        self.got.lock().expect("a lock").clone()
    }

    fn serve(&self, mut stream: TcpStream) {
        let mut bytes = Vec::new();
        let mut piece = [0; 65_536];
        let (head, body) = loop {
            let count = stream.read(&mut piece).unwrap_or(0);
            if count == 0 {
                return;
            }
            bytes.extend_from_slice(&piece[..count]);
            let text = String::from_utf8_lossy(&bytes).into_owned();
            let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
            let length = header(head, "content-length").parse::<usize>().unwrap_or(0);
            if body.len() >= length {
                break (head.to_owned(), body.to_owned());
            }
        };
        let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
        let key = header(&head, "authorization");
        let got = Got { path, key, body: serde_json::from_str(&body).unwrap_or_default() };
        self.got.lock().expect("a lock").push(got.clone());
        let says = self.says.lock().expect("a lock").clone();
        match says(&got) {
            Some((status, body)) => {
                let length = body.len();
                let _ =
                    write!(stream, "HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}");
            }
            None => std::thread::sleep(std::time::Duration::from_secs(5)),
        }
    }
}

fn header(head: &str, name: &str) -> String {
    let line = head.lines().find(|line| line.to_lowercase().starts_with(&format!("{name}:")));
    line.and_then(|line| line.split_once(':')).map_or(String::new(), |(_, value)| value.trim().to_owned())
}

pub fn ok(body: &Value) -> Answer {
    Some(("200 OK".to_owned(), body.to_string()))
}

pub fn status(line: &str) -> Answer {
    Some((line.to_owned(), "{}".to_owned()))
}

/// Vectors of `dimensions` numbers that are similar for texts with the same subject.
pub fn vectors(got: &Got, dimensions: usize) -> Answer {
    let vector = |text: &String| {
        let subject = ["refund", "crash", "환불", "dark"].iter().position(|word| text.contains(word)).unwrap_or(4);
        let mut vector = vec![1.0; dimensions];
        vector[subject % dimensions] += 8.0;
        vector[5 + text.len() % (dimensions - 5)] += 1.0;
        vector
    };
    let data: Vec<Value> =
        got.inputs().iter().enumerate().map(|(n, t)| json!({ "index": n, "embedding": vector(t) })).collect();
    ok(&json!({ "data": data }))
}

/// A chat completion with this text.
pub fn says(text: &str) -> Answer {
    ok(&json!({ "choices": [{ "message": { "role": "assistant", "content": text } }] }))
}
