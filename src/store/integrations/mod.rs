//! Other systems: webhooks and deliveries that go out, hooks that come in.

pub mod deliveries;
pub mod delivery_clock;
pub mod delivery_list;
pub mod hook_deliveries;
pub mod undelivered;
pub mod webhooks;
