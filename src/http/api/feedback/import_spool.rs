//! Storing the file of an import while it arrives.

use std::time::{Duration, Instant};

use actix_web::error::PayloadError;
use actix_web::web::Bytes;
use futures_util::{Stream, StreamExt};
use sha2::{Digest, Sha256};

use crate::domain::base::Id;
use crate::domain::team::{Caller, access::Scope};
use crate::error::{Code, Error, Result};
use crate::http::base::reply::AppData;
use crate::store::base::scope;
use crate::store::feedback::imports;
use crate::store::health::wanted;

/// The body is stored in chunks of at least this size.
const CHUNK: usize = 256 * 1024;

/// After this number of chunks, check the total size of all waiting imports.
const PIECES: i32 = 64;

/// Received bytes are stored at least this often.
const SIGN_OF_LIFE: Duration = Duration::from_secs(60);

/// The bytes of all waiting imports. All share one limit, also those that the caller may not see.
///
/// # Errors
/// Those of the database.
pub async fn waiting(app: &AppData) -> Result<u64> {
    scope::within(Scope::All, app.store.read(imports::waiting_bytes)).await
}

/// The files that wait to be read leave no room for another one.
pub fn no_room(most: u64) -> Error {
    let detail = format!(
        "All waiting imports together may have at most {most} bytes. Send this one again when some of them are done."
    );
    Error { retry_after: Some(30), ..Error::new(Code::Unavailable, detail) }
}

/// Stores a file chunk by chunk and returns `hash` with its bytes.
///
/// # Errors
/// 400, 408, 413, 503.
pub async fn spool(
    app: &AppData,
    caller: &Caller,
    id: Id,
    mut hash: Sha256,
    mut body: impl Stream<Item = std::result::Result<Bytes, PayloadError>> + Unpin,
) -> Result<Vec<u8>> {
    let limit = app.config.import_limit;
    let idle = Duration::from_secs(app.config.import_idle_timeout);
    let most = app.config.import_waiting_limit;
    let (mut piece, mut number, mut total) = (Vec::with_capacity(CHUNK), 0, 0);
    let mut stored = Instant::now();
    loop {
        let next = tokio::time::timeout(idle, body.next()).await.map_err(|_| {
            Error::new(Code::RequestTimeout, format!("The upload paused for more than {} seconds.", idle.as_secs()))
        })?;
        let Some(bytes) = next else { break };
        let bytes = bytes
            .map_err(|_| Error::new(Code::MalformedRequest, "The body is incomplete or can't be decompressed."))?;
        total += bytes.len() as u64;
        if total > limit {
            return Err(too_large(limit));
        }
        hash.update(&bytes);
        piece.extend_from_slice(&bytes);
        // Renew the upload's time while it is slow, so that it is not removed as abandoned.
        if piece.len() >= CHUNK || stored.elapsed() > SIGN_OF_LIFE {
            stored = Instant::now();
            store(app, caller, id, number, std::mem::take(&mut piece)).await?;
            number += 1;
            if number % PIECES == 0 && waiting(app).await? > most {
                return Err(no_room(most));
            }
        }
    }
    if !piece.is_empty() {
        store(app, caller, id, number, piece).await?;
    }
    Ok(hash.finalize().to_vec())
}

/// Waits for space in the write queue instead of refusing: a large upload should not fail because of many small
/// requests.
async fn store(app: &AppData, caller: &Caller, id: Id, number: i32, bytes: Vec<u8>) -> Result<()> {
    let (store, actor) = (app.store.clone(), caller.actor());
    let write = move || store.write_now(actor, move |tx| imports::add_chunk(tx, id, number, &bytes));
    wanted::answer(wanted::PATIENCE, async { actix_web::web::block(write).await.map_err(Error::internal)? }).await
}

/// The file is larger than the settings allow.
pub fn too_large(limit: u64) -> Error {
    Error::new(Code::TooLarge, format!("An import may have at most {limit} bytes, uncompressed."))
}
