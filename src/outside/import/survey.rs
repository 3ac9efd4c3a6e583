//! Survey of a file: reads all records before the first row is filed, to decide the meaning of its dates, numbers and
//! columns.

use std::collections::HashSet;

use serde_json::Value;

use super::fields::FieldKind;
use super::formats::record::{Record, at, pick, text};
use super::formats::row::RowWarning;
use super::formats::shape::Shape;
use super::mapping::Rule;
use super::plan::Plan;
use super::values::amounts::Amounts;
use super::values::dates::{Dates, Decided};
use super::values::ratings::{Scale, Scales};
use super::values::time::DateOrder;
use super::values::zones::Zone;
use super::{Mapping, Preset, ReadError, ReadOptions};
use crate::domain::feedback::{ImportColumn, ImportReading};

/// The most JSON keys that are remembered for messages.
const MOST_KEYS: usize = 1_000;

/// The most columns that are listed in messages.
const MOST_NAMED: usize = 100;

/// Counts for the column of a rule.
#[derive(Clone, Copy, Default)]
struct SeenValues {
    /// Records that have the column, with a value or without.
    there: u64,
    /// Records with a value.
    filled: u64,
    /// Records whose value fits our field. Counted only for columns that are merely named like our field.
    good: u64,
}

/// The observations so far.
pub(in crate::outside) struct Survey<'s> {
    shape: &'s Shape,
    options: &'s ReadOptions,
    seen: Vec<SeenValues>,
    dates: Dates,
    scales: Scales,
    amounts: Amounts,
    records: u64,
    keys: Vec<String>,
    known_keys: HashSet<String>,
    /// The first segments of the rules' paths.
    used: HashSet<String>,
}

impl<'s> Survey<'s> {
    pub(in crate::outside) fn new(shape: &'s Shape, options: &'s ReadOptions) -> Self {
        let paths = shape.rules.iter().filter(|rule| rule.reads());
        let used = paths.flat_map(|rule| [Some(&*rule.theirs), rule.theirs.split('.').next()].into_iter().flatten());
        Self {
            shape,
            options,
            seen: vec![SeenValues::default(); shape.rules.len()],
            dates: Dates::new(options.now),
            scales: Scales::default(),
            amounts: Amounts::new(options.decimal_mark),
            records: 0,
            keys: Vec::new(),
            known_keys: HashSet::new(),
            used: used.map(str::to_owned).collect(),
        }
    }

    /// Adds a record.
    pub(in crate::outside) fn feed(&mut self, record: &Record) {
        self.records += 1;
        for n in 0..self.shape.rules.len() {
            self.feed_rule(n, record);
        }
        for (key, value) in record {
            if !self.used.contains(key) {
                self.dates.feed_other(value);
                if self.keys.len() < MOST_KEYS && !self.known_keys.contains(key) {
                    self.known_keys.insert(key.clone());
                    self.keys.push(key.clone());
                }
            }
        }
    }

    fn feed_rule(&mut self, n: usize, record: &Record) {
        let rule = &self.shape.rules[n];
        if !rule.reads() {
            return;
        }
        self.seen[n].there += u64::from(at(record, &rule.theirs).is_some());
        let Some(value) = pick(record, &rule.theirs) else { return };
        self.seen[n].filled += 1;
        match rule.kind() {
            FieldKind::Time => self.dates.feed(&rule.theirs, value),
            FieldKind::Stars => self.scales.feed(&rule.theirs, value),
            FieldKind::Money => self.amounts.feed(&rule.theirs, value),
            _ => {}
        }
        if rule.by_name {
            self.seen[n].good += u64::from(self.may_be_ours(rule, value));
        }
    }

