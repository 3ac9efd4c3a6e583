//! Every column of the database that holds text, and what erasing a person does to it. `usecase/privacy/erased_texts.rs` looks for
//! the person in those listed here; a test holds the lists against the schema, so that no new column is forgotten.

use diesel::sql_query;
use diesel::sql_types::{Nullable, Text};

use crate::domain::base::Id;
use crate::error::Result;
use crate::store::Tx;
use crate::store::base::conn::{Conn, on_each};
use crate::store::base::query::*;
use crate::store::base::types::DbId;
use crate::store::schema::{deliveries, delivery_attempts};

/// What a text becomes that names or quotes an erased person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Becomes {
    /// `[erased]`.
    Erased,
    /// The same in each line that names or quotes the person; the other lines stay.
    Lines,
    /// The same with a number: no two may be the same.
    Unique,
    /// JSON whose texts each become what they must.
    Json,
    /// The address of a webhook: nothing is sent to it any more.
    Address,
}

/// A column of text.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    pub table: &'static str,
    pub name: &'static str,
    pub becomes: Becomes,
    /// Whether the row has a version, for those who read it before.
    versioned: bool,
}

const fn column(table: &'static str, name: &'static str, becomes: Becomes, versioned: bool) -> Column {
    Column { table, name, becomes, versioned }
}

/// The columns in which people of the team, or other programs, may have written of a customer.
pub const WRITTEN: [Column; 37] = [
    column("feedback", "dismissed_reason", Becomes::Erased, true),
    column("closures", "reason", Becomes::Erased, true),
    column("closures", "note", Becomes::Erased, true),
    column("notes", "text", Becomes::Lines, true),
    column("tell_choices", "reason", Becomes::Erased, false),
    column("left_behind", "entry", Becomes::Erased, false),
    column("products", "name", Becomes::Erased, true),
    column("products", "settings", Becomes::Json, true),
    column("releases", "name", Becomes::Unique, true),
    column("deployments", "environment", Becomes::Erased, false),
    column("deployments", "service", Becomes::Erased, false),
    column("deployments", "revision", Becomes::Erased, false),
    column("deployments", "url", Becomes::Erased, false),
    column("deployments", "source", Becomes::Unique, false),
    column("deployments", "external_id", Becomes::Unique, false),
    column("links", "repository", Becomes::Unique, false),
    column("links", "reference", Becomes::Unique, false),
    column("links", "url", Becomes::Erased, false),
    column("repositories", "name", Becomes::Erased, false),
    column("webhooks", "url", Becomes::Address, true),
    column("webhooks", "description", Becomes::Erased, true),
    column("webhooks", "desk_origin", Becomes::Erased, true),
    column("webhooks", "events", Becomes::Json, true),
    column("webhooks", "disabled_reason", Becomes::Erased, true),
    column("tokens", "name", Becomes::Erased, false),
    column("imports", "options", Becomes::Json, false),
    column("imports", "problem", Becomes::Erased, false),
    column("imports", "reading", Becomes::Json, false),
    column("import_errors", "detail", Becomes::Erased, false),
    column("import_warnings", "field", Becomes::Erased, false),
    column("import_warnings", "detail", Becomes::Erased, false),
    column("deliveries", "body", Becomes::Json, false),
    column("deliveries", "last_error", Becomes::Erased, false),
    column("delivery_attempts", "error", Becomes::Erased, false),
    column("proposals", "reason", Becomes::Erased, false),
    column("llm_drafts", "outcome", Becomes::Erased, false),
    column("hook_deliveries", "delivery_id", Becomes::Unique, false),
];

/// The texts of a column, each once.
///
/// # Errors
/// Those of the database.
pub fn texts(conn: &mut Conn, column: &Column) -> Result<Vec<String>> {
    #[derive(QueryableByName)]
    struct Found {
        #[diesel(sql_type = Nullable<Text>)]
        found: Option<String>,
    }
    let Column { table, name, .. } = column;
    let query = format!("SELECT DISTINCT {name} AS found FROM {table} WHERE {name} IS NOT NULL");
    let rows: Vec<Found> = on_each!(conn, c => sql_query(query).load(c))?;
    Ok(rows.into_iter().filter_map(|row| row.found).collect())
}

