//! Reports on pages without scripts: make, introduce, approve, send, share, subscribe, and the sales view.

use hearback::domain::team::Role;
use serde_json::json;

use super::pages::statements;
use super::visitor::{Visitor, hidden};
use crate::support::on_each_world;

#[test]
fn a_report_is_made_introduced_approved_sent_and_shared() {
    on_each_world(|world| {
        let ann = world.person("Ann", "ann@example.com", Role::Product, "en");
        let mut visitor = Visitor::of(world, &ann, "ann@example.com");
        assert!(visitor.read("/console/reports").contains("There is no report yet."));
        assert_eq!(visitor.submit("/console/reports", &[("kind", "release"), ("product", "HB")]).status, 422);
        let form = [("kind", "weekly"), ("product", "HB"), ("language", "en"), ("approval", "yes")];
        let made = visitor.submit("/console/reports", &form);
        assert_eq!(made.status, 303, "{made:?}");
        let path = made.header_text("location").to_owned();
        assert!(visitor.read("/console/reports").contains("To approve"));
        let page = visitor.read(&path);
        assert!(page.contains("Nothing new in this period.") && page.contains(">Approve<"), "{page}");
        let version = hidden(&page, "version");
        let intro = [("version", version.as_str()), ("introduction", "A calm week.")];
        assert_eq!(visitor.submit(&format!("{path}/introduction"), &intro).status, 303);
        let stale = visitor.submit(&format!("{path}/approve"), &[("version", version.as_str())]);
        assert_eq!(stale.status, 412, "somebody else changed it meanwhile");
        let page = visitor.read(&path);
        assert!(page.contains("A calm week."), "{page}");
        let version = hidden(&page, "version");
        assert_eq!(visitor.submit(&format!("{path}/approve"), &[("version", &version)]).status, 303);
        let version = hidden(&visitor.read(&path), "version");
        assert_eq!(visitor.submit(&format!("{path}/send"), &[("version", &version)]).status, 303);
        assert!(visitor.read(&path).contains("This is the report as it was sent."));

        assert_eq!(visitor.submit(&format!("{path}/links"), &[("days", "30"), ("scope", "summary")]).status, 303);
        let page = visitor.read(&path);
        let start = page.find("https://voice.example.com/reports/").expect("a link");
        let url = page[start..].split(['"', '<']).next().unwrap();
        let shared = world.open("GET", &url.split_once(".com").unwrap().1.replace("//", "/")).send();
        assert!(shared.status == 200 && shared.body.contains("A calm week."), "{shared:?}");
        let start = page.find(&format!("{path}/links/")).expect("a form");
        let revoke = page[start..].split('"').next().unwrap().to_owned();
        assert_eq!(visitor.submit(&revoke, &[]).status, 303);
        assert!(visitor.read(&path).contains("withdrawn"));

        let mut viewer = Visitor::as_role(world, Role::Viewer);
        let page = viewer.read(&path);
        assert!(page.contains("A calm week.") && !page.contains("/links\"") && !page.contains("/send\""), "{page}");
        assert_eq!(viewer.submit(&format!("{path}/links"), &[("days", "30")]).status, 403);
    });
}

#[test]
fn members_subscribe_themselves_and_others_are_asked_first() {
    on_each_world(|world| {
        let sumi = world.person("수미", "sumi@example.com", Role::Viewer, "ko");
        let mut viewer = Visitor::of(world, &sumi, "sumi@example.com");
        let page = viewer.read("/console/subscriptions");
        assert!(page.contains("아직 구독이 없습니다.") && !page.contains("name=\"email\""), "{page}");
        let form = [
            ("kind", "weekly"),
            ("products", "HB"),
            ("weekday", "monday"),
            ("hour", "8"),
            ("day", "1"),
            ("time_zone", "Asia/Seoul"),
            ("language", "ko"),
        ];
        assert_eq!(viewer.submit("/console/subscriptions", &form).status, 303);
        let page = viewer.read("/console/subscriptions");
        assert!(page.contains("매주 월요일 08:00 Asia/Seoul") && page.contains("구독 중"), "{page}");

        let mut admin = Visitor::as_role(world, Role::Admin);
        let wrong = [("kind", "monthly"), ("day", "40"), ("email", "no address"), ("time_zone", "Mars"), ("hour", "9")];
        let refused = admin.submit("/console/subscriptions", &wrong);
        assert_eq!(refused.status, 422);
        assert!(refused.body.contains("#email") && refused.body.contains("value=\"40\""), "{}", refused.body);
        let form =
            [("kind", "monthly"), ("day", "31"), ("email", "ceo@example.com"), ("hour", "9"), ("products", "HB")];
        assert_eq!(admin.submit("/console/subscriptions", &form).status, 303);
        let page = admin.read("/console/subscriptions");
        assert!(page.contains("ceo@example.com") && page.contains("not confirmed yet"), "{page}");
        assert!(page.contains("on day 31 of the month at 09:00 UTC"), "{page}");
        assert!(!viewer.read("/console/subscriptions").contains("ceo@example.com"), "others' are not shown");
        let start = page.find("/console/subscriptions/").expect("a form");
        let end = page[start..].split('"').next().unwrap().to_owned();
        assert_eq!(viewer.submit(&end, &[]).status, 403);
        assert_eq!(admin.submit(&end, &[]).status, 303);
        assert!(admin.read("/console/subscriptions").contains("ended"));
    });
}

