//! SMTP client: sends mail to a server, and interprets its refusals.

use std::time::Duration;

use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};
use lettre::transport::smtp::Error as SmtpError;
use lettre::{Address, Message, SmtpTransport, Transport};

use super::Letter;
use crate::domain::base::text::mail_address;

/// How long a mail server may take for one command.
const PATIENCE: Duration = Duration::from_secs(30);

/// A mail server, with the sender of our mails.
#[derive(Clone)]
pub struct Mailer {
    transport: SmtpTransport,
    from: Mailbox,
}

/// A letter with its recipient and the ids for its headers.
#[derive(Clone, Debug)]
pub struct Envelope<'a> {
    pub address: &'a str,
    pub name: Option<&'a str>,
    pub letter: &'a Letter,
    /// The `Message-ID` without angle brackets. It is the same at every attempt, so that duplicates can be recognised.
    pub message_id: &'a str,
    /// The `Message-ID` of the mail that this one belongs to.
    pub in_reply_to: Option<&'a str>,
    /// The URL for one-click unsubscription (RFC 8058); `None` for mail to the team.
    pub unsubscribe: Option<&'a str>,
}

/// Why a mail was not accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MailProblem {
    /// A temporary problem: the server is busy or unreachable, or does not accept our credentials.
    Later { status: Option<u16>, detail: String },
    /// The server reports that the mailbox does not exist.
    NoMailbox { status: Option<u16>, detail: String },
    /// Another permanent refusal.
    Refused { status: Option<u16>, detail: String },
}

impl Mailer {
    /// A mailer that connects when it sends: `smtp://USER:PASSWORD@HOST:PORT`, with `?tls=required` for STARTTLS, or
    /// `smtps://`; `from` is `NAME <ADDRESS>` or an address.
    ///
    /// # Errors
    /// A sentence that says which setting is wrong.
    pub fn new(url: &str, from: &str) -> Result<Self, String> {
        let from = from.parse::<Mailbox>();
        let from = from.map_err(|_| "HEARBACK_MAIL_FROM must be NAME <ADDRESS>, or an address.".to_owned())?;
        let transport = SmtpTransport::from_url(url).map_err(|_| {
            "HEARBACK_SMTP_URL must be smtp://USER:PASSWORD@HOST:PORT (?tls=required for STARTTLS) or smtps://."
                .to_owned()
        })?;
        Ok(Self { transport: transport.timeout(Some(PATIENCE)).build(), from })
    }

    /// The domain of our address, for `Message-ID`s.
    pub fn domain(&self) -> &str {
        self.from.email.domain()
    }

    /// Connects to the server, greets it, starts TLS and authenticates as the settings say, and disconnects. Nothing is
    /// sent.
    ///
    /// # Errors
    /// A sentence that says what failed.
    pub fn check(&self) -> Result<(), String> {
        match self.transport.test_connection() {
            Ok(true) => Ok(()),
            Ok(false) => Err("it answers, and does not take mail now.".to_owned()),
            Err(e) => {
                let mut words = e.to_string();
                let mut cause = std::error::Error::source(&e);
                while let Some(inner) = cause {
                    let inner_words = inner.to_string();
                    if !words.contains(&inner_words) {
                        words = format!("{words}: {inner_words}");
                    }
                    cause = inner.source();
                }
                Err(words.chars().filter(|c| !c.is_control()).take(500).collect())
            }
        }
    }

    /// Sends a mail; returns the server's status.
    ///
    /// # Errors
    /// Why it was not accepted.
    pub fn send(&self, envelope: &Envelope<'_>) -> Result<u16, MailProblem> {
        let refused = |detail: &str| MailProblem::Refused { status: None, detail: detail.to_owned() };
        let message = self.message(envelope).map_err(|detail| refused(&detail))?;
        let sent = self.transport.send(&message).map_err(|e| problem(&e))?;
        Ok(u16::from(sent.code()))
    }

    /// Builds the mail. Every value passes through a type that encodes or refuses characters that could end a header.
    fn message(&self, envelope: &Envelope<'_>) -> Result<Message, String> {
        let none = || "The address is none a mail can be sent to.".to_owned();
        let address = mail_address(envelope.address).ok_or_else(none)?;
        let address: Address = address.parse().map_err(|_| none())?;
        let to = Mailbox::new(envelope.name.map(plain).filter(|name| !name.is_empty()), address);
        let mut message = Message::builder()
            .from(self.from.clone())
            .to(to)
            .subject(plain(&envelope.letter.subject))
            .message_id(Some(format!("<{}>", plain(envelope.message_id))));
        if let Some(id) = envelope.in_reply_to {
            message = message.in_reply_to(format!("<{}>", plain(id))).references(format!("<{}>", plain(id)));
        }
        let unsubscribe = envelope.unsubscribe.map(|url| {
            [
                ("List-Unsubscribe", format!("<{}>", plain(url))),
                ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click".to_owned()),
            ]
        });
        let automatic = [
            // Prevents automatic replies.
            ("Auto-Submitted", "auto-generated".to_owned()),
            ("X-Auto-Response-Suppress", "All".to_owned()),
        ];
        for (name, value) in unsubscribe.into_iter().flatten().chain(automatic) {
            let name = HeaderName::new_from_ascii(name.to_owned()).map_err(|e| e.to_string())?;
            message = message.raw_header(HeaderValue::new(name, value));
        }
        let parts = MultiPart::alternative_plain_html(envelope.letter.text.clone(), envelope.letter.html.clone());
        message.multipart(parts).map_err(|e| e.to_string())
    }
}

