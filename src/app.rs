//! The shared parts of the program, built once at start.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::clock::Clock;
use crate::config::Config;
use crate::domain::base::Actor;
use crate::error::{Code, Error, Result};
use crate::outside::models::shared::SharedEmbedder;
use crate::outside::oidc::Oidc;
use crate::store::health::ledger_file::try_writing;
use crate::store::health::replication;
use crate::store::{Freshness, Store};
use crate::usecase::integrations::feed::Feed;
use crate::usecase::privacy::access::waiting::AccessLog;
use crate::usecase::privacy::due_now::LastDue;
use crate::usecase::privacy::replay;
use crate::usecase::team::products;
use crate::usecase::team::verifier::Verifier;
use crate::usecase::themes::groupers::Groups;

/// The parts that handlers and jobs need; cheap to clone.
#[derive(Clone)]
pub struct App {
    /// The settings.
    pub config: Arc<Config>,
    /// The database.
    pub store: Store,
    /// Asks what the reads of a request must see on a replica.
    pub freshness: Freshness,
    /// The cache of valid tokens and their callers.
    pub verifier: Verifier,
    /// The engine's state: one grouper per product.
    pub groups: Groups,
    /// The live feed of the event log.
    pub feed: Feed,
    /// The accesses that wait to be written to the access log.
    pub access: AccessLog,
    /// What is due by law, as the navigation of the console shows it.
    pub due: LastDue,
    /// The external embedder, if one is set.
    pub embedder: Option<SharedEmbedder>,
    /// The provider that signs members in, if one is set.
    pub oidc: Option<Arc<Oidc>>,
    /// Set when the schema is up to date and the demo's sample is loaded.
    ready: Arc<AtomicBool>,
    /// Set when the server is told to stop.
    stopping: Arc<AtomicBool>,
}

/// Says where the ledger of erasures is. Where nobody chose the file and it can't be written, there is none, with a warning: a
/// program with PostgreSQL has to start in a read-only folder too.
fn place_ledger(config: &Config, store: &Store) {
    let Some(place) = config.privacy.ledger(&store.location) else { return };
    match try_writing(&place.path) {
        Err(error) if place.by_name => {
            let file = place.path.display();
            tracing::warn!(
                %file, %error,
                "there is no ledger of erasures, because its file can't be written: a restored backup of the database would \
                 bring erased people back. Set HEARBACK_ERASURE_LEDGER to a file on a volume that is kept"
            );
        }
        // A file that somebody set is never done without: erasures are refused while it can't be written.
        _ => store.ledger.set(place.path, place.by_name),
    }
}

impl App {
    /// Builds the parts. Creates the database's folder, but does not open the database yet.
    ///
    /// # Errors
    /// If a setting is wrong or the database's folder can't be created.
    pub fn build(config: Config, clock: Clock) -> Result<Self> {
        let addresses =
            config.database.addresses(&config.database_url).map_err(|problem| Error::new(Code::Invalid, problem))?;
        let store = Store::open_with(addresses, clock)
            .map_err(|e| Error::new(Code::Unavailable, format!("The folder of the database can't be created: {e}.")))?;
        place_ledger(&config, &store);
        let embedder =
            config.embedder().map_err(|problem| Error::new(Code::Invalid, problem))?.map(SharedEmbedder::new);
        let oidc = config.sign_in.oidc(&config.public_url()).map(Oidc::new).map(Arc::new);
        let access = AccessLog::new(config.privacy.access_days > 0);
        let freshness = Freshness::of(&store);
        let groups = Groups::within(config.engine.room(&store.location));
        Ok(Self {
            config: Arc::new(config),
            access,
            store,
            freshness,
            verifier: Verifier::default(),
            groups,
            feed: Feed::default(),
            due: LastDue::default(),
            embedder,
            oidc,
            ready: Arc::default(),
            stopping: Arc::default(),
        })
    }

    /// Checks the database's addresses: that no pooler is met unawares, and that replicas are replicas. Logs what is doubtful.
    ///
    /// # Errors
    /// If an address can't be used as the settings say, or the database does not answer.
    pub fn check_database(&self) -> Result<()> {
        let addresses = self.config.database.addresses(&self.config.database_url);
        let setup = replication::check(&addresses.map_err(|problem| Error::new(Code::Invalid, problem))?)?;
        for doubt in setup.doubts {
            tracing::warn!(doubt, "the database");
        }
        if setup.wrong.is_empty() { Ok(()) } else { Err(Error::new(Code::Invalid, setup.wrong.join(" "))) }
    }

    /// Applies pending migrations and creates the default product. Erases again the people in the ledger of erasures whom a
    /// restored backup brought back.
    ///
    /// # Errors
    /// If the database does not answer, a migration fails, or the ledger can't be read.
    pub fn prepare(&self) -> Result<()> {
        for name in self.store.migrate()? {
            tracing::info!(name, "migration applied");
        }
        self.store.write_now(Actor::COMMAND, products::ensure_default_product)?;
        let replayed = replay::apply(&self.store)?;
        if replayed.entries > 0 {
            let (entries, people) = (replayed.entries, replayed.people);
            tracing::warn!(entries, people, "this database did not know all erasures; they are applied now");
        }
        Ok(())
    }

    /// Begins the journal of the access log, and takes over what an instance left there that was killed. The server does so
    /// before it serves.
    pub fn begin_access_journal(&self) {
        self.access.begin_journal(&self.store, &self.config.privacy.journal(&self.store.location));
    }

    /// Whether requests can be answered.
    pub fn is_ready(&self) -> bool {
        self.ready.load(Ordering::Acquire)
    }

    /// Becomes true when the server is told to stop.
    pub fn stopping(&self) -> Arc<AtomicBool> {
        self.stopping.clone()
    }

    /// Begins the shutdown: the server is no longer ready, streams end, and answers wait less for slow clients.
    pub fn begin_to_stop(&self) {
        self.ready.store(false, Ordering::Release);
        self.stopping.store(true, Ordering::Release);
        self.feed.close();
    }

    /// Marks the server as ready to answer requests.
    pub fn set_ready(&self) {
        self.ready.store(true, Ordering::Release);
    }
}
