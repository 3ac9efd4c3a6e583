//! `/console/themes/proposals`: changes that the engine suggests. Each is shown side by side, before and after, and is
//! accepted or rejected in one click.

use std::collections::HashMap;

use actix_web::HttpRequest;
use actix_web::web::{Payload, ServiceConfig};
use askama::Template;

use crate::domain::base::{Id, Paging};
use crate::domain::feedback::Feedback;
use crate::domain::themes::{Proposal, ProposalKind, ProposalQuery, ProposalState, Rejection, Theme};
use crate::error::{Code, Result};
use crate::http::base::extract::Path;
use crate::http::base::reply::AppData;
use crate::http::console::base::access::Access::May;
use crate::http::console::base::flash::Flash;
use crate::http::console::base::form::Form;
use crate::http::console::base::page::{Shown, done, done_undoable, show_as};
use crate::http::console::base::refusal::Refusal;
use crate::http::console::base::shell::Shell;
use crate::http::console::base::visit::Visit;
use crate::http::{Pages, PagesBeforeIds, page_at};
use crate::store::themes::proposals as stored;
use crate::store::{Conn, feedback, themes};
use crate::usecase::themes::proposals;

/// Proposals on a page, and pairs of near feedback of each.
const SHOWN: i64 = 10;
const PAIRS: usize = 3;
/// The longest reason.
const LONGEST: usize = 2_000;

/// A proposal with what its decision needs.
struct Entry {
    proposal: Proposal,
    theme: Theme,
    other: Option<Theme>,
    /// The nearest feedback: of the theme, and of the other.
    pairs: Vec<(Feedback, Feedback)>,
    /// Some of the feedback that would move, where there are no pairs.
    moving: Vec<Feedback>,
}

impl Entry {
    /// How much feedback the first theme has afterwards; 0 where it is merged away.
    fn left(&self) -> i64 {
        match self.proposal.kind {
            ProposalKind::Merge => 0,
            _ => (i64::from(self.theme.size) - self.proposal.feedback_count).max(0),
        }
    }

    /// How much feedback the other theme has afterwards, or the new one.
    fn gained(&self) -> i64 {
        self.other.as_ref().map_or(0, |other| i64::from(other.size)) + self.proposal.feedback_count
    }

    fn alike(&self) -> Option<String> {
        self.proposal.because.alike.map(|alike| format!("{:.0}", 100.0 * alike))
    }
}

#[derive(Template)]
#[template(path = "console/themes/proposals.html")]
struct ProposalsPage {
    shell: Shell,
    entries: Vec<Entry>,
    open: i64,
    next: Option<String>,
    asked: Form,
    refusal: Refusal,
}

fn read(conn: &mut Conn, cursor: Option<String>) -> Result<(Vec<Entry>, Option<String>, i64)> {
    let query = ProposalQuery {
        state: Some(ProposalState::Open),
        archived: Some(false),
        limit: Some(SHOWN),
        cursor,
        ..ProposalQuery::default()
    };
    let found = stored::list(conn, &query, &Paging::of("/console/themes/proposals", &query)?)?;
    let ids: Vec<Id> = found.data.iter().flat_map(|one| [Some(one.theme_id), one.other_theme_id]).flatten().collect();
    let known = themes::list::get_many(conn, &distinct(ids))?;
    let known: HashMap<Id, Theme> = known.into_iter().map(|theme| (theme.id, theme)).collect();
    let near = found.data.iter().flat_map(|one| one.because.nearest.iter().take(PAIRS));
    let mut ids: Vec<Id> = near.flat_map(|pair| [pair.feedback_id, pair.other_feedback_id]).collect();
    let proposed: Vec<Id> = found.data.iter().map(|one| one.id).collect();
    let moving = stored::examples(conn, &proposed, PAIRS)?;
    ids.extend(moving.values().flatten());
    let said = feedback::rows::get_many(conn, &distinct(ids))?;
    let said: HashMap<Id, Feedback> = said.into_iter().map(|said| (said.id, said)).collect();
    let entry = |proposal: Proposal| {
        let theme = known.get(&proposal.theme_id)?.clone();
        let other = proposal.other_theme_id.and_then(|other| known.get(&other).cloned());
        let pairs = proposal.because.nearest.iter().take(PAIRS);
        let pairs = pairs.filter_map(|pair| {
            Some((said.get(&pair.feedback_id)?.clone(), said.get(&pair.other_feedback_id)?.clone()))
        });
        let pairs = pairs.collect();
        let own = moving.get(&proposal.id).into_iter().flatten();
        let moving = own.filter_map(|id| said.get(id).cloned()).collect();
        Some(Entry { theme, other, pairs, moving, proposal })
    };
    let entries = found.data.into_iter().filter_map(entry).collect();
    Ok((entries, found.next_cursor, stored::count(conn, ProposalState::Open)?))
}

