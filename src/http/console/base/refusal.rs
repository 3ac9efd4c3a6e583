//! Acts that were refused: shown on the page on which they were tried, with what the form held.

use actix_web::http::StatusCode;

use super::form::{Form, Wrong};
use crate::domain::words::console::Words;
use crate::error::{Code, Error};

/// An act that was refused.
#[derive(Default)]
pub struct Refusal {
    /// What is wrong, in a sentence, and what the API says about it. `None` where single fields are wrong.
    pub text: Option<(String, String)>,
    pub form: Form,
    pub wrong: Wrong,
    /// Somebody else changed it meanwhile.
    pub is_conflict: bool,
    /// The story quotes customers; a person may confirm that.
    pub quotes_customers: bool,
    status: Option<u16>,
}

impl Refusal {
    /// The refusal of the act of this form.
    pub fn of(error: Error, form: Form, t: Words) -> Self {
        let text = (error.code != Code::Invalid).then(|| (t.error_text(error.code), t.refusal(&error.clone().into())));
        let is_conflict = error.code == Code::VersionMismatch;
        let quotes_customers = error.code == Code::QuotesCustomer;
        Self {
            text,
            form,
            is_conflict,
            quotes_customers,
            status: Some(error.code.status()),
            wrong: Wrong::new(error.fields),
        }
    }

    /// Whether the page of the act can show it. Other errors have a page of their own.
    pub fn fits(error: &Error) -> bool {
        use Code::{Conflict, Forbidden, Invalid, QuotesCustomer, StageRefused, UndoRefused, VersionMismatch};
        matches!(
            error.code,
            Invalid | StageRefused | QuotesCustomer | VersionMismatch | Conflict | Forbidden | UndoRefused
        )
    }

    /// Whether an act was refused.
    pub fn is_some(&self) -> bool {
        self.status.is_some()
    }

    /// The status of the page.
    pub fn status(&self) -> StatusCode {
        self.status.and_then(|status| StatusCode::from_u16(status).ok()).unwrap_or(StatusCode::OK)
    }
}
