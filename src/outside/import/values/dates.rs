//! Detection of the date order of a column from all its dates: 03/04/2024 alone is ambiguous, but a column with
//! 19/01/2024 has the day first. Where nothing shows the order, the file is refused rather than guessed.

use std::collections::HashMap;

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use serde_json::Value;

use super::time::{self, Date, DateOrder, When};

/// The evidence in one column.
#[derive(Clone, Debug, Default)]
struct DateEvidence {
    /// Dates that are valid in at least one order.
    values: u64,
    /// Dates that are valid, by order.
    reads: [u64; 3],
    /// Dates that fall on the weekday given with them, by order.
    weekdays: [u64; 3],
    /// Dates in the future, by order.
    future: [u64; 3],
    /// Dates that are different days in different orders.
    open: u64,
}

/// The decision about a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::outside) enum Decided {
    /// No date in it is ambiguous.
    Nothing,
    Order(DateOrder),
    /// Its dates are ambiguous, and nothing in the file shows the order.
    Open,
}

/// The evidence in a file, by column.
pub(in crate::outside) struct Dates {
    now: Option<DateTime<Utc>>,
    columns: HashMap<String, DateEvidence>,
    /// Columns that are not used. They may show how the file writes its dates.
    others: DateEvidence,
}

impl Dates {
    pub(in crate::outside) fn new(now: Option<DateTime<Utc>>) -> Self {
        Self { now, columns: HashMap::new(), others: DateEvidence::default() }
    }

    /// Adds a value of a time column.
    pub(in crate::outside) fn feed(&mut self, column: &str, value: &Value) {
        let Some(numbers) = numbers_in(value) else { return };
        if !self.columns.contains_key(column) {
            self.columns.insert(column.to_owned(), DateEvidence::default());
        }
        if let Some(evidence) = self.columns.get_mut(column) {
            evidence.feed(numbers, value, self.now);
        }
    }

    /// Adds a value of any other column.
    pub(in crate::outside) fn feed_other(&mut self, value: &Value) {
        let short =
            value.as_str().is_some_and(|text| text.len() < 40 && text.starts_with(|c: char| c.is_ascii_digit()));
        if let Some(numbers) = short.then(|| numbers_in(value)).flatten() {
            self.others.feed(numbers, value, self.now);
        }
    }

    /// The date order of a column.
    pub(in crate::outside) fn decide(&self, column: &str) -> Decided {
        let Some(own) = self.columns.get(column) else { return Decided::Nothing };
        match own.decide() {
            Decided::Open => {
                let mut all = self.others.clone();
                self.columns.values().for_each(|evidence| all.add(evidence));
                // The order must fit all of the column's own dates.
                match all.decide() {
                    Decided::Order(order) if own.reads[order as usize] == own.values => Decided::Order(order),
                    _ => Decided::Open,
                }
            }
            decided => decided,
        }
    }
}

fn numbers_in(value: &Value) -> Option<Date> {
    match time::take_apart(value)? {
        When::On(date @ Date::Numbers(_), _) => Some(date),
        _ => None,
    }
}

impl DateEvidence {
    fn feed(&mut self, date: Date, value: &Value, now: Option<DateTime<Utc>>) {
        let days: Vec<Option<NaiveDate>> = DateOrder::ALL.iter().map(|order| date.under(*order)).collect();
        let Some(first) = days.iter().flatten().next() else { return };
        let weekday = time::weekday_in(value);
        self.values += 1;
        self.open += u64::from(days.iter().flatten().any(|day| day != first));
        for (n, day) in days.iter().enumerate() {
            let Some(day) = day else { continue };
            self.reads[n] += 1;
            self.weekdays[n] += u64::from(weekday.is_some_and(|weekday| weekday == day.weekday()));
            // One day of tolerance, for zones that are ahead.
            self.future[n] += u64::from(now.is_some_and(|now| (*day - now.date_naive()).num_days() > 1));
        }
    }

