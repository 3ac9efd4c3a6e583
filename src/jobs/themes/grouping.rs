//! The grouping job. Every instance follows the event log and holds the state of all products, so that all can answer
//! similarity searches. Each product is grouped by one instance, which holds its lease: it assigns waiting items, runs
//! refinements, and updates themes and stories. Waiting items are found in the database, so a restart loses nothing.

use std::time::{Duration, Instant};

use super::describing::{self, DescribingPace};
use super::engine_sync::Follower;
use super::placing::Placing;
use super::refining::Refining;
use crate::app::App;
use crate::domain::base::{Actor, Id};
use crate::engine::Kind;
use crate::error::{Code, Result};
use crate::jobs::base::backpressure::Courtesy;
use crate::jobs::base::leased::Leased;
use crate::jobs::base::scheduler::{Job, Step, Wakes};
use crate::jobs::base::shares::Shares;
use crate::outside::models::shared::SharedEmbedder;
use crate::store::base::events::{self, Position};
use crate::store::base::leases::Lease;
use crate::store::team::products;
use crate::store::team::products::RefinementState;
use crate::store::themes::embeddings::{self, BUILTIN, READ};
use crate::store::{Conn, Store};
use crate::usecase::themes::assignments;
use crate::usecase::themes::groupers::Groups;

/// How often it looks for work when nothing is committed here.
const POLL: Duration = Duration::from_millis(300);
/// How often to check whether the external embedder has delivered the missing vectors, and whether other instances have made
/// some.
const LOOK: Duration = Duration::from_secs(1);
/// While feedback keeps arriving, themes are updated at most this often, and for at most a tenth of the time: updating
/// a theme counts all its items.
const DESCRIBE: Duration = Duration::from_secs(2);
/// If items arrive a few at a time, wait this long for more of them: a batch costs little more than one item.
const GATHER: Duration = Duration::from_millis(100);
/// How long to wait for the events of the former holder of a product that was taken over. An open transaction may hold the log
/// back for longer.
const CATCH_UP: Duration = Duration::from_secs(5);

/// The job.
pub struct Grouping {
    store: Store,
    groups: Groups,
    follower: Follower,
    placing: Placing,
    shares: Shares,
    /// Where the log was when products were last taken over, and when that was: what their former holders did is before it.
    taken_over: Option<(Position, Instant)>,
    described: Instant,
    /// How long that took.
    describing: Duration,
    describing_pace: DescribingPace,
    /// The embedder in the settings.
    wanted: String,
    /// When the readiness of that embedder was checked last, and when the vectors of other instances.
    looked: Option<Instant>,
    sought: Option<Instant>,
    /// The product that was refined last.
    refined: Option<Id>,
    /// Whether more items wait than one batch holds.
    behind: bool,
    courtesy: Courtesy,
    /// Duration of the last unit of work.
    worked: Duration,
}

