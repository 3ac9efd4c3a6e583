//! Wording in Korean: titles, and what customers say beside the matter.

pub(in crate::engine) mod said_ko;
pub(in crate::engine) mod title_ko;
