//! Refusals: for each stable code its HTTP status, its title, and advice for the caller.
//!
//! What the rules of the domain do not allow is a [`Refusal`]. The layers above return the error of `error.rs`, which also
//! knows what only a server can meet. A `detail` is written for the caller: it never contains SQL, a stack trace, or a
//! value that the caller sent.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The result type of every fallible function of the domain.
pub type Result<T> = std::result::Result<T, Refusal>;

macro_rules! table {
    ($($name:ident $code:literal $status:literal $title:literal $advice:literal;)*) => {
        /// A stable error code. The names are part of the API: never rename one.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Code { $(#[doc = $title] $name),* }

        impl Code {
            /// Every code, in the order of the table.
            pub const ALL: &'static [Code] = &[$(Code::$name),*];
            /// The code as it appears in an answer.
            pub fn as_str(self) -> &'static str { match self { $(Code::$name => $code),* } }
            /// The HTTP status that goes with it.
            pub fn status(self) -> u16 { match self { $(Code::$name => $status),* } }
            /// A short title, the same for every error with this code.
            pub fn title(self) -> &'static str { match self { $(Code::$name => $title),* } }
            /// Advice for the caller: the detail of an error without its own.
            pub fn advice(self) -> &'static str { match self { $(Code::$name => $advice),* } }
        }
    };
}

table! {
    MalformedRequest "malformed_request" 400 "Malformed request" "The body is not valid JSON in UTF-8 (at most 128 levels deep); send valid JSON.";
    Unauthorized "unauthorized" 401 "No valid token" "Send a valid token, neither expired nor revoked: Authorization: Bearer hb_...";
    BadSignature "bad_signature" 401 "Invalid signature" "Sign the raw body with the secret in the server's settings.";
    Forbidden "forbidden" 403 "Not allowed for this role" "Use a token whose role may do this.";
    NotFound "not_found" 404 "Not found" "Check the address and the id.";
    MethodNotAllowed "method_not_allowed" 405 "Method not allowed" "The Allow header lists the methods of this address.";
    RequestTimeout "request_timeout" 408 "The request took too long to arrive" "Send the body faster, or less of it.";
    Conflict "conflict" 409 "Conflict with the current state" "Read the resource again and decide what to change.";
    IdempotencyInFlight "idempotency_in_flight" 409 "A request with this Idempotency-Key is still running" "Repeat the request a moment later.";
    QuotesCustomer "quotes_customer" 409 "A text quotes a customer" "Reword the texts that `errors` names, or confirm them: POST /v1/stories/{id}/confirm_quotes.";
    StageRefused "stage_refused" 409 "The story can't move to this stage" "Choose a stage that can be reached from the current one.";
    UndoRefused "undo_refused" 409 "A later correction depends on this one" "Undo the later correction first.";
    Gone "gone" 410 "Erased" "This resource was erased permanently.";
    VersionMismatch "version_mismatch" 412 "The resource was changed by another request" "Read it again and send its new ETag in If-Match.";
    TooLarge "too_large" 413 "Too large" "Send a smaller request; the detail names the limit.";
    UnsupportedMediaType "unsupported_media_type" 415 "Unsupported media type" "Send a Content-Type and Content-Encoding that this operation supports.";
    Invalid "invalid" 422 "Invalid input" "Correct the fields named in `errors`.";
    IdempotencyMismatch "idempotency_mismatch" 422 "This Idempotency-Key was used for another payload" "Use a new key for a new request.";
    RateLimited "rate_limited" 429 "Too many requests" "Wait as long as Retry-After says.";
    Internal "internal" 500 "Internal error" "Try again. If the error stays, report the request id: the server's log has the cause.";
    Busy "busy" 503 "Too many writes are waiting" "Wait as long as Retry-After says and repeat the request.";
    Unavailable "unavailable" 503 "Not available at the moment" "Wait as long as Retry-After says and repeat the request.";
    OutcomeUnknown "outcome_unknown" 503 "The outcome is unknown" "Repeat the request with the same Idempotency-Key: if it was done, it is not done again.";
    StorageFull "storage_full" 507 "The disk is full" "Nothing was written, but reading still works. Free some space and repeat the request.";
}

/// One wrong field of the input.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FieldError {
    /// JSON Pointer to the field; `/name` for a query parameter.
    #[schema(example = "/customer/email")]
    pub pointer: String,
    /// Stable code of the error: `required`, `type`, `too_long`, `unknown_field`, ...
    #[schema(example = "format")]
    pub code: String,
    /// What is wrong, in a sentence; it never contains the value itself.
    #[schema(example = "must be an e-mail address")]
    pub detail: String,
}

impl FieldError {
    /// A wrong field; `pointer` as in [`FieldError::pointer`].
    pub fn new(pointer: impl Into<String>, code: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), code: code.into(), detail: detail.into() }
    }
}

/// Something that a rule of the domain does not allow, as the caller will see it.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{}: {detail}", code.as_str())]
pub struct Refusal {
    /// The row of the table.
    pub code: Code,
    /// A description of this refusal in one or two sentences.
    pub detail: String,
    /// Every wrong field, for [`Code::Invalid`].
    pub fields: Vec<FieldError>,
}

impl Refusal {
    /// A refusal with a detail of its own.
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into(), fields: Vec::new() }
    }

    /// 422 with all wrong fields.
    pub fn invalid(fields: Vec<FieldError>) -> Self {
        let detail = match fields.len() {
            1 => "1 field is wrong.".to_owned(),
            n => format!("{n} fields are wrong."),
        };
        Self { fields, ..Self::new(Code::Invalid, detail) }
    }

    /// 422 for one field.
    pub fn field(pointer: impl Into<String>, code: &str, detail: impl Into<String>) -> Self {
        Self::invalid(vec![FieldError::new(pointer, code, detail)])
    }

    /// 500; the cause is logged and never sent to the caller.
    pub fn internal(cause: impl std::fmt::Display) -> Self {
        tracing::error!(%cause, "internal error");
        Code::Internal.into()
    }
}

impl From<Code> for Refusal {
    fn from(code: Code) -> Self {
        Self::new(code, code.advice())
    }
}

impl AsRef<Code> for Refusal {
    fn as_ref(&self) -> &Code {
        &self.code
    }
}
