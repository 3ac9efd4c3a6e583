//! What the pages show and do: the day of a support agent and of a product person, without scripts.

use hearback::domain::team::Role;
use hearback::store::themes;
use serde_json::{Value, json};

use super::visitor::{Visitor, hidden};
use crate::support::{World, on_each_world};

/// Two stories with feedback, of which the first has the higher score.
fn backlog(world: &World) -> (String, String) {
    let story = |title: &str, reach: f64| {
        let story = world.done(
            "/v1/stories",
            json!({ "title": title, "as_a": "baker", "i_want": "to pay", "so_that": "I can sell",
            "acceptance_criteria": [{ "text": "It is paid" }, { "text": "It says so" }] }),
        );
        let number = story["number"].as_str().expect("a number").to_owned();
        world.patch(&format!("/v1/stories/{number}"), json!({ "priority": { "reach": reach } }));
        number
    };
    (story("Card is declined", 90.0), story("환불이 늦어요", 10.0))
}

fn version_of(world: &World, number: &str) -> i64 {
    world.read(&format!("/v1/stories/{number}"))["version"].as_i64().expect("a version")
}

#[test]
fn the_backlog_is_ranked_filtered_by_its_address_and_explains_each_score() {
    on_each_world(|world| {
        let mut visitor = Visitor::as_role(world, Role::Viewer);
        let empty = visitor.read("/console/backlog");
        assert!(empty.contains("No stories yet"), "{empty}");
        let (first, second) = backlog(world);
        let page = visitor.read("/console/backlog");
        let at = |text: &str| page.find(text).unwrap_or_else(|| panic!("{text} in {page}"));
        assert!(at("Card is declined") < at("환불이 늦어요"), "the higher score first");
        assert!(page.contains("Set by a person; otherwise 0:"), "each factor says where it comes from: {page}");
        assert_eq!(page.matches("<summary><span class=\"number\">").count(), 2, "one explanation a row");
        let found = visitor.read("/console/backlog?q=%ED%99%98%EB%B6%88&stage=draft");
        assert!(found.contains(&second) && !found.contains(&first), "{found}");
        assert!(found.contains("value=\"환불\""), "the filter shows what it filters by");
        let none = visitor.read("/console/backlog?stage=released");
        assert!(none.contains("Nothing matches"), "{none}");
        assert_eq!(visitor.get("/console/backlog?stage=nonsense").status, 422);
        assert_eq!(visitor.get("/console/backlog?product=NOPE").status, 422);
    });
}

#[test]
fn a_long_backlog_has_pages_that_go_on_with_the_rank() {
    on_each_world(|world| {
        for n in 0..53 {
            world.story(&format!("Story {n}"));
        }
        let mut visitor = Visitor::as_role(world, Role::Product);
        let page = visitor.read("/console/backlog");
        assert_eq!(page.matches("class=\"rank\"").count(), 50);
        assert!(page.len() <= 60_000, "{} bytes for 50 rows", page.len());
        let (_, rest) = page.split_once("rel=\"next\" href=\"").expect("a next page");
        let next = rest.split('"').next().expect("an address").replace("&#38;", "&");
        let page = visitor.read(&next);
        assert_eq!(page.matches("class=\"rank\"").count(), 3);
        assert!(page.contains(">51</td>") && page.contains(">53</td>") && page.contains("First page"), "{page}");
    });
}

