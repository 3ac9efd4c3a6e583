//! Story priority by RICE, with an explanation of every factor.
//!
//! Score = Reach x Impact x Confidence / Effort, as published by Intercom ("RICE: Simple prioritization for product
//! managers", Sean McBride, 2016): reach in people per period, impact one of 3, 2, 1, .5, .25, confidence 1, .8 or .5,
//! effort in person-months, at least half of one. How each factor is derived from feedback is our own rule; it is
//! documented at the function of the factor.
//!
//! A product may add two weighted factors, its customers' ratings and the value of their accounts (`weights.rs`). Then
//! score = Reach x Impact x Confidence / Effort x (1 + weight x detractors) x (1 + weight x account value).
//! score = Reach x Impact x Confidence / Effort x (1 + weight x detractors) x (1 + weight x account value).

mod weights;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use weights::{AccountValue, Opinions, ScoreWeights, WeightedFactor};

/// The impacts that RICE defines, from massive to minimal.
pub const IMPACTS: [f64; 5] = [3.0, 2.0, 1.0, 0.5, 0.25];
/// The least effort, in person-months.
pub const MIN_EFFORT: f64 = 0.5;

crate::domain::names! {
    /// The formula of a score.
    pub enum Method { Rice "rice" }
}

crate::domain::names! {
    /// The source of a factor: derived from the evidence, or set by a person.
    pub enum FactorSource { Derived "derived", Set "set" }
}

/// One factor of a score, with an explanation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Factor {
    pub value: f64,
    pub source: FactorSource,
    /// A sentence that states the numbers behind the value.
    pub because: String,
}

/// The four factors of RICE, and the weighted factors of the product.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Factors {
    /// Customers in 90 days.
    pub reach: Factor,
    /// Importance for each customer: 3 massive, 2 high, 1 medium, .5 low, .25 minimal.
    pub impact: Factor,
    /// Certainty, 0 to 1.
    pub confidence: Factor,
    /// Person-months, at least .5.
    pub effort: Factor,
    /// The share of detractors among the customers who gave an NPS or a rating. Absent where the product's
    /// `score_weights` have no weight for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detractors: Option<WeightedFactor>,
    /// The share of the product's annual value that comes from the accounts behind the story. Absent where the
    /// product's `score_weights` have no weight for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account_value: Option<WeightedFactor>,
}

/// A story's score in the ranking, with its explanation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Priority {
    pub method: Method,
    /// reach x impact x confidence / effort, times the `multiplier` of each weighted factor. Never null, negative or
    /// infinite; four decimals.
    pub score: f64,
    pub factors: Factors,
}

/// The number of items of feedback with each severity.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Severities {
    pub low: u32,
    pub medium: u32,
    pub high: u32,
    pub critical: u32,
}

/// The evidence for a story, in numbers. The 90 days end with the product's latest feedback.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Evidence {
    pub customers_in_90_days: u32,
    /// Items without a customer; each counts as one more customer.
    pub items_without_customer_in_90_days: u32,
    /// Votes for the feedback, without those of its authors.
    pub further_votes_in_90_days: u32,
    /// The date of the product's latest feedback, for display (`2026-11-22`).
    pub latest_feedback: Option<String>,
    /// The severities that were filed or set by people.
    pub severities: Severities,
    /// Those derived from the words of feedback without one.
    pub derived_severities: Severities,
    /// How many items have a rating.
    pub ratings: u32,
    /// Mean of the ratings, 1 to 5; any value where there is none.
    pub mean_rating: f64,
    /// Distinct customers of all time.
    pub independent_customers: u32,
    /// Mean cosine between the feedback of the themes and the theme's centre, 0 to 1.
    pub cohesion: f32,
    /// The customers' ratings; used only where the product has a weight for them.
    pub opinions: Opinions,
    /// The accounts' annual value; used only where the product has a weight for it.
    pub account_value: AccountValue,
}

/// The factors that a person has set; the others are derived.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SetFactors {
    pub reach: Option<f64>,
    pub impact: Option<f64>,
    pub confidence: Option<f64>,
    pub effort: Option<f64>,
}

