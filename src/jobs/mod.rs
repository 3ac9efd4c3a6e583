//! Background jobs. [`all`] lists every job; the server starts and stops them together, and tests step them one by one.

pub mod base;
pub mod closure;
pub mod feedback;
pub mod integrations;
pub mod measures;
pub mod operations;
pub mod outbox;
pub mod privacy;
pub mod reports;
pub mod stories;
pub mod themes;

use base::housekeeping::{Housekeeping, Kept};
use base::scheduler::{Job, Step, Stepped};
use base::vacuum::Scrubbing;
use base::watching::Watching;
use closure::reminders::Reminders;
use feedback::acts::Acts;
use feedback::import::Imports;
use feedback::recognition::Recognition;
use integrations::feed::FeedReader;
use measures::metrics::RollUp;
use measures::pulls::Pulls;
use operations::bursts::Bursts;
use operations::hand_offs::HandOffs;
use operations::paging::Paging;
use operations::postmortems::Postmortems;
use operations::watchdog::Watchdog;
use outbox::Outbox;
use privacy::access_log::{AccessLogWriter, KeptAccess};
use privacy::retention::Retention;
use reports::subscribed::Subscribed;
use stories::deadlines::Deadlines;
use stories::llm_drafting::LlmDrafting;
use themes::embedding::Embedding;
use themes::grouping::Grouping;

use crate::app::App;
use crate::error::{Code, Error, Result};

/// All jobs that the settings ask for, in the order in which the server waits for them when it stops: those that write
/// for customers first, those that maintain the database last.
///
/// # Errors
/// If a setting is wrong.
pub fn all(app: &App) -> Result<Vec<Box<dyn Job>>> {
    let store = || app.store.clone();
    let sends_mail = app.config.smtp_url.is_some();
    let mut jobs: Vec<Box<dyn Job>> = vec![
        Box::new(Paging::new(store())),
        Box::new(Reminders::new(store())),
        Box::new(Deadlines::new(store())),
        Box::new(HandOffs::new(store())),
        Box::new(Bursts::new(store())),
        Box::new(Postmortems::new(store())),
        Box::new(Subscribed::new(store())),
        Box::new(Recognition::new(store())),
        Box::new(Acts::new(store())),
        Box::new(Imports::new(store()).limited(app.config.import_limit)),
        Box::new(Outbox::of(app)?),
        Box::new(FeedReader::new(store(), app.feed.clone())),
        Box::new(Grouping::of(app)),
        Box::new(Retention::new(store())),
        Box::new(RollUp::new(store())),
        Box::new(Pulls::of(app)),
    ];
    if let Some(embedder) = &app.embedder {
        jobs.push(Box::new(Embedding::new(store(), embedder.clone())));
    }
    if let Some(chat) = app.config.chat() {
        jobs.push(Box::new(LlmDrafting::new(store(), chat, app.config.llm_per_hour)));
    }
    let privacy = &app.config.privacy;
    let kept = KeptAccess { access_days: privacy.access_days, permission_days: privacy.permission_days };
    let journal = privacy.journal(&app.store.location);
    jobs.push(Box::new(AccessLogWriter::new(store(), app.access.clone(), journal, kept)));
    let kept = Kept { audit_days: app.config.audit_days, ledger_days: app.config.ledger_days };
    jobs.push(Box::new(Housekeeping::new(store(), app.verifier.clone(), kept)));
    jobs.push(Box::new(Scrubbing::new(store())));
    jobs.push(Box::new(Watching::new(store())));
    jobs.push(Box::new(Watchdog::new(store(), sends_mail)));
    Ok(jobs)
}

/// Does one unit of work of the job with this name on this thread, as the server would: prepares it, counts the work,
/// and releases its lease. For tests and commands.
///
/// # Errors
/// 404 if no job has this name or the settings do not ask for it; those of the job.
pub fn step(app: &App, name: &str) -> Result<Step> {
    let job = all(app)?.into_iter().find(|job| job.name() == name);
    let job = job.ok_or_else(|| Error::new(Code::NotFound, format!("There is no job {name}.")))?;
    let mut stepped = Stepped::new(job);
    let done = stepped.step(&|| true);
    stepped.end();
    done
}
