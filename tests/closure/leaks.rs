//! No customer learns the words or the identity of another one: every mail, the feed and the tracker are searched for
//! them.

use std::collections::BTreeSet;

use hearback::domain::{
    base::{Actor, Id, Paging, decode::decode},
    integrations::{NewWebhook, new_webhook_secret},
    stories::{NewStory, Story},
    team::Role,
};
use hearback::error::{Code, Result};
use hearback::store::base::events::{self, Logged, Position};
use hearback::store::{
    integrations::{deliveries, webhooks as stored_webhooks},
    stories,
};
use hearback::usecase::{
    integrations::{webhook_body, webhooks},
    stories::{issue_text, planning, texts},
};
use serde_json::{Value, json};

use super::with_mail;
use crate::support::World;
use crate::support::follows_the_description;

/// Four customers; the first gives their name. Each also says something that is private.
const SAID: [(&str, &str, &str); 4] = [
    ("김서연", "k1@pii.example", "김서연(010-2345-6789)인데 지문 등록 화면이 멈춥니다. 강남 점에서요"),
    ("박민지", "k2@pii.example", "지문 등록 화면이 멈춰요 회의 중이었는데"),
    ("최유나", "k3@pii.example", "지문 등록 화면에서 멈췄어요 아버지 휴대폰"),
    ("한도윤", "k4@pii.example", "지문 등록 화면 멈춤 베트남 여행"),
];
/// Private words and names of one customer each.
const THEIRS: [&str; 12] =
    ["김서연", "서연", "010", "6789", "강남", "회의", "아버지", "베트남", "박민지", "최유나", "한도윤", "pii.example"];

fn drafted(world: &World, said: &[(&str, &str, &str)]) -> Story {
    let theme = world.new_theme("Refunds");
    for (name, email, text) in said {
        let customer = json!({ "email": email, "name": name });
        let input = json!({ "text": text, "origin": "zendesk", "customer": customer });
        world.file_as(Actor { kind: "service", id: Some(Id::next()) }, theme, input);
    }
    let input: NewStory = decode(json!({ "theme_id": theme })).unwrap();
    let story = world.write(move |tx| planning::create(tx, &input)).unwrap();
    world.go(story.id, "accepted");
    story
}

fn shipped(world: &World, story: Id, name: &str) {
    let product = world.token(Role::Admin);
    let release = world.send("POST", "/v1/releases", &product, Some(&json!({ "name": name }))).json();
    let path = format!("/v1/releases/{}", release["id"].as_str().unwrap());
    let put = world.send("POST", &format!("{path}/stories"), &product, Some(&json!({ "story_ids": [story] })));
    assert_eq!(put.status, 200, "{}", put.body);
    world.go(story, "ready");
    let shipped = world.send("POST", &format!("{path}/ship"), &product, Some(&json!({ "deployed": true })));
    assert_eq!(shipped.status, 200, "{}", shipped.body);
    world.pump();
}

#[test]
fn nothing_that_leaves_the_team_holds_the_words_of_one_customer() {
    with_mail(|world| {
        let story = drafted(world, &SAID);
        assert_eq!(story.title, "지문 등록 화면 멈춤");
        shipped(world, story.id, "7.4");

        for (_, email, own) in SAID {
            let mail = world.mails().mails_to(email).remove(0);
            // A customer may read their own words, name and address.
            let of_others = THEIRS.iter().filter(|word| !own.contains(*word) && !email.contains(*word));
            let name = SAID.iter().find(|(_, of, _)| *of == email).unwrap().0;
            for word in of_others.filter(|word| !name.contains(*word)) {
                assert!(!mail.subject.contains(word) && !mail.text.contains(word), "{word} in {}", mail.text);
            }
            assert!(mail.subject.ends_with("지문 등록 화면 멈춤"), "{}", mail.subject);
        }
        let feed = world.open("GET", "/feeds/HB/changelog.atom").send().body;
        assert!(feed.contains("지문 등록 화면 멈춤"), "{feed}");
        let id = story.id;
        let issue = world.store().read_now(move |conn| {
            let story = stories::rows::get(conn, id)?;
            texts::for_tracker(conn, &story)
        });
        let issue = issue.unwrap();
        for text in [&without_ids(&feed), &issue.title, &issue_text::write(&issue, None, "<!-- marker -->")] {
            for word in THEIRS {
                assert!(!text.contains(word), "{word} in {text}");
            }
        }
    });
}

