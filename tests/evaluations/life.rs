//! From the criteria to the decision.

use hearback::domain::team::Role;
use serde_json::{Value, json};

use super::vector;
use crate::support::{World, on_each_world};

fn path(evaluation: &Value) -> String {
    format!("/v1/evaluations/{}", evaluation["id"].as_str().unwrap())
}

fn patched(world: &World, evaluation: &Value, patch: Value) -> Value {
    let answer = world.patch(&path(evaluation), patch);
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()
}

#[test]
fn the_vector_is_ranked_exactly_and_says_how_fragile_it_is() {
    on_each_world(|world| {
        let made = world.done("/v1/evaluations", vector());
        let result = &made["result"];
        let ranked: Vec<(&str, &str)> = result["ranking"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| (one["name"].as_str().unwrap(), one["score"]["exact"].as_str().unwrap()))
            .collect();
        assert_eq!(ranked, [("A", "39/10"), ("C", "19/5"), ("B", "37/10")]);
        assert_eq!((&result["winner"], &result["fragile"]), (&json!("A"), &json!(true)));
        let change = result["changes"]
            .as_array()
            .unwrap()
            .iter()
            .find(|one| one["criterion"] == "x" && one["rival"] == "B")
            .unwrap();
        assert_eq!((&change["to"]["exact"], &change["tie_at"]["exact"]), (&json!("7"), &json!("47/12")));
        let raised = json!([{ "name": "x", "weight": 7 }, { "name": "y", "weight": 3 }, { "name": "z", "weight": 2 }]);
        let tied = patched(world, &made, json!({ "criteria": raised }));
        assert_eq!((&tied["result"]["winner"], &tied["result"]["tied"]), (&Value::Null, &json!(["A", "B"])));
    });
}

#[test]
fn scores_keep_who_gave_them_and_a_missing_one_is_not_zero() {
    on_each_world(|world| {
        let ann = world.person("Ann", "ann@example.com", Role::Product, "en");
        let made = world.done("/v1/evaluations", vector());
        let scores = format!("{}/scores", path(&made));
        let give = json!({ "option": "B", "criterion": "x", "score": 4.5, "why": "Two teams use it." });
        let scored = world.send("POST", &scores, &ann.token, Some(&give)).json();
        let given = &scored["options"][1]["scores"]["x"];
        assert_eq!(
            (&given["score"], &given["why"], &given["by"]),
            (&json!(4.5), &json!("Two teams use it."), &json!(ann.id))
        );
        let edited = patched(world, &made, json!({ "need": " Money back in a day " }));
        assert_eq!(
            (&edited["options"][1]["scores"]["x"]["by"], &edited["need"]),
            (&json!(ann.id), &json!("Money back in a day"))
        );
        let taken = world.done(&scores, json!({ "option": "A", "criterion": "y", "score": null }));
        assert_eq!(taken["result"]["out"], json!([{ "name": "A", "because": "missing", "criteria": ["y"] }]));
        assert_eq!(taken["result"]["winner"], "C");
        world
            .post(&scores, json!({ "option": "Z", "criterion": "q", "score": 1 }))
            .refused(&["/criterion unknown", "/option unknown"]);
        world.post(&scores, json!({ "option": "A", "criterion": "x", "score": 6 })).refused(&["/score too_large"]);
        let stale =
            world.request("PATCH", &path(&made)).header("If-Match", "\"1\"").json(&json!({ "title": "x" })).send();
        stale.problem(412, "version_mismatch");
    });
}

#[test]
fn it_is_decided_superseded_and_comes_back_on_its_day() {
    on_each_world(|world| {
        let made = world.done("/v1/evaluations", vector());
        world.patch(&path(&made), json!({ "status": "accepted" })).refused(&["/decision required"]);
        world.patch(&path(&made), json!({ "decision": "Z" })).refused(&["/decision unknown"]);
        let day = world.now().plus(5 * hearback::domain::base::Time::DAY).date();
        let decision =
            json!({ "status": "accepted", "decision": "C", "because": "We can leave it.", "revisit_date": day });
        let decided = patched(world, &made, decision);
        assert_eq!((&decided["date"], &decided["due"]), (&json!(world.now().date()), &json!(false)));
        assert_eq!(world.ids("/v1/evaluations?due=true"), Vec::<String>::new());
        world.days_pass(6);
        world.step("deadlines");
        world.step("deadlines");
        let id = made["id"].as_str().unwrap().to_owned();
        assert_eq!(world.ids("/v1/evaluations?due=true"), std::slice::from_ref(&id));
        let kinds = world.kinds_of(id.parse().unwrap());
        let expected = ["evaluation.created", "evaluation.updated", "evaluation.decided", "evaluation.revisit_due"];
        assert_eq!(kinds, expected, "told once");
        let next = world.done("/v1/evaluations", vector());
        world.patch(&path(&made), json!({ "status": "superseded" })).refused(&["/superseded_by required"]);
        patched(world, &made, json!({ "status": "superseded", "superseded_by": next["id"] }));
        assert_eq!(world.ids("/v1/evaluations?due=true"), Vec::<String>::new());
        let markdown = world.get(&format!("{}.md", path(&made)));
        assert!(markdown.body.contains("status: \"superseded by Who moves the money\""), "{}", markdown.body);
    });
}

