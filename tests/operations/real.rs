//! Real senders: Debian's Prometheus and Alertmanager watch a service that breaks, and the example walks through an
//! incident while the server is killed.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use hearback::domain::team::Role;
use serde_json::{Value, json};

use super::timeline;
use crate::support::{ADMIN, World, eventually, on_each, on_each_program, skip};

/// A started program; it is killed when dropped.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Running {
    fn start(program: &str, arguments: &[String], log: &Path) -> Self {
        let log = std::fs::File::create(log).unwrap();
        let both = log.try_clone().unwrap();
        Self(Command::new(program).args(arguments).stdout(both).stderr(log).spawn().unwrap())
    }
}

fn is_there(tool: &str) -> bool {
    Command::new(tool).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok()
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// A service that tells Prometheus whether it is broken; answers its port.
fn service(broken: Arc<AtomicBool>) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream): std::io::Result<TcpStream> = stream else { continue };
            let mut asked = [0; 4096];
            let _ = stream.read(&mut asked);
            let body = format!("service_broken {}\n", u8::from(broken.load(Ordering::SeqCst)));
            let head = format!(
                "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nConnection: close\r\nContent-Length: {}",
                body.len()
            );
            let _ = stream.write_all(format!("{head}\r\n\r\n{body}").as_bytes());
        }
    });
    port
}

/// Starts Prometheus and Alertmanager, which watch the service and send alerts to Hearback.
fn watch(world: &World, service: u16, token: &str) -> [Running; 2] {
    let folder = world.database.folder().join("monitoring");
    std::fs::create_dir_all(&folder).unwrap();
    let (prometheus, alertmanager) = (free_port(), free_port());
    let write = |name: &str, text: String| {
        std::fs::write(folder.join(name), text).unwrap();
        folder.join(name).display().to_string()
    };
    let rules = write("rules.yml", "groups:\n- name: service\n  rules:\n  - alert: ServiceBroken\n    expr: service_broken == 1\n    labels: { severity: critical, service: checkout }\n    annotations: { summary: Payments fail, description: The checkout answers with errors. }\n".to_owned());
    let config = write(
        "prometheus.yml",
        format!(
            "global: {{ scrape_interval: 1s, evaluation_interval: 1s }}\nrule_files: [{rules:?}]\n\
             alerting: {{ alertmanagers: [{{ static_configs: [{{ targets: ['127.0.0.1:{alertmanager}'] }}] }}] }}\n\
             scrape_configs: [{{ job_name: checkout, static_configs: [{{ targets: ['127.0.0.1:{service}'] }}] }}]\n"
        ),
    );
    let url = format!(
        "http://{}/v1/hooks/alertmanager?product={}",
        world.address(),
        world.read("/v1/products")["data"][0]["key"].as_str().unwrap()
    );
    let receiving = write(
        "alertmanager.yml",
        format!(
            "route: {{ receiver: hearback, group_by: [alertname], group_wait: 1s, group_interval: 1s, repeat_interval: 2s }}\n\
             receivers: [{{ name: hearback, webhook_configs: [{{ url: '{url}', send_resolved: true, \
             http_config: {{ authorization: {{ credentials: '{token}' }} }} }}] }}]\n"
        ),
    );
    let at = |name: &str| folder.join(name).display().to_string();
    [
        Running::start(
            "prometheus",
            &[
                format!("--config.file={config}"),
                format!("--storage.tsdb.path={}", at("tsdb")),
                format!("--web.listen-address=127.0.0.1:{prometheus}"),
            ],
            &folder.join("prometheus.log"),
        ),
        Running::start(
            "prometheus-alertmanager",
            &[
                format!("--config.file={receiving}"),
                format!("--storage.path={}", at("alertmanager")),
                format!("--web.listen-address=127.0.0.1:{alertmanager}"),
                "--cluster.listen-address=".to_owned(),
            ],
            &folder.join("alertmanager.log"),
        ),
    ]
}

