//! The grouping job. Every instance follows the event log, so that all can answer similarity searches. The instance
//! that holds the lease also assigns waiting items, runs refinements, and updates themes and stories. Waiting items are
//! found in the database, so a restart loses nothing.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use super::describing;
use super::engine_sync::Follower;
use super::refining::Refining;
use crate::app::App;
use crate::domain::base::{Actor, Id};
use crate::engine::{Kind, Placement};
use crate::error::{Code, Result};
use crate::jobs::base::backpressure::Courtesy;
use crate::jobs::base::leased::Held;
use crate::jobs::base::scheduler::{Job, Step, Wakes};
use crate::outside::models::shared::SharedEmbedder;
use crate::store::base::leases::Lease;
use crate::store::team::products;
use crate::store::themes::assignments::WaitingItem;
use crate::store::themes::embeddings::{self, BUILTIN, READ};
use crate::store::themes::{assignments as stored_assignments, vectors};
use crate::store::{Conn, Store};
use crate::usecase::themes::assignments::{self, Assigned};
use crate::usecase::themes::groupers::{Group, Groups};

/// How often it looks for work when nothing is committed here.
const POLL: Duration = Duration::from_millis(300);
/// Items assigned in one transaction: few enough that requests hardly wait.
const BATCH: i64 = 100;
/// The position before the first item.
const NONE: Id = Id(uuid::Uuid::nil());
/// How often to check whether the external embedder has delivered the missing vectors.
const LOOK: Duration = Duration::from_secs(1);
/// While feedback keeps arriving, themes are updated at most this often, and for at most a tenth of the time: updating
/// a theme counts all its items.
const DESCRIBE: Duration = Duration::from_secs(2);

/// If items arrive a few at a time, wait this long for more of them: a batch costs little more than one item.
const GATHER: Duration = Duration::from_millis(100);

/// The job.
pub struct Grouping {
    store: Store,
    groups: Groups,
    follower: Follower,
    held: Held,
    described: Instant,
    /// How long that took.
    describing: Duration,
    /// The embedder in the settings.
    wanted: String,
    /// When the readiness of that embedder was checked last.
    looked: Option<Instant>,
    /// Items that have a theme and wait for a vector of that embedder.
    late: BTreeSet<Id>,
    /// The last item that was assigned, or [`NONE`] at the end of the waiting items.
    placed: Id,
    /// Whether more items wait than one batch holds.
    behind: bool,
    courtesy: Courtesy,
    /// Duration of the last unit of work.
    worked: Duration,
}

impl Grouping {
    /// A job that has loaded nothing yet.
    pub fn new(store: Store, groups: Groups) -> Self {
        let follower = Follower::new(store.clone(), groups.clone());
        Self {
            held: Held::new(store.clone(), "grouping"),
            store: store.clone(),
            groups,
            follower,
            described: Instant::now(),
            describing: Duration::ZERO,
            wanted: BUILTIN.to_owned(),
            looked: None,
            late: BTreeSet::new(),
            placed: NONE,
            behind: false,
            courtesy: Courtesy::new(store),
            worked: Duration::ZERO,
        }
    }

    /// The job of an instance, by the embedder of its settings.
    pub fn of(app: &App) -> Self {
        let embedder = app.embedder.as_ref().map_or_else(|| BUILTIN.to_owned(), SharedEmbedder::name);
        Self::new(app.store.clone(), app.groups.clone()).with_embedder(&embedder)
    }

    /// Uses another embedder as soon as it has computed a vector for every grouped item.
    #[must_use]
    pub fn with_embedder(mut self, name: &str) -> Self {
        name.clone_into(&mut self.wanted);
        self
    }

    /// Loads the state from the database; see [`Follower::load`].
    pub fn load(&mut self) -> Result<()> {
        self.follower.load()
    }

    /// Switches to the embedder in the settings as soon as it has a vector for every grouped item. Until then items are
    /// compared as before.
    fn switch(&mut self, lease: &Lease) -> Result<bool> {
        if self.follower.embedder == self.wanted || self.looked.is_some_and(|at| at.elapsed() < LOOK) {
            return Ok(false);
        }
        self.looked = Some(Instant::now());
        let wanted = self.wanted.clone();
        let lacking = |conn: &mut Conn| embeddings::lacking(conn, &wanted, &READ, None, 1);
        if self.wanted != BUILTIN && !self.store.read_now(lacking)?.is_empty() {
            return Ok(false);
        }
        let lease = lease.clone();
        self.store.write_now(Actor::ENGINE, move |tx| assignments::switch(tx, &lease, &wanted))?;
        tracing::info!(from = self.follower.embedder, to = self.wanted, "switched to another embedder");
        self.late.clear();
        self.follower.load()?;
        Ok(true)
    }