#[test]
fn wrong_input_names_each_wrong_field() {
    on_each_world(|world| {
        let wrong = json!({
            "title": "x", "story_id": "HB-999",
            "criteria": [{ "name": "x", "weight": 0 }, { "name": "x", "weight": 0, "minimum": 2 }],
            "options": [],
        });
        world.post("/v1/evaluations", wrong).refused(&["/story_id unknown"]);
        let wrong = json!({
            "title": "x", "revisit_date": "2026-02-30",
            "criteria": [{ "name": "x", "weight": 0 }, { "name": "x", "weight": 0, "minimum": 2 }],
            "options": [{ "name": "A", "kind": "buy", "licence": "the usual", "scores": { "y/z": 2 }, "costs": { "now": { "amount_minor": 1, "currency": "QQQ" } } }, { "name": "A", "kind": "buy" }],
        });
        world.post("/v1/evaluations", wrong).refused(&[
            "/criteria zero_weights",
            "/criteria/1/minimum not_allowed",
            "/criteria/1/name repeated",
            "/options/0/costs/now/currency unknown",
            "/options/0/licence format",
            "/options/0/scores/y~1z unknown",
            "/options/1/name repeated",
            "/revisit_date format",
        ]);
        world.post("/v1/evaluations", json!({ "title": "x", "criteria": [] })).refused(&["/criteria too_short"]);
        let product = format!("/v1/products/{}", world.product.id);
        world
            .patch(&product, json!({ "settings": { "denied_licences": ["MIT OR Apache-2.0", "nothing"] } }))
            .refused(&["/settings/denied_licences/0 format", "/settings/denied_licences/1 format"]);
    });
}

#[test]
fn a_denied_licence_closes_the_gate_of_the_story_it_serves() {
    on_each_world(|world| {
        world.settings(json!({ "denied_licences": ["AGPL-3.0-only"] }));
        let story = world.story_in("Refunds", &["accepted"]);
        let mut input = vector();
        input["story_id"] = world.shown_story(&story)["number"].clone();
        input["options"][2]["licence"] = json!("AGPL-3.0-only");
        input["options"][0]["licence"] = json!("MIT OR AGPL-3.0-only");
        let made = world.done("/v1/evaluations", input);
        let verdicts: Vec<&str> =
            made["licences"].as_array().unwrap().iter().map(|one| one["verdict"].as_str().unwrap()).collect();
        assert_eq!(verdicts, ["allowed", "denied"]);
        assert_eq!(world.ids(&format!("/v1/evaluations?story={story}")).len(), 1);
        patched(world, &made, json!({ "decision": "C" }));
        world.to(&story, "testing");
        patched(world, &made, json!({ "status": "accepted" }));
        let refused = world.moving(&story, json!({ "to": "ready" })).problem(409, "stage_refused");
        assert!(
            refused["detail"].as_str().unwrap().contains("the licence AGPL-3.0-only of C, which is denied"),
            "{refused}"
        );
        patched(world, &made, json!({ "decision": "A" }));
        world.to(&story, "ready");
    });
}

#[test]
fn it_is_exported_as_madr_with_who_waits_beside_it() {
    on_each_world(|world| {
        let ann = world.person("Ann Lee", "ann@example.com", Role::Product, "en");
        let theme = world.new_theme("Refunds");
        world.customers_say(theme, &["bob@example.com", "cho@example.com"], json!({ "text": "Where is my refund" }));
        let story = world.story_about(theme);
        let mut input = vector();
        for (name, value) in [
            ("story_id", json!(story)),
            ("need", json!("Money back in a day")),
            ("deciders", json!([ann.id])),
            ("consulted", json!(["Legal"])),
        ] {
            input[name] = value;
        }
        let made = world.done("/v1/evaluations", input);
        assert_eq!((&made["waiting"]["customers"], &made["waiting"]["names"]), (&json!(2), &Value::Null));
        patched(
            world,
            &made,
            json!({ "status": "accepted", "decision": "A", "because": "it # wins\n## not a heading" }),
        );
        let answer = world.get(&format!("{}.md", path(&made)));
        assert_eq!(answer.header("content-type"), Some("text/markdown; charset=utf-8"));
        for line in [
            "status: \"accepted\"",
            "decision-makers: \"Ann Lee\"",
            "consulted: \"Legal\"",
            "# Who moves the money",
            "## Context and Problem Statement",
            "## Decision Drivers",
            "* x (weight 5)",
            "## Considered Options",
            "Chosen option: \"A\", because it # wins",
            "\\## not a heading",
            "## Pros and Cons of the Options",
            "### A",
            "* 1. A: 39/10 = 3.90",
        ] {
            assert!(answer.body.lines().any(|there| there == line), "{line}\n{}", answer.body);
        }
        assert!(answer.body.contains("2 customers of 0 accounts wait for it."), "{}", answer.body);
        assert!(
            answer
                .body
                .contains("Fragile: with a weight of 7/2 instead of 3 for y, C is as good as the winner, at 27/7")
        );
    });
}
