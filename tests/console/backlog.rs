//! The backlog in its forms, and the work on a story, without scripts.

use hearback::domain::team::Role;
use serde_json::json;

use super::visitor::{Visitor, hidden};
use crate::support::{World, on_each_world};

fn story(world: &World, title: &str) -> String {
    world.done("/v1/stories", json!({ "title": title, "acceptance_criteria": [{ "text": "It works" }] }))["number"]
        .as_str()
        .expect("a number")
        .to_owned()
}

/// A story whose evidence is what this customer said.
fn asked_for(world: &World, title: &str, text: &str) -> (String, String) {
    let number = story(world, title);
    let customer = json!({ "email": "kim@example.com", "name": "Kim" });
    let said = world.done("/v1/feedback", json!({ "text": text, "kind": "request", "customer": customer }));
    let id = said["id"].as_str().expect("an id").to_owned();
    world.done(&format!("/v1/stories/{number}/feedback"), json!({ "feedback_ids": [id] }));
    (number, id)
}

#[test]
fn a_story_is_taken_gets_a_day_and_is_found_among_mine() {
    on_each_world(|world| {
        let (number, other) = (story(world, "Refunds"), story(world, "Cards"));
        let person = world.person("Mina", "mina@example.com", Role::Product, "en");
        let mut visitor = Visitor::of(world, &person, "mina@example.com");
        assert!(visitor.read("/console/backlog?owner=@me").contains("No open story is yours."));
        let path = format!("/console/stories/{number}");
        let page = visitor.read(&path);
        assert!(page.contains("I take it"), "{page}");
        let (version, owner) = (hidden(&page, "version"), person.id.to_string());
        let plan = [("version", version.as_str()), ("owner", owner.as_str()), ("due", "2099-03-31")];
        assert_eq!(visitor.submit(&format!("{path}/plan"), &plan).status, 303);
        let saved = world.read(&format!("/v1/stories/{number}"));
        assert_eq!((&saved["owner_id"], &saved["due_at"]), (&json!(owner), &json!("2099-03-31T23:59:59Z")));
        let page = visitor.read(&path);
        assert!(page.contains("value=\"2099-03-31\"") && !page.contains("I take it"), "{page}");
        let mine = visitor.read("/console/backlog?owner=@me");
        assert!(mine.contains(&number) && !mine.contains(&format!("/console/stories/{other}")), "{mine}");
        let stale = visitor.submit(&format!("{path}/plan"), &plan);
        assert_eq!(stale.status, 412, "somebody else changed it meanwhile");
        let wrong = visitor.submit(&format!("{path}/plan"), &[("owner", owner.as_str()), ("due", "tomorrow")]);
        assert_eq!(wrong.status, 422);
        assert!(wrong.body.contains("value=\"tomorrow\""), "{}", wrong.body);
        assert_eq!(visitor.get("/console/backlog?owner=somebody").status, 422);
    });
}

#[test]
fn products_and_owners_are_filtered_together_and_the_api_takes_several() {
    on_each_world(|world| {
        let [mina, jin] = ["mina", "jin"]
            .map(|name| world.person(name, &format!("{name}@example.com"), Role::Product, "en").id.to_string());
        let owned = |title: &str, owner: &str, product: &str| {
            let story = json!({ "title": title, "owner_id": owner, "product": product });
            world.done("/v1/stories", story)["number"].as_str().expect("a number").to_owned()
        };
        world.done("/v1/products", json!({ "key": "APP", "name": "App" }));
        world.done("/v1/products", json!({ "key": "WEB", "name": "Web" }));
        let first = owned("First", &mina, "APP");
        let second = owned("Second", &jin, "WEB");
        let third = owned("Third", &jin, "HB");
        let nobodys = story(world, "Nobody's");
        let mut visitor = Visitor::as_role(world, Role::Viewer);
        let mut shows = |query: &str, wanted: &[&String]| {
            let page = visitor.read(&format!("/console/backlog?{query}"));
            for number in [&first, &second, &third, &nobodys] {
                let is_there = page.contains(&format!("/console/stories/{number}\""));
                assert_eq!(is_there, wanted.contains(&number), "{query}: {number} in {page}");
            }
            page
        };
        shows("product=APP&product=WEB", &[&first, &second]);
        let page = shows(&format!("product=APP,HB&owner={mina},{jin}"), &[&first, &third]);
        assert!(page.contains("name=\"product\" value=\"HB\" checked"), "{page}");
        assert!(page.contains(&format!("name=\"owner\" value=\"{jin}\" checked")), "{page}");
        shows(&format!("owner=@me&owner={jin}"), &[&second, &third]);
        let listed = |query: &str| world.ids(&format!("/v1/stories?{query}")).len();
        assert_eq!((listed("product=APP,WEB"), listed(&format!("owner={mina},{jin}"))), (2, 3));
        assert_eq!(listed(&format!("owner={jin}&product=WEB")), 1);
        world.get("/v1/stories?product=APP,NOPE").refused(&["/product unknown"]);
        world.get("/v1/stories?owner=somebody").refused(&["/owner pattern"]);
        let token = world.token_of(Role::Product, mina.parse().expect("an id"));
        let both = world.send("GET", &format!("/v1/stories?owner=me,{jin}"), &token, None).json();
        assert_eq!(both["data"].as_array().map(Vec::len), Some(3), "{both}");
    });
}

