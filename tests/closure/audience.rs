//! Which customers are told: the preview and the real messages agree.

use hearback::domain::stories::stage::Stage;
use hearback::domain::{
    base::{Actor, Id},
    closure::{Channel, Far},
    team::Role,
};
use hearback::store::themes::strays;
use serde_json::{Value, json};

use super::{with_mail, without_mail};
use crate::support::World;

fn praise(world: &World, theme: Id, email: &str) -> Id {
    let filed = json!({ "text": "thx that was quick!!", "kind": "praise", "customer": { "email": email } });
    world.file_as(Actor { kind: "service", id: None }, theme, filed).1.unwrap()
}

/// Files feedback that the engine found far from its theme.
fn far(world: &World, theme: Id, email: &str) -> (Id, Id) {
    let filed = json!({ "text": "The bus leaves at nine", "customer": { "email": email } });
    let (feedback, customer) = world.file_as(Actor { kind: "service", id: None }, theme, filed);
    let note = vec![(feedback, Far { likeness: 0.05, bar: 0.3 })];
    world.write(move |tx| strays::note(tx, theme, &note)).unwrap();
    (feedback, customer.unwrap())
}

fn preview(world: &World, story: Id, query: &str) -> Value {
    let path = format!("/v1/stories/{story}/preview{query}");
    let answer = world.send("GET", &path, &world.token(Role::Viewer), None);
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()
}

fn why(preview: &Value, customer: Id) -> Value {
    let of = preview["data"].as_array().unwrap().iter().find(|r| r["customer"]["id"] == json!(customer));
    let of = of.unwrap_or_else(|| panic!("{customer} in {preview}"));
    if of["told"] == true { of["channel"].clone() } else { of["why_not"].clone() }
}

#[test]
fn a_customer_whose_feedback_asks_for_nothing_is_not_told_unless_a_member_decides_so() {
    with_mail(|world| {
        let theme = world.new_theme("Refunds");
        let ann = world.customer("ann@example.com").about(theme).files("Refund please").customer;
        let minji = world.customer("minji@example.com").about(theme).files("환불이 아직도 안 들어왔어요").customer;
        let (glad, loud) = (praise(world, theme, "glad@example.com"), praise(world, theme, "loud@example.com"));
        let (asdf, stray) = far(world, theme, "stray@example.com");
        let phone = json!({ "text": "Refund by phone", "customer": { "name": "Freya", "external_id": "f1" } });
        let phone = world.file_as(Actor { kind: "service", id: None }, theme, phone).1.unwrap();
        let out = world.customer("ipad@example.com").about(theme).files("Refunds on the iPad").customer;
        // A customer whose feedback holds praise and a question is told, and the mail quotes the question.
        let both = world.customer("both@example.com").about(theme).files("When is my refund?").customer;
        assert_eq!(praise(world, theme, "both@example.com"), both);
        let story = world.story_about(theme);

        let agent = world.token(Role::Support);
        let choices = format!("/v1/stories/{story}/tell_choices");
        let choose = |customer: Id, choice: &str| {
            let body = json!({ "customer_ids": [customer], "choice": choice, "reason": "The iPad is left out." });
            let answer = world.send("POST", &choices, &agent, Some(&body));
            assert_eq!(answer.status, 200, "{answer:?}");
        };
        choose(out, "leave_out");
        choose(loud, "include");
        let seen = preview(world, story, "");
        for (customer, expected) in [
            (ann, "email"),
            (minji, "email"),
            (both, "email"),
            (loud, "email"),
            (phone, "agent"),
            (glad, "praise"),
            (stray, "probably_not_about_this"),
            (out, "taken_out"),
        ] {
            assert_eq!(why(&seen, customer), expected, "{customer}");
        }
        let shown = &seen["stories"][0];
        assert_eq!(shown["told"], json!({ "email": 4, "desk": 0, "agent": 1 }));
        let texts: Vec<&str> =
            shown["texts"].as_array().unwrap().iter().filter_map(|t| t["language"].as_str()).collect();
        assert_eq!(texts, ["en", "ko"]);
        assert_eq!(
            (&shown["texts"][1]["fallback"], &shown["texts"][0]["title"]),
            (&json!(true), &json!("Refunds show a date"))
        );

        let list = world.send("GET", &format!("/v1/stories/{story}/feedback"), &agent, None).json();
        let of = |id: Id| list["data"].as_array().unwrap().iter().find(|f| f["id"] == json!(id)).unwrap().clone();
        assert_eq!(
            (&of(asdf)["probably_not_about_this"], &of(asdf)["left_out"]),
            (&json!(true), &json!("probably_not_about_this"))
        );

        world.release_story(story);
        let told: Vec<Id> = world.closures(story).iter().map(|closure| closure.customer.id).collect();
        let mut expected = vec![ann, minji, phone, both, loud];
        expected.sort();
        let mut told_sorted = told.clone();
        told_sorted.sort();
        assert_eq!(told_sorted, expected, "as previewed");
        let mail = world.mails().mails_to("both@example.com").remove(0);
        assert!(mail.text.contains("> When is my refund?") && !mail.text.contains("thx"), "{}", mail.text);
        assert!(world.mails().mails_to("glad@example.com").is_empty());

        // The customer is included again, and the next release asks them.
        choose(out, "undecided");
        world.transition(story, json!({ "to": "ready", "reason": "Again", "tell_customers": false })).unwrap();
        world.go(story, "released");
        assert!(world.closures(story).iter().any(|closure| closure.customer.id == out));
    });
}

