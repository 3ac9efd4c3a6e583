//! Accesses that wait to be written to the access log, and their writing.
//!
//! An access waits in memory for half a second at the most and is then written with all others of that time in one
//! transaction. So a read costs no write of its own to the database. Before it is answered it stands in the journal, a file
//! that outlives the process ([`crate::store::health::access_journal`]): a process that is killed loses no entry. A database
//! that takes no writes keeps them waiting, and once too many wait, reads of customers' data are refused rather than done
//! without an entry. Downloads take more data away at once: they are written to the database before they are answered.

use std::collections::{BTreeSet, HashSet};
use std::path::Path;
use std::sync::{Arc, Mutex};

use crate::domain::base::{Actor, Id, Time};
use crate::domain::privacy::access::log::{Access, AccessAct, AccessChain, NewAccess};
use crate::error::{Code, Error, Result};
use crate::store::health::access_journal::{self, Journal, Ticket};
use crate::store::privacy::access::{append, list, subjects};
use crate::store::{Store, Tx};

/// From how many waiting accesses on a request writes them itself, and waits for that: more than a fast server notes in the half
/// second after which the job writes them.
const MANY: usize = MOST / 2;
/// The most accesses that wait. Beyond that, customers' data is not read any more.
const MOST: usize = 20_000;
/// The most accesses of one transaction.
const TOGETHER: usize = 1_000;
/// The most ids of one entry; an access with more becomes several entries.
const MOST_IDS: usize = 500;
/// The most ids of other things that are remembered.
const MOST_OTHERS: usize = 100_000;

/// Changes of permissions: kinds of entries of the audit log.
pub const PERMISSIONS: [&str; 8] = [
    "member.created",
    "member.invited",
    "member.imported",
    "member.updated",
    "member.product_role_set",
    "member.product_role_removed",
    "token.created",
    "token.revoked",
];

/// How far back changes of permissions are looked for: a transaction that was open for longer is not expected.
const LOOK_BACK: i64 = 3_600 * Time::SECOND;

/// The accesses that wait; clones share them.
#[derive(Clone, Debug, Default)]
pub struct AccessLog {
    is_on: bool,
    journal: Journal,
    waiting: Arc<Mutex<Vec<Waiting>>>,
    /// Ids of which it is known that they are nobody's data: of products, themes, stories.
    others: Arc<Mutex<HashSet<Id>>>,
}

/// An access that waits, and where it stands in the journal.
#[derive(Clone, Debug)]
struct Waiting {
    access: Access,
    ticket: Ticket,
}

impl AccessLog {
    /// A log that is kept, or one that notes nothing.
    pub fn new(is_on: bool) -> Self {
        Self { is_on, ..Self::default() }
    }

    /// Whether it is kept.
    pub fn is_on(&self) -> bool {
        self.is_on
    }

    /// Adds an access; answers whether the caller should write what waits.
    pub fn add(&self, access: Access) -> bool {
        if !self.is_on || access.ids.is_empty() {
            return false;
        }
        let ticket = self.journal.note(&access);
        let mut waiting = self.waiting.lock().unwrap_or_else(|e| e.into_inner());
        waiting.push(Waiting { access, ticket });
        waiting.len() >= MANY
    }

    /// Refuses to show data while what was shown before can't be written.
    ///
    /// # Errors
    /// 503.
    pub fn check_room(&self) -> Result<()> {
        let waiting = self.waiting.lock().unwrap_or_else(|e| e.into_inner()).len();
        if waiting < MOST {
            return Ok(());
        }
        let detail =
            "The access log can't be written at the moment, so nothing is shown that would have to stand in it.";
        Err(Error::new(Code::Unavailable, detail))
    }

    /// Begins the journal in files whose names begin so, and writes to the log what instances left there that are gone. Where
    /// no files can be written, the log says so, and there is none.
    pub fn begin_journal(&self, store: &Store, base: &Path) {
        if let Err(error) = self.recover(store, base) {
            tracing::warn!(%error, "the access log's journal of an instance that was killed can't be read");
        }
        if self.is_on
            && let Err(error) = self.journal.open(base)
        {
            tracing::warn!(%error, file = %base.display(), "{}", access_journal::WITHOUT);
        }
    }

