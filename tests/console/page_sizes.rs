//! Lists stay light: 50 rows of any of them, in texts as long as people write them, are at most 60 kB.

use hearback::domain::team::Role;
use serde_json::{Value, json};

use super::visitor::Visitor;
use crate::support::{World, on_each_world};

/// The most bytes of a page with [`ROWS`] rows, before it is compressed.
const MOST: usize = 60_000;
const ROWS: usize = 50;

/// What a customer says, of usual length, in turn in Korean and in English.
fn said(n: usize) -> String {
    match n % 2 {
        0 => format!(
            "주문 {n}번 환불을 2주 전에 약속받았는데 아직도 카드로 들어오지 않았어요. 언제 받을 수 있는지 알려 주세요."
        ),
        _ => format!(
            "The refund of order {n} was promised two weeks ago and still has not arrived on my card. When will I get it, \
             and why does nobody tell me?"
        ),
    }
}

fn title(n: usize) -> String {
    match n % 2 {
        0 => format!("환불이 언제 카드로 들어오는지 주문 화면에서 보여 주기 {n}"),
        _ => format!("Show on the order's page when a refund will arrive {n}"),
    }
}

fn id(value: &Value) -> String {
    value["id"].as_str().unwrap_or_else(|| panic!("{value}")).to_owned()
}

/// Feedback of as many customers of companies, half of it in themes.
fn feedback(world: &World) {
    for n in 0..ROWS {
        let name = if n % 2 == 0 { format!("김민지 {n}") } else { format!("Margaret Hamilton {n}") };
        let customer = json!({ "name": name, "email": format!("margaret.hamilton.{n}@bakery.example.com"),
            "external_id": n.to_string(), "account": { "name": format!("Blue Bakery and Sons {n}") } });
        let item = json!({ "text": said(n), "tags": ["refund", "payment"], "source": "chat", "customer": customer });
        let item = world.file(&item);
        if n % 2 == 0 {
            let theme = world.new_theme(&title(n));
            let moved = world.move_feedback(id(&item).parse().expect("an id"), Some(theme));
            moved.expect("moved");
        }
    }
    for n in 0..ROWS {
        let theme = world.new_theme(&format!("Refunds that arrive late {n}"));
        world.customers_say(theme, &[&format!("said {n}")], json!({ "text": said(n) }));
    }
}

fn stories(world: &World) {
    for n in 0..ROWS {
        let story = world.done(
            "/v1/stories",
            json!({ "title": title(n), "as_a": "customer", "i_want": "to see when my refund arrives",
                "so_that": "I need not ask", "acceptance_criteria": [{ "text": "The day is shown" }] }),
        );
        let number = story["number"].as_str().expect("a number");
        world.patch(&format!("/v1/stories/{number}"), json!({ "priority": { "reach": n, "effort": 2 } }));
        world.release(&format!("2.{n}"), &[]);
        let evaluation = json!({ "title": title(n), "criteria": [{ "name": "price", "weight": 1 }],
            "options": [{ "name": "Stripe", "kind": "buy", "scores": { "price": 3 } }] });
        world.done("/v1/evaluations", evaluation);
    }
}

fn operations(world: &World) {
    for n in 0..ROWS {
        let incident = json!({ "title": title(n), "summary": said(n), "severity": 2, "services": ["payments"] });
        let incident = world.done("/v1/incidents", incident);
        world.done("/v1/postmortems", json!({ "incident": incident["number"] }));
        let metric = json!({ "key": format!("refunds_{n}"), "name": title(n), "kind": "business", "direction": "up" });
        world.done("/v1/metrics", metric);
    }
}

fn privacy(world: &World) {
    let known = world.read("/v1/customers?limit=60")["data"].as_array().cloned().unwrap_or_default();
    for (n, customer) in known.iter().take(ROWS).enumerate() {
        world.read(&format!("/v1/customers/{}", id(customer)));
        let request = json!({ "kind": "access", "country": "KR", "customer_id": id(customer), "note": said(n) });
        world.done("/v1/requests", request);
        world.done("/v1/breaches", json!({ "title": title(n), "countries": ["KR", "DE"] }));
        world.done("/v1/legal-holds", json!({ "case": title(n), "reason": said(n), "customer_id": id(customer) }));
    }
}

