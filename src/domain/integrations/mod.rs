//! Other systems: webhooks and deliveries that go out, hooks that come in.

pub(in crate::domain) mod delivery;
pub(in crate::domain) mod hook;
pub(in crate::domain) mod webhook;
pub(in crate::domain) mod webhook_message;
