//! A real OpenID Connect provider on loopback: `oidc-provider-mock`, if a Python installation has it.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::time::Duration;

use hearback::outside::client::{Client, Request};
use serde_json::Value;

use crate::support::{eventually, skip};

/// A provider of its own for a test.
pub struct Provider {
    pub issuer: String,
    client: Client,
    child: Child,
}

impl Drop for Provider {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A Python with the provider: `tools/oidc_provider.sh` installs one in `target/`.
fn python() -> Option<&'static Path> {
    static PYTHON: OnceLock<Option<PathBuf>> = OnceLock::new();
    let found = PYTHON.get_or_init(|| {
        let made = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/oidc-provider/bin/python");
        let has_it = |python: &PathBuf| {
            let tried = Command::new(python).args(["-c", "import oidc_provider_mock"]).stderr(Stdio::null()).status();
            tried.is_ok_and(|status| status.success())
        };
        [made, PathBuf::from("python3")].into_iter().find(has_it)
    });
    if found.is_none() {
        skip(
            "there is no OpenID Connect provider; `tools/oidc_provider.sh` installs one in target/, once (it takes Python 3)",
        );
    }
    found.as_deref()
}

impl Provider {
    /// Starts a provider if a Python is available.
    pub fn start() -> Option<Self> {
        let python = python()?;
        let port = TcpListener::bind("127.0.0.1:0").and_then(|socket| socket.local_addr()).expect("a port").port();
        let child = Command::new(python)
            .args(["-W", "ignore", "-m", "oidc_provider_mock", "--require-nonce", "true", "--port", &port.to_string()])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("Python runs");
        let client = Client::new(true, Duration::from_secs(10));
        let provider = Self { issuer: format!("http://127.0.0.1:{port}"), client, child };
        let known = format!("{}/.well-known/openid-configuration", provider.issuer);
        eventually("the provider answers", Duration::from_secs(30), || provider.send("GET", &known, "", b"").is_ok());
        Some(provider)
    }

    fn send(&self, method: &'static str, url: &str, kind: &str, body: &[u8]) -> Result<Option<String>, String> {
        let headers = vec![("Content-Type".to_owned(), kind.to_owned())];
        let headers = if kind.is_empty() { Vec::new() } else { headers };
        let request = Request { method, url: url.to_owned(), headers, body: body.to_vec() };
        let response = self.client.send(request)?;
        if response.status >= 400 {
            return Err(format!("{} {}", response.status, String::from_utf8_lossy(&response.body)));
        }
        Ok(response.header("location").map(str::to_owned))
    }

    /// Somebody whom the provider knows, with these claims.
    pub fn person(&self, subject: &str, claims: Value) {
        let url = format!("{}/users/{subject}", self.issuer);
        self.send("PUT", &url, "application/json", claims.to_string().as_bytes()).expect("a person");
    }

    /// What the provider does when this person signs in there: the address that it sends the browser back to.
    pub fn authorize(&self, address: &str, subject: &str) -> String {
        let form = format!("sub={subject}");
        let sent = self.send("POST", address, "application/x-www-form-urlencoded", form.as_bytes());
        sent.expect("an authorization").expect("an address")
    }
}
