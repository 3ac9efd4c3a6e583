//! The fields of a form of the settings, as `console/settings/fields.html` shows them, and the page with a secret.

use actix_web::HttpRequest;
use actix_web::http::{StatusCode, header};
use askama::Template;

use crate::domain::words::console::Words;
use crate::error::{Code, Error, FieldError, Result};
use crate::http::console::base::form::{Form, Wrong};
use crate::http::console::base::page::{Shown, show_as};
use crate::http::console::base::shell::Shell;

/// What can be chosen in a field.
pub struct Choice {
    pub value: String,
    pub name: String,
    pub chosen: bool,
}

/// A field of a form.
pub struct Field {
    /// Its name: the JSON pointer of the API without the first slash.
    pub name: &'static str,
    pub label: String,
    pub value: String,
    pub hint: Option<String>,
    pub wrong: Option<String>,
    /// How it is entered: the `type` of its element, or `area`, `choice`, `check`.
    pub kind: &'static str,
    /// For a number: the least, the most and the step.
    pub range: [&'static str; 3],
    pub choices: Vec<Choice>,
    pub required: bool,
}

impl Field {
    /// One line, or several; the kind is the `type` of its element, such as `text` or `date`, or `area` or `check`.
    pub fn new(name: &'static str, label: String, kind: &'static str) -> Self {
        let (value, range, choices) = (String::new(), ["", "", ""], Vec::new());
        Self { name, label, value, hint: None, wrong: None, kind, range, choices, required: false }
    }

    /// One line of text.
    pub fn line(name: &'static str, label: String) -> Self {
        Self::new(name, label, "text")
    }

    /// A number: the least, the most and the step.
    pub fn number(name: &'static str, label: String, range: [&'static str; 3]) -> Self {
        Self { range, ..Self::new(name, label, "number") }
    }

    /// One of these: the value of the form, and what people read.
    pub fn choice(name: &'static str, label: String, all: impl IntoIterator<Item = (String, String)>) -> Self {
        let choice = |(value, name): (String, String)| Choice { value, name, chosen: false };
        Self { choices: all.into_iter().map(choice).collect(), ..Self::new(name, label, "choice") }
    }

    /// With an explanation below it.
    pub fn hint(self, hint: String) -> Self {
        Self { hint: Some(hint), ..self }
    }

    /// It must be filled in.
    pub fn required(self) -> Self {
        Self { required: true, ..self }
    }

    /// Its value: what was sent, else what is stored.
    pub fn value(mut self, form: Option<&Form>, stored: &str) -> Self {
        let value = form.map_or(stored, |form| form.get(self.name)).to_owned();
        for choice in &mut self.choices {
            choice.chosen = choice.value == value;
        }
        Self { value, ..self }
    }

    /// With what is wrong with it.
    pub fn checked(self, wrong: &Wrong, t: &Words) -> Self {
        Self { wrong: wrong.at(self.name, t), ..self }
    }

    /// The id of its element, to which the summary of errors links.
    pub fn id(&self) -> String {
        self.name.replace('/', "-")
    }
}

/// What is wrong with a form that was refused: its fields; what is taken, as the field `taken`; or that somebody else has
/// changed it meanwhile.
///
/// # Errors
/// Errors that do not concern the form.
pub fn refusal(error: Error, taken: &'static str) -> Result<Wrong> {
    let wrong = |pointer: String, code, detail| Ok(Wrong::new(vec![FieldError::new(pointer, code, detail)]));
    match error.code {
        Code::Conflict => wrong(format!("/{taken}"), "taken", "is taken already"),
        Code::VersionMismatch => wrong(
            "/version".to_owned(),
            "changed",
            "was changed by somebody else meanwhile. Nothing was saved: look at the fields, and save again",
        ),
        _ => Wrong::of(error),
    }
}

/// A page with a secret or link that is shown only this once.
#[derive(Template)]
#[template(path = "console/settings/secret.html")]
pub struct SecretPage {
    pub shell: Shell,
    /// The name of the secret, for its heading.
    pub label: String,
    pub secret: String,
    /// What to do with it.
    pub about: String,
    /// The page to go on with.
    pub next: String,
}

/// 201 with a secret. It is the answer to the form itself, so that the secret is stored nowhere.
pub fn show_secret(request: &HttpRequest, page: &SecretPage) -> Shown {
    let mut answer = show_as(StatusCode::CREATED, request, page)?;
    answer.headers_mut().insert(header::CACHE_CONTROL, header::HeaderValue::from_static("no-store"));
    Ok(answer)
}

/// The status of a page with a form: 422 where the form was refused.
pub fn status(wrong: &Wrong) -> StatusCode {
    if wrong.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY }
}