/// A factor whose value is not allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WrongFactor {
    /// Its field: `reach`, `impact`, `confidence` or `effort`.
    pub field: &'static str,
    /// What the value must be, as the rest of a sentence that begins with the field's name.
    pub detail: &'static str,
}

/// Checks the values of the set factors against RICE. Confidence may be any share, not only the usual three values.
pub fn check(set: &SetFactors) -> Result<(), Vec<WrongFactor>> {
    let rules = [
        ("reach", "must be a number of at least 0", set.reach.is_none_or(good_reach)),
        ("impact", "must be 3, 2, 1, 0.5 or 0.25", set.impact.is_none_or(good_impact)),
        ("confidence", "must be a number from 0 to 1", set.confidence.is_none_or(good_confidence)),
        ("effort", "must be a number of person-months, at least 0.5", set.effort.is_none_or(good_effort)),
    ];
    let wrong = rules.into_iter().filter(|(_, _, good)| !good);
    let wrong: Vec<_> = wrong.map(|(field, detail, _)| WrongFactor { field, detail }).collect();
    if wrong.is_empty() { Ok(()) } else { Err(wrong) }
}

fn good_reach(value: f64) -> bool {
    value.is_finite() && value >= 0.0
}

fn good_impact(value: f64) -> bool {
    IMPACTS.contains(&value)
}

fn good_confidence(value: f64) -> bool {
    (0.0..=1.0).contains(&value)
}

fn good_effort(value: f64) -> bool {
    value.is_finite() && value >= MIN_EFFORT
}

/// The priority of a story by RICE and the weighted factors of the product. A set factor takes precedence over the
/// evidence, however that changes. A set factor that [`check`] refuses is ignored.
pub fn rice(evidence: &Evidence, set: &SetFactors, weights: &ScoreWeights) -> Priority {
    let factors = Factors {
        reach: reach(evidence).or_set(set.reach.filter(|value| good_reach(*value))),
        impact: impact(evidence).or_set(set.impact.filter(|value| good_impact(*value))),
        confidence: confidence(evidence).or_set(set.confidence.filter(|value| good_confidence(*value))),
        effort: effort().or_set(set.effort.filter(|value| good_effort(*value))),
        detractors: weights::detractors(&evidence.opinions, weights.detractors),
        account_value: weights::account_value(&evidence.account_value, weights.account_value),
    };
    Priority { method: Method::Rice, score: score(&factors), factors }
}

fn score(factors: &Factors) -> f64 {
    let weighted = [&factors.detractors, &factors.account_value];
    let multiplier: f64 = weighted.into_iter().flatten().map(|factor| factor.multiplier).product();
    let rice = factors.reach.value * factors.impact.value * factors.confidence.value / factors.effort.value;
    let exact = rice * multiplier;
    // A very large reach could overflow when it is rounded. Adding 0 turns -0 into 0.
    let rounded = (exact * 1e4).round() / 1e4;
    if rounded.is_finite() { rounded + 0.0 } else { exact.min(f64::MAX) }
}

impl Factor {
    fn derived(value: f64, because: String) -> Self {
        Self { value, source: FactorSource::Derived, because }
    }

    fn or_set(self, set: Option<f64>) -> Self {
        match set {
            None => self,
            Some(value) => Self {
                value,
                source: FactorSource::Set,
                because: format!("Set by a person; otherwise {}: {}", self.value, self.because),
            },
        }
    }
}

/// Distinct customers of the last 90 days. Each item without a customer counts as one, and so does each vote.
fn reach(evidence: &Evidence) -> Factor {
    let customers = evidence.customers_in_90_days;
    let others = evidence.items_without_customer_in_90_days;
    let until = match &evidence.latest_feedback {
        Some(day) => format!("the 90 days up to {day}"),
        None => "the last 90 days".to_string(),
    };
    let votes = evidence.further_votes_in_90_days;
    let mut parts = vec![count(customers, "customer", "customers")];
    parts.extend((others > 0).then(|| count(others, "item without a customer", "items without a customer")));
    parts.extend((votes > 0).then(|| count(votes, "further vote", "further votes")));
    let because = format!("{} in {until}.", listed(&parts));
    Factor::derived(f64::from(customers) + f64::from(others) + f64::from(votes), because)
}

