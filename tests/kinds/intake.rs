//! Kinds and items set aside: in filing, in grouping and after an upgrade.

use std::collections::{BTreeMap, BTreeSet};

use hearback::domain::base::decode::decode;
use hearback::domain::{
    base::{Actor, Id, Paging},
    feedback::{Feedback, FeedbackQuery, FeedbackRecord, Kind, KindSource, NewFeedback, SetAside, State},
    stories::{Story, StoryQuery},
    team::DEFAULT_PRODUCT,
};
use hearback::error::Code;
use hearback::jobs::feedback::recognition;
use hearback::jobs::themes::grouping::Grouping;
use hearback::outside::import::{ReadOptions, read};
use hearback::store::feedback;
use hearback::store::{
    Store, stories,
    team::products,
    themes::{self, assignments},
};
use hearback::usecase::feedback::{edits, filing};
use hearback::usecase::themes::groupers::Groups;
use serde_json::{Value, json};

use crate::support::on_each_store;

/// The rows of the sample.
pub fn sample() -> Vec<NewFeedback> {
    let rows = read(include_str!("../../examples/feedback.csv").as_bytes(), &ReadOptions::default()).unwrap();
    let plain = |mut row: Value| {
        // A plain number is for the import to interpret; here nobody asks for the value.
        if let Some(account) = row["customer"]["account"].as_object_mut() {
            account.remove("annual_value");
        }
        decode(row).unwrap()
    };
    rows.map(|row| plain(row.unwrap().content.unwrap())).collect()
}

fn file(store: &Store, inputs: &[Value]) -> Vec<Feedback> {
    let inputs: Vec<NewFeedback> = inputs.iter().map(|input| decode(input.clone()).unwrap()).collect();
    let filed = store.write_now(Actor::COMMAND, move |tx| filing::file(tx, &inputs)).unwrap();
    filed.into_iter().map(|filed| filed.unwrap().feedback).collect()
}

fn file_one(store: &Store, input: Value) -> Feedback {
    file(store, &[input]).remove(0)
}

fn get(store: &Store, id: Id) -> Feedback {
    store.read_now(|conn| feedback::rows::get(conn, id)).unwrap()
}

fn patch(store: &Store, id: Id, patch: Value) -> Feedback {
    store.write_now(Actor { kind: "member", id: None }, move |tx| edits::edit(tx, id, None, &patch)).unwrap()
}

fn group(store: &Store) {
    store.write_now(Actor::COMMAND, |tx| products::ask_refinement(tx, DEFAULT_PRODUCT)).unwrap();
    let mut job = Grouping::new(store.clone(), Groups::default());
    job.load().unwrap();
    // The lease of an earlier job runs out first.
    while let Err(e) = job.run_until_idle() {
        assert_eq!(e.code, Code::Unavailable, "{e:?}");
        std::thread::sleep(std::time::Duration::from_millis(500));
    }
}

fn stories(store: &Store) -> Vec<Story> {
    let query = StoryQuery::default();
    let paging = Paging::of("stories", &query).unwrap();
    store.read_now(|conn| stories::list::list(conn, &query, &paging, store.clock.now())).unwrap().data
}

fn list(store: &Store, query: FeedbackQuery) -> Vec<Feedback> {
    let paging = Paging::of("feedback", &query).unwrap();
    store.read_now(|conn| feedback::list::list(conn, &query, &paging)).unwrap().data
}

/// Files feedback of this many customers.
fn said(texts: impl IntoIterator<Item = String>) -> Vec<Value> {
    let one = |(n, text)| json!({ "text": text, "customer": { "external_id": format!("c{n}") } });
    texts.into_iter().enumerate().map(one).collect()
}

const WRAPPERS: [&str; 3] = [
    "{}\n\nBest regards,\nKim 1\nSenior Manager | Example Corp | Tel. +82 2 123 4567\nSent from my iPhone\n\nCONFIDENTIALITY NOTICE: This e-mail is for the exclusive use of the intended recipient. If you are not the intended recipient, please delete it.",
    "{}\n\nOn Tue, Mar 12, 2024 at 9:41 AM Support <support@example.com> wrote:\n> Thank you for contacting us. Your request (#3) has been received.\n> To add comments, reply to this email.",
    "<html><head><style>p{margin:0}</style></head><body><p class=\"MsoNormal\"><span style=\"font-size:11.0pt\">{}</span></p></body></html>",
];

