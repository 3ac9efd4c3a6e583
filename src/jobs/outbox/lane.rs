//! A lane: claims, sends and records the due deliveries of one channel; one delivery at a time for each target, several
//! targets in parallel. A target that fails is paused, so that it does not slow the others down.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::sending::{AttemptOutcome, Sender};
use super::watch::Watch;
use crate::domain::base::{Actor, Id, Time};
use crate::domain::integrations::{Delivery, DeliveryState, pause_after};
use crate::domain::privacy::redact::redact;
use crate::error::Result;
use crate::store::base::claims;
use crate::store::integrations::deliveries::{self, Attempted};
use crate::store::integrations::delivery_list;
use crate::store::{Store, Tx};

/// Deliveries that a target gets in a row before other targets have their turn.
const TURN: usize = 20;
/// The longest pause of a target after failures.
const MOST_HOLD: Duration = Duration::from_secs(300);
/// How often recording an attempt is tried, and the pause between two tries.
const RECORDINGS: (usize, Duration) = (10, Duration::from_millis(500));
/// Characters of an error that are stored.
const MOST_ERROR: usize = 500;

pub(super) struct Lane {
    store: Store,
    instance: String,
    sender: Arc<dyn Sender>,
    stopping: AtomicBool,
    state: Mutex<LaneState>,
    watch: Watch,
}

#[derive(Default)]
struct LaneState {
    /// Targets that have a thread, with their current delivery.
    busy: HashMap<Id, Option<Id>>,
    /// Targets that failed recently: the number of failures in a row, and the end of their pause.
    hold: HashMap<Id, (u32, Time)>,
}

/// An attempt that must be recorded.
#[derive(Clone)]
struct MadeAttempt {
    delivery: Delivery,
    outcome: AttemptOutcome,
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

    /// Claims nothing more from now on.
    pub fn stop(&self) {
        self.stopping.store(true, Ordering::Release);
    }

    pub fn is_busy(&self) -> bool {
        !self.state().busy.is_empty()
    }

    fn state(&self) -> MutexGuard<'_, LaneState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Targets that are free and have something due, as many as may run in parallel; they are marked as busy.
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

    /// Renews the claims of the current deliveries.
    pub fn renew(&self) -> Result<()> {
        let ids: Vec<Id> = self.state().busy.values().filter_map(|id| *id).collect();
        if ids.is_empty() {
            return Ok(());
        }
        let instance = self.instance.clone();
        self.store.write_now(Actor::AUTOMATION, move |tx| deliveries::renew_claims(tx, &instance, &ids))
    }

