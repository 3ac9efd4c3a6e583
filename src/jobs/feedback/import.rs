//! The job that reads imports. Its progress is stored in the transaction that files a batch. After a crash, the next
//! worker reads the file from its start, skips the rows that were counted, and continues.

use std::collections::HashSet;
use std::io;
use std::time::{Duration, Instant};

use super::import_alive::{Alive, ClaimedFile, Stopping};
use super::import_spool::Spool;
use crate::domain::base::{Actor, Id};
use crate::domain::feedback::{ImportCounts, ImportWarning};
use crate::error::{Code, Error, Result};
use crate::jobs::base::pace::{Pace, Piece};
use crate::jobs::base::scheduler::{Job, Step, Wakes};
use crate::meter;
use crate::outside::import;
use crate::outside::import::{Input, Reader};
use crate::store::Store;
use crate::store::base::leases;
use crate::store::feedback::importing::import_sweep;
use crate::store::feedback::imports::{self, Claim};
use crate::store::team::products;
use crate::usecase::feedback::import_batch::{self, BatchTaken};
use crate::usecase::feedback::import_rows::{Rows, warning};
use crate::usecase::feedback::import_wanted::{RowAction, RowBatch, WantedRow};
use crate::usecase::feedback::{import_identity, import_options};
use crate::usecase::privacy::replay;

/// Most rows in one transaction,
const BATCH_ROWS: usize = 500;
/// and most bytes of their text, approximately.
const BATCH_BYTES: usize = 2 * 1024 * 1024;
/// How often is looked for waiting imports.
const POLL: Duration = Duration::from_millis(500);
/// How often is looked for uploads that broke off.
const SWEEP: Duration = Duration::from_secs(60);

/// Reads waiting imports, one at a time.
pub struct Imports {
    store: Store,
    /// Names this worker in its claims.
    holder: String,
    /// Most bytes of a compressed file after decompression.
    limit: Option<u64>,
    /// When bodies that nobody needs were looked for last; not since the last import ended.
    swept: Option<Instant>,
}

/// How reading an import ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// The whole file was read.
    Done,
    /// The file as a whole can't be read, for this reason.
    Failed(String),
    /// The worker was told to stop before the end.
    Stopped,
}

impl Imports {
    /// A worker with a unique name.
    pub fn new(store: Store) -> Self {
        Self { store, holder: Id::next().to_string(), limit: None, swept: None }
    }

    /// Sets the most bytes of a file after decompression.
    pub fn limited(self, limit: u64) -> Self {
        Self { limit: Some(limit), ..self }
    }

    /// Reads the oldest waiting import and returns its id; `None` if there is none. `progress` gets the counts after
    /// each batch, and every few seconds while the file is being analysed; it stops the reading by returning false.
    ///
    /// # Errors
    /// Those of the database: the import stays waiting and is found again.
    pub fn step(&self, progress: &mut dyn FnMut(ImportCounts) -> bool) -> Result<Option<Id>> {
        let find = |conn: &mut _| imports::waiting(conn, &self.holder, &self.store.clock);
        let Some(id) = self.store.read_now(find)? else { return Ok(None) };
        let holder = self.holder.clone();
        let claimed = self.store.write_now(Actor::COMMAND, move |tx| imports::claim(tx, id, &holder))?;
        if let Some(claim) = claimed {
            let started = Instant::now();
            let end = self.read(&claim, progress)?;
            tracing::info!(import = %id, ?end, seconds = started.elapsed().as_secs_f64(), "import");
        }
        Ok(Some(id))
    }

    fn read(&self, claim: &Claim, progress: &mut dyn FnMut(ImportCounts) -> bool) -> Result<End> {
        let give_up =
            |problem: &str| finish(&self.store, claim, claim.counts, HashSet::new(), Some(problem.to_owned()));
        if claim.job.by_command {
            return give_up(
                "The command that read the file was stopped. Run it again: feedback that is filed already stays as it is.",
            );
        }
        let spool = Spool { store: &self.store, id: claim.id };
        match work_off_within(&self.store, claim, spool, self.limit, progress) {
            // Another worker has taken the import over and continues it.
            Err(e) if e.code == Code::Conflict => Ok(End::Stopped),
            // It would fail again each time and block all other imports.
            Err(e) if matches!(e.code, Code::Internal | Code::Invalid) => {
                tracing::error!(import = %claim.id, error = %e, "an import failed and is given up");
                give_up("The server had an internal error; its log has the cause.")
            }
            end => end,
        }
    }

