//! What the server keeps for a member beside their work: saved views of lists, and forms that they have not sent.

pub(in crate::http) mod drafts;
pub(in crate::http) mod due;
mod fill;
pub(in crate::http) mod views;
