//! The harness of the correction tests: a separate product, with the actions of people as methods.

use hearback::domain::{
    base::{Actor, Id, Paging, decode::decode},
    feedback::{Feedback, FeedbackRecord, NewFeedback},
    stories::{NewStory, Story},
    team::{NewProduct, Product},
    themes::{Correction, CorrectionQuery, Split, Theme, ThemeQuery},
};
use hearback::error::Result;
use hearback::store::themes::{self, rows::NewTheme};
use hearback::store::{
    Store, Tx, feedback, stories,
    themes::{assignments, corrections as stored_corrections},
};
use hearback::usecase::{
    feedback::{edits, filing},
    stories::planning,
    team::products,
    themes::{corrections, undo},
};
use serde_json::{Value, json};

/// A separate product on a database.
pub struct Bench {
    pub store: Store,
    pub product: Product,
}

/// Three themes of four items each, and one waiting item; everything else is at least a day older than that item.
pub struct Start {
    pub themes: Vec<Id>,
    pub items: Vec<Id>,
}

/// Runs a test on each available database.
pub fn on_each_database(test: impl Fn(&Bench) + Sync) {
    crate::support::on_each_store(|store| test(&Bench { product: new_product(store), store: store.clone() }));
}

pub fn new_product(store: &Store) -> Product {
    // Keys are random: the database may have seen other tests.
    let key = format!("T{}", &Id::next().0.simple().to_string()[23..]).to_uppercase();
    let input: NewProduct = decode(json!({ "key": key, "name": "Paylo", "currency": "USD" })).unwrap();
    store.write_now(Actor::COMMAND, move |tx| products::create(tx, &input)).unwrap()
}

