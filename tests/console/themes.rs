//! The pages of themes, without scripts: quotes become the story's, feedback is moved, themes are merged, and each act is
//! undone from the message of the next page.

use hearback::domain::base::Id;
use hearback::domain::team::Role;
use hearback::store::themes;
use serde_json::{Value, json};

use super::visitor::{Visitor, hidden};
use crate::support::{World, on_each_world};

/// A theme with feedback of these customers.
fn theme(world: &World, label: &str, customers: &[&str], more: Value) -> (Id, Vec<Id>) {
    let theme = world.new_theme(label);
    let said = world.customers_say(theme, customers, more);
    world.write(move |tx| themes::rows::refresh_counts(tx, &[theme])).expect("counts");
    (theme, said)
}

/// Submits the undo of the message on this page.
fn undo(visitor: &mut Visitor<'_>, page: &str) {
    let correction = hidden(page, "correction");
    let back = hidden(page, "back").replace("&#38;", "&");
    let undone = visitor.submit("/console/undo", &[("correction", &correction), ("back", &back)]);
    assert_eq!(undone.status, 303, "{undone:?}");
    let next = visitor.read(undone.header_text("location"));
    assert!(next.contains("Undone."), "{next}");
}

fn label_of(world: &World, theme: Id) -> Value {
    world.read(&format!("/v1/themes/{theme}"))["label"].clone()
}

#[test]
fn renaming_and_muting_are_undone_from_the_next_page() {
    on_each_world(|world| {
        let (theme, _) = theme(world, "Late refunds", &["a", "b"], json!({ "text": "Where is my refund" }));
        let path = format!("/console/themes/{theme}");
        let mut visitor = Visitor::as_role(world, Role::Product);
        assert_eq!(visitor.submit(&format!("{path}/rename"), &[("label", "Refunds")]).status, 303);
        let page = visitor.read(&path);
        assert!(page.contains("The theme was renamed.") && page.contains("action=\"/console/undo\""), "{page}");
        assert!(
            visitor.read(&path).contains("/console/undo"),
            "the undo is there again where the page is loaded again"
        );
        assert!(!visitor.read("/console/themes").contains("/console/undo"), "and on no other page");
        visitor.submit(&format!("{path}/rename"), &[("label", "Refunds again")]);
        let page = visitor.read(&path);
        undo(&mut visitor, &page);
        assert_eq!(label_of(world, theme), "Refunds");
        visitor.submit(&format!("{path}/mute"), &[("muted", "true")]);
        let page = visitor.read(&path);
        undo(&mut visitor, &page);
        assert_eq!(world.read(&format!("/v1/themes/{theme}"))["muted"], false);
        assert_eq!(visitor.submit("/console/undo", &[("correction", "nothing")]).status, 404);
        let nothing = visitor.submit(&format!("{path}/mute"), &[("muted", "false")]);
        assert!(visitor.read(nothing.header_text("location")).contains("Nothing had to change."));
    });
}

#[test]
fn chosen_feedback_moves_to_another_theme_or_to_a_new_one() {
    on_each_world(|world| {
        let (from, said) = theme(world, "Refunds", &["a", "b", "c", "d"], json!({ "text": "Where is my refund" }));
        let (to, _) = theme(world, "Card is declined", &["x"], json!({ "text": "My card is declined" }));
        let path = format!("/console/themes/{from}");
        let mut visitor = Visitor::as_role(world, Role::Product);
        let (first, second) = (said[0].to_string(), said[1].to_string());
        let page = visitor.read(&path);
        assert!(page.contains(&format!("name=\"feedback\" value=\"{first}\" form=\"chosen\"")), "{page}");

        let chosen = format!("{path}/move?feedback={first}&feedback={second}");
        let choice = visitor.read(&format!("{chosen}&q=card"));
        assert!(choice.contains("Where do 2 pieces of feedback belong?"), "{choice}");
        assert!(choice.contains("Card is declined") && choice.contains(&format!("value=\"{to}\"")), "{choice}");
        let moved = visitor
            .submit(&format!("{path}/move"), &[("feedback", &first), ("feedback", &second), ("to", &to.to_string())]);
        assert_eq!(moved.status, 303, "{moved:?}");
        assert_eq!(world.read(&format!("/v1/feedback/{first}"))["theme"]["id"], json!(to));
        let page = visitor.read(&path);
        assert!(page.contains("The feedback was moved."), "{page}");
        undo(&mut visitor, &page);
        assert_eq!(world.read(&format!("/v1/feedback/{first}"))["theme"]["id"], json!(from));

        let form = [("feedback", first.as_str()), ("feedback", second.as_str()), ("label", "Refund to a closed card")];
        let split = visitor.submit(&format!("{path}/move"), &form);
        let new = split.header_text("location").to_owned();
        assert_ne!(new, path);
        let page = visitor.read(&new);
        assert!(page.contains("Refund to a closed card") && page.contains("a theme of its own"), "{page}");
        undo(&mut visitor, &page);
        assert_eq!(world.read(&format!("/v1/feedback/{second}"))["theme"]["id"], json!(from));

        let nothing = visitor.submit(&format!("{path}/move"), &[("to", &to.to_string())]);
        assert_eq!(nothing.status, 422);
        assert!(nothing.body.contains("Feedback must be chosen first"), "{}", nothing.body);
        let all: Vec<String> = said.iter().map(Id::to_string).collect();
        let all: Vec<(&str, &str)> = all.iter().map(|id| ("feedback", id.as_str())).collect();
        let refused = visitor.submit(&format!("{path}/move"), &all);
        assert_eq!(refused.status, 422, "a theme keeps something");
        assert_eq!(refused.body.matches("form=\"chosen\" checked").count(), 4, "what was chosen stays chosen");
        assert!(visitor.read(&format!("{path}/move")).contains("Nothing is chosen"));
    });
}

