//! The formats of the outside world: the feedback exports that people really have, read row by row in constant memory;
//! `hooks/` reads what other systems send by themselves, and `trackers.rs` speaks to their issue trackers.
//!
//! ```text
//! input (bytes, unpacked) -> decode (any encoding to UTF-8) -> csv | json (rows as their system wrote them)
//!                                                           -> shape (our fields)
//! ```
//!
//! Each step knows nothing of the ones after it. A file is gone through more than once: `encoding` settles from all of its
//! bytes what they are, `kinds` whose export it is, `survey` what its dates, numbers and columns mean, and `plan` keeps
//! what was decided. What is wrong with a side matter is a warning of its row, and the row is taken without it. A file is
//! refused as a whole only where none of its rows could mean anything, or where it could mean two things.
//! `presets/` holds one table for each export.

pub(in crate::outside) mod draft;
pub(in crate::outside) mod fields;
pub mod formats;
pub(in crate::outside) mod mapping;
pub(in crate::outside) mod options;
pub(in crate::outside) mod plan;
pub(in crate::outside) mod presets;
pub(in crate::outside) mod repair;
pub(in crate::outside) mod survey;
#[cfg(test)]
pub(in crate::outside) mod tests;
pub mod text;
pub mod values;

pub use fields::explained as mapping_fields;
pub use formats::reader::{Reader, Surveyed, read, survey};
pub use formats::row::{Row, RowError, RowWarning};
pub use mapping::{Mapping, MappingError};
pub use options::{Charset, Format, ReadError, ReadOptions, time_zone};
pub use presets::Preset;
pub use repair::lenient;
pub use text::input::Input;
pub use values::amounts::DecimalMark;
pub use values::time::DateOrder;

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
