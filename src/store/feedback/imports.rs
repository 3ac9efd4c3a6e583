//! Imports: the uploaded file in chunks, and the progress of reading it. Notes about single rows are in `import_notes`.

use diesel::dsl::sql;
use diesel::sql_types::Text;

use crate::clock::Clock;
use crate::domain::base::{Actor, Id, Page, Paging, Time};
use crate::domain::feedback::{Import, ImportCounts, ImportJob, ImportQuery, ImportReading, ImportState};
use crate::error::{Code, Error, Result};
use crate::store::Tx;
use crate::store::base::claims;
use crate::store::base::conn::Conn;
use crate::store::base::query::*;
use crate::store::base::types::{DbId, DbTime, json, name};
use crate::store::schema::{import_chunks, imports};

/// The state of an import whose body is still arriving; such an import is not shown.
pub(in crate::store) const RECEIVING: &str = "receiving";

/// How long a claim lasts without renewal, in microseconds.
pub const CLAIM: i64 = 30 * Time::SECOND;

/// How long an upload, or a command that reads its own file, may be silent before it counts as interrupted, in
/// microseconds. It is long because their source may be slow.
pub const UPLOAD: i64 = 3_600 * Time::SECOND;

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = imports)]
struct Row {
    id: DbId,
    state: String,
    options: String,
    actor: String,
    actor_id: Option<DbId>,
    bytes: i64,
    read: i64,
    created: i64,
    updated: i64,
    unchanged: i64,
    rejected: i64,
    problem: Option<String>,
    claimed_by: Option<String>,
    claimed_until: Option<DbTime>,
    created_at: DbTime,
    finished_at: Option<DbTime>,
    skipped: i64,
    warned: i64,
    warnings: i64,
    unreachable: i64,
    reading: Option<String>,
}

impl Row {
    fn counts(&self) -> ImportCounts {
        let Self { read, created, updated, unchanged, rejected, skipped, warned, warnings, unreachable, .. } = *self;
        ImportCounts { read, created, updated, unchanged, rejected, skipped, warned, warnings, unreachable }
    }

    fn job(&self) -> Result<ImportJob> {
        serde_json::from_str(&self.options).map_err(Error::internal)
    }

    /// Whether this holder may continue a running import: it has the claim, or the present claim has expired or is
    /// void.
    fn is_free(&self, holder: &str, now: Time) -> bool {
        let term = term(self.job().is_ok_and(|job| job.by_command));
        self.claimed_by.as_deref() == Some(holder)
            || !self.claimed_until.is_some_and(|at| claims::holds(at.0, now, term))
    }
}

/// How long a claim lasts, in microseconds.
fn term(by_command: bool) -> i64 {
    if by_command { UPLOAD } else { CLAIM }
}

fn show(row: Row) -> Result<Import> {
    Ok(Import {
        id: row.id.into(),
        state: name(&row.state)?,
        counts: row.counts(),
        options: row.job()?.options,
        reading: row.reading.as_deref().and_then(|reading| serde_json::from_str(reading).ok()),
        bytes: row.bytes,
        problem: row.problem,
        created_at: row.created_at.into(),
        finished_at: row.finished_at.map(Time::from),
    })
}

/// The claim of an import: only its holder works on it.
#[derive(Clone, Debug)]
pub struct Claim {
    /// The import.
    pub id: Id,
    /// Its options.
    pub job: ImportJob,
    /// The actor who started it; its feedback is filed in their name.
    pub actor: Actor,
    /// The progress so far.
    pub counts: ImportCounts,
    /// The holder of the claim.
    pub holder: String,
}

impl Claim {
    /// When the claim expires without renewal.
    fn until(&self, now: Time) -> DbTime {
        DbTime(now.plus(term(self.job.by_command)))
    }
}

/// An import.
///
/// # Errors
/// 404.
pub fn get(conn: &mut Conn, id: Id) -> Result<Import> {
    let shown = imports::table.find(DbId(id)).filter(imports::state.ne(RECEIVING));
    let row: Option<Row> = shown.select(Row::as_select()).first(conn).optional()?;
    show(row.ok_or_else(|| Error::not_found("import"))?)
}

/// An import of this `owner`; any import where `owner` is `None`.
///
/// # Errors
/// 404, also for an import of another owner.
pub fn get_of(conn: &mut Conn, id: Id, owner: Option<&Actor>) -> Result<Import> {
    if let Some(owner) = owner {
        let began = imports::table.find(DbId(id)).select((imports::actor, imports::actor_id));
        let began: Option<(String, Option<DbId>)> = began.first(conn).optional()?;
        let own = (owner.kind.to_owned(), owner.id.map(DbId));
        if began.is_none_or(|began| began != own || own.1.is_none()) {
            return Err(Error::not_found("import"));
        }
    }
    get(conn, id)
}

