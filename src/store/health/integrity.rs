//! The integrity check of the database.

use diesel::connection::SimpleConnection;
use diesel::sql_types::Text;

use crate::store::base::conn::Conn;
use crate::store::base::query::*;

/// The most findings that are reported.
const MOST: usize = 10;

#[derive(QueryableByName)]
struct Finding {
    #[diesel(sql_type = Text)]
    finding: String,
}

/// The problems of the database's files, one sentence each; empty where there are none. On SQLite every page, index and
/// reference is read; PostgreSQL reports the indexes it knows to be invalid.
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
        // Data that can't be read is a finding.
        Err(e) => vec![format!("It can't be read: {e}")],
    }
}

fn of_sqlite(conn: &mut SqliteConnection) -> QueryResult<Vec<Finding>> {
    // The check of the search index is formally a write statement; it changes nothing.
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
