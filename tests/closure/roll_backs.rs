//! Roll-backs of releases: customers who were told can be told of them, customers who were not told are not, and
//! stories that were released late are taken back too.

use hearback::domain::stories::stage::Stage;
use hearback::domain::{
    base::Id,
    closure::{ClosureKind, ClosureState},
    team::Role,
};
use serde_json::{Value, json};

use super::{with_mail, without_mail};
use crate::support::World;

fn post(world: &World, path: &str, body: Value) -> Value {
    let answer = world.send("POST", path, &world.token(Role::Admin), Some(&body));
    assert!(answer.status < 300, "{path}: {answer:?}");
    answer.json()
}

/// A release in production with these stories, as far as they are ready.
fn deployed(world: &World, name: &str, stories: &[Id]) -> Id {
    let id: Id = post(world, "/v1/releases", json!({ "name": name }))["id"].as_str().unwrap().parse().unwrap();
    post(world, &format!("/v1/releases/{id}/stories"), json!({ "story_ids": stories }));
    // The release is shipped only when it is deployed.
    world.settings(json!({ "unshipped_release": "ship" }));
    post(world, "/v1/deployments", json!({ "release": name }));
    id
}

#[test]
fn customers_who_were_told_hear_of_a_roll_back_if_a_member_decides_so() {
    with_mail(|world| {
        let theme = world.new_theme("Refunds");
        let [ann, busy] = ["ann", "busy"]
            .map(|name| world.customer(&format!("{name}@example.com")).about(theme).files("Refund please").customer);
        let story = world.story_about(theme);
        world.go(story, "ready");
        let release = deployed(world, "7.4", &[story]);
        world.pump();
        let first = world.mails().mails_to("ann@example.com").remove(0);
        assert!(first.text.contains("release 7.4"), "{}", first.text);
        world.submit(&first.answer(), "answer=solved");
        let rolled = post(world, &format!("/v1/releases/{release}/roll_back"), json!({ "reason": "Payments fail" }));
        assert_eq!(rolled["state"], "rolled_back");
        let shown = world.send("GET", &format!("/v1/stories/{story}"), &world.token(Role::Viewer), None).json();
        assert_eq!((shown["stage"].as_str(), &shown["roll_back_to_tell"]), (Some("ready"), &json!(1)));
        world.pump();
        assert_eq!(world.mails().mails_to("ann@example.com").len(), 1, "somebody has to decide");
        assert_eq!(world.closure(story, busy).state, ClosureState::Expired, "who waited is not told");

        let decided = post(world, &format!("/v1/stories/{story}/roll_back_notice"), json!({ "tell": true }));
        assert_eq!(decided["roll_back_to_tell"], json!(null));
        world.pump();
        let notice = world.mails().mails_to("ann@example.com").remove(1);
        assert!(
            notice.subject.contains("Taken back for now") && notice.text.contains("It was in release 7.4."),
            "{notice:?}"
        );
        let case = world.closure(story, ann);
        assert_eq!((case.kind, case.state, case.round), (ClosureKind::RollBack, ClosureState::Told, 2));
        assert!(world.closures(story).iter().all(|c| c.round != 2 || c.customer.id == ann), "nobody else");
        let again = world.send(
            "POST",
            &format!("/v1/stories/{story}/roll_back_notice"),
            &world.token(Role::Admin),
            Some(&json!({ "tell": false })),
        );
        again.problem(409, "conflict");

        // They are told of the next deployment too, although they had confirmed the first.
        post(world, "/v1/deployments", json!({ "release": "7.4" }));
        world.pump();
        assert_eq!(world.mails().mails_to("ann@example.com").len(), 3);
    });
}

#[test]
fn a_product_may_always_or_never_tell() {
    without_mail(|world| {
        for (setting, told, open) in [("always", None, true), ("never", None, false), ("never", Some(true), true)] {
            world.settings(json!({ "tell_roll_back": setting }));
            let theme = world.new_theme("Refunds");
            let ann = world.customer("ann@example.com").about(theme).files("Refund please").customer;
            let story = world.story_about(theme);
            world.release_story(story);
            post(world, &format!("/v1/closures/{}/tell", world.closure(story, ann).id), json!({}));
            let mut back = json!({ "to": "ready", "reason": "Broken" });
            if let Some(told) = told {
                back["tell_customers"] = json!(told);
            }
            let story = world.transition(story, back).unwrap();
            assert_eq!(story.roll_back_to_tell, None);
            let notices = world.closures(story.id).into_iter().filter(|c| c.kind == ClosureKind::RollBack).count();
            assert_eq!(notices == 1, open, "{setting} {told:?}");
        }
    });
}

#[test]
fn a_gate_that_is_signed_after_the_deployment_releases_the_story_with_it() {
    without_mail(|world| {
        let gates = json!([{ "key": "legal", "title": "Legal", "stage": "released" }]);
        world.settings(json!({ "gates": gates }));
        let member = world.member("law@example.com");
        let (theme, other) = (world.new_theme("Refunds"), world.new_theme("Refunds"));
        world.customer("ann@example.com").about(theme).files("Refund please");
        world.customer("bob@example.com").about(other).files("Refund please");
        let (story, late) = (world.story_about(theme), world.story_about(other));
        world.go(story, "ready");
        let release = deployed(world, "7.4", &[story, late]);
        assert_eq!((world.stage(story), world.stage(late)), (Stage::Ready, Stage::Accepted));
        let sign = |story: Id| {
            post(
                world,
                &format!("/v1/stories/{story}/gates/legal/sign"),
                json!({ "member_id": member, "evidence": "Ticket 12" }),
            )
        };
        sign(story);
        assert_eq!(world.stage(story), Stage::Released);
        assert_eq!(world.closures(story)[0].release_id, Some(release), "its mails name the release");
        // A story that was not built at that time is not released with it.
        world.go(late, "ready");
        sign(late);
        assert_eq!(world.stage(late), Stage::Ready);

        post(world, &format!("/v1/releases/{release}/roll_back"), json!({ "reason": "Broken" }));
        assert_eq!(world.stage(story), Stage::Ready, "taken back with it");
    });
}

#[test]
fn a_story_released_by_hand_is_rolled_back_with_its_release() {
    without_mail(|world| {
        let gates = json!([{ "key": "legal", "title": "Legal", "stage": "released" }]);
        world.settings(json!({ "gates": gates }));
        let theme = world.new_theme("Refunds");
        world.customer("ann@example.com").about(theme).files("Refund please");
        let story = world.story_about(theme);
        world.go(story, "ready");
        let release = deployed(world, "7.4", &[story]);
        let by_hand = json!({ "to": "released", "override_gates": true, "reason": "Legal said yes by phone" });
        world.transition(story, by_hand).unwrap();
        assert_eq!(world.closures(story)[0].release_id, Some(release));
        post(world, &format!("/v1/releases/{release}/roll_back"), json!({ "reason": "Broken" }));
        assert_eq!(world.stage(story), Stage::Ready);

        // The same without a reported deployment.
        let id: Id = post(world, "/v1/releases", json!({ "name": "7.5" }))["id"].as_str().unwrap().parse().unwrap();
        post(world, &format!("/v1/releases/{id}/stories"), json!({ "story_ids": [story] }));
        world.settings(json!({ "gates": [] }));
        post(world, &format!("/v1/releases/{id}/ship"), json!({}));
        world.go(story, "released");
        post(world, &format!("/v1/releases/{id}/roll_back"), json!({ "reason": "Broken" }));
        assert_eq!(world.stage(story), Stage::Ready);
    });
}
