//! `hearback doctor`: checks the settings, the database and the external services.

use std::process::ExitCode;
use std::sync::Arc;

use clap::Args;

use super::check_result::CheckResult;
use super::{privacy_check, settings_check};
use crate::config::Config;
use crate::outside::models::chat::Chat;
use crate::outside::models::embeddings::Embedder;
use crate::store::base::{conn, migrate};
use crate::store::health::{drift, integrity, replication};
use crate::store::{Addresses, Conn, Location};

/// Check the settings, the database and its integrity, and test the mail server, the embedder and the language model.
/// Sends nothing to customers and writes nothing.
#[derive(Args)]
pub struct Doctor {
    #[command(flatten)]
    config: Config,
}

/// Prints one line for each finding.
#[derive(Default)]
struct Findings {
    sick: bool,
}

impl Findings {
    fn say(&mut self, what: &str, finding: impl Into<CheckResult>) {
        match finding.into() {
            CheckResult::Good => println!("ok    {what}"),
            CheckResult::Doubtful(doubt) => println!("WARN  {what}: {doubt}"),
            CheckResult::Wrong(problem) => {
                self.sick = true;
                println!("WRONG {what}: {problem}");
            }
        }
    }
}

impl Doctor {
    /// Prints one line for each check. Fails if a check fails; warnings do not count.
    pub fn run(self) -> ExitCode {
        let mut report = Findings::default();
        let problems = self.config.problems();
        report.say("settings", if problems.is_empty() { Ok(()) } else { Err(problems.join(" ")) });
        for doubt in settings_check::doubts(&self.config) {
            report.say("settings", CheckResult::Doubtful(doubt));
        }
        if let Ok(addresses) = self.config.database.addresses(&self.config.database_url) {
            let location = addresses.direct.clone();
            check_addresses(&mut report, &addresses);
            check_database(&mut report, &location);
            privacy_check::run(&self.config, &location, &mut |what, found| report.say(what, found));
        }
        self.check_mail(&mut report);
        self.check_models(&mut report);
        if report.sick { ExitCode::FAILURE } else { ExitCode::SUCCESS }
    }

    /// Connects to the mail server, greets it and signs in, without sending anything.
    fn check_mail(&self, report: &mut Findings) {
        match self.config.mailer() {
            Ok(Some(mailer)) => report.say("mail server", mailer.check()),
            Ok(None) => report.say("mail server (none is set: agents tell customers)", Ok(())),
            // Already reported as a wrong setting.
            Err(_) => {}
        }
    }

    fn check_models(&self, report: &mut Findings) {
        match self.config.embedder() {
            Ok(Some(embedder)) => report.say("embedder", try_embedder(&embedder)),
            Ok(None) => {}
            Err(problem) => report.say("embedder", Err(problem)),
        }
        if let Some(chat) = self.config.chat() {
            report.say("language model", try_chat(&chat));
        }
    }
}

/// Requests the vectors of two texts.
fn try_embedder(embedder: &Arc<dyn Embedder>) -> Result<(), String> {
    let texts = ["The refund has not arrived".to_owned(), "환불이 아직 안 들어왔어요".to_owned()];
    let vectors = embedder.embed(&texts).map_err(|failure| failure.to_string())?;
    match vectors.iter().map(Vec::len).collect::<Vec<_>>()[..] {
        [one, other] if one == other && one > 0 => Ok(()),
        _ => Err("it did not return two vectors for two texts.".to_owned()),
    }
}

/// Requests a short answer.
fn try_chat(chat: &Chat) -> Result<(), String> {
    let answer = chat.ask("Answer with the JSON object {\"ok\": true} and nothing else.", "{}");
    answer.map(drop).map_err(|failure| failure.to_string())
}

/// Whether the addresses lead where the settings say; for PostgreSQL.
fn check_addresses(report: &mut Findings, addresses: &Addresses) {
    if let Location::Sqlite(_) = &addresses.direct {
        return;
    }
    // A database that does not answer is reported with the database itself.
    let Ok(setup) = replication::check(addresses) else { return };
    setup.doubts.into_iter().for_each(|doubt| report.say("addresses and replicas", CheckResult::Doubtful(doubt)));
    let wrong = if setup.wrong.is_empty() { Ok(()) } else { Err(setup.wrong.join(" ")) };
    report.say("addresses and replicas", wrong);
}

fn check_database(report: &mut Findings, location: &Location) {
    if let Some(problem) = missing(location) {
        return report.say("database", Err(problem));
    }
    let mut conn = match conn::reach(location, false) {
        Ok(conn) => conn,
        Err(e) => return report.say("database", Err(e.detail)),
    };
    report.say("database", Ok(()));
    let schema = match migrate::pending(&mut conn) {
        Ok(pending) if pending.is_empty() => as_declared(&mut conn),
        Ok(pending) => Err(format!("migrations are missing: {}. Run `hearback migrate`.", pending.join(", "))),
        Err(e) => Err(e.detail),
    };
    report.say("schema", schema);
    if migrate::newer(&mut conn).is_ok_and(|newer| !newer.is_empty()) {
        report.say("schema", CheckResult::Doubtful(format!("{}.", migrate::NEWER)));
    }
    let findings = integrity::findings(&mut conn);
    let whole = match findings.is_empty() {
        true => Ok(()),
        false => Err(format!("{}. Restore a backup and check the disk.", findings.join(". "))),
    };
    report.say("integrity", whole);
}

/// Whether the tables are as this version made them; other tables and columns may be somebody's own.
fn as_declared(conn: &mut Conn) -> Result<(), String> {
    let wrong = drift::drift(conn).map_err(|e| e.detail)?.wrong;
    let differs = || format!("the tables were changed: {}. Restore a backup, or change them back.", wrong.join("; "));
    if wrong.is_empty() { Ok(()) } else { Err(differs()) }
}

/// A message if the SQLite file does not exist yet: serving would create it, but a check must not.
fn missing(location: &Location) -> Option<String> {
    match location {
        Location::Sqlite(path) if !std::path::Path::new(path).exists() => {
            Some(format!("{path} is not there yet; `hearback serve` or `hearback migrate` creates it."))
        }
        _ => None,
    }
}
