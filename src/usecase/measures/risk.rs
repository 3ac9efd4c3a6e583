//! What a release carries, beside how earlier deployments fared.

use std::collections::HashSet;

use super::delivery::{Period, facts};
use crate::domain::base::{Calendar, Id, Time};
use crate::domain::measures::arrivals::{Arrival, ArrivalKind};
use crate::domain::measures::delivery::FiguresQuery;
use crate::domain::measures::figures::DeliveryFacts;
use crate::domain::measures::risk::{EarlierDeployments, EarlierKind, ReleaseRisk};
use crate::domain::releases::Release;
use crate::domain::releases::ledger::{Change, Ledger};
use crate::domain::stories::LinkKind;
use crate::error::Result;
use crate::store::releases::ledger;
use crate::store::team::products;
use crate::store::{Conn, releases};

/// How far back earlier deployments are counted, in microseconds.
const BACK: i64 = 180 * Time::DAY;

/// What a release carries, and how earlier deployments fared.
///
/// # Errors
/// 404.
pub fn of_release(conn: &mut Conn, id: Id, now: Time) -> Result<ReleaseRisk> {
    let release = releases::rows::get(conn, id)?;
    let product = products::get(conn, release.product_id)?;
    let calendar = product.calendar();
    let at = release.deployed_at.or(release.train_at).or(release.planned_for).unwrap_or(now);
    let period = Period { from: at.min(now).plus(-BACK), to: at.min(now), days: 180.0 };
    let (facts, _) = facts(conn, &product, &FiguresQuery::default(), period)?;
    let (changes, known_authors) = changes(conn, &release, period)?;
    let authors: HashSet<&String> = changes.iter().flat_map(|change| &change.authors).collect();
    let new_authors = authors.iter().filter(|author| !known_authors.contains(**author)).count();
    let deployed = facts.arrivals.iter().filter(|arrival| arrival.kind == ArrivalKind::Deployed);
    let last = deployed.filter(|arrival| arrival.at < at && arrival.release_id != Some(id)).map(|a| a.at).max();
    let is_open = |over_at: Option<Time>| over_at.is_none_or(|over| over > at.min(now));
    Ok(ReleaseRisk {
        release_id: id,
        stories: release.aboard().count(),
        changes: changes.len(),
        authors: (!authors.is_empty()).then_some(authors.len()),
        new_authors: (!authors.is_empty()).then_some(new_authors),
        at,
        time_zone: calendar.zone.name().to_owned(),
        local_hour: calendar.hour(at),
        weekday: calendar.weekday(at),
        working_day: calendar.is_working_day(at),
        days_since_last: last.map(|last| (at.0 - last.0) as f64 / Time::DAY as f64),
        open_incidents: facts
            .incidents
            .iter()
            .filter(|incident| incident.detected_at <= at && is_open(incident.over_at))
            .count(),
        earlier: earlier(&facts, &calendar, at, changes.len()),
    })
}

/// The changes of the release's stories, and the authors of everything that was pushed before its first change.
fn changes(conn: &mut Conn, release: &Release, period: Period) -> Result<(Vec<Change>, HashSet<String>)> {
    let commits = ledger::commits_since(conn, release.product_id, period.from)?;
    let requests = ledger::requests_since(conn, release.product_id, period.from)?;
    let linked = ledger::linked(conn, &[release.id])?;
    let (own, requested): (Vec<_>, Vec<_>) = linked.into_iter().partition(|link| link.kind == LinkKind::Commit);
    let own: Vec<String> = own.into_iter().map(|link| link.reference).collect();
    let requested: Vec<(String, String)> =
        requested.into_iter().map(|link| (link.repository, link.reference)).collect();
    let book = Ledger::new(commits.clone(), requests);
    let changes = book.named(&own, &requested);
    let first = changes.iter().map(|change| change.committed_at).min();
    let before = commits.into_iter().filter(|commit| first.is_some_and(|first| commit.committed_at < first));
    Ok((changes, before.filter_map(|commit| commit.author).collect()))
}

/// How the deployments before this time fared, by what they have in common with one at this time with so many changes.
fn earlier(facts: &DeliveryFacts, calendar: &Calendar, at: Time, size: usize) -> Vec<EarlierDeployments> {
    let (figures, _) = facts.figures(None);
    let failed: HashSet<Id> = figures.change_fail_rate.rows.iter().map(|row| row.deployment_id).collect();
    let counted =
        |arrival: &&Arrival| arrival.kind == ArrivalKind::Deployed && arrival.at >= facts.from && arrival.at < facts.to;
    let counted: Vec<&Arrival> = facts.arrivals.iter().filter(counted).collect();
    let of_kind = |kind: EarlierKind| {
        let is_of = |arrival: &&&Arrival| match kind {
            EarlierKind::All => true,
            EarlierKind::SameWeekday => calendar.weekday(arrival.at) == calendar.weekday(at),
            EarlierKind::SameHour => {
                let apart = calendar.hour(arrival.at).abs_diff(calendar.hour(at));
                apart.min(24 - apart) <= 2
            }
            EarlierKind::SameSize => facts
                .changes
                .get(&arrival.deployment_id)
                .is_some_and(|changes| size > 0 && changes.len() * 2 >= size && changes.len() <= size * 2),
            EarlierKind::DayOff => !calendar.is_working_day(arrival.at),
        };
        let alike: Vec<&&Arrival> = counted.iter().filter(is_of).collect();
        let failed = alike.iter().filter(|arrival| failed.contains(&arrival.deployment_id)).count();
        EarlierDeployments { kind, deployments: alike.len(), failed }
    };
    EarlierKind::ALL.iter().map(|kind| of_kind(*kind)).collect()
}
