//! `hearback export`.

use std::io::BufWriter;

use clap::Args;

use super::Database;
use crate::error::Result;
use crate::store::health::private;
use crate::usecase::transfer::export;

/// Write everything but secrets and history to standard output, as NDJSON that `hearback import` reads.
///
/// Imported elsewhere, nobody who was told is told again. Tokens are made anew there; webhooks come back disabled, each with
/// a new secret to rotate; links in mails sent before answer there no more.
#[derive(Args)]
pub struct Export {
    #[command(flatten)]
    database: Database,
}

impl Export {
    /// Writes it.
    ///
    /// # Errors
    /// Those of the database and of standard output.
    pub fn run(self) -> Result<()> {
        let app = self.database.open()?;
        if private::tighten_output(&std::io::stdout()).unwrap_or(false) {
            eprintln!("The file is now for its owner alone: it holds personal data.");
        }
        let rows = export::export(&app.store, &mut BufWriter::new(std::io::stdout().lock()))?;
        eprintln!("{rows} rows exported.");
        Ok(())
    }
}
