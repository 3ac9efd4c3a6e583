//! Signed links for customers. The signature makes them unforgeable, so they work without a login.
//!
//! A token is `id | last valid second | HMAC-SHA256` in URL-safe base64. The purpose is part of the signed data, so a
//! link to unsubscribe can't be used to answer.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, Mac};
use sha2::Sha256;

use crate::domain::base::{Actor, Id, Time};
use crate::error::{Error, Result};
use crate::store::base::secrets;
use crate::store::{Conn, Store, Tx};

/// The name of the key among the secrets.
const KEY: &str = "customer_links";
/// The length of id and expiry, in bytes.
const SIGNED: usize = 16 + 8;

/// The purpose of a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// To answer whether the problem is solved.
    Answer,
    /// To answer whether an incident is over.
    Incident,
    /// To unsubscribe from mails.
    Unsubscribe,
}

impl Purpose {
    /// The first segment of its path.
    pub fn as_str(self) -> &'static str {
        match self {
            Purpose::Answer => "answer",
            Purpose::Incident => "incident-answer",
            Purpose::Unsubscribe => "unsubscribe",
        }
    }
}

/// The content of a valid link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LinkContent {
    /// The closure or the message about an incident that the link is about, or the customer for a mail without a closure.
    pub about: Id,
    /// When the link expires.
    pub until: Time,
}

/// Creates and verifies links.
#[derive(Clone)]
pub struct CustomerLinks {
    key: Vec<u8>,
}

impl CustomerLinks {
    /// Loads the key of this instance; creates it the first time.
    ///
    /// # Errors
    /// 500 where the system has no randomness.
    pub fn load(store: &Store) -> Result<Self> {
        if let Some(key) = store.read_now(|conn| secrets::get(conn, KEY))? {
            return Ok(Self { key });
        }
        store.write_now(Actor::AUTOMATION, Self::in_transaction)
    }

    /// Like [`CustomerLinks::load`], in a transaction.
    ///
    /// # Errors
    /// As for [`CustomerLinks::load`].
    pub fn in_transaction(tx: &mut Tx<'_>) -> Result<Self> {
        let mut fresh = [0_u8; 32];
        getrandom::fill(&mut fresh).map_err(Error::internal)?;
        Ok(Self { key: secrets::get_or_make(tx, KEY, &fresh)? })
    }

    /// With the key, if it exists: without a key no valid link can exist.
    pub fn known(conn: &mut Conn) -> Result<Option<Self>> {
        Ok(secrets::get(conn, KEY)?.map(|key| Self { key }))
    }

    /// The URL of a link; `base` is the public address of the instance.
    ///
    /// # Errors
    /// None: HMAC accepts a key of any length.
    pub fn url(&self, base: &str, purpose: Purpose, named: LinkContent) -> Result<String> {
        Ok(format!("{}/{}/{}", base.trim_end_matches('/'), purpose.as_str(), self.token(purpose, named)?))
    }

    /// The token of a link.
    ///
    /// # Errors
    /// As for [`CustomerLinks::url`].
    pub fn token(&self, purpose: Purpose, named: LinkContent) -> Result<String> {
        let mut bytes = named.about.0.as_bytes().to_vec();
        bytes.extend((named.until.0 / Time::SECOND).to_be_bytes());
        let signature = self.mac(purpose, &bytes)?.finalize().into_bytes();
        bytes.extend(signature);
        Ok(URL_SAFE_NO_PAD.encode(bytes))
    }

    /// The content of a token; `None` where it is not a valid token of this instance for this purpose.
    ///
    /// # Errors
    /// As for [`CustomerLinks::url`].
    pub fn read(&self, purpose: Purpose, token: &str) -> Result<Option<LinkContent>> {
        let Ok(bytes) = URL_SAFE_NO_PAD.decode(token) else { return Ok(None) };
        let Some((signed, signature)) = bytes.split_at_checked(SIGNED) else { return Ok(None) };
        if self.mac(purpose, signed)?.verify_slice(signature).is_err() {
            return Ok(None);
        }
        let (id, until) = signed.split_at(16);
        let id = uuid::Uuid::from_slice(id).map_err(Error::internal)?;
        let until = i64::from_be_bytes(until.try_into().map_err(Error::internal)?);
        Ok(Some(LinkContent { about: Id(id), until: Time(until.saturating_mul(Time::SECOND)) }))
    }

    fn mac(&self, purpose: Purpose, signed: &[u8]) -> Result<Hmac<Sha256>> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.key).map_err(Error::internal)?;
        mac.update(purpose.as_str().as_bytes());
        mac.update(&[0]);
        mac.update(signed);
        Ok(mac)
    }
}

/// What a link of a customer is about.
///
/// # Errors
/// 404 where the token is none of this instance's for this purpose.
pub fn resolve(conn: &mut Conn, purpose: Purpose, token: &str) -> Result<LinkContent> {
    let named = match CustomerLinks::known(conn)? {
        Some(links) => links.read(purpose, token)?,
        None => None,
    };
    named.ok_or_else(|| Error::not_found("link"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn links() -> CustomerLinks {
        CustomerLinks { key: vec![7; 32] }
    }

    proptest! {
        #[test]
        fn a_link_says_what_it_was_made_of(bytes in any::<u128>(), second in 0_i64..10_000_000_000) {
            let named = LinkContent { about: Id(uuid::Uuid::from_u128(bytes)), until: Time(second * Time::SECOND) };
            let token = links().token(Purpose::Answer, named).unwrap();
            prop_assert_eq!(links().read(Purpose::Answer, &token).unwrap(), Some(named));
            prop_assert_eq!(links().read(Purpose::Unsubscribe, &token).unwrap(), None);
            prop_assert_eq!(CustomerLinks { key: vec![8; 32] }.read(Purpose::Answer, &token).unwrap(), None);
        }

        #[test]
        fn a_tampered_link_says_nothing(at in 0_usize..56, bit in 0_u8..8) {
            let named = LinkContent { about: Id::next(), until: Time(1_800_000_000 * Time::SECOND) };
            let token = links().token(Purpose::Answer, named).unwrap();
            let mut bytes = URL_SAFE_NO_PAD.decode(&token).unwrap();
            bytes[at] ^= 1 << bit;
            let tampered = URL_SAFE_NO_PAD.encode(bytes);
            prop_assert_eq!(links().read(Purpose::Answer, &tampered).unwrap(), None);
        }

        #[test]
        fn any_text_can_be_read(text in any::<String>()) {
            prop_assert_eq!(links().read(Purpose::Answer, &text).unwrap(), None);
        }
    }
}