    fn add(&mut self, other: &Self) {
        self.values += other.values;
        self.open += other.open;
        for n in 0..3 {
            self.reads[n] += other.reads[n];
            self.weekdays[n] += other.weekdays[n];
            self.future[n] += other.future[n];
        }
    }

    fn decide(&self) -> Decided {
        if self.values == 0 {
            return Decided::Nothing;
        }
        // Rank the orders: first by the number of valid dates, then by agreement with weekdays, then by fewer dates in
        // the future, where feedback cannot be.
        let mut ranked: Vec<usize> = (0..3).collect();
        let rank = |n: usize| (self.reads[n], self.weekdays[n], std::cmp::Reverse(self.future[n]));
        ranked.sort_by_key(|n| std::cmp::Reverse(rank(*n)));
        let (best, second) = (ranked[0], ranked[1]);
        if self.open == 0 && self.reads[best] == self.values {
            // Every date is the same day in all orders in which it is valid.
            return Decided::Order(DateOrder::ALL[best]);
        }
        // Dates that contradict the order: a column with mixed orders proves nothing.
        let against = self.values - self.reads[best];
        let proof = self.reads[best] - self.reads[second];
        let proved = if proof > 0 { against * 10 <= proof } else { rank(best) != rank(second) && against == 0 };
        if proved { Decided::Order(DateOrder::ALL[best]) } else { Decided::Open }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn decided(dates: &[&str]) -> Decided {
        let now = "2026-11-28T00:00:00Z".parse().unwrap();
        let mut evidence = Dates::new(Some(now));
        dates.iter().for_each(|date| evidence.feed("at", &json!(date)));
        evidence.decide("at")
    }

    const DAY: Decided = Decided::Order(DateOrder::DayFirst);
    const MONTH: Decided = Decided::Order(DateOrder::MonthFirst);
    const YEAR: Decided = Decided::Order(DateOrder::YearFirst);

    #[test]
    fn one_date_that_can_be_read_in_one_way_decides_for_its_column() {
        assert_eq!(decided(&["19/01/2024 10:00", "03/01/2024", "01/02/2024"]), DAY);
        assert_eq!(decided(&["03/12/2024", "03/13/2024"]), MONTH);
        assert_eq!(decided(&["15.08.25", "24.3.12.화", "14.12.26"]), YEAR);
        assert_eq!(decided(&["24.10.6.일", "24.10.7.월"]), YEAR);
        assert_eq!(decided(&["95.08.25", "24.03.12"]), YEAR);
        // Only with the year first is no date in the future.
        assert_eq!(decided(&["15.08.27", "14.12.28", "10.01.31"]), YEAR);
        assert_eq!(decided(&["2024-03-12", "2024-04-01"]), Decided::Nothing);
    }

    #[test]
    fn what_nothing_proves_stays_open() {
        assert_eq!(decided(&["03/04/2024", "05/06/2024"]), Decided::Open);
        assert_eq!(decided(&["13/01/2024", "01/13/2024", "01/02/2024"]), Decided::Open);
        assert_eq!(decided(&["13/01/2024", "14/01/2024", "01/13/2024", "01/02/2024"]), Decided::Open);
        // The same day in both orders.
        assert_ne!(decided(&["03/03/2024", "04/04/2024"]), Decided::Open);
    }

    #[test]
    fn another_column_of_the_file_may_prove_it() {
        let mut dates = Dates::new(None);
        dates.feed("end", &json!("03/04/2024"));
        assert_eq!(dates.decide("end"), Decided::Open);
        dates.feed_other(&json!("03/13/2024"));
        assert_eq!(dates.decide("end"), MONTH);
        dates.feed("end", &json!("25/04/2024"));
        assert_eq!(dates.decide("end"), DAY);
    }

    #[test]
    fn one_slip_of_many_does_not_undo_the_proof() {
        let mut dates: Vec<String> = (13..29).map(|day| format!("{day}/01/2024")).collect();
        dates.push("01/30/2024".to_owned());
        assert_eq!(decided(&dates.iter().map(String::as_str).collect::<Vec<_>>()), DAY);
    }
}
