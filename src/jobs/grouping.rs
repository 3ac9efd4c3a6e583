//! The thread that groups. Every instance follows the log, so that all can answer look-ups; the one that holds the lease
//! also assigns what waits, refines, and keeps themes and stories in step. What waits is found in the database, so a
//! restart loses nothing.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::describing;
use super::following::{Follower, words};
use super::running::Running;
use crate::domain::{Actor, Id, Product};
use crate::engine::Refinement;
use crate::error::{Code, Result};
use crate::store::leases::{self, Lease};
use crate::store::{Store, feedback, products, vectors};
use crate::usecase::grouping::{self, Assigned};
use crate::usecase::groups::Groups;

/// Items assigned in one transaction: few enough that requests hardly wait behind it.
const BATCH: i64 = 100;
/// Moves of a refinement written in one transaction.
const MOVES: usize = 200;
/// How often the log is looked at when nothing is committed here: other instances and commands commit too.
const POLL: Duration = Duration::from_millis(300);
/// A lease is renewed when a third of its term is over.
const RENEW: Duration = Duration::from_secs(5);
/// While feedback keeps coming, themes are described at least this often.
const DESCRIBE: Duration = Duration::from_secs(2);

/// The job; [`Grouping::step`] does one piece of work.
pub struct Grouping {
    store: Store,
    groups: Groups,
    follower: Follower,
    instance: String,
    lease: Option<(Lease, Instant)>,
    described: Instant,
}

impl Grouping {
    /// A job that has loaded nothing yet.
    pub fn new(store: Store, groups: Groups) -> Self {
        let follower = Follower::new(store.clone(), groups.clone());
        Self { store, groups, follower, instance: Id::next().to_string(), lease: None, described: Instant::now() }
    }

    /// Starts the thread.
    ///
    /// # Errors
    /// Where the system gives no thread.
    pub fn start(mut self) -> std::io::Result<Running> {
        let run = move |stopped: &AtomicBool| {
            yield_to_requests();
            while !stopped.load(Ordering::Acquire) && !self.loaded() {
                std::thread::sleep(Duration::from_secs(1));
            }
            let mut seen = 0;
            while !stopped.load(Ordering::Acquire) {
                match self.step() {
                    Ok(true) => {}
                    Ok(false) => seen = self.store.wait_for_commit(seen, POLL),
                    Err(e) => {
                        tracing::warn!(error = %e, "grouping waits");
                        self.lease = None;
                        std::thread::sleep(Duration::from_secs(1));
                    }
                }
            }
            self.release();
        };
        Running::start("grouping", run)
    }

    fn loaded(&mut self) -> bool {
        let started = Instant::now();
        let loaded = self.follower.load();
        match &loaded {
            Ok(()) => tracing::info!(seconds = started.elapsed().as_secs_f64(), "grouping loaded"),
            Err(e) => tracing::warn!(error = %e, "grouping can't be loaded yet"),
        }
        loaded.is_ok()
    }

    /// Loads the state from the database; see [`Follower::load`].
    ///
    /// # Errors
    /// Those of the database.
    pub fn load(&mut self) -> Result<()> {
        self.follower.load()
    }

    /// Does one piece of work; answers whether there was any.
    ///
    /// # Errors
    /// Those of the database; the work is found there again.
    pub fn step(&mut self) -> Result<bool> {
        let followed = self.follower.follow()?;
        let Some(lease) = self.lease()? else { return Ok(followed) };
        let assigned = self.assign(&lease)?;
        if assigned && self.described.elapsed() < DESCRIBE {
            return Ok(true);
        }
        self.described = Instant::now();
        let refined = !assigned && self.refine(&lease)?;
        let described = describing::step(&self.store, &self.groups, &lease)?;
        Ok(followed || assigned || refined || described)
    }

    /// The lease, taken or renewed where it is time; `None` while another instance has it.
    fn lease(&mut self) -> Result<Option<Lease>> {
        if let Some((lease, renewed)) = &self.lease
            && renewed.elapsed() < RENEW
        {
            return Ok(Some(lease.clone()));
        }
        // Asking costs a write: without the lease, ask no more often than it is renewed.
        let instance = self.instance.clone();
        let taken = self.store.write_now(Actor::ENGINE, move |tx| leases::take(tx, "grouping", &instance))?;
        self.lease = taken.map(|lease| (lease, Instant::now()));
        Ok(self.lease.as_ref().map(|(lease, _)| lease.clone()))
    }

    fn release(&mut self) {
        if let Some((lease, _)) = self.lease.take() {
            let _ = self.store.write_now(Actor::ENGINE, move |tx| leases::release(tx, &lease));
        }
    }

