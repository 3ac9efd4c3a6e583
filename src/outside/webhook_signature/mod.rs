//! Standard Webhooks: signatures of messages, and the URLs that messages may be sent to.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac};
use sha2::Sha256;

use super::client;
use crate::domain::base::{Id, Time};
use crate::domain::integrations::WEBHOOK_SECRET_PREFIX;
use crate::error::{Error, Result};

/// Refuses a URL to which messages must not be sent.
///
/// # Errors
/// A sentence that says what the URL must be.
pub fn check_url(url: &str, allow_private: bool) -> std::result::Result<(), String> {
    client::check_url(url, allow_private)
}

/// The headers of one attempt: the message's id, the attempt's time, and one signature per secret.
///
/// # Errors
/// Where a secret is invalid.
pub fn headers(id: Id, at: Time, body: &str, secrets: &[&str]) -> Result<Vec<(String, String)>> {
    let seconds = at.0.div_euclid(Time::SECOND);
    let signatures: Result<Vec<String>> = secrets.iter().map(|secret| sign(secret, id, seconds, body)).collect();
    let headers = [
        ("webhook-id", id.to_string()),
        ("webhook-timestamp", seconds.to_string()),
        ("webhook-signature", signatures?.join(" ")),
        ("content-type", "application/json".to_owned()),
    ];
    Ok(headers.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

/// The signature `v1,<base64 of the HMAC-SHA256 over id.timestamp.body>`.
fn sign(secret: &str, id: Id, seconds: i64, body: &str) -> Result<String> {
    let key = STANDARD
        .decode(secret.trim_start_matches(WEBHOOK_SECRET_PREFIX))
        .map_err(|_| Error::internal("a wrong secret"))?;
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).map_err(Error::internal)?;
    mac.update(format!("{id}.{seconds}.").as_bytes());
    mac.update(body.as_bytes());
    Ok(format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes())))
}

#[cfg(test)]
mod tests {
    use standardwebhooks::Webhook;

    use super::*;
    use crate::domain::integrations::new_webhook_secret;

    #[test]
    fn the_reference_library_takes_our_signatures_and_no_others() {
        let (secret, other) = (new_webhook_secret().expect("randomness"), new_webhook_secret().expect("randomness"));
        assert_eq!(STANDARD.decode(&secret[WEBHOOK_SECRET_PREFIX.len()..]).expect("base64").len(), 32);
        let now = Time::from(chrono::Utc::now());
        let body = r#"{"type":"story.moved"}"#;
        let map = |headers: Vec<(String, String)>| {
            let mut map = ureq::http::HeaderMap::new();
            for (name, value) in headers {
                map.insert(ureq::http::HeaderName::try_from(name).expect("a name"), value.parse().expect("a value"));
            }
            map
        };
        let verify = |secret: &str, headers: &ureq::http::HeaderMap, body: &str| {
            Webhook::new(secret).expect("a secret").verify(body.as_bytes(), headers).is_ok()
        };
        let both = map(headers(Id::next(), now, body, &[&secret, &other]).expect("headers"));
        assert!(verify(&secret, &both, body) && verify(&other, &both, body), "either secret while rotating");
        let one = map(headers(Id::next(), now, body, &[&secret]).expect("headers"));
        assert!(verify(&secret, &one, body) && !verify(&other, &one, body) && !verify(&secret, &one, "{}"));
        let stale = map(headers(Id::next(), now.plus(-600 * Time::SECOND), body, &[&secret]).expect("headers"));
        assert!(!verify(&secret, &stale, body));
    }
}
