//! The instance's condition and its counts, read at most once in a few seconds, however often they are asked for.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::Mutex;

use crate::app::App;
use crate::error::Result;
use crate::store::Conn;
use crate::store::health::condition::{self, Census, Condition};

/// How old an answer may be.
const FRESH: Duration = Duration::from_secs(5);
/// Counting all takes longer the more there is.
const COUNTED: Duration = Duration::from_secs(10);

/// What was read last, and when.
type Last<T> = Mutex<Option<(Instant, Arc<T>)>>;

/// What was read last.
#[derive(Default)]
pub struct Seen {
    condition: Last<Condition>,
    census: Last<Census>,
}

impl Seen {
    /// The condition as it is, or was a few seconds ago. Whoever asks while it is read waits for that answer.
    ///
    /// # Errors
    /// Where the database is not there.
    pub async fn condition(&self, app: &App) -> Result<Arc<Condition>> {
        let now = app.store.clock.now();
        fresh(&self.condition, FRESH, app, move |conn| condition::read(conn, now)).await
    }

    /// The counts as they are, or were a few seconds ago.
    ///
    /// # Errors
    /// Where the database is not there.
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
    let now = Arc::new(app.store.read(read).await?);
    *last = Some((Instant::now(), now.clone()));
    Ok(now)
}