    /// Whether a value fits our field, in a column that is merely named like it.
    fn may_be_ours(&self, rule: &Rule, value: &Value) -> bool {
        let word = || text(value).unwrap_or_default().trim().to_lowercase();
        match rule.kind() {
            FieldKind::Word(known) => known.contains(&word().as_str()),
            FieldKind::Product => match &self.options.products {
                Some(products) => products.iter().any(|product| product.to_lowercase() == word()),
                None => true,
            },
            FieldKind::Stars | FieldKind::Tens => super::values::ratings::read(value).is_some(),
            FieldKind::Language => {
                word().len() <= 11 && word().split(['-', '_']).next().is_some_and(|code| matches!(code.len(), 2 | 3))
            }
            FieldKind::Time => super::values::time::take_apart(value).is_some(),
            _ => true,
        }
    }

    /// Makes the decisions, and returns warnings about them.
    ///
    /// # Errors
    /// Where the file does not show how its dates are written, or has no text.
    pub(in crate::outside) fn decide(mut self, mut plan: Plan) -> Result<(Plan, Vec<RowWarning>), ReadError> {
        if self.records > 0 && self.is_foreign() {
            return Err(ReadError::NoText { columns: self.all_columns() });
        }
        let mut notes = Vec::new();
        plan.zone = self.options.time_zone.unwrap_or(Zone::utc());
        plan.currency.clone_from(&self.options.currency);
        plan.usual_currency.clone_from(&self.options.usual_currency);
        plan.amounts = std::mem::take(&mut self.amounts);
        for (n, rule) in
            self.shape.rules.iter().enumerate().filter(|(n, rule)| rule.reads() && self.seen[*n].filled > 0)
        {
            let seen = self.seen[n];
            if rule.by_name && seen.good == 0 {
                plan.not_ours.insert(rule.ours.to_string());
                notes.push(not_ours(rule));
                continue;
            }
            match rule.kind() {
                FieldKind::Time => plan.orders.extend(self.order(rule)?.map(|order| (rule.theirs.to_string(), order))),
                FieldKind::Stars => plan.scales.extend([(rule.theirs.to_string(), self.scale(rule, &mut notes))]),
                FieldKind::Currency => plan.currency_columns.push(rule.theirs.to_string()),
                _ => {}
            }
        }
        notes.extend(self.mapped_in_vain());
        notes.extend(self.unresolved(&plan));
        Ok((plan, notes))
    }

    /// Whether no record has any column that may hold the text. A file whose texts are merely empty is not an error.
    fn is_foreign(&self) -> bool {
        let mut texts = self.shape.rules.iter().zip(&self.seen).filter(|(rule, _)| rule.ours == "text").peekable();
        // Some exports have their text in places that no rule names.
        texts.peek().is_some() && texts.all(|(_, seen)| seen.there == 0)
    }

    fn order(&self, rule: &Rule) -> Result<Option<DateOrder>, ReadError> {
        if let Some(order) = self.options.date_order {
            return Ok(Some(order));
        }
        match self.dates.decide(&rule.theirs) {
            Decided::Nothing => Ok(None),
            Decided::Order(order) => Ok(Some(order)),
            Decided::Open => Err(ReadError::DateOrder { column: rule.theirs.to_string() }),
        }
    }

    fn scale(&self, rule: &Rule, notes: &mut Vec<RowWarning>) -> Scale {
        if let Some(best) = self.options.rating_scale {
            return Scale::Of(f64::from(best));
        }
        let scale = self.scales.decide(&rule.theirs);
        let column = &rule.theirs;
        match scale {
            Scale::Unknown => {
                let detail = format!(
                    "the ratings of the column {column:?} are left out and kept in `fields.rating`: nothing shows what they \
                     are out of; set `rating_scale`"
                );
                notes.push(RowWarning::new(&rule.ours, "unknown_scale", detail));
            }
            Scale::Of(best) if best != 5.0 => {
                let detail = format!(
                    "the ratings of the column {column:?} are out of {best} and were brought to 1 to 5 stars; as written \
                     they are in `fields.rating`"
                );
                notes.push(RowWarning::new(&rule.ours, "scaled", detail));
            }
            Scale::Of(_) => {}
        }
        scale
    }

