//! The list of feedback, with filters and full-text search.

use diesel::dsl::{count_star, exists, sql};
use diesel::sql_types::{Bool, Text};
use diesel::sqlite::Sqlite;

use super::rows::{FeedbackRow, JoinedFeedback, show};
use crate::domain::base::text::fold;
use crate::domain::base::{Id, Page, Paging, Time};
use crate::domain::feedback::{Feedback, FeedbackQuery, FeedbackSort, KindSource, State};
use crate::domain::search::terms;
use crate::domain::stories::StoryNumber;
use crate::error::{Error, Result};
use crate::store::base::conn::{About, Conn};
use crate::store::base::query::*;
use crate::store::base::types::{DbId, DbTime, UuidSql};
use crate::store::schema::{accounts, customers, feedback, feedback_search, feedback_tags, themes};
use crate::store::search::newest::newest;
use crate::store::stories::story_items::behind;
use crate::store::team::products;

/// Applies every filter but `q` to a boxed query over `feedback`.
macro_rules! filtered {
    ($query:expr, $q:expr, $product:expr) => {{
        let (mut query, q): (_, &FeedbackQuery) = ($query, $q);
        if let Some(product) = $product {
            query = query.filter(feedback::product_id.eq(DbId(product)));
        }
        if !q.source.is_empty() {
            query = query.filter(feedback::source.eq_any(q.source.iter().map(|one| one.as_str())));
        }
        if let Some(origin) = &q.origin {
            query = query.filter(feedback::origin.eq(origin.clone()));
        }
        if !q.kind.is_empty() {
            query = query.filter(feedback::kind.eq_any(q.kind.iter().map(|one| one.as_str())));
        }
        if let Some(source) = q.kind_source {
            query = query.filter(feedback::kind_source.eq(source.as_str()));
        }
        if let Some(reason) = q.set_aside {
            query = query.filter(feedback::set_aside.eq(reason.as_str()));
        }
        if let Some(severity) = q.severity {
            let derived = feedback::severity.is_null().and(feedback::impression.like(format!("% {severity}")));
            query = query.filter(feedback::severity.eq(severity.as_str()).or(derived.assume_not_null()));
        }
        if let Some(source) = q.severity_source {
            query = query.filter(sql::<Bool>(match source {
                KindSource::Filed => "feedback.severity IS NOT NULL AND feedback.edited NOT LIKE '%\"severity\"%'",
                KindSource::Corrected => "feedback.severity IS NOT NULL AND feedback.edited LIKE '%\"severity\"%'",
                KindSource::Derived => "feedback.severity IS NULL AND feedback.impression LIKE '% % %'",
            }));
        }
        if let Some(sentiment) = q.sentiment {
            query = query.filter(feedback::impression.like(format!("{sentiment} %")));
        }
        if let Some(source) = q.sentiment_source {
            let text = format!("% {source}");
            query = query.filter(feedback::impression.like(text.clone()).or(feedback::impression.like(text + " %")));
        }
        if let Some(language) = &q.language {
            query = query.filter(feedback::language.eq(language.clone()));
        }
        if let Some(customer) = q.customer {
            query = query.filter(feedback::customer_id.eq(DbId(customer)));
        }
        if let Some(theme) = q.theme {
            query = query.filter(feedback::theme_id.eq(DbId(theme)));
        }
        // Most feedback is grouped: by its index on states SQLite would sort all of it. Excluding states walks by arrival.
        if q.state.len() > 1 && q.state.contains(&State::Grouped) {
            let others = State::ALL.iter().filter(|one| !q.state.contains(one));
            query = query.filter(feedback::state.ne_all(others.map(|one| one.as_str())));
        } else if !q.state.is_empty() {
            query = query.filter(feedback::state.eq_any(q.state.iter().map(|one| one.as_str())));
        }
        // In SQL text, because diesel does not allow the joined customers and accounts a second time in one query.
        if let Some(account) = q.account {
            let people = sql::<Bool>("feedback.customer_id IN (SELECT id FROM customers WHERE account_id = ");
            query = query.filter(people.bind::<UuidSql, _>(DbId(account)).sql(")"));
        }
        if let Some(segment) = &q.segment {
            let people = sql::<Bool>(
                "feedback.customer_id IN (SELECT id FROM customers WHERE account_id IN (SELECT id FROM accounts WHERE segment = ",
            );
            query = query.filter(people.bind::<Text, _>(segment.clone()).sql("))"));
        }
        if let Some(story) = q.story_id() {
            query = query.filter(feedback::id.eq_any(behind!(story)));
        }
        if let Some(by) = q.submitted_by.as_deref().and_then(|id| id.parse::<Id>().ok()) {
            query = query.filter(feedback::submitted_by.eq(DbId(by)));
        }
        if let Some(least) = q.min_rating {
            query = query.filter(feedback::rating.ge(least));
        }
        if let Some(most) = q.max_rating {
            query = query.filter(feedback::rating.le(most));
        }
        if let Some(least) = q.min_nps {
            query = query.filter(feedback::nps.ge(least));
        }
        if let Some(most) = q.max_nps {
            query = query.filter(feedback::nps.le(most));
        }
        if let Some(since) = q.since {
            query = query.filter(feedback::occurred_at.ge(DbTime(since)));
        }
        if let Some(until) = q.until {
            query = query.filter(feedback::occurred_at.lt(DbTime(until)));
        }
        if let Some(archived) = q.archived {
            query = query.filter(sql::<Bool>(&products::archive_condition("feedback", archived)));
        }
        if let Some(tag) = &q.tag {
            let tagged = feedback_tags::table
                .filter(feedback_tags::feedback_id.eq(feedback::id))
                .filter(feedback_tags::tag.eq(fold(tag)));
            query = query.filter(exists(tagged));
        }
        query
    }};
}

