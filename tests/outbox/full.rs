//! Webhook messages of the format `full`: the current resource, what changed and a sentence, and never words of a
//! customer.

use hearback::domain::base::decode::decode;
use hearback::domain::{
    base::{Actor, Id},
    feedback::NewFeedback,
    integrations::{DeliveryState, NewWebhook, Webhook},
    stories::{NewStory, Story},
    team::DEFAULT_PRODUCT,
};
use hearback::http::base::operations::description;
use hearback::jobs::outbox::{Outbox, WebhookSender};
use hearback::store::themes::{self, rows::NewTheme};
use hearback::store::{Store, Tx, stories, themes::assignments};
use hearback::usecase::{
    feedback::filing, integrations::webhooks, privacy::erasure, stories::planning, team::products, themes::corrections,
};
use serde_json::{Value, json};

use super::receiver::Receiver;
use super::sending::{SECRET, all, settle, turn};
use crate::support::{follows_the_description, on_each_store};

#[test]
fn every_example_of_the_description_follows_it() {
    let webhooks = description()["webhooks"].as_object().expect("webhooks");
    assert!(webhooks.len() > 100, "{} kinds", webhooks.len());
    for (kind, item) in webhooks {
        let post = &item["post"];
        let example = &post["requestBody"]["content"]["application/json"]["example"];
        assert_eq!(example["type"], json!(kind));
        follows_the_description(example);
        assert!(post["responses"]["2XX"].is_object() && post["description"].as_str().is_some_and(|d| d.len() > 20));
        let header = |part: &Value| {
            let name = part["$ref"].as_str().unwrap_or_default().trim_start_matches("#/components/parameters/");
            description()["components"]["parameters"][name]["name"].as_str().unwrap_or_default().to_owned()
        };
        let headers: Vec<String> = post["parameters"].as_array().into_iter().flatten().map(header).collect();
        assert_eq!(headers, ["webhook-id", "webhook-timestamp", "webhook-signature"], "{kind}");
    }
}

/// A store with a webhook in a format that gets every event.
struct Subscriber<'a> {
    store: &'a Store,
    receiver: Receiver,
    hook: Webhook,
    outbox: Outbox,
}

impl<'a> Subscriber<'a> {
    fn new(store: &'a Store, events: &[&str], format: &str) -> Self {
        let receiver = Receiver::answering("200 OK");
        let input = json!({ "url": receiver.url, "events": events, "format": format });
        let input: NewWebhook = decode(input).expect("input");
        let create = move |tx: &mut Tx<'_>| webhooks::create(tx, &input, SECRET, &|_| Ok(()));
        let hook = store.write_now(Actor::COMMAND, create).expect("a webhook");
        settle(store, hook.id);
        let sender = WebhookSender::new(true).at(Some("https://voice.example.com".to_owned()));
        Self { store, receiver, hook, outbox: Outbox::new(store.clone()).with_sender(sender) }
    }

    fn write<T: Send + 'static>(
        &self,
        work: impl FnMut(&mut Tx<'_>) -> hearback::error::Result<T> + Send + 'static,
    ) -> T {
        self.store.write_now(Actor::COMMAND, work).expect("it is written")
    }

    /// Writes an event and returns the messages since the last call; each is checked against the API description.
    fn sent(&self, about: Id) -> Vec<Value> {
        let before = self.receiver.count();
        settle(self.store, about);
        self.outbox.run_until_idle().expect("it runs");
        let messages = self.receiver.got().split_off(before);
        assert!(messages.iter().all(|message| message.verifies(SECRET)), "what is sent is what is signed");
        let messages: Vec<Value> = messages.iter().map(|message| message.json()).collect();
        messages.iter().for_each(follows_the_description);
        messages
    }

    /// The last message with this kind.
    fn last(&self, about: Id, kind: &str) -> Value {
        let sent = self.sent(about);
        let found = sent.iter().rfind(|m| m["type"] == kind && m["data"]["subject_id"] == json!(about));
        found.unwrap_or_else(|| panic!("no {kind} in {sent:?}")).clone()
    }