/// The text without line breaks.
fn plain(text: &str) -> String {
    let text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    text.trim().to_owned()
}

fn problem(error: &SmtpError) -> MailProblem {
    let detail: String = error.to_string().chars().filter(|c| !c.is_control()).take(500).collect();
    let status = error.status().map(u16::from);
    match status {
        Some(code) if error.is_permanent() => refusal(code, detail),
        _ if error.is_client() => MailProblem::Refused { status, detail },
        _ => MailProblem::Later { status, detail },
    }
}

/// Classifies a permanent refusal. An enhanced status (RFC 3463) is decisive: `5.1.1` means that there is no such
/// mailbox, while `5.7.1` is a policy against us and says nothing about the customer. Without one, the codes for
/// mailbox errors count.
fn refusal(code: u16, detail: String) -> MailProblem {
    let status = Some(code);
    // The server does not accept our credentials: the settings are wrong and may be corrected.
    if (530..540).contains(&code) {
        return MailProblem::Later { status, detail };
    }
    let enhanced = detail.split([' ', ':', '-']).find(|word| {
        let parts: Vec<&str> = word.split('.').collect();
        parts.len() == 3 && parts[0] == "5" && parts.iter().all(|part| part.parse::<u16>().is_ok())
    });
    let no_mailbox = match enhanced {
        Some(enhanced) => ["5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1"].contains(&enhanced),
        None => matches!(code, 550 | 551 | 553),
    };
    if no_mailbox { MailProblem::NoMailbox { status, detail } } else { MailProblem::Refused { status, detail } }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn mailer() -> Mailer {
        Mailer::new("smtp://127.0.0.1:1", "Paylo <voice@paylo.example>").unwrap()
    }

    proptest! {
        #[test]
        fn no_text_makes_a_header_of_its_own(name in any::<String>(), subject in any::<String>()) {
            let letter = Letter { subject: format!("{subject}\r\nBcc: evil@example.com"), text: "a".into(), html: "b".into() };
            let name = format!("{name}\r\nBcc: evil@example.com");
            let envelope = Envelope {
                address: "minji@example.com", name: Some(&name), letter: &letter, message_id: "1.told@paylo.example",
                in_reply_to: None, unsubscribe: Some("https://voice.example.com/unsubscribe/x"),
            };
            let mail = String::from_utf8(mailer().message(&envelope).unwrap().formatted()).unwrap();
            let head = mail.split("\r\n\r\n").next().unwrap_or_default();
            let names: Vec<String> = head
                .split("\r\n")
                .filter(|line| !line.starts_with([' ', '\t']))
                .map(|line| line.split(':').next().unwrap_or_default().to_ascii_lowercase())
                .collect();
            let ours = ["from", "to", "subject", "message-id", "list-unsubscribe", "list-unsubscribe-post",
                "auto-submitted", "x-auto-response-suppress", "mime-version", "date", "content-type"];
            prop_assert!(names.iter().all(|name| ours.contains(&name.as_str())), "{head}");
        }

        #[test]
        fn an_address_that_is_none_is_refused(address in "[^@]*(\r\n|\n|\0)[^@]*@example.com") {
            let letter = Letter { subject: "s".into(), text: "a".into(), html: "b".into() };
            let envelope = Envelope {
                address: &address, name: None, letter: &letter, message_id: "1.told@paylo.example",
                in_reply_to: None, unsubscribe: Some("https://voice.example.com/unsubscribe/x"),
            };
            prop_assert!(mailer().message(&envelope).is_err());
        }
    }

    #[test]
    fn a_refusal_of_the_mailbox_is_told_from_one_of_us() {
        let kind = |code, detail: &str| match refusal(code, detail.to_owned()) {
            MailProblem::Later { .. } => "later",
            MailProblem::NoMailbox { .. } => "no mailbox",
            MailProblem::Refused { .. } => "refused",
        };
        assert_eq!(kind(550, "permanent error (550): 5.1.1 no such user"), "no mailbox");
        assert_eq!(kind(550, "permanent error (550): No such user here"), "no mailbox");
        assert_eq!(kind(554, "permanent error (554): 5.7.1 Relay access denied"), "refused");
        assert_eq!(kind(550, "permanent error (550): 5.7.1 SPF failed for 10.1.1.1"), "refused");
        assert_eq!(kind(535, "permanent error (535): 5.7.8 bad credentials"), "later");
    }

    #[test]
    fn wrong_settings_are_named() {
        assert!(Mailer::new("http://host", "a@b.example").is_err_and(|e| e.contains("HEARBACK_SMTP_URL")));
        assert!(Mailer::new("smtp://host", "nobody").is_err_and(|e| e.contains("HEARBACK_MAIL_FROM")));
    }
}
