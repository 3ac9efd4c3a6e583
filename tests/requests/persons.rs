//! Requests of persons: filed, checked, answered, overdue, and what is left of them.

use hearback::domain::base::Time;
use hearback::domain::team::Role;
use serde_json::{Value, json};

use super::path;
use crate::support::on_each_world;

#[test]
fn a_request_is_due_by_the_calendar_of_its_country() {
    on_each_world(|world| {
        for (country, received, due_on, rule) in [
            ("EU", "2026-01-31T12:00:00Z", "2026-02-28", "eu_one_month"),
            ("KR", "2026-01-31T12:00:00Z", "2026-02-10", "kr_10_days"),
            ("US", "2026-01-31T12:00:00Z", "2026-02-28", "one_month"),
        ] {
            let input = json!({ "country": country, "contact": "a@example.com", "received_at": received });
            let filed = world.person_request("access", input);
            assert_eq!((&filed["due_on"], &filed["rule"]), (&json!(due_on), &json!(rule)), "{filed}");
            assert_eq!((&filed["state"], &filed["overdue"]), (&json!("received"), &json!(true)), "{filed}");
        }
        let open = world.read("/v1/requests?overdue=true");
        assert_eq!(open["data"].as_array().unwrap().len(), 3);
        assert_eq!(world.read("/v1/requests?overdue=false")["data"], json!([]));
    });
}

#[test]
fn every_wrong_field_of_a_request_is_named() {
    on_each_world(|world| {
        let tomorrow = world.now().plus(Time::DAY);
        let answer = world.post("/v1/requests", json!({ "kind": "access", "country": "KR", "received_at": tomorrow }));
        answer.refused(&["/contact required", "/received_at in_the_future"]);
        world.post("/v1/requests", json!({ "kind": "look", "country": "Korea" })).problem(422, "invalid");
        let nobody = "00000000-0000-7000-8000-000000000000";
        let answer = world.post("/v1/requests", json!({ "kind": "stop", "country": "KR", "customer_id": nobody }));
        answer.refused(&["/customer_id unknown"]);
    });
}

#[test]
fn nothing_is_handed_out_or_erased_before_the_identity_is_checked() {
    on_each_world(|world| {
        let ann = world.customer("ann@example.com").files("The refund is late");
        for kind in ["access", "erasure", "stop", "correction"] {
            let request = world.person_request(kind, json!({ "customer_id": ann.customer }));
            world.post(&path(&request, "done"), json!({})).problem(409, "conflict");
        }
        let request = world.person_request("access", json!({ "customer_id": ann.customer }));
        world.post(&path(&request, "copy"), json!({ "format": "json" })).problem(409, "conflict");
        assert_eq!(world.identified(&request)["state"], "identity_checked");
        world.post(&path(&request, "identity"), json!({ "how": "again" })).problem(409, "conflict");
        world.post(&path(&request, "done"), json!({})).problem(409, "conflict");
    });
}

#[test]
fn the_copy_holds_all_of_the_person_and_nothing_of_others() {
    on_each_world(|world| {
        let theme = world.new_theme("Refunds");
        let ann = world.customer("ann@example.com").about(theme).files("My refund of the blue bicycle is late");
        world.customer("bob@example.com").about(theme).files("quuxwimble refund secret of another");
        let note = json!({ "text": "zanzibar: she is a friend of our director" });
        world.done(&format!("/v1/customers/{}/notes", ann.customer), note.clone());
        world.done(&format!("/v1/feedback/{}/notes", ann.feedback), note);
        let consent = json!({ "purpose": "survey", "basis": "consent", "source": "Form at the fair" });
        world.post(&format!("/v1/customers/{}/consents", ann.customer), consent);

        let request = world.person_request("access", json!({ "customer_id": ann.customer }));
        world.identified(&request);
        for order in [json!({ "format": "json" }), json!({ "format": "html", "language": "ko" })] {
            let made = world.post(&path(&request, "copy"), order.clone());
            assert_eq!(made.status, 200, "{made:?}");
            let made = made.json();
            let content = made["content"].as_str().unwrap();
            for own in ["ann@example.com", "blue bicycle", "Form at the fair"] {
                assert!(content.contains(own), "{own} in {content}");
            }
            for others in ["quuxwimble", "bob@", "zanzibar", "director"] {
                assert!(!content.contains(others), "{others} in {content}");
            }
            assert_eq!(made["proof"]["bytes"], content.len());
            let hash = hearback::domain::privacy::breach::letter::hex_hash(content.as_bytes());
            assert_eq!(made["proof"]["hash"], hash);
        }
        let done = world.done(&path(&request, "done"), json!({ "outcome": "Handed over in person" }));
        assert_eq!(done["state"], "done");
        let kinds: Vec<&Value> = done["proofs"].as_array().unwrap().iter().map(|proof| &proof["kind"]).collect();
        assert_eq!(kinds, ["copy_json", "copy_html"]);
        assert!(!done.to_string().contains("bicycle"), "the proof is without the data");
        world.post(&path(&request, "refuse"), json!({ "reason": "too late" })).problem(409, "conflict");
    });
}