/// A text without its ids, whose random digits may look like a part of a telephone number.
fn without_ids(text: &str) -> String {
    let mut text = text.to_owned();
    let is_id = |text: &str, at: usize| text.get(at..at + 36).is_some_and(|part| part.parse::<Id>().is_ok());
    while let Some(at) = (0..text.len()).find(|at| is_id(&text, *at)) {
        text.replace_range(at..at + 36, "ID");
    }
    text
}

#[test]
fn a_title_that_quotes_a_customer_goes_nowhere_until_it_is_reworded_or_confirmed() {
    with_mail(|world| {
        let said = [
            ("Hannah Schmidt", "h1@example.com", "Login page rejects iris scan since Monday, Hannah Schmidt"),
            ("Ann Lee", "h2@example.com", "the login page rejects my iris scan"),
            ("Bob Ray", "h3@example.com", "iris scan rejected on the login page"),
        ];
        let story = drafted(world, &said);
        let (id, token) = (story.id, world.token(Role::Product));
        let path = format!("/v1/stories/{id}");
        let edit = |title: &str| world.send("PATCH", &path, &token, Some(&json!({ "title": title })));
        edit("Login page rejects iris scan since Monday");
        world.go(id, "testing");
        let refused = world.transition(id, json!({ "to": "ready" })).unwrap_err();
        assert_eq!(refused.code, Code::QuotesCustomer);
        assert!(refused.detail.contains(&story.number) && refused.detail.contains("monday"), "{}", refused.detail);
        let declined = world.transition(id, json!({ "to": "declined", "reason": "No" })).unwrap_err();
        assert_eq!(declined.code, Code::QuotesCustomer, "a decline is mailed");
        let report = world.send("GET", &format!("{path}/quotes"), &token, None).json();
        assert_eq!(report["quotes"][0]["field"], "title");

        for (title, reason) in
            [("What Hannah Schmidt asked for", "name"), ("Call 010-2345-6789 when it works", "personal_data")]
        {
            edit(title);
            let report = world.send("GET", &format!("{path}/quotes"), &token, None).json();
            assert!(report["quotes"].as_array().unwrap().iter().any(|quote| quote["reason"] == reason), "{report}");
            assert_eq!(world.transition(id, json!({ "to": "ready" })).unwrap_err().code, Code::QuotesCustomer);
        }

        // A member confirms the quotes. The confirmation is recorded, and holds for these words only.
        edit("Login page rejects iris scan since Monday");
        let confirmed = world.send("POST", &format!("{path}/confirm_quotes"), &token, Some(&json!({}))).json();
        assert!(confirmed["confirmed_at"].is_string() && confirmed["confirmed_by"].is_string(), "{confirmed}");
        assert!(world.kinds_of(id).contains(&"story.quotes_confirmed".to_owned()));
        world.go(id, "ready");
        assert_eq!(
            edit("My words: rejects my iris scan, Ann Lee").status,
            409,
            "what is ready is checked as it changes"
        );
        assert_eq!(edit("Iris scans work again").status, 200);
        world.go(id, "released");
        world.pump();
        let mail = world.mails().mails_to("h2@example.com").remove(0);
        assert!(mail.subject.ends_with("Iris scans work again"), "{}", mail.subject);
    });
}

#[test]
fn a_text_that_nobody_checked_is_not_shown() {
    with_mail(|world| {
        let story = drafted(world, &SAID);
        shipped(world, story.id, "7.5");
        // A story from before this check existed, whose title is a customer's sentence.
        let id = story.id;
        world
            .write(move |tx| {
                let old =
                    Story { title: "강남 점에서 지문 등록".to_owned(), ..stories::rows::get(tx.conn, id)? };
                stories::rows::update(tx, &old)
            })
            .unwrap();
        let feed = world.open("GET", "/feeds/HB/changelog.atom").send().body;
        assert!(!feed.contains("강남") && feed.contains("고객 요청 사항"), "{feed}");
        let english = world.open("GET", "/feeds/HB/changelog.atom?language=en").send().body;
        assert!(english.contains("What customers asked for"), "{english}");
    });
}

