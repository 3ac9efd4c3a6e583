//! The sign-in form. It can carry another form whose session ended before it was sent, so that no word of it is lost:
//! after the sign-in the member looks at it and sends it again.

use actix_web::dev::Payload;
use actix_web::http::{Method, StatusCode};
use actix_web::{HttpRequest, web};
use askama::Template;

use super::form::Form;
use super::page::{Shown, local, show_as};
use super::proxy;
use super::shell::Shell;
use crate::app::App;
use crate::domain::team::external_sign_in::EntryRefusal;

/// Fields that are never carried along.
const SECRETS: [&str; 3] = ["password", "repeated", "current"];
/// The most characters that are carried along.
const MOST: usize = 300_000;

/// A form that was not sent.
#[derive(Clone, Debug, Default)]
pub struct Unsent {
    /// Where it goes.
    pub path: String,
    /// Its fields, encoded as a form.
    pub fields: String,
}

impl Unsent {
    /// The form that a sign-in form carries.
    pub fn carried(form: &Form) -> Self {
        let path = form.get("unsent_path");
        if path.is_empty() || local(path) != path {
            return Self::default();
        }
        Self { path: path.to_owned(), fields: form.get("unsent").to_owned() }
    }

    /// The form in the body of a request.
    pub async fn of(request: &HttpRequest, body: Payload) -> Self {
        let path = request.path().to_owned();
        let Ok(form) = Form::read_payload(request, body).await else { return Self::default() };
        let kept: Vec<&(String, String)> =
            form.fields().iter().filter(|(name, _)| !SECRETS.contains(&name.as_str())).collect();
        let fields = serde_urlencoded::to_string(kept).unwrap_or_default();
        if local(&path) != path || fields.len() > MOST { Self::default() } else { Self { path, fields } }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.path.is_empty()
    }

    /// Its fields, as the member wrote them.
    pub fn decoded(&self) -> Vec<(String, String)> {
        serde_urlencoded::from_str(&self.fields).unwrap_or_default()
    }
}

/// The sign-in form.
#[derive(Template)]
#[template(path = "console/entry/sign_in.html")]
pub struct SignInPage {
    pub shell: Shell,
    pub next: String,
    pub email: String,
    pub wrong: Option<String>,
    pub unsent: Unsent,
    pub ways: Ways,
}

/// The ways to sign in beside a password.
pub struct Ways {
    /// The address that signs in by a provider or a proxy, if one is set.
    pub other: Option<&'static str>,
}

impl Ways {
    /// The ways that are open to a request.
    pub fn of(request: &HttpRequest) -> Self {
        let oidc = request.app_data::<web::Data<App>>().is_some_and(|app| app.oidc.is_some());
        let by_proxy = proxy::named(request).map(|_| "/console/sign-in");
        Self { other: by_proxy.or(oidc.then_some("/console/sign-in/oidc")) }
    }

    /// The address of the other way, which leads to this page.
    pub fn link(&self, next: &str) -> String {
        let query = serde_urlencoded::to_string([("next", next)]).unwrap_or_default();
        format!("{}?{query}", self.other.unwrap_or_default())
    }
}

/// The form that was not sent, once its member is signed in again.
#[derive(Template)]
#[template(path = "console/entry/unsent.html")]
pub struct UnsentPage {
    pub shell: Shell,
    pub unsent: Unsent,
}

/// 401 with the sign-in form, in the place of a form whose session has ended.
///
/// # Errors
/// 500 where the template fails.
pub async fn ask(request: &HttpRequest, body: Payload) -> Shown {
    let unsent = if request.method() == Method::POST { Unsent::of(request, body).await } else { Unsent::default() };
    let shell = Shell::new(request, |t| t.sign_in());
    let (next, wrong) = ("/console/".to_owned(), Some(shell.t.signed_out_meanwhile()));
    let ways = Ways::of(request);
    show_as(StatusCode::UNAUTHORIZED, request, &SignInPage { shell, next, email: String::new(), wrong, unsent, ways })
}

/// The sign-in form for somebody whom a provider or a proxy knows, but who may not enter.
///
/// # Errors
/// 500 where the template fails.
pub fn refused(request: &HttpRequest, refusal: EntryRefusal) -> Shown {
    tracing::info!(%refusal, "sign-in refused");
    again(request, StatusCode::FORBIDDEN, move |shell| match refusal {
        EntryRefusal::Unknown => shell.t.entry_unknown(),
        EntryRefusal::Inactive => shell.t.entry_inactive(),
        EntryRefusal::Unverified => shell.t.entry_unverified(),
        EntryRefusal::NoGroup => shell.t.entry_no_group(),
        EntryRefusal::OtherAccount => shell.t.entry_other_account(),
    })
}

/// The sign-in form after a sign-in by others that failed.
///
/// # Errors
/// 500 where the template fails.
pub fn again(request: &HttpRequest, status: StatusCode, wrong: impl FnOnce(&Shell) -> String) -> Shown {
    let shell = Shell::new(request, |t| t.error_in_title(t.sign_in()));
    let wrong = Some(wrong(&shell));
    let (next, email, unsent, ways) = ("/console/".to_owned(), String::new(), Unsent::default(), Ways::of(request));
    show_as(status, request, &SignInPage { shell, next, email, wrong, unsent, ways })
}
