//! Members of the team, and tokens.

use hearback::domain::base::{Actor, Id, decode::decode};
use hearback::domain::team::{NewMember, NewToken, Role};
use hearback::usecase::team::{members, tokens};
use serde_json::{Value, json};

use super::{Side, World};

/// A member with a token.
pub struct Person {
    pub id: Id,
    pub token: String,
}

impl World {
    /// A new token of a service with this role.
    pub fn token(&self, role: Role) -> String {
        self.new_token(role, None)
    }

    /// A new token of a member, with this role.
    pub fn token_of(&self, role: Role, member: Id) -> String {
        self.new_token(role, Some(member))
    }

    fn new_token(&self, role: Role, member: Option<Id>) -> String {
        if let Side::Program(_) = self.side {
            let input = json!({ "name": role.as_str(), "role": role.as_str(), "member_id": member });
            return self.done("/v1/tokens", input)["secret"].as_str().expect("a secret").to_owned();
        }
        let secret = tokens::new_secret().expect("randomness");
        let input =
            NewToken { name: role.to_string(), role, member_id: member, expires_at: None, products: Vec::new() };
        let made = self.store().write_now(Actor::COMMAND, move |tx| tokens::create_token(tx, &input, &secret));
        made.expect("a token").secret
    }

    /// A member of the support team.
    pub fn member(&self, email: &str) -> Id {
        self.new_member(json!({ "name": email, "email": email, "role": "support" }))
    }

    /// A member with this name, role and language, and a token.
    pub fn person(&self, name: &str, email: &str, role: Role, language: &str) -> Person {
        let id = self.new_member(json!({ "name": name, "email": email, "role": role, "language": language }));
        Person { id, token: self.token_of(role, id) }
    }

    /// A member with this name and role, and a token: their id, and its secret.
    pub fn member_with_token(&self, name: &str, role: &str) -> (String, String) {
        let member = json!({ "name": name, "email": format!("{name}@example.com"), "role": role });
        let id = self.done("/v1/members", member)["id"].as_str().unwrap().to_owned();
        let token = self.done("/v1/tokens", json!({ "name": name, "role": role, "member_id": id }));
        (id, token["secret"].as_str().unwrap().to_owned())
    }

    fn new_member(&self, input: Value) -> Id {
        if let Side::Program(_) = self.side {
            return self.done("/v1/members", input)["id"].as_str().unwrap().parse().unwrap();
        }
        let input: NewMember = decode(input).unwrap();
        self.write(move |tx| members::create(tx, &input)).unwrap().id
    }

    /// Changes settings of the product.
    pub fn settings(&self, settings: Value) {
        let answer = self.patch(&format!("/v1/products/{}", self.product.id), json!({ "settings": settings }));
        assert_eq!(answer.status, 200, "{answer:?}");
    }
}