#[test]
fn feedback_that_a_member_moves_to_a_theme_is_told_about_its_story() {
    without_mail(|world| {
        let (theme, other) = (world.new_theme("Refunds"), world.new_theme("Refunds"));
        world.customer("ann@example.com").about(theme).files("Refund please");
        let (asdf, stray) = far(world, theme, "stray@example.com");
        let story = world.story_about(theme);
        assert_eq!(why(&preview(world, story, ""), stray), "probably_not_about_this");
        let agent = world.token(Role::Support);
        for to in [other, theme] {
            let moved =
                world.send("POST", &format!("/v1/feedback/{asdf}/move"), &agent, Some(&json!({ "theme_id": to })));
            assert_eq!(moved.status, 200);
        }
        assert_eq!(why(&preview(world, story, ""), stray), "agent");
    });
}

#[test]
fn previews_come_in_pages_and_choices_name_what_is_unknown() {
    without_mail(|world| {
        let theme = world.new_theme("Refunds");
        for n in 0..7 {
            world.customer(&format!("c{n}@example.com")).about(theme).files("Refund please");
        }
        praise(world, theme, "glad@example.com");
        let story = world.story_about(theme);
        let mut seen = Vec::new();
        let mut query = "?limit=3&told=true".to_owned();
        loop {
            let page = preview(world, story, &query);
            assert_eq!(page["stories"][0]["told"]["agent"], 7, "all are counted on every page");
            seen.extend(page["data"].as_array().unwrap().iter().map(|r| r["customer"]["id"].to_string()));
            let Some(cursor) = page["next_cursor"].as_str() else { break };
            query = format!("?limit=3&told=true&cursor={cursor}");
        }
        let distinct: std::collections::BTreeSet<&String> = seen.iter().collect();
        assert_eq!((seen.len(), distinct.len()), (7, 7));
        let first = &preview(world, story, "")["data"][0];
        assert_eq!(first["why_not_mailed"], "no_mail_server");
        let declined = preview(world, story, "?act=decline&reason=Banks+do+not+say");
        assert_eq!(declined["stories"][0]["texts"][0]["reason"], "Banks do not say");

        let agent = world.token(Role::Support);
        let wrong = json!({ "customer_ids": [Id::next()], "choice": "leave_out" });
        world
            .send("POST", &format!("/v1/stories/{story}/tell_choices"), &agent, Some(&wrong))
            .refused(&["/customer_ids/0 unknown"]);
        world.send("GET", &format!("/v1/stories/{}/preview", Id::next()), &agent, None).problem(404, "not_found");
    });
}

#[test]
fn a_release_shows_all_its_stories_and_closing_shows_who_would_not_hear() {
    without_mail(|world| {
        let (one, two) = (world.new_theme("Refunds"), world.new_theme("Refunds"));
        let ann = world.customer("ann@example.com").about(one).files("Refund please").customer;
        world.customer("ann@example.com").about(two).files("A dark mode");
        let bob = world.customer("bob@example.com").about(two).files("Dark mode please").customer;
        let stories = [world.story_about(one), world.story_about(two)];
        let admin = world.token(Role::Admin);
        let release =
            world.send("POST", "/v1/releases", &admin, Some(&json!({ "name": "1.4.0" }))).json()["id"].clone();
        let release: Id = release.as_str().unwrap().parse().unwrap();
        let path = format!("/v1/releases/{release}");
        let added = world.send("POST", &format!("{path}/stories"), &admin, Some(&json!({ "story_ids": stories })));
        assert_eq!(added.status, 200, "{added:?}");
        let seen = world.send("GET", &format!("{path}/preview"), &admin, None).json();
        assert_eq!((seen["release"].as_str(), seen["data"].as_array().unwrap().len()), (Some("1.4.0"), 3));
        assert_eq!(seen["stories"].as_array().unwrap().len(), 2);
        for story in stories {
            world.go(story, "ready");
        }
        let shipped = world.send("POST", &format!("{path}/ship"), &admin, Some(&json!({ "deployed": true })));
        assert_eq!(shipped.status, 200, "{shipped:?}");
        assert_eq!(world.stage(stories[1]), Stage::Released);
        assert!(
            world.closures(stories[0]).iter().all(|c| c.release_id == Some(release) && c.channel == Channel::Email)
        );
        let close = preview(world, stories[1], "?act=close");
        assert_eq!((why(&close, ann), why(&close, bob)), (json!("given_up"), json!("given_up")));
    });
}