/// A list in words: `a`, `a and b`, `a, b and c`.
fn listed(parts: &[String]) -> String {
    match parts {
        [all @ .., last] if !all.is_empty() => format!("{} and {last}", all.join(", ")),
        _ => parts.concat(),
    }
}

/// The higher of the impact by severity and the impact by rating; 1 where there are neither.
///
/// Severity: the highest that at least a quarter of the items with a severity reach (3 critical, 2 high, 1 medium, .5
/// low). Where nobody gave one, severities derived from the words count, one step nearer to medium (2 critical, 1 the
/// others), since words are less certain than people. Ratings: 2 for a mean of up to 2 stars, 1 up to 3, .5 up to 4, else .25. A rating never gives 3, because stars
/// rate the whole product and not this one problem.
fn impact(evidence: &Evidence) -> Factor {
    let by_severity = severity_impact(&evidence.severities).or_else(|| derived_impact(&evidence.derived_severities));
    match (by_severity, rating_impact(evidence)) {
        (None, None) => Factor::derived(1.0, "No severity and no rating: medium is assumed.".into()),
        (Some((value, because)), None) | (None, Some((value, because))) => Factor::derived(value, because),
        (Some((by_severity, severity)), Some((by_rating, rating))) => {
            Factor::derived(by_severity.max(by_rating), format!("{severity} {rating}"))
        }
    }
}

/// The impact by severities that were derived. One that is derived as low says nothing: it is a problem all the same.
fn derived_impact(severities: &Severities) -> Option<(f64, String)> {
    let [low, medium, high, critical] =
        [severities.low, severities.medium, severities.high, severities.critical].map(u64::from);
    let total = low + medium + high + critical;
    for (impact, name, items) in [(2.0, "critical", critical), (1.0, "high or worse", high + critical)] {
        if items > 0 && 4 * items >= total {
            let because = format!(
                "By their words {items} of {total} problems are {name}; as nobody set it, this counts one step less."
            );
            return Some((impact, because));
        }
    }
    None
}

fn severity_impact(severities: &Severities) -> Option<(f64, String)> {
    let levels = [
        (3.0, "critical", severities.critical),
        (2.0, "high or worse", severities.high),
        (1.0, "medium or worse", severities.medium),
        (0.5, "low or worse", severities.low),
    ];
    let total: u64 = levels.iter().map(|(_, _, items)| u64::from(*items)).sum();
    let mut reached = 0;
    for (impact, name, items) in levels {
        reached += u64::from(items);
        if total > 0 && 4 * reached >= total {
            return Some((impact, format!("{reached} of {total} items with a severity are {name}.")));
        }
    }
    None
}

fn rating_impact(evidence: &Evidence) -> Option<(f64, String)> {
    let mean = evidence.mean_rating;
    if evidence.ratings == 0 || !mean.is_finite() {
        return None;
    }
    let impact = match mean {
        mean if mean <= 2.0 => 2.0,
        mean if mean <= 3.0 => 1.0,
        mean if mean <= 4.0 => 0.5,
        _ => 0.25,
    };
    let ratings = count(evidence.ratings, "rating", "ratings");
    Some((impact, format!("The mean of {ratings} is {mean:.1} of 5 stars.")))
}

/// 1 where at least 10 customers describe closely the same (cohesion .5), .8 where at least 3 describe about the same
/// (.3), else .5.
fn confidence(evidence: &Evidence) -> Factor {
    let cohesion = if evidence.cohesion.is_finite() { evidence.cohesion } else { 0.0 };
    let customers = evidence.independent_customers;
    let value = match customers {
        10.. if cohesion >= 0.5 => 1.0,
        3.. if cohesion >= 0.3 => 0.8,
        _ => 0.5,
    };
    let because = format!("{} independently; cohesion {cohesion:.2} of 1.", count(customers, "customer", "customers"));
    Factor::derived(value, because)
}

/// A default, because feedback does not show how long the work takes.
fn effort() -> Factor {
    Factor::derived(1.0, "Nobody has estimated it yet: 1 person-month is assumed.".into())
}

fn count(n: u32, one: &str, many: &str) -> String {
    if n == 1 { format!("1 {one}") } else { format!("{n} {many}") }
}

#[cfg(test)]
mod tests;
