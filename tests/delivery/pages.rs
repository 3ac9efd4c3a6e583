//! The page of the delivery figures, the dashboard of a product, and what a release carries.

use hearback::domain::team::Role;
use serde_json::json;

use super::{change, deploy, incident};
use crate::console::Visitor;
use crate::measures::{metric, push};
use crate::support::on_each_world;

#[test]
fn the_rows_behind_a_figure_are_on_its_page_and_inferred_links_can_be_left_out() {
    on_each_world(|world| {
        let mut mina = Visitor::as_role(world, Role::Product);
        let empty = mina.read("/console/products/HB/delivery?from=2026-05-01&to=2026-05-08");
        assert!(empty.contains("No deployments in this period") && empty.contains("POST /v1/deployments"), "{empty}");
        let mut first = change("c0ffee1", "2026-05-01T00:00:00Z");
        first["service"] = json!("shop");
        first["version"] = json!("v1.4.0");
        deploy(world, "2026-05-01T06:00:00Z", first);
        deploy(world, "2026-05-02T06:00:00Z", json!({ "service": "search" }));
        incident(world, "2026-05-01T09:00:00Z", &["shop"]);
        let at = "/console/products/HB/delivery?from=2026-05-01&to=2026-05-08";
        let page = mina.read(at);
        for shown in ["c0ffee1", "v1.4.0", "HB-INC-1 (inferred)", "6 h", "1 of 2 deployments", "To compare with"] {
            assert!(page.contains(shown), "{shown}: {page}");
        }
        assert!(!page.contains("band of 2023"), "fewer than five deployments have no band");
        let confirmed = mina.read(&format!("{at}&inferred=false"));
        assert!(confirmed.contains("0 of 2 deployments") && !confirmed.contains("HB-INC-1"), "{confirmed}");
        let shop = mina.read(&format!("{at}&service=shop"));
        assert!(shop.contains("1 of 1 deployments") && shop.contains(">search</option>"), "{shop}");
        assert_eq!(mina.get("/console/products/HB/delivery?from=soon").status, 422);
        assert_eq!(mina.get("/console/products/NO/delivery").status, 404);
    });
}

#[test]
fn the_dashboard_shows_voice_promises_delivery_and_incidents() {
    on_each_world(|world| {
        let mut mina = Visitor::as_role(world, Role::Viewer);
        assert_eq!(mina.get("/console/products").header_text("location"), "/console/products/HB");
        let empty = mina.read("/console/products/HB");
        assert!(empty.contains("No incident is open") && empty.contains("Nothing is overdue"), "{empty}");
        let body = json!({ "text": "Where is my refund", "rating": 2 });
        world.done("/v1/feedback", body);
        deploy(world, &world.now().plus(-3_600_000_000).to_string(), json!({}));
        incident(world, &world.now().plus(-60_000_000).to_string(), &[]);
        let page = mina.read("/console/products/HB");
        for shown in [
            "Payments fail",
            "HB-INC-1",
            "SEV3",
            "1 deployment on 1 day",
            "<td class=\"r\" data-label=\"Mean rating\">2</td>",
        ] {
            assert!(page.contains(shown), "{shown}: {page}");
        }
        metric(world, "signups", json!({ "name": "Sign-ups" }));
        assert!(!mina.read("/console/products/HB").contains("Sign-ups"), "a metric without samples is not drawn");
        push(world, "signups", &[(7_200, 3.0), (3_600, 5.0)]);
        let page = mina.read("/console/products/HB");
        assert!(page.contains(">Sign-ups</a>") && page.contains("<polyline"), "{page}");
        assert!(page.contains("class=\"mark incident\"") && page.contains("class=\"mark deployment\""), "{page}");
    });
}

#[test]
fn a_release_shows_what_it_carries_beside_how_earlier_ones_fared() {
    on_each_world(|world| {
        world.settings(json!({ "time_zone": "Asia/Seoul", "days_off": ["2026-05-05"] }));
        // Mondays at nine in Seoul; the second one broke.
        deploy(world, "2026-04-20T00:00:00Z", change("c1", "2026-04-19T00:00:00Z"));
        deploy(world, "2026-04-27T00:00:00Z", change("c2", "2026-04-26T00:00:00Z"));
        incident(world, "2026-04-27T01:00:00Z", &[]);
        let story = world.ready_story("Refunds");
        let id = world.release("1.4.0", &[&story]);
        let planned = json!({ "planned_for": "2026-05-04T15:00:00Z" });
        assert_eq!(world.patch(&format!("/v1/releases/{id}"), planned).status, 200);
        let risk = world.read(&format!("/v1/releases/{id}/risk"));
        assert_eq!((&risk["stories"], &risk["changes"], &risk["authors"]), (&json!(1), &json!(0), &json!(null)));
        assert_eq!(
            (&risk["local_hour"], &risk["weekday"], &risk["working_day"]),
            (&json!(0), &json!("tuesday"), &json!(false))
        );
        assert_eq!((&risk["open_incidents"], &risk["days_since_last"]), (&json!(1), &json!(7.625)));
        let all = &risk["earlier"][0];
        assert_eq!(
            (&all["kind"], &all["deployments"], &all["failed"]),
            (&json!("all"), &json!(2), &json!(1)),
            "{risk}"
        );
        assert_eq!(world.get("/v1/releases/01980000-0000-7000-8000-0000000000ff/risk").status, 404);
        let sumi = world.person("수미", "sumi@example.com", Role::Product, "ko");
        let page = Visitor::of(world, &sumi, "sumi@example.com").read(&format!("/console/releases/{id}"));
        assert!(page.contains("이 릴리스에 담긴 것") && page.contains("화요일 00:00에 나갑니다(Asia/Seoul)"), "{page}");
        assert!(page.contains("근무일 아님") && page.contains("진행 중인 장애 1건"), "{page}");
        let row = page.split("이전 배포").nth(1).expect("a table").split("</table>").next().unwrap();
        assert!(row.contains(">전체</th>") && row.contains(">2</td>") && row.contains(">1</td>"), "{row}");
    });
}
