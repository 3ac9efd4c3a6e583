//! `/v1/retention-rules`, `/v1/retention-report` and `/v1/legal-holds`: how long data is kept.

use actix_web::web::ServiceConfig;
use actix_web::{HttpRequest, HttpResponse};
use utoipa::OpenApi;

use crate::domain::base::{Id, Page};
use crate::domain::privacy::retention::{
    LegalHold, LegalHoldQuery, NewLegalHold, NewRetentionRule, RetentionCount, RetentionDryRun, RetentionRule,
    RetentionRuleEdit,
};
use crate::http::api::stories::resource::PartQuery;
use crate::http::base::extract::{Path, Query};
use crate::http::base::reply::{Answer, AppData, Reply, Write, page, paging, resource};
use crate::http::{Part, at};
use crate::store::Tx;
use crate::store::privacy::retention::{holds as stored_holds, rules as stored};
use crate::usecase::privacy::retention::{holds, rules};

/// List retention rules, newest first
#[utoipa::path(get, path = "/v1/retention-rules", tag = "privacy", params(PartQuery),
    responses((status = 200, body = Page<RetentionRule>)))]
pub async fn list_retention_rules(app: AppData, request: HttpRequest, query: Query<PartQuery>) -> Answer {
    let paging = paging(&request, &query.0)?;
    let found = app.store.read(move |conn| stored::list(conn, &paging)).await?;
    Ok(page(&request, &found))
}

/// Add a retention rule
///
/// A new rule removes nothing until it is enabled: read its dry run first. There is one rule for each kind and product; a
/// rule without a product counts for products that have none. 409 where there is one already. An enabled rule removes
/// what is older in small pieces, never what a legal hold keeps, and counts what went (`GET /v1/retention-report`).
#[utoipa::path(post, path = "/v1/retention-rules", tag = "privacy", request_body = NewRetentionRule, responses(
    (status = 201, body = RetentionRule, description = "Added", headers(("Location" = String), ("ETag" = String)))))]
pub async fn create_retention_rule(app: AppData, write: Write) -> Answer {
    let create = |tx: &mut Tx<'_>, input: &NewRetentionRule| {
        let rule = rules::create(tx, input)?;
        Ok(Reply::created(format!("/v1/retention-rules/{}", rule.id), &rule))
    };
    write.run(&app, create).await
}

/// Read a retention rule
#[utoipa::path(get, path = "/v1/retention-rules/{id}", tag = "privacy", params(("id" = Id, Path)),
    responses((status = 200, body = RetentionRule, headers(("ETag" = String)))))]
pub async fn get_retention_rule(app: AppData, path: Path) -> Answer {
    Ok(resource(&app.store.read(move |conn| stored::get(conn, path.0)).await?))
}

/// Change a retention rule
#[utoipa::path(patch, path = "/v1/retention-rules/{id}", tag = "privacy", params(("id" = Id, Path)),
    request_body(content = RetentionRuleEdit, content_type = "application/merge-patch+json"),
    responses((status = 200, body = RetentionRule, headers(("ETag" = String)))))]
pub async fn edit_retention_rule(app: AppData, path: Path, write: Write) -> Answer {
    let (if_match, patch) = (write.if_match, write.body.value.clone());
    write.run_raw(&app, move |tx| Ok(Reply::ok(&rules::edit(tx, path.0, if_match, &patch)?))).await
}

/// Delete a retention rule
///
/// What it removed stays removed, and counted.
#[utoipa::path(delete, path = "/v1/retention-rules/{id}", tag = "privacy", params(("id" = Id, Path)),
    responses((status = 204, description = "Deleted")))]
pub async fn delete_retention_rule(app: AppData, path: Path, write: Write) -> Answer {
    let if_match = write.if_match;
    app.store.write(write.caller.actor(), move |tx| rules::delete(tx, path.0, if_match)).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Count what a retention rule would remove now
///
/// It changes nothing. `held` is what a legal hold keeps.
#[utoipa::path(post, path = "/v1/retention-rules/{id}/dry-run", tag = "privacy", params(("id" = Id, Path)),
    responses((status = 200, body = RetentionDryRun)))]
