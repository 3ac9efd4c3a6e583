//! The harness of the note tests: the bench of closures, with named members.

use hearback::domain::{
    base::{Id, decode::decode},
    team::{NewMember, Role},
};
use hearback::usecase::team::members;
use serde_json::{Value, json};

use crate::closure::Bench;
use crate::support::Answer;

/// A member with a token.
pub struct Person {
    pub id: Id,
    pub token: String,
}

/// A member with this name, role and language.
pub fn person(bench: &Bench, name: &str, email: &str, role: Role, language: &str) -> Person {
    let input = json!({ "name": name, "email": email, "role": role, "language": language });
    let input: NewMember = decode(input).unwrap();
    let id = bench.write(move |tx| members::create(tx, &input)).unwrap().id;
    Person { id, token: bench.token(role, Some(id)) }
}

/// Jin, who writes the notes.
pub fn jin(bench: &Bench) -> Person {
    person(bench, "Jin Lee", "jin@team.example", Role::Support, "en")
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
    pub fn of(bench: &Bench) -> Self {
        let theme = bench.theme();
        let said = json!({ "text": "The refund has not arrived", "origin": "zendesk", "customer": { "email": "ann@example.com" } });
        let actor = hearback::domain::base::Actor { kind: "service", id: Some(Id::next()) };
        let (feedback, person) = bench.say_as(actor, theme, said);
        let (person, story) = (person.unwrap(), bench.story(theme));
        bench.release(story);
        let closure = bench.closure(story, person).id;
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
pub fn note(bench: &Bench, token: &str, subject: &str, body: Value) -> Value {
    let written = bench.call(token, "POST", &format!("{subject}/notes"), Some(body));
    assert_eq!(written.status, 201, "{}", written.body);
    written.json()
}

/// The path of a note.
pub fn path(note: &Value) -> String {
    format!("/v1/notes/{}", note["id"].as_str().expect("an id"))
}

/// The notes of a subject, newest first.
pub fn notes(bench: &Bench, token: &str, subject: &str) -> Vec<Value> {
    list(bench.call(token, "GET", &format!("{subject}/notes"), None))
}

/// The notes that mention a member.
pub fn mentions(bench: &Bench, token: &str, query: &str) -> Vec<Value> {
    list(bench.call(token, "GET", &format!("/v1/me/mentions{query}"), None))
}

fn list(answer: Answer) -> Vec<Value> {
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.json()["data"].as_array().unwrap().clone()
}
