//! Figures of incidents.

use std::collections::{BTreeMap, HashMap};

use crate::domain::base::{Id, Time};
use crate::domain::operations::figures::{IncidentFigures, IncidentFiguresQuery, Spread, TeamPair};
use crate::domain::operations::hand_off::{HandOff, HandOffReason, HandOffState};
use crate::error::{Error, Result};
use crate::store::Conn;
use crate::store::operations::{hand_offs, incident_links, incidents, tellings};
use crate::usecase::releases::planning::product_of;

/// The period where none is given.
const PERIOD: i64 = 90 * Time::DAY;

/// The figures of the incidents that a product opened in a period.
///
/// # Errors
/// 422 for an unknown product, or a period that ends before it begins.
pub fn of(conn: &mut Conn, query: &IncidentFiguresQuery, now: Time) -> Result<IncidentFigures> {
    let product = product_of(conn, query.product.as_deref())?.id;
    let to = query.to.unwrap_or(now);
    let from = query.from.unwrap_or(to.plus(-PERIOD));
    if from >= to {
        return Err(Error::field("/from", "too_large", "must be before `to`"));
    }
    let opened = incidents::of_period(conn, product, from, to)?;
    let fixes: HashMap<Id, Time> = incident_links::fixes(conn, product, from, to)?.into_iter().collect();
    let offers = Passed::of(&hand_offs::of_period(conn, product, from, to)?);
    let since_opening = |end: &dyn Fn(usize) -> Option<Time>| {
        let minutes = opened.iter().enumerate().filter_map(|(n, one)| Some(minutes(one.opened_at, end(n)?)));
        Spread::of(minutes.collect())
    };
    let incidents = i64::try_from(opened.len()).unwrap_or(i64::MAX);
    Ok(IncidentFigures {
        product_id: product,
        from,
        to,
        incidents,
        finger_pointing_index: (incidents > 0).then(|| offers.bounces as f64 / incidents as f64),
        bounces: offers.bounces,
        ping_pongs: offers.ping_pongs,
        hours_to_acceptance: Spread::of(offers.hours),
        pairs: offers.pairs,
        shift_hand_overs: offers.shift_hand_overs,
        escalations: offers.escalations,
        time_to_own: since_opening(&|n| opened[n].acknowledged_at),
        time_to_diagnose: since_opening(&|n| opened[n].diagnosed_at),
        time_to_mitigate: since_opening(&|n| opened[n].mitigated_at),
        time_to_fix: since_opening(&|n| fixes.get(&opened[n].id).copied()),
        customers_told: tellings::told_in(conn, product, from, to)?,
    })
}

/// Minutes between two times; none where the later one comes first, as in a diagnosis entered for an earlier time.
fn minutes(from: Time, to: Time) -> f64 {
    to.0.saturating_sub(from.0).max(0) as f64 / (60 * Time::SECOND) as f64
}

/// How often incidents were passed on.
#[derive(Debug, Default)]
struct Passed {
    bounces: i64,
    ping_pongs: i64,
    hours: Vec<f64>,
    pairs: Vec<TeamPair>,
    shift_hand_overs: i64,
    escalations: i64,
}

impl Passed {
    fn of(offers: &[HandOff]) -> Self {
        let mut passed = Passed::default();
        let mut pairs: BTreeMap<(String, String), i64> = BTreeMap::new();
        for offer in offers {
            let is_accepted = offer.state == HandOffState::Accepted;
            let is_open = matches!(offer.state, HandOffState::Offered | HandOffState::Withdrawn);
            match offer.reason {
                HandOffReason::ShiftEnd => passed.shift_hand_overs += i64::from(is_accepted),
                HandOffReason::Escalated => passed.escalations += i64::from(is_accepted),
                _ if is_open => {}
                _ => {
                    passed.bounces += 1;
                    passed.ping_pongs += i64::from(is_accepted && offer.is_back);
                    *pairs.entry((offer.from_team.clone(), offer.to_team.clone())).or_default() += 1;
                    let ended = offer.ended_at.filter(|_| is_accepted);
                    passed.hours.extend(ended.map(|ended| minutes(offer.offered_at, ended) / 60.0));
                }
            }
        }
        passed.pairs = pairs.into_iter().map(|((from, to), bounces)| TeamPair { from, to, bounces }).collect();
        passed.pairs.sort_by_key(|pair| -pair.bounces);
        passed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offer(reason: HandOffReason, state: HandOffState, is_back: bool) -> HandOff {
        HandOff {
            id: Id::next(),
            incident_id: Id::next(),
            from_id: Id::next(),
            to_id: Id::next(),
            reason,
            text: None,
            state,
            offered_by: None,
            offered_at: Time(0),
            expires_at: Time(0),
            ended_at: Some(Time(1_800 * Time::SECOND)),
            from_team: "payments".to_owned(),
            to_team: "platform".to_owned(),
            is_back,
        }
    }

    #[test]
    fn planned_hand_overs_and_open_offers_are_no_bounces() {
        let passed = Passed::of(&[
            offer(HandOffReason::NotMine, HandOffState::Accepted, false),
            offer(HandOffReason::NotMine, HandOffState::Accepted, true),
            offer(HandOffReason::NeedSkill, HandOffState::Returned, false),
            offer(HandOffReason::Other, HandOffState::Declined, true),
            offer(HandOffReason::Other, HandOffState::Offered, false),
            offer(HandOffReason::Other, HandOffState::Withdrawn, false),
            offer(HandOffReason::ShiftEnd, HandOffState::Accepted, false),
            offer(HandOffReason::Escalated, HandOffState::Accepted, false),
        ]);
        assert_eq!((passed.bounces, passed.ping_pongs, passed.hours), (4, 1, vec![0.5, 0.5]));
        assert_eq!((passed.shift_hand_overs, passed.escalations), (1, 1));
        assert_eq!(passed.pairs.len(), 1);
        assert_eq!(passed.pairs[0].bounces, 4);
    }
}
