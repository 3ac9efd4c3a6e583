//! What all sections of a report are made of.

use std::collections::HashSet;

use crate::domain::base::{Id, Time};
use crate::domain::reports::content::{ReportChanges, ReportContent};
use crate::domain::reports::period::Span;
use crate::domain::reports::report::{ReportSection, StatusReport};
use crate::domain::team::Product;
use crate::error::Result;
use crate::store::Conn;
use crate::store::operations::incidents;
use crate::store::reports::facts::Said;
use crate::store::reports::heard;

/// What a report is made of, read once for all its sections.
pub(super) struct Composing<'a> {
    pub product: &'a Product,
    pub report: &'a StatusReport,
    pub span: Span,
    pub now: Time,
    /// What the last report like this one said.
    pub last: Option<ReportContent>,
    /// The stories that the people of the account asked for, where the report is limited to one.
    pub only: Option<HashSet<Id>>,
}

impl Composing<'_> {
    /// Whose feedback is counted, in a span.
    pub fn said(&self, span: Span) -> Said {
        Said { product: self.product.id, account: self.report.account_id, span }
    }

    /// Whether a story belongs into the report.
    pub fn takes(&self, story: Id) -> bool {
        self.only.as_ref().is_none_or(|only| only.contains(&story))
    }

    /// Whether the report has a section.
    pub fn has(&self, section: ReportSection) -> bool {
        self.report.sections.contains(&section)
    }
}

/// Counts who heard back, and incidents: they are told in the first line whichever sections there are.
pub(super) fn count_events(conn: &mut Conn, composing: &Composing<'_>, changes: &mut ReportChanges) -> Result<()> {
    let product = composing.product.id;
    let heard = heard::in_period(conn, product, composing.report.account_id, composing.span)?;
    (changes.told, changes.solved, changes.not_solved) = (heard.told, heard.solved, heard.not_solved);
    if composing.report.account_id.is_none() {
        let Span { from, to } = composing.span;
        changes.incidents = incidents::of_period(conn, product, from, to)?.len() as i64;
        changes.open_incidents =
            incidents::unresolved(conn, product)?.iter().filter(|one| one.is_active()).count() as i64;
    }
    Ok(())
}
