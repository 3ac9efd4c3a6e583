//! The steps of the loop, one file each: functions of a transaction and an input. What writes may be run again, and
//! has no effect outside its transaction.

pub mod access;
pub mod accounts;
pub mod answering;
pub mod changelog;
pub mod closing;
pub mod correcting;
pub mod customer_acts;
pub mod customer_links;
pub mod deadlines;
pub mod drafting;
pub mod duplicates;
pub mod editing;
pub mod erasing;
pub mod exporting;
pub mod gating;
pub mod granularity;
pub mod grouping;
pub mod importing;
pub mod known_names;
pub mod linking;
pub mod members;
pub mod moving;
pub mod notifying;
pub mod planning;
pub mod proposing;
pub mod quoting;
pub mod recurring;
pub mod releasing;
pub mod shipping;
pub mod telling;
pub mod texts;
pub mod tracking;
pub mod trains;
pub mod trying;
pub mod undoing;
pub mod wording;

pub mod customers;
pub mod groups;
pub mod intake;
pub mod products;
pub mod similar;
pub mod verifying;
