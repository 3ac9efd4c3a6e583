//! Other systems: webhooks and deliveries that go out, hooks that come in.

pub(in crate::http) mod deliveries;
pub(in crate::http) mod hooks;
pub(in crate::http) mod webhook_messages;
pub(in crate::http) mod webhooks;
