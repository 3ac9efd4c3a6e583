//! Problems of a running instance, derived from its condition.

use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::base::Time;
use crate::store::health::condition::Condition;

/// How long feedback may wait for its theme, in microseconds; a large import takes a while.
const GROUPING: i64 = 3_600 * Time::SECOND;
/// How long events may wait for the outbox, in microseconds.
const OUTBOX: i64 = 300 * Time::SECOND;

/// A problem of the instance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Trouble {
    /// `mail_failing`, `mail_given_up`, `tracker_failing`, `outbox_behind` or `grouping_behind`.
    #[schema(example = "mail_failing")]
    pub code: &'static str,
    /// One sentence, without personal data.
    #[schema(
        example = "3 mails could not be sent yet and are tried again. See GET /v1/deliveries?channel=mail&state=failed."
    )]
    pub detail: String,
    /// Since when, if known.
    pub since: Option<Time>,
}

/// The problems of the instance; empty if there are none.
pub fn troubles(condition: &Condition, now: Time) -> Vec<Trouble> {
    let mut troubles = Vec::new();
    for one in condition.waiting.iter().filter(|one| one.failed) {
        let (code, what) = match one.channel.as_str() {
            "mail" => ("mail_failing", "mails could not be sent"),
            "tracker" => ("tracker_failing", "issues could not be written to the tracker"),
            // A failing webhook is its receiver's problem, and is shown on the webhook.
            _ => continue,
        };
        let detail = format!(
            "{} {what} yet and are tried again. See GET /v1/deliveries?channel={}&state=failed.",
            one.count, one.channel
        );
        troubles.push(Trouble { code, detail, since: one.oldest });
    }
    for dead in condition.dead.iter().filter(|dead| dead.channel == "mail" && dead.last_day > 0) {
        let detail = format!(
            "{} mails were given up within a day. See GET /v1/deliveries?channel=mail&state=dead.",
            dead.last_day
        );
        troubles.push(Trouble { code: "mail_given_up", detail, since: None });
    }
    let late = |since: Option<Time>, most: i64| since.filter(|since| now.0 - since.0 > most);
    if let Some(since) = late(condition.unread_since, OUTBOX) {
        let detail =
            "Events wait to go out to webhooks, customers and trackers: no instance reads the event log.".to_owned();
        troubles.push(Trouble { code: "outbox_behind", detail, since: Some(since) });
    }
    if let Some(since) = late(condition.pending_since, GROUPING) {
        let detail = "Feedback has waited for its theme for more than an hour. See GET /v1/grouping.".to_owned();
        troubles.push(Trouble { code: "grouping_behind", detail, since: Some(since) });
    }
    troubles
}
