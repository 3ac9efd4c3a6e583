//! The entry page, and conditional requests.

use hearback::domain::team::Role;
use serde_json::json;

use crate::support::on_each_world;

#[test]
fn the_root_address_leads_to_the_documentation() {
    on_each_world(|world| {
        let shown = world.send("GET", "/", "", None);
        assert_eq!((shown.status, shown.json()["docs"].as_str()), (200, Some("docs/")));
        let browser = world.send_with("GET", "/", "", None, &[("Accept", "text/html,application/xhtml+xml,*/*;q=0.8")]);
        assert_eq!((browser.status, browser.header_text("location")), (303, "console/"));
        assert_eq!(world.send("GET", "/nothing", "", None).status, 401, "a stranger learns nothing else");
    });
}

#[test]
fn the_page_of_the_description_works_behind_a_prefix() {
    on_each_world(|world| {
        let page = world.send("GET", "/docs/", "", None).body;
        assert!(page.contains("<title>Hearback API</title>"), "{page}");
        for absolute in ["src=\"/", "href=\"/"] {
            assert!(!page.contains(absolute), "{absolute} in {page}");
        }
        let start = world.send("GET", "/docs/swagger-initializer.js", "", None).body;
        assert!(start.contains("../openapi.json") && !start.contains("\"/openapi.json"), "{start}");
        assert_eq!(world.send("GET", "/openapi.json", "", None).json()["servers"], json!([{ "url": "./" }]));
    });
}

#[test]
fn a_resource_the_caller_already_has_is_answered_with_304() {
    on_each_world(|world| {
        let admin = world.token(Role::Admin);
        let story = world.send("POST", "/v1/stories", &admin, Some(&json!({ "title": "Refunds" }))).json();
        let product =
            world.send("GET", "/v1/products", &admin, None).json()["data"][0]["id"].as_str().unwrap().to_owned();
        for path in [format!("/v1/stories/{}", story["id"].as_str().unwrap()), format!("/v1/products/{product}")] {
            let read =
                |method: &str, tag: &str| world.send_with(method, &path, &admin, None, &[("If-None-Match", tag)]);
            let tag = world.send("GET", &path, &admin, None).header_text("etag").to_owned();
            assert!(!tag.is_empty(), "{path} has no ETag");
            for known in [tag.clone(), format!("W/{tag}"), format!("\"0\", {tag}"), "*".to_owned()] {
                for method in ["GET", "HEAD"] {
                    let same = read(method, &known);
                    assert_eq!(
                        (same.status, same.body.as_str(), same.header_text("etag")),
                        (304, "", tag.as_str()),
                        "{known}"
                    );
                }
            }
            assert_eq!(read("GET", "\"999\"").status, 200);
            let changed =
                if path.contains("stories") { json!({ "title": "Fees" }) } else { json!({ "name": "Paylo" }) };
            assert_eq!(world.send("PATCH", &path, &admin, Some(&changed)).status, 200);
            let now = read("GET", &tag);
            assert_eq!(now.status, 200, "{path}");
            assert_ne!(now.header_text("etag"), tag);
        }
        let list = world.send_with("GET", "/v1/stories", &admin, None, &[("If-None-Match", "*")]);
        assert_eq!(list.status, 200, "a list has no tag to match");
    });
}
