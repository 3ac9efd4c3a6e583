//! A webhook receiver: a real HTTP server that records its messages.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use serde_json::Value;

/// A recorded message.
#[derive(Clone, Debug)]
pub struct Got {
    pub headers: ureq::http::HeaderMap,
    pub body: String,
}

impl Got {
    pub fn id(&self) -> &str {
        self.header("webhook-id")
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or_default()
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).expect("JSON")
    }

    /// Whether the reference library accepts it with this secret.
    pub fn verifies(&self, secret: &str) -> bool {
        standardwebhooks::Webhook::new(secret).expect("a secret").verify(self.body.as_bytes(), &self.headers).is_ok()
    }

    /// As [`Got::verifies`], at any time: for messages sent after a test has turned the clock.
    pub fn verifies_at_its_time(&self, secret: &str) -> bool {
        let at = self.header("webhook-timestamp").parse().expect("seconds");
        let signed =
            standardwebhooks::Webhook::new(secret).expect("a secret").sign(self.id(), at, self.body.as_bytes());
        self.header("webhook-signature").split(' ').any(|signature| signature == signed.as_deref().unwrap_or_default())
    }
}

/// A receiver's answer: the status code with more header lines, or nothing.
pub type Answer = Option<String>;

#[derive(Clone)]
pub struct Receiver {
    pub url: String,
    got: Arc<Mutex<Vec<Got>>>,
}

impl Receiver {
    /// A receiver that answers each message with the result of `answer`; `None` closes the connection.
    pub fn start(answer: impl Fn(&Got, usize) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}/hook", listener.local_addr().expect("an address"));
        let got: Arc<Mutex<Vec<Got>>> = Arc::default();
        let (kept, answer) = (got.clone(), Arc::new(answer));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (kept, answer) = (kept.clone(), answer.clone());
                std::thread::spawn(move || serve(stream, &kept, answer.as_ref()));
            }
        });
        Self { url, got }
    }

    /// A receiver that always gives the same answer.
    pub fn answering(status: &'static str) -> Self {
        Self::start(move |_, _| Some(status.to_owned()))
    }

    /// The messages so far, in order.
    pub fn got(&self) -> Vec<Got> {
        self.got.lock().expect("its messages").clone()
    }

    /// The number of messages so far.
    pub fn count(&self) -> usize {
        self.got.lock().expect("its messages").len()
    }
}

fn serve(mut stream: TcpStream, kept: &Mutex<Vec<Got>>, answer: &(dyn Fn(&Got, usize) -> Answer + Send + Sync)) {
    let Some(got) = read(&mut stream) else { return };
    let count = {
        let mut kept = kept.lock().expect("its messages");
        kept.push(got.clone());
        kept.len()
    };
    if let Some(status) = answer(&got, count) {
        let _ = write!(stream, "HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    }
}

fn read(stream: &mut TcpStream) -> Option<Got> {
    let (mut bytes, mut buffer) = (Vec::new(), [0; 4096]);
    let end = loop {
        if let Some(end) = bytes.windows(4).position(|w| w == b"\r\n\r\n") {
            break end;
        }
        let read = stream.read(&mut buffer).ok().filter(|read| *read > 0)?;
        bytes.extend_from_slice(&buffer[..read]);
    };
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let mut headers = ureq::http::HeaderMap::new();
    for (name, value) in head.lines().skip(1).filter_map(|line| line.split_once(": ")) {
        let name = ureq::http::HeaderName::try_from(name.to_ascii_lowercase()).expect("a name");
        headers.insert(name, value.parse().expect("a value"));
    }
    let length: usize = headers.get("content-length").and_then(|v| v.to_str().ok()?.parse().ok()).unwrap_or(0);
    let mut body = bytes[end + 4..].to_vec();
    while body.len() < length {
        let read = stream.read(&mut buffer).ok().filter(|read| *read > 0)?;
        body.extend_from_slice(&buffer[..read]);
    }
    Some(Got { headers, body: String::from_utf8(body).expect("UTF-8") })
}
