//! The commands that let people into the console.

use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};

use crate::support::{Database, Kind, command};

/// A started server; it ends when dropped.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The status of an answer, and one of its headers.
fn get(address: &str, cookie: &str, header: &str) -> (u16, String, String) {
    let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).max_redirects(0).build().into();
    let mut answer = agent.get(address).header("Cookie", cookie).call().expect("an answer");
    let value = answer.headers().get(header).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
    let body = answer.body_mut().read_to_string().expect("a page");
    (answer.status().as_u16(), value, body)
}

/// The link that a starting server prints.
fn console_link(server: &mut Server) -> String {
    let lines = BufReader::new(server.0.stdout.take().expect("its output")).lines();
    let mut lines = lines.map(|line| line.expect("a line"));
    let line = lines.find(|line| line.starts_with("Console: ")).expect("the address of the console");
    line.split_whitespace().nth(1).expect("an address").to_owned()
}

fn serve(database: &Database, arguments: &[&str]) -> Server {
    let mut program = command(database.folder(), &database.url);
    let program = program.arg("serve").args(arguments).env("HEARBACK_LISTEN", "127.0.0.1:0");
    Server(program.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("the program"))
}

#[test]
fn the_demo_prints_a_link_that_opens_the_ranked_backlog_signed_in() {
    let database = Database::new(Kind::Sqlite);
    let mut server = serve(&database, &["--demo"]);
    let link = console_link(&mut server);
    assert!(link.contains("/console/demo/"), "{link}");
    let (status, cookie, _) = get(&link, "", "set-cookie");
    assert_eq!(status, 303, "{link}");
    let cookie = cookie.split(';').next().expect("a cookie").to_owned();
    let (base, _) = link.split_once("/console/").expect("an address");
    let (status, _, page) = get(&format!("{base}/console/backlog"), &cookie, "etag");
    assert_eq!(status, 200);
    assert!(page.contains("<h1>Backlog</h1>") && page.contains(">Demo</a>"), "{page}");
    let (status, _, _) = get(&format!("{base}/console/demo/hbi_guessed"), "", "etag");
    assert_eq!(status, 410);
}

#[test]
fn the_first_start_prints_a_link_for_the_first_admin_until_somebody_has_joined() {
    let database = Database::new(Kind::Sqlite);
    let first = console_link(&mut serve(&database, &[]));
    assert!(first.contains("/console/invite/hbi_"), "{first}");
    let invite = |arguments: &[&str]| {
        let mut program = command(database.folder(), &database.url);
        let done = program.arg("invite").args(arguments).output().expect("the program");
        (done.status.success(), String::from_utf8_lossy(&done.stdout).trim().to_owned())
    };
    assert!(!invite(&["mina@example.com"]).0, "she is no member yet, and no role is named");
    assert!(!invite(&["--admin", "no address"]).0);
    let (made, link) = invite(&["--admin", "mina@example.com"]);
    assert!(made && link.contains("/console/invite/hbi_"), "{link}");
    let mut server = serve(&database, &[]);
    let second = console_link(&mut server);
    assert!(second.ends_with("/console/"), "somebody is a member now: {second}");
    let base = second.trim_end_matches("/console/");
    let of_link = |link: &str| format!("{base}/console/{}", link.split_once("/console/").expect("an address").1);
    assert_eq!(get(&of_link(&first), "", "etag").0, 410, "the first link has ended with it");
    let (status, _, page) = get(&of_link(&link), "", "etag");
    assert!(status == 200 && page.contains("mina@example.com"), "{page}");
    assert!(invite(&["mina@example.com"]).0, "who lost their password gets another link");
    assert_eq!(get(&of_link(&link), "", "etag").0, 410, "and the earlier one ends");
}
