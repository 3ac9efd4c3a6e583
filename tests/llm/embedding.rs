//! Vectors from an external embedder.

use std::sync::Arc;
use std::time::Duration;

use hearback::domain::{
    base::{Actor, Id, Time},
    team::DEFAULT_PRODUCT,
};
use hearback::engine::{DIMENSIONS, fitted};
use hearback::jobs::themes::embedding::Embedding;
use hearback::outside::models::embeddings::Embeddings;
use hearback::outside::models::shared::SharedEmbedder;
use hearback::store::{
    Store,
    themes::{
        assignments, embeddings,
        vectors::{self, ItemVector},
    },
};

use super::fake::{Fake, Got, status, vectors};
use super::{about, file, grouping, themes};
use crate::support::{World, eventually, on_each, on_each_store};

fn asked(fake: &Fake, model: &str) -> SharedEmbedder {
    SharedEmbedder::new(Arc::new(Embeddings::new(&fake.url, model, Some("secret"), Duration::from_millis(800))))
}

fn embedding(store: &Store, fake: &Fake, model: &str) -> Embedding {
    Embedding::new(store.clone(), asked(fake, model))
}

fn texts(count: usize) -> Vec<String> {
    (0..count).map(|n| about(["refund", "crash", "환불", "dark"][n % 4], n / 4)).collect()
}

fn say_vectors(dimensions: usize) -> impl Fn(&Got) -> super::fake::Answer {
    move |got| vectors(got, dimensions)
}

#[test]
fn items_wait_for_their_vectors_in_batches_and_are_grouped_by_them() {
    on_each_store(|store| {
        let fake = Fake::start(say_vectors(1536));
        let ids = file(store, &texts(100));
        let (mut job, groups) = grouping(store, "api:m");
        job.run_until_idle().unwrap();
        assert_eq!(store.read_now(assignments::count_pending).unwrap(), 100, "no vectors yet");

        let mut embedding = embedding(store, &fake, "m");
        while embedding.step().unwrap() {}
        job.run_until_idle().unwrap();
        let sizes: Vec<usize> = fake.got().iter().map(|got| got.inputs().len()).collect();
        assert_eq!(sizes, [64, 36]);
        assert!(fake.got().iter().all(|got| got.path == "/v1/embeddings" && got.key == "Bearer secret"));
        let by_item = themes(store);
        assert_eq!(by_item.len(), 100);
        let purely = (8..100).filter(|n| by_item[&ids[*n]] == by_item[&ids[n % 4 + 4]]).count();
        assert!(purely > 80, "{purely} of 92 are with their subject");

        let (_, restarted) = grouping(store, "api:m");
        let said = fitted(&asked(&fake, "m").look_up("refund now".to_owned()).unwrap());
        let near = |groups: &hearback::usecase::themes::groupers::Groups| {
            groups.of(DEFAULT_PRODUCT).read().look_up_external("refund now", &said, 5)
        };
        assert_eq!(near(&groups), near(&restarted), "a restart changes nothing");
        assert!(!near(&groups).items.is_empty());
    });
}

#[test]
fn no_personal_data_leaves_the_team() {
    on_each_store(|store| {
        let fake = Fake::start(say_vectors(16));
        let said = "refund: kim@example.com, 010-1234-5678, 900101-1234567, 4111 1111 1111 1111, DE89370400440532013000, https://x.example/a?token=s3cr3t";
        file(store, &[said.to_owned()]);
        let mut embedding = embedding(store, &fake, "m");
        while embedding.step().unwrap() {}
        asked(&fake, "m").look_up(said.to_owned()).unwrap();
        let got = fake.got();
        assert_eq!(got.len(), 2, "filed, and looked up");
        for sent in got.iter().map(|got| got.body.to_string()) {
            for secret in ["kim", "1234", "900101", "4111", "DE89", "s3cr3t"] {
                assert!(!sent.contains(secret), "{secret} in {sent}");
            }
            assert!(sent.contains("refund") && sent.contains("[email]"));
        }
    });
}

#[test]
fn an_embedder_that_is_away_is_asked_ever_less_and_items_are_grouped_when_it_is_back() {
    on_each_store(|store| {
        let fake = Fake::start(|_| status("500 Internal Server Error"));
        let mut embedding = embedding(store, &fake, "m");
        file(store, &texts(70));
        let (mut job, _) = grouping(store, "api:m");
        for _ in 0..200 {
            assert!(!embedding.step().unwrap());
            store.clock.advance(Time::SECOND / 4);
        }
        // 0, 1, 3, 7, 15 s, then a probe at 45 s.
        let sizes: Vec<usize> = fake.got().iter().map(|got| got.inputs().len()).collect();
        assert_eq!(sizes, [64, 64, 64, 64, 64, 1]);
        file(store, &["filed all the same".to_owned()]);
        fake.say(|_| status("429 Too Many Requests\r\nRetry-After: 200"));
        store.clock.advance(60 * Time::SECOND);
        assert!(!embedding.step().unwrap());
        store.clock.advance(150 * Time::SECOND);
        assert!(!embedding.step().unwrap());
        assert_eq!(fake.got().len(), 7, "it asked for 200 seconds");
        fake.say(|_| None);
        store.clock.advance(60 * Time::SECOND);
        assert!(!embedding.step().unwrap(), "an answer that does not come is given up");
        fake.say(say_vectors(16));
        store.clock.advance(301 * Time::SECOND);
        while embedding.step().unwrap() {}
        job.run_until_idle().unwrap();
        assert_eq!(store.read_now(assignments::count_pending).unwrap(), 0);
    });
}

