//! Roll-backs of releases: customers who were told can be told of them, customers who were not told are not, and
//! stories that were released late are taken back too.

use hearback::domain::stories::stage::Stage;
use hearback::domain::{
    base::Id,
    closure::{ClosureKind, ClosureState},
    team::Role,
};
use serde_json::{Value, json};

use super::bench::{Bench, with_mail, without_mail};

fn post(bench: &Bench, path: &str, body: Value) -> Value {
    let answer = bench.call(&bench.token(Role::Admin, None), "POST", path, Some(body));
    assert!(answer.status < 300, "{path}: {answer:?}");
    answer.json()
}

/// A release in production with these stories, as far as they are ready.
fn deployed(bench: &Bench, name: &str, stories: &[Id]) -> Id {
    let id: Id = post(bench, "/v1/releases", json!({ "name": name }))["id"].as_str().unwrap().parse().unwrap();
    post(bench, &format!("/v1/releases/{id}/stories"), json!({ "story_ids": stories }));
    // Nobody ships it before it is there.
    bench.settings(json!({ "unshipped_release": "ship" }));
    post(bench, "/v1/deployments", json!({ "release": name }));
    id
}

#[test]
fn whoever_was_told_hears_of_the_roll_back_where_somebody_says_so() {
    with_mail(|bench| {
        let theme = bench.theme();
        let [ann, busy] = ["ann", "busy"].map(|name| bench.say(theme, &format!("{name}@example.com"), "Refund please"));
        let story = bench.story(theme);
        bench.go(story, "ready");
        let release = deployed(bench, "7.4", &[story]);
        bench.pump();
        let first = bench.mails().mails_to("ann@example.com").remove(0);
        assert!(first.text.contains("release 7.4"), "{}", first.text);
        bench.submit(&first.answer(), "answer=solved");
        let rolled = post(bench, &format!("/v1/releases/{release}/roll_back"), json!({ "reason": "Payments fail" }));
        assert_eq!(rolled["state"], "rolled_back");
        let shown = bench.call(&bench.token(Role::Viewer, None), "GET", &format!("/v1/stories/{story}"), None).json();
        assert_eq!((shown["stage"].as_str(), &shown["roll_back_to_tell"]), (Some("ready"), &json!(1)));
        bench.pump();
        assert_eq!(bench.mails().mails_to("ann@example.com").len(), 1, "somebody has to decide");
        assert_eq!(bench.closure(story, busy).state, ClosureState::Expired, "who waited is not told");

        let decided = post(bench, &format!("/v1/stories/{story}/roll_back_notice"), json!({ "tell": true }));
        assert_eq!(decided["roll_back_to_tell"], json!(null));
        bench.pump();
        let notice = bench.mails().mails_to("ann@example.com").remove(1);
        assert!(
            notice.subject.contains("Taken back for now") && notice.text.contains("It was in release 7.4."),
            "{notice:?}"
        );
        let case = bench.closure(story, ann);
        assert_eq!((case.kind, case.state, case.round), (ClosureKind::RollBack, ClosureState::Told, 2));
        assert!(bench.closures(story).iter().all(|c| c.round != 2 || c.customer.id == ann), "nobody else");
        let again = bench.call(
            &bench.token(Role::Admin, None),
            "POST",
            &format!("/v1/stories/{story}/roll_back_notice"),
            Some(json!({ "tell": false })),
        );
        again.problem(409, "conflict");

        // When it is there again, they hear of that too, though they had confirmed.
        post(bench, "/v1/deployments", json!({ "release": "7.4" }));
        bench.pump();
        assert_eq!(bench.mails().mails_to("ann@example.com").len(), 3);
    });
}

#[test]
fn a_product_may_always_or_never_tell() {
    without_mail(|bench| {
        for (setting, told, open) in [("always", None, true), ("never", None, false), ("never", Some(true), true)] {
            bench.settings(json!({ "tell_roll_back": setting }));
            let theme = bench.theme();
            let ann = bench.say(theme, "ann@example.com", "Refund please");
            let story = bench.story(theme);
            bench.release(story);
            post(bench, &format!("/v1/closures/{}/tell", bench.closure(story, ann).id), json!({}));
            let mut back = json!({ "to": "ready", "reason": "Broken" });
            if let Some(told) = told {
                back["tell_customers"] = json!(told);
            }
            let story = bench.transition(story, back).unwrap();
            assert_eq!(story.roll_back_to_tell, None);
            let notices = bench.closures(story.id).into_iter().filter(|c| c.kind == ClosureKind::RollBack).count();
            assert_eq!(notices == 1, open, "{setting} {told:?}");
        }
    });
}

#[test]
fn a_gate_that_is_signed_after_the_deployment_releases_the_story_with_it() {
    without_mail(|bench| {
        let gates = json!([{ "key": "legal", "title": "Legal", "stage": "released" }]);
        bench.settings(json!({ "gates": gates }));
        let member = bench.member("law@example.com");
        let (theme, other) = (bench.theme(), bench.theme());
        bench.say(theme, "ann@example.com", "Refund please");
        bench.say(other, "bob@example.com", "Refund please");
        let (story, late) = (bench.story(theme), bench.story(other));
        bench.go(story, "ready");
        let release = deployed(bench, "7.4", &[story, late]);
        assert_eq!((bench.stage(story), bench.stage(late)), (Stage::Ready, Stage::Accepted));
        let sign = |story: Id| {
            post(
                bench,
                &format!("/v1/stories/{story}/gates/legal/sign"),
                json!({ "member_id": member, "evidence": "Ticket 12" }),
            )
        };
        sign(story);
        assert_eq!(bench.stage(story), Stage::Released);
        assert_eq!(bench.closures(story)[0].release_id, Some(release), "its mails name the release");
        // What was not built then does not come with it.
        bench.go(late, "ready");
        sign(late);
        assert_eq!(bench.stage(late), Stage::Ready);

        post(bench, &format!("/v1/releases/{release}/roll_back"), json!({ "reason": "Broken" }));
        assert_eq!(bench.stage(story), Stage::Ready, "taken back with it");
    });
}

#[test]
fn what_a_person_released_by_hand_is_taken_back_with_its_release() {
    without_mail(|bench| {
        let gates = json!([{ "key": "legal", "title": "Legal", "stage": "released" }]);
        bench.settings(json!({ "gates": gates }));
        let theme = bench.theme();
        bench.say(theme, "ann@example.com", "Refund please");
        let story = bench.story(theme);
        bench.go(story, "ready");
        let release = deployed(bench, "7.4", &[story]);
        let by_hand = json!({ "to": "released", "override_gates": true, "reason": "Legal said yes by phone" });
        bench.transition(story, by_hand).unwrap();
        assert_eq!(bench.closures(story)[0].release_id, Some(release));
        post(bench, &format!("/v1/releases/{release}/roll_back"), json!({ "reason": "Broken" }));
        assert_eq!(bench.stage(story), Stage::Ready);

        // Also where nobody reported the deployment.
        let id: Id = post(bench, "/v1/releases", json!({ "name": "7.5" }))["id"].as_str().unwrap().parse().unwrap();
        post(bench, &format!("/v1/releases/{id}/stories"), json!({ "story_ids": [story] }));
        bench.settings(json!({ "gates": [] }));
        post(bench, &format!("/v1/releases/{id}/ship"), json!({}));
        bench.go(story, "released");
        post(bench, &format!("/v1/releases/{id}/roll_back"), json!({ "reason": "Broken" }));
        assert_eq!(bench.stage(story), Stage::Ready);
    });
}
