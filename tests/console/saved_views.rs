//! Saved views: the API's rules, and the line of views above a list.

use std::time::Duration;

use hearback::domain::team::Role;
use serde_json::{Value, json};

use super::visitor::Visitor;
use crate::support::{ADMIN, Answer, Person, World, eventually, on_each_world};

fn save(world: &World, person: &Person, view: Value) -> Answer {
    world.send("POST", "/v1/views", &person.token, Some(&view))
}

fn names(world: &World, person: &Person, path: &str) -> Vec<String> {
    let answer = world.send("GET", path, &person.token, None);
    assert_eq!(answer.status, 200, "{answer:?}");
    let list = answer.json();
    let views = list["data"].as_array().expect("a list");
    views.iter().map(|view| view["name"].as_str().expect("a name").to_owned()).collect()
}

#[test]
fn a_view_is_its_owners_until_it_is_shared() {
    on_each_world(|world| {
        let ana = world.person("Ana", "ana@example.com", Role::Support, "en");
        let bo = world.person("Bo", "bo@example.com", Role::Viewer, "en");
        let saved = save(
            world,
            &ana,
            json!({ "page": "backlog", "name": " Drafts ", "query": "?stage=draft&cursor=x&new=1&q=" }),
        );
        assert_eq!(saved.status, 201, "{saved:?}");
        let view = saved.json();
        assert_eq!((&view["query"], &view["name"]), (&json!("stage=draft"), &json!("Drafts")), "{view}");
        let path = format!("/v1/views/{}", saved.id());
        assert_eq!(saved.header("Location"), Some(path.as_str()));
        world.send("GET", &path, &bo.token, None).problem(404, "not_found");
        world.send("PATCH", &path, &bo.token, Some(&json!({ "name": "x" }))).problem(404, "not_found");
        world.send("PATCH", &path, ADMIN, Some(&json!({ "name": "x" }))).problem(404, "not_found");
        assert!(names(world, &bo, "/v1/views").is_empty());
        save(world, &ana, json!({ "page": "backlog", "name": "Drafts" })).problem(409, "conflict");
        assert_eq!(save(world, &ana, json!({ "page": "themes", "name": "Drafts" })).status, 201, "another list");

        let shared = world.send("PATCH", &path, &ana.token, Some(&json!({ "shared": true, "pinned": true })));
        assert_eq!(shared.status, 200, "{shared:?}");
        assert_eq!(names(world, &bo, "/v1/views"), ["Drafts"]);
        assert_eq!(names(world, &ana, "/v1/views?page=backlog&limit=1"), ["Drafts"]);
        world.send("PATCH", &path, &bo.token, Some(&json!({ "name": "x" }))).problem(403, "forbidden");
        world.send("DELETE", &path, &bo.token, None).problem(403, "forbidden");
        let renamed = world.send("PATCH", &path, ADMIN, Some(&json!({ "name": "Our drafts" })));
        assert_eq!(renamed.status, 200, "admins change shared ones: {renamed:?}");
        let stale = [("If-Match", "\"1\"")];
        world
            .send_with("PATCH", &path, &ana.token, Some(&json!({ "name": "y" })), &stale)
            .problem(412, "version_mismatch");

        let opened = world.send("POST", &format!("{path}/open_with"), &bo.token, None);
        assert_eq!(opened.json()["opens"], true, "{opened:?}");
        assert_eq!(world.send("GET", &path, &ana.token, None).json()["opens"], false, "each member chooses");
        world.send("PATCH", &path, &ana.token, Some(&json!({ "shared": false })));
        world.send("PATCH", &path, &ana.token, Some(&json!({ "shared": true })));
        assert_eq!(world.send("GET", &path, &bo.token, None).json()["opens"], false, "it was not theirs meanwhile");
        assert_eq!(world.send("DELETE", &path, &ana.token, None).status, 204);
        world.send("GET", &path, &ana.token, None).problem(404, "not_found");
        let happened = || -> Vec<Value> {
            let all = world.walk("/v1/events?kind=view.*", || ());
            all.into_iter().filter(|event| path.contains(event["subject_id"].as_str().expect("an id"))).collect()
        };
        // On PostgreSQL an open transaction of another test holds the log back.
        eventually("the log shows all of it", Duration::from_secs(20), || happened().len() == 6);
        let of_it = happened();
        let kinds: Vec<&str> = of_it.iter().map(|event| event["kind"].as_str().expect("a kind")).collect();
        let updated = "view.updated";
        assert_eq!(kinds, ["view.created", updated, updated, updated, updated, "view.deleted"]);
        assert!(!format!("{of_it:?}").contains("rafts"), "no texts in events: {of_it:?}");
    });
}

