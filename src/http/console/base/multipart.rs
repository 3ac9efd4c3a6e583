//! The file of a form (`multipart/form-data`, RFC 7578), read as it arrives.

use actix_web::dev::Payload;
use actix_web::error::PayloadError;
use actix_web::http::header;
use actix_web::web::{Bytes, BytesMut};
use actix_web::{HttpMessage, HttpRequest};
use futures_util::{Stream, StreamExt, stream};

use crate::error::{Code, Error, Result};

/// The longest boundary that RFC 2046 allows.
const LONGEST_BOUNDARY: usize = 70;
/// The most bytes of the headers of a part.
const HEADERS: usize = 16 * 1024;
/// The most bytes of the parts before the file.
const BEFORE: usize = 64 * 1024;

/// The file of a form whose first bytes are read.
pub struct FilePart {
    payload: Payload,
    buffer: BytesMut,
    /// What ends a part: a line break, two dashes and the boundary.
    delimiter: Vec<u8>,
    ended: bool,
}

/// The first place of `wanted` in `bytes`.
fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}

/// The boundary that the `Content-Type` names.
fn boundary(request: &HttpRequest) -> Result<String> {
    let refused = || Error::new(Code::UnsupportedMediaType, "Send the form as multipart/form-data.");
    if !request.content_type().eq_ignore_ascii_case("multipart/form-data") {
        return Err(refused());
    }
    let whole = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let named = whole.split(';').skip(1).find_map(|part| {
        let (name, value) = part.split_once('=')?;
        name.trim().eq_ignore_ascii_case("boundary").then(|| value.trim().trim_matches('"').to_owned())
    });
    named.filter(|boundary| (1..=LONGEST_BOUNDARY).contains(&boundary.len())).ok_or_else(refused)
}

impl FilePart {
    /// Reads up to the first byte of the file.
    ///
    /// # Errors
    /// 400, 415, 422 where no file was chosen.
    pub async fn open(request: &HttpRequest, payload: Payload) -> Result<Self> {
        let delimiter = format!("\r\n--{}", boundary(request)?).into_bytes();
        // The first delimiter has no line break before it.
        let buffer = BytesMut::from(&b"\r\n"[..]);
        let mut part = Self { payload, buffer, delimiter, ended: false };
        let mut passed = 0;
        loop {
            passed += part.pass_delimiter().await?;
            if part.buffer.starts_with(b"--") || passed > BEFORE {
                return Err(Error::field("/file", "required", "is required"));
            }
            if part.headers_name_a_file().await? {
                return Ok(part);
            }
        }
    }

    /// Reads more; false at the end.
    async fn more(&mut self) -> std::result::Result<bool, PayloadError> {
        match self.payload.next().await {
            Some(bytes) => {
                self.buffer.extend_from_slice(&bytes?);
                Ok(true)
            }
            None => Ok(false),
        }
    }

    /// Reads until the buffer has at least this many bytes, with the limit of what stands before the file.
    async fn fill(&mut self, most: usize) -> Result<()> {
        let broken = || Error::new(Code::MalformedRequest, "The form is incomplete.");
        if self.buffer.len() > most || !self.more().await.map_err(|_| broken())? {
            return Err(broken());
        }
        Ok(())
    }

    /// Passes the next delimiter; returns how many bytes stood before it.
    async fn pass_delimiter(&mut self) -> Result<usize> {
        loop {
            if let Some(at) = find(&self.buffer, &self.delimiter) {
                let end = at + self.delimiter.len();
                while self.buffer.len() < end + 2 {
                    self.fill(BEFORE * 2).await?;
                }
                drop(self.buffer.split_to(end));
                return Ok(at);
            }
            self.fill(BEFORE).await?;
        }
    }

    /// Passes the headers of a part; whether it is a file with a name.
    async fn headers_name_a_file(&mut self) -> Result<bool> {
        let end = loop {
            if let Some(end) = find(&self.buffer, b"\r\n\r\n") {
                break end;
            }
            self.fill(HEADERS).await?;
        };
        let headers = self.buffer.split_to(end + 4);
        // What stands before the body ends with a line break, so an empty body ends at once.
        let named = String::from_utf8_lossy(&headers).lines().any(|line| {
            let disposition = line.to_ascii_lowercase().starts_with("content-disposition:");
            disposition && line.contains("filename=") && !line.contains("filename=\"\"")
        });
        if !named {
            let rest = self.buffer.split();
            self.buffer.extend_from_slice(b"\r\n");
            self.buffer.extend_from_slice(&rest);
        }
        Ok(named)
    }

