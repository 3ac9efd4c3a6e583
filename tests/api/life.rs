//! The life of a server: start, health, stop, restart; and the other commands.

use std::io::Write;
use std::net::{TcpListener, TcpStream};
use std::process::Output;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::support::{
    ADMIN, Database, Kind, World, command, eventually, head, on_each, on_each_empty, on_each_program, read_answer,
};

#[test]
fn a_server_says_that_it_is_alive_and_ready() {
    on_each_program(|server| {
        for path in ["/livez", "/readyz"] {
            let answer = server.request("GET", path).token(None).send();
            assert_eq!((answer.status, &answer.json()["status"]), (200, &json!("ok")), "{path}");
        }
        let metrics = server.get("/metrics");
        assert!(metrics.body.contains("http_server_request_duration_seconds_count{"), "{metrics:?}");
        let description = server.request("GET", "/openapi.json").token(None).send().json();
        assert!(description["openapi"].as_str().unwrap().starts_with("3.1"));
    });
}

#[test]
fn every_answer_names_its_request() {
    on_each_program(|server| {
        let ids: Vec<_> =
            (0..3).map(|_| server.get("/v1/feedback").header("X-Request-Id").unwrap().to_owned()).collect();
        assert!(ids[0] != ids[1] && ids[1] != ids[2]);
    });
}

#[test]
fn requests_in_flight_are_answered_before_the_server_ends() {
    on_each(|database| {
        let server = World::program(database);
        let body = r#"{"text":"just in time","external_id":"1"}"#;
        let (first, rest) = body.split_at(10);
        let mut stream = TcpStream::connect(server.address()).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        let request = head("POST", "/v1/feedback") + &format!("Content-Length: {}\r\n\r\n{first}", body.len());
        stream.write_all(request.as_bytes()).unwrap();
        // An idle connection must not hold up the end.
        assert_eq!(server.get("/v1/feedback").status, 200);
        std::thread::sleep(Duration::from_millis(200));
        server.ask_to_stop();
        std::thread::sleep(Duration::from_millis(500));
        stream.write_all(rest.as_bytes()).unwrap();
        assert_eq!(read_answer(&mut stream).status, 201);
        let started = Instant::now();
        assert_eq!(server.wait(Duration::from_secs(30)).code(), Some(0), "{}", server.log());
        assert!(started.elapsed() < Duration::from_secs(10), "{:?}", started.elapsed());
        server.restart();
        assert_eq!(server.get("/v1/feedback").json()["data"][0]["text"], "just in time");
    });
}

#[test]
fn a_second_start_keeps_the_data_and_the_token() {
    on_each(|database| {
        let server = World::program_with_only(database, &[("HEARBACK_LOG", "warn")]);
        let token = |said: String| said.lines().map(str::trim).find(|l| l.starts_with("hb_")).map(str::to_owned);
        eventually("the first start prints a token", Duration::from_secs(5), || token(server.output()).is_some());
        let minted = token(server.output()).unwrap();
        let say = |server: &World| {
            let request = server.request("POST", "/v1/feedback").token(Some(&minted));
            request.json(&json!({ "text": "x" })).send().status
        };
        assert_eq!(say(&server), 201);
        server.terminate();
        server.restart();
        assert_eq!(say(&server), 201);
        let listed = server.request("GET", "/v1/feedback").token(Some(&minted)).send().json();
        assert_eq!(listed["data"].as_array().unwrap().len(), 2);
        server.terminate();
        assert_eq!(token(server.output()), None, "never again");
        assert!(!server.log().contains(&minted), "the log does not hold it");
    });
}

#[test]
fn the_token_of_the_settings_is_valid_at_every_start_that_has_it() {
    on_each(|database| {
        let server = World::program(database);
        assert_eq!(server.get("/v1/feedback").status, 200);
        server.terminate();
        assert!(!server.output().contains("hb_"), "it is not repeated");
        server.restart();
        assert_eq!(server.get("/v1/feedback").status, 200);
    });
}

fn run(database: &Database, url: &str, settings: &[(&str, &str)], arguments: &[&str]) -> Output {
    let mut command = command(database.folder(), url);
    command.envs(settings.iter().copied()).args(arguments).output().unwrap()
}

