//! From feedback to ranked stories: the topics of the bundled sample are found, a restart changes nothing, and only one
//! of several instances groups at a time.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use hearback::domain::base::decode::decode;
use hearback::domain::{
    base::{Actor, Id, Paging},
    feedback::{Feedback, FeedbackQuery, NewFeedback},
    stories::{StoryQuery, StorySort},
    team::DEFAULT_PRODUCT,
};
use hearback::jobs::base::scheduler::Scheduler;
use hearback::jobs::themes::grouping::Grouping;
use hearback::store::{
    Store, Tx,
    base::leases,
    feedback, stories,
    team::products,
    themes::{self, assignments},
};
use hearback::usecase::feedback::{edits, filing};
use hearback::usecase::themes::groupers::Groups;
use serde_json::{Value, json};

use crate::support::{eventually, on_each_store};

/// The rows of the sample with their topics.
fn sample() -> Vec<(NewFeedback, String)> {
    let topics: HashMap<&str, &str> = include_str!("../examples/feedback.topics.csv")
        .lines()
        .filter_map(|line| line.trim().split_once(','))
        .collect();
    let options = hearback::outside::import::ReadOptions::default();
    let rows = hearback::outside::import::read(include_str!("../examples/feedback.csv").as_bytes(), &options).unwrap();
    let mut all = Vec::new();
    for row in rows {
        let mut row = row.unwrap().content.unwrap();
        // A plain number is for the import to interpret; here nobody asks for the value.
        if let Some(account) = row["customer"]["account"].as_object_mut() {
            account.remove("annual_value");
        }
        let topic = topics[row["external_id"].as_str().unwrap()].to_owned();
        all.push((decode(row).unwrap(), topic));
    }
    all
}

fn file(store: &Store, inputs: Vec<NewFeedback>) -> Vec<Id> {
    let filed = store.write_now(Actor::COMMAND, move |tx| filing::file(tx, &inputs)).unwrap();
    filed.into_iter().map(|f| f.unwrap().feedback.id).collect()
}

fn grouping(store: &Store) -> (Grouping, Groups) {
    let groups = Groups::default();
    let mut grouping = Grouping::new(store.clone(), groups.clone());
    grouping.load().unwrap();
    (grouping, groups)
}

fn all(store: &Store) -> Vec<Feedback> {
    let (mut all, mut cursor) = (Vec::new(), None);
    loop {
        let paging = Paging::new(Some(200), cursor.as_deref(), "all".to_owned()).unwrap();
        let page = store.read_now(|conn| feedback::list::list(conn, &FeedbackQuery::default(), &paging)).unwrap();
        all.extend(page.data);
        cursor = page.next_cursor;
        if cursor.is_none() {
            return all;
        }
    }
}

fn themes_by_item(store: &Store) -> HashMap<Id, Id> {
    all(store).into_iter().filter_map(|f| Some((f.id, f.theme?.id))).collect()
}

/// Of two items of one theme, how often they share a topic; of two items of one topic, how often they share a theme;
/// and how often any two items share a topic.
fn agreement(pairs: &[(String, Id)]) -> (f64, f64, f64) {
    let (mut together, mut same_theme, mut same_topic) = (0.0, 0.0, 0.0);
    for (n, a) in pairs.iter().enumerate() {
        for b in &pairs[n + 1..] {
            let (topic, theme) = (a.0 == b.0, a.1 == b.1);
            together += f64::from(u8::from(topic && theme));
            same_theme += f64::from(u8::from(theme));
            same_topic += f64::from(u8::from(topic));
        }
    }
    let any = (pairs.len() * (pairs.len() - 1)) as f64 / 2.0;
    (together / same_theme, together / same_topic, same_topic / any)
}

