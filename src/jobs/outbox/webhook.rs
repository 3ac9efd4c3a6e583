//! The webhook channel of the outbox.

use std::time::Duration;

use super::desk;
use super::sending::{AttemptOutcome, Sender};
use crate::domain::base::Time;
use crate::domain::integrations::{Delivery, MessageFormat, Webhook};
use crate::error::{Code, Result};
use crate::outside::client::{Client, Request};
use crate::outside::webhook_signature as signing;
use crate::store::integrations::webhooks::Signed;
use crate::store::integrations::{deliveries, webhooks as stored_webhooks};
use crate::store::{Store, Tx};
use crate::usecase::integrations::{webhook_body, webhooks};

/// Receivers served in parallel, each with one message at a time.
const AT_ONCE: usize = 32;
/// The timeout of a receiver's answer.
const TIMEOUT: Duration = Duration::from_secs(20);
/// With random variation, the ten attempts take 67 to 84 hours.
const WHOLE_SCHEDULE: i64 = 60 * 3_600 * Time::SECOND;

/// Sends messages as Standard Webhooks specifies.
pub struct WebhookSender {
    client: Client,
    /// The public address of this server, if it is set: messages of the format `full` contain links.
    public_url: Option<String>,
}

impl WebhookSender {
    /// `allow_private` is the setting HEARBACK_ALLOW_PRIVATE_ADDRESSES.
    pub fn new(allow_private: bool) -> Self {
        Self::with(Client::new(allow_private, TIMEOUT))
    }

    /// A sender with another client; for tests.
    pub fn with(client: Client) -> Self {
        Self { client, public_url: None }
    }

    /// Sets the address for links in messages of the format `full`.
    pub fn at(self, public_url: Option<String>) -> Self {
        Self { public_url, ..self }
    }

    /// The body of a message. A desk gets the same body in both formats, because it has all that a desk needs.
    fn body(&self, store: &Store, delivery: &Delivery, webhook: &Webhook) -> Result<String> {
        if webhook.format == MessageFormat::Event || desk::is_for_desk(&delivery.event) {
            return Ok(delivery.body.to_string());
        }
        let base = self.public_url.as_deref();
        store.read_now(|conn| webhook_body::full(conn, delivery, base)).map(|body| body.to_string())
    }

    fn post(&self, store: &Store, delivery: &Delivery, signed: &Signed) -> Result<AttemptOutcome> {
        let (now, body) = (store.clock.now(), self.body(store, delivery, &signed.webhook)?);
        let rotating = signed.webhook.old_secret_until.is_some_and(|until| until > now);
        let old = signed.old_secret.as_deref().filter(|_| rotating);
        let secrets: Vec<&str> = [signed.secret.as_str()].into_iter().chain(old).collect();
        let headers = signing::headers(delivery.message_id, now, &body, &secrets)?;
        let url = signed.webhook.url.clone();
        let request = Request { method: "POST", url, headers, body: body.into_bytes() };
        let response = match self.client.send(request) {
            Ok(response) => response,
            Err(error) => return Ok(AttemptOutcome::Retry { status: None, error, after: None }),
        };
        let status = Some(response.status);
        Ok(match response.status {
            200..=299 => AttemptOutcome::Delivered { status },
            410 => AttemptOutcome::Gone,
            300..=399 => AttemptOutcome::Retry { status, error: "redirects are not followed".to_owned(), after: None },
            code => {
                let error = format!("the receiver answered {code}");
                AttemptOutcome::Retry { status, error, after: response.retry_after() }
            }
        })
    }
}

impl Sender for WebhookSender {
    fn channel(&self) -> &'static str {
        webhooks::CHANNEL
    }

    fn at_once(&self) -> usize {
        AT_ONCE
    }

    fn send(&self, store: &Store, delivery: &Delivery) -> AttemptOutcome {
        let is_test = delivery.event == webhooks::TEST;
        let dead = |error: &str| AttemptOutcome::Dead { status: None, error: error.to_owned() };
        let signed = match store.read_now(|conn| stored_webhooks::signed(conn, delivery.target_id)) {
            Ok(signed) if signed.webhook.active || is_test => signed,
            Ok(_) => return dead("the webhook was disabled"),
            Err(e) if e.code == Code::NotFound => return dead("the webhook was deleted"),
            Err(e) => return AttemptOutcome::Retry { status: None, error: e.detail, after: None },
        };
        match store.read_now(|conn| desk::is_due(conn, delivery)) {
            Ok(true) => {}
            // The customer was told in another way meanwhile, or erased.
            Ok(false) => return AttemptOutcome::Delivered { status: None },
            Err(e) => return AttemptOutcome::Retry { status: None, error: e.detail, after: None },
        }
        match self.post(store, delivery, &signed) {
            // A person sent the test message and wants the result now, so it is not retried.
            Ok(AttemptOutcome::Retry { status, error, .. }) if is_test => AttemptOutcome::Dead { status, error },
            Ok(outcome) => outcome,
            Err(e) => AttemptOutcome::Retry { status: None, error: e.detail, after: None },
        }
    }

    /// Disables a webhook whose receiver accepted nothing during the whole schedule. A desk that accepted the message
    /// has the closure.
    fn ended(&self, tx: &mut Tx<'_>, delivery: &Delivery, delivered: bool) -> Result<()> {
        desk::ended(tx, delivery, delivered)?;
        let whole_schedule = delivery.created_at.plus(WHOLE_SCHEDULE) <= tx.now;
        if delivered || !whole_schedule || deliveries::arrived_since(tx.conn, delivery.target_id, delivery.created_at)?
        {
            return Ok(());
        }
        disable(tx, delivery, "Ten attempts over several days have failed.")
    }

    fn gone(&self, tx: &mut Tx<'_>, delivery: &Delivery) -> Result<()> {
        desk::ended(tx, delivery, false)?;
        disable(tx, delivery, "The receiver answered 410 Gone: it wants no more messages.")
    }
}

fn disable(tx: &mut Tx<'_>, delivery: &Delivery, reason: &str) -> Result<()> {
    match webhooks::disable(tx, delivery.target_id, reason) {
        // The webhook was deleted meanwhile.
        Err(e) if e.code == Code::NotFound => Ok(()),
        disabled => disabled.map(drop),
    }
}
