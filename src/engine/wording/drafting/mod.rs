//! Draft stories: sentence, criteria, proposals for the scope and facts of a theme.

pub(in crate::engine) mod case_needs;
pub(in crate::engine) mod circumstances;
pub(in crate::engine) mod criteria;
pub(in crate::engine) mod draft;
pub(in crate::engine) mod draft_of;
#[cfg(test)]
mod draft_tests;
pub(in crate::engine) mod facts;
pub(in crate::engine) mod need;
pub(in crate::engine) mod needs;
pub(in crate::engine) mod other_title;
pub(in crate::engine) mod purpose;
pub(in crate::engine) mod roles;
pub(in crate::engine) mod scope;
pub(in crate::engine) mod usage;
