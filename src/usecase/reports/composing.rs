//! What a report says: computed once, from what is known at that time. Texts that may quote a customer are left out or
//! replaced, since reports leave the team.

use std::collections::HashMap;

use super::composing_frame::Composing;
use super::{composing_operations, composing_work};
use crate::domain::base::{Id, Money, Time};
use crate::domain::reports::content::{
    ReportChanges, ReportContent, ReportedProduct, ReportedTheme, ReportedTodos, ReportedValue,
};
use crate::domain::reports::period::Span;
use crate::domain::reports::report::{ReportSection, StatusReport};
use crate::domain::team::Product;
use crate::domain::themes::ThemeRecord;
use crate::error::Result;
use crate::store::Conn;
use crate::store::feedback::customers;
use crate::store::measures::voice;
use crate::store::operations::{postmortem_actions, postmortems};
use crate::store::reports::facts::{self, Volume};
use crate::store::reports::rows;
use crate::store::{releases, themes};
use crate::usecase::stories::quoting;

/// The most new themes, and the most rising ones.
const MOST_THEMES: usize = 5;
/// A theme rises from this many items on.
const FEWEST: i64 = 3;
/// A theme rises where it has this many times as many items as in the period before.
const RISES: f64 = 1.5;
/// The most accounts.
const MOST_ACCOUNTS: usize = 10;

/// What a report says at this time. Its row need not be stored yet.
pub(in crate::usecase) fn compose(
    conn: &mut Conn,
    product: &Product,
    report: &StatusReport,
    now: Time,
) -> Result<ReportContent> {
    let last = rows::last_like(conn, report)?;
    let only = match report.account_id {
        Some(account) => Some(facts::stories_of_account(conn, account)?.into_keys().collect()),
        None => None,
    };
    let span = Span { from: report.period_from, to: report.period_to };
    let last_to = last.as_ref().map(|(to, _)| *to);
    let composing = Composing { product, report, span, now, last: last.map(|(_, content)| content), only };
    let mut content = ReportContent {
        product: ReportedProduct {
            key: product.key.clone(),
            name: product.name.clone(),
            currency: product.currency.clone(),
            time_zone: product.settings.time_zone.clone(),
        },
        account: match report.account_id {
            Some(id) => Some(customers::account(conn, id)?.name),
            None => None,
        },
        release: match report.release_id {
            Some(id) => releases::rows::names_of(conn, &[id])?.remove(&id),
            None => None,
        },
        ..ReportContent::default()
    };
    content.changes.last_report_to = last_to;
    voice_of(conn, &composing, &mut content)?;
    composing_work::add(conn, &composing, &mut content)?;
    composing_operations::add(conn, &composing, &mut content)?;
    if composing.has(ReportSection::Value) {
        content.value = Some(value(conn, &composing)?);
    }
    if composing.has(ReportSection::Todos) {
        content.todos = todos(conn, &composing)?;
    }
    Ok(content)
}

/// How much was said, and which themes are new or rise.
fn voice_of(conn: &mut Conn, composing: &Composing<'_>, content: &mut ReportContent) -> Result<()> {
    let (now, before) = (composing.said(composing.span), composing.said(composing.span.before()));
    let said = facts::volume(conn, now)?;
    let by_theme = facts::by_theme(conn, now)?;
    let by_theme_before = facts::by_theme(conn, before)?;
    let listed = facts::listed_themes(conn, composing.product.id, composing.span)?;
    let items_before = |id: &Id| by_theme_before.get(id).map_or(0, |volume| volume.items);
    let is_new = |id: &Id| listed.get(id).copied().unwrap_or(false);
    let rises = |id: &Id, items: i64| items >= FEWEST && items as f64 >= items_before(id) as f64 * RISES;
    let known = by_theme.iter().filter(|(id, _)| listed.contains_key(id));
    let (new, old): (Vec<_>, Vec<_>) = known.partition(|(id, _)| is_new(id));
    let rising: Vec<(&Id, &Volume)> = old.into_iter().filter(|(id, volume)| rises(id, volume.items)).collect();
    content.changes = ReportChanges {
        feedback: said.items,
        customers: said.customers,
        feedback_before: facts::volume(conn, before)?.items,
        new_themes: new.len() as i64,
        rising_themes: rising.len() as i64,
        ..content.changes.clone()
    };
    if composing.has(ReportSection::Themes) {
        let mut chosen = first(new, |_, volume| (volume.customers, volume.items));
        chosen.extend(first(rising, |id, volume| (volume.items - items_before(id), volume.customers)));
        let records = themes::rows::rows(conn, &chosen.iter().map(|(id, _)| *id).collect::<Vec<_>>())?;
        let records: HashMap<Id, ThemeRecord> = records.into_iter().map(|record| (record.id, record)).collect();
        for (id, volume) in chosen {
            let Some(record) = records.get(&id) else { continue };
            content.themes.push(ReportedTheme {
                id,
                label: label(conn, record, &composing.report.language)?,
                is_new: is_new(&id),
                items: volume.items,
                items_before: items_before(&id),
                customers: volume.customers,
            });
        }
    }
    Ok(())
}

