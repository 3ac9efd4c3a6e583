//! `/v1/stories/{id}/dependencies`: what a story needs and blocks, its plan, and what a slip of it moves.

use actix_web::web::ServiceConfig;
use actix_web::{HttpRequest, HttpResponse};
use utoipa::OpenApi;

use super::story_path::StoryPath;
use crate::domain::base::Id;
use crate::domain::stories::dependency::{Dependencies, Dependency, DependencyEdit, NewDependency, ShownDependency};
use crate::domain::stories::plan::{Plan, PlanQuery, Slip, TriedSlip};
use crate::domain::team::Caller;
use crate::error::{Error, Result};
use crate::http::base::extract::{By, Path, Query, segment};
use crate::http::base::reply::{Answer, AppData, Reply, Write, json};
use crate::http::{Part, at};
use crate::store::team::products;
use crate::store::{Conn, Tx, stories};
use crate::usecase::stories::depending::{dependencies, plans, shown, slips};

/// Refuses a story that the caller may not see: what follows is read without their limits.
async fn sees(app: &AppData, story: Id) -> Result<()> {
    app.store.read(move |conn| stories::rows::get(conn, story).map(drop)).await
}

/// List the dependencies of a story, oldest first
///
/// `needs`: the story waits for the other one, or for something outside. `blocks` is the same from the other side.
/// `relates` says no more than that. Whether the story is blocked is computed: a story that is needed satisfies the other
/// when it is `released`, or already when it is `ready`, where `satisfied_at` says so; never when it is declined. Then
/// `needs_decision` asks a person to decide. The original of a duplicate takes its place. As long as something is missing,
/// the story can't become `ready` or `released` on any path; an admin can override that like a gate. A story of a
/// product that you may not see is `hidden`: that it blocks is shown, what it is is not.
#[utoipa::path(get, path = "/v1/stories/{id}/dependencies", tag = "dependencies",
    params(("id" = String, Path, description = "Id or number of the story", example = "HB-17")), responses((status = 200, body = Dependencies)))]
pub async fn list_dependencies(app: AppData, path: StoryPath, By(caller): By) -> Answer {
    sees(&app, path.0).await?;
    let read = move |conn: &mut Conn| shown::of_story(conn, &caller.access, path.0);
    Ok(json(&app.store.read_whole(read).await?))
}

/// A dependency, as the caller may see it.
fn show(tx: &mut Tx<'_>, caller: &Caller, story: Id, dependency: Dependency) -> Result<ShownDependency> {
    shown::one(tx.conn, &caller.access, story, dependency)?.ok_or_else(|| Error::not_found("dependency"))
}

/// Add a dependency to a story
///
/// `kind` says what this story is to the other one: it `blocks` it, `needs` it, or `relates` to it. The other one is a story
/// of any product (`story_id`, an id or a number), or something outside that a team or a vendor does (`external`, with
/// `needs`). Stories that would wait for each other are refused, with the circle in the error. The same dependency again
/// answers 200 and changes its lag and its stage.
#[utoipa::path(post, path = "/v1/stories/{id}/dependencies", tag = "dependencies",
    params(("id" = String, Path, description = "Id or number of the story", example = "HB-17")), request_body = NewDependency,
    responses((status = 201, body = ShownDependency, description = "Added"),
        (status = 200, body = ShownDependency, description = "There already")))]
pub async fn create_dependency(app: AppData, path: StoryPath, write: Write) -> Answer {
    let caller = write.caller.clone();
    let add = move |tx: &mut Tx<'_>, input: &NewDependency| {
        let (dependency, is_new) = dependencies::add(tx, path.0, input)?;
        Ok(Reply::new(if is_new { 201 } else { 200 }, &show(tx, &caller, path.0, dependency)?))
    };
    write.run(&app, add).await
}

/// Change the lag, the stage or what is outside of a dependency
#[utoipa::path(patch, path = "/v1/stories/{id}/dependencies/{dependency}", tag = "dependencies",
    params(("id" = String, Path, description = "Id or number of the story", example = "HB-17"), ("dependency" = Id, Path)),
    request_body(content = DependencyEdit, content_type = "application/merge-patch+json"), responses((status = 200, body = ShownDependency)))]
pub async fn edit_dependency(app: AppData, request: HttpRequest, path: StoryPath, write: Write) -> Answer {
    let id = segment::<Id>(&request, "dependency")?;
    let (patch, caller) = (write.body.value.clone(), write.caller.clone());
    let edit = move |tx: &mut Tx<'_>| {
        let dependency = dependencies::edit(tx, path.0, id, &patch)?;
        Ok(Reply::ok(&show(tx, &caller, path.0, dependency)?))
    };
    write.run_raw(&app, edit).await
}

/// Remove a dependency
///
/// From either side.
#[utoipa::path(delete, path = "/v1/stories/{id}/dependencies/{dependency}", tag = "dependencies",
    params(("id" = String, Path, description = "Id or number of the story", example = "HB-17"), ("dependency" = Id, Path)),
    responses((status = 204, description = "Removed")))]
