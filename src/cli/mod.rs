//! The command line. Each command that needs the database opens `DATABASE_URL` itself, applies migrations, and logs to
//! standard error.

mod backup;
mod check_result;
mod demo;
mod doctor;
mod evaluate;
mod evaluate_postmortems;
mod export;
mod import;
mod import_file;
mod incident;
mod invite;
mod privacy_check;
mod serve;
mod settings_check;
mod token;

use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use tracing_subscriber::EnvFilter;

use crate::app::App;
use crate::clock::Clock;
use crate::config::Config;
use crate::error::{Error, Result};
use crate::store::health::private;

#[derive(Parser)]
#[command(
    name = "hearback",
    version,
    about = "Closed-loop voice of customer: what customers say becomes ranked stories"
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the API and the console
    Serve(serve::Serve),
    /// Bring the database's schema up to date
    Migrate(Database),
    /// Create, list and revoke tokens
    Token(token::Token),
    /// Invite a person to the console, or let a member set a new password: prints a link
    Invite(invite::Invite),
    /// Open an incident
    Incident(incident::Incidents),
    /// Import a file of feedback
    Import(import::Import),
    /// Write everything to standard output, to import it elsewhere
    Export(export::Export),
    /// Copy the database to a new file, also while it is being served
    Backup(backup::Backup),
    /// Check the settings and the database, and test mail server, embedder and language model
    Doctor(doctor::Doctor),
    /// Group a labelled file of feedback without a database, and score the themes
    Evaluate(evaluate::Evaluate),
    /// Print the API's description (OpenAPI 3.1)
    Openapi,
}

/// Settings of the commands that need only the database.
#[derive(Args, Clone, Debug)]
pub struct Database {
    /// Address of the database: sqlite://PATH or postgres://USER:PASSWORD@HOST/DATABASE
    #[arg(
        long,
        env = "DATABASE_URL",
        default_value = crate::config::DEFAULT_DATABASE,
        hide_env_values = true,
        global = true
    )]
    pub database_url: String,
    /// Log level
    #[arg(long, env = "HEARBACK_LOG", default_value = "warn", global = true)]
    pub log: String,
}

impl Database {
    /// Opens this database and applies migrations.
    ///
    /// # Errors
    /// If the database does not answer.
    pub fn open(&self) -> Result<App> {
        log_to_stderr(&self.log);
        let app = App::build(Config::for_command(&self.database_url), Clock::default())?;
        app.prepare()?;
        Ok(app)
    }
}

/// Runs the program.
pub fn run() -> ExitCode {
    // Files that this program writes contain personal data: only their owner may read them.
    private::keep_new_files_private();
    read_env_file();
    let done = match Cli::parse().command {
        Command::Serve(serve) => serve.run(),
        Command::Migrate(database) => migrate(&database),
        Command::Token(token) => token.run(),
        Command::Invite(invite) => invite.run(),
        Command::Incident(incident) => incident.run(),
        Command::Import(import) => import.run(),
        Command::Export(export) => export.run(),
        Command::Backup(backup) => backup.run(),
        Command::Doctor(doctor) => return doctor.run(),
        Command::Evaluate(evaluate) => evaluate.run(),
        Command::Openapi => openapi(),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => {
            eprintln!("hearback: {}", sentence(&e));
            ExitCode::FAILURE
        }
    }
}

/// Reads `.env` from the working folder only, because a folder above it may belong to somebody else. Environment
/// variables take precedence.
fn read_env_file() {
    match dotenvy::from_path(std::path::Path::new(".env")) {
        Ok(()) => {}
        Err(e) if e.not_found() => {}
        // The message does not show the line, because it may contain a password.
        Err(_) => eprintln!("hearback: .env has an invalid line; the settings after it are ignored."),
    }
}

/// The text of an error for a terminal.
fn sentence(error: &Error) -> String {
    let fields: Vec<String> = error.fields.iter().map(|f| format!("{} {}", f.pointer, f.detail)).collect();
    if fields.is_empty() { error.detail.clone() } else { format!("{} {}", error.detail, fields.join("; ")) }
}

fn migrate(database: &Database) -> Result<()> {
    database.open()?;
    println!("The schema is up to date.");
    Ok(())
}

fn openapi() -> Result<()> {
    let text = serde_json::to_string_pretty(crate::http::base::operations::description()).map_err(Error::internal)?;
    println!("{text}");
    Ok(())
}

/// Human-readable log lines on standard error.
fn log_to_stderr(filter: &str) {
    let filter = EnvFilter::try_new(filter).unwrap_or_else(|_| EnvFilter::new("info"));
    let _ = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).try_init();
}
