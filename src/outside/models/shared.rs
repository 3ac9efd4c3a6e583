//! An external embedder, shared by the job that asks it for vectors and by requests that look a text up.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::breaker::Breaker;
use super::embeddings::{Embedder, Failure};
use crate::domain::privacy::redact::redact;
use crate::error::{Code, Error, Result};

/// An embedder with how it has answered lately; clones share both.
#[derive(Clone)]
pub struct SharedEmbedder {
    embedder: Arc<dyn Embedder>,
    breaker: Arc<Mutex<Breaker>>,
}

impl SharedEmbedder {
    /// One that has not been asked yet.
    pub fn new(embedder: Arc<dyn Embedder>) -> Self {
        Self { embedder, breaker: Arc::default() }
    }

    /// Its name; see [`Embedder::name`].
    pub fn name(&self) -> String {
        self.embedder.name()
    }

    /// `working`, `retrying` or `open`; see [`Breaker::state`].
    pub fn state(&self) -> &'static str {
        self.breaker().state()
    }

    /// The vectors of these texts; personal data is taken out before they leave.
    ///
    /// # Errors
    /// Where the embedder refuses a text or does not answer.
    pub fn embed(&self, texts: &[String]) -> std::result::Result<Vec<Vec<f32>>, Failure> {
        let texts: Vec<String> = texts.iter().map(|text| redact(text)).collect();
        self.embedder.embed(&texts)
    }

    /// The vector of a text that somebody looks up.
    ///
    /// # Errors
    /// 503 where the embedder does not answer.
    pub fn look_up(&self, text: String) -> Result<Vec<f32>> {
        let away = || Error::new(Code::Unavailable, "The embedder does not answer; the rest of the API works.");
        if self.breaker().is_half_open() {
            return Err(away());
        }
        let vectors = self.embed(&[text]).map_err(|_| away())?;
        vectors.into_iter().next().ok_or_else(away)
    }

    /// How it has answered lately.
    pub fn breaker(&self) -> MutexGuard<'_, Breaker> {
        self.breaker.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
