//! `/v1/hooks/...` of monitoring systems: their alerts open incidents, and mitigate them.
//!
//! Their senders repeat a message after a 5xx only, so these addresses answer 503 where others answer 429, and 2xx only
//! after the commit.

use actix_web::HttpRequest;
use actix_web::web::{Bytes, Payload, ServiceConfig};
use serde::Serialize;
use tokio::sync::OwnedSemaphorePermit;
use utoipa::{OpenApi, ToSchema};

use super::hooks::{HookQuery, head, not_set, noted, read_payload};
use crate::domain::base::Actor;
use crate::domain::operations::alert::{AlertAnswer, AlertBatch};
use crate::domain::operations::incident::IncidentSource;
use crate::domain::team::Caller;
use crate::domain::team::access::Scope;
use crate::error::{Code, Error, Result};
use crate::http::base::auth;
use crate::http::base::body::{Body, compressed_body, expect_type, raw_body, turn};
use crate::http::base::extract::{By, Query};
use crate::http::base::memory::Reservation;
use crate::http::base::reply::{Answer, AppData, Reply};
use crate::http::{Part, at};
use crate::outside::hooks::{self, alertmanager, grafana, pagerduty, sentry, signature};
use crate::store::Store;
use crate::store::base::scope;
use crate::usecase::operations::alerts;

/// The operation whose roles may send alerts with a token.
const BY_TOKEN: &str = "receive_alertmanager";

/// Receive alerts of Prometheus' Alertmanager
///
/// For a `webhook_config` of Alertmanager (version 4). Send the token (role `ingest`) as a bearer, or as the password of
/// basic authentication. The alerts of one `groupKey` are one incident: the first opens it, repeats change nothing, and
/// when all are over it is mitigated. Alerts that come back within `settle_minutes` of the product open it again; later
/// ones open a new incident with `recurrence_of`. Alerts that are over before they were reported are stored without an
/// incident. At most 200 alerts of an incident are kept; more are counted.
///
/// Alertmanager sends a message again after a 5xx only, so the answer is 503 with `Retry-After` when the server is busy.
#[utoipa::path(post, path = "/v1/hooks/alertmanager", tag = "hooks", params(HookQuery),
    request_body(content = Object, content_type = "application/json", example = json!({
        "version": "4", "groupKey": "{}:{alertname=\"HighErrorRate\"}", "truncatedAlerts": 0, "status": "firing",
        "receiver": "hearback", "groupLabels": {"alertname": "HighErrorRate"},
        "commonLabels": {"alertname": "HighErrorRate", "severity": "critical"}, "commonAnnotations": {},
        "externalURL": "http://alertmanager.example.com", "alerts": [{
            "status": "firing", "labels": {"alertname": "HighErrorRate", "service": "checkout", "severity": "critical"},
            "annotations": {"summary": "Payments fail"}, "startsAt": "2026-11-29T04:00:00Z", "endsAt": "0001-01-01T00:00:00Z",
            "generatorURL": "http://prometheus.example.com", "fingerprint": "9f2d8e5c3b1a7640"}]
    })),
    responses((status = 200, body = AlertAnswer)))]
pub async fn receive_alertmanager(
    app: AppData,
    request: HttpRequest,
    By(caller): By,
    query: Query<HookQuery>,
    body: Payload,
) -> Answer {
    let answer = of_alertmanager(&app, &request, &caller, query, body).await;
    noted(&app, "alertmanager", answer).await
}

async fn of_alertmanager(
    app: &AppData,
    request: &HttpRequest,
    caller: &Caller,
    query: Query<HookQuery>,
    body: Payload,
) -> Answer {
    let read = Received::read(app, request, body, false).await?;
    let payload = read_payload(read.bytes.clone()).await?;
    let batch = alertmanager::read(&hooks::Payload::new(&payload), IncidentSource::Alertmanager, query.0.product)?;
    take(app, automation(caller), batch).await
}

/// Receive alerts of Grafana
///
/// For a webhook contact point. Either the signature of the body proves the sender (HMAC with the secret in
/// `HEARBACK_GRAFANA_SECRET`; header `X-Grafana-Alerting-Signature`, and `X-Grafana-Alerting-Timestamp` where a timestamp
/// header is set), or a token with the role `ingest` in `Authorization` (bearer, or the password of basic
/// authentication). Alerts have the same effects as those of Alertmanager. `DatasourceNoData` and `DatasourceError` open
/// an incident at the lowest severity. Messages of Grafana before version 9 are read too.
#[utoipa::path(post, path = "/v1/hooks/grafana", tag = "hooks",
    params(HookQuery, ("X-Grafana-Alerting-Signature" = Option<String>, Header),
        ("X-Grafana-Alerting-Timestamp" = Option<String>, Header)),
    request_body(content = Object, content_type = "application/json", example = json!({
        "status": "firing", "groupKey": "{}:{alertname=\"HighErrorRate\"}", "alerts": [{
            "status": "firing", "labels": {"alertname": "HighErrorRate"}, "startsAt": "2026-11-29T04:00:00Z",
            "endsAt": "0001-01-01T00:00:00Z", "fingerprint": "9f2d8e5c3b1a7640"}]
    })),
    responses((status = 200, body = AlertAnswer, description = "Handled"),
        (status = 202, body = Ignored, description = "Ignored: this message changes nothing")))]
