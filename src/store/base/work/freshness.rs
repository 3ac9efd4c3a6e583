//! Asks the primary what a request must see, for all requests that arrive at once with one question.

use std::sync::Arc;
use std::time::Duration;

use super::fresh::{Fresh, Place, place};
use crate::error::Result;
use crate::store::Store;
use crate::store::base::coalesce::Together;
use crate::store::base::conn::Conn;

/// Asks the primary what the reads of a request must see.
#[derive(Clone)]
pub struct Freshness {
    places: Option<Arc<Together<(), (), Place>>>,
    patience: Duration,
}

impl Freshness {
    /// That of the replicas of this store; without any, every read is for the primary.
    pub fn of(store: &Store) -> Self {
        let patience = store.readers.replicas.patience();
        let places = patience.map(|_| Arc::new(Together::new(store.clone(), places)));
        Self { places, patience: patience.unwrap_or_default() }
    }

    /// What the reads of a request must see that has just arrived; `None` where the primary answers all of them.
    pub async fn now(&self) -> Option<Arc<Fresh>> {
        let place = self.places.as_ref()?.ask((), ()).await.ok()?;
        Some(Arc::new(Fresh::of(place, self.patience)))
    }
}

/// The place on the primary, once for each of those who ask.
fn places(conn: &mut Conn, askers: &[()]) -> Result<Vec<Place>> {
    Ok(vec![place(conn)?; askers.len()])
}
