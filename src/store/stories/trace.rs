//! The trace of a resource: what led to it and what followed from it, in a fixed number of queries.

use std::collections::{BTreeSet, HashMap};

use diesel::dsl::count_star;

use super::{links as link_rows, rows, story_items};
use crate::domain::base::{
    Id, Trace, TraceKind, Traced, TracedClosure, TracedDeployment, TracedFeedback, TracedRelease, TracedStory,
    TracedTheme,
};
use crate::domain::feedback::State;
use crate::domain::stories::StoryNumber;
use crate::error::{Error, Result};
use crate::store::base::conn::Conn;
use crate::store::base::query::*;
use crate::store::base::types::{DbId, DbTime, name};
use crate::store::schema::{
    closures, deployments, feedback, links, release_stories, releases, story_evidence, story_items as items,
    story_themes,
};
use crate::store::themes;

/// The most entries shown per kind.
const SHOWN: i64 = 100;
/// The most stories and themes that a trace follows.
const WIDE: i64 = 1_000;
/// The length of the excerpt of a feedback, in characters.
const EXCERPT: usize = 160;

/// The stories and themes of a trace. Of the kind that it starts at, it has only the resource at its start.
struct TracePath {
    id: Id,
    kind: TraceKind,
    stories: Vec<Id>,
    themes: Vec<Id>,
    /// The customer, where the trace starts at a feedback or a closure.
    customer: Option<Id>,
    /// The release, where the trace starts at a release, a deployment or a closure.
    release: Option<Id>,
}

impl TracePath {
    fn of(id: Id, kind: TraceKind) -> Self {
        Self { id, kind, stories: Vec::new(), themes: Vec::new(), customer: None, release: None }
    }

    fn ids(ids: &[Id]) -> Vec<DbId> {
        ids.iter().map(|id| DbId(*id)).collect()
    }

    fn begins_at(&self, kind: TraceKind) -> bool {
        self.kind == kind
    }
}

/// The trace of a resource, named by its id or a story's number.
///
/// # Errors
/// 404.
pub fn read(conn: &mut Conn, name: &str) -> Result<Trace> {
    let unknown = || Error::new(crate::error::Code::NotFound, "There is nothing with this id or number to trace.");
    let id = match name.parse::<StoryNumber>() {
        Ok(number) => link_rows::stories_numbered(conn, &[number])?.pop(),
        Err(()) => name.parse::<Id>().ok(),
    };
    let path = find(conn, id.ok_or_else(unknown)?)?.ok_or_else(unknown)?;
    Ok(Trace {
        id: path.id,
        kind: path.kind,
        feedback: said(conn, &path)?,
        themes: grouped(conn, &path)?,
        stories: planned(conn, &path)?,
        links: linked(conn, &path)?,
        releases: released(conn, &path)?,
        deployments: deployed(conn, &path)?,
        closures: closed(conn, &path)?,
    })
}