#[test]
fn stages_are_filtered_together_and_the_api_takes_several() {
    on_each_world(|world| {
        let (draft, accepted, scoped) = (story(world, "One"), story(world, "Two"), story(world, "Three"));
        world.done(&format!("/v1/stories/{accepted}/transitions"), json!({ "to": "accepted" }));
        for to in ["accepted", "scoped"] {
            world.done(&format!("/v1/stories/{scoped}/transitions"), json!({ "to": to }));
        }
        let mut visitor = Visitor::as_role(world, Role::Viewer);
        let page = visitor.read("/console/backlog?stage=draft&stage=scoped");
        assert!(page.contains(&draft) && page.contains(&scoped) && !page.contains(&accepted), "{page}");
        assert!(page.contains("<span class=\"count\">2</span>"), "{page}");
        let listed = world.read("/v1/stories?stage=draft,accepted");
        assert_eq!(listed["data"].as_array().map(Vec::len), Some(2), "{listed}");
        assert_eq!(world.get("/v1/stories?stage=draft,done").status, 422);
    });
}

#[test]
fn a_card_moves_on_the_board() {
    on_each_world(|world| {
        let number = story(world, "Refunds");
        let mut visitor = Visitor::as_role(world, Role::Product);
        let board = visitor.read("/console/backlog/board");
        for stage in ["draft", "accepted", "building", "testing", "ready", "closing"] {
            assert!(board.contains(&format!("id=\"c-{stage}\"")), "{stage}: {board}");
        }
        assert!(board.contains("Rank 1"), "{board}");
        let form = [("to", "accepted"), ("back", "/console/backlog/board"), ("version", "1")];
        let moved = visitor.submit(&format!("/console/stories/{number}/move"), &form);
        assert_eq!(moved.header_text("location"), "/console/backlog/board", "{moved:?}");
        let board = visitor.read("/console/backlog/board?stage=accepted");
        assert!(board.contains(&number) && !board.contains("id=\"c-draft\""), "{board}");
        assert!(!Visitor::as_role(world, Role::Viewer).read("/console/backlog/board").contains("/move\""));
        let none = visitor.read("/console/backlog/board?q=zebra");
        assert!(none.contains("Nothing matches"), "{none}");
    });
}

