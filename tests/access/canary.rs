//! A member outside of a private product finds nothing of it: not by any operation of the API, not on any page of the
//! console, and not in the stream of events. An admin finds it everywhere, so the walk looks where it should.

use std::collections::BTreeMap;

use hearback::domain::team::Role;
use hearback::http::base::operations::{OPEN, description, each_operation};
use hearback::http::console::base::access::pages;
use serde_json::json;

use super::secret::{CANARY, EMAIL, KEY, Secret, build, outsider};
use crate::console::Visitor;
use crate::support::{Answer, World, on_each_world};

/// The addresses of an operation that reads: that of each thing of the private product it could be about, and lists with
/// the filters that name such a thing.
fn addresses(path: &str, secret: &Secret) -> Vec<String> {
    let Some((before, after)) = path.split_once("{id}") else {
        let filters =
            ["product", "theme", "story", "customer", "account", "release", "q", "name", "email", "tag", "origin"];
        let value = |name: &str| match name {
            "product" => KEY.to_owned(),
            "theme" => secret.ids["themes"].clone(),
            "story" => secret.number.clone(),
            "customer" => secret.ids["customers"].clone(),
            "account" => secret.ids["accounts"].clone(),
            "release" => secret.ids["releases"].clone(),
            "email" => EMAIL.to_owned(),
            _ => CANARY.to_owned(),
        };
        let with = filters.map(|name| format!("{path}?{name}={}", value(name)));
        return [path.to_owned(), format!("{path}?limit=200")].into_iter().chain(with).collect();
    };
    let collection = before.trim_end_matches('/').rsplit('/').next().expect("a collection");
    let ids: Vec<&str> = match collection {
        "stories" => vec![&secret.ids["stories"], &secret.number],
        // Of anything.
        "trace" => secret.every_id().chain([secret.number.as_str()]).collect(),
        name => secret.ids.get(name).map(String::as_str).into_iter().collect(),
    };
    ids.into_iter().map(|id| format!("{before}{id}{after}")).collect()
}

/// Whether an answer says anything of the private product. What the request itself said does not count.
fn tells(answer: &Answer, asked: &str, secret: &Secret) -> Option<String> {
    let body = answer.body.to_lowercase();
    let words = [CANARY, KEY, &secret.number].map(str::to_lowercase);
    let known = words.iter().map(String::as_str).chain(secret.every_id());
    known.filter(|word| !asked.to_lowercase().contains(*word)).find(|word| body.contains(*word)).map(str::to_owned)
}

#[test]
fn no_operation_tells_an_outsider_of_a_private_product() {
    on_each_world(|world| {
        let secret = build(world);
        let admin = world.token(Role::Admin);
        let outside: Vec<(Role, String)> =
            Role::ALL.iter().filter(|role| **role != Role::Admin).map(|role| (*role, outsider(world, *role))).collect();
        let (mut leaks, mut shown) = (Vec::new(), BTreeMap::new());
        let mut walked = 0;
        for (path, _, operation) in each_operation(description()).filter(|(_, method, _)| *method == "get") {
            let id = operation["operationId"].as_str().expect("an id");
            if OPEN.contains(&id) || path.starts_with("/v1/tokens") || id == "preview_granularity" {
                continue;
            }
            for address in addresses(path, &secret) {
                let told = world.send("GET", &address, &admin, None);
                assert!(told.status < 500, "{address}: {told:?}");
                if tells(&told, "", &secret).is_some() {
                    shown.insert(id, address.clone());
                }
                for (role, token) in &outside {
                    let answer = world.send("GET", &address, token, None);
                    walked += 1;
                    let about_it = path.contains("{id}") && !path.starts_with("/v1/members");
                    if answer.status >= 500 || (about_it && answer.status == 200) {
                        leaks.push(format!("{address} as {role}: {}", answer.status));
                    }
                    if let Some(word) = tells(&answer, &address, &secret) {
                        leaks.push(format!("{address} as {role}: {word} in {}", answer.body));
                    }
                }
            }
        }
        assert!(leaks.is_empty(), "{} leaks:\n{}", leaks.len(), leaks.join("\n"));
        let silent: Vec<&str> = shown.keys().copied().collect();
        assert!(shown.len() >= 38, "an admin was told of it by {} operations only: {silent:?}", shown.len());
        assert!(walked > 500, "{walked} requests");
        count(world, &secret, &outside[0].1);
    });
}

