//! `/v1/hooks`: incoming webhooks of GitHub, GitLab and CI systems.

use actix_web::http::header;
use actix_web::web::{Bytes, Payload, ServiceConfig};
use actix_web::{HttpMessage, HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, OpenApi};

use crate::domain::base::Actor;
use crate::domain::integrations::{HookAnswer, HookOutcome, Report, Repository};
use crate::domain::team::Caller;
use crate::error::{Code, Error, Result};
use crate::http::base::body::{Body, compressed_body, expect_type, raw_body, turn};
use crate::http::base::extract::{By, Query, away_if, parse};
use crate::http::base::memory::SMALL;
use crate::http::base::reply::{Answer, AppData, Reply};
use crate::http::{Part, at};
use crate::outside::hooks;
use crate::outside::hooks::cdevents::{self, CloudEvent};
use crate::outside::hooks::signature::{self, GitlabProof};
use crate::outside::hooks::{Receiving, github, gitlab};
use crate::store::integrations::sources;
use crate::usecase::integrations::hooks::{self as handling, HookDelivery};

/// The query of a hook.
#[derive(Clone, Debug, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct HookQuery {
    /// Key or id of the product of the feedback and deployments in the hook; the default product if absent. Stories are
    /// found by their numbers in any product.
    #[param(min_length = 1, max_length = 36)]
    pub product: Option<String>,
}

/// Receive a webhook from GitHub
///
/// Needs no token: the signature of the raw body (`X-Hub-Signature-256`), made with the secret in
/// `HEARBACK_GITHUB_SECRET`, proves the sender. Without that setting the answer is 404. Each `X-GitHub-Delivery`, and
/// each body, is handled once.
///
/// A branch, commit or pull request that names a story (`HB-17`, in upper or lower case) is linked to it. A branch, a
/// commit and an open pull request move the story to `building`. A pull request merged into the default branch, or into
/// one of the product's `done_branches`, moves it to `testing`. A draft pull request is only linked. A hook never moves
/// a story past a closed gate. Numbers in comments, code, quotes, URLs, lists made by bots and phrases such as "does
/// not fix HB-17" are ignored. If an edit removes a number, the link is removed. A merged revert moves the story back
/// to `building`. Links survive the renaming and the transfer of a repository.
///
/// Issues with the label in `HEARBACK_FEEDBACK_LABEL` become feedback. A `deployment_status`, and a published `release`
/// that is not a pre-release, become deployments of the release that the ref or tag names (`v1.4.0`, `app@1.4.0` and
/// `app-v1.4.0` all name `1.4.0`). `notes` says what was not done and why, for example because nobody has shipped the
/// release yet. Other events and actions are answered with 202 and ignored.
#[utoipa::path(post, path = "/v1/hooks/github", tag = "hooks",
    params(HookQuery, ("X-GitHub-Event" = Option<String>, Header), ("X-GitHub-Delivery" = Option<String>, Header),
        ("X-Hub-Signature-256" = Option<String>, Header)),
    request_body(content(
        (Object = "application/json", example = json!({"zen": "Keep it logically awesome."})),
        (String = "application/x-www-form-urlencoded"),
    )),
    responses((status = 200, body = HookAnswer, description = "Handled now, or by an earlier delivery"),
        (status = 202, body = HookAnswer, description = "Ignored: this event changes nothing")))]
pub async fn receive_github(
    app: AppData,
    request: HttpRequest,
    query: Result<Query<HookQuery>>,
    body: Payload,
) -> Answer {
    let answer = of_github(&app, &request, query, body).await;
    noted(&app, "github", answer).await
}