    /// Removes the files of finished imports and of uploads that were broken off.
    pub fn sweep(&self) -> Result<()> {
        while self.store.write_now(Actor::ENGINE, import_sweep::sweep)? {}
        Ok(())
    }
}

impl Job for Imports {
    fn name(&self) -> &'static str {
        "imports"
    }

    fn wakes(&self) -> Wakes {
        Wakes::Every(POLL)
    }

    fn work(&mut self, going: &dyn Fn() -> bool) -> Result<Step> {
        let worked = self.step(&mut |_| going())?.is_some();
        if worked {
            self.swept = None;
        }
        if going() && self.swept.is_none_or(|at| at.elapsed() > SWEEP) {
            self.swept = Some(Instant::now());
            self.sweep()?;
        }
        Ok(Step::more_if(worked))
    }
}

/// Reads a claimed import from its file, one batch a transaction, and ends it.
///
/// # Errors
/// Those of the database, and 409 if another worker has taken the import over.
pub fn work_off<'a>(
    store: &Store,
    claim: &Claim,
    file: impl Input<'a> + 'a,
    progress: &mut dyn FnMut(ImportCounts) -> bool,
) -> Result<End> {
    work_off_within(store, claim, file, None, progress)
}

fn work_off_within<'a>(
    store: &Store,
    claim: &Claim,
    file: impl Input<'a> + 'a,
    limit: Option<u64>,
    progress: &mut dyn FnMut(ImportCounts) -> bool,
) -> Result<End> {
    let alive = Alive::new(store, claim, progress);
    let watched = ClaimedFile { file, alive: &alive };
    let serves = claim.job.by_command && store.read_now(|conn| leases::any_held(conn, &store.clock))?;
    let pace = Pace::new(BATCH_ROWS).beside_server(serves);
    let mut work = ImportWork {
        store,
        claim,
        alive: &alive,
        pace,
        counts: claim.counts,
        touched: HashSet::new(),
        writing: None,
        earlier: HashSet::new(),
    };
    match work.off(&watched, limit) {
        Ok(problem) => finish(store, claim, work.counts, work.touched, problem),
        Err(Broken::Stopped) => {
            let ours = claim.clone();
            store.write_now(claim.actor.clone(), move |tx| imports::release(tx, &ours))?;
            Ok(End::Stopped)
        }
        Err(Broken::Failed(e)) => Err(e),
    }
}

/// An import in progress.
struct ImportWork<'w> {
    store: &'w Store,
    claim: &'w Claim,
    alive: &'w Alive<'w>,
    pace: Pace,
    counts: ImportCounts,
    touched: HashSet<Id>,
    /// The batch that is being written while the next one is read.
    writing: Option<Piece<(BatchTaken, HashSet<Id>)>>,
    /// In a dry run of an export: the ids that the batches so far would have created.
    earlier: HashSet<Id>,
}

/// Why reading stops before the end of the file.
enum Broken {
    Stopped,
    Failed(Error),
}

