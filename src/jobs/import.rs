//! The thread that works off imports. Where it stands is in the database, in the same transaction as what it filed: after
//! a crash whoever comes next reads the file again from its start, passes over what was counted, and goes on.

use std::collections::HashSet;
use std::io::{self, Read};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::import_options;
use super::import_rows::Rows;
use super::running::Running;
use crate::connectors;
use crate::domain::{Actor, Id, ImportCounts};
use crate::error::{Code, Error, Result};
use crate::store::export::ExportRow;
use crate::store::imports::{self, Claim};
use crate::store::{Store, products};
use crate::usecase::importing::{self, Batch, Wanted};

/// Rows that share a transaction at the most,
const BATCH_ROWS: usize = 500;
/// and bytes of their text, roughly.
const BATCH_BYTES: usize = 2 * 1024 * 1024;
/// How often is looked for waiting imports.
const POLL: Duration = Duration::from_millis(500);
/// How often is looked for uploads that broke off.
const SWEEP: Duration = Duration::from_secs(60);

/// Works off imports, one at a time.
pub struct Imports {
    store: Store,
    /// Names this worker in its claims.
    holder: String,
}

/// What reading an import came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// The whole file was read.
    Done,
    /// The file as a whole could not be read, for this reason.
    Failed(String),
    /// It was told to stop before the end.
    Stopped,
}

impl Imports {
    /// A worker with a name of its own.
    pub fn new(store: Store) -> Self {
        Self { store, holder: Id::next().to_string() }
    }

    /// Starts the thread.
    ///
    /// # Errors
    /// Where the system gives no thread.
    pub fn start(self) -> io::Result<Running> {
        let run = move |stopped: &AtomicBool| {
            let goes_on = || !stopped.load(Ordering::Acquire);
            let mut swept = None;
            while goes_on() {
                match self.step(&mut |_| goes_on()) {
                    Ok(Some(_)) => swept = None,
                    Ok(None) => std::thread::sleep(POLL),
                    Err(e) => {
                        tracing::warn!(error = %e, "imports wait");
                        std::thread::sleep(Duration::from_secs(1));
                    }
                }
                if goes_on() && swept.is_none_or(|at: Instant| at.elapsed() > SWEEP) {
                    swept = Some(Instant::now());
                    if let Err(e) = self.sweep() {
                        tracing::warn!(error = %e, "bodies of finished imports wait to be removed");
                    }
                }
            }
        };
        Running::start("imports", run)
    }

    /// Works off the oldest import that waits, and answers its id; `None` where none does. `progress` hears the counts
    /// after each batch, and stops the reading by answering false.
    ///
    /// # Errors
    /// Those of the database: the import waits on and is found again.
    pub fn step(&self, progress: &mut dyn FnMut(ImportCounts) -> bool) -> Result<Option<Id>> {
        let find = |conn: &mut _| imports::waiting(conn, &self.holder, &self.store.clock);
        let Some(id) = self.store.read_now(find)? else { return Ok(None) };
        let holder = self.holder.clone();
        let claimed = self.store.write_now(Actor::COMMAND, move |tx| imports::claim(tx, id, &holder))?;
        if let Some(claim) = claimed {
            let started = Instant::now();
            let end = if claim.job.by_command {
                let problem = "The command that read the file was stopped. Run it again: what is there stays as it is.";
                finish(&self.store, &claim, claim.counts, HashSet::new(), Some(problem.to_owned()))?
            } else {
                let chunks = Chunks { store: &self.store, id, next: 0, bytes: Vec::new(), at: 0 };
                match work_off(&self.store, &claim, chunks, progress) {
                    // Not ours any more: whoever has it goes on.
                    Err(e) if e.code == Code::Conflict => End::Stopped,
                    // It would fail again, and keep the others waiting for ever.
                    Err(e) if matches!(e.code, Code::Internal | Code::Invalid) => {
                        let problem = "Something went wrong here; the log says what.".to_owned();
                        finish(&self.store, &claim, claim.counts, HashSet::new(), Some(problem))?
                    }
                    end => end?,
                }
            };
            tracing::info!(import = %id, ?end, seconds = started.elapsed().as_secs_f64(), "import");
        }
        Ok(Some(id))
    }

    /// Removes the bodies of imports that are over and uploads that broke off.
    ///
    /// # Errors
    /// Those of the database.
    pub fn sweep(&self) -> Result<()> {
        while self.store.write_now(Actor::ENGINE, imports::sweep)? {}
        Ok(())
    }
}

