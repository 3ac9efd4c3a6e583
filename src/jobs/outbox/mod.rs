//! The outbox: what happens here is told outside, at least once, in order, and lost by no crash.
//!
//! One reader goes through the event log, under a lease, and in one transaction makes deliveries of events and moves its
//! place. A lane for each channel then claims what is due, sends it, and records how that went. A crash between sending
//! and recording leaves a claim that runs out; the delivery is then attempted again, with the same message id.

pub mod desk;
mod lane;
pub mod mail;
pub mod mentions;
mod sending;
pub mod tracker;
mod watch;
mod webhook;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use lane::Lane;
pub use sending::{FanOut, Outcome, Sender};
pub use webhook::WebhookSender;

use super::base::meter;
use super::base::worker::Running;
use crate::domain::base::{Actor, Id, Time};
use crate::error::{Error, Result};
use crate::store::base::events::{self, Logged};
use crate::store::base::{leases, log_readers};
use crate::store::integrations::{delivery_clock, webhooks as stored_webhooks};
use crate::store::{Store, Tx};
use crate::usecase::integrations::webhooks;

/// The name of the reader, and of the lease it reads under.
const READER: &str = "outbox";
/// Events made into deliveries in one transaction.
const BATCH: i64 = 500;
/// How often the log and the clock are looked at when nothing is committed here.
const POLL: Duration = Duration::from_millis(500);
/// How long commits are gathered before the log is looked at.
const GATHER: Duration = Duration::from_millis(50);
/// How often claims are renewed: a third of their term.
const RENEW: Duration = Duration::from_secs(5);
/// How often is looked for what a clock that was ahead left behind.
const LOOK_BACK: Duration = Duration::from_secs(60);
/// How long a graceful stop waits for what is under way; a receiver that takes longer gets it again.
const LAST_ANSWERS: Duration = Duration::from_secs(5);

/// The job; [`Outbox::step`] does one piece of work.
pub struct Outbox {
    store: Store,
    instance: String,
    lanes: Vec<Arc<Lane>>,
    fan_outs: Arc<Vec<FanOut>>,
}

impl Outbox {
    /// One that makes messages to webhooks of events; what sends them, and other channels, are added.
    pub fn new(store: Store) -> Self {
        let instance = Id::next().to_string();
        Self { store, instance, lanes: Vec::new(), fan_outs: Arc::default() }
    }

    /// With a channel.
    pub fn with_sender(mut self, sender: impl Sender + 'static) -> Self {
        self.lanes.push(Arc::new(Lane::new(self.store.clone(), self.instance.clone(), Arc::new(sender))));
        self
    }

    /// With a function that makes deliveries of events.
    pub fn with_fan_out(mut self, fan_out: FanOut) -> Self {
        Arc::make_mut(&mut self.fan_outs).push(fan_out);
        self
    }

    /// Starts the threads.
    ///
    /// # Errors
    /// Where the system gives no thread.
    pub fn start(self) -> std::io::Result<Running> {
        Running::start("outbox", move |stopped: &AtomicBool| {
            let (mut seen, mut renewed) = (0, Instant::now());
            let mut clock = ClockWatch::default();
            while !stopped.load(Ordering::Acquire) {
                let read_on = || meter::step("outbox", |more: &bool| !more, || self.fan_out());
                let more = read_on().and_then(|more| self.dispatch().map(|()| more)).unwrap_or_else(|e| {
                    tracing::warn!(error = %e, "the outbox waits");
                    false
                });
                if clock.looks_back(self.store.clock.now()) {
                    self.bring_back();
                }
                if renewed.elapsed() >= RENEW {
                    renewed = Instant::now();
                    self.renew();
                }
                if !more {
                    seen = self.store.wait_for_commit(seen, POLL);
                }
                std::thread::sleep(GATHER);
            }
            self.lanes.iter().for_each(|lane| lane.stop());
            let asked = Instant::now();
            while asked.elapsed() < LAST_ANSWERS && self.lanes.iter().any(|lane| lane.is_busy()) {
                std::thread::sleep(GATHER);
            }
            self.release();
        })
    }

    /// What a clock that was ahead put into the future is due again.
    fn bring_back(&self) {
        match self.store.write_now(Actor::AUTOMATION, delivery_clock::bring_back) {
            Ok(0) => {}
            Ok(count) => tracing::warn!(count, "the clock was ahead when these were to be sent: they are due now"),
            Err(e) => tracing::warn!(error = %e, "deliveries of a clock that was ahead wait"),
        }
    }

