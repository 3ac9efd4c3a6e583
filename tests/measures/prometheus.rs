//! Asking a Prometheus, and being written to by one: Debian's real one where it is installed.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use hearback::domain::team::Role;
use serde_json::json;

use super::{metric, points, total};
use crate::support::skip;
use crate::support::{World, on_each_program_with, on_each_world_with};

/// A server that gives the same answer to everybody, until it is dropped.
fn fake(status: u16, body: String) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming().take(20) {
            let Ok(mut stream): Result<TcpStream, _> = stream else { continue };
            let mut asked = [0; 4096];
            let _ = stream.read(&mut asked);
            let head = format!("HTTP/1.1 {status} x\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
            let _ = stream.write_all(format!("{head}{body}").as_bytes());
        }
    });
    format!("http://{address}")
}

fn pulling(world: &World, url: &str) {
    metric(world, "up", json!({ "prometheus": { "query": "sum(up)", "every": 60, "url": url } }));
}

#[test]
fn a_metric_is_asked_for_on_its_schedule() {
    on_each_world_with(
        |config| config.allow_private_addresses = true,
        |world| {
            let now = world.now().0 / 1_000_000;
            let values = format!("[{}, \"1.5\"], [{}, \"NaN\"], [{now}, \"2.5\"]", now - 120, now - 60);
            let body = format!(
                r#"{{"status":"success","data":{{"resultType":"matrix","result":[{{"metric":{{}},"values":[{values}]}}]}}}}"#
            );
            pulling(world, &fake(200, body));
            world.step("metric_pulls");
            assert_eq!(total(&points(world, "up", "step=5m")), (2, 4.0));
            let intake = &world.read("/v1/metrics/up")["intake"];
            assert!(intake["asked_at"].is_string() && intake["pull_error"].is_null(), "{intake}");
            // It is asked again after its pause, and the same samples change nothing.
            world.clock().advance(61_000_000);
            world.step("metric_pulls");
            assert_eq!(world.read("/v1/metrics/up")["intake"]["accepted"], 2);
        },
    );
}

#[test]
fn a_prometheus_that_does_not_answer_is_shown_on_the_metric() {
    on_each_world_with(
        |config| config.allow_private_addresses = true,
        |world| {
            pulling(world, &fake(400, r#"{"status":"error","error":"parse error: x"}"#.to_owned()));
            world.step("metric_pulls");
            let intake = &world.read("/v1/metrics/up")["intake"];
            assert!(intake["pull_error"].as_str().unwrap().contains("parse error"), "{intake}");
        },
    );
    // A private address is refused when it is written, unless the settings allow it.
    on_each_world_with(
        |_| (),
        |world| {
            let wrong = json!({ "key": "up", "name": "Up", "kind": "technical", "direction": "up",
            "prometheus": { "query": "up", "url": "http://127.0.0.1:1" } });
            world.post("/v1/metrics", wrong).refused(&["/prometheus/url format"]);
        },
    );
}

/// A real Prometheus on a free port, with this configuration.
struct Prometheus {
    child: Child,
    port: u16,
    _folder: tempfile::TempDir,
}

impl Prometheus {
    /// `None` where it is not installed: the test is noted as skipped.
    fn start(config: &str) -> Option<Self> {
        let program =
            ["/usr/bin/prometheus", "/usr/local/bin/prometheus"].into_iter().find(|path| Path::new(path).exists());
        let Some(program) = program else {
            skip("Prometheus is not installed (Debian: the package prometheus)");
            return None;
        };
        let folder = tempfile::tempdir().unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let file = folder.path().join("prometheus.yml");
        std::fs::write(&file, config.replace("PORT", &port.to_string())).unwrap();
        let child = Command::new(program)
            .arg(format!("--config.file={}", file.display()))
            .arg(format!("--storage.tsdb.path={}", folder.path().join("data").display()))
            .arg(format!("--web.listen-address=127.0.0.1:{port}"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("Prometheus starts");
        Some(Self { child, port, _folder: folder })
    }
}

impl Drop for Prometheus {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Waits until something holds.
fn until(what: &str, holds: impl Fn() -> bool) {
    let started = Instant::now();
    while !holds() {
        assert!(started.elapsed() < Duration::from_secs(60), "{what} within a minute");
        std::thread::sleep(Duration::from_millis(300));
    }
}

#[test]
fn a_real_prometheus_writes_and_is_asked() {
    on_each_program_with(&[("HEARBACK_ALLOW_PRIVATE_ADDRESSES", "true")], |world| {
        metric(world, "written", json!({ "selector": "up{job=\"self\"}" }));
        let token = world.done("/v1/tokens", json!({ "name": "prometheus", "role": Role::Ingest }));
        let config = format!(
            "global: {{scrape_interval: 1s}}\nscrape_configs: [{{job_name: self, static_configs: [{{targets: ['127.0.0.1:PORT']}}]}}]\n\
             remote_write: [{{url: 'http://{}/v1/prometheus/write', authorization: {{credentials: '{}'}}}}]\n",
            world.address(),
            token["secret"].as_str().expect("a secret"),
        );
        let Some(prometheus) = Prometheus::start(&config) else { return };
        until("samples are written", || total(&points(world, "written", "step=5m")).0 >= 2);
        let found = world.read("/v1/metrics/written/series");
        assert_eq!(found["series"][0]["labels"]["job"], "self", "{found}");
        let url = format!("http://127.0.0.1:{}", prometheus.port);
        metric(world, "asked", json!({ "prometheus": { "query": "up", "every": 15, "url": url } }));
        until("samples are asked for", || !points(world, "asked", "step=5m").is_empty());
        assert_eq!(world.read("/v1/metrics/asked")["intake"]["pull_error"], json!(null));
    });
}
