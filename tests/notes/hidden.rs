//! Notes are never shown to customers, trackers, desks or webhooks: every output is searched for a marker.

use hearback::domain::{
    base::Id,
    team::{DEFAULT_PRODUCT, Role},
};
use hearback::store::stories;
use hearback::usecase::{
    integrations::webhooks,
    stories::{issue_text, texts},
};
use serde_json::json;

use super::subjects::{jin, note, path};
use crate::closure::with_mail;

const MARKER: &str = "quuxwimble";

#[test]
fn notes_reach_the_team_only() {
    with_mail(|world| {
        let jin = jin(world);
        world.person("Ana", "ana@team.example", Role::Viewer, "en");
        let admin = world.token(Role::Admin);
        let hook = |desk: Option<&str>| {
            let input = json!({ "url": "https://example.com/hook", "desk_origin": desk });
            let input = hearback::domain::base::decode::decode(input).unwrap();
            let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo=";
            world.write(move |tx| webhooks::create(tx, &input, secret, &|_| Ok(()))).unwrap().id
        };
        let (webhook, desk) = (hook(None), hook(Some("zendesk")));
        let theme = world.new_theme("Refunds");
        let said = json!({ "text": "The refund has not arrived", "origin": "own", "customer": { "email": "ann@example.com" } });
        let service = hearback::domain::base::Actor { kind: "service", id: Some(Id::next()) };
        let (feedback, customer) = world.file_as(service, theme, said);
        let desks = world.customer("bob@example.com").about(theme).files("The refund has not arrived at all").customer;
        let (customer, story) = (customer.unwrap(), world.story_about(theme));
        let text = json!({ "text": format!("@Ana {MARKER}: she is about to leave us") });
        for subject in [
            format!("feedback/{feedback}"),
            format!("stories/{story}"),
            format!("customers/{customer}"),
            format!("customers/{desks}"),
        ] {
            note(world, &jin.token, &format!("/v1/{subject}"), text.clone());
        }
        let release = world.send("POST", "/v1/releases", &admin, Some(&json!({ "name": "7.4" }))).id();
        let put = world.send(
            "POST",
            &format!("/v1/releases/{release}/stories"),
            &admin,
            Some(&json!({ "story_ids": [story] })),
        );
        assert_eq!(put.status, 200, "{}", put.body);
        world.go(story, "ready");
        let shipped =
            world.send("POST", &format!("/v1/releases/{release}/ship"), &admin, Some(&json!({ "deployed": true })));
        assert_eq!(shipped.status, 200, "{}", shipped.body);
        for closure in world.closures(story) {
            note(world, &jin.token, &format!("/v1/closures/{}", closure.id), text.clone());
        }
        world.pump();

        let mut public: Vec<(String, String)> = Vec::new();
        let to_customer = world.mails().mails_to("ann@example.com").remove(0);
        for path in
            [to_customer.answer(), to_customer.unsubscribe(), "/feeds/HB/changelog.atom".to_owned(), "/".to_owned()]
        {
            public.push((path.clone(), world.open("GET", &path).send().body));
        }
        let answered = world.submit(&to_customer.answer(), "answer=solved");
        public.push(("the answer".to_owned(), answered.body));
        for mail in world.mails().mails() {
            let is_ours = mail.to == "ana@team.example";
            assert_eq!(mail.text.contains(MARKER), is_ours, "to {}", mail.to);
        }
        let issue = world.store().read_now(move |conn| {
            let story = stories::rows::get(conn, story)?;
            texts::for_tracker(conn, &story)
        });
        let issue = issue.unwrap();
        public.push((
            "the tracker".to_owned(),
            format!("{} {}", issue.title, issue_text::write(&issue, None, "<!-- m -->")),
        ));
        let reads = [
            format!("/v1/products/{DEFAULT_PRODUCT}/changelog"),
            format!("/v1/products/{DEFAULT_PRODUCT}/changelog.md"),
            format!("/v1/customers/{customer}/stories"),
            format!("/v1/stories/{story}"),
            format!("/v1/stories/{story}/history"),
            format!("/v1/stories/{story}/preview"),
            format!("/v1/stories/{story}/closures"),
            format!("/v1/stories/{story}/feedback"),
            format!("/v1/trace/{story}"),
            "/v1/events".to_owned(),
            "/v1/deliveries?limit=200".to_owned(),
            format!("/v1/webhooks/{webhook}/deliveries?limit=200"),
            format!("/v1/webhooks/{desk}/deliveries?limit=200"),
        ];
        for path in reads {
            let read = world.send("GET", &path, &admin, None);
            assert_eq!(read.status, 200, "{path}: {}", read.body);
            public.push((path, read.body));
        }
        for (what, text) in &public {
            assert!(!text.contains(MARKER), "{what}: {text}");
        }
    });
}

#[test]
fn webhooks_are_told_of_notes_without_their_words() {
    with_mail(|world| {
        let (jin, story) = (jin(world), world.story_about(world.new_theme("Refunds")));
        let written =
            note(world, &jin.token, &format!("/v1/stories/{story}"), json!({ "text": format!("@Jin Lee {MARKER}") }));
        world.send("PATCH", &path(&written), &jin.token, Some(&json!({ "text": format!("{MARKER} 2") })));
        world.send("DELETE", &path(&written), &jin.token, None);
        let input = json!({ "url": "https://example.com/hook", "events": ["note.*"] });
        let input = hearback::domain::base::decode::decode(input).unwrap();
        let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo=";
        let hook = world.write(move |tx| webhooks::create(tx, &input, secret, &|_| Ok(()))).unwrap().id;
        // The event log can be read to its end only after older transactions ended.
        world.fan_out();
        let log = world.send("GET", &format!("/v1/events?subject={story}&kind=note.*"), &jin.token, None).json();
        let kinds: Vec<_> = log["data"].as_array().unwrap().iter().map(|event| event["kind"].clone()).collect();
        assert_eq!(kinds, ["note.created", "note.edited", "note.deleted"]);
        assert!(log["data"].as_array().unwrap().iter().all(|event| event["data"]["note_id"] == written["id"]), "{log}");
        assert!(!log.to_string().contains(MARKER), "{log}");
        // Messages to webhooks are made from these events alone.
        let events = world
            .app()
            .store
            .read_now(|conn| hearback::store::base::events::after(conn, Default::default(), 1_000))
            .unwrap();
        world
            .write(move |tx| {
                let mut signed = hearback::store::integrations::webhooks::signed(tx.conn, hook)?;
                signed.since = Default::default();
                events.iter().try_for_each(|event| webhooks::fan_out(tx, std::slice::from_ref(&signed), event))
            })
            .unwrap();
        let admin = world.token(Role::Admin);
        let told = world.send("GET", &format!("/v1/webhooks/{hook}/deliveries"), &admin, None);
        assert_eq!(told.json()["data"].as_array().map(Vec::len), Some(3), "{}", told.body);
        assert!(!told.body.contains(MARKER), "{}", told.body);
    });
}
