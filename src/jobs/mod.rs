//! What runs beside the requests.

pub mod grouping;
pub mod housekeeping;
pub mod import;
pub mod intake;