async fn of_github(app: &AppData, request: &HttpRequest, query: Result<Query<HookQuery>>, body: Payload) -> Answer {
    let secret = app.config.github_secret.as_ref().ok_or_else(|| not_set("HEARBACK_GITHUB_SECRET"))?;
    let Body { bytes: body, held } = raw_body(app, request, body.into_inner()).await?;
    if !signature::github(secret, head(request, "x-hub-signature-256"), &body) {
        return Err(Code::BadSignature.into());
    }
    let _turn = turn(app, request, held.as_ref(), &body).await?;
    let receiving = receiving(app, query?.0);
    let event = required(request, "X-GitHub-Event")?;
    let delivery = required(request, "X-GitHub-Delivery")?;
    let payload = payload(request, &body).await?;
    let reports = github::read(event, &hooks::Payload::new(&payload), &receiving)?;
    // The signature does not cover the delivery's id: a body that was handled already under another id is a replay.
    let ids = vec![delivery.to_owned(), signature::fingerprint(&body)];
    let repository = github::repository(event, &hooks::Payload::new(&payload));
    receive(app, Actor::AUTOMATION, Received { source: "github", ids, repository }, reports).await
}

/// Receive a webhook from GitLab
///
/// Needs no token of Hearback: `X-Gitlab-Token` must equal the secret in `HEARBACK_GITLAB_SECRET`. If the secret begins
/// with `whsec_`, the request must have a valid `webhook-signature` instead (Standard Webhooks, at most 5 minutes old).
/// Without that setting the answer is 404. Each `webhook-id`, `Idempotency-Key` or else `X-Gitlab-Event-UUID` is
/// handled once. Push, merge request, issue, deployment and release hooks have the same effects as those of GitHub. An
/// upcoming release is a `scheduled` deployment until its date.
#[utoipa::path(post, path = "/v1/hooks/gitlab", tag = "hooks",
    params(HookQuery, ("X-Gitlab-Event" = Option<String>, Header), ("X-Gitlab-Token" = Option<String>, Header),
        ("webhook-id" = Option<String>, Header), ("webhook-timestamp" = Option<String>, Header),
        ("webhook-signature" = Option<String>, Header)),
    request_body(content = Object, content_type = "application/json", example = json!({"object_kind": "push"})),
    responses((status = 200, body = HookAnswer, description = "Handled now, or by an earlier delivery"),
        (status = 202, body = HookAnswer, description = "Ignored: this event changes nothing")))]
pub async fn receive_gitlab(
    app: AppData,
    request: HttpRequest,
    query: Result<Query<HookQuery>>,
    body: Payload,
) -> Answer {
    let answer = of_gitlab(&app, &request, query, body).await;
    noted(&app, "gitlab", answer).await
}

async fn of_gitlab(app: &AppData, request: &HttpRequest, query: Result<Query<HookQuery>>, body: Payload) -> Answer {
    let secret = app.config.gitlab_secret.as_ref().ok_or_else(|| not_set("HEARBACK_GITLAB_SECRET"))?;
    let Body { bytes: body, held } = raw_body(app, request, body.into_inner()).await?;
    let proof = GitlabProof {
        token: head(request, "x-gitlab-token"),
        id: head(request, "webhook-id"),
        timestamp: head(request, "webhook-timestamp"),
        signature: head(request, "webhook-signature"),
    };
    if !signature::gitlab(secret, &proof, &body, app.store.clock.now()) {
        return Err(Code::BadSignature.into());
    }
    let _turn = turn(app, request, held.as_ref(), &body).await?;
    let receiving = receiving(app, query?.0);
    let event = required(request, "X-Gitlab-Event")?;
    let payload = payload(request, &body).await?;
    let reports = gitlab::read(event, &hooks::Payload::new(&payload), &receiving)?;
    let ids = vec![gitlab_delivery(request, &body)?];
    let repository = gitlab::repository(&hooks::Payload::new(&payload));
    receive(app, Actor::AUTOMATION, Received { source: "gitlab", ids, repository }, reports).await
}