    fn settings(&self, settings: Value) {
        let patch = json!({ "settings": settings });
        self.write(move |tx| products::edit(tx, DEFAULT_PRODUCT, None, &patch));
    }

    /// A theme with feedback of these customers; returns its id and the first customer's.
    fn theme(&self, said: &[(&str, &str)]) -> (Id, Id) {
        let theme = Id::next();
        let inputs: Vec<NewFeedback> = said
            .iter()
            .map(|(name, text)| {
                let email = format!("{}@people.example", Id::next());
                decode(json!({ "text": text, "customer": { "email": email, "name": name } })).expect("input")
            })
            .collect();
        let customer = self.write(move |tx| {
            themes::rows::insert(
                tx,
                &[NewTheme { id: theme, product: DEFAULT_PRODUCT, label: "New theme".to_owned() }],
            )?;
            let mut first = None;
            for filed in filing::file(tx, &inputs)? {
                let filed = filed?.feedback;
                assignments::place(tx, &[(filed.id, theme, 0.9)])?;
                first = first.or(filed.customer.map(|customer| customer.id));
            }
            themes::rows::refresh_counts(tx, &[theme])?;
            Ok(first.expect("a customer"))
        });
        (theme, customer)
    }

    fn story(&self, input: Value) -> Story {
        let input: NewStory = decode(input).expect("input");
        self.write(move |tx| planning::create(tx, &input))
    }

    fn patch(&self, story: Id, patch: Value) {
        self.write(move |tx| planning::edit(tx, story, None, &patch));
    }
}

const SAID: [(&str, &str); 2] = [
    ("Jonas Brandt", "My landlord Jonas waits for the rent refund since Easter"),
    ("Minji Park", "the refund of my deposit never came"),
];

#[test]
fn a_full_message_says_what_it_is_about_what_changed_and_a_sentence() {
    on_each_store(|store| {
        let subscriber = Subscriber::new(store, &["story.*"], "full");
        let story = subscriber.story(json!({ "title": "Refunds show a date" }));
        subscriber.sent(story.id);
        subscriber.patch(story.id, json!({ "effort": 2.5, "title": "Refunds show the day" }));
        let message = subscriber.last(story.id, "story.updated");
        assert_eq!(message["text"], json!(format!("{} “Refunds show the day” changed.", story.number)));
        assert_eq!(message["changed"]["effort"], json!({ "from": null, "to": 2.5 }));
        assert_eq!(message["changed"]["title"], Value::Null, "words are not among what changed");
        let resource = &message["resource"];
        assert_eq!(
            (&resource["type"], &resource["number"], &resource["stage"], &resource["title"]),
            (&json!("story"), &json!(story.number), &json!("draft"), &json!("Refunds show the day"))
        );
        assert_eq!(resource["url"], json!(format!("https://voice.example.com/v1/stories/{}", story.id)));
        let kept = all(store, subscriber.hook.id).pop().expect("a delivery");
        assert!(!kept.body.to_string().contains("Refunds") && kept.body["text"].is_null(), "nothing of it is kept");

        subscriber.settings(json!({ "language": "ko" }));
        subscriber.patch(story.id, json!({ "effort": 3 }));
        let message = subscriber.last(story.id, "story.updated");
        assert!(message["text"].as_str().is_some_and(|text| text.ends_with("스토리가 바뀌었습니다.")), "{message}");
    });
}

#[test]
fn a_webhook_of_the_usual_format_is_told_the_event_alone() {
    on_each_store(|store| {
        let subscriber = Subscriber::new(store, &["story.*"], "event");
        let story = subscriber.story(json!({ "title": "Refunds show a date" }));
        let message = subscriber.last(story.id, "story.created");
        let fields: Vec<&String> = message.as_object().expect("an object").keys().collect();
        assert_eq!(fields, ["data", "timestamp", "type"]);
        assert!(!message.to_string().contains("Refunds"));
    });
}

