//! Several instances share the products: each is grouped by one of them, and look-ups are answered by all.

use std::collections::BTreeMap;

use hearback::domain::base::{Actor, Id, Time, decode::decode};
use hearback::domain::feedback::NewFeedback;
use hearback::domain::team::{DEFAULT_PRODUCT, NewProduct};
use hearback::jobs::base::scheduler::Job;
use hearback::jobs::themes::grouping::Grouping;
use hearback::store::base::leases::{self, shares};
use hearback::store::themes::{assignments, embeddings};
use hearback::store::{Store, feedback};
use hearback::usecase::feedback::filing;
use hearback::usecase::team::products;
use hearback::usecase::themes::groupers::Groups;
use serde_json::json;

use crate::support::{on_each_store, on_each_world};

/// An instance that has loaded its state.
fn instance(store: &Store) -> Grouping {
    let mut job = Grouping::new(store.clone(), Groups::default());
    job.load().unwrap();
    job
}

fn new_products(store: &Store, count: usize) -> Vec<Id> {
    let new = |n: usize| {
        let input: NewProduct =
            decode(json!({ "key": format!("P{n}"), "name": format!("Product {n}"), "currency": "USD" })).unwrap();
        store.write_now(Actor::COMMAND, move |tx| products::create(tx, &input)).unwrap().id
    };
    (1..=count).map(new).collect()
}

fn file(store: &Store, product: Id, texts: &[&str]) -> Vec<Id> {
    let input = |text: &&str| decode(json!({ "text": text, "product": product.to_string() })).unwrap();
    let inputs: Vec<NewFeedback> = texts.iter().map(input).collect();
    let filed = store.write_now(Actor::COMMAND, move |tx| filing::file(tx, &inputs)).unwrap();
    filed.into_iter().map(|filed| filed.unwrap().feedback.id).collect()
}

/// Lets all instances work in turn, for a few seconds of their clock.
fn work(store: &Store, jobs: &mut [&mut Grouping]) {
    for _ in 0..5 {
        store.wait_for_log().unwrap();
        for job in jobs.iter_mut() {
            // Another instance may have taken over meanwhile.
            let _ = job.step();
        }
        store.clock.advance(1_100 * Time::SECOND / 1_000);
    }
}

/// How many products each instance has, the largest number first; all products have one.
fn divided(store: &Store) -> Vec<usize> {
    let clock = store.clock.clone();
    let (products, seen) =
        store.read_now(|conn| Ok((hearback::store::team::products::ids(conn)?, shares::read(conn, &clock)?))).unwrap();
    let mut counts: BTreeMap<String, usize> = seen.instances.iter().map(|one| (one.name.clone(), 0)).collect();
    for product in &products {
        let holder = seen.holders.get(product).unwrap_or_else(|| panic!("nobody groups {product}"));
        *counts.get_mut(holder).expect("an instance that is there") += 1;
    }
    let mut counts: Vec<usize> = counts.into_values().collect();
    counts.sort_unstable_by(|a, b| b.cmp(a));
    counts
}

