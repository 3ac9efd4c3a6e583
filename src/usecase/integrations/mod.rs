//! Other systems: webhooks and deliveries that go out, hooks that come in.

pub(in crate::usecase) mod renames;
pub mod replay;
pub mod tracker;
pub mod webhook_body;
pub(in crate::usecase) mod webhook_text;
pub mod webhooks;
