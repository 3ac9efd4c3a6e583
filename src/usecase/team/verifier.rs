//! Token verification, with a cache of a few seconds in front of the database.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};

use super::tokens::hash;
use crate::domain::base::{Id, Time};
use crate::domain::team::Caller;
use crate::error::{Code, Result};
use crate::store::Store;
use crate::store::team::tokens;

/// How long a verified token is cached, in microseconds. A token revoked by another instance works here for at most
/// this time.
const BELIEVED: i64 = 5 * Time::SECOND;

/// Cached tokens, and the last use of each; clones share both.
#[derive(Clone, Default)]
pub struct Verifier(Arc<Mutex<TokenCache>>);

#[derive(Default)]
struct TokenCache {
    /// Cached tokens by the hash of their secret.
    verified: HashMap<Vec<u8>, Verified>,
    /// Uses that are not written yet.
    used: HashMap<Id, Time>,
    /// Incremented when the cache is cleared: the result of an earlier look-up must not be cached.
    generation: u64,
}

/// A cached token.
struct Verified {
    caller: Caller,
    looked_up: Time,
    expires: Option<Time>,
}

impl Verified {
    /// Whether the entry is still fresh. A clock set back does not make it fresh, and no token works after its expiry.
    fn is_good(&self, now: Time) -> bool {
        let fresh = (self.looked_up.0..self.looked_up.0 + BELIEVED).contains(&now.0);
        fresh && self.expires.is_none_or(|end| end > now)
    }
}

impl Verifier {
    /// The caller with this secret.
    ///
    /// # Errors
    /// 401 where the token is unknown, revoked or expired, or its member is not active.
    pub async fn verify(&self, store: &Store, secret: &str) -> Result<Caller> {
        let (hash, now) = (hash(secret), store.clock.now());
        let generation = {
            let mut memory = self.memory();
            if let Some(caller) = memory.believed(&hash, now) {
                memory.used.insert(caller.token_id, now);
                return Ok(caller);
            }
            memory.generation
        };
        let wanted = hash.clone();
        let found = store.read(move |conn| tokens::verify(conn, &wanted, now)).await?;
        let (caller, expires) = found.ok_or(Code::Unauthorized)?;
        let mut memory = self.memory();
        memory.used.insert(caller.token_id, now);
        if memory.generation == generation {
            memory.verified.retain(|_, verified| verified.is_good(now));
            memory.verified.insert(hash, Verified { caller: caller.clone(), looked_up: now, expires });
        }
        Ok(caller)
    }

    /// Clears the cache, because a token was revoked or a member deactivated.
    pub fn forget(&self) {
        let mut memory = self.memory();
        memory.verified.clear();
        memory.generation += 1;
    }

    /// Takes the uses that are not written yet; the caller must write them.
    pub fn take_uses(&self) -> HashMap<Id, Time> {
        std::mem::take(&mut self.memory().used)
    }

    /// Returns uses that could not be written.
    pub fn give_back(&self, uses: HashMap<Id, Time>) {
        let mut memory = self.memory();
        for (id, at) in uses {
            memory.used.entry(id).or_insert(at);
        }
    }

    fn memory(&self) -> MutexGuard<'_, TokenCache> {
        self.0.lock().unwrap_or_else(|e| e.into_inner())
    }
}

impl TokenCache {
    fn believed(&self, hash: &[u8], now: Time) -> Option<Caller> {
        self.verified.get(hash).filter(|verified| verified.is_good(now)).map(|verified| verified.caller.clone())
    }
}