#[test]
fn what_customers_will_read_is_shown_before_a_story_is_declined() {
    on_each_world(|world| {
        let (number, _) = asked_for(world, "Telex", "Please add telex");
        let mut visitor = Visitor::as_role(world, Role::Product);
        let path = format!("/console/stories/{number}");
        assert!(visitor.read(&path).contains(&format!("{path}/decline\"")));
        let page = visitor.read(&format!("{path}/decline"));
        assert!(
            page.contains("Who is told") && page.contains("Kim") && !page.contains("What customers will read<"),
            "{page}"
        );
        let form = [
            ("reason", "Telex is no longer in use."),
            ("tell_customers", "yes"),
            ("version", &hidden(&page, "version")),
        ];
        let shown = visitor.submit(&format!("{path}/decline"), &form);
        assert_eq!(shown.status, 200, "{shown:?}");
        assert!(shown.body.contains("<p dir=\"auto\">Telex is no longer in use.</p>"), "{}", shown.body);
        assert!(shown.body.contains("Decline, and tell 1 customer"), "{}", shown.body);
        assert_eq!(world.read(&format!("/v1/stories/{number}"))["stage"], "draft", "nothing has changed");
        let form = [("reason", "Telex is no longer in use."), ("tell_customers", "yes"), ("to", "declined")];
        assert_eq!(visitor.submit(&format!("{path}/move"), &form).status, 303);
        let page = visitor.read(&path);
        assert!(
            page.contains("The story was declined.") && page.contains("Recall the messages of 1 customer"),
            "{page}"
        );
        assert!(
            page.contains("<th scope=\"row\">waiting</th><td class=\"r\">1</td>") || page.contains("class=\"bars\""),
            "{page}"
        );
        assert_eq!(visitor.submit(&format!("{path}/recall"), &[]).status, 303);
        assert!(!visitor.read(&path).contains("Recall the messages of"), "nothing waits any more");
        let quiet = story(world, "Fax");
        let shown = visitor.submit(&format!("/console/stories/{quiet}/decline"), &[("reason", "No.")]);
        assert!(shown.body.contains("No customer is told."), "{}", shown.body);
    });
}

#[test]
fn gates_are_signed_and_withdrawn_on_the_page() {
    on_each_world(|world| {
        world.settings(json!({ "gates": [{ "key": "security", "title": "Security review", "stage": "ready" }] }));
        let number = story(world, "Refunds");
        let mut visitor = Visitor::as_role(world, Role::Developer);
        let path = format!("/console/stories/{number}");
        let page = visitor.read(&path);
        assert!(page.contains("Security review") && page.contains("needed for ready"), "{page}");
        let empty = visitor.submit(&format!("{path}/sign"), &[("gate", "security"), ("evidence", " ")]);
        assert_eq!(empty.status, 422);
        let signed = visitor.submit(&format!("{path}/sign"), &[("gate", "security"), ("evidence", "Reviewed by two")]);
        assert_eq!(signed.status, 303, "{signed:?}");
        let page = visitor.read(&path);
        assert!(
            page.contains("Reviewed by two") && page.contains(">signed</span>") && page.contains("The developer"),
            "{page}"
        );
        let again = visitor.submit(&format!("{path}/sign"), &[("gate", "security"), ("evidence", "Again")]);
        assert_eq!(again.status, 409);
        let back = visitor.submit(&format!("{path}/withdraw"), &[("gate", "security"), ("reason", "New code")]);
        assert_eq!(back.status, 303, "{back:?}");
        assert!(visitor.read(&path).contains("New code"));
        assert_eq!(visitor.submit(&format!("{path}/sign"), &[("gate", "none"), ("evidence", "x")]).status, 404);
    });
}

