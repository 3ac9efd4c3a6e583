use std::io::{Read, Write};
use std::net::{IpAddr, SocketAddr, TcpListener};
use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;

#[test]
fn every_class_of_private_address_is_refused() {
    let private = [
        "0.0.0.0",
        "0.1.2.3",
        "10.0.0.1",
        "100.64.0.1",
        "100.127.255.255",
        "127.0.0.1",
        "127.255.255.255",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.1",
        "192.0.0.170",
        "192.88.99.1",
        "192.168.1.1",
        "198.18.0.1",
        "198.19.255.255",
        "224.0.0.1",
        "239.1.1.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::ffff:127.0.0.1",
        "::ffff:8.8.8.8",
        "::127.0.0.1",
        "64:ff9b::a00:1",
        "64:ff9b::808:808",
        "64:ff9b:1::1",
        "fc00::1",
        "fdff::1",
        "fe80::1",
        "fec0::1",
        "ff02::1",
        "2002:7f00:1::",
        "2002:a00:1::1",
        "2001::1",
        "2001:db8::1",
        "5f00::1",
        "100::1",
    ];
    for text in private {
        let address: IpAddr = text.parse().expect(text);
        assert!(is_private(address), "{text} must be refused");
        let host = if address.is_ipv6() { format!("[{text}]") } else { text.to_owned() };
        assert!(check_url(&format!("https://{host}/hook"), false).is_err(), "{host}");
        assert!(check_url(&format!("https://{host}/hook"), true).is_ok(), "{host} where they are allowed");
    }
}

#[test]
fn public_addresses_are_not_refused() {
    let public = [
        "1.1.1.1",
        "8.8.8.8",
        "9.255.255.255",
        "11.0.0.1",
        "100.63.255.255",
        "100.128.0.1",
        "126.1.1.1",
        "128.0.0.1",
        "169.253.1.1",
        "172.15.1.1",
        "172.32.0.1",
        "192.0.1.1",
        "192.167.1.1",
        "198.17.1.1",
        "198.20.0.1",
        "223.1.1.1",
        "2606:4700::1111",
        "2a00:1450::1",
        "2001:4860:4860::8888",
    ];
    for text in public {
        assert!(!is_private(text.parse().expect(text)), "{text}");
    }
}

#[test]
fn other_spellings_of_addresses_are_refused() {
    let hosts = [
        "2130706433",
        "0x7f000001",
        "0x7f.1",
        "0177.0.0.1",
        "127.1",
        "127.0.1",
        "0x7f.0.0.1",
        "017700000001",
        "127.0.0.1.",
        "127.0.0.01",
        "1.2.3.4.5",
        "[::1%25lo]",
        "[127.0.0.1]",
        "8.8.2056",
        "134744072",
    ];
    for host in hosts {
        assert!(check_url(&format!("https://{host}/"), false).is_err(), "{host}");
    }
    for url in
        ["https://user:pass@example.com/", "https://user@example.com", "ftp://example.com", "//x", "https://", "x"]
    {
        assert!(check_url(url, true).is_err(), "{url}");
    }
    assert!(check_url("http://example.com/", false).is_err(), "plain http leaves the machine in the clear");
    assert!(check_url("http://example.com/", true).is_ok());
    for url in ["https://example.com/", "https://0x.example:8443/a?b=c", "https://8.8.8.8/", "https://a.b-7"] {
        assert_eq!(check_url(url, false), Ok(()), "{url}");
    }
}

/// A name server with a different answer each time (DNS rebinding).
struct Rebinding {
    answers: Vec<Vec<IpAddr>>,
    asked: AtomicUsize,
}

impl Lookup for Rebinding {
    fn lookup(&self, _: &str, port: u16) -> std::io::Result<Vec<SocketAddr>> {
        let n = self.asked.fetch_add(1, Ordering::SeqCst).min(self.answers.len() - 1);
        Ok(self.answers[n].iter().map(|ip| SocketAddr::new(*ip, port)).collect())
    }
}

fn rebinding(answers: &[&[&str]]) -> Arc<Rebinding> {
    let answers = answers.iter().map(|ips| ips.iter().map(|ip| ip.parse().expect("an address")).collect()).collect();
    Arc::new(Rebinding { answers, asked: AtomicUsize::new(0) })
}

fn get(url: String) -> Request {
    Request { method: "GET", url, headers: Vec::new(), body: Vec::new() }
}

#[test]
fn a_name_is_looked_up_once_and_the_checked_address_is_connected_to() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let accepted = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("a connection");
        let _ = stream.read(&mut [0; 4096]);
        let _ = stream.write_all(b"HTTP/1.1 204 No Content\r\n\r\n");
    });
    // The second answer would not be reachable, so it must not be requested.
    let names = rebinding(&[&["127.0.0.1"], &["240.0.0.1"]]);
    let client = Client::with_lookup(true, Duration::from_secs(5), names.clone());
    let answer = client.send(get(format!("http://hooks.example:{port}/"))).expect("an answer");
    assert_eq!((answer.status, names.asked.load(Ordering::SeqCst)), (204, 1));
    accepted.join().expect("it was connected to");
}

#[test]
fn a_name_that_turns_private_is_refused_at_connect_time() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    listener.set_nonblocking(true).expect("a socket");
    for answers in [&["127.0.0.1"][..], &["8.8.8.8", "127.0.0.1"], &["::1"], &["::ffff:127.0.0.1"]] {
        let client = Client::with_lookup(false, Duration::from_secs(5), rebinding(&[answers]));
        let error = client.send(get(format!("https://localhost:{port}/"))).expect_err("refused");
        assert!(error.contains("not on the public internet"), "{error}");
    }
    assert!(listener.accept().is_err(), "nothing may have been connected to");
}

#[test]
fn a_redirect_is_answered_as_it_is_and_a_long_answer_is_cut_off() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    std::thread::spawn(move || {
        for answer in ["HTTP/1.1 302 Found\r\nLocation: /other\r\nRetry-After: 7\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\n"] {
            let (mut stream, _) = listener.accept().expect("a connection");
            let _ = stream.read(&mut [0; 4096]);
            let _ = stream.write_all(answer.as_bytes());
            let endless = vec![b'x'; 64 * 1024];
            while answer.contains("200") && stream.write_all(&endless).is_ok() {}
        }
    });
    let client = Client::new(true, Duration::from_secs(10));
    let moved = client.send(get(format!("http://{address}/"))).expect("an answer");
    assert_eq!((moved.status, moved.retry_after()), (302, Some(Duration::from_secs(7))));
    let endless = client.send(get(format!("http://{address}/"))).expect("an answer");
    assert_eq!((endless.status, endless.body.len() as u64), (200, MAX_ANSWER));
}

#[test]
fn an_answer_that_does_not_come_is_given_up() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    let client = Client::new(true, Duration::from_millis(300));
    let started = std::time::Instant::now();
    assert!(client.send(get(format!("http://{address}/"))).is_err());
    assert!(started.elapsed() < Duration::from_secs(3));
}
