//! A draft keeps its number for the same feedback, whatever happens to the themes.

use std::collections::{BTreeMap, BTreeSet};

use hearback::domain::stories::stage::Stage;
use hearback::domain::{
    base::{Actor, Id, Paging, decode::decode},
    feedback::NewFeedback,
    stories::{NewStory, Story, StoryQuery},
    team::DEFAULT_PRODUCT,
    themes::Split,
};
use hearback::engine::Kind;
use hearback::jobs::themes::grouping::Grouping;
use hearback::store::{Store, stories, themes::vectors};
use hearback::usecase::themes::groupers::Groups;
use hearback::usecase::{feedback::filing, stories::planning, team::products, themes::corrections};
use serde_json::{Value, json};

use crate::support::on_each_store;

fn file(store: &Store, rows: &[Value]) {
    let filed: Vec<NewFeedback> = rows.iter().map(|row| decode(row.clone()).unwrap()).collect();
    store.write_now(Actor::COMMAND, move |tx| filing::file(tx, &filed).map(drop)).unwrap();
}

/// The texts of the sample.
fn sample() -> Vec<Value> {
    let options = hearback::outside::import::ReadOptions::default();
    let rows = hearback::outside::import::read(include_str!("../examples/feedback.csv").as_bytes(), &options).unwrap();
    let said = rows.map(|row| row.unwrap().content.unwrap());
    said.enumerate()
        .map(|(n, row)| json!({ "text": row["text"], "customer": { "external_id": format!("c{n}") } }))
        .collect()
}

fn stories(store: &Store) -> Vec<Story> {
    let query = StoryQuery::default();
    let (mut all, mut cursor) = (Vec::new(), None);
    loop {
        let paging = Paging::new(Some(200), cursor.as_deref(), "stories".to_owned()).unwrap();
        let now = store.clock.now();
        let page = store.read_now(|conn| stories::list::list(conn, &query, &paging, now)).unwrap();
        all.extend(page.data);
        cursor = page.next_cursor;
        if cursor.is_none() {
            return all;
        }
    }
}

fn members(store: &Store, story: &Story) -> BTreeSet<Id> {
    let found = store.read_now(|conn| vectors::members(conn, &story.theme_ids)).unwrap();
    found.into_iter().map(|(item, ..)| item).collect()
}

fn set_granularity(store: &Store, g: f64) {
    let patch = json!({ "settings": { "granularity": g } });
    store.write_now(Actor::COMMAND, move |tx| products::edit(tx, DEFAULT_PRODUCT, None, &patch)).unwrap();
}

/// The feedback that each number stood for when it was last seen; compared each time it is seen again.
#[derive(Default)]
struct Noted {
    drafts: BTreeMap<String, BTreeSet<Id>>,
    kept: usize,
}

impl Noted {
    fn look(&mut self, store: &Store, when: &str) {
        for story in stories(store).iter().filter(|story| story.stage == Stage::Draft && !story.theme_ids.is_empty()) {
            let now = members(store, story);
            let Some(before) = self.drafts.get(&story.number) else {
                self.drafts.insert(story.number.clone(), now);
                continue;
            };
            let still = before.intersection(&now).count();
            assert!(2 * still >= before.len(), "{when}: {} had {}, {still} are left", story.number, before.len());
            self.kept += 1;
            self.drafts.insert(story.number.clone(), now);
        }
    }
}

#[test]
fn a_number_stands_for_the_same_feedback_however_fine_themes_are_made() {
    on_each_store(|store| {
        let sample = sample();
        let mut job = Grouping::new(store.clone(), Groups::default());
        job.load().unwrap();
        let mut noted = Noted::default();
        // Below 200 items, above, and far above.
        for range in [0..108, 108..260, 260..sample.len()] {
            file(store, &sample[range.clone()]);
            job.run_until_idle().unwrap();
            noted.look(store, &format!("{range:?}"));
            for g in [8.0, 2.0, 16.0, 0.5, 64.0, 4.0, 0.0] {
                set_granularity(store, g);
                job.run_until_idle().unwrap();
                noted.look(store, &format!("{range:?} at {g}"));
            }
            job.refine_now(DEFAULT_PRODUCT, Kind::Warm).unwrap();
            job.run_until_idle().unwrap();
            noted.look(store, &format!("{range:?} warm"));
        }
        assert!(noted.kept > 20, "{} drafts were seen again", noted.kept);
    });
}

