//! The data map: what the schema says of each column, who handles data, and which systems outside the settings name.

use crate::domain::base::Time;
use crate::domain::privacy::records::data_map::{DataMap, KeptFor, OutsideSystem};
use crate::error::Result;
use crate::store::Conn;
use crate::store::privacy::records::{data_parties, schema_map};

/// The settings that say how long data is kept, in days.
#[derive(Clone, Copy, Debug)]
pub struct KeptDays {
    pub audit: u32,
    pub access: u32,
    pub ledger: u32,
}

/// The data map of this database.
pub fn of(conn: &mut Conn, days: KeptDays, systems: Vec<OutsideSystem>, now: Time) -> Result<DataMap> {
    let mut tables = schema_map::tables();
    for table in &mut tables {
        table.kept_days = match table.kept {
            KeptFor::AuditDays => Some(days.audit),
            KeptFor::AccessDays => Some(days.access),
            KeptFor::LedgerDays => Some(days.ledger),
            KeptFor::UntilErased | KeptFor::WhileUsed | KeptFor::Short => None,
        };
    }
    let version = env!("CARGO_PKG_VERSION").to_owned();
    Ok(DataMap { made_at: now, version, parties: data_parties::all(conn)?, systems, tables })
}