#[test]
fn two_themes_are_merged_after_a_look_at_before_and_after() {
    on_each_world(|world| {
        let (one, _) =
            theme(world, "Late refunds", &["a", "b"], json!({ "text": "Where is my refund", "language": "en" }));
        let (other, _) = theme(world, "환불 지연", &["c"], json!({ "text": "환불이 안 들어왔어요", "language": "ko" }));
        let mut visitor = Visitor::as_role(world, Role::Product);
        let found = visitor.read(&format!("/console/themes/{one}/merge?q=%ED%99%98%EB%B6%88"));
        assert!(found.contains(&format!("/console/themes/{one}/merge?with={other}")), "{found}");
        let compared = visitor.read(&format!("/console/themes/{one}/merge?with={other}"));
        for expected in [
            "Before",
            "After",
            "One theme with 3 pieces of feedback",
            "en 2, ko 1",
            "keep “Late refunds”",
            "keep “환불 지연”",
        ] {
            assert!(compared.contains(expected), "{expected}: {compared}");
        }
        let merged = visitor.submit(&format!("/console/themes/{one}/merge"), &[("theme_id", &other.to_string())]);
        assert_eq!(merged.header_text("location"), format!("/console/themes/{one}"), "{merged:?}");
        assert_eq!(world.read(&format!("/v1/themes/{one}"))["size"], 3);
        let gone = visitor.read(&format!("/console/themes/{other}"));
        assert!(gone.contains("This theme was merged into another."), "{gone}");
        let page = visitor.read(&format!("/console/themes/{one}"));
        assert!(!page.contains("/console/undo"), "the message was on the page before");
        let again = visitor.submit(&format!("/console/themes/{one}/merge"), &[("theme_id", &other.to_string())]);
        assert_eq!(again.status, 409);
        assert_eq!(visitor.submit(&format!("/console/themes/{one}/merge"), &[]).status, 422);
    });
}

#[test]
fn a_merge_is_undone() {
    on_each_world(|world| {
        let (one, _) = theme(world, "Late refunds", &["a"], json!({ "text": "Where is my refund" }));
        let (other, _) = theme(world, "Refund missing", &["c"], json!({ "text": "No refund" }));
        let mut visitor = Visitor::as_role(world, Role::Product);
        visitor.submit(&format!("/console/themes/{one}/merge"), &[("theme_id", &other.to_string())]);
        let page = visitor.read(&format!("/console/themes/{one}"));
        undo(&mut visitor, &page);
        assert_eq!(world.read(&format!("/v1/themes/{other}"))["merged_into"], Value::Null);
        assert_eq!(world.read(&format!("/v1/themes/{one}"))["size"], 1);
    });
}

