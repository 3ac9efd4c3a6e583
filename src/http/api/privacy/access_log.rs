//! `/v1/access-log`: who read, changed or downloaded whose data, and the monthly review.

use actix_web::HttpRequest;
use actix_web::web::ServiceConfig;
use utoipa::{OpenApi, ToSchema};

use crate::domain::base::Page;
use crate::domain::privacy::access::log::{AccessEntry, AccessHead, AccessQuery, LogCheck};
use crate::domain::privacy::access::review::{AccessReview, ReviewQuery, ReviewSignature, SignedQuery, SignedReview};
use crate::http::base::extract::Query;
use crate::http::base::reply::{Answer, AppData, Reply, Write, json, page, paging};
use crate::http::{Part, at};
use crate::store::Tx;
use crate::store::privacy::access::{chain, list, reviews};
use crate::usecase::privacy::access::reviewing;

/// Read the access log, newest first
///
/// Who read, changed or downloaded data of which customers: by the API, the pages of the console and the commands. An
/// entry is written for each request whose answer showed a customer or feedback, with the ids that it showed; a list
/// leaves one entry. `customer` answers who saw a person. Requests that only file feedback, and customers who open their
/// own link, leave none.
///
/// Entries of reads are written within half a second, those of downloads before the answer. Each has a hash over itself
/// and the entry before it. They are kept for `HEARBACK_ACCESS_DAYS` days; the chain `permissions`, with changes of roles and
/// tokens, for `HEARBACK_PERMISSION_DAYS` days. A download may say why in the header `Access-Reason`, and must if
/// `HEARBACK_ACCESS_REASON` is `required`.
#[utoipa::path(get, path = "/v1/access-log", tag = "access", params(AccessQuery),
    responses((status = 200, body = Page<AccessEntry>)))]
pub async fn list_access_log(app: AppData, request: HttpRequest, query: Query<AccessQuery>) -> Answer {
    let paging = paging(&request, &query.0)?;
    app.access.write_all(&app.store).await?;
    let found = app.store.read(move |conn| list::list(conn, &query.0, &paging)).await?;
    Ok(page(&request, &found))
}

/// Check the access log
///
/// Computes each chain anew and names the first entry that was changed, removed or cut off. `hearback doctor` does the
/// same. Somebody who may write to the database could compute a whole chain anew: compare `head` with a copy that you
/// keep elsewhere.
#[utoipa::path(get, path = "/v1/access-log/verification", tag = "access",
    responses((status = 200, body = LogCheck)))]
pub async fn verify_access_log(app: AppData) -> Answer {
    app.access.write_all(&app.store).await?;
    Ok(json(&app.store.read(chain::check).await?))
}

/// The last entries of the days.
#[derive(serde::Serialize, ToSchema)]
pub struct AccessHeads {
    data: Vec<AccessHead>,
}

/// List the last entry of each day of the access log
///
/// Newest first, at most 2,000. The server writes them to its log every day, too. A copy elsewhere shows later whether the
/// log is still the one that was written.
#[utoipa::path(get, path = "/v1/access-log/heads", tag = "access", responses((status = 200, body = AccessHeads)))]
pub async fn list_access_heads(app: AppData) -> Answer {
    app.access.write_all(&app.store).await?;
    let data = app.store.read(chain::heads).await?;
    Ok(json(&AccessHeads { data }))
}

/// Read the review of a month
///
/// What a reviewer should look at: downloads without a reason, accesses between 22:00 and 06:00, days on which one reader
/// saw many customers, and addresses that a reader had not used before.
#[utoipa::path(get, path = "/v1/access-log/review", tag = "access", params(ReviewQuery),
    responses((status = 200, body = AccessReview)))]
pub async fn get_access_review(app: AppData, query: Query<ReviewQuery>) -> Answer {
    app.access.write_all(&app.store).await?;
    let now = app.store.clock.now();
    let query = query.0;
    let many = query.many.unwrap_or(reviewing::MANY);
    let read = move |conn: &mut _| reviewing::of_month(conn, query.month.as_deref(), many, now);
    Ok(json(&app.store.read(read).await?))
}

/// List the signed reviews, newest first
#[utoipa::path(get, path = "/v1/access-log/reviews", tag = "access", params(SignedQuery),
    responses((status = 200, body = Page<SignedReview>)))]
pub async fn list_access_reviews(app: AppData, request: HttpRequest, query: Query<SignedQuery>) -> Answer {
    let paging = paging(&request, &query.0)?;
    let found = app.store.read(move |conn| reviews::list(conn, &paging)).await?;
    Ok(page(&request, &found))
}

/// Sign the review of a month
///
/// The signature keeps the numbers of the review and the last entry of the log at that time. A month may be signed more than
/// once; each signature stays.
#[utoipa::path(post, path = "/v1/access-log/reviews", tag = "access", request_body = ReviewSignature,
    responses((status = 201, body = SignedReview, description = "Signed")))]
pub async fn sign_access_review(app: AppData, write: Write) -> Answer {
    app.access.write_all(&app.store).await?;
    let sign = |tx: &mut Tx<'_>, input: &ReviewSignature| Ok(Reply::new(201, &reviewing::sign(tx, input)?));
    write.run(&app, sign).await
}

/// The OpenAPI description of this file's operations.
#[derive(OpenApi)]
#[openapi(paths(
    list_access_log,
    verify_access_log,
    list_access_heads,
    get_access_review,
    list_access_reviews,
    sign_access_review
))]
struct Api;

inventory::submit!(Part::of::<Api>(routes));

/// Registers the routes of these operations.
fn routes(config: &mut ServiceConfig) {
    config
        .service(at("/v1/access-log").get(list_access_log))
        .service(at("/v1/access-log/verification").get(verify_access_log))
        .service(at("/v1/access-log/heads").get(list_access_heads))
        .service(at("/v1/access-log/review").get(get_access_review))
        .service(at("/v1/access-log/reviews").get(list_access_reviews).post(sign_access_review));
}
