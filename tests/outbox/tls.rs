//! A receiver with an untrusted TLS certificate gets no message, and never an unencrypted one.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};

use hearback::domain::{base::Id, integrations::DeliveryState};
use hearback::store::integrations::deliveries;

use super::sending::{all, happen, outbox, turn, webhook};
use crate::support::{on_each_store, skip};

/// `openssl s_server` with a self-signed certificate, behind a proxy that records what is sent to it.
struct SelfSigned {
    port: u16,
    sent: Arc<Mutex<Vec<Vec<u8>>>>,
    server: Child,
    _folder: tempfile::TempDir,
}

impl SelfSigned {
    /// Starts the server if openssl is installed.
    fn start() -> Option<Self> {
        let folder = tempfile::tempdir().expect("a folder");
        let openssl = |arguments: &str| {
            let mut command = Command::new("openssl");
            command.args(arguments.split(' ')).current_dir(folder.path()).stderr(Stdio::null());
            command
        };
        let made = openssl(
            "req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 1 -subj /CN=localhost \
             -addext subjectAltName=DNS:localhost,IP:127.0.0.1",
        );
        if !{ made }.status().is_ok_and(|status| status.success()) {
            skip("openssl is not installed, which makes the certificate of a receiver");
            return None;
        }
        let mut server = openssl("s_server -accept 127.0.0.1:0 -key key.pem -cert cert.pem");
        let mut server = server.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("openssl runs");
        let mut lines = BufReader::new(server.stdout.take().expect("its output"));
        let mut line = String::new();
        while !line.starts_with("ACCEPT ") {
            line.clear();
            assert!(lines.read_line(&mut line).expect("a line") > 0, "it listens");
        }
        let behind = line.trim().trim_start_matches("ACCEPT ").to_owned();
        std::thread::spawn(move || std::io::copy(&mut lines, &mut std::io::sink()));

        let wire = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = wire.local_addr().expect("an address").port();
        let sent: Arc<Mutex<Vec<Vec<u8>>>> = Arc::default();
        let kept = sent.clone();
        std::thread::spawn(move || {
            for client in wire.incoming().flatten() {
                let server = TcpStream::connect(&behind).expect("openssl listens");
                carry(client, server, &kept);
            }
        });
        Some(Self { port, sent, server, _folder: folder })
    }

    /// The recorded bytes of each connection.
    fn sent(&self) -> Vec<Vec<u8>> {
        self.sent.lock().expect("what was sent").clone()
    }
}

impl Drop for SelfSigned {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

/// Forwards the bytes of a connection in both directions until its client ends it.
fn carry(mut client: TcpStream, mut server: TcpStream, kept: &Mutex<Vec<Vec<u8>>>) {
    let (mut back_from, mut back_to) = (server.try_clone().expect("a socket"), client.try_clone().expect("a socket"));
    let back = std::thread::spawn(move || std::io::copy(&mut back_from, &mut back_to));
    let (mut sent, mut buffer) = (Vec::new(), [0; 4096]);
    while let Ok(read @ 1..) = client.read(&mut buffer) {
        sent.extend_from_slice(&buffer[..read]);
        if server.write_all(&buffer[..read]).is_err() {
            break;
        }
    }
    kept.lock().expect("what was sent").push(sent);
    let _ = server.shutdown(Shutdown::Both);
    let _ = back.join();
}

#[test]
fn a_receiver_that_nobody_vouches_for_is_tried_again_and_told_nothing() {
    on_each_store(|store| {
        let Some(receiver) = SelfSigned::start() else { return };
        let (outbox, url) = (outbox(store), format!("https://localhost:{}/hook", receiver.port));
        let hook = webhook(store, &url, &["story.moved"]);
        happen(store, "story.moved", Id::next(), 1);
        for attempt in 1..=3 {
            outbox.run_until_idle().expect("it runs");
            let delivery = all(store, hook.id).remove(0);
            assert_eq!((delivery.state, delivery.attempts), (DeliveryState::Pending, attempt));
            assert_eq!(delivery.last_status, None, "there was no answer");
            let error = delivery.last_error.clone().expect("why");
            assert!(error.contains("invalid peer certificate"), "{error}");
            turn(store, &delivery);
        }
        let delivery = all(store, hook.id).remove(0);
        let log = store.read_now(|conn| deliveries::log(conn, delivery.id)).expect("a log");
        assert!(log.len() == 3 && log.iter().all(|attempt| attempt.error == delivery.last_error), "{log:?}");

        crate::support::eventually("all connections ended", std::time::Duration::from_secs(10), || {
            receiver.sent().len() >= 3
        });
        for sent in receiver.sent() {
            // A TLS handshake, and nothing after the certificate but an alert.
            assert!(sent.starts_with(&[0x16, 0x03]), "{sent:?}");
            let text = String::from_utf8_lossy(&sent);
            for word in ["story.moved", "webhook-id", "POST", &delivery.message_id.to_string()] {
                assert!(!text.contains(word), "{word} in {text}");
            }
        }
    });
}