#[test]
fn a_draft_goes_with_what_it_was_drafted_from_and_what_is_left_gets_a_number_of_its_own() {
    on_each_store(|store| {
        let say = |what: &str, count: usize| -> Vec<Value> {
            (0..count)
                .map(|n| json!({ "text": format!("{what} number {n}"), "customer": { "external_id": format!("{what}{n}") } }))
                .collect()
        };
        let mut job = Grouping::new(store.clone(), Groups::default());
        job.load().unwrap();
        file(store, &say("The dinner was delivered fifty minutes late", 6));
        job.run_until_idle().unwrap();
        let [draft] = &stories(store)[..] else { panic!("one draft") };
        let (old, late) = (draft.theme_ids[0], members(store, draft));
        // Others come to its theme; then what it was drafted from goes to a theme of its own.
        file(store, &say("Let me schedule an order for tomorrow", 8));
        job.run_until_idle().unwrap();
        let items: Vec<Id> = late.iter().copied().collect();
        let others: Vec<Id> = {
            let all = store
                .read_now(|conn| {
                    hearback::store::feedback::list::list(
                        conn,
                        &Default::default(),
                        &Paging::new(Some(200), None, "all".to_owned()).unwrap(),
                    )
                })
                .unwrap()
                .data;
            all.into_iter().map(|f| f.id).filter(|id| !late.contains(id)).collect()
        };
        let moved = others.clone();
        store
            .write_now(Actor::COMMAND, move |tx| {
                for item in &moved {
                    hearback::usecase::feedback::edits::move_to(tx, *item, None, Some(old))?;
                }
                Ok(())
            })
            .unwrap();
        job.run_until_idle().unwrap();
        let split = Split { feedback_ids: items, label: None };
        store.write_now(Actor::COMMAND, move |tx| corrections::split(tx, old, None, &split).map(drop)).unwrap();
        job.run_until_idle().unwrap();

        let all = stories(store);
        let draft = all.iter().find(|story| story.number == draft.number).unwrap();
        assert_eq!((members(store, draft), draft.stage), (late, Stage::Draft), "it went along");
        // Its own matter, or a neutral title where too few customers share words; never that of what was left.
        let own = ["late", "dinner", "Problem", "Request", "Feedback"];
        assert!(own.iter().any(|word| draft.title.contains(word)), "{}", draft.title);
        let left = all.iter().find(|story| story.theme_ids == [old]).expect("a draft of what is left");
        assert_ne!(left.number, draft.number);
        assert_eq!(members(store, left), others.into_iter().collect());
    });
}

#[test]
fn a_draft_whose_feedback_went_to_another_story_is_its_duplicate() {
    on_each_store(|store| {
        let mut job = Grouping::new(store.clone(), Groups::default());
        job.load().unwrap();
        let say = |what: &str, count: usize| -> Vec<Value> {
            (0..count).map(|n| json!({ "text": format!("{what} number {n}"), "customer": { "external_id": format!("{what}{n}") } })).collect()
        };
        file(store, &say("The dinner was delivered late", 6));
        job.run_until_idle().unwrap();
        let first = stories(store).remove(0);
        file(store, &say("환불이 아직 안 들어왔어요", 6));
        job.run_until_idle().unwrap();
        let second = stories(store).into_iter().find(|story| story.id != first.id).expect("a second draft");
        // Most of the first goes to where the second stands, as a refinement might have it.
        let (items, from, to) = (members(store, &first), first.theme_ids[0], second.theme_ids[0]);
        store
            .write_now(Actor::ENGINE, move |tx| {
                let moves: Vec<_> = items.iter().take(4).map(|item| (*item, Some(from), Some(to))).collect();
                hearback::store::themes::assignments::regroup(tx, &moves)?;
                for (item, ..) in &moves {
                    tx.event("feedback.grouped", *item, Some(DEFAULT_PRODUCT), json!({ "from": from, "theme": to }));
                }
                hearback::store::themes::rows::mark_stale(tx, &[from, to])
            })
            .unwrap();
        job.run_until_idle().unwrap();
        let first = stories(store).into_iter().find(|story| story.id == first.id);
        let first = first.unwrap_or_else(|| panic!("it is gone"));
        assert_eq!((first.stage, first.duplicate_of), (Stage::Duplicate, Some(second.id)));
    });
}

#[test]
fn stories_that_people_plan_from_a_theme_are_noted_too() {
    on_each_store(|store| {
        let mut job = Grouping::new(store.clone(), Groups::default());
        job.load().unwrap();
        file(store, &[json!({ "text": "Dark mode please" }), json!({ "text": "dark mode, please!" })]);
        job.run_until_idle().unwrap();
        let all = store.read_now(|conn| hearback::store::themes::rows::labels(conn, DEFAULT_PRODUCT)).unwrap();
        let input: NewStory = decode(json!({ "theme_id": all[0].0 })).unwrap();
        let story = store.write_now(Actor::COMMAND, move |tx| planning::create(tx, &input)).unwrap();
        let noted = store.read_now(|conn| hearback::store::stories::rows::drafted_from(conn, &[story.id])).unwrap();
        assert_eq!(noted[&story.id].len(), 2);
    });
}
