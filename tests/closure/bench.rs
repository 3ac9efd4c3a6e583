//! The harness of the closure tests: the real app on each database, with a clock that the test turns, a mail server,
//! and an outbox that the test steps.

use std::net::TcpListener;
use std::sync::Mutex;
use std::time::Duration;

use hearback::app::App;
use hearback::clock::Clock;
use hearback::config::Config;
use hearback::domain::stories::stage::Stage;
use hearback::domain::{
    base::{Actor, Id, Paging, Time, decode::decode},
    closure::{Closure, ClosureQuery},
    feedback::NewFeedback,
    integrations::{Delivery, DeliveryState},
    stories::{NewStory, Story, Transition},
    team::{DEFAULT_PRODUCT, NewMember, NewToken, Role},
};
use hearback::error::Result;
use hearback::http;
use hearback::jobs;
use hearback::jobs::outbox::{Outcome, Sender, desk, mail, mentions};
use hearback::store::base::events::{self, Position};
use hearback::store::integrations::deliveries::Attempted;
use hearback::store::themes::{self, rows::NewTheme};
use hearback::store::{Tx, closure::closures, integrations::deliveries, stories, themes::assignments};
use hearback::usecase::{
    feedback::filing,
    stories::{planning, stages},
    team::{members, products, tokens},
};
use serde_json::{Value, json};

use crate::support::{Database, Receiver, Request, eventually, on_each};

/// The app with its surroundings.
pub struct Bench {
    pub app: App,
    pub clock: Clock,
    pub mail: Option<Receiver>,
    pub database: Database,
    address: String,
    agent: ureq::Agent,
    read: Mutex<Position>,
}

/// Runs a test on each database, with a mail server; skipped if none can be started.
pub fn with_mail(test: impl Fn(&Bench) + Sync) {
    on_each(|database| {
        if let Some(receiver) = Receiver::start() {
            test(&Bench::start(database, Some(receiver)));
        }
    });
}

/// Runs a test on each database, without a mail server.
pub fn without_mail(test: impl Fn(&Bench) + Sync) {
    on_each(|database| test(&Bench::start(database, None)));
}

impl Bench {
    pub fn start(database: Database, mail: Option<Receiver>) -> Self {
        let mut config = Config::for_command(&database.url);
        config.workers = 1;
        config.public_url = Some("https://voice.example.com/".to_owned());
        config.mail_from = Some("Paylo <voice@paylo.example>".to_owned());
        config.smtp_url = mail.as_ref().map(|receiver| format!("smtp://127.0.0.1:{}", receiver.port));
        let clock = Clock::default();
        let app = App::build(config, clock.clone()).expect("an app");
        app.prepare().expect("a schema");
        app.set_ready();
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address").to_string();
        let served = app.clone();
        std::thread::spawn(move || {
            actix_web::rt::System::new().block_on(async { http::server(served, listener).expect("a server").await })
        });
        let agent = ureq::Agent::config_builder().http_status_as_error(false).max_redirects(0).build().into();
        let bench = Bench { app, clock, mail, database, address, agent, read: Mutex::default() };
        // What is opened is told at once, but where a test is about the time before that.
        bench.settings(json!({ "recall_minutes": 0 }));
        bench
    }

    /// Changes settings of the default product.
    pub fn settings(&self, settings: Value) {
        let patch = json!({ "settings": settings });
        self.write(move |tx| products::edit(tx, DEFAULT_PRODUCT, None, &patch)).unwrap();
    }

    pub fn mails(&self) -> &Receiver {
        self.mail.as_ref().expect("a mail server")
    }