#[test]
fn only_what_the_list_itself_reads_is_kept() {
    on_each_world(|world| {
        let ana = world.person("Ana", "ana@example.com", Role::Support, "en");
        save(world, &ana, json!({ "page": "backlog", "name": "x", "query": "stage=nonsense" }))
            .refused(&["/query format"]);
        save(world, &ana, json!({ "page": "nowhere", "name": "" })).problem(422, "invalid");
        let mine =
            save(world, &ana, json!({ "page": "inbox", "name": "Mine", "query": "by=@me&nonsense=1&kind=bug" })).json();
        assert_eq!(mine["query"], "kind=bug&by=%40me", "me stays me, and what the list does not know is left out");
        let token = world.token(Role::Admin);
        world
            .send("POST", "/v1/views", &token, Some(&json!({ "page": "inbox", "name": "x" })))
            .problem(403, "forbidden");
        let machine = world.token(Role::Ingest);
        world.send("GET", "/v1/views", &machine, None).problem(403, "forbidden");
        for n in 0..99 {
            assert_eq!(save(world, &ana, json!({ "page": "inbox", "name": format!("n{n}") })).status, 201);
        }
        save(world, &ana, json!({ "page": "inbox", "name": "one more" })).problem(409, "conflict");
        let all = names(world, &ana, "/v1/views?limit=200");
        let mut walked = Vec::new();
        let mut path = "/v1/views?limit=30".to_owned();
        loop {
            let page = world.send("GET", &path, &ana.token, None);
            walked.extend(
                page.json()["data"]
                    .as_array()
                    .expect("a list")
                    .iter()
                    .map(|view| view["name"].as_str().expect("a name").to_owned()),
            );
            let Some(next) = page.next_link() else { break };
            path = next;
        }
        assert_eq!(walked, all, "page by page");
    });
}