#[test]
fn wrapped_texts_are_grouped_and_named_by_what_the_customers_say() {
    let requests = [
        "The refund has not arrived",
        "My refund is late",
        "Refund missing for my order",
        "I cannot log in",
        "Login fails with an error",
        "Log in does not work",
    ];
    on_each_store(|store| {
        let wrapped = requests.iter().flat_map(|said| WRAPPERS.map(|wrapper| wrapper.replacen("{}", said, 1)));
        let filed = file(store, &said(wrapped.flat_map(|text| [text.clone(), text])));
        group(store);

        let mut by_words: BTreeMap<usize, BTreeSet<Id>> = BTreeMap::new();
        for (n, item) in filed.iter().enumerate() {
            let now = get(store, item.id);
            assert_eq!(now.text, item.text, "the stored text stays whole");
            by_words.entry(n / 6).or_default().insert(now.theme.expect("a theme").id);
        }
        for (n, of_words) in by_words {
            assert_eq!(of_words.len(), 1, "{:?} in several themes, by its wrapper", requests[n]);
        }
        let shown = stories(store).into_iter().flat_map(|story| {
            let criteria = story.acceptance_criteria.into_iter().map(|criterion| criterion.text);
            criteria.chain([story.title, story.i_want]).collect::<Vec<_>>()
        });
        let labels = store.read_now(|conn| themes::rows::labels(conn, DEFAULT_PRODUCT)).unwrap();
        for words in shown.chain(labels.into_iter().map(|(_, label)| label)) {
            let lower = words.to_lowercase();
            let wrapper = ["regards", "wrote", "html", "style", "sent from", "recipient", "example.com", "contacting"];
            assert!(!wrapper.iter().any(|part| lower.contains(part)), "{words}");
        }
    });
}

#[test]
fn notices_and_bounces_get_no_theme_and_no_story_and_the_refund_leads() {
    on_each_store(|store| {
        let away = (10..22).map(|day| {
            format!("I am out of the office until {day} March with limited access to e-mail. For urgent matters contact Ann.")
        });
        let bounced = (0..12).map(|n| {
            format!(
                "Mail Delivery Subsystem: Delivery to the following recipient failed permanently: user{n}@example.com"
            )
        });
        let refunds = ["The refund is late", "My refund has not arrived", "Refund still missing"].repeat(4);
        let texts = away.chain(bounced).chain(refunds.into_iter().map(str::to_owned));
        let filed = file(store, &said(texts));
        assert_eq!(filed.iter().filter(|item| item.state == State::SetAside).count(), 24);
        group(store);

        assert_eq!(store.read_now(|conn| assignments::count_in(conn, State::SetAside)).unwrap(), 24);
        let aside = |reason| list(store, FeedbackQuery { set_aside: Some(reason), ..FeedbackQuery::default() });
        assert_eq!((aside(SetAside::AutoReply).len(), aside(SetAside::Bounce).len()), (12, 12));
        assert!(filed[..24].iter().all(|item| get(store, item.id).theme.is_none()));
        let titles: Vec<String> = stories(store).into_iter().map(|story| story.title.to_lowercase()).collect();
        assert!(!titles.is_empty() && titles.iter().all(|title| title.contains("refund")), "{titles:?}");

        // Corrected by a person, one is grouped like any other; filed again, it stays so.
        let id = filed[0].id;
        patch(store, id, json!({ "set_aside": null }));
        group(store);
        assert!(get(store, id).theme.is_some());
    });
}

#[test]
fn praise_gets_no_draft_and_a_derived_kind_is_shown_as_derived() {
    on_each_store(|store| {
        let filed = file(store, &said(["good", "nice", "Good app"].repeat(8).into_iter().map(str::to_owned)));
        let praise =
            filed.iter().all(|item| (item.kind, item.kind_source) == (Some(Kind::Praise), Some(KindSource::Derived)));
        assert!(praise, "{:?}", filed.iter().map(|item| item.kind).collect::<Vec<_>>());
        group(store);
        assert_eq!(stories(store).len(), 0);
    });
}