/// Applies the cursor to a boxed query over `feedback`.
macro_rules! before {
    ($query:expr, $after:expr) => {
        match $after {
            Some(after) => $query.filter(feedback::id.lt(DbId(after))),
            None => $query,
        }
    };
}

/// Applies the search words to a boxed query over `feedback`, on SQLite.
macro_rules! in_fts5 {
    ($query:expr, $words:expr) => {
        match &$words.0 {
            Some(clauses) => $query.filter(
                sql::<Bool>("feedback.seq IN (SELECT rowid FROM feedback_search WHERE terms MATCH ")
                    .bind::<Text, _>(terms::fts5_query(clauses))
                    .sql(")"),
            ),
            None => $query,
        }
    };
}

/// The same on PostgreSQL.
macro_rules! in_tsvector {
    ($query:expr, $words:expr) => {
        match &$words.0 {
            Some(clauses) => $query.filter(
                sql::<Bool>("feedback.id IN (SELECT feedback_id FROM feedback_search WHERE terms @@ ")
                    .bind::<Text, _>(terms::tsquery_literal(clauses))
                    .sql("::tsquery)"),
            ),
            None => $query,
        }
    };
}

/// Feedback that passes every filter, newest arrival first.
///
/// # Errors
/// 422 for a wrong cursor or an unknown product.
pub fn list(conn: &mut Conn, q: &FeedbackQuery, paging: &Paging) -> Result<Page<Feedback>> {
    let product = products::named(conn, q.product.as_deref())?.map(|product| product.id);
    let named = named_story(conn, q)?;
    let q = named.as_ref().unwrap_or(q);
    if q.sort == Some(FeedbackSort::Said) {
        return by_when_said(conn, q, product, paging);
    }
    let clauses = q.q.as_deref().map(terms::query_terms);
    let limit = paging.limit as i64 + 1;
    let after = paging.key::<Id>(0)?;
    let rows: Vec<JoinedFeedback> = match clauses {
        // Uses the concrete connection: its statements are prepared once, and their text is not built again.
        None => match conn {
            Conn::Sqlite(c) => {
                let query = filtered!(super::rows::joined!().into_boxed(), q, product);
                before!(query, after).order(feedback::id.desc()).limit(limit).load(c)?
            }
            Conn::Postgres(c) => {
                let query = filtered!(super::rows::joined!().into_boxed(), q, product);
                About::rows(limit, before!(query, after).order(feedback::id.desc())).load(c)?
            }
        },
        // The query has only punctuation, so there is no word to search for.
        Some(clauses) if clauses.is_empty() => Vec::new(),
        Some(clauses) => found(conn, &Search { clauses: &clauses, q, product, after, limit })?,
    };
    let shown: Result<Vec<Feedback>> = rows.into_iter().map(show).collect();
    Ok(paging.page(shown?, |f| vec![f.id.to_string()]))
}

