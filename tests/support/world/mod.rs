//! The one harness of the tests: a [`World`] is Hearback with an empty database, and the people and systems around it.
//!
//! A world runs in this process ([`World::in_process`]), where the test turns the clock and steps the jobs, or as the
//! started program ([`World::program`]), which a test can stop, kill and start again. Requests are sent by the same
//! methods in both; in this process they take no socket. What people, customers and jobs do stands in the files beside
//! this one, by subject.

mod acts;
mod clock;
mod closures;
mod feedback;
mod http;
mod jobs;
mod people;
mod program;
mod raw;
mod releases;
mod rows;
mod service;
mod stories;

use std::sync::{Arc, Mutex, OnceLock, Weak};

use hearback::app::App;
use hearback::clock::Clock;
use hearback::config::Config;
use hearback::domain::base::{Actor, Id, decode::decode};
use hearback::domain::team::{DEFAULT_PRODUCT, NewProduct, NewToken, Role};
use hearback::error::Result;
use hearback::store::base::events::Position;
use hearback::store::{Store, Tx};
use hearback::usecase::team::{products, tokens};
use serde_json::json;

use super::database::{Database, Kind};
use super::on_each;
use super::receiver::Receiver;

pub use feedback::{Customer, Filed};
pub use http::{Answer, Request};
pub use people::Person;
pub use program::{Settings, Twin, command};
pub use raw::{head, raw, read_answer};
pub use rows::words;
pub use stories::days_from_now;

use http::Wire;
use program::Program;

/// The admin token of every world.
pub const ADMIN: &str = "hb_token_of_the_tests_0123456789";

/// Hearback on a database of its own, seen through one of its products.
#[derive(Clone)]
pub struct World {
    side: Side,
    /// The product that new feedback, themes and stories belong to; at first the default product.
    pub product: ProductKey,
    /// The mail server that mails arrive at, if there is one.
    mail: Option<Arc<Receiver>>,
    pub database: Arc<Database>,
}

/// The names of a product.
#[derive(Clone, Debug)]
pub struct ProductKey {
    pub id: Id,
    pub key: String,
}

#[derive(Clone)]
enum Side {
    InProcess(Arc<InProcess>),
    Program(Arc<Mutex<Program>>),
}

/// The app in this process.
struct InProcess {
    app: App,
    clock: Clock,
    /// Requests are answered from the first one on.
    wire: OnceLock<Wire>,
    /// How far the outbox has read the event log; see `jobs.rs`.
    read: Mutex<Position>,
}

impl Drop for InProcess {
    fn drop(&mut self) {
        self.app.store.close();
    }
}

/// Runs a test on each available database, in this process.
pub fn on_each_world(test: impl Fn(&World) + Sync) {
    on_each(|database| test(&World::in_process(database)));
}

/// As [`on_each_world`], with other settings.
pub fn on_each_world_with(change: impl Fn(&mut Config) + Sync, test: impl Fn(&World) + Sync) {
    on_each(|database| test(&World::in_process_with(database, None, &change)));
}

/// As [`on_each_world`], with a mail server; the test is skipped if none can be started.
pub fn on_each_world_with_mail(test: impl Fn(&World) + Sync) {
    if Receiver::available() {
        on_each(|database| test(&World::in_process_with(database, Receiver::start(), |_| ())));
    }
}

/// Runs a test on each available database against the started program.
pub fn on_each_program(test: impl Fn(&World) + Sync) {
    on_each(|database| test(&World::program(database)));
}

/// As [`on_each_program`], with more settings.
pub fn on_each_program_with(settings: Settings<'_>, test: impl Fn(&World) + Sync) {
    on_each(|database| test(&World::program_with(database, settings)));
}

/// Runs a test that changes nothing on each available database. Such tests share one world a database while any of them
/// runs.
pub fn on_each_shared_world(test: impl Fn(&World) + Sync) {
    static SHARED: [Mutex<Weak<World>>; 2] = [Mutex::new(Weak::new()), Mutex::new(Weak::new())];
    let shared = |kind: Kind| {
        let mut shared = SHARED[kind as usize].lock().unwrap_or_else(|e| e.into_inner());
        shared.upgrade().unwrap_or_else(|| {
            let world = Arc::new(World::in_process(Database::new(kind)));
            *shared = Arc::downgrade(&world);
            world
        })
    };
    super::on_each_kind(|kind| test(&shared(kind)));
}

