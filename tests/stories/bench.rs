//! The harness of the story tests: a separate product on each database, with the actions of people and jobs.

use hearback::domain::{
    base::{Actor, Id, Paging, decode::decode},
    feedback::NewFeedback,
    stories::{Criterion, DraftWords, NewStory, Story, StoryQuery, Transition},
    team::{NewProduct, Product, Role},
};
use hearback::error::{Code, Error, Result};
use hearback::store::themes::{self, rows::NewTheme};
use hearback::store::{Store, Tx, base::events, feedback, stories, themes::assignments};
use hearback::usecase::stories::drafts::{self, ThemeDraft};
use hearback::usecase::{
    feedback::filing,
    stories::{planning, stages},
    team::products,
};
use serde_json::{Value, json};

/// A separate product on a database.
pub struct Bench {
    pub store: Store,
    pub product: Product,
}

/// Runs a test on each available database.
pub fn on_each_database(test: impl Fn(&Bench) + Sync) {
    crate::support::on_each_store(|store| {
        let input: NewProduct = decode(json!({ "key": "T", "name": "Paylo" })).unwrap();
        let product = store.write_now(Actor::COMMAND, move |tx| products::create(tx, &input)).unwrap();
        test(&Bench { store: store.clone(), product });
    });
}

impl Bench {
    pub fn write<T: Send + 'static>(&self, work: impl FnMut(&mut Tx<'_>) -> Result<T> + Send + 'static) -> Result<T> {
        self.store.write_now(Actor { kind: "member", id: None }, work)
    }

    pub fn theme(&self, label: &str) -> Id {
        let new = NewTheme { id: Id::next(), product: self.product.id, label: label.to_owned() };
        let id = new.id;
        self.write(move |tx| themes::rows::insert(tx, std::slice::from_ref(&new))).unwrap();
        id
    }

    /// Files feedback of these customers in a theme; `more` are further fields.
    pub fn say(&self, theme: Id, customers: &[&str], more: Value) -> Vec<Id> {
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
            let filed: Result<Vec<_>> = filing::file(tx, &inputs)?.into_iter().collect();
            let ids: Vec<Id> = filed?.into_iter().map(|f| f.feedback.id).collect();
            let places: Vec<(Id, Id, f64)> = ids.iter().map(|id| (*id, theme, 0.9)).collect();
            assignments::place(tx, &places)?;
            Ok(ids)
        })
        .unwrap()
    }

    /// Runs the theme updates of the grouping job; returns the themes whose labels it asked for.
    pub fn follow(&self, themes: &[Id], cite: &[Id]) -> Vec<Id> {
        let (product, themes, cite) = (self.product.clone(), themes.to_vec(), cite.to_vec());
        self.store
            .write_now(Actor::ENGINE, move |tx| {
                let asked = drafts::needs_words(tx.conn, &product, &themes)?;
                let draft = |theme: &Id| ThemeDraft {
                    theme: *theme,
                    words: asked.contains(theme).then(|| words("Refund has not arrived", &cite)),
                    same_subject: true,
                    cohesion: 0.6,
                };
                drafts::follow(tx, &product, &themes.iter().map(draft).collect::<Vec<_>>())?;
                Ok(asked)
            })
            .unwrap()
    }

    pub fn story(&self, id: Id) -> Story {
        self.store.read_now(|conn| stories::rows::get(conn, id)).unwrap()
    }

    pub fn list(&self, query: Value) -> Vec<Story> {
        let mut query: StoryQuery = serde_json::from_value(query).unwrap();
        query.product = Some(self.product.key.clone());
        let mut found = Vec::new();
        loop {
            let paging = Paging::of("stories", &query).unwrap();
            let page =
                self.store.read_now(|conn| stories::list::list(conn, &query, &paging, self.store.clock.now())).unwrap();
            found.extend(page.data);
            query.cursor = page.next_cursor;
            if query.cursor.is_none() {
                return found;
            }
        }
    }

    pub fn evidence(&self, story: Id) -> Vec<Id> {
        let paging = Paging::new(None, None, String::new()).unwrap();
        let page = self.store.read_now(|conn| feedback::list::of_story(conn, story, &paging)).unwrap();
        page.data.into_iter().map(|f| f.id).collect()
    }

    pub fn history(&self, story: Id) -> Vec<(String, Value)> {
        let paging = Paging::new(None, None, String::new()).unwrap();
        let page = self.store.read_now(|conn| events::history(conn, story, &paging)).unwrap();
        page.data.into_iter().map(|e| (e.kind, e.data)).collect()
    }

    pub fn create(&self, input: Value) -> Result<Story> {
        let input = self.input(input);
        self.write(move |tx| planning::create(tx, &input))
    }

    pub fn input(&self, mut input: Value) -> NewStory {
        input["product"] = json!(self.product.key);
        decode(input).unwrap()
    }

    pub fn edit(&self, id: Id, version: Option<i32>, patch: Value) -> Result<Story> {
        self.write(move |tx| planning::edit(tx, id, version, &patch))
    }

    pub fn transition(&self, id: Id, to: Value) -> Result<Story> {
        let to: Transition = decode(to).unwrap();
        self.write(move |tx| stages::transition(tx, id, None, Role::Admin, &to))
    }
}

pub fn words(title: &str, cite: &[Id]) -> DraftWords {
    DraftWords {
        untitled: None,
        texts: Default::default(),
        title: title.to_owned(),
        as_a: "customer".to_owned(),
        i_want: "my money back".to_owned(),
        so_that: "I can pay my rent".to_owned(),
        acceptance_criteria: vec![Criterion { text: "It arrives".to_owned(), feedback_ids: cite.to_vec() }],
    }
}

pub fn pointers(error: Error) -> Vec<String> {
    assert_eq!(error.code, Code::Invalid, "{error}");
    error.fields.into_iter().map(|f| f.pointer).collect()
}
