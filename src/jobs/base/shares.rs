//! The leases of the products that this instance groups: takes its fair share, gives back what others should have, and
//! renews the rest.

use std::collections::BTreeMap;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

use super::fair_share::{self, Change, View};
use super::leased::{Done, Leased};
use crate::domain::base::{Actor, Id, Time};
use crate::error::Result;
use crate::store::base::leases::{self, Lease, shares};
use crate::store::team::products;
use crate::store::{Conn, Store, Tx};

/// How often it looks who has what: how long a product waits that nobody has.
const LOOK: i64 = Time::SECOND;
/// How often leases are renewed while a long unit of work runs.
const RENEW: Duration = Duration::from_micros(leases::TERM as u64 / 3);

/// The products that an instance groups.
pub struct Shares {
    store: Store,
    instance: String,
    held: BTreeMap<Id, Lease>,
    /// The lease that says that this instance is there.
    own: Option<Lease>,
    looked: Option<Done>,
    renewed: Option<Done>,
    /// Whether no other instance has been there for longer.
    is_oldest: bool,
}

impl Shares {
    /// The shares of a new instance, which has none yet.
    pub fn new(store: Store) -> Self {
        let (instance, held) = (Id::next().to_string(), BTreeMap::new());
        Self { store, instance, held, own: None, looked: None, renewed: None, is_oldest: false }
    }

    /// Looks who has what if it is time, and takes, gives back and renews. Answers the products that it has just taken.
    ///
    /// # Errors
    /// Those of the database.
    pub fn keep(&mut self) -> Result<Vec<Id>> {
        let now = self.store.clock.now();
        if self.looked.is_some_and(|at| !at.is_older_than(LOOK, now)) {
            return Ok(Vec::new());
        }
        let clock = self.store.clock.clone();
        let read = |conn: &mut Conn| Ok((products::ids(conn)?, shares::read(conn, &clock)?));
        let (products, seen) = self.store.read_now(read)?;
        let looked = Done::at(now);
        let change = self.change(products, &seen);
        let is_lost = self.held.keys().any(|product| seen.holders.get(product) != Some(&self.instance));
        let is_due = self.renewed.is_none_or(|at| at.is_due_again(now)) || self.own.is_none() || is_lost;
        let mut taken = Vec::new();
        if is_due || seen.has_gone || !change.take.is_empty() || !change.give.is_empty() {
            let held = self.write(change)?;
            taken = held.keys().filter(|product| !self.held.contains_key(*product)).copied().collect();
            self.held = held;
            self.renewed = Some(looked);
        }
        self.looked = Some(looked);
        Ok(taken)
    }

    /// What brings it to its share.
    fn change(&mut self, products: Vec<Id>, seen: &shares::Shares) -> Change<Id> {
        let place = seen.instances.iter().position(|instance| instance.name == self.instance);
        let others = seen.instances.len() - usize::from(place.is_some());
        let rank = place.unwrap_or(others);
        self.is_oldest = rank == 0;
        let (ours, theirs) = seen.holders.iter().partition::<Vec<_>, _>(|(_, holder)| **holder == self.instance);
        let ids = |held: Vec<(&Id, &String)>| held.into_iter().map(|(product, _)| *product).collect();
        let view = View { instances: others + 1, rank, parts: products, ours: ids(ours), others: ids(theirs) };
        fair_share::change(&view)
    }

    fn write(&mut self, change: Change<Id>) -> Result<BTreeMap<Id, Lease>> {
        let Change { take, give } = change;
        let give: Vec<Lease> = give.iter().filter_map(|product| self.held.get(product).cloned()).collect();
        let instance = self.instance.clone();
        let keep = move |tx: &mut Tx<'_>| shares::keep(tx, &instance, &give, &take);
        let (own, held) = self.store.write_now(Actor::ENGINE, keep)?;
        self.own = Some(own);
        Ok(held)
    }

    /// Looks again at the next [`Shares::keep`], however recently it did.
    pub fn look_again(&mut self) {
        self.looked = None;
    }

    /// The lease of a product, if this instance has it.
    pub fn lease(&self, product: Id) -> Option<Lease> {
        self.held.get(&product).cloned()
    }

    /// The products of this instance.
    pub fn products(&self) -> Vec<Id> {
        self.held.keys().copied().collect()
    }

    /// The lease of this instance itself, if no other one has been there for longer: for what only one instance may decide.
    pub fn oldest(&self) -> Option<Lease> {
        self.own.clone().filter(|_| self.is_oldest)
    }

    /// Does something that may take longer than the term of a lease, and renews all leases meanwhile.
    pub fn during<T>(&self, work: impl FnOnce() -> T) -> T {
        let (done, is_done) = channel::<()>();
        // The thread owns its end of the channel.
        let renew = move || {
            while is_done.recv_timeout(RENEW) == Err(RecvTimeoutError::Timeout) {
                let instance = self.instance.clone();
                let keep = move |tx: &mut Tx<'_>| shares::keep(tx, &instance, &[], &[]).map(drop);
                if let Err(error) = self.store.write_now(Actor::ENGINE, keep) {
                    tracing::warn!(%error, "leases could not be renewed");
                }
            }
        };
        std::thread::scope(|scope| {
            scope.spawn(renew);
            let worked = work();
            // The other end waits for this.
            drop(done);
            worked
        })
    }
}

impl Leased for Shares {
    fn lose(&mut self) {
        self.held.clear();
        self.looked = None;
    }

    fn release(&mut self) {
        self.lose();
        if self.own.take().is_some() {
            let instance = self.instance.clone();
            // If this fails, the leases expire by themselves.
            let _ = self.store.write_now(Actor::ENGINE, move |tx| shares::leave(tx, &instance));
        }
    }
}
