//! `hearback import`: imports a file of feedback or an export.

use std::io::{self, IsTerminal, Write};
use std::time::Duration;

use clap::Args;
use clap::builder::PossibleValuesParser;
use indicatif::{ProgressBar, ProgressStyle};

use super::Database;
use super::import_file::ImportFile;
use crate::app::App;
use crate::domain::base::{Actor, Id, Paging};
use crate::domain::feedback::{Import as Done, ImportJob, ImportOptions, ImportReading, Source};
use crate::domain::team::FilingRights;
use crate::error::{Code, Error, Result};
use crate::jobs::feedback::import::{End, work_off};
use crate::outside::import::{DateOrder, DecimalMark, Format, Preset, mapping_fields};
use crate::store::feedback::{importing::import_notes, imports};
use crate::usecase::feedback::import_options;

/// Rejected rows and warnings shown in the summary.
const SHOWN: i64 = 5;

/// Import a file of feedback: CSV, NDJSON or JSON of any size, also compressed with gzip.
///
/// How to read the file (its encoding, the order of its dates, the scale of its ratings) is decided from the whole
/// file, printed, and can be set by options. The exit code is 1 if rows were rejected (see --allow-rejected), or if the
/// file can't be read.
#[derive(Args)]
#[command(after_long_help = fields_help())]
pub struct Import {
    #[command(flatten)]
    database: Database,
    /// The file; - for standard input
    file: String,
    /// Format of the file; detected if absent
    #[arg(long, value_parser = PossibleValuesParser::new(Format::NAMES))]
    format: Option<String>,
    /// System that exported the file; detected if absent
    #[arg(long, value_parser = PossibleValuesParser::new(Preset::NAMES))]
    preset: Option<String>,
    /// JSON from our field to the file's column: {"text": "Body", "customer.email": "Requester email", "product":
    /// null}. null means that no column is that field, whatever it is called. --help lists the fields
    #[arg(long)]
    mapping: Option<String>,
    /// Check and count the rows without filing anything
    #[arg(long)]
    dry_run: bool,
    /// Key of the product of rows that do not name one
    #[arg(long)]
    product: Option<String>,
    /// Source of rows that do not name one
    #[arg(long, value_parser = PossibleValuesParser::new(Source::ALL.iter().map(|source| source.as_str())))]
    source: Option<String>,
    /// Origin of rows that do not name one; the preset's name if absent. Ids are unique within an origin
    #[arg(long)]
    origin: Option<String>,
    /// The encoding, such as cp949, windows-1252 or shift_jis; detected if absent
    #[arg(long)]
    encoding: Option<String>,
    /// The order of day, month and year in numeric dates; detected for each column if absent
    #[arg(long, value_parser = PossibleValuesParser::new(DateOrder::NAMES))]
    date_order: Option<String>,
    /// The time zone of times without one, such as +09:00 or Europe/Berlin; UTC if absent
    #[arg(long, allow_hyphen_values = true)]
    time_zone: Option<String>,
    /// The decimal separator of amounts; detected for each column if absent
    #[arg(long, value_parser = PossibleValuesParser::new(DecimalMark::NAMES))]
    decimal_mark: Option<String>,
    /// The highest possible rating, such as 10; detected for each column if absent
    #[arg(long)]
    rating_scale: Option<u32>,
    /// The currency of amounts that do not name one; the product's if absent
    #[arg(long)]
    currency: Option<String>,
    /// Exit with 0 even if rows were rejected
    #[arg(long)]
    allow_rejected: bool,
}

fn fields_help() -> String {
    format!("Fields that columns can be mapped to (columns of the same name need no mapping):\n{}", mapping_fields())
}

impl Import {
    /// Imports the file and prints a summary.
    ///
    /// # Errors
    /// If the file can't be read, or if rows were rejected and that is not allowed.
    pub fn run(self) -> Result<()> {
        let file = ImportFile::open(&self.file)?;
        let app = self.database.open()?;
        let options = app.store.read_now(|conn| import_options::check(conn, self.options()?))?;
        let dry_run = options.dry_run;
        let (id, bytes) = (Id::next(), file.bytes());
        let job = ImportJob {
            options,
            may_restore: true,
            by_command: true,
            rights: FilingRights::ALL,
            charset: None,
            products: None,
        };
        let holder = id.to_string();
        let claim = app.store.write_now(Actor::COMMAND, move |tx| {
            imports::begin(tx, id, &job, bytes as i64, Some(&holder))?;
            imports::claim(tx, id, &holder)?.ok_or_else(|| Error::internal("an import was not claimed"))
        })?;

        let bar = bar(bytes);
        let end = work_off(&app.store, &claim, file.watched(&bar), &mut |counts| {
            bar.set_message(format!("{} rows", counts.read));
            true
        })?;
        bar.finish_and_clear();
        let done = app.store.read_now(|conn| imports::get(conn, id))?;
        let said = summarise(&app, &done, dry_run)?;
        // A closed pipe must not make the import fail.
        let _ = io::stdout().write_all(said.as_bytes());
        match end {
            End::Failed(problem) => Err(Error::new(Code::Invalid, problem)),
            End::Done | End::Stopped if done.counts.rejected > 0 && !self.allow_rejected => {
                let detail =
                    format!("{} rows were rejected (with --allow-rejected the exit code is 0).", done.counts.rejected);
                Err(Error::new(Code::Invalid, detail))
            }
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
            encoding: self.encoding.clone(),
            date_order: self.date_order.clone(),
            time_zone: self.time_zone.clone(),
            decimal_mark: self.decimal_mark.clone(),
            rating_scale: self.rating_scale,
            currency: self.currency.clone(),
        })
    }
}

