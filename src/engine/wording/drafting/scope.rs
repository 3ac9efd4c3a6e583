//! Proposals for the scope of a story: what most ask for, and what few ask for beside it. A person decides about them.

use super::criteria::number;
use super::draft_of::DraftOf;
use super::need::{Counted, Main, Need, customers_of};
use crate::domain::words;
use crate::engine::wording::label::language;

/// A need of fewer customers than this share is proposed to be left out.
const FEW: f32 = 0.2;

/// The lines in scope and out of scope; none where there is nothing to choose from.
pub(in crate::engine) fn scope(
    of: &DraftOf<'_>,
    about: &[usize],
    needs: &[Need],
    main: &Main<'_>,
) -> (Vec<String>, Vec<String>) {
    if needs.is_empty() || main.title.is_empty() {
        return (Vec::new(), Vec::new());
    }
    let all = customers_of(of, about);
    let line = |title: &str, items: &[usize]| match Counted::of(of, items) {
        Counted::Customers(customers) => words::scope_line(language(main.korean), title, number(customers)),
        Counted::Times(times) => words::scope_said(language(main.korean), title, number(times)),
    };
    let beside: usize = needs.iter().map(|need| need.items.len()).sum();
    let own: Vec<usize> = about
        .iter()
        .copied()
        .filter(|item| beside == about.len() || !needs.iter().any(|need| need.items.contains(item)))
        .collect();
    let mut within = vec![line(main.title, &own)];
    let mut without = Vec::new();
    for need in needs {
        let customers = customers_of(of, &need.items);
        let side = if customers as f32 >= FEW * all as f32 { &mut within } else { &mut without };
        side.push(line(&need.title, &need.items));
    }
    (within, without)
}
