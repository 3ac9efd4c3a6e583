//! The formats of the outside world: the feedback exports that people really have, read row by row in constant memory;
//! `hooks/` reads what other systems send by themselves, and `trackers.rs` speaks to their issue trackers.
//!
//! ```text
//! bytes -> decode (any encoding to UTF-8) -> csv | json (rows as their system wrote them) -> shape (our fields)
//! ```
//!
//! Each step knows nothing of the ones after it. `presets/` holds one table for each export. A bad row is an error of
//! that row; a file is refused as a whole only where none of its rows could mean anything.

pub mod breaker;
pub mod chat;
mod csv;
mod decode;
pub mod embeddings;
pub mod hooks;
mod json;
#[cfg(feature = "local-model")]
pub mod local_model;
mod mapping;
mod options;
mod presets;
mod reader;
mod record;
mod row;
mod shape;
mod time;
pub mod trackers;
mod window;

#[cfg(test)]
mod tests;

pub use mapping::{Mapping, MappingError};
pub use options::{Format, ReadError, ReadOptions};
pub use presets::Preset;
pub use reader::{Reader, read};
pub use row::{Row, RowError};

/// `FromStr` and `Display` for an enum with `ALL` and `as_str`.
macro_rules! by_name {
    ($name:ident) => {
        impl std::str::FromStr for $name {
            type Err = ();
            fn from_str(text: &str) -> Result<Self, ()> {
                Self::ALL.iter().find(|each| each.as_str() == text).copied().ok_or(())
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}
use by_name;
