//! Other systems: webhooks and deliveries that go out, hooks that come in.

pub mod feed;
