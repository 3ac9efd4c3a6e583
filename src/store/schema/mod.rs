//! The tables, a file an area, with what export, restore and erasure do to each: see [`declare`]. They are the same for
//! both databases; a test compares them with each.

pub mod declare;
pub mod values;

// The modules have other names than their files, because some tables are called like their area.
#[macro_use]
#[path = "base.rs"]
mod base_tables;
#[macro_use]
#[path = "closure.rs"]
mod closure_tables;
#[macro_use]
#[path = "feedback.rs"]
mod feedback_tables;
#[macro_use]
#[path = "integrations.rs"]
mod integrations_tables;
#[macro_use]
#[path = "measures.rs"]
mod measures_tables;
#[macro_use]
#[path = "on_call.rs"]
mod on_call_tables;
#[macro_use]
#[path = "operations.rs"]
mod operations_tables;
#[macro_use]
#[path = "postmortems.rs"]
mod postmortem_tables;
#[macro_use]
#[path = "privacy.rs"]
mod privacy_tables;
#[macro_use]
#[path = "releases.rs"]
mod releases_tables;
#[macro_use]
#[path = "reports/tables.rs"]
mod report_tables;
#[macro_use]
#[path = "privacy/requests.rs"]
mod requests_tables;
#[macro_use]
#[path = "stories.rs"]
mod stories_tables;
#[macro_use]
#[path = "team.rs"]
mod team_tables;
#[macro_use]
#[path = "themes.rs"]
mod themes_tables;

pub use base_tables::*;
pub use closure_tables::*;
pub use feedback_tables::*;
pub use integrations_tables::*;
pub use measures_tables::*;
pub use on_call_tables::*;
pub use operations_tables::*;
pub use postmortem_tables::*;
pub use privacy_tables::*;
pub use releases_tables::*;
pub use report_tables::*;
pub use requests_tables::*;
pub use stories_tables::*;
pub use team_tables::*;
pub use themes_tables::*;

use crate::domain::privacy::records::data_map::{Basis, Handling, KeptFor, Purpose};
use declare::Table;

macro_rules! allow_in_same_query {
    ({ $($table:ident)+ }) => { diesel::allow_tables_to_appear_in_same_query!($($table),+); };
}

// Each of these adds the tables of its area and hands all of them to the next.
base_tables! {
    {} closure_tables feedback_tables integrations_tables measures_tables on_call_tables operations_tables postmortem_tables
    privacy_tables releases_tables report_tables requests_tables stories_tables team_tables themes_tables
    allow_in_same_query
}

/// The tables of each area, with what their data is handled for, unless a table says otherwise.
fn areas() -> [(&'static [Table], Handling); 15] {
    use Basis::{Contract, LegalObligation, LegitimateInterest};
    use KeptFor::{UntilErased, WhileUsed};
    let of = |purpose, basis, kept| Handling { purpose, basis, kept };
    [
        (base_tables::TABLES, of(Purpose::Running, LegitimateInterest, WhileUsed)),
        (closure_tables::TABLES, of(Purpose::Closing, Contract, UntilErased)),
        (feedback_tables::TABLES, of(Purpose::Listening, LegitimateInterest, UntilErased)),
        (integrations_tables::TABLES, of(Purpose::Running, LegitimateInterest, WhileUsed)),
        (measures_tables::TABLES, of(Purpose::Operating, LegitimateInterest, WhileUsed)),
        (on_call_tables::TABLES, of(Purpose::Operating, LegitimateInterest, WhileUsed)),
        (operations_tables::TABLES, of(Purpose::Operating, LegitimateInterest, UntilErased)),
        (postmortem_tables::TABLES, of(Purpose::Operating, LegitimateInterest, UntilErased)),
        (privacy_tables::TABLES, of(Purpose::Privacy, LegalObligation, WhileUsed)),
        (releases_tables::TABLES, of(Purpose::Planning, LegitimateInterest, UntilErased)),
        (report_tables::TABLES, of(Purpose::Planning, LegitimateInterest, UntilErased)),
        (requests_tables::TABLES, of(Purpose::Privacy, LegalObligation, WhileUsed)),
        (stories_tables::TABLES, of(Purpose::Planning, LegitimateInterest, UntilErased)),
        (team_tables::TABLES, of(Purpose::Access, LegitimateInterest, WhileUsed)),
        (themes_tables::TABLES, of(Purpose::Planning, LegitimateInterest, UntilErased)),
    ]
}

/// The declarations of all tables.
pub fn tables() -> impl Iterator<Item = &'static Table> {
    areas().into_iter().flat_map(|(tables, _)| tables)
}

