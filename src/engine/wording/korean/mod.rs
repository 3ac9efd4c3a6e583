//! Wording in Korean: titles, what customers say beside the matter, and the purpose that a consequence names.

pub(in crate::engine) mod opposite_ko;
pub(in crate::engine) mod said_ko;
pub(in crate::engine) mod title_ko;
mod words_ko;
