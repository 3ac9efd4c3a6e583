//! Links by hand, and traces.

use serde_json::{Value, json};

use super::github::release_of_a_story;
use super::hosts::{on_each_running_team, on_each_team, push, text};
use crate::support::{World, on_each_world};

#[test]
fn a_story_is_linked_by_hand_and_unlinked() {
    on_each_world(|server: &World| {
        let story = server.post("/v1/stories", json!({ "title": "Refunds" })).json();
        let path = format!("/v1/stories/{}/links", text(&story, "id"));
        let link = json!({ "provider": "other", "repository": "acme/app", "kind": "pull_request", "reference": "9" });
        let made = server.post(&path, &link);
        assert_eq!((made.status, &made.json()["state"]), (201, &Value::Null), "{made:?}");
        let mut again = link.clone();
        again["state"] = json!("merged");
        let changed = server.post(&path, &again);
        assert_eq!((changed.status, changed.id(), &changed.json()["state"]), (200, made.id(), &json!("merged")));
        again["state"] = json!("open");
        assert_eq!(server.post(&path, &again).json()["state"], "merged", "what is merged stays merged");
        server
            .post(&path, json!({ "provider": "svn", "kind": "branch", "repository": " ", "url": "javascript:x" }))
            .refused(&["/provider not_one_of", "/repository pattern", "/reference required", "/url format"]);
        for n in 0..3 {
            let commit = json!({ "provider": "github", "repository": "acme/app", "kind": "commit", "reference": format!("c{n}") });
            assert_eq!(server.post(&path, &commit).status, 201);
        }
        assert_eq!(server.ids(&format!("{path}?limit=2")).len(), 4);
        assert_eq!(server.ids(&format!("{path}?kind=commit")).len(), 3);
        let one = format!("/v1/links/{}", made.id());
        assert_eq!(server.request("DELETE", &one).send().status, 204);
        server.request("DELETE", &one).send().problem(404, "not_found");
        assert_eq!(server.ids(&path).len(), 3);
        let nobody = "/v1/stories/00000000-0000-7000-8000-000000000000/links";
        server.post(nobody, &link).problem(404, "not_found");
        server.get(nobody).problem(404, "not_found");
    });
}

#[test]
fn a_trace_leads_from_anything_to_everything_and_back() {
    on_each_running_team(|world| {
        let server = world;
        let said = |who: &str, text: &str| {
            server.file(
                &json!({ "text": text, "customer": { "external_id": who }, "occurred_at": "2026-01-12T09:41:00Z" }),
            )
        };
        let first = said("ana", "The refund still has not arrived after two weeks");
        let second = said("ben", "The refund has not arrived, I have waited for two weeks");
        let other = said("cid", "Please add a dark mode to the dashboard");
        let theme_of = |feedback: &Value| -> Option<String> {
            let shown = server.get(&format!("/v1/feedback/{}", text(feedback, "id"))).json();
            shown["theme"]["id"].as_str().map(str::to_owned)
        };
        let named = |theme: String| server.get(&format!("/v1/themes/{theme}")).json()["label"] != "New theme";
        let grouped = || [&first, &second, &other].iter().all(|feedback| theme_of(feedback).is_some_and(named));
        crate::support::eventually("grouped and named", std::time::Duration::from_secs(30), grouped);
        let theme = theme_of(&first).unwrap();
        if theme_of(&second).as_ref() != Some(&theme) {
            let path = format!("/v1/feedback/{}/move", text(&second, "id"));
            assert_eq!(server.post(&path, json!({ "theme_id": theme })).status, 200);
        }
        let story = server.post("/v1/stories", json!({ "theme_id": theme })).json();
        world.move_story(&story, "accepted");
        world.github("push", &push("hb-1", &[("c0ffee", "HB-1 days")]));
        world.move_story(&story, "testing");
        let release = server.post("/v1/releases", json!({ "name": "1.4.0" })).json();
        let path = format!("/v1/releases/{}/stories", text(&release, "id"));
        assert_eq!(server.post(&path, json!({ "story_ids": [story["id"]] })).status, 200);
        world.settings(json!({ "unshipped_release": "ship" }));
        let deployed = server.post("/v1/deployments", json!({ "release": "1.4.0" }));
        assert_eq!(deployed.status, 201, "{deployed:?}");

        let trace = |name: &str| {
            let answer = server.get(&format!("/v1/trace/{name}"));
            assert_eq!(answer.status, 200, "{answer:?}");
            answer.json()
        };
        let totals = |trace: &Value| {
            let lists = ["feedback", "themes", "stories", "links", "releases", "deployments"];
            lists.map(|list| {
                let shown = trace[list]["data"].as_array().unwrap().len() as i64;
                assert_eq!(trace[list]["total"].as_i64(), Some(shown), "{list}: {trace}");
                shown
            })
        };
        let by_number = trace("hb-1");
        assert_eq!((&by_number["id"], &by_number["kind"]), (&story["id"], &json!("story")));
        assert_eq!(totals(&by_number), [2, 1, 1, 2, 1, 1]);
        assert_eq!(by_number, trace(text(&story, "id")));
        let link = text(&by_number["links"]["data"][0], "id");
        let from = [
            ("feedback", text(&first, "id").to_owned(), [1, 1, 1, 2, 1, 1]),
            ("theme", theme, [2, 1, 1, 2, 1, 1]),
            ("link", link.to_owned(), [2, 1, 1, 1, 1, 1]),
            ("release", text(&release, "id").to_owned(), [2, 1, 1, 2, 1, 1]),
            ("deployment", deployed.id(), [2, 1, 1, 2, 1, 1]),
        ];
        for (kind, id, expected) in from {
            let found = trace(&id);
            assert_eq!((text(&found, "kind"), text(&found, "id")), (kind, id.as_str()));
            assert_eq!(totals(&found), expected, "{kind}: {found}");
            assert_eq!(found["stories"]["data"][0]["number"], "HB-1");
        }
        let feedback = &by_number["feedback"]["data"][1];
        assert_eq!((&feedback["id"], &feedback["excerpt"]), (&first["id"], &first["text"]));
        assert_eq!(by_number["releases"]["data"][0]["story_ids"], json!([story["id"]]));
        assert_eq!(by_number["deployments"]["data"][0]["release_id"], release["id"]);
        // Something without connections has a trace of itself alone.
        assert_eq!(totals(&trace(text(&other, "id"))), [1, 1, 0, 0, 0, 0]);
        for nothing in ["00000000-0000-7000-8000-000000000000", "HB-99", "NOPE-1", "x", "HB-1-2"] {
            server.get(&format!("/v1/trace/{nothing}")).problem(404, "not_found");
        }
    });
}

#[test]
fn a_release_s_trace_shows_only_that_release() {
    on_each_team(|world| {
        let (story, first) = release_of_a_story(world, "1.0.0");
        let trace = world.get(&format!("/v1/trace/{}", text(&first, "id"))).json();
        assert_eq!(trace["releases"]["data"][0]["name"], "1.0.0");
        assert_eq!(trace["stories"]["data"][0]["id"], story["id"]);
        assert_eq!(trace["closures"]["total"], 0);
    });
}
