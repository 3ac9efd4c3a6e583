//! Changelogs: as JSON with customers' words, as Markdown, and as a public feed without them.

use actix_web::web::ServiceConfig;
use actix_web::{HttpRequest, HttpResponse};
use utoipa::OpenApi;

use crate::domain::base::{Id, Page, Paging};
use crate::domain::releases::changelog as shown;
use crate::domain::releases::{ChangelogQuery, ChangelogRelease, LanguageQuery};
use crate::error::{Code, Error};
use crate::http::at;
use crate::http::base::extract::{Path, Query, segment};
use crate::http::base::memory::answer_body;
use crate::http::base::reply::{Answer, AppData, page, paging};
use crate::http::public::changelog_feed;
use crate::store::team::products;
use crate::usecase::releases::changelog;

/// Releases in the feed: readers have seen older ones.
const FEED: i64 = 50;

/// Read a product's changelog, the latest release first
///
/// What was shipped and not rolled back, in the sections of Keep a Changelog; beside each entry what customers said.
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

/// Read a product's whole changelog as Markdown
///
/// In the form of Keep a Changelog 1.1.0, without customers' words.
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

/// Follow a product's changelog: an Atom feed that needs no token
///
/// The product is named by its key. It shows releases with their entries, never customers' words: an entry that may still
/// quote one reads "What customers asked for" until it is reworded or confirmed. 404 where the product's
/// `public_changelog` is off.
#[utoipa::path(get, path = "/feeds/{key}/changelog.atom", tag = "releases",
    params(("key" = String, Path, description = "Key of the product", example = "HB"), LanguageQuery),
    responses((status = 200, content((String = "application/atom+xml"))),
        (status = 404, description = "No such product, or its changelog is not public", body = crate::http::base::problem::Problem, content_type = "application/problem+json"),
        (status = 422, description = "The language is no code of one", body = crate::http::base::problem::Problem, content_type = "application/problem+json")))]
pub async fn get_changelog_feed(app: AppData, request: HttpRequest, query: Query<LanguageQuery>) -> Answer {
    let key = segment::<String>(&request, "key")?;
    let base = app.config.public_url();
    let read = move |conn: &mut _| {
        let private = || Error::new(Code::NotFound, "There is no public changelog of a product with this key.");
        let product = products::find(conn, &key)?.filter(|product| product.settings.public_changelog);
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
pub struct Api;

/// Registers the routes of these operations.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(at("/v1/products/{id}/changelog").get(get_changelog))
        .service(at("/v1/products/{id}/changelog.md").get(get_changelog_markdown))
        .service(at("/feeds/{key}/changelog.atom").get(get_changelog_feed));
}
