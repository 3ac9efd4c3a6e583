//! Which customers are told: the preview and the real messages agree.

use hearback::domain::stories::stage::Stage;
use hearback::domain::{
    base::{Actor, Id},
    closure::{Channel, Far},
    team::Role,
};
use hearback::store::themes::strays;
use serde_json::{Value, json};

use super::bench::{Bench, with_mail, without_mail};

fn praise(bench: &Bench, theme: Id, email: &str) -> Id {
    let filed = json!({ "text": "thx that was quick!!", "kind": "praise", "customer": { "email": email } });
    bench.say_as(Actor { kind: "service", id: None }, theme, filed).1.unwrap()
}

/// Files feedback that the engine found far from its theme.
fn far(bench: &Bench, theme: Id, email: &str) -> (Id, Id) {
    let filed = json!({ "text": "The bus leaves at nine", "customer": { "email": email } });
    let (feedback, customer) = bench.say_as(Actor { kind: "service", id: None }, theme, filed);
    let note = vec![(feedback, Far { likeness: 0.05, bar: 0.3 })];
    bench.write(move |tx| strays::note(tx, theme, &note)).unwrap();
    (feedback, customer.unwrap())
}

fn preview(bench: &Bench, story: Id, query: &str) -> Value {
    let path = format!("/v1/stories/{story}/preview{query}");
    let answer = bench.call(&bench.token(Role::Viewer, None), "GET", &path, None);
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()
}

fn why(preview: &Value, customer: Id) -> Value {
    let of = preview["data"].as_array().unwrap().iter().find(|r| r["customer"]["id"] == json!(customer));
    let of = of.unwrap_or_else(|| panic!("{customer} in {preview}"));
    if of["told"] == true { of["channel"].clone() } else { of["why_not"].clone() }
}

#[test]
fn who_asked_nothing_is_not_told_and_somebody_may_decide_otherwise() {
    with_mail(|bench| {
        let theme = bench.theme();
        let ann = bench.say(theme, "ann@example.com", "Refund please");
        let minji = bench.say(theme, "minji@example.com", "환불이 아직도 안 들어왔어요");
        let (glad, loud) = (praise(bench, theme, "glad@example.com"), praise(bench, theme, "loud@example.com"));
        let (asdf, stray) = far(bench, theme, "stray@example.com");
        let phone = json!({ "text": "Refund by phone", "customer": { "name": "Freya", "external_id": "f1" } });
        let phone = bench.say_as(Actor { kind: "service", id: None }, theme, phone).1.unwrap();
        let out = bench.say(theme, "ipad@example.com", "Refunds on the iPad");
        // Who praises and asks is told, and their question is quoted.
        let both = bench.say(theme, "both@example.com", "When is my refund?");
        assert_eq!(praise(bench, theme, "both@example.com"), both);
        let story = bench.story(theme);

        let agent = bench.token(Role::Support, None);
        let choices = format!("/v1/stories/{story}/tell_choices");
        let choose = |customer: Id, choice: &str| {
            let body = json!({ "customer_ids": [customer], "choice": choice, "reason": "The iPad is left out." });
            let answer = bench.call(&agent, "POST", &choices, Some(body));
            assert_eq!(answer.status, 200, "{answer:?}");
        };
        choose(out, "leave_out");
        choose(loud, "include");
        let seen = preview(bench, story, "");
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

        let list = bench.call(&agent, "GET", &format!("/v1/stories/{story}/feedback"), None).json();
        let of = |id: Id| list["data"].as_array().unwrap().iter().find(|f| f["id"] == json!(id)).unwrap().clone();
        assert_eq!(
            (&of(asdf)["probably_not_about_this"], &of(asdf)["left_out"]),
            (&json!(true), &json!("probably_not_about_this"))
        );

        bench.release(story);
        let told: Vec<Id> = bench.closures(story).iter().map(|closure| closure.customer.id).collect();
        let mut expected = vec![ann, minji, phone, both, loud];
        expected.sort();
        let mut told_sorted = told.clone();
        told_sorted.sort();
        assert_eq!(told_sorted, expected, "as previewed");
        let mail = bench.mails().mails_to("both@example.com").remove(0);
        assert!(mail.text.contains("> When is my refund?") && !mail.text.contains("thx"), "{}", mail.text);
        assert!(bench.mails().mails_to("glad@example.com").is_empty());

        // Put back, and asked again by the next release.
        choose(out, "undecided");
        bench.transition(story, json!({ "to": "ready", "reason": "Again", "tell_customers": false })).unwrap();
        bench.go(story, "released");
        assert!(bench.closures(story).iter().any(|closure| closure.customer.id == out));
    });
}

