//! The issues of stories at a tracker that speaks as GitHub's and GitLab's APIs do.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use hearback::client::Client;
use hearback::connectors::trackers::Access;
use hearback::domain::{Actor, Delivery, Id, NewStory, Paging, ProductEdit, Story, decode::decode};
use hearback::jobs::outbox::tracker::{Trackers, fan_out};
use hearback::jobs::outbox::{Outcome, Sender};
use hearback::store::events::{self, Position};
use hearback::store::{Store, deliveries, links, products};
use hearback::usecase::{moving, planning, products as product_acts, tracking};
use serde_json::{Value, json};

use crate::support::on_each_store;

/// What goes wrong with a request.
#[derive(Clone, Copy)]
enum Fault {
    /// It is done, and the answer is lost.
    Lost,
    /// It is not done.
    Refused(u16),
}

#[derive(Default)]
pub struct State {
    pub issues: Vec<Value>,
    requests: Vec<String>,
    faults: VecDeque<Option<Fault>>,
}

/// A tracker of our own: both APIs, in what is used of them.
#[derive(Clone)]
pub struct Fake {
    url: String,
    pub state: Arc<Mutex<State>>,
}

impl Fake {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let fake = Self { url, state: Arc::default() };
        let served = fake.clone();
        std::thread::spawn(move || listener.incoming().flatten().for_each(|stream| served.serve(stream)));
        fake
    }

    fn serve(&self, mut stream: TcpStream) {
        let mut reader = BufReader::new(stream.try_clone().unwrap());
        let (mut first, mut length, mut token) = (String::new(), 0, false);
        reader.read_line(&mut first).unwrap();
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).unwrap();
            let line = line.trim().to_ascii_lowercase();
            if line.is_empty() {
                break;
            }
            if let Some(value) = line.strip_prefix("content-length: ") {
                length = value.parse().unwrap();
            }
            token |= line == "authorization: bearer t0ken" || line == "private-token: t0ken";
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).unwrap();
        let input: Value = serde_json::from_slice(&body).unwrap_or_default();
        let (method, path) = first.trim_end_matches(" HTTP/1.1\r\n").split_once(' ').unwrap();
        let mut state = self.state.lock().unwrap();
        state.requests.push(format!("{method} {}", path.split('?').next().unwrap()));
        let fault = state.faults.pop_front().flatten();
        let (status, answer) = match fault {
            Some(Fault::Refused(status)) => (status, json!({ "message": "No" })),
            _ if !token => (401, json!({ "message": "Bad credentials" })),
            _ => act(&mut state, method, path, &input),
        };
        if !matches!(fault, Some(Fault::Lost)) {
            let text = answer.to_string();
            let head = format!("HTTP/1.1 {status} X\r\nContent-Length: {}\r\nRetry-After: 7\r\n\r\n", text.len());
            let _ = stream.write_all((head + &text).as_bytes());
        }
    }

    fn fails(&self, faults: &[Option<Fault>]) {
        self.state.lock().unwrap().faults = faults.iter().copied().collect();
    }

    pub fn issues(&self) -> Vec<Value> {
        self.state.lock().unwrap().issues.clone()
    }

    fn requests(&self) -> Vec<String> {
        std::mem::take(&mut self.state.lock().unwrap().requests)
    }

    fn senders(&self) -> Trackers {
        let access = || Some(Access { api: self.url.clone(), token: "t0ken".to_owned() });
        Trackers::new(Client::new(true, Duration::from_secs(5)), access(), access())
    }
}

fn act(state: &mut State, method: &str, path: &str, input: &Value) -> (u16, Value) {
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let gitlab = path.starts_with("/projects/acme%2Fapp/issues");
    if !gitlab && !path.starts_with("/repos/acme/app/issues") {
        return (404, json!({ "message": "Not Found" }));
    }
    let (number, text, open) = if gitlab { ("iid", "description", "opened") } else { ("number", "body", "open") };
    let one = path.rsplit('/').next().and_then(|n| n.parse::<usize>().ok());
    match method {
        "GET" if one.is_some() => (200, state.issues[one.unwrap() - 1].clone()),
        "GET" => {
            assert!(query.contains("per_page=100"), "{query}");
            let search = query.split('&').find_map(|pair| pair.strip_prefix("search="));
            let matches = |issue: &&Value| search.is_none_or(|words| issue[text].as_str().unwrap().contains(words));
            let newest: Vec<Value> = state.issues.iter().rev().filter(matches).cloned().collect();
            let page: usize = query.split('&').find_map(|pair| pair.strip_prefix("page=")).unwrap().parse().unwrap();
            (200, newest.chunks(100).nth(page - 1).unwrap_or_default().into())
        }
        "POST" => {
            let n = state.issues.len() + 1;
            let mut issue = input.clone();
            issue[number] = json!(n);
            issue["state"] = json!(open);
            issue["created_at"] = json!(hearback::clock::Clock::default().now());
            issue[if gitlab { "web_url" } else { "html_url" }] = json!(format!("https://example.com/issues/{n}"));
            state.issues.push(issue.clone());
            (201, issue)
        }
        "PATCH" | "PUT" => {
            let n = one.unwrap();
            for field in ["title", text].iter().filter(|field| input[**field].is_string()) {
                state.issues[n - 1][*field] = input[*field].clone();
            }
            if input["title"].is_string() {
                return (200, state.issues[n - 1].clone());
            }
            let wanted = match (input["state_event"].as_str(), input["state"].as_str()) {
                (Some("close"), _) => "closed",
                (Some("reopen"), _) => "opened",
                (_, state) => state.unwrap(),
            };
            state.issues[n - 1]["state"] = json!(wanted);
            (200, state.issues[n - 1].clone())
        }
        _ => (405, json!({})),
    }
}