#[test]
fn the_sample_becomes_themes_and_ranked_stories_that_quote_customers() {
    on_each_store(|store| {
        let (inputs, topics): (Vec<_>, Vec<_>) = sample().into_iter().unzip();
        let ids = file(store, inputs);
        store.write_now(Actor::COMMAND, |tx| products::ask_refinement(tx, DEFAULT_PRODUCT)).unwrap();
        let (mut job, _) = grouping(store);
        job.run_until_idle().unwrap();

        assert_eq!(store.read_now(assignments::count_pending).unwrap(), 0);
        assert_eq!(store.read_now(themes::rows::count_stale).unwrap(), 0);
        let by_item = themes_by_item(store);
        // What is set aside has no theme, nor has what is near nothing.
        let placed = ids.iter().zip(topics).filter_map(|(id, topic)| Some((topic, *by_item.get(id)?)));
        let pairs: Vec<(String, Id)> = placed.collect();
        assert!((ids.len() * 9 / 10..=ids.len() - 8).contains(&pairs.len()), "{} have a theme", pairs.len());
        // Two languages without a shared meaning part give two themes a topic: at most half of a topic's pairs can meet.
        let (precision, recall, chance) = agreement(&pairs);
        let found = format!("precision {precision:.2}, recall {recall:.2}, by chance {chance:.2}");
        assert!(precision > 4.0 * chance && recall > 0.2, "{found}");

        let query = StoryQuery { sort: Some(StorySort::Priority), ..Default::default() };
        let paging = Paging::of("stories", &query).unwrap();
        let ranked = store.read_now(|conn| stories::list::list(conn, &query, &paging, store.clock.now())).unwrap().data;
        assert!(ranked.len() >= 10, "{} stories", ranked.len());
        assert!(ranked.windows(2).all(|pair| pair[0].priority.score >= pair[1].priority.score));
        for story in &ranked {
            assert!(story.customer_count >= 3 || story.feedback_count >= 5, "{}", story.number);
            assert!(!story.title.is_empty() && !story.priority.factors.reach.because.is_empty());
            let cited: Vec<Id> = story.acceptance_criteria.iter().flat_map(|c| c.feedback_ids.clone()).collect();
            assert!(!cited.is_empty(), "{} quotes nobody", story.number);
            assert!(cited.iter().all(|id| ids.contains(id)));
        }
    });
}

fn texts(of: &[&str]) -> Vec<NewFeedback> {
    of.iter().map(|text| decode(json!({ "text": text })).unwrap()).collect()
}

#[test]
fn a_restart_goes_on_as_if_nothing_had_happened() {
    on_each_store(|store| {
        let inputs: Vec<NewFeedback> = sample().into_iter().map(|(input, _)| input).collect();
        file(store, inputs[..200].to_vec());
        let (mut first, groups) = grouping(store);
        first.run_until_idle().unwrap();
        let (_, restarted) = grouping(store);
        let query = "my refund has not arrived";
        let near = |groups: &Groups| groups.of(DEFAULT_PRODUCT).read().look_up(query, 5);
        assert_eq!(near(&restarted), near(&groups));
        assert!(!near(&groups).items.is_empty());
    });
}

#[test]
fn items_that_a_person_moved_stay_through_arrivals_and_refinements() {
    on_each_store(|store| {
        let inputs: Vec<NewFeedback> = sample().into_iter().map(|(input, _)| input).collect();
        let ids = file(store, inputs[..150].to_vec());
        let (mut job, _) = grouping(store);
        job.run_until_idle().unwrap();
        let by_item = themes_by_item(store);
        // Somewhere it does not belong: the theme of another item.
        let item = *ids.iter().find(|id| by_item.contains_key(id)).unwrap();
        let theme = *ids.iter().filter_map(|id| by_item.get(id)).find(|theme| **theme != by_item[&item]).unwrap();
        let person = Actor { kind: "member", id: None };
        store.write_now(person, move |tx| edits::move_to(tx, item, None, Some(theme)).map(drop)).unwrap();
        file(store, inputs[150..].to_vec());
        store.write_now(Actor::COMMAND, |tx| products::ask_refinement(tx, DEFAULT_PRODUCT)).unwrap();
        job.run_until_idle().unwrap();
        let now = store.read_now(|conn| feedback::rows::get(conn, item)).unwrap().theme.unwrap();
        assert_eq!((now.id, now.pinned), (theme, true));
    });
}

