//! Versions: two editors never overwrite each other silently.

use crate::error::{Code, Result};

/// Refuses a change of a version that is no longer the present one.
///
/// # Errors
/// 412.
pub fn check_version(if_match: Option<i32>, version: i32) -> Result<()> {
    match if_match {
        Some(expected) if expected != version => Err(Code::VersionMismatch.into()),
        _ => Ok(()),
    }
}