#[test]
fn links_trials_and_a_release_are_added_on_the_page() {
    on_each_world(|world| {
        let number = story(world, "Refunds");
        world.done(&format!("/v1/stories/{number}/transitions"), json!({ "to": "accepted" }));
        let release = world.done("/v1/releases", json!({ "name": "1.4.0" }));
        let mut visitor = Visitor::as_role(world, Role::Product);
        let path = format!("/console/stories/{number}");
        let url = "https://github.com/acme/app/pull/42";
        assert_eq!(visitor.submit(&format!("{path}/link"), &[("url", url)]).status, 303);
        let page = visitor.read(&path);
        assert!(page.contains("acme/app 42") && page.contains("The link was added."), "{page}");
        let link = hidden_button(&page, "link");
        let missing = visitor.submit(&format!("{path}/link"), &[("provider", "other"), ("kind", "issue")]);
        assert_eq!(missing.status, 422);
        assert!(missing.body.contains("href=\"#repository\""), "{}", missing.body);
        assert_eq!(visitor.submit(&format!("{path}/unlink"), &[("link", &link)]).status, 303);
        assert!(!visitor.read(&path).contains("acme/app 42"));
        let unasked = visitor.submit(&format!("{path}/issue"), &[]);
        assert_eq!(unasked.status, 409, "the product has no tracker");

        let trial = [("tried_by", "Min-ji"), ("kind", "trial"), ("verdict", "passed"), ("note", "Found it at once")];
        assert_eq!(visitor.submit(&format!("{path}/trial"), &trial).status, 303);
        let page = visitor.read(&path);
        assert!(
            page.contains("Min-ji") && page.contains("Found it at once") && page.contains(">passed</span>"),
            "{page}"
        );
        let unnamed =
            visitor.submit(&format!("{path}/trial"), &[("kind", "trial"), ("verdict", "passed"), ("note", "kept")]);
        assert_eq!(unnamed.status, 422);
        assert!(unnamed.body.contains(">kept</textarea>"), "{}", unnamed.body);

        let id = release["id"].as_str().expect("an id");
        assert!(page.contains(&format!("<option value=\"{id}\">1.4.0</option>")), "{page}");
        assert_eq!(visitor.submit(&format!("{path}/release"), &[("release", id)]).status, 303);
        let page = visitor.read(&path);
        assert!(page.contains(&format!("/console/releases/{id}\"")) && page.contains("In release"), "{page}");
    });
}

/// The value of a button of a page.
fn hidden_button(page: &str, name: &str) -> String {
    hidden(&page.replace("<button class=\"small\" ", "<input "), name)
}

#[test]
fn evidence_is_found_added_and_taken_out() {
    on_each_world(|world| {
        let (number, said) = asked_for(world, "Refunds", "Where is my refund");
        let other = world.done("/v1/feedback", json!({ "text": "The refund never came" }));
        let other = other["id"].as_str().expect("an id");
        let mut visitor = Visitor::as_role(world, Role::Support);
        let path = format!("/console/stories/{number}/evidence");
        let page = visitor.read(&format!("{path}?q=refund"));
        assert!(page.contains("The refund never came") && page.contains("Where is my refund"), "{page}");
        let back = format!("{path}?q=refund");
        let added = visitor.submit(&path, &[("feedback", other), ("back", &back)]);
        assert_eq!(added.header_text("location"), back, "{added:?}");
        assert_eq!(world.read(&format!("/v1/stories/{number}"))["feedback_count"], 2);
        let removed = visitor.submit(&format!("{path}/remove"), &[("feedback", &said), ("back", &path)]);
        assert_eq!(removed.status, 303, "{removed:?}");
        let page = visitor.read(&path);
        assert!(!page.contains("Where is my refund") && page.contains("Removed from the evidence"), "{page}");
        assert_eq!(visitor.submit(&path, &[("feedback", "nothing")]).status, 422);
    });
}

#[test]
fn a_proposed_duplicate_is_confirmed_or_turned_down() {
    on_each_world(|world| {
        let (one, other) = (world.new_theme("Late refunds"), world.new_theme("Refund missing"));
        world.customers_say(one, &["a", "b", "c"], json!({ "text": "Where is my refund" }));
        world.customers_say(other, &["d", "e", "f"], json!({ "text": "My refund is missing" }));
        let first = world.done("/v1/stories", json!({ "theme_id": one }));
        let second = world.done("/v1/stories", json!({ "theme_id": other }));
        world.merge(one, other).expect("a merge");
        let number = second["number"].as_str().expect("a number");
        let mut visitor = Visitor::as_role(world, Role::Product);
        let path = format!("/console/stories/{number}");
        let page = visitor.read(&path);
        assert!(page.contains("This seems to be a duplicate of"), "{page}");
        assert_eq!(visitor.submit(&format!("{path}/plan"), &[("not_duplicate", "yes")]).status, 303);
        assert!(!visitor.read(&path).contains("This seems to be a duplicate of"));
        let first_id = first["id"].as_str().expect("an id");
        let marked = visitor.submit(&format!("{path}/move"), &[("to", "duplicate"), ("duplicate_of", first_id)]);
        assert_eq!(marked.status, 303, "{marked:?}");
        assert_eq!(world.read(&format!("/v1/stories/{number}"))["stage"], "duplicate");
    });
}