#[test]
fn a_portable_copy_is_readable_korean_where_asked_and_has_no_messages() {
    on_each_world(|world| {
        let ann = world.customer("ann@example.com").files("환불이 아직도 안 들어왔어요");
        let request = world.person_request("portability", json!({ "customer_id": ann.customer }));
        world.identified(&request);
        let json = world.done(&path(&request, "copy"), json!({ "format": "json" }));
        let copy: Value = serde_json::from_str(json["content"].as_str().unwrap()).unwrap();
        assert_eq!(copy["feedback"][0]["text"], "환불이 아직도 안 들어왔어요");
        assert!(copy.get("messages").is_none() && copy.get("requests").is_none(), "{copy}");
        let page = world.done(&path(&request, "copy"), json!({ "format": "html", "language": "ko" }));
        let page = page["content"].as_str().unwrap();
        assert!(page.contains("<html lang=\"ko\">") && page.contains("내 개인정보 사본"), "{page}");
    });
}

#[test]
fn erasure_by_request_leaves_the_proof_and_nothing_personal() {
    on_each_world(|world| {
        let ann = world.customer("ann@example.com").files("My quuxwimble is broken");
        let input =
            json!({ "customer_id": ann.customer, "contact": "ann@example.com", "note": "Ann called, ann@example.com" });
        let request = world.person_request("erasure", input);
        world.identified(&request);
        let done = world.done(&path(&request, "done"), json!({}));
        assert_eq!((&done["state"], &done["proofs"][0]["kind"]), (&json!("done"), &json!("erasure")), "{done}");
        for field in ["contact", "note", "identity_how", "outcome"] {
            assert_eq!(done[field], Value::Null, "{field} of {done}");
        }
        let customer = world.read(&format!("/v1/customers/{}", ann.customer));
        assert!(customer["erased_at"].is_string() && customer["email"].is_null(), "{customer}");
        let kinds = world.kinds_of(done["id"].as_str().unwrap().parse().unwrap());
        assert!(kinds.contains(&"person_request.done".to_owned()), "{kinds:?}");
    });
}

#[test]
fn an_erased_customer_takes_the_texts_of_all_their_requests_along() {
    on_each_world(|world| {
        let ann = world.customer("ann@example.com").files("Late");
        let answered = world.person_request("stop", json!({ "customer_id": ann.customer, "note": "Ann Quux asked" }));
        let by_contact = world.person_request("access", json!({ "contact": "ann@example.com" }));
        assert_eq!(
            world.send("DELETE", &format!("/v1/customers/{}", ann.customer), &world.token(Role::Admin), None).status,
            200
        );
        for request in [answered, by_contact] {
            let left = world.read(&format!("/v1/requests/{}", request["id"].as_str().unwrap()));
            assert!(!left.to_string().to_lowercase().contains("ann"), "{left}");
        }
    });
}

#[test]
fn a_stop_ends_mails_and_withdraws_every_purpose() {
    on_each_world(|world| {
        let ann = world.customer("ann@example.com").files("Late");
        let request = world.person_request("stop", json!({ "customer_id": ann.customer }));
        world.identified(&request);
        assert_eq!(world.done(&path(&request, "done"), json!({}))["state"], "done");
        let consents = world.read(&format!("/v1/customers/{}/consents", ann.customer));
        assert!(consents["data"].as_array().unwrap().iter().all(|one| one["allowed"] == false), "{consents}");
        assert!(world.read(&format!("/v1/customers/{}", ann.customer))["unsubscribed_at"].is_string());
    });
}

#[test]
fn a_person_of_whom_nothing_is_known_gets_an_answer_that_says_so() {
    on_each_world(|world| {
        let request = world.person_request("access", json!({ "contact": "nobody@example.com" }));
        world.identified(&request);
        world.post(&path(&request, "done"), json!({})).refused(&["/outcome required"]);
        let done = world.done(&path(&request, "done"), json!({ "outcome": "Nothing is stored of them." }));
        assert_eq!(done["state"], "done");
    });
}

