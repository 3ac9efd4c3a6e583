//! The clocks of a breach: who must be told by when, by the law of each country.
//!
//! Korea (act on personal information, in force from 2026-09-11): persons within 72 hours of knowing, and without delay
//! where a breach is only possible; the authority within 72 hours from 1,000 persons, or for sensitive or identification
//! data, or where somebody got in from outside. Europe (articles 33 and 34): the authority within 72 hours unless a risk is
//! unlikely; persons without undue delay where the risk is high.

use serde::Serialize;
use utoipa::ToSchema;

use super::{BreachFacts, BreachNotice, NoticeAudience};
use crate::domain::base::Time;
use crate::domain::privacy::person_request::legal_clock::is_european;

/// The time in which authorities and persons are told, in microseconds.
const HOURS_72: i64 = 72 * 3_600 * Time::SECOND;
/// From how many persons on the Korean authority is told.
const MANY: i32 = 1_000;

crate::domain::names! {
    /// Why somebody must be told, or need not be.
    pub enum DutyReason {
        Always "always", Possible "possible", ManyPersons "many_persons", CountUnknown "count_unknown",
        SensitiveData "sensitive_data", IdentificationData "identification_data", OutsideAccess "outside_access",
        Risk "risk", HighRisk "high_risk", BelowThreshold "below_threshold", RiskUnlikely "risk_unlikely",
        NoHighRisk "no_high_risk", UnknownLaw "unknown_law",
    }
}

crate::domain::names! {
    /// How a duty stands. `partly`: a first notice was sent in time, and is to be completed. `late`: a notice was sent, but
    /// after it was due. `ask`: Hearback does not know the law of this country.
    pub enum DutyState {
        NotRequired "not_required", Due "due", Overdue "overdue", Partly "partly", Met "met", Late "late", Ask "ask",
    }
}

/// Who must be told by when, by the law of one country.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct BreachDuty {
    #[schema(example = "KR")]
    pub country: String,
    #[schema(inline)]
    pub audience: NoticeAudience,
    pub required: bool,
    #[schema(inline)]
    pub because: DutyReason,
    /// Until when; `null` where the law says "without undue delay" only, or nobody need be told.
    pub due_at: Option<Time>,
    /// Whether the law asks for no delay, whatever `due_at` says.
    pub without_delay: bool,
    #[schema(inline)]
    pub state: DutyState,
}

impl BreachDuty {
    /// Whether somebody still has to do something.
    pub fn is_open(&self) -> bool {
        matches!(self.state, DutyState::Due | DutyState::Overdue | DutyState::Partly | DutyState::Ask)
    }
}

/// What the law of a country asks for.
struct Asked {
    required: bool,
    because: DutyReason,
    without_delay: bool,
    /// Whether there is a time limit of 72 hours.
    is_timed: bool,
}

impl Asked {
    fn within_72_hours(because: DutyReason) -> Self {
        Self { required: true, because, without_delay: false, is_timed: true }
    }

    fn without_delay(because: DutyReason, is_timed: bool) -> Self {
        Self { required: true, because, without_delay: true, is_timed }
    }

    fn no(because: DutyReason) -> Self {
        Self { required: false, because, without_delay: false, is_timed: false }
    }
}

/// The duties of a breach, by the order of its countries.
pub fn duties(facts: &BreachFacts, notices: &[BreachNotice], now: Time) -> Vec<BreachDuty> {
    let mut laws: Vec<&str> = Vec::new();
    for country in &facts.countries {
        // One regulation holds in all of Europe: one authority is told in the name of all.
        let law = if is_european(country) { "EU" } else { country.as_str() };
        if !laws.contains(&law) {
            laws.push(law);
        }
    }
    let both = [NoticeAudience::Persons, NoticeAudience::Authority];
    laws.iter().flat_map(|law| both.map(|audience| duty(law, audience, facts, notices, now))).collect()
}

