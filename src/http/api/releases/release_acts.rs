//! `/v1/releases/{id}/...`: freezing, shipping, rolling back and yanking.

use actix_web::web::ServiceConfig;
use utoipa::OpenApi;

use crate::domain::base::Id;
use crate::domain::releases::{Release, RollBack, Ship};
use crate::domain::themes::Reason;
use crate::error::Result;
use crate::http::base::extract::Path;
use crate::http::base::reply::{Answer, AppData, Reply, Write};
use crate::http::{Part, at};
use crate::store::Tx;
use crate::usecase::releases::{lifecycle, planning};

/// Freeze a release
///
/// No more stories can be added; stories can still be removed.
#[utoipa::path(post, path = "/v1/releases/{id}/freeze", tag = "releases", params(("id" = Id, Path)),
    responses((status = 200, body = Release, headers(("ETag" = String))), (status = 412, body = crate::http::base::problem::Problem, content_type = "application/problem+json")))]
pub async fn freeze_release(app: AppData, path: Path, write: Write) -> Answer {
    let if_match = write.if_match;
    write.run_raw(&app, move |tx| Ok(Reply::ok(&planning::freeze(tx, path.0, if_match)?))).await
}

/// Unfreeze a release, so that stories can be added again
#[utoipa::path(post, path = "/v1/releases/{id}/unfreeze", tag = "releases", params(("id" = Id, Path)),
    request_body = Reason, responses((status = 200, body = Release, headers(("ETag" = String)))))]
pub async fn unfreeze_release(app: AppData, path: Path, write: Write) -> Answer {
    for_a_reason(app, path, write, planning::unfreeze).await
}

/// Ship a release
///
/// Every story must be `ready` and its gates open. Otherwise the answer is 409 and names the stories that are not,
/// unless `move_unready` leaves them out. Stories become `released` when the release is deployed to production, which
/// is reported by `POST /v1/deployments` or a hook. If nobody reports deployments, `deployed` records one together with
/// the shipping.
#[utoipa::path(post, path = "/v1/releases/{id}/ship", tag = "releases", params(("id" = Id, Path)),
    request_body = Option<Ship>, responses((status = 200, body = Release, headers(("ETag" = String)))))]
pub async fn ship_release(app: AppData, path: Path, write: Write) -> Answer {
    let if_match = write.if_match;
    let ship = move |tx: &mut Tx<'_>, input: &Ship| Ok(Reply::ok(&lifecycle::ship(tx, path.0, if_match, input)?));
    write.run(&app, ship).await
}

/// Roll back a release
///
/// Its stories are `ready` again, and customers who were not told yet are not told. Customers who were told get a
/// message about the roll-back if `tell_customers` is true or the product's `tell_roll_back` says so. If that setting
/// is `ask`, each story shows in `roll_back_to_tell` that somebody must decide. Deploying the release again ships it
/// again.
#[utoipa::path(post, path = "/v1/releases/{id}/roll_back", tag = "releases", params(("id" = Id, Path)),
    request_body = RollBack, responses((status = 200, body = Release, headers(("ETag" = String)))))]
pub async fn roll_back_release(app: AppData, path: Path, write: Write) -> Answer {
    let if_match = write.if_match;
    let roll_back =
        move |tx: &mut Tx<'_>, input: &RollBack| Ok(Reply::ok(&lifecycle::roll_back(tx, path.0, if_match, input)?));
    write.run(&app, roll_back).await
}

/// Yank a release
///
/// Nobody should install this version any more; the changelog marks it `[YANKED]`. Its stories stay `released`, because
/// customers who have the version have them. To take the stories back, roll the release back instead.
#[utoipa::path(post, path = "/v1/releases/{id}/yank", tag = "releases", params(("id" = Id, Path)),
    request_body = Reason, responses((status = 200, body = Release, headers(("ETag" = String)))))]
pub async fn yank_release(app: AppData, path: Path, write: Write) -> Answer {
    for_a_reason(app, path, write, lifecycle::yank).await
}

type ReleaseAct = fn(&mut Tx<'_>, Id, Option<i32>, &str) -> Result<Release>;

async fn for_a_reason(app: AppData, path: Path, write: Write, act: ReleaseAct) -> Answer {
    let if_match = write.if_match;
    let run = move |tx: &mut Tx<'_>, input: &Reason| Ok(Reply::ok(&act(tx, path.0, if_match, &input.reason)?));
    write.run(&app, run).await
}

/// The OpenAPI description of this file's operations.
#[derive(OpenApi)]
#[openapi(paths(freeze_release, unfreeze_release, ship_release, roll_back_release, yank_release))]
struct Api;

inventory::submit!(Part::of::<Api>(routes));

/// Registers the routes of these operations.
fn routes(config: &mut ServiceConfig) {
    config
        .service(at("/v1/releases/{id}/freeze").post(freeze_release))
        .service(at("/v1/releases/{id}/unfreeze").post(unfreeze_release))
        .service(at("/v1/releases/{id}/ship").post(ship_release))
        .service(at("/v1/releases/{id}/roll_back").post(roll_back_release))
        .service(at("/v1/releases/{id}/yank").post(yank_release));
}
