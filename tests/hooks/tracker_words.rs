//! What a tracker gets to read of a story: no words of one customer, and none that were erased.

use hearback::domain::stage::Stage;
use hearback::domain::{Actor, Criterion, Id, NewFeedback, Story, decode::decode};
use hearback::error::Code;
use hearback::store::themes::{self, NewTheme};
use hearback::store::{placing, products, stories};
use hearback::usecase::{erasing, intake, quoting, tracking};
use serde_json::json;

use super::tracker::{Desk, tracker};
use crate::support::on_each_store;

#[test]
fn no_customer_s_words_leave() {
    on_each_store(|store| {
        let desk = Desk::new(store, tracker("github", false));
        let story = desk.story(json!({ "title": "Refunds", "as_a": "customer", "i_want": "to know the day" })).id;
        store
            .write_now(Actor::ENGINE, move |tx| {
                let drafted = Story {
                    drafted_by: "builtin".to_owned(),
                    edited: false,
                    stage: Stage::Accepted,
                    so_that: "I can finally sleep, says Min-ji".to_owned(),
                    acceptance_criteria: vec![
                        Criterion {
                            text: "Whoever said “Min-ji waits” no longer does.".to_owned(),
                            feedback_ids: vec![Id::next()],
                        },
                        Criterion { text: "The day is <!-- shown -->.".to_owned(), feedback_ids: vec![] },
                    ],
                    ..stories::get(tx.conn, story)?
                };
                stories::update(tx, &drafted)
            })
            .unwrap();
        // Asked for by a person it is refused, and says what to reword; by itself it leaves the words out.
        let refused = desk.store.write_now(Actor::COMMAND, move |tx| tracking::request(tx, story)).unwrap_err();
        assert_eq!(refused.code, Code::QuotesCustomer);
        assert!(refused.fields.iter().any(|field| field.pointer == "/so_that"), "{refused:?}");
        let product = desk.store.read_now(|conn| stories::get(conn, story)).unwrap().product_id;
        let ask = move |tx: &mut hearback::store::Tx<'_>| {
            tx.event(tracking::CREATE, story, Some(product), json!({}));
            Ok(())
        };
        desk.store.write_now(Actor::COMMAND, ask).unwrap();
        desk.bring_in_step(story);
        let body = desk.fake.issues()[0]["body"].as_str().unwrap().to_owned();
        assert!(!body.contains("Min-ji"), "{body}");
        assert!(body.contains("As a customer"), "{body}");
        assert!(!body.contains("Whoever said") && body.contains("What customers said stays in Hearback."), "{body}");
        assert!(body.contains("&lt;!-- shown -->"), "{body}");
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
                    themes::insert(tx, &[NewTheme { id: theme, product, label: "Refunds".to_owned() }])?;
                    let filed = intake::file(tx, std::slice::from_ref(&filed))?.remove(0)?.feedback;
                    placing::place(tx, &[(filed.id, theme, 0.9)])?;
                    Ok(filed.customer.unwrap().id)
                })
                .unwrap();
            let title = "My landlord Jonas Brandt waits";
            let story = desk.story(json!({ "theme_id": theme, "title": title })).id;
            let ask = move |tx: &mut hearback::store::Tx<'_>| tracking::request(tx, story).map(drop);
            assert_eq!(store.write_now(Actor::COMMAND, ask).unwrap_err().code, Code::QuotesCustomer);
            store.write_now(Actor::COMMAND, move |tx| quoting::confirm(tx, story, None)).unwrap();
            desk.request(story);
            desk.bring_in_step(story);
            let text = if provider == "github" { "body" } else { "description" };
            assert_eq!(desk.fake.issues()[0]["title"], title);
            let written = format!("{}\nDone in #4", desk.fake.issues()[0][text].as_str().unwrap());
            desk.fake.state.lock().unwrap().issues[0][text] = json!(written);

            store.write_now(Actor::COMMAND, move |tx| erasing::customer(tx, customer, None)).unwrap();
            desk.bring_in_step(story);
            let [issue] = desk.fake.issues().try_into().unwrap();
            assert!(!issue.to_string().contains("Jonas"), "{issue}");
            assert!(issue["title"].as_str().unwrap().starts_with("What customers asked for"), "{issue}");
            assert!(issue[text].as_str().unwrap().ends_with("Done in #4"), "what developers added stays: {issue}");
        }
    });
}
