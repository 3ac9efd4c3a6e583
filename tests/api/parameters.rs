//! Every parameter of every operation with values that databases do not accept (NUL characters, wildcards).

use std::time::Duration;

use hearback::http::base::operations::{description, each_operation};
use serde_json::{Value, json};

use crate::support::{World, eventually, on_each_program};

/// The path with each `{...}` in turn replaced by `with`, and the others by a harmless value.
fn addresses(path: &str, with: &str) -> Vec<String> {
    let parts: Vec<&str> = path.split('/').collect();
    let holes: Vec<usize> = (0..parts.len()).filter(|n| parts[*n].contains('{')).collect();
    let fill = |hole: usize| {
        let part = |(n, part): (usize, &&str)| match part.contains('{') {
            true if n == hole => {
                let (before, after) = (part.split('{').next().unwrap(), part.split('}').next_back().unwrap());
                format!("{before}{with}{after}")
            }
            true => "00000000-0000-7000-8000-000000000000".to_owned(),
            false => (*part).to_owned(),
        };
        parts.iter().enumerate().map(part).collect::<Vec<_>>().join("/")
    };
    holes.into_iter().map(fill).collect()
}

#[test]
fn a_nul_in_an_address_names_nothing_and_breaks_nothing() {
    on_each_program(|server| {
        let mut tried = 0;
        for (path, method, operation) in each_operation(description()) {
            let send = |address: &str| {
                let request = server.request(&method.to_uppercase(), address);
                let request = if method == "get" || method == "delete" { request } else { request.json(&json!({})) };
                request.send()
            };
            for with in ["%00", "a%00b"] {
                for address in addresses(path, with) {
                    let answer = send(&address);
                    assert!((400..500).contains(&answer.status), "{method} {address}: {answer:?}");
                    tried += 1;
                }
            }
            let plain = path.split('/').map(|part| if part.contains('{') { "HB" } else { part });
            let plain = plain.collect::<Vec<_>>().join("/");
            let parameters = operation["parameters"].as_array().into_iter().flatten();
            for parameter in parameters.filter(|parameter| parameter["in"] == "query") {
                let name = parameter["name"].as_str().expect("a name");
                for rest in ["", "&no_such_parameter=1"] {
                    let answer = send(&format!("{plain}?{name}=%00{rest}"));
                    assert!((400..500).contains(&answer.status), "{method} {plain}?{name}=%00{rest}: {answer:?}");
                    tried += 1;
                }
            }
        }
        assert!(tried > 200, "only {tried}");
    });
}

#[test]
fn the_wildcard_of_an_event_filter_is_the_star_alone() {
    on_each_program(|server| {
        server.file(&json!({ "text": "said" }));
        let count = |kind: &str| server.ids(&format!("/v1/events?kind={kind}")).len();
        // Grouping may have written a second event already.
        eventually("it is in the log", Duration::from_secs(60), || count("feedback.*") >= 1);
        assert_eq!((count("f_edback.*"), count("feedbac_.*")), (0, 0));
    });
}

/// A member with their own token.
fn member(server: &World) -> (String, String) {
    let jin = json!({ "name": "Jin", "email": "jin@example.com", "role": "product" });
    let id = server.post("/v1/members", &jin).id();
    let token = server.post("/v1/tokens", json!({ "name": "laptop", "role": "product", "member_id": id })).json();
    (id, token["secret"].as_str().expect("a secret").to_owned())
}

#[test]
fn me_is_accepted_wherever_a_member_is() {
    on_each_program(|server| {
        let (id, token) = member(server);
        let send =
            |method: &str, path: &str, body: &Value| server.request(method, path).token(Some(&token)).json(body).send();
        let mine = send("POST", "/v1/stories", &json!({ "title": "Mine", "owner_id": "me" }));
        assert_eq!((mine.status, &mine.json()["owner_id"]), (201, &json!(id)), "{mine:?}");
        let other = send("POST", "/v1/stories", &json!({ "title": "Nobody's" })).id();
        let list = || server.request("GET", "/v1/stories?owner=me").token(Some(&token)).send().json();
        assert_eq!(list()["data"].as_array().map(Vec::len), Some(1));
        let taken = send("PATCH", &format!("/v1/stories/{other}"), &json!({ "owner_id": "me" }));
        assert_eq!((taken.status, list()["data"].as_array().map(Vec::len)), (200, Some(2)), "{taken:?}");
        assert_eq!(server.request("GET", "/v1/closures?assignee=me").token(Some(&token)).send().status, 200);
        let unknown = "/v1/closures/00000000-0000-7000-8000-000000000000/assign";
        send("POST", unknown, &json!({ "member_id": "me" })).problem(404, "not_found");

        // The admin's token is a service's.
        server.get("/v1/stories?owner=me").refused(&["/owner not_a_member"]);
        server.get("/v1/closures?assignee=me").refused(&["/assignee not_a_member"]);
        server.post(unknown, json!({ "member_id": "me" })).refused(&["/member_id not_a_member"]);
    });
}
