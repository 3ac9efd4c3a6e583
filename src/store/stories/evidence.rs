//! Counts of the evidence of stories (see `story_items.rs` for what counts as evidence).
//!
//! Grouped feedback is selected by "has a theme and is not dismissed", which lets SQLite use the index on themes. For
//! `state = 'grouped'` it would scan the index on states, which covers all feedback.

use std::collections::{HashMap, HashSet};

use diesel::dsl::{avg, count, count_star, exists, sql, sum};
use diesel::sql_types::BigInt;

use crate::domain::base::{Id, Time};
use crate::domain::feedback::{FeedbackRecord, Kind, Severity, State};
use crate::domain::stories::priority::{Evidence, Severities};
use crate::error::Result;
use crate::store::Tx;
use crate::store::base::conn::Conn;
use crate::store::base::query::*;
use crate::store::base::types::{DbId, DbTime, TimeSql, name};
use crate::store::feedback::feedback_row::{FeedbackRow, records};
use crate::store::schema::{feedback, story_items, themes};

/// The counted evidence of a story.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CountedEvidence {
    /// Its current feedback that is not dismissed.
    pub items: u32,
    /// The inputs of its priority, without `latest_feedback` and the values of [`super::weighted`].
    pub evidence: Evidence,
}

/// Counts the evidence of these stories; the window of reach begins at `since`. Stories without evidence are left out.
pub fn of_stories(conn: &mut Conn, stories: &[Id], since: Time) -> Result<HashMap<Id, CountedEvidence>> {
    let since = DbTime(since);
    let with_severity =
        |severity: Severity| sql::<BigInt>(&format!("COUNT(CASE WHEN feedback.severity = '{severity}' THEN 1 END)"));
    let derived = |severity: Severity| {
        sql::<BigInt>(&format!(
            "COUNT(CASE WHEN feedback.severity IS NULL AND feedback.impression LIKE '% {severity}' THEN 1 END)"
        ))
    };
    let rows: Vec<Columns> = story_items::table
        .inner_join(feedback::table.on(feedback::id.eq(story_items::feedback_id)))
        .left_join(themes::table.on(feedback::theme_id.eq(themes::id.nullable())))
        .filter(story_items::story_id.eq_any(stories.iter().map(|id| DbId(*id))))
        .group_by(story_items::story_id)
        .select((
            story_items::story_id,
            count_star(),
            count(feedback::customer_id).aggregate_distinct(),
            sql::<BigInt>("COUNT(DISTINCT CASE WHEN feedback.occurred_at > ")
                .bind::<TimeSql, _>(since)
                .sql(" THEN feedback.customer_id END)"),
            sql::<BigInt>("COUNT(CASE WHEN feedback.customer_id IS NULL AND feedback.occurred_at > ")
                .bind::<TimeSql, _>(since)
                .sql(" THEN 1 END)"),
            // The author is one of the voters, so is not counted twice.
            sql::<BigInt>("CAST(COALESCE(SUM(CASE WHEN feedback.votes > 1 AND feedback.occurred_at > ")
                .bind::<TimeSql, _>(since)
                .sql(" THEN feedback.votes - 1 END), 0) AS BIGINT)"),
            (
                with_severity(Severity::Low),
                with_severity(Severity::Medium),
                with_severity(Severity::High),
                with_severity(Severity::Critical),
            ),
            (derived(Severity::Low), derived(Severity::Medium), derived(Severity::High), derived(Severity::Critical)),
            count(feedback::rating),
            sum(feedback::rating),
            // One row per item, so the mean is weighted by the themes' sizes.
            avg(themes::cohesion.nullable()),
        ))
        .load(conn)?;
    Ok(rows.into_iter().map(counted).collect())
}

/// What the database counts of a story.
type Columns = (DbId, i64, i64, i64, i64, i64, Levels, Levels, i64, Option<i64>, Option<f64>);

/// The number of items with each severity, from low to critical.
type Levels = (i64, i64, i64, i64);

fn severities((low, medium, high, critical): Levels) -> Severities {
    Severities { low: whole(low), medium: whole(medium), high: whole(high), critical: whole(critical) }
}

fn counted(row: Columns) -> (Id, CountedEvidence) {
    let (story, items, customers, recent_customers, recent_others, votes, given, derived, ratings, stars, cohesion) =
        row;
    let evidence = Evidence {
        customers_in_90_days: whole(recent_customers),
        items_without_customer_in_90_days: whole(recent_others),
        further_votes_in_90_days: whole(votes),
        latest_feedback: None,
        severities: severities(given),
        derived_severities: severities(derived),
        ratings: whole(ratings),
        mean_rating: stars.unwrap_or_default() as f64 / ratings.max(1) as f64,
        independent_customers: whole(customers),
        cohesion: cohesion.unwrap_or_default() as f32,
        ..Evidence::default()
    };
    (story.into(), CountedEvidence { items: whole(items), evidence })
}

