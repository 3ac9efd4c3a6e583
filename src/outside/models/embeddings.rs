//! Client of an OpenAI-compatible `/embeddings` endpoint.

use std::time::Duration;

use serde::Deserialize;
use serde_json::json;

use crate::outside::client::{Client, Request, Response};

/// The most texts in one request.
pub const MOST_TEXTS: usize = 64;
/// How long a request may take in total.
pub const TIMEOUT: Duration = Duration::from_secs(30);
/// The largest answer in bytes: room for 64 vectors of 4,096 numbers.
const LONGEST_ANSWER: u64 = 16 * 1024 * 1024;
/// The most dimensions of a vector.
const MOST_DIMENSIONS: usize = 65_536;

/// Why there is no usable answer.
#[derive(Clone, Debug, PartialEq)]
pub enum Failure {
    /// The service refused this input; another input may work.
    Refused(String),
    /// The service can't answer now. Try again, not before `after`.
    Away {
        /// The service's message.
        said: String,
        /// The delay that the service asked for.
        after: Option<Duration>,
    },
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (Failure::Refused(said) | Failure::Away { said, .. }) = self;
        f.write_str(said)
    }
}

/// A source of text vectors.
pub trait Embedder: Send + Sync {
    /// A name that is different for embedders with different vectors.
    fn name(&self) -> String;

    /// One vector per text, in the same order.
    ///
    /// # Errors
    /// Where any of the vectors is missing.
    fn embed(&self, texts: &[String]) -> Result<Vec<Vec<f32>>, Failure>;
}

/// The endpoint.
#[derive(Clone)]
pub struct Embeddings {
    client: Client,
    url: String,
    model: String,
    key: Option<String>,
}

impl Embeddings {
    /// `base` is the URL before `/embeddings`: `http://127.0.0.1:11434/v1`.
    pub fn new(base: &str, model: &str, key: Option<&str>, timeout: Duration) -> Self {
        Self {
            // Private addresses are allowed: the administrator sets the URL, and models often run on the same network.
            client: Client::new(true, timeout).with_longest_answer(LONGEST_ANSWER),
            url: format!("{}/embeddings", base.trim_end_matches('/')),
            model: model.to_owned(),
            key: key.map(str::to_owned),
        }
    }
}

#[derive(Deserialize)]
struct EmbeddingsResponse {
    data: Vec<EmbeddingItem>,
}

#[derive(Deserialize)]
struct EmbeddingItem {
    index: Option<usize>,
    embedding: Vec<f32>,
}

impl Embedder for Embeddings {
    fn name(&self) -> String {
        format!("api:{}", self.model)
    }

    fn embed(&self, texts: &[String]) -> Result<Vec<Vec<f32>>, Failure> {
        let body = json!({ "model": self.model, "input": texts });
        let answer = post(&self.client, &self.url, self.key.as_deref(), &body)?;
        vectors(&answer.body, texts.len()).map_err(|said| Failure::Away { said, after: None })
    }
}

/// Posts JSON with a bearer token; any status but 200 is a failure.
pub(in crate::outside) fn post(
    client: &Client,
    url: &str,
    key: Option<&str>,
    body: &serde_json::Value,
) -> Result<Response, Failure> {
    let mut headers = vec![("content-type".to_owned(), "application/json".to_owned())];
    headers.extend(key.map(|key| ("authorization".to_owned(), format!("Bearer {key}"))));
    let request = Request { method: "POST", url: url.to_owned(), headers, body: body.to_string().into_bytes() };
    let answer = client.send(request).map_err(|said| Failure::Away { said, after: None })?;
    match answer.status {
        200 => Ok(answer),
        // A wrong key or model affects every request, so it is retried until somebody corrects it.
        400 | 413 | 422 => Err(Failure::Refused(format!("it answered {}", answer.status))),
        status => Err(Failure::Away { said: format!("it answered {status}"), after: answer.retry_after() }),
    }
}

fn vectors(body: &[u8], count: usize) -> Result<Vec<Vec<f32>>, String> {
    let answer: EmbeddingsResponse =
        serde_json::from_slice(body).map_err(|_| "its answer is not what was agreed".to_owned())?;
    let mut vectors = vec![Vec::new(); count];
    for (n, item) in answer.data.into_iter().enumerate() {
        let place = vectors.get_mut(item.index.unwrap_or(n)).ok_or("its answer has more vectors than texts")?;
        *place = item.embedding;
    }
    let dimensions = vectors.first().map_or(0, Vec::len);
    let good = |v: &Vec<f32>| v.len() == dimensions && v.iter().all(|n| n.is_finite());
    if dimensions == 0 || dimensions > MOST_DIMENSIONS || !vectors.iter().all(good) {
        return Err("its answer lacks vectors, or they differ in length".to_owned());
    }
    Ok(vectors)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vectors_come_in_the_order_of_the_texts_or_not_at_all() {
        let answer = br#"{"data":[{"index":1,"embedding":[2.0,1]},{"index":0,"embedding":[0.5,1]}],"model":"m"}"#;
        assert_eq!(vectors(answer, 2), Ok(vec![vec![0.5, 1.0], vec![2.0, 1.0]]));
        for (answer, count) in [
            (&answer[..], 3),
            (&answer[..], 1),
            (br#"{"data":[{"embedding":[]}]}"#, 1),
            (br#"{"data":[{"embedding":[1e39]}]}"#, 1),
            (br#"{"data":[{"embedding":[1]},{"embedding":[1,2]}]}"#, 2),
            (br#"{"data":[{"embedding":["a"]}]}"#, 1),
            (b"<html>", 1),
        ] {
            assert!(vectors(answer, count).is_err(), "{}", String::from_utf8_lossy(answer));
        }
    }
}
