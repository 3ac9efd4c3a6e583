//! A lane: what is due on one channel is claimed, sent and recorded, one delivery at a time for each target, several
//! targets at once. A target that fails is left alone for a while, so that it costs the others nothing.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::sending::{Outcome, Sender};
use super::watch::Watch;
use crate::domain::base::{Actor, Id, Time};
use crate::domain::integrations::{Delivery, DeliveryState, pause_after};
use crate::domain::privacy::redact::redact;
use crate::error::Result;
use crate::store::base::claims;
use crate::store::integrations::deliveries::{self, Attempted};
use crate::store::integrations::delivery_list;
use crate::store::{Store, Tx};

/// Deliveries a target gets in a row before others have their turn.
const TURN: usize = 20;
/// The longest that a target's failures hold up what else is for it.
const MOST_HOLD: Duration = Duration::from_secs(300);
/// How often it is tried to record what was sent, and the pause between.
const RECORDINGS: (usize, Duration) = (10, Duration::from_millis(500));
/// Characters of an error that are kept.
const MOST_ERROR: usize = 500;

pub(super) struct Lane {
    store: Store,
    instance: String,
    sender: Arc<dyn Sender>,
    stopping: AtomicBool,
    state: Mutex<State>,
    watch: Watch,
}

#[derive(Default)]
struct State {
    /// Targets that have a thread, with the delivery under way.
    busy: HashMap<Id, Option<Id>>,
    /// Targets that failed lately: how often in a row, and until when they are left alone.
    hold: HashMap<Id, (u32, Time)>,
}

/// An attempt that was made and must be recorded.
#[derive(Clone)]
struct Made {
    delivery: Delivery,
    outcome: Outcome,
    at: Time,
    took: Duration,
}

impl Lane {
    pub fn new(store: Store, instance: String, sender: Arc<dyn Sender>) -> Self {
        Self {
            store,
            instance,
            sender,
            stopping: AtomicBool::new(false),
            state: Mutex::default(),
            watch: Watch::default(),
        }
    }

    pub fn channel(&self) -> &'static str {
        self.sender.channel()
    }

    /// From now on nothing more is claimed.
    pub fn stop(&self) {
        self.stopping.store(true, Ordering::Release);
    }

    pub fn is_busy(&self) -> bool {
        !self.state().busy.is_empty()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Free targets with something due, as many as may be under way at once; they are busy from now on.
    ///
    /// # Errors
    /// Those of the database.
    pub fn reserve(&self) -> Result<Vec<Id>> {
        let now = self.store.clock.now();
        let (busy, hold): (Vec<Id>, Vec<Id>) = {
            let mut state = self.state();
            if state.hold.len() > 1_000 {
                state.hold.retain(|_, (_, until)| is_ahead(*until, now));
            }
            let held = state.hold.iter().filter(|(_, (_, until))| is_ahead(*until, now)).map(|(target, _)| *target);
            (state.busy.keys().copied().collect(), held.collect())
        };
        let free = self.sender.at_once().saturating_sub(busy.len());
        if free == 0 {
            return Ok(Vec::new());
        }
        let due =
            self.store.read_now(|conn| deliveries::due(conn, self.channel(), &self.store.clock, &busy, &hold, free))?;
        self.state().busy.extend(due.iter().map(|target| (*target, None)));
        Ok(due)
    }

    pub fn give_back(&self, target: Id) {
        self.state().busy.remove(&target);
    }

    /// Holds on to the claims of what is under way.
    ///
    /// # Errors
    /// Those of the database.
    pub fn renew(&self) -> Result<()> {
        let ids: Vec<Id> = self.state().busy.values().filter_map(|id| *id).collect();
        if ids.is_empty() {
            return Ok(());
        }
        let instance = self.instance.clone();
        self.store.write_now(Actor::AUTOMATION, move |tx| deliveries::renew_claims(tx, &instance, &ids))
    }

    /// Sends what is due to a target that was reserved, some of it; answers whether there was anything.
    pub fn turn(&self, target: Id) -> bool {
        let mut made: Option<Made> = None;
        let mut count = 0;
        loop {
            let claim = count < TURN && !self.stopping.load(Ordering::Acquire);
            if !claim && made.is_none() {
                break;
            }
            match self.exchange(target, made.take(), claim) {
                Ok(Some(delivery)) => {
                    self.state().busy.insert(target, Some(delivery.id));
                    made = Some(self.attempt(delivery));
                    count += 1;
                }
                Ok(None) => break,
                Err(e) => {
                    tracing::warn!(error = %e, channel = self.channel(), %target, "the outbox waits");
                    break;
                }
            }
        }
        self.give_back(target);
        count > 0
    }

    fn attempt(&self, delivery: Delivery) -> Made {
        let (at, started) = (self.store.clock.now(), Instant::now());
        let sent = catch_unwind(AssertUnwindSafe(|| self.sender.send(&self.store, &delivery)));
        let outcome = sent.unwrap_or_else(|_| Outcome::Retry {
            status: None,
            error: "sending failed inside".to_owned(),
            after: None,
        });
        let outcome = masked(outcome, self.channel());
        self.note(delivery.target_id, &outcome);
        self.watch.saw(self.channel(), &delivery, &outcome);
        Made { delivery, outcome, at, took: started.elapsed() }
    }

    /// Leaves a target alone for a while after a failure: 1 s, 2 s, 4 s ... 5 minutes, or as long as it asks for.
    fn note(&self, target: Id, outcome: &Outcome) {
        let now = self.store.clock.now();
        let mut state = self.state();
        match outcome {
            Outcome::Retry { after, .. } => {
                let (failures, until) = state.hold.entry(target).or_insert((0, now));
                let pause = Duration::from_secs(1 << (*failures).min(9)).min(MOST_HOLD);
                let pause = pause.max(after.unwrap_or_default().min(MOST_HOLD));
                (*failures, *until) = (*failures + 1, now.plus(pause.as_micros() as i64));
            }
            Outcome::Delivered { .. } => drop(state.hold.remove(&target)),
            Outcome::Dead { .. } | Outcome::Gone => {}
        }
    }

    /// Records the attempt that was made and claims the next delivery, in one transaction. What was sent is recorded as
    /// soon as the database is there again.
    fn exchange(&self, target: Id, made: Option<Made>, claim: bool) -> Result<Option<Delivery>> {
        let now = self.store.clock.now();
        let on_hold = self.state().hold.get(&target).is_some_and(|(_, until)| is_ahead(*until, now));
        let channel = self.channel();
        let mut tries = if made.is_some() { RECORDINGS.0 } else { 1 };
        loop {
            let (sender, instance, made) = (self.sender.clone(), self.instance.clone(), made.clone());
            let exchanged = self.store.write_now(Actor::AUTOMATION, move |tx| {
                if let Some(made) = &made {
                    record(tx, sender.as_ref(), &instance, made)?;
                }
                if claim { deliveries::claim(tx, channel, target, on_hold, &instance) } else { Ok(None) }
            });
            tries -= 1;
            match exchanged {
                Err(_) if tries > 0 => std::thread::sleep(RECORDINGS.1),
                exchanged => return exchanged,
            }
        }
    }
}