#[test]
fn the_identity_check_names_the_customer_and_no_other() {
    on_each_world(|world| {
        let ann = world.customer("ann@example.com").files("Late").customer;
        let bob = world.customer("bob@example.com").files("Late").customer;
        let request = world.person_request("access", json!({ "contact": "ann@example.com" }));
        let checked = world.done(&path(&request, "identity"), json!({ "how": "By phone", "customer_id": ann }));
        assert_eq!(checked["customer_id"], json!(ann));
        let request = world.person_request("access", json!({ "customer_id": ann }));
        let other = json!({ "how": "By phone", "customer_id": bob });
        world.post(&path(&request, "identity"), other).refused(&["/customer_id different"]);
    });
}

#[test]
fn time_is_extended_once_in_time_and_only_where_the_law_allows_it() {
    on_each_world(|world| {
        let reason = json!({ "reason": "Many systems" });
        let request = world.person_request("access", json!({ "contact": "a@example.com" }));
        let extended = world.done(&path(&request, "extend"), reason.clone());
        assert!(extended["due_at"].as_str() > request["due_at"].as_str(), "{extended}");
        world.post(&path(&request, "extend"), reason.clone()).problem(409, "conflict");
        let korean = world.person_request("erasure", json!({ "contact": "a@example.com", "country": "KR" }));
        world.post(&path(&korean, "extend"), reason.clone()).problem(409, "conflict");
        let late = json!({ "contact": "a@example.com", "received_at": "2020-01-01T00:00:00Z" });
        let late = world.person_request("access", late);
        world.post(&path(&late, "extend"), reason).problem(409, "conflict");
    });
}

#[test]
fn a_late_request_is_noted_once() {
    on_each_world(|world| {
        let request = world.person_request("access", json!({ "contact": "a@example.com", "country": "KR" }));
        world.step("retention");
        assert!(world.read(&format!("/v1/requests/{}", request["id"].as_str().unwrap()))["overdue_at"].is_null());
        world.days_pass(12);
        world.step("retention");
        world.step("retention");
        let id = request["id"].as_str().unwrap();
        assert!(world.read(&format!("/v1/requests/{id}"))["overdue_at"].is_string());
        let kinds = world.kinds_of(id.parse().unwrap());
        assert_eq!(kinds.iter().filter(|kind| *kind == "person_request.overdue").count(), 1, "{kinds:?}");
    });
}

#[test]
fn a_merged_customer_brings_requests_consents_and_holds_along() {
    on_each_world(|world| {
        let ann = world.customer("ann@example.com").files("Late").customer;
        let also = world.customer("ann@elsewhere.example").files("Late").customer;
        let request = world.person_request("access", json!({ "customer_id": also }));
        world.done("/v1/legal-holds", json!({ "case": "1", "reason": "A suit", "customer_id": also }));
        let withdrawal = json!({ "purpose": "closure", "how": "By phone" });
        assert_eq!(world.post(&format!("/v1/customers/{also}/consents/withdraw"), withdrawal).status, 200);
        assert_eq!(world.post(&format!("/v1/customers/{ann}/merge"), json!({ "customer_id": also })).status, 200);
        let moved = world.read(&format!("/v1/requests/{}", request["id"].as_str().unwrap()));
        assert_eq!(moved["customer_id"], json!(ann));
        assert_eq!(world.read(&format!("/v1/customers/{ann}/consents"))["data"][0]["allowed"], false);
        let admin = world.token(Role::Admin);
        assert_eq!(world.send("DELETE", &format!("/v1/customers/{ann}"), &admin, None).status, 202, "it is held");
    });
}

#[test]
fn support_files_requests_and_does_not_answer_them() {
    on_each_world(|world| {
        let support = world.token(Role::Support);
        let input = json!({ "kind": "access", "country": "KR", "contact": "a@example.com" });
        let filed = world.send("POST", "/v1/requests", &support, Some(&input));
        assert_eq!(filed.status, 201, "{filed:?}");
        let done = path(&filed.json(), "done");
        assert_eq!(world.send("POST", &done, &support, Some(&json!({}))).status, 403);
        let viewer = world.token(Role::Viewer);
        assert_eq!(world.send("GET", "/v1/requests", &viewer, None).status, 403);
    });
}
