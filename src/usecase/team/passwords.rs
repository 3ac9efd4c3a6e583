//! Passwords of members: argon2id with the parameters that OWASP recommends (19 MiB, two passes, one lane).
//!
//! Hashing takes tens of milliseconds and much memory: callers do it outside of transactions and off the threads that
//! answer requests.

use std::sync::LazyLock;

use argon2::password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};

use crate::error::{Error, FieldError, Result};

/// The least number of characters.
pub const SHORTEST: usize = 10;
/// The most bytes, so that nobody makes the server hash megabytes.
pub const LONGEST: usize = 1_000;

/// A hash that no password has. An unknown person's password is compared with it, so that the answer takes as long as
/// for a member.
static NOBODY: LazyLock<String> = LazyLock::new(|| hash("nobody has this password").unwrap_or_default());

fn argon2() -> Argon2<'static> {
    Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::DEFAULT)
}

/// The hash of a password, in PHC format with its salt and parameters.
///
/// # Errors
/// 500 where the system has no randomness.
pub fn hash(password: &str) -> Result<String> {
    let mut salt = [0_u8; 16];
    getrandom::fill(&mut salt).map_err(Error::internal)?;
    let salt = SaltString::encode_b64(&salt).map_err(Error::internal)?;
    let hashed = argon2().hash_password(password.as_bytes(), &salt).map_err(Error::internal)?;
    Ok(hashed.to_string())
}

/// Whether this is the password with the stored hash. Without a stored hash the answer is no, after the same work.
pub fn matches(password: &str, stored: Option<&str>) -> bool {
    let known = stored.is_some();
    let Ok(parsed) = PasswordHash::new(stored.unwrap_or(&NOBODY)) else { return false };
    let password = if password.len() > LONGEST { "" } else { password };
    argon2().verify_password(password.as_bytes(), &parsed).is_ok() && known
}

/// What is wrong with a new password. It must be long; no kinds of characters are required, because that makes people
/// choose worse ones. The e-mail address and one repeated character are refused.
pub fn wrong(password: &str, email: &str) -> Option<FieldError> {
    let found = |code, detail: String| Some(FieldError::new("/password", code, detail));
    let mut characters = password.chars();
    let first = characters.next();
    if password.chars().count() < SHORTEST {
        return found("too_short", format!("must have at least {SHORTEST} characters"));
    }
    if password.len() > LONGEST {
        return found("too_long", format!("must have at most {LONGEST} bytes"));
    }
    let (lower, email) = (password.to_lowercase(), email.trim().to_lowercase());
    if characters.all(|c| Some(c) == first) || (!email.is_empty() && lower == email) {
        return found("guessable", "is too easy to guess".to_owned());
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_matches_its_own_hash_only() {
        let stored = hash("correct horse battery").expect("a hash");
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{stored}");
        assert!(matches("correct horse battery", Some(&stored)));
        assert!(!matches("correct horse batterz", Some(&stored)));
        assert_ne!(hash("correct horse battery").ok(), Some(stored), "each has its own salt");
    }

    #[test]
    fn nobody_gets_in_without_a_stored_password() {
        assert!(!matches("nobody has this password", None), "not even with the one that is compared instead");
        assert!(!matches("", None));
        assert!(!matches("x", Some("not a hash")));
    }

    #[test]
    fn an_unknown_persons_password_is_compared_with_a_hash_of_the_same_cost() {
        let (nobody, stored) = (PasswordHash::new(&NOBODY).expect("a hash"), hash("somebody's own").expect("a hash"));
        let stored = PasswordHash::new(&stored).expect("a hash");
        assert_eq!(nobody.algorithm, stored.algorithm);
        assert_eq!(nobody.params.to_string(), stored.params.to_string());
    }

    #[test]
    fn short_and_guessable_passwords_are_refused() {
        let code = |password: &str| wrong(password, "Jin.Lee@example.com").map(|field| field.code);
        assert_eq!(code("short").as_deref(), Some("too_short"));
        assert_eq!(code("비밀번호짧음").as_deref(), Some("too_short"), "characters are counted, not bytes");
        assert_eq!(code("aaaaaaaaaaaa").as_deref(), Some("guessable"));
        assert_eq!(code("jin.lee@example.com").as_deref(), Some("guessable"));
        assert_eq!(code(&"x1".repeat(600)).as_deref(), Some("too_long"));
        assert_eq!(code("correct horse battery"), None);
        assert_eq!(code("열 글자가 넘는 비밀번호"), None);
    }
}
