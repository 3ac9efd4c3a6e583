//! The error of every layer above the domain: a refusal, and what only a server can meet.
//!
//! Only `http/base/problem.rs` turns one into a response. A `detail` is written for the caller: it never contains SQL, a stack
//! trace, or a value that the caller sent.

use crate::refusal::Refusal;
pub use crate::refusal::{Code, FieldError};

/// The result type of every fallible function above the domain.
pub type Result<T> = std::result::Result<T, Error>;

/// A refused or failed operation, as the caller will see it.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{}: {detail}", code.as_str())]
pub struct Error {
    /// The row of the table.
    pub code: Code,
    /// A description of this error in one or two sentences.
    pub detail: String,
    /// Every wrong field, for [`Code::Invalid`].
    pub fields: Vec<FieldError>,
    /// Seconds to wait before a repeat makes sense.
    pub retry_after: Option<u32>,
    /// The transaction lost a race with another one and may succeed if it is run again.
    pub transient: bool,
    /// The connection to the database was lost during the request: it is unknown whether the change was made.
    pub lost: bool,
}

impl Error {
    /// An error with a detail of its own.
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        let retry_after = matches!(code.status(), 429 | 503).then_some(1);
        Self { code, detail: detail.into(), fields: Vec::new(), retry_after, transient: false, lost: false }
    }

    /// 404 for a resource with this noun.
    pub fn not_found(noun: &str) -> Self {
        Self::new(Code::NotFound, format!("There is no {noun} with this id."))
    }

    /// 422 with all wrong fields.
    pub fn invalid(fields: Vec<FieldError>) -> Self {
        Refusal::invalid(fields).into()
    }

    /// 422 for one field.
    pub fn field(pointer: impl Into<String>, code: &str, detail: impl Into<String>) -> Self {
        Refusal::field(pointer, code, detail).into()
    }

    /// 500; the cause is logged and never sent to the caller.
    pub fn internal(cause: impl std::fmt::Display) -> Self {
        Refusal::internal(cause).into()
    }
}

impl From<Code> for Error {
    fn from(code: Code) -> Self {
        Self::new(code, code.advice())
    }
}

impl From<Refusal> for Error {
    fn from(Refusal { code, detail, fields }: Refusal) -> Self {
        Self { fields, ..Self::new(code, detail) }
    }
}

impl From<Error> for Refusal {
    /// What the caller sees of it.
    fn from(Error { code, detail, fields, .. }: Error) -> Self {
        Self { code, detail, fields }
    }
}

impl AsRef<Code> for Error {
    fn as_ref(&self) -> &Code {
        &self.code
    }
}