#[test]
fn the_feed_speaks_the_language_that_is_asked_for() {
    with_mail(|world| {
        let story = drafted(world, &SAID);
        let token = world.token(Role::Product);
        let said: Value = json!({ "en": { "title": "Fingerprints enrol without freezing" } });
        world.send("PATCH", &format!("/v1/stories/{}", story.id), &token, Some(&json!({ "texts": said })));
        shipped(world, story.id, "7.6");
        let feed = |query: &str| world.open("GET", &format!("/feeds/HB/changelog.atom{query}")).send().body;
        assert!(feed("").contains("지문 등록 화면 멈춤"));
        assert!(feed("?language=en").contains("Fingerprints enrol without freezing"));
        assert!(feed("?language=de").contains("Fingerprints enrol"), "English where nobody wrote it in German");
    });
}

/// The body of every event so far in a webhook of the format `full`.
fn messages(world: &World) -> Vec<Value> {
    world.fan_out();
    let log = world.store().read_now(|conn| events::after(conn, Position::default(), 2_000)).unwrap();
    let told = |log: &[Logged]| {
        let input: NewWebhook = decode(json!({ "url": "https://chat.example.com/", "format": "full" })).unwrap();
        let (log, secret) = (log.to_vec(), new_webhook_secret().unwrap());
        let told = world.write(move |tx| {
            let webhook = webhooks::create(tx, &input, &secret, &|_| Ok(()))?;
            let mut signed = stored_webhooks::signed(tx.conn, webhook.id)?;
            signed.since = Position::default();
            log.iter().try_for_each(|event| webhooks::fan_out(tx, std::slice::from_ref(&signed), event))?;
            let paging = Paging::new(Some(200), None, String::new())?;
            let deliveries = deliveries::of_target(tx.conn, webhook.id, None, &paging)?.data;
            deliveries.iter().map(|delivery| webhook_body::full(tx.conn, delivery, None)).collect::<Result<Vec<_>>>()
        });
        told.unwrap()
    };
    log.chunks(150).flat_map(told).collect()
}

#[test]
fn no_message_to_a_webhook_holds_the_words_of_one_customer() {
    with_mail(|world| {
        let story = drafted(world, &SAID);
        let (id, theme) = (story.id, story.theme_ids[0]);
        let token = world.token(Role::Product);
        let done = |method: &str, path: String, body: Value| {
            let answer = world.send(method, &path, &token, Some(&body));
            assert!(answer.status < 300, "{path}: {}", answer.body);
            answer.json()
        };
        done("PATCH", format!("/v1/themes/{theme}"), json!({ "label": "김서연 고객님의 지문 등록" }));
        done(
            "PATCH",
            format!("/v1/stories/{id}"),
            json!({ "effort": 2, "title": "등록 화면이 멈춥니다 강남 점에서요" }),
        );
        let named = messages(world);
        let title = format!("고객 요청 사항 ({})", story.number);
        let of_story = |message: &&Value| message["resource"]["number"] == json!(story.number);
        assert!(named.iter().filter(of_story).all(|message| message["resource"]["title"] == json!(title)), "{named:?}");
        done("PATCH", format!("/v1/stories/{id}"), json!({ "title": "지문 등록 화면 멈춤" }));
        shipped(world, id, "7.7");
        let closures = world.closures(id);
        let (first, second) = (closures[0].id, closures[1].id);
        let words = "회의 중에 또 멈췄어요";
        done("POST", format!("/v1/closures/{first}/answer"), json!({ "solved": false, "because": words }));
        done("POST", format!("/v1/closures/{second}/answer"), json!({ "solved": true }));
        let item = closures[2].said_ids[0];
        done("POST", format!("/v1/feedback/{item}/dismiss"), json!({ "reason": "최유나 님의 요청" }));

        let mut kinds = BTreeSet::new();
        for message in named.into_iter().chain(messages(world)) {
            follows_the_description(&message);
            kinds.insert(message["type"].as_str().unwrap_or_default().to_owned());
            let said = message.to_string();
            // Words of digits are left out: ids and times contain digits too.
            for word in THEIRS.iter().filter(|word| word.parse::<u32>().is_err()) {
                assert!(!said.contains(word), "{word} in {said}");
            }
        }
        let told = ["closure.opened", "closure.reopened", "feedback.dismissed", "release.shipped", "theme.renamed"];
        assert!(told.iter().all(|kind| kinds.contains(*kind)), "{kinds:?}");
    });
}
