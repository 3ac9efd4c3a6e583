//! Checking the chains of the access log.

use super::append::{day_of, last};
use super::rows::Row;
use crate::domain::base::Time;
use crate::domain::privacy::access::log::{AccessChain, AccessHead, BrokenEntry, ChainCheck, FIRST, LogCheck, hex};
use crate::error::Result;
use crate::store::base::conn::Conn;
use crate::store::base::query::*;
use crate::store::schema::{access_heads, access_log};

/// Entries that are read at once.
const PIECE: i64 = 1_000;
/// The most heads of a list.
const MOST_HEADS: i64 = 2_000;

/// Checks every chain from its first entry that is kept to its last.
pub fn check(conn: &mut Conn) -> Result<LogCheck> {
    let chains: Vec<ChainCheck> =
        AccessChain::ALL.iter().map(|chain| check_one(conn, *chain)).collect::<Result<_>>()?;
    Ok(LogCheck { whole: chains.iter().all(|chain| chain.whole), chains })
}

/// The state of a check that goes from entry to entry.
struct Walk {
    seq: i64,
    hash: Vec<u8>,
    found: ChainCheck,
}

fn check_one(conn: &mut Conn, chain: AccessChain) -> Result<ChainCheck> {
    let found =
        ChainCheck { chain, whole: true, broken: None, entries: 0, first_seq: None, last_seq: None, head: None };
    let mut walk = Walk { seq: 0, hash: FIRST.to_vec(), found };
    if let Some((seq, hash)) = before_first(conn, chain)? {
        (walk.seq, walk.hash) = (seq, hash);
    }
    let heads = heads_of(conn, chain)?;
    let mut heads = heads.iter().filter(|(seq, _)| *seq > walk.seq).collect::<Vec<_>>().into_iter().peekable();
    loop {
        let of_chain = access_log::table.filter(access_log::chain.eq(chain.as_str()));
        let next = of_chain.filter(access_log::seq.gt(walk.seq)).order(access_log::seq.asc()).limit(PIECE);
        let rows: Vec<Row> = next.load(conn)?;
        if rows.is_empty() {
            break;
        }
        for row in rows {
            if let Some(why) = walk.step(row)? {
                return Ok(walk.broken(why));
            }
            if let Some((_, hash)) = heads.next_if(|(seq, _)| *seq == walk.seq)
                && *hash != walk.hash
            {
                return Ok(walk.broken("the head of its day has another hash"));
            }
        }
    }
    if let Some((seq, _)) = heads.next() {
        walk.seq = *seq;
        return Ok(walk.broken("it is missing: the chain was cut off before its end"));
    }
    let (_, head) = last(conn, chain)?;
    walk.found.head = Some(head).filter(|_| walk.seq > 0);
    Ok(walk.found)
}

impl Walk {
    /// Goes on to the next entry; answers what is wrong with it.
    fn step(&mut self, row: Row) -> Result<Option<&'static str>> {
        let (seq, hash) = (row.seq, row.hash.clone());
        if seq != self.seq + 1 {
            self.seq += 1;
            return Ok(Some("it is missing"));
        }
        self.seq = seq;
        let Ok(entry) = row.show() else { return Ok(Some("it can't be read: it was changed after it was written")) };
        if entry.hash_after(&self.hash) != hash {
            return Ok(Some("its content does not have its hash: it, or the entry before it, was changed"));
        }
        if !entry.has_its_reason() {
            return Ok(Some("its reason is not the one that was written"));
        }
        self.hash = hash;
        self.found.entries += 1;
        self.found.first_seq.get_or_insert(seq);
        self.found.last_seq = Some(seq);
        Ok(None)
    }

    fn broken(self, why: &str) -> ChainCheck {
        let broken = Some(BrokenEntry { seq: self.seq, why: why.to_owned() });
        ChainCheck { whole: false, broken, ..self.found }
    }
}

/// The last entry that was removed after its retention: the head of a day before that of the first entry that is kept.
fn before_first(conn: &mut Conn, chain: AccessChain) -> Result<Option<(i64, Vec<u8>)>> {
    let of_chain = access_log::table.filter(access_log::chain.eq(chain.as_str()));
    let first: Option<i32> = of_chain.order(access_log::seq.asc()).select(access_log::day).first(conn).optional()?;
    let heads = access_heads::table.filter(access_heads::chain.eq(chain.as_str()));
    let heads = heads.select((access_heads::seq, access_heads::hash)).order(access_heads::day.desc());
    Ok(match first {
        Some(first) => heads.filter(access_heads::day.lt(first)).first(conn).optional()?,
        // All entries were removed: nobody can say more than that their heads are there.
        None => heads.first(conn).optional()?,
    })
}

fn heads_of(conn: &mut Conn, chain: AccessChain) -> Result<Vec<(i64, Vec<u8>)>> {
    let heads = access_heads::table.filter(access_heads::chain.eq(chain.as_str())).order(access_heads::day.asc());
    Ok(heads.select((access_heads::seq, access_heads::hash)).load(conn)?)
}

/// The heads of the days, newest first.
pub fn heads(conn: &mut Conn) -> Result<Vec<AccessHead>> {
    type Columns = (String, i32, i64, Vec<u8>, i64);
    let order = (access_heads::day.desc(), access_heads::chain.asc());
    let rows: Vec<Columns> = access_heads::table.order(order).limit(MOST_HEADS).load(conn)?;
    let mut heads = Vec::with_capacity(rows.len());
    let mut first_days: [Option<i32>; AccessChain::ALL.len()] = Default::default();
    for (place, chain) in AccessChain::ALL.iter().enumerate() {
        let of_chain = access_log::table.filter(access_log::chain.eq(chain.as_str()));
        first_days[place] = of_chain.order(access_log::seq.asc()).select(access_log::day).first(conn).optional()?;
    }
    for (chain, day, seq, hash, entries) in rows {
        let Ok(chain) = chain.parse::<AccessChain>() else { continue };
        let kept = first_days[chain as usize].is_some_and(|first| day >= first);
        let date = Time(i64::from(day) * Time::DAY).date();
        heads.push(AccessHead { chain, day: date, seq, hash: hex(&hash), entries, kept });
    }
    Ok(heads)
}

/// The heads of the day before this time: for the log of the server, where a copy of them lies outside the database.
pub fn heads_before(conn: &mut Conn, now: Time) -> Result<Vec<AccessHead>> {
    let yesterday = Time(i64::from(day_of(now) - 1) * Time::DAY).date();
    Ok(heads(conn)?.into_iter().filter(|head| head.day == yesterday).collect())
}
