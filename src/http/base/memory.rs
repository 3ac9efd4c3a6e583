//! Memory budgets for large requests and answers. Requests above the budget are refused, so that many large ones can't
//! exhaust the memory. Small ones are not counted.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::web::Bytes;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::error::{Code, Error, Result};

/// A body up to this size is parsed in place and not counted.
pub const SMALL: usize = 64 * 1024;

/// A larger answer is written in chunks of this size: a slow client holds one chunk, not a copy of the whole answer.
const PIECE: usize = 32 * 1024;

/// A number of bytes shared by many requests.
#[derive(Clone)]
pub struct Budget(Arc<SharedMemory>);

struct SharedMemory {
    limit: usize,
    used: AtomicUsize,
}

impl Budget {
    /// A budget of `limit` bytes.
    pub fn new(limit: usize) -> Self {
        Self(Arc::new(SharedMemory { limit, used: AtomicUsize::new(0) }))
    }

    /// An empty reservation.
    pub fn open(&self) -> Reservation {
        Reservation { budget: self.clone(), bytes: 0 }
    }
}

/// A reservation in a budget. It is released when it is dropped.
pub struct Reservation {
    budget: Budget,
    bytes: usize,
}

impl Reservation {
    /// Reserves more bytes. Returns false and reserves nothing if the budget has not enough left.
    pub fn grow(&mut self, more: usize) -> bool {
        let SharedMemory { limit, used } = &*self.budget.0;
        let taken = used.fetch_update(Ordering::AcqRel, Ordering::Acquire, |used| {
            used.checked_add(more).filter(|total| total <= limit)
        });
        self.bytes += if taken.is_ok() { more } else { 0 };
        taken.is_ok()
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        self.budget.0.used.fetch_sub(self.bytes, Ordering::AcqRel);
    }
}

/// The budgets of large requests and answers.
pub struct Memory {
    /// Request bodies, from their arrival until they are answered.
    pub requests: Budget,
    /// Answers, until they are written.
    pub answers: Budget,
    /// Large requests that are being processed: parsing JSON takes several times its size.
    work: Arc<Semaphore>,
    /// Total permits of `work`, one for each kilobyte.
    permits: u32,
}

impl Memory {
    /// `in_flight` bytes each for requests and answers. Two requests of the largest size are never processed at the
    /// same time.
    pub fn new(in_flight: usize, largest: usize) -> Self {
        let permits = u32::try_from(largest / 1024 * 3 / 2).unwrap_or(u32::MAX / 2).max(1);
        let work = Arc::new(Semaphore::new(permits as usize));
        Self { requests: Budget::new(in_flight), answers: Budget::new(in_flight), work, permits }
    }

    /// Waits for permits to process a request of `bytes` bytes.
    ///
    /// # Errors
    /// 503 if the wait takes too long.
    pub async fn turn(&self, bytes: usize, at_most: Duration) -> Result<OwnedSemaphorePermit> {
        let permits = u32::try_from(bytes / 1024).unwrap_or(u32::MAX).clamp(1, self.permits);
        let turn = tokio::time::timeout(at_most, self.work.clone().acquire_many_owned(permits)).await;
        turn.ok().and_then(|permit| permit.ok()).ok_or_else(|| crowded("requests"))
    }
}

/// 503 because the budget is used up.
pub fn crowded(what: &str) -> Error {
    Error::new(
        Code::Busy,
        format!("Too many large {what} are in progress. Wait as long as Retry-After says and repeat the request."),
    )
}

/// The body of an answer; a large one is written in chunks.
pub fn answer_body(bytes: impl Into<Bytes>) -> BoxBody {
    pieces(bytes.into(), None)
}

/// As [`answer_body`], for an answer that counts against a budget until it is written.
pub fn pieces(bytes: Bytes, held: Option<Reservation>) -> BoxBody {
    if bytes.len() <= PIECE { BoxBody::new(bytes) } else { BoxBody::new(Pieces { rest: bytes, _held: held }) }
}

struct Pieces {
    rest: Bytes,
    _held: Option<Reservation>,
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
