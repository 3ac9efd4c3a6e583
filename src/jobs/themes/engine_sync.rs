//! Keeps the engine's in-memory state in step with the database: loads it at start, in time linear in the number of
//! items, then follows the event log, which contains the changes of every instance and every person.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::mpsc::{SyncSender, sync_channel};

use serde_json::Value;

use crate::domain::base::Id;
use crate::domain::feedback::ERASED;
use crate::engine::{Granularity, Reading, StoredItem, read};
use crate::error::{Error, Result};
use crate::store::base::events::{self, Logged, Position};
use crate::store::team::products;
use crate::store::themes::embeddings::{self, BUILTIN};
use crate::store::themes::refinements;
use crate::store::themes::vectors::{self, GroupedItem};
use crate::store::{Store, themes};
use crate::usecase::themes::groupers::Groups;

/// The id before all others.
const FIRST: Id = Id(uuid::Uuid::nil());
/// Rows read at a time.
const CHUNK: i64 = 2_000;

/// Rows looked for at a time where another instance may have embedded them.
const LOOKED_FOR: usize = 500;

/// Items that have a theme but no usable vector, by product: they were restored from an export, or the embedder was changed.
#[derive(Default)]
pub(in crate::jobs) struct Unembedded(BTreeMap<Id, BTreeSet<Id>>);

impl Unembedded {
    /// Adds an item of a product.
    pub fn insert(&mut self, product: Id, item: Id) {
        self.0.entry(product).or_default().insert(item);
    }

    /// Removes an item, whatever its product is.
    pub fn remove(&mut self, item: Id) {
        self.0.retain(|_, items| {
            items.remove(&item);
            !items.is_empty()
        });
    }

    /// Adds those of another.
    pub fn extend(&mut self, other: Self) {
        for (product, mut items) in other.0 {
            self.0.entry(product).or_default().append(&mut items);
        }
    }

    /// The products that have one.
    pub fn products(&self) -> impl Iterator<Item = Id> {
        self.0.keys().copied()
    }

    /// Whether there is one in this product.
    pub fn is_in(&self, product: Id) -> bool {
        self.0.contains_key(&product)
    }

    /// The first ones of a product.
    pub fn first(&self, product: Id, most: usize) -> Vec<Id> {
        self.0.get(&product).into_iter().flatten().take(most).copied().collect()
    }

    /// The first ones after an item, of all products but these.
    fn of_others(&self, after: Id, except: &[Id], most: usize) -> Vec<Id> {
        let others = self.0.iter().filter(|(product, _)| !except.contains(product));
        let mut items: Vec<Id> = others.flat_map(|(_, items)| items.range(after..).take(most)).copied().collect();
        items.sort_unstable();
        items.truncate(most);
        items
    }
}

/// Reads the event log and applies its events to the engine's state.
pub(in crate::jobs) struct Follower {
    store: Store,
    groups: Groups,
    position: Position,
    pub unembedded: Unembedded,
    /// Where to go on looking for vectors that other instances made.
    sought: Id,
    /// Whether a product was added since this was last asked.
    pub has_new_product: bool,
    /// The embedder whose vectors are compared.
    pub embedder: String,
}

impl Follower {
    /// A follower that has read nothing yet.
    pub fn new(store: Store, groups: Groups) -> Self {
        let (position, unembedded, embedder) = (Position::default(), Unembedded::default(), BUILTIN.to_owned());
        Self { store, groups, position, unembedded, sought: FIRST, has_new_product: false, embedder }
    }

    /// How far it has read.
    pub fn position(&self) -> Position {
        self.position
    }

    /// Loads all items, product by product, the smallest first: look-ups in a product are answered in full as soon as it is
    /// loaded.
    pub fn load(&mut self) -> Result<()> {
        // Read the end of the log first: events during the loading are applied afterwards, at worst a second time.
        self.position = self.store.read_now(events::end)?;
        self.embedder = self.store.read_now(embeddings::present)?;
        self.unembedded = Unembedded::default();
        self.groups.begin(&self.embedder);
        self.take_settings()?;
        let mut muted: HashMap<Id, Vec<Id>> = HashMap::new();
        for (product, theme) in self.store.read_now(themes::rows::muted)? {
            muted.entry(product).or_default().push(theme);
        }
        let sizes = self.store.read_now(themes::rows::sizes_of_products)?;
        let mut products = self.store.read_now(products::ids)?;
        products.sort_by_key(|product| sizes.get(product).copied().unwrap_or_default());
        for product in products {
            self.load_items(product)?;
            let group = self.groups.of(product);
            muted.remove(&product).unwrap_or_default().into_iter().for_each(|theme| group.write().mute(theme.0, true));
            self.take_choice(product)?;
            self.groups.set_lacking(self.unembedded.products().collect());
            self.groups.set_loaded(product);
        }
        self.groups.set_all_loaded();
        Ok(())
    }