pub async fn dry_run_retention_rule(app: AppData, path: Path, write: Write) -> Answer {
    write.run_raw(&app, move |tx| Ok(Reply::ok(&rules::dry_run(tx.conn, path.0, tx.now)?))).await
}

/// List what retention rules removed, by day, newest first
#[utoipa::path(get, path = "/v1/retention-report", tag = "privacy", params(PartQuery),
    responses((status = 200, body = Page<RetentionCount>)))]
pub async fn get_retention_report(app: AppData, request: HttpRequest, query: Query<PartQuery>) -> Answer {
    let paging = paging(&request, &query.0)?;
    let found = app.store.read(move |conn| stored::report(conn, &paging)).await?;
    Ok(page(&request, &found.map(|(_, count)| count)))
}

/// List legal holds, newest first
#[utoipa::path(get, path = "/v1/legal-holds", tag = "privacy", params(LegalHoldQuery),
    responses((status = 200, body = Page<LegalHold>)))]
pub async fn list_legal_holds(app: AppData, request: HttpRequest, query: Query<LegalHoldQuery>) -> Answer {
    let (paging, query) = (paging(&request, &query.0)?, query.0);
    let found = app.store.read(move |conn| stored_holds::list(conn, &query, &paging)).await?;
    Ok(page(&request, &found))
}

/// Place a legal hold
///
/// On a customer, an account or a product. While it lasts, retention rules remove nothing of it, and an erasure that is
/// asked for waits. Rules for deliveries, imports and the audit log rest while any hold lasts, because nobody can tell
/// whose data they hold.
#[utoipa::path(post, path = "/v1/legal-holds", tag = "privacy", request_body = NewLegalHold, responses(
    (status = 201, body = LegalHold, description = "Placed", headers(("Location" = String), ("ETag" = String)))))]
pub async fn create_legal_hold(app: AppData, write: Write) -> Answer {
    let create = |tx: &mut Tx<'_>, input: &NewLegalHold| {
        let hold = holds::place(tx, input)?;
        Ok(Reply::created(format!("/v1/legal-holds/{}", hold.id), &hold))
    };
    write.run(&app, create).await
}

/// Read a legal hold
#[utoipa::path(get, path = "/v1/legal-holds/{id}", tag = "privacy", params(("id" = Id, Path)),
    responses((status = 200, body = LegalHold, headers(("ETag" = String)))))]
pub async fn get_legal_hold(app: AppData, path: Path) -> Answer {
    Ok(resource(&app.store.read(move |conn| stored_holds::get(conn, path.0)).await?))
}

/// End a legal hold
///
/// Erasures that waited for it run within a minute or two, unless another hold keeps the data.
#[utoipa::path(post, path = "/v1/legal-holds/{id}/end", tag = "privacy", params(("id" = Id, Path)),
    responses((status = 200, body = LegalHold, headers(("ETag" = String)))))]
pub async fn end_legal_hold(app: AppData, path: Path, write: Write) -> Answer {
    let if_match = write.if_match;
    write.run_raw(&app, move |tx| Ok(Reply::ok(&holds::end(tx, path.0, if_match)?))).await
}

/// The OpenAPI description of this file's operations.
#[derive(OpenApi)]
#[openapi(paths(
    list_retention_rules,
    create_retention_rule,
    get_retention_rule,
    edit_retention_rule,
    delete_retention_rule,
    dry_run_retention_rule,
    get_retention_report,
    list_legal_holds,
    create_legal_hold,
    get_legal_hold,
    end_legal_hold
))]
struct Api;

inventory::submit!(Part::of::<Api>(routes));

/// Registers the routes of these operations.
fn routes(config: &mut ServiceConfig) {
    config
        .service(at("/v1/retention-rules").get(list_retention_rules).post(create_retention_rule))
        .service(
            at("/v1/retention-rules/{id}")
                .get(get_retention_rule)
                .patch(edit_retention_rule)
                .delete(delete_retention_rule),
        )
        .service(at("/v1/retention-rules/{id}/dry-run").post(dry_run_retention_rule))
        .service(at("/v1/retention-report").get(get_retention_report))
        .service(at("/v1/legal-holds").get(list_legal_holds).post(create_legal_hold))
        .service(at("/v1/legal-holds/{id}").get(get_legal_hold))
        .service(at("/v1/legal-holds/{id}/end").post(end_legal_hold));
}
