//! What the program removes by itself, without a rule: ended deliveries, old entries of the audit log and of the access log.
//! Nobody can tell whose these are, so all of them wait while any legal hold lasts, as they do under rules.

use crate::domain::base::Time;
use crate::domain::privacy::access::log::AccessChain;
use crate::error::Result;
use crate::store::Tx;
use crate::store::integrations::deliveries;
use crate::store::privacy::access::append;
use crate::store::privacy::retention::holds;
use crate::store::team::audit;

/// Whether nothing may be removed of which nobody can tell whose it is.
fn is_held(tx: &mut Tx<'_>) -> Result<bool> {
    holds::take_turns(tx, false)?;
    holds::any(tx.conn)
}

/// Removes ended deliveries, and the entries of the audit log before a time.
pub fn sweep(tx: &mut Tx<'_>, audited_before: Time) -> Result<()> {
    if is_held(tx)? {
        return Ok(());
    }
    audit::sweep(tx, audited_before)?;
    deliveries::sweep(tx).map(drop)
}

/// Removes the entries of the access log before two times: those of reads, and those of changes of permissions.
pub fn sweep_access(tx: &mut Tx<'_>, reads_before: Time, permissions_before: Time) -> Result<()> {
    if is_held(tx)? {
        return Ok(());
    }
    append::sweep(tx, AccessChain::Reads, reads_before)?;
    append::sweep(tx, AccessChain::Permissions, permissions_before)
}