/// The ids of feedback that passes every filter, newest arrival first: at most `limit`, all older than `after`.
///
/// # Errors
/// 422 for an unknown product or story.
pub fn ids(conn: &mut Conn, q: &FeedbackQuery, after: Option<Id>, limit: i64) -> Result<Vec<Id>> {
    let product = products::named(conn, q.product.as_deref())?.map(|product| product.id);
    let named = named_story(conn, q)?;
    let q = named.as_ref().unwrap_or(q);
    let Some(words) = Matching::of(q) else { return Ok(Vec::new()) };
    let rows: Vec<DbId> = match conn {
        Conn::Sqlite(c) => {
            let query = filtered!(feedback::table.select(feedback::id).into_boxed(), q, product);
            let query = before!(in_fts5!(query, words), after);
            query.order(feedback::id.desc()).limit(limit).load(c)?
        }
        Conn::Postgres(c) => {
            let query = filtered!(feedback::table.select(feedback::id).into_boxed(), q, product);
            let query = before!(in_tsvector!(query, words), after);
            query.order(feedback::id.desc()).limit(limit).load(c)?
        }
    };
    Ok(rows.into_iter().map(Id::from).collect())
}

/// How much feedback passes every filter.
///
/// # Errors
/// 422 for an unknown product or story.
pub fn count(conn: &mut Conn, q: &FeedbackQuery) -> Result<i64> {
    let product = products::named(conn, q.product.as_deref())?.map(|product| product.id);
    let named = named_story(conn, q)?;
    let q = named.as_ref().unwrap_or(q);
    let Some(words) = Matching::of(q) else { return Ok(0) };
    Ok(match conn {
        Conn::Sqlite(c) => {
            let query = filtered!(feedback::table.select(count_star()).into_boxed(), q, product);
            in_fts5!(query, words).first(c)?
        }
        Conn::Postgres(c) => {
            let query = filtered!(feedback::table.select(count_star()).into_boxed(), q, product);
            in_tsvector!(query, words).first(c)?
        }
    })
}

/// The search words of a query, for statements that need no rows of the index.
struct Matching(Option<Vec<terms::Clause>>);

impl Matching {
    /// `None` where the query has only punctuation: then nothing matches.
    fn of(q: &FeedbackQuery) -> Option<Self> {
        match q.q.as_deref().map(terms::query_terms) {
            Some(clauses) if clauses.is_empty() => None,
            clauses => Some(Self(clauses)),
        }
    }
}

/// The query with a story number replaced by the story's id.
fn named_story(conn: &mut Conn, q: &FeedbackQuery) -> Result<Option<FeedbackQuery>> {
    let Some(name) = q.story.as_deref().filter(|_| q.story_id().is_none()) else { return Ok(None) };
    let unknown = || Error::field("/story", "unknown", "is not the id or number of a story");
    let number: StoryNumber = name.parse().map_err(|()| unknown())?;
    let found =
        crate::store::stories::links::stories_numbered(conn, &[number])?.into_iter().next().ok_or_else(unknown)?;
    Ok(Some(FeedbackQuery { story: Some(found.to_string()), ..q.clone() }))
}

/// Feedback that passes every filter but `q`, by `occurred_at`, latest first.
fn by_when_said(conn: &mut Conn, q: &FeedbackQuery, product: Option<Id>, paging: &Paging) -> Result<Page<Feedback>> {
    if q.q.is_some() {
        let detail = "`said` can't be combined with `q`: search results are sorted by arrival";
        return Err(Error::field("/sort", "not_allowed", detail));
    }
    let query = filtered!(super::rows::joined!().into_boxed(), q, product);
    let query = match (paging.key::<i64>(0)?, paging.key::<Id>(1)?) {
        (Some(at), Some(id)) => {
            let at = Time(at);
            let same = feedback::occurred_at.eq(DbTime(at)).and(feedback::id.lt(DbId(id)));
            query.filter(feedback::occurred_at.lt(DbTime(at)).or(same))
        }
        _ => query,
    };
    let query = query.order((feedback::occurred_at.desc(), feedback::id.desc())).limit(paging.limit as i64 + 1);
    let rows: Vec<JoinedFeedback> = query.load(conn)?;
    let shown: Result<Vec<Feedback>> = rows.into_iter().map(show).collect();
    Ok(paging.page(shown?, |f| vec![f.occurred_at.0.to_string(), f.id.to_string()]))
}

