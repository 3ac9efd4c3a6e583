//! The tables, a file an area, with what export, restore and erasure do to each: see [`declare`]. They are the same for
//! both databases; a test compares them with each.

pub mod declare;
pub mod values;

// The modules have other names than their files, because some tables are called like their area.
#[path = "base.rs"]
mod base_tables;
#[path = "closure.rs"]
mod closure_tables;
#[path = "feedback.rs"]
mod feedback_tables;
#[path = "integrations.rs"]
mod integrations_tables;
#[path = "measures.rs"]
mod measures_tables;
#[path = "on_call.rs"]
mod on_call_tables;
#[path = "operations.rs"]
mod operations_tables;
#[path = "postmortems.rs"]
mod postmortem_tables;
#[path = "privacy.rs"]
mod privacy_tables;
#[path = "releases.rs"]
mod releases_tables;
#[path = "reports/tables.rs"]
mod report_tables;
#[path = "privacy/requests.rs"]
mod requests_tables;
#[path = "stories.rs"]
mod stories_tables;
#[path = "team.rs"]
mod team_tables;
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

/// Lets the tables of a line stand in one query with the first of them.
macro_rules! joined {
    ($($table:ident with $($other:ident)+;)+) => {
        $($(diesel::allow_tables_to_appear_in_same_query!($table, $other);)+)+
    };
}

// Which tables queries join, or look at in a condition. The compiler names a pair that is missing (`TableNotEqual`); add it to
// the line of either. Not simply all pairs: their implementations took half of the time that a build takes.
joined! {
    access_log with access_heads access_people;
    accounts with customer_identities feedback_search story_feedback;
    acts with act_items;
    audit_log with access_log delivery_attempts;
    closures with deliveries deployments imports links members note_mentions notes person_requests story_items webhooks;
    corrections with correction_items;
    customers with accounts closures customer_identities feedback_search feedback_tags incident_entries incidents
        legal_holds members note_mentions notes person_requests story_feedback story_items themes;
    deliveries with audit_log delivery_attempts;
    deployments with deployment_transitions incident_links;
    embeddings with feedback_vectors;
    erased_people with erasures import_chunks import_warnings;
    erasures with customer_identities;
    feedback with accounts closures customers deployments embeddings engine_state far_feedback feedback_search
        feedback_tags feedback_vectors import_errors imports incident_entries incidents legal_holds links members
        note_mentions notes person_requests products proposal_items proposals recurrences releases stories
        story_evidence story_feedback story_items themes webhooks;
    feedback_tags with accounts embeddings feedback_search story_feedback;
    import_errors with erased_people import_chunks import_warnings;
    import_warnings with import_chunks;
    imports with erased_people erasures import_chunks import_errors import_warnings webhooks;
    incident_entries with audit_log deliveries delivery_attempts legal_holds;
    incidents with deployments incident_entries incident_hand_offs incident_links incident_repeat_checks
        incident_tellings legal_holds links person_requests postmortems;
    links with deployments incident_links release_stories report_links;
    members with note_mentions notes presences sessions tokens;
    metric_intakes with metric_series;
    metrics with metric_intakes;
    notes with note_mentions;
    person_requests with audit_log deliveries delivery_attempts incident_entries legal_holds;
    postmortem_actions with postmortem_action_covers;
    postmortems with postmortem_actions;
    products with closures corrections customers deployments evaluations imports incident_entries incident_proposals
        incidents legal_holds metrics note_mentions notes person_requests postmortem_actions postmortems proposals
        release_stories releases report_subscription_products report_subscriptions reports stories story_blockers
        story_days story_themes themes webhooks;
    proposals with incident_proposals proposal_items release_stories release_texts signoffs story_texts trials;
    pull_requests with commits;
    release_stories with release_texts signoffs story_texts trials;
    releases with closures deployments incident_links incidents left_behind links proposals release_stories
        release_texts signoffs story_items story_texts trials;
    report_links with report_deliveries;
    report_subscriptions with report_subscription_products;
    reports with report_deliveries report_links;
    rota_overrides with rota_members;
    rotas with rota_members rota_overrides;
    saved_views with opening_views;
    signoffs with release_texts story_texts trials;
    stories with closures corrections customers links llm_drafts members note_mentions notes postmortem_actions
        postmortems recurrences release_stories signoffs story_blockers story_days story_dependencies story_items
        story_themes text_checks themes;
    story_blockers with left_behind story_dependencies;
    story_dependencies with left_behind;
    story_feedback with far_feedback feedback_search;
    story_items with accounts deployments far_feedback feedback_search feedback_tags links story_evidence
        story_feedback;
    story_texts with release_texts;
    story_themes with corrections roll_backs story_blockers;
    themes with accounts closures deployments embeddings feedback_search feedback_tags feedback_vectors imports links
        releases story_items story_themes webhooks;
    trials with release_texts story_texts;
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

    use super::declare::{Column, DataKind, Erasure, Export, Restored, Table, plain, refers};
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
        let no_person = wrong(|_, column| {
            let of_person = matches!(column.refers, Some("customers" | "members"));
            of_person && column.holds().map(|(kind, _)| kind) != Some(DataKind::Person)
        });
        assert!(no_person.is_empty(), "an id of a person is data of that person: {no_person:?}");
    }

    #[test]
    fn a_new_column_of_any_type_has_to_say_what_it_holds() {
        use ColumnType::{BigInt, Binary, Bool, Double, Integer, Text, TimeSql, UuidSql};
        for kind in [BigInt, Binary, Bool, Double, Integer, Text, TimeSql, UuidSql] {
            for nullable in [false, true] {
                assert_eq!(plain().named("height", kind, nullable).holds(), None, "{kind:?}");
                let tagged = plain().tagged(DataKind::Person).named("height", kind, nullable);
                assert!(matches!(tagged.holds(), Some((DataKind::Person, _))), "{kind:?}");
            }
        }
        // A rule is for one type: a number may be called like an id, and an id that refers to no table says whose it is.
        let misnamed =
            [("id", Integer), ("signed_by", BigInt), ("born_at", Integer), ("version", Double), ("owner_id", UuidSql)];
        for (name, kind) in misnamed {
            assert_eq!(plain().named(name, kind, false).holds(), None, "{name}");
        }
        assert!(refers("products").named("product_id", UuidSql, false).holds().is_some());
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
