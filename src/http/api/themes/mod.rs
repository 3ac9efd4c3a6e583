//! Group: feedback that means the same, and what people correct about it.

pub(in crate::http) mod corrections;
pub(in crate::http) mod granularity;
pub(in crate::http) mod grouping;
pub(in crate::http) mod proposals;
pub(in crate::http) mod resource;
