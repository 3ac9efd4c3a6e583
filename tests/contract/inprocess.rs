//! The real app in this process, on its own database and a free port.

use std::net::TcpListener;

use hearback::app::App;
use hearback::clock::Clock;
use hearback::config::Config;
use hearback::domain::{
    base::Actor,
    team::{NewToken, Role},
};
use hearback::http;
use hearback::usecase::team::tokens;
use serde_json::Value;

/// A running app; it stops when it is dropped.
pub struct Running {
    pub app: App,
    pub clock: Clock,
    pub url: String,
    pub folder: tempfile::TempDir,
    agent: ureq::Agent,
}

/// An answer.
pub struct Answer {
    pub status: u16,
    pub headers: ureq::http::HeaderMap,
    pub text: String,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_default()
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or_default()
    }
}

/// Starts the app on a new SQLite file.
pub fn start() -> Running {
    start_with(|_| ())
}

/// Starts the app with other settings.
pub fn start_with(change: impl FnOnce(&mut Config)) -> Running {
    let folder = tempfile::tempdir().expect("a folder");
    let mut config = Config::for_command(&format!("sqlite://{}/h.db", folder.path().display()));
    config.workers = 1;
    change(&mut config);
    let clock = Clock::default();
    let app = App::build(config, clock.clone()).expect("an app");
    app.prepare().expect("a schema");
    app.set_ready();
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let served = app.clone();
    std::thread::spawn(move || {
        actix_web::rt::System::new().block_on(async { http::server(served, listener).expect("a server").await })
    });
    let agent = ureq::Agent::config_builder().http_status_as_error(false).max_redirects(0).build().into();
    Running { app, clock, url, folder, agent }
}

impl Running {
    /// A new token of this role.
    pub fn token(&self, role: Role) -> String {
        let secret = tokens::new_secret().expect("randomness");
        let input = NewToken { name: role.to_string(), role, member_id: None, expires_at: None };
        let minted = self.app.store.write_now(Actor::COMMAND, move |tx| tokens::create_token(tx, &input, &secret));
        minted.expect("a token").secret
    }

    /// Sends a request and waits for the answer.
    pub fn send(&self, method: &str, path: &str, token: &str, body: Option<&Value>) -> Answer {
        self.send_with(method, path, token, body, &[])
    }

    /// Sends a request with more headers.
    pub fn send_with(
        &self,
        method: &str,
        path: &str,
        token: &str,
        body: Option<&Value>,
        headers: &[(&str, &str)],
    ) -> Answer {
        let mut request = ureq::http::Request::builder().method(method).uri(format!("{}{path}", self.url));
        if !token.is_empty() {
            request = request.header("Authorization", format!("Bearer {token}"));
        }
        if body.is_some() {
            request = request.header("Content-Type", "application/json");
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let text = body.map(Value::to_string).unwrap_or_default();
        let sent = self.agent.run(request.body(text).expect("a request"));
        let mut response = sent.expect("an answer");
        let text = response.body_mut().read_to_string().unwrap_or_default();
        Answer { status: response.status().as_u16(), headers: response.headers().clone(), text }
    }
}
