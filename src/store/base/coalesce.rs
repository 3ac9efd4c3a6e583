//! Request coalescing for reads: while one read is running, requests for the same rows, or for rows that the same
//! statement can read, wait until it ends. Then one read answers all of them. It saves round trips for reads as group
//! commit saves flushes for writes.
//!
//! A request is never answered with data that was read before the request came: a request that arrives during a read is
//! answered by the next one. So a reader always sees every acknowledged write.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::Hash;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex};

use tokio::sync::oneshot;

use super::scope;
use super::work::fresh::{self, Fresh};
use crate::domain::team::access::Scope;
use crate::error::{Error, Result};
use crate::store::health::wanted;
use crate::store::{Conn, Store};

/// Coalesced reads of one kind. In each lane, one read runs at a time.
pub struct Together<L, P, V> {
    store: Store,
    /// Reads the parts of one lane; the answers are in the order of the parts.
    work: fn(&mut Conn, &[P]) -> Result<Vec<V>>,
    lanes: Arc<Lanes<L, P, V>>,
}

/// What waits in each lane. Callers who may see different products never share a read.
type Lanes<L, P, V> = Mutex<HashMap<Lane<L>, WaitingParts<P, V>>>;

/// A lane, what its callers may see, and whether a replica may answer them.
type Lane<L> = (Scope, bool, L);

/// The requested parts, each with what its request must see on a replica, and its channel.
type WaitingParts<P, V> = Vec<(P, Option<Arc<Fresh>>, oneshot::Sender<Result<V>>)>;

impl<L, P, V> Together<L, P, V>
where
    L: Clone + Eq + Hash + Send + 'static,
    P: Send + 'static,
    V: Send + 'static,
{
    /// Coalesced reads of this store. `work` must answer one value per part.
    pub fn new(store: Store, work: fn(&mut Conn, &[P]) -> Result<Vec<V>>) -> Self {
        Self { store, work, lanes: Arc::default() }
    }

    /// Reads `part` together with the other requests that wait in the lane.
    ///
    /// # Errors
    /// Those of the work, and 503 where no connection is free in time.
    pub async fn ask(&self, lane: L, part: P) -> Result<V> {
        let (reply, answer) = oneshot::channel();
        let fresh = fresh::current();
        let lane = (scope::current(), fresh.is_some(), lane);
        let first = match self.lanes.lock().unwrap_or_else(|e| e.into_inner()).entry(lane.clone()) {
            Entry::Occupied(mut waiting) => {
                waiting.get_mut().push((part, fresh, reply));
                None
            }
            Entry::Vacant(open) => {
                open.insert(Vec::new());
                Some(vec![(part, fresh, reply)])
            }
        };
        if let Some(first) = first {
            let (store, work, lanes) = (self.store.clone(), self.work, self.lanes.clone());
            tokio::task::spawn_blocking(move || drive(&store, work, &lanes, &lane, first));
        }
        wanted::answer(wanted::PATIENCE, async { answer.await.map_err(Error::internal)? }).await
    }
}

/// Reads for the requests that wait in a lane, until none does.
fn drive<L: Eq + Hash, P, V>(
    store: &Store,
    work: fn(&mut Conn, &[P]) -> Result<Vec<V>>,
    lanes: &Lanes<L, P, V>,
    lane: &Lane<L>,
    mut waiting: WaitingParts<P, V>,
) {
    loop {
        let (mut parts, mut needs, mut replies) = (Vec::new(), Vec::new(), Vec::new());
        for (part, fresh, reply) in waiting {
            parts.push(part);
            needs.extend(fresh);
            replies.push(reply);
        }
        // What sees enough for the latest request does for all.
        let latest = needs.iter().reduce(|one, other| if one.is_after(other) { one } else { other });
        // After a panic the lane must become free again.
        let read = catch_unwind(AssertUnwindSafe(|| store.read_for(latest, &lane.0, |conn| work(conn, &parts))));
        if latest.is_some_and(|latest| latest.has_failed()) {
            needs.iter().for_each(|fresh| fresh.fail());
        }
        // The request may have been cancelled meanwhile.
        match read.unwrap_or_else(|_| Err(Error::internal("a read panicked"))) {
            Ok(values) => replies.into_iter().zip(values).for_each(|(reply, value)| drop(reply.send(Ok(value)))),
            Err(e) => replies.into_iter().for_each(|reply| drop(reply.send(Err(e.clone())))),
        }
        let mut lanes = lanes.lock().unwrap_or_else(|e| e.into_inner());
        waiting = lanes.get_mut(lane).map(std::mem::take).unwrap_or_default();
        if waiting.is_empty() {
            lanes.remove(lane);
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use super::*;
    use crate::clock::Clock;
    use crate::error::Code;
    use crate::store::Location;

    static READS: AtomicUsize = AtomicUsize::new(0);

    /// Sleeps, counts its runs, and answers how many runs came before this one.
    fn slow(_: &mut Conn, parts: &[u8]) -> Result<Vec<(u8, usize)>> {
        let before = READS.fetch_add(1, Ordering::SeqCst);
        std::thread::sleep(Duration::from_millis(50));
        match parts {
            [0, ..] => panic!("as asked for"),
            [1, ..] => Err(Error::not_found("feedback")),
            _ => Ok(parts.iter().map(|part| (*part, before)).collect()),
        }
    }

    #[actix_web::test]
    async fn requests_during_a_read_are_answered_by_the_next_one() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("a.db").display().to_string();
        let store = Store::open(Location::Sqlite(file), Clock::default()).expect("a store");
        let together = Together::new(store, slow);

        let first = together.ask("lane", 7);
        let others = async {
            tokio::time::sleep(Duration::from_millis(10)).await;
            futures_util::future::join_all((8..18).map(|part| together.ask("lane", part))).await
        };
        let (first, others) = futures_util::future::join(first, others).await;
        assert_eq!(first.expect("an answer"), (7, 0));
        for (other, part) in others.into_iter().zip(8..) {
            assert_eq!(other.expect("an answer"), (part, 1), "one read for all, which began after they asked");
        }

        let (failed, panicked) = futures_util::future::join(together.ask("one", 1), together.ask("other", 0)).await;
        assert_eq!(failed.expect_err("no answer").code, Code::NotFound);
        assert_eq!(panicked.expect_err("no answer").code, Code::Internal);
        assert_eq!(together.ask("other", 9).await.expect("the lane is free again").0, 9);
    }
}
