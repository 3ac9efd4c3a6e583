//! Proposals for the scope of a story: what most ask for, and what few ask for beside it. A person decides about them.

use super::compose::language;
use super::draft::DraftOf;
use super::needs::{Main, Need, customers_of};
use crate::domain::words;

/// A need of fewer customers than this share is proposed to be left out.
const FEW: f32 = 0.2;

/// The lines in scope and out of scope; none where there is nothing to choose from.
pub(super) fn scope(of: &DraftOf<'_>, about: &[usize], needs: &[Need], main: &Main<'_>) -> (Vec<String>, Vec<String>) {
    if needs.is_empty() || main.title.is_empty() {
        return (Vec::new(), Vec::new());
    }
    let all = customers_of(of, about);
    let line = |title: &str, customers: usize| {
        words::scope_line(language(main.korean), title, i32::try_from(customers).unwrap_or(i32::MAX))
    };
    let beside: usize = needs.iter().map(|need| need.items.len()).sum();
    let own: Vec<usize> = about
        .iter()
        .copied()
        .filter(|item| beside == about.len() || !needs.iter().any(|need| need.items.contains(item)))
        .collect();
    let mut within = vec![line(main.title, customers_of(of, &own))];
    let mut without = Vec::new();
    for need in needs {
        let customers = customers_of(of, &need.items);
        let side = if customers as f32 >= FEW * all as f32 { &mut within } else { &mut without };
        side.push(line(&need.title, customers));
    }
    (within, without)
}