/// Puts another text wherever a column has this one.
///
/// # Errors
/// Those of the database.
pub fn replace(tx: &mut Tx<'_>, column: &Column, text: &str, instead: &str) -> Result<()> {
    let Column { table, name, versioned, becomes } = column;
    let version = if *versioned { ", version = version + 1" } else { "" };
    let off = match becomes {
        Becomes::Address => ", active = FALSE, disabled_reason = 'Its address named a person who was erased.'",
        _ => "",
    };
    let set = |new: &str, old: &str| format!("UPDATE {table} SET {name} = {new}{version}{off} WHERE {name} = {old}");
    match tx.conn {
        Conn::Sqlite(c) => sql_query(set("?", "?")).bind::<Text, _>(instead).bind::<Text, _>(text).execute(c)?,
        Conn::Postgres(c) => sql_query(set("$1", "$2")).bind::<Text, _>(instead).bind::<Text, _>(text).execute(c)?,
    };
    Ok(())
}

/// Forgets what mail servers and others answered when these were told something: they like to repeat whom it was for.
///
/// # Errors
/// Those of the database.
pub fn clear_answers_to(tx: &mut Tx<'_>, targets: &[Id]) -> Result<()> {
    for targets in targets.chunks(500) {
        let targets = targets.iter().map(|id| DbId(*id));
        let theirs = deliveries::table.filter(deliveries::target_id.eq_any(targets));
        let ids: Vec<DbId> = theirs.select(deliveries::id).load(tx.conn)?;
        let rows = deliveries::table.filter(deliveries::id.eq_any(&ids));
        diesel::update(rows).set(deliveries::last_error.eq(None::<String>)).execute(tx.conn)?;
        let rows = delivery_attempts::table.filter(delivery_attempts::delivery_id.eq_any(&ids));
        diesel::update(rows).set(delivery_attempts::error.eq(None::<String>)).execute(tx.conn)?;
    }
    Ok(())
}

/// Columns that are cleared elsewhere, row by row: `usecase/privacy/erasure.rs` knows what each becomes.
#[cfg(test)]
const ELSEWHERE: [&str; 40] = [
    "customers.name",
    "customers.email",
    "customers.email_folded",
    "customer_identities.origin",
    "customer_identities.external_id",
    "feedback.text",
    "feedback.title",
    "feedback.origin",
    "feedback.external_id",
    "feedback.url",
    "feedback.tags",
    "feedback.fields",
    "feedback_tags.tag",
    "feedback_search.terms",
    "themes.label",
    "themes.keywords",
    "themes.quotes",
    "stories.title",
    "stories.as_a",
    "stories.i_want",
    "stories.so_that",
    "stories.acceptance_criteria",
    "stories.in_scope",
    "stories.out_of_scope",
    "stories.stage_reason",
    "corrections.details",
    "trials.tried_by",
    "trials.note",
    "signoffs.evidence",
    "signoffs.reason",
    "releases.notes",
    "releases.reason",
    "release_stories.entry",
    "story_texts.title",
    "story_texts.entry",
    "story_texts.reason",
    "release_texts.notes",
    "release_texts.reason",
    "idempotency_keys.body",
    "idempotency_keys.key",
];