    /// Warnings about mapped columns that no record has.
    fn mapped_in_vain(&self) -> Vec<RowWarning> {
        let mapped = self.options.mapping.iter().flat_map(Mapping::columns).count();
        let rules = self.shape.rules.iter().zip(&self.seen).take(mapped).filter(|(_, seen)| seen.there == 0);
        let say = |(rule, _): (&Rule, &SeenValues)| {
            let mut columns = self.all_columns();
            columns.truncate(30);
            let detail = format!("mapped to {:?}, which no row has; there are: {}", rule.theirs, columns.join(", "));
            RowWarning::new(&rule.ours, "unknown_column", detail)
        };
        if self.records == 0 { Vec::new() } else { rules.map(say).collect() }
    }

    /// A warning where customers are identified only by ids.
    fn unresolved(&self, plan: &Plan) -> Option<RowWarning> {
        let filled = |ours: &str| {
            let rules = self.shape.rules.iter().zip(&self.seen);
            rules.filter(|(rule, _)| rule.ours == ours).map(|(_, seen)| seen.filled).max().unwrap_or(0)
        };
        let by_id_only = self.shape.preset == Preset::Zendesk
            && filled("customer.external_id") > 0
            && filled("customer.email") == 0
            && plan.sides.len() == 0;
        by_id_only.then(|| {
            let detail = "the tickets name their requesters by `requester_id` only, so no customer has a name or an address: \
                          export them with their users (`?include=users,organizations` in Zendesk's API)";
            RowWarning::new("customer", "ids_only", detail)
        })
    }

    fn all_columns(&self) -> Vec<String> {
        let known = self.shape.rules.iter().zip(&self.seen).filter(|(_, seen)| seen.there > 0);
        let mut all: Vec<String> = known.map(|(rule, _)| rule.theirs.to_string()).collect();
        all.extend(self.keys.iter().cloned());
        let mut met = HashSet::new();
        all.retain(|name| met.insert(name.clone()));
        all
    }

    /// Describes the columns for people.
    pub(in crate::outside) fn tell(&self, reading: &mut ImportReading) {
        let read = self.shape.rules.iter().zip(&self.seen).filter(|(rule, seen)| rule.reads() && seen.filled > 0);
        for (rule, seen) in read {
            let ours = !(rule.by_name && seen.good == 0);
            let field = if ours { rule.ours.to_string() } else { format!("fields.{}", rule.theirs) };
            if reading.columns.iter().any(|known| known.field == field && known.column == rule.theirs) {
                continue;
            }
            reading.columns.push(ImportColumn { field, column: rule.theirs.to_string(), read_as: self.read_as(rule) });
        }
        let mut unused = self.keys.iter().filter(|key| !key.starts_with("fields.") && *key != "fields");
        reading.unused_columns.extend(unused.by_ref().take(MOST_NAMED).map(|key| key.chars().take(60).collect()));
    }

    fn read_as(&self, rule: &Rule) -> Option<String> {
        match rule.kind() {
            FieldKind::Time => {
                let order = self.order(rule).ok().flatten()?;
                Some(order.as_str().to_owned())
            }
            FieldKind::Stars => match (self.options.rating_scale, self.scales.decide(&rule.theirs)) {
                (Some(best), _) => Some(format!("out of {best}")),
                (None, Scale::Of(best)) => Some(format!("out of {best}")),
                (None, Scale::Unknown) => Some("left out".to_owned()),
            },
            FieldKind::Money => self.amounts.decide(&rule.theirs).map(|mark| format!("decimal {mark}")),
            _ => None,
        }
    }
}

fn not_ours(rule: &Rule) -> RowWarning {
    let (column, field) = (&rule.theirs, &rule.ours);
    let detail = format!(
        "the column {column:?} is called like our field and holds something else in every row: it is kept in \
         `fields.{column}`; map `{field}` to a column, or to null"
    );
    RowWarning::new(field, "not_ours", detail)
}
