//! Requests a minute for each token; off where the setting is 0.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use crate::domain::Id;
use crate::error::{Code, Error, Result};

const WINDOW: Duration = Duration::from_secs(60);

/// Counts the requests of each token in windows of a minute.
pub struct RateLimit {
    /// Requests a window; 0 sets no limit.
    quota: u32,
    windows: Mutex<HashMap<Id, (Instant, u32)>>,
}

impl RateLimit {
    /// A limit of so many requests a minute.
    pub fn new(quota: u32) -> Self {
        Self { quota, windows: Mutex::default() }
    }

    /// Counts one request.
    ///
    /// # Errors
    /// 429 with the seconds until the window ends.
    pub fn take(&self, token: Id) -> Result<()> {
        if self.quota == 0 {
            return Ok(());
        }
        let mut windows = self.windows.lock().unwrap_or_else(|e| e.into_inner());
        let now = Instant::now();
        windows.retain(|_, (began, _)| now.duration_since(*began) < WINDOW);
        let (began, used) = windows.entry(token).or_insert((now, 0));
        *used += 1;
        if *used <= self.quota {
            return Ok(());
        }
        let seconds = (WINDOW - now.duration_since(*began)).as_secs() as u32 + 1;
        let detail = format!("A token may send {} requests a minute; wait {seconds} seconds.", self.quota);
        Err(Error { retry_after: Some(seconds), ..Error::new(Code::RateLimited, detail) })
    }

    /// What is left of the window: (quota, left, seconds until it ends); `None` where there is no limit.
    pub fn left(&self, token: Id) -> Option<(u32, u32, u64)> {
        if self.quota == 0 {
            return None;
        }
        let windows = self.windows.lock().unwrap_or_else(|e| e.into_inner());
        let (began, used) = windows.get(&token)?;
        Some((self.quota, self.quota.saturating_sub(*used), WINDOW.saturating_sub(began.elapsed()).as_secs()))
    }
}
