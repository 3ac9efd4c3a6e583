//! The result of an evaluation: which option wins, computed exactly, and how much a weight must change so that another one
//! does.

use serde::Serialize;
use utoipa::ToSchema;

use super::evaluation::{SolutionOption, WeighedCriterion};
use super::ratio::{Exact, Ratio};

/// Weights and scores are compared in hundredths, so that they are whole numbers.
const PARTS: f64 = 100.0;

crate::domain::names! {
    /// Why an option is not ranked: it fails a must-have, or not every criterion is scored.
    pub enum OutBecause { Must "must", Missing "missing" }
}

/// The result of an evaluation.
#[derive(Clone, Debug, Default, PartialEq, Serialize, ToSchema)]
pub struct EvaluationResult {
    /// The options with every score, best first.
    pub ranking: Vec<RankedOption>,
    /// The options that are not ranked.
    pub out: Vec<OptionOut>,
    /// The best option; `null` where several are best, or none is ranked.
    pub winner: Option<String>,
    /// The options that share the best score, where they are several.
    pub tied: Vec<String>,
    /// Whether several options are best, or a change of one weight by no more than half of it makes another one win.
    pub fragile: bool,
    /// The smallest change of one weight after which another option is as good as the winner; `null` where no change of one
    /// weight does that.
    pub smallest_change: Option<WeightChange>,
    /// For each weight, the smallest changes up and down after which another option is as good as the winner.
    pub changes: Vec<WeightChange>,
}

/// An option with its score: the mean of its scores by weight.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct RankedOption {
    #[schema(example = "Paylo")]
    pub name: String,
    /// 1 for the best; the same for options with the same score.
    pub place: usize,
    pub score: Exact,
}

/// An option that is not ranked.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct OptionOut {
    pub name: String,
    pub because: OutBecause,
    /// The must-haves that it fails, or the criteria without a score.
    pub criteria: Vec<String>,
}

/// A change of one weight after which another option is as good as the winner. Any further, and that one wins.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct WeightChange {
    #[schema(example = "Price")]
    pub criterion: String,
    /// The weight as it is, and as it would be.
    pub from: Exact,
    pub to: Exact,
    /// The other option.
    #[schema(example = "Own ledger")]
    pub rival: String,
    /// The score that both have then.
    pub tie_at: Exact,
}

/// A number in hundredths.
pub fn parts(number: f64) -> i128 {
    (number * PARTS).round() as i128
}

/// An option with a score for each criterion.
struct Scored<'a> {
    name: &'a str,
    scores: Vec<i128>,
    /// The sum of its scores by weight.
    sum: i128,
}

/// The result of these options by these criteria. Nothing is ranked where all weights are 0.
pub fn result(criteria: &[WeighedCriterion], options: &[SolutionOption]) -> EvaluationResult {
    let weights: Vec<i128> = criteria.iter().map(|criterion| parts(criterion.weight)).collect();
    let total: i128 = weights.iter().sum();
    let mut result = EvaluationResult::default();
    let mut scored = Vec::new();
    for option in options {
        match scores(criteria, option) {
            Ok(scores) => {
                let sum = scores.iter().zip(&weights).map(|(score, weight)| score * weight).sum();
                scored.push(Scored { name: &option.name, scores, sum });
            }
            Err(out) => result.out.push(out),
        }
    }
    // Options with the same score keep the order in which they were given.
    scored.sort_by_key(|option| std::cmp::Reverse(option.sum));
    for (at, option) in scored.iter().enumerate() {
        let Some(score) = Ratio::of(option.sum, total * parts(1.0)) else { return result };
        let before = at.checked_sub(1).and_then(|before| result.ranking.get(before));
        let place = match before.zip(at.checked_sub(1).and_then(|before| scored.get(before))) {
            Some((ranked, other)) if other.sum == option.sum => ranked.place,
            _ => at + 1,
        };
        result.ranking.push(RankedOption { name: option.name.to_owned(), place, score: score.into() });
    }
    let Some((first, rivals)) = scored.split_first() else { return result };
    if rivals.first().is_some_and(|second| second.sum == first.sum) {
        let tied = scored.iter().filter(|option| option.sum == first.sum);
        result.tied = tied.map(|option| option.name.to_owned()).collect();
        result.fragile = true;
        return result;
    }
    result.winner = Some(first.name.to_owned());
    sensitivity(criteria, &weights, first, rivals, &mut result);
    result
}