fn distinct(mut ids: Vec<Id>) -> Vec<Id> {
    ids.sort_unstable();
    ids.dedup();
    ids
}

async fn page(app: &AppData, request: &HttpRequest, visit: Visit, refused: Option<Refusal>) -> Shown {
    let asked = Form::of_query(request)?;
    let cursor = asked.given("cursor").map(str::to_owned);
    let (entries, next, open) = visit.read(app, move |conn| read(conn, cursor)).await?;
    let next = next.map(|cursor| asked.address("/console/themes/proposals", "cursor", &cursor));
    let shell = Shell::new(request, |t| t.proposals());
    let refusal = refused.unwrap_or_default();
    show_as(refusal.status(), request, &ProposalsPage { shell, entries, open, next, asked, refusal })
}

async fn list(app: AppData, request: HttpRequest, visit: Visit) -> Shown {
    page(&app, &request, visit, None).await
}

async fn accept(app: AppData, request: HttpRequest, visit: Visit, path: Path) -> Shown {
    let id = path.0;
    match visit.write(&app, move |tx| proposals::accept(tx, id)).await {
        Ok(done) => {
            let address = "/console/themes/proposals";
            Ok(done_undoable(&request, address, Flash::Accepted, done.correction_id))
        }
        Err(error) if error.code == Code::Conflict => {
            let t = Shell::new(&request, |_| String::new()).t;
            page(&app, &request, visit, Some(Refusal::of(error, Form::default(), t))).await
        }
        Err(error) => Err(error),
    }
}

async fn reject(app: AppData, request: HttpRequest, visit: Visit, path: Path, body: Payload) -> Shown {
    let form = Form::read(&request, body).await?;
    let reason = form.given("reason").map(|reason| reason.chars().take(LONGEST).collect::<String>());
    let (id, rejection) = (path.0, Rejection { reason });
    match visit.write(&app, move |tx| proposals::reject(tx, id, &rejection).map(drop)).await {
        Ok(()) => Ok(done(&request, "/console/themes/proposals", Flash::Rejected)),
        Err(error) if error.code == Code::Conflict => {
            let t = Shell::new(&request, |_| String::new()).t;
            page(&app, &request, visit, Some(Refusal::of(error, form, t))).await
        }
        Err(error) => Err(error),
    }
}

inventory::submit!(PagesBeforeIds(list_routes));
inventory::submit!(Pages(routes));

/// Registers the list.
fn list_routes(config: &mut ServiceConfig) {
    config.service(page_at("/console/themes/proposals", &[("GET", May("list_proposals"))]).get(list));
}

/// Registers the decisions.
fn routes(config: &mut ServiceConfig) {
    config
        .service(page_at("/console/proposals/{id}/accept", &[("POST", May("accept_proposal"))]).post(accept))
        .service(page_at("/console/proposals/{id}/reject", &[("POST", May("reject_proposal"))]).post(reject));
}