#[test]
fn a_list_has_its_views_above_it_and_opens_with_the_chosen_one() {
    on_each_world(|world| {
        let ana = world.person("Ana", "ana@example.com", Role::Product, "en");
        let mut visitor = Visitor::of(world, &ana, "ana@example.com");
        world.story("Card is declined");
        let plain = visitor.read("/console/backlog");
        assert!(!plain.contains("Save this view") && !plain.contains("class=\"views\""), "nothing to save: {plain}");
        let filtered = visitor.read("/console/backlog?stage=draft&q=Card");
        assert!(
            filtered.contains("Save this view") && filtered.contains("value=\"stage=draft&#38;q=Card\""),
            "{filtered}"
        );
        let saved = visitor.submit(
            "/console/views",
            &[("page", "backlog"), ("name", "카드 </a>"), ("query", "stage=draft&q=Card"), ("shared", "true")],
        );
        assert_eq!(
            (saved.status, saved.header_text("Location")),
            (303, "/console/backlog?stage=draft&q=Card"),
            "{saved:?}"
        );
        let page = visitor.read("/console/backlog?product=&q=Card&stage=draft");
        assert!(page.contains("aria-current=\"page\" dir=\"auto\">카드 &#60;/a&#62;</a>"), "the same filters: {page}");
        assert!(!page.contains("Save this view") && page.contains("The view is saved"), "{page}");
        let other = Visitor::as_role(world, Role::Viewer).read("/console/backlog");
        assert!(other.contains("카드 &#60;/a&#62;"), "it is shared: {other}");

        let views = visitor.read("/console/views");
        let id =
            views.split("/console/views/").nth(1).and_then(|rest| rest.split('/').next()).expect("an id").to_owned();
        let path = format!("/console/views/{id}");
        assert_eq!(visitor.submit(&format!("{path}/opening"), &[("opens", "true")]).status, 303);
        let opens = visitor.get("/console/backlog");
        assert_eq!((opens.status, opens.header_text("Location")), (303, "/console/backlog?stage=draft&q=Card"));
        assert_eq!(visitor.get("/console/backlog?all=true").status, 200, "the whole list");
        let cleared = visitor.send(
            "GET",
            "/console/backlog",
            None,
            &[("Referer", "https://voice.example.com/console/backlog?stage=draft")],
        );
        assert_eq!(cleared.status, 200, "cleared on the list itself");
        assert_eq!(Visitor::as_role(world, Role::Viewer).get("/console/backlog").status, 200, "others chose nothing");

        let taken = visitor.submit("/console/views", &[("page", "backlog"), ("name", "카드 </a>"), ("query", "q=x")]);
        assert_eq!(taken.status, 409, "{taken:?}");
        assert!(
            taken.body.contains("a view of this name already") && taken.body.contains("value=\"q=x\""),
            "{taken:?}"
        );
        let empty = visitor.submit("/console/views", &[("page", "backlog"), ("name", " "), ("query", "q=x")]);
        assert_eq!(empty.status, 422, "{empty:?}");
        assert_eq!(visitor.submit(&path, &[("name", "Cards"), ("pinned", "true")]).status, 303);
        let page = visitor.read("/console/views");
        assert!(page.contains(">Cards</a>") && page.contains("pinned") && page.contains("opens the list"), "{page}");
        assert!(
            !Visitor::as_role(world, Role::Viewer).read("/console/backlog?all=true").contains("Cards"),
            "no longer shared"
        );
        let mut stranger = Visitor::as_role(world, Role::Viewer);
        assert_eq!(stranger.submit(&format!("{path}/delete"), &[]).status, 404, "it is private");
        assert_eq!(visitor.submit(&format!("{path}/delete"), &[]).status, 303);
        assert_eq!(visitor.get("/console/backlog").status, 200, "whole again");
        assert!(visitor.read("/console/views").contains("No views yet"));
    });
}

#[test]
fn erasing_a_person_takes_them_from_names_and_filters_of_views() {
    on_each_world(|world| {
        let ana = world.person("Ana", "ana@example.com", Role::Support, "en");
        let said = world
            .done("/v1/feedback", json!({ "text": "Where is my refund", "customer": { "name": "Zyxwine Parker" } }));
        let customer = said["customer"]["id"].as_str().expect("an id");
        let search = json!({ "page": "search", "name": "About Zyxwine Parker", "query": "q=Zyxwine+Parker" });
        let theirs = save(world, &ana, search).id();
        let other = save(world, &ana, json!({ "page": "search", "name": "Refunds", "query": "q=refund" })).id();
        assert_eq!(world.request("DELETE", &format!("/v1/customers/{customer}")).send().status, 200);
        let view = world.send("GET", &format!("/v1/views/{theirs}"), &ana.token, None).json();
        assert!(!view.to_string().to_lowercase().contains("zyxwine"), "{view}");
        assert_eq!(view["query"], "q=%5Berased%5D");
        let view = world.send("GET", &format!("/v1/views/{other}"), &ana.token, None).json();
        assert_eq!((&view["name"], &view["query"]), (&json!("Refunds"), &json!("q=refund")));
    });
}
