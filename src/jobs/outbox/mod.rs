//! The outbox: sends what must leave this server (webhooks, mails, tracker changes) at least once, in order, across
//! crashes.
//!
//! One reader, under a lease, reads the event log. In one transaction it creates the deliveries of some events and
//! moves its position. One lane for each channel then claims due deliveries, sends them and records the results. A
//! crash between sending and recording leaves a claim that expires; the delivery is attempted again with the same
//! message id.

pub mod asks;
mod channels;
pub mod desk;
pub mod incidents;
mod lane;
pub mod mail;
mod mail_outcome;
pub mod mentions;
pub mod pages;
pub mod reports;
mod sending;
pub mod tracker;
mod watch;
mod webhook;

use std::sync::Arc;
use std::time::{Duration, Instant};

use lane::Lane;
pub use sending::{AttemptOutcome, FanOut, Sender};
pub use webhook::WebhookSender;

use super::base::scheduler::{Job, Step, Wakes};
use crate::domain::base::{Actor, Id, Time};
use crate::error::{Error, Result};
use crate::meter;
use crate::store::base::events::{self, Logged};
use crate::store::base::{leases, log_readers};
use crate::store::integrations::{delivery_clock, webhooks as stored_webhooks};
use crate::store::{Store, Tx};
use crate::usecase::integrations::webhooks;

/// Name of the reader and of its lease.
const READER: &str = "outbox";
/// Events processed in one transaction.
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

/// The job; [`Outbox::step`] does one unit of work.
pub struct Outbox {
    store: Store,
    instance: String,
    lanes: Vec<Arc<Lane>>,
    fan_outs: Arc<Vec<FanOut>>,
    clock: ClockWatch,
    /// When claims were renewed last.
    renewed: Instant,
}

impl Outbox {
    /// An outbox that creates messages to webhooks; senders and other channels are added.
    pub fn new(store: Store) -> Self {
        Self {
            store,
            instance: Id::next().to_string(),
            lanes: Vec::new(),
            fan_outs: Arc::default(),
            clock: ClockWatch::default(),
            renewed: Instant::now(),
        }
    }

    /// Adds a channel.
    pub fn with_sender(mut self, sender: impl Sender + 'static) -> Self {
        self.lanes.push(Arc::new(Lane::new(self.store.clone(), self.instance.clone(), Arc::new(sender))));
        self
    }

    /// Adds a function that creates deliveries of events.
    pub fn with_fan_out(mut self, fan_out: FanOut) -> Self {
        Arc::make_mut(&mut self.fan_outs).push(fan_out);
        self
    }

    /// Makes deliveries due that a clock which was ahead had put into the future.
    fn bring_back(&self) {
        match self.store.write_now(Actor::AUTOMATION, delivery_clock::bring_back) {
            Ok(0) => {}
            Ok(count) => {
                tracing::warn!(count, "the clock was ahead when these deliveries were scheduled: they are due now")
            }
            Err(e) => {
                tracing::warn!(error = %e, "deliveries scheduled while the clock was ahead could not be rescheduled")
            }
        }
    }

    /// Releases the lease, so that another instance can read on at once.
    fn release(&self) {
        let instance = self.instance.clone();
        let released = self.store.write_now(Actor::AUTOMATION, move |tx| match leases::take(tx, READER, &instance)? {
            Some(lease) => leases::release(tx, &lease),
            None => Ok(()),
        });
        // If this fails, the lease expires by itself.
        let _ = released;
    }

    /// Does one unit of work on this thread: creates deliveries of some events, then attempts what is due, target by
    /// target. Returns whether there was anything. For tests and commands.
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
    pub fn run_until_idle(&self) -> Result<()> {
        self.store.wait_for_log()?;
        while self.step()? {
            self.store.wait_for_log()?;
        }
        Ok(())
    }

    /// Creates deliveries of the next events; returns whether there were any. Does nothing while another instance
    /// reads.
    ///
    /// # Errors
    /// Those of the database: the position has not moved then.
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

    /// Starts a thread for each free target that has something due, up to the limit of its lane.
    fn dispatch(&self) -> Result<()> {
        for lane in &self.lanes {
            for target in lane.reserve()? {
                let (sending, name) = (lane.clone(), format!("send-{}", lane.channel()));
                let turn = move || meter::working_for(READER, || sending.turn(target));
                let started = std::thread::Builder::new().name(name).spawn(turn);
                if let Err(e) = started {
                    lane.give_back(target);
                    tracing::warn!(error = %e, "no thread could be started for sending");
                }
            }
        }
        Ok(())
    }

    fn renew(&self) {
        for lane in &self.lanes {
            if let Err(e) = lane.renew() {
                tracing::warn!(error = %e, "claims of deliveries were not renewed");
            }
        }
    }
}

impl Job for Outbox {
    fn name(&self) -> &'static str {
        READER
    }

    fn wakes(&self) -> Wakes {
        Wakes::OnCommit { at_most: POLL, gather: GATHER }
    }

    fn work(&mut self, _: &dyn Fn() -> bool) -> Result<Step> {
        let read_on = self.fan_out().and_then(|more| self.dispatch().map(|()| more));
        if self.clock.looks_back(self.store.clock.now()) {
            self.bring_back();
        }
        if self.renewed.elapsed() >= RENEW {
            self.renewed = Instant::now();
            self.renew();
        }
        read_on.map(Step::more_if)
    }

    fn rest(&mut self) {
        std::thread::sleep(GATHER);
    }

    fn end(&mut self) {
        self.lanes.iter().for_each(|lane| lane.stop());
        let asked = Instant::now();
        while asked.elapsed() < LAST_ANSWERS && self.lanes.iter().any(|lane| lane.is_busy()) {
            std::thread::sleep(GATHER);
        }
        self.release();
    }
}

/// Decides when to look for deliveries that a clock put too far into the future: at the start, once a minute, and as
/// soon as the clock is set back.
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

/// Reads some events, creates their deliveries and moves the reader's position, all in one transaction.
fn read_on(tx: &mut Tx<'_>, instance: &str, fan_outs: &[FanOut]) -> Result<bool> {
    if leases::take(tx, READER, instance)?.is_none() {
        return Ok(false);
    }
    let place = log_readers::place(tx.conn, READER)?;
    let log = events::after(tx.conn, place, BATCH)?;
    let Some(last) = log.last() else { return Ok(false) };
    let webhooks = stored_webhooks::active(tx.conn)?;
    let by_webhook = |tx: &mut Tx<'_>, event: &Logged| webhooks::fan_out(tx, &webhooks, event);
    // Try all events under one savepoint first: a savepoint for each event would cost more than the event.
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

/// Skips an event that fails, so that it does not block all later events.
fn told(outcome: Result<()>, event: &Logged) -> Result<()> {
    match outcome {
        Err(e) if !is_ours(&e) => {
            tracing::error!(error = %e, event = %event.position, kind = event.kind, "an event is skipped: its deliveries could not be created");
            Ok(())
        }
        outcome => outcome,
    }
}

/// Whether the error comes from the database or from this server, and may pass.
fn is_ours(e: &Error) -> bool {
    e.transient || e.code.status() >= 500
}