    /// Lets another instance read on at once.
    fn release(&self) {
        let instance = self.instance.clone();
        let released = self.store.write_now(Actor::AUTOMATION, move |tx| match leases::take(tx, READER, &instance)? {
            Some(lease) => leases::release(tx, &lease),
            None => Ok(()),
        });
        // It ends by itself otherwise.
        let _ = released;
    }

    /// Does one piece of work on this thread: makes deliveries of some events, then attempts what is due, target by
    /// target; answers whether there was anything. For tests and commands.
    ///
    /// # Errors
    /// Those of the database; the work is found there again.
    pub fn step(&self) -> Result<bool> {
        let mut any = self.fan_out()?;
        for lane in &self.lanes {
            for target in lane.reserve()? {
                any |= lane.turn(target);
            }
        }
        Ok(any)
    }

    /// Works until nothing is due any more: for tests and commands.
    ///
    /// # Errors
    /// Those of the database.
    pub fn run_until_idle(&self) -> Result<()> {
        while self.step()? {}
        Ok(())
    }

    /// Makes deliveries of the next events; answers whether there were any. Nothing where another instance reads.
    ///
    /// # Errors
    /// Those of the database: then nothing has moved.
    pub fn fan_out(&self) -> Result<bool> {
        let waiting = self.store.read_now(|conn| {
            let place = log_readers::place(conn, READER)?;
            Ok(!events::after(conn, place, 1)?.is_empty())
        })?;
        if !waiting {
            return Ok(false);
        }
        let (instance, fan_outs) = (self.instance.clone(), self.fan_outs.clone());
        self.store.write_now(Actor::AUTOMATION, move |tx| read_on(tx, &instance, &fan_outs))
    }

    /// Gives each free target that has something due a thread, as far as its lane allows.
    fn dispatch(&self) -> Result<()> {
        for lane in &self.lanes {
            for target in lane.reserve()? {
                let (sending, name) = (lane.clone(), format!("send-{}", lane.channel()));
                let started = std::thread::Builder::new().name(name).spawn(move || sending.turn(target));
                if let Err(e) = started {
                    lane.give_back(target);
                    tracing::warn!(error = %e, "no thread to send with");
                }
            }
        }
        Ok(())
    }

    fn renew(&self) {
        for lane in &self.lanes {
            if let Err(e) = lane.renew() {
                tracing::warn!(error = %e, "claims were not renewed");
            }
        }
    }
}

/// Says when to look for what a clock that was ahead left behind: at the start, once a minute, and as soon as the clock is
/// set back.
#[derive(Default)]
struct ClockWatch(Option<(Instant, Time)>);

impl ClockWatch {
    fn looks_back(&mut self, now: Time) -> bool {
        let due = self.0.is_none_or(|(at, time)| at.elapsed() >= LOOK_BACK || now < time);
        if due {
            self.0 = Some((Instant::now(), now));
        }
        due
    }
}

/// Reads some events and moves the reader's place, in one transaction with what is made of them.
fn read_on(tx: &mut Tx<'_>, instance: &str, fan_outs: &[FanOut]) -> Result<bool> {
    if leases::take(tx, READER, instance)?.is_none() {
        return Ok(false);
    }
    let place = log_readers::place(tx.conn, READER)?;
    let log = events::after(tx.conn, place, BATCH)?;
    let Some(last) = log.last() else { return Ok(false) };
    let webhooks = stored_webhooks::active(tx.conn)?;
    let by_webhook = |tx: &mut Tx<'_>, event: &Logged| webhooks::fan_out(tx, &webhooks, event);
    // All under one savepoint first: one for each would cost more than what it guards.
    let together = tx.attempt(|tx| {
        log.iter().try_for_each(|event| {
            by_webhook(tx, event)?;
            fan_outs.iter().try_for_each(|fan_out| fan_out(tx, event))
        })
    });
    match together {
        Err(e) if is_ours(&e) => return Err(e),
        Err(_) => {
            for event in &log {
                told(tx.attempt(|tx| by_webhook(tx, event)), event)?;
                for fan_out in fan_outs {
                    told(tx.attempt(|tx| fan_out(tx, event)), event)?;
                }
            }
        }
        Ok(()) => {}
    }
    log_readers::move_to(tx, READER, last.position)?;
    Ok(true)
}

/// One event that can't be told must not keep all others from being told.
fn told(outcome: Result<()>, event: &Logged) -> Result<()> {
    match outcome {
        Err(e) if !is_ours(&e) => {
            tracing::error!(error = %e, event = %event.position, kind = event.kind, "not told");
            Ok(())
        }
        outcome => outcome,
    }
}

/// Whether the trouble is the database's or our own, and may pass.
fn is_ours(e: &Error) -> bool {
    e.transient || e.code.status() >= 500
}
