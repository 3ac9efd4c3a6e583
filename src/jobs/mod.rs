//! What runs beside the requests.

pub mod closing;
mod courtesy;
pub mod deadlines;
mod describing;
pub mod embedding;
pub mod feed;
mod following;
pub mod grouping;
pub mod held;
pub mod housekeeping;
pub mod import;
mod import_alive;
mod import_identity;
pub mod import_options;
mod import_rows;
mod import_spool;
pub mod intake;
pub mod llm_drafting;
pub mod meter;
pub mod outbox;
pub mod recognising;
mod refining;
pub mod running;
pub mod scrubbing;
pub mod watching;
