//! `hearback export`: writes the data as NDJSON.

use std::io::BufWriter;

use clap::Args;
use serde_json::json;

use super::Database;
use crate::domain::base::Actor;
use crate::domain::team::audit::AuditNote;
use crate::error::Result;
use crate::store::Store;
use crate::store::health::private;
use crate::store::team::audit;
use crate::usecase::privacy::access::waiting::{by_command, write_of_command};
use crate::usecase::transfer::export;

/// Write everything but secrets and history to standard output, as NDJSON that `hearback import` reads.
///
/// After an import elsewhere, customers who were told already are not told again. Tokens must be created there again;
/// webhooks come back disabled and need a new secret; links in mails that were sent before do not work there.
#[derive(Args)]
pub struct Export {
    #[command(flatten)]
    database: Database,
    /// Why the data is exported, for the access log
    #[arg(long)]
    reason: Option<String>,
}

impl Export {
    /// Writes the export.
    ///
    /// # Errors
    /// Those of the database and of standard output.
    pub fn run(self) -> Result<()> {
        let app = self.database.open()?;
        if private::tighten_output(&std::io::stdout()).unwrap_or(false) {
            eprintln!("The file contains personal data: its permissions are now restricted to its owner.");
        }
        let rows = export::export(&app.store, &mut BufWriter::new(std::io::stdout().lock()))?;
        eprintln!("{rows} rows exported.");
        note(&app.store, rows);
        if app.access.is_on() {
            let access = by_command("export", app.store.clock.now(), self.reason);
            if let Err(error) = write_of_command(&app.store, access) {
                eprintln!("The export could not be noted in the access log: {error}");
            }
        }
        Ok(())
    }
}

/// Notes the export in the audit log. An export of a database that takes no writes is complete all the same.
fn note(store: &Store, rows: u64) {
    let made = AuditNote { data: json!({ "rows": rows }), ..AuditNote::of("export.made") };
    if let Err(error) = store.write_now(Actor::COMMAND, move |tx| audit::note(tx, made.clone())) {
        eprintln!("The export could not be noted in the audit log: {error}");
    }
}