#[test]
fn one_instance_groups_at_a_time_and_another_takes_over_when_it_dies() {
    on_each_store(|store| {
        let (mut first, _) = grouping(store);
        let (mut second, seen_by_second) = grouping(store);
        file(store, texts(&["refund is late", "refund is very late"]));
        first.run_until_idle().unwrap();
        file(store, texts(&["where is my refund"]));
        assert!(second.run_until_idle().is_err(), "the first still holds the lease");
        assert_eq!(store.read_now(assignments::count_pending).unwrap(), 1);
        // But it follows what the first did, so it can answer look-ups.
        eventually("the second knows what the first grouped", Duration::from_secs(20), || {
            second.step().is_ok() && seen_by_second.of(DEFAULT_PRODUCT).read().len() == 2
        });

        // The first says nothing for as long as a lease is good.
        let stale = first.lease(DEFAULT_PRODUCT).unwrap();
        store.clock.advance(16 * hearback::domain::base::Time::SECOND);
        let deadline = Instant::now() + Duration::from_secs(10);
        while second.run_until_idle().is_err() && Instant::now() < deadline {}
        assert_eq!(store.read_now(assignments::count_pending).unwrap(), 0);
        file(store, texts(&["the app crashes"]));
        let write = store.write_now(Actor::ENGINE, move |tx| leases::hold(tx, &stale));
        assert!(write.is_err(), "a write begun under the old lease: its fence is no longer the present one");
        first.step().unwrap();
        assert_eq!(store.read_now(assignments::count_pending).unwrap(), 1);
    });
}

#[test]
fn while_others_write_without_end_grouping_rests_more_and_comes_to_its_end_all_the_same() {
    on_each_store(|store| {
        let job = Grouping::new(store.clone(), Groups::default());
        let job = Scheduler::start(store, vec![Box::new(job)]).unwrap();
        let done = AtomicBool::new(false);
        std::thread::scope(|scope| {
            // Two at a time: there is never a moment when no write waits.
            for _ in 0..2 {
                scope.spawn(|| {
                    while !done.load(Ordering::Acquire) {
                        let write = |_: &mut Tx<'_>| {
                            std::thread::sleep(Duration::from_millis(2));
                            Ok(())
                        };
                        store.write_now(Actor::COMMAND, write).unwrap();
                    }
                });
            }
            file(store, sample().into_iter().map(|(input, _)| input).collect());
            let started = Instant::now();
            let pending = || store.read_now(assignments::count_pending).unwrap();
            while pending() > 0 && started.elapsed() < Duration::from_secs(60) {
                std::thread::sleep(Duration::from_millis(50));
            }
            done.store(true, Ordering::Release);
            assert_eq!(pending(), 0);
        });
        job.stop();
    });
}

#[test]
fn dismissed_and_erased_words_are_no_longer_found() {
    on_each_store(|store| {
        let ids = file(store, texts(&["refund is late", "refund is very late", "the app crashes"]));
        let (mut job, groups) = grouping(store);
        job.run_until_idle().unwrap();
        let found = |groups: &Groups| {
            let near = groups.of(DEFAULT_PRODUCT).read().look_up("refund is late", 5);
            near.items.into_iter().map(|item| Id(item.id)).collect::<Vec<_>>()
        };
        assert!(found(&groups).contains(&ids[0]));
        let (item, person) = (ids[0], Actor { kind: "member", id: None });
        store.write_now(person, move |tx| edits::dismiss(tx, item, None, "spam").map(drop)).unwrap();
        // On PostgreSQL the log is read up to the oldest transaction of the whole server: other tests may hold it back.
        eventually("the dismissed item is gone from look-ups", Duration::from_secs(20), || {
            job.run_until_idle().unwrap();
            !found(&groups).contains(&ids[0])
        });
        assert!(found(&groups).contains(&ids[1]));
    });
}

#[test]
fn the_sample_is_as_large_and_as_mixed_as_it_says() {
    let sample = sample();
    let korean = |text: &str| text.chars().any(|c| ('가'..='힣').contains(&c));
    let share = sample.iter().filter(|(input, _)| korean(&input.text)).count() as f64 / sample.len() as f64;
    assert!((380..=440).contains(&sample.len()) && (0.4..0.6).contains(&share));
    let customers: std::collections::HashSet<Value> =
        sample.iter().filter_map(|(input, _)| Some(json!(input.customer.as_ref()?.external_id))).collect();
    assert!((100..=130).contains(&customers.len()), "{} customers", customers.len());
}