/// Imports, newest first.
///
/// # Errors
/// 422 for a wrong cursor.
pub fn list(conn: &mut Conn, query: &ImportQuery, paging: &Paging) -> Result<Page<Import>> {
    let mut rows = imports::table.select(Row::as_select()).filter(imports::state.ne(RECEIVING)).into_boxed();
    if let Some(state) = query.state {
        rows = rows.filter(imports::state.eq(state.as_str()));
    }
    if let Some(after) = paging.key::<Id>(0)? {
        rows = rows.filter(imports::id.lt(DbId(after)));
    }
    let rows: Vec<Row> = rows.order(imports::id.desc()).limit(paging.limit as i64 + 1).load(conn)?;
    let shown: Result<Vec<Import>> = rows.into_iter().map(show).collect();
    Ok(paging.page(shown?, |import| vec![import.id.to_string()]))
}

/// Begins an import whose body is still arriving. With a `holder`, it is one that the holder reads at once.
pub fn begin(tx: &mut Tx<'_>, id: Id, job: &ImportJob, bytes: i64, holder: Option<&str>) -> Result<()> {
    let state = if holder.is_some() { ImportState::Running.as_str() } else { RECEIVING };
    let row = Row {
        id: id.into(),
        state: state.to_owned(),
        options: json(job),
        actor: tx.actor.kind.to_owned(),
        actor_id: tx.actor.id.map(DbId),
        bytes,
        read: 0,
        created: 0,
        updated: 0,
        unchanged: 0,
        rejected: 0,
        problem: None,
        claimed_by: holder.map(str::to_owned),
        claimed_until: Some(DbTime(tx.now.plus(UPLOAD))),
        created_at: tx.now.into(),
        finished_at: None,
        skipped: 0,
        warned: 0,
        warnings: 0,
        unreachable: 0,
        reading: None,
    };
    diesel::insert_into(imports::table).values(row).execute(tx.conn)?;
    Ok(())
}

