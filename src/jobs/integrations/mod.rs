//! Jobs of integrations: the live feed of events.

pub mod feed;
