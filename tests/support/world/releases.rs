//! Releases, over the API.

use serde_json::{Value, json};

use super::{Answer, World};

impl World {
    /// A release with these stories; returns its id.
    pub fn release(&self, name: &str, stories: &[&str]) -> String {
        let id = self.done("/v1/releases", json!({ "name": name }))["id"].as_str().unwrap().to_owned();
        if !stories.is_empty() {
            self.done(&format!("/v1/releases/{id}/stories"), json!({ "story_ids": stories }));
        }
        id
    }

    pub fn shown_release(&self, id: &str) -> Value {
        self.read(&format!("/v1/releases/{id}"))
    }

    /// An action on a release; it may be refused.
    pub fn act_on_release(&self, release: &str, act: &str, body: Value) -> Answer {
        self.post(&format!("/v1/releases/{release}/{act}"), body)
    }
}
