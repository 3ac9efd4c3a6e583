//! A browser without scripts: it keeps cookies, follows redirects when it is told to, and says where its forms come from.

use std::collections::BTreeMap;

use hearback::domain::base::{Actor, Id};
use hearback::domain::team::Role;
use hearback::store::Tx;
use hearback::usecase::team::{invitations, passwords};

use crate::support::{Answer, Person, World};

/// The password of everybody in the tests.
pub const PASSWORD: &str = "correct horse battery staple";

/// A browser with its cookies.
pub struct Visitor<'a> {
    pub world: &'a World,
    pub cookies: BTreeMap<String, String>,
    /// Sent with every request, beside those of a browser.
    pub headers: Vec<(String, String)>,
}

impl<'a> Visitor<'a> {
    /// A browser that was here never before.
    pub fn new(world: &'a World) -> Self {
        Self { world, cookies: BTreeMap::new(), headers: Vec::new() }
    }

    /// A browser in which a new member with this role is signed in.
    pub fn as_role(world: &'a World, role: Role) -> Self {
        let email = format!("{role}-{}@example.com", Id::next().0.simple());
        let person = world.person(&format!("The {role}"), &email, role, "en");
        Self::of(world, &person, &email)
    }

    /// A browser in which this member is signed in.
    pub fn of(world: &'a World, person: &Person, email: &str) -> Self {
        set_password(world, person.id);
        let mut visitor = Self::new(world);
        let answer = visitor.sign_in(email, PASSWORD);
        assert_eq!(answer.status, 303, "{answer:?}");
        visitor
    }

    pub fn sign_in(&mut self, email: &str, password: &str) -> Answer {
        self.submit("/console/sign-in", &[("email", email), ("password", password)])
    }

    pub fn get(&mut self, path: &str) -> Answer {
        self.send("GET", path, None, &[])
    }

    /// Submits a form as a browser does for a page of ours.
    pub fn submit(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.submit_from("same-origin", path, fields)
    }

    /// Submits a form from a page of this site, as `Sec-Fetch-Site` calls it.
    pub fn submit_from(&mut self, site: &str, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.send("POST", path, Some(fields), &[("Sec-Fetch-Site", site)])
    }

    pub fn send(
        &mut self,
        method: &str,
        path: &str,
        fields: Option<&[(&str, &str)]>,
        headers: &[(&str, &str)],
    ) -> Answer {
        let mut request = self.world.open(method, path);
        let cookies: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        if !cookies.is_empty() {
            request = request.header("Cookie", &cookies.join("; "));
        }
        let own = self.headers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        for (name, value) in own.chain(headers.iter().copied()) {
            request = request.header(name, value);
        }
        if let Some(fields) = fields {
            let body = serde_urlencoded::to_string(fields).expect("a form");
            request = request.header("Content-Type", "application/x-www-form-urlencoded").body(body);
        }
        let answer = request.send();
        for cookie in answer.all("Set-Cookie") {
            let (pair, attributes) = cookie.split_once(';').expect("attributes");
            let (name, value) = pair.split_once('=').expect("a value");
            if attributes.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        answer
    }

    /// What a GET shows; it must succeed.
    pub fn read(&mut self, path: &str) -> String {
        let answer = self.get(path);
        assert_eq!(answer.status, 200, "{path}: {answer:?}");
        answer.body
    }
}

/// Gives a member the password of the tests, as by their link.
pub fn set_password(world: &World, member: Id) {
    let hash = passwords::hash(PASSWORD).expect("a hash");
    let set = move |tx: &mut Tx<'_>| {
        let member = hearback::store::team::members::get(tx.conn, member)?;
        invitations::set_password(tx, &member, &hash, None)
    };
    world.store().write_now(Actor::COMMAND, set).expect("a password");
}

/// The value of a hidden field of a page.
pub fn hidden(page: &str, name: &str) -> String {
    let mark = format!("name=\"{name}\" value=\"");
    let (_, rest) = page.split_once(&mark).unwrap_or_else(|| panic!("no field {name} in {page}"));
    rest.split('"').next().unwrap_or_default().to_owned()
}
