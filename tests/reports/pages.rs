//! The page of a report behind a signed link.

use hearback::domain::base::Time;
use hearback::domain::team::Role;
use serde_json::json;

use super::{path_of, report, week};
use crate::support::{World, on_each_world};

fn link(world: &World, path: &str, more: serde_json::Value) -> (String, String) {
    let made = world.done(&format!("{path}/links"), more);
    let url = made["url"].as_str().expect("a URL");
    let page = url.split_once(".com").expect("our address").1.replace("//", "/");
    (made["id"].as_str().expect("an id").to_owned(), page)
}

#[test]
fn a_link_shows_the_report_without_sign_in_counts_readings_and_is_withdrawn() {
    on_each_world(|world| {
        week(world);
        let path = path_of(&report(world, json!({})));
        let (id, page) = link(world, &path, json!({}));
        let shown = world.open("GET", &page).send();
        assert_eq!(shown.status, 200, "{shown:?}");
        assert!(shown.body.contains("week to") && shown.body.contains("3 pieces of feedback"), "{}", shown.body);
        assert!(!shown.body.contains("Blue Bakery"), "no customers and accounts: {}", shown.body);
        assert_eq!(shown.header_text("referrer-policy"), "no-referrer");
        assert!(shown.header_text("x-robots-tag").contains("noindex"));
        assert!(shown.header_text("content-security-policy").contains("default-src 'none'"));
        world.open("GET", &page).send();
        let links = world.read(&format!("{path}/links"))["data"].clone();
        assert_eq!(links[0]["readings"], 2, "{links}");
        assert_eq!(world.read(&path)["version"], 1, "reading changes nothing");

        assert_eq!(world.send("DELETE", &format!("{path}/links/{id}"), &world.token(Role::Admin), None).status, 204);
        let gone = world.open("GET", &page).send();
        assert_eq!(gone.status, 410);
        assert!(gone.body.contains("can&#39;t be read any more") || gone.body.contains("can't be read any more"));
        let forged = format!("{}A", &page[..page.len() - 1]);
        assert!([404, 410].contains(&world.open("GET", &forged).send().status));
        assert_eq!(world.open("GET", "/reports/nonsense").send().status, 404);
    });
}

#[test]
fn a_link_names_customers_only_where_its_scope_says_so_and_expires() {
    on_each_world(|world| {
        week(world);
        let path = path_of(&report(world, json!({})));
        let (_, page) = link(world, &path, json!({ "scope": "customers", "days": 3 }));
        let shown = world.open("GET", &page).send();
        assert!(shown.body.contains("Blue Bakery"), "{}", shown.body);
        world.clock().advance(3 * Time::DAY);
        assert_eq!(world.open("GET", &page).send().status, 410);
        world.post(&format!("{path}/links"), json!({ "days": 0 })).refused(&["/days too_small"]);
    });
}