/// A product with a tracker, and a story of it.
pub struct Desk<'a> {
    pub store: &'a Store,
    pub fake: Fake,
    read: std::cell::Cell<Position>,
}

impl<'a> Desk<'a> {
    pub fn new(store: &'a Store, tracker: Value) -> Self {
        store
            .write_now(Actor::COMMAND, move |tx| {
                let product = products::find(tx.conn, "HB")?.unwrap();
                let _ = ProductEdit::from(&product);
                product_acts::edit(tx, product.id, None, &json!({ "settings": { "tracker": tracker } }))
            })
            .unwrap();
        Self { store, fake: Fake::start(), read: std::cell::Cell::default() }
    }

    pub fn story(&self, input: Value) -> Story {
        let input: NewStory = decode(input).unwrap();
        self.store.write_now(Actor::COMMAND, move |tx| planning::create(tx, &input)).unwrap()
    }

    fn move_to(&self, story: Id, to: &str) {
        let input = decode(json!({ "to": to, "reason": "Because" })).unwrap();
        let role = hearback::domain::Role::Admin;
        self.store.write_now(Actor::COMMAND, move |tx| moving::transition(tx, story, None, role, &input)).unwrap();
    }

    pub fn request(&self, story: Id) {
        self.store.write_now(Actor::COMMAND, move |tx| tracking::request(tx, story)).unwrap();
    }

    /// What the reader of the log makes of what happened since; the deliveries, oldest first.
    fn deliveries(&self, story: Id) -> Vec<Delivery> {
        let place = self.read.get();
        let last = Id::next();
        let mark = move |tx: &mut hearback::store::Tx<'_>| {
            tx.event("test.marked", last, None, json!({}));
            Ok(())
        };
        self.store.write_now(Actor::COMMAND, mark).unwrap();
        let mut log = Vec::new();
        // A reader waits for every transaction of the server, the other tests' too.
        crate::support::eventually("the log is readable", Duration::from_secs(30), || {
            log = self.store.read_now(|conn| events::after(conn, place, 1_000)).unwrap();
            log.last().is_some_and(|event| event.subject == last)
        });
        self.read.set(log.last().map_or(place, |event| event.position));
        let before = self.all(story).len();
        self.store.write_now(Actor::ENGINE, move |tx| log.iter().try_for_each(|event| fan_out(tx, event))).unwrap();
        self.all(story).split_off(before)
    }

    fn all(&self, story: Id) -> Vec<Delivery> {
        let paging = Paging::new(Some(200), None, String::new()).unwrap();
        let mut all = self.store.read_now(|conn| deliveries::of_target(conn, story, None, &paging)).unwrap().data;
        all.reverse();
        all
    }

    fn send(&self, delivery: &Delivery) -> Outcome {
        self.fake.senders().send(self.store, delivery)
    }

    pub fn bring_in_step(&self, story: Id) {
        for delivery in self.deliveries(story) {
            assert_eq!(self.send(&delivery), Outcome::Delivered { status: None });
        }
    }

    /// The state of the story's link to its issue, if there is one.
    fn linked(&self, story: Id, provider: &str) -> Option<String> {
        let link = self.store.read_now(|conn| links::issue_of(conn, story, provider, "acme/app")).unwrap();
        link.map(|link| format!("{} {}", link.reference, link.state.unwrap()))
    }
}

pub fn tracker(provider: &str, automatic: bool) -> Value {
    json!({ "provider": provider, "repository": "acme/app", "automatic": automatic })
}

