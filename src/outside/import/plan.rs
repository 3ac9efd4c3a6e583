//! The plan for reading a file: decisions about its dates, numbers and columns, made from all records before the first
//! row is read.

use std::collections::{BTreeMap, BTreeSet};

use super::formats::sides::Sides;
use super::values::amounts::Amounts;
use super::values::ratings::Scale;
use super::values::time::{DateOrder, Style};
use super::values::zones::Zone;

/// The decisions about a file.
pub(in crate::outside) struct Plan {
    /// The order of dates for each column with ambiguous ones.
    pub(in crate::outside) orders: BTreeMap<String, DateOrder>,
    /// The time zone of times without one.
    pub(in crate::outside) zone: Zone,
    /// The rating scale of each column with bare numbers.
    pub(in crate::outside) scales: BTreeMap<String, Scale>,
    pub(in crate::outside) amounts: Amounts,
    /// The currency of amounts without one, if the caller gives it.
    pub(in crate::outside) currency: Option<String>,
    /// The currency that is used where neither the file nor the caller names one.
    pub(in crate::outside) usual_currency: Option<String>,
    /// Columns with the currency of amounts in another column.
    pub(in crate::outside) currency_columns: Vec<String>,
    /// Our fields for which a column has the name, but another meaning.
    pub(in crate::outside) not_ours: BTreeSet<String>,
    /// People and companies that rows refer to by id.
    pub(in crate::outside) sides: Sides,
    /// The key that wraps each record.
    pub(in crate::outside) wrapper: Option<String>,
    /// Whether other messages stand between the records (Singer, Airbyte).
    pub(in crate::outside) messages: bool,
    /// The number of further header rows.
    pub(in crate::outside) headers_below: usize,
}

impl Default for Plan {
    fn default() -> Self {
        Self {
            orders: BTreeMap::new(),
            zone: Zone::utc(),
            scales: BTreeMap::new(),
            amounts: Amounts::default(),
            currency: None,
            usual_currency: None,
            currency_columns: Vec::new(),
            not_ours: BTreeSet::new(),
            sides: Sides::default(),
            wrapper: None,
            messages: false,
            headers_below: 0,
        }
    }
}

impl Plan {
    /// How the times of a column are read.
    pub(in crate::outside) fn style(&self, column: &str) -> Style {
        Style { order: self.orders.get(column).copied(), zone: self.zone }
    }

    /// The rating scale of a column.
    pub(in crate::outside) fn scale(&self, column: &str) -> Scale {
        self.scales.get(column).copied().unwrap_or(Scale::Of(5.0))
    }

    /// Whether the column with the name of this field has another meaning.
    pub(in crate::outside) fn is_not_ours(&self, field: &str) -> bool {
        self.not_ours.contains(field)
    }

    pub(in crate::outside) fn currency_columns(&self) -> impl Iterator<Item = &str> {
        self.currency_columns.iter().map(String::as_str)
    }
}