    /// Writes to the log what instances left in their journals that are gone; answers how many accesses. Those that are in the
    /// log already are not written again.
    ///
    /// # Errors
    /// Those of the files and of the database; what is not written yet stays in its file.
    pub fn recover(&self, store: &Store, base: &Path) -> Result<usize> {
        let mut count = 0;
        for left in access_journal::leftovers(base).map_err(Error::internal)? {
            // Where no log is kept any more, nothing is kept of them.
            let accesses = if self.is_on { missing(store, &left.accesses)? } else { Vec::new() };
            for some in accesses.chunks(TOGETHER) {
                let (log, some) = (self.clone(), some.to_vec());
                store.write_now(Actor::AUTOMATION, move |tx| write(tx, &log, &some))?;
            }
            left.remove().map_err(Error::internal)?;
            count += accesses.len();
        }
        if count > 0 {
            tracing::info!(count, "accesses of an instance that was killed are in the access log now");
        }
        Ok(count)
    }

    /// Ends the journal, after everything is written.
    pub fn end_journal(&self) {
        self.journal.close();
    }

    fn take(&self) -> Vec<Waiting> {
        let mut waiting = self.waiting.lock().unwrap_or_else(|e| e.into_inner());
        let count = waiting.len().min(TOGETHER);
        if count > 0 {
            self.journal.seal();
        }
        waiting.drain(..count).collect()
    }

    fn give_back(&self, accesses: Vec<Waiting>) {
        let mut waiting = self.waiting.lock().unwrap_or_else(|e| e.into_inner());
        let later = std::mem::replace(&mut *waiting, accesses);
        waiting.extend(later);
    }

    /// Writes what waits, from a thread of a job; answers how many accesses.
    ///
    /// # Errors
    /// Those of the database; the accesses wait on.
    pub fn write_waiting(&self, store: &Store) -> Result<usize> {
        let taken = self.take();
        if taken.is_empty() {
            return Ok(0);
        }
        let (count, log, accesses) = (taken.len(), self.clone(), accesses_of(&taken));
        let written = store.write_now(Actor::AUTOMATION, move |tx| write(tx, &log, &accesses));
        self.kept(taken, written).map(|()| count)
    }

    /// Writes all that waits now, from a request.
    ///
    /// # Errors
    /// As for [`AccessLog::write_waiting`].
    pub async fn write_all(&self, store: &Store) -> Result<()> {
        loop {
            let taken = self.take();
            if taken.is_empty() {
                return Ok(());
            }
            let (log, accesses) = (self.clone(), accesses_of(&taken));
            let written = store.write(Actor::AUTOMATION, move |tx| write(tx, &log, &accesses)).await;
            self.kept(taken, written)?;
        }
    }

    fn kept(&self, taken: Vec<Waiting>, written: Result<()>) -> Result<()> {
        match written {
            Ok(()) => self.journal.done(taken.iter().map(|waiting| waiting.ticket)),
            Err(_) => self.give_back(taken),
        }
        written
    }

    /// Writes one access at once: a download is in the log before it is answered.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn write_now(&self, store: &Store, access: Access) -> Result<()> {
        if !self.is_on {
            return Ok(());
        }
        let log = self.clone();
        let accesses = vec![access];
        store.write(Actor::AUTOMATION, move |tx| write(tx, &log, &accesses)).await
    }

    /// The ids that may be somebody's data.
    fn asked(&self, accesses: &[Access]) -> Vec<Id> {
        let others = self.others.lock().unwrap_or_else(|e| e.into_inner());
        let all: HashSet<Id> = accesses.iter().flat_map(|access| access.ids.iter().copied()).collect();
        all.into_iter().filter(|id| !others.contains(id)).collect()
    }

    fn remember_others(&self, ids: impl Iterator<Item = Id>) {
        let mut others = self.others.lock().unwrap_or_else(|e| e.into_inner());
        if others.len() > MOST_OTHERS {
            others.clear();
        }
        others.extend(ids);
    }
}

fn accesses_of(waiting: &[Waiting]) -> Vec<Access> {
    waiting.iter().map(|waiting| waiting.access.clone()).collect()
}

/// The accesses that are not in the log yet: an instance may be killed after it wrote them and before it removed its file.
fn missing(store: &Store, accesses: &[Access]) -> Result<Vec<Access>> {
    let times = accesses.iter().map(|access| access.at);
    let (Some(first), Some(last)) = (times.clone().min(), times.max()) else { return Ok(Vec::new()) };
    let mut known = HashSet::new();
    store.read_now(|conn| {
        list::between(conn, first, last.plus(1), &mut |entry| {
            known.insert((entry.at, entry.actor_id, entry.operation, entry.address));
            Ok(())
        })
    })?;
    let is_known = |access: &Access| {
        let who = Some(access.who).filter(|who| !who.0.is_nil());
        known.contains(&(access.at, who, access.operation.clone(), access.address.clone()))
    };
    Ok(accesses.iter().filter(|access| !is_known(access)).cloned().collect())
}

