//! The parts of the program, built once and shared by everything that runs.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::clock::Clock;
use crate::config::Config;
use crate::domain::base::Actor;
use crate::error::{Code, Error, Result};
use crate::jobs::feedback::filing::Intake;
use crate::jobs::integrations::feed::Feed;
use crate::jobs::themes::embedding::Asked;
use crate::store::{Location, Store};
use crate::usecase::team::products;
use crate::usecase::team::verifier::Verifier;
use crate::usecase::themes::groupers::Groups;

/// Everything a handler or a job needs; cheap to clone.
#[derive(Clone)]
pub struct App {
    /// The settings.
    pub config: Arc<Config>,
    /// The database.
    pub store: Store,
    /// Who comes with which token.
    pub verifier: Verifier,
    /// The queue in front of filing.
    pub intake: Intake,
    /// What the engine knows.
    pub groups: Groups,
    /// The live end of the event log.
    pub feed: Feed,
    /// The external embedder, where one is set.
    pub embedder: Option<Asked>,
    /// Set once the schema and the demo's sample are in place.
    ready: Arc<AtomicBool>,
    /// Set once the server is told to stop.
    stopping: Arc<AtomicBool>,
}

impl App {
    /// Builds the parts; touches the database only to make its folder.
    ///
    /// # Errors
    /// Where a setting is wrong or the database's folder can't be made.
    pub fn build(config: Config, clock: Clock) -> Result<Self> {
        let location = Location::parse(&config.database_url)
            .map_err(|e| Error::new(Code::Invalid, format!("DATABASE_URL {e}.")))?;
        let store = Store::open(location, clock)
            .map_err(|e| Error::new(Code::Unavailable, format!("The database's folder can't be made: {e}.")))?;
        let intake = Intake::start(store.clone()).map_err(Error::internal)?;
        let embedder = config.embedder().map_err(|problem| Error::new(Code::Invalid, problem))?.map(Asked::new);
        Ok(Self {
            config: Arc::new(config),
            store,
            verifier: Verifier::default(),
            intake,
            groups: Groups::default(),
            feed: Feed::default(),
            embedder,
            ready: Arc::default(),
            stopping: Arc::default(),
        })
    }

    /// Brings the schema up to date and puts the default product in place.
    ///
    /// # Errors
    /// Where the database is not there or a migration fails.
    pub fn prepare(&self) -> Result<()> {
        for name in self.store.migrate()? {
            tracing::info!(name, "migrated");
        }
        self.store.write_now(Actor::COMMAND, products::ensure_default_product)
    }

    /// Whether requests can be answered.
    pub fn is_ready(&self) -> bool {
        self.ready.load(Ordering::Acquire)
    }

    /// Whether the server was told to stop: true from then on.
    pub fn stopping(&self) -> Arc<AtomicBool> {
        self.stopping.clone()
    }

    /// From now on the server stops: it is not ready for more, streams end, and answers wait less for their readers.
    pub fn begin_to_stop(&self) {
        self.ready.store(false, Ordering::Release);
        self.stopping.store(true, Ordering::Release);
        self.feed.close();
    }

    /// From now on requests can be answered.
    pub fn set_ready(&self) {
        self.ready.store(true, Ordering::Release);
    }
}
