//! The work on a story, on its page: gates are signed, trials recorded, links made, a release chosen, messages recalled.

use actix_web::HttpRequest;
use actix_web::web::{Payload, ServiceConfig};
use serde_json::json;

use super::story::page;
use crate::domain::base::Id;
use crate::domain::base::decode::decode;
use crate::domain::releases::NewReleaseStories;
use crate::domain::stories::{NewLink, NewTrial, SignGate};
use crate::domain::themes::Reason;
use crate::error::{Error, Result};
use crate::http::api::stories::story_path::StoryPath;
use crate::http::base::reply::AppData;
use crate::http::console::base::access::Access::May;
use crate::http::console::base::flash::Flash;
use crate::http::console::base::form::Form;
use crate::http::console::base::page::{Shown, done};
use crate::http::console::base::refusal::Refusal;
use crate::http::console::base::visit::Visit;
use crate::http::{Pages, page_at};
use crate::store::{Tx, stories};
use crate::usecase::closure::recalls;
use crate::usecase::integrations::tracker;
use crate::usecase::releases::planning;
use crate::usecase::stories::{links, quoting, signoffs, trials};

/// Does an act on a story. Then its page follows, with a message, or with what was refused.
async fn act<W, E>(
    app: &AppData,
    request: &HttpRequest,
    visit: Visit,
    id: Id,
    form: Form,
    work: std::result::Result<W, E>,
) -> Shown
where
    E: Into<Error>,
    W: FnMut(&mut Tx<'_>) -> Result<Flash> + Send + 'static,
{
    let acted = match work {
        Ok(mut work) => {
            let whole = move |tx: &mut Tx<'_>| {
                let flash = work(tx)?;
                Ok((stories::rows::get(tx.conn, id)?.number, flash))
            };
            visit.write(app, whole).await
        }
        Err(error) => Err(error.into()),
    };
    match acted {
        Ok((number, flash)) => Ok(done(request, &format!("/console/stories/{number}"), flash)),
        Err(error) if Refusal::fits(&error) => page(app, request, visit, id, Some((error, form))).await,
        Err(error) => Err(error),
    }
}