#[test]
fn a_start_that_cannot_be_says_why() {
    on_each(|database| {
        let refused = |url: &str, settings: &[(&str, &str)], because: &[&str]| {
            let output = run(&database, url, settings, &["serve"]);
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            assert_eq!(output.status.code(), Some(1), "{settings:?}: {said}");
            let last = said.lines().last().unwrap_or_default();
            for word in because {
                assert!(last.contains(word), "{settings:?}: {last:?} does not say {word:?}");
            }
        };
        let taken = TcpListener::bind("127.0.0.1:0").unwrap();
        let taken = taken.local_addr().unwrap().to_string();
        for listen in [taken.as_str(), "127.0.0.1:99999", "nonsense", "203.0.113.1:8080"] {
            refused(&database.url, &[("HEARBACK_LISTEN", listen)], &["HEARBACK_LISTEN", listen]);
        }
        let free = ("HEARBACK_LISTEN", "127.0.0.1:0");
        refused("mysql://x", &[free], &["DATABASE_URL", "sqlite://PATH"]);
        refused("", &[free], &["DATABASE_URL"]);
        refused(&database.url, &[free, ("HEARBACK_ADMIN_TOKEN", "short")], &["HEARBACK_ADMIN_TOKEN", "16"]);
        refused(&database.url, &[free, ("HEARBACK_LOG", "hearback=,,=")], &["HEARBACK_LOG"]);
        match database.kind {
            Kind::Sqlite => {
                let file = database.folder().join("garbage");
                std::fs::write(&file, "this is no database at all, only text. ".repeat(200)).unwrap();
                refused(&format!("sqlite://{}", file.display()), &[free], &["not a database"]);
                refused(&format!("sqlite://{}/x/h.db", file.display()), &[free], &["folder"]);
            }
            Kind::Postgres => {
                refused("postgres://nobody@127.0.0.1:1/none", &[free], &["refused"]);
                let unknown = database.url.replace("hearback_test_", "no_such_");
                refused(&unknown, &[free], &["does not exist"]);
            }
        }
    });
}

#[test]
fn the_doctor_says_what_is_wrong() {
    on_each_empty(|database| {
        let ask = |url: &str, settings: &[(&str, &str)]| {
            let output = run(&database, url, settings, &["doctor"]);
            (output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned())
        };
        let sick = |url: &str, settings: &[(&str, &str)], because: &str| {
            let (status, said) = ask(url, settings);
            let wrong = said.lines().find(|line| line.starts_with("WRONG")).unwrap_or_default();
            assert!(status == Some(1) && wrong.contains(because), "{because:?} is not in {said:?} ({status:?})");
        };
        match database.kind {
            Kind::Sqlite => {
                sick(&database.url, &[], "is not there yet");
                assert!(!std::path::Path::new(database.path()).exists(), "asking makes no file");
                std::fs::write(database.path(), "").unwrap();
                sick(&database.url, &[], "hearback migrate");
                let file = database.folder().join("garbage");
                std::fs::write(&file, "this is no database at all, only text. ".repeat(200)).unwrap();
                sick(&format!("sqlite://{}", file.display()), &[], "not a database");
                sick(&format!("sqlite://{}", database.folder().display()), &[], "it is a folder");
            }
            Kind::Postgres => {
                sick(&database.url, &[], "hearback migrate");
                sick("postgres://nobody@127.0.0.1:1/none", &[], "refused");
                sick(&database.url.replace("hearback_test_", "no_such_"), &[], "does not exist");
            }
        }
        sick("mysql://x", &[], "DATABASE_URL");
        sick(&database.url, &[("HEARBACK_ADMIN_TOKEN", "short")], "HEARBACK_ADMIN_TOKEN");
        sick("postgres://kim:s3cret-word@127.0.0.1:1/none", &[], "127.0.0.1");
        assert!(!ask("postgres://kim:s3cret-word@127.0.0.1:1/none", &[]).1.contains("s3cret-word"));

        assert!(run(&database, &database.url, &[], &["migrate"]).status.success());
        let folder = tempfile::tempdir().expect("a folder");
        let ledger = folder.path().join("erasures").display().to_string();
        let (status, said) = ask(&database.url, &[("HEARBACK_ERASURE_LEDGER", ledger.as_str())]);
        assert_eq!(status, Some(0), "{said}");
        assert!(said.lines().count() >= 3 && said.lines().all(|line| line.starts_with("ok")), "{said}");
    });
}

#[test]
fn a_token_made_beside_a_running_server_works_at_once_and_is_refused_soon_after_its_end() {
    on_each_program(|server| {
        let run = |arguments: &[&str]| {
            let output = run(&server.database, &server.database.url, &[], arguments);
            assert!(output.status.success(), "{output:?}");
            output
        };
        let made = run(&["token", "create", "--role", "viewer", "--name", "board"]);
        let secret = String::from_utf8(made.stdout).unwrap().trim().to_owned();
        let ask =
            |method: &str| server.request(method, "/v1/feedback").token(Some(&secret)).json(&json!({ "text": "x" }));
        assert_eq!(server.request("GET", "/v1/feedback").token(Some(&secret)).send().status, 200);
        ask("POST").send().problem(403, "forbidden");
        let said = String::from_utf8(made.stderr).unwrap();
        let id = said.split_whitespace().nth(1).unwrap();
        let listed = String::from_utf8(run(&["token", "list"]).stdout).unwrap();
        assert!(listed.contains(id) && listed.contains("board") && !listed.contains(&secret), "{listed}");
        run(&["token", "revoke", id]);
        let started = Instant::now();
        while server.request("GET", "/v1/feedback").token(Some(&secret)).send().status == 200 {
            assert!(started.elapsed() < Duration::from_secs(7), "still valid");
            std::thread::sleep(Duration::from_millis(200));
        }
    });
}