#[test]
fn a_title_that_quotes_a_customer_and_the_label_that_names_one_are_in_no_message() {
    on_each_store(|store| {
        let subscriber = Subscriber::new(store, &[], "full");
        let (theme, customer) = subscriber.theme(&SAID);
        let story = subscriber.story(json!({ "theme_id": theme, "title": "Landlord Jonas waits for the rent refund" }));
        let message = subscriber.last(story.id, "story.created");
        let title = format!("What customers asked for ({})", story.number);
        assert_eq!(message["resource"]["title"], json!(title));
        subscriber.patch(story.id, json!({ "title": "Refunds arrive in a week" }));
        assert_eq!(subscriber.last(story.id, "story.updated")["resource"]["title"], "Refunds arrive in a week");

        for (label, shown) in [("Refunds", json!("Refunds")), ("What Jonas Brandt waits for", Value::Null)] {
            let patch = json!({ "label": label });
            subscriber.write(move |tx| corrections::rename(tx, theme, None, &patch));
            let message = subscriber.last(theme, "theme.renamed");
            assert_eq!((&message["resource"]["label"], &message["resource"]["size"]), (&shown, &json!(2)));
        }

        subscriber.write(move |tx| erasure::customer(tx, customer, None));
        subscriber.sent(customer);
        for message in subscriber.receiver.got() {
            for word in ["Jonas", "Brandt", "Minji", "landlord", "deposit", "people.example"] {
                assert!(!message.body.contains(word), "{word} in {}", message.body);
            }
        }
    });
}

#[test]
fn messages_sent_later_show_the_present_state_and_nothing_deleted() {
    on_each_store(|store| {
        let subscriber = Subscriber::new(store, &["story.*"], "full");
        let story = subscriber.story(json!({ "title": "Refunds show a date" }));
        let deaf = Receiver::answering("500 No");
        let heard = subscriber.receiver.url.clone();
        let to = |url: String| {
            let id = subscriber.hook.id;
            subscriber.write(move |tx| webhooks::edit(tx, id, None, &json!({ "url": url }), &|_| Ok(())));
        };
        to(deaf.url.clone());
        assert_eq!(subscriber.sent(story.id).len(), 0);
        let first = deaf.got().remove(0);
        assert!(first.body.contains("Refunds show a date"), "{}", first.body);

        let id = story.id;
        subscriber.write(move |tx| {
            let words = Story { title: "Days of refunds".to_owned(), ..stories::rows::get(tx.conn, id)? };
            stories::rows::update(tx, &words)
        });
        to(heard);
        turn(store, &all(store, subscriber.hook.id)[0]);
        subscriber.outbox.run_until_idle().expect("it runs");
        let again = subscriber.receiver.got().remove(0);
        assert_eq!(again.id(), first.id(), "the same message");
        assert!(again.body.contains("Days of refunds") && again.verifies_at_its_time(SECRET), "{}", again.body);

        // An event about what is not there: the event, and a sentence that names nothing.
        let gone = Id::next();
        subscriber.write(move |tx| {
            let data = json!({ "from": "draft", "to": "accepted", "has_reason": false });
            tx.event("story.moved", gone, Some(DEFAULT_PRODUCT), data);
            Ok(())
        });
        settle(store, gone);
        subscriber.outbox.run_until_idle().expect("it runs");
        let message = subscriber.receiver.got().pop().expect("a message").json();
        follows_the_description(&message);
        assert_eq!((&message["resource"], &message["changed"]), (&Value::Null, &Value::Null));
        assert_eq!(message["text"], "A story moved from draft to accepted.");
        assert_eq!(message["data"]["details"]["to"], "accepted");
    });
}

#[test]
fn a_test_message_of_a_chat_has_a_sentence() {
    on_each_store(|store| {
        let subscriber = Subscriber::new(store, &["story.moved"], "full");
        let id = subscriber.hook.id;
        subscriber.write(move |tx| webhooks::test(tx, id));
        subscriber.outbox.run_until_idle().expect("it runs");
        let message = subscriber.receiver.got().remove(0).json();
        follows_the_description(&message);
        assert_eq!(message["text"], "This is a test message from Hearback.");
        assert_eq!(all(store, id)[0].state, DeliveryState::Delivered);
    });
}