/// All tables, with what their data is handled for: for the data map.
pub fn mapped() -> impl Iterator<Item = (&'static Table, Handling)> {
    let of = |table: &Table, handling: Handling| Handling { kept: table.kept.unwrap_or(handling.kept), ..handling };
    areas().into_iter().flat_map(move |(tables, handling)| tables.iter().map(move |table| (table, of(table, handling))))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::declare::{Column, DataKind, Erasure, Export, Restored, Table};
    use super::tables;
    use crate::store::schema::values::ColumnType;

    /// Each column for which `is_wrong` holds.
    fn wrong(is_wrong: impl Fn(&Table, &Column) -> bool) -> Vec<String> {
        let columns = tables().flat_map(|table| table.columns.iter().map(move |column| (table, column)));
        let wrong = columns.filter(|(table, column)| is_wrong(table, column));
        wrong.map(|(table, column)| format!("{}.{}", table.name, column.name)).collect()
    }

    #[test]
    fn every_column_of_text_says_what_erasing_a_person_does_to_it() {
        let undecided = wrong(|_, column| column.kind == ColumnType::Text && column.erasure.is_none());
        assert!(undecided.is_empty(), "may they name a customer? {undecided:?}");
        let surplus = wrong(|_, column| column.kind != ColumnType::Text && column.erasure.is_some());
        assert!(surplus.is_empty(), "no texts: {surplus:?}");
    }

    #[test]
    fn every_column_says_what_it_holds() {
        let untagged = wrong(|_, column| column.holds().is_none());
        assert!(untagged.is_empty(), "for the data map, say what they hold (`tagged`): {untagged:?}");
        let no_person =
            wrong(|_, column| column.refers == Some("customers") && column.holds() != Some(DataKind::Person));
        assert!(no_person.is_empty(), "an id of a customer is a person's: {no_person:?}");
    }

    #[test]
    fn every_reason_is_a_reason() {
        let too_short = wrong(|_, column| {
            let impersonal = matches!(column.erasure, Some(Erasure::Impersonal(why)) if why.len() < 5);
            impersonal || matches!(column.export, Export::LeftOut(why) if why.len() < 5)
        });
        let tables: Vec<_> = tables().filter(|table| table.line.is_err_and(|why| why.len() < 5)).collect();
        assert!(too_short.is_empty() && tables.is_empty(), "{too_short:?} {tables:?}");
    }

    #[test]
    fn what_tells_rows_apart_is_exported() {
        for table in tables().filter(|table| table.line.is_ok()) {
            for name in table.order() {
                let column = table.column(name).unwrap_or_else(|| panic!("{}.{name}", table.name));
                assert!(column.export == Export::Line && !column.nullable, "{}.{name}", table.name);
            }
        }
    }

    #[test]
    fn what_columns_and_tables_name_is_there() {
        let names: BTreeSet<&str> = tables().map(|table| table.name).collect();
        let unknown = wrong(|table, column| {
            let refers = column.refers.is_some_and(|name| !names.contains(name));
            refers || matches!(column.restored, Restored::From(from, _) if table.column(from).is_none())
        });
        assert!(unknown.is_empty(), "{unknown:?}");
        let after: Vec<_> = tables().flat_map(|table| table.after).filter(|name| !names.contains(*name)).collect();
        assert!(after.is_empty(), "{after:?}");
    }

    #[test]
    fn each_table_and_type_of_line_is_declared_once() {
        let names: BTreeSet<&str> = tables().map(|table| table.name).collect();
        assert_eq!(names.len(), tables().count());
        let lines: Vec<&str> = tables().filter_map(|table| table.line.ok()).collect();
        assert_eq!(BTreeSet::from_iter(&lines).len(), lines.len());
    }
}
