//! The whole loop, as a team would run it: `examples/loop.sh` against the real binary, which is killed and restarted
//! between all steps. This is the longest test; its name makes it start early.

use std::collections::BTreeSet;
use std::net::TcpListener;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::Duration;

use crate::support::{ADMIN, Receiver, World, on_each, skip};

const SECRET: &str = "It's a Secret to Everybody";
/// Programs that the script needs.
const TOOLS: [&str; 4] = ["bash", "curl", "openssl", "python3"];

fn is_there(tool: &str) -> bool {
    let asked = Command::new(tool).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    // openssl knows the question under another name, and answers that it does not: it is there.
    asked.is_ok()
}

/// A port that the server finds free again after each kill: below the range from which the system gives ports to
/// connections and servers of other tests.
fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let start = 20_000 + (std::process::id() % 10_000) as u16;
    let mut ports = std::iter::repeat_with(|| start + NEXT.fetch_add(1, Ordering::Relaxed));
    ports.find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok()).expect("a port")
}

#[test]
fn feedback_becomes_a_release_and_everyone_who_asked_confirms_however_often_the_server_is_killed() {
    if let Some(tool) = TOOLS.iter().find(|tool| !is_there(tool)) {
        return skip(&format!("{tool} is not installed, which the example of the whole loop calls"));
    }
    on_each(|database| {
        let listen = format!("127.0.0.1:{}", free_port());
        let mails = Receiver::start();
        let smtp = mails.as_ref().map(|mails| format!("smtp://127.0.0.1:{}", mails.port));
        let mut settings = vec![("HEARBACK_LISTEN", listen.as_str()), ("HEARBACK_GITHUB_SECRET", SECRET)];
        if let Some(smtp) = &smtp {
            settings.extend([
                ("HEARBACK_SMTP_URL", smtp.as_str()),
                ("HEARBACK_MAIL_FROM", "Paylo <voice@paylo.example>"),
                ("HEARBACK_ALLOW_PRIVATE_ADDRESSES", "true"),
            ]);
        }
        let server = World::program_with(database, &settings);
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/loop.sh");
        let mark = server.database.folder().join("disturbed");
        let mut running = Command::new("bash")
            .arg(script)
            .arg(format!("http://{listen}"))
            .env("TOKEN", ADMIN)
            .env("GITHUB_SECRET", SECRET)
            .env("KEY", "LOOP")
            .env("MAILDIR", mails.as_ref().map_or_else(Default::default, |mails| mails.folder().as_os_str().to_owned()))
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
                server.kill9();
                std::fs::remove_file(&mark).expect("the mark");
                server.restart();
                kills += 1;
            }
            std::thread::sleep(Duration::from_millis(20));
        };
        let mut said = String::new();
        std::io::Read::read_to_string(&mut running.stdout.take().expect("its output"), &mut said).expect("text");
        assert!(status.success(), "{status}: {said}");
        assert!(said.contains("CLOSED: LOOP-"), "{said}");
        if let Some(mails) = &mails {
            let ids: Vec<String> = mails.mails().into_iter().map(|mail| mail.id).collect();
            let different: BTreeSet<&String> = ids.iter().collect();
            assert!(!ids.is_empty(), "{said}");
            let again = ids.len() - different.len();
            assert!(again <= kills, "{again} mails sent again by {kills} kills");
        }
        assert!(kills >= 10, "{kills} kills: {said}");
    });
}
