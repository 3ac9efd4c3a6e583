//! `/v1/proposals`: changes that the engine suggests in themes that people have changed, and merges of themes that seem
//! to say the same.

use actix_web::HttpRequest;
use actix_web::web::ServiceConfig;
use utoipa::OpenApi;

use crate::domain::base::{Id, Page};
use crate::domain::themes::{Proposal, ProposalDetail, ProposalQuery, Rejection};
use crate::http::base::extract::{Path, Query};
use crate::http::base::reply::{Answer, AppData, Reply, Write, json, page, paging};
use crate::http::{Part, at};
use crate::store::themes::proposals as stored_proposals;
use crate::usecase::themes::proposals;

/// List proposals, newest first
///
/// The last cold refinement would have made these changes, but people have decided about the themes: they renamed,
/// muted, merged or split them, moved feedback into or out of them, or worked on their story. Merges with
/// `because.alike` are of two themes that seem to say the same, also in two languages; they are proposed for any
/// themes. Once accepted, the counts of both are one, and the draft of the theme that was merged away is proposed as a
/// duplicate of the other's. Within one refinement, proposals that move the most feedback come first.
#[utoipa::path(get, path = "/v1/proposals", tag = "proposals", params(ProposalQuery),
    responses((status = 200, body = Page<Proposal>)))]
pub async fn list_proposals(app: AppData, request: HttpRequest, query: Query<ProposalQuery>) -> Answer {
    let paging = paging(&request, &query.0)?;
    let found = app.store.read(move |conn| stored_proposals::list(conn, &query.0, &paging)).await?;
    Ok(page(&request, &found))
}

/// Read a proposal with the feedback that would move
#[utoipa::path(get, path = "/v1/proposals/{id}", tag = "proposals", params(("id" = Id, Path)),
    responses((status = 200, body = ProposalDetail)))]
pub async fn get_proposal(app: AppData, path: Path) -> Answer {
    let found = app.store.read(move |conn| stored_proposals::detail(conn, path.0)).await?;
    Ok(json(&found))
}

/// Accept a proposal
///
/// Has the same effect as a merge, a split or moves by a person: the feedback is pinned. `correction_id` and `Location`
/// name the correction, which can undo it. 409 if the proposal is no longer open or no longer applies: a theme is gone,
/// or none of the feedback is still in its place.
#[utoipa::path(post, path = "/v1/proposals/{id}/accept", tag = "proposals", params(("id" = Id, Path)),
    responses((status = 200, body = Proposal, headers(("Location" = String)))))]
pub async fn accept_proposal(app: AppData, path: Path, write: Write) -> Answer {
    let accept = move |tx: &mut crate::store::Tx<'_>| {
        let accepted = proposals::accept(tx, path.0)?;
        let reply = Reply::ok(&accepted);
        Ok(match accepted.correction_id {
            Some(id) => reply.at(format!("/v1/corrections/{id}")),
            None => reply,
        })
    };
    write.run_raw(&app, accept).await
}

/// Reject a proposal
///
/// The same change is not proposed again. 409 if the proposal is no longer open.
#[utoipa::path(post, path = "/v1/proposals/{id}/reject", tag = "proposals", params(("id" = Id, Path)),
    request_body = Option<Rejection>, responses((status = 200, body = Proposal)))]
pub async fn reject_proposal(app: AppData, path: Path, write: Write) -> Answer {
    write.run(&app, move |tx, input: &Rejection| Ok(Reply::ok(&proposals::reject(tx, path.0, input)?))).await
}

/// The OpenAPI description of this file's operations.
#[derive(OpenApi)]
#[openapi(paths(list_proposals, get_proposal, accept_proposal, reject_proposal))]
struct Api;

inventory::submit!(Part::of::<Api>(routes));

/// Registers the routes of these operations.
fn routes(config: &mut ServiceConfig) {
    config
        .service(at("/v1/proposals").get(list_proposals))
        .service(at("/v1/proposals/{id}").get(get_proposal))
        .service(at("/v1/proposals/{id}/accept").post(accept_proposal))
        .service(at("/v1/proposals/{id}/reject").post(reject_proposal));
}
