//! Vacuuming SQLite's files after an erasure: nothing of the deleted data remains, everything else is unchanged, and
//! other connections can write meanwhile.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Binary, Text};
use hearback::domain::base::Actor;
use hearback::jobs::base::scheduler::{Scheduler, Step};
use hearback::jobs::base::vacuum::{self, Scrubbing};
use hearback::store::{Conn, Store};

use crate::support::{Database, Kind, open_store};

/// The word that no row contains at the end.
const GONE: &str = "Quuxwimble-";

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = BigInt)]
    id: i64,
    #[diesel(sql_type = Binary)]
    body: Vec<u8>,
}

#[derive(QueryableByName)]
struct Word {
    #[diesel(sql_type = Text)]
    word: String,
}

/// A random number generator with the same numbers in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }

    /// A size from a few bytes to several pages.
    fn length(&mut self) -> usize {
        (match self.roll(4) {
            0 => self.roll(40),
            1 => self.roll(900),
            2 => self.roll(5_000),
            _ => self.roll(30_000),
        }) as usize
            + 16
    }
}

fn on_sqlite(store: &Store, mut work: impl FnMut(&mut SqliteConnection) + Send + 'static) {
    let done = store.write_now(Actor::COMMAND, move |tx| {
        let Conn::Sqlite(c) = &mut *tx.conn else { unreachable!() };
        work(c);
        Ok(())
    });
    done.unwrap();
}

/// Inserts, changes and deletes rows of all sizes in a table with two indexes. Rows that are deleted, and the old
/// contents of rows that are changed, contain [`GONE`].
fn lived_in(store: &Store, seed: u64) {
    on_sqlite(store, move |c| {
        c.batch_execute(
            "CREATE TABLE t (id INTEGER PRIMARY KEY, body BLOB NOT NULL); CREATE INDEX t_body ON t (body); \
             CREATE TABLE k (body BLOB NOT NULL, id INTEGER NOT NULL, PRIMARY KEY (body, id)) WITHOUT ROWID;",
        )
        .unwrap();
    });
    let mut dice = Dice(seed);
    for round in 0..12 {
        let acts: Vec<(u64, i64, usize)> =
            (0..60).map(|_| (dice.roll(10), dice.roll(200) as i64, dice.length())).collect();
        on_sqlite(store, move |c| {
            for (n, (act, id, length)) in acts.iter().enumerate() {
                let gone = format!("{GONE}{round}-{n} ");
                let body: Vec<u8> = gone.bytes().cycle().take(*length).collect();
                let put = "INSERT INTO t VALUES (?, ?) ON CONFLICT DO UPDATE SET body = excluded.body";
                diesel::sql_query(put).bind::<BigInt, _>(id).bind::<Binary, _>(&body).execute(c).unwrap();
                let put = "INSERT INTO k VALUES (?, ?) ON CONFLICT DO NOTHING";
                diesel::sql_query(put).bind::<Binary, _>(&body).bind::<BigInt, _>(id).execute(c).unwrap();
                if *act < 4 {
                    diesel::sql_query("DELETE FROM t WHERE id = ?").bind::<BigInt, _>(id).execute(c).unwrap();
                }
            }
        });
    }
    on_sqlite(store, |c| {
        c.batch_execute(
            "DELETE FROM k; UPDATE t SET body = cast('kept ' || id || hex(zeroblob(length(body) / 2)) AS blob)",
        )
        .unwrap();
    });
}

fn rows(store: &Store) -> BTreeMap<i64, Vec<u8>> {
    let read = |conn: &mut Conn| match conn {
        Conn::Sqlite(c) => Ok(diesel::sql_query("SELECT id, body FROM t").load::<Row>(c)?),
        Conn::Postgres(_) => unreachable!(),
    };
    store.read_now(read).unwrap().into_iter().map(|row| (row.id, row.body)).collect()
}

fn left_in_files(database: &Database) -> usize {
    let files =
        std::fs::read_dir(database.folder()).unwrap().map(|entry| std::fs::read(entry.unwrap().path()).unwrap());
    files.map(|bytes| bytes.windows(GONE.len()).filter(|window| *window == GONE.as_bytes()).count()).sum()
}

fn someone_is_erased(store: &Store) {
    on_sqlite(store, |c| {
        c.batch_execute("INSERT INTO erasures (id, customer_id, erased_at) VALUES (randomblob(16), randomblob(16), 1)")
            .unwrap();
    });
}

#[test]
fn nothing_deleted_is_left_and_everything_else_is_as_it_was() {
    let mut left_before = 0;
    for seed in 1..=4 {
        let database = Database::new(Kind::Sqlite);
        let store = open_store(&database);
        lived_in(&store, seed);
        let before = rows(&store);
        left_before += left_in_files(&database);
        someone_is_erased(&store);
        assert_eq!(vacuum::step(&store, &|| true).unwrap(), Step::More);
        assert_eq!(vacuum::step(&store, &|| true).unwrap(), Step::Idle);
        assert_eq!(left_in_files(&database), 0, "seed {seed}");
        assert!(rows(&store) == before, "seed {seed}: rows have changed");
        let sound = |conn: &mut Conn| match conn {
            Conn::Sqlite(c) => {
                Ok(diesel::sql_query("SELECT integrity_check AS word FROM pragma_integrity_check").load(c)?)
            }
            Conn::Postgres(_) => unreachable!(),
        };
        let words: Vec<Word> = store.read_now(sound).unwrap();
        assert_eq!(words.into_iter().map(|word| word.word).collect::<Vec<_>>(), ["ok"], "seed {seed}");
        store.close();
    }
    assert!(left_before > 0, "deleting alone left nothing behind: there was nothing to clear");
}

#[test]
fn others_write_while_the_files_are_cleared() {
    let database = Database::new(Kind::Sqlite);
    let store = open_store(&database);
    on_sqlite(&store, |c| {
        // Some 100 MB, half of it free.
        c.batch_execute(
            "CREATE TABLE t (id INTEGER PRIMARY KEY, body BLOB NOT NULL); \
             WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 25000) \
             INSERT INTO t SELECT n, randomblob(4000) FROM n; DELETE FROM t WHERE id % 2 = 0",
        )
        .unwrap();
    });
    someone_is_erased(&store);
    let running = Scheduler::start(&store, vec![Box::new(Scrubbing::new(store.clone()))]).unwrap();
    let (mut longest, began) = (Duration::ZERO, Instant::now());
    loop {
        let asked = Instant::now();
        on_sqlite(&store, |c| c.batch_execute("INSERT INTO t (body) VALUES (x'00')").unwrap());
        longest = longest.max(asked.elapsed());
        if store.read_now(hearback::store::privacy::erasures::open).unwrap().is_empty() {
            break;
        }
        assert!(began.elapsed() < Duration::from_secs(120), "not clear after two minutes");
        std::thread::sleep(Duration::from_millis(2));
    }
    running.stop();
    assert!(longest < Duration::from_secs(1), "a write waited {longest:?}");
    store.close();
}