impl Bench {
    pub fn write<T: Send + 'static>(&self, work: impl FnMut(&mut Tx<'_>) -> Result<T> + Send + 'static) -> Result<T> {
        self.store.write_now(Actor { kind: "member", id: None }, work)
    }

    pub fn file(&self, input: Value) -> Id {
        let mut input = input;
        input["product"] = json!(self.product.key);
        let input: NewFeedback = decode(input).unwrap();
        self.write(move |tx| Ok(filing::file(tx, std::slice::from_ref(&input))?.remove(0)?.feedback.id)).unwrap()
    }

    pub fn start(&self) -> Start {
        let mut start = Start { themes: Vec::new(), items: Vec::new() };
        for theme in 0..3 {
            let id = Id::next();
            let new = NewTheme { id, product: self.product.id, label: format!("Theme {theme}") };
            self.write(move |tx| themes::rows::insert(tx, std::slice::from_ref(&new))).unwrap();
            for item in 0..4 {
                let text = format!("Theme {theme} has item {item}");
                let customer = json!({ "external_id": format!("{}-{item}", self.product.key) });
                let said = self.file(json!({
                    "text": text, "customer": customer, "occurred_at": format!("2026-10-{:02}T00:00:00Z", 10 + item),
                }));
                // The second item of each is pinned.
                self.write(move |tx| {
                    assignments::place(tx, &[(said, id, 0.5)])?;
                    let before = feedback::rows::row(tx.conn, said)?;
                    feedback::rows::update(tx, &before, FeedbackRecord { pinned: item == 1, ..before.clone() })
                })
                .unwrap();
                start.items.push(said);
            }
            start.themes.push(id);
        }
        start
            .items
            .push(self.file(json!({ "text": "Nobody looked at this yet", "occurred_at": "2026-11-01T00:00:00Z" })));
        let ids = start.themes.clone();
        self.write(move |tx| themes::rows::refresh_counts(tx, &ids)).unwrap();
        start
    }

    pub fn feedback(&self, id: Id) -> Feedback {
        self.store.read_now(|conn| feedback::rows::get(conn, id)).unwrap()
    }

    pub fn theme(&self, id: Id) -> Theme {
        self.store.read_now(|conn| themes::list::get(conn, id)).unwrap()
    }

    pub fn story(&self, id: Id) -> Story {
        self.store.read_now(|conn| stories::rows::get(conn, id)).unwrap()
    }

    pub fn story_of(&self, theme: Id) -> Id {
        let input: NewStory = decode(json!({ "theme_id": theme })).unwrap();
        self.write(move |tx| planning::create(tx, &input)).unwrap().id
    }

    pub fn move_to(&self, id: Id, theme: Option<Id>) -> Result<Option<Id>> {
        self.write(move |tx| Ok(edits::move_to(tx, id, None, theme)?.correction_id))
    }

    pub fn dismiss(&self, id: Id) -> Result<Option<Id>> {
        self.write(move |tx| Ok(edits::dismiss(tx, id, None, "Spam")?.correction_id))
    }

    pub fn restore(&self, id: Id) -> Result<Option<Id>> {
        self.write(move |tx| Ok(edits::restore(tx, id, None)?.correction_id))
    }

    pub fn rename(&self, id: Id, label: &str) -> Result<Option<Id>> {
        let patch = json!({ "label": label });
        self.write(move |tx| Ok(corrections::rename(tx, id, None, &patch)?.correction_id))
    }

    pub fn mute(&self, id: Id, muted: bool) -> Result<Option<Id>> {
        self.write(move |tx| Ok(corrections::mute(tx, id, None, muted)?.correction_id))
    }

    pub fn merge(&self, into: Id, from: Id) -> Result<Option<Id>> {
        self.write(move |tx| Ok(corrections::merge(tx, into, None, from)?.correction_id))
    }

    pub fn split(&self, id: Id, feedback_ids: &[Id], label: Option<&str>) -> Result<(Theme, Option<Id>)> {
        let input = Split { feedback_ids: feedback_ids.to_vec(), label: label.map(str::to_owned) };
        self.write(move |tx| corrections::split(tx, id, None, &input).map(|c| (c.resource, c.correction_id)))
    }

    pub fn undo(&self, correction: Id) -> Result<Correction> {
        self.write(move |tx| undo::undo(tx, correction))
    }

    /// The state of everything that existed at the start, without versions and without what a job recomputes.
    pub fn state(&self, start: &Start) -> Vec<String> {
        let never = hearback::domain::base::Time(0);
        let (items, ids) = (start.items.clone(), start.themes.clone());
        self.store
            .read_now(move |conn| {
                let mut state = Vec::new();
                for id in items {
                    let mut row = feedback::rows::row(conn, id)?;
                    (row.version, row.updated_at) = (0, never);
                    state.push(format!("{row:?}"));
                }
                for mut row in themes::rows::rows(conn, &ids)? {
                    (row.version, row.updated_at, row.stale) = (0, never, 0);
                    // The engine's own words come back with its next look at the theme.
                    row.label = if row.label_set { row.label } else { String::new() };
                    state.push(format!("{row:?}"));
                }
                let stories_of = stories::rows::of_themes(conn, &ids)?;
                for id in ids.iter().filter_map(|id| stories_of.get(id)).flatten() {
                    let story = stories::rows::get(conn, *id)?;
                    state.push(format!(
                        "{id} {:?} {:?} {:?} {:?}",
                        story.stage, story.theme_ids, story.duplicate_of, story.proposed_duplicate_of
                    ));
                }
                Ok(state)
            })
            .unwrap()
    }

    pub fn corrections(&self) -> Vec<Correction> {
        let query = CorrectionQuery { product: Some(self.product.key.clone()), ..CorrectionQuery::default() };
        let paging = Paging::of("corrections", &query).unwrap();
        self.store.read_now(|conn| stored_corrections::list(conn, &query, &paging)).unwrap().data
    }

    /// All pages of a list of this product's themes.
    pub fn themes(&self, query: ThemeQuery) -> Vec<Theme> {
        let mut query = ThemeQuery { product: Some(self.product.key.clone()), ..query };
        let mut found = Vec::new();
        loop {
            let paging = Paging::of("themes", &query).unwrap();
            let page = self.store.read_now(|conn| themes::list::list(conn, &query, &paging)).unwrap();
            found.extend(page.data);
            query.cursor = page.next_cursor;
            if query.cursor.is_none() {
                return found;
            }
        }
    }
}
