//! Kind, sentiment and severity of a text: a linear model over phrases, words and meaning, and what people's corrections
//! teach it.
//!
//! ```text
//! text -> phrases, words, meaning (features) -> model -> scores --+-> kind, sentiment, severity (telling)
//!                             corrected texts of the product -----+                             (lessons)
//! ```

pub mod features;
pub mod lessons;
pub mod model;
pub mod telling;
