//! Properties of the formula and of its explanations.

use proptest::prelude::*;
use proptest::sample::select;

use super::*;

fn evidence() -> impl Strategy<Value = Evidence> {
    let severities =
        any::<[u32; 4]>().prop_map(|[low, medium, high, critical]| Severities { low, medium, high, critical });
    (any::<[u32; 5]>(), severities, any::<f64>(), any::<f32>()).prop_map(|(n, severities, mean_rating, cohesion)| {
        Evidence {
            customers_in_90_days: n[0],
            items_without_customer_in_90_days: n[1],
            ratings: n[2],
            independent_customers: n[3],
            further_votes_in_90_days: n[4],
            latest_feedback: None,
            severities,
            mean_rating,
            cohesion,
            ..Evidence::default()
        }
    })
}

/// The weights of a product that uses RICE alone.
fn none() -> ScoreWeights {
    ScoreWeights::default()
}

fn anything() -> impl Strategy<Value = SetFactors> {
    any::<[Option<f64>; 4]>().prop_map(|[reach, impact, confidence, effort]| SetFactors {
        reach,
        impact,
        confidence,
        effort,
    })
}

fn good() -> impl Strategy<Value = SetFactors> {
    let share = prop::option::of(0.0..=1.0);
    (prop::option::of(0.0..1e6), prop::option::of(select(&IMPACTS)), share, prop::option::of(0.5..100.0))
        .prop_map(|(reach, impact, confidence, effort)| SetFactors { reach, impact, confidence, effort })
}

proptest! {
    #[test]
    fn a_score_is_a_number_whatever_is_known_or_set(evidence in evidence(), set in anything()) {
        let priority = rice(&evidence, &set, &none());
        prop_assert!(priority.score.is_finite() && priority.score >= 0.0 && priority.score.is_sign_positive());
        prop_assert!(IMPACTS.contains(&priority.factors.impact.value));
        prop_assert!(priority.factors.effort.value >= MIN_EFFORT);
    }

    #[test]
    fn a_set_factor_survives_new_evidence(before in evidence(), after in evidence(), set in good()) {
        prop_assert_eq!(check(&set), Ok(()));
        for factors in [rice(&before, &set, &none()).factors, rice(&after, &set, &none()).factors] {
            let pairs = [(factors.reach, set.reach), (factors.impact, set.impact),
                (factors.confidence, set.confidence), (factors.effort, set.effort)];
            for (factor, set) in pairs {
                prop_assert_eq!(factor.source == FactorSource::Set, set.is_some());
                prop_assert!(set.is_none_or(|value| value == factor.value));
            }
        }
    }

    #[test]
    fn more_customers_never_lower_a_score(evidence in evidence(), more in any::<u32>(), set in good()) {
        let mut grown = evidence.clone();
        grown.customers_in_90_days = evidence.customers_in_90_days.saturating_add(more);
        grown.independent_customers = evidence.independent_customers.saturating_add(more);
        prop_assert!(rice(&grown, &set, &none()).score >= rice(&evidence, &set, &none()).score);
    }

    #[test]
    fn a_worse_severity_never_lowers_the_impact(evidence in evidence()) {
        let mut worse = evidence.clone();
        worse.severities.critical = worse.severities.critical.saturating_add(worse.severities.low);
        worse.severities.low = 0;
        prop_assume!(worse.severities.critical < u32::MAX);
        prop_assert!(impact(&worse).value >= impact(&evidence).value);
    }

    #[test]
    fn more_effort_never_raises_a_score(evidence in evidence(), set in good(), effort in 0.5..50.0, more in 0.0..50.0) {
        let at = |effort| rice(&evidence, &SetFactors { effort: Some(effort), ..set }, &none()).score;
        prop_assert!(at(effort + more) <= at(effort));
    }
}

#[test]
fn derived_severities_count_one_step_less_and_only_where_nobody_gave_one() {
    let severities = |low, high, critical| Severities { low, medium: 0, high, critical };
    let with =
        |severities, derived_severities| impact(&Evidence { severities, derived_severities, ..Evidence::default() });
    let none = Severities::default();
    assert_eq!(with(none, severities(0, 0, 1)).value, 2.0);
    assert_eq!(with(none, severities(3, 0, 1)).value, 2.0);
    assert_eq!(with(none, severities(0, 2, 0)).value, 1.0);
    assert_eq!(with(none, severities(9, 0, 0)).value, 1.0, "a small problem by its words alone is still a problem");
    assert_eq!(with(severities(4, 0, 0), severities(0, 0, 9)).value, 0.5, "what people gave decides");
    let because = with(none, severities(1, 2, 1)).because;
    assert_eq!(because, "By their words 1 of 4 problems are critical; as nobody set it, this counts one step less.");
}

