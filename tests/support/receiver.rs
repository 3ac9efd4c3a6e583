//! A real SMTP server on loopback: aiosmtpd, if a Python installation has it.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;

use mail_parser::{Message, MessageParser};

use super::skipped::skip;

/// A separate receiver for a test.
pub struct Receiver {
    pub port: u16,
    folder: tempfile::TempDir,
    child: Child,
}

/// A Python with aiosmtpd: `tools/smtp_receiver.sh` installs one in `target/`.
fn python() -> Option<&'static Path> {
    static PYTHON: OnceLock<Option<PathBuf>> = OnceLock::new();
    let found = PYTHON.get_or_init(|| {
        let made = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/smtp-receiver/bin/python");
        let known = [made, PathBuf::from("python3"), PathBuf::from("/usr/bin/python3")];
        let has_it = |python: &PathBuf| {
            let tried = Command::new(python).args(["-c", "import aiosmtpd"]).stderr(Stdio::null()).status();
            tried.is_ok_and(|status| status.success())
        };
        known.into_iter().find(has_it)
    });
    if found.is_none() {
        skip(
            "there is no mail server to send to; `tools/smtp_receiver.sh` installs one in target/, once (it takes Python 3)",
        );
    }
    found.as_deref()
}

impl Receiver {
    /// Whether one can be started; otherwise the running test is noted as skipped.
    pub fn available() -> bool {
        python().is_some()
    }

    /// Starts a receiver if a Python is available.
    pub fn start() -> Option<Self> {
        let folder = tempfile::tempdir().expect("a folder");
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/receiver.py");
        let mut child = Command::new(python()?)
            .arg(script)
            .arg(folder.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("Python runs");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("its output")).read_line(&mut line).expect("a line");
        Some(Self { port: line.trim().parse().expect("a port"), folder, child })
    }

    /// The folder in which mails arrive, one file each.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Accepts every recipient from now on.
    pub fn take_everyone(&self) {
        std::fs::write(self.folder.path().join("open"), "").expect("a file");
    }

    /// Every mail that arrived, in order, as raw text.
    pub fn raw(&self) -> Vec<Vec<u8>> {
        let files = std::fs::read_dir(self.folder.path()).expect("a folder").map(|entry| entry.expect("a file").path());
        let mut files: Vec<PathBuf> = files.filter(|path| path.extension().is_some_and(|e| e == "eml")).collect();
        files.sort();
        files.iter().map(|path| std::fs::read(path).expect("a mail")).collect()
    }

    /// Every mail that arrived, in order.
    pub fn mails(&self) -> Vec<Mail> {
        self.raw().iter().map(|raw| Mail::read(raw)).collect()
    }

    /// The mails to an address.
    pub fn mails_to(&self, address: &str) -> Vec<Mail> {
        self.mails().into_iter().filter(|mail| mail.to == address).collect()
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A mail, decoded as a mail program does.
#[derive(Clone, Debug)]
pub struct Mail {
    pub to: String,
    pub name: String,
    pub from: String,
    pub subject: String,
    pub id: String,
    pub in_reply_to: Option<String>,
    pub text: String,
    pub html: String,
    pub headers: Vec<(String, String)>,
}

impl Mail {
    fn read(raw: &[u8]) -> Self {
        let mail: Message<'_> = MessageParser::default().parse(raw).expect("a mail");
        let to = mail.to().and_then(|to| to.first()).expect("a recipient");
        let text = |found: Option<std::borrow::Cow<'_, str>>| found.expect("a part").replace("\r\n", "\n");
        Mail {
            to: to.address().expect("an address").to_owned(),
            name: to.name().unwrap_or_default().to_owned(),
            from: mail.from().and_then(|from| from.first()?.address()).unwrap_or_default().to_owned(),
            subject: mail.subject().unwrap_or_default().to_owned(),
            id: mail.message_id().expect("a Message-ID").to_owned(),
            in_reply_to: mail.in_reply_to().as_text().map(str::to_owned),
            text: text(mail.body_text(0)),
            html: text(mail.body_html(0)),
            headers: mail.headers_raw().map(|(name, value)| (name.to_owned(), value.trim().to_owned())).collect(),
        }
    }

    pub fn header(&self, name: &str) -> &str {
        let found: Vec<&str> =
            self.headers.iter().filter(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v.as_str()).collect();
        assert_eq!(found.len(), 1, "one {name}: {self:?}");
        found[0]
    }

    /// The path of its link to answer.
    pub fn answer(&self) -> String {
        path(&self.text, "/answer/")
    }

    /// The path of its link that answers whether an incident is over.
    pub fn incident_answer(&self) -> String {
        path(&self.text, "/incident-answer/")
    }

    /// The path of its link to unsubscribe.
    pub fn unsubscribe(&self) -> String {
        path(&self.header("List-Unsubscribe").replace(['\r', '\n', ' '], ""), "/unsubscribe/")
    }
}

fn path(text: &str, start: &str) -> String {
    let at = text.find(start).unwrap_or_else(|| panic!("no {start} in {text}"));
    text[at..].chars().take_while(|c| c.is_ascii_alphanumeric() || "/-_".contains(*c)).collect()
}