#[test]
fn a_text_that_is_refused_holds_up_no_other() {
    on_each_store(|store| {
        let poisoned = |got: &Got| got.inputs().iter().any(|text| text.contains("poison"));
        let fake = Fake::start(move |got| if poisoned(got) { status("400 Bad Request") } else { vectors(got, 16) });
        let mut all = texts(12);
        all.insert(5, "poison".to_owned());
        file(store, &all);
        let mut embedding = embedding(store, &fake, "m");
        while embedding.step().unwrap() {}
        let (mut job, _) = grouping(store, "api:m");
        job.run_until_idle().unwrap();
        assert_eq!(themes(store).len(), 13);
    });
}

#[test]
fn changing_the_embedder_keeps_every_theme() {
    on_each_store(|store| {
        let fake = Fake::start(say_vectors(24));
        file(store, &texts(40));
        let (mut job, _) = grouping(store, "builtin");
        job.run_until_idle().unwrap();
        let before = themes(store);
        drop(job);
        store.clock.advance(20 * Time::SECOND);

        // Until the new one has spoken of everything, the old one serves.
        let (mut job, _) = grouping(store, "api:a");
        let late = file(store, &["refund at last".to_owned()]);
        job.run_until_idle().unwrap();
        assert_eq!(store.read_now(assignments::count_pending).unwrap(), 0);
        assert_eq!(store.read_now(embeddings::present).unwrap(), "builtin");
        let kept = |now: &std::collections::HashMap<_, _>| before.iter().all(|(item, theme)| now[item] == *theme);
        for (model, name) in [("a", "api:a"), ("b", "api:b")] {
            let mut embedding = embedding(store, &fake, model);
            store.clock.advance(20 * Time::SECOND);
            while embedding.step().unwrap() {}
            let (mut next, groups) = grouping(store, name);
            eventually("the switch", Duration::from_secs(20), || {
                next.run_until_idle().unwrap();
                store.read_now(embeddings::present).unwrap() == name
            });
            assert_eq!(store.read_now(|conn| embeddings::count_otherwise(conn, name)).unwrap(), 0);
            assert!(kept(&themes(store)) && themes(store).contains_key(&late[0]), "themes stay");
            assert_eq!(groups.of(DEFAULT_PRODUCT).read().len(), 41);
        }
        store.clock.advance(20 * Time::SECOND);
        let (mut back, _) = grouping(store, "builtin");
        back.run_until_idle().unwrap();
        assert_eq!(store.read_now(embeddings::present).unwrap(), "builtin");
        assert!(kept(&themes(store)), "and going back keeps them too");
    });
}

#[test]
fn vectors_of_an_older_version_are_computed_again_and_every_theme_stays() {
    on_each_store(|store| {
        let ids = file(store, &texts(40));
        let (mut job, _) = grouping(store, "builtin");
        job.run_until_idle().unwrap();
        drop(job);
        let before = themes(store);
        let kept = |store: &Store| store.read_now(|conn| vectors::of(conn, "builtin", &ids)).unwrap();
        let made = kept(store);
        // As another version left them: other numbers under another name.
        let old: Vec<(Id, Id)> = made.iter().map(|row| (row.id, row.product_id)).collect();
        store
            .write_now(Actor::ENGINE, move |tx| {
                let item = |(feedback_id, product_id): &(Id, Id)| ItemVector {
                    feedback_id: *feedback_id,
                    product_id: *product_id,
                    vector: &[65; DIMENSIONS],
                    neighbours: &[],
                };
                vectors::put(tx, "builtin:1", &old.iter().map(item).collect::<Vec<_>>())
            })
            .unwrap();
        assert_eq!(store.read_now(|conn| embeddings::count_otherwise(conn, "builtin")).unwrap(), 40);

        store.clock.advance(20 * Time::SECOND);
        let (mut job, groups) = grouping(store, "builtin");
        job.run_until_idle().unwrap();
        assert_eq!(store.read_now(|conn| embeddings::count_otherwise(conn, "builtin")).unwrap(), 0);
        assert_eq!(themes(store), before);
        assert_eq!(groups.of(DEFAULT_PRODUCT).read().len(), 40);
        let again = kept(store);
        for (row, was) in again.iter().zip(&made) {
            assert_eq!((row.id, &row.embedder), (was.id, &was.embedder));
            assert_ne!(row.vector.as_deref(), Some(&[65; DIMENSIONS][..]));
            assert_eq!(row.neighbours.as_ref().map(Vec::is_empty), was.neighbours.as_ref().map(Vec::is_empty));
        }
    });
}

#[test]
fn the_server_says_how_far_it_is_and_files_without_waiting() {
    on_each(|database| {
        let fake = Fake::start(|_| status("503 Service Unavailable"));
        let settings = [("HEARBACK_EMBEDDINGS_URL", fake.url.as_str()), ("HEARBACK_EMBEDDINGS_MODEL", "m")];
        let server = World::program_with(database, &settings);
        server.file(&serde_json::json!({ "text": "refund please" }));
        let status = || server.request("GET", "/v1/grouping").send().json();
        eventually("it says that the embedder is away", Duration::from_secs(20), || {
            let now = status();
            now["embedder"]["state"] == "retrying" && now["embedder"]["waiting"] == 1 && now["pending"] == 1
        });
        fake.say(say_vectors(8));
        eventually("it is grouped", Duration::from_secs(60), || {
            let now = status();
            now["embedder"]["state"] == "working" && now["pending"] == 0 && now["embedder"]["present"] == "api:m"
        });
        let near = server.post("/v1/similar", serde_json::json!({ "text": "refund" })).json();
        assert_eq!(near["feedback"].as_array().map(Vec::len), Some(1), "{near}");
    });
}