#[test]
fn a_kind_follows_the_words_unless_it_was_given() {
    on_each_store(|store| {
        let sent = |text: &str| json!({ "text": text, "origin": "desk", "external_id": "1" });
        let filed = file_one(store, sent("The app crashes on start"));
        assert_eq!(filed.kind, Some(Kind::Bug));
        assert_eq!(file_one(store, sent("Please add a dark mode")).kind, Some(Kind::Request));
        let confirmed = patch(store, filed.id, json!({ "kind": "request" }));
        assert_eq!(confirmed.kind_source, Some(KindSource::Corrected), "confirmed is set");
        let again = file_one(store, sent("The app crashes on start again"));
        assert_eq!((again.kind, again.kind_source), (Some(Kind::Request), Some(KindSource::Corrected)));

        let given = json!({ "text": "The app crashes", "kind": "question" });
        let given = file_one(store, given);
        assert_eq!((given.kind, given.kind_source), (Some(Kind::Question), Some(KindSource::Filed)));
        let none = patch(store, given.id, json!({ "kind": null }));
        assert_eq!(
            (none.kind, none.kind_source),
            (None, Some(KindSource::Corrected)),
            "what a person emptied stays empty"
        );
    });
}

#[test]
fn a_text_that_changes_is_read_again_and_a_persons_word_stays() {
    on_each_store(|store| {
        let sent = |text: &str| json!({ "text": text, "origin": "desk", "external_id": "2" });
        let test = file_one(store, sent("asdf"));
        assert_eq!((test.state, test.set_aside), (State::SetAside, Some(SetAside::Test)));
        let told = file_one(store, sent("The export is empty"));
        assert_eq!((told.state, told.set_aside), (State::Pending, None));
        assert_eq!(file_one(store, sent("asdf")).state, State::SetAside);
        assert_eq!(patch(store, test.id, json!({ "set_aside": null })).state, State::Pending);
        assert_eq!(file_one(store, sent("asdf asdf")).set_aside, None, "a person said so");
    });
}

#[test]
fn feedback_of_an_earlier_version_is_classified_later_and_noise_leaves_its_theme() {
    on_each_store(|store| {
        let texts = ["The app crashes on start", "The app crashes when it starts", "asdf", "Please add dark mode"];
        let filed = file(store, &texts.map(|text| json!({ "text": text })));
        let pinned = file_one(store, json!({ "text": "test" }));
        let ids: Vec<Id> = filed.iter().chain([&pinned]).map(|item| item.id).collect();
        let theme = Id::next();
        let of_earlier = ids.clone();
        store
            .write_now(Actor::COMMAND, move |tx| {
                let new = themes::rows::NewTheme { id: theme, product: DEFAULT_PRODUCT, label: "Old".to_owned() };
                themes::rows::insert(tx, &[new])?;
                for id in &of_earlier {
                    let before = feedback::rows::row(tx.conn, *id)?;
                    let row = FeedbackRecord {
                        state: State::Grouped,
                        theme_id: Some(theme),
                        pinned: *id == of_earlier[4],
                        kind: (*id == of_earlier[3]).then_some(Kind::Bug),
                        kind_source: None,
                        set_aside: None,
                        ..before.clone()
                    };
                    feedback::rows::update(tx, &before, row)?;
                }
                Ok(())
            })
            .unwrap();
        assert_eq!(recognition::step(store).unwrap(), 5);
        assert_eq!(recognition::step(store).unwrap(), 0);

        let now: Vec<Feedback> = ids.iter().map(|id| get(store, *id)).collect();
        assert_eq!((now[0].kind, now[0].kind_source), (Some(Kind::Bug), Some(KindSource::Derived)));
        assert!(now[0].theme.is_some());
        assert_eq!((now[2].state, now[2].set_aside), (State::SetAside, Some(SetAside::Test)));
        assert_eq!((now[3].kind, now[3].kind_source), (Some(Kind::Bug), Some(KindSource::Filed)));
        assert_eq!((now[4].state, now[4].set_aside), (State::Grouped, None), "a person placed it");
        let size = store.read_now(|conn| themes::rows::row(conn, theme)).unwrap().size;
        assert_eq!(size, 4);
    });
}