    /// Assigns the oldest waiting items.
    fn assign(&mut self, lease: &Lease) -> Result<bool> {
        let waiting = self.store.read_now(|conn| feedback::pending(conn, BATCH))?;
        let mut batch = Vec::with_capacity(waiting.len());
        for row in waiting {
            let (id, product) = (Id::from(row.id), Id::from(row.product_id));
            let group = self.groups.of(product);
            let placement = group.read().place(&words(row.title.as_deref(), &row.text));
            let assignment = group.write().accept(id.0, placement, || Id::next().0);
            batch.push(Assigned { id, product, assignment, restored: false });
        }
        batch.extend(self.embed_restored()?);
        if batch.is_empty() {
            return Ok(false);
        }
        let ids: Vec<Id> = batch.iter().map(|a| a.id).collect();
        let lease = lease.clone();
        let written = self.store.write_now(Actor::ENGINE, move |tx| grouping::assign(tx, &lease, &batch));
        match &written {
            Ok(gone) => gone.iter().for_each(|id| self.follower.forget(*id)),
            // Not written: they wait still, and are found again.
            Err(_) => ids.iter().for_each(|id| self.follower.forget(*id)),
        }
        written.map(|_| true)
    }

    /// Makes the vectors of items that have a theme but came without.
    fn embed_restored(&mut self) -> Result<Vec<Assigned>> {
        let ids: Vec<Id> = self.follower.unembedded.iter().copied().take(BATCH as usize).collect();
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        self.follower.unembedded.retain(|id| !ids.contains(id));
        let rows = self.store.read_now(|conn| vectors::of(conn, &ids))?;
        let embed = |row: vectors::GroupedRow| {
            let (id, product, theme) = (Id::from(row.id), Id::from(row.product_id), Id::from(row.theme_id?));
            let group = self.groups.of(product);
            let mut grouper = group.write();
            let mut assignment = grouper.assign(id.0, &words(row.title.as_deref(), &row.text), || theme.0);
            grouper.set_theme(id.0, theme.0, row.pinned);
            assignment.theme = theme.0;
            Some(Assigned { id, product, assignment, restored: true })
        };
        Ok(rows.into_iter().filter_map(embed).collect())
    }

    /// Refines the first product for which it is due: it has grown by a tenth, or an import has ended.
    fn refine(&mut self, lease: &Lease) -> Result<bool> {
        for asked in self.store.read_now(products::refinements)? {
            let group = self.groups.of(asked.product);
            let (due, on_demand, items) = {
                let grouper = group.read();
                (grouper.refinement_due(), grouper.refinement_on_demand(), grouper.len())
            };
            let kind = match (due, asked.due) {
                (_, true) => on_demand,
                (Some(kind), false) => kind,
                (None, false) => continue,
            };
            let started = Instant::now();
            let product = self.store.read_now(|conn| products::get(conn, asked.product))?;
            let snapshot = group.read().snapshot();
            let refinement = snapshot.refine(kind, || Id::next().0);
            let moved = refinement.moves.len();
            self.write_refinement(lease, &product, refinement)?;
            tracing::info!(
                product = product.key,
                ?kind,
                items,
                moved,
                seconds = started.elapsed().as_secs_f64(),
                "refined"
            );
            return Ok(true);
        }
        Ok(false)
    }

    /// Written in pieces, so that no request waits behind the whole; each piece leaves themes that are true.
    fn write_refinement(&mut self, lease: &Lease, product: &Product, refinement: Refinement) -> Result<()> {
        let (id, items, moved) = (product.id, refinement.items, refinement.moves.len());
        for moves in refinement.moves.chunks(MOVES) {
            let (lease, piece) = (lease.clone(), moves.to_vec());
            self.store.write_now(Actor::ENGINE, move |tx| grouping::apply_moves(tx, &lease, id, &piece))?;
        }
        // What a person moved meanwhile stays: the engine skips it as the database did.
        self.groups.of(id).write().apply(&refinement);
        let (lease, product) = (lease.clone(), product.clone());
        self.store.write_now(Actor::ENGINE, move |tx| grouping::refined(tx, &lease, &product, items, moved))
    }

    /// Works until nothing is left to do: for tests and commands.
    ///
    /// # Errors
    /// Those of the database, and 503 where another instance holds the lease.
    pub fn run_until_idle(&mut self) -> Result<()> {
        while self.step()? {}
        if self.lease.is_some() { Ok(()) } else { Err(Code::Unavailable.into()) }
    }
}

/// Grouping is patient: requests get the processor first.
fn yield_to_requests() {
    // SAFETY: no memory is passed; who 0 is the calling thread.
    unsafe {
        libc::setpriority(libc::PRIO_PROCESS, 0, 10);
    }
}
