//! `hearback backup`: copies a SQLite database.

use std::path::PathBuf;

use clap::Args;

use super::{Database, log_to_stderr};
use crate::app::App;
use crate::clock::Clock;
use crate::config::Config;
use crate::error::{Code, Error, Result};
use crate::store::Location;
use crate::usecase::privacy::access::waiting::{by_command, write_of_command};

/// Copy the database to a new file, also while it is being served.
#[derive(Args)]
pub struct Backup {
    #[command(flatten)]
    database: Database,
    /// The file to write; it must not exist yet
    file: PathBuf,
    /// Why the copy is made, for the access log
    #[arg(long)]
    reason: Option<String>,
}

impl Backup {
    /// Copies the database.
    ///
    /// # Errors
    /// If the file exists already, and on PostgreSQL.
    pub fn run(self) -> Result<()> {
        log_to_stderr(&self.database.log);
        let app = App::build(Config::for_command(&self.database.database_url), Clock::default())?;
        // A backup neither migrates nor creates the database.
        if let Location::Sqlite(path) = &app.store.location
            && !std::path::Path::new(path).exists()
        {
            return Err(Error::new(Code::NotFound, format!("There is no database at {path}.")));
        }
        app.store.backup(&self.file)?;
        if app.access.is_on() {
            let access = by_command("backup", app.store.clock.now(), self.reason);
            if let Err(error) = write_of_command(&app.store, access) {
                eprintln!("The copy could not be noted in the access log: {error}");
            }
        }
        println!("The database is copied to {}.", self.file.display());
        Ok(())
    }
}
