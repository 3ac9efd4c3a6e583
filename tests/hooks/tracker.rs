//! The issues of stories at a fake tracker with the APIs of GitHub and GitLab.

use std::time::Duration;

use hearback::domain::stories::stage::Stage;
use hearback::domain::{
    base::{Actor, Id, Paging, decode::decode},
    feedback::NewFeedback,
    integrations::Delivery,
    stories::{Criterion, NewStory, Story},
    team::ProductEdit,
};
use hearback::error::Code;
use hearback::jobs::outbox::tracker::{Trackers, fan_out};
use hearback::jobs::outbox::{AttemptOutcome, Sender};
use hearback::outside::client::Client;
use hearback::store::base::events::{self, Position};
use hearback::store::themes::{self, rows::NewTheme};
use hearback::store::{
    Store,
    integrations::deliveries,
    stories::{self, links},
    team::products,
    themes::assignments,
};
use hearback::usecase::{
    feedback::filing,
    integrations::tracker,
    privacy::erasure,
    stories::{planning, quoting, transitions},
    team::products as product_acts,
};
use serde_json::{Value, json};

use super::fake_tracker::{Fake, Fault};
use crate::support::on_each_store;

/// A product with a tracker, and a story in it.
struct Desk<'a> {
    store: &'a Store,
    fake: Fake,
    read: std::cell::Cell<Position>,
}

impl<'a> Desk<'a> {
    fn new(store: &'a Store, tracker: Value) -> Self {
        store
            .write_now(Actor::COMMAND, move |tx| {
                let product = products::find(tx.conn, "HB")?.unwrap();
                let _ = ProductEdit::from(&product);
                product_acts::edit(tx, product.id, None, &json!({ "settings": { "tracker": tracker } }))
            })
            .unwrap();
        Self { store, fake: Fake::start(), read: std::cell::Cell::default() }
    }

    fn story(&self, input: Value) -> Story {
        let input: NewStory = decode(input).unwrap();
        self.store.write_now(Actor::COMMAND, move |tx| planning::create(tx, &input)).unwrap()
    }

    fn move_to(&self, story: Id, to: &str) {
        let input = decode(json!({ "to": to, "reason": "Because" })).unwrap();
        let role = hearback::domain::team::Role::Admin;
        self.store.write_now(Actor::COMMAND, move |tx| transitions::transition(tx, story, None, role, &input)).unwrap();
    }

    fn request(&self, story: Id) {
        self.store.write_now(Actor::COMMAND, move |tx| tracker::request(tx, story)).unwrap();
    }

    /// Processes the new events; returns the deliveries, oldest first.
    fn deliveries(&self, story: Id) -> Vec<Delivery> {
        let place = self.read.get();
        let last = Id::next();
        let mark = move |tx: &mut hearback::store::Tx<'_>| {
            tx.event("webhook.enabled", last, None, json!({}));
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

    fn send(&self, delivery: &Delivery) -> AttemptOutcome {
        self.fake.senders().send(self.store, delivery)
    }

    fn bring_in_step(&self, story: Id) {
        for delivery in self.deliveries(story) {
            assert_eq!(self.send(&delivery), AttemptOutcome::Delivered { status: None });
        }
    }

    /// The state of the link from the story to its issue, if there is one.
    fn linked(&self, story: Id, provider: &str) -> Option<String> {
        let link = self.store.read_now(|conn| links::issue_of(conn, story, provider, "acme/app")).unwrap();
        link.map(|link| format!("{} {}", link.reference, link.state.unwrap()))
    }
}

fn tracker(provider: &str, automatic: bool) -> Value {
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

            // There is an issue already: asking again returns it.
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
            assert!(matches!(desk.send(&delivery), AttemptOutcome::Retry { status: None, .. }));
            assert_eq!((desk.fake.issues().len(), desk.linked(story, provider)), (151, None));
            assert_eq!(desk.send(&delivery), AttemptOutcome::Delivered { status: None });
            assert_eq!(desk.send(&delivery), AttemptOutcome::Delivered { status: None });
            assert_eq!(desk.fake.issues().len(), 151);
            assert_eq!(desk.linked(story, provider).as_deref(), Some("151 open"));
        }
    });
}

