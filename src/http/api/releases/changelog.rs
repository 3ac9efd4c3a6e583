//! Changelogs of products: as JSON with quotes of customers, as Markdown, and as a public feed without quotes.

use actix_web::web::ServiceConfig;
use actix_web::{HttpRequest, HttpResponse};
use utoipa::OpenApi;

use crate::domain::base::{Id, Page, Paging};
use crate::domain::releases::changelog as shown;
use crate::domain::releases::{ChangelogQuery, ChangelogRelease, LanguageQuery};
use crate::domain::team::Product;
use crate::error::{Code, Error};
use crate::http::base::extract::{Path, Query, segment};
use crate::http::base::memory::answer_body;
use crate::http::base::reply::{Answer, AppData, page, paging};
use crate::http::public::changelog_feed;
use crate::http::{Part, at};
use crate::store::team::products;
use crate::usecase::releases::changelog;

/// Releases in the feed; feed readers keep older ones themselves.
const FEED: i64 = 50;

/// Read a product's changelog, latest release first
///
/// Lists the releases that were shipped and not rolled back, in the sections of Keep a Changelog. Each entry has quotes
/// of the customers behind it.
#[utoipa::path(get, path = "/v1/products/{id}/changelog", tag = "releases", params(("id" = Id, Path), ChangelogQuery),
    responses((status = 200, body = Page<ChangelogRelease>)))]
pub async fn get_changelog(app: AppData, request: HttpRequest, path: Path, query: Query<ChangelogQuery>) -> Answer {
    let paging = paging(&request, &query.0)?;
    let read = move |conn: &mut _| {
        let product = products::get(conn, path.0)?;
        let mut found = changelog::page(conn, product.id, query.0.language.as_deref(), &paging)?;
        changelog::quote(conn, &mut found.data)?;
        Ok(found)
    };
    let found = app.store.read(read).await?;
    Ok(page(&request, &found))
}

/// Read a product's changelog as Markdown
///
/// The whole changelog in the form of Keep a Changelog 1.1.0, without quotes of customers.
#[utoipa::path(get, path = "/v1/products/{id}/changelog.md", tag = "releases", params(("id" = Id, Path), LanguageQuery),
    responses((status = 200, content((String = "text/markdown", example = "# Changelog\n\n## [1.4.0] - 2026-11-23\n\n### Fixed\n\n- Refunds show when they will arrive (HB-17)\n")))))]
pub async fn get_changelog_markdown(app: AppData, path: Path, query: Query<LanguageQuery>) -> Answer {
    let read = move |conn: &mut _| {
        let product = products::get(conn, path.0)?;
        Ok(shown::markdown(&product.name, &changelog::whole(conn, product.id, query.0.language.as_deref())?))
    };
    let text = app.store.read(read).await?;
    Ok(HttpResponse::Ok().content_type("text/markdown; charset=utf-8").body(answer_body(text)))
}

/// Read a product's public changelog as an Atom feed
///
/// Needs no token. The product is named by its key. The feed shows releases with their entries and never quotes
/// customers: an entry that may still quote one is replaced by "What customers asked for" until it is reworded or
/// confirmed. 404 if the product's `public_changelog` is off.
#[utoipa::path(get, path = "/feeds/{key}/changelog.atom", tag = "releases",
    params(("key" = String, Path, description = "Key of the product", example = "HB"), LanguageQuery),
    responses((status = 200, content((String = "application/atom+xml"))),
        (status = 404, description = "There is no such product, or its changelog is not public", body = crate::http::base::problem::Problem, content_type = "application/problem+json"),
        (status = 422, description = "The language is not a language code", body = crate::http::base::problem::Problem, content_type = "application/problem+json")))]
pub async fn get_changelog_feed(app: AppData, request: HttpRequest, query: Query<LanguageQuery>) -> Answer {
    let key = segment::<String>(&request, "key")?;
    let base = app.config.public_url();
    let read = move |conn: &mut _| {
        let private = || Error::new(Code::NotFound, "There is no product with this key and a public changelog.");
        let product = products::find(conn, &key)?.filter(Product::has_public_changelog);
        let product = product.ok_or_else(private)?;
        let latest = Paging::new(Some(FEED), None, String::new())?;
        let language = query.0.language.as_deref();
        Ok(changelog_feed::feed(&base, &product, &changelog::page(conn, product.id, language, &latest)?.data))
    };
    let feed = app.store.read(read).await?;
    Ok(HttpResponse::Ok().content_type("application/atom+xml; charset=utf-8").body(answer_body(feed)))
}

/// The OpenAPI description of this file's operations.
#[derive(OpenApi)]
#[openapi(paths(get_changelog, get_changelog_markdown, get_changelog_feed))]
struct Api;

inventory::submit!(Part::of::<Api>(routes));

/// Registers the routes of these operations.
fn routes(config: &mut ServiceConfig) {
    config
        .service(at("/v1/products/{id}/changelog").get(get_changelog))
        .service(at("/v1/products/{id}/changelog.md").get(get_changelog_markdown))
        .service(at("/feeds/{key}/changelog.atom").get(get_changelog_feed));
}
