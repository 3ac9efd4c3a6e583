//! An external embedder and a language model that may be slow, unavailable or hostile.

mod drafting;
mod embedding;
mod fake;
mod hostile;
#[cfg(feature = "local-model")]
mod local_model;
mod real_embedder;

use hearback::domain::base::decode::decode;
use hearback::domain::{
    base::{Actor, Id, Paging},
    feedback::{Feedback, FeedbackQuery, NewFeedback},
};
use hearback::jobs::themes::grouping::Grouping;
use hearback::store::{Store, feedback};
use hearback::usecase::feedback::filing;
use hearback::usecase::themes::groupers::Groups;
use serde_json::json;
use std::collections::HashMap;

fn file(store: &Store, texts: &[String]) -> Vec<Id> {
    let inputs: Vec<NewFeedback> = texts.iter().map(|text| decode(json!({ "text": text })).unwrap()).collect();
    let filed = store.write_now(Actor::COMMAND, move |tx| filing::file(tx, &inputs)).unwrap();
    filed.into_iter().map(|f| f.unwrap().feedback.id).collect()
}

fn grouping(store: &Store, embedder: &str) -> (Grouping, Groups) {
    let groups = Groups::default();
    let mut job = Grouping::new(store.clone(), groups.clone()).with_embedder(embedder);
    job.load().unwrap();
    (job, groups)
}

fn themes(store: &Store) -> HashMap<Id, Id> {
    let paging = Paging::new(Some(200), None, "all".to_owned()).unwrap();
    let page = store.read_now(|conn| feedback::list::list(conn, &FeedbackQuery::default(), &paging)).unwrap();
    page.data.into_iter().filter_map(|f: Feedback| Some((f.id, f.theme?.id))).collect()
}

/// The n-th of many different texts about a subject.
fn about(subject: &str, n: usize) -> String {
    format!("{subject} {}", ["please", "again today", "is a problem for us", "why", "since the update"][n % 5])
}
