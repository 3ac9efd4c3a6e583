//! What all sections of a report in words share: its language, its days and its amounts.

use chrono::Datelike;
use chrono_tz::Tz;

use super::content::ReportContent;
use super::document::{Block, Row, Table};
use super::report::{ReportedCustomer, StatusReport};
use crate::domain::base::money::whole_units;
use crate::domain::base::{Calendar, Money, Time};
use crate::domain::words::console::Words;

/// Writes a report in words.
pub(super) struct Writer<'a> {
    pub words: Words,
    pub report: &'a StatusReport,
    pub content: &'a ReportContent,
    pub customers: &'a [ReportedCustomer],
    pub calendar: Calendar,
}

impl Writer<'_> {
    pub(super) fn day(&self, time: Time) -> String {
        let day = self.calendar.day(time);
        self.words.short_date(day.day(), day.month(), day.year())
    }

    pub(super) fn amount(&self, money: &Money) -> String {
        whole_units(money.amount_minor as f64, &money.currency)
    }
}

/// The calendar of a report: the days of its product.
pub(super) fn calendar(content: &ReportContent) -> Calendar {
    Calendar { zone: content.product.time_zone.parse().unwrap_or(Tz::UTC), ..Calendar::default() }
}

/// A table, unless it has no rows.
pub(super) fn table(columns: Vec<String>, rows: Vec<Row>) -> Vec<Block> {
    (!rows.is_empty()).then_some(Block::Table(Table { columns, rows })).into_iter().collect()
}

/// The part of the most, in percent.
pub(super) fn share(part: i64, most: i64) -> u32 {
    u32::try_from((part.max(0) * 100).checked_div(most.max(1)).unwrap_or(0)).unwrap_or(0).min(100)
}
