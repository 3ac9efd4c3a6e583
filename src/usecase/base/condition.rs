//! What keeps the instance from doing all it should, although it answers.

use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::base::Time;
use crate::store::health::condition::Condition;

/// Feedback may wait so long for its theme, in a large import for instance.
const GROUPING: i64 = 3_600 * Time::SECOND;
/// Events may wait so long for the outbox.
const OUTBOX: i64 = 300 * Time::SECOND;

/// Something that does not work as it should.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Trouble {
    /// `mail_failing`, `mail_given_up`, `tracker_failing`, `outbox_behind` or `grouping_behind`.
    #[schema(example = "mail_failing")]
    pub code: &'static str,
    /// In a sentence, without personal data.
    #[schema(
        example = "3 mails could not be sent yet and are tried again. See GET /v1/deliveries?channel=mail&state=failed."
    )]
    pub detail: String,
    /// Since when, where that is known.
    pub since: Option<Time>,
}

/// What does not work as it should; none where all is well.
pub fn troubles(condition: &Condition, now: Time) -> Vec<Trouble> {
    let mut troubles = Vec::new();
    for one in condition.waiting.iter().filter(|one| one.failed) {
        let (code, what) = match one.channel.as_str() {
            "mail" => ("mail_failing", "mails could not be sent"),
            "tracker" => ("tracker_failing", "issues could not be written to the tracker"),
            // A receiver that is down is its owner's trouble, and shown on the webhook.
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
            "Events wait to be told to webhooks, customers and trackers: no instance reads the log.".to_owned();
        troubles.push(Trouble { code: "outbox_behind", detail, since: Some(since) });
    }
    if let Some(since) = late(condition.ungrouped_since, GROUPING) {
        let detail = "Feedback has waited for its theme for more than an hour. See GET /v1/grouping.".to_owned();
        troubles.push(Trouble { code: "grouping_behind", detail, since: Some(since) });
    }
    troubles
}