    /// Sends some of the due deliveries of a reserved target; returns whether there were any.
    pub fn turn(&self, target: Id) -> bool {
        let mut made: Option<MadeAttempt> = None;
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
                    tracing::warn!(error = %e, channel = self.channel(), %target, "the outbox is delayed");
                    break;
                }
            }
        }
        self.give_back(target);
        count > 0
    }

    fn attempt(&self, delivery: Delivery) -> MadeAttempt {
        let (at, started) = (self.store.clock.now(), Instant::now());
        let sent = catch_unwind(AssertUnwindSafe(|| self.sender.send(&self.store, &delivery)));
        let outcome = sent.unwrap_or_else(|_| AttemptOutcome::Retry {
            status: None,
            error: "internal error while sending".to_owned(),
            after: None,
        });
        let outcome = masked(outcome, self.channel());
        self.note(delivery.target_id, &outcome);
        self.watch.saw(self.channel(), &delivery, &outcome);
        MadeAttempt { delivery, outcome, at, took: started.elapsed() }
    }

    /// Pauses a target after a failure: 1 s, 2 s, 4 s ... 5 minutes, or as long as it asks for.
    fn note(&self, target: Id, outcome: &AttemptOutcome) {
        let now = self.store.clock.now();
        let mut state = self.state();
        match outcome {
            AttemptOutcome::Retry { after, .. } => {
                let (failures, until) = state.hold.entry(target).or_insert((0, now));
                let pause = Duration::from_secs(1 << (*failures).min(9)).min(MOST_HOLD);
                let pause = pause.max(after.unwrap_or_default().min(MOST_HOLD));
                (*failures, *until) = (*failures + 1, now.plus(pause.as_micros() as i64));
            }
            AttemptOutcome::Delivered { .. } => drop(state.hold.remove(&target)),
            AttemptOutcome::Dead { .. } | AttemptOutcome::Gone => {}
        }
    }

    /// Records an attempt and claims the next delivery in one transaction. If the database is away, this is tried again
    /// until it works.
    fn exchange(&self, target: Id, made: Option<MadeAttempt>, claim: bool) -> Result<Option<Delivery>> {
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

/// Whether a target is still paused. Never longer than the longest pause, in case the clock was ahead.
fn is_ahead(until: Time, now: Time) -> bool {
    claims::holds(until, now, MOST_HOLD.as_micros() as i64)
}

fn record(tx: &mut Tx<'_>, sender: &dyn Sender, instance: &str, made: &MadeAttempt) -> Result<()> {
    let (delivery, number) = (&made.delivery, made.delivery.attempts + 1);
    let (state, status, error, pause) = match &made.outcome {
        AttemptOutcome::Delivered { status } => (DeliveryState::Delivered, *status, None, None),
        AttemptOutcome::Retry { status, error, after } => match pause_after(number, delivery.message_id, *after) {
            Some(pause) => (DeliveryState::Pending, *status, Some(error.as_str()), Some(pause)),
            None => (DeliveryState::Dead, *status, Some(error.as_str()), None),
        },
        AttemptOutcome::Dead { status, error } => (DeliveryState::Dead, *status, Some(error.as_str()), None),
        AttemptOutcome::Gone => (DeliveryState::Dead, Some(410), Some("the receiver wants no more messages"), None),
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
    // Must be last: the closure may have been told meanwhile, or given to somebody else, and then does not wait for
    // this delivery.
    say_on_closure(tx, delivery, attempted.error.as_deref())
}

/// Answers of mail servers may contain the recipient's address; it is removed for the log, the metrics and the API.
fn masked(outcome: AttemptOutcome, channel: &str) -> AttemptOutcome {
    match outcome {
        AttemptOutcome::Retry { status, error, after } if channel == "mail" => {
            AttemptOutcome::Retry { status, error: redact(&error), after }
        }
        AttemptOutcome::Dead { status, error } if channel == "mail" => {
            AttemptOutcome::Dead { status, error: redact(&error) }
        }
        outcome => outcome,
    }
}

/// Records the failure on the closure that waits for the delivery, so that people see the reason there.
fn say_on_closure(tx: &mut Tx<'_>, delivery: &Delivery, error: Option<&str>) -> Result<()> {
    let named = [&delivery.body["closure_id"], &delivery.body["data"]["closure_id"]];
    let closure = named.into_iter().find_map(|id| id.as_str()?.parse::<Id>().ok());
    let Some(closure) = closure else { return Ok(()) };
    match error {
        Some(error) => delivery_list::note_failure(tx, closure, error),
        None => delivery_list::clear_failure(tx, closure),
    }
}

/// Applies the effects of a delivery's end.
fn end(tx: &mut Tx<'_>, sender: &dyn Sender, made: &MadeAttempt, state: DeliveryState) -> Result<()> {
    let delivery = &made.delivery;
    let gone = made.outcome == AttemptOutcome::Gone;
    let told = tx.attempt(|tx| {
        if gone {
            sender.gone(tx, delivery)?;
        }
        sender.ended(tx, delivery, state == DeliveryState::Delivered)
    });
    match told {
        // Without recording, the delivery would be sent again and again; so the effects are given up instead.
        Err(e) if !e.transient && e.code.status() < 500 => {
            tracing::error!(error = %e, delivery = %delivery.id, "the effects of a delivery's end failed and are given up");
            Ok(())
        }
        told => told,
    }
}
