//! What was decided for a file before its first row is read, from all of them: what its dates, numbers and columns mean.

use std::collections::{BTreeMap, BTreeSet};

use super::formats::sides::Sides;
use super::values::amounts::Amounts;
use super::values::ratings::Scale;
use super::values::time::{DateOrder, Style};
use super::values::zones::Zone;

/// What was decided for a file.
pub(in crate::outside) struct Plan {
    /// By the column, where its dates could mean two things.
    pub(in crate::outside) orders: BTreeMap<String, DateOrder>,
    /// The zone of times that name none.
    pub(in crate::outside) zone: Zone,
    /// By the column, what bare ratings are out of.
    pub(in crate::outside) scales: BTreeMap<String, Scale>,
    pub(in crate::outside) amounts: Amounts,
    /// The currency of amounts that name none, where the caller says one.
    pub(in crate::outside) currency: Option<String>,
    /// The currency that is taken in the end where neither the file nor the caller names one.
    pub(in crate::outside) usual_currency: Option<String>,
    /// Columns with the currency of amounts in another column.
    pub(in crate::outside) currency_columns: Vec<String>,
    /// Our fields whose name a column has that is another thing.
    pub(in crate::outside) not_ours: BTreeSet<String>,
    /// People and companies that rows refer to by their ids.
    pub(in crate::outside) sides: Sides,
    /// The key under which each row's record lies.
    pub(in crate::outside) wrapper: Option<String>,
    /// Rows of other kinds lie between the records (Singer, Airbyte).
    pub(in crate::outside) messages: bool,
    /// Rows under the header that are part of it.
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

    /// What the bare ratings of a column are out of.
    pub(in crate::outside) fn scale(&self, column: &str) -> Scale {
        self.scales.get(column).copied().unwrap_or(Scale::Of(5.0))
    }

    /// Whether the column that is called like this field of ours holds something else.
    pub(in crate::outside) fn is_not_ours(&self, field: &str) -> bool {
        self.not_ours.contains(field)
    }

    pub(in crate::outside) fn currency_columns(&self) -> impl Iterator<Item = &str> {
        self.currency_columns.iter().map(String::as_str)
    }
}
