//! Errors as the client sees them: `application/problem+json` (RFC 9457).

use actix_web::http::{StatusCode, header};
use actix_web::{HttpResponse, ResponseError};
use serde::Serialize;
use utoipa::ToSchema;

use super::context;
use crate::error::{Code, Error, FieldError};

/// The body of every error.
#[derive(Serialize, ToSchema)]
pub struct Problem {
    /// Stable URI that ends in the code.
    #[serde(rename = "type")]
    #[schema(example = "/problems/invalid")]
    pub kind: String,
    /// The same for every error with this code.
    #[schema(example = "Invalid input")]
    pub title: String,
    #[schema(example = 422)]
    pub status: u16,
    /// This error: what happened and what to do.
    #[schema(example = "2 fields are wrong.")]
    pub detail: String,
    /// Stable code.
    #[schema(example = "invalid")]
    pub code: String,
    /// Every wrong field of the input.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
    /// Id of this request in the server's log.
    #[schema(example = "0198c2c45b7e7b2a9d3c6f0e4a1b2c3d")]
    pub request_id: String,
}

impl ResponseError for Error {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn error_response(&self) -> HttpResponse {
        let problem = Problem {
            kind: format!("/problems/{}", self.code.as_str()),
            title: self.code.title().to_owned(),
            status: self.code.status(),
            detail: self.detail.clone(),
            code: self.code.as_str().to_owned(),
            errors: self.fields.clone(),
            request_id: context::request_id(),
        };
        let mut response = HttpResponse::build(self.status_code());
        if let Some(seconds) = self.retry_after {
            response.insert_header((header::RETRY_AFTER, seconds));
        }
        match self.code {
            Code::Unauthorized => drop(response.insert_header((header::WWW_AUTHENTICATE, "Bearer"))),
            // RFC 9110 requires a challenge in every 401; the scheme for signatures has no registered name.
            Code::BadSignature => drop(response.insert_header((header::WWW_AUTHENTICATE, "Signature"))),
            _ => {}
        }
        response.content_type("application/problem+json").body(serde_json::to_string(&problem).unwrap_or_default())
    }
}

/// The answer of the path `pattern` to a method that it does not support.
pub fn method_not_allowed(pattern: &str) -> HttpResponse {
    let allowed = super::operations::methods_of(pattern).join(", ");
    let error = Error::new(Code::MethodNotAllowed, format!("This address supports {allowed}."));
    let mut response = error.error_response();
    if let Ok(allowed) = header::HeaderValue::from_str(&allowed) {
        response.headers_mut().insert(header::ALLOW, allowed);
    }
    response
}