/// Finds the kind of the id, and the stories and themes of its trace.
fn find(conn: &mut Conn, id: Id) -> Result<Option<TracePath>> {
    if let Some(found) = optional(rows::get(conn, id))? {
        // The evidence of a duplicate belongs to the original.
        let stories = [Some(id), found.duplicate_of].into_iter().flatten().collect();
        return with_themes(conn, TracePath { stories, ..TracePath::of(id, TraceKind::Story) }).map(Some);
    }
    let item: Option<(Option<DbId>, Option<DbId>)> = feedback::table
        .filter(feedback::id.eq(DbId(id)))
        .select((feedback::theme_id, feedback::customer_id))
        .first(conn)
        .optional()?;
    if let Some((theme, customer)) = item {
        let mut stories: BTreeSet<Id> = holding(conn, id)?.into_iter().collect();
        let themes: Vec<Id> = theme.map(Id::from).into_iter().collect();
        stories.extend(story_items::stories_of(conn, &[id])?.into_iter().map(|(story, _)| story));
        let (customer, stories) = (customer.map(Id::from), stories.into_iter().collect());
        return Ok(Some(TracePath { stories, themes, customer, ..TracePath::of(id, TraceKind::Feedback) }));
    }
    if let Some(theme) = optional(themes::rows::resolve(conn, id))? {
        let mut both = vec![id, theme];
        both.dedup();
        let stories = standing_on(conn, &both)?;
        return Ok(Some(TracePath { stories, themes: both, ..TracePath::of(id, TraceKind::Theme) }));
    }
    if let Some(story) = links::table.find(DbId(id)).select(links::story_id).first::<DbId>(conn).optional()? {
        return with_themes(conn, TracePath { stories: vec![story.into()], ..TracePath::of(id, TraceKind::Link) })
            .map(Some);
    }
    let case = closures::table.find(DbId(id)).select((closures::story_id, closures::customer_id, closures::release_id));
    if let Some((story, customer, release)) = case.first::<(DbId, DbId, Option<DbId>)>(conn).optional()? {
        let path = TracePath {
            stories: vec![story.into()],
            customer: Some(customer.into()),
            release: release.map(Id::from),
            ..TracePath::of(id, TraceKind::Closure)
        };
        return with_themes(conn, path).map(Some);
    }
    let deployment = deployments::table.find(DbId(id)).select(deployments::release_id);
    let (release, kind) = match deployment.first::<Option<DbId>>(conn).optional()? {
        Some(release) => (release.map(Id::from), TraceKind::Deployment),
        None => {
            let release: Option<DbId> = releases::table.find(DbId(id)).select(releases::id).first(conn).optional()?;
            let Some(release) = release else { return Ok(None) };
            (Some(release.into()), TraceKind::Release)
        }
    };
    let stories = match release {
        Some(release) => brought_by(conn, release)?,
        None => Vec::new(),
    };
    with_themes(conn, TracePath { stories, release, ..TracePath::of(id, kind) }).map(Some)
}

fn optional<T>(found: Result<T>) -> Result<Option<T>> {
    match found {
        Ok(found) => Ok(Some(found)),
        Err(e) if e.code == crate::error::Code::NotFound => Ok(None),
        Err(e) => Err(e),
    }
}

fn with_themes(conn: &mut Conn, path: TracePath) -> Result<TracePath> {
    let themes: Vec<DbId> = story_themes::table
        .filter(story_themes::story_id.eq_any(TracePath::ids(&path.stories)))
        .select(story_themes::theme_id)
        .distinct()
        .order(story_themes::theme_id.desc())
        .limit(WIDE)
        .load(conn)?;
    Ok(TracePath { themes: themes.into_iter().map(Id::from).collect(), ..path })
}

fn standing_on(conn: &mut Conn, themes: &[Id]) -> Result<Vec<Id>> {
    let stories: Vec<DbId> = story_themes::table
        .filter(story_themes::theme_id.eq_any(TracePath::ids(themes)))
        .select(story_themes::story_id)
        .distinct()
        .order(story_themes::story_id.desc())
        .limit(WIDE)
        .load(conn)?;
    Ok(stories.into_iter().map(Id::from).collect())
}

/// Stories that were released with this feedback as evidence, in whatever theme it is now.
fn holding(conn: &mut Conn, item: Id) -> Result<Vec<Id>> {
    let stories = story_evidence::table.filter(story_evidence::feedback_id.eq(DbId(item)));
    let stories: Vec<DbId> = stories.select(story_evidence::story_id).distinct().limit(WIDE).load(conn)?;
    Ok(stories.into_iter().map(Id::from).collect())
}

fn brought_by(conn: &mut Conn, release: Id) -> Result<Vec<Id>> {
    let stories: Vec<DbId> = release_stories::table
        .filter(release_stories::release_id.eq(DbId(release)))
        .filter(release_stories::moved_to.is_null())
        .select(release_stories::story_id)
        .order(release_stories::story_id.desc())
        .limit(WIDE)
        .load(conn)?;
    Ok(stories.into_iter().map(Id::from).collect())
}

/// Counts the rows of a query and loads the first of them.
macro_rules! traced {
    ($conn:expr, $query:expr, $columns:expr, $order:expr, $row:ty) => {{
        let total: i64 = $query.select(count_star()).first($conn)?;
        let rows: Vec<$row> = $query.select($columns).order($order).limit(SHOWN).load($conn)?;
        (total, rows)
    }};
}