#[test]
fn a_story_is_accepted_and_declined_with_a_reason() {
    on_each_world(|world| {
        let (number, other) = backlog(world);
        let mut visitor = Visitor::as_role(world, Role::Product);
        let path = format!("/console/stories/{number}");
        let page = visitor.read(&path);
        for expected in ["Card is declined", "baker", "to pay", "I can sell", "It says so", ">Accept<", "Set factors"] {
            assert!(page.contains(expected), "{expected}: {page}");
        }
        let version = hidden(&page, "version");
        let moved = visitor.submit(&format!("{path}/move"), &[("to", "accepted"), ("version", &version)]);
        assert_eq!((moved.status, moved.header_text("location")), (303, path.as_str()), "{moved:?}");
        let page = visitor.read(&path);
        assert!(page.contains("The story was moved.") && page.contains("accepted"), "{page}");
        assert!(page.contains("moved from draft to accepted"), "the history: {page}");
        assert!(!visitor.read(&path).contains("The story was moved."), "a message is shown once");

        let stale = visitor.submit(&format!("{path}/move"), &[("to", "scoped"), ("version", &version)]);
        assert_eq!(stale.status, 412, "somebody else moved it meanwhile");
        let refused = visitor.submit(&format!("/console/stories/{other}/move"), &[("to", "released")]);
        assert_eq!(refused.status, 409);
        assert!(refused.body.contains("can&#39;t move from `draft` to `released`"), "{}", refused.body);
        let without = visitor.submit(&format!("/console/stories/{other}/move"), &[("to", "declined")]);
        assert_eq!(without.status, 422, "a reason is missing");
        let form = [("to", "declined"), ("reason", "We will not do this."), ("tell_customers", "yes")];
        assert_eq!(visitor.submit(&format!("/console/stories/{other}/move"), &form).status, 303);
        assert_eq!(world.read(&format!("/v1/stories/{other}"))["stage_reason"], "We will not do this.");
        let mut support = Visitor::as_role(world, Role::Viewer);
        let page = support.read(&path);
        assert!(!page.contains("/move\"") && !page.contains("/edit\""), "a viewer is shown no acts: {page}");
    });
}

#[test]
fn factors_are_set_and_computed_again() {
    on_each_world(|world| {
        let (number, _) = backlog(world);
        let mut visitor = Visitor::as_role(world, Role::Product);
        let path = format!("/console/stories/{number}/factors");
        let factor = |name: &str| world.read(&format!("/v1/stories/{number}"))["priority"]["factors"][name].clone();
        let set = [("reach", "12"), ("impact", "2"), ("confidence", "0,8"), ("effort", "")];
        assert_eq!(visitor.submit(&path, &set).status, 303);
        assert_eq!((&factor("impact")["value"], &factor("confidence")["value"]), (&json!(2.0), &json!(0.8)));
        assert_eq!(factor("effort")["source"], "derived");
        let wrong = visitor.submit(&path, &[("reach", "many"), ("effort", "0.1"), ("impact", "2")]);
        assert_eq!(wrong.status, 422);
        assert!(wrong.body.contains("value=\"many\"") && wrong.body.contains("#priority-reach"), "{}", wrong.body);
        assert_eq!(visitor.submit(&path, &[]).status, 303);
        assert_eq!(factor("reach")["source"], "derived");
    });
}

#[test]
fn an_edit_conflict_shows_both_texts_and_loses_neither() {
    on_each_world(|world| {
        let (number, _) = backlog(world);
        let mut visitor = Visitor::as_role(world, Role::Product);
        let path = format!("/console/stories/{number}/edit");
        let version = hidden(&visitor.read(&path), "version");
        world.patch(&format!("/v1/stories/{number}"), json!({ "title": "Card is declined abroad" }));
        let form = |title, version| {
            vec![
                ("title", title),
                ("as_a", "baker"),
                ("i_want", "to pay"),
                ("so_that", "I can sell"),
                ("criteria", "It is paid\nAnd fast"),
                ("version", version),
            ]
        };
        let conflict = visitor.submit(&path, &form("Card is refused", &version));
        assert_eq!(conflict.status, 412);
        for expected in ["Card is refused", "Card is declined abroad", "And fast", "Somebody changed this story"] {
            assert!(conflict.body.contains(expected), "{expected}: {}", conflict.body);
        }
        assert_eq!(world.read(&format!("/v1/stories/{number}"))["title"], "Card is declined abroad");
        let now = hidden(&conflict.body, "version");
        assert_eq!(now, version_of(world, &number).to_string());
        assert_eq!(visitor.submit(&path, &form("Card is refused", &now)).status, 303);
        let story = world.read(&format!("/v1/stories/{number}"));
        assert_eq!(
            (&story["title"], &story["acceptance_criteria"][1]["text"]),
            (&json!("Card is refused"), &json!("And fast"))
        );
        let empty = visitor.submit(&path, &form("", &version_of(world, &number).to_string()));
        assert_eq!(empty.status, 422);
        assert!(empty.body.contains("href=\"#title\"") && empty.body.contains("And fast"), "{}", empty.body);
    });
}