#[test]
fn products_spread_over_instances_as_these_come_and_go() {
    on_each_store(|store| {
        let products = new_products(store, 6);
        let mut first = instance(store);
        let before: Vec<Id> = products.iter().flat_map(|one| file(store, *one, &["the refund is late"])).collect();
        first.run_until_idle().unwrap();
        assert_eq!(divided(store), [7]);

        let (mut second, mut third) = (instance(store), instance(store));
        let stale: Vec<_> = products.iter().map(|one| (*one, first.lease(*one).unwrap())).collect();
        work(store, &mut [&mut first, &mut second, &mut third]);
        assert_eq!(divided(store), [3, 2, 2]);
        for product in products.iter().chain([&DEFAULT_PRODUCT]) {
            let holders = [&first, &second, &third].iter().filter(|job| job.lease(*product).is_some()).count();
            assert_eq!(holders, 1, "{product}");
        }
        // What was handed over can't be written under the lease of before.
        let mut moved = 0;
        for (product, lease) in stale {
            let has_it = first.lease(product).is_some();
            let held = store.write_now(Actor::ENGINE, move |tx| leases::hold(tx, &lease));
            assert_eq!(held.is_ok(), has_it, "{product}");
            moved += usize::from(!has_it);
        }
        assert!(moved >= 4, "{moved}");

        // Who took over knows what was grouped before: the like of it joins the same theme, once.
        let after: Vec<Id> = products.iter().flat_map(|one| file(store, *one, &["my refund is late"])).collect();
        work(store, &mut [&mut first, &mut second, &mut third]);
        assert_eq!(store.read_now(assignments::count_pending).unwrap(), 0);
        let rows = |ids: &[Id]| store.read_now(|conn| feedback::rows::rows(conn, ids)).unwrap();
        let theme_of = |ids: &[Id]| -> BTreeMap<Id, Option<Id>> {
            rows(ids).into_iter().map(|row| (row.product_id, row.theme_id)).collect()
        };
        assert_eq!(theme_of(&before), theme_of(&after));

        // One stops, one dies.
        second.held().unwrap().release();
        drop(second);
        work(store, &mut [&mut first, &mut third]);
        assert_eq!(divided(store), [4, 3]);
        store.clock.advance(16 * Time::SECOND);
        third.run_until_idle().unwrap();
        assert_eq!(divided(store), [7], "the first has not renewed its leases for longer than their term");
        work(store, &mut [&mut third]);
        let names = store.read_now(|conn| leases::all(conn, &store.clock.clone())).unwrap();
        let kinds = names.iter().filter(|lease| lease.kind() == shares::INSTANCE).count();
        assert_eq!(kinds, 1, "instances that are gone leave nothing behind: {names:?}");
    });
}

#[test]
fn a_busy_product_does_not_hold_up_another() {
    on_each_store(|store| {
        let products = new_products(store, 2);
        // Equal texts, which cost little.
        file(store, products[0], &["the order was not delivered"; 230]);
        let quiet = file(store, products[1], &["the app crashes"])[0];
        let mut job = instance(store);
        store.wait_for_log().unwrap();
        for _ in 0..3 {
            job.step().unwrap();
        }
        let state = store.read_now(|conn| feedback::rows::rows(conn, &[quiet])).unwrap()[0].state;
        assert_ne!(state, hearback::domain::feedback::State::Pending);
        let waiting = store.read_now(assignments::count_pending).unwrap();
        assert!(waiting >= 30, "a batch of one product at a time: {waiting}");
    });
}

#[test]
fn the_embedder_of_the_oldest_instance_counts() {
    on_each_store(|store| {
        new_products(store, 3);
        let present = || store.read_now(embeddings::present).unwrap();
        let mut old = instance(store);
        work(store, &mut [&mut old]);
        let mut new = Grouping::new(store.clone(), Groups::default()).with_embedder("api:other");
        new.load().unwrap();
        work(store, &mut [&mut old, &mut new]);
        assert_eq!((divided(store), present()), (vec![2, 2], "builtin".to_owned()));
        old.held().unwrap().release();
        work(store, &mut [&mut new]);
        assert_eq!((divided(store), present()), (vec![4], "api:other".to_owned()));
    });
}

#[test]
fn what_another_instance_embeds_is_taken_in() {
    on_each_store(|store| {
        let products = new_products(store, 1);
        let item = file(store, products[0], &["the refund is late"])[0];
        let (mut first, groups) = (instance(store), Groups::default());
        first.run_until_idle().unwrap();
        // As after an import from an export: the item has its theme, and no vector.
        store.write_now(Actor::COMMAND, move |tx| hearback::store::themes::vectors::remove(tx, &[item])).unwrap();
        let mut second = Grouping::new(store.clone(), groups.clone());
        second.load().unwrap();
        assert!(!groups.is_complete(products[0]) && groups.is_complete(DEFAULT_PRODUCT));
        drop(first);
        // An instance that has the product embeds it again; the second follows without a lease.
        store.clock.advance(16 * Time::SECOND);
        let mut third = instance(store);
        third.run_until_idle().unwrap();
        for _ in 0..2 {
            second.step().unwrap();
        }
        assert!(second.lease(products[0]).is_none());
        assert!(groups.of(products[0]).read().holds(item.0) && groups.is_complete(products[0]));
    });
}