#[test]
fn each_factor_quotes_its_numbers() {
    let evidence = Evidence {
        customers_in_90_days: 12,
        items_without_customer_in_90_days: 1,
        further_votes_in_90_days: 0,
        latest_feedback: Some("2026-11-22".into()),
        severities: Severities { low: 4, medium: 1, high: 2, critical: 1 },
        ratings: 4,
        mean_rating: 2.25,
        independent_customers: 14,
        cohesion: 0.42,
        ..Evidence::default()
    };
    let priority = rice(&evidence, &SetFactors { effort: Some(2.0), ..Default::default() }, &none());
    let json = serde_json::to_value(&priority).unwrap();
    let expected = serde_json::json!({
        "method": "rice",
        "score": 10.4,
        "factors": {
            "reach": {"value": 13.0, "source": "derived",
                "because": "12 customers and 1 item without a customer in the 90 days up to 2026-11-22."},
            "impact": {"value": 2.0, "source": "derived",
                "because": "3 of 8 items with a severity are high or worse. The mean of 4 ratings is 2.2 of 5 stars."},
            "confidence": {"value": 0.8, "source": "derived",
                "because": "14 customers independently; cohesion 0.42 of 1."},
            "effort": {"value": 2.0, "source": "set",
                "because": "Set by a person; otherwise 1: Nobody has estimated it yet: 1 person-month is assumed."},
        },
    });
    assert_eq!(json, expected);
}

#[test]
fn every_wrong_factor_is_named() {
    let wrong = SetFactors { reach: Some(-1.0), impact: Some(4.0), confidence: Some(f64::NAN), effort: Some(0.4) };
    let fields: Vec<_> = check(&wrong).unwrap_err().into_iter().map(|wrong| wrong.field).collect();
    assert_eq!(fields, ["reach", "impact", "confidence", "effort"]);
    let by = |set: &SetFactors| rice(&Evidence::default(), set, &none());
    assert_eq!(by(&wrong), by(&SetFactors::default()));
}

fn opinions() -> impl Strategy<Value = Opinions> {
    (0..1_000_u32, 0..1_000_u32, 0..1_000_u32).prop_map(|(detractors, others, unknown)| Opinions {
        customers: detractors + others + unknown,
        known: detractors + others,
        detractors,
    })
}

fn account_value() -> impl Strategy<Value = AccountValue> {
    (0.0..1e15, 0.0..1e17, any::<[u32; 3]>()).prop_map(|(minor, others, n)| AccountValue {
        currency: "USD".to_owned(),
        accounts: n[0],
        minor,
        in_other_currency: n[1],
        without_value: n[2],
        of_all_minor: minor + others,
    })
}

fn weights() -> impl Strategy<Value = ScoreWeights> {
    (0.0..=10.0, 0.0..=10.0).prop_map(|(detractors, account_value)| ScoreWeights { detractors, account_value })
}

fn everything() -> impl Strategy<Value = Evidence> {
    (evidence(), opinions(), account_value()).prop_map(|(evidence, opinions, account_value)| Evidence {
        opinions,
        account_value,
        ..evidence
    })
}