#[test]
fn a_real_prometheus_watches_a_service_that_breaks() {
    for tool in ["prometheus", "prometheus-alertmanager"] {
        if !is_there(tool) {
            return skip(&format!("{tool} is not installed, which sends real alerts (package {tool})"));
        }
    }
    on_each_program(|world| {
        world.member_with_token("ada", "admin");
        let broken = Arc::new(AtomicBool::new(false));
        let _watching = watch(world, service(broken.clone()), &world.token(Role::Ingest));
        broken.store(true, Ordering::SeqCst);
        let incidents = || world.read("/v1/incidents")["data"].as_array().unwrap().clone();
        eventually("an incident is opened", Duration::from_secs(90), || !incidents().is_empty());
        let opened = incidents().remove(0);
        assert_eq!((&opened["state"], &opened["severity"]), (&json!("open"), &json!(1)), "{opened}");
        assert_eq!(
            (&opened["title"], &opened["services"]),
            (&json!("ServiceBroken: Payments fail"), &json!(["checkout"]))
        );
        // Alertmanager repeats its message every 2 seconds.
        let path = format!("/v1/incidents/{}/alerts", opened["number"].as_str().unwrap());
        let alert = || world.read(&path)["data"][0].clone();
        eventually("a repeat arrives", Duration::from_secs(60), || alert()["repeats"].as_i64() > Some(0));
        let before = timeline(world, &opened).len();
        broken.store(false, Ordering::SeqCst);
        let now = || incidents().remove(0);
        eventually("it is mitigated", Duration::from_secs(90), || now()["state"] == "mitigated");
        assert_eq!(incidents().len(), 1);
        assert_eq!(alert()["state"], "resolved");
        assert!(timeline(world, &opened).len() <= before + 2, "repeats are no entries");
    });
}

#[test]
fn the_example_of_an_incident_is_walked_through_however_often_the_server_is_killed() {
    for tool in ["bash", "curl", "openssl", "python3"] {
        if !is_there(tool) {
            return skip(&format!("{tool} is not installed, which the example of an incident calls"));
        }
    }
    on_each(|database| {
        let listen = format!("127.0.0.1:{}", free_port());
        let world = World::program_with(database, &[("HEARBACK_LISTEN", listen.as_str())]);
        let mark = world.database.folder().join("disturbed");
        let mut running = Command::new("bash")
            .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/incident.sh"))
            .arg(format!("http://{listen}"))
            .env("TOKEN", ADMIN)
            .env("KEY", "INCI")
            .env("DISTURB", format!("touch {0}; while [ -e {0} ]; do sleep .02; done", mark.display()))
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .expect("bash runs");
        let mut kills = 0;
        let status = loop {
            if let Some(status) = running.try_wait().expect("our child") {
                break status;
            }
            if mark.exists() {
                // The script goes on while the server is still down.
                world.kill9();
                std::fs::remove_file(&mark).expect("the mark");
                world.restart();
                kills += 1;
            }
            std::thread::sleep(Duration::from_millis(20));
        };
        let mut said = String::new();
        running.stdout.take().expect("its output").read_to_string(&mut said).expect("text");
        assert!(status.success(), "{status}: {said}");
        assert!(said.contains("The incident was walked through.") && kills >= 8, "{kills} kills: {said}");
    });
}

#[test]
fn what_a_hook_answered_with_200_is_there_once_after_a_kill() {
    on_each_program(|world| {
        world.member_with_token("ada", "admin");
        let token = world.token(Role::Ingest);
        let mut answered: Vec<String> = Vec::new();
        for round in 0..4 {
            let stop = AtomicBool::new(false);
            let sent: Vec<String> = std::thread::scope(|scope| {
                let senders = (0..3).map(|sender| {
                    let (stop, token) = (&stop, &token);
                    scope.spawn(move || {
                        let mut answered = Vec::new();
                        for n in 0.. {
                            let key = format!("{round}-{sender}-{n}");
                            if stop.load(Ordering::SeqCst) {
                                return answered;
                            }
                            let event = json!({ "routing_key": token, "event_action": "trigger", "dedup_key": key,
                                "payload": { "summary": key, "source": "x", "severity": "info" } });
                            let request = world.open("POST", "/v1/hooks/pagerduty").json(&event);
                            if request.try_send().is_ok_and(|answer| answer.status == 202) {
                                answered.push(key);
                            }
                        }
                        answered
                    })
                });
                let senders: Vec<_> = senders.collect();
                std::thread::sleep(Duration::from_millis(700));
                world.kill9();
                stop.store(true, Ordering::SeqCst);
                senders.into_iter().flat_map(|sender| sender.join().unwrap()).collect()
            });
            answered.extend(sent);
            world.restart();
        }
        let incidents: Vec<Value> = world.walk("/v1/incidents?limit=200", || ());
        let mut keys: Vec<&str> = incidents.iter().map(|one| one["join_key"].as_str().unwrap()).collect();
        keys.sort_unstable();
        let all = keys.len();
        keys.dedup();
        assert_eq!(keys.len(), all, "each once");
        assert!(!answered.is_empty() && answered.iter().all(|key| keys.binary_search(&key.as_str()).is_ok()));
        let mut numbers: Vec<i64> = incidents
            .iter()
            .map(|one| one["number"].as_str().unwrap().rsplit('-').next().unwrap().parse().unwrap())
            .collect();
        numbers.sort_unstable();
        assert_eq!(numbers, (1..=all as i64).collect::<Vec<i64>>(), "numbers have no gaps");
    });
}