#[test]
fn what_a_person_moves_to_a_theme_belongs_there() {
    without_mail(|bench| {
        let (theme, other) = (bench.theme(), bench.theme());
        bench.say(theme, "ann@example.com", "Refund please");
        let (asdf, stray) = far(bench, theme, "stray@example.com");
        let story = bench.story(theme);
        assert_eq!(why(&preview(bench, story, ""), stray), "probably_not_about_this");
        let agent = bench.token(Role::Support, None);
        for to in [other, theme] {
            let moved =
                bench.call(&agent, "POST", &format!("/v1/feedback/{asdf}/move"), Some(json!({ "theme_id": to })));
            assert_eq!(moved.status, 200);
        }
        assert_eq!(why(&preview(bench, story, ""), stray), "agent");
    });
}

#[test]
fn previews_come_in_pages_and_choices_name_what_is_unknown() {
    without_mail(|bench| {
        let theme = bench.theme();
        for n in 0..7 {
            bench.say(theme, &format!("c{n}@example.com"), "Refund please");
        }
        praise(bench, theme, "glad@example.com");
        let story = bench.story(theme);
        let mut seen = Vec::new();
        let mut query = "?limit=3&told=true".to_owned();
        loop {
            let page = preview(bench, story, &query);
            assert_eq!(page["stories"][0]["told"]["agent"], 7, "all are counted on every page");
            seen.extend(page["data"].as_array().unwrap().iter().map(|r| r["customer"]["id"].to_string()));
            let Some(cursor) = page["next_cursor"].as_str() else { break };
            query = format!("?limit=3&told=true&cursor={cursor}");
        }
        let distinct: std::collections::BTreeSet<&String> = seen.iter().collect();
        assert_eq!((seen.len(), distinct.len()), (7, 7));
        let first = &preview(bench, story, "")["data"][0];
        assert_eq!(first["why_not_mailed"], "no_mail_server");
        let declined = preview(bench, story, "?act=decline&reason=Banks+do+not+say");
        assert_eq!(declined["stories"][0]["texts"][0]["reason"], "Banks do not say");

        let agent = bench.token(Role::Support, None);
        let wrong = json!({ "customer_ids": [Id::next()], "choice": "leave_out" });
        bench
            .call(&agent, "POST", &format!("/v1/stories/{story}/tell_choices"), Some(wrong))
            .refused(&["/customer_ids/0 unknown"]);
        bench.call(&agent, "GET", &format!("/v1/stories/{}/preview", Id::next()), None).problem(404, "not_found");
    });
}

#[test]
fn a_release_shows_all_its_stories_and_closing_shows_who_would_not_hear() {
    without_mail(|bench| {
        let (one, two) = (bench.theme(), bench.theme());
        let ann = bench.say(one, "ann@example.com", "Refund please");
        bench.say(two, "ann@example.com", "A dark mode");
        let bob = bench.say(two, "bob@example.com", "Dark mode please");
        let stories = [bench.story(one), bench.story(two)];
        let admin = bench.token(Role::Admin, None);
        let release = bench.call(&admin, "POST", "/v1/releases", Some(json!({ "name": "1.4.0" }))).json()["id"].clone();
        let release: Id = release.as_str().unwrap().parse().unwrap();
        let path = format!("/v1/releases/{release}");
        let added = bench.call(&admin, "POST", &format!("{path}/stories"), Some(json!({ "story_ids": stories })));
        assert_eq!(added.status, 200, "{added:?}");
        let seen = bench.call(&admin, "GET", &format!("{path}/preview"), None).json();
        assert_eq!((seen["release"].as_str(), seen["data"].as_array().unwrap().len()), (Some("1.4.0"), 3));
        assert_eq!(seen["stories"].as_array().unwrap().len(), 2);
        for story in stories {
            bench.go(story, "ready");
        }
        let shipped = bench.call(&admin, "POST", &format!("{path}/ship"), Some(json!({ "deployed": true })));
        assert_eq!(shipped.status, 200, "{shipped:?}");
        assert_eq!(bench.stage(stories[1]), Stage::Released);
        assert!(
            bench.closures(stories[0]).iter().all(|c| c.release_id == Some(release) && c.channel == Channel::Email)
        );
        let close = preview(bench, stories[1], "?act=close");
        assert_eq!((why(&close, ann), why(&close, bob)), (json!("given_up"), json!("given_up")));
    });
}
