//! What runs beside the requests.

pub mod closing;
pub mod deadlines;
mod describing;
pub mod feed;
mod following;
pub mod grouping;
pub mod housekeeping;
pub mod import;
pub mod import_options;
mod import_rows;
pub mod intake;
pub mod outbox;
mod running;
