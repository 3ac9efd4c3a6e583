//! What else than RICE may count in a score: what the customers behind a story answered, and what their accounts pay.
//!
//! Each is a share from 0 to 1 that multiplies the score by 1 + weight x share. A product sets the weights (0 to 10); at
//! 0, the default, the factor is left out and the score is that of RICE alone.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{FactorSource, count, listed};
use crate::domain::base::money;

/// The largest weight: a factor of 1 then makes a score 11 times as high.
const MOST: f64 = 10.0;

/// How much what customers answered, and what their accounts pay, counts in the score of a product's stories.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ScoreWeights {
    /// The score is multiplied by 1 + this x (detractors / customers who gave an NPS or a rating). A detractor's last NPS is
    /// 0 to 6; of a customer without an NPS the last rating counts: 1 or 2 stars. Whoever gave neither is not counted.
    #[schema(minimum = 0, maximum = 10, default = 0)]
    pub detractors: f64,
    /// The score is multiplied by 1 + this x (annual value of the accounts behind the story / annual value of all accounts
    /// that said something about the product). Only values in the product's currency are added.
    #[schema(minimum = 0, maximum = 10, default = 0)]
    pub account_value: f64,
}

impl ScoreWeights {
    /// Whether nothing but RICE counts.
    pub fn are_zero(&self) -> bool {
        *self == Self::default()
    }
}

/// What the customers behind a story answered; an item without a customer counts as one.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Opinions {
    /// All of them.
    pub customers: u32,
    /// Those who gave an NPS or a rating.
    pub known: u32,
    /// Those of `known` whose last NPS, or last rating where they gave no NPS, is bad.
    pub detractors: u32,
}

/// What the accounts behind a story pay a year.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AccountValue {
    /// The product's currency.
    pub currency: String,
    /// Accounts whose value is in that currency,
    pub accounts: u32,
    /// and their value, in the currency's smallest unit.
    pub minor: f64,
    /// Accounts whose value is in another currency: it is not added.
    pub in_other_currency: u32,
    /// Accounts whose value nobody has noted.
    pub without_value: u32,
    /// The value of all accounts that said something about the product, in that currency's smallest unit.
    pub of_all_minor: f64,
}

/// A factor that counts as much as the product's `score_weights` say, and why it is what it is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct WeightedFactor {
    /// A share from 0 to 1.
    pub value: f64,
    /// The product's weight for it, 0 to 10.
    pub weight: f64,
    /// What the score is multiplied by: 1 + weight x value.
    pub multiplier: f64,
    pub source: FactorSource,
    /// A sentence that quotes the numbers behind the value.
    pub because: String,
}

impl WeightedFactor {
    fn derived(share: f64, weight: f64, because: String) -> Self {
        // Four decimals, as a score has: so that whoever reads the factors can do the sum again.
        let rounded = |number: f64| (number * 1e4).round() / 1e4;
        let value = if share.is_finite() { rounded(share.clamp(0.0, 1.0)) } else { 0.0 };
        let multiplier = rounded(1.0 + weight * value);
        Self { value, weight, multiplier, source: FactorSource::Derived, because }
    }
}

/// The weight, where it is one.
fn counts(weight: f64) -> Option<f64> {
    (weight > 0.0).then(|| weight.min(MOST))
}

/// The share of detractors among those who gave an NPS or a rating; 0 where nobody did. What is not known counts neither
/// for nor against the story.
pub(super) fn detractors(opinions: &Opinions, weight: f64) -> Option<WeightedFactor> {
    let weight = counts(weight)?;
    let Opinions { customers, known, detractors } = *opinions;
    let all = count(customers, "customer", "customers");
    if known == 0 {
        let because = format!("None of {all} gave an NPS or a rating: it changes nothing.");
        return Some(WeightedFactor::derived(0.0, weight, because));
    }
    let because = format!(
        "{known} of {all} gave an NPS or a rating; {detractors} of these {known} are detractors (NPS 0 to 6, or 1 to 2 stars)."
    );
    Some(WeightedFactor::derived(f64::from(detractors) / f64::from(known), weight, because))
}

/// What the accounts behind the story pay, as a share of what all pay that said something about the product; 0 where
/// nothing is known. Values in other currencies than the product's are not added, which the sentence says.
pub(super) fn account_value(value: &AccountValue, weight: f64) -> Option<WeightedFactor> {
    let weight = counts(weight)?;
    let (own, all) = (value.minor.max(0.0), value.of_all_minor.max(0.0));
    let share = if all > 0.0 { own / all } else { 0.0 };
    let shown = |minor| money::whole_units(minor, &value.currency);
    let mut because = match all > 0.0 {
        true => format!(
            "{} behind it: {} a year, of {} of all accounts that said something about the product.",
            count(value.accounts, "account", "accounts"),
            shown(own),
            shown(all),
        ),
        false => {
            format!("No account that said something has an annual value in {}: it changes nothing.", value.currency)
        }
    };
    let mut left_out = Vec::new();
    left_out.extend((value.in_other_currency > 0).then(|| format!("{} in another currency", value.in_other_currency)));
    left_out.extend((value.without_value > 0).then(|| format!("{} without an annual value", value.without_value)));
    if !left_out.is_empty() {
        because.push_str(&format!(" Not counted: {}.", listed(&left_out)));
    }
    Some(WeightedFactor::derived(share, weight, because))
}