/// Adds the next chunk of the body.
///
/// # Errors
/// 408 where the upload was given up meanwhile.
pub fn add_chunk(tx: &mut Tx<'_>, id: Id, number: i32, bytes: &[u8]) -> Result<()> {
    let receiving = imports::table.find(DbId(id)).filter(imports::state.eq(RECEIVING));
    let count = diesel::update(receiving)
        .set((
            imports::bytes.eq(imports::bytes + bytes.len() as i64),
            imports::claimed_until.eq(Some(DbTime(tx.now.plus(UPLOAD)))),
        ))
        .execute(tx.conn)?;
    if count == 0 {
        return Err(Code::RequestTimeout.into());
    }
    diesel::insert_into(import_chunks::table)
        .values((
            import_chunks::import_id.eq(DbId(id)),
            import_chunks::number.eq(number),
            import_chunks::bytes.eq(bytes),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// Marks the body as complete: the import is now shown and waits to be read.
///
/// # Errors
/// 408 where the upload was given up meanwhile.
pub fn queue(tx: &mut Tx<'_>, id: Id) -> Result<()> {
    let receiving = imports::table.find(DbId(id)).filter(imports::state.eq(RECEIVING));
    let none: (Option<String>, Option<DbTime>) = (None, None);
    let count = diesel::update(receiving)
        .set((
            imports::state.eq(ImportState::Queued.as_str()),
            imports::claimed_by.eq(none.0),
            imports::claimed_until.eq(none.1),
        ))
        .execute(tx.conn)?;
    if count == 0 { Err(Code::RequestTimeout.into()) } else { Ok(()) }
}

/// Gives an upload up; [`super::importing::import_sweep::sweep`] deletes its chunks.
pub fn abandon(tx: &mut Tx<'_>, id: Id) -> Result<()> {
    let receiving = imports::table.find(DbId(id)).filter(imports::state.eq(RECEIVING));
    diesel::update(receiving).set(imports::claimed_until.eq(Some(DbTime(tx.now)))).execute(tx.conn)?;
    Ok(())
}

/// A chunk of the body; `None` after the last.
pub fn chunk(conn: &mut Conn, id: Id, number: i32) -> Result<Option<Vec<u8>>> {
    Ok(import_chunks::table.find((DbId(id), number)).select(import_chunks::bytes).first(conn).optional()?)
}

/// The oldest import that waits, whose holder died, or that this holder has.
pub fn waiting(conn: &mut Conn, holder: &str, clock: &Clock) -> Result<Option<Id>> {
    let now = claims::now(conn, clock)?;
    let queued = imports::table.filter(imports::state.eq(ImportState::Queued.as_str()));
    let queued: Option<DbId> = queued.select(imports::id).order(imports::id.asc()).first(conn).optional()?;
    let running = imports::table.filter(imports::state.eq(ImportState::Running.as_str()));
    let running: Vec<Row> = running.select(Row::as_select()).order(imports::id.asc()).load(conn)?;
    let left = running.iter().find(|row| row.is_free(holder, now)).map(|row| row.id);
    Ok(queued.into_iter().chain(left).min().map(Id::from))
}

/// Claims an import that [`waiting`] found; `None` where another holder was faster.
pub fn claim(tx: &mut Tx<'_>, id: Id, holder: &str) -> Result<Option<Claim>> {
    let row: Option<Row> = imports::table.find(DbId(id)).select(Row::as_select()).first(tx.conn).optional()?;
    let Some(row) = row else { return Ok(None) };
    let now = claims::now_in(tx)?;
    let left = row.state == ImportState::Running.as_str() && row.is_free(holder, now);
    if !left && row.state != ImportState::Queued.as_str() {
        return Ok(None);
    }
    // The names are those of `Actor::kind`.
    let kind = ["member", "service", "command"].into_iter().find(|kind| *kind == row.actor).unwrap_or("service");
    let actor = Actor { kind, id: row.actor_id.map(Id::from) };
    let mut claim = Claim { id, job: row.job()?, actor, counts: row.counts(), holder: holder.to_owned() };
    // Compare-and-set on the values just read: of two holders that claim it at once, one fails.
    let by = sql::<Text>("coalesce(claimed_by, '')").eq(row.claimed_by.clone().unwrap_or_default());
    let free = imports::table.find(DbId(id)).filter(imports::state.eq(&row.state)).filter(by);
    let count = diesel::update(free)
        .set((
            imports::state.eq(ImportState::Running.as_str()),
            imports::claimed_by.eq(Some(holder)),
            imports::claimed_until.eq(Some(claim.until(now))),
        ))
        .execute(tx.conn)?;
    // Read again, because the previous holder may have made progress before the claim changed.
    claim.counts = imports::table.find(DbId(id)).select(Row::as_select()).first::<Row>(tx.conn)?.counts();
    Ok((count > 0).then_some(claim))
}

/// Adds to the progress and renews the claim. It runs in the transaction that files the counted rows, so no row is
/// counted twice.
///
/// # Errors
/// 409 where another holder has taken the import over.
pub fn advance(tx: &mut Tx<'_>, claim: &Claim, more: ImportCounts) -> Result<()> {
    let until = claim.until(claims::now_in(tx)?);
    let ours = imports::table
        .filter(imports::id.eq(DbId(claim.id)))
        .filter(imports::state.eq(ImportState::Running.as_str()))
        .filter(imports::claimed_by.eq(Some(claim.holder.as_str())));
    let count = diesel::update(ours)
        .set((
            imports::read.eq(imports::read + more.read),
            imports::created.eq(imports::created + more.created),
            imports::updated.eq(imports::updated + more.updated),
            imports::unchanged.eq(imports::unchanged + more.unchanged),
            imports::rejected.eq(imports::rejected + more.rejected),
            imports::skipped.eq(imports::skipped + more.skipped),
            imports::warned.eq(imports::warned + more.warned),
            imports::warnings.eq(imports::warnings + more.warnings),
            imports::unreachable.eq(imports::unreachable + more.unreachable),
            imports::claimed_until.eq(Some(until)),
        ))
        .execute(tx.conn)?;
    if count == 0 {
        return Err(Error::new(Code::Conflict, "Another instance has taken this import over."));
    }
    Ok(())
}

/// Notes the detected format of the file.
pub fn set_reading(tx: &mut Tx<'_>, id: Id, reading: &ImportReading) -> Result<()> {
    diesel::update(imports::table.find(DbId(id))).set(imports::reading.eq(Some(json(reading)))).execute(tx.conn)?;
    Ok(())
}

/// The size of the bodies that are arriving or wait to be read, in bytes.
pub fn waiting_bytes(conn: &mut Conn) -> Result<u64> {
    let states = [RECEIVING, ImportState::Queued.as_str(), ImportState::Running.as_str()];
    let waiting = imports::table.filter(imports::state.eq_any(states));
    let sizes: Vec<(i64, String)> = waiting.select((imports::bytes, imports::options)).load(conn)?;
    // A command reads its own file, which is not stored.
    let spooled =
        |(_, options): &&(i64, String)| !serde_json::from_str::<ImportJob>(options).is_ok_and(|job| job.by_command);
    Ok(sizes.iter().filter(spooled).map(|(bytes, _)| u64::try_from(*bytes).unwrap_or(0)).sum())
}

/// Ends the import: done, or failed with a problem.
///
/// # Errors
/// 409 where another holder has taken the import over.
pub fn finish(tx: &mut Tx<'_>, claim: &Claim, problem: Option<&str>) -> Result<()> {
    advance(tx, claim, ImportCounts::default())?;
    let state = if problem.is_some() { ImportState::Failed } else { ImportState::Done };
    diesel::update(imports::table.find(DbId(claim.id)))
        .set((
            imports::state.eq(state.as_str()),
            imports::problem.eq(problem),
            imports::finished_at.eq(Some(DbTime(tx.now))),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// Releases the claim before the end, so that another holder can continue at once.
pub fn release(tx: &mut Tx<'_>, claim: &Claim) -> Result<()> {
    let ours = imports::table
        .filter(imports::id.eq(DbId(claim.id)))
        .filter(imports::state.eq(ImportState::Running.as_str()))
        .filter(imports::claimed_by.eq(Some(claim.holder.as_str())));
    let none: (Option<String>, Option<DbTime>) = (None, None);
    diesel::update(ours)
        .set((
            imports::state.eq(ImportState::Queued.as_str()),
            imports::claimed_by.eq(none.0),
            imports::claimed_until.eq(none.1),
        ))
        .execute(tx.conn)?;
    Ok(())
}
