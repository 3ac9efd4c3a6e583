//! Heartbeat of an import while its file is analysed before the first row: it renews the claim, and stops the analysis
//! when the program stops.

use std::cell::{Cell, RefCell};
use std::io::{self, Read};
use std::time::{Duration, Instant};

use crate::domain::feedback::ImportCounts;
use crate::outside::import::Input;
use crate::store::Store;
use crate::store::feedback::imports::{self, Claim};

/// How often a claim is renewed: several times before it expires.
const OFTEN: Duration = Duration::from_secs(5);

/// How often `progress` is asked whether to stop.
const ASK: Duration = Duration::from_secs(2);

/// The heartbeat of an import.
pub(in crate::jobs) struct Alive<'w> {
    store: &'w Store,
    claim: &'w Claim,
    progress: RefCell<&'w mut dyn FnMut(ImportCounts) -> bool>,
    counts: Cell<ImportCounts>,
    renewed: Cell<Instant>,
    asked: Cell<Instant>,
}

/// The error of reading a file while the program stops.
#[derive(Debug)]
pub(in crate::jobs) struct Stopping;

impl std::fmt::Display for Stopping {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the program is stopping")
    }
}

impl std::error::Error for Stopping {}

impl<'w> Alive<'w> {
    /// The heartbeat of a claim. `progress` gets the counts and returns whether to continue.
    pub fn new(store: &'w Store, claim: &'w Claim, progress: &'w mut dyn FnMut(ImportCounts) -> bool) -> Self {
        let (renewed, asked) = (Cell::new(Instant::now()), Cell::new(Instant::now()));
        Self { store, claim, progress: RefCell::new(progress), counts: Cell::new(claim.counts), renewed, asked }
    }

    /// Reports progress; false means stop.
    pub fn tell(&self, counts: ImportCounts) -> bool {
        self.told(counts);
        (self.progress.borrow_mut())(counts)
    }

    /// Records that a batch was written, which also renewed the claim.
    pub fn told(&self, counts: ImportCounts) {
        self.counts.set(counts);
        self.renewed.set(Instant::now());
    }

    /// Renews the claim and reports progress if it is time.
    ///
    /// # Errors
    /// [`Stopping`] if the program is stopping; those of the database, and 409 if another worker has taken the import
    /// over.
    fn check(&self) -> io::Result<()> {
        if self.asked.get().elapsed() > ASK {
            self.asked.set(Instant::now());
            if !(self.progress.borrow_mut())(self.counts.get()) {
                return Err(io::Error::other(Stopping));
            }
        }
        if self.renewed.get().elapsed() > OFTEN {
            self.renewed.set(Instant::now());
            let claim = self.claim.clone();
            let renew = move |tx: &mut crate::store::Tx<'_>| imports::advance(tx, &claim, ImportCounts::default());
            self.store.write_now(self.claim.actor.clone(), renew).map_err(io::Error::other)?;
        }
        Ok(())
    }
}

/// A file whose reads renew the claim.
pub(in crate::jobs) struct ClaimedFile<'w, I> {
    /// The file.
    pub file: I,
    /// The heartbeat.
    pub alive: &'w Alive<'w>,
}

impl<'w: 'r, 'r, 'a: 'r, I: Input<'a>> Input<'r> for &'r ClaimedFile<'w, I> {
    fn open(&self) -> io::Result<Box<dyn Read + 'r>> {
        Ok(Box::new(WatchedRead { bytes: self.file.open()?, alive: self.alive }))
    }
}

struct WatchedRead<'r, 'w, R> {
    bytes: R,
    alive: &'r Alive<'w>,
}

impl<R: Read> Read for WatchedRead<'_, '_, R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.alive.check()?;
        self.bytes.read(into)
    }
}