#[test]
fn the_issue_of_a_story_is_made_and_kept_in_step() {
    on_each_store(|store| {
        for provider in ["github", "gitlab"] {
            let desk = Desk::new(store, tracker(provider, false));
            let story = desk.story(json!({ "title": "Refunds show when they arrive" })).id;
            desk.move_to(story, "accepted");
            desk.bring_in_step(story);
            assert_eq!(desk.fake.issues().len(), 0, "nobody asked for it");
            desk.request(story);
            desk.bring_in_step(story);
            let [issue] = desk.fake.issues().try_into().unwrap();
            assert_eq!(issue["title"], "Refunds show when they arrive");
            assert_eq!(desk.linked(story, provider).as_deref(), Some("1 open"));

            // There is one: whoever asks again gets it.
            desk.request(story);
            assert_eq!(desk.deliveries(story).len(), 0);
            desk.move_to(story, "declined");
            desk.bring_in_step(story);
            assert_eq!(
                (&desk.fake.issues()[0]["state"], desk.linked(story, provider).as_deref()),
                (&json!("closed"), Some("1 closed"))
            );
            desk.move_to(story, "accepted");
            desk.bring_in_step(story);
            assert_ne!(desk.fake.issues()[0]["state"], "closed");
            assert_eq!(desk.linked(story, provider).as_deref(), Some("1 open"));
            desk.fake.requests();
            desk.move_to(story, "building");
            desk.bring_in_step(story);
            assert_eq!(desk.fake.requests(), [""; 0], "nothing to say");
        }
    });
}

#[test]
fn an_accepted_story_gets_its_issue_by_itself_where_the_product_says_so() {
    on_each_store(|store| {
        let desk = Desk::new(store, tracker("github", true));
        let story = desk.story(json!({ "title": "Refunds" })).id;
        desk.bring_in_step(story);
        assert_eq!(desk.fake.issues().len(), 0);
        desk.move_to(story, "accepted");
        desk.bring_in_step(story);
        assert_eq!(desk.linked(story, "github").as_deref(), Some("1 open"));
        assert_eq!(desk.fake.requests(), ["GET /repos/acme/app/issues", "POST /repos/acme/app/issues"]);
    });
}

#[test]
fn a_crash_after_the_issue_was_made_makes_no_second_one() {
    on_each_store(|store| {
        for provider in ["github", "gitlab"] {
            let desk = Desk::new(store, tracker(provider, false));
            for n in 0..150 {
                let (number, text) = if provider == "github" { ("number", "body") } else { ("iid", "description") };
                let made = json!({ number: n + 1, text: "x", "state": "open", "created_at": "2020-01-01T00:00:00Z" });
                desk.fake.state.lock().unwrap().issues.push(made);
            }
            let story = desk.story(json!({ "title": "Refunds" })).id;
            desk.request(story);
            let delivery = desk.deliveries(story).pop().unwrap();
            // The issue is made and the answer lost, twice over; then the process dies before it notes what it found.
            desk.fake.fails(&[None, Some(Fault::Lost)]);
            assert!(matches!(desk.send(&delivery), Outcome::Retry { status: None, .. }));
            assert_eq!((desk.fake.issues().len(), desk.linked(story, provider)), (151, None));
            assert_eq!(desk.send(&delivery), Outcome::Delivered { status: None });
            assert_eq!(desk.send(&delivery), Outcome::Delivered { status: None });
            assert_eq!(desk.fake.issues().len(), 151);
            assert_eq!(desk.linked(story, provider).as_deref(), Some("151 open"));
        }
    });
}

#[test]
fn what_may_pass_is_tried_again_and_what_may_not_is_given_up() {
    on_each_store(|store| {
        let desk = Desk::new(store, tracker("github", false));
        let story = desk.story(json!({ "title": "Refunds" })).id;
        desk.request(story);
        let delivery = desk.deliveries(story).pop().unwrap();
        for (status, again) in
            [(401, true), (403, true), (404, true), (429, true), (500, true), (503, true), (422, false), (301, false)]
        {
            desk.fake.fails(&[Some(Fault::Refused(status))]);
            match desk.send(&delivery) {
                Outcome::Retry { status: got, after, error } => {
                    assert!(again && got == Some(status) && !error.contains("t0ken"), "{status}: {error}");
                    assert_eq!(after, Some(Duration::from_secs(7)));
                }
                Outcome::Dead { status: got, .. } => assert!(!again && got == Some(status), "{status}"),
                other => panic!("{status}: {other:?}"),
            }
        }
        let nobody = Trackers::new(Client::new(true, Duration::from_secs(5)), None, None);
        assert!(matches!(nobody.send(store, &delivery), Outcome::Retry { status: None, .. }));
        assert_eq!(desk.fake.issues().len(), 0);
        // Someone removed the issue there: that is as closed as can be.
        desk.fake.fails(&[]);
        assert_eq!(desk.send(&delivery), Outcome::Delivered { status: None });
        desk.move_to(story, "declined");
        desk.fake.fails(&[Some(Fault::Refused(410))]);
        desk.bring_in_step(story);
        assert_eq!(desk.linked(story, "github").as_deref(), Some("1 deleted"));
    });
}