/// The evidence of a story, newest arrival first.
///
/// # Errors
/// 422 for a wrong cursor.
pub fn of_story(conn: &mut Conn, story: Id, paging: &Paging) -> Result<Page<Feedback>> {
    let mut query = super::rows::joined!().filter(feedback::id.eq_any(behind!(story))).into_boxed();
    if let Some(after) = paging.key::<Id>(0)? {
        query = query.filter(feedback::id.lt(DbId(after)));
    }
    let rows: Vec<JoinedFeedback> = query.order(feedback::id.desc()).limit(paging.limit as i64 + 1).load(conn)?;
    let shown: Result<Vec<Feedback>> = rows.into_iter().map(show).collect();
    Ok(paging.page(shown?, |f| vec![f.id.to_string()]))
}

/// The parts of a search: its clauses, the other filters, and the page.
struct Search<'a> {
    clauses: &'a [terms::Clause],
    q: &'a FeedbackQuery,
    product: Option<Id>,
    after: Option<Id>,
    limit: i64,
}

fn found(conn: &mut Conn, search: &Search<'_>) -> Result<Vec<JoinedFeedback>> {
    match conn {
        Conn::Sqlite(c) => found_by_fts5(c, search),
        Conn::Postgres(c) => found_by_tsvector(c, search),
    }
}

fn found_by_tsvector(conn: &mut PgConnection, search: &Search<'_>) -> Result<Vec<JoinedFeedback>> {
    let wanted = terms::tsquery_literal(search.clauses);
    let ids = if search.q.only_words() {
        newest(conn, &wanted, search.after, search.limit)?
    } else {
        let matching = sql::<Bool>("feedback.id IN (SELECT feedback_id FROM feedback_search WHERE terms @@ ")
            .bind::<Text, _>(wanted)
            .sql("::tsquery)");
        let query = filtered!(feedback::table.select(feedback::id).into_boxed(), search.q, search.product);
        let query = before!(query.filter(matching), search.after);
        query.order(feedback::id.desc()).limit(search.limit).load(conn)?
    };
    of_page(conn, ids)
}

/// The feedback of a page whose ids are known. The search itself must be planned on each call, because the best plan
/// depends on how rare the words are; planning it together with all the joins would take longer than running it.
fn of_page(conn: &mut PgConnection, ids: Vec<DbId>) -> Result<Vec<JoinedFeedback>> {
    let query = super::rows::joined!().filter(feedback::id.eq_any(ids));
    Ok(query.order(feedback::id.desc()).load(conn)?)
}

diesel::infix_operator!(Match, " MATCH ", backend: Sqlite);

/// Starts from the index: FTS5 reads its rows backwards and stops when the page is full.
fn found_by_fts5(conn: &mut SqliteConnection, search: &Search<'_>) -> Result<Vec<JoinedFeedback>> {
    let wanted = terms::fts5_query(search.clauses).into_sql::<Text>();
    let walk = feedback_search::table
        .inner_join(feedback::table.on(feedback::seq.eq(feedback_search::rowid)))
        .left_join(customers::table.on(feedback::customer_id.eq(customers::id.nullable())))
        .left_join(accounts::table.on(customers::account_id.eq(accounts::id.nullable())))
        .left_join(themes::table.on(feedback::theme_id.eq(themes::id.nullable())))
        .select((
            FeedbackRow::as_select(),
            (customers::id, customers::name, customers::email).nullable(),
            (accounts::id, accounts::name).nullable(),
            themes::label.nullable(),
        ))
        .filter(Match::new(feedback_search::terms, wanted))
        .into_boxed();
    let query = filtered!(walk, search.q, search.product);
    let query = match search.after {
        Some(after) => {
            let position = feedback::table.filter(feedback::id.eq(DbId(after))).select(feedback::seq);
            let position: Option<i64> = position.first(conn).optional()?;
            query.filter(feedback_search::rowid.lt(position.unwrap_or(i64::MAX)))
        }
        None => query,
    };
    Ok(query.order(feedback_search::rowid.desc()).limit(search.limit).load(conn)?)
}
