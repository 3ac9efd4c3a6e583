//! Tests that load the machine, stop databases or hold transactions open. They are a separate program, so that they
//! neither disturb other tests nor are disturbed by them.

mod attacks;
mod durability;
mod grouping;
mod store;
mod support;
