//! Token verification, with a cache of a few seconds in front of the database.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};

use super::tokens::hash;
use crate::domain::base::{Id, Time};
use crate::domain::team::access::ProductAccess;
use crate::domain::team::{Caller, Member, Role};
use crate::error::{Code, Result};
use crate::store::Store;
use crate::store::team::{access, tokens};

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
    /// What members may do in which product, and when that was looked up.
    members: HashMap<Id, (Time, Role, Arc<ProductAccess>)>,
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
        is_fresh(self.looked_up, now) && self.expires.is_none_or(|end| end > now)
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

    /// What a member may do in which product, for a session.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn access_of(&self, store: &Store, member: &Member) -> Result<Arc<ProductAccess>> {
        let (id, role, now) = (member.id, member.role, store.clock.now());
        let generation = {
            let memory = self.memory();
            if let Some((at, as_role, access)) = memory.members.get(&id)
                && *as_role == role
                && is_fresh(*at, now)
            {
                return Ok(access.clone());
            }
            memory.generation
        };
        let facts = store.read(move |conn| access::facts(conn, Some((id, role)), None)).await?;
        let found = Arc::new(ProductAccess::of(&facts));
        let mut memory = self.memory();
        if memory.generation == generation {
            memory.members.retain(|_, (at, _, _)| is_fresh(*at, now));
            memory.members.insert(id, (now, role, found.clone()));
        }
        Ok(found)
    }

    /// Clears the cache, because a token was revoked, a member deactivated, or a role in a product changed.
    pub fn forget(&self) {
        let mut memory = self.memory();
        memory.verified.clear();
        memory.members.clear();
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

fn is_fresh(looked_up: Time, now: Time) -> bool {
    (looked_up.0..looked_up.0 + BELIEVED).contains(&now.0)
}

impl TokenCache {
    fn believed(&self, hash: &[u8], now: Time) -> Option<Caller> {
        self.verified.get(hash).filter(|verified| verified.is_good(now)).map(|verified| verified.caller.clone())
    }
}