    fn load_items(&mut self, product: Id) -> Result<()> {
        let ids = self.store.read_now(|conn| vectors::ids(conn, product))?;
        // A second thread reads rows and tokenizes texts ahead, while this one adds the items to the engine.
        let (store, embedder) = (self.store.clone(), self.embedder.clone());
        std::thread::scope(|scope| {
            let (ahead, pages) = sync_channel(2);
            let reader = scope.spawn(move || read_all(&store, &embedder, &ids, &ahead));
            pages.iter().flatten().for_each(|(row, reading)| self.take(&row, reading));
            reader.join().map_err(|_| Error::internal("reading ahead failed"))?
        })
    }

    /// Takes in some items that other instances have embedded since they could not be loaded; answers whether there were any.
    /// The items of these products are embedded here.
    pub fn look_for_vectors(&mut self, ours: &[Id]) -> Result<bool> {
        let ids = self.unembedded.of_others(self.sought, ours, LOOKED_FOR);
        // All others are looked for before these are again.
        self.sought = ids.last().copied().filter(|_| ids.len() == LOOKED_FOR).unwrap_or(FIRST);
        let mut any = false;
        let rows = self.store.read_now(|conn| vectors::of(conn, &self.embedder, &ids))?;
        for row in rows.iter().filter(|row| self.is_usable(row)).collect::<Vec<_>>() {
            self.take_row(row);
            any = true;
        }
        Ok(any)
    }

    /// Applies the events since the last call; returns whether there were any.
    pub fn follow(&mut self) -> Result<bool> {
        let mut any = false;
        loop {
            let position = self.position;
            let log = self.store.read_now(|conn| events::after(conn, position, CHUNK))?;
            let Some(last) = log.last() else { return Ok(any) };
            let next = last.position;
            if log.iter().any(|e| e.kind == "embedder.switched" && e.data["to"] != self.embedder) {
                self.load()?;
                return Ok(true);
            }
            self.apply(&log)?;
            self.position = next;
            any = true;
        }
    }

    fn apply(&mut self, log: &[Logged]) -> Result<()> {
        let (mut items, mut named) = (BTreeSet::new(), BTreeSet::new());
        let (mut settings, mut refined) = (false, false);
        for event in log {
            match event.kind.as_str() {
                "feedback.created" => {}
                "feedback.grouped" | "feedback.embedded" if self.is_applied(event) => {}
                "feedback.ungrouped" if self.is_alone(event.subject) => {}
                kind if kind.starts_with("feedback.") => {
                    items.insert(event.subject);
                }
                "theme.opened" => {}
                kind if kind.starts_with("theme.") || kind.starts_with("correction.") || kind == "customer.erased" => {
                    named.insert(event.subject);
                    ids_in(&event.data, &mut named);
                }
                "product.created" | "product.updated" => {
                    settings = true;
                    self.has_new_product |= event.kind == "product.created";
                }
                "product.refined" => refined = true,
                _ => {}
            }
        }
        if settings {
            self.take_settings()?;
        }
        if refined {
            self.take_choices()?;
        }
        self.reload_themes(&named)?;
        // The id in an event may be a theme's or a feedback item's; looking for both is simpler than telling them
        // apart.
        items.extend(named);
        self.reload_items(&items.into_iter().collect::<Vec<_>>())
    }

    /// Whether the item is already in the place that the event names, as after our own events.
    fn is_applied(&self, event: &Logged) -> bool {
        let theme = event.data["theme"].as_str().and_then(|text| text.parse::<Id>().ok());
        let present = |group: crate::usecase::themes::groupers::Group| group.read().theme_of(event.subject.0);
        self.groups.all().into_iter().filter_map(present).any(|(is, _)| theme.is_none_or(|theme| theme.0 == is))
    }

    /// Whether the engine holds the item without a theme.
    fn is_alone(&self, item: Id) -> bool {
        self.groups.all().into_iter().any(|group| group.read().place_and_pin(item.0) == Some((None, false)))
    }

    fn take_settings(&self) -> Result<()> {
        for product in self.store.read_now(products::all)? {
            self.groups.of(product.id).write().set_granularity(Granularity::of(product.settings.granularity));
        }
        Ok(())
    }

    /// The granularity that the last refinement of each product chose.
    fn take_choices(&self) -> Result<()> {
        self.store.read_now(products::ids)?.into_iter().try_for_each(|product| self.take_choice(product))
    }

