//! Client of an OpenAI-compatible `/chat/completions` endpoint: one question and one answer, without tools.

use std::time::Duration;

use serde_json::{Value, json};

use super::embeddings::{Failure, post};
use crate::outside::client::Client;

/// How long a request may take.
pub const TIMEOUT: Duration = Duration::from_secs(60);
/// The longest answer, in tokens of the model.
const LONGEST_ANSWER: u32 = 1_500;
/// The largest answer in bytes: many times what that many tokens take, with the model's remarks beside it.
const MOST_BYTES: u64 = 256 * 1024;

/// The endpoint.
#[derive(Clone)]
pub struct Chat {
    client: Client,
    url: String,
    model: String,
    key: Option<String>,
}

impl Chat {
    /// `base` is the URL before `/chat/completions`.
    pub fn new(base: &str, model: &str, key: Option<&str>, timeout: Duration) -> Self {
        Self {
            client: Client::new(true, timeout).with_longest_answer(MOST_BYTES),
            url: format!("{}/chat/completions", base.trim_end_matches('/')),
            model: model.to_owned(),
            key: key.map(str::to_owned),
        }
    }

    /// The model's name.
    pub fn model(&self) -> &str {
        &self.model
    }

    /// The model's answer to `data` under this instruction. The text still has to be validated.
    ///
    /// # Errors
    /// Where there is no answer.
    pub fn ask(&self, instruction: &str, data: &str) -> Result<String, Failure> {
        let body = json!({
            "model": self.model,
            "messages": [{ "role": "system", "content": instruction }, { "role": "user", "content": data }],
            "temperature": 0,
            "max_tokens": LONGEST_ANSWER,
            "response_format": { "type": "json_object" },
        });
        let answer = post(&self.client, &self.url, self.key.as_deref(), &body)?;
        if answer.body.len() as u64 >= MOST_BYTES {
            return Err(Failure::Refused("its answer is too large".to_owned()));
        }
        // The client hands on what it has when a connection breaks or takes too long.
        let Ok(answer) = serde_json::from_slice::<Value>(&answer.body) else {
            return Err(Failure::Away { said: "its answer is cut off or no JSON".to_owned(), after: None });
        };
        match answer["choices"][0]["message"]["content"].as_str() {
            Some(text) => Ok(text.to_owned()),
            None => Err(Failure::Refused("its answer has no text".to_owned())),
        }
    }
}
