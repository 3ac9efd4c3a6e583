//! Drafts of forms on pages. A form takes part with one attribute: `data-draft`, with a name of its own where a page has
//! several forms that are sent to the same path. What its member wrote and did not send is put into its fields here, on
//! the server, so that it stands there on another device and without scripts too.

use std::rc::Rc;

use actix_web::http::{Method, StatusCode};
use actix_web::{HttpMessage, HttpRequest, web};
use askama::Template;

use super::fill;
use crate::app::App;
use crate::domain::team::form_draft::FormDraft;
use crate::error::{Error, Result};
use crate::http::console::base::shell::Shell;
use crate::http::console::base::visit;
use crate::store::team::form_drafts as stored;
use crate::usecase::team::form_drafts;

/// Fields that are not shown where the form of a draft is no longer there.
const UNSHOWN: [&str; 5] = ["version", "form_id", "product", "back", "to"];

/// Reads the member's drafts on the page that is asked for, and keeps them with the request.
///
/// # Errors
/// Those of the database.
pub async fn load(request: &HttpRequest) -> Result<()> {
    let (Some(visit), Some(app)) = (visit::of(request), request.app_data::<web::Data<App>>()) else { return Ok(()) };
    if request.method() != Method::GET {
        return Ok(());
    }
    let (member, page, now) = (visit.member.id, request.path().to_owned(), app.store.clock.now());
    let drafts = visit.read(app, move |conn| form_drafts::on_page(conn, member, &page, now)).await?;
    if !drafts.is_empty() {
        request.extensions_mut().insert(Rc::new(drafts));
    }
    Ok(())
}

/// Deletes the draft of a form that was sent: the answer leads to the next page.
///
/// # Errors
/// Those of the database. The form itself was done.
pub async fn sent(request: &HttpRequest, status: StatusCode) -> Result<()> {
    let (Some(visit), Some(app)) = (visit::of(request), request.app_data::<web::Data<App>>()) else { return Ok(()) };
    if request.method() != Method::POST || status != StatusCode::SEE_OTHER {
        return Ok(());
    }
    let (member, action) = (visit.member.id, request.path().to_owned());
    let path = action.clone();
    if visit.read(app, move |conn| stored::has(conn, member, &path)).await? {
        visit.write(app, move |tx| form_drafts::sent(tx, member, &action)).await?;
    }
    Ok(())
}

/// What stands before a form whose fields hold a draft, and in the place of one that is no longer there.
#[derive(Template)]
#[template(path = "console/entry/draft.html")]
struct DraftNote<'a> {
    shell: &'a Shell,
    draft: &'a FormDraft,
    has_form: bool,
}

impl DraftNote<'_> {
    /// What the member wrote.
    fn texts(&self) -> impl Iterator<Item = &str> {
        let shown = self.draft.fields.iter().filter(|(name, _)| !UNSHOWN.contains(&name.as_str()));
        shown.map(|(_, value)| value.as_str()).filter(|value| !value.trim().is_empty())
    }
}

/// A page with the member's drafts in its forms.
///
/// # Errors
/// 500 where the template fails.
pub fn restore(request: &HttpRequest, html: String) -> Result<String> {
    let found = request.extensions().get::<Rc<Vec<FormDraft>>>().cloned();
    let Some(drafts) = found else { return Ok(html) };
    let shell = Shell::new(request, |_| String::new());
    let note = |draft: &FormDraft, has_form: bool| {
        DraftNote { shell: &shell, draft, has_form }.render().map_err(Error::internal)
    };
    let mut html = html;
    for draft in drafts.iter() {
        html = match fill::form(&html, draft, &note(draft, true)?) {
            Some(filled) => filled,
            None => fill::at_the_top(&html, &note(draft, false)?),
        };
    }
    Ok(html)
}
