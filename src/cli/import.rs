//! `hearback import`.

use std::fs::File;
use std::io::{self, IsTerminal, Read};
use std::time::Duration;

use clap::Args;
use clap::builder::PossibleValuesParser;
use indicatif::{ProgressBar, ProgressStyle};

use super::Database;
use crate::app::App;
use crate::connectors::{Format, Preset};
use crate::domain::{Actor, FilingRights, Id, Import as Done, ImportJob, ImportOptions, Paging, Source};
use crate::error::{Code, Error, Result};
use crate::jobs::import::{End, work_off};
use crate::jobs::import_options;
use crate::store::imports;

/// Rejected rows shown in the summary.
const SHOWN: i64 = 5;

/// Take in a file of feedback: CSV, NDJSON or JSON of any size.
#[derive(Args)]
pub struct Import {
    #[command(flatten)]
    database: Database,
    /// The file; - for standard input
    file: String,
    /// Its format; seen from the file where absent
    #[arg(long, value_parser = PossibleValuesParser::new(Format::NAMES))]
    format: Option<String>,
    /// Whose export it is; seen from the file where absent
    #[arg(long, value_parser = PossibleValuesParser::new(Preset::NAMES))]
    preset: Option<String>,
    /// JSON, our field to their column: {"text": "Body", "customer.email": "Requester email"}
    #[arg(long)]
    mapping: Option<String>,
    /// Check and count the rows, and file nothing
    #[arg(long)]
    dry_run: bool,
    /// Key of the product of rows that name none
    #[arg(long)]
    product: Option<String>,
    /// Source of rows that name none
    #[arg(long, value_parser = PossibleValuesParser::new(Source::ALL.iter().map(|source| source.as_str())))]
    source: Option<String>,
    /// Origin of rows that name none; the preset's name where absent
    #[arg(long)]
    origin: Option<String>,
}

impl Import {
    /// Reads the file and prints what became of its rows.
    ///
    /// # Errors
    /// Where the file as a whole can't be read; rejected rows are no error.
    pub fn run(self) -> Result<()> {
        let (file, bytes) = open(&self.file)?;
        let app = self.database.open()?;
        let options = app.store.read_now(|conn| import_options::check(conn, self.options()?))?;
        let dry_run = options.dry_run;
        let id = Id::next();
        let job = ImportJob { options, may_restore: true, by_command: true, rights: FilingRights::ALL };
        let holder = id.to_string();
        let claim = app.store.write_now(Actor::COMMAND, move |tx| {
            imports::begin(tx, id, &job, bytes.unwrap_or_default() as i64, Some(&holder))?;
            imports::claim(tx, id, &holder)?.ok_or_else(|| Error::internal("an import was not claimed"))
        })?;

        let bar = bar(bytes);
        let end = work_off(&app.store, &claim, bar.wrap_read(file), &mut |counts| {
            bar.set_message(format!("{} rows", counts.read));
            true
        })?;
        bar.finish_and_clear();
        summarise(&app, id, dry_run)?;
        match end {
            End::Failed(problem) => Err(Error::new(Code::Invalid, problem)),
            End::Done | End::Stopped => Ok(()),
        }
    }

    fn options(&self) -> Result<ImportOptions> {
        Ok(ImportOptions {
            format: self.format.clone(),
            preset: self.preset.clone(),
            mapping: self.mapping.as_deref().map(import_options::mapping_from).transpose()?,
            dry_run: self.dry_run,
            product: self.product.clone(),
            source: self.source.as_deref().and_then(|name| name.parse().ok()),
            origin: self.origin.clone(),
        })
    }
}

/// The file and its size, where it has one.
fn open(path: &str) -> Result<(Box<dyn Read>, Option<u64>)> {
    if path == "-" {
        return Ok((Box::new(io::stdin().lock()), None));
    }
    let unreadable = |e: io::Error| Error::new(Code::NotFound, format!("{path} can't be read: {e}."));
    let file = File::open(path).map_err(unreadable)?;
    let about = file.metadata().map_err(unreadable)?;
    if about.is_dir() {
        return Err(Error::new(Code::Invalid, format!("{path} is a folder.")));
    }
    Ok((Box::new(file), about.is_file().then_some(about.len())))
}

/// On a terminal only: elsewhere it would fill a log.
fn bar(bytes: Option<u64>) -> ProgressBar {
    let (bar, template) = match bytes {
        _ if !io::stderr().is_terminal() => return ProgressBar::hidden(),
        Some(bytes) => (ProgressBar::new(bytes), "{wide_bar} {percent}% {msg}, {eta} left"),
        None => (ProgressBar::new_spinner(), "{spinner} {bytes} {msg}"),
    };
    bar.enable_steady_tick(Duration::from_millis(200));
    match ProgressStyle::with_template(template) {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

fn summarise(app: &App, id: Id, dry_run: bool) -> Result<()> {
    let Done { counts, .. } = app.store.read_now(|conn| imports::get(conn, id))?;
    println!(
        "{} rows read: {} created, {} updated, {} unchanged, {} rejected.",
        counts.read, counts.created, counts.updated, counts.unchanged, counts.rejected
    );
    if dry_run {
        println!("This was a dry run: nothing was filed.");
    }
    if counts.rejected > 0 {
        let paging = Paging::new(Some(SHOWN), None, String::new())?;
        let first = app.store.read_now(|conn| imports::errors(conn, id, &paging))?;
        for error in &first.data {
            println!("  row {}: {} ({})", error.row, error.detail, error.code);
        }
        if first.next_cursor.is_some() {
            println!("  ... GET /v1/imports/{id}/errors lists them all.");
        }
    }
    Ok(())
}