#[test]
fn sighup_stops_the_server_like_sigterm_and_every_accepted_request_is_answered() {
    on_each(|database| {
        let server = World::program(database);
        let head = format!("GET /v1/feedback HTTP/1.1\r\nHost: test\r\nAuthorization: Bearer {ADMIN}\r\n\r\n");
        let mut streams: Vec<TcpStream> = (0..16).map(|_| TcpStream::connect(server.address()).unwrap()).collect();
        // One answer each: then the server has accepted them all.
        streams.iter_mut().for_each(|stream| {
            stream.write_all(head.as_bytes()).unwrap();
            assert_eq!(read_answer(stream).status, 200);
        });
        streams.iter_mut().for_each(|stream| stream.write_all(head.as_bytes()).unwrap());
        // SAFETY: a signal to our own child.
        unsafe { libc::kill(server.pid(), libc::SIGHUP) };
        let started = Instant::now();
        for stream in &mut streams {
            assert_eq!(read_answer(stream).status, 200, "a connection that was accepted is answered");
        }
        assert_eq!(server.wait(Duration::from_secs(30)).code(), Some(0), "{}", server.log());
        assert!(started.elapsed() < Duration::from_secs(10), "{:?}", started.elapsed());
    });
}

#[test]
fn no_output_holds_a_password() {
    let database = Database::new(Kind::Sqlite);
    for url in [
        "postgres://u:s3cretword@[bad/x",
        "postgres://u:s3cretword/y@127.0.0.1:1/x",
        "postgres://u:s3cretword@127.0.0.1:1/x",
    ] {
        for arguments in [&["doctor"][..], &["serve"], &["migrate"], &["export"], &["token", "list"]] {
            let settings = [
                ("HEARBACK_LISTEN", "127.0.0.1:0"),
                ("HEARBACK_SMTP_URL", "smtp://u:s3cretword@[bad:port"),
                ("HEARBACK_LLM_URL", "https://u:s3cretword@llm.example"),
                ("HEARBACK_EMBEDDINGS_URL", "https://u:s3cretword@llm.example"),
                ("HEARBACK_LOG", "trace"),
            ];
            // `serve` stops at a wrong setting: without those it gets as far as the database.
            for settings in [&settings[..], &settings[..1]] {
                let output = run(&database, url, settings, arguments);
                let said =
                    [output.stdout, output.stderr].map(|said| String::from_utf8_lossy(&said).into_owned()).concat();
                assert!(!output.status.success() && !said.contains("s3cretword"), "{url} {arguments:?}: {said}");
            }
        }
    }
}

#[test]
fn settings_come_from_the_working_folder_and_from_none_above_it() {
    let database = Database::new(Kind::Sqlite);
    let below = database.folder().join("below");
    std::fs::create_dir(&below).unwrap();
    assert!(run(&database, &database.url, &[], &["migrate"]).status.success());
    let doctor = |folder: &std::path::Path| {
        let output = command(folder, &database.url).arg("doctor").output().unwrap();
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    std::fs::write(database.folder().join(".env"), "HEARBACK_ADMIN_TOKEN=short\n").unwrap();
    assert!(doctor(database.folder()).contains("HEARBACK_ADMIN_TOKEN"));
    assert!(!doctor(&below).contains("HEARBACK_ADMIN_TOKEN"), "{}", doctor(&below));
    std::fs::write(below.join(".env"), "HEARBACK_LOG=warn\nthis line is 'wrong s3cretword\n").unwrap();
    let output = command(&below, &database.url).arg("doctor").output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains(".env") && !said.contains("s3cretword"), "{said}");
}

#[test]
fn the_database_may_be_named_before_and_after_the_act() {
    let database = Database::new(Kind::Sqlite);
    let elsewhere = format!("sqlite://{}", database.folder().join("other.db").display());
    for arguments in [["token", "list", "--database-url", &elsewhere], ["token", "--database-url", &elsewhere, "list"]]
    {
        let output = run(&database, &database.url, &[], &arguments);
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    }
    assert!(database.folder().join("other.db").exists() && !std::path::Path::new(database.path()).exists());
}
