//! Settings of the access log and of the ledger of erasures.

use std::path::PathBuf;

use clap::Args;

use crate::store::Location;

/// Settings of the access log and of the ledger of erasures.
#[derive(Args, Clone, Debug)]
pub struct PrivacyConfig {
    /// Days for which the access log is kept; 0 keeps none
    #[arg(long, env = "HEARBACK_ACCESS_DAYS", default_value_t = 730)]
    pub access_days: u32,

    /// Days for which changes of permissions are kept in the access log
    #[arg(long, env = "HEARBACK_PERMISSION_DAYS", default_value_t = 1095)]
    pub permission_days: u32,

    /// Whether a download needs a reason: optional or required
    #[arg(long, env = "HEARBACK_ACCESS_REASON", default_value = "optional")]
    pub access_reason: String,

    /// The file with the ledger of erasures; beside a SQLite database where absent, none with PostgreSQL; - for none
    #[arg(long, env = "HEARBACK_ERASURE_LEDGER")]
    pub erasure_ledger: Option<String>,
}

impl PrivacyConfig {
    /// Whether a download without a reason is refused.
    pub fn asks_for_reasons(&self) -> bool {
        self.access_reason == "required"
    }

    /// The file of the ledger of erasures, if there is one.
    pub fn ledger(&self, location: &Location) -> Option<PathBuf> {
        match self.erasure_ledger.as_deref().map(str::trim).filter(|set| !set.is_empty()) {
            Some("-") => None,
            Some(set) => Some(PathBuf::from(set)),
            None => match location {
                Location::Sqlite(path) => Some(PathBuf::from(format!("{path}.erasures"))),
                Location::Postgres(_) => None,
            },
        }
    }

    /// Errors in the settings, one sentence each.
    pub fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        if self.access_days > 10_000 {
            problems.push("HEARBACK_ACCESS_DAYS must be from 0 to 10000.".to_owned());
        }
        if !(1..=10_000).contains(&self.permission_days) {
            problems.push("HEARBACK_PERMISSION_DAYS must be from 1 to 10000.".to_owned());
        }
        if !["optional", "required"].contains(&self.access_reason.as_str()) {
            problems.push("HEARBACK_ACCESS_REASON must be optional or required.".to_owned());
        }
        problems
    }
}
