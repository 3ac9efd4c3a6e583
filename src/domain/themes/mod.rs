//! Group: feedback that means the same, and what people correct about it.

pub(in crate::domain) mod granularity;
pub(in crate::domain) mod proposal;
pub(in crate::domain) mod refinement;
pub(in crate::domain) mod theme;
