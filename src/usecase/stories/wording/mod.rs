//! What leaves the team of a story, and whether it still quotes a customer.

pub mod issue_text;
pub mod quoting;
pub mod texts;