/// Counts, neighbours, and what is shown of a customer whom both products know.
fn count(world: &World, secret: &Secret, token: &str) {
    let of = |path: &str| world.send("GET", path, token, None).json();
    assert_eq!(of("/v1/feedback")["data"].as_array().map(Vec::len), Some(1), "only that of the open product");
    let both = &secret.shared;
    assert_eq!(of(&format!("/v1/customers/{both}"))["name"], "Known to both");
    assert_eq!(of(&format!("/v1/feedback?customer={both}"))["data"].as_array().map(Vec::len), Some(1));
    assert_eq!(of("/v1/customers")["data"].as_array().map(Vec::len), Some(1));
    assert_eq!(of("/v1/products")["data"].as_array().map(Vec::len), Some(1));
    let unknown = world.send("GET", "/v1/feedback?product=NOTHING", token, None);
    let hidden = world.send("GET", &format!("/v1/feedback?product={KEY}"), token, None);
    let plain = |answer: &Answer| answer.body.replace(answer.header_text("x-request-id"), "");
    assert_eq!(plain(&hidden), plain(&unknown), "a private product is answered as one that does not exist");
}

#[test]
fn nothing_of_a_private_product_can_be_changed_or_taken_from_outside() {
    on_each_world(|world| {
        let secret = build(world);
        let outside = outsider(world, Role::Product);
        let open = world.story("An open story");
        let theme = world.new_theme("An open theme");
        let events = || {
            // On PostgreSQL, transactions of other tests may hold the log back.
            world.fan_out();
            let all = world.walk("/v1/events?limit=200", || ());
            all.iter().filter(|event| event["kind"] != "webhook.enabled").count()
        };
        let before = events();
        let mut leaks = Vec::new();
        for (path, method, operation) in each_operation(description()).filter(|(_, method, _)| *method != "get") {
            let id = operation["operationId"].as_str().expect("an id");
            if OPEN.contains(&id) || id == "create_import" || path.starts_with("/v1/hooks") {
                continue;
            }
            let body = &operation["requestBody"]["content"];
            let example = body.as_object().and_then(|types| types.values().next()).map(|kind| kind["example"].clone());
            let mut addresses = addresses(path, &secret);
            if path.contains("{id}") {
                let segments = ["feedback_id", "theme_id", "story_id", "key", "product_id"];
                for address in &mut addresses {
                    for segment in segments {
                        *address = address.replace(
                            &format!("{{{segment}}}"),
                            match segment {
                                "feedback_id" => &secret.ids["feedback"],
                                "theme_id" => &secret.ids["themes"],
                                "story_id" => &secret.ids["stories"],
                                "product_id" => &secret.product,
                                _ => "zanzibarquux",
                            },
                        );
                    }
                }
                for address in addresses {
                    let sent = example.clone().filter(|example| !example.is_null()).unwrap_or_else(|| json!({}));
                    let answer = world.send(&method.to_uppercase(), &address, &outside, Some(&sent));
                    if !matches!(answer.status, 403..=405) || tells(&answer, &address, &secret).is_some() {
                        leaks.push(format!("{method} {address}: {answer:?}"));
                    }
                }
            }
        }
        assert!(leaks.is_empty(), "{}", leaks.join("\n"));
        assert_eq!(events(), before, "nothing was changed");

        let item = secret.ids["feedback"].as_str();
        let attempts = [
            ("POST", "/v1/feedback".to_owned(), json!({ "product": KEY, "text": "Hello" })),
            ("POST", "/v1/feedback".to_owned(), json!({ "product": secret.product, "text": "Hello" })),
            ("POST", "/v1/feedback".to_owned(), json!({ "text": "Again", "origin": CANARY, "external_id": CANARY })),
            ("POST", format!("/v1/stories/{open}/feedback"), json!({ "feedback_ids": [item] })),
            ("POST", format!("/v1/stories/{open}/themes"), json!({ "theme_ids": [secret.ids["themes"]] })),
            (
                "POST",
                format!("/v1/stories/{open}/transitions"),
                json!({ "to": "duplicate", "duplicate_of": secret.number }),
            ),
            ("POST", format!("/v1/themes/{theme}/merge"), json!({ "theme_id": secret.ids["themes"] })),
            ("POST", "/v1/stories".to_owned(), json!({ "product": KEY, "title": "Mine" })),
            ("POST", "/v1/stories".to_owned(), json!({ "theme_id": secret.ids["themes"] })),
            ("POST", "/v1/feedback/bulk".to_owned(), json!({ "ids": [item], "action": "dismiss", "reason": "x" })),
            ("POST", "/v1/customers".to_owned(), json!({ "email": EMAIL })),
            ("POST", "/v1/similar".to_owned(), json!({ "product": KEY, "text": CANARY })),
            (
                "POST",
                format!("/v1/stories/{open}/trials"),
                json!({ "kind": "demo", "verdict": "passed", "customer_id": secret.ids["customers"] }),
            ),
        ];
        for (method, path, body) in attempts {
            let answer = world.send(method, &path, &outside, Some(&body));
            assert!(matches!(answer.status, 403 | 404 | 409 | 422), "{path} {body}: {answer:?}");
            let asked = format!("{path} {body}");
            assert_eq!(tells(&answer, &asked, &secret), None, "{path} {body}: {answer:?}");
        }
        let similar = world.send("POST", "/v1/similar", &outside, Some(&json!({ "text": format!("{CANARY} fails") })));
        assert_eq!(tells(&similar, "", &secret), None, "{similar:?}");
        assert_eq!(events(), before, "nothing was changed");
    });
}