/// The id of a GitLab delivery.
fn gitlab_delivery(request: &HttpRequest, body: &[u8]) -> Result<String> {
    for name in ["webhook-id", "Idempotency-Key"] {
        if !head(request, name).is_empty() {
            return required(request, name).map(str::to_owned);
        }
    }
    // Hooks that trigger each other share one UUID, so the body's hash is part of the id.
    let uuid = head(request, "x-gitlab-event-uuid");
    Ok(format!("{} {}", uuid.chars().take(100).collect::<String>(), signature::fingerprint(body)))
}

/// Receive a CDEvent
///
/// Accepts CloudEvents over HTTP, binary (`ce-id`, `ce-source`, `ce-type` and `ce-specversion` as headers) or
/// structured (`application/cloudevents+json`). `dev.cdevents.service.deployed`, `.upgraded` and `.rolledback` of any
/// version become deployments. `dev.cdevents.change.created`, `.merged` and their siblings stand in the ledger of commits, for
/// the lead time of changes; `customData` may name the `commit` that a change became, its `base` and `head`, `openedAt` and
/// `committedAt`. `dev.cdevents.incident.detected` and `.reported` open one incident for each
/// `subject.id`, and `.resolved` mitigates it. The environment is `subject.content.environment.id`. The release is the one named by the
/// version or tag of `artifactId`, or by `customData.release`. A rollback takes back the release that was deployed last
/// in that environment. Each `(ce-source, ce-id)` is handled once. Other events are answered with 202 and ignored.
#[utoipa::path(post, path = "/v1/hooks/cdevents", tag = "hooks",
    params(HookQuery, ("ce-id" = Option<String>, Header), ("ce-source" = Option<String>, Header),
        ("ce-type" = Option<String>, Header), ("ce-specversion" = Option<String>, Header)),
    request_body(content(
        (Object = "application/json"),
        (Object = "application/cloudevents+json", example = json!({
            "specversion": "1.0", "id": "271069a8", "source": "/ci/acme", "type": "dev.cdevents.service.deployed.0.2.0",
            "data": {"context": {"version": "0.4.1"}, "subject": {"id": "app", "type": "service", "content": {
                "environment": {"id": "production"}, "artifactId": "pkg:oci/app@sha256%3A0b31?tag=v1.4.0"}}}
        })),
    )),
    responses((status = 200, body = HookAnswer, description = "Handled now, or by an earlier delivery"),
        (status = 202, body = HookAnswer, description = "Ignored: this event changes nothing")))]
pub async fn receive_cdevents(
    app: AppData,
    request: HttpRequest,
    By(caller): By,
    query: Query<HookQuery>,
    body: Payload,
) -> Answer {
    let answer = of_cdevents(&app, &request, caller, query, body).await;
    noted(&app, "cdevents", answer).await
}

async fn of_cdevents(
    app: &AppData,
    request: &HttpRequest,
    caller: Caller,
    query: Query<HookQuery>,
    body: Payload,
) -> Answer {
    expect_type(request, &["application/json", cdevents::STRUCTURED])?;
    let Body { bytes: body, held } = compressed_body(app, request, body.into_inner()).await?;
    let _turn = turn(app, request, held.as_ref(), &body).await?;
    let data = read_payload(body).await?;
    let event = match request.content_type().eq_ignore_ascii_case(cdevents::STRUCTURED) {
        true => CloudEvent::structured(data)?,
        false => CloudEvent::binary(|name| head(request, name), data)?,
    };
    let reports = event.read(&receiving(app, query.0))?;
    let received = Received { source: "cdevents", ids: vec![event.known_by()], repository: None };
    receive(app, caller.actor(), received, reports).await
}

