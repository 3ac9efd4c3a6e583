//! Signed-in devices.

use serde_json::json;

use super::tokens::hash;
use crate::domain::base::{Id, Time};
use crate::domain::team::Member;
use crate::domain::team::audit::AuditNote;
use crate::domain::team::session::{Session, SessionLifetime};
use crate::error::{Error, Result};
use crate::store::Tx;
use crate::store::team::{audit, sessions};

/// The most characters of a browser's name that are kept.
const AGENT: usize = 300;
/// How often the last use of a session is written.
const TO_THE_MINUTE: i64 = 60 * Time::SECOND;

impl Device {
    /// The name of the browser as it is stored: short, and without control characters.
    pub fn short_agent(&self) -> String {
        self.agent.chars().filter(|c| !c.is_control()).take(AGENT).collect()
    }

    /// An entry of the audit log about what was done from this device.
    pub fn note(&self, kind: &'static str, subject: Option<Id>) -> AuditNote {
        let (address, agent) = (Some(self.address.clone()), Some(self.short_agent()));
        AuditNote { subject, address, agent, ..AuditNote::of(kind) }
    }
}

/// Where a request comes from.
#[derive(Clone, Debug, Default)]
pub struct Device {
    /// The browser, as it names itself.
    pub agent: String,
    /// Its address.
    pub address: String,
}

/// Signs a member in on a device; the cookie of the device holds `secret`.
///
/// # Errors
/// 404 where there is no such member.
pub fn begin(
    tx: &mut Tx<'_>,
    member: &Member,
    device: &Device,
    secret: &str,
    lifetime: SessionLifetime,
) -> Result<Session> {
    let session = Session {
        id: Id::next(),
        member_id: member.id,
        agent: device.short_agent(),
        address: device.address.clone(),
        created_at: tx.now,
        last_used_at: tx.now,
        expires_at: tx.now.plus(lifetime.whole),
    };
    sessions::insert(tx, &session, &hash(secret))?;
    audit::note(tx, device.note("member.signed_in", Some(member.id)))?;
    tx.event("member.signed_in", member.id, None, json!({ "session_id": session.id }));
    Ok(session)
}

/// Whether the last use of a session must be written.
pub fn is_due(session: &Session, now: Time) -> bool {
    now.0 - session.last_used_at.0 >= TO_THE_MINUTE
}

/// Signs a member out on one of their devices.
///
/// # Errors
/// 404 where the member has no such session.
pub fn end(tx: &mut Tx<'_>, member: Id, id: Id) -> Result<()> {
    if !sessions::end(tx, member, id)? {
        return Err(Error::not_found("session"));
    }
    tx.event("member.signed_out", member, None, json!({ "session_id": id }));
    Ok(())
}

/// Signs a member out on all their devices, without this one.
pub fn end_all(tx: &mut Tx<'_>, member: Id, except: Option<Id>) -> Result<usize> {
    let ended = sessions::end_all(tx, member, except)?;
    for id in &ended {
        tx.event("member.signed_out", member, None, json!({ "session_id": id }));
    }
    Ok(ended.len())
}
