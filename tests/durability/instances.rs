//! Three programs on one PostgreSQL share the products. One is killed, one comes, one stops: what was acknowledged is grouped,
//! once.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::{Value, json};

use super::StopAtEnd;
use crate::support::{ADMIN, Answer, Database, Kind, Request, Twin, World, eventually, skip};

/// Products beside the default one.
const PRODUCTS: usize = 8;
/// A lease lasts 15 s; the rest is for looking and grouping.
const TAKEN_OVER: Duration = Duration::from_secs(30);

/// A running program.
enum Instance<'a> {
    First(&'a World),
    Twin(&'a Twin),
}

impl Instance<'_> {
    fn request(&self, method: &str, path: &str) -> Request {
        match self {
            Instance::First(world) => world.request(method, path),
            Instance::Twin(twin) => twin.request(method, path).token(Some(ADMIN)),
        }
    }

    fn get(&self, path: &str) -> Answer {
        self.request("GET", path).send()
    }

    /// How many products it groups itself.
    fn products(&self) -> usize {
        let metrics = self.get("/metrics").body;
        let line = metrics.lines().find(|line| line.starts_with("hearback_grouping_products ")).expect("the metric");
        line.rsplit(' ').next().expect("a number").parse().expect("a number")
    }

    /// How many products each instance groups, by what this one sees.
    fn divided(&self) -> Vec<u64> {
        let ready = self.get("/readyz").json();
        let Some(instances) = ready["instances"].as_array() else { return Vec::new() };
        let mut counts: Vec<u64> = instances.iter().map(|one| one["products"].as_u64().expect("a number")).collect();
        counts.sort_unstable_by(|a, b| b.cmp(a));
        counts
    }

    /// Files feedback, and answers its id where that was acknowledged.
    fn file(&self, n: usize) -> Option<String> {
        let product = if n.is_multiple_of(PRODUCTS + 1) { "HB".to_owned() } else { format!("P{}", n % (PRODUCTS + 1)) };
        let text = format!("{} {}", ["The refund is late", "The app crashes", "Dark mode is missing"][n % 3], n / 27);
        let body = json!({ "text": text, "product": product, "origin": "ledger", "external_id": n.to_string() });
        let answer = self.request("POST", "/v1/feedback").json(&body).try_send().ok()?;
        (answer.status == 201).then(|| answer.id())
    }
}

/// Waits until all feedback of the ledger is grouped, as this instance sees it.
fn all_grouped(instance: &Instance<'_>, ledger: &[String], what: &str, at_most: Duration) {
    let mut waiting: Vec<&String> = ledger.iter().collect();
    eventually(what, at_most, || {
        waiting.retain(|id| {
            let state = instance.get(&format!("/v1/feedback/{id}")).json()["state"].clone();
            state != "grouped" && state != "ungrouped"
        });
        waiting.is_empty()
    });
}

/// Events by which feedback got its first place: exactly one each.
fn grouped_once(events: &[Value], ledger: &[String]) {
    let mut placed: HashMap<&str, usize> = HashMap::new();
    for event in events {
        let (kind, from) = (event["kind"].as_str().expect("a kind"), event["data"].get("from"));
        let is_first = match kind {
            "feedback.grouped" => from.is_none(),
            "feedback.ungrouped" => from.is_some_and(Value::is_null),
            _ => false,
        };
        if is_first {
            *placed.entry(event["subject_id"].as_str().expect("an id")).or_default() += 1;
        }
    }
    for id in ledger {
        assert_eq!(placed.get(id.as_str()), Some(&1), "{id}");
    }
}

/// All events, oldest first.
fn all_events(instance: &Instance<'_>) -> Vec<Value> {
    let (mut events, mut after) = (Vec::new(), String::new());
    loop {
        let page = instance.get(&format!("/v1/events?limit=200{after}")).json();
        let data = page["data"].as_array().expect("a page").clone();
        let Some(last) = data.last() else { return events };
        after = format!("&after={}", last["id"].as_str().expect("an id"));
        events.extend(data);
    }
}

/// Files feedback at two instances, and meanwhile kills a third one; answers what was acknowledged.
fn filed_while_one_is_killed(server: &World, second: &Twin, third: Twin) -> Vec<String> {
    let stop = AtomicBool::new(false);
    let file_on = |instance: Instance<'_>, start: usize| {
        let mut filed = Vec::new();
        for n in start.. {
            if stop.load(Ordering::Relaxed) {
                break;
            }
            filed.extend(instance.file(n));
            std::thread::sleep(Duration::from_millis(20));
        }
        filed
    };
    std::thread::scope(|scope| {
        let _stop = StopAtEnd(&stop);
        let file_on = &file_on;
        let one = scope.spawn(move || file_on(Instance::First(server), 1_000));
        let two = scope.spawn(move || file_on(Instance::Twin(second), 100_000));
        std::thread::sleep(Duration::from_millis(700));
        // SIGKILL.
        drop(third);
        std::thread::sleep(Duration::from_secs(2));
        stop.store(true, Ordering::Relaxed);
        [one, two].into_iter().flat_map(|filing| filing.join().expect("no panic")).collect()
    })
}

#[test]
fn products_spread_over_three_programs_and_a_killed_one_loses_nothing() {
    if !Kind::available().contains(&Kind::Postgres) {
        return skip("instances share only a PostgreSQL");
    }
    let server = World::program(Database::new(Kind::Postgres));
    let (second, third) = (server.twin(), server.twin());
    let (one, two) = (Instance::First(&server), Instance::Twin(&second));
    for n in 1..=PRODUCTS {
        let product = json!({ "key": format!("P{n}"), "name": format!("Product {n}"), "currency": "USD" });
        assert_eq!(server.post("/v1/products", &product).status, 201);
    }
    let three = Instance::Twin(&third);
    eventually("each has its share", Duration::from_secs(20), || two.divided() == [3, 3, 3]);
    eventually("and knows it", Duration::from_secs(5), || [&one, &two, &three].iter().all(|it| it.products() == 3));

    // Filed at any of them, it is grouped by the one that has its product.
    let mut ledger: Vec<String> = (0..54).map(|n| [&one, &two, &three][n % 3].file(n).expect("acknowledged")).collect();
    all_grouped(&three, &ledger, "grouped by three", Duration::from_secs(30));

    ledger.append(&mut filed_while_one_is_killed(&server, &second, third));
    assert!(ledger.len() > 100, "{}", ledger.len());
    all_grouped(&two, &ledger, "grouped by the two that are left", TAKEN_OVER);
    eventually("two share all", Duration::from_secs(10), || one.divided() == [5, 4]);

    // Another one comes and takes its share; one stops and gives its own back at once.
    let fourth = server.twin();
    let four = Instance::Twin(&fourth);
    eventually("the newcomer has its share", Duration::from_secs(20), || four.products() == 3);
    ledger.extend((2_000_000..2_000_027).map(|n| four.file(n).expect("acknowledged")));
    all_grouped(&two, &ledger, "grouped by three again", Duration::from_secs(20));
    server.terminate();
    ledger.extend((3_000_000..3_000_027).map(|n| two.file(n).expect("acknowledged")));
    // Less than the term of a lease.
    all_grouped(&four, &ledger, "grouped after a stop", Duration::from_secs(10));
    eventually("two share all again", Duration::from_secs(10), || two.divided() == [5, 4]);
    grouped_once(&all_events(&two), &ledger);
}