impl From<Error> for Broken {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

impl ImportWork<'_> {
    /// Reads the file; returns the reason if the file as a whole can't be read.
    fn off<'f>(
        &mut self,
        file: impl Input<'f> + Copy + 'f,
        limit: Option<u64>,
    ) -> std::result::Result<Option<String>, Broken> {
        let all = self.store.read_now(products::all)?;
        let options = import_options::for_file(&self.claim.job, &all, self.store.clock.now(), limit)?;
        let surveyed = match import::survey(file, &options) {
            Ok(surveyed) => surveyed,
            Err(import::ReadError::Io(e)) => return unreadable(e).map(Some),
            Err(e) => return Ok(Some(sentence(&e.to_string()))),
        };
        let reader = match surveyed.rows() {
            Ok(reader) => reader,
            Err(e) => return unreadable(e).map(Some),
        };
        let mut rows = Rows::new(self.claim.job.clone(), (reader.preset(), self.store.location.clone()), all);
        if self.claim.counts == ImportCounts::default() {
            if import_identity::is_asked(&self.claim.job)
                && let Ok(again) = surveyed.rows()
                && let Some(problem) = import_identity::check(self.store, rows.fresh(), again)?
            {
                return Ok(Some(problem));
            }
            self.begin(&reader)?;
        }
        let problem = self.rows(reader, &mut rows);
        let written = self.settle();
        self.touched = rows.touched;
        self.alive.tell(self.counts);
        let problem = problem?;
        written?;
        Ok(problem)
    }

    fn begin(&mut self, reader: &Reader<'_>) -> Result<()> {
        let (claim, reading) = (self.claim.clone(), reader.reading().clone());
        let notes: Vec<ImportWarning> = reader.notes().iter().map(|note| warning(None, note)).collect();
        let begin = move |tx: &mut crate::store::Tx<'_>| import_batch::begin(tx, &claim, &reading, &notes);
        self.counts += self.store.write_now(self.claim.actor.clone(), begin)?;
        Ok(())
    }

    fn rows(&mut self, reader: Reader<'_>, rows: &mut Rows) -> std::result::Result<Option<String>, Broken> {
        let mut passed_over = self.claim.counts.read;
        let (mut batch, mut bytes) = (RowBatch::new(), 0);
        for row in reader {
            let row = match row {
                Ok(row) => row,
                Err(e) => {
                    self.take(&mut batch)?;
                    return unreadable(e).map(Some);
                }
            };
            let asked = match rows.want(row) {
                Ok(Some(asked)) => asked,
                Ok(None) => continue,
                Err(e) => {
                    self.take(&mut batch)?;
                    return Ok(Some(e.detail));
                }
            };
            if passed_over > 0 {
                passed_over -= 1;
                continue;
            }
            bytes += weight(&asked);
            batch.push(asked);
            if batch.len() >= self.pace.rows(self.store) || bytes >= BATCH_BYTES {
                self.take(&mut batch)?;
                bytes = 0;
                if !self.alive.tell(self.counts) {
                    return Err(Broken::Stopped);
                }
            }
        }
        self.take(&mut batch)?;
        Ok(None)
    }

    /// Begins to write a batch, once the batch before is written.
    fn take(&mut self, batch: &mut RowBatch) -> Result<()> {
        if batch.is_empty() {
            return Ok(());
        }
        self.settle()?;
        let (claim, batch) = (self.claim.clone(), std::mem::take(batch));
        let known = std::mem::take(&mut self.earlier);
        let by = (self.claim.actor.clone(), batch.len());
        self.writing = Some(Pace::begin(self.store, by, move |tx| {
            import_batch::take(tx, &claim, &batch, &known).map(|taken| (taken, known.clone()))
        })?);
        Ok(())
    }

    /// Waits for the batch that is being written, and counts it.
    fn settle(&mut self) -> Result<()> {
        let Some(writing) = self.writing.take() else { return Ok(()) };
        let (taken, known) = self.pace.end(writing)?;
        self.earlier = known;
        self.earlier.extend(taken.would_be_there);
        meter::masked(taken.masked);
        self.counts += taken.counts;
        self.alive.told(self.counts);
        Ok(())
    }
}

/// The approximate memory of a value.
fn size(value: &serde_json::Value) -> usize {
    use serde_json::Value;
    match value {
        Value::String(text) => text.len(),
        Value::Array(items) => 32 * items.len() + items.iter().map(size).sum::<usize>(),
        Value::Object(fields) => fields.iter().map(|(name, value)| 64 + name.len() + size(value)).sum(),
        _ => 16,
    }
}

fn weight(asked: &WantedRow) -> usize {
    match &asked.wanted {
        RowAction::File(read) => {
            let input = &read.input;
            let fields = input.fields.iter().flat_map(|fields| fields.0.iter());
            input.text.len() + fields.map(|(name, value)| name.len() + size(value)).sum::<usize>()
        }
        RowAction::Restore(row) => row.text_length(),
        RowAction::Reject(_) | RowAction::Skip => 0,
    }
}

fn finish(
    store: &Store,
    claim: &Claim,
    counts: ImportCounts,
    touched: HashSet<Id>,
    problem: Option<String>,
) -> Result<End> {
    // An export may bring people back who were erased since: nothing of the import is done before they are gone again.
    let replayed = replay::apply(store)?;
    if replayed.people > 0 {
        tracing::warn!(
            people = replayed.people,
            "an import brought people back who had been erased; they are erased again"
        );
    }
    let (claim, said) = (claim.clone(), problem.clone());
    let actor = claim.actor.clone();
    store.write_now(actor, move |tx| import_batch::finish(tx, &claim, counts, &touched, said.as_deref()))?;
    Ok(problem.map_or(End::Done, End::Failed))
}

/// A spooled file is read from the database, so its error is one of the database: the import waits. A file of the
/// command line that can't be read ends the import.
fn unreadable(error: io::Error) -> std::result::Result<String, Broken> {
    if let Some(inner) = error.get_ref() {
        if inner.is::<Stopping>() {
            return Err(Broken::Stopped);
        }
        if let Some(of_the_database) = inner.downcast_ref::<Error>() {
            return Err(Broken::Failed(of_the_database.clone()));
        }
    }
    Ok(sentence(&format!("the file could not be read: {error}")))
}

fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", letters.as_str().trim_end_matches('.'))
}