/// The feedback: of the themes now, and the frozen evidence of the stories.
fn said(conn: &mut Conn, path: &TracePath) -> Result<Traced<TracedFeedback>> {
    type Columns = (DbId, String, String, Option<DbId>, Option<DbId>, DbTime);
    let query = || {
        let evidence = story_evidence::table
            .filter(story_evidence::story_id.eq_any(TracePath::ids(&path.stories)))
            .select(story_evidence::feedback_id);
        let behind =
            items::table.filter(items::story_id.eq_any(TracePath::ids(&path.stories))).select(items::feedback_id);
        let mut query = feedback::table.into_boxed();
        if path.begins_at(TraceKind::Feedback) {
            return query.filter(feedback::id.eq(DbId(path.id)));
        }
        let now = feedback::theme_id
            .eq_any(TracePath::ids(&path.themes).into_iter().map(Some).collect::<Vec<_>>())
            .and(feedback::state.ne(State::Dismissed.as_str()));
        query = match path.kind {
            // The theme's own feedback, without evidence that its stories were released with when it was elsewhere.
            TraceKind::Theme => query.filter(now.assume_not_null()),
            _ => query.filter(feedback::id.eq_any(behind).or(feedback::id.eq_any(evidence))),
        };
        match path.customer {
            Some(customer) => query.filter(feedback::customer_id.eq(DbId(customer))),
            None => query,
        }
    };
    let columns = (
        feedback::id,
        feedback::text,
        feedback::state,
        feedback::customer_id,
        feedback::theme_id,
        feedback::occurred_at,
    );
    let (total, rows) = traced!(conn, query(), columns, feedback::id.desc(), Columns);
    let show = |(id, text, state, customer, theme, at): Columns| {
        Ok(TracedFeedback {
            id: id.into(),
            excerpt: text.chars().take(EXCERPT).collect(),
            state: name(&state)?,
            customer_id: customer.map(Id::from),
            theme_id: theme.map(Id::from),
            occurred_at: at.into(),
        })
    };
    Ok(Traced { total, data: rows.into_iter().map(show).collect::<Result<_>>()? })
}

fn grouped(conn: &mut Conn, path: &TracePath) -> Result<Traced<TracedTheme>> {
    let shown = &path.themes[..path.themes.len().min(SHOWN as usize)];
    let mut rows = themes::rows::rows(conn, shown)?;
    rows.sort_by_key(|row| std::cmp::Reverse(row.id));
    let data = rows.into_iter().map(|row| TracedTheme { id: row.id, label: row.label }).collect();
    Ok(Traced { total: path.themes.len() as i64, data })
}

fn planned(conn: &mut Conn, path: &TracePath) -> Result<Traced<TracedStory>> {
    let mut newest = path.stories.clone();
    newest.sort_unstable_by_key(|id| std::cmp::Reverse(*id));
    newest.truncate(SHOWN as usize);
    let data = rows::get_many(conn, &newest)?.into_iter().rev().map(|story| TracedStory {
        id: story.id,
        number: story.number,
        title: story.title,
        stage: story.stage,
        theme_ids: story.theme_ids,
        duplicate_of: story.duplicate_of,
    });
    Ok(Traced { total: path.stories.len() as i64, data: data.collect() })
}

fn linked(conn: &mut Conn, path: &TracePath) -> Result<Traced<crate::domain::stories::Link>> {
    let query = || {
        let query = links::table.into_boxed();
        match path.kind {
            TraceKind::Link => query.filter(links::id.eq(DbId(path.id))),
            _ => query.filter(links::story_id.eq_any(TracePath::ids(&path.stories))),
        }
    };
    let (total, rows) = traced!(conn, query(), link_rows::Row::as_select(), links::id.desc(), link_rows::Row);
    Ok(Traced { total, data: rows.into_iter().map(link_rows::show).collect::<Result<_>>()? })
}

/// The releases of the trace, newest first.
fn release_ids(conn: &mut Conn, path: &TracePath) -> Result<Vec<Id>> {
    if path.release.is_some() || path.begins_at(TraceKind::Deployment) {
        return Ok(path.release.into_iter().collect());
    }
    let ids: Vec<DbId> = release_stories::table
        .filter(release_stories::story_id.eq_any(TracePath::ids(&path.stories)))
        .filter(release_stories::moved_to.is_null())
        .select(release_stories::release_id)
        .distinct()
        .order(release_stories::release_id.desc())
        .limit(WIDE)
        .load(conn)?;
    Ok(ids.into_iter().map(Id::from).collect())
}

