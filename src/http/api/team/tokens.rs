//! `/v1/tokens`: access tokens.

use actix_web::http::header;
use actix_web::web::ServiceConfig;
use actix_web::{HttpRequest, HttpResponse};
use utoipa::OpenApi;

use crate::domain::base::{Id, Page};
use crate::domain::team::{MintedToken, NewToken, Token, TokenQuery};
use crate::http::base::extract::{Path, Query};
use crate::http::base::reply::{Answer, AppData, Reply, Write, json, page, paging};
use crate::http::{Part, at};
use crate::store::Tx;
use crate::store::team::tokens as store;
use crate::usecase::team::tokens;

/// List tokens, newest first
#[utoipa::path(get, path = "/v1/tokens", tag = "access", params(TokenQuery),
    responses((status = 200, body = Page<Token>)))]
pub async fn list_tokens(app: AppData, request: HttpRequest, query: Query<TokenQuery>) -> Answer {
    let paging = paging(&request, &query.0)?;
    let found = app.store.read(move |conn| store::list(conn, &paging)).await?;
    Ok(page(&request, &found))
}

/// Create a token
///
/// The answer contains the secret; it is shown only once, and only its hash is stored. Therefore the answer is not
/// stored either: an `Idempotency-Key` is accepted but has no effect, and a repeated request creates another token.
/// Revoke the token whose secret you did not receive.
#[utoipa::path(post, path = "/v1/tokens", tag = "access", request_body = NewToken, responses(
    (status = 201, body = MintedToken, description = "Created", headers(("Location" = String)))))]
pub async fn create_token(app: AppData, write: Write) -> Answer {
    let secret = tokens::new_secret()?;
    let create = move |tx: &mut Tx<'_>, input: &NewToken| {
        let minted = tokens::create_token(tx, input, &secret)?;
        let location = format!("/v1/tokens/{}", minted.token.id);
        Ok(Reply::created(location, &MintedToken { token: minted.token, secret: minted.secret }))
    };
    let mut answer = write.never_kept().run(&app, create).await?;
    answer.headers_mut().insert(header::CACHE_CONTROL, header::HeaderValue::from_static("no-store"));
    Ok(answer)
}

/// Read a token
#[utoipa::path(get, path = "/v1/tokens/{id}", tag = "access", params(("id" = Id, Path)),
    responses((status = 200, body = Token)))]
pub async fn get_token(app: AppData, path: Path) -> Answer {
    let found = app.store.read(move |conn| store::get(conn, path.0)).await?;
    Ok(json(&found))
}

/// Revoke a token
///
/// It stops working at once on this server; other servers on the same database may accept it for up to 5 more seconds.
/// Revoking it again changes nothing.
#[utoipa::path(delete, path = "/v1/tokens/{id}", tag = "access", params(("id" = Id, Path)),
    responses((status = 204, description = "Revoked")))]
pub async fn revoke_token(app: AppData, path: Path, write: Write) -> Answer {
    app.store.write(write.caller.actor(), move |tx| tokens::revoke_token(tx, path.0)).await?;
    app.verifier.forget();
    Ok(HttpResponse::NoContent().finish())
}

/// The OpenAPI description of this file's operations.
#[derive(OpenApi)]
#[openapi(paths(list_tokens, create_token, get_token, revoke_token))]
struct Api;

inventory::submit!(Part::of::<Api>(routes));

/// Registers the routes of these operations.
fn routes(config: &mut ServiceConfig) {
    config
        .service(at("/v1/tokens").get(list_tokens).post(create_token))
        .service(at("/v1/tokens/{id}").get(get_token).delete(revoke_token));
}
