//! `hearback incident`: opens an incident from the command line, for a person who sees a failure on the server itself.

use clap::{Args, Subcommand};

use super::Database;
use crate::domain::base::Actor;
use crate::domain::base::decode::decode;
use crate::domain::operations::incident::{NewIncident, default_severity};
use crate::error::Result;
use crate::store::team::members;
use crate::usecase::operations::incidents;

/// Open an incident.
#[derive(Args)]
pub struct Incidents {
    #[command(flatten)]
    database: Database,
    #[command(subcommand)]
    action: IncidentAction,
}

#[derive(Subcommand)]
enum IncidentAction {
    /// Open an incident and print its number
    Open {
        /// Key or id of the product; the default product where absent
        #[arg(long)]
        product: Option<String>,
        /// What is broken, in a few words
        #[arg(long)]
        title: String,
        /// More about it
        #[arg(long)]
        summary: Option<String>,
        /// 1 (most severe) to 5
        #[arg(long, default_value_t = default_severity())]
        severity: i32,
        /// An affected service; may be given several times
        #[arg(long = "service")]
        services: Vec<String>,
    },
}

impl Incidents {
    /// Runs the command.
    ///
    /// # Errors
    /// Those of the database and of wrong arguments.
    pub fn run(self) -> Result<()> {
        let IncidentAction::Open { product, title, summary, severity, services } = self.action;
        // The rules of the API.
        let input = serde_json::json!({
            "product": product, "title": title, "summary": summary, "severity": severity, "services": services,
        });
        let input: NewIncident = decode(input)?;
        let app = self.database.open()?;
        let opened = app.store.write_now(Actor::COMMAND, move |tx| {
            let incident = incidents::open(tx, &input)?;
            let owner = members::get(tx.conn, incident.owner_id)?;
            Ok((incident, owner))
        })?;
        let (incident, owner) = opened;
        eprintln!("{} owns it. {}", owner.name, incident.owner_because);
        println!("{}", incident.number);
        Ok(())
    }
}
