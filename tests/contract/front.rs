//! The entry page, and conditional requests.

use hearback::domain::team::Role;
use serde_json::json;

use super::inprocess;

#[test]
fn the_address_itself_leads_on() {
    let app = inprocess::start();
    let shown = app.send("GET", "/", "", None);
    assert_eq!((shown.status, shown.json()["docs"].as_str()), (200, Some("docs/")));
    let browser = app.send_with("GET", "/", "", None, &[("Accept", "text/html,application/xhtml+xml,*/*;q=0.8")]);
    assert_eq!((browser.status, browser.header("location")), (303, "docs/"));
    assert_eq!(app.send("GET", "/nothing", "", None).status, 401, "a stranger learns nothing else");
}

#[test]
fn the_page_of_the_description_works_behind_a_prefix() {
    let app = inprocess::start();
    let page = app.send("GET", "/docs/", "", None).text;
    assert!(page.contains("<title>Hearback API</title>"), "{page}");
    for absolute in ["src=\"/", "href=\"/"] {
        assert!(!page.contains(absolute), "{absolute} in {page}");
    }
    let start = app.send("GET", "/docs/swagger-initializer.js", "", None).text;
    assert!(start.contains("../openapi.json") && !start.contains("\"/openapi.json"), "{start}");
    assert_eq!(app.send("GET", "/openapi.json", "", None).json()["servers"], json!([{ "url": "./" }]));
}

#[test]
fn what_the_caller_has_is_not_sent_again() {
    let app = inprocess::start();
    let admin = app.token(Role::Admin);
    let story = app.send("POST", "/v1/stories", &admin, Some(&json!({ "title": "Refunds" }))).json();
    let product = app.send("GET", "/v1/products", &admin, None).json()["data"][0]["id"].as_str().unwrap().to_owned();
    for path in [format!("/v1/stories/{}", story["id"].as_str().unwrap()), format!("/v1/products/{product}")] {
        let read = |method: &str, tag: &str| app.send_with(method, &path, &admin, None, &[("If-None-Match", tag)]);
        let tag = app.send("GET", &path, &admin, None).header("etag").to_owned();
        assert!(!tag.is_empty(), "{path} has no ETag");
        for known in [tag.clone(), format!("W/{tag}"), format!("\"0\", {tag}"), "*".to_owned()] {
            for method in ["GET", "HEAD"] {
                let same = read(method, &known);
                assert_eq!((same.status, same.text.as_str(), same.header("etag")), (304, "", tag.as_str()), "{known}");
            }
        }
        assert_eq!(read("GET", "\"999\"").status, 200);
        let changed = if path.contains("stories") { json!({ "title": "Fees" }) } else { json!({ "name": "Paylo" }) };
        assert_eq!(app.send("PATCH", &path, &admin, Some(&changed)).status, 200);
        let now = read("GET", &tag);
        assert_eq!(now.status, 200, "{path}");
        assert_ne!(now.header("etag"), tag);
    }
    let list = app.send_with("GET", "/v1/stories", &admin, None, &[("If-None-Match", "*")]);
    assert_eq!(list.status, 200, "a list has no tag to match");
}
