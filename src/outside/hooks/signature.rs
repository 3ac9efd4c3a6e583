//! Verification of a hook's sender. All comparisons take constant time.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::domain::base::Time;

/// The largest difference between a signed time and the present, in either direction.
const TOLERANCE: i64 = 300 * Time::SECOND;

/// A secret with this prefix is base64 after it, and signs by Standard Webhooks.
pub const PREFIX: &str = "whsec_";

/// Verifies `X-Hub-Signature-256`: `sha256=` and the hexadecimal HMAC-SHA256 of the body.
pub fn github(secret: &str, header: &str, body: &[u8]) -> bool {
    let Some(signature) = header.strip_prefix("sha256=").and_then(from_hex) else { return false };
    mac(secret.as_bytes(), &[body]).is_some_and(|mac| mac.verify_slice(&signature).is_ok())
}

/// Verifies the hexadecimal HMAC-SHA256 of a body: Sentry's `Sentry-Hook-Signature`, and Grafana's
/// `X-Grafana-Alerting-Signature`. Where Grafana also sends a time (seconds since 1970), it signs `{time}:{body}`, and the
/// time must be near.
pub fn hexadecimal(secret: &str, header: &str, timestamp: Option<&str>, body: &[u8], now: Time) -> bool {
    let Some(signature) = from_hex(header).filter(|signature| !signature.is_empty()) else { return false };
    let mac = match timestamp {
        None => mac(secret.as_bytes(), &[body]),
        Some(timestamp) => {
            let Ok(seconds) = timestamp.parse::<i64>() else { return false };
            let age = now.0.saturating_sub(seconds.saturating_mul(Time::SECOND));
            if !(-TOLERANCE..=TOLERANCE).contains(&age) {
                return false;
            }
            mac(secret.as_bytes(), &[timestamp.as_bytes(), b":", body])
        }
    };
    mac.is_some_and(|mac| mac.verify_slice(&signature).is_ok())
}

/// The headers by which GitLab authenticates itself.
#[derive(Clone, Copy, Debug, Default)]
pub struct GitlabProof<'a> {
    /// `X-Gitlab-Token`: the secret itself.
    pub token: &'a str,
    /// `webhook-id`.
    pub id: &'a str,
    /// `webhook-timestamp`, in seconds since 1970.
    pub timestamp: &'a str,
    /// `webhook-signature`: `v1,` and base64; several signatures are separated by spaces.
    pub signature: &'a str,
}

/// Verifies a hook of GitLab. A secret that begins with `whsec_` requires a signature. Any other secret is compared
/// with the token, or verifies the signature where no token is sent.
pub fn gitlab(secret: &str, proof: &GitlabProof<'_>, body: &[u8], now: Time) -> bool {
    match secret.strip_prefix(PREFIX) {
        Some(encoded) => STANDARD.decode(encoded).is_ok_and(|key| standard(&key, proof, body, now)),
        None if !proof.token.is_empty() => same(secret, proof.token),
        None => standard(secret.as_bytes(), proof, body, now),
    }
}

/// Verifies a signature by Standard Webhooks: HMAC-SHA256 over `{id}.{timestamp}.{body}`.
fn standard(key: &[u8], proof: &GitlabProof<'_>, body: &[u8], now: Time) -> bool {
    let Ok(seconds) = proof.timestamp.parse::<i64>() else { return false };
    let age = now.0.saturating_sub(seconds.saturating_mul(Time::SECOND));
    if proof.id.is_empty() || !(-TOLERANCE..=TOLERANCE).contains(&age) {
        return false;
    }
    let parts = [proof.id.as_bytes(), b".", proof.timestamp.as_bytes(), b".", body];
    let Some(mac) = mac(key, &parts) else { return false };
    let signatures = proof.signature.split(' ').filter_map(|one| STANDARD.decode(one.strip_prefix("v1,")?).ok());
    // Compare all signatures even after a match, so timing does not reveal which one matched.
    signatures.fold(false, |right, one| right | mac.clone().verify_slice(&one).is_ok())
}

