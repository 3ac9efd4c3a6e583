//! Who may open what: every method of every page, for each role, as `api/roles.csv` says.

use std::collections::BTreeMap;

use hearback::domain::team::Role;
use hearback::http::base::operations::{allowed, description, each_operation};
use hearback::http::console::base::access::{Access, pages};

use super::visitor::Visitor;
use crate::support::on_each_shared_world;

/// A path with ids and links that nobody has.
fn path_of(pattern: &str) -> String {
    pattern
        .replace("{id}", "00000000-0000-7000-8000-000000000000")
        .replace("{token}", "hbi_nobody")
        .replace("{file}", "nothing.css")
}

#[test]
fn every_page_refuses_without_a_session_but_those_that_let_people_in() {
    on_each_shared_world(|world| {
        Visitor::new(world).get("/console/sign-in");
        let all = pages();
        assert!(all.len() >= 18, "{} pages", all.len());
        let mut open = Vec::new();
        for (pattern, rules) in all {
            for (method, access) in rules {
                let path = path_of(pattern);
                let answer = Visitor::new(world).send(method, &path, Some(&[]), &[("Sec-Fetch-Site", "same-origin")]);
                if *access == Access::Anyone {
                    open.push(pattern);
                    continue;
                }
                match *method {
                    "GET" => {
                        assert_eq!(answer.status, 303, "{method} {path}");
                        assert!(answer.header_text("location").starts_with("/console/sign-in?next="), "{path}");
                    }
                    _ => assert_eq!(answer.status, 401, "{method} {path}"),
                }
            }
        }
        open.dedup();
        assert_eq!(
            open,
            [
                "/assets/{file}",
                "/console/demo/{token}",
                "/console/invite/{token}",
                "/console/language",
                "/console/sign-in",
                "/console/sign-in/oidc",
                "/console/sign-in/oidc/callback",
                "/console/sign-out"
            ]
        );
    });
}

#[test]
fn every_role_opens_what_it_may_call_in_the_api_and_nothing_else() {
    on_each_shared_world(|world| {
        let mut visitors: BTreeMap<Role, Visitor<'_>> =
            Role::ALL.iter().map(|role| (*role, Visitor::as_role(world, *role))).collect();
        let (mut wrong, mut refusals) = (Vec::new(), 0);
        for (pattern, rules) in pages() {
            for (method, access) in rules {
                let Access::May(operation) = access else { continue };
                for (role, visitor) in &mut visitors {
                    let sent = [("Sec-Fetch-Site", "same-origin")];
                    let answer = visitor.send(method, &path_of(pattern), Some(&[]), &sent);
                    refusals += usize::from(answer.status == 403);
                    if (answer.status == 403) == allowed(operation, *role) || answer.status >= 500 {
                        wrong.push(format!("{method} {pattern} ({operation}) as {role}: {}", answer.status));
                    }
                }
            }
        }
        assert!(wrong.is_empty(), "against api/roles.csv:\n{}", wrong.join("\n"));
        assert!(refusals > 20, "{refusals} refusals by role");
    });
}

#[test]
fn each_rule_names_an_operation_and_every_other_method_is_refused() {
    on_each_shared_world(|world| {
        let mut admin = Visitor::as_role(world, Role::Admin);
        let known: Vec<&str> =
            each_operation(description()).filter_map(|(_, _, operation)| operation["operationId"].as_str()).collect();
        for (pattern, rules) in pages() {
            for (_, access) in rules {
                if let Access::May(operation) = access {
                    assert!(known.contains(operation), "{pattern}: {operation} is no operation of the API");
                }
            }
            for method in ["GET", "POST", "PUT", "PATCH", "DELETE"] {
                if rules.iter().all(|(named, _)| *named != method) {
                    let answer = admin.send(method, &path_of(pattern), None, &[("Sec-Fetch-Site", "same-origin")]);
                    assert_eq!(answer.status, 405, "{method} {pattern}");
                }
            }
        }
    });
}

#[test]
fn the_api_takes_no_cookie_and_the_console_no_token() {
    on_each_shared_world(|world| {
        let mut admin = Visitor::as_role(world, Role::Admin);
        assert_eq!(admin.get("/v1/members").status, 401, "so no form of another site can call the API");
        assert_eq!(world.get("/console/account").status, 303, "a token is no session");
    });
}

#[test]
fn pages_are_shut_off_from_other_sites_and_kept_by_nobody() {
    on_each_shared_world(|world| {
        let mut admin = Visitor::as_role(world, Role::Admin);
        for path in
            ["/console/sign-in", "/console/account", "/console/backlog", "/console/nothing", "/console/stories/HB-99"]
        {
            let answer = admin.get(path);
            let policy = answer.header_text("content-security-policy");
            for part in [
                "default-src 'none'",
                "script-src 'self'",
                "style-src 'self'",
                "frame-ancestors 'none'",
                "form-action 'self'",
                "base-uri 'none'",
            ] {
                assert!(
                    path == "/console/sign-in" && answer.status == 303 || policy.contains(part),
                    "{path}: {part} in {policy}"
                );
            }
            assert!(!policy.contains("unsafe"), "{policy}");
            assert_eq!(answer.header_text("cache-control"), "no-store", "{path}");
            if answer.status != 303 {
                assert_eq!(answer.header_text("x-frame-options"), "DENY", "{path}");
                assert_eq!(answer.header_text("referrer-policy"), "same-origin", "{path}");
                assert!(!answer.body.contains(" style=") && !answer.body.contains("onclick"), "{path}: nothing inline");
                assert!(!answer.body.contains("<script>") && !answer.body.contains("<style"), "{path}: nothing inline");
            }
        }
        let nothing = admin.get("/console/nothing");
        assert_eq!(nothing.status, 404);
        assert!(nothing.body.contains("There is nothing here"), "{}", nothing.body);
    });
}

#[test]
fn files_have_the_hash_of_their_content_in_their_address_and_are_kept_forever() {
    on_each_shared_world(|world| {
        let mut visitor = Visitor::new(world);
        let page = visitor.read("/console/sign-in");
        let address = |mark: &str| {
            let (_, rest) = page.split_once(mark).expect(mark);
            rest.split('"').next().expect("an end").to_owned()
        };
        for (mark, kind) in [
            ("rel=\"stylesheet\" href=\"", "text/css"),
            ("<script src=\"", "text/javascript"),
            ("image/svg+xml\" href=\"", "image/svg+xml"),
        ] {
            let path = address(mark);
            let file = visitor.get(&path);
            assert_eq!(file.status, 200, "{path}");
            assert!(file.header_text("content-type").starts_with(kind), "{path}");
            assert!(file.header_text("cache-control").contains("immutable"), "{path}");
            let packed = visitor.send("GET", &path, None, &[("Accept-Encoding", "gzip, br")]);
            assert_eq!(packed.header_text("content-encoding"), "gzip", "{path}");
        }
        assert_eq!(visitor.get("/assets/console-0000000000000000.css").status, 404);
    });
}
