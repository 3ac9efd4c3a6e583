//! How much memory large requests and answers may take together: what is beyond it is refused, so that no crowd of them
//! takes the server down. Small ones are not counted.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::web::Bytes;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::error::{Code, Error, Result};

/// A body up to this size is read and checked where it arrives, and is not counted.
pub const SMALL: usize = 64 * 1024;

/// A larger answer goes out in pieces of this size: a client that reads slowly holds one of them, not a copy of all.
const PIECE: usize = 32 * 1024;

/// A number of bytes that many share.
#[derive(Clone)]
pub struct Budget(Arc<Shared>);

struct Shared {
    limit: usize,
    used: AtomicUsize,
}

impl Budget {
    /// So many bytes.
    pub fn new(limit: usize) -> Self {
        Self(Arc::new(Shared { limit, used: AtomicUsize::new(0) }))
    }

    /// Takes nothing yet.
    pub fn open(&self) -> Held {
        Held { budget: self.clone(), bytes: 0 }
    }
}

/// A part of a budget; it is given back when dropped.
pub struct Held {
    budget: Budget,
    bytes: usize,
}

impl Held {
    /// Takes more; false, and nothing taken, where the budget does not have it.
    pub fn grow(&mut self, more: usize) -> bool {
        let Shared { limit, used } = &*self.budget.0;
        let taken = used.fetch_update(Ordering::AcqRel, Ordering::Acquire, |used| {
            used.checked_add(more).filter(|total| total <= limit)
        });
        self.bytes += if taken.is_ok() { more } else { 0 };
        taken.is_ok()
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.budget.0.used.fetch_sub(self.bytes, Ordering::AcqRel);
    }
}

/// What large requests and answers share.
pub struct Memory {
    /// Bodies of requests, from their arrival to their answer.
    pub requests: Budget,
    /// Answers, until they are written.
    pub answers: Budget,
    /// Large requests that are being worked on: reading JSON takes several times its size.
    work: Arc<Semaphore>,
    /// Permits of `work`, of a kilobyte each.
    permits: u32,
}

impl Memory {
    /// `in_flight` bytes each for requests and answers. Two of the largest requests are never worked on at once.
    pub fn new(in_flight: usize, largest: usize) -> Self {
        let permits = u32::try_from(largest / 1024 * 3 / 2).unwrap_or(u32::MAX / 2).max(1);
        let work = Arc::new(Semaphore::new(permits as usize));
        Self { requests: Budget::new(in_flight), answers: Budget::new(in_flight), work, permits }
    }

    /// Waits for its turn to work on a request of so many bytes.
    ///
    /// # Errors
    /// 503 where that takes too long.
    pub async fn turn(&self, bytes: usize, at_most: Duration) -> Result<OwnedSemaphorePermit> {
        let permits = u32::try_from(bytes / 1024).unwrap_or(u32::MAX).clamp(1, self.permits);
        let turn = tokio::time::timeout(at_most, self.work.clone().acquire_many_owned(permits)).await;
        turn.ok().and_then(|permit| permit.ok()).ok_or_else(|| crowded("requests"))
    }
}

/// 503 where the budget is used up.
pub fn crowded(what: &str) -> Error {
    Error::new(Code::Busy, format!("Too many large {what} are under way. Wait as long as Retry-After says and repeat."))
}

/// The body of an answer: as it is where it is small, else in pieces.
pub fn answer_body(bytes: impl Into<Bytes>) -> BoxBody {
    pieces(bytes.into(), None)
}

/// The same of an answer that counts against a budget until it is written.
pub fn pieces(bytes: Bytes, held: Option<Held>) -> BoxBody {
    if bytes.len() <= PIECE { BoxBody::new(bytes) } else { BoxBody::new(Pieces { rest: bytes, _held: held }) }
}

struct Pieces {
    rest: Bytes,
    _held: Option<Held>,
}

impl MessageBody for Pieces {
    type Error = std::convert::Infallible;

    fn size(&self) -> BodySize {
        BodySize::Sized(self.rest.len() as u64)
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<std::result::Result<Bytes, Self::Error>>> {
        let length = self.rest.len().min(PIECE);
        Poll::Ready((length > 0).then(|| Ok(self.rest.split_to(length))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_budget_gives_no_more_than_it_has_and_gets_back_what_it_gave() {
        let budget = Budget::new(100);
        let (mut one, mut other) = (budget.open(), budget.open());
        assert!(one.grow(60) && one.grow(20) && !other.grow(21) && other.grow(20));
        drop(one);
        assert!(other.grow(80) && !other.grow(1));
    }

    #[actix_web::test]
    async fn a_large_answer_goes_out_in_pieces_and_arrives_whole() {
        let bytes: Vec<u8> = (0..100_000_u32).map(|n| n as u8).collect();
        let body = answer_body(bytes.clone());
        assert_eq!(body.size(), BodySize::Sized(100_000));
        assert_eq!(actix_web::body::to_bytes(body).await.expect("all of it"), bytes);
    }
}