pub async fn receive_grafana(
    app: AppData,
    request: HttpRequest,
    query: Result<Query<HookQuery>>,
    body: Payload,
) -> Answer {
    let answer = of_grafana(&app, &request, query, body).await;
    noted(&app, "grafana", answer).await
}

async fn of_grafana(app: &AppData, request: &HttpRequest, query: Result<Query<HookQuery>>, body: Payload) -> Answer {
    let (actor, scope, read) = match auth::secret_in_header(request) {
        Some(secret) => {
            let (caller, scope) = auth::by_secret(request, &secret, BY_TOKEN).await?;
            (automation(&caller), scope, Received::read(app, request, body, false).await?)
        }
        None => {
            let secret = app.config.grafana_secret.as_ref();
            let secret = secret.ok_or_else(|| not_set("HEARBACK_GRAFANA_SECRET"))?;
            let read = Received::read(app, request, body, true).await?;
            let time = head(request, "x-grafana-alerting-timestamp");
            let time = Some(time).filter(|time| !time.is_empty());
            let signed = head(request, "x-grafana-alerting-signature");
            if !signature::hexadecimal(secret, signed, time, &read.bytes, app.store.clock.now()) {
                return Err(Code::BadSignature.into());
            }
            (Actor::AUTOMATION, Scope::All, read)
        }
    };
    let product = query?.0.product;
    let payload = read_payload(read.bytes.clone()).await?;
    match grafana::read(&hooks::Payload::new(&payload), product)? {
        Some(batch) => scope::within(scope, take(app, actor, batch)).await,
        None => Ok(Reply::new(202, &Ignored::default()).into()),
    }
}

/// Receive alerts of Sentry
///
/// For an internal integration. Needs no token: `Sentry-Hook-Signature`, made with the client secret in
/// `HEARBACK_SENTRY_SECRET`, proves the sender. An issue alert (`event_alert`) opens an incident for its issue, a metric
/// alert for its rule; an issue that was resolved in Sentry, and a metric alert that is over, mitigate it. Of a message only
/// the title, the id, the link, level, environment and release are kept, and no data of users.
#[utoipa::path(post, path = "/v1/hooks/sentry", tag = "hooks",
    params(HookQuery, ("Sentry-Hook-Resource" = Option<String>, Header),
        ("Sentry-Hook-Signature" = Option<String>, Header)),
    request_body(content = Object, content_type = "application/json", example = json!({
        "action": "triggered", "data": {"event": {"title": "ReferenceError: heck is not defined", "level": "error",
            "issue_id": "1170820242", "web_url": "https://sentry.io/organizations/acme/issues/1170820242/"},
            "triggered_rule": "Very important alert rule"}
    })),
    responses((status = 200, body = AlertAnswer, description = "Handled"),
        (status = 202, body = Ignored, description = "Ignored: this message changes nothing")))]
pub async fn receive_sentry(
    app: AppData,
    request: HttpRequest,
    query: Result<Query<HookQuery>>,
    body: Payload,
) -> Answer {
    let answer = of_sentry(&app, &request, query, body).await;
    noted(&app, "sentry", answer).await
}

async fn of_sentry(app: &AppData, request: &HttpRequest, query: Result<Query<HookQuery>>, body: Payload) -> Answer {
    let secret = app.config.sentry_secret.as_ref().ok_or_else(|| not_set("HEARBACK_SENTRY_SECRET"))?;
    let read = Received::read(app, request, body, true).await?;
    let signed = head(request, "sentry-hook-signature");
    if !signature::hexadecimal(secret, signed, None, &read.bytes, app.store.clock.now()) {
        return Err(Code::BadSignature.into());
    }
    let product = query?.0.product;
    let payload = read_payload(read.bytes.clone()).await?;
    match sentry::read(head(request, "sentry-hook-resource"), &hooks::Payload::new(&payload), product)? {
        Some(batch) => take(app, Actor::AUTOMATION, batch).await,
        None => Ok(Reply::new(202, &Ignored::default()).into()),
    }
}