/// Reads a claimed import from its file, a batch a transaction, and ends it.
///
/// # Errors
/// Those of the database, and 409 where another has taken the import over.
pub fn work_off(
    store: &Store,
    claim: &Claim,
    file: impl Read,
    progress: &mut dyn FnMut(ImportCounts) -> bool,
) -> Result<End> {
    let mut counts = claim.counts;
    let options = import_options::read_options(&claim.job.options)?;
    let reader = match connectors::read(file, &options) {
        Ok(reader) => reader,
        Err(connectors::ReadError::Io(e)) => return give_up_or_wait(store, claim, counts, HashSet::new(), e),
        Err(e) => return finish(store, claim, counts, HashSet::new(), Some(sentence(&e.to_string()))),
    };
    let products = store.read_now(products::all)?;
    let mut rows = Rows::new(claim.job.clone(), reader.preset(), products);
    let mut passed_over = claim.counts.read;
    let (mut batch, mut bytes) = (Batch::new(), 0);
    for row in reader {
        let row = match row {
            Ok(row) => row,
            Err(e) => {
                take(store, claim, &mut batch, &mut counts)?;
                return give_up_or_wait(store, claim, counts, rows.touched, e);
            }
        };
        let number = row.number as i64;
        let wanted = match rows.want(row) {
            Ok(Some(wanted)) => wanted,
            Ok(None) => continue,
            Err(e) => {
                take(store, claim, &mut batch, &mut counts)?;
                return finish(store, claim, counts, rows.touched, Some(e.detail));
            }
        };
        if passed_over > 0 {
            passed_over -= 1;
            continue;
        }
        bytes += weight(&wanted);
        batch.push((number, wanted));
        if batch.len() >= BATCH_ROWS || bytes >= BATCH_BYTES {
            take(store, claim, &mut batch, &mut counts)?;
            bytes = 0;
            if !progress(counts) {
                let ours = claim.clone();
                store.write_now(claim.actor.clone(), move |tx| imports::release(tx, &ours))?;
                return Ok(End::Stopped);
            }
        }
    }
    take(store, claim, &mut batch, &mut counts)?;
    progress(counts);
    finish(store, claim, counts, rows.touched, None)
}

fn weight(wanted: &Wanted) -> usize {
    match wanted {
        Wanted::File(input) => input.text.len(),
        Wanted::Restore(row) => match &**row {
            ExportRow::Feedback(row) => row.text.len(),
            _ => 0,
        },
        Wanted::Reject(_) => 0,
    }
}

fn take(store: &Store, claim: &Claim, batch: &mut Batch, counts: &mut ImportCounts) -> Result<()> {
    if batch.is_empty() {
        return Ok(());
    }
    let (claim, batch, actor) = (claim.clone(), std::mem::take(batch), claim.actor.clone());
    *counts += store.write_now(actor, move |tx| importing::take(tx, &claim, &batch))?;
    Ok(())
}

fn finish(
    store: &Store,
    claim: &Claim,
    counts: ImportCounts,
    touched: HashSet<Id>,
    problem: Option<String>,
) -> Result<End> {
    let (claim, said) = (claim.clone(), problem.clone());
    let actor = claim.actor.clone();
    store.write_now(actor, move |tx| importing::finish(tx, &claim, counts, &touched, said.as_deref()))?;
    Ok(problem.map_or(End::Done, End::Failed))
}

/// The spool fails only where the database does: then the import waits for it. A file of the command line's that can't
/// be read is the end of it.
fn give_up_or_wait(
    store: &Store,
    claim: &Claim,
    counts: ImportCounts,
    touched: HashSet<Id>,
    error: io::Error,
) -> Result<End> {
    match error.get_ref().and_then(|inner| inner.downcast_ref::<Error>()) {
        Some(of_the_database) => Err(of_the_database.clone()),
        None => finish(store, claim, counts, touched, Some(sentence(&format!("the file could not be read: {error}")))),
    }
}

fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", letters.as_str().trim_end_matches('.'))
}

/// The spooled body, read piece by piece from the database.
struct Chunks<'a> {
    store: &'a Store,
    id: Id,
    next: i32,
    bytes: Vec<u8>,
    at: usize,
}

impl Read for Chunks<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.at == self.bytes.len() {
            let chunk =
                self.store.read_now(|conn| imports::chunk(conn, self.id, self.next)).map_err(io::Error::other)?;
            self.bytes = chunk.unwrap_or_default();
            self.at = 0;
            self.next += 1;
        }
        let count = out.len().min(self.bytes.len() - self.at);
        out[..count].copy_from_slice(&self.bytes[self.at..self.at + count]);
        self.at += count;
        Ok(count)
    }
}
