//! What misled the users of other tools, each as a test.

use serde_json::json;

use super::{change, deploy, figures, incident};
use crate::support::on_each_world;

#[test]
fn several_incidents_of_one_deployment_count_once() {
    on_each_world(|world| {
        for day in 1..=10 {
            deploy(world, &format!("2026-05-{day:02}T06:00:00Z"), json!({}));
        }
        incident(world, "2026-05-03T08:00:00Z", &[]);
        incident(world, "2026-05-03T09:00:00Z", &[]);
        let fail = &figures(world, "from=2026-05-01&to=2026-05-11")["change_fail_rate"];
        assert_eq!((&fail["value"], &fail["failed"], &fail["n"]), (&json!(0.1), &json!(1), &json!(10)), "not 0.2");
        assert_eq!(fail["rows"][0]["incidents"].as_array().unwrap().len(), 2, "the counts behind it");
    });
}

#[test]
fn an_incident_stays_on_its_deployment_whatever_the_period() {
    on_each_world(|world| {
        let caused = deploy(world, "2026-05-01T20:00:00Z", json!({}));
        deploy(world, "2026-05-20T06:00:00Z", json!({}));
        incident(world, "2026-05-02T10:00:00Z", &[]);
        incident(world, "2026-06-20T10:00:00Z", &[]);
        for period in
            ["from=2026-05-01&to=2026-06-01", "from=2026-05-01&to=2026-05-02", "from=2026-04-01&to=2026-07-01"]
        {
            let fail = &figures(world, period)["change_fail_rate"];
            assert_eq!(fail["failed"], 1, "{period}: {fail}");
            assert_eq!(fail["rows"][0]["deployment_id"], json!(caused), "{period}");
        }
        let later = &figures(world, "from=2026-05-10&to=2026-07-01")["change_fail_rate"];
        assert_eq!(later["failed"], 0, "a month after the deployment nothing is inferred: {later}");
    });
}

#[test]
fn the_first_deployment_does_not_swallow_old_changes() {
    on_each_world(|world| {
        deploy(world, "2026-05-01T06:00:00Z", json!({ "revision": "aaaaaaa1" }));
        let lead = &figures(world, "from=2026-05-01&to=2026-05-08")["change_lead_time"];
        assert_eq!((&lead["value"], &lead["n"], &lead["unknown"]), (&json!(null), &json!(0), &json!(1)), "{lead}");
        assert_eq!(lead["rows"][0]["problem"], "unknown");
    });
}

#[test]
fn a_change_that_was_committed_after_its_deployment_is_listed_and_never_zero() {
    on_each_world(|world| {
        deploy(world, "2026-05-01T06:00:00Z", change("late", "2026-05-01T07:00:00Z"));
        deploy(world, "2026-05-02T06:00:00Z", change("good", "2026-05-01T06:00:00Z"));
        let lead = &figures(world, "from=2026-05-01&to=2026-05-08")["change_lead_time"];
        assert_eq!((&lead["value"], &lead["n"], &lead["inconsistent"]), (&json!(24.0), &json!(1), &json!(1)), "{lead}");
        assert_eq!((&lead["rows"][0]["problem"], &lead["rows"][0]["hours"]), (&json!("inconsistent"), &json!(null)));
    });
}

#[test]
fn a_later_state_does_not_move_when_a_deployment_finished() {
    on_each_world(|world| {
        deploy(world, "2026-05-01T06:00:00Z", json!({ "external_id": "d1", "revision": "r1" }));
        deploy(world, "2026-05-09T06:00:00Z", json!({ "external_id": "d1", "state": "rolled_back" }));
        let found = figures(world, "from=2026-05-01&to=2026-05-02");
        let frequency = &found["deployment_frequency"];
        assert_eq!(frequency["n"], 1, "{frequency}");
        assert_eq!(frequency["rows"][0]["at"], "2026-05-01T06:00:00Z");
        assert_eq!(found["change_fail_rate"]["failed"], 1, "it was rolled back later");
    });
}

