//! Customers whom an incident affects: only those who complained are told, by an act of a person, and nobody twice.

use hearback::domain::base::Id;
use serde_json::{Value, json};

use crate::support::{World, on_each_world, on_each_world_with_mail};

/// An incident that is linked to a theme in which two customers complained.
fn affected(world: &World) -> (Value, String) {
    let theme = world.new_theme("Payments");
    world.customer("kim").about(theme).files("결제가 안 돼요");
    say(world, theme, &["lee"], "Payments fail");
    let praise = json!({ "text": "Payments are great", "kind": "praise", "occurred_at": world.now() });
    world.customers_say(theme, &["fan"], praise);
    let incident = world.incident();
    let link = json!({ "target_kind": "theme", "target_id": theme });
    let path = format!("/v1/incidents/{}", incident["id"].as_str().unwrap());
    assert_eq!(world.post(&format!("{path}/links"), link).status, 201);
    (incident, format!("{path}/customers"))
}

/// Customers say something now, in a theme.
fn say(world: &World, theme: Id, customers: &[&str], text: &str) {
    world.customers_say(theme, customers, json!({ "text": text, "occurred_at": world.now() }));
}

#[test]
fn only_customers_who_complained_are_told_and_nobody_twice() {
    on_each_world_with_mail(|world| {
        let ada = world.admin();
        let (_, path) = affected(world);
        let people = world.read(&path)["data"].as_array().unwrap().clone();
        assert_eq!(people.len(), 2, "praise is no complaint: {people:?}");
        assert!(people.iter().all(|one| one["by"] == "theme" && one["tellings"] == json!([])));
        assert_eq!(world.walk(&format!("{path}?limit=1"), || ()).len(), 2);
        let start = json!({ "phase": "start", "texts": { "en": "We know about it.", "ko": "확인하고 있습니다." } });
        assert_eq!(world.post(&path, &start).status, 403, "a service tells nobody");
        world.pump();
        assert_eq!(world.mails().mails().len(), 0, "nobody is told by itself");
        let told = world.send("POST", &path, &ada.token, Some(&start));
        assert_eq!((told.status, told.json()["data"].as_array().unwrap().len()), (200, 2), "{told:?}");
        let again = world.send("POST", &path, &ada.token, Some(&start)).json();
        assert_eq!(again["data"], json!([]), "nobody is told twice");
        world.pump();
        assert_eq!(world.mails().mails().len(), 0, "they can still be recalled");
        world.minutes_pass(11);
        world.pump();
        let mails = world.mails().mails();
        let mailed = told.json()["data"].as_array().unwrap().iter().filter(|one| one["channel"] == "email").count();
        assert_eq!(mails.len(), mailed);
        let states: Vec<Value> = world.read(&path)["data"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["tellings"][0]["state"].clone())
            .collect();
        assert_eq!(states.iter().filter(|state| **state == json!("told")).count(), mailed, "{states:?}");
        let one = people[0]["customer_id"].as_str().unwrap();
        let end = json!({ "phase": "end", "texts": { "en": "It is over." }, "customer_ids": [one] });
        assert_eq!(world.send("POST", &path, &ada.token, Some(&end)).json()["data"].as_array().unwrap().len(), 1);
        let heard = world.post(&format!("{path}/{one}/told"), json!({ "phase": "end", "is_over": true })).json();
        assert_eq!((&heard["is_over"], &heard["state"]), (&json!(true), &json!("told")));
        let stranger = json!({ "phase": "start", "texts": { "fr": "x" }, "customer_ids": [ada.id] });
        world
            .send("POST", &path, &ada.token, Some(&stranger))
            .refused(&["/texts/fr not_one_of", "/customer_ids/0 unknown"]);
    });
}

