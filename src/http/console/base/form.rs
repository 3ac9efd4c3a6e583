//! What a form sends, and what is wrong with it.

use actix_web::web::Payload;
use actix_web::{HttpRequest, dev};

use crate::domain::words::console::Words;
use crate::error::{Code, Error, FieldError, Result};
use crate::http::base::auth::reach;
use crate::http::base::body::read_form;

/// The most bytes of a form: a feedback of 65,536 characters, each byte escaped.
const LIMIT: usize = 1024 * 1024;

/// The fields of a form.
#[derive(Clone, Debug, Default)]
pub struct Form(Vec<(String, String)>);

impl Form {
    /// Reads the form of a request.
    ///
    /// # Errors
    /// 400, 408, 413, 415.
    pub async fn read(request: &HttpRequest, payload: Payload) -> Result<Self> {
        Self::read_payload(request, payload.into_inner()).await
    }

    /// As [`Form::read`], where no handler takes the body.
    ///
    /// # Errors
    /// As for [`Form::read`].
    pub async fn read_payload(request: &HttpRequest, payload: dev::Payload) -> Result<Self> {
        let fields = read_form(request, payload, LIMIT).await?;
        reach::check_fields(request, &fields).await?;
        Ok(Self(fields.into_iter().map(|(name, value)| (name, plain(&value))).collect()))
    }

    /// Reads what the address asks for. A name may stand there several times, as boxes of a form send it.
    ///
    /// # Errors
    /// 400.
    pub fn of_query(request: &HttpRequest) -> Result<Self> {
        let fields: Vec<(String, String)> =
            serde_urlencoded::from_str(request.query_string()).map_err(|_| Error::from(Code::MalformedRequest))?;
        Ok(Self(fields.into_iter().map(|(name, value)| (name, plain(&value))).collect()))
    }

    /// The address of a page with these fields, in which a field has another value; an empty one is left out.
    pub fn address(&self, page: &str, name: &str, value: &str) -> String {
        let kept = self.0.iter().filter(|(key, value)| key != name && !value.is_empty());
        let kept = kept.map(|(key, value)| (key.as_str(), value.as_str()));
        let all: Vec<(&str, &str)> = kept.chain((!value.is_empty()).then_some((name, value))).collect();
        match serde_urlencoded::to_string(&all).unwrap_or_default() {
            query if query.is_empty() => page.to_owned(),
            query => format!("{page}?{query}"),
        }
    }

    /// The same fields, with another value of one.
    #[must_use]
    pub fn with(&self, name: &str, value: &str) -> Self {
        let kept = self.0.iter().filter(|(key, _)| key != name).cloned();
        Self(kept.chain([(name.to_owned(), value.to_owned())]).collect())
    }

    /// A form with these fields.
    pub fn from_fields(fields: impl Iterator<Item = (String, String)>) -> Self {
        Self(fields.collect())
    }

    /// Every value of a field that holds something.
    pub fn all(&self, name: &str) -> Vec<&str> {
        let own = self.0.iter().filter(|(key, _)| key == name).map(|(_, value)| value.trim());
        own.filter(|value| !value.is_empty()).collect()
    }

    /// Whether a field has this value, among others.
    pub fn has(&self, name: &str, value: &str) -> bool {
        self.0.iter().any(|(key, own)| key == name && own == value)
    }

    /// All fields, in the order in which they were sent.
    pub fn fields(&self) -> &[(String, String)] {
        &self.0
    }

    /// A field; empty where it was not sent.
    pub fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str()).unwrap_or_default()
    }

    /// A field without white space around it.
    pub fn trimmed(&self, name: &str) -> &str {
        self.get(name).trim()
    }

    /// A field that holds something.
    pub fn given(&self, name: &str) -> Option<&str> {
        Some(self.trimmed(name)).filter(|value| !value.is_empty())
    }
}

/// A text as the browser sent it, with line breaks of one kind and without characters that no text needs.
fn plain(text: &str) -> String {
    let text = text.replace("\r\n", "\n");
    text.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).collect()
}

/// What is wrong with a form, to be shown beside its fields.
#[derive(Clone, Debug, Default)]
pub struct Wrong(Vec<FieldError>);

impl Wrong {
    /// Wrong fields.
    pub fn new(fields: Vec<FieldError>) -> Self {
        Self(fields)
    }

    /// The wrong fields of an error; other errors are passed on.
    ///
    /// # Errors
    /// An error that is not about fields.
    pub fn of(error: Error) -> Result<Self> {
        match error.code {
            Code::Invalid => Ok(Self(error.fields)),
            _ => Err(error),
        }
    }

    /// Whether nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Every wrong field: its pointer without the slash, and what is wrong.
    pub fn all(&self, t: &Words) -> Vec<(String, String)> {
        let shown = |field: &FieldError| (field.pointer.trim_start_matches('/').replace('/', "-"), t.wrong(field));
        self.0.iter().map(shown).collect()
    }

    /// What is wrong with a field, by its pointer without the slash.
    pub fn at(&self, name: &str, t: &Words) -> Option<String> {
        let found = self.0.iter().find(|field| field.pointer.trim_start_matches('/') == name);
        found.map(|field| t.wrong(field))
    }
}