#[test]
fn feedback_is_filed_once_however_often_the_form_is_sent() {
    on_each_world(|world| {
        let mut visitor = Visitor::as_role(world, Role::Support);
        let page = visitor.read("/console/inbox");
        assert!(page.contains("Nothing here yet"), "{page}");
        let id = hidden(&page, "form_id");
        let form = [
            ("form_id", id.as_str()),
            ("text", "환불이 아직도 안 들어왔어요"),
            ("source", "call"),
            ("customer_name", "김민지"),
            ("customer_email", "minji@example.com"),
            ("account", "Blue Bakery"),
        ];
        let filed = visitor.submit("/console/inbox", &form);
        assert_eq!(filed.status, 303, "{filed:?}");
        let shown = visitor.read(filed.header_text("location"));
        assert!(
            shown.contains("환불이 아직도") && shown.contains("김민지") && shown.contains("Blue Bakery"),
            "{shown}"
        );
        let again = visitor.submit("/console/inbox", &form);
        assert_eq!(again.header_text("location"), filed.header_text("location"));
        assert!(visitor.read("/console/inbox").contains("This was filed before"));
        let all = world.read("/v1/feedback");
        assert_eq!(all["data"].as_array().map(Vec::len), Some(1));
        let item: &Value = &all["data"][0];
        assert_eq!((&item["source"], &item["customer"]["email"]), (&json!("call"), &json!("minji@example.com")));

        let wrong =
            visitor.submit("/console/inbox", &[("text", "  "), ("customer_email", "no address"), ("account", "Acme")]);
        assert_eq!(wrong.status, 422);
        for kept in ["no address", "value=\"Acme\"", "href=\"#text\""] {
            assert!(wrong.body.contains(kept), "{kept}: {}", wrong.body);
        }
        assert!(visitor.read("/console/inbox?source=call&state=pending").contains("환불이 아직도"));
        assert!(visitor.read("/console/inbox?source=chat").contains("Nothing matches"));
        assert!(visitor.read("/console/inbox?mine=true").contains("환불이 아직도"));
        assert!(!Visitor::as_role(world, Role::Viewer).read("/console/inbox").contains("name=\"text\""));
    });
}

#[test]
fn themes_are_listed_shown_renamed_and_muted() {
    on_each_world(|world| {
        let theme = world.new_theme("Late refunds");
        world.customers_say(theme, &["a", "b", "c"], json!({ "text": "Where is my refund", "language": "en" }));
        let mut visitor = Visitor::as_role(world, Role::Product);
        world.write(move |tx| themes::rows::refresh_counts(tx, &[theme])).expect("counts");
        let page = visitor.read("/console/themes");
        assert!(page.contains("Late refunds") && page.contains("en 100%"), "{page}");
        let path = format!("/console/themes/{theme}");
        let shown = visitor.read(&path);
        assert!(shown.contains("Late refunds") && shown.contains("class=\"weeks\""), "{shown}");
        let version = hidden(&shown, "version");
        let renamed =
            visitor.submit(&format!("{path}/rename"), &[("label", "Refunds are late"), ("version", &version)]);
        assert_eq!(renamed.status, 303, "{renamed:?}");
        assert!(visitor.read(&path).contains("Refunds are late"));
        assert_eq!(visitor.submit(&format!("{path}/rename"), &[("label", " ")]).status, 422);
        assert_eq!(visitor.submit(&format!("{path}/mute"), &[("muted", "true")]).status, 303);
        assert!(!visitor.read("/console/themes").contains("Refunds are late"));
        assert!(visitor.read("/console/themes?muted=true").contains("Refunds are late"));
    });
}

#[test]
fn a_search_finds_stories_themes_and_feedback_in_korean_too() {
    on_each_world(|world| {
        backlog(world);
        world.done("/v1/feedback", json!({ "text": "환불은 언제 되나요?" }));
        let mut visitor = Visitor::as_role(world, Role::Support);
        assert!(visitor.read("/console/search").contains("Search stories, themes"));
        let found = visitor.read("/console/search?q=%ED%99%98%EB%B6%88");
        assert!(found.contains("환불이 늦어요") && found.contains("환불은 언제"), "{found}");
        assert!(visitor.read("/console/search?q=zebra").contains("Nothing matches"));
        assert!(visitor.read("/console/search?story=HB-1").contains("HB-1"));
        assert_eq!(visitor.get("/console/search?theme=nonsense").status, 422);
    });
}

