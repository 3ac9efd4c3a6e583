//! The outbox of an instance, with the channels that its settings enable.

use std::time::Duration;

use super::mail::Mails;
use super::tracker::{self, Trackers};
use super::{Outbox, WebhookSender, asks, desk, incidents, mail, mentions, pages};
use crate::app::App;
use crate::error::{Code, Error, Result};
use crate::outside::client::Client;
use crate::outside::trackers::Access;

/// The timeout of an issue tracker's answer.
const TRACKER_TIMEOUT: Duration = Duration::from_secs(10);

impl Outbox {
    /// An outbox that sends to webhooks, including support desks, by mail, and to issue trackers.
    ///
    /// # Errors
    /// If a setting of the mail server is wrong.
    pub fn of(app: &App) -> Result<Self> {
        let config = &app.config;
        let mailer = config.mailer().map_err(|problem| Error::new(Code::Invalid, problem))?;
        let access = |token: &Option<String>, api: &str| {
            let api = api.trim_end_matches('/').to_owned();
            token.clone().map(|token| Access { api, token })
        };
        let public_url = config.public_url.is_some().then(|| config.public_url());
        let trackers = Trackers::new(
            Client::new(config.allow_private_addresses, TRACKER_TIMEOUT),
            access(&config.github_token, &config.github_api),
            access(&config.gitlab_token, &config.gitlab_api),
        )
        .at(public_url.clone());
        let sends_mail = mailer.is_some();
        let outbox = Self::new(app.store.clone())
            .with_sender(WebhookSender::new(config.allow_private_addresses).at(public_url))
            .with_sender(Mails::new(mailer, config.public_url()))
            .with_sender(trackers)
            .with_fan_out(mail::fan_out)
            .with_fan_out(desk::fan_out)
            .with_fan_out(tracker::fan_out);
        // Without a mail server, mentions are visible only in the API, and pages and calls go to webhooks only.
        Ok(match sends_mail {
            true => outbox
                .with_fan_out(mentions::fan_out)
                .with_fan_out(incidents::fan_out)
                .with_fan_out(pages::fan_out)
                .with_fan_out(asks::fan_out),
            false => outbox,
        })
    }
}