/// A hash that identifies a body, in addition to the id that its sender gives.
pub fn fingerprint(body: &[u8]) -> String {
    Sha256::digest(body).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn mac(key: &[u8], parts: &[&[u8]]) -> Option<Hmac<Sha256>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).ok()?;
    parts.iter().for_each(|part| mac.update(part));
    Some(mac)
}

/// Compares digests, so that timing does not even reveal the length.
fn same(one: &str, other: &str) -> bool {
    Sha256::digest(one).ct_eq(&Sha256::digest(other)).into()
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    if !text.len().is_multiple_of(2) || !text.is_ascii() {
        return None;
    }
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_vector_that_github_publishes() {
        let (secret, body) = ("It's a Secret to Everybody", b"Hello, World!");
        let signature = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
        assert!(github(secret, signature, body));
        assert!(!github(secret, signature, b"Hello, World?"));
        assert!(!github("It's a secret to everybody", signature, body));
        assert!(!github(secret, &signature.replace("757", "758"), body));
        for wrong in ["", "sha256=", "sha256=zz", "sha256=7", "sha256=\u{e9}\u{e9}", &signature[7..], &signature[..20]]
        {
            assert!(!github(secret, wrong, body), "{wrong}");
        }
    }

    #[test]
    fn a_hexadecimal_signature_may_cover_a_time() {
        let (secret, body, now) = ("It's a Secret to Everybody", b"Hello, World!", Time(1_700_000_000 * Time::SECOND));
        let plain = "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
        assert!(hexadecimal(secret, plain, None, body, now));
        assert!(!hexadecimal(secret, plain, Some("1700000000"), body, now), "it covers no time");
        assert!(!hexadecimal("another secret", plain, None, body, now));
        let mut timed = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("a key");
        timed.update(b"1700000000:Hello, World!");
        let timed: String = timed.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
        assert!(hexadecimal(secret, &timed, Some("1700000000"), body, now));
        assert!(!hexadecimal(secret, &timed, Some("1700000000"), body, now.plus(TOLERANCE + 1)), "stale");
        for wrong in ["", "zz", "7"] {
            assert!(!hexadecimal(secret, wrong, None, body, now), "{wrong}");
        }
    }

    #[test]
    fn the_vector_of_standard_webhooks() {
        let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
        let body = br#"{"test": 2432232314}"#;
        let now = Time(1_614_265_330 * Time::SECOND);
        let proof = GitlabProof {
            id: "msg_p5jXN8AQM9LWM0D4loKWxJek",
            timestamp: "1614265330",
            signature: "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
            ..GitlabProof::default()
        };
        assert!(gitlab(secret, &proof, body, now));
        assert!(gitlab(secret, &proof, body, now.plus(TOLERANCE)));
        assert!(!gitlab(secret, &proof, body, now.plus(TOLERANCE + 1)), "stale");
        assert!(!gitlab(secret, &proof, body, now.plus(-TOLERANCE - 1)), "from the future");
        let rotated = format!("v1,{} v2,x {}", STANDARD.encode([0; 32]), proof.signature);
        assert!(gitlab(secret, &GitlabProof { signature: &rotated, ..proof }, body, now));
        for wrong in [
            GitlabProof { id: "msg_other", ..proof },
            GitlabProof { timestamp: "1614265331", ..proof },
            GitlabProof { timestamp: "x", ..proof },
            GitlabProof { signature: "", ..proof },
            GitlabProof { signature: "v1,", ..proof },
            GitlabProof { signature: "", token: secret, ..proof },
        ] {
            assert!(!gitlab(secret, &wrong, body, now), "{wrong:?}");
        }
    }

    #[test]
    fn a_plain_secret_is_a_token() {
        let now = Time(0);
        let proof = |token| GitlabProof { token, ..GitlabProof::default() };
        assert!(gitlab("a-plain-secret", &proof("a-plain-secret"), b"{}", now));
        for wrong in ["a-plain-secreT", "a-plain-secret ", "", "a"] {
            assert!(!gitlab("a-plain-secret", &proof(wrong), b"{}", now), "{wrong}");
        }
    }
}