#[test]
fn pages_speak_the_members_language_else_the_browsers() {
    on_each_world(|world| {
        let mut visitor = Visitor::new(world);
        visitor.headers.push(("Accept-Language".to_owned(), "fr-CH, ko;q=0.9, en;q=0.8".to_owned()));
        let page = visitor.read("/console/sign-in");
        assert!(page.contains("lang=\"ko\"") && page.contains("로그인"), "the first of ours: {page}");
        visitor.submit("/console/language", &[("language", "en"), ("back", "/console/sign-in")]);
        assert!(visitor.read("/console/sign-in").contains("Sign in"), "chosen in this browser");

        let (number, _) = backlog(world);
        let person = world.person("하나", "hana@example.com", Role::Product, "ko");
        let mut hana = Visitor::of(world, &person, "hana@example.com");
        let page = hana.read(&format!("/console/stories/{number}"));
        for korean in ["인수 조건", "고객의 말", "수락", "직접 정한 값입니다", "초안"] {
            assert!(page.contains(korean), "{korean}: {page}");
        }
        assert_eq!(hana.submit("/console/language", &[("language", "en"), ("back", "/console/backlog")]).status, 303);
        assert_eq!(world.read(&format!("/v1/members/{}", person.id))["language"], "en");
        let zone = [("name", "하나"), ("language", "ko"), ("time_zone", "Asia/Seoul")];
        assert_eq!(hana.submit("/console/account", &zone).status, 303);
        assert!(!hana.read("/console/account").contains(" UTC</time>"), "times are in the member's zone");
        let wrong = [("name", ""), ("language", "ko"), ("time_zone", "Mars/Olympus")];
        assert_eq!(hana.submit("/console/account", &wrong).status, 422);
    });
}

/// The statements that a page took, as it tells.
pub(super) fn statements(visitor: &mut Visitor<'_>, path: &str) -> u32 {
    let answer = visitor.get(path);
    assert_eq!(answer.status, 200, "{answer:?}");
    let told = answer.header_text("server-timing").to_owned();
    let number = told.split('"').nth(1).and_then(|text| text.split(' ').next()?.parse().ok());
    number.unwrap_or_else(|| panic!("{told}"))
}