#[test]
fn a_sentence_of_a_customer_becomes_a_quote_of_the_story() {
    on_each_world(|world| {
        let text = "The refund is late. I have waited for two weeks! Please hurry.";
        let (theme, said) = theme(world, "Late refunds", &["a", "b", "c"], json!({ "text": text }));
        let path = format!("/console/themes/{theme}");
        let mut visitor = Visitor::as_role(world, Role::Product);
        let page = visitor.read(&path);
        assert!(page.contains("No story yet.") && !page.contains("Use as quote"), "{page}");
        let drafted = visitor.submit(&format!("{path}/story"), &[]);
        assert_eq!(drafted.status, 303, "{drafted:?}");
        let story_path = drafted.header_text("location").to_owned();
        assert!(visitor.read(&story_path).contains("The story was drafted from the theme."));
        let api = story_path.replace("/console", "/v1");
        world.patch(&api, json!({ "acceptance_criteria": [{ "text": "It is paid" }] }));
        let story = world.read(&api);
        let (id, feedback) = (story["id"].as_str().expect("an id"), said[0].to_string());
        let page = visitor.read(&path);
        assert!(page.contains("Use as quote") && page.contains("data-pick="), "{page}");

        let words = "I have waited for\ntwo weeks!";
        let form = [
            ("story_id", id),
            ("feedback_id", feedback.as_str()),
            ("text", "I have waited for two weeks!"),
            ("criterion", "new"),
            ("new_criterion", "It says when the refund arrives"),
            ("back", path.as_str()),
        ];
        let quoted = visitor.submit(&format!("{path}/quote"), &form);
        assert_eq!(quoted.header_text("location"), format!("{path}#f-{feedback}"), "{quoted:?}");
        let page = visitor.read(&path);
        assert!(page.contains("<mark>I have waited for two weeks!</mark>"), "the quoted words are marked: {page}");
        let story = world.read(&story_path.replace("/console", "/v1"));
        let criteria = story["acceptance_criteria"].as_array().expect("criteria");
        let last = criteria.last().expect("a criterion");
        assert_eq!(last["text"], "It says when the refund arrives");
        assert_eq!(last["quotes"], json!([{ "feedback_id": feedback, "text": "I have waited for two weeks!" }]));
        let shown = visitor.read(&story_path);
        assert!(shown.contains("<p dir=\"auto\" lang=\"en\">I have waited for two weeks!</p>"), "{shown}");

        let number = criteria.len().to_string();
        let again =
            [("story_id", id), ("feedback_id", &feedback), ("text", words), ("criterion", &number), ("back", &path)];
        assert_eq!(visitor.submit(&format!("{path}/quote"), &again).status, 303, "white space may differ");
        let invented = [("story_id", id), ("feedback_id", &feedback), ("text", "I am happy"), ("criterion", &number)];
        let refused = visitor.submit(&format!("{path}/quote"), &invented);
        assert_eq!(refused.status, 422);
        assert!(refused.body.contains(">I am happy</textarea>"), "nothing is lost: {}", refused.body);

        // Editing the criteria keeps the quotes of the others.
        let edit = visitor.read(&format!("{story_path}/edit"));
        let version = hidden(&edit, "version");
        let lines = format!(
            "{}\nA new line",
            criteria.iter().map(|c| c["text"].as_str().expect("a text")).collect::<Vec<_>>().join("\n")
        );
        let texts = [("title", "Refunds"), ("criteria", lines.as_str()), ("version", version.as_str())];
        assert_eq!(visitor.submit(&format!("{story_path}/edit"), &texts).status, 303);
        let story = world.read(&story_path.replace("/console", "/v1"));
        let kept = &story["acceptance_criteria"][criteria.len() - 1]["quotes"];
        assert_eq!(kept.as_array().map(Vec::len), Some(2), "{story}");
    });
}