impl World {
    /// Hearback in this process. Nothing happens by itself: the test turns the clock and steps the jobs.
    pub fn in_process(database: Database) -> Self {
        Self::in_process_with(database, None, |_| ())
    }

    /// As [`World::in_process`], with a mail server and other settings.
    pub fn in_process_with(database: Database, mail: Option<Receiver>, change: impl FnOnce(&mut Config)) -> Self {
        let mut config = Config::for_command(&database.url);
        config.workers = 1;
        config.public_url = Some("https://voice.example.com/".to_owned());
        config.mail_from = Some("Paylo <voice@paylo.example>".to_owned());
        config.smtp_url = mail.as_ref().map(|receiver| format!("smtp://127.0.0.1:{}", receiver.port));
        // Tests in this process share its working folder.
        config.privacy.erasure_ledger = Some(database.ledger().display().to_string());
        change(&mut config);
        let clock = Clock::default();
        let app = App::build(config, clock.clone()).expect("an app");
        app.prepare().expect("a schema");
        app.set_ready();
        let side = InProcess { app, clock, wire: OnceLock::new(), read: Mutex::default() };
        Self::of(Side::InProcess(Arc::new(side)), database, mail)
    }

    /// The started program on a free port, with the admin token [`ADMIN`]. Its jobs run by themselves.
    pub fn program(database: Database) -> Self {
        Self::program_with(database, &[])
    }

    /// As [`World::program`], with more settings.
    pub fn program_with(database: Database, settings: Settings<'_>) -> Self {
        let own = [("HEARBACK_ADMIN_TOKEN", ADMIN), ("HEARBACK_LOG", "warn"), ("HEARBACK_WORKERS", "2")];
        let all: Vec<(&str, &str)> = own.iter().chain(settings).copied().collect();
        Self::program_with_only(database, &all)
    }

    /// The started program with exactly these settings.
    pub fn program_with_only(database: Database, settings: Settings<'_>) -> Self {
        let program = Program::start(&database, settings);
        Self::of(Side::Program(Arc::new(Mutex::new(program))), database, None)
    }

    fn of(side: Side, database: Database, mail: Option<Receiver>) -> Self {
        let product = ProductKey { id: DEFAULT_PRODUCT, key: "HB".to_owned() };
        Self { side, product, mail: mail.map(Arc::new), database: Arc::new(database) }
    }

    /// The same world with a new product, which has a random key unless one is given.
    pub fn with_new_product(&self, key: Option<&str>) -> World {
        let random = || format!("T{}", &Id::next().0.simple().to_string()[23..]).to_uppercase();
        let key = key.map_or_else(random, str::to_owned);
        let input: NewProduct = decode(json!({ "key": key, "name": "Paylo", "currency": "USD" })).unwrap();
        let id = self.store().write_now(Actor::COMMAND, move |tx| products::create(tx, &input)).unwrap().id;
        World { product: ProductKey { id, key }, ..self.clone() }
    }

    fn inside(&self) -> &InProcess {
        match &self.side {
            Side::InProcess(inside) => inside,
            Side::Program(_) => panic!("the started program can't be looked into: ask for a world in this process"),
        }
    }

    /// The app; only in this process.
    pub fn app(&self) -> &App {
        &self.inside().app
    }

    /// The database's store; only in this process.
    pub fn store(&self) -> &Store {
        &self.inside().app.store
    }

    /// The mail server.
    pub fn mails(&self) -> &Receiver {
        self.mail.as_ref().expect("a world with a mail server")
    }

    /// Writes as a member, without a request.
    pub fn write<T: Send + 'static>(&self, work: impl FnMut(&mut Tx<'_>) -> Result<T> + Send + 'static) -> Result<T> {
        self.store().write_now(Actor { kind: "member", id: None }, work)
    }

    /// Where requests are sent to.
    fn wire(&self) -> Wire {
        match &self.side {
            Side::Program(program) => Wire::Socket(program.lock().expect("nobody panicked").socket()),
            Side::InProcess(inside) => inside.wire.get_or_init(|| self.serve()).clone(),
        }
    }

    fn serve(&self) -> Wire {
        let input = NewToken {
            name: "tests".to_owned(),
            role: Role::Admin,
            member_id: None,
            expires_at: None,
            products: Vec::new(),
        };
        let admin = move |tx: &mut Tx<'_>| tokens::create_token(tx, &input, ADMIN).map(drop);
        self.store().write_now(Actor::COMMAND, admin).expect("an admin token");
        Wire::Service(service::start(self.app().clone()))
    }
}