/// Receive an event in the format of PagerDuty's Events API v2
///
/// Every tool that can page PagerDuty can page Hearback: set this address as its URL. The token (role `ingest`) is the
/// `routing_key`, or a bearer where the tool can send one. `trigger` opens an incident for its `dedup_key`, `acknowledge`
/// acknowledges it, and `resolve` mitigates it: only a person resolves an incident.
#[utoipa::path(post, path = "/v1/hooks/pagerduty", tag = "hooks", params(HookQuery),
    request_body(content = Object, content_type = "application/json", example = json!({
        "routing_key": "hb_7QyN0c1k2v3w4x5y6z7A8B9C0D1E2F3G4H5I6J7K8L9", "event_action": "trigger", "dedup_key": "checkout-errors",
        "payload": {"summary": "Payments fail", "source": "checkout", "severity": "critical"}
    })),
    responses((status = 202, body = PagerdutyAnswer)))]
pub async fn receive_pagerduty(
    app: AppData,
    request: HttpRequest,
    query: Result<Query<HookQuery>>,
    body: Payload,
) -> Answer {
    let answer = of_pagerduty(&app, &request, query, body).await;
    noted(&app, "pagerduty", answer).await
}

async fn of_pagerduty(app: &AppData, request: &HttpRequest, query: Result<Query<HookQuery>>, body: Payload) -> Answer {
    let read = Received::read(app, request, body, false).await?;
    let payload = read_payload(read.bytes.clone()).await?;
    let event = hooks::Payload::new(&payload);
    let secret = auth::secret_in_header(request).unwrap_or_else(|| pagerduty::token(&event).to_owned());
    let (caller, scope) = auth::by_secret(request, &secret, BY_TOKEN).await?;
    let batch = pagerduty::read(&event, query?.0.product)?;
    let dedup_key = batch.join_key.clone();
    let actor = automation(&caller);
    let done = scope::within(scope, received(&app.store, actor, batch)).await?;
    let message = "Event processed";
    let answer = PagerdutyAnswer { status: "success", message, dedup_key, incident: done.number };
    Ok(Reply::new(202, &answer).into())
}

/// The answer to an event in PagerDuty's format.
#[derive(Debug, Serialize, ToSchema)]
pub struct PagerdutyAnswer {
    #[schema(example = "success")]
    pub status: &'static str,
    #[schema(example = "Event processed")]
    pub message: &'static str,
    /// The key of the event; send it to acknowledge and to resolve.
    #[schema(example = "checkout-errors")]
    pub dedup_key: String,
    /// The number of the incident.
    #[schema(example = "HB-INC-1")]
    pub incident: Option<String>,
}

/// The answer to a message that changes nothing.
#[derive(Debug, Serialize, ToSchema)]
pub struct Ignored {
    #[schema(example = "ignored")]
    pub outcome: &'static str,
}

impl Default for Ignored {
    fn default() -> Self {
        Self { outcome: "ignored" }
    }
}

/// The body of a message, and the memory that it holds until it is handled.
struct Received {
    bytes: Bytes,
    _held: Option<Reservation>,
    _turn: Option<OwnedSemaphorePermit>,
}

impl Received {
    /// Reads a body; a signed one as it was sent.
    async fn read(app: &AppData, request: &HttpRequest, body: Payload, is_signed: bool) -> Result<Self> {
        expect_type(request, &["application/json"])?;
        let Body { bytes, held } = match is_signed {
            true => raw_body(app, request, body.into_inner()).await?,
            false => compressed_body(app, request, body.into_inner()).await?,
        };
        let turn = turn(app, request, held.as_ref(), &bytes).await?;
        Ok(Self { bytes, _held: held, _turn: turn })
    }
}

/// The actor of alerts that come with a token. Alerts are not acts of the token's member.
fn automation(caller: &Caller) -> Actor {
    Actor { id: Some(caller.id()), ..Actor::AUTOMATION }
}

async fn take(app: &AppData, actor: Actor, batch: AlertBatch) -> Answer {
    received(&app.store, actor, batch).await.map(|answer| Reply::ok(&answer).into())
}

/// Takes alerts in. Every failure of the server is answered with `Retry-After`, so that the sender tries again.
async fn received(store: &Store, actor: Actor, batch: AlertBatch) -> Result<AlertAnswer> {
    let done = store.write(actor, move |tx| alerts::receive(tx, &batch)).await;
    done.map_err(|error| Error {
        retry_after: error.retry_after.or((error.code.status() >= 500).then_some(5)),
        ..error
    })
}

/// The OpenAPI description of this file's operations.
#[derive(OpenApi)]
#[openapi(paths(receive_alertmanager, receive_grafana, receive_sentry, receive_pagerduty))]
struct Api;

inventory::submit!(Part::of::<Api>(routes));

/// Registers the routes of these operations.
fn routes(config: &mut ServiceConfig) {
    config
        .service(at("/v1/hooks/alertmanager").post(receive_alertmanager))
        .service(at("/v1/hooks/grafana").post(receive_grafana))
        .service(at("/v1/hooks/sentry").post(receive_sentry))
        .service(at("/v1/hooks/pagerduty").post(receive_pagerduty));
}