    /// The granularity that the last refinement of a product chose; the next one starts from it.
    fn take_choice(&self, product: Id) -> Result<()> {
        let last = self.store.read_now(|conn| refinements::last_choice(conn, product, &self.embedder))?;
        if let Some((_, choice)) = last {
            self.groups.of(product).write().resume_granularity(choice.granularity as f32);
        }
        Ok(())
    }

    fn reload_themes(&mut self, ids: &BTreeSet<Id>) -> Result<()> {
        if ids.is_empty() {
            return Ok(());
        }
        let ids: Vec<Id> = ids.iter().copied().collect();
        for row in self.store.read_now(|conn| themes::rows::rows(conn, &ids))? {
            self.groups.of(row.product_id).write().mute(row.id.0, row.muted);
        }
        for (item, theme, pinned) in self.store.read_now(|conn| vectors::members(conn, &ids))? {
            for group in self.groups.all() {
                let mut grouper = group.write();
                if grouper.holds(item.0) {
                    grouper.set_theme(item.0, theme.0, pinned);
                }
            }
        }
        Ok(())
    }

    fn reload_items(&mut self, ids: &[Id]) -> Result<()> {
        for ids in ids.chunks(500) {
            let rows = self.store.read_now(|conn| vectors::of(conn, &self.embedder, ids))?;
            let there: BTreeSet<Id> = rows.iter().map(|row| row.id).collect();
            for gone in ids.iter().filter(|id| !there.contains(id)) {
                self.forget(*gone);
            }
            for row in &rows {
                self.take_row(row);
            }
        }
        Ok(())
    }

    /// Takes in an item as it is stored.
    pub fn take_row(&mut self, row: &GroupedItem) {
        self.leave_others(row);
        self.take(row, reading(row));
    }

    /// Whether the stored vector of an item can be compared with the others.
    pub fn is_usable(&self, row: &GroupedItem) -> bool {
        let is_present = row.embedder.as_deref() == Some(embeddings::stored_as(&self.embedder));
        is_present && row.vector.is_some() && row.neighbours.is_some()
    }

    /// Removes an item from the groupers of other products, in case it was moved from one.
    fn leave_others(&self, row: &GroupedItem) {
        let id = row.id.0;
        for group in self.groups.others(row.product_id) {
            if group.read().holds(id) {
                group.write().remove(id);
            }
        }
    }

    /// Removes an item from the engine.
    pub fn forget(&mut self, id: Id) {
        self.unembedded.remove(id);
        self.groups.all().into_iter().for_each(|group| group.write().remove(id.0));
    }

    fn take(&mut self, row: &GroupedItem, reading: Reading) {
        let id = row.id;
        match (&row.vector, &row.neighbours) {
            _ if row.text == ERASED => self.forget(id),
            (Some(vector), Some(neighbours)) if self.is_usable(row) => {
                let (vector, neighbours) = (vector.as_slice(), neighbours.as_slice());
                let (theme, pinned, said) = (row.theme_id.map(|theme| theme.0), row.pinned, row.said.as_deref());
                let item = StoredItem { id: id.0, reading, external: said, vector, neighbours, theme, pinned };
                self.groups.of(row.product_id).write().restore(item);
                self.unembedded.remove(id);
            }
            _ => self.unembedded.insert(row.product_id, id),
        }
    }
}

/// Sends these items with their tokenized texts, in order.
fn read_all(store: &Store, embedder: &str, ids: &[Id], pages: &SyncSender<Vec<(GroupedItem, Reading)>>) -> Result<()> {
    for ids in ids.chunks(CHUNK as usize) {
        let mut rows = store.read_now(|conn| vectors::of(conn, embedder, ids))?;
        // Tokenizing takes most of the time, so two threads share it.
        let later = rows.split_off(rows.len() / 2);
        let page = std::thread::scope(|scope| {
            let later = scope.spawn(|| readings(later));
            let mut page = readings(rows);
            page.extend(later.join().map_err(|_| Error::internal("reading ahead failed"))?);
            Ok::<_, Error>(page)
        })?;
        if pages.send(page).is_err() {
            return Ok(());
        }
    }
    Ok(())
}

fn readings(rows: Vec<GroupedItem>) -> Vec<(GroupedItem, Reading)> {
    let read = |row: GroupedItem| {
        let reading = reading(&row);
        (row, reading)
    };
    rows.into_iter().map(read).collect()
}

fn reading(row: &GroupedItem) -> Reading {
    read(&row.own_words())
}

/// Every id in an event's data.
fn ids_in(data: &Value, ids: &mut BTreeSet<Id>) {
    match data {
        Value::String(text) => ids.extend(text.parse::<Id>().ok()),
        Value::Array(items) => items.iter().for_each(|item| ids_in(item, ids)),
        Value::Object(fields) => fields.values().for_each(|field| ids_in(field, ids)),
        _ => {}
    }
}
