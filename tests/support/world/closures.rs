//! Closures: which customers of a story are told, and what they answer.

use hearback::domain::base::{Id, Paging, decode::decode};
use hearback::domain::closure::{Closure, ClosureQuery};
use hearback::domain::integrations::{NewWebhook, new_webhook_secret};
use hearback::store::closure::closures;
use hearback::usecase::integrations::webhooks;
use serde_json::json;

use super::World;

impl World {
    /// A help desk that answers the tickets of this origin; returns the id of its webhook.
    pub fn desk(&self, origin: &str) -> Id {
        let input: NewWebhook = decode(json!({ "url": "https://desk.example.com/", "desk_origin": origin })).unwrap();
        let secret = new_webhook_secret().unwrap();
        self.write(move |tx| webhooks::create(tx, &input, &secret, &|_| Ok(()))).unwrap().id
    }

    /// The closures of a story, oldest first.
    pub fn closures(&self, story: Id) -> Vec<Closure> {
        let query = ClosureQuery { story: Some(story), ..ClosureQuery::default() };
        let paging = Paging::new(Some(200), None, String::new()).unwrap();
        let mut found = self.store().read_now(|conn| closures::list(conn, &query, None, &paging)).unwrap().data;
        found.reverse();
        found
    }

    /// The latest closure of a customer in a story.
    pub fn closure(&self, story: Id, customer: Id) -> Closure {
        self.closures(story).into_iter().rfind(|closure| closure.customer.id == customer).expect("a closure")
    }

    /// The customers of a round with the states of their closures.
    pub fn round(&self, story: Id, round: i32) -> Vec<(Id, String)> {
        let of_round = self.closures(story).into_iter().filter(|closure| closure.round == round);
        of_round.map(|closure| (closure.customer.id, closure.state.to_string())).collect()
    }
}