/// The first of these themes by a rank, highest first.
fn first(themes: Vec<(&Id, &Volume)>, rank: impl Fn(&Id, &Volume) -> (i64, i64)) -> Vec<(Id, Volume)> {
    let mut themes: Vec<(Id, Volume)> = themes.into_iter().map(|(id, volume)| (*id, *volume)).collect();
    themes.sort_by_key(|(id, volume)| (std::cmp::Reverse(rank(id, volume)), *id));
    themes.truncate(MOST_THEMES);
    themes
}

/// The label of a theme for readers of a language; `None` where it may quote a customer.
fn label(conn: &mut Conn, record: &ThemeRecord, language: &str) -> Result<Option<String>> {
    let own = record.labels.get(language);
    let shown = ThemeRecord {
        label: own.map_or_else(|| record.label.clone(), |label| label.text.clone()),
        label_set: own.map_or(record.label_set, |label| label.set),
        ..record.clone()
    };
    Ok(quoting::label_may_leave(conn, &shown)?.then_some(shown.label))
}

/// The money behind the feedback.
fn value(conn: &mut Conn, composing: &Composing<'_>) -> Result<ReportedValue> {
    let currency = &composing.product.currency;
    let mut accounts = facts::accounts(conn, composing.said(composing.span))?;
    let in_it = |account: &crate::domain::reports::content::ReportedAccount| {
        account.value.as_ref().filter(|value| value.currency == *currency).map(|value| value.amount_minor)
    };
    let total = accounts.iter().filter_map(in_it).fold(0_i64, i64::saturating_add);
    let (all, valued) =
        (accounts.len() as i64, accounts.iter().filter(|account| account.value.is_some()).count() as i64);
    let in_currency = accounts.iter().filter(|account| in_it(account).is_some()).count() as i64;
    accounts.sort_by_key(|account| (std::cmp::Reverse(in_it(account)), std::cmp::Reverse(account.items), account.id));
    accounts.truncate(MOST_ACCOUNTS);
    Ok(ReportedValue {
        total: Money { amount_minor: total, currency: currency.clone() },
        accounts: all,
        in_other_currency: valued - in_currency,
        without_value: all - valued,
        top: accounts,
    })
}

/// What waits for somebody.
fn todos(conn: &mut Conn, composing: &Composing<'_>) -> Result<ReportedTodos> {
    use crate::domain::base::Paging;
    use crate::domain::operations::postmortem::PostmortemQuery;
    let product = composing.product;
    let late = PostmortemQuery {
        product: Some(product.key.clone()),
        overdue: Some(true),
        limit: Some(200),
        ..PostmortemQuery::default()
    };
    let late = postmortems::list(conn, &late, &Paging::of("report", &late)?, composing.now)?.data;
    Ok(ReportedTodos {
        drafts: facts::open_drafts(conn, product.id, composing.only.as_ref())?,
        to_tell: voice::waiting(conn, product.id)?,
        postmortems: late.len() as i64,
        actions: postmortem_actions::counts(conn, Some(&product.key), composing.now)?.overdue,
    })
}