fn settings(world: &World) -> String {
    for n in 0..ROWS {
        world.done("/v1/tokens", json!({ "name": format!("Import of the help desk {n}"), "role": "viewer" }));
        world.member(&format!("margaret.hamilton.{n}@team.example.com"));
        let hook = json!({ "url": format!("https://hooks.example.com/hearback/{n}"), "description": title(n) });
        world.done("/v1/webhooks", hook);
    }
    let hook = json!({ "url": "https://example.com/hook", "events": ["story.created"] });
    let hook = id(&world.done("/v1/webhooks", hook));
    for _ in 0..ROWS {
        assert_eq!(world.post(&format!("/v1/webhooks/{hook}/test"), json!({})).status, 202);
    }
    hook
}

fn acts(world: &World, visitor: &mut Visitor<'_>) {
    for item in world.ids("/v1/feedback?limit=200").iter().take(ROWS) {
        let tag = [("act", "tag"), ("tags", "looked at, again"), ("back", "/console/inbox")];
        assert_eq!(visitor.submit(&format!("/console/feedback/{item}/acts"), &tag).status, 303);
    }
}

#[test]
fn fifty_rows_of_each_list_are_at_most_60_kb() {
    on_each_world(|world| {
        let mut visitor = Visitor::as_role(world, Role::Admin);
        feedback(world);
        stories(world);
        operations(world);
        privacy(world);
        let hook = settings(world);
        acts(world, &mut visitor);
        // Each with what every row has, and how many rows it can show.
        let lists: Vec<(String, &str, usize)> = vec![
            ("/console/inbox".into(), "name=\"ids\"", ROWS),
            ("/console/themes".into(), "<th scope=\"row\"", ROWS),
            ("/console/backlog".into(), "<td class=\"rank\"", ROWS),
            ("/console/customers".into(), "<th scope=\"row\"", ROWS),
            ("/console/accounts".into(), "<th scope=\"row\"", ROWS),
            ("/console/releases".into(), "/console/releases/", ROWS),
            ("/console/evaluations".into(), "/console/evaluations/", ROWS),
            ("/console/incidents".into(), "/console/incidents/", ROWS),
            ("/console/postmortems".into(), "/console/postmortems/", ROWS),
            ("/console/metrics".into(), "/console/metrics/", ROWS),
            ("/console/acts".into(), "/console/acts/", ROWS),
            ("/console/privacy/access".into(), "<tr", ROWS),
            ("/console/privacy/requests".into(), "/console/privacy/requests/", ROWS),
            ("/console/privacy/breaches".into(), "/console/privacy/breaches/", ROWS),
            ("/console/privacy/retention".into(), "<li", ROWS),
            ("/console/settings/audit".into(), "<tr", ROWS),
            ("/console/settings/tokens".into(), "<tr", ROWS),
            ("/console/settings/members".into(), "/console/settings/members/", ROWS),
            ("/console/settings/webhooks".into(), "/console/settings/webhooks/", ROWS),
            (format!("/console/settings/webhooks/{hook}"), "<tr", 26),
        ];
        let mut wrong = Vec::new();
        for language in ["en", "ko"] {
            let chosen = visitor.submit("/console/language", &[("language", language), ("back", "/console/inbox")]);
            assert_eq!(chosen.status, 303);
            for (path, row, rows) in &lists {
                let page = visitor.read(path);
                let (shown, bytes) = (page.matches(row).count(), page.len());
                // Lists that show more rows may have as much for each.
                let most = MOST * shown.max(ROWS) / ROWS;
                if shown < *rows || bytes > most {
                    wrong.push(format!("{path} in {language}: {bytes} bytes, {shown} rows"));
                }
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    });
}

/// The bytes of a page, which may be at most those of a list with as many rows.
fn is_light(visitor: &mut Visitor<'_>, path: &str, row: &str, rows: usize, wrong: &mut Vec<String>) {
    for language in ["en", "ko"] {
        let chosen = visitor.submit("/console/language", &[("language", language), ("back", "/console/inbox")]);
        assert_eq!(chosen.status, 303);
        let page = visitor.read(path);
        let (shown, bytes) = (page.matches(row).count(), page.len());
        if shown < rows || bytes > MOST * shown.max(ROWS) / ROWS {
            wrong.push(format!("{path} in {language}: {bytes} bytes, {shown} rows"));
        }
    }
}

#[test]
fn a_search_and_the_pages_of_a_customer_and_an_account_are_as_light_as_lists() {
    on_each_world(|world| {
        let mut visitor = Visitor::as_role(world, Role::Admin);
        let person = json!({ "name": "김민지", "email": "minji.kim@bakery.example.com", "external_id": "minji",
            "account": { "name": "Blue Bakery and Sons" } });
        let mut customer = String::new();
        for n in 0..ROWS {
            let item = json!({ "text": said(n), "tags": ["refund", "payment"], "source": "chat", "customer": person });
            let item = world.file(&item);
            customer = id(&item["customer"]);
            if n % 2 == 0 {
                let theme = world.new_theme(&title(n));
                world.move_feedback(id(&item).parse().expect("an id"), Some(theme)).expect("moved");
            }
        }
        let account = id(&world.read(&format!("/v1/customers/{customer}"))["account"]);
        let mut wrong = Vec::new();
        let search = "/console/inbox?q=%ED%99%98%EB%B6%88&state=pending,grouped,ungrouped,set_aside&tag=refund";
        is_light(&mut visitor, search, "name=\"ids\"", ROWS / 2, &mut wrong);
        is_light(&mut visitor, &format!("/console/customers/{customer}"), "class=\"said\"", ROWS, &mut wrong);
        is_light(&mut visitor, &format!("/console/accounts/{account}"), "class=\"said\"", ROWS, &mut wrong);
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    });
}

#[test]
fn twenty_rotas_of_fifty_members_are_a_light_page_and_one_opens_alone() {
    on_each_world(|world| {
        let members: Vec<Value> =
            (0..ROWS).map(|n| json!(world.member(&format!("margaret.hamilton.{n}@team.example.com")))).collect();
        let mut rotas = Vec::new();
        for n in 0..20 {
            let rota = json!({ "product": "HB", "name": title(n), "time_zone": "Asia/Seoul", "start": "2026-01-05", "every": "day",
                "hand_over": "09:00", "members": members[n..n + 10] });
            rotas.push(id(&world.done("/v1/rotas", rota)));
        }
        let mut visitor = Visitor::as_role(world, Role::Admin);
        let mut wrong = Vec::new();
        is_light(&mut visitor, "/console/rotas", "<h2 id=\"r", 20, &mut wrong);
        let one = format!("/console/rotas?product=HB&rota={}", rotas[7]);
        is_light(&mut visitor, &one, "<h2 id=\"r", 1, &mut wrong);
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
        assert!(visitor.read("/console/rotas").contains(&one.replace('&', "&amp;")), "a link to each");
        let page = visitor.read(&one);
        assert_eq!(page.matches("<datalist").count(), 1);
        assert!(page.matches("/edit\"").count() == 1 && page.contains("list=\"team\""), "{page}");
        // A form names members by their names, and comes back to the rota.
        let version = world.read(&format!("/v1/rotas/{}", rotas[7]))["version"].to_string();
        let (first, second) = ("margaret.hamilton.9@team.example.com", "margaret.hamilton.8@team.example.com");
        let edit = [
            ("product", "HB"),
            ("rota", rotas[7].as_str()),
            ("version", version.as_str()),
            ("name", "First line"),
            ("hand_over", "10:00"),
            ("member", first),
            ("member", second),
            ("member", ""),
        ];
        let edited = visitor.submit(&format!("/console/rotas/{}/edit", rotas[7]), &edit);
        assert_eq!((edited.status, edited.header_text("location").contains(&rotas[7])), (303, true), "{edited:?}");
        assert_eq!(world.read(&format!("/v1/rotas/{}", rotas[7]))["members"], json!([members[9], members[8]]));
        let unknown = [
            ("product", "HB"),
            ("rota", rotas[7].as_str()),
            ("name", "x"),
            ("hand_over", "10:00"),
            ("member", "Nobody"),
        ];
        let refused = visitor.submit(&format!("/console/rotas/{}/edit", rotas[7]), &unknown);
        assert_eq!(refused.status, 422, "{refused:?}");
    });
}