pub(in crate::store) fn whole(count: i64) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// The data of a theme that drafting needs.
#[derive(Clone, Debug)]
pub struct DraftTheme {
    /// The theme.
    pub id: Id,
    /// The product it belongs to.
    pub product: Id,
    /// Its label.
    pub label: String,
    /// Whether a person set the label.
    pub label_set: bool,
    /// Its representative feedback, the most central first.
    pub quotes: Vec<Id>,
    /// Muted or merged into another theme: no draft is made.
    pub closed: bool,
    /// The number of its current feedback that is not dismissed.
    pub items: i64,
    /// The number of distinct customers.
    pub customers: i64,
    /// The number of feedback that is praise.
    pub praise: i64,
    /// The number of feedback whose words show no kind at all: it says nothing that could be worked on.
    pub unclear: i64,
}

/// These themes with their current counts.
pub fn of_themes(conn: &mut Conn, ids: &[Id]) -> Result<Vec<DraftTheme>> {
    type Columns = (DbId, DbId, (String, bool), String, bool, Option<DbId>);
    let wanted = || ids.iter().map(|id| DbId(*id));
    let counts: Vec<(Option<DbId>, i64, i64, i64, i64)> = feedback::table
        .filter(feedback::theme_id.eq_any(wanted()))
        .filter(feedback::state.ne(State::Dismissed.as_str()))
        .group_by(feedback::theme_id)
        .select((
            feedback::theme_id,
            count_star(),
            count(feedback::customer_id).aggregate_distinct(),
            sql::<BigInt>("COUNT(CASE WHEN feedback.kind = 'praise' THEN 1 END)"),
            sql::<BigInt>("COUNT(CASE WHEN feedback.kind = 'other' AND feedback.kind_source = 'derived' THEN 1 END)"),
        ))
        .load(conn)?;
    let counts: HashMap<DbId, [i64; 4]> = counts
        .into_iter()
        .filter_map(|(id, items, people, praise, unclear)| Some((id?, [items, people, praise, unclear])))
        .collect();
    let rows: Vec<Columns> = themes::table
        .filter(themes::id.eq_any(wanted()))
        .select((
            themes::id,
            themes::product_id,
            (themes::label, themes::label_set),
            themes::quotes,
            themes::muted,
            themes::merged_into,
        ))
        .order(themes::id.asc())
        .load(conn)?;
    let theme = |(id, product, (label, label_set), quotes, muted, merged_into): Columns| {
        let [items, customers, praise, unclear] = counts.get(&id).copied().unwrap_or_default();
        DraftTheme {
            id: id.into(),
            product: product.into(),
            label,
            label_set,
            quotes: serde_json::from_str(&quotes).unwrap_or_default(),
            closed: muted || merged_into.is_some(),
            items,
            customers,
            praise,
            unclear,
        }
    };
    Ok(rows.into_iter().map(theme).collect())
}

/// The latest feedback of a theme, at most `limit`.
pub fn latest_of(conn: &mut Conn, theme: Id, limit: i64) -> Result<Vec<FeedbackRecord>> {
    let own = feedback::table.filter(feedback::theme_id.eq(DbId(theme)));
    let said = own.filter(feedback::state.ne(State::Dismissed.as_str())).select(FeedbackRow::as_select());
    records(said.order(feedback::id.desc()).limit(limit).load(conn)?)
}

/// The themes among these that have any feedback.
pub fn with_feedback(conn: &mut Conn, ids: &[Id]) -> Result<HashSet<Id>> {
    let own = feedback::table
        .filter(feedback::theme_id.eq(themes::id.nullable()))
        .filter(feedback::state.ne(State::Dismissed.as_str()));
    let found: Vec<DbId> = themes::table
        .filter(themes::id.eq_any(ids.iter().map(|id| DbId(*id))))
        .filter(exists(own))
        .select(themes::id)
        .load(conn)?;
    Ok(found.into_iter().map(Id::from).collect())
}

/// Notes the cohesion of a theme: how similar its feedback is, 0 to 1.
pub fn set_cohesion(tx: &mut Tx<'_>, theme: Id, cohesion: f32) -> Result<()> {
    diesel::update(themes::table.find(DbId(theme))).set(themes::cohesion.eq(f64::from(cohesion))).execute(tx.conn)?;
    Ok(())
}

/// The stories that have these feedbacks as evidence; a story appears once per feedback.
pub(in crate::store) fn stories_holding(conn: &mut Conn, ids: &[Id]) -> Result<Vec<Id>> {
    Ok(super::story_items::stories_of(conn, ids)?.into_iter().map(|(story, _)| story).collect())
}

/// The number of a story's feedback of each kind.
pub fn kinds(conn: &mut Conn, story: Id) -> Result<HashMap<Kind, i64>> {
    let rows: Vec<(Option<String>, i64)> = story_items::table
        .inner_join(feedback::table.on(feedback::id.eq(story_items::feedback_id)))
        .filter(story_items::story_id.eq(DbId(story)))
        .group_by(feedback::kind)
        .select((feedback::kind, count_star()))
        .load(conn)?;
    rows.into_iter().filter_map(|(kind, count)| kind.map(|kind| Ok((name(&kind)?, count)))).collect()
}