/// The answer to a message; why it was refused is noted for the list of sources. Messages to a hook that is not set up
/// are not of this source.
pub(super) async fn noted(app: &AppData, source: &'static str, answer: Answer) -> Answer {
    let Err(error) = &answer else { return answer };
    if matches!(error.code, Code::NotFound | Code::Unavailable) {
        return answer;
    }
    let fields = error.fields.iter().map(|field| format!("{} {}", field.pointer, field.detail));
    let why = std::iter::once(error.detail.clone()).chain(fields).collect::<Vec<_>>().join(" ");
    let now = app.store.clock.now();
    let is_due = app.store.read(move |conn| sources::is_failure_due(conn, source, now)).await;
    if is_due.unwrap_or(false) {
        let written = app.store.write(Actor::AUTOMATION, move |tx| sources::note_failure(tx, source, &why)).await;
        if let Err(error) = written {
            tracing::warn!(%error, source, "a refused hook was not noted");
        }
    }
    answer
}

pub(super) fn not_set(setting: &str) -> Error {
    Error::new(Code::NotFound, format!("This server does not accept these hooks: {setting} is not set."))
}

fn receiving(app: &AppData, query: HookQuery) -> Receiving {
    Receiving { product: query.product, label: app.config.feedback_label.clone() }
}

pub(super) fn head<'a>(request: &'a HttpRequest, name: &str) -> &'a str {
    request.headers().get(name).and_then(|value| value.to_str().ok()).map(str::trim).unwrap_or_default()
}

/// A required header that identifies the delivery.
pub(super) fn required<'a>(request: &'a HttpRequest, name: &str) -> Result<&'a str> {
    match head(request, name) {
        "" => Err(Error::field(format!("/{name}"), "required", "is required")),
        text if text.len() > 255 => {
            Err(Error::field(format!("/{name}"), "too_long", "must have at most 255 characters"))
        }
        text => Ok(text),
    }
}

/// The payload: the body itself, or the field `payload` of a form.
async fn payload(request: &HttpRequest, body: &Bytes) -> Result<Value> {
    const FORM: &str = "application/x-www-form-urlencoded";
    expect_type(request, &["application/json", FORM])?;
    if !request.content_type().eq_ignore_ascii_case(FORM) {
        return read_payload(body.clone()).await;
    }
    let pairs: Vec<(String, String)> = serde_urlencoded::from_bytes(body).map_err(|_| Code::MalformedRequest)?;
    let payload = pairs.into_iter().find(|(name, _)| name == "payload");
    let (_, text) = payload.ok_or_else(|| Error::field("/payload", "required", "is required"))?;
    read_payload(Bytes::from(text)).await
}

/// Parses JSON; a large text is parsed outside the async workers.
pub(super) async fn read_payload(text: Bytes) -> Result<Value> {
    away_if(text.len() > SMALL, move || Ok(hooks::without_nul(parse(&text)?))).await
}

/// The sender of a delivery, its ids, and its repository.
struct Received {
    source: &'static str,
    ids: Vec<String>,
    repository: Option<Repository>,
}

async fn receive(app: &AppData, actor: Actor, received: Received, reports: Option<Vec<Report>>) -> Answer {
    let Some(reports) = reports else {
        return Ok(Reply::new(202, &HookAnswer::of(HookOutcome::Ignored)).into());
    };
    let Received { source, ids, repository } = received;
    let delivery = HookDelivery { source, ids, repository, reports };
    let answer = app.store.write(actor, move |tx| handling::receive(tx, &delivery)).await?;
    Ok(HttpResponse::Ok()
        .content_type(header::ContentType::json())
        .body(serde_json::to_string(&answer).unwrap_or_default()))
}

/// The OpenAPI description of this file's operations.
#[derive(OpenApi)]
#[openapi(paths(receive_github, receive_gitlab, receive_cdevents))]
struct Api;

inventory::submit!(Part::of::<Api>(routes));

/// Registers the routes of these operations.
fn routes(config: &mut ServiceConfig) {
    config
        .service(at("/v1/hooks/github").post(receive_github))
        .service(at("/v1/hooks/gitlab").post(receive_gitlab))
        .service(at("/v1/hooks/cdevents").post(receive_cdevents));
}
