//! Rate limit of each token in requests a minute; off if the setting is 0. The answer has the `RateLimit` headers of
//! the IETF draft.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};

use crate::domain::base::Id;
use crate::error::{Code, Error};

const WINDOW: Duration = Duration::from_secs(60);

/// Counts the requests of each token in windows of one minute.
pub struct RateLimit {
    /// Requests in a window; 0 means no limit.
    quota: u32,
    windows: Mutex<HashMap<Id, LimitWindow>>,
}

#[derive(Clone, Copy)]
struct LimitWindow {
    began: Instant,
    used: u32,
}

/// The state of a token's limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allowance {
    /// Requests a minute.
    pub quota: u32,
    /// Requests left; `None` if this request is over the limit.
    pub left: Option<u32>,
    /// Seconds until the window ends.
    pub resets_in: u64,
}

impl RateLimit {
    /// A limit of `quota` requests a minute.
    pub fn new(quota: u32) -> Self {
        Self { quota, windows: Mutex::default() }
    }

    /// Counts one request; `None` if there is no limit.
    pub fn take(&self, token: Id, now: Instant) -> Option<Allowance> {
        if self.quota == 0 {
            return None;
        }
        let mut windows = self.windows.lock().unwrap_or_else(|e| e.into_inner());
        let window = windows.entry(token).or_insert(LimitWindow { began: now, used: 0 });
        if now.duration_since(window.began) >= WINDOW {
            *window = LimitWindow { began: now, used: 0 };
        }
        let left = self.quota.checked_sub(window.used + 1);
        // Refused requests are not counted: a client that waits as long as it was told gets through.
        window.used += u32::from(left.is_some());
        let rest = WINDOW.saturating_sub(now.duration_since(window.began));
        Some(Allowance { quota: self.quota, left, resets_in: rest.as_secs() + u64::from(rest.subsec_nanos() > 0) })
    }
}

impl Allowance {
    /// 429 if nothing is left.
    ///
    /// # Errors
    /// That 429.
    pub fn check(self) -> Result<(), Error> {
        if self.left.is_some() {
            return Ok(());
        }
        let detail = format!("A token may send {} requests a minute. Wait {} seconds.", self.quota, self.resets_in);
        Err(Error { retry_after: u32::try_from(self.resets_in).ok(), ..Error::new(Code::RateLimited, detail) })
    }

    /// Adds the limit to the headers of an answer.
    pub fn tell(self, headers: &mut HeaderMap) {
        let policy = format!("\"default\";q={};w={}", self.quota, WINDOW.as_secs());
        let now = format!("\"default\";r={};t={}", self.left.unwrap_or_default(), self.resets_in);
        for (name, text) in [("ratelimit-policy", policy), ("ratelimit", now)] {
            if let Ok(value) = HeaderValue::from_str(&text) {
                headers.insert(HeaderName::from_static(name), value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_has_its_quota_a_minute_and_another_token_its_own() {
        let (limit, began) = (RateLimit::new(2), Instant::now());
        let (one, other) = (Id::next(), Id::next());
        let left =
            |token, seconds| limit.take(token, began + Duration::from_secs(seconds)).map(|a| (a.left, a.resets_in));
        assert_eq!(left(one, 0), Some((Some(1), 60)));
        assert_eq!(left(one, 10), Some((Some(0), 50)));
        assert_eq!(left(one, 20), Some((None, 40)));
        assert_eq!(left(other, 20), Some((Some(1), 60)));
        assert_eq!(left(one, 60), Some((Some(1), 60)));
    }

    #[test]
    fn zero_sets_no_limit() {
        assert_eq!(RateLimit::new(0).take(Id::next(), Instant::now()), None);
    }

    #[test]
    fn a_refusal_says_how_long_to_wait() {
        let refused = Allowance { quota: 5, left: None, resets_in: 12 };
        let error = refused.check().err();
        assert_eq!(error.as_ref().map(|e| e.code), Some(Code::RateLimited));
        assert_eq!(error.and_then(|e| e.retry_after), Some(12));
        let mut headers = HeaderMap::new();
        refused.tell(&mut headers);
        assert_eq!(headers.get("ratelimit").map(|v| v.as_bytes()), Some(b"\"default\";r=0;t=12".as_slice()));
        assert_eq!(headers.get("ratelimit-policy").map(|v| v.as_bytes()), Some(b"\"default\";q=5;w=60".as_slice()));
    }
}