fn duty(
    country: &str,
    audience: NoticeAudience,
    facts: &BreachFacts,
    notices: &[BreachNotice],
    now: Time,
) -> BreachDuty {
    let asked = match (country, audience) {
        ("KR", NoticeAudience::Persons) => korean_persons(facts),
        ("KR", NoticeAudience::Authority) => korean_authority(facts),
        ("EU", NoticeAudience::Persons) => european_persons(facts),
        ("EU", NoticeAudience::Authority) => european_authority(facts),
        _ => Asked::without_delay(DutyReason::UnknownLaw, false),
    };
    let since = facts.known_at.or(facts.possible_at);
    let due_at = since.filter(|_| asked.is_timed).map(|since| since.plus(HOURS_72));
    let same_law =
        |notice: &&BreachNotice| notice.country == country || (country == "EU" && is_european(&notice.country));
    let own: Vec<&BreachNotice> = notices.iter().filter(same_law).filter(|one| one.audience == audience).collect();
    let state = state(&asked, due_at, &own, now);
    BreachDuty {
        country: country.to_owned(),
        audience,
        required: asked.required,
        because: asked.because,
        due_at,
        without_delay: asked.without_delay,
        state,
    }
}

fn state(asked: &Asked, due_at: Option<Time>, own: &[&BreachNotice], now: Time) -> DutyState {
    let is_late = |time: Time| due_at.is_some_and(|due| time > due);
    let first = own.iter().map(|notice| notice.sent_at).min();
    match first {
        // A notice in phases is in time if the first one was.
        Some(first) if is_late(first) => DutyState::Late,
        Some(_) if own.iter().all(|notice| !notice.is_final) => DutyState::Partly,
        Some(_) => DutyState::Met,
        None if !asked.required => DutyState::NotRequired,
        None if asked.because == DutyReason::UnknownLaw => DutyState::Ask,
        None if is_late(now) => DutyState::Overdue,
        None => DutyState::Due,
    }
}

fn korean_persons(facts: &BreachFacts) -> Asked {
    match facts.known_at {
        Some(_) => Asked::within_72_hours(DutyReason::Always),
        None => Asked::without_delay(DutyReason::Possible, true),
    }
}

fn korean_authority(facts: &BreachFacts) -> Asked {
    let because = match facts {
        BreachFacts { sensitive_data: true, .. } => DutyReason::SensitiveData,
        BreachFacts { identification_data: true, .. } => DutyReason::IdentificationData,
        BreachFacts { outside_access: true, .. } => DutyReason::OutsideAccess,
        BreachFacts { person_count: Some(count), .. } if *count >= MANY => DutyReason::ManyPersons,
        // It may be 1,000: until somebody knows, the clock runs.
        BreachFacts { person_count: None, .. } => DutyReason::CountUnknown,
        _ => return Asked::no(DutyReason::BelowThreshold),
    };
    Asked::within_72_hours(because)
}

fn european_authority(facts: &BreachFacts) -> Asked {
    match facts.risk_unlikely && !facts.high_risk {
        true => Asked::no(DutyReason::RiskUnlikely),
        false => Asked::within_72_hours(DutyReason::Risk),
    }
}

