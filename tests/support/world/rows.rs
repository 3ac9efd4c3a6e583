//! Feedback, themes and drafts as they are stored.

use hearback::domain::base::{Actor, Id, Paging};
use hearback::domain::feedback::Feedback;
use hearback::domain::stories::{Criterion, DraftWords, Facts};
use hearback::domain::team::Product;
use hearback::domain::themes::{Correction, CorrectionQuery, Theme, ThemeQuery};
use hearback::store::themes::corrections as stored_corrections;
use hearback::store::{feedback, team, themes};
use hearback::usecase::stories::drafts::{self, ThemeDraft};

use super::World;

impl World {
    /// The product with its settings.
    pub fn stored_product(&self) -> Product {
        self.store().read_now(|conn| team::products::get(conn, self.product.id)).unwrap()
    }

    pub fn stored_feedback(&self, id: Id) -> Feedback {
        self.store().read_now(|conn| feedback::rows::get(conn, id)).unwrap()
    }

    pub fn stored_theme(&self, id: Id) -> Theme {
        self.store().read_now(|conn| themes::list::get(conn, id)).unwrap()
    }

    pub fn corrections(&self) -> Vec<Correction> {
        let query = CorrectionQuery { product: Some(self.product.key.clone()), ..CorrectionQuery::default() };
        let paging = Paging::of("corrections", &query).unwrap();
        self.store().read_now(|conn| stored_corrections::list(conn, &query, &paging)).unwrap().data
    }

    /// All pages of a list of this product's themes.
    pub fn themes(&self, query: ThemeQuery) -> Vec<Theme> {
        let mut query = ThemeQuery { product: Some(self.product.key.clone()), ..query };
        let mut found = Vec::new();
        loop {
            let paging = Paging::of("themes", &query).unwrap();
            let page = self.store().read_now(|conn| themes::list::list(conn, &query, &paging)).unwrap();
            found.extend(page.data);
            query.cursor = page.next_cursor;
            if query.cursor.is_none() {
                return found;
            }
        }
    }

    /// Runs the theme updates of the grouping job; returns the themes whose labels it asked for.
    pub fn follow_themes(&self, themes: &[Id], cite: &[Id]) -> Vec<Id> {
        self.followed(themes, cite, None)
    }

    /// Runs the theme updates of the grouping job with these facts of each theme.
    pub fn follow_themes_with(&self, themes: &[Id], cite: &[Id], facts: &Facts) -> Vec<Id> {
        self.followed(themes, cite, Some(facts.clone()))
    }

    fn followed(&self, themes: &[Id], cite: &[Id], facts: Option<Facts>) -> Vec<Id> {
        let (product, themes, cite) = (self.stored_product(), themes.to_vec(), cite.to_vec());
        self.store()
            .write_now(Actor::ENGINE, move |tx| {
                let asked = drafts::needs_words(tx.conn, &product, &themes)?;
                let draft = |theme: &Id| ThemeDraft {
                    theme: *theme,
                    words: asked.contains(theme).then(|| words("Refund has not arrived", &cite)),
                    same_subject: true,
                    facts: facts.clone(),
                    cohesion: 0.6,
                };
                drafts::follow(tx, &product, &themes.iter().map(draft).collect::<Vec<_>>())?;
                Ok(asked)
            })
            .unwrap()
    }
}

/// The words of a draft with this title, which cites this feedback.
pub fn words(title: &str, cite: &[Id]) -> DraftWords {
    DraftWords {
        untitled: None,
        texts: Default::default(),
        title: title.to_owned(),
        as_a: "customer".to_owned(),
        i_want: "my money back".to_owned(),
        so_that: "I can pay my rent".to_owned(),
        acceptance_criteria: vec![Criterion {
            text: "It arrives".to_owned(),
            feedback_ids: cite.to_vec(),
            ..Criterion::default()
        }],
        ..DraftWords::default()
    }
}
