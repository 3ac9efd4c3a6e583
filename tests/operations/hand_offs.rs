//! Hand-offs: the owner stays the owner until the other accepts.

use hearback::domain::team::Role;
use serde_json::{Value, json};

use crate::support::on_each_world;

#[test]
fn the_owner_stays_the_owner_until_the_other_accepts() {
    on_each_world(|world| {
        let (ada, bo) = (world.admin(), world.developer("Bo"));
        let incident = world.incident();
        let offer = world.offer(&incident, &ada.token, bo.id, "need_skill");
        assert_eq!(offer.status, 201, "{offer:?}");
        assert_eq!(world.incident_now(&incident)["owner_id"], json!(ada.id));
        world.answer_offer(&incident, &offer, &ada.token, "accept").problem(403, "forbidden");
        world.answer_offer(&incident, &offer, &world.token(Role::Admin), "accept").problem(403, "forbidden");
        let accepted = world.answer_offer(&incident, &offer, &bo.token, "accept").json();
        assert_eq!(accepted["owner_id"], json!(bo.id));
        assert!(accepted["owner_because"].as_str().unwrap().contains("hand-off"), "{accepted}");
        world.answer_offer(&incident, &offer, &bo.token, "accept").problem(409, "conflict");
        let back = world.offer(&incident, &bo.token, ada.id, "not_mine").json();
        assert_eq!(back["is_back"], true);
        let kinds = world.rows_of_events(&incident);
        let expected = [
            "incident.opened",
            "incident.hand_off_offered",
            "incident.hand_off_accepted",
            "incident.owner_changed",
            "incident.hand_off_offered",
        ];
        assert_eq!(kinds, expected);
    });
}

#[test]
fn an_offer_is_declined_withdrawn_or_not_accepted_in_time() {
    on_each_world(|world| {
        let (ada, bo, cy) = (world.admin(), world.developer("Bo"), world.developer("Cy"));
        let incident = world.incident();
        let state = |offer: &crate::support::Answer| {
            let path = format!("/v1/incidents/{}/hand-offs/{}", incident["id"].as_str().unwrap(), offer.id());
            world.read(&path)["state"].clone()
        };
        let offer = world.offer(&incident, &ada.token, bo.id, "not_mine");
        assert_eq!(world.answer_offer(&incident, &offer, &bo.token, "decline").json()["owner_id"], json!(ada.id));
        assert_eq!(state(&offer), "declined");
        let offer = world.offer(&incident, &ada.token, bo.id, "not_mine");
        world.answer_offer(&incident, &offer, &cy.token, "withdraw").problem(403, "forbidden");
        assert_eq!(world.answer_offer(&incident, &offer, &ada.token, "withdraw").status, 200);
        assert_eq!(state(&offer), "withdrawn");
        let offer = world.offer(&incident, &ada.token, bo.id, "not_mine");
        world.minutes_pass(14);
        world.step("hand_offs");
        assert_eq!(state(&offer), "offered");
        world.minutes_pass(2);
        world.answer_offer(&incident, &offer, &bo.token, "accept").problem(409, "conflict");
        world.step("hand_offs");
        world.step("hand_offs");
        assert_eq!(state(&offer), "returned");
        assert_eq!(world.incident_now(&incident)["owner_id"], json!(ada.id));
        let returned = world.rows_of_events(&incident);
        assert_eq!(returned.iter().filter(|kind| *kind == "incident.hand_off_returned").count(), 1);
    });
}

#[test]
fn a_hand_off_needs_a_reason_and_a_member_who_may_own_it() {
    on_each_world(|world| {
        let (ada, bo) = (world.admin(), world.developer("Bo"));
        let incident = world.incident();
        let offer = |body: Value| world.act(&incident, "hand-offs", &ada.token, Some(body));
        offer(json!({ "member_id": bo.id })).refused(&["/reason required"]);
        offer(json!({ "member_id": bo.id, "reason": "other" })).refused(&["/text required"]);
        offer(json!({ "member_id": ada.id, "reason": "not_mine" })).refused(&["/member_id owner"]);
        offer(json!({ "member_id": incident["id"], "reason": "not_mine" })).refused(&["/member_id unknown"]);
        let viewer = world.person("Vi", "vi@example.com", Role::Viewer, "en");
        offer(json!({ "member_id": viewer.id, "reason": "not_mine" })).refused(&["/member_id not_allowed"]);
        let taken =
            world.act(&incident, "hand-offs", &bo.token, Some(json!({ "member_id": "me", "reason": "need_skill" })));
        assert_eq!((taken.status, &taken.json()["state"]), (201, &json!("accepted")), "{taken:?}");
        assert_eq!(world.incident_now(&incident)["owner_id"], json!(bo.id));
    });
}

#[test]
fn of_two_hand_offs_at_once_one_is_refused() {
    on_each_world(|world| {
        let ada = world.admin();
        let members: Vec<_> = ["Bo", "Cy", "Di", "Ed"].map(|name| world.developer(name)).into();
        for _ in 0..5 {
            let incident = world.incident();
            let offers: Vec<u16> = std::thread::scope(|scope| {
                let offers = members.iter().map(|to| {
                    let (incident, token, to) = (&incident, &ada.token, to.id);
                    scope.spawn(move || world.offer(incident, token, to, "not_mine").status)
                });
                let offers: Vec<_> = offers.collect();
                offers.into_iter().map(|offer| offer.join().unwrap()).collect()
            });
            assert_eq!(offers.iter().filter(|status| **status == 201).count(), 1, "{offers:?}");
            assert!(offers.iter().all(|status| matches!(status, 201 | 409)), "{offers:?}");
            // Taking over and accepting at the same time: one owner, whoever was first.
            let path = format!("/v1/incidents/{}/hand-offs", incident["id"].as_str().unwrap());
            let open = world.read(&path)["data"][0].clone();
            let to = members.iter().find(|member| json!(member.id) == open["to_id"]).unwrap();
            let accept = format!("{path}/{}/accept", open["id"].as_str().unwrap());
            let withdraw = format!("{path}/{}/withdraw", open["id"].as_str().unwrap());
            let (accepted, withdrawn) = std::thread::scope(|scope| {
                let accepted = scope.spawn(|| world.send("POST", &accept, &to.token, None).status);
                let withdrawn = scope.spawn(|| world.send("POST", &withdraw, &ada.token, None).status);
                (accepted.join().unwrap(), withdrawn.join().unwrap())
            });
            let owner = world.incident_now(&incident)["owner_id"].clone();
            match accepted {
                200 => assert_eq!((withdrawn, owner), (409, json!(to.id))),
                _ => assert_eq!((accepted, withdrawn, owner), (409, 200, json!(ada.id))),
            }
        }
    });
}
