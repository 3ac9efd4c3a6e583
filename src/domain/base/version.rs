//! Optimistic locking by version, so that two editors never overwrite each other without notice.

use crate::refusal::{Code, Result};

/// Refuses a change that was made to an older version of the resource.
///
/// # Errors
/// 412 where `if_match` is not `version`.
pub fn check_version(if_match: Option<i32>, version: i32) -> Result<()> {
    match if_match {
        Some(expected) if expected != version => Err(Code::VersionMismatch.into()),
        _ => Ok(()),
    }
}