/// A progress bar, on a terminal only: elsewhere it would fill a log.
fn bar(bytes: u64) -> ProgressBar {
    if !io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(bytes);
    bar.enable_steady_tick(Duration::from_millis(200));
    match ProgressStyle::with_template("{wide_bar} {percent}% {msg}") {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

/// The summary of an import, for people.
fn summarise(app: &App, done: &Done, dry_run: bool) -> Result<String> {
    let counts = done.counts;
    let mut said = done.reading.as_ref().map(read_as).unwrap_or_default();
    said += &format!(
        "{} rows read: {} created, {} updated, {} unchanged, {} rejected, {} skipped; {} filed with warnings.\n",
        counts.read, counts.created, counts.updated, counts.unchanged, counts.rejected, counts.skipped, counts.warned
    );
    if dry_run {
        said += "This was a dry run: nothing was filed.\n";
    }
    let id = done.id;
    if counts.rejected > 0 {
        let paging = Paging::new(Some(SHOWN), None, String::new())?;
        let first = app.store.read_now(|conn| import_notes::errors(conn, id, &paging))?;
        for error in &first.data {
            said += &format!("  row {}: {} ({})\n", error.row, error.detail, error.code);
        }
        if first.next_cursor.is_some() {
            said += &format!("  ... GET /v1/imports/{id}/errors lists the first {}.\n", import_notes::KEPT);
        }
    }
    if counts.warnings > 0 {
        let paging = Paging::new(Some(2 * SHOWN), None, String::new())?;
        let first = app.store.read_now(|conn| import_notes::warnings(conn, id, &paging))?;
        said += "Warnings:\n";
        for warning in &first.data {
            let place = warning.row.map_or_else(|| "file".to_owned(), |row| format!("row {row}"));
            let field = warning.field.as_deref().map(|field| format!(" {field}")).unwrap_or_default();
            said += &format!("  {place}:{field} {} ({})\n", warning.detail, warning.code);
        }
        if first.next_cursor.is_some() {
            said += &format!(
                "  ... GET /v1/imports/{id}/warnings lists the first {} of {}.\n",
                import_notes::KEPT,
                counts.warnings
            );
        }
    }
    if counts.unreachable > 0 {
        said += &format!(
            "Rows of customers without an address, who can't be mailed: {}. Map `customer.email`, or \
             set a webhook whose `desk_origin` is this origin, so that the desk tells them.\n",
            counts.unreachable
        );
    }
    Ok(said)
}

/// The rules by which columns were found: those of the system that exported the file, or the names of our own fields.
fn whose(preset: &str) -> String {
    if preset == "csv" { "columns by the names of fields".to_owned() } else { format!("preset {preset}") }
}

/// How the file was read, in one line, and its columns in another.
fn read_as(reading: &ImportReading) -> String {
    let packed = if reading.packed { ", gzip" } else { "" };
    let zone = &reading.time_zone;
    let mut said = format!("Read as {} ({}{packed}), {}", reading.format, reading.encoding, whose(&reading.preset));
    if !zone.is_empty() {
        said += &format!(", times without a zone in {zone}");
    }
    said += ".\n";
    let column = |column: &crate::domain::feedback::ImportColumn| match &column.read_as {
        Some(how) => format!("{} from {} ({how})", column.field, column.column),
        None => format!("{} from {}", column.field, column.column),
    };
    let columns: Vec<String> = reading.columns.iter().map(column).collect();
    if !columns.is_empty() {
        said += &format!("Columns: {}.\n", columns.join(", "));
    }
    let unused: Vec<&str> = reading.unused_columns.iter().take(20).map(String::as_str).collect();
    if !unused.is_empty() {
        said += &format!("Not used: {}.\n", unused.join(", "));
    }
    said
}
