//! A cache of the instance's health and of its counts: each is read from the database at most once in a few seconds.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::Mutex;

use crate::app::App;
use crate::error::Result;
use crate::store::health::condition::{self, Census, Condition};
use crate::store::{Conn, fresh};

/// How old a cached value may be.
const FRESH: Duration = Duration::from_secs(5);
/// Counting takes longer the more rows there are, so the counts are cached for longer.
const COUNTED: Duration = Duration::from_secs(10);

/// The last value and the time it was read.
type Last<T> = Mutex<Option<(Instant, Arc<T>)>>;

/// The cached values.
#[derive(Default)]
pub struct Seen {
    condition: Last<Condition>,
    census: Last<Census>,
}

impl Seen {
    /// The health, at most a few seconds old. Requests that arrive while it is being read wait for that result.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn condition(&self, app: &App) -> Result<Arc<Condition>> {
        let now = app.store.clock.now();
        fresh(&self.condition, FRESH, app, move |conn| condition::read(conn, now)).await
    }

    /// The counts, at most a few seconds old.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn census(&self, app: &App) -> Result<Arc<Census>> {
        fresh(&self.census, COUNTED, app, condition::census).await
    }
}

async fn fresh<T: Send + Sync + 'static>(
    last: &Last<T>,
    for_so_long: Duration,
    app: &App,
    read: impl FnOnce(&mut Conn) -> Result<T> + Send + 'static,
) -> Result<Arc<T>> {
    let mut last = last.lock().await;
    if let Some((_, known)) = last.as_ref().filter(|(at, _)| at.elapsed() < for_so_long) {
        return Ok(known.clone());
    }
    // It is about the primary, and reads how far its log is.
    fresh::on_primary();
    let now = Arc::new(app.store.read(read).await?);
    *last = Some((Instant::now(), now.clone()));
    Ok(now)
}