/// Columns in which no words of or about customers can stand, and why.
#[cfg(test)]
const IMPERSONAL: [(&str, &[&str]); 7] = [
    (
        "the account stays: it is a company's",
        &["accounts.name", "accounts.name_folded", "accounts.segment", "accounts.annual_value_currency"],
    ),
    (
        "people of the team",
        &["members.name", "members.email", "members.email_folded", "members.role", "members.language"],
    ),
    (
        "names that this program made",
        &[
            "tokens.role",
            "feedback.state",
            "feedback.source",
            "feedback.severity",
            "feedback.kind",
            "feedback.language",
            "feedback.edited",
            "feedback.kind_source",
            "feedback.set_aside",
            "story_texts.language",
            "release_texts.language",
            "import_warnings.code",
            "stories.stage",
            "stories.drafted_by",
            "stories.set_factors",
            "stories.factors",
            "corrections.kind",
            "imports.state",
            "imports.actor",
            "imports.claimed_by",
            "import_errors.code",
            "events.actor",
            "events.kind",
            "trials.kind",
            "trials.verdict",
            "signoffs.decision",
            "releases.state",
            "release_stories.section",
            "deployments.state",
            "links.provider",
            "links.kind",
            "links.state",
            "links.reason",
            "repositories.provider",
            "deployments.held",
            "closures.state",
            "closures.kind",
            "left_behind.section",
            "story_evidence.left_out",
            "tell_choices.choice",
            "closures.channel",
            "deliveries.channel",
            "deliveries.event",
            "deliveries.state",
            "deliveries.claimed_by",
            "leases.name",
            "leases.holder",
            "log_readers.name",
            "secrets.name",
            "feedback_vectors.embedder",
            "embeddings.embedder",
            "engine_state.name",
            "engine_state.value",
            "refinements.kind",
            "refinements.embedder",
            "refinements.choice",
            "proposals.kind",
            "proposals.state",
            "proposals.numbers",
            "hook_deliveries.source",
            "webhooks.format",
            "notes.subject_kind",
            "notes.author_kind",
        ],
    ),
    ("ids, hashes, and values without words", &["events.data", "text_checks.cleared"]),
    ("a key of a pattern, a currency", &["products.key", "products.currency", "signoffs.gate"]),
    ("secrets", &["webhooks.secret", "webhooks.old_secret"]),
    (
        "a method and an address with ids; its row is cleared by what the answer holds",
        &["idempotency_keys.operation", "idempotency_keys.location"],
    ),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::clock::Clock;
    use crate::store::{Location, Store};

    #[derive(QueryableByName)]
    struct Name {
        #[diesel(sql_type = Text)]
        name: String,
    }

    /// Every column of text that SQLite's schema has, but those of tables that other programs made.
    fn text_columns() -> BTreeSet<String> {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("hearback.db").display().to_string();
        let store = Store::open(Location::Sqlite(path), Clock::default()).expect("opens");
        store.migrate().expect("migrates");
        let query = "SELECT m.name || '.' || c.name AS name FROM sqlite_master m, pragma_table_info(m.name) c \
             WHERE m.type = 'table' AND (c.type = 'TEXT' OR m.name = 'feedback_search') \
             AND m.name NOT LIKE 'sqlite%' AND m.name NOT LIKE '\\_\\_%' ESCAPE '\\' AND m.name NOT LIKE 'feedback\\_search\\_%' ESCAPE '\\'";
        let found = store.read_now(|conn| Ok(on_each!(conn, c => sql_query(query).load::<Name>(c))?)).expect("reads");
        store.close();
        found.into_iter().map(|row| row.name).collect()
    }

    #[test]
    fn what_erasing_does_is_decided_for_every_column_of_text() {
        let decided: BTreeSet<String> = WRITTEN
            .iter()
            .map(|column| format!("{}.{}", column.table, column.name))
            .chain(ELSEWHERE.iter().map(|name| (*name).to_owned()))
            .chain(IMPERSONAL.iter().flat_map(|(_, names)| names.iter().map(|name| (*name).to_owned())))
            .collect();
        let columns = text_columns();
        let undecided: Vec<_> = columns.difference(&decided).collect();
        assert!(undecided.is_empty(), "may they name a customer? Decide here what erasing does to them: {undecided:?}");
        let gone: Vec<_> = decided.difference(&columns).collect();
        assert!(gone.is_empty(), "no such columns: {gone:?}");
    }
}