#[test]
fn a_temporary_tracker_error_is_tried_again_and_a_permanent_one_given_up() {
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
                AttemptOutcome::Retry { status: got, after, error } => {
                    assert!(again && got == Some(status) && !error.contains("t0ken"), "{status}: {error}");
                    assert_eq!(after, Some(Duration::from_secs(7)));
                }
                AttemptOutcome::Dead { status: got, .. } => assert!(!again && got == Some(status), "{status}"),
                other => panic!("{status}: {other:?}"),
            }
        }
        let nobody = Trackers::new(Client::new(true, Duration::from_secs(5)), None, None);
        assert!(matches!(nobody.send(store, &delivery), AttemptOutcome::Retry { status: None, .. }));
        assert_eq!(desk.fake.issues().len(), 0);
        // An issue that was removed at the tracker counts as closed.
        desk.fake.fails(&[]);
        assert_eq!(desk.send(&delivery), AttemptOutcome::Delivered { status: None });
        desk.move_to(story, "declined");
        desk.fake.fails(&[Some(Fault::Refused(410))]);
        desk.bring_in_step(story);
        assert_eq!(desk.linked(story, "github").as_deref(), Some("1 deleted"));
    });
}

#[test]
fn an_issue_never_contains_the_words_of_a_customer() {
    on_each_store(|store| {
        let desk = Desk::new(store, tracker("github", false));
        let theme = Id::next();
        store
            .write_now(Actor::COMMAND, move |tx| {
                let product = products::find(tx.conn, "HB")?.unwrap().id;
                themes::rows::insert(tx, &[NewTheme { id: theme, product, label: "Refunds".to_owned() }])?;
                let said = json!({ "text": "I check my balance every Sunday night before church" });
                let said: NewFeedback = decode(said).unwrap();
                let filed = filing::file(tx, std::slice::from_ref(&said))?.remove(0)?.feedback;
                assignments::place(tx, &[(filed.id, theme, 0.9)]).map(drop)
            })
            .unwrap();
        let input = json!({ "theme_id": theme, "title": "Refunds", "as_a": "customer", "i_want": "to know the day" });
        let story = desk.story(input).id;
        let criterion = |text: &str, cites: bool| Criterion {
            text: text.to_owned(),
            feedback_ids: if cites { vec![Id::next()] } else { Vec::new() },
            ..Criterion::default()
        };
        let criteria = vec![
            criterion("Customers who said “Min-ji waits” no longer do.", true),
            criterion("Shown to those who check my balance every Sunday night.", false),
            criterion("The day is <!-- shown --> to everyone.", false),
            criterion("Support is told as @all.", false),
            criterion("It also works #offline.", false),
        ];
        store
            .write_now(Actor::ENGINE, move |tx| {
                let drafted = Story {
                    drafted_by: "builtin".to_owned(),
                    edited: false,
                    stage: Stage::Accepted,
                    so_that: "I can finally sleep, says Min-ji".to_owned(),
                    acceptance_criteria: criteria.clone(),
                    in_scope: vec!["Mail".to_owned(), "Those who check my balance every Sunday".to_owned()],
                    ..stories::rows::get(tx.conn, story)?
                };
                stories::rows::update(tx, &drafted)
            })
            .unwrap();
        // Asked for by a person it is refused, and says what to reword; by itself it leaves the words out.
        let refused = desk.store.write_now(Actor::COMMAND, move |tx| tracker::request(tx, story)).unwrap_err();
        assert_eq!(refused.code, Code::QuotesCustomer);
        let named: Vec<&str> = refused.fields.iter().map(|field| field.pointer.as_str()).collect();
        for field in ["/so_that", "/acceptance_criteria/1", "/acceptance_criteria/3", "/in_scope/1"] {
            assert!(named.contains(&field), "{field}: {refused:?}");
        }
        for field in ["/acceptance_criteria/0", "/acceptance_criteria/2", "/acceptance_criteria/4", "/in_scope/0"] {
            assert!(!named.contains(&field), "{field}: {refused:?}");
        }
        let product = desk.store.read_now(|conn| stories::rows::get(conn, story)).unwrap().product_id;
        let ask = move |tx: &mut hearback::store::Tx<'_>| {
            let data = json!({ "story_id": story, "provider": "github", "repository": "acme/app" });
            tx.event(tracker::CREATE, story, Some(product), data);
            Ok(())
        };
        desk.store.write_now(Actor::COMMAND, ask).unwrap();
        desk.bring_in_step(story);
        let body = desk.fake.issues()[0]["body"].as_str().unwrap().to_owned();
        assert!(!body.contains("Min-ji") && !body.contains("Sunday"), "{body}");
        assert!(body.contains("As a customer"), "{body}");
        assert!(
            !body.contains("Customers who said") && body.contains("What customers said stays in Hearback."),
            "{body}"
        );
        // What quotes nobody is there, each criterion by itself; no markup of ours can be forged.
        let shown: Vec<&str> = body.lines().filter(|line| line.starts_with("- ")).collect();
        let criteria =
            ["- [ ] The day is &lt;!-- shown --> to everyone.", "- [ ] It also works #\u{200b}offline.", "- Mail"];
        assert_eq!(shown, criteria, "{body}");
        assert!(body.ends_with(&format!("<!-- hearback:{story} -->\n")), "{body}");
    });
}

