//! The five delivery figures as short cards, for their page and for the dashboard.

use crate::domain::measures::delivery::{Band, DeliveryFigures};
use crate::http::console::base::shell::Shell;

/// A figure in a card.
pub struct FigureCard {
    pub id: &'static str,
    pub title: String,
    pub value: String,
    /// What the value is of.
    pub about: String,
    pub band: Option<String>,
}

/// Hours as people say them: minutes, hours or days.
pub fn duration(shell: &Shell, hours: f64) -> String {
    match hours {
        hours if hours < 1.0 => shell.t.dlv_minutes(shell.number(&(hours * 60.0).round())),
        hours if hours < 48.0 => shell.t.dlv_hours(shell.number(&((hours * 10.0).round() / 10.0))),
        hours => shell.t.dlv_days(shell.number(&((hours / 2.4).round() / 10.0))),
    }
}

/// The five figures.
pub fn cards(shell: &Shell, delivery: &DeliveryFigures) -> Vec<FigureCard> {
    let t = shell.t;
    let none = || "–".to_owned();
    let percent = |value: Option<f64>| {
        value.map(|value| format!("{} %", shell.number(&((value * 1000.0).round() / 10.0)))).unwrap_or_else(none)
    };
    let time = |value: Option<f64>| value.map(|hours| duration(shell, hours)).unwrap_or_else(none);
    let card = |id: &'static str, value: String, about: String, band: Option<Band>| FigureCard {
        id,
        title: t.named("dlv", id),
        value,
        about,
        band: band.map(|band| t.named("band", band.as_str())),
    };
    let frequency = &delivery.deployment_frequency;
    let lead = &delivery.change_lead_time;
    let fail = &delivery.change_fail_rate;
    let rework = &delivery.deployment_rework_rate;
    let recovery = &delivery.failed_deployment_recovery_time;
    let daily = frequency.value.map(|value| t.dlv_a_day(shell.number(&value))).unwrap_or_else(none);
    vec![
        card("frequency", daily, t.dlv_frequency_of(frequency.n, frequency.deployment_days), frequency.band),
        card("lead", time(lead.value), t.dlv_lead_of(lead.n, lead.unknown), lead.band),
        card("fail", percent(fail.value), t.dlv_part_of(fail.failed, fail.n), fail.band),
        card("rework", percent(rework.value), t.dlv_part_of(rework.unplanned, rework.n), None),
        card("recovery", time(recovery.value), t.dlv_recovery_of(recovery.n, recovery.open), recovery.band),
    ]
}
