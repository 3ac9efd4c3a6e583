//! Incidents: their states, owners, hand-offs, timelines and links, and the alerts of monitoring systems.

mod alerts;
mod customers;
mod desks;
mod figures;
mod hand_offs;
mod hooks;
mod incidents;
mod real;
mod storms;

use hearback::domain::base::{Id, Time};
use hearback::domain::team::Role;
use serde_json::{Value, json};

use crate::support::{Answer, Person, World};

impl World {
    /// An admin who owns incidents.
    pub fn admin(&self) -> Person {
        self.person("Ada", "ada@example.com", Role::Admin, "en")
    }

    /// A developer with this name.
    pub fn developer(&self, name: &str) -> Person {
        self.person(name, &format!("{}@example.com", name.to_lowercase()), Role::Developer, "en")
    }

    /// An open incident.
    pub fn incident(&self) -> Value {
        let answer = self.post("/v1/incidents", json!({ "title": "Payments fail", "severity": 2 }));
        assert_eq!(answer.status, 201, "{answer:?}");
        answer.json()
    }

    /// An act on an incident by a member.
    pub fn act(&self, incident: &Value, act: &str, token: &str, body: Option<Value>) -> Answer {
        let path = format!("/v1/incidents/{}/{act}", incident["id"].as_str().unwrap());
        self.send("POST", &path, token, body.as_ref())
    }

    /// An incident as it is now.
    pub fn incident_now(&self, incident: &Value) -> Value {
        self.read(&format!("/v1/incidents/{}", incident["id"].as_str().unwrap()))
    }

    /// Offers an incident to a member.
    pub fn offer(&self, incident: &Value, token: &str, to: Id, reason: &str) -> Answer {
        self.act(incident, "hand-offs", token, Some(json!({ "member_id": to, "reason": reason })))
    }

    /// Accepts or declines an offer.
    pub fn answer_offer(&self, incident: &Value, offer: &Answer, token: &str, end: &str) -> Answer {
        self.act(incident, &format!("hand-offs/{}/{end}", offer.id()), token, None)
    }

    /// Turns the clock by some minutes.
    pub fn minutes_pass(&self, minutes: i64) {
        self.clock().advance(minutes * 60 * Time::SECOND);
    }
}

/// The kinds of an incident's timeline, in its order.
pub fn timeline(world: &World, incident: &Value) -> Vec<Value> {
    world.walk(&format!("/v1/incidents/{}/timeline", incident["id"].as_str().unwrap()), || ())
}
