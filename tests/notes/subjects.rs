//! The harness of the note tests: the world of closures, with named members.

use hearback::domain::base::Id;
use hearback::domain::team::Role;
use serde_json::{Value, json};

use crate::support::{Answer, Person, World};

/// Jin, who writes the notes.
pub fn jin(world: &World) -> Person {
    world.person("Jin Lee", "jin@team.example", Role::Support, "en")
}

/// One subject of each kind: its path, in the order feedback, story, customer, closure; and the customer.
pub struct Subjects {
    pub feedback: String,
    pub story: String,
    pub customer: String,
    pub closure: String,
    pub person: Id,
}

impl Subjects {
    /// Files feedback, and releases a story for it.
    pub fn of(world: &World) -> Self {
        let theme = world.new_theme("Refunds");
        let said = json!({ "text": "The refund has not arrived", "origin": "zendesk", "customer": { "email": "ann@example.com" } });
        let actor = hearback::domain::base::Actor { kind: "service", id: Some(Id::next()) };
        let (feedback, person) = world.file_as(actor, theme, said);
        let (person, story) = (person.unwrap(), world.story_about(theme));
        world.release_story(story);
        let closure = world.closure(story, person).id;
        Self {
            feedback: format!("/v1/feedback/{feedback}"),
            story: format!("/v1/stories/{story}"),
            customer: format!("/v1/customers/{person}"),
            closure: format!("/v1/closures/{closure}"),
            person,
        }
    }

    pub fn all(&self) -> [&str; 4] {
        [&self.feedback, &self.story, &self.customer, &self.closure]
    }
}

/// Writes a note as a member; returns it.
pub fn note(world: &World, token: &str, subject: &str, body: Value) -> Value {
    let written = world.send("POST", &format!("{subject}/notes"), token, Some(&body));
    assert_eq!(written.status, 201, "{}", written.body);
    written.json()
}

/// The path of a note.
pub fn path(note: &Value) -> String {
    format!("/v1/notes/{}", note["id"].as_str().expect("an id"))
}

/// The notes of a subject, newest first.
pub fn notes(world: &World, token: &str, subject: &str) -> Vec<Value> {
    list(world.send("GET", &format!("{subject}/notes"), token, None))
}

/// The notes that mention a member.
pub fn mentions(world: &World, token: &str, query: &str) -> Vec<Value> {
    list(world.send("GET", &format!("/v1/me/mentions{query}"), token, None))
}

fn list(answer: Answer) -> Vec<Value> {
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.json()["data"].as_array().unwrap().clone()
}