#[test]
fn the_sales_view_is_one_click_from_the_account() {
    on_each_world(|world| {
        let customer = json!({ "name": "Mina", "account": { "name": "Blue Bakery" } });
        world.done("/v1/feedback", json!({ "text": "환불이 늦어요", "customer": customer }));
        let account = world.ids("/v1/accounts")[0].clone();
        let mut visitor = Visitor::as_role(world, Role::Support);
        let page = visitor.read(&format!("/console/accounts/{account}"));
        let path = format!("/console/accounts/{account}/sales");
        assert!(page.contains(&path), "{page}");
        let page = visitor.read(&path);
        assert!(page.contains("환불이 늦어요") && page.contains("Said, without a story yet"), "{page}");
        assert!(page.contains("Nothing is promised to them at present."), "{page}");
    });
}

#[test]
fn pages_of_reports_take_as_many_statements_for_many_rows_as_for_few() {
    on_each_world(|world| {
        let mut visitor = Visitor::as_role(world, Role::Admin);
        let report = world.done("/v1/reports", json!({ "kind": "weekly" }))["id"].as_str().expect("an id").to_owned();
        let account = world.done("/v1/accounts", json!({ "name": "Acme" }))["id"].as_str().expect("an id").to_owned();
        let share = |from: usize, to: usize| {
            for n in from..to {
                world.done("/v1/reports", json!({ "kind": "weekly" }));
                world.done(&format!("/v1/reports/{report}/links"), json!({}));
                let email = format!("reader{n}@example.com");
                world.done("/v1/subscriptions", json!({ "kind": "weekly", "email": email }));
            }
        };
        share(0, 1);
        let paths = [
            "/console/reports".to_owned(),
            format!("/console/reports/{report}"),
            "/console/subscriptions".to_owned(),
            format!("/console/accounts/{account}/sales"),
        ];
        let few: Vec<u32> = paths.iter().map(|path| statements(&mut visitor, path)).collect();
        share(1, 12);
        for (path, few) in paths.iter().zip(few) {
            let many = statements(&mut visitor, path);
            assert!(many <= few + 2 && many <= 30, "{path}: {few} statements, then {many}");
        }
    });
}

#[test]
fn a_report_is_downloaded_in_each_format_and_printed_from_its_page() {
    on_each_world(|world| {
        let report = world.done("/v1/reports", json!({ "kind": "weekly", "language": "ko" }));
        let path = format!("/console/reports/{}", report["id"].as_str().expect("an id"));
        let mut viewer = Visitor::as_role(world, Role::Viewer);
        let page = viewer.read(&path);
        for (act, kind, begin) in [
            ("markdown", "text/markdown; charset=utf-8", "# "),
            ("csv", "text/csv; charset=utf-8", "section,item,name,measure"),
            ("html", "text/html; charset=utf-8", "<!doctype html>"),
            ("json", "application/json", "{"),
        ] {
            assert!(page.contains(&format!("href=\"{path}/{act}\" download")), "{act}: {page}");
            let file = viewer.get(&format!("{path}/{act}"));
            assert_eq!((file.status, file.header_text("content-type")), (200, kind), "{act}");
            let name = file.header_text("content-disposition");
            assert!(name.starts_with("attachment; filename=\"report-HB-"), "{act}: {name}");
            assert!(file.body.trim_start_matches('\u{feff}').starts_with(begin), "{act}: {}", file.body);
        }
        let file: serde_json::Value = serde_json::from_str(&viewer.get(&format!("{path}/json")).body).expect("JSON");
        assert_eq!(file["id"], report["id"]);
        let print = viewer.get(&format!("{path}/print"));
        assert!(print.body.contains("@media print") && print.body.contains("lang=\"ko\""), "{}", print.body);
        assert!(!print.body.contains("<nav"), "nothing but the report: {}", print.body);
        let other = path.replace(&path[path.len() - 12..], "000000000000");
        assert_eq!(viewer.get(&format!("{other}/csv")).status, 404);
    });
}

#[test]
fn a_subscription_is_limited_to_an_account_and_to_sections_on_its_form() {
    on_each_world(|world| {
        let account = world.done("/v1/accounts", json!({ "name": "Blue Bakery" }));
        let id = account["id"].as_str().expect("an id");
        let mut visitor = Visitor::as_role(world, Role::Product);
        let sales = visitor.read(&format!("/console/accounts/{id}/sales"));
        assert!(sales.contains("/console/subscriptions?account=Blue%20Bakery"), "{sales}");
        let page = visitor.read("/console/subscriptions?account=Blue%20Bakery");
        assert!(page.contains("name=\"account\"") && page.contains("value=\"Blue Bakery\""), "{page}");
        let form = |account: &'static str| {
            [
                ("kind", "weekly"),
                ("products", "HB"),
                ("hour", "9"),
                ("account", account),
                ("sections", "shipped"),
                ("sections", "promises"),
            ]
        };
        let refused = visitor.submit("/console/subscriptions", &form("Red Bakery"));
        assert!(refused.status == 422 && refused.body.contains("href=\"#account\""), "{}", refused.body);
        assert_eq!(visitor.submit("/console/subscriptions", &form(" blue  BAKERY ")).status, 303);
        let made = world.read("/v1/subscriptions")["data"][0].clone();
        assert_eq!((&made["account_id"], &made["sections"]), (&json!(id), &json!(["shipped", "promises"])), "{made}");
        assert!(visitor.read("/console/subscriptions").contains(" · Blue Bakery"));
    });
}