#[test]
fn erasing_a_person_takes_their_words_out_of_the_issue() {
    on_each_store(|store| {
        for provider in ["github", "gitlab"] {
            let desk = Desk::new(store, tracker(provider, false));
            let theme = Id::next();
            let filed = json!({
                "text": "My landlord Jonas Brandt waits for the rent refund",
                "customer": { "email": format!("{theme}@example.com"), "name": "Minji Park" },
            });
            let filed: NewFeedback = decode(filed).unwrap();
            let customer = store
                .write_now(Actor::COMMAND, move |tx| {
                    let product = products::find(tx.conn, "HB")?.unwrap().id;
                    themes::rows::insert(tx, &[NewTheme { id: theme, product, label: "Refunds".to_owned() }])?;
                    let filed = filing::file(tx, std::slice::from_ref(&filed))?.remove(0)?.feedback;
                    assignments::place(tx, &[(filed.id, theme, 0.9)])?;
                    Ok(filed.customer.unwrap().id)
                })
                .unwrap();
            let title = "My landlord Jonas Brandt waits";
            let story = desk.story(json!({ "theme_id": theme, "title": title })).id;
            let ask = move |tx: &mut hearback::store::Tx<'_>| tracker::request(tx, story).map(drop);
            assert_eq!(store.write_now(Actor::COMMAND, ask).unwrap_err().code, Code::QuotesCustomer);
            store.write_now(Actor::COMMAND, move |tx| quoting::confirm(tx, story, None)).unwrap();
            desk.request(story);
            desk.bring_in_step(story);
            let text = if provider == "github" { "body" } else { "description" };
            assert_eq!(desk.fake.issues()[0]["title"], title);
            let written = format!("{}\nDone in #4", desk.fake.issues()[0][text].as_str().unwrap());
            desk.fake.state.lock().unwrap().issues[0][text] = json!(written);

            store.write_now(Actor::COMMAND, move |tx| erasure::customer(tx, customer, None)).unwrap();
            desk.bring_in_step(story);
            let [issue] = desk.fake.issues().try_into().unwrap();
            assert!(!issue.to_string().contains("Jonas"), "{issue}");
            assert!(issue["title"].as_str().unwrap().starts_with("What customers asked for"), "{issue}");
            assert!(issue[text].as_str().unwrap().ends_with("Done in #4"), "what developers added stays: {issue}");
        }
    });
}
