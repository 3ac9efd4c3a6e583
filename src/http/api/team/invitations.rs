//! `/v1/members/{id}/invitation` and the signed-in devices of members.

use actix_web::HttpResponse;
use actix_web::http::header;
use actix_web::web::{self, ServiceConfig};
use utoipa::OpenApi;

use crate::app::App;
use crate::domain::base::language::Language;
use crate::domain::base::{Id, Page};
use crate::domain::team::Member;
use crate::domain::team::session::{Invitation, Invited, Session};
use crate::error::{Code, Error, Result};
use crate::http::base::extract::Path;
use crate::http::base::reply::{Answer, AppData, Reply, Write, json};
use crate::http::{Part, at};
use crate::outside::mail::{Envelope, InvitationWords};
use crate::store::team::{members, sessions as store};
use crate::usecase::team::{invitations, sessions};

/// Invite a member to the console
///
/// Makes a link with which the member sets a password, and signs in. It works once, for seven days; an earlier link of
/// the member stops working. The link is mailed to the member. If no mail server is set, or it does not take the mail,
/// the answer has the link, which is shown only this once: hand it to the member. A member who has lost their password
/// is invited again.
#[utoipa::path(post, path = "/v1/members/{id}/invitation", tag = "access", params(("id" = Id, Path)),
    responses((status = 201, body = Invited, description = "Created")))]
pub async fn invite_member(app: AppData, path: Path, write: Write) -> Answer {
    let secret = invitations::new_secret()?;
    let made = write.never_kept();
    let id = path.0;
    let actor = made.caller.actor();
    if !made.body.value.as_object().is_some_and(serde_json::Map::is_empty) {
        return made.run_raw(&app, |_| Err(Error::internal("a body that was to be refused"))).await;
    }
    let kept = secret.clone();
    let (member, invitation) = app.store.write(actor, move |tx| invitations::invite(tx, id, &kept)).await?;
    let invited = hand_over(&app, member, &invitation, &secret).await?;
    let mut answer: HttpResponse = Reply::new(201, &invited).into();
    answer.headers_mut().insert(header::CACHE_CONTROL, header::HeaderValue::from_static("no-store"));
    Ok(answer)
}

/// Mails the link of an invitation; where it can't be mailed, the result has the link to pass on.
///
/// # Errors
/// 422 where the settings of mail are wrong.
pub(in crate::http) async fn hand_over(
    app: &App,
    member: Member,
    invitation: &Invitation,
    secret: &str,
) -> Result<Invited> {
    let link = format!("{}/console/invite/{secret}", app.config.public_url());
    let (member_id, role, expires_at) = (member.id, member.role, invitation.expires_at);
    let mailed = mail(app, member, invitation.id, link.clone()).await?;
    Ok(Invited { member_id, role, mailed, link: (!mailed).then_some(link), expires_at })
}

/// Mails the link and returns whether the mail server accepted it. The outbox is not used for two reasons: the inviting
/// person has to know at once whether to pass the link on, and the outbox would store the link.
async fn mail(app: &App, member: Member, id: Id, link: String) -> Result<bool> {
    let mailer = app.config.mailer().map_err(|problem| Error::new(Code::Invalid, problem))?;
    let Some(mailer) = mailer else { return Ok(false) };
    let send = move || {
        let language = Language::of(Some(&member.language));
        let letter = InvitationWords { language, name: member.name.clone(), link }.letter();
        let message_id = format!("invitation-{id}@{}", mailer.domain());
        mailer.send(&Envelope {
            address: &member.email,
            name: Some(&member.name),
            letter: &letter,
            message_id: &message_id,
            in_reply_to: None,
            unsubscribe: None,
        })
    };
    let sent = web::block(send).await.map_err(Error::internal)?;
    if let Err(problem) = &sent {
        tracing::warn!(?problem, "an invitation was not mailed; the link is shown instead");
    }
    Ok(sent.is_ok())
}

/// List the signed-in devices of a member
///
/// The newest 100 sessions of the console that have not ended.
#[utoipa::path(get, path = "/v1/members/{id}/sessions", tag = "access", params(("id" = Id, Path)),
    responses((status = 200, body = Page<Session>)))]
pub async fn list_sessions(app: AppData, path: Path) -> Answer {
    let (id, now) = (path.0, app.store.clock.now());
    let idle_since = now.plus(-app.config.session_lifetime().idle);
    let read = move |conn: &mut crate::store::Conn| {
        members::get(conn, id)?;
        store::of_member(conn, id, now, idle_since)
    };
    Ok(json(&Page { data: app.store.read(read).await?, next_cursor: None }))
}

/// Sign a member out on all devices
#[utoipa::path(delete, path = "/v1/members/{id}/sessions", tag = "access", params(("id" = Id, Path)),
    responses((status = 204, description = "Signed out")))]
pub async fn end_sessions(app: AppData, path: Path, write: Write) -> Answer {
    let end = move |tx: &mut crate::store::Tx<'_>| {
        members::get(tx.conn, path.0)?;
        sessions::end_all(tx, path.0, None).map(drop)
    };
    app.store.write(write.caller.actor(), end).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// The OpenAPI description of this file's operations.
#[derive(OpenApi)]
#[openapi(paths(invite_member, list_sessions, end_sessions))]
struct Api;

inventory::submit!(Part::of::<Api>(routes));

/// Registers the routes of these operations.
fn routes(config: &mut ServiceConfig) {
    config
        .service(at("/v1/members/{id}/invitation").post(invite_member))
        .service(at("/v1/members/{id}/sessions").get(list_sessions).delete(end_sessions));
}
