//! The figures of incidents, by a vector computed by hand.

use serde_json::json;

use crate::support::on_each_world;

#[test]
fn the_finger_pointing_index_is_bounces_for_each_incident() {
    on_each_world(|world| {
        let (ada, bo) = (world.admin(), world.developer("Bo"));
        let team =
            |id, team: &str| assert_eq!(world.patch(&format!("/v1/members/{id}"), json!({ "team": team })).status, 200);
        team(ada.id, "payments");
        team(bo.id, "platform");
        let empty = world.read("/v1/incidents/figures");
        assert_eq!((&empty["incidents"], &empty["finger_pointing_index"]), (&json!(0), &json!(null)));
        let (one, _) = (world.incident(), world.incident());
        // To Bo after 10 minutes, back to Ada after 4, declined once, and a hand-over at the end of the shift.
        let offer = world.offer(&one, &ada.token, bo.id, "not_mine");
        world.minutes_pass(10);
        world.answer_offer(&one, &offer, &bo.token, "accept");
        let offer = world.offer(&one, &bo.token, ada.id, "need_skill");
        world.minutes_pass(4);
        world.answer_offer(&one, &offer, &ada.token, "accept");
        let offer = world.offer(&one, &ada.token, bo.id, "not_mine");
        world.answer_offer(&one, &offer, &bo.token, "decline");
        let offer = world.offer(&one, &ada.token, bo.id, "shift_end");
        world.answer_offer(&one, &offer, &bo.token, "accept");
        world.minutes_pass(6);
        world.act(&one, "acknowledge", &bo.token, None);
        let cause = json!({ "kind": "diagnosis", "text": "No connections left", "confirmed": true });
        world.act(&one, "timeline", &bo.token, Some(cause));
        world.minutes_pass(10);
        world.act(&one, "mitigate", &bo.token, None);
        let fix = world.post("/v1/deployments", json!({ "revision": "fix" })).json();
        let link = json!({ "target_kind": "deployment", "target_id": fix["id"], "kind": "fixed_by" });
        assert_eq!(world.act(&one, "links", &bo.token, Some(link)).status, 201);
        world.minutes_pass(1);

        let figures = world.read("/v1/incidents/figures");
        assert_eq!(
            (&figures["incidents"], &figures["bounces"], &figures["ping_pongs"]),
            (&json!(2), &json!(3), &json!(1))
        );
        assert_eq!(figures["finger_pointing_index"], 1.5);
        assert_eq!((&figures["shift_hand_overs"], &figures["escalations"]), (&json!(1), &json!(0)));
        assert_eq!(figures["pairs"][0], json!({ "from": "payments", "to": "platform", "bounces": 2 }));
        assert_eq!(figures["pairs"][1], json!({ "from": "platform", "to": "payments", "bounces": 1 }));
        let near = |value: &serde_json::Value, expected: f64| {
            let value = value.as_f64().unwrap();
            assert!((value - expected).abs() < 0.2, "{value} {expected}");
        };
        near(&figures["hours_to_acceptance"]["median"], 7.0 / 60.0);
        near(&figures["time_to_own"]["median"], 20.0);
        near(&figures["time_to_diagnose"]["median"], 20.0);
        near(&figures["time_to_mitigate"]["median"], 30.0);
        near(&figures["time_to_fix"]["median"], 30.0);
        world
            .get("/v1/incidents/figures?from=2026-02-01T00:00:00Z&to=2026-01-01T00:00:00Z")
            .refused(&["/from too_large"]);
    });
}
