//! What sending a mail came to, as its delivery notes it.

use super::sending::AttemptOutcome;
use crate::outside::mail::MailProblem;

/// The result of sending.
pub(super) fn outcome(sent: std::result::Result<u16, MailProblem>, address: &str) -> AttemptOutcome {
    match sent {
        Ok(status) => AttemptOutcome::Delivered { status: Some(status) },
        Err(MailProblem::Later { status, detail }) => {
            AttemptOutcome::Retry { status, error: without(&detail, address), after: None }
        }
        Err(MailProblem::Refused { status, detail } | MailProblem::NoMailbox { status, detail }) => {
            AttemptOutcome::Dead { status, error: without(&detail, address) }
        }
    }
}

/// What will never be sent, and why.
pub(super) fn dead(error: &str) -> AttemptOutcome {
    AttemptOutcome::Dead { status: None, error: error.to_owned() }
}

/// The answer of a mail server without the address it may repeat: the delivery log contains no personal data.
pub(super) fn without(detail: &str, address: &str) -> String {
    detail.replace(address, "[address]").replace(&address.to_lowercase(), "[address]")
}