#[test]
fn a_page_takes_as_many_statements_for_many_rows_as_for_few() {
    on_each_world(|world| {
        let mut visitor = Visitor::as_role(world, Role::Admin);
        let theme = world.new_theme("Late refunds");
        let (number, _) = backlog(world);
        let say = |n: usize| {
            let who: Vec<String> = (0..n).map(|i| format!("c{n}-{i}")).collect();
            let who: Vec<&str> = who.iter().map(String::as_str).collect();
            world.customers_say(theme, &who, json!({ "text": "Where is my refund", "tags": ["refund"] }));
        };
        say(2);
        let release = world.release("1.0", &[]);
        let ready = |n: usize| {
            let stories: Vec<String> = (0..n).map(|i| world.ready_story(&format!("Ready {n} {i}"))).collect();
            world.done(&format!("/v1/releases/{release}/stories"), json!({ "story_ids": stories }));
        };
        ready(1);
        let metric = |key: &str| json!({ "key": key, "name": key, "kind": "business", "direction": "up" });
        world.done("/v1/metrics", metric("signups"));
        let member = world.member("duty@example.com");
        let operate = |n: usize| {
            for n in 0..n {
                let rota = json!({ "product": "HB", "name": format!("Rota {n}"), "time_zone": "UTC", "start": "2026-01-05",
                    "every": "day", "hand_over": "09:00", "members": [member] });
                world.done("/v1/rotas", rota);
                world.done("/v1/incidents", json!({ "title": format!("Incident {n}") }));
            }
            world.step("paging");
        };
        operate(1);
        let depend = |n: u32| {
            let title = format!("Needed {n}");
            let needed = world.done("/v1/stories", json!({ "title": title }))["id"].as_str().expect("an id").to_owned();
            let needs = json!({ "kind": "needs", "story_id": needed });
            world.done(&format!("/v1/stories/{number}/dependencies"), needs);
            let outside = json!({ "kind": "needs", "external": { "title": title } });
            world.done(&format!("/v1/stories/{number}/dependencies"), outside);
            let evaluation = json!({ "title": title, "story_id": number, "criteria": [{ "name": "x", "weight": 1 }],
                "options": [{ "name": "A", "kind": "buy", "scores": { "x": n % 6 } }] });
            let made = world.done("/v1/evaluations", evaluation);
            format!("/v1/evaluations/{}", made["id"].as_str().expect("an id"))
        };
        let evaluation = depend(0);
        let paths = [
            "/console/metrics".to_owned(),
            "/console/metrics/signups".to_owned(),
            "/console/backlog".to_owned(),
            format!("/console/stories/{number}/dependencies?days=3&q=refund"),
            "/console/products/HB/plan".to_owned(),
            "/console/evaluations".to_owned(),
            evaluation.replace("/v1/", "/console/"),
            format!("/console/stories/{number}"),
            "/console/themes".to_owned(),
            format!("/console/themes/{theme}"),
            format!("/console/themes/{theme}/merge"),
            "/console/themes/map".to_owned(),
            "/console/themes/proposals".to_owned(),
            "/console/backlog/board".to_owned(),
            format!("/console/stories/{number}/evidence"),
            format!("/console/stories/{number}/decline"),
            "/console/inbox".to_owned(),
            "/console/search?q=refund".to_owned(),
            "/console/customers".to_owned(),
            "/console/accounts".to_owned(),
            "/console/acts".to_owned(),
            "/console/to-tell?who=all".to_owned(),
            "/console/account".to_owned(),
            "/console/views".to_owned(),
            "/console/releases".to_owned(),
            format!("/console/releases/{release}"),
            format!("/console/releases/{release}/ship"),
            "/console/products/HB".to_owned(),
            "/console/products/HB/delivery".to_owned(),
            "/console/rotas".to_owned(),
            "/console/incidents".to_owned(),
            "/console/incidents/HB-INC-1".to_owned(),
            "/console/incidents/HB-INC-1/customers".to_owned(),
            "/console/products/HB/escalation".to_owned(),
            "/console/postmortems".to_owned(),
        ];
        let settings = ["products", "products/HB", "members", "tokens", "webhooks", "sources", "imports", "audit"];
        let privacy = ["access", "review", "data-map", "erasures", "requests", "retention", "breaches", "checklists"];
        let paths: Vec<String> = (paths.into_iter())
            .chain(settings.map(|page| format!("/console/settings/{page}")))
            .chain(privacy.map(|page| format!("/console/privacy/{page}")))
            .collect();
        let few: Vec<u32> = paths.iter().map(|path| statements(&mut visitor, path)).collect();
        say(25);
        ready(10);
        operate(10);
        for n in 1..10 {
            depend(n);
        }
        for n in 0..20 {
            world.done("/v1/metrics", metric(&format!("metric{n}")));
            let sample = json!({ "at": world.now(), "value": n, "labels": { "host": n.to_string() } });
            assert_eq!(world.post("/v1/metrics/signups/samples", json!({ "samples": [sample] })).status, 200);
            world.done("/v1/tokens", json!({ "name": format!("t{n}"), "role": "viewer" }));
        }
        for n in 0..20 {
            let revision = format!("revision-{n}");
            world.done("/v1/deployments", json!({ "revision": revision, "external_id": revision, "service": "shop" }));
        }
        for n in 0..30 {
            world.story(&format!("Refund {n}"));
            world.new_theme(&format!("Refund theme {n}"));
            let view = [("page", "backlog"), ("name", &format!("View {n}")), ("query", &format!("q=view+{n}"))];
            assert_eq!(visitor.submit("/console/views", &view).status, 303);
        }
        for (path, few) in paths.iter().zip(few) {
            let many = statements(&mut visitor, path);
            assert!(many <= few + 4, "{path}: {few} statements, then {many}");
            // The dashboard joins what eight pages show; a search and a slip are shown beside what a story needs, and what a
            // release carries beside how earlier ones fared.
            let many_parts = ["/console/products/HB", "/dependencies?", "/console/releases/"];
            let most = if many_parts.iter().any(|part| path.contains(part)) { 40 } else { 30 };
            assert!(many <= most, "{path}: {many} statements");
        }
    });
}