    /// The next bytes of the file; `None` at its end.
    async fn next(&mut self) -> Option<std::result::Result<Bytes, PayloadError>> {
        let mut looked = 0;
        while !self.ended {
            let from = looked.min(self.buffer.len());
            if let Some(at) = find(&self.buffer[from..], &self.delimiter) {
                self.ended = true;
                return Some(Ok(self.buffer.split_to(from + at).freeze()));
            }
            // The last bytes may be the beginning of the delimiter.
            let safe = self.buffer.len().saturating_sub(self.delimiter.len());
            if safe >= CHUNK {
                return Some(Ok(self.buffer.split_to(safe).freeze()));
            }
            looked = safe;
            match self.more().await {
                Ok(true) => {}
                Ok(false) => {
                    self.ended = true;
                    return Some(Err(PayloadError::Incomplete(None)));
                }
                Err(error) => {
                    self.ended = true;
                    return Some(Err(error));
                }
            }
        }
        None
    }

    /// The bytes of the file.
    pub fn bytes(self) -> impl Stream<Item = std::result::Result<Bytes, PayloadError>> + Unpin {
        Box::pin(stream::unfold(self, |mut part| async move { part.next().await.map(|bytes| (bytes, part)) }))
    }
}

/// Bytes are handed on in pieces of at least this size.
const CHUNK: usize = 16 * 1024;

#[cfg(test)]
mod tests {
    use std::pin::Pin;

    use actix_web::test::TestRequest;

    use super::*;

    async fn file(body: &'static [u8], step: usize) -> std::result::Result<Vec<u8>, String> {
        let request = TestRequest::default().insert_header(("Content-Type", "multipart/form-data; boundary=\"xyz\""));
        let request = request.to_http_request();
        let pieces = body.chunks(step).map(|piece| Ok(Bytes::from_static(piece)));
        let payload: Pin<Box<dyn Stream<Item = std::result::Result<Bytes, PayloadError>>>> =
            Box::pin(stream::iter(pieces));
        let payload = Payload::Stream { payload };
        let mut bytes = FilePart::open(&request, payload).await.map_err(|e| e.code.as_str().to_owned())?.bytes();
        let mut whole = Vec::new();
        while let Some(piece) = bytes.next().await {
            whole.extend_from_slice(&piece.map_err(|e| e.to_string())?);
        }
        Ok(whole)
    }

    #[actix_web::test]
    async fn a_file_is_read_whole_however_it_arrives() {
        let body = b"--xyz\r\nContent-Disposition: form-data; name=\"product\"\r\n\r\nHB\r\n--xyz\r\n\
            Content-Disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\nContent-Type: text/csv\r\n\r\n\
            text\r\n--xy\r\n\xEC\x95\x88\r\n\r\n--xyz--\r\n";
        for step in [1, 2, 7, 1000] {
            assert_eq!(file(body, step).await.as_deref(), Ok(&b"text\r\n--xy\r\n\xEC\x95\x88\r\n"[..]), "{step}");
        }
    }

    #[actix_web::test]
    async fn no_file_and_a_broken_form_are_refused() {
        let without = b"--xyz\r\nContent-Disposition: form-data; name=\"file\"; filename=\"\"\r\n\r\n\r\n--xyz--\r\n";
        assert_eq!(file(without, 5).await, Err("invalid".to_owned()));
        assert_eq!(file(b"--xyz--\r\n", 5).await, Err("invalid".to_owned()));
        assert_eq!(file(b"nothing", 5).await, Err("malformed_request".to_owned()));
        let broken = b"--xyz\r\nContent-Disposition: form-data; filename=\"a\"\r\n\r\nabc";
        assert!(file(broken, 5).await.is_err(), "an upload that broke off is no file");
        let empty = b"--xyz\r\nContent-Disposition: form-data; filename=\"a\"\r\n\r\n\r\n--xyz--\r\n";
        assert_eq!(file(empty, 5).await, Ok(Vec::new()));
    }
}