fn european_persons(facts: &BreachFacts) -> Asked {
    match facts.high_risk {
        true => Asked::without_delay(DutyReason::HighRisk, false),
        false => Asked::no(DutyReason::NoHighRisk),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::base::Id;
    use serde_json::json;

    const HOUR: i64 = 3_600 * Time::SECOND;

    fn known() -> Time {
        Time::parse("2026-09-11T03:00:00Z").unwrap()
    }

    fn facts(more: serde_json::Value) -> BreachFacts {
        let mut all = json!({ "title": "x", "known_at": known(), "countries": ["KR", "EU"], "person_count": 999 });
        all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        serde_json::from_value(all).unwrap()
    }

    fn notice(country: &str, audience: NoticeAudience, hours: i64, is_final: bool) -> BreachNotice {
        BreachNotice {
            id: Id::next(),
            country: country.to_owned(),
            audience,
            is_final,
            sent_at: known().plus(hours * HOUR),
            person_count: None,
            how: "mail".to_owned(),
            reference: None,
            letter_hash: None,
            recorded_by: None,
            recorded_at: known(),
        }
    }

    /// The duty of a country toward an audience: whether it is required, why, after how many hours, and its state.
    fn of(
        facts: &BreachFacts,
        country: &str,
        audience: NoticeAudience,
        notices: &[BreachNotice],
        hours: i64,
    ) -> String {
        let all = duties(facts, notices, known().plus(hours * HOUR));
        let duty = all.into_iter().find(|one| one.country == country && one.audience == audience).unwrap();
        let due = duty.due_at.map(|due| (due.0 - known().0) / HOUR);
        format!("{} {} {due:?} {}", duty.required, duty.because, duty.state)
    }

    #[test]
    fn korea_tells_persons_always_and_the_authority_from_a_threshold() {
        use NoticeAudience::{Authority, Persons};
        let few = facts(json!({}));
        assert_eq!(of(&few, "KR", Persons, &[], 0), "true always Some(72) due");
        assert_eq!(of(&few, "KR", Authority, &[], 0), "false below_threshold None not_required");
        for (more, because) in [
            (json!({ "person_count": 1000 }), "many_persons"),
            (json!({ "person_count": null }), "count_unknown"),
            (json!({ "sensitive_data": true }), "sensitive_data"),
            (json!({ "identification_data": true }), "identification_data"),
            (json!({ "outside_access": true }), "outside_access"),
        ] {
            let found = of(&facts(more), "KR", Authority, &[], 0);
            assert_eq!(found, format!("true {because} Some(72) due"));
        }
    }

    #[test]
    fn a_possible_breach_is_told_to_persons_in_korea_without_delay() {
        let possible = facts(json!({ "known_at": null, "possible_at": known() }));
        let all = duties(&possible, &[], known());
        let persons = &all[0];
        assert!(persons.without_delay && persons.because == DutyReason::Possible, "{persons:?}");
        assert_eq!(persons.due_at, Some(known().plus(72 * HOUR)));
    }

    #[test]
    fn europe_tells_the_authority_unless_a_risk_is_unlikely_and_persons_where_it_is_high() {
        use NoticeAudience::{Authority, Persons};
        assert_eq!(of(&facts(json!({})), "EU", Authority, &[], 0), "true risk Some(72) due");
        assert_eq!(of(&facts(json!({})), "EU", Persons, &[], 0), "false no_high_risk None not_required");
        let unlikely = facts(json!({ "risk_unlikely": true }));
        assert_eq!(of(&unlikely, "EU", Authority, &[], 0), "false risk_unlikely None not_required");
        let high = facts(json!({ "high_risk": true, "risk_unlikely": true }));
        assert_eq!(of(&high, "EU", Persons, &[], 0), "true high_risk None due");
        assert_eq!(of(&high, "EU", Authority, &[], 0), "true risk Some(72) due");
    }

    #[test]
    fn the_clock_runs_out_after_72_hours_to_the_second() {
        use NoticeAudience::Authority;
        let facts = facts(json!({}));
        assert_eq!(of(&facts, "EU", Authority, &[], 72), "true risk Some(72) due");
        assert_eq!(of(&facts, "EU", Authority, &[], 73), "true risk Some(72) overdue");
        assert_eq!(of(&facts, "EU", Authority, &[notice("EU", Authority, 72, true)], 99), "true risk Some(72) met");
        assert_eq!(of(&facts, "EU", Authority, &[notice("EU", Authority, 73, true)], 99), "true risk Some(72) late");
    }

    #[test]
    fn a_first_phase_in_time_is_in_time_and_still_to_be_completed() {
        use NoticeAudience::Authority;
        let facts = facts(json!({}));
        let first = notice("DE", Authority, 70, false);
        let last = notice("EU", Authority, 200, true);
        assert_eq!(of(&facts, "EU", Authority, std::slice::from_ref(&first), 99), "true risk Some(72) partly");
        assert_eq!(of(&facts, "EU", Authority, &[first, last], 300), "true risk Some(72) met");
    }

    #[test]
    fn the_states_of_europe_are_one_and_a_law_that_is_not_known_is_asked_for() {
        let facts = facts(json!({ "countries": ["DE", "FR", "US"] }));
        let all = duties(&facts, &[], known());
        let countries: Vec<&str> = all.iter().map(|duty| duty.country.as_str()).collect();
        assert_eq!(countries, ["EU", "EU", "US", "US"]);
        assert!(all[2..].iter().all(|duty| duty.state == DutyState::Ask), "{all:?}");
    }
}
