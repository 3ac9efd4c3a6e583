//! A fortnight of a team in Seoul, whose figures were computed by hand.

use serde_json::{Value, json};

use super::{change, deploy, figures, incident};
use crate::support::{World, on_each_world};

/// The deployments D1 to D12, the incidents I1 to I3 and the changes c1 to c10.
fn fortnight(world: &World) {
    world.settings(json!({ "time_zone": "Asia/Seoul" }));
    deploy(world, "2026-03-02T01:00:00Z", change("c1", "2026-03-01T12:00:00Z"));
    deploy(world, "2026-03-03T02:00:00Z", change("c2", "2026-03-02T10:00:00Z"));
    deploy(world, "2026-03-03T09:00:00Z", change("c3", "2026-03-02T20:00:00Z"));
    let i1 = incident(world, "2026-03-03T09:20:00Z", &[]);
    let back = json!({ "external_id": "2026-03-03T09:00:00Z", "state": "rolled_back", "fixes": i1 });
    deploy(world, "2026-03-03T10:00:00Z", back);
    deploy(world, "2026-03-05T03:00:00Z", change("c5", "2026-03-03T00:00:00Z"));
    deploy(world, "2026-03-05T15:30:00Z", change("c6", "2026-03-05T09:00:00Z"));
    let mut failed = change("c8", "2026-03-08T22:00:00Z");
    failed["state"] = json!("failed");
    deploy(world, "2026-03-09T04:00:00Z", failed);
    deploy(world, "2026-03-09T05:00:00Z", json!({}));
    deploy(world, "2026-03-10T06:00:00Z", change("c9", "2026-03-09T06:00:00Z"));
    let i2 = incident(world, "2026-03-10T07:00:00Z", &[]);
    let i3 = incident(world, "2026-03-10T09:00:00Z", &[]);
    let mut hotfix = change("c10", "2026-03-11T02:00:00Z");
    hotfix["fixes"] = json!(i2);
    deploy(world, "2026-03-11T06:00:00Z", hotfix);
    deploy(world, "2026-03-11T06:00:00Z", json!({ "fixes": i3 }));
    deploy(world, "2026-03-15T15:10:00Z", json!({}));
    deploy(world, "2026-03-12T05:00:00Z", json!({ "environment": "staging" }));
}

fn near(value: &Value, expected: f64) -> bool {
    value.as_f64().is_some_and(|value| (value - expected).abs() < 1e-9)
}

#[test]
fn a_fortnight_computed_by_hand() {
    on_each_world(|world| {
        fortnight(world);
        let found = figures(world, "from=2026-03-02&to=2026-03-16");
        assert_eq!((&found["definition"], &found["time_zone"]), (&json!(1), &json!("Asia/Seoul")));
        assert_eq!((&found["from"], &found["to"]), (&json!("2026-03-01T15:00:00Z"), &json!("2026-03-15T15:00:00Z")));
        let frequency = &found["deployment_frequency"];
        assert_eq!((&frequency["n"], &frequency["deployment_days"]), (&json!(9), &json!(7)), "{frequency}");
        assert!(near(&frequency["value"], 9.0 / 14.0), "{frequency}");
        assert_eq!(frequency["band"], "high");
        let rows = frequency["rows"].as_array().unwrap();
        let of_kind = |kind: &str| rows.iter().filter(|row| row["kind"] == kind).count();
        assert_eq!((of_kind("deployed"), of_kind("roll_back"), of_kind("failed")), (8, 1, 1));

        let lead = &found["change_lead_time"];
        let mut hours: Vec<f64> =
            lead["rows"].as_array().unwrap().iter().filter_map(|row| row["hours"].as_f64()).collect();
        hours.sort_by(f64::total_cmp);
        assert_eq!(hours, [4.0, 6.5, 7.0, 13.0, 13.0, 16.0, 24.0, 51.0]);
        assert!(near(&lead["value"], 13.0) && near(&lead["mean"], 134.5 / 8.0), "{lead}");
        assert_eq!((&lead["n"], &lead["p90"], &lead["unknown"]), (&json!(8), &json!(51.0), &json!(0)));

        let fail = &found["change_fail_rate"];
        assert!(near(&fail["value"], 2.0 / 9.0), "{fail}");
        assert_eq!((&fail["n"], &fail["failed"], &fail["band"]), (&json!(9), &json!(2), &json!("low")));
        let incidents: Vec<usize> =
            fail["rows"].as_array().unwrap().iter().map(|row| row["incidents"].as_array().unwrap().len()).collect();
        assert_eq!(incidents, [1, 2], "I1 on D3; I2 and I3 on D9");

        let rework = &found["deployment_rework_rate"];
        assert!(near(&rework["value"], 2.0 / 9.0), "{rework}");
        let because: Vec<&Value> = rework["rows"].as_array().unwrap().iter().map(|row| &row["because"]).collect();
        assert_eq!(because, ["roll_back", "fixes"]);

        let recovery = &found["failed_deployment_recovery_time"];
        assert!(near(&recovery["value"], 12.5), "{recovery}");
        assert_eq!((&recovery["n"], &recovery["open"]), (&json!(2), &json!(0)));
        let first = &recovery["rows"][0]["incidents"][0];
        assert!(near(&first["hours"], 40.0 / 60.0), "detection of I1 until D4: {first}");
    });
}

#[test]
fn in_utc_the_same_deployments_are_on_six_days() {
    on_each_world(|world| {
        fortnight(world);
        world.settings(json!({ "time_zone": "UTC" }));
        let found = figures(world, "from=2026-03-01T15:00:00Z&to=2026-03-15T15:00:00Z");
        assert_eq!(found["deployment_frequency"]["n"], 9);
        assert_eq!(found["deployment_frequency"]["deployment_days"], 6);
    });
}

#[test]
fn without_inferred_links_only_what_somebody_said_counts() {
    on_each_world(|world| {
        fortnight(world);
        let found = figures(world, "from=2026-03-02&to=2026-03-16&inferred=false");
        let fail = &found["change_fail_rate"];
        assert_eq!((&fail["failed"], &fail["inferred"]), (&json!(1), &json!(0)), "D3 was rolled back: {fail}");
        let with = figures(world, "from=2026-03-02&to=2026-03-16");
        assert_eq!(with["change_fail_rate"]["inferred"], 1);
    });
}
