//! The statement of a title, by the grammar of its language.

use super::statement::{Statement, Usage};
use super::{statement_en, statement_ko};
use crate::engine::text::words::is_korean;
use crate::engine::wording::general::case_table::CASES;
use crate::engine::wording::wish::Wish;

/// The statement of a title; `None` where its grammar is not understood.
pub(in crate::engine) fn statement_of(title: &str, wish: Wish, usage: &dyn Usage) -> Option<Statement> {
    if let Some(case) = CASES.of_title(title) {
        return Some(case.statement(is_korean(title)));
    }
    match is_korean(title) {
        true => statement_ko::statement(title, wish),
        false => statement_en::statement(title, wish, usage),
    }
}