async fn sign(app: AppData, request: HttpRequest, visit: Visit, path: StoryPath, body: Payload) -> Shown {
    let form = Form::read(&request, body).await?;
    let (id, key, caller) = (path.0, form.get("gate").to_owned(), visit.caller.clone());
    let input = decode::<SignGate>(json!({ "evidence": form.trimmed("evidence") }));
    let work =
        input.map(|input| move |tx: &mut Tx<'_>| signoffs::sign(tx, id, &key, &caller, &input).map(|_| Flash::Signed));
    act(&app, &request, visit, id, form, work).await
}

async fn withdraw(app: AppData, request: HttpRequest, visit: Visit, path: StoryPath, body: Payload) -> Shown {
    let form = Form::read(&request, body).await?;
    let (id, key) = (path.0, form.get("gate").to_owned());
    let input = decode::<Reason>(json!({ "reason": form.trimmed("reason") }));
    let work = input
        .map(|input| move |tx: &mut Tx<'_>| signoffs::withdraw(tx, id, &key, &input.reason).map(|_| Flash::Withdrawn));
    act(&app, &request, visit, id, form, work).await
}

async fn record_trial(app: AppData, request: HttpRequest, visit: Visit, path: StoryPath, body: Payload) -> Shown {
    let form = Form::read(&request, body).await?;
    let id = path.0;
    let mut input =
        json!({ "kind": form.get("kind"), "verdict": form.get("verdict"), "tried_by": form.trimmed("tried_by") });
    if let Some(note) = form.given("note") {
        input["note"] = json!(note);
    }
    let work = decode::<NewTrial>(input)
        .map(|input| move |tx: &mut Tx<'_>| trials::record(tx, id, &input).map(|_| Flash::TrialRecorded));
    act(&app, &request, visit, id, form, work).await
}

/// The link in an address of GitHub or GitLab, or in the fields of the form.
fn new_link(form: &Form) -> Result<NewLink> {
    let url = form.trimmed("url");
    let mut input = json!({
        "provider": form.get("provider"), "kind": form.get("kind"), "repository": form.trimmed("repository"),
        "reference": form.trimmed("reference"),
    });
    if let Some(found) = in_address(url) {
        input = json!({
            "provider": found.provider, "kind": found.kind, "repository": found.repository, "reference": found.reference,
        });
    }
    if !url.is_empty() {
        input["url"] = json!(url);
    }
    Ok(decode(input)?)
}

/// What an address of a pull request, an issue, a commit or a branch names.
#[derive(Debug, PartialEq)]
struct Target {
    provider: &'static str,
    repository: String,
    kind: &'static str,
    reference: String,
}

fn in_address(url: &str) -> Option<Target> {
    let (host, path) = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"))?.split_once('/')?;
    let path = path.split(['?', '#']).next().unwrap_or_default().trim_end_matches('/');
    let provider = if path.contains("/-/") {
        "gitlab"
    } else if host == "github.com" || host.starts_with("github.") {
        "github"
    } else {
        return None;
    };
    let path = path.replace("/-/", "/");
    let words = [
        ("/pull/", "pull_request"),
        ("/merge_requests/", "pull_request"),
        ("/issues/", "issue"),
        ("/commit/", "commit"),
        ("/tree/", "branch"),
    ];
    words.into_iter().find_map(|(word, kind)| {
        let (repository, reference) = path.split_once(word)?;
        let reference = if kind == "branch" { reference } else { reference.split('/').next()? };
        let is_whole = !repository.is_empty() && !reference.is_empty();
        is_whole.then(|| Target { provider, repository: repository.to_owned(), kind, reference: reference.to_owned() })
    })
}

async fn link(app: AppData, request: HttpRequest, visit: Visit, path: StoryPath, body: Payload) -> Shown {
    let form = Form::read(&request, body).await?;
    let id = path.0;
    let work = new_link(&form).map(|input| move |tx: &mut Tx<'_>| links::add(tx, id, &input).map(|_| Flash::Linked));
    act(&app, &request, visit, id, form, work).await
}

async fn unlink(app: AppData, request: HttpRequest, visit: Visit, path: StoryPath, body: Payload) -> Shown {
    let form = Form::read(&request, body).await?;
    let id = path.0;
    let link = form.get("link").parse::<Id>().map_err(|_| Error::not_found("link"));
    let work = link.map(|link| move |tx: &mut Tx<'_>| links::remove(tx, link).map(|()| Flash::Unlinked));
    act(&app, &request, visit, id, form, work).await
}

async fn ask_issue(app: AppData, request: HttpRequest, visit: Visit, path: StoryPath, body: Payload) -> Shown {
    let form = Form::read(&request, body).await?;
    let id = path.0;
    let work = Ok::<_, Error>(move |tx: &mut Tx<'_>| {
        let asked = tracker::request(tx, id)?;
        Ok(if asked.link.is_some() { Flash::Linked } else { Flash::IssueAsked })
    });
    act(&app, &request, visit, id, form, work).await
}

async fn board(app: AppData, request: HttpRequest, visit: Visit, path: StoryPath, body: Payload) -> Shown {
    let form = Form::read(&request, body).await?;
    let id = path.0;
    let release = form.get("release").parse::<Id>();
    let release = release.map_err(|_| Error::field("/release", "unknown", "is not the id of a release"));
    let work = release.and_then(|release| {
        let input: NewReleaseStories = decode(json!({ "story_ids": [id] }))?;
        Ok(move |tx: &mut Tx<'_>| planning::add_stories(tx, release, None, &input).map(|_| Flash::Aboard))
    });
    act(&app, &request, visit, id, form, work).await
}

async fn recall(app: AppData, request: HttpRequest, visit: Visit, path: StoryPath, body: Payload) -> Shown {
    let form = Form::read(&request, body).await?;
    let (id, reason) = (path.0, form.given("reason").map(str::to_owned));
    let work = Ok::<_, Error>(move |tx: &mut Tx<'_>| {
        recalls::recall_round(tx, id, None, reason.as_deref()).map(|_| Flash::Recalled)
    });
    act(&app, &request, visit, id, form, work).await
}

/// Confirms that the texts of the story may quote customers.
async fn confirm(app: AppData, request: HttpRequest, visit: Visit, path: StoryPath, body: Payload) -> Shown {
    let form = Form::read(&request, body).await?;
    let (id, if_match) = (path.0, super::story_acts::version(&form));
    let work = Ok::<_, Error>(move |tx: &mut Tx<'_>| quoting::confirm(tx, id, if_match).map(|_| Flash::Saved));
    act(&app, &request, visit, id, form, work).await
}

inventory::submit!(Pages(routes));

/// Registers the routes.
fn routes(config: &mut ServiceConfig) {
    config
        .service(page_at("/console/stories/{id}/sign", &[("POST", May("sign_gate"))]).post(sign))
        .service(page_at("/console/stories/{id}/withdraw", &[("POST", May("withdraw_gate"))]).post(withdraw))
        .service(page_at("/console/stories/{id}/trial", &[("POST", May("create_trial"))]).post(record_trial))
        .service(page_at("/console/stories/{id}/link", &[("POST", May("create_story_link"))]).post(link))
        .service(page_at("/console/stories/{id}/unlink", &[("POST", May("delete_link"))]).post(unlink))
        .service(page_at("/console/stories/{id}/issue", &[("POST", May("request_story_issue"))]).post(ask_issue))
        .service(page_at("/console/stories/{id}/release", &[("POST", May("add_release_stories"))]).post(board))
        .service(page_at("/console/stories/{id}/recall", &[("POST", May("recall_story"))]).post(recall))
        .service(
            page_at("/console/stories/{id}/confirm-quotes", &[("POST", May("confirm_story_quotes"))]).post(confirm),
        );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_says_what_it_links_to() {
        let target = |provider, repository: &str, kind, reference: &str| {
            Some(Target { provider, repository: repository.to_owned(), kind, reference: reference.to_owned() })
        };
        assert_eq!(
            in_address("https://github.com/acme/app/pull/42/files?x=1"),
            target("github", "acme/app", "pull_request", "42")
        );
        assert_eq!(
            in_address("https://git.example.com/group/sub/app/-/merge_requests/7"),
            target("gitlab", "group/sub/app", "pull_request", "7")
        );
        assert_eq!(
            in_address("https://github.com/acme/app/tree/fix/refund"),
            target("github", "acme/app", "branch", "fix/refund")
        );
        assert_eq!(in_address("https://github.com/acme/app/issues/9#c"), target("github", "acme/app", "issue", "9"));
        assert_eq!(in_address("https://tracker.example.com/HB-1"), None);
        assert_eq!(in_address("javascript:alert(1)"), None);
    }
}
