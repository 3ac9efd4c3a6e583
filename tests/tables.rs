//! The tables that the program declares are those that its migrations make, on each database.

use diesel::connection::SimpleConnection;
use hearback::clock::Clock;
use hearback::domain::base::Actor;
use hearback::store::health::drift::{Drift, drift};
use hearback::store::{Conn, Location, Store};

use crate::support::{on_each_empty, on_each_store};

#[test]
fn every_column_of_both_databases_is_declared() {
    on_each_store(|store| {
        assert_eq!(store.read_now(drift).unwrap(), Drift::default());
    });
}

#[test]
fn what_is_not_declared_or_differs_is_named() {
    on_each_store(|store| {
        let found = store.write_now(Actor::COMMAND, |tx| {
            let id = if let Conn::Sqlite(_) = tx.conn { "BLOB" } else { "UUID" };
            tx.conn.batch_execute(&format!(
                "CREATE TABLE surprise (id {id} PRIMARY KEY NOT NULL);
                 ALTER TABLE members ADD COLUMN nickname TEXT;
                 ALTER TABLE members DROP COLUMN language;
                 ALTER TABLE closures DROP COLUMN note;
                 ALTER TABLE closures ADD COLUMN note {id} REFERENCES members (id);
                 ALTER TABLE roll_backs DROP COLUMN round;
                 ALTER TABLE roll_backs ADD COLUMN round TEXT;"
            ))?;
            Ok((id, drift(tx.conn)?))
        });
        let (id, mut found) = found.unwrap();
        found.wrong.sort_unstable();
        assert_eq!(
            found.wrong,
            [
                &format!("closures.note is {id} instead of TEXT"),
                "closures.note refers to members",
                "members.language is missing",
                "roll_backs.round is TEXT instead of INTEGER",
                "roll_backs.round may be null",
            ]
        );
        assert_eq!(found.undeclared, ["members.nickname", "surprise"]);
    });
}

#[test]
fn migrating_twice_changes_nothing() {
    on_each_empty(|database| {
        let store = Store::open(Location::parse(&database.url).unwrap(), Clock::default()).unwrap();
        assert!(!store.migrate().unwrap().is_empty());
        assert!(store.migrate().unwrap().is_empty());
        store.close();
    });
}
