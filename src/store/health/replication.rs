//! How the PostgreSQL behind an address is set up: whether a pooler stands before it, and what its replicas are.

use diesel::sql_query;
use diesel::sql_types::{BigInt, Integer, Text};

use crate::error::{Error, Result};
use crate::store::base::conn::{self, Conn, Manager};
use crate::store::base::query::*;
use crate::store::base::work::address::{Addresses, Location};
use crate::store::base::work::replicas::{self, ReplicaProblem};

/// How often two connections are compared. Other clients of a pooler may come in between.
const LOOKS: usize = 3;

/// What was found.
#[derive(Debug, Default)]
pub struct Setup {
    /// Sentences about what must be changed: the server does not start with it.
    pub wrong: Vec<String>,
    /// Sentences about what is probably not intended, or does not work just now.
    pub doubts: Vec<String>,
}

/// Checks the addresses of a store.
///
/// # Errors
/// 503 where the database is not reachable.
pub fn check(addresses: &Addresses) -> Result<Setup> {
    let mut setup = Setup::default();
    let Location::Postgres(_) = &addresses.direct else { return Ok(setup) };
    if is_pooled(&addresses.direct)? {
        let name = if addresses.pooler.is_some() { "DATABASE_DIRECT_URL" } else { "DATABASE_URL" };
        setup.wrong.push(format!(
            "{name} leads to a pooler in transaction mode, where a session does not last. Set DATABASE_DIRECT_URL to the \
             address of PostgreSQL itself, and leave DATABASE_URL at the pooler."
        ));
        return Ok(setup);
    }
    let mut primary = conn::reach(&addresses.direct, true)?;
    if let Some(pooler) = &addresses.pooler {
        // Compared before anything is written: migrations would otherwise run in another database than requests.
        let there = database_of(&mut open(pooler)?)?;
        if there != database_of(&mut primary)? {
            setup.wrong.push("DATABASE_URL and DATABASE_DIRECT_URL lead to different databases.".to_owned());
        }
    }
    for replica in &addresses.replicas {
        match replicas::check(&mut primary, replica) {
            Ok(()) => {}
            Err(ReplicaProblem::Wrong(problem)) => setup.wrong.push(format!("DATABASE_READ_URL: {problem}")),
            Err(ReplicaProblem::Unused(problem)) => setup.doubts.push(format!("DATABASE_READ_URL: {problem}")),
        }
    }
    let expects_failover = addresses.direct.has_several_hosts() || !addresses.replicas.is_empty();
    setup.doubts.extend(asynchronous(&mut primary, expects_failover)?);
    Ok(setup)
}

/// Whether the connections of this address share those to the server: two open ones then answer from the same process.
fn is_pooled(location: &Location) -> Result<bool> {
    let (mut one, mut other) = (open(location)?, open(location)?);
    let first = process(&mut one)?;
    for _ in 0..LOOKS {
        if process(&mut other)? == process(&mut one)? {
            return Ok(true);
        }
    }
    Ok(process(&mut one)? != first)
}

/// A connection that works through every pooler.
fn open(location: &Location) -> Result<Conn> {
    use diesel::r2d2::ManageConnection;
    let manager = Manager { location: location.clone(), writes: false, pooled: true, prepare: None };
    manager.connect().map_err(|e| conn::not_opened(location, &e))
}

#[derive(QueryableByName)]
struct Process {
    #[diesel(sql_type = Integer)]
    pid: i32,
}

fn process(conn: &mut Conn) -> Result<i32> {
    let Conn::Postgres(c) = conn else { return Err(Error::internal("SQLite has no processes")) };
    Ok(sql_query("SELECT pg_backend_pid() AS pid").get_result::<Process>(c)?.pid)
}

#[derive(QueryableByName)]
struct Standbys {
    #[diesel(sql_type = Text)]
    synchronous: String,
    #[diesel(sql_type = BigInt)]
    standbys: i64,
}

/// A sentence where a failover may lose what was acknowledged. Without a replica there is no failover, and nothing to say.
fn asynchronous(primary: &mut Conn, expects_failover: bool) -> Result<Option<String>> {
    let Conn::Postgres(c) = primary else { return Ok(None) };
    let query = "SELECT current_setting('synchronous_standby_names') AS synchronous, \
         (SELECT count(*) FROM pg_stat_replication WHERE state IS DISTINCT FROM 'backup') AS standbys";
    let found: Standbys = sql_query(query).get_result(c)?;
    let is_asynchronous = found.synchronous.trim().is_empty() && (expects_failover || found.standbys > 0);
    Ok(is_asynchronous.then(|| {
        "replication is asynchronous: after a failover, writes that were acknowledged in the last moments before it may be \
         missing. Set synchronous_standby_names in PostgreSQL where none may be."
            .to_owned()
    }))
}

#[derive(PartialEq, Eq, QueryableByName)]
struct Named {
    #[diesel(sql_type = BigInt)]
    cluster: i64,
    #[diesel(sql_type = Text)]
    name: String,
}

fn database_of(conn: &mut Conn) -> Result<Named> {
    let Conn::Postgres(c) = conn else { return Err(Error::internal("SQLite has no cluster")) };
    let query =
        "SELECT (SELECT system_identifier FROM pg_control_system()) AS cluster, current_database()::text AS name";
    Ok(sql_query(query).get_result(c)?)
}