    /// Assigns the oldest waiting items. Items that have a theme but no neighbours are added first.
    fn assign(&mut self, lease: &Lease) -> Result<bool> {
        let mut batch = self.embed_restored()?;
        if batch.is_empty() {
            batch = self.place_waiting()?;
        }
        self.behind = batch.len() == BATCH as usize;
        if batch.is_empty() {
            return Ok(false);
        }
        let ids: Vec<Id> = batch.iter().map(|a| a.id).collect();
        let taken: Vec<_> = batch.iter().filter_map(|a| Some((a.product, a.assignment.taken?))).collect();
        let (lease, embedder) = (lease.clone(), self.follower.embedder.clone());
        let written = self.store.write_now(Actor::ENGINE, move |tx| assignments::assign(tx, &lease, &embedder, &batch));
        match &written {
            Ok(gone) => gone.iter().for_each(|id| self.follower.forget(*id)),
            // The transaction failed: the items still wait and are found again, and those that they took along are
            // where they were.
            Err(_) => {
                ids.iter().for_each(|id| self.follower.forget(*id));
                taken.iter().for_each(|(product, id)| self.groups.of(*product).write().set_alone(*id));
            }
        }
        written.map(|_| true)
    }

    /// Assigns the oldest waiting items; with an external embedder, only those that have its vector.
    fn place_waiting(&mut self) -> Result<Vec<Assigned>> {
        let embedder = self.follower.embedder.clone();
        let waiting: Vec<(WaitingItem, Option<Vec<u8>>)> = match embedder == BUILTIN {
            true => self.oldest_waiting()?.into_iter().map(|row| (row, None)).collect(),
            false => {
                let ready = self.store.read_now(|conn| embeddings::ready(conn, &embedder, BATCH))?;
                ready.into_iter().map(|(row, said)| (row, Some(said))).collect()
            }
        };
        let place = |(row, said): (WaitingItem, Option<Vec<u8>>)| {
            let (id, product) = (row.id, row.product_id);
            let group = self.groups.of(product);
            let placement = placed(&group, &row.own_words(), said.as_deref());
            let assignment = group.write().accept(id.0, placement, || Id::next().0);
            Assigned { id, product, assignment, restored: false }
        };
        Ok(waiting.into_iter().map(place).collect())
    }

    /// The oldest waiting items, beginning after the last assigned one: before it, the index is full of dead rows of
    /// assigned items, which PostgreSQL would scan until they are vacuumed.
    fn oldest_waiting(&mut self) -> Result<Vec<WaitingItem>> {
        loop {
            let after = self.placed;
            let rows = self.store.read_now(|conn| stored_assignments::pending(conn, after, BATCH))?;
            self.placed = rows.last().map_or(NONE, |row| row.id);
            if !rows.is_empty() || after == NONE {
                return Ok(rows);
            }
        }
    }

    /// Computes the vectors of items that were grouped before and have no vector, or one of another embedder.
    fn embed_restored(&mut self) -> Result<Vec<Assigned>> {
        if self.looked.is_none_or(|at| at.elapsed() >= LOOK) {
            self.looked = Some(Instant::now());
            self.follower.unembedded.append(&mut self.late);
        }
        let ids: Vec<Id> = self.follower.unembedded.iter().copied().take(BATCH as usize).collect();
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        self.follower.unembedded.retain(|id| !ids.contains(id));
        let embedder = self.follower.embedder.clone();
        let rows = self.store.read_now(|conn| vectors::of(conn, &embedder, &ids))?;
        let mut batch = Vec::with_capacity(rows.len());
        for row in rows {
            let (id, product) = (row.id, row.product_id);
            if embedder != BUILTIN && row.said.is_none() {
                self.late.insert(id);
                continue;
            }
            let group = self.groups.of(product);
            let placement = placed(&group, &row.own_words(), row.said.as_deref());
            let assignment = group.write().adopt(id.0, placement, row.theme_id.map(|theme| theme.0), row.pinned);
            batch.push(Assigned { id, product, assignment, restored: true });
        }
        Ok(batch)
    }