/// Writes accesses. Those that showed nobody's data leave no entry, except downloads.
fn write(tx: &mut Tx<'_>, log: &AccessLog, accesses: &[Access]) -> Result<()> {
    let asked = log.asked(accesses);
    let found = subjects::of_ids(tx.conn, &asked)?;
    let is_somebodys = |id: &Id| {
        found.customers.contains(id)
            || found.feedback.contains_key(id)
            || found.closures.contains_key(id)
            || found.notes.contains_key(id)
    };
    let mut entries = Vec::with_capacity(accesses.len());
    for access in accesses {
        entries.extend(entries_of(access, &found));
    }
    append::append(tx, AccessChain::Reads, entries)?;
    log.remember_others(asked.into_iter().filter(|id| !is_somebodys(id)));
    Ok(())
}

/// The entries of an access.
fn entries_of(access: &Access, found: &subjects::Subjects) -> Vec<NewAccess> {
    let (mut customers, mut feedback) = (Vec::new(), Vec::new());
    let noted = access.ids.iter().filter_map(|id| found.notes.get(id));
    let ids: BTreeSet<&Id> = access.ids.iter().chain(noted).collect();
    for id in ids {
        if found.customers.contains(id) {
            customers.push(*id);
        }
        if let Some(customer) = found.feedback.get(id) {
            feedback.push(*id);
            customers.extend(customer);
        }
        customers.extend(found.closures.get(id));
    }
    customers.sort_unstable();
    customers.dedup();
    if customers.is_empty() && feedback.is_empty() && access.act != AccessAct::Download {
        return Vec::new();
    }
    let pieces = customers.len().div_ceil(MOST_IDS).max(feedback.len().div_ceil(MOST_IDS)).max(1);
    let piece = |ids: &[Id], at: usize| ids.chunks(MOST_IDS).nth(at).unwrap_or_default().to_vec();
    let entry = |at: usize| NewAccess {
        at: access.at,
        actor: access.actor.clone(),
        who: access.who,
        token_id: access.token_id,
        address: access.address.clone(),
        operation: access.operation.clone(),
        act: access.act,
        status: access.status,
        customers: piece(&customers, at),
        feedback: piece(&feedback, at),
        query_hash: access.query_hash.clone(),
        reason: access.reason.clone(),
        source_id: None,
        subject_id: None,
    };
    (0..pieces).map(entry).collect()
}

/// Copies changes of permissions from the audit log into their chain; answers how many.
pub fn log_permissions(tx: &mut Tx<'_>) -> Result<usize> {
    let since = list::last_permission(tx.conn)?.map_or(Time(0), |at| at.plus(-LOOK_BACK));
    let changes = list::unlogged(tx.conn, &PERMISSIONS, since)?;
    let count = changes.len();
    let entry = |change: list::PermissionChange| NewAccess {
        at: change.at,
        actor: change.actor,
        who: change.actor_id.unwrap_or(Id(uuid::Uuid::nil())),
        token_id: None,
        address: String::new(),
        operation: change.kind,
        act: AccessAct::Permission,
        status: 200,
        customers: Vec::new(),
        feedback: Vec::new(),
        query_hash: None,
        reason: None,
        source_id: Some(change.id),
        subject_id: change.subject_id,
    };
    append::append(tx, AccessChain::Permissions, changes.into_iter().map(entry).collect())?;
    Ok(count)
}

/// An access of the command line, such as an export.
pub fn by_command(operation: &str, at: Time, reason: Option<String>) -> Access {
    Access {
        at,
        actor: Actor::COMMAND.kind.to_owned(),
        who: Id(uuid::Uuid::nil()),
        token_id: None,
        address: String::new(),
        operation: operation.to_owned(),
        act: AccessAct::Download,
        status: 200,
        ids: Vec::new(),
        query_hash: None,
        reason,
    }
}

/// Writes an access of the command line.
///
/// # Errors
/// Those of the database.
pub fn write_of_command(store: &Store, access: Access) -> Result<()> {
    let accesses = vec![access];
    store.write_now(Actor::COMMAND, move |tx| write(tx, &AccessLog::default(), &accesses))
}
