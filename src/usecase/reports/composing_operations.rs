//! What a report says of operations: incidents, open actions, delivery figures and metrics.

use super::composing_frame::Composing;
use crate::domain::base::Paging;
use crate::domain::measures::delivery::{DeliveryFigures, FiguresQuery};
use crate::domain::measures::metric::MetricKind;
use crate::domain::operations::incident::Incident;
use crate::domain::operations::postmortem::action::{ActionQuery, ActionState};
use crate::domain::privacy::redact::redact;
use crate::domain::reports::content::{
    ReportContent, ReportedAction, ReportedDelivery, ReportedFigure, ReportedIncident, ReportedMetric,
};
use crate::domain::reports::period::Span;
use crate::domain::reports::report::ReportSection;
use crate::error::Result;
use crate::store::Conn;
use crate::store::measures::metrics;
use crate::store::operations::{incidents, postmortem_actions};
use crate::usecase::measures::{delivery, reading};

/// The most incidents, actions and metrics.
const MOST: usize = 10;

/// Adds the sections about operations.
pub(super) fn add(conn: &mut Conn, composing: &Composing<'_>, content: &mut ReportContent) -> Result<()> {
    for section in &composing.report.sections {
        match section {
            ReportSection::Incidents => {
                content.incidents = found_incidents(conn, composing)?;
                content.actions = actions(conn, composing)?;
            }
            ReportSection::Delivery => content.delivery = Some(figures(conn, composing)?),
            ReportSection::Metrics => content.metrics = found_metrics(conn, composing)?,
            _ => {}
        }
    }
    Ok(())
}

/// Incidents of the period, and those that are not over; the most severe first.
fn found_incidents(conn: &mut Conn, composing: &Composing<'_>) -> Result<Vec<ReportedIncident>> {
    let product = composing.product.id;
    let mut found = incidents::of_period(conn, product, composing.span.from, composing.span.to)?;
    let open = incidents::unresolved(conn, product)?.into_iter().filter(Incident::is_active);
    let open: Vec<Incident> = open.filter(|one| !found.iter().any(|known| known.id == one.id)).collect();
    found.extend(open);
    found.sort_by_key(|one| (!one.is_active(), one.severity, std::cmp::Reverse(one.opened_at), one.id));
    let minutes = |one: &Incident| {
        let over = one.mitigated_at.or(one.resolved_at)?;
        Some((over.0 - one.detected_at.0).max(0) / (60 * crate::domain::base::Time::SECOND))
    };
    let incident = |one: Incident| ReportedIncident {
        id: one.id,
        minutes: minutes(&one),
        number: one.number,
        title: redact(&one.title),
        severity: one.severity,
        state: one.state,
        opened_at: one.opened_at,
    };
    Ok(found.into_iter().take(MOST).map(incident).collect())
}

/// Open actions of postmortems, overdue ones first.
fn actions(conn: &mut Conn, composing: &Composing<'_>) -> Result<Vec<ReportedAction>> {
    let query = ActionQuery {
        product: Some(composing.product.key.clone()),
        state: Some(ActionState::Open),
        limit: Some(200),
        ..ActionQuery::default()
    };
    let mut found = postmortem_actions::list(conn, &query, &Paging::of("report", &query)?, composing.now)?.data;
    found.sort_by_key(|action| (!action.overdue, action.due_at.is_none(), action.due_at, action.id));
    let action = |action: crate::domain::operations::postmortem::action::PostmortemAction| ReportedAction {
        story_id: action.story_id,
        number: action.story_number,
        title: redact(&action.title),
        incident_number: action.incident_number,
        age_days: action.age_days,
        due_at: action.due_at,
        overdue: action.overdue,
    };
    Ok(found.into_iter().take(MOST).map(action).collect())
}

/// The delivery figures of the period beside those of the period before.
fn figures(conn: &mut Conn, composing: &Composing<'_>) -> Result<ReportedDelivery> {
    let mut of = |span: Span| -> Result<DeliveryFigures> {
        let query = FiguresQuery {
            from: Some(span.from.to_string()),
            to: Some(span.to.to_string()),
            ..FiguresQuery::default()
        };
        delivery::figures(conn, composing.product, &query, composing.now)
    };
    let (now, before) = (of(composing.span)?, of(composing.span.before())?);
    let pair = |value: fn(&DeliveryFigures) -> Option<f64>| ReportedFigure { now: value(&now), before: value(&before) };
    Ok(ReportedDelivery {
        deployments: now.deployment_frequency.n as i64,
        deployments_before: before.deployment_frequency.n as i64,
        lead_hours: pair(|figures| figures.change_lead_time.value),
        fail_rate: pair(|figures| figures.change_fail_rate.value),
        rework_rate: pair(|figures| figures.deployment_rework_rate.value),
        recovery_hours: pair(|figures| figures.failed_deployment_recovery_time.value),
    })
}

/// The metrics of the product that have values, those of the business first.
fn found_metrics(conn: &mut Conn, composing: &Composing<'_>) -> Result<Vec<ReportedMetric>> {
    let all = metrics::of_product(conn, composing.product.id)?;
    let mut found = reading::summaries_of(conn, all, composing.now)?;
    found.retain(|summary| summary.last.is_some());
    found.sort_by_key(|summary| summary.metric.kind != MetricKind::Business);
    let metric = |summary: crate::domain::measures::metric::MetricSummary| ReportedMetric {
        id: summary.metric.id,
        name: redact(&summary.metric.name),
        unit: summary.metric.unit,
        direction: summary.metric.direction,
        target: summary.metric.target,
        last: summary.last.map(|last| last.value),
        last_7_days: summary.trend.map(|trend| trend.last_7_days),
        previous_7_days: summary.trend.map(|trend| trend.previous_7_days),
    };
    Ok(found.into_iter().take(MOST).map(metric).collect())
}
