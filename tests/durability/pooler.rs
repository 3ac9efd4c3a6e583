//! A pooler in transaction mode between the server and PostgreSQL.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use diesel::sql_types::Text;
use diesel::{Connection, PgConnection, QueryableByName, RunQueryDsl, sql_query};

use super::{Acknowledged, all_there, load};
use crate::support::{Cluster, Database, Pooler, World, command, eventually};

#[test]
fn the_server_works_through_a_pooler_in_transaction_mode() {
    let Some(cluster) = Cluster::of_its_own() else { return };
    let mut database = Database::on(cluster.url());
    // Fewer connections than one server opens: each statement of a transaction is on another one than the last.
    let Some(pooler) = Pooler::before(&database.url, 5) else { return };
    let direct = database.url.clone();
    database.url = pooler.url(&direct);
    let server = World::program_with(database, &[("DATABASE_DIRECT_URL", &direct)]);
    let stop = AtomicBool::new(false);
    let acknowledged = std::thread::scope(|scope| {
        let (server, stop) = (&server, &stop);
        let name = |n: usize| format!("pooler-{n}");
        let loads: Vec<_> = (0..2).map(|n| scope.spawn(move || load(server, &name(n), stop))).collect();
        let reading = scope.spawn(move || {
            while !stop.load(Ordering::Relaxed) {
                for path in ["/v1/feedback?q=load", "/v1/themes", "/v1/events?limit=50", "/v1/customers", "/readyz"] {
                    let answer = server.get(path);
                    assert_eq!(answer.status, 200, "{path}: {answer:?}");
                }
            }
        });
        std::thread::sleep(Duration::from_secs(4));
        stop.store(true, Ordering::Relaxed);
        reading.join().unwrap();
        loads.into_iter().flat_map(|load| load.join().unwrap()).collect::<Acknowledged>()
    });
    assert!(acknowledged.len() > 10, "{}", acknowledged.len());
    all_there(&server, &acknowledged);
    let id = acknowledged.values().next().unwrap();
    let is_grouped = || server.get(&format!("/v1/feedback/{id}")).json()["state"] == "grouped";
    eventually("grouped", Duration::from_secs(60), is_grouped);
    assert!(!server.log().contains("ERROR"), "{}", server.log());
    // Our settings are left on no connection of the pooler, which other programs use too.
    let mut conn = PgConnection::establish(&server.database.url).expect("the pooler answers");
    let left = "SELECT current_setting('statement_timeout') AS timeout, current_setting('plan_cache_mode') AS plans";
    let left: Left = sql_query(left).get_result(&mut conn).expect("a row");
    assert_eq!((left.timeout.as_str(), left.plans.as_str()), ("0", "auto"));
}

#[derive(QueryableByName)]
struct Left {
    #[diesel(sql_type = Text)]
    timeout: String,
    #[diesel(sql_type = Text)]
    plans: String,
}

#[test]
fn a_pooler_that_the_settings_do_not_name_is_refused() {
    let Some(cluster) = Cluster::of_its_own() else { return };
    let mut database = Database::on(cluster.url());
    let Some(pooler) = Pooler::before(&database.url, 5) else { return };
    database.url = pooler.url(&database.url);
    for act in ["serve", "doctor"] {
        let output = command(database.folder(), &database.url).arg(act).env("HEARBACK_LISTEN", "127.0.0.1:0").output();
        let output = output.unwrap();
        let said = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
        assert!(!output.status.success(), "{act}: {said}");
        assert!(said.contains("DATABASE_URL leads to a pooler in transaction mode"), "{act}: {said}");
        assert!(said.contains("Set DATABASE_DIRECT_URL"), "{act}: {said}");
    }
}
