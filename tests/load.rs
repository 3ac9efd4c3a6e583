//! Tests that strain the machine, stop databases or hold transactions open: in a program of their own, so that they
//! neither disturb the others nor are disturbed.

mod attacks;
mod durability;
mod grouping;
mod store;
mod support;
