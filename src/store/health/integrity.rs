//! Whether the database is whole.

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::Text;

use crate::store::base::conn::Conn;

/// Findings that are told; more say the same.
const MOST: usize = 10;

#[derive(QueryableByName)]
struct Finding {
    #[diesel(sql_type = Text)]
    finding: String,
}

/// What is wrong with the database's files, a sentence each; empty where all is well. On SQLite every page, index and
/// reference is read; PostgreSQL says which indexes it knows to be broken.
pub fn findings(conn: &mut Conn) -> Vec<String> {
    let found = match conn {
        Conn::Sqlite(c) => of_sqlite(c),
        Conn::Postgres(c) => {
            let broken = "SELECT 'The index ' || indexrelid::regclass || ' is not valid; rebuild it with REINDEX' AS finding \
                          FROM pg_index WHERE NOT indisvalid LIMIT 10";
            diesel::sql_query(broken).load(c)
        }
    };
    match found {
        Ok(found) => found.into_iter().map(|one| one.finding).take(MOST).collect(),
        // What can't be read is not whole.
        Err(e) => vec![format!("It can't be read: {e}")],
    }
}

fn of_sqlite(conn: &mut SqliteConnection) -> QueryResult<Vec<Finding>> {
    // The search index is checked by a statement that counts as a write; it changes nothing.
    conn.batch_execute("PRAGMA query_only = OFF")?;
    let mut found: Vec<Finding> =
        diesel::sql_query("SELECT integrity_check AS finding FROM pragma_integrity_check").load(conn)?;
    found.retain(|one| one.finding != "ok");
    let lost = "SELECT 'A row of ' || \"table\" || ' refers to a row of ' || parent || ' that is not there' AS finding \
                FROM pragma_foreign_key_check() LIMIT 10";
    let lost: Vec<Finding> = diesel::sql_query(lost).load(conn)?;
    found.extend(lost);
    conn.batch_execute("PRAGMA query_only = ON")?;
    Ok(found)
}