#[test]
fn no_page_of_the_console_tells_an_outsider_of_a_private_product() {
    on_each_world(|world| {
        let secret = build(world);
        let (mut admin, mut shown) = (Visitor::as_role(world, Role::Admin), 0);
        let mut outside: Vec<Visitor<'_>> =
            [Role::Product, Role::Support, Role::Viewer].map(|role| Visitor::as_role(world, role)).into();
        let mut leaks = Vec::new();
        for (pattern, rules) in pages() {
            if rules.iter().all(|(method, _)| *method != "GET")
                || pattern.contains("{token}")
                || pattern.contains("{file}")
            {
                continue;
            }
            for address in page_addresses(pattern, &secret) {
                let told = admin.get(&address);
                assert!(told.status < 500, "{address}: {told:?}");
                shown += usize::from(tells(&told, "", &secret).is_some());
                for visitor in &mut outside {
                    let answer = visitor.get(&address);
                    if answer.status >= 500 || tells(&answer, &address, &secret).is_some() {
                        leaks.push(format!("{address}: {} {}", answer.status, answer.body));
                    }
                }
            }
        }
        assert!(leaks.is_empty(), "{}", leaks.join("\n"));
        assert!(shown >= 10, "an admin finds it on {shown} pages only");
    });
}

/// The addresses of a page: for each thing that its pattern could name, and with searches and filters.
fn page_addresses(pattern: &str, secret: &Secret) -> Vec<String> {
    let Some(start) = pattern.find('{') else {
        let more = ["", "?q=Zanzibarquux", "?text=Zanzibarquux", "?product="];
        return more
            .iter()
            .map(|more| format!("{pattern}{more}{}", if more.ends_with('=') { KEY } else { "" }))
            .collect();
    };
    let end = pattern.find('}').map_or(pattern.len(), |end| end + 1);
    let all = secret.every_id().chain([secret.number.as_str(), KEY]);
    all.map(|id| format!("{}{id}{}", &pattern[..start], &pattern[end..])).filter(|path| !path.contains('{')).collect()
}
