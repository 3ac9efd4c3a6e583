//! Who looks at what in the console just now: rows that expire unless they are renewed.

use crate::domain::base::{Id, Time};
use crate::domain::team::presence::{LOOKING, LookedAt, Onlooker, PresenceKind, WRITING};
use crate::error::Result;
use crate::store::Tx;
use crate::store::base::conn::{Conn, on_each};
use crate::store::base::query::*;
use crate::store::base::types::{DbId, DbTime};
use crate::store::schema::{members, presences};

/// The most people that are named at a resource or in a list.
const SHOWN: i64 = 50;

/// Notes that a member looks at a resource now, and whether they write about it.
pub fn look(tx: &mut Tx<'_>, member: Id, at: &LookedAt, writes: bool) -> Result<()> {
    let now = DbTime(tx.now);
    let row = (
        presences::member_id.eq(DbId(member)),
        presences::subject_id.eq(DbId(at.id)),
        presences::kind.eq(at.kind.as_str()),
        presences::place.eq(&at.place),
        presences::seen_at.eq(now),
    );
    // Two devices of a member may come at once.
    on_each!(tx.conn, c => diesel::insert_into(presences::table).values(row).on_conflict_do_nothing().execute(c))?;
    let own = presences::table.find((DbId(member), DbId(at.id)));
    if writes {
        let set = (presences::seen_at.eq(now), presences::place.eq(&at.place), presences::writing_at.eq(Some(now)));
        diesel::update(own).set(set).execute(tx.conn)?;
    } else {
        diesel::update(own).set((presences::seen_at.eq(now), presences::place.eq(&at.place))).execute(tx.conn)?;
    }
    Ok(())
}

/// Notes that a member no longer writes about a resource: they sent the form.
pub fn stop_writing(tx: &mut Tx<'_>, member: Id) -> Result<()> {
    let own = presences::table.filter(presences::member_id.eq(DbId(member)));
    diesel::update(own.filter(presences::writing_at.is_not_null()))
        .set(presences::writing_at.eq(None::<DbTime>))
        .execute(tx.conn)?;
    Ok(())
}

/// Notes that a member has left a resource.
pub fn leave(tx: &mut Tx<'_>, member: Id, subject: Id) -> Result<()> {
    diesel::delete(presences::table.find((DbId(member), DbId(subject)))).execute(tx.conn)?;
    Ok(())
}

/// Notes that a member is nowhere.
pub fn leave_all(tx: &mut Tx<'_>, member: Id) -> Result<()> {
    diesel::delete(presences::table.filter(presences::member_id.eq(DbId(member)))).execute(tx.conn)?;
    Ok(())
}

type Seen = (DbId, String, String, Option<DbTime>);

fn shown(rows: Vec<Seen>, now: Time) -> Vec<Onlooker> {
    let since = now.plus(-WRITING);
    let onlooker = |(member, name, place, writing): Seen| Onlooker {
        name,
        member_id: member.into(),
        place,
        is_writing: writing.is_some_and(|at| Time::from(at) > since),
    };
    let mut found: Vec<Onlooker> = rows.into_iter().map(onlooker).collect();
    found.sort();
    found
}

/// The other members who look at a resource now, by name.
pub fn at(conn: &mut Conn, subject: Id, except: Id, now: Time) -> Result<Vec<Onlooker>> {
    others(conn, Looked::At(subject), except, now)
}

/// The other members who look at resources of a kind now, by name.
pub fn of_kind(conn: &mut Conn, kind: PresenceKind, except: Id, now: Time) -> Result<Vec<Onlooker>> {
    others(conn, Looked::Kind(kind), except, now)
}

/// What is looked at: one resource, or any of a kind.
enum Looked {
    At(Id),
    Kind(PresenceKind),
}

fn others(conn: &mut Conn, looked: Looked, except: Id, now: Time) -> Result<Vec<Onlooker>> {
    let query = presences::table
        .inner_join(members::table)
        .filter(presences::member_id.ne(DbId(except)))
        .filter(presences::seen_at.gt(DbTime(now.plus(-LOOKING))))
        .filter(members::active.eq(true))
        .select((presences::member_id, members::name, presences::place, presences::writing_at))
        .into_boxed();
    let query = match looked {
        Looked::At(subject) => query.filter(presences::subject_id.eq(DbId(subject))),
        Looked::Kind(kind) => query.filter(presences::kind.eq(kind.as_str())),
    };
    let rows: Vec<Seen> = query.limit(SHOWN).load(conn)?;
    Ok(shown(rows, now))
}

/// Deletes the rows that have expired.
pub fn sweep(tx: &mut Tx<'_>) -> Result<()> {
    let since = tx.now.plus(-LOOKING);
    diesel::delete(presences::table.filter(presences::seen_at.le(DbTime(since)))).execute(tx.conn)?;
    Ok(())
}