/// Whether a target is left alone until then; no longer than the longest hold, in case the clock was ahead.
fn is_ahead(until: Time, now: Time) -> bool {
    claims::holds(until, now, MOST_HOLD.as_micros() as i64)
}

fn record(tx: &mut Tx<'_>, sender: &dyn Sender, instance: &str, made: &Made) -> Result<()> {
    let (delivery, number) = (&made.delivery, made.delivery.attempts + 1);
    let (state, status, error, pause) = match &made.outcome {
        Outcome::Delivered { status } => (DeliveryState::Delivered, *status, None, None),
        Outcome::Retry { status, error, after } => match pause_after(number, delivery.message_id, *after) {
            Some(pause) => (DeliveryState::Pending, *status, Some(error.as_str()), Some(pause)),
            None => (DeliveryState::Dead, *status, Some(error.as_str()), None),
        },
        Outcome::Dead { status, error } => (DeliveryState::Dead, *status, Some(error.as_str()), None),
        Outcome::Gone => (DeliveryState::Dead, Some(410), Some("the receiver wants nothing any more"), None),
    };
    let attempted = Attempted {
        at: made.at,
        milliseconds: i32::try_from(made.took.as_millis()).unwrap_or(i32::MAX),
        status: status.map(i32::from),
        error: error.map(|error| error.chars().take(MOST_ERROR).collect()),
        state,
        next: tx.now.plus(pause.unwrap_or_default().as_micros() as i64),
    };
    if !deliveries::record(tx, delivery, instance, &attempted)? {
        return Ok(());
    }
    if state != DeliveryState::Pending {
        end(tx, sender, made, state)?;
    }
    // Last: whoever was told meanwhile, or is to be told by another, waits for this no more.
    say_on_closure(tx, delivery, attempted.error.as_deref())
}

/// What a mail server says may name whom the mail was for: log, metrics and API show it without.
fn masked(outcome: Outcome, channel: &str) -> Outcome {
    match outcome {
        Outcome::Retry { status, error, after } if channel == "mail" => {
            Outcome::Retry { status, error: redact(&error), after }
        }
        Outcome::Dead { status, error } if channel == "mail" => Outcome::Dead { status, error: redact(&error) },
        outcome => outcome,
    }
}

/// Whoever waits for a delivery that fails sees why, on their closure.
fn say_on_closure(tx: &mut Tx<'_>, delivery: &Delivery, error: Option<&str>) -> Result<()> {
    let named = [&delivery.body["closure_id"], &delivery.body["data"]["closure_id"]];
    let closure = named.into_iter().find_map(|id| id.as_str()?.parse::<Id>().ok());
    let Some(closure) = closure else { return Ok(()) };
    match error {
        Some(error) => delivery_list::note_failure(tx, closure, error),
        None => delivery_list::clear_failure(tx, closure),
    }
}

/// What follows from the end of a delivery.
fn end(tx: &mut Tx<'_>, sender: &dyn Sender, made: &Made, state: DeliveryState) -> Result<()> {
    let delivery = &made.delivery;
    let gone = made.outcome == Outcome::Gone;
    let told = tx.attempt(|tx| {
        if gone {
            sender.gone(tx, delivery)?;
        }
        sender.ended(tx, delivery, state == DeliveryState::Delivered)
    });
    match told {
        // Not recorded, it would be sent again and again: what follows from its end is given up rather.
        Err(e) if !e.transient && e.code.status() < 500 => {
            tracing::error!(error = %e, delivery = %delivery.id, "the end of a delivery had no effect");
            Ok(())
        }
        told => told,
    }
}