proptest! {
    #[test]
    fn without_weights_the_score_is_that_of_rice_alone(evidence in everything(), set in good()) {
        let alone = Evidence { opinions: Opinions::default(), account_value: AccountValue::default(), ..evidence.clone() };
        let priority = rice(&evidence, &set, &none());
        prop_assert_eq!(&priority, &rice(&alone, &set, &none()));
        let shown = serde_json::to_value(&priority.factors).unwrap();
        let mut names: Vec<&str> = shown.as_object().unwrap().keys().map(String::as_str).collect();
        names.sort_unstable();
        prop_assert_eq!(names, ["confidence", "effort", "impact", "reach"]);
    }

    #[test]
    fn weighted_factors_stay_in_their_bounds_and_explain_the_score(evidence in everything(), set in good(), weights in weights()) {
        let (with, without) = (rice(&evidence, &set, &weights), rice(&evidence, &set, &none()));
        let factors = &with.factors;
        let mut multiplier = 1.0;
        for (factor, weight) in
            [(&factors.detractors, weights.detractors), (&factors.account_value, weights.account_value)]
        {
            prop_assert_eq!(factor.is_some(), weight > 0.0);
            let Some(factor) = factor else { continue };
            prop_assert!((0.0..=1.0).contains(&factor.value) && factor.weight == weight);
            prop_assert!((1.0..=1.0 + weight + 1e-4).contains(&factor.multiplier));
            multiplier *= factor.multiplier;
        }
        prop_assert!(with.score >= without.score);
        let expected = without.score * multiplier;
        prop_assert!((with.score - expected).abs() <= 0.01 + expected * 1e-6, "{} {expected}", with.score);
    }

    #[test]
    fn more_detractors_never_lower_a_score(evidence in everything(), more in 1..100_u32, set in good(), weights in weights()) {
        let weights = ScoreWeights { detractors: weights.detractors.max(0.1), ..weights };
        let score = |opinions| rice(&Evidence { opinions, ..evidence.clone() }, &set, &weights).score;
        let (was, Opinions { customers, known, detractors }) = (evidence.opinions, evidence.opinions);
        // Some customers become detractors, some without a known opinion become detractors, or further detractors are
        // added.
        let turned = Opinions { detractors: (detractors + more).min(known), ..was };
        let come = Opinions { customers: customers + more, known: known + more, detractors: detractors + more };
        prop_assert!(score(turned) >= score(was));
        prop_assert!(score(come) >= score(was));
        let value = |opinions: &Opinions| super::weights::detractors(opinions, 1.0).unwrap().value;
        let [one, none] = [1, 0].map(|detractors| Opinions { detractors, known: 2, customers });
        prop_assert!(value(&one) > value(&none));
    }

    #[test]
    fn what_is_not_known_counts_neither_way(opinions in opinions(), more in any::<u16>()) {
        let value = |opinions: &Opinions| super::weights::detractors(opinions, 1.0).unwrap().value;
        let unknown = Opinions { customers: opinions.customers + u32::from(more), ..opinions };
        prop_assert_eq!(value(&opinions), value(&unknown));
    }

    #[test]
    fn more_value_never_lowers_a_score(evidence in everything(), more in 1.0..1e15_f64, set in good(), weights in weights()) {
        let weights = ScoreWeights { account_value: weights.account_value.max(0.1), ..weights };
        let score = |account_value| rice(&Evidence { account_value, ..evidence.clone() }, &set, &weights).score;
        let was = evidence.account_value.clone();
        // The same accounts pay more, or an account with feedback on other topics now has feedback on this one.
        let pays = AccountValue { minor: was.minor + more, of_all_minor: was.of_all_minor + more, ..was.clone() };
        let speaks = AccountValue { minor: (was.minor + more).min(was.of_all_minor), ..was.clone() };
        prop_assert!(score(pays) >= score(was.clone()));
        prop_assert!(score(speaks) >= score(was));
    }
}

#[test]
fn weighted_factors_quote_their_numbers_and_what_they_leave_out() {
    let evidence = Evidence {
        customers_in_90_days: 10,
        independent_customers: 10,
        cohesion: 0.6,
        opinions: Opinions { customers: 12, known: 5, detractors: 2 },
        account_value: AccountValue {
            currency: "EUR".to_owned(),
            accounts: 3,
            minor: 12_000_050.0,
            in_other_currency: 1,
            without_value: 2,
            of_all_minor: 50_000_000.0,
        },
        ..Evidence::default()
    };
    let weights = ScoreWeights { detractors: 0.5, account_value: 2.0 };
    let priority = rice(&evidence, &SetFactors::default(), &weights);
    assert_eq!(priority.score, 17.76, "10 x 1 x 1 / 1 x 1.2 x 1.48");
    let json = serde_json::to_value(&priority.factors).unwrap();
    let expected = serde_json::json!({"value": 0.4, "weight": 0.5, "multiplier": 1.2, "source": "derived",
        "because": "5 of 12 customers gave an NPS or a rating; 2 of these 5 are detractors (NPS 0 to 6, or 1 to 2 stars)."});
    assert_eq!(json["detractors"], expected);
    let expected = serde_json::json!({"value": 0.24, "weight": 2.0, "multiplier": 1.48, "source": "derived",
        "because": "3 accounts behind it: 120,001 EUR a year, of 500,000 EUR of all accounts that said something about the product. Not counted: 1 in another currency and 2 without an annual value."});
    assert_eq!(json["account_value"], expected);

    let nothing = rice(&Evidence::default(), &SetFactors::default(), &weights).factors;
    let because = |factor: Option<WeightedFactor>| factor.map(|f| (f.multiplier, f.because)).unwrap();
    assert_eq!(
        because(nothing.detractors),
        (1.0, "None of 0 customers gave an NPS or a rating: it changes nothing.".into())
    );
    assert_eq!(because(nothing.account_value).0, 1.0);
}

#[test]
fn factors_of_earlier_versions_are_read() {
    let factor = serde_json::json!({ "value": 1.0, "source": "derived", "because": "So it is." });
    let stored = serde_json::json!({ "reach": factor, "impact": factor, "confidence": factor, "effort": factor });
    let read: Factors = serde_json::from_value(stored.clone()).unwrap();
    assert_eq!((read.detractors.as_ref(), read.account_value.as_ref()), (None, None));
    assert_eq!(serde_json::to_value(&read).unwrap(), stored);
}