/// The scores of an option in the order of the criteria.
fn scores(criteria: &[WeighedCriterion], option: &SolutionOption) -> Result<Vec<i128>, OptionOut> {
    let score = |criterion: &WeighedCriterion| option.scores.get(&criterion.name).map(|score| score.score);
    let names = |wanted: &dyn Fn(&&WeighedCriterion) -> bool| -> Vec<String> {
        criteria.iter().filter(wanted).map(|criterion| criterion.name.clone()).collect()
    };
    let fails = |criterion: &&WeighedCriterion| {
        criterion.must && score(criterion).is_some_and(|score| score < criterion.least())
    };
    let out = |because, criteria| OptionOut { name: option.name.clone(), because, criteria };
    let failed = names(&fails);
    if !failed.is_empty() {
        return Err(out(OutBecause::Must, failed));
    }
    let missing = names(&|criterion| score(criterion).is_none());
    if !missing.is_empty() {
        return Err(out(OutBecause::Missing, missing));
    }
    Ok(criteria.iter().filter_map(score).map(parts).collect())
}

/// A change with its size.
struct Sized {
    size: Ratio,
    change: WeightChange,
}

/// Finds, for each weight, the nearest values up and down at which a rival is as good as the winner.
fn sensitivity(
    criteria: &[WeighedCriterion],
    weights: &[i128],
    winner: &Scored<'_>,
    rivals: &[Scored<'_>],
    result: &mut EvaluationResult,
) {
    let total: i128 = weights.iter().sum();
    let mut smallest: Option<Sized> = None;
    for (at, (criterion, weight)) in criteria.iter().zip(weights).enumerate() {
        let mut nearest: [Option<Sized>; 2] = [None, None];
        for rival in rivals {
            let Some((up, sized)) = tie(criterion, (at, *weight), total, winner, rival) else { continue };
            let place = &mut nearest[usize::from(up)];
            if place.as_ref().is_none_or(|there| sized.size < there.size) {
                *place = Some(sized);
            }
        }
        for sized in nearest.into_iter().flatten() {
            let half = Ratio::of(*weight, 2 * parts(1.0));
            result.fragile |= half.is_some_and(|half| sized.size <= half);
            result.changes.push(sized.change.clone());
            if smallest.as_ref().is_none_or(|there| sized.size < there.size) {
                smallest = Some(sized);
            }
        }
    }
    result.smallest_change = smallest.map(|sized| sized.change);
}

/// The weight of a criterion at which a rival is as good as the winner, and whether it is above the one it has; `None` where
/// there is none. With lead L (by weight) and difference d of the two scores, the weight changes by -L/d.
fn tie(
    criterion: &WeighedCriterion,
    (at, weight): (usize, i128),
    total: i128,
    winner: &Scored<'_>,
    rival: &Scored<'_>,
) -> Option<(bool, Sized)> {
    let (lead, score) = (winner.sum - rival.sum, *winner.scores.get(at)?);
    let differs = score - rival.scores.get(at)?;
    let to = Ratio::of(weight * differs - lead, differs * parts(1.0))?;
    let tie_at = Ratio::of(winner.sum * differs - lead * score, parts(1.0) * (total * differs - lead))?;
    if to.is_negative() {
        return None;
    }
    let change = WeightChange {
        criterion: criterion.name.clone(),
        from: Ratio::of(weight, parts(1.0))?.into(),
        to: to.into(),
        rival: rival.name.to_owned(),
        tie_at: tie_at.into(),
    };
    let size = Ratio::of(-lead, differs * parts(1.0))?;
    Some((!size.is_negative(), Sized { size: size.abs(), change }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::evaluations::evaluation::{OptionKind, OptionScore};

    fn criterion(name: &str, weight: f64) -> WeighedCriterion {
        WeighedCriterion { name: name.to_owned(), weight, must: false, minimum: None }
    }

    fn option(name: &str, scores: &[(&str, f64)]) -> SolutionOption {
        let score = |(criterion, score): &(&str, f64)| {
            let score = OptionScore { score: *score, why: None, by: None, at: None };
            ((*criterion).to_owned(), score)
        };
        SolutionOption {
            name: name.to_owned(),
            scores: scores.iter().map(score).collect(),
            ..SolutionOption::new(OptionKind::Buy)
        }
    }

    fn vector(first: f64) -> EvaluationResult {
        let criteria = [criterion("x", first), criterion("y", 3.0), criterion("z", 2.0)];
        let option = |name: &str, [x, y, z]: [f64; 3]| option(name, &[("x", x), ("y", y), ("z", z)]);
        let options = [option("A", [4.0, 3.0, 5.0]), option("B", [5.0, 2.0, 3.0]), option("C", [3.0, 5.0, 4.0])];
        result(&criteria, &options)
    }

    fn ranked(result: &EvaluationResult) -> Vec<(&str, usize, &str)> {
        result.ranking.iter().map(|one| (one.name.as_str(), one.place, one.score.exact.as_str())).collect()
    }

    #[test]
    fn scores_are_exact_fractions() {
        let result = vector(5.0);
        assert_eq!(ranked(&result), [("A", 1, "39/10"), ("C", 2, "19/5"), ("B", 3, "37/10")]);
        assert_eq!((result.winner.as_deref(), result.fragile), (Some("A"), true));
    }

    #[test]
    fn the_smallest_change_of_a_weight_is_found_for_each() {
        let result = vector(5.0);
        let change = |criterion: &str, rival: &str| {
            let found = result.changes.iter().find(|one| one.criterion == criterion && one.rival == rival);
            found.map(|one| (one.from.exact.as_str(), one.to.exact.as_str(), one.tie_at.exact.as_str()))
        };
        assert_eq!(change("x", "B"), Some(("5", "7", "47/12")), "A and B tie at 47/12 once the first weight is 7");
        assert_eq!(change("x", "C"), Some(("5", "4", "35/9")));
        assert_eq!(change("y", "C"), Some(("3", "7/2", "27/7")));
        let smallest = result.smallest_change.as_ref().map(|one| (one.criterion.as_str(), one.to.exact.as_str()));
        assert_eq!(smallest, Some(("y", "7/2")));
    }

    #[test]
    fn a_tie_has_no_winner_and_is_fragile() {
        let result = vector(7.0);
        assert_eq!(ranked(&result), [("A", 1, "47/12"), ("B", 1, "47/12"), ("C", 3, "11/3")]);
        assert_eq!((result.winner, result.tied), (None, vec!["A".to_owned(), "B".to_owned()]));
        assert!(result.fragile && result.smallest_change.is_none());
    }

    #[test]
    fn a_missing_score_is_shown_and_not_zero_and_a_failed_must_have_is_out() {
        let must = WeighedCriterion { must: true, ..criterion("law", 1.0) };
        let criteria = [must, criterion("price", 1.0)];
        let options = [
            option("whole", &[("law", 1.0), ("price", 2.0)]),
            option("half", &[("law", 5.0)]),
            option("illegal", &[("law", 0.0)]),
        ];
        let result = result(&criteria, &options);
        assert_eq!(ranked(&result), [("whole", 1, "3/2")]);
        let out: Vec<_> =
            result.out.iter().map(|one| (one.name.as_str(), one.because, one.criteria.join(","))).collect();
        let expected =
            [("half", OutBecause::Missing, "price".to_owned()), ("illegal", OutBecause::Must, "law".to_owned())];
        assert_eq!(out, expected);
        assert_eq!((result.winner.as_deref(), result.fragile), (Some("whole"), false), "nobody else is left");
    }

    #[test]
    fn an_option_that_is_better_in_everything_wins_by_any_weights() {
        let criteria = [criterion("x", 1.0), criterion("y", 2.5)];
        let options = [option("best", &[("x", 5.0), ("y", 5.0)]), option("worse", &[("x", 4.0), ("y", 3.5)])];
        let result = result(&criteria, &options);
        assert_eq!((result.winner.as_deref(), result.smallest_change, result.fragile), (Some("best"), None, false));
        assert_eq!(self::result(&[criterion("x", 0.0)], &options).winner, None, "no weight, no result");
    }
}