    /// Runs the first refinement that a person requested.
    fn refine_asked(&mut self, lease: &Lease) -> Result<bool> {
        let stand = self.store.read_now(products::refinements)?;
        let Some(asked) = stand.into_iter().find(|stands| stands.cold) else { return Ok(false) };
        self.refining(lease).run(asked.product, Kind::Cold)?;
        Ok(true)
    }

    /// Refines the first product whose refinement is due: it has grown by a tenth, or an import has ended.
    fn refine(&mut self, lease: &Lease) -> Result<bool> {
        for asked in self.store.read_now(products::refinements)? {
            let group = self.groups.of(asked.product);
            let (due, on_demand) = {
                let grouper = group.read();
                (grouper.refinement_due(), grouper.refinement_on_demand())
            };
            let kind = match (due, asked.due) {
                (_, true) => on_demand,
                (Some(kind), false) => kind,
                (None, false) => continue,
            };
            self.refining(lease).run(asked.product, kind)?;
            return Ok(true);
        }
        Ok(false)
    }

    fn refining<'a>(&'a self, lease: &'a Lease) -> Refining<'a> {
        Refining { store: &self.store, groups: &self.groups, lease, embedder: &self.follower.embedder }
    }

    /// Assigns one batch, and runs the follow-up work whose time has come.
    fn round(&mut self) -> Result<bool> {
        let followed = self.follower.follow()?;
        let Some(lease) = self.held.lease()? else { return Ok(followed) };
        if self.switch(&lease)? || self.refine_asked(&lease)? {
            return Ok(true);
        }
        let assigned = self.assign(&lease)?;
        if assigned && self.described.elapsed() < DESCRIBE.max(9 * self.describing) {
            return Ok(true);
        }
        let refined = !assigned && self.refine(&lease)?;
        let started = Instant::now();
        let described = describing::step(&self.store, &self.groups, &lease)?;
        (self.described, self.describing) = (Instant::now(), started.elapsed());
        Ok(followed || assigned || refined || described)
    }

    /// Does one piece of work; answers whether there was any.
    ///
    /// # Errors
    /// Those of the database; the work is found there again.
    pub fn step(&mut self) -> Result<bool> {
        let started = Instant::now();
        let worked = self.round();
        self.worked = started.elapsed();
        worked
    }

    /// Refines a product now, whether it is due or not: for tests and commands.
    ///
    /// # Errors
    /// Those of the database, and 503 if another instance holds the lease.
    pub fn refine_now(&mut self, product: Id, kind: Kind) -> Result<()> {
        self.store.wait_for_log()?;
        self.follower.follow()?;
        let lease = self.held.lease()?.ok_or(Code::Unavailable)?;
        self.refining(&lease).run(product, kind)
    }

    /// Works until nothing is left to do: for tests and commands.
    ///
    /// # Errors
    /// Those of the database, and 503 if another instance holds the lease.
    pub fn run_until_idle(&mut self) -> Result<()> {
        self.store.wait_for_log()?;
        while self.step()? {
            self.store.wait_for_log()?;
        }
        if self.held.is_held() { Ok(()) } else { Err(Code::Unavailable.into()) }
    }
}

impl Job for Grouping {
    fn name(&self) -> &'static str {
        self.held.name()
    }

    fn wakes(&self) -> Wakes {
        Wakes::on_commit(POLL)
    }

    fn held(&mut self) -> Option<&mut Held> {
        Some(&mut self.held)
    }

    fn prepare(&mut self) -> Result<()> {
        yield_to_requests();
        let started = Instant::now();
        self.load()?;
        tracing::info!(seconds = started.elapsed().as_secs_f64(), "the grouping state is loaded");
        Ok(())
    }

    fn work(&mut self, _: &dyn Fn() -> bool) -> Result<Step> {
        self.step().map(Step::more_if)
    }

    fn rest(&mut self) {
        if !self.behind {
            std::thread::sleep(GATHER);
        }
        self.courtesy.rest(self.worked);
    }
}

/// The vector of a text, from the external embedder if there is one.
fn placed(group: &Group, words: &str, said: Option<&[u8]>) -> Placement {
    let grouper = group.read();
    match said {
        Some(said) => grouper.place_external(words, said),
        None => grouper.place(words),
    }
}

/// Lowers the priority of this thread: requests get the processor first.
fn yield_to_requests() {
    // SAFETY: no memory is passed; `who` 0 means the calling thread.
    unsafe {
        libc::setpriority(libc::PRIO_PROCESS, 0, 10);
    }
}
