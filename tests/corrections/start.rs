//! How each test of corrections starts, and the state that an undo must bring back.

use hearback::domain::base::{Id, Time};
use hearback::domain::feedback::FeedbackRecord;
use hearback::store::{feedback, stories, themes, themes::assignments};
use serde_json::json;

use crate::support::World;

/// Three themes of four items each, and one waiting item; everything else is at least a day older than that item.
pub struct Start {
    pub themes: Vec<Id>,
    pub items: Vec<Id>,
}

/// Runs a test on each available database, in a product of its own.
pub fn on_each_database(test: impl Fn(&World) + Sync) {
    crate::support::on_each_world(|world| test(&world.with_new_product(None)));
}

impl World {
    /// Three themes of four items each, and one waiting item.
    pub fn start(&self) -> Start {
        let mut start = Start { themes: Vec::new(), items: Vec::new() };
        for theme in 0..3 {
            let id = self.new_theme(&format!("Theme {theme}"));
            for item in 0..4 {
                let text = format!("Theme {theme} has item {item}");
                let customer = json!({ "external_id": format!("{}-{item}", self.product.key) });
                let said = self.file_in_product(json!({
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
        start.items.push(
            self.file_in_product(json!({ "text": "Nobody looked at this yet", "occurred_at": "2026-11-01T00:00:00Z" })),
        );
        let ids = start.themes.clone();
        self.write(move |tx| themes::rows::refresh_counts(tx, &ids)).unwrap();
        start
    }

    /// The state of everything that existed at the start, without versions and without what a job recomputes.
    pub fn state(&self, start: &Start) -> Vec<String> {
        let never = Time(0);
        let (items, ids) = (start.items.clone(), start.themes.clone());
        self.store()
            .read_now(move |conn| {
                let mut state = Vec::new();
                for id in items {
                    let mut row = feedback::rows::row(conn, id)?;
                    (row.version, row.updated_at) = (0, never);
                    state.push(format!("{row:?}"));
                }
                for mut row in themes::rows::rows(conn, &ids)? {
                    (row.version, row.updated_at, row.stale) = (0, never, 0);
                    // A label that the engine chose is written again by its next run.
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
}
