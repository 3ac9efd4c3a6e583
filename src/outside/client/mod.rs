//! HTTP client for outgoing requests, protected against server-side request forgery (SSRF).
//!
//! Users configure the URLs, so a request must not reach the internal network of this machine. The host is resolved
//! once, each of its addresses is checked, and the connection goes to a checked address. Redirects are not followed,
//! proxies from the environment are not used, and long answers are truncated.

mod addresses;
mod resolver;

use std::io::Read;
use std::sync::Arc;
use std::time::Duration;

use ureq::Agent;
use ureq::unversioned::transport::DefaultConnector;

pub use addresses::{check_url, is_private};
use resolver::Guarded;
pub use resolver::{Lookup, SystemLookup};

/// How many bytes of a body are read; the rest is dropped.
pub const MAX_ANSWER: u64 = 1024 * 1024;

/// A blocking HTTP client; cheap to clone.
#[derive(Clone)]
pub struct Client {
    agent: Agent,
    allow_private: bool,
    longest_answer: u64,
}

/// A request to send.
#[derive(Clone, Debug)]
pub struct Request {
    /// `GET`, `POST`, `PATCH`, ...
    pub method: &'static str,
    /// `https://...`, or `http://...` where private addresses are allowed.
    pub url: String,
    /// Header names and values.
    pub headers: Vec<(String, String)>,
    /// The body; empty for none.
    pub body: Vec<u8>,
}

/// The response, whatever its status.
#[derive(Clone, Debug)]
pub struct Response {
    /// The HTTP status; a redirect is returned as it is.
    pub status: u16,
    /// Header names in lower case, and values.
    pub headers: Vec<(String, String)>,
    /// The first [`MAX_ANSWER`] bytes of the body.
    pub body: Vec<u8>,
}

impl Response {
    /// A header's value; `name` in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }

    /// How long the server asks us to wait (`Retry-After` in seconds or as a date).
    pub fn retry_after(&self) -> Option<Duration> {
        let value = self.header("retry-after")?.trim();
        if let Ok(seconds) = value.parse::<u64>() {
            return Some(Duration::from_secs(seconds));
        }
        let date = chrono::DateTime::parse_from_rfc2822(value).ok()?;
        (date.with_timezone(&chrono::Utc) - chrono::Utc::now()).to_std().ok()
    }
}

impl Client {
    /// A client whose requests take at most `timeout` in total; `allow_private` turns the address filter off.
    pub fn new(allow_private: bool, timeout: Duration) -> Self {
        Self::with_lookup(allow_private, timeout, Arc::new(SystemLookup))
    }

    /// The same with another resolver, for tests.
    pub fn with_lookup(allow_private: bool, timeout: Duration, lookup: Arc<dyn Lookup>) -> Self {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .proxy(None)
            // An idle connection may be dead already, and then it is unknown whether a request on it was received.
            .max_idle_connections(0)
            .timeout_global(Some(timeout))
            .user_agent(concat!("Hearback/", env!("CARGO_PKG_VERSION")))
            .allow_non_standard_methods(true)
            .build();
        let agent = Agent::with_parts(config, DefaultConnector::new(), Guarded { allow_private, lookup });
        Self { agent, allow_private, longest_answer: MAX_ANSWER }
    }

    /// The same client, which reads this many bytes of a body instead of [`MAX_ANSWER`].
    #[must_use]
    pub fn with_longest_answer(self, longest_answer: u64) -> Self {
        Self { longest_answer, ..self }
    }

    /// Whether private addresses are allowed.
    pub fn allows_private(&self) -> bool {
        self.allow_private
    }

    /// Sends a request and reads the response.
    ///
    /// # Errors
    /// A sentence that says why there was no response: the URL or an address is refused, the connection or TLS failed,
    /// or it took too long.
    pub fn send(&self, request: Request) -> Result<Response, String> {
        check_url(&request.url, self.allow_private)?;
        let mut builder = ureq::http::Request::builder().method(request.method).uri(&request.url);
        for (name, value) in &request.headers {
            builder = builder.header(name, value);
        }
        let sent = if request.body.is_empty() {
            self.agent.run(builder.body(()).map_err(say)?)
        } else {
            self.agent.run(builder.body(request.body).map_err(say)?)
        };
        let mut response = sent.map_err(say)?;
        let text = |value: &ureq::http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        let headers = response.headers().iter().map(|(name, value)| (name.as_str().to_owned(), text(value))).collect();
        let status = response.status().as_u16();
        let mut body = Vec::new();
        // The status is known, so a truncated body is acceptable.
        let _ = response.body_mut().as_reader().take(self.longest_answer).read_to_end(&mut body);
        Ok(Response { status, headers, body })
    }
}

/// An error as a sentence, without the content of headers or body.
fn say(error: impl std::fmt::Display) -> String {
    let words: String = error.to_string().chars().take(300).collect();
    words.replace(['\r', '\n'], " ")
}

#[cfg(test)]
mod tests;