    pub fn write<T: Send + 'static>(&self, work: impl FnMut(&mut Tx<'_>) -> Result<T> + Send + 'static) -> Result<T> {
        self.app.store.write_now(Actor { kind: "member", id: None }, work)
    }

    /// A request without a token, as from a customer or a mail scanner.
    pub fn open(&self, method: &str, path: &str) -> Request<'_> {
        Request::new(&self.agent, &self.address, method, path).token(None)
    }

    /// Submits a form of an answer page.
    pub fn submit(&self, path: &str, form: &str) -> crate::support::Answer {
        self.open("POST", path).header("Content-Type", "application/x-www-form-urlencoded").body(form).send()
    }

    /// A request from a member or a service.
    pub fn call(&self, token: &str, method: &str, path: &str, body: Option<Value>) -> crate::support::Answer {
        let request = Request::new(&self.agent, &self.address, method, path).token(Some(token));
        match body {
            Some(body) => request.json(&body).send(),
            // An act without input takes an empty object as well as nothing.
            None if method == "POST" => request.json(&json!({})).send(),
            None => request.send(),
        }
    }

    /// A token with a role; of this member if one is given.
    pub fn token(&self, role: Role, member: Option<Id>) -> String {
        let secret = tokens::new_secret().unwrap();
        let input = NewToken { name: "test".to_owned(), role, member_id: member, expires_at: None };
        self.write(move |tx| tokens::create_token(tx, &input, &secret)).unwrap().secret
    }

    pub fn member(&self, email: &str) -> Id {
        let input: NewMember = decode(json!({ "name": email, "email": email, "role": "support" })).unwrap();
        self.write(move |tx| members::create(tx, &input)).unwrap().id
    }

    pub fn theme(&self) -> Id {
        let new = NewTheme { id: Id::next(), product: DEFAULT_PRODUCT, label: "Refunds".to_owned() };
        let id = new.id;
        self.write(move |tx| themes::rows::insert(tx, std::slice::from_ref(&new))).unwrap();
        id
    }

    /// Files feedback in a theme as a member; returns its id and its customer's.
    pub fn say_as(&self, actor: Actor, theme: Id, input: Value) -> (Id, Option<Id>) {
        let mut input: NewFeedback = decode(input).unwrap();
        input.occurred_at = input.occurred_at.or(Some(self.clock.now()));
        let filed = self.app.store.write_now(actor, move |tx| {
            let filed = filing::file(tx, std::slice::from_ref(&input))?.remove(0)?.feedback;
            assignments::place(tx, &[(filed.id, theme, 0.9)])?;
            Ok(filed)
        });
        let filed = filed.unwrap();
        (filed.id, filed.customer.map(|customer| customer.id))
    }

    /// As [`Bench::say_as`], as a service; returns the customer.
    pub fn say(&self, theme: Id, email: &str, text: &str) -> Id {
        let input = json!({ "text": text, "origin": "zendesk", "customer": { "email": email, "name": email.split('@').next() } });
        self.say_as(Actor { kind: "service", id: Some(Id::next()) }, theme, input).1.unwrap()
    }

    /// A story on a theme, accepted.
    pub fn story(&self, theme: Id) -> Id {
        let input: NewStory = decode(json!({ "theme_id": theme, "title": "Refunds show a date" })).unwrap();
        let id = self.write(move |tx| planning::create(tx, &input)).unwrap().id;
        self.go(id, "accepted");
        id
    }

    pub fn transition(&self, story: Id, input: Value) -> Result<Story> {
        let input: Transition = decode(input).unwrap();
        self.write(move |tx| stages::transition(tx, story, None, Role::Admin, &input))
    }

    pub fn go(&self, story: Id, to: &str) {
        self.transition(story, json!({ "to": to })).unwrap();
    }

    /// Releases a story and tells its customers.
    pub fn release(&self, story: Id) {
        self.clock.advance(Time::SECOND);
        self.go(story, "ready");
        self.go(story, "released");
        self.pump();
        self.clock.advance(Time::SECOND);
    }

    pub fn stage(&self, story: Id) -> Stage {
        self.app.store.read_now(|conn| stories::rows::get(conn, story)).unwrap().stage
    }

    pub fn closures(&self, story: Id) -> Vec<Closure> {
        let query = ClosureQuery { story: Some(story), ..ClosureQuery::default() };
        let paging = Paging::new(Some(200), None, String::new()).unwrap();
        let mut found = self.app.store.read_now(|conn| closures::list(conn, &query, None, &paging)).unwrap().data;
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

    /// The kinds of the events of a resource.
    pub fn history(&self, subject: Id) -> Vec<String> {
        let paging = Paging::new(Some(200), None, String::new()).unwrap();
        let found = self.app.store.read_now(|conn| events::history(conn, subject, &paging)).unwrap();
        found.data.into_iter().map(|event| event.kind).collect()
    }

    /// Turns the clock by some days and runs what is due.
    pub fn days_pass(&self, days: i64) {
        self.clock.advance(days * Time::DAY);
        jobs::step(&self.app, "closing").unwrap();
        self.pump();
    }

    /// Processes the event log and the outbox; a desk accepts its messages.
    pub fn pump(&self) {
        self.fan_out();
        let mails = mail::Mails::new(self.app.config.mailer().unwrap(), self.app.config.public_url());
        for delivery in self.due("mail") {
            let outcome = mails.send(&self.app.store, &delivery);
            let sender = mail::Mails::new(None, String::new());
            self.record(&delivery, &outcome, move |tx, delivery, arrived| sender.ended(tx, delivery, arrived));
        }
        for delivery in self.due("webhook") {
            self.record(&delivery, &Outcome::Delivered { status: Some(200) }, desk::ended);
        }
    }

    /// Reads the event log to its end. On PostgreSQL this waits for transactions of other tests too.
    pub fn fan_out(&self) {
        let (mark, with_mail) = (Id::next(), self.mail.is_some());
        self.write(move |tx| {
            tx.event("webhook.enabled", mark, None, json!({}));
            Ok(())
        })
        .unwrap();
        let mut read = self.read.lock().unwrap();
        eventually("the log is read", Duration::from_secs(60), || {
            let place = *read;
            let events = self.app.store.read_now(|conn| events::after(conn, place, 1_000)).unwrap();
            let Some(last) = events.last() else { return false };
            *read = last.position;
            let at_end = last.subject == mark;
            self.write(move |tx| {
                events.iter().try_for_each(|event| {
                    mail::fan_out(tx, event)?;
                    if with_mail {
                        mentions::fan_out(tx, event)?;
                    }
                    desk::fan_out(tx, event)
                })
            })
            .unwrap();
            at_end
        });
    }

    pub fn due(&self, channel: &'static str) -> Vec<Delivery> {
        let due = |conn: &mut _| deliveries::due(conn, channel, &self.clock, &[], &[], 1_000);
        let targets = self.app.store.read_now(due).unwrap();
        let claim = |target| self.write(move |tx| deliveries::claim(tx, channel, target, false, "test")).unwrap();
        targets.into_iter().filter_map(claim).collect()
    }

    pub fn record(
        &self,
        delivery: &Delivery,
        outcome: &Outcome,
        mut ended: impl FnMut(&mut Tx<'_>, &Delivery, bool) -> Result<()> + Send + 'static,
    ) {
        let (delivery, now) = (delivery.clone(), self.clock.now());
        let (state, next) = match outcome {
            Outcome::Delivered { .. } => (DeliveryState::Delivered, now),
            Outcome::Retry { .. } => (DeliveryState::Pending, now.plus(60 * Time::SECOND)),
            _ => (DeliveryState::Dead, now),
        };
        let error = match outcome {
            Outcome::Retry { error, .. } | Outcome::Dead { error, .. } => Some(error.clone()),
            _ => None,
        };
        let status = match outcome {
            Outcome::Delivered { status } => status.map(i32::from),
            _ => None,
        };
        let attempted = Attempted { at: now, milliseconds: 1, status, error, state, next };
        self.write(move |tx| {
            deliveries::record(tx, &delivery, "test", &attempted)?;
            match state {
                DeliveryState::Pending => Ok(()),
                state => ended(tx, &delivery, state == DeliveryState::Delivered),
            }
        })
        .unwrap();
    }
}
