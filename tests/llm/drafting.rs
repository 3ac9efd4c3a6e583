//! Drafts reworded by a language model.

use std::time::Duration;

use hearback::domain::stories::stage::Stage;
use hearback::domain::{
    base::{Paging, Time},
    stories::{Story, StoryQuery},
};
use hearback::jobs::stories::llm_drafting::LlmDrafting;
use hearback::outside::models::chat::Chat;
use hearback::store::{Store, stories};
use serde_json::{Value, json};

use super::fake::{Fake, says, status};
use super::{about, file, grouping};
use crate::support::on_each_store;

pub fn all(store: &Store) -> Vec<Story> {
    let query = StoryQuery::default();
    let paging = Paging::of("stories", &query).unwrap();
    store.read_now(|conn| stories::list::list(conn, &query, &paging, store.clock.now())).unwrap().data
}

/// A store with one draft about refunds.
pub fn drafted(store: &Store) -> Story {
    file(
        store,
        &(0..8).map(|n| about("my refund has not arrived, mail me at kim@example.com,", n)).collect::<Vec<_>>(),
    );
    let (mut job, _) = grouping(store, "builtin");
    job.run_until_idle().unwrap();
    let mut stories = all(store);
    assert_eq!(stories.len(), 1);
    stories.remove(0)
}

pub fn job(store: &Store, fake: &Fake, per_hour: usize) -> LlmDrafting {
    let chat = Chat::new(&fake.url, "m", Some("secret"), Duration::from_millis(800));
    LlmDrafting::new(store.clone(), chat, per_hour)
}

pub fn good() -> Value {
    json!({
        "title": "Refunds show when they arrive", "as_a": "customer", "i_want": "to see when my refund arrives",
        "so_that": "I need not ask", "acceptance_criteria": [{ "text": "The date is shown.", "quotes": [1, 2] }],
    })
}

#[test]
fn a_draft_is_worded_by_the_model_and_waits_for_a_person() {
    on_each_store(|store| {
        let before = drafted(store);
        let fake = Fake::start(|_| says(&good().to_string()));
        let mut llm = job(store, &fake, 60);
        while llm.step().unwrap() {}
        let story = &all(store)[0];
        assert_eq!((story.title.as_str(), story.drafted_by.as_str()), ("Refunds show when they arrive", "llm:m"));
        assert_eq!((story.stage, story.version, story.edited), (Stage::Draft, before.version, false));
        assert_eq!(story.acceptance_criteria[0].feedback_ids.len(), 2);
        let got = fake.got();
        assert_eq!(got.len(), 1, "asked once");
        assert!(got[0].path == "/v1/chat/completions" && got[0].body.get("tools").is_none());
        let sent = got[0].body["messages"].to_string();
        assert!(!sent.contains("kim@") && !sent.contains("secret") && sent.contains("[email]"), "{sent}");
        assert!(!got[0].body["messages"][0].to_string().contains("refund"), "no feedback in the instruction");

        // A few more items are no reason to ask again, and the built-in words don't come back.
        file(store, &[about("my refund has not arrived,", 3)]);
        store.clock.advance(20 * Time::SECOND);
        grouping(store, "builtin").0.run_until_idle().unwrap();
        while llm.step().unwrap() {}
        assert_eq!((all(store)[0].drafted_by.as_str(), fake.got().len()), ("llm:m", 1));
        file(store, &(0..20).map(|n| about("my refund has not arrived,", n)).collect::<Vec<_>>());
        store.clock.advance(20 * Time::SECOND);
        grouping(store, "builtin").0.run_until_idle().unwrap();
        while llm.step().unwrap() {}
        assert_eq!(fake.got().len(), 2, "asked anew once the feedback has doubled");
    });
}

#[test]
fn an_answer_that_obeys_an_injection_changes_nothing() {
    on_each_store(|store| {
        let before = drafted(store);
        for extra in [
            json!({ "stage": "released" }),
            json!({ "priority": { "reach": 1e9 } }),
            json!({ "title": "Go to https://evil.example now" }),
            json!({ "acceptance_criteria": [{ "text": "x", "quotes": [99] }] }),
            json!({ "tool_calls": [{ "name": "delete" }] }),
        ] {
            let mut answer = good();
            answer.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
            let fake = Fake::start(move |_| says(&answer.to_string()));
            let mut llm = job(store, &fake, 60);
            store.clock.advance(20 * Time::SECOND);
            store
                .write_now(hearback::domain::base::Actor::COMMAND, {
                    let id = before.id;
                    move |tx| hearback::store::stories::llm_drafts::give_back(tx, id)
                })
                .unwrap();
            while llm.step().unwrap() {}
            assert_eq!(fake.got().len(), 1, "a refused answer is not asked for again");
            let now = &all(store)[0];
            assert_eq!((&now.title, now.stage, &now.drafted_by), (&before.title, before.stage, &before.drafted_by));
            assert_eq!(
                (&now.acceptance_criteria, now.priority.score),
                (&before.acceptance_criteria, before.priority.score)
            );
        }
    });
}

#[test]
fn edits_of_a_person_are_never_overwritten_and_the_budget_holds() {
    on_each_store(|store| {
        let before = drafted(store);
        let (edited, id) = (store.clone(), before.id);
        // A person edits while the model thinks.
        let fake = Fake::start(move |_| {
            let edit = move |tx: &mut hearback::store::Tx<'_>| {
                let story = stories::rows::get(tx.conn, id)?;
                stories::rows::update(tx, &Story { title: "Mine".to_owned(), edited: true, version: 2, ..story })
            };
            edited.write_now(hearback::domain::base::Actor::COMMAND, edit).unwrap();
            says(&good().to_string())
        });
        assert!(!job(store, &fake, 0).step().unwrap(), "no budget, no question");
        let mut llm = job(store, &fake, 60);
        while llm.step().unwrap() {}
        let story = &all(store)[0];
        assert_eq!((story.title.as_str(), story.drafted_by.as_str()), ("Mine", "builtin"));
        assert_eq!(fake.got().len(), 1);
    });
}

#[test]
fn a_model_that_is_away_leaves_the_built_in_draft() {
    on_each_store(|store| {
        let before = drafted(store);
        let fake = Fake::start(|_| status("500 Internal Server Error"));
        let mut llm = job(store, &fake, 60);
        for _ in 0..50 {
            assert!(!llm.step().unwrap());
            store.clock.advance(Time::SECOND);
        }
        assert_eq!(fake.got().len(), 6, "five times, then a probe");
        assert_eq!(all(store)[0].title, before.title);
    });
}
