//! Weighted factors of a score beside RICE: the ratings of the customers behind a story, and the annual value of their
//! accounts.
//!
//! Each factor is a share from 0 to 1 that multiplies the score by 1 + weight x share. A product sets the weights (0 to
//! 10). At 0, the default, the factor is omitted and the score is that of RICE alone.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{FactorSource, count, listed};
use crate::domain::base::money;

/// The largest weight: a factor of 1 then makes a score 11 times as high.
const MOST: f64 = 10.0;

/// The weights of customers' ratings and of accounts' annual value in the score of a product's stories.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ScoreWeights {
    /// The score is multiplied by 1 + this x (detractors / customers who gave an NPS or a rating). A detractor's last
    /// NPS is 0 to 6. For a customer without an NPS the last rating counts: 1 or 2 stars. A customer with neither is
    /// not counted.
    #[schema(minimum = 0, maximum = 10, default = 0)]
    pub detractors: f64,
    /// The score is multiplied by 1 + this x (annual value of the accounts behind the story / annual value of all
    /// accounts with feedback on the product). Only values in the product's currency are added.
    #[schema(minimum = 0, maximum = 10, default = 0)]
    pub account_value: f64,
}

impl ScoreWeights {
    /// Whether the score is that of RICE alone.
    pub fn are_zero(&self) -> bool {
        *self == Self::default()
    }
}

/// The NPS answers and ratings of the customers behind a story. An item without a customer counts as one customer.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Opinions {
    /// All customers.
    pub customers: u32,
    /// Customers who gave an NPS or a rating.
    pub known: u32,
    /// Customers of `known` whose last NPS, or last rating where they gave no NPS, is bad.
    pub detractors: u32,
}

/// The annual value of the accounts behind a story.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AccountValue {
    /// The product's currency.
    pub currency: String,
    /// The number of accounts whose value is in that currency.
    pub accounts: u32,
    /// Their total value, in the currency's smallest unit.
    pub minor: f64,
    /// The number of accounts whose value is in another currency; it is not added.
    pub in_other_currency: u32,
    /// The number of accounts without a known value.
    pub without_value: u32,
    /// The total value of all accounts with feedback on the product, in that currency's smallest unit.
    pub of_all_minor: f64,
}

/// A factor that counts by the product's `score_weights`, with an explanation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct WeightedFactor {
    /// A share from 0 to 1.
    pub value: f64,
    /// The product's weight for it, 0 to 10.
    pub weight: f64,
    /// The factor of the score: 1 + weight x value.
    pub multiplier: f64,
    pub source: FactorSource,
    /// A sentence that states the numbers behind the value.
    pub because: String,
}

impl WeightedFactor {
    fn derived(share: f64, weight: f64, because: String) -> Self {
        // Rounded to four decimals like the score, so that readers can verify the calculation.
        let rounded = |number: f64| (number * 1e4).round() / 1e4;
        let value = if share.is_finite() { rounded(share.clamp(0.0, 1.0)) } else { 0.0 };
        let multiplier = rounded(1.0 + weight * value);
        Self { value, weight, multiplier, source: FactorSource::Derived, because }
    }
}

/// The weight, where it is positive and valid.
fn counts(weight: f64) -> Option<f64> {
    (weight > 0.0).then(|| weight.min(MOST))
}

/// The share of detractors among the customers who gave an NPS or a rating; 0 where nobody did. Customers without
/// either count neither for nor against the story.
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

/// The annual value of the accounts behind the story, as a share of that of all accounts with feedback on the product;
/// 0 where nothing is known. Values in other currencies are not added, and the explanation says so.
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
