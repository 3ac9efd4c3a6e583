//! What customers say, and the themes that it is about.

use hearback::domain::base::{Actor, Id, decode::decode};
use hearback::domain::feedback::NewFeedback;
use hearback::store::themes::{self, assignments, rows::NewTheme};
use hearback::usecase::feedback::filing;
use serde_json::{Value, json};

use super::World;

/// A customer who is about to say something.
pub struct Customer<'w> {
    world: &'w World,
    name: String,
    email: String,
    theme: Option<Id>,
}

/// A filed feedback item, and its customer.
pub struct Filed {
    pub feedback: Id,
    pub customer: Id,
}

impl Customer<'_> {
    /// What they say next is grouped in this theme.
    pub fn about(mut self, theme: Id) -> Self {
        self.theme = Some(theme);
        self
    }

    /// Files what they say, as a help desk does.
    pub fn files(self, text: &str) -> Filed {
        let customer = json!({ "email": self.email, "name": self.name });
        let mut input = json!({ "text": text, "origin": "zendesk", "customer": customer });
        if let Some(theme) = self.theme {
            let service = Actor { kind: "service", id: Some(Id::next()) };
            let (feedback, customer) = self.world.file_as(service, theme, input);
            return Filed { feedback, customer: customer.expect("a customer") };
        }
        input["product"] = json!(self.world.product.key);
        let filed = self.world.file(&input);
        let id = |value: &Value| value.as_str().expect("an id").parse().expect("an id");
        Filed { feedback: id(&filed["id"]), customer: id(&filed["customer"]["id"]) }
    }
}

impl World {
    /// A customer by their name, or by their mail address.
    pub fn customer(&self, who: &str) -> Customer<'_> {
        let name = who.split('@').next().unwrap_or(who).to_owned();
        let email = if who.contains('@') { who.to_owned() } else { format!("{}@example.com", who.to_lowercase()) };
        Customer { world: self, name, email, theme: None }
    }

    /// Files a feedback item over the API, which must be new; returns it.
    pub fn file(&self, body: &Value) -> Value {
        let answer = self.post("/v1/feedback", body);
        assert_eq!(answer.status, 201, "{answer:?}");
        answer.json()
    }

    /// Files feedback in the product as a member, without a request.
    pub fn file_in_product(&self, mut input: Value) -> Id {
        input["product"] = json!(self.product.key);
        let input: NewFeedback = decode(input).unwrap();
        self.write(move |tx| Ok(filing::file(tx, std::slice::from_ref(&input))?.remove(0)?.feedback.id)).unwrap()
    }

    /// Files feedback in a theme; returns its id and its customer's.
    pub fn file_as(&self, actor: Actor, theme: Id, input: Value) -> (Id, Option<Id>) {
        let mut input: NewFeedback = decode(input).unwrap();
        input.occurred_at = input.occurred_at.or(Some(self.now()));
        let filed = self.store().write_now(actor, move |tx| {
            let filed = filing::file(tx, std::slice::from_ref(&input))?.remove(0)?.feedback;
            assignments::place(tx, &[(filed.id, theme, 0.9)])?;
            Ok(filed)
        });
        let filed = filed.unwrap();
        (filed.id, filed.customer.map(|customer| customer.id))
    }

    /// Files feedback of these customers in a theme; `more` are further fields. Nobody says what an empty name says.
    pub fn customers_say(&self, theme: Id, customers: &[&str], more: Value) -> Vec<Id> {
        let key = self.product.key.clone();
        let input = |customer: &&str| {
            let mut input = json!({ "product": key, "text": format!("{customer} wants it: the refund has not arrived, I want my money back, I have to pay my rent"), "occurred_at": "2026-11-01T00:00:00Z" });
            if !customer.is_empty() {
                input["customer"] = json!({ "external_id": format!("{customer}@{key}") });
            }
            for (name, value) in more.as_object().into_iter().flatten() {
                input[name.as_str()] = value.clone();
            }
            decode::<NewFeedback>(input).unwrap()
        };
        let inputs: Vec<NewFeedback> = customers.iter().map(input).collect();
        self.write(move |tx| {
            let filed: hearback::error::Result<Vec<_>> = filing::file(tx, &inputs)?.into_iter().collect();
            let ids: Vec<Id> = filed?.into_iter().map(|f| f.feedback.id).collect();
            let places: Vec<(Id, Id, f64)> = ids.iter().map(|id| (*id, theme, 0.9)).collect();
            assignments::place(tx, &places)?;
            Ok(ids)
        })
        .unwrap()
    }

    /// A new theme of the product.
    pub fn new_theme(&self, label: &str) -> Id {
        let new = NewTheme { id: Id::next(), product: self.product.id, label: label.to_owned() };
        let id = new.id;
        self.write(move |tx| themes::rows::insert(tx, std::slice::from_ref(&new))).unwrap();
        id
    }
}
