//! Sign-in by e-mail address and password. Guessing is slowed, by account and by address; an account is never locked,
//! since then anybody could lock anybody out.

use serde_json::json;
use sha2::{Digest, Sha256};

use super::sessions::{self, Device};
use crate::domain::base::text::email_fold;
use crate::domain::base::{Actor, Id, Time};
use crate::domain::team::Member;
use crate::domain::team::session::{Session, SessionLifetime};
use crate::error::{Error, Result};
use crate::store::team::attempts::{self, Failures};
use crate::store::team::{audit, members, passwords};
use crate::store::{Conn, Tx};

/// Failures count for this long.
pub const REMEMBERED: i64 = 24 * 60 * 60 * Time::SECOND;
/// The failures within [`WINDOW`] that cost nothing: people mistype.
const FREE: i64 = 5;
/// The same for an address, behind which a whole office may sit.
const FREE_OF_AN_ADDRESS: i64 = 30;
const WINDOW: i64 = 15 * 60 * Time::SECOND;
/// The longest wait in seconds.
const LONGEST: i64 = 60;

/// The key of an account in the list of failures: a hash, so that the list holds no address that somebody mistyped.
pub fn account(email: &str) -> Vec<u8> {
    Sha256::digest(email_fold(email)).to_vec()
}

/// Who wants to sign in.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// The key of the account; see [`account`].
    pub account: Vec<u8>,
    /// The active member with this address, if there is one.
    pub member: Option<Member>,
    /// The hash of their password, if they have one.
    pub stored: Option<String>,
    /// Seconds until the next attempt; 0 where it may be made now.
    pub wait: i64,
}

/// Looks up who wants to sign in. The same queries run for an unknown address as for that of a member.
pub fn look_up(conn: &mut Conn, email: &str, address: &str, now: Time) -> Result<Candidate> {
    let account = account(email);
    let since = now.plus(-WINDOW);
    let of_account = wait_after(attempts::of_account(conn, &account, since)?, FREE, now);
    let of_address = wait_after(attempts::from_address(conn, address, since)?, FREE_OF_AN_ADDRESS, now);
    let member = members::by_email(conn, email)?.filter(|member| member.active);
    let stored = passwords::of_member(conn, member.as_ref().map_or_else(Id::next, |member| member.id))?;
    Ok(Candidate { account, member, stored, wait: of_account.max(of_address) })
}

/// Each failure beyond the free ones doubles the wait, up to [`LONGEST`].
fn wait_after(failures: Failures, free: i64, now: Time) -> i64 {
    let Some(last) = failures.last.filter(|_| failures.count >= free) else { return 0 };
    let wait = LONGEST.min(1 << (failures.count - free).min(10));
    let passed = (now.0 - last.0).div_euclid(Time::SECOND);
    (wait - passed).clamp(0, LONGEST)
}

/// Signs a member in whose password was right. The session gets a new secret, whatever the browser sent before.
///
/// # Errors
/// 404 where the member was deleted or deactivated meanwhile.
pub fn succeed(
    tx: &mut Tx<'_>,
    member: Id,
    device: &Device,
    secret: &str,
    lifetime: SessionLifetime,
) -> Result<Session> {
    let member = members::find_active(tx.conn, member)?.ok_or_else(|| Error::not_found("member"))?;
    tx.actor = Actor { kind: "member", id: Some(member.id) };
    attempts::forget(tx, &account(&member.email))?;
    sessions::begin(tx, &member, device, secret, lifetime)
}

/// Notes a failed attempt, whether or not the account exists.
pub fn fail(tx: &mut Tx<'_>, candidate: &Candidate, device: &Device) -> Result<()> {
    attempts::note(tx, &candidate.account, &device.address)?;
    // The audit log does not hold what was entered: people enter their password in the wrong field.
    let member = candidate.member.as_ref().map(|member| member.id);
    audit::note(tx, device.note("member.sign_in_failed", member))?;
    if let Some(member) = &candidate.member {
        tx.event("member.sign_in_failed", member.id, None, json!({}));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_doubles_and_is_bounded() {
        let now = Time(1_000 * Time::SECOND);
        let after = |count, seconds_ago: i64| {
            wait_after(Failures { count, last: Some(now.plus(-seconds_ago * Time::SECOND)) }, FREE, now)
        };
        assert_eq!([0, 4, 5, 6, 7, 10, 11, 500].map(|count| after(count, 0)), [0, 0, 1, 2, 4, 32, 60, 60]);
        assert_eq!([after(7, 1), after(7, 4), after(7, 400)], [3, 0, 0]);
        assert_eq!(after(9, -3_000), LONGEST, "a clock that was set back locks nobody out for longer");
        assert_eq!(wait_after(Failures::default(), FREE, now), 0);
    }

    #[test]
    fn one_account_has_one_key_however_it_is_written() {
        assert_eq!(account("Jin@Example.com"), account(" jin@example.com"));
        assert_ne!(account("jin@example.com"), account("jan@example.com"));
    }
}
