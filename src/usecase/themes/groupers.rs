//! The groupers of all products, in memory; shared by the grouping thread and the requests that look up.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, RwLock, RwLockReadGuard, RwLockWriteGuard};

use crate::domain::base::Id;
use crate::engine::{Grouper, Room, Settings};
use crate::error::{Code, Error, Result};
use crate::store::Conn;
use crate::usecase::team::known_names::KnownNames;

/// One grouper per product; clones share them.
#[derive(Clone, Default)]
pub struct Groups(Arc<SharedGroups>);

#[derive(Default)]
struct SharedGroups {
    /// Where their state lies; in memory only, if absent.
    room: Option<Arc<Room>>,
    by_product: RwLock<HashMap<Id, Group>>,
    loaded: RwLock<Loaded>,
    /// How many products this instance groups.
    ours: AtomicUsize,
    embedder: RwLock<String>,
    /// The products with a running preview.
    previewed: Mutex<HashSet<Id>>,
    /// Names that must not occur in titles.
    names: Mutex<Arc<KnownNames>>,
}

/// What has been loaded from the database.
#[derive(Default)]
struct Loaded {
    /// Everything; a product that is new then has nothing to load.
    all: bool,
    products: HashSet<Id>,
    /// Products with items that wait for a vector, so that they can't be compared.
    lacking: HashSet<Id>,
}

/// The grouper of one product.
#[derive(Clone)]
pub struct Group(Arc<RwLock<Grouper>>);

impl Group {
    /// A read lock.
    pub fn read(&self) -> RwLockReadGuard<'_, Grouper> {
        self.0.read().unwrap_or_else(|e| e.into_inner())
    }

    /// A write lock.
    pub fn write(&self) -> RwLockWriteGuard<'_, Grouper> {
        self.0.write().unwrap_or_else(|e| e.into_inner())
    }
}

impl Groups {
    /// Groupers whose state lies in this room.
    pub fn within(room: Arc<Room>) -> Self {
        Groups(Arc::new(SharedGroups { room: Some(room), ..SharedGroups::default() }))
    }

    /// The room that their state lies in, if it has a limit.
    pub fn room(&self) -> Option<&Arc<Room>> {
        self.0.room.as_ref()
    }

    /// The grouper of a product; created where it has none.
    pub fn of(&self, product: Id) -> Group {
        if let Some(group) = self.get(product) {
            return group;
        }
        let mut all = self.0.by_product.write().unwrap_or_else(|e| e.into_inner());
        let new = || self.room().map_or_else(|| Grouper::new(Settings::default()), Grouper::within);
        all.entry(product).or_insert_with(|| Group(Arc::new(RwLock::new(new())))).clone()
    }

    /// The grouper of a product, if any.
    pub fn get(&self, product: Id) -> Option<Group> {
        self.0.by_product.read().unwrap_or_else(|e| e.into_inner()).get(&product).cloned()
    }

    /// All groupers.
    pub fn all(&self) -> Vec<Group> {
        self.0.by_product.read().unwrap_or_else(|e| e.into_inner()).values().cloned().collect()
    }

    /// The groupers of all other products.
    pub fn others(&self, product: Id) -> Vec<Group> {
        let all = self.0.by_product.read().unwrap_or_else(|e| e.into_inner());
        all.iter().filter(|(id, _)| **id != product).map(|(_, group)| group.clone()).collect()
    }

    /// The name of the embedder in use; empty until it is known.
    pub fn embedder(&self) -> String {
        self.0.embedder.read().unwrap_or_else(|e| e.into_inner()).clone()
    }

    /// Removes all items, and uses this embedder from now on; the items are loaded again.
    pub fn begin(&self, embedder: &str) {
        *self.0.loaded.write().unwrap_or_else(|e| e.into_inner()) = Loaded::default();
        self.0.by_product.write().unwrap_or_else(|e| e.into_inner()).clear();
        embedder.clone_into(&mut self.0.embedder.write().unwrap_or_else(|e| e.into_inner()));
    }

    /// Allows one preview per product at a time, until the returned value is dropped, because a preview costs as much
    /// as a refinement.
    ///
    /// # Errors
    /// 503 with `Retry-After` while another preview runs.
    pub fn begin_preview(&self, product: Id) -> Result<Previewing> {
        let mut previewed = self.0.previewed.lock().unwrap_or_else(|e| e.into_inner());
        if previewed.insert(product) {
            return Ok(Previewing { groups: self.clone(), product });
        }
        let detail = "This product's settings are being previewed for someone else.";
        Err(Error { retry_after: Some(5), ..Error::new(Code::Unavailable, detail) })
    }

    /// All currently known names.
    pub fn names(&self, conn: &mut Conn) -> Result<Arc<KnownNames>> {
        let mut names = self.0.names.lock().unwrap_or_else(|e| e.into_inner());
        Arc::make_mut(&mut names).refresh(conn)?;
        Ok(Arc::clone(&names))
    }

    /// Marks the items of a product as loaded: look-ups in it are answered in full from now on.
    pub fn set_loaded(&self, product: Id) {
        self.0.loaded.write().unwrap_or_else(|e| e.into_inner()).products.insert(product);
    }

    /// Marks all products as loaded.
    pub fn set_all_loaded(&self) {
        self.0.loaded.write().unwrap_or_else(|e| e.into_inner()).all = true;
    }

    /// Notes in which products items wait for a vector.
    pub fn set_lacking(&self, products: HashSet<Id>) {
        let is_known = self.0.loaded.read().unwrap_or_else(|e| e.into_inner()).lacking == products;
        if !is_known {
            self.0.loaded.write().unwrap_or_else(|e| e.into_inner()).lacking = products;
        }
    }

    /// Whether all grouped items of a product can be compared: they have been loaded from the database and have a vector.
    pub fn is_complete(&self, product: Id) -> bool {
        let loaded = self.0.loaded.read().unwrap_or_else(|e| e.into_inner());
        (loaded.all || loaded.products.contains(&product)) && !loaded.lacking.contains(&product)
    }

    /// Notes how many products this instance groups.
    pub fn set_ours(&self, products: usize) {
        self.0.ours.store(products, Ordering::Relaxed);
    }

    /// How many products this instance groups.
    pub fn ours(&self) -> usize {
        self.0.ours.load(Ordering::Relaxed)
    }
}

/// A running preview.
pub struct Previewing {
    groups: Groups,
    product: Id,
}

impl Drop for Previewing {
    fn drop(&mut self) {
        self.groups.0.previewed.lock().unwrap_or_else(|e| e.into_inner()).remove(&self.product);
    }
}
