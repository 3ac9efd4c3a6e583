//! The public changelog of a product as a page for readers. It shows what the feed shows: names of releases and their
//! entries, nothing a customer said.

use std::sync::LazyLock;

use actix_web::http::header;
use actix_web::web::ServiceConfig;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};
use utoipa::OpenApi;

use crate::domain::base::language::Language;
use crate::domain::releases::{ChangelogQuery, ChangelogRelease};
use crate::domain::team::Product;
use crate::domain::words::console::Words;
use crate::error::{Code, Error};
use crate::http::base::extract::{Query, segment};
use crate::http::base::memory::answer_body;
use crate::http::base::reply::{Answer, AppData, paging};
use crate::http::{Part, at};
use crate::store::team::products;
use crate::usecase::releases::changelog;

/// Releases on a page where the address asks for no other number.
const SHOWN: i64 = 20;

/// The style, as the template includes it: without the line break at its end.
const STYLE: &str = include_str!("../../../templates/page/changelog.css").trim_ascii_end();

/// The content security policy: only the style of this page is allowed.
static POLICY: LazyLock<String> = LazyLock::new(|| {
    let hash = STANDARD.encode(Sha256::digest(STYLE));
    format!(
        "default-src 'none'; style-src 'sha256-{hash}'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
    )
});

#[derive(Template)]
#[template(path = "page/changelog.html")]
struct ChangelogPage<'a> {
    t: Words,
    /// The language of the page.
    language: &'static str,
    base: &'a str,
    product: &'a Product,
    releases: &'a [ChangelogRelease],
    /// The address of the feed in this language.
    feed: String,
    /// The same page in the other language, with the code and the name of that language.
    other: (&'static str, &'static str),
    next: Option<String>,
}

impl ChangelogPage<'_> {
    /// The day of a release. All readers see the same day.
    fn day(&self, release: &ChangelogRelease) -> String {
        use chrono::Datelike;
        let at = chrono::DateTime::from_timestamp_micros(release.shipped_at.0).unwrap_or_default();
        self.t.short_date(at.day(), at.month(), at.year())
    }
}

/// The language of a page without one in its address: the first of ours that the browser asks for.
fn asked(request: &HttpRequest) -> &'static str {
    let asked = request.headers().get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    let mut asked = asked.unwrap_or_default().split(',').map(|part| part.trim().to_ascii_lowercase());
    let ours = |code: String| match code.split(['-', ';']).next() {
        Some("ko") => Some("ko"),
        Some("en") => Some("en"),
        _ => None,
    };
    asked.find_map(ours).unwrap_or("en")
}

/// The page of a changelog in a language; `next` is the cursor of the next page.
fn html(
    base: &str,
    product: &Product,
    releases: &[ChangelogRelease],
    language: &str,
    next: Option<&str>,
) -> askama::Result<String> {
    let address = |path: &str, query: &[(&str, &str)]| {
        format!("{path}?{}", serde_urlencoded::to_string(query).unwrap_or_default())
    };
    let here = format!("/changelog/{}", product.key);
    let t = Words(Language::of(Some(language)));
    let other = match t.0 {
        Language::English => ("ko", "한국어"),
        Language::Korean => ("en", "English"),
    };
    ChangelogPage {
        t,
        language: t.0.code(),
        base: base.trim_end_matches('/'),
        product,
        releases,
        feed: address(&format!("/feeds/{}/changelog.atom", product.key), &[("language", language)]),
        other,
        next: next.map(|cursor| address(&here, &[("language", language), ("cursor", cursor)])),
    }
    .render()
}

/// Read a product's public changelog as a page
///
/// HTML, without a token, in English or Korean: the language of the query, else of the browser. It shows what the feed
/// shows: releases with their entries, and never quotes customers. 404 if the product's `public_changelog` is off.
#[utoipa::path(get, path = "/changelog/{key}", tag = "customer pages",
    params(("key" = String, Path, description = "Key of the product", example = "HB"), ChangelogQuery),
    responses((status = 200, body = String, content_type = "text/html", description = "The changelog"),
        (status = 404, description = "There is no such product, or its changelog is not public", body = crate::http::base::problem::Problem, content_type = "application/problem+json"),
        (status = 422, description = "The language is not a language code", body = crate::http::base::problem::Problem, content_type = "application/problem+json")))]
