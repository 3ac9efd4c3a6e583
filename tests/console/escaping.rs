//! Hostile texts in every name and text stay text on every page.

use hearback::domain::team::Role;
use serde_json::json;

use super::visitor::Visitor;
use crate::support::on_each_world;

/// Markup, quotes, a right-to-left override, Hebrew, and characters of four bytes.
const HOSTILE: &str = "</textarea><script>alert('1')</script>\" onload=\"x\u{202E} שלום 😀𠮷&amp;";
const ESCAPED: &str = "&#60;/textarea&#62;&#60;script&#62;alert(&#39;1&#39;)&#60;/script&#62;&#34; onload=&#34;x";

#[test]
fn every_page_shows_hostile_texts_as_texts() {
    on_each_world(|world| {
        let email = "hostile@example.com";
        let person = world.person(HOSTILE, email, Role::Admin, "en");
        let mut visitor = Visitor::of(world, &person, email);
        world.patch(&format!("/v1/products/{}", world.product.id), json!({ "name": HOSTILE }));
        world.with_new_product(None);
        let filed = world.done(
            "/v1/feedback",
            json!({ "text": HOSTILE, "tags": [HOSTILE], "customer": { "name": HOSTILE, "account": { "name": HOSTILE } } }),
        );
        let story = world.done(
            "/v1/stories",
            json!({ "title": HOSTILE, "as_a": HOSTILE, "i_want": HOSTILE, "so_that": HOSTILE,
                "acceptance_criteria": [{ "text": HOSTILE, "feedback_ids": [filed["id"]] }] }),
        );
        let number = story["number"].as_str().expect("a number").to_owned();
        let theme = world.new_theme(HOSTILE);
        let item = filed["id"].as_str().expect("an id").parse().expect("an id");
        world.move_feedback(item, Some(theme)).expect("a move");
        let customer = filed["customer"]["id"].as_str().expect("a customer").to_owned();
        let account = filed["customer"]["account"]["id"].as_str().expect("an account").to_owned();
        let other = world.done("/v1/customers", json!({ "name": HOSTILE, "external_id": HOSTILE }));
        let other = other["id"].as_str().expect("an id").to_owned();
        world.done(&format!("/v1/customers/{customer}/notes"), json!({ "text": HOSTILE }));
        let tag = json!({ "act": "tag", "tags": [format!("{HOSTILE} again")], "ids": [filed["id"]] });
        let token = world.token_of(Role::Admin, person.id);
        world.send("POST", "/v1/acts", &token, Some(&tag));
        world.step_until_idle("acts");
        let words = serde_urlencoded::to_string([("q", HOSTILE)]).expect("a query");
        let told = world.story_about(theme);
        let declined = json!({ "to": "declined", "reason": "Not now.", "tell_customers": true });
        world.transition(told, declined).expect("declined");
        let search = format!("/console/search?{}", serde_urlencoded::to_string([("q", HOSTILE)]).expect("a query"));
        let query = serde_urlencoded::to_string([("q", HOSTILE)]).expect("a query");
        let view = [("page", "backlog"), ("name", HOSTILE), ("query", &query), ("shared", "true")];
        assert_eq!(visitor.submit("/console/views", &view).status, 303);
        let place = [(":page", "/console/account"), (":action", "/console/x"), (":form", HOSTILE), ("text", HOSTILE)];
        assert_eq!(visitor.submit("/console/drafts", &place).status, 204);
        let release = world.release(HOSTILE, &[]);
        world.done("/v1/tokens", json!({ "name": HOSTILE, "role": "viewer" }));
        world.done("/v1/webhooks", json!({ "url": "https://example.com/hook", "description": HOSTILE }));
        world.done("/v1/feedback", json!({ "text": "other", "origin": HOSTILE, "external_id": "1" }));
        let metric = json!({ "key": "hostile", "name": HOSTILE, "unit": "x", "kind": "business", "direction": "up" });
        world.done("/v1/metrics", metric);
        world.done("/v1/data-map/processors", json!({ "role": "processor", "name": HOSTILE, "purpose": HOSTILE }));
        let month = &world.now().date()[..7];
        world.done("/v1/access-log/reviews", json!({ "month": month, "note": HOSTILE }));
        world.read(&format!("/v1/customers/{customer}"));
        let sample = json!({ "at": world.now(), "value": 1, "labels": { "host": HOSTILE } });
        assert_eq!(world.post("/v1/metrics/hostile/samples", json!({ "samples": [sample] })).status, 200);
        let rota = json!({ "product": "HB", "name": HOSTILE, "time_zone": "UTC", "start": "2026-01-05", "every": "week",
            "hand_over": "09:00", "members": [person.id] });
        let rota = world.done("/v1/rotas", rota)["id"].as_str().expect("an id").to_owned();
        let asked = json!({ "member_id": person.id, "starts_at": world.now(), "ends_at": world.now().plus(60_000_000),
            "note": HOSTILE });
        world.done(&format!("/v1/rotas/{rota}/overrides"), asked);
        let incident = json!({ "title": HOSTILE, "summary": HOSTILE, "services": [HOSTILE] });
        world.done("/v1/incidents", incident);
        let postmortem = world.done("/v1/postmortems", json!({ "incident": "HB-INC-1" }))["id"].clone();
        let postmortem = format!("/v1/postmortems/{}", postmortem.as_str().expect("an id"));
        assert_eq!(world.patch(&postmortem, json!({ "root_causes": HOSTILE })).status, 200);
        world.done(&format!("{postmortem}/actions"), json!({ "title": HOSTILE }));
        let report = world.done("/v1/reports", json!({ "kind": "weekly" }))["id"].clone();
        let report = format!("/v1/reports/{}", report.as_str().expect("an id"));
        assert_eq!(world.patch(&report, json!({ "introduction": HOSTILE })).status, 200);
        let request =
            json!({ "kind": "access", "country": "KR", "customer_id": filed["customer"]["id"], "note": HOSTILE });
        let request = world.done("/v1/requests", request)["id"].as_str().expect("an id").to_owned();
        world.done("/v1/legal-holds", json!({ "case": HOSTILE, "reason": HOSTILE, "product": "HB" }));
        let breach = json!({ "title": HOSTILE, "countries": ["KR"] });
        let breach = world.done("/v1/breaches", breach)["id"].as_str().expect("an id").to_owned();
        let depends = format!("/v1/stories/{number}/dependencies");
        world.done(&depends, json!({ "kind": "needs", "external": { "title": HOSTILE, "vendor": HOSTILE } }));
        world.done(&depends, json!({ "kind": "needs", "story_id": told }));
        let option = json!({ "name": HOSTILE, "kind": "buy", "version": HOSTILE, "supplier": HOSTILE, "risks": HOSTILE,
            "scores": { HOSTILE: { "score": 3, "why": HOSTILE } } });
        let evaluation = json!({ "title": HOSTILE, "need": HOSTILE, "criteria": [{ "name": HOSTILE, "weight": 1 }],
            "options": [option], "story_id": number });
        let evaluation = world.done("/v1/evaluations", evaluation)["id"].as_str().expect("an id").to_owned();
        let pages = [
            (report.replace("/v1/", "/console/"), true),
            ("/console/privacy/requests".to_owned(), true),
            (format!("/console/privacy/requests/{request}"), true),
            ("/console/privacy/retention".to_owned(), true),
            ("/console/privacy/breaches".to_owned(), true),
            (format!("/console/privacy/breaches/{breach}?letter=persons&language=ko"), true),
            (format!("/console/stories/{number}/dependencies?q=%3Cimg"), true),
            ("/console/products/HB/plan".to_owned(), true),
            ("/console/evaluations".to_owned(), true),
            (format!("/console/evaluations/{evaluation}"), true),
            ("/console/postmortems".to_owned(), true),
            (postmortem.replace("/v1/", "/console/"), true),
            ("/console/incidents/HB-INC-1/repeats".to_owned(), true),
            ("/console/rotas".to_owned(), true),
            (format!("/console/privacy/access?customer={customer}"), true),
            ("/console/privacy/data-map".to_owned(), true),
            (format!("/console/privacy/review?month={month}"), true),
            ("/console/products/HB/escalation".to_owned(), true),
            ("/console/incidents".to_owned(), true),
            ("/console/incidents/HB-INC-1".to_owned(), true),
            ("/console/metrics".to_owned(), true),
            ("/console/metrics/hostile".to_owned(), true),
            ("/console/views".to_owned(), true),
            ("/console/account".to_owned(), true),
            ("/console/backlog".to_owned(), true),
            (format!("/console/backlog?{}", serde_urlencoded::to_string([("q", HOSTILE)]).expect("a query")), true),
            (format!("/console/stories/{number}"), true),
            (format!("/console/stories/{number}/edit"), true),
            ("/console/inbox".to_owned(), true),
            (format!("/console/feedback/{}", filed["id"].as_str().expect("an id")), true),
            (format!("/console/customers/{customer}"), true),
            (format!("/console/customers/{customer}/merge?other={other}"), true),
            (format!("/console/customers/{customer}/erase"), true),
            (format!("/console/accounts/{account}"), true),
            ("/console/customers".to_owned(), true),
            ("/console/accounts".to_owned(), true),
            ("/console/acts".to_owned(), true),
            (format!("/console/find/customers?{words}"), true),
            ("/console/to-tell?who=all".to_owned(), true),
            ("/console/themes".to_owned(), true),
            (format!("/console/themes/{theme}"), true),
            (format!("/console/themes/{theme}/merge?with={theme}"), true),
            (format!("/console/themes/{theme}/move?feedback={item}"), true),
            (format!("/console/themes/{theme}/sub-themes"), true),
            ("/console/themes/map".to_owned(), true),
            ("/console/themes/granularity".to_owned(), true),
            ("/console/backlog/board".to_owned(), true),
            (format!("/console/stories/{number}/decline"), true),
            (format!("/console/stories/{number}/evidence"), true),
            (search, true),
            ("/console/settings/products".to_owned(), true),
            ("/console/settings/products/HB".to_owned(), true),
            ("/console/settings/members".to_owned(), true),
            (format!("/console/settings/members/{}", person.id), true),
            ("/console/settings/tokens".to_owned(), true),
            ("/console/settings/webhooks".to_owned(), true),
            ("/console/settings/audit".to_owned(), true),
            ("/console/settings/sources".to_owned(), true),
            ("/console/releases".to_owned(), true),
            (format!("/console/releases/{release}"), true),
            (format!("/console/releases/{release}/ship"), true),
            ("/console/products/HB".to_owned(), true),
            ("/console/products/HB/delivery".to_owned(), true),
        ];
        for (path, shows) in pages {
            let page = visitor.read(&path);
            assert!(!page.contains("<script>alert") && !page.contains("\" onload"), "{path}: {page}");
            assert_eq!(page.contains(ESCAPED), shows, "{path}: {page}");
            assert!(page.contains("😀𠮷&#38;amp;"), "{path}: nothing is lost");
        }
        let refused = visitor
            .submit("/console/inbox", &[("text", HOSTILE), ("customer_email", HOSTILE), ("customer_name", HOSTILE)]);
        assert_eq!(refused.status, 422);
        assert!(refused.body.contains(ESCAPED) && !refused.body.contains("<script>alert"), "{}", refused.body);
        let similar = visitor.submit("/console/similar", &[("text", HOSTILE)]);
        assert_eq!(similar.status, 200, "{similar:?}");
        assert!(!similar.body.contains("<script>alert"), "{similar:?}");
    });
}