pub async fn delete_dependency(app: AppData, request: HttpRequest, path: StoryPath, write: Write) -> Answer {
    let id = segment::<Id>(&request, "dependency")?;
    app.store.write(write.caller.actor(), move |tx| dependencies::remove(tx, path.0, id)).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Closes something outside, or opens it again.
async fn closing(app: AppData, request: HttpRequest, path: StoryPath, write: Write, closed: bool) -> Answer {
    // A wrong body is refused before a wrong id.
    let id = segment::<Id>(&request, "dependency").ok();
    let caller = write.caller.clone();
    let close = move |tx: &mut Tx<'_>| {
        let id = id.ok_or_else(|| Error::not_found("dependency"))?;
        let dependency = dependencies::close(tx, path.0, id, closed)?;
        Ok(Reply::ok(&show(tx, &caller, path.0, dependency)?))
    };
    write.run_raw(&app, close).await
}

/// Say that something outside is there
#[utoipa::path(post, path = "/v1/stories/{id}/dependencies/{dependency}/close", tag = "dependencies",
    params(("id" = String, Path, description = "Id or number of the story", example = "HB-17"), ("dependency" = Id, Path)),
    responses((status = 200, body = ShownDependency)))]
pub async fn close_dependency(app: AppData, request: HttpRequest, path: StoryPath, write: Write) -> Answer {
    closing(app, request, path, write, true).await
}

/// Say that something outside is not there after all
#[utoipa::path(post, path = "/v1/stories/{id}/dependencies/{dependency}/reopen", tag = "dependencies",
    params(("id" = String, Path, description = "Id or number of the story", example = "HB-17"), ("dependency" = Id, Path)),
    responses((status = 200, body = ShownDependency)))]
pub async fn reopen_dependency(app: AppData, request: HttpRequest, path: StoryPath, write: Write) -> Answer {
    closing(app, request, path, write, false).await
}

/// Read the plan of a story: what it needs, and what needs it
///
/// The critical path method, in working days of the calendar of the story's product: each story takes its `days`, or 20 a
/// person-month of its `effort`, or 5 where nobody set either (`doubts` says so), and begins when what it needs is done and
/// the lag is over. A story that is `ready` takes no more days. Something outside is there at the end of the day on which it
/// is due. `critical`: a day later here is a day later for all.
#[utoipa::path(get, path = "/v1/stories/{id}/plan", tag = "dependencies",
    params(("id" = String, Path, description = "Id or number of the story", example = "HB-17"), PlanQuery), responses((status = 200, body = Plan)))]
pub async fn get_story_plan(app: AppData, path: StoryPath, By(caller): By, query: Query<PlanQuery>) -> Answer {
    sees(&app, path.0).await?;
    let now = app.store.clock.now();
    let read = move |conn: &mut Conn| plans::of_story(conn, &caller.access, path.0, &query.0, now);
    Ok(json(&app.store.read_whole(read).await?))
}

/// Read the plan of a product: its stories in development, and what they need
///
/// Computed like the plan of a story.
#[utoipa::path(get, path = "/v1/products/{id}/plan", tag = "dependencies", params(("id" = Id, Path), PlanQuery),
    responses((status = 200, body = Plan)))]
pub async fn get_product_plan(app: AppData, path: Path, By(caller): By, query: Query<PlanQuery>) -> Answer {
    app.store.read(move |conn| products::get(conn, path.0).map(drop)).await?;
    let now = app.store.clock.now();
    let read = move |conn: &mut Conn| plans::of_product(conn, &caller.access, path.0, &query.0, now);
    Ok(json(&app.store.read_whole(read).await?))
}

/// Try what a slip of a story would move
///
/// A dry run: nothing is changed. The story ships with the unshipped release that it is in, or when it is due, or when its
/// plan says. It slips by working days (`days`) or to a day (`to`). Every story that needs it, directly or through others,
/// and would now ship before it, moves as well; a story that goes by train moves to the next train. The answer names the
/// stories and the releases, each with both dates, and who waits for them: counts and the value of their accounts for
/// everybody, names for those who may see customers.
#[utoipa::path(post, path = "/v1/stories/{id}/slip", tag = "dependencies",
    params(("id" = String, Path, description = "Id or number of the story", example = "HB-17")), request_body = TriedSlip,
    responses((status = 200, body = Slip)))]
pub async fn slip_story(app: AppData, path: StoryPath, write: Write) -> Answer {
    let mut write = write;
    let input: TriedSlip = write.body.decode().await?;
    sees(&app, path.0).await?;
    let (now, caller) = (app.store.clock.now(), write.caller);
    let read = move |conn: &mut Conn| slips::dry_run(conn, &caller.access, path.0, &input, now);
    Ok(json(&app.store.read_whole(read).await?))
}

/// The OpenAPI description of this file's operations.
#[derive(OpenApi)]
#[openapi(paths(
    list_dependencies,
    create_dependency,
    edit_dependency,
    delete_dependency,
    close_dependency,
    reopen_dependency,
    get_story_plan,
    get_product_plan,
    slip_story
))]
struct Api;

inventory::submit!(Part::of::<Api>(routes));

/// Registers the routes of these operations.
fn routes(config: &mut ServiceConfig) {
    config
        .service(at("/v1/stories/{id}/dependencies").get(list_dependencies).post(create_dependency))
        .service(at("/v1/stories/{id}/dependencies/{dependency}").patch(edit_dependency).delete(delete_dependency))
        .service(at("/v1/stories/{id}/dependencies/{dependency}/close").post(close_dependency))
        .service(at("/v1/stories/{id}/dependencies/{dependency}/reopen").post(reopen_dependency))
        .service(at("/v1/stories/{id}/plan").get(get_story_plan))
        .service(at("/v1/products/{id}/plan").get(get_product_plan))
        .service(at("/v1/stories/{id}/slip").post(slip_story));
}