pub async fn show_changelog_page(app: AppData, request: HttpRequest, query: Query<ChangelogQuery>) -> Answer {
    let key = segment::<String>(&request, "key")?;
    let base = app.config.public_url();
    let language = query.0.language.clone().unwrap_or_else(|| asked(&request).to_owned());
    let query = ChangelogQuery { language: Some(language.clone()), limit: query.0.limit.or(Some(SHOWN)), ..query.0 };
    let paging = paging(&request, &query)?;
    let read = move |conn: &mut _| {
        let private = || Error::new(Code::NotFound, "There is no product with this key and a public changelog.");
        let product = products::find(conn, &key)?.filter(Product::has_public_changelog);
        let product = product.filter(|product| product.key == key).ok_or_else(private)?;
        let found = changelog::page(conn, product.id, Some(&language), &paging)?;
        html(&base, &product, &found.data, &language, found.next_cursor.as_deref()).map_err(Error::internal)
    };
    let page = app.store.read(read).await?;
    Ok(HttpResponse::Ok()
        .content_type("text/html; charset=utf-8")
        .insert_header((header::CONTENT_SECURITY_POLICY, POLICY.as_str()))
        .insert_header((header::REFERRER_POLICY, "no-referrer"))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((header::CACHE_CONTROL, "public, max-age=60"))
        .insert_header((header::VARY, "Accept-Language"))
        .body(answer_body(page)))
}

/// The OpenAPI description of this file's operations.
#[derive(OpenApi)]
#[openapi(paths(show_changelog_page))]
struct Api;

inventory::submit!(Part::of::<Api>(routes));

/// Registers the routes of these operations.
fn routes(config: &mut ServiceConfig) {
    config.service(at("/changelog/{key}").get(show_changelog_page));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::base::{Id, Time};
    use crate::domain::releases::{ChangelogEntry, ChangelogSection, Section};
    use crate::domain::team::ProductSettings;
    use crate::domain::team::access::Visibility;

    fn page_of(text: &str, language: &str) -> String {
        let product = Product {
            id: Id::next(),
            key: "HB".to_owned(),
            name: text.to_owned(),
            currency: "USD".to_owned(),
            visibility: Visibility::Team,
            default_role: None,
            owner_id: None,
            archived_at: None,
            settings: ProductSettings::default(),
            version: 1,
            created_at: Time(0),
            updated_at: Time(0),
        };
        let entry =
            ChangelogEntry { story_id: Id::next(), number: "HB-1".to_owned(), text: text.to_owned(), quotes: vec![] };
        let release = ChangelogRelease {
            release_id: Id::next(),
            name: text.to_owned(),
            shipped_at: Time(0),
            yanked: true,
            reason: Some(format!("reason {text}")),
            notes: Some(format!("notes {text}")),
            sections: vec![ChangelogSection { section: Section::Fixed, entries: vec![entry] }],
            updated_at: Time(0),
        };
        html("https://voice.example.com/", &product, &[release], language, Some("more")).expect("a page")
    }

    #[test]
    fn whatever_a_text_holds_it_is_text_and_what_the_feed_leaves_out_is_left_out() {
        let hostile = "</title><script>alert(1)</script>\" onload=\"x\u{202E}";
        let page = page_of(hostile, "en");
        assert!(!page.contains("<script>") && !page.contains("\" onload"), "{page}");
        assert!(!page.contains("reason ") && !page.contains("notes "), "{page}");
        assert!(page.contains("href=\"https://voice.example.com/feeds/HB/changelog.atom?language=en\""), "{page}");
        assert!(page.len() < 6_000, "{} bytes", page.len());
    }

    #[test]
    fn it_speaks_both_languages() {
        assert!(page_of("x", "en").contains("Fixed") && page_of("x", "ko").contains("수정"));
        assert!(page_of("x", "ko").contains("lang=\"ko\"") && page_of("x", "de").contains("lang=\"en\""));
    }
}