#[test]
fn a_customer_answers_by_the_link_whether_it_is_over() {
    on_each_world_with_mail(|world| {
        let ada = world.admin();
        let (theme, incident) = (world.new_theme("Payments"), world.incident());
        world.customer("kim").about(theme).files("결제가 안 돼요");
        world.customer("lee").about(theme).files("Payments fail");
        let path = format!("/v1/incidents/{}/customers", incident["id"].as_str().unwrap());
        let link = json!({ "target_kind": "theme", "target_id": theme });
        assert_eq!(world.post(&path.replace("customers", "links"), link).status, 201);
        let end = json!({ "phase": "end", "texts": { "en": "Payments work again.", "ko": "결제가 다시 됩니다." } });
        assert_eq!(world.send("POST", &path, &ada.token, Some(&end)).status, 200);
        world.minutes_pass(11);
        world.pump();
        let kim = world.mails().mails_to("kim@example.com").pop().expect("a mail").incident_answer();
        let lee = world.mails().mails_to("lee@example.com").pop().expect("a mail").incident_answer();
        let page = world.open("GET", &kim).send();
        assert_eq!(page.status, 200, "{page:?}");
        assert!(page.body.contains("name=\"because\""), "{}", page.body);
        assert_eq!(world.open("GET", "/incident-answer/AAAA").send().status, 404);
        assert_eq!(world.submit(&kim, "answer=not_over").status, 422, "words are needed");
        assert_eq!(world.submit(&kim, "answer=over").status, 200);
        assert_eq!(world.submit(&kim, "answer=over").status, 409, "it answers once");
        assert_eq!(world.open("GET", &kim).send().status, 409);
        let other = world.incident();
        let into = json!({ "into": other["number"] });
        assert_eq!(world.post(&path.replace("customers", "merge"), into).status, 200);
        let path = format!("/v1/incidents/{}/customers", other["id"].as_str().unwrap());
        let still = "answer=not_over&because=The+second+card+still+fails";
        assert_eq!(world.submit(&lee, still).status, 200);
        let people = world.read(&path)["data"].as_array().unwrap().clone();
        let said: Vec<bool> = people.iter().filter_map(|one| one["tellings"][0]["is_over"].as_bool()).collect();
        assert_eq!(said.iter().filter(|is_over| **is_over).count(), 1, "{people:?}");
        assert_eq!(said.len(), 2);
        let filed = world.read("/v1/feedback?q=second+card");
        assert_eq!(filed["data"][0]["text"], "The second card still fails");
        let links = world.read(&format!("/v1/incidents/{}/links", other["number"].as_str().unwrap()));
        assert!(links.to_string().contains(filed["data"][0]["id"].as_str().unwrap()), "{links}");
        assert_eq!(world.read(&path.replace("/customers", ""))["state"], "open", "only a person changes its state");
        let wrong = json!({ "phase": "end", "is_over": true, "because": "x" });
        let one = people[0]["customer_id"].as_str().unwrap();
        world.post(&format!("{path}/{one}/told"), wrong).refused(&["/because conflict"]);
    });
}

#[test]
fn members_who_are_called_get_a_mail() {
    on_each_world_with_mail(|world| {
        let (ada, bo) = (world.admin(), world.developer("Bo"));
        let incident = world.incident();
        let call = json!({ "member_ids": [bo.id, ada.id], "text": "Both sides, please" });
        assert_eq!(world.act(&incident, "swarm", &ada.token, Some(call)).status, 200);
        world.pump();
        let mails = world.mails().mails_to("bo@example.com");
        assert_eq!(mails.len(), 1);
        assert!(mails[0].header("Subject").contains(incident["number"].as_str().unwrap()));
        assert!(world.mails().mails_to("ada@example.com").is_empty(), "who calls needs no mail");
        let nobody = json!({ "member_ids": [incident["id"]] });
        world.act(&incident, "swarm", &ada.token, Some(nobody)).refused(&["/member_ids/0 unknown"]);
    });
}

#[test]
fn a_burst_of_feedback_proposes_an_incident() {
    on_each_world(|world| {
        let ada = world.admin();
        let theme = world.new_theme("Payments");
        say(world, theme, &["a", "b", "c", "d"], "Payments fail");
        for n in 0..30 {
            say(world, theme, &["flood"], &format!("Payments fail {n}"));
        }
        say(world, theme, &["e"], "Payments fail");
        let proposals = || {
            world.step("bursts");
            world.read("/v1/incidents/proposals")["data"].as_array().unwrap().clone()
        };
        let found = proposals();
        assert_eq!(found.len(), 1, "6 customers after weeks without any");
        assert_eq!(
            (&found[0]["items"], &found[0]["customers"]),
            (&json!(6), &json!(6)),
            "one customer's flood counts once"
        );
        assert_eq!(proposals().len(), 1, "proposed once");
        let path = format!("/v1/incidents/proposals/{}", found[0]["id"].as_str().unwrap());
        assert_eq!(world.post(&format!("{path}/reject"), json!({})).json()["state"], "rejected");
        world.post(&format!("{path}/accept"), json!({})).problem(409, "conflict");
        assert_eq!(proposals().len(), 1, "the rejection is remembered");
        let other = world.new_theme("Sign-in");
        say(world, other, &["a", "b", "c", "d", "e"], "I can't sign in");
        let quiet = world.new_theme("Colours");
        say(world, quiet, &["a", "b", "c", "d"], "Too blue");
        let found = proposals();
        assert_eq!(found.len(), 2, "4 customers are too few: {found:?}");
        let path = format!("/v1/incidents/proposals/{}/accept", found[0]["id"].as_str().unwrap());
        let opened = world.send("POST", &path, &ada.token, Some(&json!({ "severity": 2 })));
        assert_eq!(opened.status, 201, "{opened:?}");
        let incident = opened.json();
        assert_eq!((&incident["source"], &incident["title"]), (&json!("feedback"), &json!("Sign-in")));
        let people = world.read(&format!("/v1/incidents/{}/customers", incident["id"].as_str().unwrap()));
        assert_eq!(people["data"].as_array().unwrap().len(), 5);
    });
}