#[test]
fn a_deployment_of_the_api_is_in_every_figure_at_once() {
    on_each_world(|world| {
        let id = deploy(world, "2026-05-01T06:00:00Z", change("c1", "2026-05-01T00:00:00Z"));
        let found = figures(world, "from=2026-05-01&to=2026-05-02");
        for name in ["deployment_frequency", "change_lead_time"] {
            assert_eq!(found[name]["rows"][0]["deployment_id"], json!(id), "{name}");
        }
        assert_eq!(found["change_lead_time"]["rows"][0]["how"], "explicit");
        assert_eq!((&found["change_fail_rate"]["n"], &found["deployment_rework_rate"]["n"]), (&json!(1), &json!(1)));
    });
}

#[test]
fn recovery_starts_when_the_failed_deployment_reached_customers() {
    on_each_world(|world| {
        deploy(world, "2026-05-01T06:00:00Z", json!({}));
        let broken = incident(world, "2026-05-01T09:00:00Z", &[]);
        deploy(world, "2026-05-01T12:00:00Z", json!({ "fixes": broken }));
        deploy(world, "2026-05-04T06:00:00Z", json!({}));
        incident(world, "2026-05-04T07:00:00Z", &[]);
        let recovery = &figures(world, "from=2026-05-01&to=2026-05-08")["failed_deployment_recovery_time"];
        assert_eq!(
            (&recovery["value"], &recovery["detection_to_mitigation"]),
            (&json!(6.0), &json!(3.0)),
            "{recovery}"
        );
        assert_eq!((&recovery["n"], &recovery["open"]), (&json!(1), &json!(1)), "the open one is listed, not dropped");
        assert_eq!(recovery["rows"].as_array().unwrap().len(), 2);
    });
}

#[test]
fn a_failed_pipeline_is_no_failed_deployment() {
    on_each_world(|world| {
        deploy(world, "2026-05-01T06:00:00Z", json!({ "state": "failed" }));
        deploy(world, "2026-05-01T07:00:00Z", json!({}));
        let found = figures(world, "from=2026-05-01&to=2026-05-02");
        assert_eq!((&found["deployment_frequency"]["n"], &found["change_fail_rate"]["failed"]), (&json!(1), &json!(0)));
        assert_eq!(found["deployment_frequency"]["rows"][0]["kind"], "failed", "it is shown all the same");
    });
}

#[test]
fn one_fact_from_two_sources_is_one_deployment_and_a_redeploy_none() {
    on_each_world(|world| {
        deploy(world, "2026-05-01T06:00:00Z", json!({ "revision": "r1", "external_id": "a" }));
        deploy(world, "2026-05-01T06:50:00Z", json!({ "revision": "r1", "external_id": "b" }));
        deploy(world, "2026-05-02T06:00:00Z", json!({ "revision": "r1", "external_id": "c" }));
        let frequency = &figures(world, "from=2026-05-01&to=2026-05-03")["deployment_frequency"];
        let kinds: Vec<&str> =
            frequency["rows"].as_array().unwrap().iter().map(|row| row["kind"].as_str().unwrap()).collect();
        assert_eq!((kinds, &frequency["n"]), (vec!["deployed", "same", "redeploy"], &json!(1)));
    });
}

#[test]
fn services_are_counted_apart_and_their_rates_never_averaged() {
    on_each_world(|world| {
        for hour in 0..4 {
            deploy(world, &format!("2026-05-01T0{hour}:00:00Z"), json!({ "service": "shop" }));
        }
        deploy(world, "2026-05-01T05:00:00Z", json!({ "service": "search" }));
        incident(world, "2026-05-01T06:00:00Z", &["search"]);
        let found = figures(world, "from=2026-05-01&to=2026-05-02");
        assert_eq!(found["change_fail_rate"]["value"], 0.2, "not the mean of 0 and 1");
        let of = |n: usize| {
            (&found["services"][n]["service"], &found["services"][n]["figures"]["change_fail_rate"]["value"])
        };
        assert_eq!((of(0), of(1)), ((&json!("search"), &json!(1.0)), (&json!("shop"), &json!(0.0))));
        let shop = figures(world, "from=2026-05-01&to=2026-05-02&service=shop");
        assert_eq!((&shop["deployment_frequency"]["n"], &shop["change_fail_rate"]["value"]), (&json!(4), &json!(0.0)));
        assert_eq!(shop["change_fail_rate"]["band"], json!(null), "fewer than five deployments have no band");
        assert_eq!(found["change_fail_rate"]["band"], "low");
    });
}