fn released(conn: &mut Conn, path: &TracePath) -> Result<Traced<TracedRelease>> {
    type Columns = (DbId, String, String, Option<DbTime>);
    let ids = release_ids(conn, path)?;
    let shown = TracePath::ids(&ids[..ids.len().min(SHOWN as usize)]);
    let rows: Vec<Columns> = releases::table
        .filter(releases::id.eq_any(&shown))
        .select((releases::id, releases::name, releases::state, releases::shipped_at))
        .order(releases::id.desc())
        .load(conn)?;
    let brings: Vec<(DbId, DbId)> = release_stories::table
        .filter(release_stories::release_id.eq_any(&shown))
        .filter(release_stories::story_id.eq_any(TracePath::ids(&path.stories)))
        .filter(release_stories::moved_to.is_null())
        .select((release_stories::release_id, release_stories::story_id))
        .order(release_stories::story_id.asc())
        .load(conn)?;
    let mut stories: HashMap<DbId, Vec<Id>> = HashMap::new();
    for (release, story) in brings {
        stories.entry(release).or_default().push(story.into());
    }
    let data = rows.into_iter().map(|(id, name, state, shipped_at)| TracedRelease {
        story_ids: stories.remove(&id).unwrap_or_default(),
        id: id.into(),
        name,
        state,
        shipped_at: shipped_at.map(Into::into),
    });
    Ok(Traced { total: ids.len() as i64, data: data.collect() })
}

fn deployed(conn: &mut Conn, path: &TracePath) -> Result<Traced<TracedDeployment>> {
    type Columns = (DbId, Option<DbId>, String, String, Option<String>, DbTime);
    let of_releases: Vec<Option<DbId>> = TracePath::ids(&release_ids(conn, path)?).into_iter().map(Some).collect();
    let query = || {
        let query = deployments::table.into_boxed();
        match path.kind {
            TraceKind::Deployment => query.filter(deployments::id.eq(DbId(path.id))),
            _ => query.filter(deployments::release_id.eq_any(of_releases.clone()).assume_not_null()),
        }
    };
    let columns = (
        deployments::id,
        deployments::release_id,
        deployments::environment,
        deployments::state,
        deployments::revision,
        deployments::deployed_at,
    );
    let (total, rows) = traced!(conn, query(), columns, deployments::id.desc(), Columns);
    let data = rows.into_iter().map(|(id, release, environment, state, revision, at)| TracedDeployment {
        id: id.into(),
        release_id: release.map(Id::from),
        environment,
        state,
        revision,
        deployed_at: at.into(),
    });
    Ok(Traced { total, data: data.collect() })
}

/// The closures: of the one customer or the one release, where the trace starts at one.
fn closed(conn: &mut Conn, path: &TracePath) -> Result<Traced<TracedClosure>> {
    type Columns = (DbId, DbId, DbId, Option<DbId>, i32, String, Option<DbTime>, Option<DbTime>, Option<DbId>);
    let query = || {
        let query = closures::table.into_boxed();
        if path.begins_at(TraceKind::Closure) {
            return query.filter(closures::id.eq(DbId(path.id)));
        }
        let mut query = query.filter(closures::story_id.eq_any(TracePath::ids(&path.stories)));
        if let Some(customer) = path.customer {
            query = query.filter(closures::customer_id.eq(DbId(customer)));
        }
        match path.release {
            Some(release) => query.filter(closures::release_id.eq(DbId(release))),
            None => query,
        }
    };
    // Feedback without a customer has no closures.
    if path.begins_at(TraceKind::Feedback) && path.customer.is_none() {
        return Ok(Traced::default());
    }
    let columns = (
        closures::id,
        closures::story_id,
        closures::customer_id,
        closures::release_id,
        closures::round,
        closures::state,
        closures::told_at,
        closures::answered_at,
        closures::feedback_id,
    );
    let (total, rows) = traced!(conn, query(), columns, closures::id.desc(), Columns);
    let show = |row: Columns| {
        let (id, story, customer, release, round, state, told_at, answered_at, feedback) = row;
        TracedClosure {
            id: id.into(),
            story_id: story.into(),
            customer_id: customer.into(),
            release_id: release.map(Id::from),
            round,
            state,
            told_at: told_at.map(Into::into),
            answered_at: answered_at.map(Into::into),
            feedback_id: feedback.map(Id::from),
        }
    };
    Ok(Traced { total, data: rows.into_iter().map(show).collect() })
}
