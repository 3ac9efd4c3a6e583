//! `Idempotency-Key`: repeating a request is safe.

use serde_json::{Value, json};

use crate::support::{ADMIN, Answer, World, command, on_each, on_each_program};

fn post(server: &World, key: &str, body: &Value) -> Answer {
    server.request("POST", "/v1/feedback").header("Idempotency-Key", key).json(body).send()
}

#[test]
fn a_repeat_gets_the_first_answer_again() {
    on_each_program(|server| {
        let body = json!({ "text": "Checkout fails", "customer": {"name": "Kim"} });
        let first = post(server, "key-1", &body);
        assert_eq!((first.status, first.header("Idempotency-Replayed")), (201, None), "{first:?}");
        for key in ["key-1", "\"key-1\""] {
            let again = post(server, key, &body);
            assert_eq!((again.status, again.header("Idempotency-Replayed")), (201, Some("true")), "{again:?}");
            assert_eq!(again.body, first.body);
            for name in ["Location", "ETag", "Content-Type"] {
                assert_eq!(again.header(name), first.header(name), "{name}");
            }
        }
        assert_ne!(post(server, "key-2", &body).id(), first.id(), "another key is another request");
        assert_eq!(server.ids("/v1/feedback").len(), 2);

        post(server, "key-1", &json!({ "text": "Something else" })).problem(422, "idempotency_mismatch");
        let batch = json!({ "feedback": [body] });
        let elsewhere =
            server.request("POST", "/v1/feedback/batch").header("Idempotency-Key", "key-1").json(&batch).send();
        assert_eq!(
            (elsewhere.status, elsewhere.header("Idempotency-Replayed")),
            (200, None),
            "a key is of one address"
        );
        let again = server.request("POST", "/v1/feedback/batch").header("Idempotency-Key", "key-1").json(&batch).send();
        assert_eq!((again.header("Idempotency-Replayed"), &again.body), (Some("true"), &elsewhere.body));
    });
}

#[test]
fn a_refused_request_does_not_use_up_its_key() {
    on_each_program(|server| {
        post(server, "key", &json!({ "text": "" })).refused(&["/text too_short"]);
        post(server, "key", &json!({ "text": "x", "product": "NOPE" })).refused(&["/product unknown"]);
        let good = post(server, "key", &json!({ "text": "x" }));
        assert_eq!((good.status, good.header("Idempotency-Replayed")), (201, None));
        assert_eq!(post(server, "key", &json!({ "text": "x" })).header("Idempotency-Replayed"), Some("true"));
    });
}

#[test]
fn a_key_has_1_to_255_characters() {
    on_each_program(|server| {
        let body = json!({ "text": "x" });
        for key in ["", "\"\"", &"k".repeat(256), "schlüssel"] {
            post(server, key, &body).refused(&["/Idempotency-Key format"]);
        }
        assert_eq!(post(server, &"k".repeat(255), &body).status, 201);
        assert_eq!(post(server, &format!("\"{}\"", "q".repeat(255)), &body).status, 201);
    });
}

#[test]
fn the_same_key_many_times_at_once_has_one_effect() {
    on_each_program(|server| {
        for round in 0..3 {
            let body = json!({ "text": format!("round {round}") });
            let key = format!("key-{round}");
            let answers: Vec<Answer> = std::thread::scope(|scope| {
                let send = || post(server, &key, &body);
                let running: Vec<_> = (0..16).map(|_| scope.spawn(send)).collect();
                running.into_iter().map(|thread| thread.join().unwrap()).collect()
            });
            let (done, running): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 201);
            running.iter().for_each(|answer| drop(answer.problem(409, "idempotency_in_flight")));
            assert!(done.iter().all(|answer| answer.id() == done[0].id()));
            let first = done.iter().filter(|answer| answer.header("Idempotency-Replayed").is_none()).count();
            assert_eq!(first, 1, "{answers:?}");
            assert_eq!(server.ids("/v1/feedback").len(), round + 1);
            assert_eq!(post(server, &format!("key-{round}"), &body).id(), done[0].id());
        }
    });
}

#[test]
fn a_key_survives_a_power_cut() {
    on_each(|database| {
        let server = World::program(database);
        let body = json!({ "text": "x" });
        let first = post(&server, "key", &body);
        server.kill9();
        server.restart();
        let again = post(&server, "key", &body);
        assert_eq!((again.header("Idempotency-Replayed"), &again.body), (Some("true"), &first.body));
        assert_eq!(server.ids("/v1/feedback").len(), 1);
    });
}

#[test]
fn a_key_belongs_to_its_token() {
    on_each_program(|server| {
        let mut mint = command(server.database.folder(), &server.database.url);
        let output = mint.args(["token", "create", "--role", "support", "--name", "desk"]).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        let other = String::from_utf8(output.stdout).unwrap().trim().to_owned();
        assert!(other.starts_with("hb_") && other.len() > 40 && other != ADMIN);
        let send = |token: &str| {
            let request = server.request("POST", "/v1/feedback").token(Some(token)).header("Idempotency-Key", "key");
            request.json(&json!({ "text": "x" })).send()
        };
        let (first, second) = (send(ADMIN), send(&other));
        assert_eq!((first.status, second.status), (201, 201));
        assert_ne!(first.id(), second.id());
        assert_ne!(first.json()["submitted_by"], second.json()["submitted_by"]);
    });
}
