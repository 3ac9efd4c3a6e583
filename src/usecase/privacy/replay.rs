//! Applying the ledger of erasures to a database that does not know all of it: a restored backup, or a new database that an
//! export was imported into.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::erasure;
use crate::domain::base::{Actor, Id, Time};
use crate::domain::privacy::ledger::{LedgerEntry, LedgerProof, LedgerState, PersonMark};
use crate::error::Result;
use crate::store::Store;
use crate::store::privacy::ledger_rows::{self, Identified, KnownEntry};

/// What a replay did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Replayed {
    /// Entries that the database did not know, or that had to be applied again.
    pub entries: usize,
    /// People who were erased once more.
    pub people: usize,
    /// Entries of the database that the file did not have.
    pub added: usize,
}

/// Makes the database and the ledger's file agree: people whom the ledger knows and the database does not are erased, and
/// entries that the file lacks are added to it. The server does so before it serves.
///
/// # Errors
/// 422 where the file can't be read, 507 where it can't be written.
pub fn apply(store: &Store) -> Result<Replayed> {
    let in_file = store.ledger.read()?;
    let known = store.read_now(ledger_rows::known)?;
    let added = add_missing(store, &in_file, &known)?;
    let open = open_entries(&in_file, &known);
    if open.is_empty() {
        return Ok(Replayed { added, ..Replayed::default() });
    }
    let people = erase(store, &open)?;
    let entries = open.len();
    for some in open.chunks(500) {
        let some = some.to_vec();
        store.write_now(Actor::COMMAND, move |tx| some.iter().try_for_each(|entry| ledger_rows::know(tx, entry)))?;
    }
    Ok(Replayed { entries, people, added })
}

/// The entries that are not applied to the database.
fn open_entries(in_file: &[LedgerEntry], known: &[KnownEntry]) -> Vec<LedgerEntry> {
    let applied: HashSet<Id> =
        known.iter().filter(|known| known.applied_at.is_some()).map(|known| known.entry.id).collect();
    let all = in_file.iter().chain(known.iter().map(|known| &known.entry));
    let open: BTreeMap<Id, &LedgerEntry> =
        all.filter(|entry| !applied.contains(&entry.id)).map(|entry| (entry.id, entry)).collect();
    open.into_values().cloned().collect()
}

fn add_missing(store: &Store, in_file: &[LedgerEntry], known: &[KnownEntry]) -> Result<usize> {
    let there: HashSet<Id> = in_file.iter().map(|entry| entry.id).collect();
    let missing = known.iter().filter(|known| !there.contains(&known.entry.id));
    let lines: Vec<String> = missing.map(|known| known.entry.line()).collect();
    if store.ledger.path().is_none() {
        return Ok(0);
    }
    store.ledger.append(&lines)?;
    Ok(lines.len())
}

/// Erases everybody whom the entries name and who was there before their erasure; answers how many. In a file that another
/// database may share only ids count: the same address may be of somebody there who was erased, and here was not.
fn erase(store: &Store, open: &[LedgerEntry]) -> Result<usize> {
    // A database has one salt, so there are few.
    let mut by_salt: HashMap<&str, HashMap<&str, Time>> = HashMap::new();
    for entry in open {
        let times = by_salt.entry(&entry.salt).or_default();
        for mark in &entry.marks {
            let last = times.entry(mark).or_insert(entry.at);
            *last = (*last).max(entry.at);
        }
    }
    let by_id = store.ledger.is_by_name();
    let is_erased = |person: &Identified| {
        by_salt.iter().any(|(salt, times)| {
            // Somebody who came back after their erasure is another customer.
            let marks = if by_id { vec![person.hashed_id(salt)] } else { person.hashed(salt) };
            marks.iter().filter_map(|mark| times.get(mark.as_str())).any(|at| person.created_at <= *at)
        })
    };
    let (mut after, mut count) = (Id(uuid::Uuid::nil()), 0);
    loop {
        let people = store.read_now(|conn| ledger_rows::identified(conn, after))?;
        let Some(last) = people.last() else { return Ok(count) };
        after = last.id;
        for person in people.iter().filter(|person| is_erased(person)) {
            let id = person.id;
            store.write_now(Actor::COMMAND, move |tx| erasure::customer(tx, id, None))?;
            count += 1;
        }
    }
}

/// How the ledger and the database agree.
///
/// # Errors
/// 422 where the file can't be read.
pub fn state(store: &Store, customer: Option<Id>) -> Result<LedgerState> {
    let in_file = store.ledger.read()?;
    let known = store.read_now(ledger_rows::known)?;
    let names = |entry: &LedgerEntry, id: Id| entry.marks.contains(&PersonMark::Customer(id).hashed(&entry.salt));
    let there: HashSet<Id> = in_file.iter().map(|entry| entry.id).collect();
    let applied: HashMap<Id, Option<Time>> = known.iter().map(|known| (known.entry.id, known.applied_at)).collect();
    let all: BTreeMap<Id, &LedgerEntry> =
        in_file.iter().chain(known.iter().map(|known| &known.entry)).map(|entry| (entry.id, entry)).collect();
    let proof = |entry: &&LedgerEntry| LedgerProof {
        id: entry.id,
        at: entry.at,
        in_file: there.contains(&entry.id),
        applied_at: applied.get(&entry.id).copied().flatten(),
    };
    let of_customer = customer.map(|id| all.values().filter(|entry| names(entry, id)).map(proof).collect());
    Ok(LedgerState {
        file: store.ledger.path().map(|path| path.display().to_string()),
        in_file: in_file.len() as i64,
        in_database: known.len() as i64,
        not_applied: open_entries(&in_file, &known).len() as i64,
        last_at: all.values().map(|entry| entry.at).max_by_key(|at| at.0),
        of_customer: of_customer.unwrap_or_default(),
    })
}
