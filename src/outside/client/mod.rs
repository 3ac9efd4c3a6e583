//! Outgoing HTTP, kept inside the fence: a URL comes from whoever may set one up, so no request may reach this machine's
//! own network by it. The host is resolved once, every address it has is checked, and the connection goes to an address
//! that was checked; redirects are not followed, proxies of the environment not used, answers cut off.

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

/// Bytes of an answer that are read; the rest is dropped unread.
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

/// What came back, whatever its status.
#[derive(Clone, Debug)]
pub struct Response {
    /// The HTTP status; a redirect is answered as it is.
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

    /// How long the other side asks us to wait (`Retry-After` in seconds or as a date).
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
    /// A client whose requests take at most `timeout` in all; `allow_private` takes the fence away.
    pub fn new(allow_private: bool, timeout: Duration) -> Self {
        Self::with_lookup(allow_private, timeout, Arc::new(SystemLookup))
    }

    /// The same with another way to look hosts up; for tests.
    pub fn with_lookup(allow_private: bool, timeout: Duration, lookup: Arc<dyn Lookup>) -> Self {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .proxy(None)
            // A connection that lay idle may be dead already, and what was sent on it neither sent nor not.
            .max_idle_connections(0)
            .timeout_global(Some(timeout))
            .user_agent(concat!("Hearback/", env!("CARGO_PKG_VERSION")))
            .allow_non_standard_methods(true)
            .build();
        let agent = Agent::with_parts(config, DefaultConnector::new(), Guarded { allow_private, lookup });
        Self { agent, allow_private, longest_answer: MAX_ANSWER }
    }

    /// The same, reading so many bytes of an answer instead of [`MAX_ANSWER`].
    #[must_use]
    pub fn with_longest_answer(self, longest_answer: u64) -> Self {
        Self { longest_answer, ..self }
    }

    /// Whether private addresses are allowed.
    pub fn allows_private(&self) -> bool {
        self.allow_private
    }

    /// Sends a request and reads the answer.
    ///
    /// # Errors
    /// A sentence that says why there was no answer: the URL or an address is refused, nobody listens, TLS fails, it
    /// took too long.
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
        // The status is there: a body that breaks off changes nothing.
        let _ = response.body_mut().as_reader().take(self.longest_answer).read_to_end(&mut body);
        Ok(Response { status, headers, body })
    }
}

/// An error in a sentence, without what a header or body held.
fn say(error: impl std::fmt::Display) -> String {
    let words: String = error.to_string().chars().take(300).collect();
    words.replace(['\r', '\n'], " ")
}

#[cfg(test)]
mod tests;