#[test]
fn the_table_is_filtered_by_several_values_and_shows_twelve_weeks() {
    on_each_world(|world| {
        let (english, _) =
            theme(world, "Late refunds", &["a", "b", "c"], json!({ "text": "Where is my refund", "language": "en" }));
        theme(world, "환불 지연", &["d"], json!({ "text": "환불이 안 들어왔어요", "language": "ko" }));
        theme(world, "שירות", &["e"], json!({ "text": "שלום", "language": "he" }));
        let mut visitor = Visitor::as_role(world, Role::Viewer);
        let page = visitor.read("/console/themes");
        assert_eq!(page.matches("class=\"spark\"").count(), 3, "{page}");
        assert!(page.contains("aria-label=\"Last 12 weeks: 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3\""), "{page}");
        let two = visitor.read("/console/themes?language=ko&language=he&sort=customers");
        assert!(two.contains("환불 지연") && two.contains("שירות") && !two.contains("Late refunds"), "{two}");
        assert!(two.contains("value=\"ko\" checked") && two.contains("value=\"he\" checked"), "{two}");
        let rising = visitor.read("/console/themes?trend=rising&trend=steady&language=en");
        assert!(rising.contains("Late refunds") && !rising.contains("환불 지연"), "{rising}");
        assert!(visitor.read("/console/themes?trend=falling").contains("Nothing matches"));
        assert!(visitor.read("/console/themes?story=yes").contains("Nothing matches"));
        assert_eq!(visitor.get("/console/themes?trend=sideways").status, 422);
        assert_eq!(visitor.get("/console/themes?language=e%27n").status, 200, "no code, and no SQL");

        let api = world.read("/v1/themes?language=ko,he&trend=rising,steady");
        assert_eq!(api["data"].as_array().map(Vec::len), Some(2), "{api}");
        let weeks = world.read(&format!("/v1/themes/weeks?theme_ids={english}"));
        let weeks = weeks["data"][0]["weeks"].as_array().expect("weeks");
        assert_eq!((weeks.len(), &weeks[11]["items"], &weeks[0]["items"]), (12, &json!(3), &json!(0)));
        assert_eq!(world.get("/v1/themes/weeks?theme_ids=x").status, 422);
        assert_eq!(world.get("/v1/themes?trend=up").status, 422);
    });
}

#[test]
fn feedback_moves_over_the_api_as_one_correction() {
    on_each_world(|world| {
        let (from, said) = theme(world, "Refunds", &["a", "b", "c"], json!({ "text": "Where is my refund" }));
        let (to, other) = theme(world, "Card is declined", &["x"], json!({ "text": "My card is declined" }));
        let path = format!("/v1/themes/{from}/move");
        let moved = world.post(&path, json!({ "feedback_ids": [said[0], said[1]], "theme_id": to }));
        assert_eq!((moved.status, &moved.json()["size"]), (200, &json!(3)), "{moved:?}");
        let correction = world.read(moved.header_text("location"));
        assert_eq!((&correction["kind"], &correction["feedback_count"]), (&json!("move"), &json!(2)));
        world.post(&path, json!({ "feedback_ids": [other[0]], "theme_id": to })).refused(&["/feedback_ids/0 unknown"]);
        world.post(&path, json!({ "feedback_ids": [said[2]], "theme_id": from })).refused(&["/theme_id itself"]);
        world.post(&path, json!({ "feedback_ids": [said[2]], "theme_id": Id::next() })).refused(&["/theme_id unknown"]);
        world.post(&path, json!({ "feedback_ids": [], "theme_id": to })).refused(&["/feedback_ids too_short"]);
        world.done(&format!("{}/undo", moved.header_text("location")), json!({}));
        assert_eq!(world.read(&format!("/v1/themes/{from}"))["size"], 3);
    });
}

#[test]
fn a_quote_over_the_api_must_be_said() {
    on_each_world(|world| {
        let (_, said) = theme(world, "Refunds", &["a"], json!({ "text": "Where is my refund" }));
        let story =
            world.done("/v1/stories", json!({ "title": "Refunds", "acceptance_criteria": [{ "text": "It is paid" }] }));
        let path = format!("/v1/stories/{}/quotes", story["number"].as_str().expect("a number"));
        let quoted = world.post(&path, json!({ "feedback_id": said[0], "text": "my refund", "criterion": 1 }));
        assert_eq!(quoted.status, 200, "{quoted:?}");
        assert_eq!(quoted.json()["acceptance_criteria"][0]["feedback_ids"], json!([said[0]]));
        let version = &quoted.json()["version"];
        let again = world.post(&path, json!({ "feedback_id": said[0], "text": "my refund", "criterion": 1 }));
        assert_eq!(&again.json()["version"], version, "the same quote changes nothing");
        world
            .post(&path, json!({ "feedback_id": said[0], "text": "thanks", "criterion": 2 }))
            .refused(&["/text not_said", "/criterion unknown"]);
        world
            .post(&path, json!({ "feedback_id": Id::next(), "text": "my refund", "criterion": 1 }))
            .refused(&["/feedback_id unknown"]);
        world.post(&path, json!({ "feedback_id": said[0], "text": "my refund" })).refused(&["/criterion required"]);
        let both = json!({ "feedback_id": said[0], "text": "my refund", "criterion": 1, "new_criterion": "x" });
        world.post(&path, both).refused(&["/new_criterion not_allowed"]);
    });
}
