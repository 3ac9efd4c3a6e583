//! Facts of stories: they follow the feedback, also where a person edited the texts, and lose an erased person's words.

use hearback::domain::base::Id;
use hearback::domain::stories::{Fact, FactKind, Facts};
use serde_json::json;

use super::on_each_database;
use crate::support::World;

fn fact(kind: FactKind, text: &str, feedback_ids: &[Id]) -> Fact {
    let customers = i32::try_from(feedback_ids.len()).unwrap();
    Fact { kind, text: text.to_owned(), customers, feedback_ids: feedback_ids.to_vec() }
}

fn facts(items: Vec<Fact>) -> Facts {
    Facts { first_seen: None, last_seen: None, items }
}

/// The facts of the product's only story.
fn told(world: &World) -> Vec<Fact> {
    world.stories(json!({})).remove(0).facts.items
}

#[test]
fn facts_follow_the_theme_also_after_a_person_edited_the_texts() {
    on_each_database(|world| {
        let theme = world.new_theme("Refunds");
        let said = world.customers_say(theme, &["ann", "bob", "cid"], json!({}));
        let version = fact(FactKind::Version, "4.2", &said[..2]);
        world.follow_themes_with(&[theme], &said, &facts(vec![version.clone()]));
        assert_eq!(told(world), std::slice::from_ref(&version));

        let story = world.stories(json!({})).remove(0);
        let edited = world.edit_story(story.id, None, json!({ "title": "Show when a refund arrives" })).unwrap();
        assert_eq!(edited.facts.items, [version]);
        let device = fact(FactKind::Device, "iPhone", &said);
        world.follow_themes_with(&[theme], &said, &facts(vec![device.clone()]));
        let followed = world.stories(json!({})).remove(0);
        assert_eq!(followed.facts.items, [device]);
        assert_eq!((followed.title.as_str(), followed.version), ("Show when a refund arrives", edited.version));
    });
}

#[test]
fn an_erased_persons_words_leave_the_facts_and_the_counts() {
    on_each_database(|world| {
        let theme = world.new_theme("Refunds");
        let said = world.customers_say(theme, &["ann", "bob", "cid"], json!({}));
        let shared = fact(FactKind::Device, "iPhone", &said[..2]);
        let own = fact(FactKind::Tried, "I called my bank twice", &said[..1]);
        world.follow_themes_with(&[theme], &said, &facts(vec![shared, own]));
        let ann = world.stored_feedback(said[0]).customer.unwrap().id;
        world.write(move |tx| hearback::usecase::privacy::erasure::customer(tx, ann, None)).unwrap();
        assert_eq!(told(world), [fact(FactKind::Device, "iPhone", &said[1..2])]);
    });
}

#[test]
fn a_quote_of_a_criterion_belongs_to_feedback_that_it_cites() {
    on_each_database(|world| {
        let theme = world.new_theme("Refunds");
        let said = world.customers_say(theme, &["ann", "bob", "cid"], json!({}));
        world.follow_themes(&[theme], &said);
        let story = world.stories(json!({})).remove(0);
        let with = |quoted: Id| {
            json!({ "acceptance_criteria": [{
                "text": "Given an iPhone, the refund arrives.", "feedback_ids": [said[0]], "given": "an iPhone",
                "then": "the refund arrives", "customers": 1, "quotes": [{ "feedback_id": quoted, "text": "not there" }],
            }] })
        };
        let wrong = world.edit_story(story.id, None, with(said[1])).unwrap_err();
        assert_eq!(super::pointers(wrong), ["/acceptance_criteria/0/quotes/0/feedback_id"]);
        let edited = world.edit_story(story.id, None, with(said[0])).unwrap();
        assert_eq!(edited.acceptance_criteria[0].then.as_deref(), Some("the refund arrives"));

        // A new text alone leaves no parts that say something else.
        let mut again = with(said[0]);
        again["acceptance_criteria"][0]["text"] = json!("The refund arrives in two days.");
        let edited = world.edit_story(story.id, None, again).unwrap();
        assert_eq!((&edited.acceptance_criteria[0].given, &edited.acceptance_criteria[0].then), (&None, &None));
    });
}