impl Grouping {
    /// A job that has loaded nothing yet.
    pub fn new(store: Store, groups: Groups) -> Self {
        Self {
            follower: Follower::new(store.clone(), groups.clone()),
            placing: Placing::new(store.clone(), groups.clone()),
            shares: Shares::new(store.clone()),
            store: store.clone(),
            groups,
            taken_over: None,
            described: Instant::now(),
            describing: Duration::ZERO,
            describing_pace: DescribingPace::new(),
            wanted: BUILTIN.to_owned(),
            looked: None,
            sought: None,
            refined: None,
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

    /// The lease of a product that this instance groups.
    pub fn lease(&self, product: Id) -> Option<Lease> {
        self.shares.lease(product)
    }

    /// Takes and gives back products; answers whether it may go on with those it has. It may not while what the former holder
    /// of one of them did has not been read.
    fn keep_shares(&mut self) -> Result<bool> {
        if std::mem::take(&mut self.follower.has_new_product) {
            self.shares.look_again();
        }
        let taken = self.shares.keep()?;
        self.groups.set_ours(self.shares.products().len());
        if !taken.is_empty() {
            tracing::debug!(products = ?taken, "took over the grouping of products");
            self.taken_over = Some((self.store.read_now(events::newest_position)?, Instant::now()));
        }
        let Some((end, since)) = self.taken_over else { return Ok(true) };
        self.follower.follow()?;
        if self.follower.position() < end && since.elapsed() < CATCH_UP {
            std::thread::sleep(Duration::from_millis(10));
            return Ok(false);
        }
        self.taken_over = None;
        Ok(true)
    }

    /// Switches to the embedder in the settings as soon as it has a vector for every grouped item. Until then items are
    /// compared as before. Where instances have different settings, those of the one that has been there longest count: else
    /// two would switch to and fro.
    fn switch(&mut self) -> Result<bool> {
        if self.follower.embedder == self.wanted || self.looked.is_some_and(|at| at.elapsed() < LOOK) {
            return Ok(false);
        }
        let Some(lease) = self.shares.oldest() else { return Ok(false) };
        self.looked = Some(Instant::now());
        let wanted = self.wanted.clone();
        let lacking = |conn: &mut Conn| embeddings::lacking(conn, &wanted, &READ, None, 1);
        if self.wanted != BUILTIN && !self.store.read_now(lacking)?.is_empty() {
            return Ok(false);
        }
        self.store.write_now(Actor::ENGINE, move |tx| assignments::switch(tx, &lease, &wanted))?;
        tracing::info!(from = self.follower.embedder, to = self.wanted, "switched to another embedder");
        self.placing.forget_late();
        let follower = &mut self.follower;
        self.shares.during(|| follower.load())?;
        Ok(true)
    }

    /// Assigns the oldest waiting items of the product whose turn it is.
    fn assign(&mut self) -> Result<bool> {
        self.behind = false;
        let Some(batch) = self.placing.next(&mut self.follower, &self.shares.products())? else { return Ok(false) };
        self.behind = batch.is_full();
        let (product, items) = (batch.product, batch.items);
        let ids: Vec<Id> = items.iter().map(|a| a.id).collect();
        let taken: Vec<_> = items.iter().filter_map(|a| a.assignment.taken).collect();
        let (lease, embedder) = (self.shares.lease(product), self.follower.embedder.clone());
        let lease = lease.ok_or(Code::Conflict);
        let by = (Actor::ENGINE, items.len());
        let (store, pace) = (&self.store, &mut self.placing.pace);
        let assign = |lease: Lease| pace.write(store, by, move |tx| assignments::assign(tx, &lease, &embedder, &items));
        let written = lease.map_err(Into::into).and_then(assign);
        match &written {
            Ok(gone) => gone.iter().for_each(|id| self.follower.forget(*id)),
            // The transaction failed: the items still wait and are found again, and those that they took along are
            // where they were.
            Err(_) => {
                ids.iter().for_each(|id| self.follower.forget(*id));
                taken.iter().for_each(|id| self.groups.of(product).write().set_alone(*id));
            }
        }
        written.map(|_| true)
    }

    /// The state of the refinement of our products, beginning after the one that was refined last.
    fn refinements(&self) -> Result<Vec<(RefinementState, Lease)>> {
        let all = self.store.read_now(products::refinements)?.into_iter();
        let mut ours: Vec<_> = all.filter_map(|state| Some((state, self.shares.lease(state.product)?))).collect();
        ours.sort_by_key(|(state, _)| Some(state.product) <= self.refined);
        Ok(ours)
    }

    /// Runs the first refinement that a person requested.
    fn refine_asked(&mut self) -> Result<bool> {
        let asked = self.refinements()?.into_iter().find(|(state, _)| state.cold);
        let Some((asked, lease)) = asked else { return Ok(false) };
        self.run_refinement(asked.product, Kind::Cold, &lease)?;
        Ok(true)
    }

    /// Refines the first product whose refinement is due: it has grown by a tenth, or an import has ended.
    fn refine(&mut self) -> Result<bool> {
        for (asked, lease) in self.refinements()? {
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
            self.run_refinement(asked.product, kind, &lease)?;
            return Ok(true);
        }
        Ok(false)
    }

    fn run_refinement(&mut self, product: Id, kind: Kind, lease: &Lease) -> Result<()> {
        self.refined = Some(product);
        let refining = Refining { store: &self.store, groups: &self.groups, lease, embedder: &self.follower.embedder };
        self.shares.during(|| refining.run(product, kind))
    }

    /// Takes in what other instances have embedded, now and then.
    fn look_for_vectors(&mut self) -> Result<bool> {
        if self.sought.is_some_and(|at| at.elapsed() < LOOK) {
            return Ok(false);
        }
        let any = self.follower.look_for_vectors(&self.shares.products())?;
        // While there are some, the next ones are looked for at once.
        self.sought = (!any).then(Instant::now);
        Ok(any)
    }

    /// Assigns one batch, and runs the follow-up work whose time has come.
    fn round(&mut self) -> Result<bool> {
        let mut followed = self.follower.follow()?;
        if !self.keep_shares()? {
            return Ok(true);
        }
        followed |= self.look_for_vectors()?;
        if self.shares.products().is_empty() {
            return Ok(followed);
        }
        if self.switch()? || self.refine_asked()? {
            return Ok(true);
        }
        let assigned = self.assign()?;
        if assigned && self.described.elapsed() < DESCRIBE.max(9 * self.describing) {
            return Ok(true);
        }
        let refined = !assigned && self.refine()?;
        let started = Instant::now();
        let (shares, pace) = (&self.shares, &mut self.describing_pace);
        let described = shares.during(|| describing::step(&self.store, &self.groups, shares, pace))?;
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
        self.groups.set_lacking(self.placing.lacking(&self.follower));
        self.worked = started.elapsed();
        worked
    }

    /// Refines a product now, whether it is due or not: for tests and commands.
    ///
    /// # Errors
    /// Those of the database, and 503 if another instance groups the product.
    pub fn refine_now(&mut self, product: Id, kind: Kind) -> Result<()> {
        self.store.wait_for_log()?;
        self.follower.follow()?;
        self.shares.look_again();
        while !self.keep_shares()? {}
        let lease = self.shares.lease(product).ok_or(Code::Unavailable)?;
        self.run_refinement(product, kind, &lease)
    }

    /// Works until nothing is left to do: for tests and commands.
    ///
    /// # Errors
    /// Those of the database, and 503 if other instances group all products.
    pub fn run_until_idle(&mut self) -> Result<()> {
        self.store.wait_for_log()?;
        self.shares.look_again();
        while self.step()? {
            self.store.wait_for_log()?;
        }
        if self.shares.products().is_empty() { Err(Code::Unavailable.into()) } else { Ok(()) }
    }
}

impl Job for Grouping {
    fn name(&self) -> &'static str {
        "grouping"
    }

    fn wakes(&self) -> Wakes {
        Wakes::on_commit(POLL)
    }

    fn held(&mut self) -> Option<&mut dyn Leased> {
        Some(&mut self.shares)
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

/// Lowers the priority of this thread: requests get the processor first.
fn yield_to_requests() {
    // SAFETY: no memory is passed; `who` 0 means the calling thread.
    unsafe {
        libc::setpriority(libc::PRIO_PROCESS, 0, 10);
    }
}