#[test]
fn wrong_periods_and_unknown_incidents_are_refused() {
    on_each_world(|world| {
        let ask = |query: &str| world.get(&format!("/v1/products/{}/delivery?{query}", super::PRODUCT));
        ask("from=2026-02-30&to=tomorrow-ok").refused(&["/to format", "/from format"]);
        ask("from=2026-05-02&to=2026-05-01").refused(&["/from range"]);
        ask("from=2020-05-02&to=2026-05-01").refused(&["/from range"]);
        world.post("/v1/deployments", json!({ "fixes": "HB-INC-99" })).refused(&["/fixes unknown"]);
        world.post("/v1/deployments", json!({ "fixes": "nothing" })).refused(&["/fixes unknown"]);
        let empty = figures(world, "from=2026-05-01&to=2026-05-02");
        assert_eq!(
            (&empty["deployment_frequency"]["value"], &empty["change_fail_rate"]["value"]),
            (&json!(0.0), &json!(null))
        );
    });
}

#[test]
fn what_a_person_says_of_a_cause_counts_and_an_inferred_link_is_confirmed_or_cleared() {
    on_each_world(|world| {
        let first = deploy(world, "2026-05-01T06:00:00Z", json!({}));
        deploy(world, "2026-05-02T06:00:00Z", json!({}));
        let id = incident(world, "2026-05-02T09:00:00Z", &[]);
        let fail = || figures(world, "from=2026-05-01&to=2026-05-08")["change_fail_rate"].clone();
        assert_eq!((&fail()["failed"], &fail()["inferred"]), (&json!(1), &json!(1)));
        let says = json!({ "target_kind": "deployment", "target_id": first, "kind": "caused_by" });
        assert!(world.post(&format!("/v1/incidents/{id}/links"), says).status < 300);
        let said = fail();
        assert_eq!((&said["failed"], &said["inferred"]), (&json!(1), &json!(0)), "{said}");
        assert_eq!(said["rows"][0]["deployment_id"], json!(first), "not the inferred one any more");
        let confirmed = figures(world, "from=2026-05-01&to=2026-05-08&inferred=false");
        assert_eq!(confirmed["change_fail_rate"]["failed"], 1);
    });
}

#[test]
fn a_release_that_carries_the_fix_of_an_incident_is_rework_by_hotfix() {
    on_each_world(|world| {
        world.settings(json!({ "unshipped_release": "ship" }));
        let (fix, other) = (world.ready_story("Payments work again"), world.ready_story("Receipts"));
        world.release("1.1.0", &[&fix]);
        world.release("1.2.0", &[&other]);
        deploy(world, "2026-05-01T06:00:00Z", json!({}));
        let broken = incident(world, "2026-05-01T09:00:00Z", &[]);
        let link = json!({ "target_kind": "story", "target_id": fix, "kind": "fixed_by" });
        world.done(&format!("/v1/incidents/{broken}/links"), link);
        let hot = deploy(world, "2026-05-01T12:00:00Z", json!({ "release": "1.1.0" }));
        deploy(world, "2026-05-02T12:00:00Z", json!({ "release": "1.2.0" }));
        let rework = &figures(world, "from=2026-05-01&to=2026-05-03")["deployment_rework_rate"];
        let rows = rework["rows"].as_array().unwrap();
        assert_eq!((rows.len(), &rework["n"], &rework["unplanned"]), (1, &json!(3), &json!(1)), "{rework}");
        assert_eq!(
            (&rows[0]["deployment_id"], &rows[0]["because"], &rows[0]["incident_id"]),
            (&json!(hot), &json!("hotfix"), &json!(broken))
        );
    });
}
