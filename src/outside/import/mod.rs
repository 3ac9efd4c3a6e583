//! Import of feedback files: the exports of common systems, read row by row in constant memory. `hooks/` reads what
//! other systems send, and `trackers.rs` calls their issue trackers.
//!
//! ```text
//! input (bytes, unpacked) -> decode (any encoding to UTF-8) -> csv | json (rows as their system wrote them)
//!                                                           -> shape (our fields)
//! ```
//!
//! No step knows the ones after it. A file is read several times: `encoding` detects the encoding from all bytes,
//! `kinds` recognises the program that wrote it, `survey` detects the meaning of its dates, numbers and columns, and
//! `plan` stores these decisions. A problem with a minor value is a warning, and the row is accepted without the value.
//! A file is refused as a whole only where none of its rows could have a meaning, or where it is ambiguous. `presets/`
//! has one table per export.

pub(in crate::outside) mod draft;
pub(in crate::outside) mod fields;
pub mod formats;
pub(in crate::outside) mod mapping;
pub(in crate::outside) mod options;
pub(in crate::outside) mod plan;
pub(in crate::outside) mod presets;
pub(in crate::outside) mod refusal;
pub(in crate::outside) mod repair;
pub(in crate::outside) mod survey;
#[cfg(test)]
pub(in crate::outside) mod tests;
pub mod text;
pub mod values;

pub use fields::{explained as mapping_fields, names as field_names};
pub use formats::reader::{Reader, Surveyed, read, samples, survey};
pub use formats::row::{Row, RowError, RowWarning};
pub use mapping::{Mapping, MappingError};
pub use options::{Charset, Format, ReadOptions, time_zone};
pub use presets::Preset;
pub use refusal::ReadError;
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
