//! Background work that a test steps: any job by its name, and the outbox delivery by delivery.

use std::time::Duration;

use hearback::domain::base::{Id, Time};
use hearback::domain::integrations::{Delivery, DeliveryState};
use hearback::error::Result;
use hearback::jobs;
use hearback::jobs::base::scheduler::Step;
use hearback::jobs::outbox::{AttemptOutcome, Sender, asks, desk, incidents, mail, mentions, pages};
use hearback::store::Tx;
use hearback::store::base::events;
use hearback::store::integrations::deliveries::{self, Attempted};
use hearback::usecase::operations::telling::desks;
use serde_json::json;

use super::World;
use crate::support::eventually;

impl World {
    /// Does one unit of work of the job with this name.
    pub fn step(&self, job: &str) -> Step {
        jobs::step(self.app(), job).unwrap()
    }

    /// Steps a job until it finds nothing more to do.
    pub fn step_until_idle(&self, job: &str) {
        while self.step(job) == Step::More {}
    }

    /// Reads the event log and sends what is due: mails to the mail server, and messages to the help desk, which accepts
    /// them.
    pub fn pump(&self) {
        self.fan_out();
        let mails = mail::Mails::new(self.app().config.mailer().unwrap(), self.app().config.public_url());
        for delivery in self.due("mail") {
            let outcome = mails.send(self.store(), &delivery);
            let sender = mail::Mails::new(None, String::new());
            self.record(&delivery, &outcome, move |tx, delivery, arrived| sender.ended(tx, delivery, arrived));
        }
        for delivery in self.due("webhook") {
            // Nobody is asked to tell a customer of an incident who was told in another way, or erased.
            let is_asked = delivery.event != desks::EVENT
                || self.store().read_now(|conn| desks::is_due(conn, &delivery)).expect("the message to a customer");
            self.record(&delivery, &AttemptOutcome::Delivered { status: is_asked.then_some(200) }, desk::ended);
        }
    }

    /// Reads the event log to its end. On PostgreSQL this waits for transactions of other tests too.
    pub fn fan_out(&self) {
        let (mark, with_mail) = (Id::next(), self.mail.is_some());
        self.write(move |tx| {
            tx.event("webhook.enabled", mark, None, json!({}));
            Ok(())
        })
        .unwrap();
        let mut read = self.inside().read.lock().unwrap();
        eventually("the log is read", Duration::from_secs(60), || {
            let place = *read;
            let events = self.store().read_now(|conn| events::after(conn, place, 1_000)).unwrap();
            let Some(last) = events.last() else { return false };
            *read = last.position;
            let at_end = last.subject == mark;
            self.write(move |tx| {
                events.iter().try_for_each(|event| {
                    mail::fan_out(tx, event)?;
                    if with_mail {
                        mentions::fan_out(tx, event)?;
                        incidents::fan_out(tx, event)?;
                        pages::fan_out(tx, event)?;
                        asks::fan_out(tx, event)?;
                    }
                    desk::fan_out(tx, event)
                })
            })
            .unwrap();
            at_end
        });
    }

    pub fn due(&self, channel: &'static str) -> Vec<Delivery> {
        let due = |conn: &mut _| deliveries::due(conn, channel, self.clock(), &[], &[], 1_000);
        let targets = self.store().read_now(due).unwrap();
        let claim = |target| self.write(move |tx| deliveries::claim(tx, channel, target, false, "test")).unwrap();
        targets.into_iter().filter_map(claim).collect()
    }

    pub fn record(
        &self,
        delivery: &Delivery,
        outcome: &AttemptOutcome,
        mut ended: impl FnMut(&mut Tx<'_>, &Delivery, bool) -> Result<()> + Send + 'static,
    ) {
        let (delivery, now) = (delivery.clone(), self.clock().now());
        let (state, next) = match outcome {
            AttemptOutcome::Delivered { .. } => (DeliveryState::Delivered, now),
            AttemptOutcome::Retry { .. } => (DeliveryState::Pending, now.plus(60 * Time::SECOND)),
            _ => (DeliveryState::Dead, now),
        };
        let error = match outcome {
            AttemptOutcome::Retry { error, .. } | AttemptOutcome::Dead { error, .. } => Some(error.clone()),
            _ => None,
        };
        let status = match outcome {
            AttemptOutcome::Delivered { status } => status.map(i32::from),
            _ => None,
        };
        let attempted = Attempted { at: now, milliseconds: 1, status, error, state, next };
        self.write(move |tx| {
            deliveries::record(tx, &delivery, "test", &attempted)?;
            match state {
                DeliveryState::Pending => Ok(()),
                state => ended(tx, &delivery, state == DeliveryState::Delivered),
            }
        })
        .unwrap();
    }
}