#[test]
fn look_ups_are_answered_while_the_state_loads() {
    on_each_world(|world| {
        let said = ["the refund has not arrived", "my refund never arrived", "환불이 안 들어왔어요", "the app crashes"];
        for text in said {
            world.send("POST", "/v1/feedback", crate::support::ADMIN, Some(&json!({ "text": text })));
        }
        // Grouped by another instance: this one has loaded nothing.
        let mut other = instance(world.store());
        other.run_until_idle().unwrap();
        let similar = |text: &str| {
            let answer = world.send("POST", "/v1/similar", crate::support::ADMIN, Some(&json!({ "text": text })));
            assert_eq!(answer.status, 200, "{answer:?}");
            answer.json()
        };
        let texts = |found: &serde_json::Value| -> Vec<String> {
            let items = found["feedback"].as_array().unwrap();
            items.iter().map(|item| item["text"].as_str().unwrap().to_owned()).collect()
        };
        let early = similar("has my refund arrived?");
        assert_eq!(early["complete"], false, "{early}");
        let found = texts(&early);
        assert!(found.contains(&said[0].to_owned()) && found.contains(&said[1].to_owned()), "{early}");
        assert!(!found.contains(&said[3].to_owned()), "{early}");
        assert!(!early["themes"].as_array().unwrap().is_empty(), "{early}");
        assert!(texts(&similar("환불이 늦어요")).contains(&said[2].to_owned()));
        assert!(texts(&similar("?!")).is_empty());

        // Nothing else refuses either, and each says that it does not know all.
        let theme = early["themes"][0]["id"].as_str().unwrap();
        let product = format!("/v1/products/{DEFAULT_PRODUCT}");
        let paths = [
            format!("{product}/theme-map"),
            format!("{product}/granularity/preview"),
            format!("/v1/themes/{theme}/near"),
            format!("/v1/themes/{theme}/sub-themes"),
        ];
        let complete = |path: &String| {
            let answer = world.send("GET", path, crate::support::ADMIN, None);
            assert_eq!(answer.status, 200, "{path}: {answer:?}");
            answer.json()["complete"].as_bool().unwrap()
        };
        assert!(!paths.iter().any(complete));

        Grouping::of(world.app()).load().unwrap();
        let late = similar("has my refund arrived?");
        assert_eq!(late["complete"], true, "{late}");
        assert!(texts(&late).contains(&said[0].to_owned()), "{late}");
        assert!(paths.iter().all(complete));
    });
}

#[test]
fn health_shows_who_groups_and_metrics_have_one_label_a_kind() {
    on_each_world(|world| {
        new_products(world.store(), 2);
        let mut job = Grouping::of(world.app());
        job.load().unwrap();
        let ready = || world.send("GET", "/readyz", "", None).json();
        assert_eq!((&ready()["instances"], &ready()["products_without_instance"]), (&json!([]), &json!(3)));
        job.run_until_idle().unwrap();
        let now = ready();
        assert_eq!(
            (&now["instances"][0]["products"], &now["products_without_instance"]),
            (&json!(3), &json!(0)),
            "{now}"
        );
        assert!(now["leases"].as_array().unwrap().iter().all(|lease| !lease["name"].as_str().unwrap().contains(':')));
        let metrics = world.send("GET", "/metrics", crate::support::ADMIN, None).body;
        for line in [
            "hearback_lease_held{lease=\"grouping\"} 3",
            "hearback_lease_held{lease=\"instance\"} 1",
            "hearback_grouping_products 3",
        ] {
            assert!(metrics.lines().any(|found| found == line), "{line} in {metrics}");
        }
        job.held().unwrap().release();
        assert_eq!(ready()["products_without_instance"], json!(3));
    });
}
